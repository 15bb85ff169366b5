"""explain: the decisions about anything with an id, the oldest first. Must not know: SQL, how a decision is shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import ClassVar, TypeVar

import asyncpg

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.core.entry import Entry
from goodword.core.state import (
    Agreement,
    Case,
    Claim,
    Conversion,
    Deal,
    Entity,
    Payout,
    Referral,
    Registration,
    Reward,
    Schedule,
)
from goodword.store import entities, log, pages

E = TypeVar("E", bound=Entity)

_MOST = 200


@requires("log.read")
async def decisions(who: Principal, directory: Directory, id_: str) -> list[Entry]:
    """Return the entries about an event, reward, referral, payout, case, claim, agreement or schedule; none: it is unknown.

    Of a reward: its conversion, every change of its money, its cases, and everybody who approved or released it. Found by
    keys, never by reading the log; 200 at most, the oldest.
    """
    async with directory.reading() as conn:
        return await About(conn, who.workspace.id).entries(id_)


def _said_of(found: Iterable[Claim | Case]) -> list[str]:
    """Return the events in which they were opened, decided, appealed and decided again."""
    return [evt for it in found for evt in (it.evt, *it.between, it.decided_evt) if evt is not None]


class About:
    """What leads to the entries about a thing: events, rewards whose money moved, and subjects of approvals."""

    def __init__(self, conn: asyncpg.Connection, ws: str) -> None:
        self.events: list[str] = []
        self.rewards: list[str] = []
        self.subjects: list[str] = []
        self._conn = conn
        self._ws = ws

    async def entries(self, of: str | Reward) -> list[Entry]:
        """Return the entries that decided about an id, or a reward that was read, as ``decisions`` does: for who may read the log."""
        await (self._rewards(of) if isinstance(of, Reward) else self._find(of))
        found = [*(await log.of_each(self._conn, self._ws, self.events[:_MOST])).values()]
        positions = await pages.entries_of(self._conn, self._ws, self.rewards, self.subjects, _MOST)
        found += await log.at_each(self._conn, self._ws, set(positions) - {entry.position for entry in found})
        return sorted(found, key=lambda entry: entry.position)[:_MOST]

    async def _find(self, id_: str) -> None:
        """Look up what the id, by its prefix, names."""
        prefix = id_.partition("_")[0]
        if prefix == "evt":
            self.events.append(id_)
        elif prefix in self._LOOK:
            await self._LOOK[prefix](self, id_)

    async def _reward(self, *ids: str) -> None:
        await self._rewards(*await self._load(Reward, *ids))

    async def _rewards(self, *rewards: Reward) -> None:
        self.events += [evt for reward in rewards for evt in (reward.evt, reward.snoozed_evt) if evt is not None]
        self.rewards += [reward.id for reward in rewards]
        payouts = dict.fromkeys(reward.payout for reward in rewards if reward.payout is not None)
        self.subjects += [*self.rewards, *payouts]
        await self._cases(*(reward.conversion for reward in rewards))
        await self._decided(*(case for reward in rewards for case in reward.cases))
        taken_by = [reward.taken_by for reward in rewards if reward.taken_by is not None]
        self.events += _said_of(await self._load(Claim, *taken_by))

    async def _referral(self, id_: str) -> None:
        referrals = await self._load(Referral, id_)
        self.events += [referral.lead for referral in referrals]
        qualified = (place.conversion for referral in referrals for place in referral.qualified)
        self.events += [conversion.evt for conversion in await self._load(Conversion, *qualified) if conversion.evt]

    async def _payout(self, id_: str) -> None:
        self.subjects.append(id_)
        await self._reward(*(part.reward for payout in await self._load(Payout, id_) for part in payout.parts))

    async def _case(self, id_: str) -> None:
        await self._decided(id_)
        await self._reward(*(reward for case in await self._load(Case, id_) for reward in case.rewards))

    async def _claim(self, *ids: str) -> None:
        self.events += _said_of(await self._load(Claim, *ids))
        await self._cases(*ids)

    async def _registration(self, id_: str) -> None:
        registrations = await self._load(Registration, id_)
        self.events += [evt for it in registrations for evt in (it.evt, it.decided_evt) if evt is not None]
        deals = [deal for it in registrations for deal in it.deals]
        self.events += [deal.evt for deal in await self._load(Deal, *deals)]

    async def _agreement(self, id_: str) -> None:
        self.events += [terms.evt for it in await self._load(Agreement, id_) for terms in it.versions]

    async def _schedule(self, id_: str) -> None:
        """What set it and what it drafted last: its earlier runs stand in the log."""
        self.events += [
            evt for it in await self._load(Schedule, id_) for evt in (it.evt, it.ran_evt) if evt is not None
        ]

    async def _cases(self, *subjects: str) -> None:
        await self._decided(*await pages.cases_about(self._conn, self._ws, subjects, _MOST))

    async def _decided(self, *cases: str) -> None:
        self.events += _said_of(await self._load(Case, *cases))

    _LOOK: ClassVar[dict[str, Callable[[About, str], Awaitable[None]]]] = {
        "rwd": _reward,
        "ref": _referral,
        "pay": _payout,
        "cas": _case,
        "clm": _claim,
        "reg": _registration,
        "agr": _agreement,
        "sch": _schedule,
    }

    async def _load(self, noun: type[E], *ids: str) -> list[E]:
        return await entities.load(self._conn, self._ws, noun, ids)
