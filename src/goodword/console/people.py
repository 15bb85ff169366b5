"""People: found by what is known of them; and one with what happened."""

from __future__ import annotations

from itertools import groupby

from msgspec import Struct

from goodword.app import see
from goodword.app.errors import UnknownError
from goodword.app.see.advocates import Advocate
from goodword.app.see.paging import Page
from goodword.app.see.parties import Parties
from goodword.app.see.people import Found, Person
from goodword.console import parts
from goodword.console.frame import Onward, Read, Visit
from goodword.console.rewards import Row, row_of
from goodword.core.state import Payout, Program, Referral
from goodword.sources.split import is_id

MOST = 200  # of each noun on a person's page, the oldest


class People(Struct, frozen=True):
    """Whom a search has found. ``asked``: what was looked for, None: nothing; ``more``: there may be others.

    ``hidden``: whether names are hidden from the reader, so that nobody is found by one.
    """

    asked: str | None
    found: list[Found]
    hidden: bool
    more: bool = False


class Moment(Struct, frozen=True):
    """Something on the timeline. ``kind``: reward, referral, enrolled, payout; ``amount`` and ``unit``: of what has some."""

    at: int
    kind: str
    id: str
    state: str
    about: str
    amount: int | None = None
    unit: str | None = None


class Day(Struct, frozen=True):
    """A day of the timeline, in UTC."""

    day: str
    moments: list[Moment]


class Whole(Struct, frozen=True):
    """A person. ``payouts`` is None for who may read none; ``sums``: status -> unit -> amount, of their rewards.

    ``more``: whether there is more of something than is shown. ``hidden``: whether names are hidden from the reader.
    """

    person: Person
    hidden: bool
    days: list[Day]
    rewards: list[Row]
    referrals: list[Referral]
    advocates: list[Advocate]
    payouts: list[Payout] | None
    sums: dict[str, dict[str, int]]
    more: bool


async def search(visit: Visit) -> People | Onward:
    """Return whom somebody looks for; one alone is gone to."""
    asked, hidden = visit.asked("q"), not visit.may(see.people.find)
    if asked is None:
        return People(None, [], hidden)
    search = await visit.read(see.people.search, asked)
    view = People(asked, list(search.found), hidden, search.more)
    return view if len(view.found) != 1 else Onward(f"/people/{view.found[0].person.id}", view)


async def one(visit: Visit) -> Whole:
    """Return one person."""
    id_ = _person(visit)
    person = await visit.read(see.people.get, id_)
    rewards = await visit.read(see.parties.page, beneficiary=id_, limit=MOST)
    referrals = await visit.read(see.referrals.page, friend=id_, limit=MOST)
    advocates = await visit.read(see.advocates.page, person=id_, limit=MOST)
    payouts = await visit.glance(see.payouts.page, beneficiary=id_, limit=MOST)
    programs = await visit.glance(see.programs.every) or []
    return _whole(visit, person, rewards, referrals, advocates, payouts, programs)


def _person(visit: Visit) -> str:
    id_ = visit.named("person")
    if not is_id(id_, "per"):
        raise UnknownError("person")
    return id_


def _whole(
    visit: Visit,
    person: Person,
    rewards: Page[Parties],
    referrals: Page[Referral],
    advocates: Page[Advocate],
    payouts: Page[Payout] | None,
    programs: list[Program],
) -> Whole:
    rows, sent = [row_of(about) for about in rewards.items], list(payouts.items) if payouts is not None else None
    slugs = {program.id: program.slug for program in programs}
    bound, roles = list(referrals.items), list(advocates.items)
    more = any(page is not None and page.after for page in (rewards, referrals, payouts))
    days = _days(_moments(rows, bound, roles, sent or [], slugs))
    hidden = not visit.may(see.people.find)
    return Whole(person, hidden, days, rows, bound, roles, sent, _sums(rows), more)


def _moments(
    rows: list[Row],
    referrals: list[Referral],
    advocates: list[Advocate],
    sent: list[Payout],
    programs: dict[str, str],
) -> list[Moment]:
    found = [
        Moment(it.earned_at, "reward", it.id, row.approval, row.about.program, it.amount, it.unit)
        for row in rows
        for it in [row.about.reward]
    ]
    found += [
        Moment(it.lead_at, "referral", it.id, it.status, programs.get(it.program, it.program)) for it in referrals
    ]
    found += [
        Moment(
            it.advocate.enrolled_at,
            "enrolled",
            it.advocate.id,
            it.advocate.status,
            programs.get(it.advocate.program, it.advocate.program),
        )
        for it in advocates
    ]
    found += [Moment(it.drafted_at, "payout", it.id, it.status, it.rail, it.amount, it.unit) for it in sent]
    return sorted(found, key=lambda moment: (moment.at, moment.id), reverse=True)


def _days(moments: list[Moment]) -> list[Day]:
    return [Day(day, list(found)) for day, found in groupby(moments, key=lambda moment: parts.day(moment.at))]


def _sums(rows: list[Row]) -> dict[str, dict[str, int]]:
    sums: dict[str, dict[str, int]] = {}
    for row in rows:
        reward = row.about.reward
        units = sums.setdefault(reward.status, {})
        units[reward.unit] = units.get(reward.unit, 0) + reward.amount
    return sums


READS = (
    Read("/people", "/people", see.people.search, "people/search.html", search),
    Read("/people/{person}", "/people", see.people.get, "people/detail.html", one),
)
