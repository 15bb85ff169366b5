"""Schedules: on which days drafts of payouts are made, what the last run made, and when the next is."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.core.state import Schedule
from goodword.store import entities


@requires("payout.read")
async def every(who: Principal, directory: Directory) -> list[Schedule]:
    """Return all schedules, the next first, what is stopped last; who is limited to programs sees those of these."""
    async with directory.reading() as conn:
        found = [it for it in await entities.every(conn, who.workspace.id, Schedule) if who.sees(it.program)]
    return sorted(found, key=lambda it: (it.next_at is None, it.next_at or -it.at, it.id))


@requires("payout.read")
async def get(who: Principal, directory: Directory, schedule: str) -> Schedule:
    """Return one schedule. Raises UnknownError, for one of programs that are not shown too."""
    async with directory.reading() as conn:
        found = await entities.load(conn, who.workspace.id, Schedule, [schedule])
    if not found or not who.sees(found[0].program):
        raise UnknownError("schedule")
    return found[0]
