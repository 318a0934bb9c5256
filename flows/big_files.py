"""Files too big for the chat: the way to the upload page, and where scan pictures belong."""

from datetime import date

from flows import records
from flows.conversation import Conversation
from flows.effects import Line, UploadLink
from flows.messages import DocumentKept
from flows.outcome import Outcome
from flows.say import line, say
from flows.walk import consented

SCANS = records.SCANS


def way(case: str, slot: str) -> Line:
    """The line with the link to the upload page."""
    return line("big.link", link=UploadLink(case, slot))


def asked(conversation: Conversation, today: date) -> Outcome:
    """Somebody has a CD or a big file: the link, once health details may be kept."""
    if not conversation.cases or not consented(conversation.case):
        return Outcome(conversation, [say("big.not_yet")])
    slot = records.asked(conversation, today) or SCANS
    # Not with the question below: it would send what is there already once more.
    return Outcome(conversation, [say(way(conversation.case.id, slot))], ask=False)


def around(update: DocumentKept) -> tuple[Line, ...]:
    """The link, for a file that the chat could not carry."""
    # What came all the same, and is too big even so, would be no smaller there.
    too_big = update.reason == "too_big" and not update.document
    return (way(update.case, update.slot),) if too_big else ()


def slot_of(update: DocumentKept) -> str:
    """Where a file belongs: pictures of a scan to no report, whatever was asked."""
    return SCANS if "modality" in update.about else update.slot
