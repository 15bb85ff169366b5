"""Rewards with all that a person is shown beside them: both parties by name, the order, what it waits for, its payout.

Every list and page that shows rewards to people shows these. A page takes one read a noun, however many rewards are on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.see import drafts, paging, payees, rewards
from goodword.app.see.paging import Page
from goodword.core import contested, holds, taxes
from goodword.core.draft import Draft
from goodword.core.state import Case, Claim, Conversion, Payee, Payout, Program, Referral, Reward


class Party(Struct, frozen=True):
    """A person. ``name``: the company's own for them; None for a reader who may see no names, and for who was erased."""

    id: str
    name: str | None


class Parties(Struct, frozen=True):
    """A reward with what is shown beside it.

    ``program``: its slug; ``version``: the number of the rules that it was earned by, from 1, None if the program has no such one.
    ``referrers``: who brought the friend, ``brought_at``: when. ``waits_for``: codes of ``core.holds``.
    ``invoice`` and ``paid``: the order's, if it has any.
    ``short``: what is due of its program in its unit, and the minimum, where that is more; None: it does not wait for it.
    ``payout`` is None for a reader who may see none. ``last``: the last characters of the account.
    """

    reward: Reward
    program: str
    version: int | None
    referrers: tuple[Party, ...]
    friend: Party
    beneficiary: Party
    brought_at: int | None
    invoice: str | None
    paid: int | None
    currency: str | None
    waits_for: tuple[str, ...]
    case_kinds: tuple[str, ...]
    payout: Payout | None
    rail: str | None
    last: str | None
    receivable: int
    short: tuple[int, int] | None = None

    @property
    def id(self) -> str:
        """The reward's."""
        return self.reward.id


@requires("reward.read")
async def page(
    who: Principal,
    directory: Directory,
    *,
    status: str | None = None,
    program: str | None = None,
    beneficiary: str | None = None,
    after: str = "",
    limit: int = 50,
) -> Page[Parties]:
    """Return rewards, filtered as ``rewards.page`` does and raising what it raises."""
    filters = {"status": status, "program": program, "beneficiary": beneficiary}
    found = await rewards.page(who, directory, **filters, after=after, limit=limit)
    return Page(await _beside(who, directory, found.items), found.after)


@requires("reward.read")
async def each(who: Principal, directory: Directory, ids: Sequence[str]) -> list[Parties]:
    """Return these rewards in the order of their ids, each once. Raises UnknownError naming the first that is not there."""
    async with directory.reading() as conn:
        found = await paging.each(conn, who, Reward, ids)
    return await _beside(who, directory, found)


class Known(Struct, frozen=True):
    """What was read for a page, each by its id. ``draft``: what approvals of its rewards would be decided on."""

    programs: Mapping[str, Program]
    referrals: Mapping[str, Referral]
    conversions: Mapping[str, Conversion]
    payouts: Mapping[str, Payout]
    cases: Mapping[str, Case]
    about: payees.Beneficiaries
    draft: Draft
    short: Mapping[str, tuple[int, int]]

    @classmethod
    async def of(cls, conn: asyncpg.Connection, who: Principal, directory: Directory, found: Sequence[Reward]) -> Known:
        """Read what stands beside rewards that the reader is shown."""
        draft = await drafts.of(conn, who, directory, found)  # first, for it has most of the rest at hand
        each = partial(drafts.each, conn, who, draft)
        referrals = await each(Referral, {it.referral for it in found})
        persons = {person for it in found for person in (it.friend, it.beneficiary)}
        persons |= {share.person for it in referrals.values() for share in it.shares}
        about = await payees.of(conn, who, directory, persons, draft)
        return cls(
            await each(Program, {it.program for it in found}),
            referrals,
            await each(Conversion, {it.conversion for it in found}),
            await each(Payout, {it.payout for it in found if it.payout is not None}),
            await each(Case, {case for it in found for case in it.cases}),
            about,
            draft,
            await drafts.short(conn, who, directory, found, draft, about.payees),
        )

    def parties(self, who: Principal, found: Iterable[Reward]) -> list[Parties]:
        """Return these rewards with what is shown beside them."""
        shows_payouts = who.may("payout.read")
        return [_parties(reward, self, shows_payouts=shows_payouts) for reward in found]

    def party(self, person: str) -> Party:
        """Return a person by the name that the reader may see."""
        return Party(person, self.about.names.get(person))


async def _beside(who: Principal, directory: Directory, found: Sequence[Reward]) -> list[Parties]:
    if not found:
        return []
    async with directory.snapshot() as conn:
        return (await Known.of(conn, who, directory, found)).parties(who, found)


def _parties(reward: Reward, known: Known, *, shows_payouts: bool) -> Parties:
    program, order = known.programs.get(reward.program), known.conversions.get(reward.conversion)
    referral, payout = known.referrals.get(reward.referral), known.payouts.get(reward.payout or "")
    payee = known.about.payees.get(reward.beneficiary)
    cases = [known.cases[case] for case in reward.cases if case in known.cases]
    shares = [share.person for share in referral.shares] if referral is not None else []
    return Parties(
        reward=reward,
        program=program.slug if program is not None else reward.program,
        version=paging.number(program.versions if program is not None else (), reward.rules),
        referrers=tuple(map(known.party, shares or _advocate(reward))),
        friend=known.party(reward.friend),
        beneficiary=known.party(reward.beneficiary),
        brought_at=referral.lead_at if referral is not None else None,
        invoice=reward.conversion.removeprefix("inv:") if reward.conversion.startswith("inv:") else None,
        paid=order.amount if order is not None else None,
        currency=order.currency if order is not None else None,
        waits_for=_waits_for(reward, known, cases, payee, payout),
        case_kinds=tuple(dict.fromkeys(case.kind for case in cases)),
        payout=payout if shows_payouts else None,
        rail=payee.rail if payee is not None else None,
        last=known.about.tails.get(reward.beneficiary),
        receivable=reward.receivable,
        short=known.short.get(reward.id),
    )


def _advocate(reward: Reward) -> list[str]:
    return [reward.beneficiary] if reward.side == "advocate" else []


def _waits_for(
    reward: Reward, known: Known, cases: Iterable[Case], payee: Payee | None, payout: Payout | None
) -> tuple[str, ...]:
    stops = contested.claim_on(known.draft, reward)
    open_ones = known.draft.of(Claim, "open_of", reward.friend)
    claims = [claim for claim in open_ones if claim.stops_at is None or claim.id == stops]
    asked = reward.status == "approved" and taxes.is_awaited(known.draft, reward.beneficiary)
    at, draft = (
        known.draft.as_of,
        "tax_form_missing" if asked else "below_payout_minimum" if reward.id in known.short else None,
    )
    return tuple(holds.of(reward, as_of=at, cases=cases, claims=claims, payee=payee, payout=payout, draft=draft))
