"""The queue of rewards in review: pages in the order in which they ask for somebody, counts and sums, the next one and the one before.

A page costs what its rows cost and the classes of the queue (``core.priority``), however many wait and however long the history is.
Must not know: SQL, HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, get_args

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import drafts, filters, paging, parties
from goodword.app.see.parties import Known, Parties
from goodword.app.see.records import Named
from goodword.core import calendar, late, priority, reviews
from goodword.core.draft import Draft
from goodword.core.money import MAX_INTEGER
from goodword.core.priority import Part
from goodword.core.state import Conversion, Payee, Program, Reward
from goodword.store import entities, log, pages, queue, workspaces
from goodword.store.queue import Found, Lane, Place

Sort = Literal["priority", "age", "due", "risk", "amount"]
SORTS: Final = get_args(Sort)
#: States in which something is still to be done: these are counted.
OPEN: Final = ("pending", "in_review", "approved", "processing")
#: Each counted up to so many.
MOST: Final = 1_000
#: Of one payee's or one search's rewards so many are put in order.
OF_ONE: Final = 1_000
#: A page of what the reader may approve looks at so many rewards at most; what it did not look at stands behind its cursor.
LOOKS: Final = 500

#: The numbers by which a row stands in its order, and its id.
_NUMBER: Final = re.compile("-?[0-9]{1,16}")  # an instant or an amount
_ID: Final = re.compile("[0-9A-Za-z_]{0,64}")
Key = tuple[tuple[int, ...], str]
_FIRST: Final = Place(-MAX_INTEGER, "")
_LAST: Final = Place(MAX_INTEGER, "")


class Filter(Struct, frozen=True, kw_only=True):
    """Which rewards in review. ``program``: an id or slug; ``rules``: the hash of a version; ``payee``: an id or the company's name.

    ``risk``: at least so grave are its flags, 1 to 3; ``mine``: what the reader could approve now, alone or as one of two;
    ``aside``: what is put aside, which is left out otherwise.
    """

    program: str | None = None
    unit: str | None = None
    rules: str | None = None
    payee: str | None = None
    risk: int | None = None
    mine: bool = False
    aside: bool = False


#: All of it.
EVERY: Final = Filter()


class Row(Struct, frozen=True, kw_only=True):
    """A reward of the queue, in review ``since``. ``points`` are the sum of ``parts``.

    ``late``: days of UTC behind ``decide_by``, below nought those left; ``cause``: of one behind it, for what it waits
    (``core.late``);
    ``refusal``: why the reader could not approve it, None: they could;
    ``second``: it needs a second person, ``could``: who could be that one.
    """

    about: Parties
    since: int
    decide_by: int
    late: int
    cause: str | None
    points: int
    parts: tuple[Part, ...]
    risk: int
    refusal: str | None
    second: bool
    could: tuple[Named, ...]

    @property
    def id(self) -> str:
        """The reward's."""
        return self.about.id


class Queue(Struct, frozen=True):
    """A page. ``after``: the cursor of the next one, None: this was the last; ``now``: the instant for which the order holds."""

    items: Sequence[Row]
    after: str | None
    now: int


class Neighbours(Struct, frozen=True):
    """The rewards before and behind one in an order, by id: where "decide and go on" leads."""

    before: str | None
    after: str | None


class Totals(Struct, frozen=True):
    """``counts``: rewards by state, each up to ``most``; ``aside``: how many in review are put aside, which are not among them.

    ``held``: unit -> what the rewards of one state come to, of its first ``most``; None: that was not asked for.
    """

    counts: dict[str, int]
    most: int
    aside: int
    held: dict[str, int] | None


