"""Published rule versions: immutable texts by their hash. Must not know: what they say."""

from __future__ import annotations

from collections.abc import Iterable

import asyncpg

from goodword.core.rules import RuleVersion
from goodword.store.sql_files import statements

_SQL = statements("rule_version")


async def documents(connection: asyncpg.Connection, workspace_id: str, hashes: Iterable[str]) -> list[tuple[int, str]]:
    """Return (semantics, canonical text) of these versions."""
    wanted = sorted(hashes)
    if not wanted:
        return []
    rows = await connection.fetch(_SQL["documents"], workspace_id, wanted)
    return [(row["semantics"], row["document"]) for row in rows]


async def save(connection: asyncpg.Connection, workspace_id: str, versions: Iterable[RuleVersion]) -> None:
    """Keep what was published."""
    rows = [(version.hash, version.semantics, version.text) for version in versions]
    if rows:
        await connection.execute(_SQL["save"], workspace_id, *map(list, zip(*rows, strict=True)))
