"""A received bundle as a specialist wants to read it."""

from dataclasses import dataclass, field
from typing import Any

from bot.review import terms
from bot.review.sandbox.view_answers import answers, treatments
from bot.review.sandbox.view_documents import Document, code, documents, every


@dataclass(frozen=True)
class CaseView:
    """What a case page shows; every value came from outside and is escaped there."""

    patient: str
    about: str
    writer: str
    panel: str
    priority: str
    promised: str
    needed: str
    illness: str
    stage: str
    found: str
    returned: bool
    questions: list[str] = field(default_factory=list)
    treatments: list[tuple[str, str]] = field(default_factory=list)
    answers: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    documents: dict[str, list[Document]] = field(default_factory=dict)
    waivers: list[tuple[str, str]] = field(default_factory=list)
    consents: list[tuple[str, str, bool]] = field(default_factory=list)

    @property
    def files(self) -> int:
        """How many files were sent."""
        return sum(map(len, self.documents.values()))


def view(bundle: dict[str, Any]) -> CaseView:
    """Read a valid case bundle."""
    one = {
        kind: _first(bundle, kind) for kind in ("Patient", "Condition", "Task", "ServiceRequest")
    }
    patient, condition, task, request = one.values()
    form = _first(bundle, "QuestionnaireResponse")
    return CaseView(
        patient=_name(patient),
        about=_about(patient),
        writer=_writer(_first(bundle, "RelatedPerson")),
        panel=str(task.get("owner", {}).get("display", "panel")),
        priority=str(request.get("priority", "routine")),
        promised=str(task.get("restriction", {}).get("period", {}).get("end", "")),
        needed=str(request.get("occurrenceDateTime", "")),
        illness=str(condition.get("code", {}).get("text", "")),
        stage=_stage(condition),
        found=str(condition.get("onsetDateTime", "")),
        returned=code(condition.get("clinicalStatus")) == "recurrence",
        questions=[str(note["text"]) for note in request.get("note", ())],
        treatments=treatments(form),
        answers=answers(form),
        documents=documents(bundle),
        waivers=_waivers(task),
        consents=[_consent(one) for one in every(bundle, "Consent")],
    )


def _waivers(task: dict[str, Any]) -> list[tuple[str, str]]:
    told = [str(one.get("valueString", "")).partition(":") for one in task.get("input", ())]
    return [(terms.word("papers", slot), terms.word("waivers", why)) for slot, _, why in told]


def _consent(consent: dict[str, Any]) -> tuple[str, str, bool]:
    words = str(consent["category"][0].get("text", ""))
    when = str(consent.get("dateTime", ""))
    return words, when, consent.get("provision", {}).get("type") == "permit"


def _about(patient: dict[str, Any]) -> str:
    place = patient.get("address") or [{}]
    told = (patient.get("gender"), f"born {patient.get('birthDate', '?')}", place[0].get("text"))
    return ", ".join(str(part) for part in told if part)


def _writer(person: dict[str, Any]) -> str:
    if not person:
        return "The patient writes"
    role = person.get("relationship", [{}])[0].get("text", "")
    return f"{_name(person)}, {role}"


def _name(person: dict[str, Any]) -> str:
    return str((person.get("name") or [{}])[0].get("text", "not given"))


def _stage(condition: dict[str, Any]) -> str:
    stages = condition.get("stage") or [{}]
    return str(stages[0].get("summary", {}).get("text", ""))


def _first(bundle: dict[str, Any], kind: str) -> dict[str, Any]:
    found = every(bundle, kind)
    return found[0] if found else {}
