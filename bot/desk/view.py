"""What the agents' page is shown, as plain values for JSON."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from bot.wording import Wording
from flows.conversation import Case, Conversation, Given
from flows.effects import Say, Voice
from flows.messages import Attachment, Message
from flows.review import shown
from flows.say import label
from storage.desk import Agent, Handoff
from storage.record_history import Said

ENGLISH = Voice("en")
T = TypeVar("T")


async def in_thread(work: Callable[..., T], *given: Any) -> T:
    """Slow arithmetic beside the loop."""
    return await asyncio.to_thread(work, *given)


def waiting(handoff: Handoff, agent: Agent, now: datetime) -> dict[str, Any]:
    """One row of the queue: no name, no words."""
    return {
        "conversation": handoff.conversation,
        "reasons": list(handoff.reasons),
        "urgent": handoff.urgent,
        "since": handoff.opened_at.isoformat(),
        "minutes": int((now - handoff.opened_at).total_seconds() // 60),
        "mine": handoff.taken_by == agent.id,
    }


def chat(
    handoff: Handoff,
    agent: Agent,
    state: Conversation,
    said: Sequence[Said],
    wording: Wording,
    now: datetime,
) -> dict[str, Any]:
    """A chat with its history, the answers of its case and the pending question."""
    return {
        **waiting(handoff, agent, now),
        "holder": state.holder,
        "channel": state.address.channel,
        "name": _name(state),
        "language": state.language or "en",
        "blocked": state.blocked,
        "stopped": state.stopped,
        "question": state.step,
        "case": case_of(state.case, wording) if state.cases else None,
        "notes": [note.document for note in state.notes],
        "history": [bubble(each, wording) for each in said],
    }


def _name(state: Conversation) -> str:
    """Who writes, as far as it is known."""
    case = state.case if state.cases else None
    told = (case.value("writer_name") or case.value("patient_name")) if case else ""
    return str(told or state.profile_name)


def case_of(case: Case, wording: Wording) -> dict[str, Any]:
    """A case's number, its answers in English, and the records so far."""
    lines = [_answer(name, given, wording) for name, given in case.answers.items()]
    files = [
        {"slot": _text(wording, f"doc.{slot}"), "document": paper.document, "mime": paper.mime}
        for slot, found in case.papers.items()
        for paper in found
    ]
    status = {"id": case.id, "number": case.number, "status": case.status}
    return {**status, "answers": lines, "papers": files}


def papers(state: Conversation) -> dict[tuple[str, str], str]:
    """The kind of each stored record or voice note, by case (or chat) and content hash."""
    kept = {
        (case.id, paper.document): paper.mime
        for case in state.cases
        for found in case.papers.values()
        for paper in found
    }
    return kept | {(state.id, note.document): note.mime for note in state.notes}


def bubble(said: Said, wording: Wording) -> dict[str, Any]:
    """One line of the history, in the words that the person saw."""
    head = {
        "seq": said.seq,
        "by": said.by,
        "at": said.at.isoformat(),
        "delivery": said.delivery.name.lower() if said.delivery else "",
        "code": said.code,
    }
    match said.what:
        case Message() as message:
            names = [_file_name(attachment) for attachment in message.attachments]
            return {**head, "kind": message.kind, "text": message.text, "files": names}
        case Say() as say:
            taps = [
                option.literal or wording.text(option.key, {}, say.voice) for option in say.options
            ]
            text = "\n\n".join(wording.line(line, say.voice) for line in say.lines)
            names = [say.document_name or "file"] if say.document else []
            return {**head, "kind": "text", "text": text, "files": names, "taps": taps}
    return {**head, "kind": "other", "text": "", "files": []}


def _file_name(attachment: Attachment) -> str:
    return attachment.name or attachment.mime or "file"


def _answer(name: str, given: Given, wording: Wording) -> str:
    try:
        said = {"label": label(name), "value": shown(name, given)}
        return wording.text("review.item", said, ENGLISH).removeprefix("• ")
    except (KeyError, ValueError, TypeError, AttributeError):
        # A question of an older version: better plain than missing.
        return f"{name}: {given.value}"


def _text(wording: Wording, key: str) -> str:
    try:
        return wording.text(key, {}, ENGLISH)
    except KeyError:
        return key.partition(".")[2]
