"""The clock of a sandbox."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.errors import ConflictError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.core.entry import Entry
from goodword.core.events import ClockMoved


@requires("clock.move")
async def move(who: Principal, directory: Directory, to: int, key: str | None = None) -> Entry:
    """Move a manual clock forward; answered when every timer up to then is decided. Raises ConflictError for another clock."""
    if who.workspace.mode != "sandbox" or who.workspace.clock != "manual":
        raise ConflictError("clock_not_manual", "Only a manual clock is moved; it is chosen with the workspace.")
    return await say(who, directory, lambda s: ClockMoved(**s, to=to), key)
