"""The jobs towards the review backend: a finished case, and what is told about it later."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot import turns
from bot.app import App
from bot.jobs import Permanent
from bot.review.binding.case import bind_case, bind_soon
from bot.review.client import ReviewFailed, Upload
from bot.review.derived import Derived
from flows.conversation import Case, Conversation
from flows.messages import CaseSent, Due

TOLD_AFTER = timedelta(minutes=15)


async def submit(app: App, case: str) -> None:
    """Send a case until it is acknowledged, then tell its conversation.

    What is made of the originals goes along where that is soon done, and else after them.
    """
    found = await app.records.case(case)
    if not found or found[1].status == "draft":
        raise LookupError("the case is not in the record yet")
    conversation, kept = found
    made = await bind_soon(app, kept)
    files = [*uploads(app, kept), *made_uploads(app, case, made or ())]
    try:
        await app.review.submit(case, _bundle(app, conversation, kept, made or ()), files)
    except ReviewFailed as failed:
        await _look_at(app, conversation, kept, failed)
        raise
    if made is None:
        await app.jobs.bind(case, "sent")
    await turns.receive(app, [CaseSent(f"sent:{case}", conversation.address, case)])


def _bundle(
    app: App, conversation: Conversation, case: Case, made: Sequence[Derived]
) -> dict[str, Any]:
    # Here, not above: its models take a second to import, and the chat must not wait.
    from bot.review.fhir import bundle

    return bundle(conversation, case, app.now(), files=app.review.url, made=made)


def uploads(app: App, case: Case, slots: tuple[str, ...] = ()) -> list[Upload]:
    """The stored files of a case, or of some of its documents."""
    return [
        _upload(app, case.id, paper.document, paper.mime, paper.size)
        for slot, papers in case.papers.items()
        if not slots or slot in slots
        for paper in papers
    ]


def _upload(app: App, case: str, document: str, mime: str, size: int) -> Upload:
    return Upload(document, mime, size, lambda: app.documents.read(case, document))


def made_uploads(app: App, case: str, made: Sequence[Derived]) -> list[Upload]:
    """What was made of the originals, each file once."""
    files = dict.fromkeys((one.document, one.mime, one.size) for one in made)
    return [_upload(app, case, *one) for one in files]


async def _look_at(app: App, conversation: Conversation, case: Case, failed: ReviewFailed) -> None:
    """Have a person look where trying again is no use; tell the family where it takes long."""
    if not failed.permanent and app.now() - (case.submitted_at or app.now()) > TOLD_AFTER:
        # The same id each time: it counts once.
        waits = Due(f"waits:{case.id}", conversation.address, "case_waits", case.id)
        await turns.receive(app, [waits])
    if failed.permanent:
        await app.desk.alert(f"submit:{case.id}", conversation.id, "not_submitted", urgent=True)
        raise Permanent(failed.code) from failed


async def tell(app: App, case: str, what: str, detail: dict[str, str]) -> None:
    """Tell the backend about a submitted case: a document added, a time chosen.

    After a document was added or `read`, what is made of all of them is made again.
    """
    found = await app.records.case(case)
    if not found:
        return
    match what:
        case "document":
            await _tell_papers(app, found[1], detail)
            slot = detail["slot"]
            await app.jobs.bind(case, f"{slot}:{len(found[1].papers.get(slot, ()))}")
        case "read":
            await app.jobs.bind(case, detail["document"])
        case _:
            await app.review.tell(found[1].number, what, detail)


async def _tell_papers(app: App, case: Case, detail: dict[str, str]) -> None:
    for upload in uploads(app, case, (detail["slot"],)):
        await app.review.upload(upload)
        await app.review.tell(case.number, "document", {**detail, "sha256": upload.sha256})


async def bind(app: App, case: str) -> None:
    """Make what is made of the originals, and tell the backend; of several jobs only the last."""
    found = await app.records.case(case)
    if not found or await app.jobs.bound_again(case):
        return
    made = await bind_case(app, found[1])
    for upload in made_uploads(app, case, made):
        await app.review.upload(upload)
    for one in made:
        detail = {"role": one.role, "slot": one.slot, "sha256": one.document, "mime": one.mime}
        detail |= {"pages": str(one.pages), "size": str(one.size)}
        await app.review.tell(found[1].number, "made", detail)