@requires("reward.read")
async def page(
    who: Principal,
    directory: Directory,
    asked: Filter = EVERY,
    *,
    sort: Sort = "priority",
    after: str = "",
    limit: int = 50,
) -> Queue:
    """Return a page of the queue. Raises InvalidError for a value that means nothing, UnknownError for what there is not."""
    async with directory.snapshot() as conn:
        look = await _Look.of(conn, who, directory, asked, sort, after)
        found, rest = await look.page(limit)
        rewards = await _loaded(conn, who, found)
    async with directory.snapshot() as conn:  # another one: the queue is read in a way that suits nothing else
        known = await Known.of(conn, who, directory, rewards)
        about = known.parties(who, rewards)
        could = {it.id: _could(who, known.draft, it.reward) for it in about}
        mails = await workspaces.mails(conn, who.workspace) if any(could.values()) and who.may("member.mails") else {}
    rows = [_row(who, known.draft, it, look.now, could[it.id], mails) for it in about]
    return Queue(rows, _written(look.now, rest) if rest is not None else None, look.now)


@requires("reward.read")
async def neighbours(
    who: Principal,
    directory: Directory,
    reward: str,
    asked: Filter = EVERY,
    *,
    sort: Sort = "priority",
) -> Neighbours:
    """Return what stands before and behind a reward, also where it is in review no more. Raises what ``page`` raises."""
    async with directory.snapshot() as conn:
        one = await paging.one(conn, who, Reward, reward)
        look = await _Look.of(conn, who, directory, asked, sort, "")
        look.after = look.key_of(one)
        found, _ = await look.page(1)
        ahead, _ = await look.page(1, ahead=True)
    return Neighbours(ahead[0] if ahead else None, found[0] if found else None)


@requires("reward.read")
async def ids(
    who: Principal, directory: Directory, asked: Filter = EVERY, *, sort: Sort = "priority", limit: int = OF_ONE
) -> list[str]:
    """Return the first ids in an order: what a frozen list of a filter is made of. Raises what ``page`` raises."""
    async with directory.snapshot() as conn:
        return (await (await _Look.of(conn, who, directory, asked, sort, "")).page(limit))[0]


@requires("reward.read")
async def totals(
    who: Principal, directory: Directory, *, program: str | None = None, held: str | None = None
) -> Totals:
    """Return how many rewards are in each state in which something is still to be done. Raises UnknownError.

    ``held``: a state whose rewards are summed, too.
    """
    async with directory.snapshot() as conn:
        ws, named = who.workspace.id, await filters.programs(conn, who, program)
        now = (await log.stream(conn, ws)).now(directory.now())
        aside = await queue.aside(conn, ws, now, named, MOST)
        counts = await queue.counts(conn, ws, OPEN, MOST + len(aside), named)
        amounts = None
        if held is not None:
            left_out = aside if held == "in_review" else []
            amounts = await queue.amounts(conn, ws, held, MOST + len(left_out), named)
            for one in left_out:
                amounts[one.unit] = max(0, amounts.get(one.unit, 0) - one.amount)
    counts["in_review"] -= len(aside)
    counts = {state: min(count, MOST) for state, count in counts.items()}
    held_now = {unit: amount for unit, amount in amounts.items() if amount} if amounts is not None else None
    return Totals(counts, MOST, len(aside), held_now)


@requires("reward.read")
async def find(who: Principal, directory: Directory, text: str) -> list[Parties]:
    """Return the rewards of an invoice, of a reward's id, or of a person by id or exact name, as payee: those in review first.

    Fifty at most. Raises UnknownError where there is nothing.
    """
    async with directory.snapshot() as conn:
        ws, text = who.workspace.id, text.replace("\0", "")
        ids: list[str] = [text] if text.startswith("rwd_") else []
        for order in await entities.load(conn, ws, Conversion, [f"inv:{text}"]):
            ids += order.rewards
        if not ids:
            person = await filters.person(conn, who, text)
            own = await pages.rewards(conn, ws, beneficiary=person, programs=who.programs, limit=OF_ONE)
            ids = [reward.id for reward in own]
        found = [reward for reward in await entities.load(conn, ws, Reward, ids) if who.sees(reward.program)]
    if not found:
        raise UnknownError("reward of this name")
    found.sort(key=lambda reward: (reward.status != "in_review", -reward.earned_at, reward.id))
    return await parties.each(who, directory, [reward.id for reward in found[:50]])


async def _loaded(conn: asyncpg.Connection, who: Principal, ids: Sequence[str]) -> list[Reward]:
    by_id = {reward.id: reward for reward in await entities.load(conn, who.workspace.id, Reward, ids)}
    return [by_id[id_] for id_ in ids if id_ in by_id]


