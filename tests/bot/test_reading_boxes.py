"""Where a line of a PDF's text layer stands is where it is seen, whatever boxes its page has."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
from pikepdf import Array

from bot.reading.pages import pages_of
from nlu.report.page import PageText
from tests.files import report_pdf

Change = Callable[[pikepdf.Pdf], None]


def boxes(**named: list[float]) -> Change:
    def change(pdf: pikepdf.Pdf) -> None:
        for name, box in named.items():
            pdf.pages[0].obj[f"/{name}"] = Array(box)

    return change


def inherited(box: list[float]) -> Change:
    def change(pdf: pikepdf.Pdf) -> None:
        del pdf.pages[0].obj["/MediaBox"]
        pdf.Root.Pages.MediaBox = Array(box)

    return change


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(boxes(), id="plain"),
        pytest.param(boxes(CropBox=[40, 300, 560, 840]), id="cropped"),
        pytest.param(boxes(CropBox=[-100, -50, 900, 1000]), id="cropped to more than there is"),
        pytest.param(boxes(CropBox=[-100, 200, 500, 1000]), id="cropped at two sides"),
        pytest.param(boxes(MediaBox=[-30, -60, 595, 842]), id="a corner elsewhere"),
        pytest.param(inherited([-30, -60, 595, 842]), id="inherited"),
    ],
)
def test_a_line_stands_where_it_is_seen(change: Change) -> None:
    made = BytesIO()
    with pikepdf.open(BytesIO(report_pdf("A report of many words, all fictional"))) as pdf:
        change(pdf)
        pdf.save(made)
    page = next(pages_of(made.getvalue(), "application/pdf"))
    assert isinstance(page, PageText)
    seen = np.asarray(pdfium.PdfDocument(made.getvalue())[0].render(scale=2).to_pil().convert("L"))
    high, wide = seen.shape
    marked = np.zeros((high, wide), bool)
    for line in page.lines:
        left, top, right, bottom = line.box
        inside = np.s_[
            int(top * high) : int(bottom * high) + 1, int(left * wide) : int(right * wide) + 1
        ]
        assert (seen[inside] < 128).any(), line.text
        marked[inside] = True
    dark = seen < 128
    assert (dark & marked).sum() > 0.9 * dark.sum()
