"""The patient, the person who writes, and what they agreed to."""

from typing import Any

from bot.review.fhir_parts import LOINC, Parts, Resource, coding, concept, hl7
from flows.steps import age as age_of
from flows.turnaround import ADULT

# The role of the writer towards the patient: "for my parent" makes the writer a child.
ROLES = {
    "spouse": ("SPS", "spouse"),
    "parent": ("CHILD", "child"),
    "child": ("PRN", "parent"),
    "sibling": ("SIB", "sibling"),
    "other_relative": ("FAMMEMB", "family member"),
    "friend": ("FRND", "unrelated friend"),
}
CONSENTS = {
    "consent_data": ("treatment", "Use of health data for this second opinion", "TREAT"),
    "consent_panel": ("treatment", "Sharing with the review panel", "TREAT"),
    "consent_chat": ("patient-privacy", "Contact on this chat", "PATADMIN"),
}
GENDERS = ("female", "male", "other", "unknown")


def patient(parts: Parts) -> Resource:
    """The person whom the case is about."""
    case = parts.case
    sex = case.value("sex")
    found: Resource = {
        "resourceType": "Patient",
        "identifier": [parts.identifier("patient"), parts.case_identifier()],
        "active": True,
        "name": [{"use": "official", "text": case.value("patient_name") or "not given"}],
        "telecom": _telecom(parts) if parts.by_self else [],
        "gender": sex if sex in GENDERS else "unknown",
        **_birth(parts),
        "address": _address(case.value("place")),
        "communication": _language(parts),
    }
    if not parts.by_self and case.value("patient_knows") != "yes":
        found["meta"] = {"tag": [parts.ours("tag", "neutral-naming")]}
    return {name: value for name, value in found.items() if value != []}


def related_person(parts: Parts) -> Resource | None:
    """The person who writes, unless that is the patient."""
    if parts.by_self:
        return None
    found: Resource = {
        "resourceType": "RelatedPerson",
        "identifier": [parts.identifier("writer")],
        "active": True,
        "patient": parts.reference("patient"),
        "relationship": _relationship(parts),
        "name": [{"text": parts.case.value("writer_name") or "not given"}],
        "telecom": _telecom(parts),
        "communication": _language(parts, parts.conversation.language),
    }
    return {name: value for name, value in found.items() if value != []}


def consents(parts: Parts) -> list[Resource]:
    """One Consent for each permission that was asked, given or refused."""
    return [_consent(parts, name) for name in CONSENTS if parts.case.value(name) is not None]


def _consent(parts: Parts, name: str) -> Resource:
    scope, words, purpose = CONSENTS[name]
    at = parts.case.answers[name].at.isoformat(timespec="seconds")
    found: Resource = {
        "resourceType": "Consent",
        "identifier": [parts.identifier(name)],
        "status": "active",
        "scope": concept(hl7("consentscope", scope)),
        "category": [
            concept(
                coding(LOINC, "59284-0", "Patient Consent"),
                parts.ours("consent-item", name),
                text=words,
            )
        ],
        "patient": parts.reference("patient"),
        "dateTime": at,
        "performer": [parts.writer],
        "organization": [_organization(parts)],
        "policy": [{"uri": f"{parts.base}/notice/{parts.conversation.language or 'en'}/1"}],
        "provision": {
            "type": "permit" if _yes(parts.case.value(name)) else "deny",
            "period": {"start": at},
            "purpose": [hl7("v3-ActReason", purpose)],
        },
    }
    return found | _parent_check(parts)


def _yes(value: Any) -> bool:
    return value in (True, "yes")


def _parent_check(parts: Parts) -> Resource:
    age = age_of(parts.case, parts.at.date())
    if age is None or age >= ADULT or parts.by_self:
        return {}
    # A parent's word in a chat is not verified: support does that by a call.
    return {"verification": [{"verified": False, "verifiedWith": parts.writer}]}


def _organization(parts: Parts) -> Resource:
    name = {"system": f"{parts.base}/id/org", "value": "second-opinion-service"}
    return {"identifier": name, "display": "Second-opinion service"}


def _relationship(parts: Parts) -> list[Resource]:
    relation = str(parts.case.value("writer_relation"))
    role = ROLES.get(relation)
    if role is None:
        return [concept(text=relation.replace("_", " "))]
    found = [concept(hl7("v3-RoleCode", *role), text=f"{role[1]} of the patient")]
    if _yes(parts.case.value("guardian_block")):
        found.append(concept(hl7("v3-RoleCode", "GUARD", "guardian")))
    return found


def _birth(parts: Parts) -> Resource:
    given = parts.case.value("age_or_birth")
    if not isinstance(given, dict):
        return {}
    if born := given.get("birth_date"):
        return {"birthDate": str(born)}
    year = given.get("birth_year") or parts.at.year - int(given["age_years"])
    known = parts.extension("birth-date-estimated", valueBoolean=True)
    return {"birthDate": str(year), "_birthDate": {"extension": [known]}}


def _address(place: Any) -> list[Resource]:
    if not place:
        return []
    told = place if isinstance(place, dict) else {"text": str(place)}
    known = {name: told[name] for name in ("text", "city", "state") if told.get(name)}
    return [{"use": "home", **known, "country": "IN"}]


def _telecom(parts: Parts) -> list[Resource]:
    phone = parts.case.value("callback_phone")
    return [{"system": "phone", "value": str(phone), "use": "mobile"}] if phone else []


def _language(parts: Parts, language: str = "") -> list[Resource]:
    told = language or parts.case.value("report_language") or parts.conversation.language
    spoken = concept(coding("urn:ietf:bcp:47", str(told or "en")))
    return [{"language": spoken, "preferred": True}]
