"""Programs: rule files are published, programs are paused, resumed and ended."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.proof import terms
from goodword.app.say.said import say
from goodword.app.see import filters
from goodword.app.write.commands import Stamp, content_of
from goodword.core import rules
from goodword.core.entry import Entry
from goodword.core.events import ProgramMoved, ProgramPublished
from goodword.sources import rule_file
from goodword.words.catalogue import languages
from goodword.words.terms import text


@requires("program.publish")
async def publish(who: Principal, directory: Directory, data: bytes, name: str, key: str | None = None) -> Entry:
    """Publish a rule file, with its terms as they are said today; ``name`` is its file name.

    Raises RuleFileErrors with everything that is wrong in it.
    """
    read = rule_file.read(data, name)
    document = rules.document(read)
    version = rules.version(document)
    said = {one: text(await asyncio.to_thread(terms.of, version, one)) for one in languages()}

    def made(stamp: Stamp) -> ProgramPublished:
        return ProgramPublished(**stamp, slug=read.program, rules=version.hash, document=document)

    # A repeat of the same rules is one also where later words would say their terms otherwise.
    content = content_of(made(Stamp(evt="", source="", occurred_at=0, accepted_at=0)))
    return await say(who, directory, lambda s: replace(made(s), terms=said), key, content=content)


@requires("program.publish")
async def move(who: Principal, directory: Directory, program: str, to: str, key: str | None = None) -> Entry:
    """Pause (``paused``), resume (``active``) or end (``ended``) a program, named by its id or slug."""
    async with directory.reading() as conn:
        program = await filters.named(conn, who.workspace.id, program)
    return await say(who, directory, lambda s: ProgramMoved(**s, program=program, to=to), key)
