"""Claims: assertions that advocates brought a friend, each beside what it is said against."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, paging
from goodword.app.see.paging import Page
from goodword.core import calendar, confidence, contested, rules
from goodword.core.draft import Draft
from goodword.core.entry import Entry
from goodword.core.facts import Touch
from goodword.core.state import Claim, Code, Customer, Program, Referral, Share, State
from goodword.store import entities, log, pages, people, touches
from goodword.store import rules as rule_versions

#: Touches that are shown of a side besides those that it names: the newest.
MOST_TOUCHES = 20
#: Orders of a friend, the newest, whose rewards are at stake.
MOST_ORDERS = 1_000


class Told(Struct, frozen=True):
    """A touch, or an event that names a code, as a side of a claim shows it.

    ``kind``: the type of the event that told it; ``said_by``: its source; ``verified``: not by a publishable key alone. ``advocate``:
    whose code it was.
    """

    id: str
    kind: str
    at: int
    said_by: str
    verified: bool
    bot: bool
    advocate: str | None


class Side(Struct, frozen=True):
    """Who brought a friend as one side says. ``referral``: the binding that it is, None: it made none yet.

    ``stakes``: what stands for advocates in it. ``terms``: the hash of the rules that it is or would be under, None: there were none
    when the friend was brought. ``confidence``: of its attribution, where it is known.
    """

    referral: str | None
    program: str
    shares: tuple[Share, ...]
    lead_at: int
    touches: tuple[Told, ...]
    stakes: tuple[pages.Stake, ...]
    terms: str | None = None
    confidence: str | None = None


class Terms(Struct, frozen=True):
    """The rules that a side is or would be under: whose, which version from 1, and what they say of who brought a friend."""

    program: str
    version: int | None
    touch: str
    window: str


class Sides(Struct, frozen=True):
    """A claim, its own side, and the bindings that it could end or has ended.

    ``names``: of persons, for who may see them; ``terms``: by their hash; ``given``: who got the friend by its decision, in parts.
    """

    claim: Claim
    claimed: Side
    standing: tuple[Side, ...]
    names: Mapping[str, str]
    terms: Mapping[str, Terms] = {}
    given: tuple[Share, ...] = ()

    @property
    def id(self) -> str:
        """The claim's."""
        return self.claim.id

    @property
    def program(self) -> str:
        """The claim's."""
        return self.claim.program


@requires("claim.read")
async def page(
    who: Principal,
    directory: Directory,
    *,
    status: str | None = None,
    friend: str | None = None,
    after: str = "",
    limit: int = 50,
) -> Page[Sides]:
    """Return claims, filtered; those of a friend that are open together contest one another.

    Raises InvalidError for a status that there is not, UnknownError for a friend's name.
    """
    filters.status("claim", status)
    async with directory.snapshot() as conn:
        friend = await filters.person(conn, who, friend)
        claims = await pages.claims(
            conn, who.workspace.id, status=status, friend=friend, programs=who.programs, after=after, limit=limit
        )
        return paging.by_id(await _sides(conn, who, directory, claims), limit)


@requires("claim.read")
async def get(who: Principal, directory: Directory, claim: str) -> Sides:
    """Return one claim. Raises UnknownError, for one of a program that is not shown too."""
    async with directory.snapshot() as conn:
        claims = await entities.load(conn, who.workspace.id, Claim, [claim])
        for sides in await _sides(conn, who, directory, [one for one in claims if who.sees(one.program)]):
            return sides
    raise UnknownError("claim")


class Near(Struct, frozen=True):
    """The claims before and behind one in a list, by id."""

    before: str | None
    behind: str | None


@requires("claim.read")
async def near(who: Principal, directory: Directory, claim: str, *, status: str | None = None) -> Near:
    """Return what stands before and behind a claim in the list of a state, or in that of all. Raises what ``page`` raises."""
    filters.status("claim", status)
    more = {"status": status, "friend": None, "programs": who.programs, "after": claim, "limit": 1}
    async with directory.snapshot() as conn:
        before = await pages.claims(conn, who.workspace.id, **more, before=True)  # type: ignore[arg-type]
        behind = await pages.claims(conn, who.workspace.id, **more)  # type: ignore[arg-type]
    return Near(before[0].id if before else None, behind[0].id if behind else None)


