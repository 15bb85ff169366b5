"""Programs and their rule versions."""

from __future__ import annotations

import asyncpg
from msgspec import Struct

from goodword import words
from goodword.app.addresses import join_of
from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import publications
from goodword.core import rules as core_rules
from goodword.core.entry import Entry
from goodword.core.rules import ANY, RuleVersion
from goodword.core.stages.limits import spent_key
from goodword.core.state import Counter, Program
from goodword.sources import rule_yaml
from goodword.store import entities, pages
from goodword.store import rules as rule_versions
from goodword.words.rules import Changed, Heading


class Version(Struct, frozen=True):
    """A rule version in force since ``at``. ``number``: from 1; ``until``: when the next one began."""

    number: int
    rules: str
    at: int
    until: int | None


class Published(Struct, frozen=True):
    """Who published a version: the position of its entry, and the member or key."""

    position: int
    actor: str | None


class Spent(Struct, frozen=True):
    """What of a budget is used. ``unit``: a currency; ``used`` may be more than ``most`` where a later version lowered it."""

    unit: str
    used: int
    most: int


class Whole(Struct, frozen=True):
    """A program with one of its versions in words and as a file, and what it changed of another.

    ``name``: what people see; ``versions``: the newest first; ``published``: None for who may not read the log; ``changes``: against
    ``against``, None: there is none before. ``budget``: of the newest version, by currency. ``join``: where people join, if they may.
    """

    program: Program
    name: str
    versions: tuple[Version, ...]
    version: Version
    rules: tuple[Heading, ...]
    yaml: str
    published: Published | None
    against: int | None
    changes: tuple[Changed, ...]
    budget: tuple[Spent, ...]
    join: str | None


@requires("program.read")
async def every(who: Principal, directory: Directory) -> list[Program]:
    """Return all programs, the oldest first: they are few."""
    async with directory.reading() as conn:
        return [program for program in await pages.programs(conn, who.workspace.id) if who.sees(program.id)]


@requires("program.read")
async def budgets(who: Principal, directory: Directory) -> dict[str, tuple[Spent, ...]]:
    """Return what of each budget is used, by the slugs of the programs that go on and have one: those of their newest versions."""
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        known = [it for it in await pages.programs(conn, ws) if who.sees(it.id) and it.status != "ended"]
        versions = await _versions(conn, ws, {program.versions[-1][1] for program in known})
        counters = {
            it.program: it for it in await entities.load(conn, ws, Counter, [spent_key(one.id) for one in known])
        }
    spent = {it.slug: _budget(versions[it.versions[-1][1]], counters.get(it.id)) for it in known}
    return {slug: units for slug, units in spent.items() if units}


@requires("program.read")
async def rules(who: Principal, directory: Directory, version: str) -> str:
    """Return the canonical text of a rule version by its hash, every default written out. Raises UnknownError."""
    async with directory.reading() as conn:
        known = [program for program in await pages.programs(conn, who.workspace.id) if who.sees(program.id)]
        documents = await rule_versions.documents(conn, who.workspace.id, [version])
    if not documents or all(version != hash_ for program in known for _, hash_ in program.versions):
        raise UnknownError("rule version")
    return documents[0][1]


@requires("program.read")
async def joins(who: Principal, directory: Directory) -> list[tuple[Program, str | None]]:
    """Return all programs, each with where people join it: where its newest rules let them, and it has not ended."""
    its, ws = await every(who, directory), who.workspace.id
    async with directory.reading() as conn:
        versions = await _versions(conn, ws, {it.versions[-1][1] for it in its})
    return [(it, _join(directory, ws, it, versions[it.versions[-1][1]])) for it in its]


def _join(directory: Directory, ws: str, program: Program, newest: RuleVersion) -> str | None:
    opened = newest.means.sharing.join == "open" and program.status != "ended"
    return join_of(directory.engine.url, ws, program.slug) if opened else None


@requires("program.read")
async def whole(
    who: Principal, directory: Directory, named: str, number: int | None = None, against: int | None = None
) -> Whole:
    """Return a program, by its id or slug, with a version, by default the newest, and what that changed of another.

    ``against``: by default the one before. Raises UnknownError for a program or a version that there is not.
    """
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        known = [it for it in await pages.programs(conn, ws) if who.sees(it.id) and named in (it.id, it.slug)]
        if not known:
            raise UnknownError("program")
        [program] = known
        number = len(program.versions) if number is None else number
        against = number - 1 if against is None else against
        if not 1 <= number <= len(program.versions) or not 0 <= against <= len(program.versions):
            raise UnknownError("version of this program")
        (at, hash_), newest = program.versions[number - 1], program.versions[-1][1]
        other = program.versions[against - 1][1] if against else None
        versions = await _versions(conn, ws, {hash_, newest, other or hash_})
        counters = await entities.load(conn, ws, Counter, [spent_key(program.id)])
        entry = await publications.entry(conn, ws, at, hash_) if who.may("log.read") else None
    means = versions[hash_].means
    every_version = _dated(program)
    return Whole(
        program,
        versions[newest].means.name or program.slug,
        tuple(reversed(every_version)),
        every_version[number - 1],
        tuple(words.rules.told(means)),
        rule_yaml.text(versions[hash_].rules),
        _published(entry),
        against or None,
        tuple(words.rules.changes(versions[other].means, means)) if other is not None else (),
        _budget(versions[newest], counters[0] if counters else None),
        _join(directory, ws, program, versions[newest]),
    )


def _dated(program: Program) -> list[Version]:
    ends = [at for at, _ in program.versions[1:]] + [None]
    return [
        Version(number, hash_, at, until)
        for number, ((at, hash_), until) in enumerate(zip(program.versions, ends, strict=True), 1)
    ]


async def _versions(conn: asyncpg.Connection, ws: str, hashes: set[str]) -> dict[str, RuleVersion]:
    documents = await rule_versions.documents(conn, ws, hashes)
    return {version.hash: version for version in (core_rules.version(text, number) for number, text in documents)}


def _published(entry: Entry | None) -> Published | None:
    if entry is None:
        return None
    actor = entry.facts.actor
    return Published(entry.position, actor.id if actor is not None else None)


def _budget(newest: RuleVersion, counter: Counter | None) -> tuple[Spent, ...]:
    budget = newest.means.budget or {}
    used = counter.amounts if counter is not None else {}
    units = [unit for unit in dict.fromkeys([*budget, *(used if ANY in budget else ())]) if unit != ANY]
    return tuple(Spent(unit, used.get(unit, 0), budget.get(unit, budget.get(ANY, 0))) for unit in units)
