"""The look at a ZIP: a CD of scan pictures, or photos and PDFs packed together."""

import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import BinaryIO

from pydicom import Dataset

from bot.found import Found
from bot.inspect_dicom import BROKEN, about, from_bytes, is_dicom, word
from bot.zip_table import Trap, opened
from storage.documents_mime import HEAD, PHOTOS, sniff

# So many entries are opened at most, spread over all of them.
LOOKED_AT = 400
HEAD_OF_PICTURE = 128 * 1024
MOST_DIRECTORY = 32 * 1024 * 1024
DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError)


def inspect_zip(file: BinaryIO) -> Found:
    """What is in a ZIP, read from its table and the heads of some files; never raises."""
    try:
        with opened(file) as box:
            return _found(box)
    except Trap as trap:
        return Found("refused", str(trap))
    except (*DAMAGED, *BROKEN):
        return Found("refused", "unreadable")


def _found(box: zipfile.ZipFile) -> Found:
    files = [entry for entry in box.infolist() if not entry.is_dir() and entry.file_size]
    if told := _by_directory(box, files):
        return Found("ok", about=told)
    files = [entry for entry in files if not _is_table(entry)]
    looked = files[:: max(1, -(-len(files) // LOOKED_AT))]
    heads = {entry.filename: _head(box, entry) for entry in looked}
    kinds = Counter(_kind(head) for head in heads.values())
    if kinds["dicom"]:
        return _scan(box, looked, heads, round(kinds["dicom"] * len(files) / len(looked)))
    if papers := kinds["photo"] + kinds["pdf"]:
        counts = {f"{name}s": str(kinds[name]) for name in ("photo", "pdf") if kinds[name]}
        return Found("ok", pages=papers, about=counts)
    return Found("refused", "unreadable" if kinds["damaged"] else "wrong_type")


def _kind(head: bytes | None) -> str:
    if head is None:
        return "damaged"
    if is_dicom(head):
        return "dicom"
    mime = sniff(head)
    return "photo" if mime in PHOTOS else "pdf" if mime == "application/pdf" else "other"


def _head(box: zipfile.ZipFile, entry: zipfile.ZipInfo, size: int = HEAD) -> bytes | None:
    """The first bytes of an entry; None where they cannot be had."""
    try:
        with box.open(entry) as source:
            return source.read(size)
    except DAMAGED:
        return None


def _scan(
    box: zipfile.ZipFile,
    entries: Sequence[zipfile.ZipInfo],
    heads: dict[str, bytes | None],
    images: int,
) -> Found:
    pictures = []
    for entry in entries:
        if is_dicom(heads[entry.filename] or b""):
            read = from_bytes(_head(box, entry, HEAD_OF_PICTURE) or b"")
            pictures += [read] if read is not None and read.get("Modality") else []
    if not pictures:
        return Found("refused", "unreadable")
    return Found("ok", about=about(pictures, images))


def _by_directory(box: zipfile.ZipFile, files: Sequence[zipfile.ZipInfo]) -> dict[str, str] | None:
    """What the CD's table of contents tells, if it has one that can be read."""
    entry = next(filter(_is_table, files), None)
    if entry is None or entry.file_size > MOST_DIRECTORY:
        return None
    directory = from_bytes(_head(box, entry, MOST_DIRECTORY) or b"")
    records = list(directory.get("DirectoryRecordSequence") or ()) if directory else []
    kinds = Counter(word(record, "DirectoryRecordType") for record in records)
    # A table whose pictures were left out promises what is not there.
    if not 0 < kinds["IMAGE"] < len(files):
        return None
    sample = _sample(box, files)
    return about(_joined(records, sample), kinds["IMAGE"]) if sample else None


def _is_table(entry: zipfile.ZipInfo) -> bool:
    return PurePosixPath(entry.filename).name.upper() == "DICOMDIR"


def _sample(box: zipfile.ZipFile, files: Sequence[zipfile.ZipInfo]) -> Dataset | None:
    """One of the pictures, the middle ones first."""
    for entry in [*files[len(files) // 2 :], *files][:LOOKED_AT]:
        head = _head(box, entry, HEAD_OF_PICTURE) or b""
        if is_dicom(head) and (read := from_bytes(head)) and read.get("Modality"):
            return read
    return None


def _joined(records: Sequence[Dataset], sample: Dataset) -> list[Dataset]:
    """A dataset for each series, with what its patient and study tell."""
    joined: list[Dataset] = []
    shared = Dataset()
    for record in records:
        kind = word(record, "DirectoryRecordType")
        if kind in ("PATIENT", "STUDY"):
            shared.update({tag: element for tag, element in record.items() if tag.group != 4})
        elif kind == "SERIES":
            series = Dataset()
            for source in (sample, shared, record):
                series.update(dict(source.items()))
            joined.append(series)
    return joined or [sample]
