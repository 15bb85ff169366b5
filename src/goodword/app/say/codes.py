"""Codes that a decision made: each is given its text when somebody is first shown it."""

from __future__ import annotations

from collections.abc import Collection

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.core.state import Code
from goodword.store import entities, pages, people

_MOST = 100  # programs that somebody is an advocate of


@requires("person.names")
async def name(who: Principal, directory: Directory, ids: Collection[str]) -> dict[str, str]:
    """Return the texts of codes by id; one that has none yet gets a random one, which stays.

    To who is limited to programs, of those codes that belong to one of them.
    """
    if not ids:
        return {}
    async with directory.pool.acquire() as conn, conn.transaction():
        if who.programs is not None:
            ids = [code.id for code in await entities.load(conn, who.workspace.id, Code, ids) if who.sees(code.program)]
        return await people.code_texts(conn, who.workspace.id, who.workspace.keys, ids)


@requires("own.rewards")
async def own(who: Principal, directory: Directory) -> dict[str, str]:
    """Return the texts of one's own codes by id, likewise."""
    ws = who.workspace
    async with directory.pool.acquire() as conn, conn.transaction():
        its = await pages.advocates(conn, ws.id, person=who.actor.id, after="", limit=_MOST)
        return await people.code_texts(conn, ws.id, ws.keys, [code for it in its for code in it.codes])