def _could(who: Principal, draft: Draft, reward: Reward) -> list[str] | None:
    """Who could be the second person that a reward needs; None: it needs none."""
    second = reviews.second_needed(draft, who.actor, reward) is not None
    return reviews.seconds(draft, who.actor, reward) if second else None


def _row(
    who: Principal, draft: Draft, about: Parties, now: int, could: Sequence[str] | None, mails: Mapping[str, str]
) -> Row:
    reward = about.reward
    due = priority.decide_by(reward)
    return Row(
        about=about,
        since=priority.since(reward),
        decide_by=due,
        late=now // calendar.DAY - due // calendar.DAY,
        cause=late.cause(draft, reward) if due <= now else None,
        points=priority.total(reward, now),
        parts=priority.parts(reward, now),
        risk=reward.risk,
        refusal=_refusal(who, draft, reward),
        second=could is not None,
        could=tuple(Named(member, mails.get(member)) for member in could or ()),
    )


def _refusal(who: Principal, draft: Draft, reward: Reward) -> str | None:
    """Return why who asks could not approve a reward now."""
    if not reviews.may_approve(draft, who.actor, [reward]):
        return "not_permitted"
    why = reviews.against(draft, reviews.item_of(reward, draft.get(Payee, reward.beneficiary)), who.actor)
    return why[0] if why is not None else None


def _written(now: int, key: Key) -> str:
    return "~".join([str(now), *map(str, key[0]), key[1]])


def _read(text: str, numbers: int) -> tuple[int, Key]:
    *whole, id_ = text.split("~")
    if len(whole) != numbers + 1 or not all(map(_NUMBER.fullmatch, whole)) or not _ID.fullmatch(id_):
        raise InvalidError("Expected the cursor of a page of this order.", "after")
    now, *found = map(int, whole)
    return now, (tuple(found), id_)


#: Order -> how many numbers a row stands by.
_NUMBERS: Final = {"priority": 2, "age": 1, "due": 1, "risk": 2, "amount": 1}


