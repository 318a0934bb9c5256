"""Work that outlives a turn: submission, news to the backend, reminders. By Procrastinate."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from procrastinate import App as Engine
from procrastinate import BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from procrastinate.jobs import Job, Status

from storage.mailbox import Outgoing
from storage.points import JOBS, reach

log = logging.getLogger(__name__)

LONGEST_WAIT = 600
UNDER_WAY = (
    "SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = %(once)s AND status = 'doing' LIMIT 1"
)
WAITING = "SELECT 1 FROM procrastinate_jobs WHERE lock = %(lock)s AND status = 'todo' LIMIT 1"
# Somebody waits for what is in the first; reading and binding take long, and nobody does.
QUICK, SLOW = "saathi", "pages"
TOGETHER = {QUICK: 4, SLOW: 2}
HEARTBEAT, STALLED = 10.0, 30.0


class Permanent(Exception):
    """A job that will fail the same way every time; a person must look."""


class Patient(BaseRetryStrategy):
    """Again and again, doubling up to ten minutes; only a permanent failure ends it."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When to try next, None for never."""
        if isinstance(exception, Permanent):
            return None
        seconds = min(LONGEST_WAIT, 2 ** min(job.attempts, 10))
        return RetryDecision(retry_in={"seconds": seconds})


Work = Callable[..., Awaitable[None]]


class Jobs:
    """The job queue on our PostgreSQL. `work` maps a job's name to what it does."""

    def __init__(self, database_url: str, work: Callable[[], dict[str, Work]]) -> None:
        url = database_url.replace("postgresql+psycopg://", "postgresql://")
        self.engine = Engine(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=6))
        self._work = work
        for name in JOBS:
            self._register(name)

    def _register(self, name: str) -> None:
        async def run(**given: Any) -> None:
            reach(f"{name}.started")
            try:
                await self._work()[name](**given)
            except Exception as error:
                log.warning("job failed: %s %s", name, getattr(error, "code", type(error).__name__))
                raise
            reach(f"{name}.ended")

        self.engine.task(name=name, queue=QUICK, retry=Patient())(run)

    async def open(self) -> None:
        """Connect."""
        await self.engine.open_async()

    async def close(self) -> None:
        """Disconnect."""
        await self.engine.close_async()

    async def submit(self, case: str) -> None:
        """Send a case; asking twice is asking once."""
        await self._defer("submit", f"submit:{case}", lock=case, case=case)

    async def tell(self, effect: str, case: str, what: str, detail: dict[str, str]) -> None:
        """Tell the backend something about a case, after the case itself."""
        given: dict[str, Any] = {"case": case, "what": what, "detail": detail}
        await self._defer("tell", effect, lock=case, **given)

    async def bind(self, case: str, why: str) -> None:
        """Make anew what is made of the originals, and tell the backend; once for each `why`."""
        await self._defer("bind", f"bind:{case}:{why}", lock=_bind(case), queue=SLOW, case=case)

    async def bound_again(self, case: str) -> bool:
        """Whether another such job of this case waits."""
        found = await self.engine.connector.execute_query_all_async(WAITING, lock=_bind(case))
        return bool(found)

    async def read(self, effect: str, case: str, document: str) -> None:
        """Mend and read a kept page, in the background."""
        await self._defer("read", f"read:{effect}", queue=SLOW, case=case, document=document)

    async def wake(self, outgoing: Outgoing, what: str, at: datetime, ref: str = "") -> None:
        """Bring `Due(what)` to a conversation at a time."""
        name = f"due:{outgoing.id}"
        given = {"conversation": outgoing.conversation, "what": what, "ref": ref, "name": name}
        await self._defer("wake", name, at=at, **given)

    async def erase(
        self, conversation: str, request: str, at: datetime, by: datetime, cases: Sequence[str]
    ) -> None:
        """Lock a chat and its cases, once the words that confirm it are out."""
        what: dict[str, Any] = {"conversation": conversation, "request": request}
        what |= {"by": by.isoformat(), "cases": list(cases)}
        await self._defer("erase", f"erase:{request}", at=at, **what)

    async def _defer(
        self,
        task: str,
        once: str,
        *,
        at: datetime | None = None,
        lock: str = "",
        queue: str = QUICK,
        **given: Any,
    ) -> None:
        if await self._under_way(once):
            return
        task_at = self.engine.configure_task(
            task, queueing_lock=once, lock=lock or None, schedule_at=at, queue=queue
        )
        try:
            await task_at.defer_async(**given)
        except AlreadyEnqueued:
            return

    async def _under_way(self, once: str) -> bool:
        # A running one does not hold its queueing lock: the same job twice would wait for each
        # other, one for the lock of its case, the other to be queued again.
        found = await self.engine.connector.execute_query_all_async(UNDER_WAY, once=once)
        return bool(found)

    async def run(self) -> None:
        """Work until cancelled."""
        each = [asyncio.create_task(self._work_off(*queue)) for queue in TOGETHER.items()]
        try:
            await asyncio.gather(*each)
        finally:
            # Whatever one of them says at its end, being cancelled stays being cancelled.
            # A second cancelling would tear a worker from its own loop, which then ends alone.
            for worker in each:
                if not worker.cancelling():
                    worker.cancel()
            await asyncio.gather(*each, return_exceptions=True)

    async def _work_off(self, queue: str, together: int) -> None:
        await self.engine.run_worker_async(
            queues=[queue],
            concurrency=together,
            wait=True,
            install_signal_handlers=False,
            fetch_job_polling_interval=1.0,
            delete_jobs="successful",
            shutdown_graceful_timeout=5,
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=STALLED,
        )

    async def retry(self, job: int) -> None:
        """Take up a job again that failed for good."""
        await self.engine.job_manager.retry_job_by_id_async(job, retry_at=datetime.now(UTC))

    async def rescue(self) -> None:
        """Take up the jobs of a worker that was killed."""
        manager = self.engine.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
            try:
                await manager.retry_job(job)
            except UniqueViolation:
                # The same job waits already, and waits for this one.
                await manager.finish_job(job, Status.SUCCEEDED, delete_job=True)


def _bind(case: str) -> str:
    return f"bind:{case}"
