"""The record of looking: who looked at something, when, and what they saw of it."""

from __future__ import annotations

import asyncpg

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters
from goodword.app.see.paging import Page
from goodword.core import looking
from goodword.core.state import Look
from goodword.store import entities, pages


@requires("record.read")
async def of(who: Principal, directory: Directory, subject: str, *, after: str = "", limit: int = 50) -> Page[Look]:
    """Return who looked at a reward, case, claim, payout, person, event, list or file, the newest first.

    Raises UnknownError to who is limited to programs, for what lies in none of them.
    """
    async with directory.reading() as conn:
        if who.programs is not None and not await _shown(conn, who, subject):
            raise UnknownError("record of this")
        found = await pages.looks(conn, who.workspace.id, subject, after=after, limit=limit)
    return Page(found, found[-1].id if len(found) == limit else None)


async def _shown(conn: asyncpg.Connection, who: Principal, subject: str) -> bool:
    noun = looking.NOUNS.get(subject[:4])
    if noun is None:
        return await filters.shown(conn, who, subject)
    return any(who.sees(*looking.programs(it)) for it in await entities.load(conn, who.workspace.id, noun, [subject]))