async def _sides(
    conn: asyncpg.Connection, who: Principal, directory: Directory, claims: Sequence[Claim]
) -> list[Sides]:
    """Return claims with both sides: a read a noun, however many they are."""
    ws = who.workspace
    friends = {claim.friend for claim in claims}
    customers = {it.person: it for it in await entities.load(conn, ws.id, Customer, friends)}
    bound = {id_ for customer in customers.values() for id_ in customer.referrals}
    bound |= {id_ for claim in claims for id_ in (*claim.ended, claim.referral) if id_ is not None}
    found = await entities.load(conn, ws.id, Referral, bound)
    referrals = sorted((it for it in found if who.sees(it.program)), key=lambda it: it.id)
    evidence = await _evidence(conn, directory, ws.id, claims, customers.values(), referrals)
    stakes = await pages.stakes(conn, ws.id, friends, MOST_ORDERS)
    draft = await _rules(conn, ws.id, claims, referrals)
    terms = {hash_: it for hash_ in draft.rules if (it := _terms(draft, hash_)) is not None}
    sharing: list[Claim | Referral] = [*claims, *referrals]
    persons = friends | {share.person for it in sharing for share in it.shares}
    names: Mapping[str, str] = {}
    if who.may("person.names"):
        names = await people.texts(conn, ws.id, ws.keys, directory.vault, persons)

    def side(it: Claim | Referral, referral: str | None, named: Collection[str]) -> Side:
        told = evidence.of(it.program, it.shares, customers.get(it.friend), named)
        mine = tuple(stake for stake in stakes if stake.referral == referral)
        hash_ = it.rules if isinstance(it, Referral) else draft.need(Program, it.program).version_at(it.lead_at)
        sure = confidence.of(it) if isinstance(it, Referral) else confidence.of_claim(it)
        return Side(referral, it.program, it.shares, it.lead_at, told, mine, hash_, sure.level)

    def against(claim: Claim, it: Referral) -> bool:
        if it.friend != claim.friend or it.id == claim.referral:
            return False
        concerned = it.program == claim.program or not contested.shares_customers(draft, claim)
        return it.id in claim.ended or (it.status != "void" and concerned)

    def both(claim: Claim) -> Sides:
        standing = [it for it in referrals if against(claim, it)]
        given = next((it.shares for it in referrals if it.id == claim.referral), ())
        shares = [*claim.shares, *given, *(share for it in standing for share in it.shares)]
        persons = {claim.friend, *(share.person for share in shares)}
        sides = [side(it, it.id, [it.touch] if it.touch else []) for it in standing]
        claimed = side(claim, claim.referral, claim.evidence)
        said = {one.terms for one in (claimed, *sides)}
        return Sides(
            claim,
            claimed,
            tuple(sides),
            {person: name for person, name in names.items() if person in persons},
            {hash_: it for hash_, it in terms.items() if hash_ in said},
            given,
        )

    return [both(claim) for claim in claims]


async def _rules(conn: asyncpg.Connection, ws: str, claims: Iterable[Claim], referrals: Iterable[Referral]) -> Draft:
    """Return the programs of claims and bindings with the rules that they are or would be under."""
    ids = {claim.program for claim in claims} | {referral.program for referral in referrals}
    programs = {it.id: it for it in await entities.load(conn, ws, Program, ids)}
    state = State(complete=True)
    for program in programs.values():
        state.put(program)
    versions = {programs[claim.program].version_at(claim.lead_at) for claim in claims}
    versions |= {referral.rules for referral in referrals}
    documents = await rule_versions.documents(conn, ws, {version for version in versions if version is not None})
    known = [rules.version(text, number) for number, text in documents]
    return Draft(state, {version.hash: version for version in known}, "", 0)


