"""Reading in pages: what lists of the API show, in order of id, ``after`` a cursor and at most ``limit``.

``programs``: ids of those whose rows are given, None: all. A payout is given where all of its programs are among them.
Must not know: who asks, how it is shown.
"""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

import asyncpg
import msgspec
from msgspec import Struct

from goodword.core.lifecycles import LIFECYCLES
from goodword.core.state import (
    Advocate,
    Agreement,
    Balance,
    Case,
    Change,
    Claim,
    Conversion,
    Deal,
    Entity,
    Handover,
    Look,
    Member,
    Payout,
    Program,
    Referral,
    Registration,
    Reward,
    Statement,
)
from goodword.store import entities
from goodword.store.sql_files import statements

E = TypeVar("E", bound=Entity)

_SQL = statements("pages")


class EventRow(NamedTuple):
    """An event, and in quarantine what it waits for."""

    evt: str
    waits_for: str | None


class PostingRow(NamedTuple):
    """A posting as a row; see ``core.ledger.Posting``."""

    position: int
    n: int
    program: str
    source: str
    source_owner: str
    to_program: str
    destination: str
    destination_owner: str
    unit: str
    amount: int
    reward: str
    #: the month in which the reward was earned, which no row has
    earned: str | None = None


class Stake(Struct, frozen=True):
    """What rewards of a referral come to that stand in a state, in minor units or points."""

    referral: str
    unit: str
    status: str
    count: int
    amount: int


async def worths(conn: asyncpg.Connection, ws: str, begins: str, programs: Sequence[str] | None) -> dict[str, int]:
    """Return the counters whose kind begins so, without that: of these programs; None: of all, and of what has none."""
    rows = await conn.fetch(_SQL["worths"], ws, begins, None if programs is None else list(programs))
    return {row["kind"].removeprefix(begins): int(row["count"]) for row in rows}


async def stakes(conn: asyncpg.Connection, ws: str, friends: Collection[str], limit: int) -> list[Stake]:
    """Return what stands for advocates of the newest orders of these friends, so many of each, in order of referral and unit."""
    rows = await conn.fetch(_SQL["stakes"], ws, sorted(friends), limit)
    return [Stake(row["referral"], row["unit"], row["status"], row["count"], int(row["amount"])) for row in rows]


async def rewards(
    conn: asyncpg.Connection,
    ws: str,
    *,
    status: str | None = None,
    beneficiary: str | None = None,
    conversion: str | None = None,
    payout: str | None = None,
    programs: Sequence[str] | None = None,
    after: str = "",
    limit: int,
) -> list[Reward]:
    """Return rewards, filtered. A conversion and a payout know their rewards, so that these need no index."""
    if conversion is None and payout is None:
        rows = await _page(conn, "rewards", ws, limit, [after], programs, status=status, beneficiary=beneficiary)
        return await _in_order(conn, ws, Reward, rows)
    filters = {"status": status, "beneficiary": beneficiary, "conversion": conversion, "payout": payout}
    given = {name: value for name, value in filters.items() if value is not None}
    if payout is not None:
        ids = {part.reward for entity in await entities.load(conn, ws, Payout, [payout]) for part in entity.parts}
    else:
        ids = {id_ for entity in await entities.load(conn, ws, Conversion, [str(conversion)]) for id_ in entity.rewards}
    candidates = await entities.load(conn, ws, Reward, [id_ for id_ in ids if id_ > after])
    kept = [
        reward
        for reward in candidates
        if all(getattr(reward, name) == value for name, value in given.items())
        and (programs is None or reward.program in programs)
    ]
    return sorted(kept, key=lambda reward: reward.id)[:limit]


async def referrals(
    conn: asyncpg.Connection,
    ws: str,
    *,
    friend: str | None,
    programs: Sequence[str] | None = None,
    after: str,
    limit: int,
) -> list[Referral]:
    """Return referrals, of a friend or all."""
    return await _in_order(
        conn, ws, Referral, await _page(conn, "referrals", ws, limit, [after], programs, friend=friend)
    )


