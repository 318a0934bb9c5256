"""One thing that stands printed on a page, with the place where it stands."""

from msgspec import Struct

from nlu.report.page import Box


class Fact(Struct, frozen=True):
    """`name` is an id, `value` and `unit` as printed, `line` what was read around it.

    `page` counts from 1 within its document; nothing in it is inferred.
    """

    name: str
    value: str
    unit: str = ""
    page: int = 1
    box: Box = (0.0, 0.0, 0.0, 0.0)
    line: str = ""
    sure: float = 1.0
