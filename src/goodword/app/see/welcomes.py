"""Offers as they are told: with what became of each. Must not know: who asks for them, by what."""

from __future__ import annotations

from collections.abc import Collection

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.core import offers
from goodword.core.kinds.rewards import taken_off
from goodword.core.offers import Standing
from goodword.core.state import Conversion, Offer, Program, Referral, Reward
from goodword.store import entities, log


class Told(Struct, frozen=True):
    """An offer with its program's slug. ``status``: expected, confirmed or ended, for a ``reason``; ``reward``: what it became.

    ``usable``: an order may name it now.
    """

    offer: Offer
    program: str
    status: Standing
    reason: str | None
    usable: bool
    reward: Reward | None


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