async def looks(conn: asyncpg.Connection, ws: str, subject: str, *, after: str, limit: int) -> list[Look]:
    """Return who looked at something, the newest first."""
    rows = await conn.fetch(_SQL["looks"], ws, subject, after, limit)
    found = await entities.load(conn, ws, Look, [row["id"] for row in rows])
    return sorted(found, key=lambda look: look.id, reverse=True)


#: Behind every id and instant: where a list begins of which the newest comes first.
FIRST, LATEST = "~", 2**63 - 1
#: By whom referrals are found -> the expression that their index is of.
_REFERRALS_BY = {"friend": "friend", "advocate": "((shares -> 0) ->> 'person')"}


async def newest_referrals(
    conn: asyncpg.Connection,
    ws: str,
    *,
    programs: Sequence[str],
    status: str | None,
    friend: str | None,
    advocate: str | None,
    after: str,
    limit: int,
) -> list[Referral]:
    """Return referrals, filtered, the newest first; ``advocate``: who stands for them first."""
    states = [status] if status is not None else list(LIFECYCLES["referral"])
    by = {name: person for name, person in (("friend", friend), ("advocate", advocate)) if person is not None}
    if not by:
        rows = await conn.fetch(_SQL["newest_referrals"], ws, limit, after or FIRST, list(programs), states)
        return await _in_order(conn, ws, Referral, rows)
    (name, person), *others = by.items()
    statement = referrals_by(name)
    rows = await conn.fetch(statement, ws, limit, after or FIRST, person, list(programs), states)
    found = await _in_order(conn, ws, Referral, rows)
    return [it for it in found if all(other == it.shares[0].person for _, other in others)]


@cache
def referrals_by(name: str) -> str:
    """Return the statement that finds referrals by ``friend`` or ``advocate``."""
    return _SQL["newest_referrals_of"].format(by=_REFERRALS_BY[name])


#: What of a person is read the newest first -> its table and the column that names them.
_OF_SOMEBODY: dict[type[Entity], tuple[str, str]] = {
    Reward: ("reward", "beneficiary"),
    Payout: ("payout", "beneficiary"),
    Claim: ("claim", "friend"),
}


async def newest_of(
    conn: asyncpg.Connection, ws: str, noun: type[E], person: str, *, before: str, limit: int
) -> list[E]:
    """Return rewards, payouts or claims of a person before an id, the newest first."""
    table, by = _OF_SOMEBODY[noun]
    return await _in_order(conn, ws, noun, await conn.fetch(of_somebody(table, by), ws, limit, before or FIRST, person))


@cache
def of_somebody(table: str, by: str) -> str:
    """Return the statement of ``newest_of``."""
    return _SQL["newest_of"].format(table=table, by=by)


async def sums_of(
    conn: asyncpg.Connection, ws: str, person: str, programs: Sequence[str] | None, limit: int
) -> list[tuple[str, str, int, int]]:
    """Return (state, unit, how many, sum) of a beneficiary's newest rewards."""
    rows = await conn.fetch(_SQL["sums_of"], ws, person, limit, programs)
    return [(row["status"], row["unit"], row["count"], int(row["amount"])) for row in rows]


async def newest_conversions(
    conn: asyncpg.Connection, ws: str, *, status: str | None, person: str | None, after: tuple[int, str], limit: int
) -> list[Conversion]:
    """Return orders, filtered, those that happened last first; ``after``: when the last one did, and its id."""
    states = [status] if status is not None else list(LIFECYCLES["conversion"])
    if person is None:
        rows = await conn.fetch(_SQL["newest_conversions"], ws, limit, *after, states)
    else:
        rows = await conn.fetch(_SQL["newest_conversions_of"], ws, limit, *after, states, person)
    return await _in_order(conn, ws, Conversion, rows)


