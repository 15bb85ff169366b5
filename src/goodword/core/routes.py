"""Routes: which role decides a reward, who stands in for it, and by when it is promised: one table of the workspace, from the top.

A table is a document, immutable and named by its hash. The first of its rows that a reward meets is the reward's route, and the last
one takes whatever is left: so each reward has exactly one. It is chosen when a reward is earned, and again when what it is chosen by
has changed (a flag, the amount) or it begins another stay in review; a promise that was made stays as it was made. Where no table was
published, an approver decides within the days of the program's rules.

Must not know: how a table comes to hold (``routing``), what is done by who decides (``reviews``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from typing import Annotated, Final, NamedTuple

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from goodword.core import access, canonical, hands, kin, money
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.facts import Actor
from goodword.core.kinds.conditions.trait import Token
from goodword.core.kinds.rewards import Kind
from goodword.core.kinds.signals import families
from goodword.core.rules import Minor, Slug
from goodword.core.stages import limits
from goodword.core.state import Member, Reward, Routed, Routing, Table

#: What standing in for a role takes.
PERMISSION: Final = "reward.approve"
#: What deciding a reward takes: a route names one of the roles that have it. Who has no more than it decides what is routed to them.
DECIDES: Final = "reward.decide"
#: The roles that a route may name. An owner has each of them.
ROLES: Final = tuple(role for role, may in access.ROLES.items() if DECIDES in may)
#: In the place of a flag: any of them. In the place of a currency: points, of any program.
ANY, POINTS = "any", "points"
#: Above which two members approve.
LIMITS: Final = ("two_above", "per_advocate")
#: The one entity.
ID: Final = "routing"
MOST_ROUTES: Final = 100
MOST_VERSIONS: Final = 200

Unit = Annotated[str, Meta(pattern="^([A-Z]{3}|points)$(?!\\n)", description="ISO 4217, or points")]
Amounts = Annotated[dict[Unit, Minor], Meta(min_length=1, max_length=64)]


class Row(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One route: rewards that meet all that it names are decided by ``role`` within ``days``; behind them ``fallback`` may, too.

    ``kinds``, ``programs`` (ids), ``flags`` (codes that were raised on it, or ``any``): one of them is met; empty: not asked.
    ``at_least`` and ``below``: unit -> minor units, the second no part of it; money that they do not name is not met.
    ``two_above`` and ``per_advocate``: likewise, above how much two members approve: of a reward, and of what was approved for its
    beneficiary by routes with such a limit, together with it. Money that they do not name has none. Where nothing is said of them they
    stand in no text of a table: those of before keep their names.
    """

    name: Slug
    role: str
    fallback: Token
    days: Annotated[int, Meta(ge=0, le=365)]
    kinds: Annotated[tuple[Kind, ...], Meta(max_length=16)] = ()
    programs: Annotated[tuple[Token, ...], Meta(max_length=100)] = ()
    flags: Annotated[tuple[Token, ...], Meta(max_length=64)] = ()
    at_least: Amounts | None = None
    below: Amounts | None = None
    two_above: Amounts | UnsetType = UNSET
    per_advocate: Amounts | UnsetType = UNSET

    @property
    def takes_all(self) -> bool:
        """Whether it asks nothing of a reward."""
        return not (self.kinds or self.programs or self.flags or self.at_least or self.below)


