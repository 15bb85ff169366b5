"""Programs: rule files are published, programs go live, are paused, resumed and ended."""

from __future__ import annotations

import asyncio

from msgspec import Struct
from msgspec.structs import replace

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.proof import terms
from goodword.app.say.said import say
from goodword.app.see import filters, launching
from goodword.app.write.commands import Stamp, content_of
from goodword.core import calendar, rules
from goodword.core import launching as core_launching
from goodword.core.entry import Entry
from goodword.core.events import LaunchPlan, ProgramLaunched, ProgramMoved, ProgramPublished
from goodword.sources import rule_file
from goodword.words import lint
from goodword.words.catalogue import languages
from goodword.words.terms import text


@requires("program.publish")
async def publish(who: Principal, directory: Directory, data: bytes, name: str, key: str | None = None) -> Entry:
    """Publish a rule file, with its terms as they are said today; ``name`` is its file name.

    Raises RuleFileErrors with everything that is wrong in it, and with what its texts may not say.
    """
    read = rule_file.read(data, name, also=lint.of_rules)
    document = rules.document(read)
    version = rules.version(document)
    said = {one: text(await asyncio.to_thread(terms.of, version, one)) for one in languages()}

    def made(stamp: Stamp) -> ProgramPublished:
        return ProgramPublished(**stamp, slug=read.program, rules=version.hash, document=document)

    # A repeat of the same rules is one also where later words would say their terms otherwise.
    content = content_of(made(Stamp(evt="", source="", occurred_at=0, accepted_at=0)))
    gated = who.workspace.mode == "live"
    return await say(who, directory, lambda s: replace(made(s), terms=said, gated=gated), key, content=content)


class Wanted(Struct, frozen=True, kw_only=True):
    """A program is to go live with this plan. ``program``: by id or slug; members by id, ``hours``: of silence, ``every``: in days."""

    program: str
    owner: str
    trigger: str
    billing: str
    hours: int
    evidence: str
    measures: tuple[str, ...]
    every: int
    looks: str

    @property
    def plan(self) -> LaunchPlan:
        """The plan as it is said."""
        return LaunchPlan(
            owner=self.owner,
            trigger=self.trigger,
            billing=self.billing,
            silence=self.hours * calendar.HOUR,
            evidence=self.evidence,
            measures=self.measures,
            every=self.every,
            looks=self.looks,
        )


@requires("program.publish")
async def launch(who: Principal, directory: Directory, wanted: Wanted, key: str | None = None) -> Entry:
    """Let a program go live, if the gate finds nothing missing; of one that is live already say anew what goes with it."""
    async with directory.snapshot() as conn:
        program = await filters.named(conn, who.workspace.id, wanted.program)
        known = await launching.known(conn, who.workspace.id, program)
    now = directory.now()

    def made(stamp: Stamp) -> ProgramLaunched:
        # Sources deliver by real time; the workspace's own clock may be another.
        told = core_launching.counting(known.heard, wanted.plan, launching.ANYBODY) if known else {}
        heard = {name: stamp["accepted_at"] - (now - at) for name, at in told.items()}
        return ProgramLaunched(
            **stamp,
            program=program,
            plan=wanted.plan,
            rules=known.rules if known else "",
            terms=known.terms if known else "",
            authors=known.authors if known else (),
            heard=heard,
        )

    content = content_of(ProgramMoved(evt="", source="", occurred_at=0, accepted_at=0, program=program, to=str(wanted)))
    return await say(who, directory, made, key, content=content)


@requires("program.publish")
async def move(who: Principal, directory: Directory, program: str, to: str, key: str | None = None) -> Entry:
    """Pause (``paused``), resume (``active``) or end (``ended``) a program, named by its id or slug."""
    async with directory.reading() as conn:
        program = await filters.named(conn, who.workspace.id, program)
    return await say(who, directory, lambda s: ProgramMoved(**s, program=program, to=to), key)
