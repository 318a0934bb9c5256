"""Who may upload, and how much."""

from bot.uploads.links import Link
from bot.uploads.tus import Refusal
from bot.uploads.uploads import MB, Uploads
from flows.conversation import Conversation
from flows.messages import Address

# Files of one case in a day.
A_DAY = 150
SPARE = 512 * MB


async def admit(uploads: Uploads, link: Link, length: int) -> Address:
    """Whose upload it is.

    Refusal: 413 too big, 403 no such case, 429 too many, 507 the case, 503 the disk is full.
    """
    if length > uploads.most:
        raise Refusal(413)
    owner = await owner_of(uploads, link)
    tickets = await uploads.partials.of(link.case)
    running = [each for each in tickets if each.state in ("open", "full")]
    if len(running) >= uploads.app.settings.uploads.open_per_case or len(tickets) >= A_DAY:
        raise Refusal(429, Retry_After="60")
    total = sum(each.length for each in running) + _kept(owner, link.case) + length
    if total > uploads.app.settings.uploads.case_mb * MB:
        raise Refusal(507)
    # Once under way, once on its way into the store, once there.
    if await uploads.partials.room() < 3 * length + SPARE:
        raise Refusal(503, Retry_After="600")
    return owner.address


async def owner_of(uploads: Uploads, link: Link) -> Conversation:
    """The chat that the link was sent to; Refusal(403) where its case is gone."""
    name, app = link.conversation, uploads.app
    owner = await app.mailbox.peek(name) or await app.records.restore(name)
    if not owner or link.case not in {case.id for case in owner.cases}:
        raise Refusal(403)
    return owner


def _kept(owner: Conversation, case: str) -> int:
    (found,) = (each for each in owner.cases if each.id == case)
    return sum(paper.size for papers_ in found.papers.values() for paper in papers_)
