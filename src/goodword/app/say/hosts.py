"""Hosts of a workspace's own, at which its links work. They move neither money nor status, so the log does not have them."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.sources.identity import canonical_domain
from goodword.store import workspaces


@requires("host.manage")
async def set_host(who: Principal, directory: Directory, host: str) -> str:
    """Let the workspace answer for a host and give its links there from now on; return the host as it is compared.

    Hosts of before go on working. Raises InvalidError for what is no name of a host, ConflictError for another workspace's.
    """
    name = canonical_domain(host)
    if name is None:
        raise InvalidError("Expected a host name alone, such as go.example.com, without scheme, port or path.")
    async with directory.pool.acquire() as conn:
        if not await workspaces.set_host(conn, who.workspace.id, name, directory.now()):
            raise ConflictError("host_taken", f"Another workspace answers for {name}: remove it there first.")
    return name


@requires("host.manage")
async def remove(who: Principal, directory: Directory, host: str) -> None:
    """Let the workspace answer for a host no more: the links at it end within seconds. Raises UnknownError."""
    async with directory.pool.acquire() as conn:
        if not await workspaces.remove_host(conn, who.workspace.id, canonical_domain(host) or host):
            raise UnknownError("host of this name")
