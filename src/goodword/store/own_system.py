"""The company's own system that books rewards: where it is, and the sealed secrets by which it is asked.

Times are instants of the real clock. Must not know: how it is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg
import msgspec

from goodword.store.sql_files import statements
from goodword.store.vault import row_identity, seal, unseal
from goodword.store.webhooks import Secret
from goodword.store.workspaces import Workspace

_SQL = statements("own_system")


class OwnSystem(NamedTuple):
    """A company's own system. ``secrets``: the newest first; of one that is asked with a key, that alone."""

    kind: str
    address: str
    secrets: Sequence[Secret]
    made_by: str
    made_at: int

    def __repr__(self) -> str:  # no log has a secret
        return f"OwnSystem({self.kind})"


async def find(conn: asyncpg.Connection, ws: Workspace) -> OwnSystem | None:
    """Return the workspace's; None: none was named. Raises UnsealError."""
    row = await conn.fetchrow(_SQL["find"], ws.id)
    if row is None:
        return None
    text = unseal(ws.keys.note, row["secrets"], _identity(ws.id))
    secrets = msgspec.json.decode(text, type=list[Secret])
    return OwnSystem(row["kind"], row["address"], secrets, row["made_by"], row["made_at"])


async def set_(conn: asyncpg.Connection, ws: Workspace, it: OwnSystem) -> None:
    """Keep which one it is from now on."""
    await conn.execute(_SQL["set"], ws.id, it.kind, it.address, _sealed(ws, it.secrets), it.made_by, it.made_at)


async def exchange(conn: asyncpg.Connection, ws: Workspace, secrets: Sequence[Secret]) -> None:
    """Keep other secrets."""
    await conn.execute(_SQL["exchange"], ws.id, _sealed(ws, secrets))


async def end(conn: asyncpg.Connection, ws: str) -> bool:
    """Forget it; False: there was none."""
    done: str = await conn.execute(_SQL["end"], ws)
    return done == "DELETE 1"


async def waiting(conn: asyncpg.Connection, ws: str) -> dict[str, str]:
    """Return the payouts over it of which nobody knows what became, or that it was not told of yet: their states by id."""
    return {row["id"]: row["status"] for row in await conn.fetch(_SQL["waiting"], ws)}


def _sealed(ws: Workspace, secrets: Sequence[Secret]) -> bytes:
    return seal(ws.keys.note, msgspec.json.encode(list(secrets)), _identity(ws.id))


def _identity(ws: str) -> bytes:
    return row_identity("own_system", ws)
