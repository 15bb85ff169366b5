"""What commands have in common: how each is decided, and the text that somebody types beside one.

These two ask for no permission: whoever calls them has, and ``core.decide`` asks again.
"""

from __future__ import annotations

from collections.abc import Callable

from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.write.commands import Also, Stamp, command
from goodword.core.entry import Entry
from goodword.core.events import AnyEvent
from goodword.store import notes


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
