"""Pages of strangers' PDFs: they look as before, and nothing in them acts any more."""

from io import BytesIO
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from bot.review.binding.bind import bind, prepared
from bot.review.binding.clean import clean, damaged
from bot.review.binding.sheet import Sheet, Unusable
from tests.bot.binding.bench import encoded, marked, pictures, read, texts
from tests.files import report_pdf

PDF = "application/pdf"
REPORT = report_pdf("blood", 2)
URL = "https://evil.example/steal"
ACTS = ("/JavaScript", "/Launch", "/URI", "/GoToR", "/SubmitForm", "/ImportData", "/GoToE")


def changed(**how: Any) -> bytes:
    """The report with its first page and catalog changed; `how` are functions of the PDF."""
    with pikepdf.open(BytesIO(REPORT)) as pdf:
        for change in how.values():
            change(pdf)
        return written(pdf)


def written(pdf: Pdf, **more: Any) -> bytes:
    kept = BytesIO()
    pdf.save(kept, **more)
    return kept.getvalue()


def script(pdf: Pdf) -> None:
    act = Dictionary(S=Name.JavaScript, JS=String("app.alert('evil')"))
    pdf.Root.OpenAction = act
    pdf.Root.AA = Dictionary(WC=act)
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("x"), act])))
    pdf.pages[0].obj.AA = Dictionary(O=act)


def launch(pdf: Pdf) -> None:
    act = Dictionary(S=Name.Launch, F=String("cmd.exe"))
    annotate(pdf, Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 600, 800], A=act))


def link(pdf: Pdf) -> None:
    act = Dictionary(S=Name.URI, URI=String(URL))
    annotate(pdf, Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 600, 800], A=act))


def attachment(pdf: Pdf) -> None:
    pdf.attachments["evil.exe"] = b"MZ evil program"
    spec = pdf.attachments["evil.exe"].obj
    annotate(
        pdf,
        Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=[0, 0, 9, 9], FS=spec),
    )
    pdf.pages[0].obj.AF = Array([spec])


def hidden_deep(pdf: Pdf) -> None:
    form = Stream(pdf, b"0 0 m")
    form.stream_dict = Dictionary(
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=[0, 0, 9, 9],
        Ref=Dictionary(F=String("other.pdf"), Page=0),
        OPI=Dictionary(F=String("print.eps")),
        PieceInfo=Dictionary(Evil=Dictionary(Private=String(URL))),
        Resources=Dictionary(Properties=Dictionary(P=Dictionary(JS=String("evil()")))),
    )
    pdf.pages[0].add_resource(pdf.make_indirect(form), Name.XObject)


def outside(pdf: Pdf) -> None:
    image = Stream(pdf, b"\0")
    image.stream_dict = Dictionary(
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=1,
        Height=1,
        BitsPerComponent=8,
        ColorSpace=Name.DeviceGray,
        F=Dictionary(Type=Name.Filespec, FS=Name.URL, F=String(URL)),
    )
    pdf.pages[0].add_resource(pdf.make_indirect(image), Name.XObject)


def print_code(pdf: Pdf) -> None:
    code = Stream(pdf, b"(evil) run")
    code.stream_dict = Dictionary(Type=Name.XObject, Subtype=Name.PS)
    pdf.pages[0].add_resource(pdf.make_indirect(code), Name.XObject)


def annotate(pdf: Pdf, annotation: Dictionary) -> None:
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(annotation)])


HOSTILE = [script, launch, link, attachment, hidden_deep, outside, print_code]


def everything(data: bytes) -> bytes:
    """The PDF with nothing packed: every name and string can be looked for."""
    with pikepdf.open(BytesIO(data)) as pdf:
        unpacked = pikepdf.StreamDecodeLevel.all
        plain = pikepdf.ObjectStreamMode.disable
        return written(
            pdf, compress_streams=False, stream_decode_level=unpacked, object_stream_mode=plain
        )


@pytest.mark.parametrize("change", HOSTILE, ids=lambda one: one.__name__)
def test_nothing_acts_any_more(change: Any) -> None:
    hostile = changed(change=change)
    before = everything(hostile)
    assert b"evil" in before or b"other.pdf" in before or b"cmd.exe" in before
    after = everything(clean(hostile))
    for word in (b"evil", b"cmd.exe", b"other.pdf", b"print.eps", *map(str.encode, ACTS)):
        assert word not in after, word


@pytest.mark.parametrize("change", HOSTILE, ids=lambda one: one.__name__)
def test_the_pages_look_as_before(change: Any) -> None:
    hostile = changed(change=change)
    assert texts(clean(hostile)) == texts(hostile)
    before, after = pictures(REPORT), pictures(clean(hostile))
    assert [page.tobytes() for page in before] == [page.tobytes() for page in after]


def test_the_given_bytes_stay_untouched() -> None:
    hostile = changed(change=script)
    copy = bytes(hostile)
    clean(hostile)
    assert hostile == copy


def test_a_filled_form_keeps_what_stands_in_it() -> None:
    with pikepdf.open(BytesIO(REPORT)) as pdf:
        look = Stream(pdf, b"0 g 0 0 200 40 re f")
        look.stream_dict = Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 200, 40])
        annotate(
            pdf,
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Stamp,
                Rect=[100, 50, 300, 90],
                F=4,
                AP=Dictionary(N=pdf.make_indirect(look)),
            ),
        )
        stamped = written(pdf)
    page = pictures(clean(stamped), 1.0)[0]
    assert page.getpixel((200, page.height - 70)) == 0
    assert b"/Annot" not in everything(clean(stamped))


