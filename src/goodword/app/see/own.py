"""Where somebody stands, as they themselves see it: what is expected and paid, whom they brought, why, and what comes next.

Everything is found by who asks and by nothing else: what is another's is not there. Of a friend nothing is told but when they came,
that an order of theirs counted or did not, and as whom they agreed to be known, if they did. A page reads so many of each kind, however
long the history is; the sums read a row for each payout.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from operator import attrgetter
from typing import Final, Literal

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from goodword import words
from goodword.app import papers
from goodword.app import portal as friends
from goodword.app.addresses import Link, link_of
from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say import codes
from goodword.app.see import parties, publications, taxes
from goodword.app.see.paging import Page
from goodword.app.see.parties import Parties
from goodword.app.see.taxes import Remittance, Statement
from goodword.core import badges, calendar, ledger, settlement
from goodword.core import rules as core_rules
from goodword.core.decision import Verdict
from goodword.core.draft import Draft
from goodword.core.entry import Entry
from goodword.core.kinds.rewards import taken_off
from goodword.core.rules import Conversion as ConversionRule
from goodword.core.rules import Reward as RewardRule
from goodword.core.rules import Rules
from goodword.core.stages import limits, matching
from goodword.core.state import (
    Advocate,
    Conversion,
    Counter,
    Kin,
    Payout,
    Program,
    Referral,
    Reward,
    Schedule,
    State,
)
from goodword.store import entities, log, pages, people, portal, workspaces
from goodword.store import rules as rule_versions
from goodword.words import Came

#: Referrals and rewards of a page, and of the first page; orders of a friend that are looked at; programs and accounts of somebody.
MOST: Final = 20
FIRST: Final = 5
_ORDERS: Final = 5
_FEW: Final = 100
_ACCOUNTS: Final = 1_000
#: Open rewards of somebody that are counted: who has more is told that it is so many at least. Sums are of all.
_COUNTED: Final = 1_000
#: Changes of a reward's money, of which one says how its amount came.
_CHANGES: Final = 200
#: Payouts that are on their way, that arrived.
_UNDER_WAY: Final = ("released", "processing", "unknown", "sent")
_ARRIVED: Final = ("completed",)

#: How far a reward is, in the words of whom it is for.
Stage = Literal["expected", "approved", "on_its_way", "paid", "not_paid"]
_STAGES: Final[Mapping[str, Stage]] = {
    "pending": "expected",
    "in_review": "expected",
    "approved": "approved",
    "processing": "on_its_way",
    "paid": "paid",
}
#: What of a friend's can still count: an order, or further ones, until a day or whenever; nothing more, for a reason.
Next = Literal["open", "ever", "more", "more_ever", "closed", "over", "none", "lapsed", "void"]
#: What a line of the balance may be, in order. The first four are always said.
LINES: Final = ("expected", "approved", "payable", "paid", "on_its_way", "credit", "owed_back")
_ALWAYS: Final = 4


class Line(Struct, frozen=True):
    """A line of a balance. ``amounts``: by unit; ``count``: of rewards or payouts, and ``least``, whether there may be more.

    ``day``: by when something is known, an instant, of which the day in ``zone`` is told, by which those rules reckon.
    """

    code: str
    amounts: tuple[tuple[str, int], ...]
    count: int = 0
    day: int | None = None
    zone: str = "UTC"
    least: bool = False


class Mine(Struct, frozen=True):
    """A reward of one's own.

    ``because``: the code of why it is there, ``said``: what was decided last, in words, if that is more; ``holds``: codes of what it
    waits for; ``when``: the code of what happens next, and ``day`` on which: a day in ``zone``, by which its rules reckon.
    ``receivable``: what of it is to be given back. ``lapses``: when it is over if nobody has approved it; ``run``: when payouts of its
    sort are drafted next; ``short``: what is due of its program, and the least that is paid. ``came``: how its amount came.
    """

    reward: Reward
    stage: Stage
    program: str
    because: str
    said: str | None
    holds: tuple[str, ...]
    when: str | None
    day: int | None
    since: int | None
    zone: str
    owed: bool = False  # what was decided last said that some of it is to be given back
    lapses: int | None = None
    run: int | None = None
    short: tuple[int, int] | None = None
    came: Came | None = None

    @property
    def receivable(self) -> int:
        """What of it is owed back."""
        return self.reward.receivable

    @property
    def settled(self) -> bool:
        """Whether that was given back, or nothing of it is asked for any more."""
        return self.owed and not self.receivable


class Nothing(Struct, frozen=True):
    """An order of a friend that brought nothing, why, and what could change it. ``refusal``: its code."""

    at: int
    refusal: str
    said: str
    change: str


class Brought(Struct, frozen=True):
    """Somebody who came by a recommendation. ``since``: when; ``next``: the code of what of theirs can count, and ``until`` when.

    Days are told in ``zone``. ``name``: as whom they agreed to be known to who recommended them.
    """

    id: str
    program: str
    status: str
    since: int
    next: Next
    until: int | None
    rewards: tuple[Mine, ...]
    nothing: tuple[Nothing, ...]
    zone: str
    name: str | None = None


class Part(Struct, frozen=True):
    """One's part in a program. ``short``: its terms in three lines; ``rules``: the hash by which they are read whole.

    ``progress``: how far one is to the next tier and within the limits of a period, in words. ``accepted``: whether one accepted terms
    of it; ``asks``: the present ones have to be accepted, and are not yet. ``badges``: what one reached, in words. ``board``: whether
    it has a leaderboard.
    """

    program: str
    name: str
    status: str
    since: int
    accepted: bool
    short: tuple[str, ...]
    rules: str | None
    asks: bool = False
    links: tuple[Link, ...] = ()
    progress: tuple[str, ...] = ()
    badges: tuple[str, ...] = ()
    board: bool = False


class Home(Struct, frozen=True):
    """Where somebody stands. ``name``: the company's own for them; ``next``: the line of which something comes next."""

    name: str | None
    balance: tuple[Line, ...]
    next: Line | None
    parts: tuple[Part, ...]
    brought: Page[Brought]
    others: tuple[Mine, ...]


