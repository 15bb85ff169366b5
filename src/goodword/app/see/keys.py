"""API keys; their texts are kept by nobody."""

from __future__ import annotations

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.store import workspaces
from goodword.store.api_keys import Kept


class Key(Struct, frozen=True):
    """A key; or the secret (``hs``) with which a ``source`` signs, or the one (``rk``) with which it is asked.

    ``member``: whose it is, of a personal one.
    Instants are of the real clock.
    """

    id: str
    kind: Kept
    member: str | None
    name: str
    created_at: int
    revoked_at: int | None
    source: str = ""


@requires("key.read")
async def every(who: Principal, directory: Directory) -> list[Key]:
    """Return all keys of the workspace, ended ones too, the oldest first."""
    async with directory.reading() as conn:
        rows = await workspaces.keys_of(conn, who.workspace.id)
    return [Key(row.id, row.kind, row.member, row.name, row.created_at, row.revoked_at, row.source) for row in rows]
