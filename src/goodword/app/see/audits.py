"""The audit of rewards: the seven points of each, the share of those that lack none, and why a payout went where it did, on one page.

Must not know: what a point asks (``core.audit``), SQL, HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from goodword import words
from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, paging
from goodword.app.see.paging import FrozenList, Page
from goodword.app.see.parties import Known, Parties
from goodword.app.see.records import Named
from goodword.core import audit, auditing, calendar, hands, lists, payouts, recount, standing
from goodword.core.audit import Answer, Point
from goodword.core.auditing import Seen
from goodword.core.draft import Draft
from goodword.core.entry import Entry
from goodword.core.events import AuditSigned, Item, PayoutReleased
from goodword.core.ledger import Posting
from goodword.core.lifecycles import LIFECYCLES
from goodword.core.recount import Said
from goodword.core.state import Audit, Conversion, Counter, Member, Payee, Payout, Reward, Standing
from goodword.store import eligibility, entities, log, pages, workspaces
from goodword.store.log import Head

#: Rewards of a payout that stand on its sheet; of more it says how many there are.
MOST = 200
#: Paid rewards that lack something and are named.
LACKING = 1_000
#: Payouts that are named beside a month's list, of each sort.
NAMED = 100
_PIECE = 500  # entries, and rewards, that are read at once
_FIRST, _LAST = 0, calendar.parse("9000-01-01T00:00:00Z")


class Answered(Struct, frozen=True, kw_only=True):
    """A point of a reward, answered. ``sentence``: in words; ``position``: of the entry that shows it, for who may read the log."""

    point: str
    answer: Answer
    code: str
    values: dict[str, Any]
    sentence: str
    evt: str | None
    position: int | None
    noun: str | None
    id: str | None


class Audited(Struct, frozen=True, kw_only=True):
    """A reward with its seven points. ``lacks``: those that are answered with no.

    ``said``: what each entry of the log says that it is, where one reward or payout is asked for, by who may read the log.
    """

    about: Parties
    points: tuple[Answered, ...]
    lacks: tuple[str, ...]
    said: tuple[Said, ...] = ()

    @property
    def id(self) -> str:
        """The reward's."""
        return self.about.id


class Approver(Struct, frozen=True, kw_only=True):
    """Who approved, or (``released``) sent: a member or a standing approval. ``position``: the entry, for who may read the log."""

    who: Named
    subject: str
    released: bool
    position: int | None


class Sheet(Struct, frozen=True, kw_only=True):
    """Why money went where it did: of a payout, or of one reward. ``rewards``: the first ``MOST`` of ``count``.

    ``head``: the newest signed head of the log, None for who may not read it and while there is none; ``payout``: None of a reward
    that lies in none, and for who may see none.
    """

    payout: Payout | None
    rewards: tuple[Audited, ...]
    count: int
    approvers: tuple[Approver, ...]
    head: Head | None
    now_at: int


class Accuracy(Struct, frozen=True):
    """``whole`` of ``count`` rewards lack none of the seven points."""

    program: str
    status: str
    count: int
    whole: int


class Looked(Struct, frozen=True, kw_only=True):
    """A payout that is looked at. ``why``: the rules by which it is an outlier, none: it was drawn. ``lacks``: points, by reward."""

    payout: Payout
    name: str | None
    why: tuple[str, ...]
    lacks: tuple[tuple[str, tuple[str, ...]], ...]


class Month(Struct, frozen=True, kw_only=True):
    """The audit of a month. ``count``: payouts that completed in it; ``frozen``: the list to be signed now, outliers, then the sample.

    ``looked``: a page of the list that is shown, of ``size``: as it was signed (``kept``) or is now; ``after``: the cursor of the
    next. ``head``: that by which the sample was drawn, None: none is signed that has the whole month, so that nothing is drawn yet.
    ``signed``: who signed last; ``mail``: theirs; ``is_same``: it was this very list. ``own``: payouts in which the reader had a part,
    so that they do not sign; ``outliers``: of the list that is shown, by payout. ``later``: payouts whose completion stands behind the
    head that was signed by, ``gone``: those of the signed list that are no longer as they were: of these three the first ``NAMED``.
    """

    month: str
    count: int
    looked: tuple[Looked, ...]
    size: int
    after: str | None
    kept: bool
    frozen: FrozenList
    head: Head | None
    signed: Audit | None
    mail: str | None
    is_same: bool
    own: tuple[str, ...]
    outliers: dict[str, tuple[str, ...]]
    later: tuple[str, ...] = ()
    later_count: int = 0
    gone: tuple[str, ...] = ()
    gone_count: int = 0


