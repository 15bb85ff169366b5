"""Store credit of a person: what they have, the lots that it is in with their ends, and what moved it; and what codes brought them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters
from goodword.core import kin, lots
from goodword.core.state import Advocate, Kin, Lot
from goodword.store import entities, pages
from goodword.store.pages import PostingRow

#: Movements that are shown, the newest.
MOST: Final = 100

What = Literal["delivered", "redeemed", "given_back", "taken_back", "expired", "handed_over"]
#: Where it came from and went to -> what that was, seen from the credit of its holder.
_MOVES: Final[dict[tuple[str, str], What]] = {
    ("clearing", "credit"): "delivered",
    ("credit", "settled"): "redeemed",
    ("settled", "credit"): "given_back",
    ("credit", "receivable"): "taken_back",
    ("credit", "expense"): "expired",
    ("credit", "opening"): "expired",
    ("credit", "credit"): "handed_over",
}


class Balance(Struct, frozen=True):
    """What somebody has in a unit; ``usable``: what of it can be used, since they are not suspended in its program."""

    unit: str
    balance: int
    usable: int


class Movement(Struct, frozen=True):
    """What moved credit, at a position of the log; ``amount``: below nothing where it went away."""

    position: int
    what: What
    amount: int
    unit: str
    program: str
    reward: str


class Credit(Struct, frozen=True):
    """``lots``: of which anything is there, in the order in which they are used. ``person``: whom they are by now.

    ``behind``: lots behind codes of our own, of which anything is there: these are no balance of theirs.
    """

    person: str
    balances: list[Balance]
    lots: list[Lot]
    movements: list[Movement]
    behind: list[Lot]


@requires("credit.read")
async def of_person(who: Principal, directory: Directory, person: str) -> Credit:
    """Return the store credit of a person, of the programs that are shown. Raises UnknownError."""
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        if not await filters.shown(conn, who, person):
            raise UnknownError("person")
        kins: Mapping[str, Kin] = {it.person: it for it in await entities.load(conn, ws, Kin, [person])}
        root = kin.root(lambda _, key: kins.get(key), person)
        kins = {it.person: it for it in await entities.load(conn, ws, Kin, [root])}
        names = kin.all_of(lambda _, key: kins.get(key), root)
        found = [it for it in await entities.of(conn, ws, (Lot, "held_by"), [root]) if isinstance(it, Lot)]
        seen = lots.in_order(lot for lot in found if who.sees(lot.program))
        held = [lot for lot in seen if lot.code is None]
        places = {(lot.program, root) for lot in held}
        stopped = {it.program for it in await entities.load(conn, ws, Advocate, places) if it.status == "suspended"}
        rows = [row for row in await pages.credit_moves(conn, ws, names, MOST) if who.sees(row.program)]
    balances = [
        Balance(
            unit,
            sum(lot.rest for lot in held if lot.unit == unit),
            sum(lot.rest for lot in held if lot.unit == unit and lot.program not in stopped),
        )
        for unit in sorted({lot.unit for lot in held})
    ]
    behind = [lot for lot in seen if lot.code is not None]
    return Credit(root, balances, held, [_movement(row) for row in rows], behind)


def _movement(row: PostingRow) -> Movement:
    what = _MOVES[row.source, row.destination]
    amount = row.amount if row.destination == "credit" else -row.amount
    return Movement(row.position, what, amount, row.unit, row.program, row.reward)
