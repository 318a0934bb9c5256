"""The page number that is printed on a page: 'Page 2 of 4', '2/4' at its foot."""

import re

from nlu.report.find import clean, labels
from nlu.report.page import PageText
from nlu.report.rows import pieces_of

MOST = 60
HEAD, FOOT = 0.12, 0.85
_OF = re.compile(
    r"^[\s:.#-]*(?:no[\s.:]*)?(\d{1,2})\s*(?:of|/|out of|में से)\s*(\d{1,2})(?!\d|\s*/)", re.I
)
_ALONE = re.compile(r"(?:^|\s{2,}|[^\d\s/.,-]\s+)(\d{1,2})\s*(?:of|/)\s*(\d{1,2})\s*$", re.I)


def number_of(page: PageText) -> tuple[int, int] | None:
    """(which page, of how many), where both are printed."""
    rows = pieces_of(clean(page))
    for row in rows:
        text = " ".join(cell.text for cell in row)
        for label in labels("page").finditer(text):
            if found := _both(_OF.search(text[label.end() :])):
                return found
    # Without the word only at the edge: '7/8' inside is a score.
    foot = (_ALONE.search(cell.text) for row in rows for cell in row if cell.box[1] > FOOT)
    head = (_ALONE.fullmatch(cell.text) for row in rows for cell in row if cell.box[1] < HEAD)
    return next((found for hit in (*foot, *head) if (found := _both(hit))), None)


def _both(hit: re.Match[str] | None) -> tuple[int, int] | None:
    if not hit:
        return None
    page, pages = int(hit[1]), int(hit[2])
    return (page, pages) if 1 <= page <= pages <= MOST else None