class OfMonth(Struct, frozen=True):
    """Of a program and month: ``whole`` of ``count`` rewards lack nothing, of those that are paid ``paid_whole`` of ``paid``."""

    program: str
    month: str
    count: int
    whole: int
    paid: int
    paid_whole: int


class Shares(Struct, frozen=True, kw_only=True):
    """The share, of what was earned from ``begin`` up to ``end``: days of UTC; None: without an end on that side.

    ``rows``: by program and state; ``months``: by program and month of UTC. ``lacking``: what is paid and lacks a point, the first
    ``LACKING``: there is none (invariant I-30). What else lacks one is listed by ``page``, for ``point`` any.
    """

    begin: str | None
    end: str | None
    rows: tuple[Accuracy, ...]
    months: tuple[OfMonth, ...]
    lacking: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def all(self) -> tuple[int, int]:
        """How many rewards lack nothing, and how many there are."""
        return sum(row.whole for row in self.rows), sum(row.count for row in self.rows)

    @property
    def paid(self) -> tuple[int, int]:
        """How many of what is paid lack nothing, and how many are paid."""
        its = [row for row in self.rows if row.status == "paid"]
        return sum(row.whole for row in its), sum(row.count for row in its)


@requires("reward.read")
async def of(who: Principal, directory: Directory, reward: str) -> Audited:
    """Return the seven points of one reward. Raises UnknownError."""
    async with directory.snapshot() as conn:
        [found] = await _audited(conn, who, directory, [await paging.one(conn, who, Reward, reward)], recounts=True)
    return found


@requires("reward.read")
async def of_reward(who: Principal, directory: Directory, reward: str) -> Sheet:
    """Return the sheet of one reward. Raises UnknownError."""
    async with directory.snapshot() as conn:
        it = await paging.one(conn, who, Reward, reward)
        payout = await _payout(conn, who, it.payout) if it.payout is not None and who.may("payout.read") else None
        return await _sheet(conn, who, directory, payout, [it], 1)


@requires("payout.read")
async def of_payout(who: Principal, directory: Directory, payout: str) -> Sheet:
    """Return the sheet of a payout, with each of its rewards. Raises UnknownError."""
    async with directory.snapshot() as conn:
        it = await paging.one(conn, who, Payout, payout)
        ids = [part.reward for part in it.parts]
        rewards = await entities.load(conn, who.workspace.id, Reward, ids[:MOST])
        return await _sheet(conn, who, directory, it, sorted(rewards, key=lambda one: ids.index(one.id)), len(ids))


@requires("audit.read")
async def page(
    who: Principal,
    directory: Directory,
    *,
    program: str | None = None,
    month: str | None = None,
    status: str | None = None,
    point: str | None = None,
    after: str = "",
    limit: int = 50,
) -> Page[Audited]:
    """Return rewards with their points. ``month``: in which they were earned, of UTC; ``point``: those that lack it, or ``any``.

    A page may hold fewer than ``limit`` where ``point`` is asked, and still have a next one. Raises InvalidError, UnknownError.
    """
    filters.choice("status", status, LIFECYCLES["reward"])
    filters.choice("point", point, ("any", *audit.POINTS))
    begin, end = filters.month(month) or (_FIRST, _LAST)
    async with directory.snapshot() as conn:
        programs = await _programs(conn, who, program)
        ids = await eligibility.listed(
            conn, who.workspace.id, begin, end, [*programs], status=status, point=point, after=after, limit=limit
        )
        found = await _audited(conn, who, directory, await paging.each(conn, who, Reward, ids))
    kept = tuple(one for one in found if point is None or point in one.lacks or (point == "any" and one.lacks))
    return Page(kept, ids[-1] if len(ids) == limit else None)


