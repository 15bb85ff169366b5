"""The books of some months: trial balance, accruals, liabilities by age, cost beside revenue, and the pack of all of it.

What is booked is found by positions of the log: the instant that decisions read as now never falls, so that a month is a span of
them. It costs what was posted since the first of the months, but ages, and what counts by the order, read once what there is.
Must not know: SQL, HTTP, files.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError
from goodword.app.follow.figures import FOLLOWER as FIGURES
from goodword.app.principal import Principal, requires
from goodword.app.proof import pack
from goodword.app.proof.pack import Referred
from goodword.app.see import filters
from goodword.core import books, calendar
from goodword.core import entry as log_entry
from goodword.core.books import Books, Bounds, By
from goodword.core.events import ClickRecorded
from goodword.core.state import Program
from goodword.store import books as stored
from goodword.store import eligibility, figures, followers, log, pages, people
from goodword.store.books import ReferralRow, Touched

#: Postings of a pack that a page or the API gives: more are for the command line.
MOST_POSTINGS = 500_000
_FEW = 50_000  # postings of which what belongs to them is looked up, rather than all rewards read


class _Span(Struct, frozen=True):
    """What is asked for, in positions and instants. ``programs``: id -> program; ``only``: the id of the one that is asked for."""

    bounds: Bounds
    instants: tuple[int, ...]
    zone: str
    by: By
    programs: dict[str, Program]
    only: str | None
    position: int
    as_of: int
    now: int

    @property
    def booked(self) -> tuple[int, int]:
        """Behind which position, and up to which, the months were booked."""
        return self.bounds.positions[0] - 1, self.bounds.positions[-1] - 1

    def slug(self, program: str) -> str:
        """Return what a program is called."""
        return self.programs[program].slug if program in self.programs else program


@requires("ledger.read")
async def months(
    who: Principal,
    directory: Directory,
    begin: str | None = None,
    end: str | None = None,
    *,
    program: str | None = None,
    zone: str | None = None,
    by: By = "occurred",
) -> Books:
    """Return the books of months such as 2026-10, by default the last one that is over.

    ``program``: an id or slug. ``zone``: whose months they are; by default the program's, and UTC of the whole workspace.
    Raises InvalidError and UnknownError.
    """
    async with _opened(who, directory, begin, end, program, zone, by) as (conn, span):
        return await _figures(conn, who.workspace.id, span)


@requires("ledger.read")
@asynccontextmanager
async def packed(  # noqa: PLR0913 - likewise
    who: Principal,
    directory: Directory,
    begin: str | None = None,
    end: str | None = None,
    *,
    program: str | None = None,
    zone: str | None = None,
    by: By = "occurred",
    names: bool = False,
    most: int | None = MOST_POSTINGS,
) -> AsyncIterator[pack.Pack]:
    """Open the pack of months: what ``months`` gives, and by rows the referrals and the postings, all as of one moment.

    ``names``: referrals with what the company calls its advocates. Raises as ``months`` does, NotPermittedError,
    and ConflictError for more postings than ``most``.
    """
    if names:
        who.needs("person.names")
    async with _opened(who, directory, begin, end, program, zone, by) as (conn, span):
        ws = who.workspace.id
        if most is not None and await stored.how_many(conn, ws, *span.booked, most + 1) > most:
            told = f"These are more than {most:,} postings: ask for fewer months, or use goodword pack."
            raise ConflictError("pack_too_long", told)
        it = await _figures(conn, ws, span)
        entities = await pages.legal_entities(conn, ws)
        only = [span.only] if span.only is not None else [*span.programs]
        asked = ws, span.instants[0], span.instants[-1], only
        yield pack.Pack(
            workspace=ws,
            books=it,
            entities=entities,
            slugs={id_: program.slug for id_, program in span.programs.items()},
            billed=await _billed(conn, ws, span),
            head=await log.last_head(conn, ws),
            referrals=_referrals(who, directory, conn, span, names=names),
            names=names,
            postings=stored.postings(conn, ws, *span.booked, span.only),
            eligible=await eligibility.accuracy(conn, *asked, span.zone),
            failing=eligibility.failing(conn, *asked),
        )


@asynccontextmanager
async def _opened(
    who: Principal,
    directory: Directory,
    begin: str | None,
    end: str | None,
    program: str | None,
    zone: str | None,
    by: By,
) -> AsyncIterator[tuple[asyncpg.Connection, _Span]]:
    filters.choice("by", by, ("occurred", "decided"))
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        await stored.prepare(conn)
        position = await followers.position(conn, ws, FIGURES.name)
        now = (await log.stream(conn, ws)).now(directory.now())
        first, last = [await stored.as_of(conn, ws, at) for at in (1, position)] if position else [now, now]
        programs = {it.id: it for it in await pages.programs(conn, ws)}
        only = next(iter(await filters.programs(conn, who, program) or ()), None) if program is not None else None
        if zone is None and only is not None:
            zone = (await stored.zones(conn, ws)).get(programs[only].versions[-1][1])
        zone = zone or "UTC"
        try:
            begin = begin or books.later(end or calendar.period(now, "month", zone), -1)
            asked = books.months(begin, end or books.later(begin, 1))
            instants = tuple(books.begins(month, zone) for month in (*asked, books.later(asked[-1], 1)))
            earned = books.known(min(first, instants[0]), max(last, instants[-1]), zone)
        except (ValueError, OverflowError) as error:
            raise InvalidError(f"{error}.", "from") from error
        positions = [await _first(conn, ws, at, position) for at in instants]
        if await stored.how_many(conn, ws, positions[0] - 1, position, _FEW) < _FEW:
            await stored.by_index(conn)
        bounds = Bounds(asked, tuple(positions), earned, tuple(books.begins(month, zone) for month in earned))
        yield conn, _Span(bounds, instants, zone, by, programs, only, position, last, now)


async def _first(conn: asyncpg.Connection, ws: str, at: int, end: int) -> int:
    """Return the first position that was decided at an instant or later, one more than ``end`` if none was; by halving."""
    low, high = 1, end + 1
    while low < high:
        middle = (low + high) // 2
        if await stored.as_of(conn, ws, middle) < at:
            low = middle + 1
        else:
            high = middle
    return low


async def _figures(conn: asyncpg.Connection, ws: str, span: _Span) -> Books:
    bounds, end = span.bounds, span.instants[-1]
    entities = {span.slug(program): name for program, name in (await pages.legal_entities(conn, ws)).items()}
    now = {
        (span.slug(program), account, unit): amount
        for program, account, unit, amount in await figures.accounts_by_program(conn, ws)
    }
    # What is earned by an order of the first month is booked once that is there, but for clocks that differ.
    since = await _first(conn, ws, span.instants[0] - calendar.CLOCK_DIFFERENCE, span.position)
    rows = await stored.moved(conn, ws, since - 1, span.position, bounds.positions, bounds.instants)
    moved = [replace(it, program=span.slug(it.program), to_program=span.slug(it.to_program)) for it in rows]
    ended = max(span.now, span.as_of) >= end  # also where nothing was decided since
    at = end if ended else min(end, span.as_of + 1)
    bands = [await _first(conn, ws, age, span.position) for age in books.ages(at)]
    open_ = await stored.standing(conn, ws, span.booked[1], books.AGED, bands)
    decided = bounds.positions if span.by == "decided" else None
    revenue = await stored.revenue(conn, ws, span.instants, decided)
    whole = books.trial(now, moved, bounds, entities)
    accruals = books.accruals(moved, bounds, entities)
    ages = books.aged([replace(it, program=span.slug(it.program)) for it in open_], entities)
    named = [replace(it, program=span.slug(it.program) if it.program else "") for it in revenue]
    costs = books.costs(moved, named, bounds, entities, span.by)
    only = span.slug(span.only) if span.only is not None else None
    return Books(
        begin=bounds.months[0],
        end=books.later(bounds.months[-1], 1),
        zone=span.zone,
        by=span.by,
        program=only,
        position=span.position,
        at=at,
        ended=ended,
        trial=[it for it in whole if only in (None, it.program)],
        ages=[it for it in ages if only in (None, it.program)],
        accruals=[it for it in accruals if only in (None, it.program)],
        costs=[it for it in costs if only in (None, it.program)],
        unbalanced=books.unbalanced(whole),
    )


async def _billed(conn: asyncpg.Connection, ws: str, span: _Span) -> dict[str, tuple[int, int]] | None:
    """Return what the orders of the months come to by themselves; None of one program, or by when they were decided."""
    if span.only is not None or span.by == "decided":
        return None
    return await stored.billed(conn, ws, span.instants[0], span.instants[-1])


async def _referrals(
    who: Principal, directory: Directory, conn: asyncpg.Connection, span: _Span, *, names: bool
) -> AsyncIterator[list[Referred]]:
    ws = who.workspace
    if span.by == "decided":
        spans = stored.EVER, span.booked, span.booked
    else:
        since = await _first(conn, ws.id, span.instants[0] - calendar.CLOCK_DIFFERENCE, span.position)
        spans = (span.instants[0], span.instants[-1]), (since - 1, span.position), (0, 0)
    async for piece in stored.referrals(conn, ws.id, *spans, span.only):
        touches = await stored.touches(conn, ws.id, [it.touch for it in piece if it.touch is not None])
        leads = await stored.leads(conn, ws.id, [it.lead for it in piece if it.typed and it.lead is not None])
        typed = {evt: _typed(leaf) for evt, leaf in leads.items()}
        advocates = {it.advocate for it in piece if it.advocate is not None} if names else set()
        texts = await people.texts(conn, ws.id, ws.keys, directory.vault, advocates) if advocates else {}
        yield [_referred(it, span, touches.get(it.touch or ""), typed.get(it.lead or "", ""), texts) for it in piece]


def _referred(it: ReferralRow, span: _Span, touch: Touched | None, typed: str, texts: Mapping[str, str]) -> Referred:
    return Referred(
        program=span.slug(it.program) if it.program else "",
        referral=it.referral,
        without=it.origin,
        status=it.status or "",
        channel=_channel(touch.leaf) if touch is not None and touch.leaf is not None else "",
        code=typed or (touch.code if touch is not None else ""),
        typed=bool(it.typed),
        advocate=it.advocate or "",
        friend=it.friend or "",
        name=texts.get(it.advocate or "", ""),
        lead_at=it.lead_at,
        first_at=it.first_at,
        orders=it.orders,
        unit=it.unit,
        revenue=it.revenue,
        returned=it.returned,
        advocate_cost=it.cost_advocate,
        friend_cost=it.cost_friend,
        taken_back=it.taken_back,
    )


def _channel(leaf: bytes) -> str:
    event = log_entry.asked(leaf).event
    return (event.channel or "") if isinstance(event, ClickRecorded) else ""


def _typed(leaf: bytes) -> str:
    """The code that somebody typed, by the entry that bound them: their lead, or the enrolment that the code came with later."""
    code = getattr(log_entry.asked(leaf).event, "code", None)
    return code if isinstance(code, str) else ""