async def earning_conversions(
    conn: asyncpg.Connection, ws: str, *, programs: Sequence[str], after: str, limit: int
) -> tuple[list[Conversion], str | None]:
    """Return the orders that earned in these programs, the newest reward first, each once a page; and behind which reward to go on."""
    states = list(LIFECYCLES["reward"])
    rows = await conn.fetch(_SQL["newest_rewards"], ws, limit, after or FIRST, list(programs), states)
    ids = list(dict.fromkeys(row["conversion"] for row in rows))
    by_id = {it.id: it for it in await entities.load(conn, ws, Conversion, ids)}
    return [by_id[id_] for id_ in ids if id_ in by_id], rows[-1]["id"] if len(rows) == limit else None


async def claims(
    conn: asyncpg.Connection,
    ws: str,
    *,
    status: str | None,
    friend: str | None,
    programs: Sequence[str] | None = None,
    after: str,
    limit: int,
    before: bool = False,
) -> list[Claim]:
    """Return claims, filtered; ``before``: those ahead of ``after`` instead, the nearest first."""
    asked = {"status": status, "friend": friend}
    rows = await _page(conn, "claims", ws, limit, [after], programs, backwards=before, **asked)
    return await _in_order(conn, ws, Claim, rows)


async def registrations(
    conn: asyncpg.Connection,
    ws: str,
    *,
    status: str | None,
    advocate: str | None,
    programs: Sequence[str] | None = None,
    after: str,
    limit: int,
) -> list[Registration]:
    """Return registrations of deals, filtered."""
    rows = await _page(conn, "registrations", ws, limit, [after], programs, status=status, advocate=advocate)
    return await _in_order(conn, ws, Registration, rows)


async def newest_registrations(
    conn: asyncpg.Connection, ws: str, *, advocate: str, program: str, before: str, limit: int
) -> list[Registration]:
    """Return registrations of one partner in one program, the newest first; ``before``: the last one of the page before."""
    rows = await conn.fetch(_SQL["newest_registrations"], ws, limit, advocate, program, before)
    return await _in_order(conn, ws, Registration, rows)


async def newest_deals(conn: asyncpg.Connection, ws: str, *, after: str, limit: int) -> list[Deal]:
    """Return deals, those first of which a CRM said something last; ``after``: the event that said it of the last one before."""
    return await _in_order(conn, ws, Deal, await _page(conn, "newest_deals", ws, limit, [after]))


async def agreements(
    conn: asyncpg.Connection, ws: str, *, program: str | None, person: str | None, after: str, limit: int
) -> list[Agreement]:
    """Return agreements with partners, filtered."""
    rows = await _page(conn, "agreements", ws, limit, [after], None, program=program, person=person)
    return await _in_order(conn, ws, Agreement, rows)


async def changes(
    conn: asyncpg.Connection, ws: str, *, status: str | None, subject: str | None = None, after: str, limit: int
) -> list[Change]:
    """Return changes, filtered."""
    ids = await _page(conn, "changes", ws, limit, [after], None, status=status, subject=subject)
    return await _in_order(conn, ws, Change, ids)


async def cases(
    conn: asyncpg.Connection,
    ws: str,
    *,
    status: str | None,
    programs: Sequence[str] | None = None,
    after: str,
    limit: int,
) -> list[Case]:
    """Return cases, filtered; one of no program, as of a chargeback, is among no programs."""
    return await _in_order(conn, ws, Case, await _page(conn, "cases", ws, limit, [after], programs, status=status))


#: List of cases that are to be looked at -> the statement, and the state that is asked for.
_CASES: dict[str, tuple[str, str | None]] = {
    "open": ("cases", "open"),
    "mine": ("cases_of", None),
    "snoozed": ("cases_aside", None),
    "appealed": ("cases", "appealed"),
    "decided": ("cases", "decided"),
}


