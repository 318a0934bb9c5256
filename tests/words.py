"""Word files as a hospital's clerk writes them, of invented people."""

from collections.abc import Sequence
from io import BytesIO
from xml.sax.saxutils import escape

from PIL import Image

from tests.scans import zipped

TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="png" ContentType="image/png"/>'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="{kind}" Target="{target}"/></Relationships>'
)
SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    f'xmlns:r="{RELATION}" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
DRAWING = (
    "<w:p><w:r><w:drawing><wp:inline><a:graphic><a:graphicData><pic:pic><pic:blipFill>"
    '<a:blip r:embed="r1"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline>'
    "</w:drawing></w:r></w:p>"
)
SLANTED = "<w:rPr><w:b/><w:i/></w:rPr>"


def word_file(
    lines: Sequence[str], rows: Sequence[Sequence[str]] = (), *, scanned: bool = False
) -> bytes:
    """The first line bold and slanted, then the others, a table, and with `scanned` a picture."""
    body = [_paragraph(line, SLANTED if not n else "") for n, line in enumerate(lines)]
    if rows:
        body.append("<w:tbl>" + "".join(map(_row, rows)) + "</w:tbl>")
    text = f"<w:document {SPACES}><w:body>{''.join(body)}{DRAWING * scanned}</w:body></w:document>"
    main = RELATIONS.format(kind=f"{RELATION}/officeDocument", target="word/document.xml")
    image = RELATIONS.format(kind=f"{RELATION}/image", target="media/a.png")
    files = {"[Content_Types].xml": TYPES, "_rels/.rels": main, "word/document.xml": text}
    files |= {"word/_rels/document.xml.rels": image} if scanned else {}
    packed = {name: each.encode() for name, each in files.items()}
    return zipped(packed | ({"word/media/a.png": _picture()} if scanned else {}))


def _paragraph(text: str, style: str = "") -> str:
    return f"<w:p><w:r>{style}<w:t>{escape(text)}</w:t></w:r></w:p>"


def _row(cells: Sequence[str]) -> str:
    return "<w:tr>" + "".join(f"<w:tc>{_paragraph(one)}</w:tc>" for one in cells) + "</w:tr>"


def _picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (900, 1200), (200, 30, 30)).save(out, "PNG")
    return out.getvalue()
