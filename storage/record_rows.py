"""From checkpoints and log entries to rows, everything private sealed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Raw, json

from flows.conversation import Given, Paper
from flows.walk import CONSENTS
from storage import record_sql as sql
from storage.mailbox_log import Checkpoint, LogEntry
from storage.record_changes import Changes
from storage.record_seals import pack_given, seal_answer, seal_words
from storage.record_shape import CaseShape, Shape, unpack_given

Row = dict[str, Any]
YES = (True, "yes")
_json = json.Encoder()


def as_json(rows: object) -> str:
    """Rows as a statement of `record_sql` takes them."""
    return _json.encode(rows).decode()


class Rows:
    """What one transaction writes, by table."""

    def __init__(self, now: datetime, notice_version: str = "") -> None:
        self.now = now
        self.notice_version = notice_version
        self.conversations: list[Row] = []
        self.cases: list[Row] = []
        self.answers: list[Row] = []
        self.consents: list[Row] = []
        self.documents: list[Row] = []
        self.waivers: list[Row] = []
        self.messages: list[Row] = []
        self.statuses: dict[tuple[str, str], Row] = {}
        self.dead_letters: list[Row] = []

    def statements(self) -> Iterator[tuple[str, str]]:
        """Each statement with its rows, in the order that foreign keys ask for."""
        for statement, rows in (
            (sql.CONVERSATIONS, self.conversations),
            (sql.CASES, self.cases),
            (sql.ANSWERS, self.answers),
            (sql.CONSENTS, self.consents),
            (sql.DOCUMENTS, self.documents),
            (sql.WAIVERS, self.waivers),
            (sql.MESSAGES, self.messages),
            (sql.STATUSES, list(self.statuses.values())),
            (sql.DEAD_LETTERS, self.dead_letters),
        ):
            if rows:
                yield statement, as_json(rows)

    def add_conversation(self, checkpoint: Checkpoint, shape: Shape) -> None:
        """The checkpoint itself: its sealed state is kept as it is."""
        row: Row = {"id": checkpoint.conversation, "channel": shape.address.channel}
        row |= {"rev": checkpoint.rev, "language": shape.language, "holder": shape.holder}
        self.conversations.append(row | {"sealed": checkpoint.sealed, "at": self.now})

    def add_changes(self, shape: Shape, change: Changes, key: bytes) -> None:
        """What changed in one case."""
        case = change.case.id
        if change.itself:
            self._add_case(shape.id, change.case, key)
        for field, packed in change.answers:
            self._add_answer(shape.language, case, field, packed, key)
        for field in change.withdrawn:
            self._add_withdrawn(case, field, key)
        self.documents += [_document(case, *page, None) for page in change.papers]
        self.documents += [_document(case, *page, self.now) for page in change.gone]
        for slot, reason in change.waived:
            sealed = seal_words(key, f"waiver:{case}:{slot}", reason)
            row = {"case": case, "slot": slot, "sealed": sealed, "at": self.now}
            self.waivers.append(row | {"removed_at": None if reason else self.now})

    def add_entry(self, entry: LogEntry) -> None:
        """One line of the log, or a dead letter."""
        row: Row = {"conversation": entry.conversation, "id": _plain(entry.id)}
        row |= {"kind": entry.what, "at": entry.at, "code": _plain(entry.code)}
        row["delivery"] = int(entry.delivery or 0)
        row["provider_id"] = _plain(entry.message_id)
        match entry.kind:
            case "in" | "out":
                self.messages.append(row | {"direction": entry.kind, "sealed": entry.sealed})
            case "status":
                # One statement may change a row only once: the furthest counts.
                name = (entry.conversation, entry.id)
                self.statuses[name] = max(row, self.statuses.get(name, row), key=_rank)
            case "dead":
                self.dead_letters.append(row | {"sealed": entry.sealed})

    def _add_case(self, conversation: str, case: CaseShape, key: bytes) -> None:
        words = case.opinion_summary
        row: Row = {"id": case.id, "conversation": conversation, "number": case.number}
        row |= {"status": case.status, "submitted_at": case.submitted_at, "opinion": case.opinion}
        row["sealed"] = seal_words(key, f"summary:{case.id}", words) if words else None
        self.cases.append(row | {"at": self.now})

    def _add_answer(self, language: str, case: str, field: str, packed: Raw, key: bytes) -> None:
        given, sealed = unpack_given(packed), seal_answer(key, case, field, packed)
        row: Row = {"case": case, "at": given.at, "sealed": sealed}
        self.answers.append(row | {"field": field, "how": given.how})
        if field in CONSENTS:
            row |= {"item": field, "granted": given.how == "given" and given.value in YES}
            row |= {"notice_version": self.notice_version, "language": language}
            self.consents.append(row)

    def _add_withdrawn(self, case: str, field: str, key: bytes) -> None:
        packed = pack_given(Given(None, self.now, "withdrawn"))
        row: Row = {"case": case, "field": field, "at": self.now, "how": "withdrawn"}
        self.answers.append(row | {"sealed": seal_answer(key, case, field, packed)})


def _document(case: str, slot: str, paper: Paper, removed: datetime | None) -> Row:
    row: Row = {"case": case, "slot": slot, "document": paper.document, "mime": paper.mime}
    row |= {"size": paper.size, "pages": paper.pages, "verdict": paper.verdict, "at": paper.at}
    return row | {"measures": paper.measures, "removed_at": removed}


def _plain(text: str) -> str:
    # PostgreSQL takes no NUL in text; a provider's odd id must not stop the record.
    return text.replace("\x00", "")


def _rank(status: Row) -> int:
    return int(status["delivery"])