@requires("audit.read")
async def accuracy(
    who: Principal,
    directory: Directory,
    begin: str | None = None,
    end: str | None = None,
    program: str | None = None,
    *,
    month: str | None = None,
) -> Shares:
    """Return the share of rewards that lack none of the seven points, counted from the rows. Raises InvalidError, UnknownError.

    ``month``: in the place of its first day and that of the next one.
    """
    since, until = filters.month(month) or (_day(begin, "from", _FIRST), _day(end, "to", _LAST))
    async with directory.snapshot() as conn:
        programs = await _programs(conn, who, program)
        asked = who.workspace.id, since, until, [*programs]
        rows = await eligibility.accuracy(conn, *asked)
        lacking = await eligibility.paid_and_lacking(conn, *asked, LACKING)
    return Shares(
        begin=begin,
        end=end,
        rows=_by_state(programs, rows),
        months=_by_month(programs, rows),
        lacking=tuple((id_, tuple(lacks)) for id_, lacks in lacking),
    )


def _by_state(programs: Mapping[str, str], rows: Sequence[eligibility.Share]) -> tuple[Accuracy, ...]:
    sums: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        sum_ = sums.setdefault((programs[row.program], row.status), [0, 0])
        sum_[0] += row.rewards
        sum_[1] += row.whole
    order = [*LIFECYCLES["reward"]]
    return tuple(Accuracy(*sums_, *sums[sums_]) for sums_ in sorted(sums, key=lambda it: (it[0], order.index(it[1]))))


def _by_month(programs: Mapping[str, str], rows: Sequence[eligibility.Share]) -> tuple[OfMonth, ...]:
    sums: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        sum_ = sums.setdefault((programs[row.program], row.month), [0, 0, 0, 0])
        for n in (0, 2)[: 1 + (row.status == "paid")]:
            sum_[n] += row.rewards
            sum_[n + 1] += row.whole
    return tuple(OfMonth(*which, *sums[which]) for which in sorted(sums))


def _day(day: str | None, name: str, otherwise: int) -> int:
    try:
        return otherwise if day is None else calendar.day_begins(calendar.iso_day(day), "UTC")
    except (ValueError, OverflowError):
        raise InvalidError("Expected a day such as 2026-11-30.", name) from None


@requires("audit.read")
async def last_month(who: Principal, directory: Directory) -> str:
    """Return the last month of UTC that is over by the workspace's clock, such as ``2026-10``."""
    async with directory.reading() as conn:
        now = (await log.stream(conn, who.workspace.id)).now(directory.now())
    first = calendar.day_begins(f"{calendar.utc_day(now)[:7]}-01", "UTC")
    return calendar.utc_day(first - calendar.DAY)[:7]


