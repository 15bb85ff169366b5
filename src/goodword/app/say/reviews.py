"""What people decide: lists to look at, and the commands over them. Must not know: SQL, HTTP, rules."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from hashlib import sha256
from typing import TypeVar

import asyncpg

from goodword.app.directory import Directory, Principal
from goodword.app.say import workspaces
from goodword.app.write.commands import Stamp, command
from goodword.core import canonical, events, lists
from goodword.core import payouts as core_payouts
from goodword.core import reviews as core_reviews
from goodword.core.entry import Entry
from goodword.core.events import AnyEvent, Item
from goodword.core.state import Entity, Payee, Payout, Reward
from goodword.outbound.rails import REGISTRY, for_mode
from goodword.store import entities, notes, pages

E = TypeVar("E", bound=Entity)

_MOST = 1_000  # beneficiaries of one draft


async def to_approve(directory: Directory, ws: str, ids: list[str]) -> tuple[tuple[Item, ...], str]:
    """Give the frozen list of these rewards as they are now, and its digest: what an approval sends back."""
    async with directory.pool.acquire() as conn:
        found = await _in_order(conn, ws, Reward, ids)
        payees = {p.person: p for p in await entities.load(conn, ws, Payee, [r.beneficiary for r in found])}
    items = tuple(core_reviews.item_of(reward, payees.get(reward.beneficiary)) for reward in found)
    return items, lists.digest(items)


async def to_release(directory: Directory, ws: str, ids: list[str]) -> tuple[tuple[Item, ...], str]:
    """Give the frozen list of these payouts as they are now, and its digest."""
    async with directory.pool.acquire() as conn:
        found = await _in_order(conn, ws, Payout, ids)
    items = tuple(core_payouts.item_of(payout) for payout in found)
    return items, lists.digest(items)


async def approve(directory: Directory, who: Principal, items: tuple[Item, ...], list_sha256: str, key: str) -> Entry:
    """Say that these rewards are owed."""
    return await say(directory, who, lambda s: events.ApprovalGiven(**s, items=items, list_sha256=list_sha256), key)


async def release(directory: Directory, who: Principal, items: tuple[Item, ...], list_sha256: str, key: str) -> Entry:
    """Say that these payouts are sent. Raises RailModeError if one is for a rail that does not work in this workspace."""
    async with directory.pool.acquire() as conn:
        found = await entities.load(conn, who.workspace.id, Payout, [item.id for item in items])
    for rail in sorted({payout.rail for payout in found} & REGISTRY.keys()):
        for_mode(REGISTRY, rail, who.workspace.mode)
    return await say(directory, who, lambda s: events.PayoutReleased(**s, items=items, list_sha256=list_sha256), key)


async def reject(
    directory: Directory, who: Principal, items: tuple[Item, ...], reason: str, note: str | None, key: str
) -> Entry:
    """Say that these rewards are not owed."""
    digest = await _note(directory, who, note, key)
    return await say(
        directory, who, lambda s: events.RewardsRejected(**s, items=items, reason=reason, note=digest), key
    )


async def withdraw(
    directory: Directory, who: Principal, items: tuple[Item, ...], reason: str, note: str | None, key: str
) -> Entry:
    """Take approvals back."""
    digest = await _note(directory, who, note, key)
    return await say(
        directory, who, lambda s: events.ApprovalWithdrawn(**s, items=items, reason=reason, note=digest), key
    )


async def decide_case(
    directory: Directory, who: Principal, case: str, outcome: str, reason: str, note: str | None, key: str
) -> Entry:
    """Close a case."""
    digest = await _note(directory, who, note, key)
    return await say(
        directory, who, lambda s: events.CaseDecided(**s, case=case, outcome=outcome, reason=reason, note=digest), key
    )


async def enter_claim(
    directory: Directory,
    who: Principal,
    program: str,
    person: str,
    shares: list[tuple[str, Fraction]],
    lead_at: int,
    reason: str,
    note: str | None,
    key: str,
) -> Entry:
    """Say that advocates brought a friend, with shares that sum to one."""
    digest = await _note(directory, who, note, key)
    advocates = tuple((advocate, share.numerator, share.denominator) for advocate, share in shares)
    return await say(
        directory,
        who,
        lambda s: events.ClaimEntered(
            **s, program=program, person=person, advocates=advocates, lead_at=lead_at, reason=reason, note=digest
        ),
        key,
    )


async def decide_claim(
    directory: Directory, who: Principal, claim: str, outcome: str, reason: str, note: str | None, key: str
) -> Entry:
    """Decide a claim."""
    digest = await _note(directory, who, note, key)
    return await say(
        directory,
        who,
        lambda s: events.ClaimDecided(**s, claim=claim, outcome=outcome, reason=reason, note=digest),
        key,
    )


async def draft(
    directory: Directory, who: Principal, rail: str, unit: str, beneficiaries: tuple[str, ...] | None, key: str
) -> Entry:
    """Gather approved rewards that are due into payouts; None: of everybody who is owed any, a thousand at most.

    Raises KeyError for a rail that there is not, RailModeError for one that does not work in this workspace.
    """
    delivers = for_mode(REGISTRY, rail, who.workspace.mode)
    asked = sha256(canonical.encode((rail, unit, beneficiaries))).digest()  # a repeat may find others who are owed
    if beneficiaries is None:
        now = await workspaces.now(directory, who.workspace.id)
        async with directory.pool.acquire() as conn:
            beneficiaries = tuple(await pages.payable(conn, who.workspace.id, unit, now, "", _MOST))
    named = beneficiaries
    return await command(
        directory.engine,
        who.workspace.id,
        lambda s: events.PayoutDrafted(
            **s, rail=rail, kinds=delivers.kinds, manual=delivers.manual, unit=unit, beneficiaries=named
        ),
        who.actor,
        key=key,
        content=asked,
    )


async def say(directory: Directory, who: Principal, make: Callable[[Stamp], AnyEvent], key: str | None) -> Entry:
    """A command of a principal. ``key``: makes a repeat harmless."""
    return await command(directory.engine, who.workspace.id, make, who.actor, key=key)


async def _note(directory: Directory, who: Principal, text: str | None, key: str) -> str | None:
    if text is None:
        return None
    async with directory.pool.acquire() as conn:
        return await notes.add(conn, who.workspace, key, text)


async def _in_order(conn: asyncpg.Connection, ws: str, noun: type[E], ids: list[str]) -> list[E]:
    """Raises LookupError naming the first that is not there."""
    found = {entity.key: entity for entity in await entities.load(conn, ws, noun, ids)}
    missing = next((id_ for id_ in ids if id_ not in found), None)
    if missing is not None:
        raise LookupError(missing)
    return [found[id_] for id_ in dict.fromkeys(ids)]
