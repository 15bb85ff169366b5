"""Drafts that were ordered by a schedule: made as a member makes them, a thousand payees at a time; nothing is released.

Each lot is said under a key of its own, by which it is found again: a job that runs twice, or is killed between two lots, makes each
draft once. Of runs that wait, the last one gathers what all of them would. Must not know: SQL, what is due, who sets a schedule.
"""

from __future__ import annotations

from itertools import count
from typing import Final

import msgspec
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.follow.kinds import Kind, Queue, one_by_one
from goodword.app.principal import Principal
from goodword.app.say import payouts
from goodword.core import schedules
from goodword.core.events import PayoutDrafted
from goodword.core.state import Schedule
from goodword.store import entities
from goodword.store.jobs import Leased, NotBegunError

_SECONDS: Final = 30  # within which a further lot is begun; what is left goes on at once in another turn


class _Run(Struct):
    """The instant of a run."""

    run: int


def kinds(directory: Directory) -> dict[str, Kind]:
    """Return the kind of job that drafts. It is tried until it is done, or until another run takes its place."""

    async def work(ws: str, job: Leased) -> None:
        await _go_on(directory, ws, job)

    return {schedules.JOB: Kind(one_by_one(work), Queue(schedules.QUEUE, slots=2), most=1)}


async def _go_on(directory: Directory, ws: str, job: Leased) -> None:
    """Draft lot after lot until nobody is left. A run that was replaced by another, and a schedule that is stopped, draft nothing."""
    run, clock = msgspec.json.decode(job.payload, type=_Run).run, directory.engine.clock
    workspace, after, ends = await directory.workspace(ws), "", clock.monotonic() + _SECONDS
    if workspace is None:
        raise LookupError(f"there is no workspace {ws}")
    timer = Principal("timer", workspace, schedules.TIMER)
    for lot in count():
        async with directory.pool.acquire() as conn:
            [it] = await entities.load(conn, ws, Schedule, [job.subject])
        if it.next_at is None or it.ran_at != run:
            return
        entry = await payouts.draft_lot(timer, directory, it, lot, after)
        event = None if entry is None else entry.event
        if not isinstance(event, PayoutDrafted) or len(event.beneficiaries) < payouts.MOST:
            return
        after = event.beneficiaries[-1]
        if clock.monotonic() >= ends:
            raise NotBegunError(job.id)
