"""Followers of the log, begun again."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.follow.follower import restart as begin_again
from goodword.app.follow.registry import REGISTRY
from goodword.app.principal import Principal, requires


@requires("installation.manage")
async def restart(who: Principal, directory: Directory, name: str) -> None:
    """Let a follower forget what it made of the workspace's log, and take it again from the first entry. Raises UnknownError."""
    follower = REGISTRY.get(name)
    if follower is None:
        raise UnknownError("follower")
    await begin_again(directory.engine, who.workspace.id, follower)
