"""Cases: what a person should look at; the lists, and one with what was seen, what it holds, and what is said of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from goodword.app import say, see
from goodword.app.say.said import Why
from goodword.app.see.cases import Listed, Precision, Record
from goodword.app.see.disputes import Talk
from goodword.console import case_lists, choices, parts, people
from goodword.console.choices import Choice
from goodword.console.decisions import Decision, of_subject
from goodword.console.forms import Form
from goodword.console.frame import LIMIT, Act, Read, Visit
from goodword.console.rewards import Row, row_of
from goodword.core.cases import WORTHS, outcomes
from goodword.core.state import Look

MOST = 50  # rewards that are shown of a case
_LOOKS = 20


class Cases(Struct, frozen=True):
    """The list. ``after``: the cursor of the next page; ``aside``: how many are put aside; ``worth``: how good flags were so far.

    ``deeds``: what the reader may say of several of them, with the key of each.
    """

    cases: tuple[Listed, ...]
    after: str | None
    filters: dict[str, str | None]
    tabs: tuple[str, ...]
    aside: int
    now: int
    worth: list[Precision]
    deeds: dict[str, str]


class One(Struct, frozen=True):
    """A case with its rewards. ``decisions`` and ``looks`` are None for who may not read them, ``choices`` for who decides none.

    ``names``: of the people whom its flags name; ``talk``: of a dispute, what its person and the team wrote.
    """

    record: Record
    tab: str
    rewards: list[Row]
    choices: list[Choice] | None
    reasons: tuple[str, ...]
    worths: tuple[str, ...]
    may: dict[str, bool]
    decisions: list[Decision] | None
    looks: list[Look] | None
    names: dict[str, str]
    talk: Talk | None


async def listed(visit: Visit) -> Cases:
    """Return a page of the list."""
    filters = visit.filters("status", "after")
    tab = filters["status"] or "open"
    page = await visit.read(see.cases.listed, tab, after=filters["after"] or "", limit=LIMIT)
    worth = await visit.read(see.cases.precision) if tab == "decided" else []
    said = [one for one in worth if one.closed]
    deeds = {name: case_lists.DEEDS[name][1] for name in case_lists.deeds(visit)} if tab != "decided" else {}
    return Cases(page.items, page.after, {**filters, "status": tab}, see.cases.TABS, page.aside, page.now, said, deeds)


async def one(visit: Visit) -> One:
    """Return one case."""
    tab = visit.asked("status") or "open"
    record = await visit.read(see.cases.record, visit.named("case"), tab)
    case = record.case
    rows = [row_of(about) for about in await visit.read(see.parties.each, case.rewards[:MOST])]
    entries = await visit.glance(see.explanations.decisions, case.id)
    looks = await visit.glance(see.looking.of, case.id, limit=_LOOKS)
    boxes = await choices.of(visit, say.cases.preview, case.id, outcomes(case.kind)) if case.status != "decided" else []
    return One(
        record,
        tab,
        rows,
        boxes,
        choices.REASONS,
        WORTHS,
        {name: visit.may(use_case) for name, use_case in _SAYS.items()},
        None if entries is None else of_subject(case.id, entries),
        None if looks is None else list(looks.items),
        await people.named(visit, case.flags),
        await visit.read(see.disputes.of_case, case.id),
    )


async def decide(visit: Visit, form: Form) -> str:
    """Close it, and say whether it was worth a look."""
    why = Why(form.need("reason", 64), form.text("note"))
    said = visit.named("case"), form.need("outcome", 40), why, form.once
    await visit.say(say.cases.decide, *said, worth=form.text("worth", 20))
    return _then(visit, form, "case_decided", on=True)


async def assign(visit: Visit, form: Form) -> str:
    """Say whose it is, and by when it is to be decided."""
    due = form.day("due", over=True)
    await visit.say(say.cases.assign, visit.named("case"), form.text("member", 64), due, form.once)
    return _then(visit, form, "case_assigned")


async def comment(visit: Visit, form: Form) -> str:
    """Say something about it to colleagues."""
    await visit.say(say.cases.comment, visit.named("case"), form.need("text"), form.once)
    return _then(visit, form, "case_noted")


async def answer(visit: Visit, form: Form) -> str:
    """Write to whom it is about."""
    await visit.say(say.cases.comment, visit.named("case"), form.need("text"), form.once, told=True)
    return _then(visit, form, "person_answered")


async def snooze(visit: Visit, form: Form) -> str:
    """Put it aside until a day begins, or take it back."""
    until = form.day("until")
    reason = form.need("reason", 64) if until is not None else ""
    await visit.say(say.cases.snooze, visit.named("case"), until, reason, form.text("note"), form.once)
    return _then(visit, form, "case_snoozed" if until is not None else "case_woken", on=until is not None)


async def look(visit: Visit, form: Form) -> str:
    """Put on the record that one looked at its evidence."""
    await visit.say(say.looking.case, visit.named("case"), 0, form.once)
    return _then(visit, form, "case_looked")


async def appeal(visit: Visit, form: Form) -> str:
    """Have it looked at again."""
    await visit.say(say.cases.appeal, visit.named("case"), form.need("reason", 64), form.text("note"), form.once)
    return _then(visit, form, "appealed")


def _then(visit: Visit, form: Form, done: str, *, on: bool = False) -> str:
    """The page of the case, or where one goes on when it is decided: the next one of the same list."""
    tab = form.text("tab", 20)
    known = tab if tab in see.cases.TABS else None
    behind = form.text("behind", 40) or ""
    to = f"/{behind}" if re.fullmatch(r"cas_[0-9A-Z]{26}", behind) else ""
    path = f"/cases{to}" if on else f"/cases/{visit.named('case')}"
    return path + parts.query({"status": known, "done": done})


_SAYS: dict[str, Callable[..., Any]] = {
    "decide": say.cases.decide,
    "assign": say.cases.assign,
    "comment": say.cases.comment,
    "snooze": say.cases.snooze,
    "appeal": say.cases.appeal,
    "look": say.looking.case,
}
_ONE = Read("/cases/{case}", "/cases", see.cases.record, "cases/detail.html", one, live=True)
READS = (Read("/cases", "/cases", see.cases.listed, "cases/list.html", listed, live=True), _ONE)
ACTS = (
    Act("/cases/{case}/decide", _ONE, say.cases.decide, decide),
    Act("/cases/{case}/assign", _ONE, say.cases.assign, assign),
    Act("/cases/{case}/comment", _ONE, say.cases.comment, comment),
    Act("/cases/{case}/answer", _ONE, say.cases.comment, answer),
    Act("/cases/{case}/snooze", _ONE, say.cases.snooze, snooze),
    Act("/cases/{case}/look", _ONE, say.looking.case, look),
    Act("/cases/{case}/appeal", _ONE, say.cases.appeal, appeal),
)
