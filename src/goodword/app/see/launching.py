"""Whether a program is ready to go live, and what stops one that is: what the gate (``core.launching``) sees, in words."""

from __future__ import annotations

from typing import Final

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from goodword import words
from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.intake.clicks import SOURCE
from goodword.app.principal import Principal, requires
from goodword.app.see import publications
from goodword.core import calendar, launching, routes
from goodword.core import rules as core_rules
from goodword.core.events import LaunchPlan
from goodword.core.launching import Item, Seen
from goodword.core.state import BEFORE_PAYMENT, Member, Program, Routing, Table
from goodword.sources.registry import REGISTRY
from goodword.store import entities, pages, queue, sources
from goodword.store import rules as rule_versions

#: Sources by which anybody may send: with the key that stands in a page, or by following a link.
ANYBODY: Final = {
    SOURCE,
    *(sender.source for source in REGISTRY.values() for sender in source.credential.all() if not sender.verified),
}


class Known(Struct, frozen=True):
    """What the log and the sources tell of a program: see ``ProgramLaunched``."""

    program: Program
    rules: str
    terms: str
    authors: tuple[str, ...]
    heard: dict[str, int]


class Check(Struct, frozen=True):
    """One thing that the gate looks at. ``says``: what was seen, or what is missing and what to do."""

    item: Item
    title: str
    says: str


class Trouble(Struct, frozen=True):
    """Why nothing of a live program is released now. ``program``: its slug; ``since``: when a silent feed was heard last."""

    program: str
    code: str
    says: str
    since: int | None


class Readiness(Struct, frozen=True):
    """What the gate says of a program with a plan: that which it was launched with, unless another one was asked about.

    ``evidence``: the digest of the list of evidence, ``pieces`` what each reward must have, ``rewards`` who may approve each.
    ``gated``: it is a draft until it is launched; in a sandbox a program is live without. ``sources``: those that have delivered.
    """

    program: Program
    plan: LaunchPlan
    checks: tuple[Check, ...]
    evidence: str
    pieces: tuple[str, ...]
    rewards: tuple[str, ...]
    gated: bool
    sources: tuple[str, ...]
    members: tuple[str, ...]
    troubles: tuple[Trouble, ...]

    @property
    def hours(self) -> int:
        """For how many hours a feed may be silent."""
        return self.plan.silence // calendar.HOUR

    @property
    def ready(self) -> bool:
        """Whether nothing is missing."""
        return all(one.item.why is None for one in self.checks)


async def known(conn: asyncpg.Connection, ws: str, program: str) -> Known | None:
    """Return what is known of a program, by its id; None: there is none."""
    found = await entities.load(conn, ws, Program, [program])
    if not found:
        return None
    [it] = found
    rules, authors = await publications.authors(conn, ws, program)
    told = await publications.told(conn, ws, it, len(it.versions))
    terms = told.sha256 if told.recorded else ""
    return Known(it, rules, terms, authors, await sources.last(conn, ws))


@requires("program.read")
async def readiness(who: Principal, directory: Directory, named: str, plan: LaunchPlan | None = None) -> Readiness:
    """Return what the gate says of a program, by its id or slug. Raises UnknownError for one that there is not.

    What ``plan`` leaves out is what the program was launched with.
    """
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        its = [it for it in await pages.programs(conn, ws) if who.sees(it.id) and named in (it.id, it.slug)]
        if not its:
            raise UnknownError("program")
        it = await known(conn, ws, its[0].id)
        assert it is not None  # noqa: S101 - it was read a moment ago, in one snapshot
        members = await entities.every(conn, ws, Member)
        table = _newest(await entities.load(conn, ws, Routing, [routes.ID]))
        [(number, document)] = await rule_versions.documents(conn, ws, [it.rules])
    program, means = it.program, core_rules.version(document, number).means
    asked = _together(program.launch.plan if program.launch is not None else LaunchPlan(), plan or LaunchPlan())
    seen = Seen(
        program=program.id,
        plan=asked,
        at=directory.now(),
        rules=it.rules,
        means=means,
        table=table,
        members=members,
        authors=it.authors,
        terms=it.terms,
        heard=launching.counting(it.heard, asked, ANYBODY),
        ended=program.status == "ended",
    )
    return Readiness(
        program,
        asked,
        tuple(_check(one) for one in launching.gate(seen)),
        launching.evidence(means, table, program.id),
        words.launching.pieces(),
        tuple(words.launching.reward(piece) for piece in launching.pieces(means, table, program.id)),
        program.status == "draft",
        tuple(sorted(it.heard)),
        tuple(one.id for one in members if seen.able(one.id, launching.OWNS) and one.became is None),
        tuple(_troubles(program, members)),
    )


@requires("program.read")
async def troubles(who: Principal, directory: Directory) -> list[Trouble]:
    """Return why nothing of which programs is released now, by program; of one that is ended while something of it waits."""
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        its = [it for it in await pages.programs(conn, ws) if who.sees(it.id) and it.launch is not None]
        if not its:
            return []
        members = await entities.every(conn, ws, Member)
        found = [(it, trouble) for it in its for trouble in _troubles(it, members)]
        over = {it.id for it, _ in found if it.status == "ended"}
        paid = {id_ for id_ in over if not any((await queue.counts(conn, ws, BEFORE_PAYMENT, 1, [id_])).values())}
    return [trouble for it, trouble in found if it.id not in paid]


def _troubles(program: Program, members: list[Member]) -> list[Trouble]:
    return [
        Trouble(program.slug, code, words.refusal(code), values.get("last_at"))
        for code, values in launching.troubles(program, members)
    ]


def _together(said: LaunchPlan, asked: LaunchPlan) -> LaunchPlan:
    given = {name: value for name in LaunchPlan.__struct_fields__ if (value := getattr(asked, name))}
    together = replace(said, **given)
    return together if together.silence else replace(together, silence=launching.USUAL)


def _newest(found: list[Routing]) -> Table | None:
    return found[0].versions[-1] if found else None


def _check(item: Item) -> Check:
    return Check(item, words.launching.title(item.item), words.launching.told(item))
