"""The end of the log, which is all that a page needs to know whether it still shows what there is.

It is told as reports tell it: to whoever sees any figure. What is new there, the page itself says, to whom it may. Who is at which
record now is told to who may see that record.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.live import At
from goodword.app.principal import Principal, requires
from goodword.app.see import paging
from goodword.app.see.records import Named
from goodword.core.state import Reward
from goodword.store import log, workspaces


class Here(Struct, frozen=True):
    """A colleague who is at the record of a reward now. ``deciding``: they have begun to decide."""

    reward: str
    who: Named
    deciding: bool


@requires("report.read")
async def position(who: Principal, directory: Directory) -> int:
    """Return the position of the last entry."""
    async with directory.reading() as conn:
        return (await log.stream(conn, who.workspace.id)).position


@requires("report.read")
async def behind(who: Principal, directory: Directory, after: int, seconds: float, turns: int | None = None) -> int:
    """Wait as ``Live.behind`` does, inside ``Live.watching``; return the end of the log."""

    async def end() -> int:
        return await position(who, directory)

    return await directory.engine.live.behind(who.workspace.id, after, seconds, end, turns)


@requires("reward.read")
async def at(who: Principal, directory: Directory, reward: str, *, deciding: bool = False) -> At:
    """Return what says that the reader is at a reward, for ``Live.watching``. Raises UnknownError."""
    async with directory.reading() as conn:
        it = await paging.one(conn, who, Reward, reward)
    return At(who.actor.id, it.id, it.program, deciding)


@requires("reward.read")
async def others(who: Principal, directory: Directory) -> Sequence[Here]:
    """Return who else is at the record of a reward that the reader may see, each once a reward."""
    found: dict[tuple[str, str], bool] = {}
    for it in directory.engine.live.there(who.workspace.id):
        if it.member != who.actor.id and who.sees(it.program):
            key = it.subject, it.member
            found[key] = found.get(key, False) or it.deciding
    if not found:
        return ()
    mails: dict[str, str] = {}
    if who.may("member.mails"):
        async with directory.reading() as conn:
            mails = dict(await workspaces.mails(conn, who.workspace))
    return [Here(reward, Named(it, mails.get(it)), deciding) for (reward, it), deciding in sorted(found.items())]
