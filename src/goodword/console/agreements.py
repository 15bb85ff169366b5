"""Agreements: the section of a partner's page with all versions, and the forms that agree on terms and end them.

The page itself is ``people``'s.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from goodword.app import amounts, say, see
from goodword.app.errors import InvalidError
from goodword.app.say.agreements import Agreed
from goodword.app.see.agreements import Made
from goodword.console.forms import Form
from goodword.console.frame import LIMIT, Visit
from goodword.core import calendar
from goodword.core.deals import MOST_DAYS
from goodword.core.state import Terms

State = Literal["in_force", "to_come", "over"]


class Standing(Struct, frozen=True):
    """An agreement as it stands now. ``program``: its slug, None: all programs; ``terms``: by which version things are judged now.

    ``state``: whether these hold; of one that is to come its first version stands here. ``versions``: the newest first.
    """

    made: Made
    program: str | None
    terms: Terms
    state: State
    versions: Sequence[Terms]


class Agreements(Struct, frozen=True):
    """The section. ``programs``: slugs for the form; ``may_make``: it is offered; ``members``: mails by id, None where hidden."""

    rows: list[Standing]
    programs: list[str]
    may_make: bool
    members: dict[str, str | None]
    most_days: int = MOST_DAYS


async def section(visit: Visit, person: str, *, advocate: bool) -> Agreements | None:
    """Return the section of a person's page; None for who may not see it, and of somebody who is no partner."""
    if not visit.may(see.agreements.page):
        return None
    found = await visit.read(see.agreements.page, advocate=person, limit=LIMIT)
    may_make = advocate and visit.may(say.agreements.make)
    if not found.items and not may_make:
        return None
    now, programs = await visit.read(see.clock.now), await visit.read(see.programs.every)
    slugs = {one.id: one.slug for one in programs}
    members = await visit.glance(see.members.every) or []
    rows = [_standing(one, slugs, now) for one in found.items]
    return Agreements(rows, [*slugs.values()], may_make, {it.member.id: it.mail for it in members})


def _standing(made: Made, slugs: dict[str, str], now: int) -> Standing:
    it = made.agreement
    terms = it.at(now)
    state: State = "to_come" if terms is None else "in_force" if terms.in_force(now) else "over"
    program = None if it.program is None else slugs.get(it.program, it.program)
    return Standing(made, program, terms or it.versions[0], state, it.versions[::-1])


async def make(visit: Visit, form: Form) -> str:
    """Agree on terms, from now or a day on."""
    person = visit.named("person")
    currency, typed = form.text("currency", 3), form.text("amount", 30)
    days = form.text("days", 4)
    if days is not None and not (days.isascii() and days.isdigit()):
        raise InvalidError(f"Days: a number from 1 to {MOST_DAYS}.", "days")
    terms = Agreed(
        advocate=person,
        program=form.text("program", 100),
        since=await _begins(visit, form),
        until=form.day("until"),
        on=form.text("on", 64),
        percent=form.text("percent", 20),
        flat=None if typed is None else {currency or "": amounts.typed(typed, currency)},
        accounts=tuple(filter(None, map(str.strip, (form.text("accounts", 20_000) or "").splitlines()))),
        products=tuple(_words(form.text("products", 20_000))),
        countries=tuple(word.upper() for word in _words(form.text("countries"))),
        protection_days=None if days is None else int(days),
    )
    await visit.say(say.agreements.make, terms, form.text("note"), form.once)
    return f"/people/{person}?done=agreement_made"


async def end(visit: Visit, form: Form) -> str:
    """Let an agreement be over, now or from a day on."""
    person = visit.named("person")
    given = person, form.text("program", 100), await _begins(visit, form), form.text("note"), form.once
    await visit.say(say.agreements.end, *given)
    return f"/people/{person}?done=agreement_ended"


async def _begins(visit: Visit, form: Form) -> int | None:
    """Return when the day begins that was chosen; None, now, for none and for the day of today."""
    day = form.day("since")
    now = await visit.read(see.clock.now) if day is not None else 0
    return None if day is None or day <= now < day + calendar.DAY else day


def _words(text: str | None) -> list[str]:
    """Return what stands between spaces, commas and ends of lines."""
    return [word for word in re.split(r"[\s,;]+", text or "") if word]
