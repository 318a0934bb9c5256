"""The originals of a received bundle, as a specialist looks for them."""

from dataclasses import dataclass
from typing import Any

from bot.review import terms
from bot.review.sandbox.view_made import role_of
from bot.review.validity import references

PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif")
KINDS = {
    "pathology": "Pathology",
    "imaging": "Imaging",
    "images": "Pictures and scans",
    "lab": "Blood and lab",
    "procedure": "Scopes and tests",
    "treatment": "Treatment records",
    "clinical": "Doctors' notes",
    "discharge": "Discharge summaries",
    "prescription": "Prescriptions",
    "other": "Other",
}


@dataclass(frozen=True)
class Document:
    """One paper on the page."""

    slot: str
    title: str
    sha256: str
    mime: str
    size: int
    date: str
    quality: str
    pages: int
    scan: str = ""

    @property
    def is_picture(self) -> bool:
        """Whether a browser can show it in the page."""
        return self.mime in PICTURES


def documents(bundle: dict[str, Any]) -> dict[str, list[Document]]:
    """By kind, the earliest first."""
    found: dict[str, list[Document]] = {title: [] for title in KINDS.values()}
    scans = {entry.get("fullUrl"): _scan(entry["resource"]) for entry in bundle["entry"]}
    for resource in every(bundle, "DocumentReference"):
        if role_of(resource):
            continue
        kind = terms.paper(code(resource.get("type"), "document-type"))["kind"]
        found[KINDS[kind]].append(_document(resource, scans))
    return {title: sorted(rows, key=lambda row: row.date) for title, rows in found.items() if rows}


def _scan(resource: dict[str, Any]) -> str:
    """What an ImagingStudy says, in one line; empty of anything else."""
    if resource["resourceType"] != "ImagingStudy":
        return ""
    kinds = [str(one["code"]) for one in resource.get("modality", ())]
    many = f"{resource['numberOfSeries']} series, {resource['numberOfInstances']} pictures"
    words = [" and ".join(kinds), str(resource.get("description", "")), many]
    notes = [str(one["text"]) for one in resource.get("note", ())]
    return ", ".join(filter(None, words)) + "".join(f". {note}" for note in notes)


def _document(resource: dict[str, Any], scans: dict[Any, str]) -> Document:
    attachment = resource["content"][0]["attachment"]
    known = {one["url"].rpartition("/")[2]: one for one in resource.get("extension", ())}
    return Document(
        slot=code(resource.get("type"), "document-type"),
        title=str(attachment.get("title", "")),
        sha256=str(attachment.get("url", "")).rpartition("/")[2],
        mime=str(attachment.get("contentType", "")),
        size=int(attachment.get("size", 0)),
        date=str(resource.get("date", ""))[:10],
        quality=str(known.get("photo-quality", {}).get("valueCode", "ok")),
        pages=int(known.get("pages", {}).get("valuePositiveInt", 1)),
        scan="".join(scans.get(one, "") for one in references(resource.get("context"))),
    )


def code(concept: dict[str, Any] | None, system: str = "") -> str:
    """The first code of a concept in a system that ends so."""
    codings = (concept or {}).get("coding", ())
    found = [one["code"] for one in codings if str(one.get("system", "")).endswith(system)]
    return str(found[0]) if found else ""


def every(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """All resources of a kind."""
    found = [entry["resource"] for entry in bundle["entry"]]
    return [one for one in found if one["resourceType"] == kind]