@requires("audit.read")
async def month(
    who: Principal, directory: Directory, month: str, *, now: bool = False, after: str = "", limit: int = 200
) -> Month:
    """Return what is looked at of the payouts that completed in a month of UTC. Raises InvalidError, also for one that is not over.

    All outliers (``core.auditing``), and of the others a sample, drawn by the first signed head that has every entry of the month. Of a
    month that was signed the list as it was signed, unless the one of ``now`` is asked for. ``after``: a payout of that list.
    """
    begin, end = filters.month(month) or (0, 0)
    ws = who.workspace
    async with directory.snapshot() as conn:
        stream = await log.stream(conn, ws.id)
        if end > stream.now(directory.now()):
            raise InvalidError(f"{month} is not over yet.", "month")
        marks = [await _position(conn, ws.id, at, stream.position) for at in (begin - 92 * calendar.DAY, begin, end)]
        completed = await _completed(conn, who, *marks[1:])
        seen, rewards = await _seen(conn, who, directory, completed, marks, begin)
        head = await eligibility.head_over(conn, ws.id, marks[2] - 1)
        signed = next(iter(await entities.load(conn, ws.id, Audit, [month])), None)
        entry = await log.of(conn, ws.id, signed.evt) if signed is not None else None
        said = entry.event if entry is not None and isinstance(entry.event, AuditSigned) else None
        was = (
            {it.id: it for it in await entities.load(conn, ws.id, Payout, [it.id for it in said.items])} if said else {}
        )
        mails = await workspaces.mails(conn, ws) if who.may("member.mails") else {}
        members = await entities.every(conn, ws.id, Member)
        granted = {it.id: it.granted_by for it in await entities.every(conn, ws.id, Standing)}
        owed = {one.about.reward.beneficiary for one in rewards.values()}
        payees = {it.person: it for it in await entities.load(conn, ws.id, Payee, sorted(owed))}
    why = auditing.outliers(seen)
    drawn = (
        auditing.sample([one.payout.id for one in seen if one.payout.id not in why], head.root.hex()) if head else []
    )
    by_id = {one.payout.id: one.payout for one in seen}
    chosen = [by_id[id_] for id_ in (*sorted(why), *drawn)] if head is not None else []
    frozen = paging.frozen(payouts.item_of(payout) for payout in chosen)
    kept = said is not None and not now
    if said is not None and kept:
        why, listed = dict(said.outliers), [was[item.id] for item in said.items if item.id in was]
    else:
        listed = chosen
    start = next((n for n, payout in enumerate(listed, 1) if payout.id == after), 0)
    shown = listed[start : start + limit]
    its = {it.id: [rewards[part.reward] for part in it.parts if part.reward in rewards] for it in (*chosen, *shown)}
    looked = tuple(
        Looked(
            payout=payout,
            name=next((one.about.beneficiary.name for one in its[payout.id]), None),
            why=why.get(payout.id, ()),
            lacks=tuple((one.id, one.lacks) for one in its[payout.id] if one.lacks),
        )
        for payout in shown
    )
    find = {one.id: one for one in members}.get
    mine = hands.hands_among(find, who.actor.id)

    def is_own(payout: Payout) -> bool:
        parts = [one.about.reward for one in its[payout.id]]
        theirs = [payees[it.beneficiary] for it in parts if it.beneficiary in payees]
        had = auditing.had_part(payout, parts, theirs, granted)
        return any(not mine.isdisjoint(hands.hands_among(find, member)) for member in had)

    later = [id_ for id_, one in completed.items() if said is not None and one.position > said.head]
    gone = [item.id for item in said.items if not _stands(item, by_id.get(item.id))] if said is not None else []
    return Month(
        month=month,
        count=len(seen),
        looked=looked,
        size=len(listed),
        after=shown[-1].id if shown and start + limit < len(listed) else None,
        kept=kept,
        frozen=frozen,
        head=head,
        signed=signed,
        mail=mails.get(signed.by) if signed is not None else None,
        is_same=signed is not None and signed.list_sha256 == frozen.list_sha256,
        outliers=why if head is not None else {},
        own=tuple([payout.id for payout in chosen if is_own(payout)][:NAMED]),
        later=tuple(sorted(later)[:NAMED]),
        later_count=len(later),
        gone=tuple(gone[:NAMED]),
        gone_count=len(gone),
    )


def _stands(item: Item, payout: Payout | None) -> bool:
    return payout is not None and lists.difference(item, payouts.item_of(payout)) is None


async def _position(conn: asyncpg.Connection, ws: str, at: int, end: int) -> int:
    """The first position that was decided at an instant or later: what time the log shows never falls."""
    low, high = 1, end + 1
    while low < high:
        middle = (low + high) // 2
        entry = await log.at(conn, ws, middle)
        if entry is not None and entry.as_of < at:
            low = middle + 1
        else:
            high = middle
    return low


class _Completed(NamedTuple):
    payout: Payout
    at: int
    position: int


async def _completed(conn: asyncpg.Connection, who: Principal, begin: int, end: int) -> dict[str, _Completed]:
    """The payouts that completed between two positions and still stand so. One of which all was netted completed as it was released."""
    positions = await eligibility.completed_at(conn, who.workspace.id, begin, end)
    when: dict[str, tuple[int, int]] = {}
    netted: dict[str, tuple[int, int]] = {}
    moved: set[str] = set()
    for start in range(0, len(positions), _PIECE):
        for entry in await log.at_each(conn, who.workspace.id, positions[start : start + _PIECE]):
            at = entry.as_of, entry.position
            if isinstance(entry.event, PayoutReleased):
                netted |= {item.id: at for item in entry.event.items if not item.amount}
            named = [getattr(entry.event, "payout", None), *(verdict.subject for verdict in entry.verdicts)]
            named += [line.payout for line in getattr(entry.event, "lines", ())]
            named += [step.values.get("payout") for verdict in entry.verdicts for step in verdict.steps]
            when |= {id_: at for id_ in named if isinstance(id_, str) and id_.startswith("pay_")}
            moved |= {posting.reward for posting in entry.postings if posting.destination in ("settled", "credit")}
    found = await entities.load(conn, who.workspace.id, Payout, when.keys() | netted.keys())
    done = [it for it in found if it.status == "completed"]
    return {it.id: _Completed(it, *netted[it.id]) for it in done if not it.amount and it.id in netted} | {
        it.id: _Completed(it, *when[it.id])
        for it in done
        if it.amount and it.id in when and any(part.reward in moved for part in it.parts)
    }


