"""Words that nobody sees and everybody finds: the text layer over the picture of a page.

The font has no glyphs and needs none: a character's code is its UTF-16 code, in every script.
"""

import re
from collections.abc import Iterator, Sequence

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from nlu.report.page import Box, Line

# Widths do not matter to the eye: all are half the height, then stretched to the line's box.
WIDTH, DESCENT = 500, 0.22
LETTERS = "[\u0590-\u08ff\ufb1d-\ufefc]"
RIGHT_TO_LEFT = re.compile(LETTERS)
SURROGATES = range(0xD8, 0xE0)
HEAD = b"""/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange
"""
FOOT = b"""endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


def font(pdf: Pdf) -> Object:
    """The font of the text layer, once for a PDF."""
    kind = Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0)
    below = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name.Unseen,
        CIDSystemInfo=kind,
        FontDescriptor=pdf.make_indirect(_descriptor()),
        DW=WIDTH,
        CIDToGIDMap=Name.Identity,
    )
    whole = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type0,
        BaseFont=Name.Unseen,
        Encoding=Name("/Identity-H"),
        DescendantFonts=Array([pdf.make_indirect(below)]),
        ToUnicode=Stream(pdf, _to_unicode()),
    )
    return pdf.make_indirect(whole)


def layer(lines: Sequence[Line], place: Box, name: str) -> bytes:
    """The lines as invisible text; `place` is left, bottom, right, top of the page in points."""
    shown = b"".join(_line(line, place, name) for line in lines if line.text.strip())
    return b"BT 3 Tr\n" + shown + b"ET\n" if shown else b""


def _line(line: Line, place: Box, name: str) -> bytes:
    left, bottom, right, top = place
    x, high, end, low = line.box
    size = max((low - high) * (top - bottom), 1.0)
    text = visual(line.text.strip()).encode("utf-16-be", "ignore")
    text = b"".join(_plain(text))
    if not text:
        return b""
    natural = len(text) / 2 * WIDTH / 1000 * size
    stretch = max(100 * (end - x) * (right - left) / natural, 1.0)
    at = left + x * (right - left), top - low * (top - bottom) + DESCENT * size
    begins = f"{name} {size:.2f} Tf {stretch:.2f} Tz 1 0 0 1 {at[0]:.2f} {at[1]:.2f} Tm"
    return f"{begins} <{text.hex().upper()}> Tj\n".encode()


def visual(text: str) -> str:
    """The letters from left to right as they stand: who copies turns Urdu around again."""
    if not RIGHT_TO_LEFT.search(text):
        return text
    return "".join(part[::-1] if RIGHT_TO_LEFT.match(part) else part for part in _parts(text)[::-1])


def _parts(text: str) -> list[str]:
    # Numbers and Latin words keep their direction within the turned line.
    return re.findall(rf"{LETTERS}+(?:\s+{LETTERS}+)*|[^\u0590-\u08FF\uFB1D-\uFEFC]+", text)


def _plain(text: bytes) -> Iterator[bytes]:
    """Without the characters that take two codes: no report has letters among them."""
    for place in range(0, len(text), 2):
        if text[place] not in SURROGATES:
            yield text[place : place + 2]


def _descriptor() -> Dictionary:
    return Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name.Unseen,
        Flags=4,
        FontBBox=Array([0, -220, WIDTH, 780]),
        ItalicAngle=0,
        Ascent=780,
        Descent=-220,
        CapHeight=780,
        StemV=80,
    )


def _to_unicode() -> bytes:
    # A range may not cross a high byte, and a block holds a hundred ranges.
    rows = [f"<{n:02X}00> <{n:02X}FF> <{n:02X}00>" for n in range(256) if n not in SURROGATES]
    blocks = [rows[start : start + 100] for start in range(0, len(rows), 100)]
    told = [f"{len(one)} beginbfrange\n{chr(10).join(one)}\nendbfrange\n" for one in blocks]
    return HEAD + "".join(told).encode() + FOOT
