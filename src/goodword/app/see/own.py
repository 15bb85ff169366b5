"""Where somebody stands, as they themselves see it: what is expected and paid, whom they brought, why, and what comes next.

Everything is found by who asks and by nothing else: what is another's is not there. Of a friend nothing is told but when they came and
that an order of theirs counted or did not, for no consent says more. A page reads so many of each kind, however long the history is;
the sums read a row for each payout.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from goodword import words
from goodword.app import papers
from goodword.app.addresses import Link, link_of
from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say import codes
from goodword.app.see import parties, publications, taxes
from goodword.app.see.paging import Page
from goodword.app.see.parties import Parties
from goodword.app.see.taxes import Remittance, Statement
from goodword.core import calendar, ledger
from goodword.core import rules as core_rules
from goodword.core.decision import Verdict
from goodword.core.entry import Entry
from goodword.core.kinds.rewards import taken_off
from goodword.core.rules import Rules
from goodword.core.state import Advocate, Conversion, Payout, Program, Referral, Reward
from goodword.store import entities, log, pages, people, portal, workspaces
from goodword.store import rules as rule_versions

#: Referrals and rewards of a page, and of the first page; orders of a friend that are looked at; programs and accounts of somebody.
MOST: Final = 20
FIRST: Final = 5
_ORDERS: Final = 5
_FEW: Final = 100
_ACCOUNTS: Final = 1_000
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
#: What a line of the balance may be, in order. The first four are always said.
LINES: Final = ("expected", "approved", "payable", "paid", "on_its_way", "credit", "owed_back")
_ALWAYS: Final = 4


class Line(Struct, frozen=True):
    """A line of a balance. ``amounts``: by unit; ``count``: of rewards or payouts.

    ``day``: by when something is known, an instant, of which the day in ``zone`` is told, by which those rules reckon.
    """

    code: str
    amounts: tuple[tuple[str, int], ...]
    count: int = 0
    day: int | None = None
    zone: str = "UTC"


class Mine(Struct, frozen=True):
    """A reward of one's own.

    ``because``: the code of why it is there, ``said``: what was decided last, in words, if that is more; ``holds``: codes of what it
    waits for; ``when``: the code of what happens next, and ``day`` on which: a day in ``zone``, by which its rules reckon.
    ``receivable``: what of it is to be given back.
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

    @property
    def receivable(self) -> int:
        """What of it is owed back."""
        return self.reward.receivable

    @property
    def settled(self) -> bool:
        """Whether that was given back, or nothing of it is asked for any more."""
        return self.owed and not self.receivable


class Nothing(Struct, frozen=True):
    """An order of a friend that brought nothing, and why. ``refusal``: its code."""

    at: int
    refusal: str
    said: str


class Brought(Struct, frozen=True):
    """Somebody who came by a recommendation. ``since``: when; ``until``: orders count until then, None: for ever or no more."""

    id: str
    program: str
    status: str
    since: int
    until: int | None
    rewards: tuple[Mine, ...]
    nothing: tuple[Nothing, ...]


class Part(Struct, frozen=True):
    """One's part in a program. ``short``: its terms in three lines; ``rules``: the hash by which they are read whole.

    ``accepted``: whether one accepted terms of it; ``asks``: the present ones have to be accepted, and are not yet.
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
        balance = await reader.balance()
        advocates = await pages.advocates(conn, ws.id, person=who.actor.id, after="", limit=_FEW)
        parts = [await reader.part(it) for it in advocates]
        brought = await reader.brought("", FIRST)
        shown = {one.reward.id for it in brought.items for one in it.rewards}
        others = [it for it in (await reader.rewards("", FIRST)).items if it.reward.id not in shown]
        hosts = await workspaces.hosts(conn, ws.id)
        named = await people.texts(conn, ws.id, ws.keys, directory.vault, [it for one in advocates for it in one.codes])
    if any(code not in named for it in advocates for code in it.codes):
        named = await codes.own(who, directory)
    at = (directory.engine.url, ws.id, hosts[0] if hosts else None)
    linked = [
        replace(parts[n], links=tuple(link_of(*at, named[code]) for code in it.codes if code in named))
        for n, it in enumerate(advocates)
        if it.status != "merged"
    ]
    coming = next((it for it in _coming(balance)), None)
    return Home(texts.get(who.actor.id), balance, coming, tuple(linked), brought, tuple(others))


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
        return await (await _Reader.of(conn, who, directory)).brought(before, MOST)


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
    return found[0]


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


def _coming(balance: Sequence[Line]) -> Iterable[Line]:
    """The lines of which something comes, the nearest first."""
    by = {it.code: it for it in balance}
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
        open_ = await portal.owed(self._conn, self._ws, self.names, self.now)
        await self._read_rules(one.rules for one in open_)
        for one in open_:
            code = "expected" if one.status in ("pending", "in_review") else "payable" if one.due else "approved"
            if one.status == "approved" and not one.due:
                sums[code][one.unit] = sums[code].get(one.unit, 0) + one.amount
            if one.status in ("pending", "in_review", "approved") and one.amount:
                counts[code] += one.number
                day = one.last if code == "expected" else one.first, self._zone(one.rules)
                days[code] = max(days.get(code, day), day) if code == "expected" else min(days.get(code, day), day)
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
        return tuple(
            Line(code, tuple((unit, sums[code].get(unit, 0)) for unit in units), counts[code], *days.get(code, ()))
            for n, code in enumerate(LINES)
            if n < _ALWAYS or any(sums[code].values())
        )

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
            (await publications.told(self._conn, self._ws, program, number)).terms
            for number in (versions.index(it.accepted) + 1, len(versions))
        ]
        return before.parts != now.parts

    async def brought(self, before: str, limit: int) -> Page[Brought]:
        """Return whom they brought."""
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
        mine = await self.mine(await entities.load(self._conn, self._ws, Reward, earned))
        evts = [it.evt for it in orders.values() if it.evt is not None]
        entries = await log.of_each(self._conn, self._ws, evts)
        await self._read_rules({it.rules for it in found})
        items = []
        for it in found:
            its = tuple(one for one in mine if one.reward.referral == it.id)
            with_some = {one.reward.conversion for one in its}
            left = [orders[id_] for id_ in bought.get(it.friend, ()) if id_ not in with_some]
            nothing = [no for order in left if (no := self._nothing(it, order, entries)) is not None]
            items.append(self._brought(it, its, nothing))
        return Page(items, found[-1].id if len(found) == limit else None)

    def _brought(self, it: Referral, its: tuple[Mine, ...], nothing: Sequence[Nothing]) -> Brought:
        slug = self._programs[it.program].slug
        until = self._until(it) if it.status in ("attributed", "converted") else None
        return Brought(it.id, slug, it.status, it.lead_at, until, its, tuple(nothing))

    def _until(self, it: Referral) -> int | None:
        rules = self._rules.get(it.rules)
        windows = [rule.window for rule in rules.conversions] if rules is not None else [None]
        if None in windows or not windows:
            return None
        return max(it.lead_at + calendar.duration(window) for window in windows if window is not None)

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
                return Nothing(order.at, verdict.refusal, words.sentences(verdict).beneficiary)
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
        return [self._mine(beside[it.id], entries.get(last.get(it.id, 0))) for it in own]

    def _mine(self, it: Parties, entry: Entry | None) -> Mine:
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
        return Mine(reward, stage, slug, because, said, it.waits_for, when, day, it.brought_at, zone, owed)


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
