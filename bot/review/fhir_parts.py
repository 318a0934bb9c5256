"""What every resource of a case bundle shares: identifiers, references, codings."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from flows.conversation import Case, Conversation

Resource = dict[str, Any]

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"


@dataclass(frozen=True)
class Parts:
    """One case on its way into a bundle. `at` is when it was sent."""

    conversation: Conversation
    case: Case
    at: datetime
    base: str
    files: str

    @property
    def time(self) -> str:
        """When the case was sent, as FHIR writes an instant."""
        return self.at.isoformat(timespec="seconds")

    @property
    def by_self(self) -> bool:
        """Whether the patient writes."""
        return bool(self.case.value("writer_relation") in (None, "self"))

    @property
    def writer(self) -> Resource:
        """A reference to whoever writes."""
        return self.reference("patient" if self.by_self else "writer")

    def identifier(self, part: str) -> Resource:
        """The lasting identifier of one part of this case."""
        return {"system": f"{self.base}/id/case-part", "value": f"{self.case.number}/{part}"}

    def case_identifier(self) -> Resource:
        """The case number as an identifier."""
        return {"system": f"{self.base}/id/case", "value": self.case.number}

    def urn(self, part: str) -> str:
        """The same part of the same case has the same address every time."""
        return f"urn:uuid:{uuid5(NAMESPACE_URL, f'{self.base}/{self.case.number}/{part}')}"

    def reference(self, part: str) -> Resource:
        """A reference to another part of this bundle."""
        return {"reference": self.urn(part)}

    def ours(self, name: str, code: str, display: str = "") -> Resource:
        """A coding in one of our own code systems."""
        return coding(f"{self.base}/CodeSystem/{name}", code, display)

    def extension(self, name: str, **value: Any) -> Resource:
        """One of our own extensions."""
        return {"url": f"{self.base}/StructureDefinition/{name}", **value}

    def entry(self, resource: Resource) -> Resource:
        """A bundle entry that creates the resource unless it is there already."""
        kind = resource["resourceType"]
        # Provenance is the one resource here to which R4 gives no identifier.
        if kind == "Provenance":
            return _entry(self.urn("provenance"), resource, {"method": "POST", "url": kind})
        name = own_identifier(resource)
        request = {
            "method": "POST",
            "url": kind,
            "ifNoneExist": f"identifier={name['system']}|{name['value']}",
        }
        return _entry(self.urn(str(name["value"]).split("/", 1)[1]), resource, request)


def own_identifier(resource: Resource) -> Resource:
    """The identifier that names a part; QuestionnaireResponse may have only one."""
    found = resource["identifier"]
    return dict(found[0] if isinstance(found, list) else found)


def coding(system: str, code: str, display: str = "") -> Resource:
    """A coding, with words where there are any."""
    return {"system": system, "code": code} | ({"display": display} if display else {})


def concept(*codings: Resource, text: str = "") -> Resource:
    """A CodeableConcept of the codings and words given."""
    found: Resource = {"coding": list(codings)} if codings else {}
    return found | ({"text": text} if text else {})


def hl7(system: str, code: str, display: str = "") -> Resource:
    """A coding in one of HL7's terminology systems."""
    return coding(TERMINOLOGY + system, code, display)


def _entry(url: str, resource: Resource, request: Resource) -> Resource:
    return {"fullUrl": url, "resource": resource, "request": request}
