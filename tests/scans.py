"""Scan pictures as machines write them, of invented people, and CDs of them."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import numpy as np
from pydicom import Dataset
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import (
    CTImageStorage,
    ExplicitVRLittleEndian,
    MediaStorageDirectoryStorage,
    MRImageStorage,
    UltrasoundImageStorage,
    generate_uid,
)

KINDS = {"CT": CTImageStorage, "MR": MRImageStorage, "US": UltrasoundImageStorage}
PATIENT, BORN = "FICTIONAL^SUNITA", "19610305"


def dataset(modality: str = "CT", series: str = "1", size: int = 64, **tags: Any) -> FileDataset:
    """One picture: a bright disc on black. A tag of None is left out."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = KINDS.get(modality, CTImageStorage)
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    made.SOPClassUID, made.SOPInstanceUID = (
        meta.MediaStorageSOPClassUID,
        meta.MediaStorageSOPInstanceUID,
    )
    told = {
        "PatientName": PATIENT, "PatientBirthDate": BORN, "Modality": modality,
        "StudyInstanceUID": "1.2.826.0.1.3680043.8.498.1", "StudyDate": "20261120",
        "StudyDescription": "Fictional study", "SeriesInstanceUID": f"1.2.3.{series}",
        "BodyPartExamined": "ABDOMEN", **tags,
    }  # fmt: skip
    for name, value in told.items():
        if value is not None:
            setattr(made, name, value)
    _pixels(made, size)
    return made


def _pixels(made: FileDataset, size: int) -> None:
    y, x = np.ogrid[:size, :size]
    disc = (x - size / 2) ** 2 + (y - size / 2) ** 2 < (size / 4) ** 2
    made.Rows = made.Columns = size
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated, made.BitsStored, made.HighBit = 16, 16, 15
    made.PixelRepresentation = 1
    made.RescaleIntercept, made.RescaleSlope = -1024, 1
    made.WindowCenter, made.WindowWidth = 40, 400
    made.PixelData = np.where(disc, 1100, 24).astype("<i2").tobytes()


def written(made: FileDataset) -> bytes:
    """The picture as a file."""
    kept = io.BytesIO()
    made.save_as(kept, enforce_file_format=True)
    return kept.getvalue()


def scan(modality: str = "CT", **more: Any) -> bytes:
    """One picture as a file."""
    return written(dataset(modality, **more))


def directory(pictures: Sequence[FileDataset]) -> bytes:
    """The table of contents of a CD with these pictures."""
    records = [_record("PATIENT", PatientName=PATIENT, PatientBirthDate=BORN)]
    records.append(_record("STUDY", StudyDate="20261120", StudyDescription="Fictional study",
                           StudyInstanceUID=pictures[0].StudyInstanceUID))  # fmt: skip
    seen = set()
    for each in pictures:
        if each.SeriesInstanceUID not in seen:
            seen.add(each.SeriesInstanceUID)
            told = {"Modality": each.Modality, "SeriesInstanceUID": each.SeriesInstanceUID}
            records.append(_record("SERIES", **told))
        records.append(_record("IMAGE", InstanceNumber="1"))
    made = dataset()
    made.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    made.SOPClassUID = MediaStorageDirectoryStorage
    for name in ("PixelData", "Modality", "PatientName", "PatientBirthDate", "StudyInstanceUID"):
        delattr(made, name)
    made.DirectoryRecordSequence = Items(records)
    return written(made)


def _record(kind: str, **tags: Any) -> Dataset:
    made = Dataset()
    made.DirectoryRecordType = kind
    for name, value in tags.items():
        setattr(made, name, value)
    return made


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of these files."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", method) as box:
        for name, data in files.items():
            box.writestr(name, data)
    return kept.getvalue()


def cd(many: int = 6, *, table: bool = True, **more: Any) -> bytes:
    """A CD as a hospital gives it: pictures, a viewer for Windows, a table of contents."""
    pictures = [dataset("CT", series=str(1 + n % 2), **more) for n in range(many)]
    files = {f"CD/DICOM/IM{n:05}": written(each) for n, each in enumerate(pictures)}
    extra = {"CD/autorun.inf": b"[autorun]\n", "CD/VIEWER/viewer.exe": b"MZ" + bytes(5000)}
    tables = {"CD/DICOMDIR": directory(pictures)} if table else {}
    return zipped({**tables, **extra, **files})
