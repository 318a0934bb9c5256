"""A written opinion: its sections, its PDF, its FHIR resources."""

from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from bot.review.fhir_parts import LOINC, coding, concept
from bot.review.opinion_text import SUMMARY
from bot.review.sandbox.store import Kept

SECTIONS = {
    "reviewed": "Documents reviewed",
    "findings": "Findings",
    "diagnosis": "Confirmation of the diagnosis",
    "options": "Options with reasons",
    "answers": "Answers to your questions",
    "next": "What to do next",
    "experts": "Experts and registration numbers",
}
LIMITS = (
    "This opinion is based on the records that were sent. The doctor has not examined the "
    "patient. It does not replace the treating doctors, who decide together with the patient."
)
CODE = concept(coding(LOINC, "47040-1", "Consultation 2nd opinion"))


@dataclass(frozen=True)
class Written:
    """An opinion as it was written; `sections` by the ids of SECTIONS."""

    doctor: str
    degree: str
    registration: str
    summary: str
    sections: dict[str, str]

    @property
    def signature(self) -> str:
        """Name, degree and registration number, as on every opinion."""
        name = ", ".join(part for part in (self.doctor, self.degree) if part)
        return f"{name} (reg. no. {self.registration})"

    def told(self) -> list[tuple[str, str]]:
        """Every section with its title; the experts are those who sign."""
        texts = {**self.sections, "experts": self.signature}
        return [(title, texts.get(name, "")) for name, title in SECTIONS.items()]


def pdf(written: Written, number: str, now: datetime) -> bytes:
    """The opinion on paper."""
    # Here, not above: its library takes half a second, and most processes never print.
    from bot.review.sandbox.paper import Paper

    page = Paper("Second opinion", f"Case {number}", now)
    page.note("FICTIONAL. Written in the Saathi sandbox, not by a doctor.")
    if written.summary:
        page.section(SUMMARY, written.summary)
    for title, text in written.told():
        page.section(title, text or "-")
    page.section("Limits of this opinion", LIMITS)
    page.section("Date", f"{now:%d %B %Y}")
    return page.bytes()


def bundle(
    written: Written, case: Kept, task: dict[str, Any], time: str, data: str
) -> dict[str, Any]:
    """The reply to a case: the report, its words, the finished task; the file if small."""
    binary = f"urn:uuid:{uuid5(NAMESPACE_URL, case.opinion)}"
    address = binary if data else f"documents/{case.opinion}"
    found = [_report(written, task, time, address), _composition(written, task, time), task]
    entries = [{"fullUrl": _urn(case, one), "resource": one} for one in found]
    if data:
        file = {"resourceType": "Binary", "contentType": "application/pdf", "data": data}
        entries.insert(0, {"fullUrl": binary, "resource": file})
    return {"resourceType": "Bundle", "type": "collection", "timestamp": time, "entry": entries}


def _urn(case: Kept, resource: dict[str, Any]) -> str:
    name = f"{case.number}/{case.opinion}/{resource['resourceType']}"
    return f"urn:uuid:{uuid5(NAMESPACE_URL, name)}"


def _report(written: Written, task: dict[str, Any], time: str, url: str) -> dict[str, Any]:
    return {
        "resourceType": "DiagnosticReport",
        "identifier": [task["groupIdentifier"]],
        "basedOn": [task["focus"]],
        "status": "final",
        "category": [{"text": "Oncology second opinion"}],
        "code": CODE,
        "subject": task["for"],
        "issued": time,
        "resultsInterpreter": [_doctor(written)],
        "presentedForm": [
            {
                "contentType": "application/pdf",
                "language": "en",
                "url": url,
                "title": "Second opinion",
                "creation": time,
            }
        ],
    }


def _composition(written: Written, task: dict[str, Any], time: str) -> dict[str, Any]:
    told = [(SUMMARY, written.summary)] if written.summary else []
    return {
        "resourceType": "Composition",
        "status": "final",
        "type": CODE,
        "subject": task["for"],
        "date": time,
        "author": [_doctor(written)],
        "title": "Second opinion",
        "language": "en",
        "section": [_section(*pair) for pair in (*told, *written.told())],
    }


def _section(title: str, text: str) -> dict[str, Any]:
    lines = "<br/>".join(escape(line) for line in (text or "-").splitlines())
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{lines}</div>'
    return {"title": title, "text": {"status": "generated", "div": div}}


def _doctor(written: Written) -> dict[str, Any]:
    system = "https://saathi.example/id/practitioner-registration"
    return {
        "identifier": {"system": system, "value": written.registration},
        "display": written.signature,
    }
