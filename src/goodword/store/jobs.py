"""Work to do after a commit: one table, leases instead of locks, so that a worker that dies loses only its lease.

Times are instants of the real clock, in microseconds. Must not know: what any kind of job does.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import asyncpg

from goodword.core.decision import Job
from goodword.store.sql_files import statements

LEASE = 60_000_000
MOST = 200  # jobs of a workspace that a worker takes at once
_FIRST_PAUSE = 2_000_000
_LONGEST_PAUSE = 3_600_000_000

_SQL = statements("job")


class NotBegunError(Exception):
    """There is no time left to do this job within its lease; it is whole, and whoever looks next may have it."""


class Leased(NamedTuple):
    """A job in this worker's hands. ``attempts`` counts this one; above one, an earlier one may have done its work."""

    id: str
    kind: str
    subject: str
    attempts: int


async def add(conn: asyncpg.Connection, ws: str, jobs: Sequence[Job], due_at: int) -> None:
    """Enqueue, in the transaction that makes the work necessary."""
    if jobs:
        columns = zip(*((job.id, job.kind, job.subject) for job in jobs), strict=True)
        await conn.execute(_SQL["add"], ws, *columns, due_at)


async def lease(conn: asyncpg.Connection, ws: str, now: int, limit: int = MOST) -> list[Leased]:
    """Take jobs of one kind that are due, for ``LEASE`` from now; in order of id."""
    return sorted(Leased(*row) for row in await conn.fetch(_SQL["lease"], ws, now, now + LEASE, limit))


async def done(conn: asyncpg.Connection, ws: str, jobs: Iterable[Leased], now: int) -> None:
    """Mark jobs as done; one whose lease ended and that another worker took since is that one's."""
    if rows := [(job.id, job.attempts) for job in jobs]:
        await conn.execute(_SQL["done"], ws, *zip(*rows, strict=True), now)


async def failed(conn: asyncpg.Connection, ws: str, errors: Mapping[Leased, Exception], now: int) -> None:
    """Give jobs back, to be tried again after a pause that doubles with each attempt, up to an hour; at once if not begun."""
    rows = [
        (job.id, job.attempts, now + _pause(job), f"{type(error).__name__}: {error}"[:1000])
        for job, error in errors.items()
        if not isinstance(error, NotBegunError)
    ]
    if rows:
        await conn.execute(_SQL["failed"], ws, *zip(*rows, strict=True))
    if left := [(job.id, job.attempts) for job, error in errors.items() if isinstance(error, NotBegunError)]:
        await conn.execute(_SQL["give_back"], ws, *zip(*left, strict=True))


def _pause(job: Leased) -> int:
    return min(_LONGEST_PAUSE, _FIRST_PAUSE << min(job.attempts - 1, 20))
