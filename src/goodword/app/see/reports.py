"""Reports: what happened in a workspace. The summary is worked out from all stored rows; the overview reads the figures of days.

Figures follow the log: what is told of them says up to which entry they are true. Must not know: SQL, HTTP.
"""

from __future__ import annotations

import hashlib
from itertools import pairwise
from typing import Any, Literal

import asyncpg
from msgspec import Struct
from msgspec.structs import asdict

from goodword.app.directory import Directory
from goodword.app.errors import ConflictError
from goodword.app.follow.figures import FOLLOWER as FIGURES
from goodword.app.follow.lag import Lag, lags
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, paging
from goodword.core import calendar, rollup, rules
from goodword.core.money import CURRENCIES
from goodword.core.state import Program
from goodword.store import figures, log, pages, people, reports, workspaces
from goodword.store import rules as rule_versions
from goodword.store.workspaces import Workspace

_PIECE = 1_000  # names that are unsealed at a time
_TOP = 10
_MOST_AGREED = 1_000  # rows: three of each member and version
#: What makes a figure one of a day.
By = Literal["decided", "occurred"]


class Total(Struct, frozen=True):
    """What a metric came to in a unit (empty: it is only counted)."""

    metric: str
    unit: str
    count: int
    amount: int


class Overview(Struct, frozen=True):
    """``begin`` up to, and without, ``end``: days in ``zone``, ``starts`` when the first and the last of them begin.

    ``by``: whether a day is that of deciding or of occurring. ``program``: its id, None: all that are shown.

    ``accounts``: (unit, class, what it holds). Figures and accounts are true up to ``as_of_position``; ``lag_seconds``: how long ago
    the first event that they lack came in, 0 if they lack none.
    """

    begin: str
    end: str
    starts: tuple[int, int]
    zone: str
    by: By
    program: str | None
    position: int
    as_of: int
    as_of_position: int
    lag_seconds: float
    totals: list[Total]
    days: dict[str, list[Total]]
    accounts: list[tuple[str, str, int]]
    queue: dict[str, int]


@requires("report.read")
async def overview(
    who: Principal,
    directory: Directory,
    begin: str | None = None,
    end: str | None = None,
    program: str | None = None,
    *,
    zone: str = "UTC",
    by: By = "decided",
) -> Overview:
    """Return the figures of days such as 2011-03-27, by default the last 30 of the workspace's clock.

    ``program``: an id or a slug; without one they are of all, or of those that the reader is limited to.
    ``zone``: whose days they are. By ``occurred`` a figure belongs to the day on which it happened, or its conversion did, by
    ``decided`` to that on which the workspace's clock showed it decided. It costs what its days cost, however long the history.
    Raises InvalidError, and UnknownError for a program that there is not.
    """
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        stream = await log.stream(conn, ws)
        begin, end = filters.window(begin, end, stream.now(directory.now()), zone)
        starts = {day: calendar.day_begins(day, zone) for day in [*calendar.days_between(begin, end), end]}
        slots = {day: calendar.utc_slot(at) for day, at in starts.items()}
        whole = {day: rollup.span(*both) for day, both in zip(slots, pairwise(slots.values()), strict=False)}
        programs = await filters.programs(conn, who, program)
        rows = await figures.days(conn, ws, whole, programs, by)
        accounts = await figures.accounts(conn, ws, programs)
        behind = [lag for lag in await lags(conn, directory.now(), ws) if lag.follower == FIGURES.name]
        queue = await reports.queue(conn, ws, stream.now(directory.now()), who.programs)
    days: dict[str, list[Total]] = {day: [] for day in whole}
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for figure in rows:
        metric, unit, count, amount = figure.metric, figure.unit, figure.count, figure.amount
        days[figure.day].append(Total(metric, unit, count, amount))
        before = sums.get((metric, unit), (0, 0))
        sums[metric, unit] = before[0] + count, before[1] + amount
    totals = [Total(*key, *both) for key, both in sorted(sums.items())]
    return Overview(
        begin,
        end,
        (starts[begin], starts[end]),
        zone,
        by,
        programs[0] if program is not None and programs is not None else None,
        stream.position,
        stream.as_of,
        behind[0].position if behind else stream.position,
        behind[0].seconds if behind else 0.0,
        totals,
        days,
        accounts,
        queue,
    )


class Agreed(Struct, frozen=True):
    """How often a member decided as was recommended of rewards of one version of the rules, otherwise, or was asked to look closer.

    ``program``: a slug; ``version``: from 1, None where the program has no such one. ``mail`` is None for who may see none.
    """

    member: str
    mail: str | None
    program: str
    version: int | None
    agreed: int
    differed: int
    looked: int


