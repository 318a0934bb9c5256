"""What Saathi made of the originals, as a specialist wants to open it."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.review import terms
from bot.review.fhir_derived import TITLES

ROLE = "/document-role"
# A case has some hundred values; a file beyond this is not ours.
LARGEST = 4_000_000


@dataclass(frozen=True)
class Made:
    """One made file."""

    role: str
    slot: str
    sha256: str
    pages: int

    @property
    def title(self) -> str:
        """What it is called on the page."""
        return TITLES.get(self.role) or terms.word("papers", self.slot)


@dataclass(frozen=True)
class Read:
    """One value that a machine read; `differs`: another page says another one."""

    name: str
    printed: str
    where: str
    differs: bool


@dataclass(frozen=True)
class MadeView:
    """The dossier, each document's PDF by its id, the summary with its values."""

    dossier: Made | None = None
    combined: dict[str, Made] = field(default_factory=dict)
    summary: Made | None = None
    facts: Made | None = None


def made(bundle: dict[str, Any], told: list[dict[str, Any]]) -> MadeView:
    """As the case was sent, and as it was told since: the newest counts."""
    resources = [entry["resource"] for entry in bundle["entry"]]
    papers = [one for one in resources if one["resourceType"] == "DocumentReference"]
    found = [_sent(one) for one in papers if role_of(one)]
    found += [_told(one["detail"]) for one in told if one["what"] == "made"]
    newest = {(one.role, one.slot): one for one in found}
    return MadeView(
        newest.get(("dossier", "")),
        {slot: one for (role, slot), one in newest.items() if role == "combined"},
        newest.get(("summary", "")),
        newest.get(("facts", "")),
    )


def role_of(paper: dict[str, Any]) -> str:
    """The role of what Saathi made; empty for an original."""
    codings = [one for concept in paper.get("category", ()) for one in concept.get("coding", ())]
    found = [one["code"] for one in codings if str(one.get("system", "")).endswith(ROLE)]
    return str(found[0]) if found else ""


def values(path: Path | None) -> list[Read]:
    """The values of a file of facts; none where it is no such file."""
    if not path or path.stat().st_size > LARGEST:
        return []
    try:
        told = json.loads(path.read_bytes())
        return [_read(one) for one in told["facts"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []


def _read(fact: dict[str, Any]) -> Read:
    printed = f"{fact['value']} {fact.get('unit', '')}".strip()
    where = f"{fact['label']}, {fact['place']}"
    return Read(str(fact["name"]).replace("_", " "), printed, where, fact["differs"] is True)


def _sent(paper: dict[str, Any]) -> Made:
    pages = {one["url"].rpartition("/")[2]: one for one in paper.get("extension", ())}
    codes = [one["code"] for one in paper.get("type", {}).get("coding", ())]
    role, url = role_of(paper), str(paper["content"][0]["attachment"].get("url", ""))
    slot = str(codes[-1]) if role == "combined" and codes else ""
    count = int(pages.get("pages", {}).get("valuePositiveInt", 0))
    return Made(role, slot, url.rpartition("/")[2], count)


def _told(detail: dict[str, str]) -> Made:
    pages = detail.get("pages", "")
    count = int(pages) if pages.isdecimal() and len(pages) < 6 else 0
    return Made(detail.get("role", ""), detail.get("slot", ""), detail.get("sha256", ""), count)
