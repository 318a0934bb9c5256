"""A finished case as one FHIR R4 transaction Bundle; pure, the same case gives the same ids."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.review.derived import Derived
from bot.review.fhir_answers import questionnaire_response
from bot.review.fhir_derived import derived_references
from bot.review.fhir_documents import document_references
from bot.review.fhir_imaging import imaging_studies
from bot.review.fhir_parts import Parts, Resource
from bot.review.fhir_people import consents, patient, related_person
from bot.review.fhir_request import condition, observation, provenance, service_request, task
from flows.conversation import Case, Conversation

BASE = "https://saathi.example"


def bundle(
    conversation: Conversation,
    case: Case,
    now: datetime,
    base: str = BASE,
    files: str = "",
    made: Sequence[Derived] = (),
) -> dict[str, Any]:
    """The transaction that creates the case at a review backend, once however often sent.

    `base` is the address space of our identifiers and code systems. Documents are
    named by their content under `files` (the backend's own address; `base` if empty).
    `made` is what was made of them, the dossier first.
    """
    parts = Parts(conversation, case, case.submitted_at or now, base, files or base)
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "timestamp": parts.time,
        "entry": [parts.entry(resource) for resource in _resources(parts, made)],
    }


def _resources(parts: Parts, made: Sequence[Derived]) -> list[Resource]:
    papers = [*derived_references(parts, made), *document_references(parts)]
    found = [
        patient(parts),
        related_person(parts),
        *consents(parts),
        condition(parts),
        observation(parts),
        questionnaire_response(parts),
        *papers,
        *imaging_studies(parts),
        service_request(parts, papers),
        task(parts),
    ]
    kept = [one for one in found if one]
    return [*kept, provenance(parts, kept)]