class Payments(Struct, frozen=True):
    """Payouts, the newest first; ``years`` of which there are statements."""

    page: Page[Payout]
    years: tuple[str, ...]


@requires("own.rewards")
async def home(who: Principal, directory: Directory) -> Home:
    """Return where one stands."""
    ws = who.workspace
    async with directory.snapshot() as conn:
        reader = await _Reader.of(conn, who, directory)
        texts = await people.texts(conn, ws.id, ws.keys, directory.vault, [who.actor.id])
        lines = await reader.balance()
        advocates = await pages.advocates(conn, ws.id, person=who.actor.id, after="", limit=_FEW)
        parts = [await reader.part(it) for it in advocates]
        progress = await reader.progress(advocates)
        newest = await portal.newest(conn, ws.id, "rewards", reader.names, pages.FIRST, FIRST)
        brought, others = await reader.brought("", FIRST, newest)
        hosts = await workspaces.hosts(conn, ws.id)
        named = await people.texts(conn, ws.id, ws.keys, directory.vault, [it for one in advocates for it in one.codes])
    if any(code not in named for it in advocates for code in it.codes):
        named = await codes.own(who, directory)
    at = (directory.engine.url, ws.id, hosts[0] if hosts else None)
    linked = [
        replace(
            parts[n],
            links=tuple(link_of(*at, named[code]) for code in it.codes if code in named),
            progress=progress[n][0],
            badges=progress[n][1],
            board=reader.has_board(it.program),
        )
        for n, it in enumerate(advocates)
        if it.status != "merged"
    ]
    coming = next((it for it in _coming(lines)), None)
    return Home(texts.get(who.actor.id), lines, coming, tuple(linked), brought, tuple(others))


@requires("own.rewards")
async def balance(who: Principal, directory: Directory) -> tuple[Line, ...]:
    """Return one's balance: the lines of ``LINES`` that are always said, and those of which there is something."""
    async with directory.snapshot() as conn:
        return await (await _Reader.of(conn, who, directory)).balance()


