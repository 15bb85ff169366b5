"""Stocks of codes: how many are left of each, which run low, what waits for some; and the codes of one payout, as they read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import behind
from goodword.core import stocks
from goodword.core.state import Handout, Payout, Stock
from goodword.store import codes, entities, log, pages

#: Of an id that stands in the place of a code, so many of its last characters.
_SHOWN: Final = 4


class Whole(Struct, frozen=True):
    """All uploads, the newest first. ``low``: name -> how many are left, where these are few; ``waiting``: payouts without codes.

    ``programs``: slugs by id.
    """

    stocks: tuple[Stock, ...]
    low: Mapping[str, int]
    waiting: tuple[Payout, ...]
    programs: Mapping[str, str]
    now: int


class Code(Struct, frozen=True):
    """A code that a payout got. ``text``: what it reads, a secret of its beneficiary; ``masked``: what may stand in its place.

    ``stock``, ``name``: None of one of our own, of which ``left`` is there; of another nobody here knows that.
    """

    id: str
    stock: str | None
    name: str | None
    amount: int
    unit: str
    ends_at: int | None
    text: str
    left: int | None = None

    @property
    def masked(self) -> str:
        """Its last characters, of one that is long enough to keep the others to itself."""
        return "…" + (self.text[-_SHOWN:] if len(self.text) >= 3 * _SHOWN else "")

    def __repr__(self) -> str:  # no log has it
        return f"Code({self.id})"


@requires("stock.read")
async def whole(who: Principal, directory: Directory) -> Whole:
    """Return the stocks of the programs that the reader sees, and those for any."""
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        now = (await log.stream(conn, ws)).now(directory.now())
        found = [it for it in await entities.every(conn, ws, Stock) if it.program is None or who.sees(it.program)]
        slugs = {it.id: it.slug for it in await pages.programs(conn, ws)}
        units = {it.unit for it in found} | await pages.awaited(conn, ws)
        waiting = [it for it in await entities.of(conn, ws, (Payout, "awaits"), units) if isinstance(it, Payout)]
    mine = [it for it in waiting if all(map(who.sees, it.programs))]
    found.sort(key=lambda it: (it.at, it.id), reverse=True)
    return Whole(
        tuple(found),
        stocks.low(found, now),
        tuple(sorted(mine, key=lambda it: (it.drafted_at, it.id))),
        {id_: slug for id_, slug in slugs.items() if who.sees(id_)},
        now,
    )


@requires("handout.read")
async def of_payout(who: Principal, directory: Directory, payout: str) -> list[Code]:
    """Return the codes that a payout got, as they read. Raises UnknownError."""
    ws = who.workspace
    async with directory.snapshot() as conn:
        found = await entities.load(conn, ws.id, Payout, [payout])
        if not found or not all(map(who.sees, found[0].programs)):
            raise UnknownError("payout")
        given = [it for it in await entities.of(conn, ws.id, (Handout, "payout"), [payout]) if isinstance(it, Handout)]
        of = {it.id: it for it in await entities.load(conn, ws.id, Stock, {it.stock for it in given})}
        texts = await codes.find(conn, ws, [payout, *(it.code for it in given)])
        own = await behind.of(conn, directory, who, found[0])
    if own is not None:
        return [Code(payout, None, None, own.amount, own.unit, own.ends_at, texts[payout], own.left)]
    return [
        Code(
            it.code,
            it.stock,
            of[it.stock].name,
            of[it.stock].amount,
            of[it.stock].unit,
            of[it.stock].ends_at,
            texts[it.code],
        )
        for it in sorted(given, key=lambda it: (it.stock, it.number))
    ]
