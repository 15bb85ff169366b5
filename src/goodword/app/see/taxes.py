"""Taxes: where the workspace reports, whose form is asked for, what was paid to whom in a year, and a payee's statement of a year."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Final, Literal

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, paging
from goodword.app.see.paging import Page
from goodword.core import calendar, kin, taxes
from goodword.core.state import Change, Counter, Kin, Payout, Reporting, Reward, TaxForm
from goodword.outbound.files.base import dashed
from goodword.store import entities, log, pages, people, tax_forms
from goodword.store.pages import PostingRow

_PIECE: Final = 500  # rewards, payouts and entries that are read at once
#: account -> on which side of a payee's account it stands: what it costs, what is owed to them, what they got
_SIDES: Final = {
    **dict.fromkeys(("expense", "opening"), "cost"),
    **dict.fromkeys(("accrued", "payable", "clearing", "receivable", "between"), "owed"),
    **dict.fromkeys(("settled", "credit"), "got"),
}


#: A form that is asked for, as lists show it.
Awaited = tax_forms.Awaited


class Given(Struct, frozen=True):
    """The form of a payee for a jurisdiction; ``holds``: today. What it says shows ``say.taxes.show``."""

    jurisdiction: str
    form: str | None
    signed: str | None
    until: str | None
    holds: bool
    asked_for: str | None
    asked_at: int | None


class Value(Struct, frozen=True):
    """What was paid to a payee in a year and unit. ``thresholds``: of which jurisdiction a form is needed from how much on."""

    unit: str
    paid: int
    thresholds: Mapping[str, int]


class Payee(Struct, frozen=True):
    """What counts as paid to somebody in a year, and their forms. ``name``: None for who may see no names.

    Of who was merged the forms of whom they are now come first: what these say is what is shown (``tax_forms.said``).
    """

    person: str
    name: str | None
    values: Sequence[Value]
    forms: Sequence[Given]

    @property
    def lacks(self) -> Sequence[str]:
        """The jurisdictions whose threshold is reached without a form that holds."""
        reached = {of for it in self.values for of, least in it.thresholds.items() if it.paid >= least}
        return sorted(reached - {it.jurisdiction for it in self.forms if it.holds})


class Whole(Struct, frozen=True):
    """Where the workspace reports; None: nowhere. ``waiting``: what waits for another owner."""

    reporting: Reporting | None
    waiting: Change | None
    thresholds: Sequence[taxes.Threshold] = taxes.THRESHOLDS


class Line(Struct, frozen=True):
    """What moved between a program and a payee in a year, in a unit, by the ledger's postings.

    ``closing``: ``opening`` and ``earned``, less ``taken_back`` and ``paid``, and ``returned``; below nothing the payee owes it.
    """

    program: str
    unit: str
    opening: int
    earned: int
    taken_back: int
    paid: int
    returned: int
    closing: int


class OfYear(Struct, frozen=True):
    """A payout, and the day on which it counts as paid in the company's zone, or was drafted where nothing is counted."""

    day: str
    payout: Payout


class Statement(Struct, frozen=True):
    """What a payee earned and got in a calendar year. ``payouts``: of that year, in order; ``ended``: whether the year is over."""

    person: str
    name: str | None
    year: str
    timezone: str
    until: int
    ended: bool
    lines: Sequence[Line]
    payouts: Sequence[OfYear]
    values: Sequence[Value]


@requires("payout.read")
async def whole(who: Principal, directory: Directory) -> Whole:
    """Return where the workspace reports, and the thresholds that are known."""
    async with directory.reading() as conn:
        found = await pages.changes(conn, who.workspace.id, status="open", subject=taxes.ID, after="", limit=1)
        return Whole(await _reporting(conn, who), found[0] if found else None)


async def _reporting(conn: asyncpg.Connection, who: Principal) -> Reporting | None:
    return next(iter(await entities.every(conn, who.workspace.id, Reporting)), None)


async def _now(conn: asyncpg.Connection, who: Principal, directory: Directory) -> int:
    return (await log.stream(conn, who.workspace.id)).now(directory.now())