async def cases_of(
    conn: asyncpg.Connection,
    ws: str,
    tab: str,
    *,
    now: int,
    member: str,
    programs: Sequence[str] | None,
    at: str,
    limit: int,
    before: bool = False,
) -> list[Case]:
    """Return cases of a list of ``_CASES`` behind an id, or before it, from there on; ``member``: whose are their own.

    Open ones are those that are put aside too: whoever shows them leaves those out.
    """
    name, status = _CASES[tab]
    more: dict[str, Any] = {"cases_of": member, "cases_aside": now}
    key = [at, more[name]] if name in more else [at]
    rows = await _page(conn, name, ws, limit, key, programs, backwards=before, status=status)
    return await _in_order(conn, ws, Case, rows)


async def cases_aside(conn: asyncpg.Connection, ws: str, now: int, programs: Sequence[str] | None, most: int) -> int:
    """Return how many cases are put aside at an instant, counted up to a limit."""
    return len(await _page(conn, "cases_aside", ws, most, ["", now], programs))


class Waits(Struct, frozen=True):
    """What waits in a case: so many rewards of a unit, with what is owed and not sent of them."""

    unit: str
    count: int
    amount: int


async def waits_of_cases(conn: asyncpg.Connection, ws: str, cases: Collection[str]) -> dict[str, list[Waits]]:
    """Return what waits in each of these cases, by unit; a case in which nothing does is left out."""
    found: dict[str, list[Waits]] = {}
    for row in await conn.fetch(_SQL["waits_of_cases"], ws, list(cases)):
        found.setdefault(row["id"], []).append(Waits(row["unit"], row["count"], row["amount"]))
    return found


async def payouts(
    conn: asyncpg.Connection,
    ws: str,
    *,
    status: str | None = None,
    beneficiary: str | None = None,
    rail: str | None = None,
    programs: Sequence[str] | None = None,
    after: str,
    limit: int,
) -> list[Payout]:
    """Return payouts, filtered."""
    rows = await _page(conn, "payouts", ws, limit, [after], programs, status=status, beneficiary=beneficiary, rail=rail)
    return await _in_order(conn, ws, Payout, rows)


async def advocates(
    conn: asyncpg.Connection,
    ws: str,
    *,
    person: str | None,
    programs: Sequence[str] | None = None,
    after: str,
    limit: int,
) -> list[Advocate]:
    """Return advocates, filtered."""
    rows = await _page(conn, "advocates", ws, limit, [after], programs, person=person)
    return await _in_order(conn, ws, Advocate, rows)


async def programs(conn: asyncpg.Connection, ws: str) -> list[Program]:
    """Return all programs: they are few."""
    return await _in_order(conn, ws, Program, await conn.fetch(_SQL["programs"], ws))


async def members(conn: asyncpg.Connection, ws: str) -> list[Member]:
    """Return all members."""
    return await _in_order(conn, ws, Member, await conn.fetch(_SQL["members"], ws))


async def knows_person(conn: asyncpg.Connection, ws: str, person: str, programs: Sequence[str]) -> bool:
    """Return whether a person has to do with one of these programs: advocate or friend in it, or claimed to be one."""
    return bool(await conn.fetchval(_SQL["knows_person"], ws, person, programs))


async def know_persons(
    conn: asyncpg.Connection, ws: str, persons: Collection[str], programs: Sequence[str]
) -> set[str]:
    """Return which of these persons have to do with one of these programs."""
    return {row["person"] for row in await conn.fetch(_SQL["know_persons"], ws, list(persons), programs)}


async def advocate_person(conn: asyncpg.Connection, ws: str, advocate: str) -> str | None:
    """Return whose advocacy has this id."""
    person: str | None = await conn.fetchval(_SQL["advocate_by_id"], ws, advocate)
    return person


async def payable(
    conn: asyncpg.Connection,
    ws: str,
    unit: str,
    now: int,
    after: str,
    limit: int,
    programs: Sequence[str] | None = None,
) -> list[str]:
    """Return beneficiaries with approved rewards that are due and stand in no payout."""
    rows = await conn.fetch(_SQL["payable"], ws, unit, now, after, limit, programs)
    return [row["beneficiary"] for row in rows]


