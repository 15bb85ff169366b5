"""Work to do after a commit: one table, leases instead of locks, so that a worker that dies loses only its lease.

Times are instants of the real clock, in microseconds. Must not know: what any kind of job does.
"""

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from goodword.core.effects import Job
from goodword.store.sql_files import statements

LEASE = 60_000_000
_FIRST_PAUSE = 2_000_000
_LONGEST_PAUSE = 3_600_000_000

_SQL = statements("job")


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


async def lease(conn: asyncpg.Connection, ws: str, now: int, limit: int = 10) -> list[Leased]:
    """Take jobs that are due, for ``LEASE`` from now; in order of id."""
    return sorted(Leased(*row) for row in await conn.fetch(_SQL["lease"], ws, now, now + LEASE, limit))


async def done(conn: asyncpg.Connection, ws: str, job: str, now: int) -> None:
    """Mark a job as done."""
    await conn.execute(_SQL["done"], ws, job, now)


async def failed(conn: asyncpg.Connection, ws: str, job: Leased, now: int, error: str) -> None:
    """Give a job back, to be tried again after a pause that doubles with each attempt, up to an hour."""
    pause = min(_LONGEST_PAUSE, _FIRST_PAUSE << min(job.attempts - 1, 20))
    await conn.execute(_SQL["failed"], ws, job.id, now + pause, error[:1000])
