"""The agents' desk: who waits, who holds which chat, and what an agent may do there."""

import re
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.desk import view
from bot.desk.passwords import SHORTEST, Brake, digest, hashed, matches
from bot.wording import Wording
from flows.conversation import Conversation
from flows.messages import AgentLeft, AgentTook, AgentWrote, Update
from storage.desk import Agent, DeskStore, Handoff
from storage.documents import Documents, TooBig
from storage.record_history import Said

LOGIN_LASTS = timedelta(hours=12)
INVITE_LASTS = timedelta(days=7)
MOST_TEXT = 1500
MOST_BYTES = 16_000_000
MAY_GO_OUT = frozenset({"application/pdf", "image/jpeg", "image/png", "image/webp"})
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,79}")
NAME_OF_WRITE = re.compile(r"[0-9a-f-]{32,36}")


class NotAllowed(Exception):
    """The desk says no. `status` is the HTTP status; the words are a code, never a text."""

    def __init__(self, code: str, status: int) -> None:
        super().__init__(code)
        self.status = status


class Mail(Protocol):
    """What the desk needs of the mailbox."""

    async def put(self, updates: Sequence[Update]) -> Any: ...

    async def peek(self, conversation: str) -> Conversation | None: ...


class Past(Protocol):
    """What the desk needs of the record."""

    async def history(self, conversation: str, limit: int) -> list[Said]: ...

    async def restore(self, conversation: str) -> Conversation | None: ...


