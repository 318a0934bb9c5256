"""What is asked and about what: the illness, its request, its task, its origin."""

from bot.review import terms
from bot.review.fhir_answers import questions
from bot.review.fhir_parts import (
    ICD10,
    LOINC,
    SNOMED,
    Parts,
    Resource,
    coding,
    concept,
    hl7,
    own_identifier,
)
from flows.steps import age as age_of
from flows.turnaround import ADULT, ZONE, priority, turn_around

UNSTAGED = (None, "", "unknown", "told_other")


def condition(parts: Parts) -> Resource:
    """The illness as it was told: nobody has confirmed it yet."""
    case, row = parts.case, terms.case_type(str(parts.case.value("case_type")))
    label = terms.word("case_types", row["id"])
    again = str(case.value("recurrence")).lower() == "true"
    found: Resource = {
        "resourceType": "Condition",
        "identifier": [parts.identifier("condition")],
        "clinicalStatus": concept(hl7("condition-clinical", "recurrence" if again else "active")),
        "verificationStatus": concept(hl7("condition-ver-status", "unconfirmed")),
        "category": [concept(hl7("condition-category", "problem-list-item"))],
        "code": concept(
            *_illness(row), text=f"{label} - as told by the person writing, not confirmed"
        ),
        "subject": parts.reference("patient"),
        "recordedDate": parts.time,
        "recorder": parts.writer,
        "asserter": parts.writer,
    }
    if found_on := case.value("diagnosis_date"):
        found["onsetDateTime"] = str(found_on)
    if (stage := case.value("stage")) not in UNSTAGED:
        found["stage"] = [{"summary": {"text": str(stage)}}]
    return found


def observation(parts: Parts) -> Resource | None:
    """How active the patient is (ECOG 0 to 4), where that was told."""
    score = parts.case.value("ecog")
    if str(score) not in ("0", "1", "2", "3", "4"):
        return None
    return {
        "resourceType": "Observation",
        "identifier": [parts.identifier("ecog")],
        "status": "preliminary",
        "category": [concept(hl7("observation-category", "survey"))],
        "code": concept(
            coding(LOINC, "89247-1", "ECOG Performance Status score"),
            text="Activity, reported in the chat",
        ),
        "subject": parts.reference("patient"),
        "effectiveDateTime": parts.time,
        "performer": [parts.writer],
        "valueInteger": int(score),
        "note": [{"text": terms.ecog(str(score))}],
    }


def service_request(parts: Parts, papers: list[Resource]) -> Resource:
    """The request for an opinion, with the questions in the family's own words."""
    case = parts.case
    kind = str(case.value("opinion_type") or "written").replace("_", "-")
    found: Resource = {
        "resourceType": "ServiceRequest",
        "identifier": [parts.identifier("request")],
        "status": "active",
        "intent": "order",
        "priority": priority(case),
        "category": [concept(text="Oncology second opinion")],
        "code": concept(parts.ours("service", f"second-opinion-{kind}"), text="Second opinion"),
        "subject": parts.reference("patient"),
        "authoredOn": parts.time,
        "requester": parts.writer,
        "performerType": concept(
            coding(SNOMED, "394592004", "Clinical oncology"), text=f"{panel_of(parts)} panel"
        ),
        "reasonReference": [parts.reference("condition")],
        "supportingInfo": _supporting(parts, papers),
        "note": [{"text": one} for one in questions(parts)],
    }
    if needed := case.value("urgency_date"):
        found["occurrenceDateTime"] = str(needed)
    return {name: value for name, value in found.items() if value != []}


def task(parts: Parts) -> Resource:
    """The work to do: its status is what the family sees, its input the waivers."""
    promised = turn_around(parts.case, parts.at.astimezone(ZONE).date())
    name = panel_of(parts)
    found: Resource = {
        "resourceType": "Task",
        "identifier": [parts.identifier("task")],
        "groupIdentifier": parts.case_identifier(),
        "status": "requested",
        "businessStatus": concept(parts.ours("case-status", "received"), text="received"),
        "intent": "order",
        "priority": priority(parts.case),
        "code": concept(coding("http://hl7.org/fhir/CodeSystem/task-code", "fulfill")),
        "focus": parts.reference("request"),
        "for": parts.reference("patient"),
        "authoredOn": parts.time,
        "lastModified": parts.time,
        "requester": parts.writer,
        "owner": {
            "identifier": {"system": f"{parts.base}/id/panel", "value": name},
            "display": f"{name} panel",
        },
        "restriction": {"repetitions": 1, "period": {"end": promised.promised.isoformat()}},
        "input": [_waiver(parts, *pair) for pair in parts.case.waivers.items()],
    }
    return {key: value for key, value in found.items() if value != []}


def provenance(parts: Parts, resources: list[Resource]) -> Resource:
    """Who told all this, and what put it together."""
    names = [str(own_identifier(one)["value"]).split("/", 1)[1] for one in resources]
    software = {"system": f"{parts.base}/id/software", "value": "saathi"}
    return {
        "resourceType": "Provenance",
        "target": [parts.reference(name) for name in names],
        "recorded": parts.time,
        "occurredDateTime": parts.time,
        "activity": concept(hl7("v3-DataOperation", "CREATE")),
        "agent": [
            {"type": _agent("author"), "who": parts.writer},
            {
                "type": _agent("assembler"),
                "who": {"identifier": software, "display": "Saathi chat assistant"},
            },
        ],
    }


def panel_of(parts: Parts) -> str:
    """The panel that reviews: by the case type, for a child the paediatric one."""
    age = age_of(parts.case, parts.at.date())
    if age is not None and age < ADULT:
        return "paediatric"
    return str(terms.case_type(str(parts.case.value("case_type")))["panel"])


def _illness(row: terms.Row) -> list[Resource]:
    icd = coding(ICD10, row["icd10"])
    return [icd, coding(SNOMED, row["snomed"])] if row["snomed"] else [icd]


def _supporting(parts: Parts, papers: list[Resource]) -> list[Resource]:
    names = [str(own_identifier(one)["value"]).split("/", 1)[1] for one in papers]
    names += ["ecog"] if observation(parts) else []
    return [parts.reference(name) for name in (*names, "answers")]


def _waiver(parts: Parts, slot: str, reason: str) -> Resource:
    kind = concept(parts.ours("task-input", "waiver"), text="waiver")
    return {"type": kind, "valueString": f"{slot}:{reason}"}


def _agent(code: str) -> Resource:
    return concept(hl7("provenance-participant-type", code))
