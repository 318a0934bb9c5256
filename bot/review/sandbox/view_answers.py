"""The answers of a received QuestionnaireResponse, as rows to show."""

from collections.abc import Iterable, Iterator
from typing import Any

# These stand elsewhere on the page, or say nothing to a doctor.
SKIPPED = (
    "questions",
    "patient_name",
    "writer_name",
    "case_type",
    "recurrence",
    "stage",
    "diagnosis_date",
    "treatments_taken",
    "treatment_dates",
    "cost_time_ok",
)
SECTIONS = ("illness", "health", "patient", "who", "consent", "request")


def answers(form: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """What is shown of each section: the words of a question and of its answer."""
    sections = {str(section["linkId"]): section.get("item", ()) for section in form.get("item", ())}
    return {name: _shown(sections.get(name, ())) for name in SECTIONS}


def _shown(items: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    return [
        (str(item.get("text", item["linkId"])), _answer(item))
        for item in items
        if item["linkId"] not in SKIPPED and not item["linkId"].startswith("consent_")
    ]


def _answer(item: dict[str, Any]) -> str:
    if inner := item.get("item"):
        return "; ".join(f"{one.get('text', '')}: {_answer(one)}" for one in inner)
    told = [_value(one) for one in item.get("answer", ())]
    if told:
        return ", ".join(told)
    why = [one.get("valueCode") for one in item.get("extension", ())]
    return "does not know" if "unknown" in why else "not answered"


def _value(answer: dict[str, Any]) -> str:
    told = next((value for name, value in answer.items() if name.startswith("value")), "")
    if isinstance(told, dict):
        told = told.get("display", told.get("code", ""))
    if isinstance(told, bool):
        told = "Yes" if told else "No"
    more = [_answer(one) for one in answer.get("item", ())]
    return " - ".join([str(told), *more])


def treatments(form: dict[str, Any]) -> list[tuple[str, str]]:
    """The treatments given so far, with their dates."""
    items = {one["linkId"]: one for one in _items(form)}
    given = items.get("treatments_taken", {}).get("answer", ())
    dates = {
        one["linkId"].rpartition(".")[2]: _answer(one)
        for one in items.get("treatment_dates", {}).get("item", ())
    }
    coded = [one["valueCoding"] for one in given if "valueCoding" in one]
    return [
        (str(one.get("display", one["code"])), dates.get(one["code"], ""))
        for one in coded
        if one["code"] != "none"
    ]


def _items(form: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for section in form.get("item", ()):
        yield from section.get("item", ())
