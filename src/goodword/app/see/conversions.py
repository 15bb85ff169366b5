"""Orders: what was bought or done by whom, what came back of it, what it earned, or why nothing."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, parties
from goodword.app.see.paging import Page
from goodword.app.see.parties import Parties, Party
from goodword.core.state import Chargeback, Conversion, Refund, Reward
from goodword.sources.split import is_id
from goodword.store import entities, pages, people

_DIGITS = 17  # of an instant


class Order(Struct, frozen=True):
    """An order. ``invoice``: its token or our id for it, None: it has none; ``person``: who bought, None: not known yet.

    ``earned``: unit -> what rewards of it come to now, of the programs that are shown.
    """

    conversion: Conversion
    invoice: str | None
    person: Party | None
    earned: dict[str, int]

    @property
    def id(self) -> str:
        """The conversion's."""
        return self.conversion.id


class Whole(Struct, frozen=True):
    """An order with its refunds and chargebacks, the oldest first, and its rewards."""

    order: Order
    refunds: tuple[Refund, ...]
    chargebacks: tuple[Chargeback, ...]
    rewards: tuple[Parties, ...]


@requires("reward.read")
async def newest(
    who: Principal,
    directory: Directory,
    *,
    status: str | None = None,
    program: str | None = None,
    person: str | None = None,
    after: str = "",
    limit: int = 50,
) -> Page[Order]:
    """Return orders, the newest first: all or a person's, or those that earned in a program, which have no other filter.

    Who is limited to programs is given those that earned in theirs. Raises InvalidError and UnknownError.
    """
    filters.status("conversion", status)
    async with directory.snapshot() as conn:
        scope = await filters.programs(conn, who, program)
        person = await filters.person(conn, who, person)
        if scope is not None:
            filters.id_of("after", after or None, "reward")
            found, on = await pages.earning_conversions(
                conn, who.workspace.id, programs=scope, after=after, limit=limit
            )
            found = [it for it in found if status in (None, it.status) and person in (None, it.person)]
        else:
            found = await pages.newest_conversions(
                conn, who.workspace.id, status=status, person=person, after=_cursor(after), limit=limit
            )
            on = f"{found[-1].at}.{found[-1].id}" if len(found) == limit else None
        return Page(await _orders(conn, who, directory, found), on)


@requires("reward.read")
async def get(who: Principal, directory: Directory, conversion: str) -> Whole:
    """Return one order, by what it is known by or by its invoice. Raises UnknownError, for one that earned in no program shown too."""
    ws = who.workspace
    async with directory.snapshot() as conn:
        [order] = await _orders(conn, who, directory, [await _one(conn, who, conversion)])
        id_ = order.conversion.id
        refunds = [it for it in await entities.of(conn, ws.id, (Refund, "conversion"), [id_]) if isinstance(it, Refund)]
        backs = await entities.of(conn, ws.id, (Chargeback, "conversion"), [id_])
        chargebacks = [it for it in backs if isinstance(it, Chargeback)]
        rewards = await entities.load(conn, ws.id, Reward, order.conversion.rewards)
    shown = sorted(it.id for it in rewards if who.sees(it.program))
    return Whole(
        order,
        tuple(sorted(refunds, key=lambda it: (it.at, it.id))),
        tuple(sorted(chargebacks, key=lambda it: (it.at, it.id))),
        tuple(await parties.each(who, directory, shown)),
    )


async def _one(conn: asyncpg.Connection, who: Principal, named: str) -> Conversion:
    ws = who.workspace
    ids = [named] if is_id(named, "evt") else [named if named.startswith("inv:") else f"inv:{named}"]
    invoice = named.removeprefix("inv:")
    by_name = await people.find(conn, ws.id, ws.keys, [("invoice", invoice)])
    ids += [f"inv:{id_}" for id_ in by_name.values()]
    for it in await entities.load(conn, ws.id, Conversion, [id_.replace("\0", "") for id_ in ids]):
        if who.programs is None or any(
            who.sees(one.program) for one in await entities.load(conn, ws.id, Reward, it.rewards)
        ):
            return it
    raise UnknownError("conversion")


def _cursor(after: str) -> tuple[int, str]:
    if not after:
        return pages.LATEST, pages.FIRST
    at, dot, id_ = after.partition(".")
    if not dot or not at.isdecimal() or len(at) > _DIGITS or "\0" in id_:
        raise InvalidError("`after` is no cursor of this list.", "after")
    return int(at), id_


async def _orders(
    conn: asyncpg.Connection, who: Principal, directory: Directory, found: Sequence[Conversion]
) -> list[Order]:
    ws = who.workspace
    rewards = {
        it.id: it for it in await entities.load(conn, ws.id, Reward, {id_ for it in found for id_ in it.rewards})
    }
    names: dict[str, str] = {}
    if who.may("person.names"):
        wanted = {id_ for it in found for id_ in (it.person, it.id.removeprefix("inv:")) if id_ is not None}
        names = await people.texts(conn, ws.id, ws.keys, directory.vault, wanted)

    def order(it: Conversion) -> Order:
        earned: dict[str, int] = {}
        for reward in (rewards[id_] for id_ in it.rewards if id_ in rewards):
            if who.sees(reward.program):
                earned[reward.unit] = earned.get(reward.unit, 0) + reward.amount
        invoice = it.id.removeprefix("inv:") if it.id.startswith("inv:") else None
        party = Party(it.person, names.get(it.person)) if it.person is not None else None
        return Order(it, names.get(invoice or "", invoice), party, earned)

    return [order(it) for it in found]
