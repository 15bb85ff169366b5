"""Cases that are handled together: the frozen list with what waits in it, what is left out and why, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from goodword import words
from goodword.app import say, see
from goodword.app.errors import ConflictError, InvalidError
from goodword.app.say.cases import Shown
from goodword.app.say.said import Why, by_person, moves_of
from goodword.app.see.cases import Listed
from goodword.app.write.commands import StoppedError
from goodword.console import choices, parts
from goodword.console.forms import MOST as LONGEST
from goodword.console.forms import Form
from goodword.console.frame import Act, Read, Visit
from goodword.core import calendar, cases
from goodword.core.cases import OUTCOMES, WORTHS
from goodword.core.entry import Entry

#: What can be said of several cases, and by which key, as in the record of one; the first is what the bar under a list says at once.
DEEDS: dict[str, tuple[Callable[..., Any], str]] = {
    "take": (say.cases.assign_each, "t"),
    "hand": (say.cases.assign_each, "h"),
    "snooze": (say.cases.snooze_each, "s"),
    **{outcome: (say.cases.decide_each, str(n)) for n, outcome in enumerate(OUTCOMES, 1)},
}
#: Why a case is left out that depends on one before it in the list.
AFTER = "after"
_NAMED = 3  # cases that are named where a list was stopped
_BETWEEN, _WITHIN = ";", ","  # as of other lists


class Line(Struct, frozen=True):
    """A case that was picked. ``refusal``: why it is left out."""

    row: Listed
    refusal: str | None


class Sum(Struct, frozen=True):
    """What waits in the list by unit, and what saying it moves, in minor units or points."""

    unit: str
    count: int
    amount: int
    change: int


class List(Struct, frozen=True):
    """The list before anything is said of it. ``lines``: what is left out stands first, or what is not, whatever is less.

    ``sends``: its items as the form sends them back; ``others``: what else the reader may say of these; ``until``: the last day until
    which all of them can be put aside; ``owners``: who could have all of them, with their mails.
    """

    deed: str
    lines: list[Line]
    count: int
    sums: list[Sum]
    list_sha256: str
    sends: str
    address: str
    others: dict[str, str]
    keys: dict[str, str]
    tab: str
    until: str | None
    owners: dict[str, str]
    reasons: tuple[str, ...]
    worths: tuple[str, ...]
    now: int


class Result(Struct, frozen=True):
    """What was said of a list, and what its cases are now. ``positions``: of its entries in the log."""

    deed: str
    cases: list[Listed]
    positions: list[int]
    tab: str
    now: int


def deeds(visit: Visit) -> list[str]:
    """Return what the reader may say of several cases."""
    return [name for name, (use_case, _) in DEEDS.items() if visit.may(use_case)]


def tab_of(text: str | None) -> str:
    """Return the list that one came from: the first one where it says none that there is."""
    return text if text in see.cases.TABS else see.cases.TABS[0]


async def shown(visit: Visit) -> List:
    """Return the frozen list of the cases that an address names. What would come of each is tried, and taken back."""
    ids, may = visit.request.query_params.getlist("id"), deeds(visit)
    deed = visit.asked("deed") or next(iter(may), "take")
    if deed not in DEEDS:
        raise InvalidError(f"Choose what to say of them: {', '.join(DEEDS)}.", "deed")
    if not ids:
        raise InvalidError("Choose cases first: none is named.", "id")
    found = await visit.read(see.cases.several, ids)
    tried = await _tried(visit, deed, [row.case.id for row in found.items], found.now) if deed in may else []
    refusals = [_refusal(entry) for entry in tried]
    rest = AFTER if deed in may else "not_permitted"
    refusals += [rest] * (len(found.items) - len(refusals))
    lines = [Line(row, refusal) for row, refusal in zip(found.items, refusals, strict=True)]
    taken = [line.row for line in lines if line.refusal is None]
    query = [(name, value) for name, value in visit.request.query_params.multi_items() if name not in ("deed", "done")]
    frozen = await visit.read(see.cases.several, [row.case.id for row in taken]) if taken else None
    return List(
        deed,
        sorted(lines, key=lambda line: (line.refusal is None) == (2 * len(taken) > len(lines))),
        len(taken),
        _sums(taken, [entry for entry, no in zip(tried, refusals, strict=False) if no is None]),
        frozen.digest if frozen is not None else "",
        _BETWEEN.join(f"{row.case.id}{_WITHIN}{cases.seen(row.case)}" for row in (frozen.items if frozen else ())),
        parts.pairs([*query, ("deed", deed)]),
        {name: parts.pairs([*query, ("deed", name)]) for name in may if name != deed},
        {name: key for name, (_, key) in DEEDS.items()},
        tab_of(visit.asked("status")),
        _latest(taken),
        await _owners(visit, taken),
        choices.REASONS,
        WORTHS,
        found.now,
    )


async def _tried(visit: Visit, deed: str, ids: Sequence[str], now: int) -> list[Entry]:
    """Return what would come of saying it of each now; of the first ones where a later one depends on them."""
    all_, dry = [Shown(id_) for id_ in ids], {"dry_run": True}
    if deed in OUTCOMES:
        return await visit.read(say.cases.decide_each, all_, deed, Why("preview"), "", **dry)
    if deed == "snooze":
        tomorrow = (now // calendar.DAY + 1) * calendar.DAY
        return await visit.read(say.cases.snooze_each, all_, tomorrow, Why("preview"), "", **dry)
    member = visit.who.actor.id if deed == "take" else None
    return await visit.read(say.cases.assign_each, all_, member, "", **dry)


def _refusal(entry: Entry) -> str | None:
    said = entry.verdicts
    return said[0].refusal if said and all(verdict.refused for verdict in said) else None


def _sums(rows: Sequence[Listed], entries: Sequence[Entry]) -> list[Sum]:
    moved = by_person(move for entry in entries for move in moves_of(entry))
    waits = [one for row in rows for one in row.waits]
    units = sorted({one.unit for one in waits} | {one.unit for one in moved})
    return [
        Sum(
            unit,
            sum(one.count for one in waits if one.unit == unit),
            sum(one.amount for one in waits if one.unit == unit),
            sum(one.change for one in moved if one.unit == unit),
        )
        for unit in units
    ]


def _latest(rows: Sequence[Listed]) -> str | None:
    dues = [row.case.due_at for row in rows if row.case.due_at is not None]
    return calendar.text(min(dues))[:10] if dues else None


async def _owners(visit: Visit, rows: Sequence[Listed]) -> dict[str, str]:
    """Return who could have each of these cases: of the same programs one record says it for all."""
    found: list[dict[str, str]] = []
    for row in {row.case.program: row for row in rows}.values():
        could = (await visit.read(see.cases.record, row.case.id)).could_own
        found.append({one.member.id: one.mail or parts.short(one.member.id) for one in could})
    return {id_: mail for id_, mail in found[0].items() if all(id_ in one for one in found)} if found else {}


async def take(visit: Visit, form: Form) -> Result:
    """Make all of it one's own."""
    return await _said(visit, form, "take", say.cases.assign_each, visit.who.actor.id)


