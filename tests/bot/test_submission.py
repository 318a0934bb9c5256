"""What is sent of a case and told later, to a real sandbox: papers and what is made of them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from msgspec.structs import replace

from bot.app import App
from bot.review import submission
from flows.conversation import Case, Conversation
from flows.messages import Update
from flows.turnaround import ZONE
from tests.bot.binding.bench import Bench, read, texts
from tests.bot.review_rig import Rig, rig
from tests.cases import load_case
from tests.e2e.backend import role
from tests.files import photo

pytestmark = pytest.mark.slow
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

    async def bound_again(self, _: str) -> bool:
        return self.stage.again

    async def bind(self, case: str, _: str) -> None:
        await submission.bind(self.stage.app, case)


@dataclass
class Stage:
    """A sandbox that has the case, and as much of an App as telling needs."""

    sandbox: Rig
    bench: Bench
    again: bool = False
    told: list[Update] = field(default_factory=list)

    @property
    def app(self) -> App:
        """The parts that are used, under the names that they have there."""
        parts = {name: getattr(self.bench, name) for name in Bench.__dataclass_fields__}
        more = {"records": Records(self.bench), "review": self.sandbox.client, "jobs": Jobs(self)}
        return cast(App, SimpleNamespace(**parts, **more, mailbox=self, works=True, now=now))

    async def put(self, updates: Sequence[Update], *, claim: bool) -> tuple[()]:
        """What the conversation is told."""
        self.told += updates
        return ()

    @property
    def case(self) -> Any:
        """The case at the sandbox."""
        return self.sandbox.app.state.desk.store.case(NUMBER)

    async def submit(self) -> None:
        """The case as it is now, at the sandbox."""
        await submission.submit(self.app, self.bench.case.id)

    async def tell(self, what: str, **detail: str) -> list[dict[str, Any]]:
        """Tell; everything that the sandbox was told so far."""
        await submission.tell(self.app, self.bench.case.id, what, detail)
        return list(self.case.told)

    @property
    def has_arrived(self) -> bool:
        """Whether the sandbox has it."""
        return bool(list((self.sandbox.app.state.desk.store.folder / "cases").glob("*.json")))

    def kept(self, told: dict[str, Any]) -> bytes:
        """The file that was told."""
        path: Path = self.sandbox.app.state.desk.store.document(told["detail"]["sha256"])
        return path.read_bytes()


@pytest.fixture
async def unsent(tmp_path: Path) -> AsyncIterator[Stage]:
    bench = Bench(tmp_path / "documents")
    bench.case = replace(load_case("breast")[1], papers={}, status="submitting")
    await bench.put("mammogram", photo("mammogram"))
    await bench.put("biopsy_report", photo("biopsy"))
    async with rig(tmp_path / "sandbox") as sandbox:
        yield Stage(sandbox, bench)


@pytest.fixture
async def stage(unsent: Stage) -> Stage:
    await unsent.submit()
    return unsent


def now() -> datetime:
    return datetime.now(ZONE)


def roles(told: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["detail"]["role"], one["detail"]["slot"]) for one in told if one["what"] == "made"]


def made(stage: Stage) -> list[str]:
    """What came with the case itself, beside its papers."""
    kept = [one["resource"] for one in stage.case.bundle["entry"]]
    return [role(one) for one in kept if one["resourceType"] == "DocumentReference" and role(one)]


async def test_what_is_made_of_the_papers_goes_along(stage: Stage) -> None:
    assert made(stage) == ["dossier", "combined", "combined"]
    assert stage.case.told == []
    assert [type(one).__name__ for one in stage.told] == ["CaseSent"]


async def test_a_case_does_not_wait_while_another_is_bound(unsent: Stage) -> None:
    async with unsent.bench.binding.lock:
        sending = asyncio.create_task(unsent.submit())
        async with asyncio.timeout(20):
            while not unsent.has_arrived:
                await asyncio.sleep(0.02)
        assert made(unsent) == []
    await sending
    assert roles(unsent.case.told)[0] == ("dossier", "")


async def test_a_case_does_not_wait_for_what_takes_long(
    unsent: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.review.binding.case.SOON", 0.01)
    await unsent.submit()
    assert made(unsent) == []
    assert roles(unsent.case.told)[0] == ("dossier", "")


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
    await submission.tell(stage.app, "another", "slot", {})
    await submission.bind(stage.app, "another")
    assert stage.case.told == []