class _Look(Struct):
    """One look at the queue: whose, which of it, in which order, at which instant, behind which row."""

    conn: asyncpg.Connection
    who: Principal
    directory: Directory
    sort: Sort
    now: int
    after: Key | None
    lanes: list[Lane]
    payee: str | None
    mine: bool
    aside: bool

    @classmethod
    async def of(
        cls, conn: asyncpg.Connection, who: Principal, directory: Directory, asked: Filter, sort: Sort, after: str
    ) -> _Look:
        """Read what is asked for."""
        filters.choice("sort", sort, SORTS)
        ws = who.workspace.id
        now, key = (await log.stream(conn, ws)).now(directory.now()), None
        if after:
            now, key = _read(after, _NUMBERS[sort])
        named = await filters.programs(conn, who, asked.program)
        unit = await filters.unit(conn, who, asked.unit) if asked.unit is not None else None
        versions = await _versions(conn, ws, named) if named is not None else None
        lanes = [
            lane
            for lane in await queue.lanes(conn, ws)
            if (versions is None or lane.rules in versions)
            and asked.rules in (None, lane.rules)
            and unit in (None, lane.unit)
            and lane.its.risk >= (asked.risk or 0)
        ]
        payee = await filters.person(conn, who, asked.payee)
        return cls(conn, who, directory, sort, now, key, lanes, payee, asked.mine, asked.aside)

    async def page(self, limit: int, *, ahead: bool = False) -> tuple[list[str], Key | None]:
        """Return ids in order, and the key behind which there may be more. ``ahead``: what lies before, the nearest first."""
        if not self.mine:
            rows = await self._rows(limit, self.after, ahead=ahead)
            return [id_ for _, id_ in rows], rows[-1] if len(rows) == limit else None
        kept: list[str] = []
        after, looked = self.after, 0
        while looked < LOOKS:
            rows = await self._rows(max(limit, 50), after, ahead=ahead)
            looked += len(rows)
            able = await self._able([id_ for _, id_ in rows])
            for row in rows:
                after = row
                if row[1] in able:
                    kept.append(row[1])
                if len(kept) == limit:
                    return kept, row
            if len(rows) < max(limit, 50):
                return kept, None
        return kept, after

    async def _able(self, ids: Sequence[str]) -> set[str]:
        rewards = await _loaded(self.conn, self.who, ids)
        draft = await drafts.of(self.conn, self.who, self.directory, rewards)
        return {reward.id for reward in rewards if _refusal(self.who, draft, reward) is None}

    async def _rows(self, limit: int, after: Key | None, *, ahead: bool) -> list[Key]:
        if self.aside or self.payee is not None:
            rows = await self._of_few()
        elif self.sort == "amount":
            of = sorted({(lane.rules, lane.unit) for lane in self.lanes})
            start = (-after[0][0], after[1]) if after is not None else (MAX_INTEGER, "")
            found = await queue.by_amount(self.conn, self.who.workspace.id, of, start, limit, self.now, ahead=ahead)
            rows = [((-amount,), id_) for amount, id_ in found]
        else:
            at = [(lane, place) for lane in self.lanes if (place := self._place(lane, after)) is not None]
            ahead_of = [(lane, place) for lane, place in at if place != (_FIRST if ahead else _LAST)]
            each = await queue.page(self.conn, self.who.workspace.id, ahead_of, limit, self.now, ahead=ahead)
            rows = [self._key(one) for one in each]
        rows.sort(reverse=ahead)
        if after is not None:
            rows = [row for row in rows if (row < after if ahead else row > after)]
        return rows[:limit]

    async def _of_few(self) -> list[Key]:
        """All of one payee, or what is put aside, in the order: they are few."""
        lanes = {(lane.rules, lane.unit, lane.its) for lane in self.lanes}
        ws = self.who.workspace.id
        if self.aside:
            put = await queue.aside(self.conn, ws, self.now, self.who.programs, OF_ONE)
            found = await _loaded(self.conn, self.who, [one.id for one in put])
        else:
            found = await pages.rewards(
                self.conn,
                ws,
                status="in_review",
                beneficiary=self.payee,
                programs=self.who.programs,
                limit=OF_ONE,
            )
        return [
            self.key_of(one)
            for one in found
            if (one.rules, one.unit, priority.class_of(one)) in lanes
            and self.payee in (None, one.beneficiary)
            and self.aside == (one.snoozed_until is not None and one.snoozed_until > self.now)
        ]

    def key_of(self, reward: Reward) -> Key:
        """Return where a reward stands in the order."""
        if self.sort == "amount":
            return (-reward.amount,), reward.id
        return self._key(
            Found(Lane(reward.rules, reward.unit, priority.class_of(reward)), priority.since(reward), reward.id)
        )

    def _key(self, one: Found) -> Key:
        its, since = one.lane.its, one.since
        if self.sort == "priority":
            return (-priority.points(its, priority.days_of(since, self.now)), since), one.id
        if self.sort == "risk":
            return (-its.risk, since), one.id
        return ((since + its.promise * calendar.DAY if self.sort == "due" else since),), one.id

    def _place(self, lane: Lane, after: Key | None) -> Place | None:
        """Return where in a lane a row of the order lies: behind it is what comes after the row, before it what comes before."""
        if after is None:
            return _FIRST
        numbers, id_ = after
        if self.sort == "age":
            return Place(numbers[0], id_)
        if self.sort == "due":
            return Place(numbers[0] - lane.its.promise * calendar.DAY, id_)
        if self.sort == "risk":
            if lane.its.risk == -numbers[0]:
                return Place(numbers[1], id_)
            return _FIRST if lane.its.risk < -numbers[0] else _LAST
        most, since = -numbers[0], numbers[1]
        first = priority.begins(lane.its, most, self.now)
        if first is None:
            return _LAST
        if since < first:
            return Place(first, "")
        later = priority.begins(lane.its, most - 1, self.now)
        return Place(since, id_) if later is None or since < later else Place(later, "")


async def _versions(conn: asyncpg.Connection, ws: str, programs: Iterable[str]) -> set[str]:
    found = await entities.load(conn, ws, Program, programs)
    return {rules for program in found for _, rules in program.versions}