async def balances(
    conn: asyncpg.Connection,
    ws: str,
    *,
    program: str | None = None,
    owner: str | None = None,
    account: str | None = None,
    after: Sequence[str] = ("", "", "", ""),
    limit: int,
) -> list[Balance]:
    """Return balances other than zero; ``after``: the four parts of a key."""
    rows = await _page(conn, "balances", ws, limit, after, program=program, owner=owner, account=account)
    return [_balance(row) for row in rows]


async def accounts(conn: asyncpg.Connection, ws: str) -> list[Balance]:
    """Return every account that was ever posted to, as a whole: for exports."""
    return [_balance(row) for row in await conn.fetch(_SQL["accounts"], ws)]


def _balance(row: asyncpg.Record) -> Balance:
    return Balance(**{**row, "amount": int(row["amount"])})


async def trial_balance(conn: asyncpg.Connection, ws: str) -> list[tuple[str, str, int]]:
    """Return (unit, class of account, sum); the sums of a unit must add up to zero."""
    return [(unit, account, int(amount)) for unit, account, amount in await conn.fetch(_SQL["trial_balance"], ws)]


async def postings(conn: asyncpg.Connection, ws: str, after: tuple[int, int], limit: int) -> list[PostingRow]:
    """Return postings behind (position, n)."""
    return [PostingRow(*row) for row in await conn.fetch(_SQL["postings"], ws, *after, limit)]


async def postings_before(
    conn: asyncpg.Connection, ws: str, before: tuple[int, int], limit: int, *, of: str | None = None
) -> list[PostingRow]:
    """Return postings before (position, n), the newest first: ``limit`` of all, or those of somebody's newest ``limit`` rewards."""
    if of is None:
        rows = await conn.fetch(_SQL["postings_before"], ws, *before, limit)
    else:
        rows = await conn.fetch(_SQL["postings_for"], ws, *before, of, limit)
    return [PostingRow(*row) for row in rows]


async def postings_of(conn: asyncpg.Connection, ws: str, rewards: Sequence[str]) -> list[PostingRow]:
    """Return all postings of these rewards, in order of the log."""
    return [PostingRow(*row) for row in await conn.fetch(_SQL["postings_of"], ws, rewards)]


async def closing_before(conn: asyncpg.Connection, ws: str, account: str, unit: str, day: str) -> int | None:
    """Return the balance with which the newest statement of an account up to a day ended; None: there is none."""
    found: int | None = await conn.fetchval(_SQL["closing_before"], ws, account, unit, day)
    return found


async def statements_taken(conn: asyncpg.Connection, ws: str, limit: int) -> list[Statement]:
    """Return the statements that were taken last, the newest first."""
    found = [row["id"] for row in await conn.fetch(_SQL["statements_taken"], ws, limit)]
    by_id = {it.id: it for it in await entities.load(conn, ws, Statement, found)}
    return [by_id[id_] for id_ in found]


async def handed_out(conn: asyncpg.Connection, ws: str, limit: int) -> list[Handover]:
    """Return the files for the bank that were handed out last, the newest first, without the payouts in them."""
    rows = await conn.fetch(_SQL["handed_out"], ws, limit)
    return [Handover(**{**row, "sums": msgspec.json.decode(row["sums"]), "payouts": ()}) for row in rows]


async def states_of_file(conn: asyncpg.Connection, ws: str, file: str) -> dict[str, int]:
    """Return how many payouts of a file for the bank are in which state."""
    return {row["status"]: row["count"] for row in await conn.fetch(_SQL["states_of_file"], ws, file)}


async def in_other_files(conn: asyncpg.Connection, ws: str, file: str, payouts: Collection[str]) -> set[str]:
    """Return those of these payouts that stand in another file for the bank, too, which was not refused as a whole."""
    return {row["payout"] for row in await conn.fetch(_SQL["in_other_files"], ws, file, list(payouts))}