async def _seen(
    conn: asyncpg.Connection,
    who: Principal,
    directory: Directory,
    completed: Mapping[str, _Completed],
    marks: Sequence[int],
    begin: int,
) -> tuple[list[Seen], dict[str, Audited]]:
    """What is known of each, and its rewards with their points."""
    ws = who.workspace.id
    ids = sorted({part.reward for one in completed.values() for part in one.payout.parts})
    rewards: dict[str, Audited] = {}
    for start in range(0, len(ids), _PIECE):
        loaded = await entities.load(conn, ws, Reward, ids[start : start + _PIECE])
        rewards |= {one.id: one for one in await _audited(conn, who, directory, loaded)}
    persons = sorted({one.payout.beneficiary for one in completed.values()})
    past = await eligibility.had(conn, ws, marks[0], marks[1], persons)
    now = await eligibility.had(conn, ws, marks[1], marks[2], persons)
    usual = await eligibility.places(conn, ws, begin, persons)
    payees = {it.person: it for it in await entities.load(conn, ws, Payee, persons)}
    orders = {one.about.reward.conversion for one in rewards.values()}
    countries = {it.id: it.country for it in await entities.load(conn, ws, Conversion, orders)}
    seen = []
    for payout, at, _ in completed.values():
        its = [rewards[part.reward] for part in payout.parts if part.reward in rewards]
        places = {countries.get(one.about.reward.conversion) for one in its}
        seen.append(
            Seen(
                payout=payout,
                completed_at=at,
                month=now.get((payout.beneficiary, payout.unit), 0),
                past=past.get((payout.beneficiary, payout.unit), 0),
                places=frozenset(place for place in places if place is not None),
                usual=usual.get(payout.beneficiary, {}),
                payee=payees.get(payout.beneficiary),
                lacks=tuple(point for one in its for point in one.lacks),
                marked=tuple(at for one in its for at in auditing.marked(one.about.reward)),
            )
        )
    return seen, rewards


async def _programs(conn: asyncpg.Connection, who: Principal, named: str | None) -> Mapping[str, str]:
    """The programs to look at, by id with their slug."""
    only = await filters.programs(conn, who, named)
    return {it.id: it.slug for it in await pages.programs(conn, who.workspace.id) if only is None or it.id in only}


async def _payout(conn: asyncpg.Connection, who: Principal, id_: str) -> Payout | None:
    found = await entities.load(conn, who.workspace.id, Payout, [id_])
    return next((it for it in found if who.sees(*it.programs)), None)


async def _audited(
    conn: asyncpg.Connection, who: Principal, directory: Directory, rewards: Sequence[Reward], *, recounts: bool = False
) -> tuple[Audited, ...]:
    """``recounts``: whether each is held against the log too, entry by entry; else against the stored rows alone."""
    if not rewards:
        return ()
    ws = who.workspace.id
    known = await Known.of(conn, who, directory, rewards)
    draft = known.draft
    draft.state.update({(Payout, it.id): it for it in known.payouts.values()})
    stood = {reward.id: found for reward in rewards if (found := _stood(draft, reward)) is not None}
    used = {key for reward in rewards if reward.id in stood for key, _ in standing.bounds(stood[reward.id], reward)}
    draft.state.update({(Counter, it.key): it for it in await entities.load(conn, ws, Counter, used)})
    draft.state.miss(Counter, used)
    otherwise = await eligibility.lacking(conn, ws, [*known.programs], [it.id for it in rewards])
    made = {reward.id: list(audit.points(draft, reward)) for reward in rewards}
    for id_, lacks in otherwise.items():
        made[id_] = [_wrong(it, "rows_differ", {}) if it.point in lacks else it for it in made[id_]]
    said: dict[str, tuple[Said, ...]] = {}
    if recounts:
        its, booked = await _entries(conn, ws, rewards, stood)
        for reward in rewards:
            payout, mine = known.payouts.get(reward.payout or ""), its[reward.id]
            for one in recount.wrong(reward, payout, stood.get(reward.id), mine, booked.get(reward.id, ())):
                made[reward.id] = [
                    _wrong(it, one.code, one.values) if it.point == one.point else it for it in made[reward.id]
                ]
            said[reward.id] = tuple(recount.said(reward, mine)) if who.may("log.read") else ()
    entries: Mapping[str, Entry] = {}
    approved: Mapping[str, int] = {}
    if who.may("log.read"):
        entries = await log.of_each(conn, ws, {it.evt for its in made.values() for it in its if it.evt is not None})
        approved = await pages.approved_each(conn, ws, [reward.id for reward in rewards])
    return tuple(
        Audited(
            about=about,
            points=tuple(
                _answered(point, entries, approved.get(about.id) if point.point == "approval" else None)
                for point in made[about.id]
            ),
            lacks=audit.failing(tuple(made[about.id])),
            said=said.get(about.id, ()),
        )
        for about in known.parties(who, rewards)
    )


