"""Codes of our own: what is behind one, found by its payout, or by what somebody shows at a checkout.

Must not know: codes of stocks, which somebody else redeems.
"""

from __future__ import annotations

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.core import lots
from goodword.core.state import Advocate, Lot, Payout
from goodword.store import codes, entities, log


class Behind(Struct, frozen=True):
    """What a payout brought behind its code: ``lots``, in the order in which they are used; ``usable``: what of it can be used now.

    ``person``: whom the payout was for, who may have given the code to anybody.
    """

    payout: str
    person: str
    unit: str
    amount: int
    usable: int
    lots: tuple[Lot, ...]

    @property
    def left(self) -> int:
        """What is there, also while it cannot be used."""
        return sum(lot.rest for lot in self.lots)

    @property
    def ends_at(self) -> int | None:
        """The next instant at which something of it ends; None: nothing ever does, or nothing is there."""
        return min((lot.expires_at for lot in self.lots if lot.rest and lot.expires_at is not None), default=None)


@requires("credit.redeem")
async def look_up(who: Principal, directory: Directory, text: str) -> Behind:
    """Return what is behind the code that somebody typed. Raises UnknownError, as for a code of another workspace."""
    async with directory.snapshot() as conn:
        payout = await codes.payout_of(conn, who.workspace, text)
        found = [] if payout is None else await entities.load(conn, who.workspace.id, Payout, [payout])
        behind = await of(conn, directory, who, found[0]) if found else None
    if behind is None:
        raise UnknownError("code")
    return behind


@requires("credit.read")
async def behind(who: Principal, directory: Directory, payout: str) -> Behind | None:
    """Return what is behind the code that a payout brought; None: it brought none of our own. Raises UnknownError."""
    async with directory.snapshot() as conn:
        found = await entities.load(conn, who.workspace.id, Payout, [payout])
        if not found or not all(map(who.sees, found[0].programs)):
            raise UnknownError("payout")
        return await of(conn, directory, who, found[0])


async def of(conn: asyncpg.Connection, directory: Directory, who: Principal, payout: Payout) -> Behind | None:
    """Return the same for who may see it."""
    ws = who.workspace.id
    brought = await entities.of(conn, ws, (Lot, "reward"), {part.reward for part in payout.parts})
    mine = lots.in_order(lot for lot in brought if isinstance(lot, Lot) and lot.code == payout.id)
    if not mine:
        return None
    now = (await log.stream(conn, ws)).now(directory.now())
    places = {(lot.program, lot.person) for lot in mine}
    stopped = {it.program for it in await entities.load(conn, ws, Advocate, places) if it.status == "suspended"}
    there = [lot for lot in mine if lot.program not in stopped and (lot.expires_at is None or lot.expires_at > now)]
    amounts = sum(lot.amount for lot in mine), sum(lot.rest for lot in there)
    return Behind(payout.id, payout.beneficiary, payout.unit, *amounts, tuple(mine))