def _terms(draft: Draft, hash_: str) -> Terms | None:
    """Return what rules say of who brought a friend; None for those of no program that was read."""
    said = draft.rules_of(hash_).attribution
    table: dict[Any, Any] = draft.state.tables[Program]
    programs: list[Program] = [*table.values()]
    for program in programs:
        number = paging.number(program.versions, hash_)
        if number is not None:
            return Terms(program.slug, number, said.touch, said.window)
    return None


class _Evidence:
    """The touches of some friends, with what was told of each."""

    def __init__(
        self, found: Iterable[tuple[Touch, str | None]], entries: Mapping[str, Entry], codes: Iterable[Code]
    ) -> None:
        self._codes = {code.id: code for code in codes}
        self._visitors: dict[str, str | None] = {}
        self._told: dict[str, tuple[Told, Code | None]] = {}
        for touch, evt in found:
            self._visitors[touch.id] = touch.visitor
            code = self._codes.get(touch.code)
            entry = entries.get(evt or "")
            if entry is not None:
                self._add(Told(touch.id, *_said(entry, touch.at), touch.bot, _whose(code)), code)
            elif touch.block is not None:
                self._add(Told(touch.id, "touches.recorded", touch.at, "edge", True, touch.bot, _whose(code)), code)
        for evt, entry in entries.items():
            code = self._codes.get(_code(entry) or "")
            self._told.setdefault(evt, (Told(evt, *_said(entry, entry.event.at), False, _whose(code)), code))

    def _add(self, told: Told, code: Code | None) -> None:
        self._told[told.id] = told, code

    def of(
        self, program: str, shares: Iterable[Share], friend: Customer | None, named: Collection[str]
    ) -> tuple[Told, ...]:
        """Return what is named, and what of the friend's own visitors leads to these advocates in the program; oldest first."""
        advocates = {share.person for share in shares}
        visitors = friend.visitors if friend is not None else ()
        found = [self._told[id_][0] for id_ in dict.fromkeys(named) if id_ in self._told]
        others = [
            told
            for id_, (told, code) in self._told.items()
            if id_ not in named
            and self._visitors.get(id_) in visitors
            and code is not None
            and code.program == program
            and code.person in advocates
        ]
        newest = sorted(others, key=lambda told: (told.at, told.id))[-MOST_TOUCHES:]
        return tuple(sorted((*found, *newest), key=lambda told: (told.at, told.id)))


def _whose(code: Code | None) -> str | None:
    return code.person if code is not None else None


def _said(entry: Entry, at: int) -> tuple[str, int, str, bool]:
    event = entry.event
    return str(event.__struct_config__.tag), at, event.source, not event.unverified


def _code(entry: Entry) -> str | None:
    """The code that an event names."""
    event = entry.event
    return getattr(event, "code", None) or getattr(event, "link_code", None)


async def _evidence(
    conn: asyncpg.Connection,
    directory: Directory,
    ws: str,
    claims: Iterable[Claim],
    friends: Iterable[Customer],
    referrals: Iterable[Referral],
) -> _Evidence:
    """Fetch what claims and bindings name, and the newest touches of each of the friends' visitors."""
    named = {id_ for claim in claims for id_ in claim.evidence}
    named |= {referral.touch for referral in referrals if referral.touch is not None}
    clicks = {id_ for id_ in named if not id_.startswith("evt_")}
    visitors = {visitor for friend in friends for visitor in friend.visitors}
    now = calendar.moment(directory.engine.clock.now())
    found = await touches.told(conn, ws, visitors, clicks, now, MOST_TOUCHES)
    entries = await log.of_each(conn, ws, (named - clicks) | {evt for _, evt in found if evt is not None})
    codes = {touch.code for touch, _ in found} | {code for entry in entries.values() if (code := _code(entry))}
    return _Evidence(found, entries, await entities.load(conn, ws, Code, codes))