def _stood(draft: Draft, reward: Reward) -> Standing | None:
    named = next((id_ for id_ in reward.approvals if id_.startswith(standing.PREFIX)), None)
    return standing.find(draft, named) if named is not None else None


def _wrong(point: Point, code: str, values: Mapping[str, Any]) -> Point:
    """The point as what is stored does not bear it out. What was missing before stays said as it was, unless no more was known."""
    return (
        point
        if point.answer == "no" and point.code != "rows_differ"
        else replace(point, answer="no", code=code, values={**point.values, **values})
    )


async def _entries(
    conn: asyncpg.Connection, ws: str, rewards: Sequence[Reward], stood: Mapping[str, Standing]
) -> tuple[dict[str, list[Entry]], dict[str, list[tuple[int, Posting]]]]:
    """The entries that concern the money of each reward, the oldest first, and its postings as they are stored."""
    booked = await eligibility.booked(conn, ws, [it.id for it in rewards])
    approvals = await eligibility.approved_in(
        conn, ws, {*(it.id for it in rewards), *(it.payout or "" for it in rewards)}
    )
    evts = {it.evt for it in rewards} | {it.evt for it in stood.values()}
    by_evt = await log.of_each(conn, ws, evts)
    wanted = {at for its in booked.values() for at, _ in its} | {at for its in approvals.values() for at in its}
    found = {entry.position: entry for entry in by_evt.values()}
    left = sorted(wanted - found.keys())
    for start in range(0, len(left), _PIECE):
        found |= {it.position: it for it in await log.at_each(conn, ws, left[start : start + _PIECE])}
    its: dict[str, list[Entry]] = {}
    for reward in rewards:
        mine = {at for at, _ in booked.get(reward.id, ())}
        mine |= {at for id_ in (reward.id, reward.payout) if id_ is not None for at in approvals.get(id_, ())}
        also = [reward.evt, *([stood[reward.id].evt] if reward.id in stood else [])]
        mine |= {by_evt[evt].position for evt in also if evt in by_evt}
        its[reward.id] = [found[at] for at in sorted(mine) if at in found]
    return its, booked


def _answered(point: Point, entries: Mapping[str, Entry], position: int | None) -> Answered:
    entry = entries.get(point.evt or "")
    return Answered(
        point=point.point,
        answer=point.answer,
        code=point.code,
        values=point.values,
        sentence=words.audited(point.point, point.code, point.values),
        evt=point.evt if entry is not None else None,
        position=entry.position if entry is not None else position,
        noun=point.noun,
        id=point.id,
    )


async def _sheet(
    conn: asyncpg.Connection,
    who: Principal,
    directory: Directory,
    payout: Payout | None,
    rewards: Sequence[Reward],
    count: int,
) -> Sheet:
    ws = who.workspace
    mails = await workspaces.mails(conn, ws) if who.may("member.mails") else {}
    reads_log = who.may("log.read")
    subjects = [reward.id for reward in rewards] + ([payout.id] if payout is not None else [])
    said = await pages.approved_each(conn, ws.id, subjects) if reads_log else {}
    approvers = [
        Approver(who=Named(id_, mails.get(id_)), subject=reward.id, released=False, position=said.get(reward.id))
        for reward in rewards
        for id_ in reward.approvals
    ]
    if payout is not None:
        approvers += [
            Approver(who=Named(id_, mails.get(id_)), subject=payout.id, released=True, position=said.get(payout.id))
            for id_ in payout.releases
        ]
    return Sheet(
        payout=payout,
        rewards=await _audited(conn, who, directory, rewards, recounts=True),
        count=count,
        approvers=tuple(approvers),
        head=await log.last_head(conn, ws.id) if reads_log else None,
        now_at=(await log.stream(conn, ws.id)).now(directory.now()),
    )