def _year(text: str) -> str:
    """Return a calendar year. Raises InvalidError for what is none."""
    if len(text) != 4 or not text.isascii() or not text.isdecimal() or not "2000" <= text <= "2999":  # noqa: PLR2004
        raise InvalidError("Expected a calendar year, such as 2026.", "year")
    return text


@requires("payout.read")
async def of_year(who: Principal, directory: Directory, year: str, *, after: str = "", limit: int = 50) -> Page[Payee]:
    """Return the payees of a calendar year, with what was paid to them since it is counted. Raises InvalidError.

    To who is limited to programs nobody is shown: what is paid is of all programs.
    """
    async with directory.reading() as conn:
        return await page_of_year(conn, who, directory, year, after, limit)


async def page_of_year(
    conn: asyncpg.Connection, who: Principal, directory: Directory, year: str, after: str, limit: int
) -> Page[Payee]:
    """Return the same as a connection sees it; who asks may do so. Who was merged with others is one payee, once in all pages."""
    _year(year)
    if who.programs is not None:
        return Page([])
    reporting = await _reporting(conn, who)
    rows = await tax_forms.paid(conn, who.workspace.id, year, after, limit)
    found = await _paid(conn, who, directory, reporting, rows, year)
    once = [found[person][0] for person in rows if person == min(found[person][1], default=None)]
    return Page(once, rows[-1] if len(rows) == limit else None)


@requires("payout.read")
async def of_person(who: Principal, directory: Directory, person: str, year: str | None = None) -> Payee:
    """Return what was paid to a person in a year, this one unless it is said, and their forms. Raises InvalidError, UnknownError."""
    async with directory.reading() as conn:
        id_ = str(await filters.person(conn, who, person))
        if not await filters.shown(conn, who, id_):
            raise UnknownError("person")
        reporting = await _reporting(conn, who)
        zone = reporting.timezone if reporting is not None else "UTC"
        year = calendar.day(await _now(conn, who, directory), zone)[:4] if year is None else _year(year)
        return await _payee(conn, who, directory, reporting, id_, year)


@requires("payout.read")
async def awaited(who: Principal, directory: Directory, *, after: str = "", limit: int = 50) -> Page[tax_forms.Awaited]:
    """Return the forms that are asked for and not there yet. Raises InvalidError."""
    person, _, jurisdiction = after.partition("/")
    if who.programs is not None:
        return Page([])
    async with directory.reading() as conn:
        rows = await tax_forms.awaited(conn, who.workspace.id, (person, jurisdiction), limit)
    return Page(rows, f"{rows[-1].person}/{rows[-1].jurisdiction}" if len(rows) == limit else None)


@requires("payout.read")
async def asked(who: Principal, directory: Directory, limit: int = 100) -> list[int]:
    """Return since when forms are asked for that are not there yet, the oldest first, for who may give them."""
    if who.programs is not None or not who.may("tax_form.give"):
        return []
    async with directory.reading() as conn:
        return await tax_forms.asked(conn, who.workspace.id, limit)


async def names_of(conn: asyncpg.Connection, ws: str, person: str) -> tuple[str, tuple[str, ...]]:
    """Return who a person is now, and all of whom they are made."""
    return (await _names_of_each(conn, ws, [person]))[person]


