"""One photo on one A4 page: the picture fitted, a footer, the words read on it unseen."""

from dataclasses import dataclass
from io import BytesIO

from pikepdf import Dictionary, Name, Object, Pdf, Stream
from PIL import Image

from bot.review.binding import hidden
from nlu.report.page import Box, PageText

SHORT, LONG = 595.28, 841.89
EDGE, FOOT, SMALL = 18.0, 34.0, 8.5
SPACES = {1: Name.DeviceGray, 3: Name.DeviceRGB}
# The picture's corner and axes on the page, by degrees that it is turned clockwise.
TURNS = {
    0: "{w} 0 0 {h} {x} {y}",
    90: "0 -{h} {w} 0 {x} {top}",
    180: "-{w} 0 0 -{h} {end} {top}",
    270: "0 {h} -{w} 0 {end} {y}",
}


@dataclass(frozen=True)
class Fonts:
    """The two fonts of a bound PDF, made once for it."""

    plain: Object
    unseen: Object

    @classmethod
    def of(cls, pdf: Pdf) -> "Fonts":
        """Fonts that live in this PDF."""
        plain = Dictionary(
            Type=Name.Font,
            Subtype=Name.Type1,
            BaseFont=Name.Helvetica,
            Encoding=Name.WinAnsiEncoding,
        )
        return cls(pdf.make_indirect(plain), hidden.font(pdf))


def put(pdf: Pdf, fonts: Fonts, jpeg: bytes, footer: str, read: PageText | None) -> None:
    """Append the page. `read.turn` is by how much the picture must be turned to be upright."""
    image = _image(pdf, jpeg)
    turn = read.turn % 360 if read and read.turn % 90 == 0 else 0
    size = (int(image.Width), int(image.Height))
    wide, high = size if turn % 180 == 0 else size[::-1]
    page = (LONG, SHORT) if wide > high else (SHORT, LONG)
    place = _place(page, wide, high)
    content = _picture(place, turn) + _footer(footer)
    if read:
        content += hidden.layer(read.lines, place, "/Unseen")
    pdf.add_blank_page(page_size=page)
    made = pdf.pages[-1].obj
    made.Contents = Stream(pdf, content)
    made.Resources = Dictionary(
        XObject=Dictionary(Photo=image),
        Font=Dictionary(Plain=fonts.plain, Unseen=fonts.unseen),
    )


def _image(pdf: Pdf, jpeg: bytes) -> Object:
    with Image.open(BytesIO(jpeg)) as seen:
        width, height, bands = seen.width, seen.height, len(seen.getbands())
    kept = Stream(pdf, jpeg)
    kept.stream_dict = Dictionary(
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=width,
        Height=height,
        BitsPerComponent=8,
        ColorSpace=SPACES[bands],
        Filter=Name.DCTDecode,
    )
    return pdf.make_indirect(kept)


def _place(page: tuple[float, float], wide: int, high: int) -> Box:
    """Left, bottom, right, top in points: as large as it goes, in the middle."""
    room = page[0] - 2 * EDGE, page[1] - EDGE - FOOT
    scale = min(room[0] / wide, room[1] / high)
    width, height = wide * scale, high * scale
    left, bottom = (page[0] - width) / 2, FOOT + (room[1] - height) / 2
    return left, bottom, left + width, bottom + height


def _picture(place: Box, turn: int) -> bytes:
    left, bottom, right, top = place
    told = {"x": left, "y": bottom, "end": right, "top": top}
    told |= {"w": right - left, "h": top - bottom}
    matrix = TURNS[turn].format(**{name: f"{value:.3f}" for name, value in told.items()})
    return f"q {matrix} cm /Photo Do Q\n".encode()


def _footer(text: str) -> bytes:
    shown = text.encode("cp1252", "replace").hex()
    return f"BT 0.35 g /Plain {SMALL} Tf {EDGE} 14 Td <{shown}> Tj ET\n".encode()
