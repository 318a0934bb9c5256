"""What scan pictures tell of themselves, as an ImagingStudy for each file of them."""

import re

from bot.review.fhir_parts import Parts, Resource, coding
from flows.conversation import Paper
from flows.pages import counted, is_scan

DICOM = "http://dicom.nema.org/resources/ontology/DCM"
UID = re.compile(r"[0-2](\.(0|[1-9]\d*)){1,31}")
BURNED_IN = "A name may be written into the pictures themselves."


def imaging_studies(parts: Parts) -> list[Resource]:
    """One for each file of scan pictures; the file itself is a DocumentReference."""
    papers = [paper for here in parts.case.papers.values() for paper in counted(here)]
    kept = [paper for paper in papers if paper.verdict != "refused"]
    return [_study(parts, paper) for paper in kept if is_scan(paper)]


def study_of(paper: Paper) -> str:
    """The name of a file's study within its case."""
    return f"study-{paper.document[:16]}"


def _study(parts: Parts, paper: Paper) -> Resource:
    told = paper.about
    found: Resource = {
        "resourceType": "ImagingStudy",
        "identifier": [parts.identifier(study_of(paper)), *_uid(told.get("study_id", ""))],
        "status": "available",
        "subject": parts.reference("patient"),
        "numberOfSeries": int(told.get("series", 1)),
        "numberOfInstances": int(told["images"]),
    }
    if kinds := [kind for kind in told.get("modality", "").split(", ") if kind]:
        found["modality"] = [coding(DICOM, kind) for kind in kinds]
    if day := told.get("studied"):
        found["started"] = day
    if words := " ".join(filter(None, (told.get("study"), told.get("part")))):
        found["description"] = words
    if told.get("burned_in"):
        found["note"] = [{"text": BURNED_IN}]
    return found


def _uid(uid: str) -> list[Resource]:
    if not UID.fullmatch(uid) or len(uid) > 64:
        return []
    return [{"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"}]
