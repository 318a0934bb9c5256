"""What a file is, by its first bytes; what a sender calls it counts for nothing."""

HEAD = 4096
UNKNOWN = "application/octet-stream"
OLE = "application/x-ole-storage"
ZIP = "application/zip"
OFFICE = "application/vnd.openxmlformats-officedocument"

STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
    (b"{\\rtf", "application/rtf"),
)
RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
HEIF = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
BRANDS = {b"qt  ": "video/quicktime", b"M4A ": "audio/mp4", b"avif": "image/avif"}
PHOTOS = ("image/jpeg", "image/png", "image/webp", "image/heic")
INSIDE_ZIP = (
    (b"word/", OFFICE + ".wordprocessingml.document"),
    (b"xl/", OFFICE + ".spreadsheetml.sheet"),
    (b"ppt/", OFFICE + ".presentationml.presentation"),
)


def sniff(head: bytes) -> str:
    """The media type that the first bytes show, `application/octet-stream` if none."""
    for start, mime in STARTS:
        if head.startswith(start):
            return mime
    return _by_container(head) or _by_content(head)


def _by_container(head: bytes) -> str:
    if head.startswith(b"RIFF"):
        return RIFF.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return _by_brand(head[8:12])
    if head[128:132] == b"DICM":
        return "application/dicom"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return next((mime for name, mime in INSIDE_ZIP if name in head), ZIP)
    return ""


def _by_brand(brand: bytes) -> str:
    if brand in HEIF:
        return "image/heic"
    if brand.startswith(b"3g"):
        return "video/3gpp"
    return BRANDS.get(brand, "video/mp4")


def _by_content(head: bytes) -> str:
    # Scanners put bytes before the mark; readers accept it within the first 1,024.
    if b"%PDF-" in head[:1024]:
        return "application/pdf"
    if not head or b"\x00" in head or not _is_utf8(head):
        return UNKNOWN
    return "text/plain"


def _is_utf8(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character cut in half by the end of the head is no fault.
        return error.start >= len(head) - 3 and error.reason == "unexpected end of data"
    return True
