"""What was made of the originals as DocumentReferences: dossier, combined PDFs, summary."""

from collections.abc import Iterable

from bot.review import terms
from bot.review.derived import Derived
from bot.review.fhir_documents import attachment, codes, part_of
from bot.review.fhir_parts import LOINC, SNOMED, Parts, Resource, coding, concept, hl7

MACHINE_READ = "machine-read-unverified"
TITLES = {
    "dossier": "All documents in one PDF",
    "summary": "Machine-read values (unverified)",
    "facts": "Machine-read values (unverified), as data",
}


def derived_references(parts: Parts, made: Iterable[Derived]) -> list[Resource]:
    """One for each made file; its name stays when its content is refreshed."""
    return [_reference(parts, one) for one in made]


def name_of(made: Derived) -> str:
    """The name of a made file within its case."""
    return f"doc-{made.role}-{made.slot}" if made.slot else f"doc-{made.role}"


def _reference(parts: Parts, made: Derived) -> Resource:
    title = TITLES.get(made.role) or f"{terms.word('papers', made.slot)}, one PDF"
    found: Resource = {
        "resourceType": "DocumentReference",
        "identifier": [parts.identifier(name_of(made))],
        "status": "current",
        "type": _type(parts, made, title),
        "category": [concept(parts.ours("document-role", made.role)), *_kind(made)],
        "subject": parts.reference("patient"),
        "date": parts.time,
        "description": title,
        "content": [{"attachment": attachment(parts, made, title)}],
        "context": {"related": [parts.reference("request")]},
    }
    if made.pages:
        found["extension"] = [parts.extension("pages", valuePositiveInt=made.pages)]
    if made.sources:
        found["relatesTo"] = [_transforms(parts, *source) for source in made.sources]
    return found | (_unverified(parts) if made.unverified else {})


def _unverified(parts: Parts) -> Resource:
    label = "machine-read, unverified"
    # HL7's own word for it: the reliability of the content is uncertain.
    integrity = hl7("v3-ObservationValue", "UNCERTREL", "uncertain reliability")
    tag = parts.ours("handling", MACHINE_READ, label)
    return {"docStatus": "preliminary", "meta": {"security": [integrity], "tag": [tag]}}


def _type(parts: Parts, made: Derived, title: str) -> Resource:
    if made.role == "combined":
        return concept(*codes(parts, made.slot), text=terms.word("papers", made.slot))
    ours = parts.ours("document-type", made.role)
    # Medical records: the kind of document that LOINC has for a whole file.
    whole = [coding(LOINC, "11503-0")] if made.role == "dossier" else []
    return concept(*whole, ours, text=title)


def _kind(made: Derived) -> list[Resource]:
    if made.role != "combined":
        return []
    return [concept(coding(SNOMED, terms.snomed_of(terms.paper(made.slot)["kind"])))]


def _transforms(parts: Parts, slot: str, sha256: str) -> Resource:
    return {"code": "transforms", "target": parts.reference(part_of(slot, sha256))}
