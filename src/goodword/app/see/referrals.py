"""Referrals: who brought whom, by which touches, and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import asyncpg
import msgspec
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, paging, parties, welcomes
from goodword.app.see.paging import Page
from goodword.app.see.parties import Parties, Party
from goodword.app.see.welcomes import Told
from goodword.core.facts import Touch
from goodword.core.state import Claim, Code, Conversion, Program, Referral, Reward
from goodword.store import entities, log, pages, people
from goodword.store import rules as rule_versions

#: Orders of a friend, the newest, whose rewards are shown; touches that were looked at, the newest.
MOST_ORDERS, MOST_TOUCHES = 100, 100


class Bond(Struct, frozen=True):
    """A referral with what is shown beside it. ``program``: its slug; ``version``: its rules' number; ``advocates``: by shares."""

    referral: Referral
    program: str
    version: int | None
    friend: Party
    advocates: tuple[Party, ...]

    @property
    def id(self) -> str:
        """The referral's."""
        return self.referral.id


class Considered(Struct, frozen=True):
    """A touch that was looked at when the friend was bound. ``advocate``: whose code it was; ``chosen``: it won."""

    id: str
    at: int
    bot: bool
    advocate: Party | None
    chosen: bool


class Record(Struct, frozen=True):
    """The tracking record of a referral. ``window``: click to lead, as its rules say; ``touches``: the newest first.

    ``orders`` and ``rewards`` that stand on it; ``claims`` about the friend in its program, for who may read claims.
    ``offers``: what its friend is welcomed with, if anything.
    """

    bond: Bond
    window: str | None
    touches: tuple[Considered, ...]
    orders: tuple[Conversion, ...]
    rewards: tuple[Parties, ...]
    claims: tuple[Claim, ...]
    offers: tuple[Told, ...]


@requires("referral.read")
async def page(
    who: Principal, directory: Directory, *, friend: str | None = None, after: str = "", limit: int = 50
) -> Page[Referral]:
    """Return referrals, of a friend or all. Raises UnknownError for a friend's name that nobody has."""
    async with directory.reading() as conn:
        friend = await filters.person(conn, who, friend)
        referrals = await pages.referrals(
            conn, who.workspace.id, friend=friend, programs=who.programs, after=after, limit=limit
        )
    return paging.by_id(referrals, limit)


class Asked(Struct, frozen=True):
    """What a list is of; None: all. ``program``: an id or slug; persons by id or name, ``advocate``: who stands for it first."""

    status: str | None = None
    program: str | None = None
    friend: str | None = None
    advocate: str | None = None


_ALL = Asked()


@requires("referral.read")
async def newest(
    who: Principal, directory: Directory, asked: Asked = _ALL, *, after: str = "", limit: int = 50
) -> Page[Bond]:
    """Return referrals with names, filtered, the newest first. Raises InvalidError and UnknownError."""
    filters.status("referral", asked.status)
    filters.id_of("after", after or None, "referral")
    async with directory.snapshot() as conn:
        known = await pages.programs(conn, who.workspace.id)
        scope = await filters.programs(conn, who, asked.program)
        found = await pages.newest_referrals(
            conn,
            who.workspace.id,
            programs=[it.id for it in known] if scope is None else scope,
            status=asked.status,
            friend=await filters.person(conn, who, asked.friend),
            advocate=await filters.person(conn, who, asked.advocate),
            after=after,
            limit=limit,
        )
        bonds = await _bonds(conn, who, directory, found, known)
    return paging.by_id(bonds, limit)


@requires("referral.read")
async def get(who: Principal, directory: Directory, referral: str) -> Record:
    """Return the tracking record of a referral. Raises UnknownError, for one of a program that is not shown too."""
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        found = [it for it in await entities.load(conn, ws, Referral, [referral]) if who.sees(it.program)]
        if not found:
            raise UnknownError("referral")
        [it] = found
        entry = await log.of(conn, ws, it.lead)
        looked_at = sorted(entry.facts.touches if entry is not None else (), key=lambda one: (one.at, one.id))
        shown = looked_at[-MOST_TOUCHES:][::-1]
        codes = {code.id: code for code in await entities.load(conn, ws, Code, {one.code for one in shown})}
        named = {code.person for code in codes.values() if code.person is not None}
        programs = await entities.load(conn, ws, Program, [it.program])
        bonds = await _bonds(conn, who, directory, found, programs)
        names = await _names(conn, who, directory, named)
        orders = await pages.newest_conversions(
            conn, ws, status=None, person=it.friend, after=(pages.LATEST, pages.FIRST), limit=MOST_ORDERS
        )
        ids = {id_ for order in orders for id_ in order.rewards}
        rewards = {one.id for one in await entities.load(conn, ws, Reward, ids) if one.referral == it.id}
        claims: list[Claim] = []
        if who.may("claim.read"):
            claims = await pages.claims(
                conn, ws, status=None, friend=it.friend, programs=[it.program], after="", limit=MOST_ORDERS
            )
        rules = await _window(conn, ws, it.rules)
        offered = await welcomes.told(conn, who, directory, found)
    mine = [
        order for order in orders if rewards & {*order.rewards} or any(p.conversion == order.id for p in it.qualified)
    ]
    beside = await parties.each(who, directory, sorted(rewards, reverse=True)) if who.may("reward.read") else []
    touches = tuple(_considered(one, codes, names, it) for one in shown)
    return Record(bonds[0], rules, touches, tuple(mine), tuple(beside), tuple(claims), tuple(offered))


def _considered(touch: Touch, codes: Mapping[str, Code], names: Mapping[str, str], it: Referral) -> Considered:
    code = codes.get(touch.code)
    person = code.person if code is not None else None
    party = Party(person, names.get(person)) if person is not None else None
    return Considered(touch.id, touch.at, touch.bot, party, touch.id == it.touch)


async def _window(conn: asyncpg.Connection, ws: str, version: str) -> str | None:
    for _, text in await rule_versions.documents(conn, ws, [version]):
        window: str = msgspec.json.decode(text).get("attribution", {}).get("window", "")
        return window or None
    return None


async def _names(
    conn: asyncpg.Connection, who: Principal, directory: Directory, persons: Collection[str]
) -> Mapping[str, str]:
    if not who.may("person.names") or not persons:
        return {}
    return await people.texts(conn, who.workspace.id, who.workspace.keys, directory.vault, persons)


async def _bonds(
    conn: asyncpg.Connection,
    who: Principal,
    directory: Directory,
    found: Sequence[Referral],
    known: Sequence[Program],
) -> list[Bond]:
    """Return referrals with what is shown beside them: one read of names, however many they are."""
    programs = {it.id: it for it in known}
    persons = {person for it in found for person in (it.friend, *(share.person for share in it.shares))}
    names = await _names(conn, who, directory, persons)

    def bond(it: Referral) -> Bond:
        program = programs.get(it.program)
        advocates = tuple(Party(share.person, names.get(share.person)) for share in it.shares)
        version = paging.number(program.versions if program is not None else (), it.rules)
        slug = program.slug if program is not None else it.program
        return Bond(it, slug, version, Party(it.friend, names.get(it.friend)), advocates)

    return [bond(it) for it in found]
