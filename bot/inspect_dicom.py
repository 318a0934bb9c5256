"""The look at pictures of a scan: what they tell of themselves, without their pixels."""

import io
import re
from collections.abc import Sequence
from datetime import date
from typing import BinaryIO

import pydicom
from pydicom import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.uid import DeflatedExplicitVRLittleEndian, MediaStorageDirectoryStorage

from bot.found import Found

TAGS: list[str] = [
    "PatientName", "PatientBirthDate", "StudyInstanceUID", "StudyDate", "StudyDescription",
    "SeriesInstanceUID", "SeriesDescription", "Modality", "BodyPartExamined", "NumberOfFrames",
    "BurnedInAnnotation", "DirectoryRecordSequence", "DirectoryRecordType",
]  # fmt: skip
# Machines that write the patient's name into the picture itself.
WRITES_NAMES = frozenset("US IVUS SC XA RF ES GM XC OT DG DOC BI".split())
BROKEN = (
    InvalidDicomError, ValueError, TypeError, AttributeError, KeyError, IndexError, OSError,
    EOFError, NotImplementedError, RecursionError, MemoryError, LookupError,
)  # fmt: skip
LONGEST = 120


def inspect_dicom(file: BinaryIO) -> Found:
    """What one picture, or many in one file, tells of itself; never raises on a broken one."""
    try:
        found = read_tags(file)
    except BROKEN:
        return Found("refused", "unreadable")
    if found is None:
        return Found("ok", about={"modality": "", "images": "1", "series": "1"})
    if found.file_meta.get("MediaStorageSOPClassUID") == MediaStorageDirectoryStorage:
        # The table of contents of a CD without its pictures.
        return Found("refused", "empty")
    if not (found.get("Modality") or found.get("StudyInstanceUID")):
        return Found("refused", "unreadable")
    return Found("ok", about=about([found], _frames(found)))


def read_tags(file: BinaryIO) -> pydicom.FileDataset | None:
    """The tags before the pixels; None where only unfolding the whole file would show them."""
    head = file.read(2048)
    file.seek(0)
    if DeflatedExplicitVRLittleEndian.encode() in head:
        return None
    found = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=list(TAGS))
    # Reading is lazy: what is broken should show here, not later.
    found.walk(lambda _, __: None)
    return found


def about(pictures: Sequence[Dataset], images: int) -> dict[str, str]:
    """What these pictures have in common, and how many series of how many images they are."""
    first = pictures[0]
    series = {word(each, "SeriesInstanceUID") for each in pictures}
    told = {
        "modality": ", ".join(sorted({word(each, "Modality") for each in pictures} - {""})),
        "part": next((part for each in pictures if (part := word(each, "BodyPartExamined"))), ""),
        "study": word(first, "StudyDescription"),
        "studied": day(word(first, "StudyDate")),
        "study_id": word(first, "StudyInstanceUID"),
        "patient": " ".join(re.split(r"[\^=\s]+", word(first, "PatientName"))).strip(),
        "born": day(word(first, "PatientBirthDate")),
        "series": str(len(series)),
        "images": str(images),
        "burned_in": "yes" if any(map(_burned_in, pictures)) else "",
    }
    # The modality says that these are pictures of a scan, also where it is not known.
    return {name: value for name, value in told.items() if value or name == "modality"}


def word(found: Dataset, tag: str) -> str:
    """The value of a tag as one short line, empty where it is missing or broken."""
    try:
        value = found.get(tag)
        text = "" if value is None else str(value)
    except BROKEN:
        return ""
    return "".join(sign if sign.isprintable() else " " for sign in text[:LONGEST]).strip()


def day(text: str) -> str:
    """A DICOM date (`20261120`) as ISO, empty where it is none."""
    try:
        return date.fromisoformat(text.replace(".", "")).isoformat() if len(text) >= 8 else ""
    except ValueError:
        return ""


def _frames(found: Dataset) -> int:
    text = word(found, "NumberOfFrames")
    return int(text) if text.isdecimal() and 0 < int(text) < 1_000_000 else 1


def _burned_in(found: Dataset) -> bool:
    said = word(found, "BurnedInAnnotation").upper()
    return said == "YES" or (said != "NO" and word(found, "Modality") in WRITES_NAMES)


def is_dicom(head: bytes) -> bool:
    """Whether a file with these first bytes is DICOM."""
    return head[128:132] == b"DICM"


def from_bytes(data: bytes) -> Dataset | None:
    """The tags of a picture whose first bytes these are, None where they cannot be read."""
    try:
        return read_tags(io.BytesIO(data))
    except BROKEN:
        return None
