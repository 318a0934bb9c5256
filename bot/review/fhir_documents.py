"""Every paper of a case as a DocumentReference, named by its content."""

from bot.review import terms
from bot.review.derived import Derived
from bot.review.fhir_imaging import study_of
from bot.review.fhir_parts import LOINC, SNOMED, Parts, Resource, coding, concept
from flows.conversation import Paper
from flows.pages import is_scan


def document_references(parts: Parts) -> list[Resource]:
    """The papers in the checklist's order; a file sent twice is one document."""
    order = {name: place for place, name in enumerate(terms.words("papers"))}
    slots = sorted(parts.case.papers, key=lambda slot: order.get(slot, len(order)))
    return [one for slot in slots for one in _slot(parts, slot)]


def document_url(files: str, sha256: str) -> str:
    """Where a document lies at the backend: its address is its content."""
    return f"{files.rstrip('/')}/documents/{sha256}"


def part_of(slot: str, sha256: str) -> str:
    """The name of one paper within its case."""
    return f"doc-{slot}-{sha256[:16]}"


def _slot(parts: Parts, slot: str) -> list[Resource]:
    kept = {paper.document: paper for paper in parts.case.papers[slot]}
    papers = [paper for paper in kept.values() if paper.verdict != "refused"]
    label = terms.word("papers", slot)
    many = len(papers) > 1
    titles = [
        f"{label}, {n} of {len(papers)}" if many else label for n in range(1, len(papers) + 1)
    ]
    return [_reference(parts, slot, *pair) for pair in zip(papers, titles, strict=True)]


def _reference(parts: Parts, slot: str, paper: Paper, title: str) -> Resource:
    row = terms.paper(slot)
    # FHIR writes its codes with hyphens.
    quality = paper.verdict.replace("_", "-")
    return {
        "resourceType": "DocumentReference",
        "identifier": [parts.identifier(part_of(slot, paper.document))],
        "extension": [
            parts.extension("photo-quality", valueCode=quality),
            parts.extension("pages", valuePositiveInt=max(paper.pages, 1)),
        ],
        "status": "current",
        "type": concept(*codes(parts, slot), text=terms.word("papers", slot)),
        "category": [concept(coding(SNOMED, terms.snomed_of(row["kind"])))],
        "subject": parts.reference("patient"),
        "date": (paper.at or parts.at).isoformat(timespec="seconds"),
        "author": [parts.writer],
        "description": title,
        "content": [{"attachment": attachment(parts, paper, title)}],
        "context": {"related": [parts.reference(name) for name in _related(paper)]},
    }


def _related(paper: Paper) -> list[str]:
    return ["request", study_of(paper)] if is_scan(paper) else ["request"]


def codes(parts: Parts, slot: str) -> list[Resource]:
    """What kind of document a checklist id is: by LOINC where it has a code, and by our own."""
    row, ours = terms.paper(slot), parts.ours("document-type", slot)
    return [coding(LOINC, row["loinc"]), ours] if row["loinc"] else [ours]


def attachment(parts: Parts, file: Paper | Derived, title: str) -> Resource:
    """A stored file, named by its content."""
    # FHIR's own `hash` is SHA-1; what we and the backend compare is SHA-256.
    return {
        "extension": [parts.extension("sha-256", valueString=file.document)],
        "contentType": file.mime,
        "url": document_url(parts.files, file.document),
        "size": file.size,
        "title": title,
    }