async def awaited(conn: asyncpg.Connection, ws: str) -> set[str]:
    """Return the units of payouts that wait for codes."""
    return {row["unit"] for row in await conn.fetch(_SQL["awaited"], ws)}


async def credit_moves(conn: asyncpg.Connection, ws: str, persons: Collection[str], limit: int) -> list[PostingRow]:
    """Return what moved the store credit of somebody, who has these ids, of their newest ``limit`` lots, the newest first."""
    return [PostingRow(*row) for row in await conn.fetch(_SQL["credit_moves"], ws, list(persons), limit)]


async def earned(conn: asyncpg.Connection, ws: str, rewards: Collection[str]) -> list[tuple[str, int, str]]:
    """Return (reward, when its conversion happened, the time zone of its rules) of these rewards."""
    return [tuple(row) for row in await conn.fetch(_SQL["earned"], ws, rewards)]


async def legal_entities(conn: asyncpg.Connection, ws: str) -> dict[str, str]:
    """Return program -> the legal entity that its newest rules name, of those that name one."""
    return {row[0]: row[1] for row in await conn.fetch(_SQL["legal_entities"], ws)}


async def entries_of(
    conn: asyncpg.Connection, ws: str, rewards: Collection[str], subjects: Collection[str], limit: int
) -> list[int]:
    """Return positions at which money moved for these rewards, or somebody approved or released these subjects."""
    return [row[0] for row in await conn.fetch(_SQL["entries_of"], ws, rewards, subjects, limit)]


async def approved_at(conn: asyncpg.Connection, ws: str, subject: str) -> int | None:
    """Return the position of the last approval or release of a subject."""
    position: int | None = await conn.fetchval(_SQL["approved_at"], ws, subject)
    return position


async def approved_each(conn: asyncpg.Connection, ws: str, subjects: Sequence[str]) -> dict[str, int]:
    """Return the position of the last approval or release of each of these subjects that has one."""
    rows = await conn.fetch(_SQL["approved_each"], ws, subjects)
    return {row["id"]: row["position"] for row in rows if row["position"] is not None}


async def decided_at(conn: asyncpg.Connection, ws: str, rewards: Sequence[str]) -> dict[str, int]:
    """Return by reward the position at which its money moved last or somebody approved it."""
    rows = await conn.fetch(_SQL["decided_at"], ws, rewards)
    return {row["id"]: row["position"] for row in rows if row["position"] is not None}


async def cases_about(conn: asyncpg.Connection, ws: str, subjects: Collection[str], limit: int) -> list[str]:
    """Return ids of the cases about these conversions, claims or advocates."""
    return [row[0] for row in await conn.fetch(_SQL["cases_about"], ws, subjects, limit)]


async def events_of_person(conn: asyncpg.Connection, ws: str, person: str, limit: int) -> list[str]:
    """Return the newest events that said something personal of a person, and those of their newest orders."""
    return [row[0] for row in await conn.fetch(_SQL["events_of_person"], ws, person, limit)]


async def events_of_order(conn: asyncpg.Connection, ws: str, order: str, limit: int) -> list[str]:
    """Return the events of refunds and chargebacks of an order."""
    return [row[0] for row in await conn.fetch(_SQL["events_of_order"], ws, order, limit)]


async def undecided_event(conn: asyncpg.Connection, ws: str, evt: str) -> EventRow | None:
    """Return an event that is not decided yet, by its own id."""
    row = await conn.fetchrow(_SQL["undecided"], ws, evt)
    return EventRow(*row) if row else None


async def event_of_sender(conn: asyncpg.Connection, ws: str, source: str, id_: str) -> EventRow | None:
    """Return an event by the id that its sender gave it."""
    row = await conn.fetchrow(_SQL["event_by_source"], ws, source, id_)
    return EventRow(*row) if row else None


async def leaves(conn: asyncpg.Connection, ws: str, after: int, limit: int) -> list[tuple[int, bytes]]:
    """Return (position, leaf) of the log behind a position."""
    return [tuple(row) for row in await conn.fetch(_SQL["leaves"], ws, after, limit)]


