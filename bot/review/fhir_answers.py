"""Every answer of the registration form as a QuestionnaireResponse."""

from collections.abc import Mapping
from typing import Any

from bot.review import terms
from bot.review.fhir_parts import Parts, Resource, coding
from flows.conversation import Given

DATES = ("diagnosis_date", "urgency_date")


def questionnaire_response(parts: Parts) -> Resource:
    """The form as it was answered; `linkId` is the id of the field."""
    sections = [_section(parts, *pair) for pair in terms.words("sections").items()]
    return {
        "resourceType": "QuestionnaireResponse",
        "identifier": parts.identifier("answers"),
        "language": parts.conversation.language or "en",
        "questionnaire": f"{parts.base}/fhir/Questionnaire/intake|1",
        "status": "completed",
        "subject": parts.reference("patient"),
        "authored": parts.time,
        "author": parts.writer,
        "source": parts.writer,
        "item": [section for section in sections if section["item"]],
    }


def questions(parts: Parts) -> list[str]:
    """The questions to the experts; a tapped suggestion in its English words."""
    suggested = terms.words("suggested_questions")
    asked = [*(parts.case.value("questions") or ()), *parts.case.noted]
    return [_words(suggested.get(str(one).removeprefix("suggest:"), one)) for one in asked]


def told(name: str, given: Given) -> str:
    """One answer in the reviewers' words."""
    if given.how != "given" or given.value is None:
        return "does not know" if given.how == "unknown" else "skipped"
    many = given.value if isinstance(given.value, list | tuple) else [given.value]
    return "; ".join(_told(name, one) for one in many)


def _told(name: str, value: Any) -> str:
    if name == "case_type":
        return terms.word("case_types", str(value))
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if name == "age_or_birth" and isinstance(value, Mapping):
        return str(value.get("birth_date") or f"{value['age_years']} years")
    suggested = terms.words("suggested_questions").get(str(value))
    return suggested or terms.option(name, str(value)) or _words(value)


def _section(parts: Parts, name: str, title: str) -> Resource:
    fields = [one for one, row in terms.words("fields").items() if row["section"] == name]
    asked = [one for one in fields if one in parts.case.answers]
    items = [_item(parts, one, parts.case.answers[one]) for one in asked]
    return {"linkId": name, "text": title, "item": items}


def _item(parts: Parts, name: str, given: Given) -> Resource:
    item: Resource = {"linkId": name, "text": terms.words("fields")[name]["text"]}
    if given.how != "given" or given.value is None:
        why = "skipped" if given.how == "given" else given.how
        return item | {"extension": [parts.extension("not-answered", valueCode=why)]}
    if name == "treatment_dates" and isinstance(given.value, Mapping):
        return item | {"item": [_treatment(*pair) for pair in given.value.items()]}
    return item | {"answer": _answers(parts, name, given.value)}


def _answers(parts: Parts, name: str, value: Any) -> list[Resource]:
    if name == "questions":
        return [{"valueString": one} for one in questions(parts)]
    values = value if isinstance(value, list | tuple) else [value]
    answers = [_answer(parts, name, one) for one in values]
    if name == "urgency" and (day := parts.case.value("urgency_date")):
        dated = {"linkId": "urgency_date", "text": "Date", "answer": [{"valueDate": str(day)}]}
        answers[0]["item"] = [dated]
    return answers


def _answer(parts: Parts, name: str, value: Any) -> Resource:
    if name == "case_type":
        return {"valueCoding": parts.ours("case-type", value, terms.word("case_types", value))}
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if option := terms.option(name, str(value)):
        return {"valueCoding": coding(_system(parts, name), str(value), option)}
    if name in DATES:
        return {"valueDate": str(value)}
    if name == "age_or_birth" and isinstance(value, Mapping):
        return _age(value)
    return {"valueString": _words(value)}


def _system(parts: Parts, name: str) -> str:
    return f"{parts.base}/CodeSystem/intake/{name}"


def _age(value: Mapping[str, Any]) -> Resource:
    if born := value.get("birth_date"):
        return {"valueDate": str(born)}
    return {"valueInteger": int(value["age_years"])}


def _treatment(treatment: str, value: Any) -> Resource:
    return {
        "linkId": f"treatment_dates.{treatment}",
        "text": terms.option("treatments_taken", treatment) or treatment,
        "answer": [{"valueString": _words(value)}],
    }


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        if slot := value.get("document"):
            return f"sent as a document: {terms.word('papers', str(slot))}"
        value = value.get("text") or list(value.values())
    if isinstance(value, list | tuple):
        value = " - ".join(str(one) for one in value if one)
    # FHIR refuses an empty string; a person may well have sent only a blank.
    return str(value).strip() or "-"