class Document(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table as it is written: its rows, the first that is met holds."""

    routes: Annotated[tuple[Row, ...], Meta(min_length=1, max_length=MOST_ROUTES)]


class Chosen(NamedTuple):
    """The row of a table that a reward meets, its place from the top, and what of the reward it was chosen by."""

    place: int
    row: Row
    why: tuple[str, ...]


def text_of(document: Document) -> str:
    """Return the canonical text of a table, with every default written out."""
    return canonical.encode(document).decode()


def hash_of(text: str) -> str:
    """Return the hash that names a table."""
    return hashlib.sha256(f"goodword:routing\n{text}".encode()).hexdigest()


@lru_cache(maxsize=256)
def read(text: str) -> Document:
    """Return the table that a text is. Raises msgspec.DecodeError for a text that is none."""
    return msgspec.json.decode(text, type=Document)


def problems(document: Document) -> Iterator[tuple[str, str]]:
    """Yield what makes a table senseless though every value has the right type: where it stands, and the code of what was expected."""
    names: set[str] = set()
    last = len(document.routes) - 1
    for place, row in enumerate(document.routes):
        path = f"routes.{place}"
        if row.name in names:
            yield f"{path}.name", "taken"
        names.add(row.name)
        if row.role not in ROLES:
            yield f"{path}.role", "role"
        if row.takes_all and place < last:
            yield path, "hides"
        if place == last and not row.takes_all:
            yield path, "rest"
        for flag in row.flags:
            if flag != ANY and flag not in families.SORTS:
                yield f"{path}.flags", "flag"
        for name in ("at_least", "below", *LIMITS):
            if any(unit != POINTS and unit not in money.CURRENCIES for unit in getattr(row, name) or ()):
                yield f"{path}.{name}", "unit"
        least, below = row.at_least or {}, row.below or {}
        for unit in sorted({*least, *below}):
            if (row.at_least and row.below) and (unit not in least or unit not in below):
                yield f"{path}.below", "units"
            elif unit in below and below[unit] <= least.get(unit, 0):
                yield f"{path}.below", "range"


def misplaced(draft: Draft, document: Document) -> Iterator[tuple[str, str]]:
    """Yield what a table names that is not there now: its programs, and members who may stand in for a role."""
    programs = {program.id for program in draft.programs()}
    for place, row in enumerate(document.routes):
        if not programs.issuperset(row.programs):
            yield f"routes.{place}.programs", "program"
        if not stands_in(partial(hands.known, draft), row):
            yield f"routes.{place}.fallback", "fallback"


def stands_in(find: Callable[[str], Member | None], row: Row) -> bool:
    """Return whether the fallback of a route may approve all that it takes, where members are found so."""
    return hands.able(find, row.fallback, PERMISSION, *row.programs) is not None


def narrows(before: Document, after: Document) -> bool:
    """Return whether a table only takes away from another.

    Row by row it has the same rewards and fallback, no more roles, no more days, and no higher limit.
    """
    if len(before.routes) != len(after.routes):
        return False
    return all(
        replace(now, role=was.role, days=was.days, **{name: getattr(was, name) for name in LIMITS}) == was
        and now.days <= was.days
        and now.role in (was.role, "owner")
        and all(_no_higher(getattr(was, name) or {}, getattr(now, name) or {}) for name in LIMITS)
        for was, now in zip(before.routes, after.routes, strict=True)
    )


def _no_higher(was: dict[str, int], now: dict[str, int]) -> bool:
    """Whether limits are as low as they were for every unit: one that is not named has none."""
    return all(unit in now and now[unit] <= most for unit, most in was.items())


def choose(document: Document, reward: Reward, flags: Iterable[str]) -> Chosen:
    """Return the route of a reward on which these flags were raised: the first that it meets."""
    raised = frozenset(flags)
    for place, row in enumerate(document.routes):
        why = _met(row, reward, raised)
        if why is not None:
            return Chosen(place, row, why)
    raise AssertionError("a table whose last route asks something")


def _met(row: Row, reward: Reward, flags: frozenset[str]) -> tuple[str, ...] | None:
    """By what of a reward a row is met; None: it is not."""
    why = []
    if row.kinds:
        if reward.kind not in row.kinds:
            return None
        why.append("kind")
    if row.programs:
        if reward.program not in row.programs:
            return None
        why.append("program")
    if row.flags:
        if not (flags if ANY in row.flags else flags.intersection(row.flags)):
            return None
        why.append("flag")
    if row.at_least is not None or row.below is not None:
        unit, amount = _unit(reward), worth(reward)
        least, below = row.at_least or {unit: 0}, row.below or {unit: amount + 1}
        if unit not in least or unit not in below or not least[unit] <= amount < below[unit]:
            return None
        why.append("amount")
    return tuple(why)


def _unit(reward: Reward) -> str:
    """The unit of a reward as tables name it."""
    return POINTS if reward.unit.startswith("points:") else reward.unit


def worth(reward: Reward) -> int:
    """What of a reward its route is chosen by: what is owed, or what would be sent, where that is more."""
    return max(reward.amount, reward.unsent)


# --- the table that holds, and what it says of a reward ---------------------------------------------------------------


def routing(draft: Draft) -> Routing | None:
    """Return the tables of the workspace. It is loaded always: where it is not here, none was published."""
    put: Routing | None = draft.puts.get((Routing, ID))  # type: ignore[assignment]
    return put or draft.state.tables[Routing].get(ID)  # type: ignore[return-value]


def current(draft: Draft) -> Table | None:
    """Return the table that holds now; None: none was published."""
    now = routing(draft)
    return now.versions[-1] if now is not None else None


def routed(draft: Draft, reward: Reward, flags: Iterable[str] | None = None) -> Reward:
    """Return the reward with its route by the table that holds now. ``flags``: those that are raised with it; None: its own."""
    table = current(draft)
    if table is None:
        return reward
    chosen = choose(read(table.text), reward, [mark.code for mark in reward.marks] if flags is None else flags)
    row = chosen.row
    most = [(getattr(row, name) or {}).get(_unit(reward)) for name in LIMITS]
    route = Routed(table.hash, row.name, chosen.place, row.role, row.fallback, row.days, chosen.why, *most)
    return reward if route == reward.route else replace(reward, route=route)


def step(reward: Reward) -> list[Step]:
    """Return the step that shows a reward's route, if it has one."""
    route = reward.route
    if route is None:
        return []
    values = {"table": route.table, "route": route.name, "place": route.place + 1, "role": route.role}
    steps = [Step("route", {**values, "fallback": route.fallback, "days": route.days, "why": list(route.why)})]
    most = {name: most for name in LIMITS if (most := getattr(route, name)) is not None}
    return [*steps, *([Step("route_limits", {**most, "unit": reward.unit})] if most else [])]


def has_role(actor: Actor, route: Routed) -> bool:
    """Return whether who acts has the role of a route. An owner has every role."""
    return route.role in actor.roles or "owner" in actor.roles


def given(actor: Actor, rewards: Iterable[Reward | None]) -> bool:
    """Return whether all of these are routed to a role of who acts, in their programs: so they decide them, whatever else they may."""
    return access.allowed(actor, DECIDES) and all(
        it is not None and it.route is not None and it.route.role in actor.roles and access.covers(actor, it.program)
        for it in rewards
    )


def is_fallback(draft: Draft, member: str, route: Routed) -> bool:
    """Return whether a member is the fallback of a route, also under the id that they go on by since they proved who they are."""
    named = hands.known(draft, route.fallback)
    return member == route.fallback or (named is not None and named.became == member)


def refusal(draft: Draft, reward: Reward, actor: Actor, decide_by: int) -> tuple[str, Step] | None:
    """Return why a member does not decide a reward by its route: they have not its role, and are not its fallback behind its time."""
    route = reward.route
    if route is None or has_role(actor, route):
        return None
    if draft.as_of >= decide_by and is_fallback(draft, actor.id, route):
        return None
    values = {"item": reward.id, "route": route.name, "role": route.role, "fallback": route.fallback, "from": decide_by}
    return "routed_elsewhere", Step("routed", values)


# --- the limits above which two approve ------------------------------------------------------------------------------


def key_of(person: str) -> tuple[str, str, str, str]:
    """The key of the counter of what was approved for somebody by routes with such a limit, ever."""
    return "", person, "approved", limits.EVER


def limited(rewards: Iterable[Reward]) -> dict[tuple[str, str], list[Reward]]:
    """Return those of some rewards that count for somebody, by beneficiary and unit: whose routes say so."""
    found: dict[tuple[str, str], list[Reward]] = {}
    for reward in rewards:
        if reward.route is not None and reward.route.per_advocate is not None:
            found.setdefault((reward.beneficiary, reward.unit), []).append(reward)
    return found


def count(draft: Draft, rewards: Iterable[Reward]) -> None:
    """Count what is approved of these for their beneficiaries: it stays counted, whatever becomes of it."""
    for (person, unit), its in limited(rewards).items():
        limits.add(draft, key_of(person), len(its), unit, sum(reward.unsent for reward in its))


def two(draft: Draft, rewards: Iterable[Reward]) -> Step | None:
    """Return why these are approved by two members by their routes; None: one is enough."""
    rewards = [*rewards]
    for reward in rewards:
        route = reward.route
        if route is not None and route.two_above is not None and worth(reward) > route.two_above:
            values = {"item": reward.id, "amount": worth(reward), "unit": reward.unit, "limit": route.two_above}
            return Step("route_two_above", {**values, "route": route.name})
    for (person, unit), its in limited(rewards).items():
        names = kin.all_of(draft.get, person)
        used = sum(limits.counter(draft, key_of(name)).amounts.get(unit, 0) for name in names)
        together = used + sum(reward.unsent for reward in its)
        most, name = min((it.route.per_advocate or 0, it.route.name) for it in its if it.route is not None)
        if together > most:
            values = {"beneficiary": person, "sum": money.told(together), "unit": unit, "limit": most, "route": name}
            return Step("route_per_advocate", values)
    return None


# --- how a table comes to hold ----------------------------------------------------------------------------------------

_STEPS: Final = 20  # problems that a refusal tells


def unfit(draft: Draft, text: str, named: str | None = None) -> Verdict | None:
    """Return why a text is no table that could hold now; ``named``: the hash by which it was named."""
    try:
        document = read(text)
    except msgspec.DecodeError as error:
        return refused("command", "routing_invalid", Step("problem", {"path": "", "expected": str(error)[:200]}))
    found = [*problems(document)] or [*misplaced(draft, document)]
    if text_of(document) != text or (named is not None and hash_of(text) != named):
        found = [*found, ("table", "hash")]
    if found:
        told = [Step("misrouted", {"path": path, "expected": code}) for path, code in found[:_STEPS]]
        return refused("command", "routing_invalid", *told)
    now = routing(draft)
    if now is not None and len(now.versions) >= MOST_VERSIONS:
        return refused("command", "too_many", Step("versions", {"most": MOST_VERSIONS}))
    return None


def hold(draft: Draft, text: str, by: str, confirmed_by: str | None) -> None:
    """Let a table hold from now on, for what is routed from now on."""
    table = Table(hash=hash_of(text), text=text, at=draft.as_of, evt=draft.evt, by=by, confirmed_by=confirmed_by)
    before = routing(draft)
    draft.put(Routing(id=ID, versions=(*(before.versions if before is not None else ()), table)))
