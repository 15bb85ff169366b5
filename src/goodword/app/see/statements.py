"""What files of a bank were taken, and what a bank said of one payout."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.see import paging
from goodword.core.state import Booking, Payout, Statement
from goodword.store import entities, pages

#: Statements that are listed.
MOST = 100


@requires("payout.read")
async def newest(who: Principal, directory: Directory) -> list[Statement]:
    """Return the statements that were taken last, the newest first; one that is being taken says how far it is.

    A statement speaks of all programs: who is limited to some sees none.
    """
    if who.programs:
        return []
    async with directory.reading() as conn:
        return await pages.statements_taken(conn, who.workspace.id, MOST)


@requires("payout.read")
async def of_payout(who: Principal, directory: Directory, payout: str) -> list[Booking]:
    """Return what a bank said of a payout, in the order in which it was taken. Raises UnknownError."""
    async with directory.reading() as conn:
        await paging.one(conn, who, Payout, payout)
        found = await entities.of(conn, who.workspace.id, (Booking, "payout"), [payout])
    return sorted((it for it in found if isinstance(it, Booking)), key=lambda it: (it.at, it.id))
