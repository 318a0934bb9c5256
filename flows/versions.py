"""Conversations that began under an earlier version of the flow, brought to today's.

A question that was added is asked when the way comes by; one that was removed is skipped,
and its answer kept; another order asks nothing twice. Only what these do not cover (an
answer that changes its name or its shape) needs a migration.
"""

from collections.abc import Callable, Mapping
from datetime import date

from msgspec.structs import replace

from flows.conversation import FLOW_VERSION, Conversation
from flows.steps import steps
from flows.talks import TALKS
from flows.walk import go_on

Migration = Callable[[Conversation], Conversation]
# What takes a conversation from one version to the next: small, pure, never changed again.
MIGRATIONS: Mapping[int, Migration] = {}
# Places in a conversation that are no fields of the form.
PLACES = {*TALKS, "questions"}


def current(
    conversation: Conversation,
    today: date,
    *,
    version: int = FLOW_VERSION,
    migrations: Mapping[int, Migration] = MIGRATIONS,
) -> Conversation:
    """A conversation as this version of the flow has it; nothing answered is lost.

    `detail["changed"]` marks that what the person was asked is not the pending question.
    """
    if conversation.flow_version >= version:
        return conversation
    after = conversation
    for number in range(conversation.flow_version, version):
        if migration := migrations.get(number):
            after = migration(after)
    return replace(_standing(after, today), flow_version=version)


def is_newer(conversation: Conversation) -> bool:
    """Written by a version to come: this process must leave it alone."""
    return conversation.flow_version > FLOW_VERSION


def seen(conversation: Conversation) -> Conversation:
    """The person was told that the pending question is another one now."""
    detail = {name: value for name, value in conversation.detail.items() if name != "changed"}
    return replace(conversation, detail=detail)


def _standing(conversation: Conversation, today: date) -> Conversation:
    """At a step that still exists, and not past a question that was added."""
    known = PLACES | steps().keys()
    trail = tuple(name for name in conversation.trail if name in known)
    there = replace(conversation, trail=trail)
    gone = there.step not in known
    if not gone and there.step != "review":
        return there
    following = go_on(there, today)
    if following.step == there.step:
        return there
    return replace(following, detail={**following.detail, "changed": True})
