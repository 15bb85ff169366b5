"""Work to do after a commit: one table, leases instead of locks, so that a worker that dies loses only its lease.

Times are instants of the real clock, in microseconds. Must not know: what any kind of job does.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import asyncpg
import msgspec

from goodword.core.decision import Job
from goodword.store.sql_files import statements

LARGEST = 8_192  # bytes of a payload: what is larger belongs into a row of its own, which the payload names

PRIORITIES = (0, 1, 2)  # those that ``lease`` looks at

_SQL = statements("job")


class NotBegunError(Exception):
    """There is no time left to do this job within its lease; it is whole, and whoever looks next may have it."""


class SaidError(Exception):
    """A job failed, and the message says why: nobody needs to see where. ``after``: microseconds for which it was asked to wait."""

    def __init__(self, *said: object, after: int = 0) -> None:
        super().__init__(*said)
        self.after = after


class Retry(NamedTuple):
    """How often a job that failed is tried again: pauses double from ``first`` to ``longest`` (microseconds).

    ``attempts``: after so many it is given up and stays with its error; None: it is tried for ever.
    """

    first: int = 2_000_000
    longest: int = 3_600_000_000
    attempts: int | None = None

    def pause(self, attempts: int) -> int:
        """Return the pause after so many attempts."""
        return min(self.longest, self.first << min(attempts - 1, 20))


class Leased(NamedTuple):
    """A job in this worker's hands. ``attempts`` counts this one; above one, an earlier one may have done its work.

    ``payload``: a JSON object. ``until``: when the lease ends; who has another one has lost the job.
    """

    id: str
    kind: str
    subject: str
    attempts: int
    payload: str = "{}"
    until: int = 0


async def add(conn: asyncpg.Connection, ws: str, jobs: Sequence[Job], due_at: int) -> None:
    """Enqueue, in the transaction that makes the work necessary. Raises ValueError for a payload or priority that may not be."""
    if not jobs:
        return
    if astray := [job.id for job in jobs if job.priority not in PRIORITIES]:
        raise ValueError(f"the priority of job {astray[0]} is none of {PRIORITIES}: nobody would take it")
    rows = [
        (job.id, job.kind, job.subject, job.queue, job.priority, msgspec.json.encode(job.payload).decode())
        for job in jobs
    ]
    if large := [row[0] for row in rows if len(row[-1].encode()) > LARGEST]:
        raise ValueError(
            f"the payload of job {large[0]} has more than {LARGEST} bytes: store it and name it in the payload"
        )
    await conn.execute(_SQL["add"], ws, *zip(*rows, strict=True), due_at)


async def lease(
    conn: asyncpg.Connection, ws: str, queue: str, kind: str, now: int, until: int, limit: int
) -> list[Leased]:
    """Take jobs of a kind that are due, until then: urgent ones first, then those due first. They come in order of id."""
    return sorted(Leased(*row) for row in await conn.fetch(_SQL["lease"], ws, queue, kind, now, until, limit))


async def done(conn: asyncpg.Connection, ws: str, jobs: Iterable[Leased], now: int) -> None:
    """Mark jobs as done; one whose lease ended and that another worker took since is that one's."""
    if rows := [(job.id, job.until) for job in jobs]:
        await conn.execute(_SQL["done"], ws, *zip(*rows, strict=True), now)


async def failed(conn: asyncpg.Connection, ws: str, errors: Mapping[Leased, Exception], now: int, retry: Retry) -> None:
    """Give jobs back, to be tried again after a pause, or given up for good; at once if not begun."""
    rows = [
        (
            job.id,
            job.until,
            now + max(retry.pause(job.attempts), error.after if isinstance(error, SaidError) else 0),
            f"{type(error).__name__}: {error}"[:1000],
            now if retry.attempts is not None and job.attempts >= retry.attempts else None,
        )
        for job, error in errors.items()
        if not isinstance(error, NotBegunError)
    ]
    if rows:
        await conn.execute(_SQL["failed"], ws, *zip(*rows, strict=True))
    if left := [(job.id, job.until) for job, error in errors.items() if isinstance(error, NotBegunError)]:
        await conn.execute(_SQL["give_back"], ws, *zip(*left, strict=True))


class Stuck(NamedTuple):
    """So much work that is not done, for one reason. ``since``: what the payload of the oldest says (``at``)."""

    error: str | None
    jobs: int
    since: int


async def stuck(conn: asyncpg.Connection, ws: str, queue: str, kind: str, subject: str) -> list[Stuck]:
    """Return what of one kind about a subject is not done, or was given up, by its last error."""
    return [Stuck(*row) for row in await conn.fetch(_SQL["stuck"], ws, queue, kind, subject)]


async def unsent(conn: asyncpg.Connection, kind: str) -> tuple[int, str]:
    """Return how much of a kind with a queue of its own was tried in vain or given up, in all workspaces, and an error of it."""
    row = await conn.fetchrow(_SQL["unsent"], kind)
    return int(row["jobs"]), str(row["error"] or "")


async def again(conn: asyncpg.Connection, ws: str, kind: str, subject: str, now: int) -> None:
    """Let the same be due now, what was given up too."""
    await conn.execute(_SQL["again"], ws, kind, subject, now)


async def prune(conn: asyncpg.Connection, ws: str, before: int, limit: int) -> int:
    """Forget jobs that were done before then, at most ``limit``; return how many. What was given up stays."""
    done: str = await conn.execute(_SQL["prune"], ws, before, limit)
    return int(done.rpartition(" ")[2])
