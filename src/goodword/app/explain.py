"""explain: the decisions about anything with an id, the oldest first. Must not know: SQL, how a decision is shown."""

from __future__ import annotations

import asyncpg

from goodword.core.entry import Entry
from goodword.core.state import Case, Claim, Conversion, Payout, Referral, Reward
from goodword.store import entities, log, pages

_MOST = 200
_PIECE = 1_000


async def decisions(pool: asyncpg.Pool, ws: str, id_: str) -> list[Entry]:
    """Give the log entries that decided about an event, reward, referral, payout, case or claim; none: it is unknown.

    Of a reward: its conversion and everybody who approved or released it. Found by keys, never by reading the log.
    """
    async with pool.acquire() as conn:
        events, subjects = await _about(conn, ws, id_)
        entries = [await log.of(conn, ws, evt) for evt in dict.fromkeys(events)][:_MOST]
        for subject in subjects:
            for position, _, _ in await pages.approvals_of(conn, ws, subject):
                entries.append(await log.at(conn, ws, position))
    found = {entry.position: entry for entry in entries if entry is not None}
    return [found[position] for position in sorted(found)]


async def history(pool: asyncpg.Pool, ws: str) -> list[Entry]:
    """Give every entry of the log, in order. Raises LookupError for an unknown workspace. For a replay: all in memory."""
    async with pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        end = await log.stream(conn, ws)
        entries: list[Entry] = []
        while len(entries) < end.position:
            entries += await log.read(conn, ws, len(entries) + 1, len(entries) + _PIECE)
    return entries


async def _about(conn: asyncpg.Connection, ws: str, id_: str) -> tuple[list[str], list[str]]:
    """Give the events that decided about a thing, and the subjects of approvals that concern it."""
    prefix = id_.partition("_")[0]
    if prefix == "evt":
        return [id_], []
    if prefix == "rwd":
        return await _rewards(conn, ws, [id_])
    if prefix == "ref":
        referrals = await entities.load(conn, ws, Referral, [(id_,)])
        conversions = [(taken[1],) for one in referrals for taken in one.qualified.values()]
        qualified = await entities.load(conn, ws, Conversion, conversions)
        return [one.lead for one in referrals] + [one.evt for one in qualified if one.evt], []
    if prefix == "pay":
        payouts = await entities.load(conn, ws, Payout, [(id_,)])
        events, subjects = await _rewards(conn, ws, [part.reward for one in payouts for part in one.parts])
        return events, [id_, *subjects]
    if prefix == "cas":
        cases = await entities.load(conn, ws, Case, [(id_,)])
        return await _rewards(conn, ws, [reward for one in cases for reward in one.rewards])
    if prefix == "clm":
        claims = await entities.load(conn, ws, Claim, [(id_,)])
        referrals = [
            r for one in claims for r in await pages.referrals(conn, ws, friend=one.friend, after="", limit=50)
        ]
        return [one.lead for one in referrals], []
    return [], []


async def _rewards(conn: asyncpg.Connection, ws: str, ids: list[str]) -> tuple[list[str], list[str]]:
    found = await entities.load(conn, ws, Reward, [(id_,) for id_ in ids])
    payouts = [reward.payout for reward in found if reward.payout is not None]
    return [reward.evt for reward in found], [*(reward.id for reward in found), *dict.fromkeys(payouts)]
