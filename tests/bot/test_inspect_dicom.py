"""Pictures of a scan tell what they are; a broken one is refused, never an accident."""

import io

import numpy as np
import pytest
from PIL import Image
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEG2000Lossless

from bot.found import Found
from bot.inspect_dicom import day, inspect_dicom
from bot.scan_preview import EDGE, preview
from storage.documents_mime import sniff
from tests.scans import PATIENT, dataset, directory, scan, written


def found(data: bytes) -> Found:
    return inspect_dicom(io.BytesIO(data))


def test_a_picture_tells_what_it_is() -> None:
    assert sniff(scan()) == "application/dicom"
    told = found(scan("MR"))
    assert told.verdict == "ok"
    assert told.about == {
        "modality": "MR", "part": "ABDOMEN", "study": "Fictional study", "studied": "2026-11-20",
        "study_id": "1.2.826.0.1.3680043.8.498.1", "patient": "FICTIONAL SUNITA",
        "born": "1961-03-05", "series": "1", "images": "1",
    }  # fmt: skip


def test_many_pictures_in_one_file() -> None:
    assert found(scan("CT", NumberOfFrames="90")).about["images"] == "90"


BURNED = [
    pytest.param("CT", "YES", "yes", id="it says so"),
    pytest.param("CT", None, None, id="a CT says nothing"),
    pytest.param("US", None, "yes", id="ultrasound usually does"),
    pytest.param("US", "NO", None, id="ultrasound that says no"),
]


@pytest.mark.parametrize(("modality", "tag", "wanted"), BURNED)
def test_a_name_within_the_picture(modality: str, tag: str | None, wanted: str | None) -> None:
    assert found(scan(modality, BurnedInAnnotation=tag)).about.get("burned_in") == wanted


def test_names_in_other_scripts() -> None:
    named = scan(SpecificCharacterSet="ISO_IR 192", PatientName="कल्पना^सुनीता=काल्पनिक")
    assert found(named).about["patient"] == "कल्पना सुनीता काल्पनिक"


def test_what_a_tag_holds_stays_one_short_line() -> None:
    told = found(scan(StudyDescription="a\r\nb\x00" + "c" * 60, PatientName="x" * 60 + "\x1b"))
    assert told.about["study"].startswith("a  b")
    assert all(value.isprintable() and len(value) <= 120 for value in told.about.values())


def test_the_table_of_a_cd_without_its_pictures() -> None:
    assert found(directory([dataset()])) == Found("refused", "empty")


def test_a_deflated_file_is_not_unfolded() -> None:
    made = dataset()
    made.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    assert found(written(made)).about == {"modality": "", "images": "1", "series": "1"}


@pytest.mark.parametrize("size", [0, 3, 131, 132, 140, 300])
def test_cut_short(size: int) -> None:
    assert found(scan()[:size]) == Found("refused", "unreadable")


@pytest.mark.parametrize(("told", "iso"), [("20261120", "2026-11-20"), ("2026.11.20", "2026-11-20"),
                                           ("2026", ""), ("20261340", ""), ("", "")])  # fmt: skip
def test_a_day(told: str, iso: str) -> None:
    assert day(told) == iso


def grey(data: bytes) -> np.ndarray:
    made = preview(io.BytesIO(data))
    assert made.startswith(b"\xff\xd8\xff")
    return np.asarray(Image.open(io.BytesIO(made)).convert("L"))


def test_a_preview_shows_what_the_window_shows() -> None:
    shown = grey(scan(size=128))
    assert (shown[64, 64], shown[2, 2]) == (pytest.approx(255, abs=3), pytest.approx(0, abs=3))
    turned = dataset(size=128)
    turned.PhotometricInterpretation = "MONOCHROME1"
    assert grey(written(turned))[64, 64] < 5


def test_a_preview_is_small_and_nameless() -> None:
    made = preview(io.BytesIO(scan(size=2048)))
    with Image.open(io.BytesIO(made)) as image:
        assert max(image.size) == EDGE
        assert "exif" not in image.info
    assert PATIENT.encode() not in made
    assert b"SUNITA" not in made


def test_no_preview_of_what_cannot_be_unpacked() -> None:
    made = dataset()
    made.file_meta.TransferSyntaxUID = JPEG2000Lossless
    made["PixelData"].is_undefined_length = True
    made.PixelData = b"\xfe\xff\x00\xe0" + bytes(4) + b"\xfe\xff\xdd\xe0" + bytes(4)
    packed = written(made)
    assert preview(io.BytesIO(packed)) == b""
    assert found(packed).about["modality"] == "CT"
