"""Rails: the ways to deliver, with the fields of their payment details, and which of them a workspace can use now."""

from __future__ import annotations

from collections.abc import Mapping

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.outbound.rails import REGISTRY, Rail
from goodword.store import own_system


@requires("rail.read")
async def every(who: Principal, directory: Directory) -> Mapping[str, type[Rail]]:
    """Return all rails by name."""
    del who, directory  # every workspace has the same
    return REGISTRY


@requires("rail.read")
async def usable(who: Principal, directory: Directory) -> list[str]:
    """Return the names of the rails that work in this workspace as it is now."""
    async with directory.reading() as conn:
        named = await own_system.find(conn, who.workspace) is not None
    mode = who.workspace.mode
    return [name for name, rail in REGISTRY.items() if mode in rail.modes and (named or not rail.connects)]
