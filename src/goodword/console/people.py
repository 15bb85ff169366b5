"""People: found by what is known of them; and one with what happened."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from msgspec import Struct

from goodword import words
from goodword.app import say, see
from goodword.app.errors import UnknownError
from goodword.app.see.advocates import Advocate
from goodword.app.see.credit import Credit
from goodword.app.see.matches import Matched
from goodword.app.see.people import Found, Person, Search
from goodword.app.see.timelines import Known, Moment
from goodword.app.see.welcomes import Told as Offered
from goodword.console import agreements, deal_forms, parts, payees
from goodword.console.agreements import Agreements
from goodword.console.deal_forms import Forms
from goodword.console.forms import Form
from goodword.console.frame import LIMIT, Act, Onward, Read, Visit
from goodword.console.payees import Paid
from goodword.core.state import Flag
from goodword.sources.split import is_id


class People(Struct, frozen=True):
    """Whom a search has found. ``asked``: what was looked for, None: nothing; ``more``: there may be others.

    ``hidden``: whether names are hidden from the reader, so that nobody is found by one.
    ``left_out``: who was not looked for, in words.
    """

    asked: str | None
    found: list[Found]
    hidden: bool
    more: bool = False
    left_out: str | None = None


class Day(Struct, frozen=True):
    """A day of the timeline, in UTC."""

    day: str
    moments: list[Moment]


class Whole(Struct, frozen=True):
    """A person. ``hidden``: whether names are hidden from the reader; ``after``: the cursor of what is older.

    ``sums``: state -> unit -> amount, of their newest rewards; ``accounts``: what the ledger holds for them.
    ``accounts`` is None for who may not read it; ``masked``: names of fields that are shown for a reason only.
    ``same``: ids that are this person too; ``known``: what the company says of them as a customer.
    ``matched``: what they may have come by, where nobody recommended them. ``agreed``: what was agreed on with them; None for
    who may not see it, and of who is no partner. ``forms``: links to a form of their own, likewise. ``credit``: store credit; None for
    who may not see it, or where there never was any. ``offers``: what they are, or were, welcomed with.
    ``payee``: where they are paid; None for who may not see it, and where nobody entered that.
    """

    person: Person
    hidden: bool
    days: list[Day]
    after: str | None
    advocates: list[Advocate]
    sums: dict[str, dict[str, int]]
    accounts: list[tuple[str, str, int]] | None
    same: tuple[str, ...]
    masked: tuple[str, ...]
    known: Known
    matched: list[Matched]
    agreed: Agreements | None
    forms: Forms | None
    credit: Credit | None
    offers: list[Offered]
    may_correct: bool
    payee: Paid | None


class Shown(Struct, frozen=True):
    """Personal fields of a person, shown once to who has said why."""

    person: str
    values: dict[str, Any]


async def search(visit: Visit) -> People | Onward:
    """Return whom somebody looks for; one alone is gone to, unless older people were not looked at."""
    asked, hidden = visit.asked("q"), not visit.may(see.people.find)
    if asked is None:
        return People(None, [], hidden)
    search = await visit.read(see.people.search, asked)
    view = People(asked, list(search.found), hidden, search.more, _left_out(search))
    if len(view.found) != 1 or search.newest is not None:
        return view
    return Onward(f"/people/{view.found[0].person.id}", view)


def _left_out(search: Search) -> str | None:
    if search.newest is not None:
        return words.page("people.newest", most=f"{search.newest:,}")
    return words.page("people.whole") if search.is_whole else None


async def one(visit: Visit) -> Whole:
    """Return one person."""
    id_ = _person(visit)
    person = await visit.read(see.people.get, id_)
    timeline = await visit.read(see.timelines.of_person, id_, after=visit.asked("after") or "")
    advocates = await visit.read(see.advocates.page, person=id_, limit=LIMIT)
    hidden, sums = not visit.may(see.people.find), dict[str, dict[str, int]]()
    for status, unit, _, amount in timeline.sums:
        sums.setdefault(status, {})[unit] = amount
    days = [Day(day, list(found)) for day, found in groupby(timeline.moments, key=lambda it: parts.day(it.at))]
    masked = await visit.read(see.people.masked, id_) if not hidden else ()
    near = await visit.glance(see.matches.page, person=id_)
    about = timeline.accounts, timeline.same, masked, timeline.known, [] if near is None else list(near.items)
    agreed = await agreements.section(visit, id_, advocate=bool(advocates.items))
    forms = await deal_forms.section(visit, id_, advocates.items)
    credit = await visit.glance(see.credit.of_person, id_)
    credit = credit if credit is not None and (credit.movements or credit.behind) else None
    theirs = agreed, forms, credit, await visit.glance(see.offers.of_customer, id_) or []
    may = visit.may(say.corrections.enter)
    paid = await payees.section(visit, id_)
    return Whole(person, hidden, days, timeline.after, list(advocates.items), sums, *about, *theirs, may, paid)


async def named(visit: Visit, flags: Iterable[Flag]) -> dict[str, str]:
    """Return what the people are called whom flags name, as far as the reader may see it."""
    said = [thing for flag in flags for _, things in parts.evidence(flag.evidence) for thing in things]
    ids = sorted({thing for thing in said if is_id(thing, "per")})
    return await visit.glance(see.people.names, ids) or {} if ids else {}


def _person(visit: Visit) -> str:
    id_ = visit.named("person")
    if not is_id(id_, "per"):
        raise UnknownError("person")
    return id_


async def unmask(visit: Visit, form: Form) -> Shown:
    """Show personal fields, once the reason is on the record."""
    reason = form.need("reason", 500)
    said = await say.people.unmask(visit.who, visit.directory, _person(visit), form.several("field"), reason, form.once)
    return Shown(_person(visit), said.values)


_ONE = Read("/people/{person}", "/people", see.people.get, "people/detail.html", one)
READS = (Read("/people", "/people", see.people.search, "people/search.html", search), _ONE)
ACTS = (
    Act("/people/{person}/shown", _ONE, say.people.unmask, unmask, "people/shown.html"),
    Act("/people/{person}/payee/checks", _ONE, say.payees.check, payees.check),
    Act("/people/{person}/agreement", _ONE, say.agreements.make, agreements.make),
    Act("/people/{person}/agreement/end", _ONE, say.agreements.end, agreements.end),
    Act("/people/{person}/forms", _ONE, say.forms.make, deal_forms.make, "people/form_made.html"),
    Act("/people/{person}/forms/{form}/end", _ONE, say.forms.end, deal_forms.end),
)
