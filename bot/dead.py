"""`saathi dead`: what was given up, why, and how it is tried again; no private word."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from redis.exceptions import RedisError

from bot.clock import now
from bot.jobs import Jobs
from bot.settings import Settings
from bot.sources import Sources, opened
from flows.turnaround import ZONE
from storage.cipher import SealedWrong
from storage.keyring import KeyErased
from storage.record_dead import DeadLetter, DeadLetters, FailedJob
from storage.redis_mailbox import RedisMailbox

JOB = "job:"
ASLEEP = "Saathi does not run: start it, then try again."
GONE = "its words are erased at the person's wish: it can only be settled"
WORDS = {
    "say": "a message to the person",
    "save_document": "a photo or file to be fetched from the provider",
    "submit_case": "the sending of a case",
    "tell_review": "news for the review backend",
    "call_agent": "a call for an agent",
    "wake": "a reminder",
    "erase_data": "an erasure: must be tried again",
}


class NotFound(Exception):
    """Nothing that was given up has this id."""


async def listed(settings: Settings) -> list[str]:
    """A line each, letters first."""
    async with opened(settings) as sources:
        letters = DeadLetters(sources.engine)
        return list(lines(await letters.list(), await letters.failed_jobs()))


async def shown(settings: Settings, name: str) -> list[str]:
    """What is known of one; raises NotFound."""
    async with opened(settings) as sources:
        if name.startswith(JOB):
            return list(_job(await _failed(sources, name)))
        return list(_letter(await _dead(sources, name)))


async def requeued(settings: Settings, name: str) -> str:
    """Try it again; what happens now, in words. Raises NotFound."""
    async with opened(settings) as sources:
        if name.startswith(JOB):
            return await _job_again(sources, name)
        try:
            return await requeue(sources.mailbox, DeadLetters(sources.engine), name)
        except RedisError:
            return ASLEEP


async def requeue(mailbox: RedisMailbox, letters: DeadLetters, name: str) -> str:
    """Send a letter again as a new attempt, and settle it."""
    letter = await letters.get(name)
    if not letter:
        raise NotFound(name)
    try:
        attempt = await mailbox.requeue(letter.conversation, letter.id, letter.sealed)
    except (KeyErased, SealedWrong):
        return GONE
    await letters.settle(letter.conversation, letter.id, now())
    return f"on its way again as {attempt}"


async def settled(settings: Settings, name: str) -> None:
    """A person has looked after it: it is not listed any more. Raises NotFound."""
    async with opened(settings) as sources:
        letter = await _dead(sources, name)
        await DeadLetters(sources.engine).settle(letter.conversation, letter.id, now())


def lines(letters: Sequence[DeadLetter], jobs: Sequence[FailedJob]) -> Iterator[str]:
    """The list, or that there is nothing."""
    for letter in letters:
        yield f"{letter.id}  {_at(letter.at)}  {letter.kind or 'job'}: {letter.code}"
    for job in jobs:
        yield f"{JOB}{job.id}  {_at(job.at)}  {job.name} for {job.whose}: {job.attempts} tries"
    if not letters and not jobs:
        yield "Nothing was given up."
    else:
        yield "saathi dead show|requeue|settle ID"


def _letter(letter: DeadLetter) -> Iterator[str]:
    yield f"what       {WORDS.get(letter.kind, letter.kind or 'a job')}"
    yield f"chat       {letter.conversation} (saathi why tells more)"
    yield f"given up   {_at(letter.at)}, because of {letter.code}"


def _job(job: FailedJob) -> Iterator[str]:
    yield f"what       the job {job.name}"
    yield f"for        {job.whose}"
    yield f"given up   {_at(job.at)}, after {job.attempts} tries"


async def _dead(sources: Sources, name: str) -> DeadLetter:
    if not (found := await DeadLetters(sources.engine).get(name)):
        raise NotFound(name)
    return found


async def _failed(sources: Sources, name: str) -> FailedJob:
    jobs = await DeadLetters(sources.engine).failed_jobs(1000)
    for job in jobs:
        if f"{JOB}{job.id}" == name:
            return job
    raise NotFound(name)


async def _job_again(sources: Sources, name: str) -> str:
    job = await _failed(sources, name)
    jobs = Jobs(sources.database, dict)
    await jobs.open()
    try:
        await jobs.retry(job.id)
    finally:
        await jobs.close()
    return f"the job {job.name} is tried again now"


def _at(time: datetime | None) -> str:
    return f"{time.astimezone(ZONE):%Y-%m-%d %H:%M}" if time else "never"
