"""What commands have in common: how each is decided, the text that somebody types beside one, and the key of a new member.

They ask for no permission: whoever calls them has, and ``core.decide`` asks again.
"""

from __future__ import annotations

from collections.abc import Callable

from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.write.commands import Also, Stamp, command
from goodword.core.entry import Entry
from goodword.core.events import AnyEvent
from goodword.core.state import Member
from goodword.store import entities, notes, workspaces
from goodword.store.api_keys import Mode


async def say(
    who: Principal,
    directory: Directory,
    make: Callable[[Stamp], AnyEvent],
    key: str | None,
    *,
    content: bytes | None = None,
    also: Also | None = None,
) -> Entry:
    """Decide a command of a principal at once and return its entry. ``key`` makes a repeat harmless; see ``write.commands``."""
    return await command(directory.engine, who.workspace.id, make, who.actor, key=key, content=content, also=also)


async def note(who: Principal, directory: Directory, text: str | None, key: str) -> str | None:
    """Keep a text, sealed, and return the digest that stands for it in the log; None if there is none."""
    if text is None:
        return None
    async with directory.pool.acquire() as conn:
        return await notes.add(conn, who.workspace, key, text)


async def first_key(who: Principal, directory: Directory, member: str) -> str | None:
    """Return the text of a key for a member who never had one, shown once; None: there is no such member, or they had one."""
    ws = who.workspace
    async with directory.pool.acquire() as conn:
        known = await entities.load(conn, ws.id, Member, [member])
        if not known or any(row.member == member for row in await workspaces.keys_of(conn, ws.id)):
            return None
        mode: Mode = "live" if ws.mode == "live" else "sandbox"
        _, text = await workspaces.add_key(conn, ws.id, "mk", mode, directory.now(), member=member)
    return text
