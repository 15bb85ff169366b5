"""Members and API keys. Must not know: HTTP, how a key is checked."""

from __future__ import annotations

import time

from goodword.app.directory import Directory, Principal
from goodword.app.say.workspaces import set_member
from goodword.core.entry import Entry
from goodword.core.facts import Actor
from goodword.core.state import Member
from goodword.sources.identity import canonical_email
from goodword.store import pages, workspaces
from goodword.store.api_keys import Kind, Mode
from goodword.store.workspaces import KeyRow, Workspace


class MailError(ValueError):
    """What was given is no mail address."""


async def every(directory: Directory, ws: Workspace) -> list[tuple[Member, str | None]]:
    """Give all members with their mails."""
    async with directory.pool.acquire() as conn:
        found = await pages.members(conn, ws.id)
        mails = await workspaces.mails(conn, ws)
    return [(member, mails.get(member.id)) for member in found]


async def owner(directory: Directory, ws: Workspace) -> Actor:
    """Give the workspace's first owner: as whom the holder of the database acts. Raises LookupError."""
    members = [member for member, _ in await every(directory, ws) if "owner" in member.roles]
    if not members:
        raise LookupError(f"workspace {ws.id} has no owner")
    return Actor(id=members[0].id, kind="member", roles=members[0].roles, limits=members[0].limits)


async def add(
    directory: Directory,
    ws: Workspace,
    actor: Actor,
    mail: str,
    roles: tuple[str, ...],
    limits: dict[str, int] | None,
    *,
    key: str | None = None,
) -> tuple[Entry, str, str | None]:
    """Give a member roles and limits; gives the decision, the member's id, and a key if they have none yet.

    Raises MailError.
    """
    canonical = canonical_email(mail)
    if canonical is None:
        raise MailError(mail)
    entry, member = await set_member(directory.pool, ws, canonical, roles, limits, actor, key=key)
    if entry.refused:
        return entry, member, None
    async with directory.pool.acquire() as conn:
        has_key = any(row.member == member and row.revoked_at is None for row in await workspaces.keys_of(conn, ws.id))
    return entry, member, None if has_key else (await make_key(directory, ws, "mk", member=member))[1]


async def make_key(
    directory: Directory, ws: Workspace, kind: Kind, *, member: str | None = None, name: str = ""
) -> tuple[str, str]:
    """Make an API key; gives its id and its text, which is shown once."""
    mode: Mode = "live" if ws.mode == "live" else "sandbox"
    async with directory.pool.acquire() as conn:
        return await workspaces.add_key(conn, ws.id, kind, mode, _now(), member=member, name=name)


async def keys(directory: Directory, who: Principal) -> list[KeyRow]:
    """Give all keys of the workspace, without their texts."""
    async with directory.pool.acquire() as conn:
        return await workspaces.keys_of(conn, who.workspace.id)


async def revoke(directory: Directory, who: Principal, key: str) -> bool:
    """End a key; False if there is none, or it has ended."""
    async with directory.pool.acquire() as conn:
        return await workspaces.revoke_key(conn, who.workspace.id, key, _now())


def _now() -> int:
    return time.time_ns() // 1_000