async def _page(
    conn: asyncpg.Connection,
    name: str,
    ws: str,
    limit: int,
    after: Sequence[Any],
    programs: Sequence[str] | None = None,
    *,
    backwards: bool = False,
    **filters: str | None,
) -> list[asyncpg.Record]:
    """Return the rows behind ``after`` that every filter with a value lets through; a column of that name must equal it.

    ``backwards``: those before it instead, the nearest first.
    """
    given = {column: value for column, value in filters.items() if value is not None}
    if programs is None:
        statement = filtered(name, len(after), tuple(given))
        return list(await conn.fetch(_turned(statement, backwards=backwards), ws, limit, *after, *given.values()))
    if _OF_PERSON.isdisjoint(given):
        state = given.pop("status", None)
        states = [state] if state is not None else _STATES.get(name, [""])
        more = [programs, states]
    else:
        more = [programs]
    statement = of_programs(name, len(after), tuple(given))
    return list(await conn.fetch(_turned(statement, backwards=backwards), ws, limit, *after, *given.values(), *more))


@cache
def _turned(statement: str, *, backwards: bool) -> str:
    """Return a statement that reads on in order of id, or the same that reads back."""
    if not backwards:
        return statement
    back = statement.replace("id > $3", "id < $3").replace("order by found.id", "order by found.id desc")
    return back.replace("order by id", "order by id desc")


@cache
def filtered(name: str, behind: int, columns: tuple[str, ...], more: str = "") -> str:
    """Return a statement of ``sql/pages.sql`` with filters on these columns; their values come after ``behind`` parts of a key."""
    filters = [f"and {column} = ${place}" for place, column in enumerate(columns, 3 + behind)]
    return _SQL[name].format(filters=" ".join([*filters, more]))


#: What is found by a person is few; anything else by program.
async def count_codes(
    conn: asyncpg.Connection, ws: str, *, person: str | None, programs: Sequence[str] | None, most: int
) -> int | None:
    """Return how many codes advocates have; None: there are more than ``most`` advocates, who are not looked through for it."""
    columns, given = ("person",) * (person is not None), [it for it in (person, programs) if it is not None]
    among = "" if programs is None else f"and program = any(${2 + len(given)}::text[])"
    [row] = await conn.fetch(filtered("count_codes", 0, columns, among), ws, most + 1, *given)
    return None if row["advocates"] > most else int(row["codes"])


_OF_PERSON = {"beneficiary", "friend", "person"}
#: Pages whose rows are found by program and state; the states that there are.
_STATES = {f"{noun}s": [*LIFECYCLES[noun]] for noun in ("reward", "claim", "case", "payout", "referral")}


@cache
def of_programs(name: str, behind: int, columns: tuple[str, ...]) -> str:
    """Return such a statement for some programs: their ids come last, and then the states, unless a person is filtered by.

    A payout has several programs, all of which must be among them.
    """
    last = 3 + behind + len(columns)
    if not _OF_PERSON.isdisjoint(columns):
        condition = f"programs <@ to_jsonb(${last}::text[])" if name == "payouts" else f"program = any(${last}::text[])"
        return filtered(name, behind, columns, f"and {condition}")
    condition = "program = scope.program"
    if name == "payouts":
        condition = f"programs ->> 0 = scope.program and programs <@ to_jsonb(${last}::text[])"
    state = "and status = state.name" if name in _STATES else ""
    page = filtered(name, behind, columns, f"and {condition} {state}").rstrip(";")
    return _SQL["of_programs"].format(programs=f"${last}", states=f"${last + 1}", page=page)


async def _in_order(conn: asyncpg.Connection, ws: str, noun: type[E], rows: Sequence[asyncpg.Record]) -> list[E]:
    keys = [entities.key_of([row[name] for name in noun.KEY]) for row in rows]
    by_key = {entity.key: entity for entity in await entities.load(conn, ws, noun, keys)}
    return [by_key[key] for key in keys if key in by_key]