async def forms_of(conn: asyncpg.Connection, ws: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return which kinds of tax forms there are of somebody under these ids."""
    found = await entities.load(conn, ws, TaxForm, [(one, each) for one in names for each in taxes.FORMS])
    return tuple(sorted({it.form for it in found if it.form is not None}))


async def _names_of_each(
    conn: asyncpg.Connection, ws: str, persons: Sequence[str]
) -> dict[str, tuple[str, tuple[str, ...]]]:
    rows = {it.person: it for it in await entities.load(conn, ws, Kin, persons)}
    roots = {person: kin.root(lambda _, key: rows.get(key), person) for person in persons}
    rows |= {it.person: it for it in await entities.load(conn, ws, Kin, {*roots.values()} - {*persons})}
    return {person: (root, kin.all_of(lambda _, key: rows.get(key), root)) for person, root in roots.items()}


async def _payee(
    conn: asyncpg.Connection, who: Principal, directory: Directory, reporting: Reporting | None, person: str, year: str
) -> Payee:
    return (await _paid(conn, who, directory, reporting, [person], year))[person][0]


async def _paid(
    conn: asyncpg.Connection,
    who: Principal,
    directory: Directory,
    reporting: Reporting | None,
    persons: Sequence[str],
    year: str,
) -> dict[str, tuple[Payee, list[str]]]:
    """Return payees by the persons who are asked for, and under which of their names something was counted; however many, at once."""
    ws = who.workspace
    families = await _names_of_each(conn, ws.id, persons)
    names = {one for _, theirs in families.values() for one in theirs}
    counted = {
        it.person: it for it in await entities.load(conn, ws.id, Counter, [taxes.key_of(one, year) for one in names])
    }
    forms: dict[str, list[TaxForm]] = {}
    for form in await entities.load(conn, ws.id, TaxForm, [(one, each) for one in names for each in taxes.FORMS]):
        forms.setdefault(form.person, []).append(form)
    jurisdictions = reporting.jurisdictions if reporting is not None else ()
    day = calendar.day(await _now(conn, who, directory), reporting.timezone if reporting is not None else "UTC")
    roots = {root for root, _ in families.values()}
    shown = await people.texts(conn, ws.id, ws.keys, directory.vault, roots) if who.may("person.names") else {}
    found = {}
    for person, (root, theirs) in families.items():
        sums: dict[str, int] = {}
        for counter in (counted[one] for one in theirs if one in counted):
            for unit, amount in counter.amounts.items():
                sums[unit] = sums.get(unit, 0) + amount
        if who.programs is not None:  # what is paid is of all programs
            sums = {}
        given = sorted((it for one in theirs for it in forms.get(one, ())), key=lambda it: (it.person != root, it.key))
        values = [_value(jurisdictions, unit, amount, year) for unit, amount in sorted(sums.items()) if amount]
        payee = Payee(root, shown.get(root), values, [_given(form, day) for form in given])
        found[person] = payee, [one for one in theirs if one in counted]
    return found


def _value(jurisdictions: Iterable[str], unit: str, amount: int, year: str) -> Value:
    found = {it: least for it in jurisdictions if (least := taxes.least(it, unit, year)) is not None}
    return Value(unit, amount, found)


def _given(it: TaxForm, day: str) -> Given:
    return Given(it.jurisdiction, it.form, it.signed, it.until, it.holds(day), it.asked_for, it.asked_at)


@requires("payout.read")
async def statement(who: Principal, directory: Directory, person: str, year: str) -> Statement:
    """Return the statement of a payee and calendar year, made of the ledger's postings. Raises InvalidError, UnknownError.

    To who is limited to programs it shows these alone.
    """
    async with directory.snapshot() as conn:
        return await statement_of(conn, who, directory, person, year)


async def statement_of(
    conn: asyncpg.Connection, who: Principal, directory: Directory, person: str, year: str
) -> Statement:
    """Return the same as a connection sees it; who asks may do so."""
    _year(year)
    ws = who.workspace.id
    id_ = str(await filters.person(conn, who, person))
    if not await filters.shown(conn, who, id_):
        raise UnknownError("person")
    reporting = await _reporting(conn, who)
    zone = reporting.timezone if reporting is not None else "UTC"
    begins, ends = calendar.day_begins(f"{year}-01-01", zone), calendar.day_begins(f"{int(year) + 1}-01-01", zone)
    root, names = await names_of(conn, ws, id_)
    payee = await _payee(conn, who, directory, reporting, root, year)
    slugs = {it.id: it.slug for it in await pages.programs(conn, ws)}
    now = await _now(conn, who, directory)
    payouts = [it for one in names for it in await _payouts(conn, ws, one, who.programs)]
    lines: dict[tuple[str, str], Line] = {}
    for one in names:
        async for rows in _postings(conn, ws, one, who.programs):
            at = await _times(conn, ws, {row.position for row in rows})
            for row in rows:
                if at[row.position] < ends:
                    _add(lines, slugs.get(row.program, row.program), row, before=at[row.position] < begins)
    days = [OfYear(it.paid_on or calendar.day(it.drafted_at, zone), it) for it in payouts]
    return Statement(
        root,
        payee.name,
        year,
        zone,
        min(ends, now),
        ends <= now,
        [lines[key] for key in sorted(lines)],
        sorted((it for it in days if it.day[:4] == year), key=lambda it: (it.day, it.payout.id)),
        payee.values,
    )


Move = Literal["earned", "taken_back", "paid", "returned"]
#: from which side to which -> what that was, and how what is owed changes by it
_MOVES: Final[dict[tuple[str, str], Sequence[Move]]] = {
    ("cost", "owed"): ("earned",),
    ("owed", "cost"): ("taken_back",),
    ("owed", "got"): ("paid",),
    ("got", "owed"): ("returned",),
    ("cost", "got"): ("earned", "paid"),
    ("got", "cost"): ("taken_back", "returned"),
}
_SIGN: Final[dict[Move, int]] = {"earned": 1, "taken_back": -1, "paid": -1, "returned": 1}


def _add(lines: dict[tuple[str, str], Line], program: str, row: PostingRow, *, before: bool) -> None:
    """Add a posting: as of before the year it moves what stood there when it began."""
    key = program, row.unit
    line = lines.get(key) or Line(program, row.unit, 0, 0, 0, 0, 0, 0)
    for move in _MOVES.get((_SIDES[row.source], _SIDES[row.destination]), ()):
        change = _SIGN[move] * row.amount
        if before:
            line = replace(line, opening=line.opening + change, closing=line.closing + change)
        else:
            line = replace(line, closing=line.closing + change, **{move: getattr(line, move) + row.amount})
    lines[key] = line


async def _postings(
    conn: asyncpg.Connection, ws: str, person: str, programs: Sequence[str] | None
) -> AsyncIterator[list[PostingRow]]:
    """All postings of a person's rewards, so many rewards' at once."""
    after = ""
    while piece := await pages.rewards(conn, ws, beneficiary=person, programs=programs, after=after, limit=_PIECE):
        yield await pages.postings_of(conn, ws, [reward.id for reward in piece])
        after = piece[-1].id


async def _payouts(conn: asyncpg.Connection, ws: str, person: str, programs: Sequence[str] | None) -> list[Payout]:
    """All payouts of a person that went to their rail and did not fail at once."""
    found: list[Payout] = []
    after = ""
    while piece := await pages.payouts(conn, ws, beneficiary=person, programs=programs, after=after, limit=_PIECE):
        found += [it for it in piece if it.status in (*taxes.COUNTED, "returned") and it.amount]
        after = piece[-1].id
    return found


async def _times(conn: asyncpg.Connection, ws: str, positions: set[int]) -> dict[int, int]:
    """When the entries at these positions were decided."""
    found: dict[int, int] = {}
    ordered = sorted(positions)
    for at in range(0, len(ordered), _PIECE):
        found |= {it.position: it.as_of for it in await log.at_each(conn, ws, ordered[at : at + _PIECE])}
    return found


class Remittance(Struct, frozen=True):
    """A payout as its payee is told of it: the reference by which their bank shows it, and what it is made of."""

    payout: Payout
    name: str | None
    reference: str
    programs: Sequence[str]
    rewards: Sequence[Reward]


@requires("payout.read")
async def remittance(who: Principal, directory: Directory, payout: str) -> Remittance:
    """Return what a payee is told of a payout. Raises UnknownError."""
    async with directory.reading() as conn:
        return await remittance_of(conn, who, directory, payout)


async def remittance_of(conn: asyncpg.Connection, who: Principal, directory: Directory, payout: str) -> Remittance:
    """Return the same as a connection sees it; who asks may do so."""
    ws = who.workspace
    it = await paging.one(conn, who, Payout, payout)
    rewards = {one.id: one for one in await entities.load(conn, ws.id, Reward, [part.reward for part in it.parts])}
    names = (
        await people.texts(conn, ws.id, ws.keys, directory.vault, [it.beneficiary]) if who.may("person.names") else {}
    )
    slugs = {one.id: one.slug for one in await pages.programs(conn, ws.id)}
    return Remittance(
        it,
        names.get(it.beneficiary),
        dashed(it.id),
        sorted({slugs.get(part.program, part.program) for part in it.parts}),
        [rewards[part.reward] for part in it.parts if part.reward in rewards],
    )
