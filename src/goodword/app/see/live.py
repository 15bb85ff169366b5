"""The end of the log, which is all that a page needs to know whether it still shows what there is.

It is told as reports tell it: to whoever sees any figure. What is new there, the page itself says, to whom it may.
"""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.store import log


@requires("report.read")
async def position(who: Principal, directory: Directory) -> int:
    """Return the position of the last entry."""
    async with directory.reading() as conn:
        return (await log.stream(conn, who.workspace.id)).position


@requires("report.read")
async def behind(who: Principal, directory: Directory, after: int, seconds: float) -> int:
    """Wait until the log goes beyond a position, so long at most; return its end. Inside ``Live.watching``."""

    async def end() -> int:
        return await position(who, directory)

    return await directory.engine.live.behind(who.workspace.id, after, seconds, end)
