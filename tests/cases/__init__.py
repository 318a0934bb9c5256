"""The two fictional cases as the structs that the dialogue would leave behind."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from flows.conversation import Case, Conversation, Given, Paper
from flows.messages import Address

HERE = Path(__file__).parent
MIMES = {".jpg": "image/jpeg", ".pdf": "application/pdf"}
VERDICTS = ("ok", "warn", "accepted_with_flag")


def story(name: str) -> dict[str, Any]:
    """The whole YAML of a fictional case (`breast` or `prostate`)."""
    return dict(yaml.safe_load((HERE / f"{name}.yml").read_text(encoding="utf-8")))


def load_case(name: str) -> tuple[Conversation, Case]:
    """A conversation whose only case is answered, complete and about to be sent."""
    told = story(name)
    clock = datetime.fromisoformat(told["clock"])
    case = Case(
        id=hashlib.sha256(told["case_no"].encode()).hexdigest()[:32],
        number=told["case_no"],
        answers=_answers(told, clock),
        papers=_papers(told, clock),
        waivers={row["doc"]: row["reason"] for row in told["waivers"]},
        status="submitting",
        submitted_at=clock,
    )
    return _conversation(told, case), case


def paper_bytes(name: str) -> dict[str, bytes]:
    """The invented bytes of every paper of a case, by hex SHA-256."""
    kept = (row for row in story(name)["uploads"] if row["result"] in VERDICTS)
    return {_sha256(data): data for data in map(_invented, kept)}


def _conversation(told: Mapping[str, Any], case: Case) -> Conversation:
    channel, person = str(told["chat_id"]).split(":", 1)
    return Conversation(
        id=hashlib.sha256(told["chat_id"].encode()).hexdigest()[:32],
        address=Address(channel, person),
        seed=f"seed-{told['id']}",
        language=told["language"],
        step="review",
        cases=(case,),
    )


def _answers(told: Mapping[str, Any], clock: datetime) -> dict[str, Given]:
    answers: dict[str, Given] = {}
    for row in told["answers"]:
        how = "skipped" if row.get("skipped") else "given"
        said = row["say"] if isinstance(row["say"], str) else ""
        answers[row["field"]] = Given(row["value"], clock, how, said)
        if "date" in row:
            answers["urgency_date"] = Given(row["date"], clock)
    return answers


def _papers(told: Mapping[str, Any], clock: datetime) -> dict[str, tuple[Paper, ...]]:
    papers: dict[str, tuple[Paper, ...]] = {}
    for row in told["uploads"]:
        if row["result"] in VERDICTS:
            papers[row["doc"]] = (*papers.get(row["doc"], ()), _paper(row, clock))
    return papers


def _paper(row: Mapping[str, Any], clock: datetime) -> Paper:
    data = _invented(row)
    return Paper(
        document=_sha256(data),
        mime=MIMES[Path(row["file"]).suffix],
        size=len(data),
        pages=2 if row["form"] == "pdf" else 1,
        verdict=row["result"],
        at=clock,
    )


def _invented(row: Mapping[str, Any]) -> bytes:
    return _picture(row["file"]) if row["file"].endswith(".jpg") else _pdf(row["file"])


@cache
def _picture(name: str) -> bytes:
    from io import BytesIO

    from PIL import Image, ImageDraw

    page = Image.new("RGB", (620, 880), "white")
    ImageDraw.Draw(page).text((40, 40), f"FICTIONAL\n{name}", fill="black", font_size=36)
    kept = BytesIO()
    page.save(kept, "JPEG", quality=60)
    return kept.getvalue()


@cache
def _pdf(name: str) -> bytes:
    from datetime import UTC

    from fpdf import FPDF

    pdf = FPDF()
    pdf.set_creation_date(datetime(2026, 11, 24, tzinfo=UTC))
    pdf.set_font("helvetica", size=20)
    for page in (1, 2):
        pdf.add_page()
        pdf.cell(text=f"FICTIONAL {name}, page {page}")
    return bytes(pdf.output())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
