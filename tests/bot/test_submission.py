"""What is told about a submitted case, to a real sandbox: papers that came later, files made."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from msgspec.structs import replace

from bot.app import App
from bot.review import submission
from bot.review.binding.case import bind_case
from bot.review.fhir import bundle
from flows.conversation import Case, Conversation
from flows.turnaround import ZONE
from tests.bot.binding.bench import Bench, read, texts
from tests.bot.review_rig import Rig, rig
from tests.cases import load_case
from tests.files import photo

NUMBER = "C-TEST-0001"


@dataclass
class Records:
    """The record of one case, as it is now."""

    bench: Bench

    async def case(self, case: str) -> tuple[Conversation, Case] | None:
        return (load_case("breast")[0], self.bench.case) if case == self.bench.case.id else None


@dataclass
class Jobs:
    """Further telling, done at once."""

    stage: "Stage"

    async def made_again(self, _: str) -> bool:
        return self.stage.again

    async def tell(self, _: str, case: str, what: str, detail: dict[str, str]) -> None:
        await submission.tell(self.stage.app, case, what, detail)


@dataclass
class Stage:
    """A sandbox that has the case, and as much of an App as telling needs."""

    sandbox: Rig
    bench: Bench
    again: bool = False

    @property
    def app(self) -> App:
        """The parts that are used, under the names that they have there."""
        parts = {name: getattr(self.bench, name) for name in Bench.__dataclass_fields__}
        more = {"records": Records(self.bench), "review": self.sandbox.client, "jobs": Jobs(self)}
        return cast(App, SimpleNamespace(**parts, **more))

    async def submit(self) -> None:
        """The case as it is now, at the sandbox."""
        made = await bind_case(self.bench, self.bench.case)
        files = submission.uploads(self.app, self.bench.case)
        files += submission.made_uploads(self.app, self.bench.case.id, made)
        chat, url = load_case("breast")[0], self.sandbox.url
        sent = bundle(chat, self.bench.case, datetime.now(ZONE), files=url, made=made)
        await self.sandbox.client.submit(self.bench.case.id, sent, files)

    async def tell(self, what: str, **detail: str) -> list[dict[str, Any]]:
        """Tell; everything that the sandbox was told so far."""
        await submission.tell(self.app, self.bench.case.id, what, detail)
        return list(self.sandbox.app.state.desk.store.case(NUMBER).told)

    def kept(self, told: dict[str, Any]) -> bytes:
        """The file that was told."""
        path: Path = self.sandbox.app.state.desk.store.document(told["detail"]["sha256"])
        return path.read_bytes()


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    bench = Bench(tmp_path / "documents")
    bench.case = replace(load_case("breast")[1], papers={})
    await bench.put("mammogram", photo("mammogram"))
    await bench.put("biopsy_report", photo("biopsy"))
    async with rig(tmp_path / "sandbox") as sandbox:
        found = Stage(sandbox, bench)
        await found.submit()
        yield found


def roles(told: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["detail"]["role"], one["detail"]["slot"]) for one in told if one["what"] == "made"]


async def test_a_paper_that_comes_later_is_told_and_bound(stage: Stage) -> None:
    await stage.bench.put("ct_report", photo("ct"))
    told = await stage.tell("document", slot="ct_report")
    assert [one["what"] for one in told] == ["document", "made", "made", "made", "made"]
    combined = [("combined", name) for name in ("biopsy_report", "ct_report", "mammogram")]
    assert roles(told) == [("dossier", ""), *combined]
    assert told[1]["detail"]["pages"] == "4"
    assert len(texts(stage.kept(told[1]))) == 4
    assert "CT scan report" in texts(stage.kept(told[3]))[0]


async def test_what_was_read_later_is_made_again(stage: Stage) -> None:
    papers = stage.bench.case.papers
    await stage.bench.put("biopsy_report", photo("biopsy"), text=read("PSA 8.4 ng/mL"))
    late = stage.bench.case.papers["biopsy_report"][-1]
    stage.bench.case = replace(stage.bench.case, papers={**papers, "biopsy_report": (late,)})
    told = await stage.tell("read", document=late.document)
    combined = [("combined", "biopsy_report"), ("combined", "mammogram")]
    assert roles(told) == [("dossier", ""), *combined, ("summary", ""), ("facts", "")]
    assert "PSA 8.4 ng/mL" in texts(stage.kept(told[1]))[0]
    assert "Machine-read, unverified" in await stage.sandbox.page(f"/cases/{NUMBER}")


async def test_of_several_read_together_the_last_is_enough(stage: Stage) -> None:
    await stage.bench.put("ct_report", photo("ct"))
    stage.again = True
    assert await stage.tell("read", document="d") == []
    stage.again = False
    assert roles(await stage.tell("read", document="d"))[0] == ("dossier", "")


async def test_telling_twice_is_telling_once(stage: Stage) -> None:
    await stage.bench.put("ct_report", photo("ct"))
    assert await stage.tell("document", slot="ct_report") == await stage.tell(
        "document", slot="ct_report"
    )


async def test_other_news_goes_as_it_is(stage: Stage) -> None:
    (told,) = await stage.tell("slot", slot="s1")
    assert (told["what"], told["detail"]) == ("slot", {"slot": "s1"})


async def test_an_unknown_case_is_nobody_s(stage: Stage) -> None:
    await submission.tell(stage.app, "another", "made", {})
    assert stage.sandbox.app.state.desk.store.case(NUMBER).told == []