@requires("report.read")
async def agreement(who: Principal, directory: Directory) -> list[Agreed]:
    """Return how often each member agreed with what was recommended, by version of the rules; who differs most comes first."""
    ws = who.workspace
    async with directory.snapshot() as conn:
        programs: list[Program] = await pages.programs(conn, ws.id)
        rows = await figures.agreement(conn, ws.id, _MOST_AGREED)
        mails = await workspaces.mails(conn, ws) if who.may("member.mails") else {}
    of = {hash_: it for it in programs if who.sees(it.id) for _, hash_ in it.versions}
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for member, hash_, how, count in rows:
        if hash_ in of:
            counts.setdefault((member, hash_), {})[how] = count
    found = [
        Agreed(
            member,
            mails.get(member),
            of[hash_].slug,
            paging.number(of[hash_].versions, hash_),
            *(said.get(how, 0) for how in ("agreed", "differed", "looked")),
        )
        for (member, hash_), said in counts.items()
    ]
    return sorted(found, key=lambda one: (-one.differed, -one.agreed, one.member))


@requires("summary.read")
async def summary(who: Principal, directory: Directory, currency: str | None = None) -> dict[str, Any]:
    """Return the year of a workspace in one currency (without one: the oldest program's), amounts in minor units.

    Rewards count as earned less reversals, whatever their review state. Who may see no names is given ids in their place.
    Raises ConflictError without any program, InvalidError for a currency that there is not.
    """
    ws = who.workspace
    filters.choice("currency", currency, CURRENCIES)
    async with directory.snapshot() as conn:
        unit = currency or await _currency(conn, ws.id)
        types = await reports.events_by_type(conn, ws.id)
        counts = await reports.counts(conn, ws.id)
        sides = await reports.rewards(conn, ws.id, unit)
        gross, refunded = await reports.revenue(conn, ws.id, unit)
        net = await reports.net_by_advocate(conn, ws.id, unit)
        if who.may("person.names"):
            net = await _by_name(conn, directory, ws, net)
    friend = asdict(sides.get("friend", reports.RewardSums()))
    friend.pop("reversed_partly")
    return {
        "distinct_events": sum(types.values()),
        "conversions": types.get("conversion.recorded", 0),
        "refunds": types.get("conversion.refunded", 0),
        "monthly_cap_refusals": counts["monthly_cap_refusals"],
        "advocates": counts["advocates"],
        "clicks": types.get("click.recorded", 0),
        "leads": types.get("lead.created", 0),
        "attributed_leads": counts["attributed_leads"],
        "qualifying_conversions": counts["qualifying_conversions"],
        "advocate_rewards": asdict(sides.get("advocate", reports.RewardSums())),
        "friend_rewards": friend,
        "revenue_gross": gross,
        "revenue_refunded": refunded,
        "net_by_advocate_sha256": _digest(net),
        "advocates_with_net": len(net),
        "top_advocates": [list(pair) for pair in sorted(net.items(), key=lambda pair: (-pair[1], pair[0]))[:_TOP]],
        "workspace": ws.id,
    }


@requires("report.read")
async def queue(who: Principal, directory: Directory) -> dict[str, int]:
    """Return how much waits for people, of the programs that are shown, by what it is; each is counted up to a limit."""
    async with directory.reading() as conn:
        now = (await log.stream(conn, who.workspace.id)).now(directory.now())
        return await reports.queue(conn, who.workspace.id, now, who.programs)


class Progress(Struct, frozen=True):
    """Where deciding stands, and the followers that lack entries."""

    deciding: reports.Progress
    behind: list[Lag]


@requires("progress.read")
async def progress(who: Principal, directory: Directory) -> Progress:
    """Return where deciding stands, and what follows it."""
    async with directory.snapshot() as conn:
        ws = who.workspace.id
        return Progress(await reports.progress(conn, ws), await lags(conn, directory.now(), ws))


@requires("progress.read")
async def given_up(who: Principal, directory: Directory) -> dict[str, int]:
    """Return how many jobs were given up, by kind; their error stands in the database, and what is owed stays owed."""
    async with directory.reading() as conn:
        return await reports.given_up(conn, who.workspace.id)


async def _currency(conn: asyncpg.Connection, ws: str) -> str:
    programs: list[Program] = await pages.programs(conn, ws)
    if not programs:
        raise ConflictError("no_program", "Publish a program first, or name a currency.")
    semantics, text = (await rule_versions.documents(conn, ws, [programs[0].versions[-1][1]]))[0]
    return rules.version(text, semantics).rules.currency


async def _by_name(
    conn: asyncpg.Connection, directory: Directory, ws: Workspace, net: dict[str, int]
) -> dict[str, int]:
    """Name the advocates as their company does; an erased one keeps the random id."""
    persons = sorted(net)
    named: dict[str, int] = {}
    for start in range(0, len(persons), _PIECE):
        piece = persons[start : start + _PIECE]
        texts = await people.texts(conn, ws.id, ws.keys, directory.vault, piece)
        named |= {texts.get(person, person): net[person] for person in piece}
    return named


def _digest(net: dict[str, int]) -> str:
    lines = "\n".join(f"{name},{amount}" for name, amount in sorted(net.items()))
    return hashlib.sha256(lines.encode()).hexdigest()
