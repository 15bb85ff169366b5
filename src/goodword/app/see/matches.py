"""Whom the contacts of a CRM may have come by: nobody recommended them, and somebody of their company or pipeline was.

Each is looked up by keys, and how sure it is says one function (``core.crm``). Nothing follows from it: a person decides
(``say.matches``). Must not know: any CRM.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import asyncpg
from msgspec import Struct

from goodword import words
from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters
from goodword.app.see.paging import Page
from goodword.core import companies, kin
from goodword.core import crm as matching
from goodword.core.crm import Record
from goodword.core.state import Claim, Company, Customer, Deal, Kin, Referral, Share
from goodword.store import entities, pages, people

#: Matches of one record that are shown, the surest.
MOST: Final = 5
_LOOKED: Final = 200  # deals that a page looks at
_ALIKE: Final = 20  # persons of one mailbox that are looked at
_FRIENDS: Final = 1_000  # of companies, that a page looks at


class Match(Struct, frozen=True):
    """That somebody may have come by a referral. ``friend``: who did; ``by``: what is equal, ``confidence``: how sure that is.

    ``lead``: the event that bound the friend.
    """

    referral: str
    program: str
    friend: str
    shares: tuple[Share, ...]
    lead_at: int
    lead: str
    by: str
    confidence: str


class Matched(Struct, frozen=True):
    """A contact, or a deal with whose contact that is; ``person`` is None of a deal of which the CRM names nobody.

    ``names``: of persons and of the company, for who may see them.
    """

    person: str | None
    deal: Deal | None
    matches: tuple[Match, ...]
    names: Mapping[str, str]

    def called(self, *ids: str | None) -> str | None:
        """Return what the first of these is called that has a name for the reader; None: none has."""
        return next((self.names[id_] for id_ in ids if id_ is not None and id_ in self.names), None)

    def why(self, match: Match) -> str:
        """Return by what one is a match, in a sentence."""
        advocates = [self.names.get(share.person, share.person) for share in match.shares]
        return words.match(match.by, self.names.get(match.friend, match.friend), ", ".join(advocates))

    @property
    def id(self) -> str:
        """The deal's, or else the person's."""
        return self.deal.id if self.deal is not None else self.person or ""


@requires("deal.read")
async def page(
    who: Principal,
    directory: Directory,
    *,
    source: str | None = None,
    person: str | None = None,
    after: str = "",
    limit: int = 50,
) -> Page[Matched]:
    """Return deals of CRMs that nobody brought, as far as is known, and may have been; those that were told of last stand first.

    ``source``: of this CRM; ``person``: this contact alone, by id or name. A page looks at so many deals at most, and may have fewer
    than ``limit`` and a successor. Raises UnknownError for a name that nobody has.
    """
    async with directory.snapshot() as conn:
        if person is not None:
            asked = [_Asked(await filters.person(conn, who, person))]
            return Page([it for it in await _matched(conn, who, directory, asked) if it.matches])
        found: list[Matched] = []
        deals = await pages.newest_deals(conn, who.workspace.id, after=after, limit=_LOOKED)
        of_source = [it for it in deals if source is None or it.id.partition(".")[0] == source]
        asked = [_Asked(it.person, it) for it in of_source if it.status != "lost" and it.registration is None]
        for begin in range(0, len(asked), limit):
            found += [it for it in await _matched(conn, who, directory, asked[begin : begin + limit]) if it.matches]
            if len(found) >= limit:
                break
    last = found[limit - 1].deal if len(found) >= limit else deals[-1] if len(deals) == _LOOKED else None
    return Page(found[:limit], last.evt if last is not None else None)


class Standing(Struct, frozen=True):
    """A match that stands now. ``person``: who may have come by it; ``deal``: the one whose contact that is."""

    person: str
    match: Match
    deal: Deal | None


@requires("deal.read")
async def one(
    who: Principal, directory: Directory, referral: str, *, deal: str | None = None, person: str | None = None
) -> Standing:
    """Return a match of the contact of a deal, or else of a person. Raises InvalidError for what is none, or none any more."""
    if (deal is None) is (person is None):
        raise InvalidError("Name a deal or a person, and not both.", "deal_id")
    async with directory.snapshot() as conn:
        found = await entities.load(conn, who.workspace.id, Deal, [deal] if deal is not None else [])
        asked = [_Asked(it.person, it) for it in found] or [_Asked(person)] * (deal is None)
        matched = await _matched(conn, who, directory, asked)
    for it in matched:
        for match in it.matches:
            if match.referral == referral and it.person is None:
                raise InvalidError("The CRM names nobody at this deal: add a contact to it there first.", "deal_id")
            if match.referral == referral and it.person is not None:
                return Standing(it.person, match, it.deal)
    raise InvalidError("This is no match, or none any more: look again at what is shown now.", "referral")


class _Asked(NamedTuple):
    """A contact, or a deal with its contact."""

    person: str | None
    deal: Deal | None = None

    @property
    def persons(self) -> tuple[str, ...]:
        """Who is named, the contact first."""
        others = self.deal.contacts if self.deal is not None else ()
        return tuple(dict.fromkeys([*([self.person] if self.person is not None else []), *others]))


class _Known(NamedTuple):
    """What was read of the people that some records name, each noun once. ``roots``: whom each name is now."""

    roots: Mapping[str, str]
    customers: Mapping[str, Customer]
    alike: Mapping[str, frozenset[str]]
    friends: Mapping[str, frozenset[str]]
    referrals: Mapping[str, Referral]
    claims: Mapping[str, list[Claim]]

    def root(self, person: str) -> str:
        return self.roots.get(person, person)


async def _matched(
    conn: asyncpg.Connection, who: Principal, directory: Directory, asked: Sequence[_Asked]
) -> list[Matched]:
    """Return records with what each may have come by; of one that somebody brought nothing."""
    ws = who.workspace
    known = await _read(conn, who, asked)
    found = [Matched(_root(known, it), it.deal, tuple(_matches(known, it)), {}) for it in asked]
    if not who.may("person.names"):
        return found
    named = {id_ for it in found if it.matches for id_ in _named(it)}
    names = await people.texts(conn, ws.id, ws.keys, directory.vault, named)
    return [
        Matched(it.person, it.deal, it.matches, {id_: names[id_] for id_ in _named(it) if id_ in names}) for it in found
    ]


def _root(known: _Known, it: _Asked) -> str | None:
    return None if it.person is None else known.root(it.person)


def _named(it: Matched) -> Iterator[str]:
    yield from [it.person] if it.person is not None else ()
    if it.deal is not None:
        yield from [id_ for id_ in (it.deal.company, it.deal.company_domain, it.deal.company_ref) if id_ is not None]
    for match in it.matches:
        yield match.friend
        yield from (share.person for share in match.shares)


async def _read(conn: asyncpg.Connection, who: Principal, asked: Sequence[_Asked]) -> _Known:
    ws = who.workspace.id
    named = {person for it in asked for person in it.persons}
    roots = await _roots(conn, ws, named)
    mine = {roots[it.person] for it in asked if it.person is not None}
    alike: dict[str, set[str]] = {}
    for each in await people.known(conn, ws, (), mine, ("mail",), _ALIKE):
        alike.setdefault(each.person, set()).add(each.other)
    roots |= await _roots(conn, ws, {other for others in alike.values() for other in others})
    customers = await _customers(conn, ws, roots.values())
    firms = {id_ for it in asked for id_ in _firms(it, customers.get(roots.get(it.person or "", "")))}
    of_firms = {it.id: it.friends for it in await entities.load(conn, ws, Company, firms)}
    friends = [person for its in of_firms.values() for person in its[::-1]][:_FRIENDS]
    roots |= await _roots(conn, ws, set(friends) - roots.keys())
    customers |= await _customers(conn, ws, {roots[it] for it in friends} - customers.keys())
    bound = {id_ for it in customers.values() for id_ in it.referrals}
    referrals = await entities.load(conn, ws, Referral, bound)
    claims: dict[str, list[Claim]] = {}
    for claim in await entities.of(conn, ws, (Claim, "friend"), mine):
        if isinstance(claim, Claim):
            claims.setdefault(claim.friend, []).append(claim)
    return _Known(
        roots,
        customers,
        {person: frozenset(roots[other] for other in others) for person, others in alike.items()},
        {id_: frozenset(roots[person] for person in its if person in roots) for id_, its in of_firms.items()},
        {it.id: it for it in referrals if who.sees(it.program) and it.status != "void"},
        claims,
    )


async def _roots(conn: asyncpg.Connection, ws: str, persons: Collection[str]) -> dict[str, str]:
    known = {it.person: it for it in await entities.load(conn, ws, Kin, persons)}
    return {person: kin.root(lambda _, id_: known.get(id_), person) for person in persons}


async def _customers(conn: asyncpg.Connection, ws: str, persons: Iterable[str]) -> dict[str, Customer]:
    return {it.person: it for it in await entities.load(conn, ws, Customer, persons)}


def _firms(it: _Asked, customer: Customer | None) -> Iterator[str]:
    """Yield to which companies a contact belongs, and which one a deal is with."""
    yield from (sign.company for sign in companies.signs(customer)) if customer is not None else ()
    if it.deal is not None:
        yield from (id_ for id_ in (it.deal.company_ref, it.deal.company_domain, it.deal.company) if id_ is not None)


def _matches(known: _Known, it: _Asked) -> list[Match]:
    """Return by what a contact may have come, the surest first; nothing for whom somebody brought."""
    person = _root(known, it)
    customer = known.customers.get(person or "")
    if customer is not None and customer.referrals:
        return []
    near = frozenset(known.root(one) for one in it.persons) - {person}
    alike = known.alike.get(person or "", frozenset())
    at_firms = frozenset[str]().union(*(known.friends.get(firm, ()) for firm in _firms(it, customer)))
    record = Record(names=frozenset([person] if person else []), mails=alike, near=near, **_companies(it, customer))
    found = []
    for friend in (near | alike | at_firms) - {person}:
        theirs = known.customers.get(friend)
        if theirs is not None and theirs.referrals:
            names = frozenset([friend])
            said = matching.match(record, friend, Record(names=names, mails=names, **matching.of_company([theirs])))
            found += [said] if said is not None else []
    shown = [
        _told(referral, said)
        for said in matching.ranked(found)
        for id_ in known.customers[said.person].referrals
        if (referral := known.referrals.get(id_)) is not None and not _decided(known, person, customer, referral)
    ]
    return shown[:MOST]


def _companies(it: _Asked, customer: Customer | None) -> dict[str, frozenset[str]]:
    said = matching.of_company([customer] if customer is not None else [])
    deal = it.deal
    if deal is None:
        return said
    more = {"refs": deal.company_ref, "domains": deal.company_domain, "companies": deal.company}
    return {name: said[name] | ({id_} if id_ is not None else set()) for name, id_ in more.items()}


def _decided(known: _Known, person: str | None, customer: Customer | None, referral: Referral) -> bool:
    """Whether a person said already whether somebody came by a referral, or is asked; nobody comes by themselves."""
    shares = {known.root(share.person) for share in referral.shares}
    if person in shares or (customer is not None and referral.id in customer.unlike):
        return True
    return any(
        claim.status != "withdrawn"
        and claim.program == referral.program
        and {known.root(share.person) for share in claim.shares} == shares
        for claim in known.claims.get(person or "", ())
    )


def _told(it: Referral, said: matching.Match) -> Match:
    return Match(it.id, it.program, it.friend, it.shares, it.lead_at, it.lead, said.by, said.confidence)
