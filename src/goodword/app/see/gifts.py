"""A gift as whom it is for sees it: what it is, for what, until when it can be used; what its codes read only where that is asked for.

Whoever comes by the address in its mail reads the same as who is signed in. Must not know: pages.
"""

from __future__ import annotations

from collections.abc import Collection

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see.taxes import names_of
from goodword.core.messages import GIFT
from goodword.core.state import Handout, Payout, Reward, Stock
from goodword.store import codes, entities, pages
from goodword.store.workspaces import Workspace

#: So many looks of a gift are read for the first of whom it is for.
_LOOKS = 200


class Gift(Struct, frozen=True):
    """A gift. ``side``: for what it is given; ``rules``: the version whose terms it follows; ``ends_at``: of what ends first.

    ``opened_at``: since when they know what it reads; ``texts``: that, None where it was not asked for.
    """

    payout: str
    person: str
    amount: int
    unit: str
    side: str
    rules: str
    ends_at: int | None
    opened_at: int | None
    texts: tuple[str, ...] | None = None

    def __repr__(self) -> str:  # no log has it
        return f"Gift({self.payout})"


@requires("own.rewards")
async def own(who: Principal, directory: Directory, payout: str) -> Gift:
    """Return a gift of one's own, without what it reads. Raises UnknownError, for another's too, and for what is no gift."""
    async with directory.snapshot() as conn:
        _, names = await names_of(conn, who.workspace.id, who.actor.id)
        found = await of(conn, who.workspace, payout, names)
    if found is None:
        raise UnknownError("gift")
    return found


async def of(
    conn: asyncpg.Connection, ws: Workspace, payout: str, names: Collection[str], *, reads: bool = False
) -> Gift | None:
    """Return the gift that a payout gave to one of these names; None: it gave none. ``reads``: with what its codes read."""
    found = await entities.load(conn, ws.id, Payout, [payout])
    if not found or found[0].status != "completed" or found[0].beneficiary not in names:
        return None
    its = await entities.load(conn, ws.id, Reward, [part.reward for part in found[0].parts])
    given = [it for it in await entities.of(conn, ws.id, (Handout, "payout"), [payout]) if isinstance(it, Handout)]
    if not given or all(it.kind != GIFT for it in its):
        return None
    stocks = await entities.load(conn, ws.id, Stock, {it.stock for it in given})
    looks = await pages.looks(conn, ws.id, payout, after=pages.FIRST, limit=_LOOKS)
    texts = await codes.find(conn, ws, [it.code for it in given]) if reads else {}
    in_order = sorted(given, key=lambda it: (it.stock, it.number))
    return Gift(
        payout,
        found[0].beneficiary,
        found[0].amount,
        found[0].unit,
        its[0].side,
        its[0].rules,
        min((it.ends_at for it in stocks if it.ends_at is not None), default=None),
        min((it.at for it in looks if it.by in names), default=None),
        tuple(texts[it.code] for it in in_order) if reads else None,
    )