@requires("own.rewards")
async def part(who: Principal, directory: Directory, program: str) -> Part:
    """Return one's part in a program, by its name, without links. Raises UnknownError for one in which one has none."""
    async with directory.snapshot() as conn:
        reader = await _Reader.of(conn, who, directory)
        for it in await pages.advocates(conn, who.workspace.id, person=who.actor.id, after="", limit=_FEW):
            if (found := await reader.part(it)).program == program and it.status != "merged":
                return found
    raise UnknownError("program")


@requires("own.rewards")
async def referrals(who: Principal, directory: Directory, *, before: str = "") -> Page[Brought]:
    """Return whom one brought, the newest first; ``before``: the last one of the page before."""
    async with directory.snapshot() as conn:
        return (await (await _Reader.of(conn, who, directory)).brought(before, MOST))[0]


@requires("own.rewards")
async def rewards(who: Principal, directory: Directory, *, before: str = "") -> Page[Mine]:
    """Return one's rewards, the newest first."""
    async with directory.snapshot() as conn:
        return await (await _Reader.of(conn, who, directory)).rewards(before, MOST)


@requires("own.rewards")
async def reward(who: Principal, directory: Directory, reward: str) -> Mine:
    """Return one of them. Raises UnknownError, for another's too."""
    async with directory.snapshot() as conn:
        reader = await _Reader.of(conn, who, directory)
        found = await reader.mine(await entities.load(conn, who.workspace.id, Reward, [reward]))
        if not found:
            raise UnknownError("reward")
        return replace(found[0], came=await reader.came(found[0]))


@requires("own.rewards")
async def payments(who: Principal, directory: Directory, *, before: str = "") -> Payments:
    """Return one's payouts that were released, and the years of which there are statements."""
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        reader = await _Reader.of(conn, who, directory)
        ids = await portal.newest(conn, ws, "payouts", reader.names, before or pages.FIRST, MOST)
        by_id = {it.id: it for it in await entities.load(conn, ws, Payout, ids)}
        firsts = [await pages.rewards(conn, ws, beneficiary=one, after="", limit=1) for one in reader.names]
        began = min((it.earned_at for first in firsts for it in first), default=reader.now)
    years = range(int(calendar.utc_day(reader.now)[:4]), int(calendar.utc_day(began)[:4]) - 1, -1)
    shown = [by_id[id_] for id_ in ids if by_id[id_].status not in ("awaiting_release", "canceled")]
    return Payments(Page(shown, ids[-1] if len(ids) == MOST else None), tuple(str(it) for it in years)[:_FEW])


@requires("own.rewards")
async def statement(who: Principal, directory: Directory, year: str) -> Statement:
    """Return one's statement of a calendar year. Raises InvalidError for what is none."""
    async with directory.snapshot() as conn:
        return await taxes.statement_of(conn, who, directory, who.actor.id, year)


@requires("own.rewards")
async def statement_pdf(who: Principal, directory: Directory, year: str) -> bytes:
    """Return the same as PDF."""
    return papers.statement(await statement(who, directory, year))


@requires("own.rewards")
async def remittance(who: Principal, directory: Directory, payout: str) -> Remittance:
    """Return what one is told of a payout of one's own. Raises UnknownError, for another's too, and for one that was not released."""
    async with directory.snapshot() as conn:
        reader = await _Reader.of(conn, who, directory)
        found = await taxes.remittance_of(conn, who, directory, payout)
        if found.payout.beneficiary not in reader.names or found.payout.status in ("awaiting_release", "canceled"):
            raise UnknownError("payout")
        return found


@requires("own.rewards")
async def remittance_pdf(who: Principal, directory: Directory, payout: str) -> bytes:
    """Return the same as PDF."""
    return papers.remittance(await remittance(who, directory, payout))


