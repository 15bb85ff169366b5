"""Offers as they are told: with what became of each. Must not know: who asks for them, by what."""

from __future__ import annotations

from collections.abc import Collection

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.core import offers, rules
from goodword.core.kinds.rewards import taken_off
from goodword.core.offers import Standing
from goodword.core.rules import Rules, amount_in
from goodword.core.state import Conversion, Offer, Program, Referral, Reward
from goodword.store import entities, log
from goodword.store import rules as rule_versions


class Told(Struct, frozen=True):
    """An offer with its program's slug. ``status``: expected, confirmed or ended, for a ``reason``; ``reward``: what it became.

    ``usable``: an order may name it now; ``minimum``: the least that it must charge by currency, in minor units, None: anything.
    """

    offer: Offer
    program: str
    status: Standing
    reason: str | None
    usable: bool
    reward: Reward | None
    minimum: dict[str, int] | None


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
    binding = {it.offer: it.rules for it in referrals}
    documents = await rule_versions.documents(conn, ws, {binding[it.id] for it in found})
    versions = {it.hash: it.rules for it in (rules.version(text, number) for number, text in documents)}
    return [
        _told(it, programs[it.program], became.get((it.conversion or "", it.program)), versions[binding[it.id]], now)
        for it in found
    ]


def _least(it: Offer, rules: Rules) -> dict[str, int] | None:
    minimum = rules.welcome[0].minimum if rules.welcome is not None else None
    if minimum is None:
        return None
    least = {unit: amount_in(minimum, unit) for unit in it.amounts}
    return {unit: amount for unit, amount in least.items() if amount is not None}


def _told(it: Offer, program: Program, reward: Reward | None, rules: Rules, now: int) -> Told:
    status, reason = offers.stands(it, reward)
    usable = it.status == "open" and now < it.until and program.status != "ended"
    return Told(it, program.slug, status, reason, usable, reward, _least(it, rules))
