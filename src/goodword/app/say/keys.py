"""API keys: made and ended."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.store import workspaces
from goodword.store.api_keys import Kind, Mode


@requires("key.manage")
async def make(
    who: Principal, directory: Directory, kind: Kind, *, member: str | None = None, name: str = ""
) -> tuple[str, str]:
    """Make an API key; return its id and its text, which is shown once."""
    mode: Mode = "live" if who.workspace.mode == "live" else "sandbox"
    async with directory.pool.acquire() as conn:
        return await workspaces.add_key(conn, who.workspace.id, kind, mode, directory.now(), member=member, name=name)


@requires("key.manage")
async def revoke(who: Principal, directory: Directory, key: str) -> None:
    """End a key. Raises UnknownError if there is none, or it has ended."""
    async with directory.pool.acquire() as conn:
        if not await workspaces.revoke_key(conn, who.workspace.id, key, directory.now()):
            raise UnknownError("key that could be ended")
