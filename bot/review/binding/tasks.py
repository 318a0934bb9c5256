"""The same as tasks of a workshop: what is given and the files, the result and the files made."""

from collections.abc import Sequence
from typing import Any

from msgspec import convert
from msgspec.structs import replace

from bot.found import PDF
from bot.review.binding.bind import bind, prepared
from bot.review.binding.clean import damaged, opened
from bot.review.binding.dossier import dossier
from bot.review.binding.sheet import Counted, Part, Ready, Sheet, Unusable, Wanted
from bot.review.binding.strips import strips
from bot.review.binding.summary import summary
from bot.review.binding.values import Group

Files = Sequence[bytes]


def ready(given: dict[str, Any], files: Files) -> tuple[Ready, Files]:
    """One file of kind `mime`, made ready; none where it is unusable."""
    try:
        mime, data = prepared(str(given["mime"]), files[0])
    except Unusable as unusable:
        return Ready(reason=unusable.reason), ()
    return Ready(mime, damaged=mime == PDF and damaged(files[0])), (data,)


def bound(given: dict[str, Any], files: Files) -> tuple[Counted, Files]:
    """The `sheets` of a document called `label` in one PDF; a file for each sheet."""
    made = bind(_sheets(given["sheets"], files), str(given["label"]))
    return Counted(made.pages), (made.pdf,)


def whole(given: dict[str, Any], files: Files) -> tuple[Counted, Files]:
    """The dossier of case `number` from its `parts` and their PDFs; `missing` are lines."""
    parts = convert(given["parts"], list[Part])
    made = dossier(str(given["number"]), parts, files, given["missing"])
    with opened(made) as pdf:
        return Counted((len(pdf.pages),)), (made,)


def cut(given: dict[str, Any], files: Files) -> tuple[Counted, Files]:
    """The strips of the `wanted` places on the `sheets`; an empty file where there is none."""
    wanted = convert(given["wanted"], list[Wanted])
    made = strips(_sheets(given["sheets"], files), wanted)
    return Counted(), made


def summed(given: dict[str, Any], files: Files) -> tuple[Counted, Files]:
    """The values of case `number` in `groups` as a PDF; the files are their strips."""
    made = summary(str(given["number"]), convert(given["groups"], list[Group]), files)
    with opened(made) as pdf:
        return Counted((len(pdf.pages),)), (made,)


def _sheets(given: object, files: Files) -> list[Sheet]:
    sheets = convert(given, list[Sheet])
    return [replace(one, data=data) for one, data in zip(sheets, files, strict=True)]