def _coming(lines: Sequence[Line]) -> Iterable[Line]:
    """The lines of which something comes, the nearest first."""
    by = {it.code: it for it in lines}
    for code in ("on_its_way", "payable", "approved", "expected"):
        if code in by and any(amount for _, amount in by[code].amounts):
            yield by[code]


class _Reader:
    """Reads of one person, under all the ids that they have."""

    def __init__(
        self, conn: asyncpg.Connection, who: Principal, directory: Directory, names: tuple[str, ...], now: int
    ) -> None:
        self._conn = conn
        self._who = who
        self._ws = who.workspace.id
        self._directory = directory
        self.names = names
        self.now = now
        self._programs: dict[str, Program] = {}
        self._rules: dict[str, Rules] = {}

    @classmethod
    async def of(cls, conn: asyncpg.Connection, who: Principal, directory: Directory) -> _Reader:
        """Return what reads for who asks."""
        ws = who.workspace.id
        _, names = await taxes.names_of(conn, ws, who.actor.id)
        reader = cls(conn, who, directory, names, (await log.stream(conn, ws)).now(directory.now()))
        reader._programs = {it.id: it for it in await pages.programs(conn, ws)}
        return reader

    async def balance(self) -> tuple[Line, ...]:
        """Return the balance: what the ledger's accounts of theirs hold, with what of it is not due yet, and what payouts came to."""
        await self._read_rules(it.newest for it in self._programs.values() if it.newest is not None)
        held: dict[tuple[str, str], int] = {}
        for name in self.names:
            for it in await pages.balances(self._conn, self._ws, owner=name, limit=_ACCOUNTS):
                held[it.account, it.unit] = held.get((it.account, it.unit), 0) + it.amount
        sums: dict[str, dict[str, int]] = {code: {} for code in LINES}
        counts, days = dict.fromkeys(LINES, 0), dict[str, tuple[int, str]]()
        owed = sorted({unit for (account, unit), amount in held.items() if account == "payable" and amount})
        not_due = await portal.not_due(self._conn, self._ws, self.names, owed, self.now)
        await self._read_rules(one.rules for one in not_due)
        for one in not_due:
            sums["approved"][one.unit] = sums["approved"].get(one.unit, 0) + one.amount
            day = one.first, self._zone(one.rules)
            days["approved"] = min(days.get("approved", day), day)
        found = await portal.open_rewards(self._conn, self._ws, self.names, self.now, _COUNTED)
        counts |= {code: number for code, number in found.items() if code is not None}
        cut = {"expected", "approved", "payable"} if sum(found.values()) >= _COUNTED else set[str]()
        for paid in await portal.paid(self._conn, self._ws, self.names):
            code = "paid" if paid.status in _ARRIVED else "on_its_way" if paid.status in _UNDER_WAY else ""
            if code:
                sums[code][paid.unit] = sums[code].get(paid.unit, 0) + paid.amount
                counts[code] += paid.number
                days[code] = max(days.get(code, (0, "")), (paid.last, "UTC"))
        for (account, unit), amount in held.items():
            if account == "payable":
                sums["payable"][unit] = amount - sums["approved"].get(unit, 0)
            elif account in ("accrued", "credit"):
                sums["expected" if account == "accrued" else "credit"][unit] = amount
            elif account == "receivable":
                sums["owed_back"][unit] = -amount
        units = sorted({unit for of in sums.values() for unit, amount in of.items() if amount}) or self._usual()
        lines = []
        for n, code in enumerate(LINES):
            if n < _ALWAYS or any(sums[code].values()):
                at, zone = days.get(code, (None, "UTC"))
                amounts = tuple((unit, sums[code].get(unit, 0)) for unit in units)
                lines.append(Line(code, amounts, counts[code], at, zone, code in cut))
        return tuple(lines)

    def _usual(self) -> list[str]:
        """The units in which nothing is said of somebody who has nothing."""
        return sorted({it.currency for it in self._rules.values()}) or ["EUR"]

    async def part(self, it: Advocate) -> Part:
        """Return one's part in a program, without the links."""
        program = self._programs[it.program]
        short: tuple[str, ...] = ()
        name, rules = program.slug, program.newest
        if rules is not None:
            name, short = await publications.short(self._conn, self._directory, self._ws, program, rules)
        asks = it.status == "active" and rules is not None and await self._asks(it, program, rules)
        return Part(program.slug, name, it.status, it.enrolled_at, it.terms, short, rules, asks)

    async def _asks(self, it: Advocate, program: Program, rules: str) -> bool:
        """Whether the present terms have to be accepted and are not: a version that says the same as the accepted one asks nothing."""
        await self._read_rules([rules])
        if not self._rules[rules].requires_terms or it.accepted == rules:
            return False
        versions = [hash_ for _, hash_ in program.versions]
        if it.accepted not in versions:
            return True
        before, now = [
            (
                await publications.told(self._conn, self._ws, program, number, words.ENGLISH)
            ).terms  # not each is kept in each
            for number in (versions.index(it.accepted) + 1, len(versions))
        ]
        return before.parts != now.parts

    async def brought(self, before: str, limit: int, also: Iterable[str] = ()) -> tuple[Page[Brought], list[Mine]]:
        """Return whom they brought; and of further rewards of theirs those that none of these brought: all are read at once."""
        found = await pages.newest_referrals(
            self._conn,
            self._ws,
            programs=list(self._programs),
            status=None,
            friend=None,
            advocate=self._who.actor.id,
            after=before,
            limit=limit,
        )
        bought = await portal.orders(self._conn, self._ws, {it.friend for it in found}, _ORDERS)
        ids = {id_ for of in bought.values() for id_ in of}
        orders = {it.id: it for it in await entities.load(self._conn, self._ws, Conversion, ids)}
        earned = {id_ for it in orders.values() for id_ in it.rewards}
        mine = await self.mine(await entities.load(self._conn, self._ws, Reward, {*earned, *also}))
        evts = [it.evt for it in orders.values() if it.evt is not None]
        entries = await log.of_each(self._conn, self._ws, evts)
        await self._read_rules({it.rules for it in found})
        named = await friends.named_each(
            self._directory, self._conn, self._who.workspace, {it.friend for it in found}, friends.KNOWN
        )
        items = []
        for it in found:
            its = tuple(one for one in mine if one.reward.referral == it.id)
            with_some = {one.reward.conversion for one in its}
            left = [orders[id_] for id_ in bought.get(it.friend, ()) if id_ not in with_some]
            nothing = [no for order in left if (no := self._nothing(it, order, entries)) is not None]
            items.append(self._brought(it, its, nothing, named.get(it.friend)))
        shown = {one.reward.id for it in items for one in it.rewards}
        others = [one for one in mine if one.reward.id in {*also} - shown]
        return Page(items, found[-1].id if len(found) == limit else None), others

    def _brought(self, it: Referral, its: tuple[Mine, ...], nothing: Sequence[Nothing], name: str | None) -> Brought:
        slug = self._programs[it.program].slug
        next_, until = self._again(it)
        return Brought(
            it.id, slug, it.status, it.lead_at, next_, until, its, tuple(nothing), self._zone(it.rules), name
        )

    def _again(self, it: Referral) -> tuple[Next, int | None]:
        """Return what of a friend's can still count, by the rules that hold for them, and until when."""
        rules = self._rules[it.rules]
        if it.status == "void":
            return "void", None
        if not any(_earned(rules)):
            return "none", None
        ends = matching.ends(rules, it)
        last = None if None in ends else max((end for end in ends if end is not None), default=None)
        if it.status == "lapsed":
            return "lapsed", last
        if not ends:
            return "closed", None
        if last is not None and last <= self.now:
            return "over", last
        if it.qualified:
            return ("more_ever", None) if last is None else ("more", last)
        return ("ever", None) if last is None else ("open", last)

    async def _read_rules(self, hashes: Iterable[str]) -> None:
        for semantics, text in await rule_versions.documents(self._conn, self._ws, {*hashes} - {*self._rules}):
            version = core_rules.version(text, semantics)
            self._rules[version.hash] = version.means

    def _zone(self, rules: str) -> str:
        """The zone by whose days a version of rules reckons, which was read."""
        return self._rules[rules].timezone if rules in self._rules else "UTC"

    def _nothing(self, it: Referral, order: Conversion, entries: Mapping[str, Entry]) -> Nothing | None:
        """Return why an order of a friend brought nothing, if it was decided so: one of before they came is nobody's business."""
        entry = entries.get(order.evt or "")
        if entry is None or order.at < it.lead_at:
            return None
        for verdict in entry.verdicts:
            ours = verdict.program in (None, it.program) and verdict.side in (None, "advocate")
            if verdict.refused and ours and verdict.beneficiary in (None, *self.names) and verdict.refusal is not None:
                said = words.sentences(verdict).beneficiary
                change = words.could_change(verdict, order.at, self._zone(it.rules), self._who.workspace.name)
                return Nothing(order.at, verdict.refusal, said, change)
        return None

    async def rewards(self, before: str, limit: int) -> Page[Mine]:
        """Return their rewards."""
        ids = await portal.newest(self._conn, self._ws, "rewards", self.names, before or pages.FIRST, limit)
        mine = await self.mine(await entities.load(self._conn, self._ws, Reward, ids))
        return Page(mine, ids[-1] if len(ids) == limit else None)

    async def mine(self, found: Iterable[Reward]) -> list[Mine]:
        """Return those that are theirs, the newest first, with what was decided last of each."""
        own = sorted((it for it in found if it.beneficiary in self.names), key=lambda it: it.id, reverse=True)
        if not own:
            return []
        known = await parties.Known.of(self._conn, self._who, self._directory, own)
        last = await pages.decided_at(self._conn, self._ws, [it.id for it in own])
        entries = {it.position: it for it in await log.at_each(self._conn, self._ws, set(last.values()))}
        beside = {it.reward.id: it for it in known.parties(self._who, own)}
        await self._read_rules({it.rules for it in own})
        go_next = any("payout" in it.waits_for for it in beside.values())
        runs = await entities.every(self._conn, self._ws, Schedule) if go_next else []
        return [self._mine(beside[it.id], entries.get(last.get(it.id, 0)), runs) for it in own]

    async def came(self, it: Mine) -> Came | None:
        """Return how the amount of a reward came, as it was worked out last."""
        reward = it.reward
        positions = await pages.entries_of(self._conn, self._ws, [reward.id], [], _CHANGES)
        found = [*(await log.of_each(self._conn, self._ws, [reward.evt])).values()]
        found += await log.at_each(self._conn, self._ws, set(positions) - {entry.position for entry in found})
        of_it = (
            one
            for entry in sorted(found, key=attrgetter("position"))
            for one in entry.verdicts
            if one.subject == reward.id
        )
        worked_out = [one for one in of_it if any(step.code == "price" for step in one.steps)]
        return words.came(worked_out[-1], own=reward.friend in self.names) if worked_out else None

    async def progress(self, its: Sequence[Advocate]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Return how far somebody is in each of these parts, by the counters that decide, and their badges.

        How far: to the next tier and within limits, of who is active.
        """
        newest = {it.program: self._rules.get(self._programs[it.program].newest or "") for it in its}
        months = {
            it.program: badges.periods(rules, it.enrolled_at, self.now)
            for it in its
            if (rules := newest[it.program]) is not None
        }
        keys = {
            (program, name, *period)
            for program, rules in newest.items()
            if rules is not None
            for name in self.names
            for period in (*_periods(rules, self.now), *product(badges.kinds(rules), months[program]))
        }
        state = State(complete=True)
        for entity in await entities.load(self._conn, self._ws, Kin, self.names if keys else ()):
            state.put(entity)
        for counter in await entities.load(self._conn, self._ws, Counter, keys):
            state.put(counter)
        draft = Draft(state, {}, "", self.now)
        found = list[tuple[tuple[str, ...], tuple[str, ...]]]()
        for it in its:
            if (rules := newest[it.program]) is None:
                found.append(((), ()))
                continue
            far = _progress(draft, self.names[0], it.program, rules) if it.status == "active" else ()
            has = badges.of(draft, it.program, self.names, rules, months[it.program])
            found.append((tuple(far), tuple(words.badge(*one) for one in has)))
        return found

    def has_board(self, program: str) -> bool:
        """Return whether a program has a leaderboard, by its newest rules."""
        rules = self._rules.get(self._programs[program].newest or "")
        return rules is not None and rules.sharing.board == "open"

    def _mine(self, it: Parties, entry: Entry | None, runs: Sequence[Schedule]) -> Mine:
        reward = it.reward
        verdicts = [one for one in entry.verdicts if one.subject == reward.id] if entry is not None else []
        said = next((words.sentences(one).beneficiary for one in reversed(verdicts) if _tells_more(one)), None)
        stage = _STAGES.get(reward.status, "not_paid")
        when, day = _next(reward, self.now)
        because = ledger.origin(reward.on) if ledger.of_no_order(reward.on) else reward.side
        if taken_off(reward.kind):
            because = "welcome"
        slug = it.program
        zone = self._zone(reward.rules)
        moved = entry.postings if entry is not None else ()
        owed = any(one.reward == reward.id and one.source == "receivable" for one in moved)
        lapses = reward.expires_at if reward.status == "in_review" and not settlement.waits(reward) else None
        run = min((at for one in runs if (at := _run(one, reward, it.rail)) is not None), default=None)
        more = (owed, lapses, run if reward.payout is None else None, it.short)
        return Mine(reward, stage, slug, because, said, it.waits_for, when, day, it.brought_at, zone, *more)


def _tells_more(verdict: Verdict) -> bool:
    """Whether what was decided is more than that a reward is there: of that it is only expected the page says itself."""
    return verdict.outcome not in ("earned", "approved", "second_person_needed")


def _next(reward: Reward, now: int) -> tuple[str | None, int | None]:
    """Return what happens next with a reward, and when; of a day that was promised and is gone, that it is."""
    if reward.status == "pending":
        return "hold", reward.hold_until
    if reward.status == "in_review" and reward.decide_by is not None:
        return "decide" if now < reward.decide_by else "late", reward.decide_by
    if reward.status == "approved" and reward.due_at is not None:
        return "due", reward.due_at
    return None, None


def _run(schedule: Schedule, reward: Reward, rail: str | None) -> int | None:
    """Return when a schedule drafts next what a reward would be in; None: it would not."""
    of_it = schedule.plan.rail == rail and schedule.plan.unit == reward.unit
    return schedule.next_at if of_it and schedule.program in (None, reward.program) else None


def _earned(rules: Rules) -> Iterable[tuple[ConversionRule, RewardRule]]:
    """What rules give advocates, each for which conversions."""
    return ((rule, one) for rule in rules.conversions for one in rule.rewards if one.side == "advocate")


def _periods(rules: Rules, now: int) -> Iterable[tuple[str, str]]:
    """The counters of an advocate that rules look at: kind and period."""
    yield limits.KEPT
    for kind in {limits.kind_of(rule.on, one) for rule, one in _earned(rules)}:
        for period in limits.periods(rules, now):
            yield kind, period


def _progress(draft: Draft, person: str, program: str, rules: Rules) -> Iterable[str]:
    """How far somebody is by these rules. A limit of which nothing is used is not told."""
    for rule, one in _earned(rules):
        if one.tiers:
            yield words.toward_tier(rule, one, limits.kept(draft, program, person, one.tiers_count or "all"))
        kind = limits.kind_of(rule.on, one)
        for limit in one.limits:
            period = calendar.period(draft.as_of, limit.per, rules.timezone)
            counted = limits.Counted(program, person, kind, draft.as_of)
            used = limits.used(draft, rules, counted, limit.per, period)
            if used.count:
                yield from words.within(rule, limit, used, draft.as_of, rules.timezone)
