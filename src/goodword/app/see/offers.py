"""Welcome offers: what the shop may take off a friend's next order, and what became of those of before."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters
from goodword.core import kin, offers
from goodword.core.kinds.rewards import taken_off
from goodword.core.state import Conversion, Customer, Kin, Offer, Program, Referral, Reward
from goodword.store import entities, log


class Told(Struct, frozen=True):
    """An offer with its program's slug. ``status``: expected, confirmed or ended, for a ``reason``; ``reward``: what it became.

    ``usable``: an order may name it now.
    """

    offer: Offer
    program: str
    status: str
    reason: str | None
    usable: bool
    reward: Reward | None


@requires("referral.read")
async def of_customer(who: Principal, directory: Directory, customer: str) -> list[Told]:
    """Return the offers of a customer, by id or outside name, that are shown: one a program at most. Nobody known has none."""
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        try:
            person = await filters.person(conn, who, customer)
        except UnknownError:
            return []
        kins: Mapping[str, Kin] = {it.person: it for it in await entities.load(conn, ws, Kin, [person or ""])}
        root = kin.root(lambda _, key: kins.get(key), person or "")
        found = await entities.load(conn, ws, Customer, [root])
        bound = {id_ for it in found for id_ in it.referrals}
        return await told(conn, who, directory, await entities.load(conn, ws, Referral, bound))


async def told(
    conn: asyncpg.Connection, who: Principal, directory: Directory, referrals: Collection[Referral]
) -> list[Told]:
    """Return the offers that these referrals hold, with what became of them."""
    ws = who.workspace.id
    held = {it.offer for it in referrals if it.offer is not None and who.sees(it.program)}
    found = sorted(await entities.load(conn, ws, Offer, held), key=lambda it: it.id)
    orders = await entities.load(conn, ws, Conversion, {it.conversion for it in found if it.conversion is not None})
    rewards = await entities.load(conn, ws, Reward, {id_ for order in orders for id_ in order.rewards})
    became = {(it.conversion, it.program): it for it in rewards if taken_off(it.kind)}
    programs = {it.id: it for it in await entities.load(conn, ws, Program, {it.program for it in found})}
    now = (await log.stream(conn, ws)).now(directory.now()) if found else 0
    return [_told(it, programs[it.program], became.get((it.conversion or "", it.program)), now) for it in found]


def _told(it: Offer, program: Program, reward: Reward | None, now: int) -> Told:
    status, reason = offers.stands(it, reward)
    usable = it.status == "open" and now < it.until and program.status != "ended"
    return Told(it, program.slug, status, reason, usable, reward)
