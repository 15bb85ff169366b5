"""What the approval of rewards would be decided on, for reads that say beforehand what it would say. Who calls this has asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import asyncpg

from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.write.cache import Cached
from goodword.app.write.loader import load
from goodword.core import payouts, reviews
from goodword.core.draft import Draft
from goodword.core.events import ApprovalGiven, PayoutDrafted
from goodword.core.state import Entity, Payee, Reward
from goodword.store import entities, log

E = TypeVar("E", bound=Entity)


async def of(conn: asyncpg.Connection, who: Principal, directory: Directory, rewards: Sequence[Reward]) -> Draft:
    """Return what their approval would be decided on, so that what a list says against one is what the approval says.

    The rewards themselves are not read again.
    """
    ws, read = who.workspace.id, Cached(b"")
    read.state.update({(Reward, reward.id): reward for reward in rewards})
    now = (await log.stream(conn, ws)).now(directory.now())
    items = tuple(reviews.item_of(reward, None) for reward in rewards)
    asked = ApprovalGiven(evt="", source="", occurred_at=now, accepted_at=now, items=items, list_sha256="")
    loaded = await load(directory.engine, conn, ws, [asked], read, who.actor, now)
    return Draft(loaded.state, loaded.rules, "", now)


async def each(
    conn: asyncpg.Connection, who: Principal, draft: Draft, noun: type[E], keys: Iterable[str]
) -> dict[str, E]:
    """Return the entities with these keys that are there, by key; what the draft has at hand is not read again."""
    wanted, state = set(keys), draft.state
    found = [it for key in wanted if state.knows(noun, key) and (it := draft.get(noun, key)) is not None]
    found += await entities.load(conn, who.workspace.id, noun, [key for key in wanted if not state.knows(noun, key)])
    return {str(it.key): it for it in found}


async def short(
    conn: asyncpg.Connection,
    who: Principal,
    directory: Directory,
    rewards: Iterable[Reward],
    known: Draft,
    payees: Mapping[str, Payee],
) -> dict[str, tuple[int, int]]:
    """Return of which rewards too little is due for a payout, by id: what is due of their program, and its minimum.

    ``known``: what approvals of them would be decided on. Nothing is read where no rules of them have a minimum.
    """
    waiting: dict[tuple[str, str, str], list[Reward]] = {}
    for it in rewards:
        due = it.status == "approved" and it.payout is None and it.due_at is not None and it.due_at <= known.as_of
        if due and (known.rules_of(it.rules).payout_minimum or {}).get(it.unit):
            payee = payees.get(it.beneficiary)
            waiting.setdefault((payee.rail if payee is not None else "", it.kind, it.unit), []).append(it)
    found: dict[str, tuple[int, int]] = {}
    for (rail, kind, unit), theirs in waiting.items():
        people = tuple(dict.fromkeys(it.beneficiary for it in theirs))
        now, of_ = known.as_of, {"rail": rail, "kinds": (kind,), "unit": unit, "beneficiaries": people}
        asked = PayoutDrafted(evt="", source="", occurred_at=now, accepted_at=now, **of_)  # type: ignore[arg-type]
        read = Cached(b"")
        loaded = await load(directory.engine, conn, who.workspace.id, [asked], read, who.actor, known.as_of)
        draft = Draft(loaded.state, loaded.rules, "", known.as_of)
        lacks = {person: payouts.short(draft, asked, person) for person in people}
        found |= {it.id: lacks[it.beneficiary][it.program] for it in theirs if it.program in lacks[it.beneficiary]}
    return found
