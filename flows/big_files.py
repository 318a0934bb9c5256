"""Files too big for the chat: the way to the upload page, and where scan pictures belong."""

from datetime import date

from msgspec.structs import replace

from flows import records
from flows.conversation import Conversation
from flows.effects import Line, UploadLink
from flows.messages import DocumentKept
from flows.outcome import Outcome
from flows.say import line, say
from flows.walk import consented, put_case

SCANS = records.SCANS
MIMES = ("application/dicom", "application/zip")


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


def placed(
    before: Conversation, index: int, update: DocumentKept
) -> tuple[Conversation, DocumentKept]:
    """A file in the slot where it belongs; one from the page behind those that came before."""
    update = replace(update, slot=_slot(update))
    if not update.upload.startswith("upload:"):
        return before, update
    case = before.cases[index]
    place = case.sent.get(update.slot, 0) + 1
    case = replace(case, sent={**case.sent, update.slot: place})
    return put_case(before, index, case), replace(update, place=place)


def _slot(update: DocumentKept) -> str:
    """Pictures of a scan are no report, whatever was asked for; photos in a ZIP may be one."""
    photos = update.about.keys() & {"photos", "pdfs"}
    taken = update.verdict != "refused"
    return SCANS if taken and update.mime in MIMES and not photos else update.slot
