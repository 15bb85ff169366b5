"""Programs: rule files are published, programs are paused, resumed and ended."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.app.see import filters
from goodword.core import rules
from goodword.core.entry import Entry
from goodword.core.events import ProgramMoved, ProgramPublished
from goodword.sources import rule_file


@requires("program.publish")
async def publish(who: Principal, directory: Directory, data: bytes, name: str, key: str | None = None) -> Entry:
    """Publish a rule file; ``name`` is its file name. Raises RuleFileErrors with everything that is wrong in it."""
    read = rule_file.read(data, name)
    document = rules.document(read)
    version = rules.version(document)
    return await say(
        who, directory, lambda s: ProgramPublished(**s, slug=read.program, rules=version.hash, document=document), key
    )


@requires("program.publish")
async def move(who: Principal, directory: Directory, program: str, to: str, key: str | None = None) -> Entry:
    """Pause (``paused``), resume (``active``) or end (``ended``) a program, named by its id or slug."""
    async with directory.reading() as conn:
        program = await filters.named(conn, who.workspace.id, program)
    return await say(who, directory, lambda s: ProgramMoved(**s, program=program, to=to), key)
