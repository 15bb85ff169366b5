"""Hosts of a workspace's own, at which its links work."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.store import workspaces


@requires("workspace.read")
async def every(who: Principal, directory: Directory) -> list[str]:
    """Return the hosts that the workspace answers for; links are given at the first."""
    async with directory.reading() as conn:
        return await workspaces.hosts(conn, who.workspace.id)
