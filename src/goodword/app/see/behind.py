"""What is behind a code of our own, read for whoever may see its payout."""

from __future__ import annotations

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.core import lots
from goodword.core.state import Advocate, Lot, Payout
from goodword.store import entities, log


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


async def of(conn: asyncpg.Connection, directory: Directory, who: Principal, payout: Payout) -> Behind | None:
    """Return what is behind the code that a payout brought; None: it brought none of our own."""
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
