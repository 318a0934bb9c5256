"""The record's tables. What people say and who they are lies in `sealed…` columns only."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(DeclarativeBase):
    """What all tables share: names of constraints, and how Python types are kept."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {
        str: Text(),
        bytes: LargeBinary(),
        datetime: DateTime(timezone=True),
        dict[str, float]: JSONB(),
    }


class KeyRow(Table):
    """A wrapped key of `conversation:<id>` or `case:<id>`.

    Given out no more once `erased_at` is set; `wrapped` is emptied when it is destroyed.
    """

    __tablename__ = "keys"

    subject: Mapped[str] = mapped_column(primary_key=True)
    wrapped: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    erased_at: Mapped[datetime | None]


class ConversationRow(Table):
    """The newest checkpoint of a chat. `id` is the blind index of its address."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    rev: Mapped[int] = mapped_column(BigInteger)
    language: Mapped[str]
    holder: Mapped[str]
    sealed_state: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    updated_at: Mapped[datetime]


class CaseRow(Table):
    """One request for a second opinion.

    `number` is drawn by chance, so it is no unique constraint: two chats that draw the
    same one must both be recorded. A look-up by number answers only if it is the only one.
    """

    __tablename__ = "cases"

    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    number: Mapped[str] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(index=True)
    submitted_at: Mapped[datetime | None]
    opinion: Mapped[str]
    sealed_summary: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    updated_at: Mapped[datetime]


class AnswerRow(Table):
    """One answer as it was given; a changed answer is a further row."""

    __tablename__ = "answers"

    case_id: Mapped[str] = mapped_column(
        ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True
    )
    field: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    how: Mapped[str]
    sealed: Mapped[bytes]


class DocumentRow(Table):
    """One stored file of a checklist document; `document` is its content's SHA-256."""

    __tablename__ = "documents"

    case_id: Mapped[str] = mapped_column(
        ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True
    )
    slot: Mapped[str] = mapped_column(primary_key=True)
    document: Mapped[str] = mapped_column(primary_key=True)
    mime: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    pages: Mapped[int]
    verdict: Mapped[str]
    at: Mapped[datetime | None]
    measures: Mapped[dict[str, float]]
    removed_at: Mapped[datetime | None]


class WaiverRow(Table):
    """A required paper that the person does not have, and the reason's id."""

    __tablename__ = "waivers"

    case_id: Mapped[str] = mapped_column(
        ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True
    )
    slot: Mapped[str] = mapped_column(primary_key=True)
    sealed_reason: Mapped[bytes]
    at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class ConsentRow(Table):
    """One item of consent, given or refused; kept after the case itself is erased."""

    __tablename__ = "consents"

    case_id: Mapped[str] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    granted: Mapped[bool]
    notice_version: Mapped[str]
    language: Mapped[str]
    sealed: Mapped[bytes]


class MessageRow(Table):
    """One line of a chat. `direction` is in or out, `delivery` the furthest so far.

    `kind` names what is sealed: message, agent_wrote or say.
    """

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_history", "conversation_id", "seq"),)

    conversation_id: Mapped[str] = mapped_column(primary_key=True)
    direction: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    kind: Mapped[str]
    at: Mapped[datetime]
    provider_id: Mapped[str]
    delivery: Mapped[int] = mapped_column(SmallInteger)
    code: Mapped[str]
    sealed: Mapped[bytes]


class DeadLetterRow(Table):
    """An effect that could not be carried out, for a person to look at."""

    __tablename__ = "dead_letters"

    conversation_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    code: Mapped[str]
    at: Mapped[datetime]
    sealed: Mapped[bytes]
    settled_at: Mapped[datetime | None]


class AgentRow(Table):
    """A person of the support team. `password` is a salted hash, empty until set."""

    __tablename__ = "agents"

    id: Mapped[str] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(server_default="agent")
    password: Mapped[str] = mapped_column(server_default="")
    invite_hash: Mapped[str | None] = mapped_column(unique=True)
    invited_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    disabled_at: Mapped[datetime | None]


class AgentSessionRow(Table):
    """A login of the agents' page; only the token's hash is kept."""

    __tablename__ = "agent_sessions"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    expires_at: Mapped[datetime]


class HandoffRow(Table):
    """A chat that waits for a person, or that one has taken; one open a conversation."""

    __tablename__ = "handoffs"
    __table_args__ = (
        Index(
            "uq_handoffs_open",
            "conversation_id",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str]
    urgent: Mapped[bool] = mapped_column(server_default=text("false"))
    opened_at: Mapped[datetime]
    taken_by: Mapped[str | None] = mapped_column(ForeignKey("agents.id"))
    taken_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class FileLinkRow(Table):
    """A short-lived public link to one stored file; only the token's hash is kept."""

    __tablename__ = "file_links"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(index=True)
    document: Mapped[str]
    mime: Mapped[str]
    sealed_name: Mapped[bytes]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class NewsRow(Table):
    """An event of the review backend that was already passed on."""

    __tablename__ = "news"

    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(server_default="")
    seen_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class ContentTemplateRow(Table):
    """A Twilio content resource, made once; `key` names its shape or our template."""

    __tablename__ = "content_templates"

    key: Mapped[str] = mapped_column(primary_key=True)
    sid: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class MarkRow(Table):
    """How far something got that goes on after a restart, such as polling."""

    __tablename__ = "marks"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class ErasureRow(Table):
    """A request to erase: locked at once, destroyed by `due_at`."""

    __tablename__ = "erasures"

    request: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str]
    locked_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
    destroyed_at: Mapped[datetime | None]