async def hand(visit: Visit, form: Form) -> Result:
    """Say whose all of it is, and by when it is to be decided."""
    due = form.day("due", over=True)
    return await _said(visit, form, "hand", say.cases.assign_each, form.text("member", 64), due_at=due)


async def snooze(visit: Visit, form: Form) -> Result:
    """Put all of it aside until a day begins."""
    until, why = form.day("until"), Why(form.need("reason", 64), form.text("note"))
    if until is None:
        raise InvalidError("Say until when.", "until")
    return await _said(visit, form, "snooze", say.cases.snooze_each, until, why)


async def cleared(visit: Visit, form: Form) -> Result:
    """Say that nothing is wrong with any of it."""
    return await _closed(visit, form, "cleared")


async def confirmed(visit: Visit, form: Form) -> Result:
    """Say that the suspicion is true of all of it."""
    return await _closed(visit, form, "confirmed")


async def _closed(visit: Visit, form: Form, outcome: str) -> Result:
    why = Why(form.need("reason", 64), form.text("note"))
    return await _said(visit, form, outcome, say.cases.decide_each, outcome, why, worth=form.text("worth", 20))


async def _said(visit: Visit, form: Form, deed: str, use_case: Callable[..., Any], *told: Any, **more: Any) -> Result:
    """Say it of exactly the list that was shown. Raises ConflictError that names what is no longer as it was, or is refused."""
    sent = _items(form)
    now = await visit.read(see.cases.several, [it.case for it in sent])
    rows = {row.case.id: row for row in now.items}
    changed = [rows[it.case] for it in sent if cases.seen(rows[it.case].case) != it.seen]
    # No case is another one, but what waits in one of them may be.
    if not changed and now.digest != form.need("list_sha256", 64):
        raise ConflictError("item_changed", words.page("case.list.money"))
    try:  # of a form that is sent twice the first ones
        entries: list[Entry] = await visit.read(use_case, sent, *told, form.once, **more)
    except StoppedError as stop:
        raise _stopped(stop, sent, rows, changed) from stop
    after = await visit.read(see.cases.several, [it.case for it in sent])
    return Result(deed, list(after.items), [it.position for it in entries], tab_of(form.text("tab", 20)), after.now)


def _stopped(
    stop: StoppedError, sent: Sequence[Shown], rows: Mapping[str, Listed], changed: Sequence[Listed]
) -> ConflictError:
    """Return why nothing was done, with the cases of which that is true."""
    said = [(it, code) for it, entry in zip(sent, stop.entries, strict=False) if (code := _refusal(entry)) is not None]
    if not said:
        return ConflictError(AFTER, f"{words.page('case.list.after')} {_named(rows[sent[len(stop.entries)].case])}")
    code = said[0][1]
    named = changed if code == "item_changed" else [rows[it.case] for it, _ in said]
    return ConflictError(code, " ".join([words.refusal(code), *map(_named, named[:_NAMED])]))


def _named(row: Listed) -> str:
    """Say of a case which it is and what it is now."""
    case, sort = row.case, parts.spoken(row.sorts[0].code).capitalize()
    of = f", of {row.owner}" if row.owner else ""
    return f"{sort}, {parts.short(case.id)}: {parts.spoken(case.status)}{of}."


def _items(form: Form) -> list[Shown]:
    """Return the list that a form sends back. Raises InvalidError for one that is cut: without what was shown nothing is frozen."""
    try:
        return [
            Shown(case, seen)
            for case, seen in (text.split(_WITHIN) for text in form.need("items", LONGEST).split(_BETWEEN))
        ]
    except ValueError as error:
        raise InvalidError("The list is cut: open the page again.", "items") from error


_LIST = Read("/cases/list", "/cases", see.cases.several, "cases/picked.html", shown)
READS = (_LIST,)
ACTS = tuple(
    Act(f"/cases/list/{name}", _LIST, DEEDS[name][0], said, "cases/handled.html")
    for name, said in (
        ("take", take),
        ("hand", hand),
        ("snooze", snooze),
        ("cleared", cleared),
        ("confirmed", confirmed),
    )
)