class Desk:
    """Every write is an update in the mailbox; nothing is sent from here."""

    def __init__(
        self,
        engine: AsyncEngine,
        records: Past,
        mailbox: Mail,
        documents: Documents,
        wording: Wording,
        now: Callable[[], datetime],
    ) -> None:
        self.store = DeskStore(engine)
        self.records, self.mailbox, self.documents = records, mailbox, documents
        self.wording, self.now = wording, now
        self._one_place, self._everywhere = Brake(8), Brake(60)

    # What the bot tells the desk.

    async def alert(self, effect: str, conversation: str, reason: str, urgent: bool) -> None:
        """Put a chat into the queue; once for each effect."""
        await self.store.alert(effect, conversation, reason, urgent, self.now())

    async def leave(self, conversation: str) -> None:
        """The chat needs no agent any more."""
        await self.store.close(conversation, self.now())

    # Accounts.

    async def invite(self, name: str, login: str) -> str:
        """A token for the link `/desk/join#<token>`, which works once within a week."""
        login = login.strip().lower()
        if not LOGIN.fullmatch(login) or not name.strip():
            raise ValueError("a login has 2 to 80 letters a-z, digits, or . _ @ + -")
        token = secrets.token_urlsafe(32)
        agent = Agent(secrets.token_hex(8), login, name.strip()[:80])
        await self.store.invite(agent, digest(token), self.now())
        return token

    async def join(self, token: str, password: str) -> None:
        """Set the password with an invitation."""
        if not SHORTEST <= len(password) <= 200:
            raise NotAllowed("password_length", 422)
        kept = await view.in_thread(hashed, password)
        if not await self.store.accept(digest(token), kept, self.now() - INVITE_LASTS):
            raise NotAllowed("link_over", 410)

    async def log_in(self, login: str, password: str, place: str) -> str:
        """A session's token; the same answer for a wrong login and a wrong password."""
        login = login.strip().lower()
        here = f"{login}|{place}"
        if self._one_place.held(here, self.now()) or self._everywhere.held(login, self.now()):
            raise NotAllowed("too_many_tries", 429)
        self._one_place.tried(here, self.now())
        self._everywhere.tried(login, self.now())
        found = await self.store.login(login)
        known = found.password if found else ""
        if not await view.in_thread(matches, password, known) or not found:
            raise NotAllowed("wrong_login", 401)
        self._one_place.passed(here)
        self._everywhere.passed(login)
        token = secrets.token_urlsafe(32)
        await self.store.open_session(found.agent.id, digest(token), self.now(), LOGIN_LASTS)
        return token

    async def who(self, token: str) -> Agent:
        """Whose session this is."""
        agent = await self.store.session(digest(token), self.now()) if token else None
        if not agent:
            raise NotAllowed("not_logged_in", 401)
        return agent

    async def log_out(self, token: str) -> None:
        """End a session."""
        await self.store.close_session(digest(token))

    # Chats.

    async def queue(self, agent: Agent) -> list[dict[str, Any]]:
        """Who waits and whom this agent holds; nothing private."""
        waiting = await self.store.queue(agent.id)
        return [view.waiting(handoff, agent, self.now()) for handoff in waiting]

    async def claim(self, agent: Agent, conversation: str) -> None:
        """Take a chat: of two at once, one wins."""
        state = await self._state(conversation)
        taken = await self.store.claim(conversation, agent.id, self.now())
        if not taken:
            raise await self._why_not(conversation)
        # Named by the handoff: asking again after a lost answer changes nothing.
        took = AgentTook(f"desk:{taken}:took", state.address, agent.id, agent.name)
        await self.mailbox.put([took])

    async def chat(self, agent: Agent, conversation: str) -> dict[str, Any]:
        """What an agent sees of a chat that waits or is theirs."""
        handoff = await self._open(conversation, agent)
        state = await self._state(conversation)
        said = await self.records.history(conversation, 200)
        return view.chat(handoff, agent, state, said, self.wording, self.now())

    async def write(self, agent: Agent, conversation: str, name: str, text: str) -> None:
        """Say something to the person; the same name twice is said once."""
        text = text.strip()
        if not text or len(text) > MOST_TEXT:
            raise NotAllowed("text_length", 422)
        state = await self._held(conversation, agent)
        wrote = AgentWrote(_named(name), state.address, agent.id, text)
        await self.mailbox.put([wrote])

    async def send_file(
        self, agent: Agent, conversation: str, name: str, title: str, parts: AsyncIterator[bytes]
    ) -> None:
        """Send a file to the person."""
        state = await self._held(conversation, agent)
        update_id = _named(name)
        try:
            kept = await self.documents.keep(conversation, parts, MOST_BYTES)
        except TooBig as error:
            raise NotAllowed("too_big", 413) from error
        if kept.mime not in MAY_GO_OUT:
            await self.documents.delete(conversation, kept.document)
            raise NotAllowed("file_type", 415)
        file = {"document": kept.document, "name": title, "mime": kept.mime}
        await self.mailbox.put([AgentWrote(update_id, state.address, agent.id, **file)])

    async def release(self, agent: Agent, conversation: str) -> None:
        """Hand the chat back to the bot."""
        handoff = await self._open(conversation, agent)
        state = await self._held(conversation, agent)
        await self.mailbox.put([AgentLeft(f"desk:{handoff.id}:left", state.address, agent.id)])
        await self.store.close(conversation, self.now())

    async def paper(
        self, agent: Agent, conversation: str, case: str, document: str
    ) -> tuple[str, AsyncIterator[bytes]]:
        """A record that the person sent: its kind and its bytes."""
        await self._open(conversation, agent)
        mime = view.papers(await self._state(conversation)).get((case, document))
        if not mime or not await self.documents.has(case, document):
            raise NotAllowed("no_such_file", 404)
        return mime, self.documents.read(case, document)

    async def _state(self, conversation: str) -> Conversation:
        state = await self.mailbox.peek(conversation)
        state = state or await self.records.restore(conversation)
        if not state:
            raise NotAllowed("no_such_chat", 404)
        return state

    async def _open(self, conversation: str, agent: Agent) -> Handoff:
        handoff = await self.store.handoff(conversation)
        if not handoff:
            raise NotAllowed("not_waiting", 404)
        if handoff.taken_by not in ("", agent.id):
            raise NotAllowed("taken", 409)
        return handoff

    async def _held(self, conversation: str, agent: Agent) -> Conversation:
        if (await self._open(conversation, agent)).taken_by != agent.id:
            raise NotAllowed("not_yours", 409)
        return await self._state(conversation)

    async def _why_not(self, conversation: str) -> NotAllowed:
        handoff = await self.store.handoff(conversation)
        return NotAllowed("taken", 409) if handoff else NotAllowed("not_waiting", 404)


def _named(name: str) -> str:
    if not NAME_OF_WRITE.fullmatch(name):
        raise NotAllowed("malformed", 400)
    return f"desk:{name}"
