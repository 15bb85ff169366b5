"""The end of the log, which is all that a page needs to know whether it still shows what there is.

It is told as reports tell it: to whoever sees any figure. What is new there, the page itself says, to whom it may. Who is at which
record now is told to who may see that record.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.live import At
from goodword.app.principal import Principal, requires
from goodword.app.see.records import Named
from goodword.core import looking
from goodword.core.state import Case, Entity, Payout, Reward
from goodword.store import entities, log, workspaces

#: Beginning of an id -> the noun at whose records it is told who is there, and what it takes to see one.
_AT: dict[str, tuple[type[Entity], str]] = {
    "rwd_": (Reward, "reward.read"),
    "cas_": (Case, "case.read"),
    "pay_": (Payout, "payout.read"),
}


class Here(Struct, frozen=True):
    """A colleague who is at the record of a reward, case or payout now. ``deciding``: they have begun to decide."""

    subject: str
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


@requires("report.read")
async def at(who: Principal, directory: Directory, subject: str, *, deciding: bool = False) -> At:
    """Return what says that the reader is at a reward, case or payout, for ``Live.watching``. Raises UnknownError."""
    noun, action = _AT.get(subject[:4], (None, ""))
    if noun is None or not who.may(action):
        raise UnknownError("record")
    async with directory.reading() as conn:
        found = await entities.load(conn, who.workspace.id, noun, [subject])
    programs = looking.programs(found[0]) if found else ()
    if not found or not who.sees(*programs):
        raise UnknownError("record")
    return At(who.actor.id, subject, programs, action, deciding)


@requires("report.read")
async def others(who: Principal, directory: Directory) -> Sequence[Here]:
    """Return who else is at a record that the reader may see, each once a record."""
    found: dict[tuple[str, str], bool] = {}
    for it in directory.engine.live.there(who.workspace.id):
        if it.member != who.actor.id and who.may(it.action) and who.sees(*it.programs):
            key = it.subject, it.member
            found[key] = found.get(key, False) or it.deciding
    if not found:
        return ()
    mails: dict[str, str] = {}
    if who.may("member.mails"):
        async with directory.reading() as conn:
            mails = dict(await workspaces.mails(conn, who.workspace))
    return [Here(subject, Named(it, mails.get(it)), deciding) for (subject, it), deciding in sorted(found.items())]
