"""Pages of a PDF without anything that acts: no scripts, links, launches, attachments."""

from decimal import Decimal
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Page, Pdf, Stream

from bot.review.binding.sheet import Unusable

MOST_PAGES = 2_000
# All that a page needs to be seen. Annotations are drawn into it first.
KEPT = (
    "/Type",
    "/Parent",
    "/Contents",
    "/Resources",
    "/MediaBox",
    "/CropBox",
    "/Rotate",
    "/UserUnit",
    "/Group",
)
# What may hide deeper, and is never needed to show a page.
DROPPED = (
    "/AA",
    "/AF",
    "/Alternates",
    "/EF",
    "/JS",
    "/Metadata",
    "/OPI",
    "/OpenAction",
    "/PieceInfo",
    "/Ref",
    "/StructParent",
    "/StructParents",
    "/URI",
)
OUTSIDE = ("/F", "/FFilter", "/FDecodeParms")
DEEPEST = 40
BROKEN = (pikepdf.PdfError, ValueError, TypeError, KeyError, IndexError, AttributeError)


def clean(data: bytes) -> bytes:
    """The pages alone, as they look; raises Unusable where they cannot be had."""
    with opened(data) as source, pikepdf.new() as made:
        try:
            _take(source, made)
            return saved(made)
        except BROKEN:
            raise Unusable("broken") from None


def damaged(data: bytes) -> bool:
    """Whether a PDF that opens had to be repaired: some of it may be missing."""
    with opened(data) as pdf:
        return bool(pdf.get_warnings())


def opened(data: bytes) -> Pdf:
    """A PDF that has pages and no password; raises Unusable otherwise."""
    try:
        found = pikepdf.open(BytesIO(data))
        pages = len(found.pages)
    except pikepdf.PasswordError:
        raise Unusable("encrypted") from None
    except (*BROKEN, RecursionError, MemoryError):
        raise Unusable("broken") from None
    if not 0 < pages <= MOST_PAGES:
        found.close()
        raise Unusable("large" if pages else "broken")
    return found


def saved(pdf: Pdf) -> bytes:
    """The bytes: the same content gives the same ones, at any time."""
    kept = BytesIO()
    pdf.remove_unreferenced_resources()
    modern = pikepdf.ObjectStreamMode.generate
    pdf.save(kept, deterministic_id=True, object_stream_mode=modern)
    return kept.getvalue()


def _take(source: Pdf, made: Pdf) -> None:
    source.flatten_annotations("screen")
    for page in source.pages:
        _bare(page)
        made.pages.append(page)
    for found in made.objects:
        _scrub(found, 0)


def _bare(page: Page) -> None:
    for name in set(page.obj.keys()) - set(KEPT):
        del page.obj[name]
    for name in ("/MediaBox", "/CropBox"):
        if name in page.obj and not _is_box(page.obj[name]):
            del page.obj[name]
    turn = page.obj.get("/Rotate", 0)
    page.obj.Rotate = turn % 360 if isinstance(turn, int) and turn % 90 == 0 else 0


def _is_box(found: object) -> bool:
    return (
        isinstance(found, Array)
        and len(found) == 4
        and all(isinstance(side, int | float | Decimal) for side in found)
    )


def _scrub(found: Object, depth: int) -> None:
    """Within one object; what it refers to is another's turn."""
    if isinstance(found, Stream):
        _drop(found, (*DROPPED, *OUTSIDE))
        # Print code for the printer: no viewer shows it.
        if found.get("/Subtype") == Name.PS:
            found.write(b"")
    elif isinstance(found, Dictionary):
        _drop(found, DROPPED)
    if isinstance(found, Stream | Dictionary | Array) and depth < DEEPEST:
        inner = list(found) if isinstance(found, Array) else [one for _, one in found.items()]
        for one in inner:
            if isinstance(one, Object) and not one.is_indirect:
                _scrub(one, depth + 1)


def _drop(found: Object, names: tuple[str, ...]) -> None:
    for name in names:
        if name in found:
            del found[name]