def test_sizes_and_turns_of_pages_stay() -> None:
    with pikepdf.open(BytesIO(REPORT)) as pdf:
        pdf.pages[0].obj.Rotate = 90
        pdf.pages[1].obj.CropBox = Array([0, 0, 300, 400])
        first, second = pictures(clean(written(pdf)), 1.0)
    assert first.width > first.height
    assert second.size == (300, 400)


def test_what_pages_inherit_goes_with_them() -> None:
    with pikepdf.open(BytesIO(REPORT)) as pdf:
        for page in pdf.pages:
            pdf.Root.Pages.Resources = page.obj.Resources
            pdf.Root.Pages.MediaBox = page.obj.MediaBox
            for name in ("/Resources", "/MediaBox"):
                if name in page.obj:
                    del page.obj[name]
        inheriting = written(pdf)
    assert texts(clean(inheriting)) == texts(REPORT)


def locked(user: str) -> bytes:
    with pikepdf.open(BytesIO(REPORT)) as pdf:
        return written(pdf, encryption=pikepdf.Encryption(owner="o", user=user, R=6))


def test_a_locked_pdf_is_named_and_one_that_opens_is_unlocked() -> None:
    with pytest.raises(Unusable) as unusable:
        clean(locked("secret"))
    assert unusable.value.reason == "encrypted"
    assert texts(clean(locked(""))) == texts(REPORT)


BROKEN = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"%PDF-1.7\n", id="a head alone"),
    pytest.param(b"\0" * 5000, id="zeros"),
    pytest.param(REPORT[:60], id="cut short"),
    pytest.param(b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 1 0 R>>\nendobj\n", id="a loop"),
]


@pytest.mark.parametrize("data", BROKEN)
def test_a_broken_pdf_is_named_and_the_others_stay(data: bytes) -> None:
    with pytest.raises(Unusable) as unusable:
        clean(data)
    assert unusable.value.reason == "broken"
    bound = bind([Sheet(PDF, data=data), Sheet(PDF, data=REPORT)], "Blood test reports")
    assert bound.pages == (0, 2)
    assert len(texts(bound.pdf)) == 2


@pytest.mark.parametrize("step", range(60, len(REPORT), 97))
def test_a_damaged_pdf_is_cleaned_or_named(step: int) -> None:
    spoilt = REPORT[:step] + b"\xff\x00<<>>[" + REPORT[step + 7 :]
    bound = bind([Sheet(PDF, data=spoilt), Sheet(PDF, data=REPORT)], "Blood test reports")
    assert bound.pages in ((0, 2), (1, 2), (2, 2))
    assert texts(bound.pdf)[-2:] == texts(REPORT)


def test_a_repaired_pdf_is_known_as_damaged() -> None:
    assert damaged(REPORT[:-400])
    assert not damaged(REPORT)


ODD = [
    pytest.param("Rotate", 45, id="half turned"),
    pytest.param("Rotate", -90, id="turned back"),
    pytest.param("Rotate", Name.Up, id="turned by a word"),
    pytest.param("MediaBox", Array([]), id="no size"),
    pytest.param("MediaBox", Array([0, 0, 0, 0]), id="nothing"),
    pytest.param("MediaBox", Array([0, 0, 10**9, 10**9]), id="a field"),
    pytest.param("CropBox", Array([1, 2]), id="half a box"),
    pytest.param("CropBox", Array([Name.A, 0, 1, 1]), id="a box of words"),
    pytest.param("Resources", String("x"), id="resources of words"),
    pytest.param("Contents", String("x"), id="contents of words"),
    pytest.param("Annots", Array([String("x"), Dictionary()]), id="odd annotations"),
    pytest.param("UserUnit", 10**9, id="huge units"),
]


@pytest.mark.parametrize(("name", "value"), ODD)
def test_odd_pages_do_no_harm_to_others(name: str, value: Any) -> None:
    with pikepdf.open(BytesIO(encoded(marked(), "PDF"))) as pdf:
        pdf.pages[0].obj[f"/{name}"] = value
        odd = written(pdf)
    sheets = [Sheet(PDF, data=odd, text=read("PSA 8.4 ng/mL")), Sheet(PDF, data=REPORT)]
    bound = bind(sheets, "PSA report(s)")
    assert bound.pages == (1, 2)
    first, *others = texts(bound.pdf)
    assert first == "PSA 8.4 ng/mL"
    assert others == texts(REPORT)


def test_office_files_are_no_pages() -> None:
    with pytest.raises(Unusable) as unusable:
        prepared("application/msword", b"x")
    assert unusable.value.reason == "kind"


def test_an_empty_pdf_is_broken() -> None:
    with pikepdf.new() as pdf, pytest.raises(Unusable) as unusable:
        clean(written(pdf))
    assert unusable.value.reason == "broken"


def test_cleaning_twice_changes_nothing() -> None:
    once = clean(changed(change=script))
    assert clean(once) == clean(changed(change=script))
    assert texts(clean(once)) == texts(once)
