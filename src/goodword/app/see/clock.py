"""The workspace's clock."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.store import log


@requires("workspace.read")
async def now(who: Principal, directory: Directory) -> int:
    """Return the instant that the workspace's clock shows."""
    async with directory.reading() as conn:
        return (await log.stream(conn, who.workspace.id)).now(directory.now())
