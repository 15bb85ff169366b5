"""One person with everything that happened, the newest first: of each kind the newest that are left, merged by when they happened.

A page reads each kind once, however long the history is; its cursor says of each kind what came last. To who is limited to programs it
reads on where all that was read is of others, so that what is theirs and older is not hidden behind it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import asyncpg
from msgspec import Struct

from goodword import words
from goodword.app.directory import Directory
from goodword.app.errors import InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters
from goodword.app.see.parties import Party
from goodword.app.see.partners import TEXTS
from goodword.core import calendar, ledger
from goodword.core.entry import Entry
from goodword.core.facts import Touch
from goodword.core.refusals import PRECEDENCE
from goodword.core.state import (
    Advocate,
    Answer,
    Case,
    Claim,
    Code,
    Conversion,
    Customer,
    Entity,
    Kin,
    Letter,
    Payout,
    Referral,
    Reward,
)
from goodword.store import entities, letters, log, pages, people, redirects, touches
from goodword.words.catalogue import catalogue

E = TypeVar("E", bound=Entity)

#: Moments of a page; clicks of each browser, enrolments and cases that are looked at; rewards that sums are of.
MOST, _CLICKS, _FEW, SUMMED = 200, 100, 100, 1_000
_LONGEST = 2_000  # characters of a cursor
_DIGITS = 17  # of an instant
_DIGEST = 64  # characters of a SHA-256
_ROUNDS = 50  # that a kind is read again on one page, as long as nothing of it is shown


class Moment(Struct, frozen=True):
    """Something that happened.

    ``kind``: reward, payout, bound, brought, order, claim, enrolled, clicks, case, message, code, shared, viewed.
    ``program``: a slug; ``other``: whom else it is about: who was brought, or who brought; ``count``: clicks that stand for one.
    ``why``: the sentence that says why nothing was earned, for who may read the log; ``cases`` about it.
    """

    at: int
    kind: str
    id: str
    state: str
    program: str | None = None
    other: Party | None = None
    amount: int | None = None
    unit: str | None = None
    about: str | None = None
    why: str | None = None
    count: int = 1
    cases: tuple[str, ...] = ()


class Agreed(Struct, frozen=True):
    """What somebody said last of a purpose. ``channel``: None is any; ``until``: when it ends by itself; ``holds``: now."""

    purpose: str
    channel: str | None
    given: bool
    at: int
    until: int | None
    holds: bool

    @classmethod
    def of(cls, customer: Customer, now: int) -> tuple[Agreed, ...]:
        """Return what a customer said last of each purpose."""
        keyed = [(*key.partition(":")[::2], said) for key, said in sorted(customer.consents.items())]
        return tuple(cls(of, by or None, it.given, it.at, it.until, it.holds(now)) for of, by, it in keyed)

    @property
    def page(self) -> str | None:
        """The page of help that was accepted, in the version whose SHA-256 stands as the channel; None: no text was."""
        return TEXTS.get(self.purpose) if len(self.channel or "") == _DIGEST else None


class Known(Struct, frozen=True):
    """What the company says of a customer. ``company``: its name, for who may see names; else None; ``answers``: by survey."""

    language: str | None = None
    time_zone: str | None = None
    country: str | None = None
    company: str | None = None
    consents: tuple[Agreed, ...] = ()
    answers: tuple[tuple[str, Answer], ...] = ()


class Timeline(Struct, frozen=True):
    """Moments, the newest first; ``after``: the cursor of older ones. ``sums``: (state, unit, how many, sum) of the newest rewards.

    ``accounts``: (class of account, unit, sum) of what the ledger holds for the person; None for who may not read it.
    ``same``: ids that are this person too.
    """

    moments: list[Moment]
    after: str | None
    sums: list[tuple[str, str, int, int]]
    accounts: list[tuple[str, str, int]] | None
    same: tuple[str, ...]
    known: Known


class _Lane(NamedTuple):
    """Moments of a kind, the newest first, each with what the cursor says behind it. ``full``: there may be more.

    ``last``: what the cursor says behind all that was read, shown or not.
    """

    name: str
    moments: list[tuple[str, Moment]]
    full: bool
    last: str


@requires("person.read")
async def of_person(who: Principal, directory: Directory, person: str, *, after: str = "") -> Timeline:
    """Return what happened to a person. Raises UnknownError for whom is not shown, InvalidError for what is no cursor."""
    ws, behind = who.workspace.id, _cursor(after)
    async with directory.snapshot() as conn:
        if not await filters.shown(conn, who, person):
            raise UnknownError("person")
        reader = _Reader(conn, who, directory, person, behind)
        lanes = [lane async for lane in reader.lanes()]
        taken, cursor, more = _merged(lanes, behind)
        moments = await reader.finished(taken)
        # A kind is read by its ids, which may be older than what it tells.
        moments.sort(key=lambda it: it.at, reverse=True)
        sums = await pages.sums_of(conn, ws, person, who.programs, SUMMED)
        accounts = await _accounts(conn, ws, person) if who.may("ledger.read") else None
        kin = await entities.load(conn, ws, Kin, [person])
        known = await _known(conn, who, directory, person)
    same = {id_ for it in kin for id_ in (it.root, *it.members)} - {person}
    return Timeline(moments, cursor if more else None, sums, accounts, tuple(sorted(same)), known)


async def _known(conn: asyncpg.Connection, who: Principal, directory: Directory, person: str) -> Known:
    ws, now = who.workspace, directory.engine.clock.now()
    for it in await entities.load(conn, ws.id, Customer, [person]):
        named = [it.company] if it.company is not None and who.may("person.names") else []
        names = await people.texts(conn, ws.id, ws.keys, directory.vault, named)
        company, answers = names.get(it.company or ""), tuple(sorted(it.answers.items()))
        return Known(it.language, it.time_zone, it.country, company, Agreed.of(it, now), answers)
    return Known()


def _merged(lanes: Sequence[_Lane], behind: Mapping[str, str]) -> tuple[list[Moment], str, bool]:
    """Take the newest of all kinds, as many as a page has; of each kind in its own order.

    It ends where all of a kind was taken that was read and there is more: that may be newer than what is left of the others.
    """
    places = dict.fromkeys((lane.name for lane in lanes), 0)
    taken: list[Moment] = []
    while len(taken) < MOST and not any(it.full and it.moments and places[it.name] == len(it.moments) for it in lanes):
        heads = [lane for lane in lanes if places[lane.name] < len(lane.moments)]
        if not heads:
            break
        lane = max(heads, key=lambda one: one.moments[places[one.name]][1].at)
        taken.append(lane.moments[places[lane.name]][1])
        places[lane.name] += 1
    lasts = dict(behind)
    for lane in lanes:
        place = places[lane.name]
        if place == len(lane.moments):
            lasts[lane.name] = lane.last
        elif place:
            lasts[lane.name] = lane.moments[place - 1][0]
    more = any(lane.full or places[lane.name] < len(lane.moments) for lane in lanes)
    return taken, "~".join(f"{name}.{last}" for name, last in lasts.items() if last), more


def _cursor(after: str) -> dict[str, str]:
    parts = [part.partition(".") for part in after.split("~")] if after else []
    if len(after) > _LONGEST or "\0" in after or not all(name and dot and last for name, dot, last in parts):
        raise InvalidError("`after` is no cursor of this list.", "after")
    return {name: last for name, _, last in parts}


def _instant(text: str) -> int:
    if not text.isdecimal() or len(text) > _DIGITS:
        raise InvalidError("`after` is no cursor of this list.", "after")
    return int(text)


async def _accounts(conn: asyncpg.Connection, ws: str, person: str) -> list[tuple[str, str, int]]:
    sums: dict[tuple[str, str], int] = {}
    for it in await pages.balances(conn, ws, owner=person, limit=_FEW):
        sums[it.account, it.unit] = sums.get((it.account, it.unit), 0) + it.amount
    return [(*key, amount) for key, amount in sorted(sums.items())]


class _Reader:
    """Reads each kind once, and then whatever the moments of a page name."""

    def __init__(
        self, conn: asyncpg.Connection, who: Principal, directory: Directory, person: str, behind: Mapping[str, str]
    ) -> None:
        self._conn = conn
        self._who = who
        self._ws = who.workspace.id
        self._directory = directory
        self._person = person
        self._behind = behind
        self._programs: dict[str, str] = {}
        self._orders: dict[str, Conversion] = {}
        self._seen: Sequence[Entity] = ()

    async def lanes(self) -> AsyncIterator[_Lane]:
        """Yield the kinds."""
        known = await pages.programs(self._conn, self._ws)
        self._programs = {it.id: it.slug for it in known if self._who.sees(it.id)}
        yield await self._own("reward", Reward, self._reward)
        if self._who.may("payout.read"):
            yield await self._own("payout", Payout, self._payout)
        for name in ("friend", "advocate"):
            yield await self._referrals(name)
        yield await self._bought()
        advocates = await pages.advocates(
            self._conn, self._ws, person=self._person, programs=self._who.programs, after="", limit=_FEW
        )
        enrolled = [(it.enrolled_at, self._enrolled(it)) for it in advocates]
        claims: list[Claim] = []
        if self._who.may("claim.read"):
            lane = await self._own("claim", Claim, self._claim)
            claims = [it for it in self._seen if isinstance(it, Claim)]
            yield lane
        if self._who.may("case.read"):
            ids = await pages.cases_about(
                self._conn, self._ws, [*(it.id for it in advocates), *(it.id for it in claims)], _FEW
            )
            cases = await entities.load(self._conn, self._ws, Case, ids)
            yield self._timed("case", [(it.opened_at, self._case(it)) for it in cases])
        yield self._timed("enrolled", enrolled)
        yield self._timed("shared", [one for it in advocates for one in self._shares(it)])
        yield self._timed("viewed", await self._views(advocates))
        yield self._timed("clicks", await self._clicks())
        yield await self._messages()

    async def _own(self, name: str, noun: type[E], moment: Callable[[E], Moment | None]) -> _Lane:
        async def read(before: str) -> list[E]:
            return await pages.newest_of(self._conn, self._ws, noun, self._person, before=before, limit=MOST)

        def shown(found: Sequence[E]) -> list[tuple[str, Moment]]:
            self._seen = found
            return [(str(it.key), one) for it in found if (one := moment(it)) is not None]

        return await self._until_shown(name, read, lambda it: str(it.key), shown)

    async def _until_shown(
        self,
        name: str,
        read: Callable[[str], Awaitable[list[E]]],
        key: Callable[[E], str],
        shown: Callable[[Sequence[E]], list[tuple[str, Moment]]],
    ) -> _Lane:
        """Read on behind what is not shown, until there is something or there is no more."""
        last = self._behind.get(name, "")
        for _ in range(_ROUNDS):
            found = await read(last)
            last = key(found[-1]) if found else last
            made, full = shown(found), len(found) == MOST
            if made or not full:
                break
        return _Lane(name, made, full, last)

    def _timed(self, name: str, found: Iterable[tuple[int, Moment]]) -> _Lane:
        """Few things, of which all are looked at: the cursor is when the last one was."""
        before = _instant(self._behind[name]) if name in self._behind else pages.LATEST
        newest = sorted((it for it in found if it[0] < before), key=lambda it: (it[0], it[1].id), reverse=True)
        moments = [(str(at), moment) for at, moment in newest]
        return _Lane(name, moments, full=False, last=moments[-1][0] if moments else self._behind.get(name, ""))

    async def _messages(self) -> _Lane:
        """Messages to them, sent or withheld and why."""
        at, _, id_ = self._behind.get("message", "").partition(".")
        before = (_instant(at), id_) if at else (pages.LATEST, pages.FIRST)
        ids = await letters.of_person(self._conn, self._ws, [self._person], before, MOST)
        known = {it.id: it for it in await entities.load(self._conn, self._ws, Letter, ids)}
        found = [known[one] for one in ids if one in known]
        shown = [(f"{it.at}.{it.id}", self._message(it)) for it in found if self._who.sees(it.program)]
        last = f"{found[-1].at}.{found[-1].id}" if found else self._behind.get("message", "")
        return _Lane("message", shown, len(ids) == MOST, last)

    def _message(self, it: Letter) -> Moment:
        slug, why = self._programs.get(it.program), it.reason
        if why in PRECEDENCE:
            why = words.refusal(why)
        return Moment(
            it.at, "message", it.id, f"message_{it.status}", slug, about=catalogue().word("topic", it.topic), why=why
        )

    def _reward(self, it: Reward) -> Moment | None:
        if not self._who.sees(it.program):
            return None
        friend = Party(it.friend, None) if it.side == "advocate" and it.friend else None
        slug, about = self._programs.get(it.program), it.on if ledger.of_no_order(it.on) else it.conversion
        return Moment(it.earned_at, "reward", it.id, it.status, slug, friend, it.amount, it.unit, about)

    def _payout(self, it: Payout) -> Moment | None:
        if not self._who.sees(*it.programs):
            return None
        return Moment(it.drafted_at, "payout", it.id, it.status, amount=it.amount, unit=it.unit, about=it.rail)

    def _claim(self, it: Claim) -> Moment | None:
        if not self._who.sees(it.program):
            return None
        other = Party(it.shares[0].person, None) if it.shares else None
        return Moment(it.opened_at, "claim", it.id, it.status, self._programs.get(it.program), other, about=it.kind)

    def _case(self, it: Case) -> Moment:
        return Moment(
            it.opened_at, "case", it.id, it.status, self._programs.get(it.program or ""), about=it.kind, why=it.outcome
        )

    def _enrolled(self, it: Advocate) -> Moment:
        return Moment(it.enrolled_at, "enrolled", it.id, it.status, self._programs.get(it.program))

    def _shares(self, it: Advocate) -> list[tuple[int, Moment]]:
        """Return when they chose another code, and the newest channels that they opened."""
        slug = self._programs.get(it.program)
        said = [(one.at, Moment(one.at, "shared", it.id, one.channel, slug, about=one.text)) for one in it.shared]
        if it.changed_at is not None:
            said.append((it.changed_at, Moment(it.changed_at, "code", it.id, "changed", slug)))
        return said

    async def _views(self, advocates: Sequence[Advocate]) -> list[tuple[int, Moment]]:
        """Return the newest days on which people opened the page of a code of theirs, each at its end, or now."""
        found, now = [], self._directory.engine.clock.now()
        for it in advocates:
            for day, people_ in await redirects.days(self._conn, self._ws, it.codes, _CLICKS):
                at, slug = min((day + 1) * calendar.DAY - 1, now), self._programs.get(it.program)
                found.append((at, Moment(at, "viewed", f"{it.id}.{day}", "person", slug, count=people_)))
        return found

    async def _referrals(self, by: str) -> _Lane:
        kind = "bound" if by == "friend" else "brought"
        found = await pages.newest_referrals(
            self._conn,
            self._ws,
            programs=list(self._programs),
            status=None,
            friend=self._person if by == "friend" else None,
            advocate=self._person if by == "advocate" else None,
            after=self._behind.get(kind, ""),
            limit=MOST,
        )

        def moment(it: Referral) -> Moment:
            other = it.shares[0].person if by == "friend" and it.shares else it.friend
            return Moment(it.lead_at, kind, it.id, it.status, self._programs.get(it.program), Party(other, None))

        last = found[-1].id if found else self._behind.get(kind, "")
        return _Lane(kind, [(it.id, moment(it)) for it in found], len(found) == MOST, last)

    async def _bought(self) -> _Lane:
        seen: dict[str, Conversion] = {}

        def key(it: Conversion) -> str:
            return f"{it.at}.{it.id}"

        async def read(before: str) -> list[Conversion]:
            at, _, id_ = before.partition(".")
            behind = (_instant(at), id_) if at else (pages.LATEST, pages.FIRST)
            found = await pages.newest_conversions(
                self._conn, self._ws, status=None, person=self._person, after=behind, limit=MOST
            )
            seen.update((it.id, it) for it in await self._shown(found))
            return found

        def shown(found: Sequence[Conversion]) -> list[tuple[str, Moment]]:
            return [
                (key(it), Moment(it.at, "order", it.id, it.status, amount=it.net, unit=it.currency, about=it.name))
                for it in found
                if it.id in seen
            ]

        self._orders = seen
        return await self._until_shown("order", read, key, shown)

    async def _shown(self, orders: Sequence[Conversion]) -> Sequence[Conversion]:
        """Return those that earned in a program that is shown, as ``conversions.get`` does to who is limited to programs."""
        if self._who.programs is None:
            return orders
        ids = {id_ for it in orders for id_ in it.rewards}
        rewards = {it.id for it in await entities.load(self._conn, self._ws, Reward, ids) if self._who.sees(it.program)}
        return [it for it in orders if rewards & {*it.rewards}]

    async def _clicks(self) -> list[tuple[int, Moment]]:
        """Return the newest clicks of their browsers, those of a day on one code together, at the last of them."""
        customers = await entities.load(self._conn, self._ws, Customer, [self._person])
        visitors = {visitor for it in customers for visitor in it.visitors}
        now = calendar.moment(self._directory.engine.clock.now())
        told = await touches.told(self._conn, self._ws, visitors, [], now, _CLICKS)
        days: dict[tuple[str, str], list[Touch]] = {}
        for touch, _ in told:
            days.setdefault((calendar.day(touch.at, "UTC"), touch.code), []).append(touch)
        codes = {it.id: it for it in await entities.load(self._conn, self._ws, Code, {code for _, code in days})}
        found = []
        for (_, code), of_day in days.items():
            last, it = max(of_day, key=lambda one: (one.at, one.id)), codes.get(code)
            if it is not None and it.program in self._programs:
                other = Party(it.person, None) if it.person is not None else None
                state = "bot" if all(one.bot for one in of_day) else "person"
                slug = self._programs[it.program]
                found.append((last.at, Moment(last.at, "clicks", last.id, state, slug, other, count=len(of_day))))
        return found

    async def finished(self, moments: Sequence[Moment]) -> list[Moment]:
        """Return the moments of a page with names, invoices, cases about orders, and why nothing came of those that earned nothing."""
        orders = [self._orders[it.id] for it in moments if it.kind == "order"]
        invoices = {it.about for it in moments if it.kind == "reward" and it.about is not None} | {
            it.id for it in orders
        }
        ids = {invoice.removeprefix("inv:") for invoice in invoices}
        names: Mapping[str, str] = {}
        if self._who.may("person.names"):
            persons = {it.other.id for it in moments if it.other is not None}
            keys, vault = self._who.workspace.keys, self._directory.vault
            names = await people.texts(self._conn, self._ws, keys, vault, persons | ids)
        nothing = {it.evt: it.id for it in orders if it.evt is not None and not it.rewards}
        why: dict[str, str | None] = {}
        if self._who.may("log.read"):
            why = {
                nothing[evt]: _why(entry) for evt, entry in (await log.of_each(self._conn, self._ws, nothing)).items()
            }
        cases = {it.id: tuple(dict.fromkeys(it.cases.values())) for it in orders}
        return [self._finished(it, names, why, cases) for it in moments]

    def _finished(
        self,
        it: Moment,
        names: Mapping[str, str],
        why: Mapping[str, str | None],
        cases: Mapping[str, tuple[str, ...]],
    ) -> Moment:
        fields = {name: getattr(it, name) for name in it.__struct_fields__}
        if it.other is not None:
            fields["other"] = Party(it.other.id, names.get(it.other.id))
        if it.kind in ("order", "reward"):
            conversion = it.id if it.kind == "order" else it.about or ""
            token = conversion.removeprefix("inv:")
            named = names.get(token, token) if conversion.startswith("inv:") else None
            fields["about"] = ledger.origin(conversion) if ledger.of_no_order(conversion) else named
        if it.kind == "order":
            fields |= {"why": why.get(it.id), "cases": cases.get(it.id, ()) if self._who.may("case.read") else ()}
        return Moment(**fields)


def _why(entry: Entry) -> str | None:
    """Return the sentence of the first verdict that said no."""
    return next((words.sentences(it).beneficiary for it in entry.verdicts if it.refused), None)
