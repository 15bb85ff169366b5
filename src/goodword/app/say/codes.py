"""Codes that a decision made: each is given its text when somebody is first shown it."""

from __future__ import annotations

from collections.abc import Collection

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.store import people


@requires("person.names")
async def name(who: Principal, directory: Directory, ids: Collection[str]) -> dict[str, str]:
    """Return the texts of codes by id; one that has none yet gets a random one, which stays."""
    if not ids:
        return {}
    async with directory.pool.acquire() as conn, conn.transaction():
        return await people.code_texts(conn, who.workspace.id, who.workspace.keys, ids)
