"""Programs: rule files are published, programs are paused, resumed and ended."""

from __future__ import annotations

from goodword.app.engine import Engine
from goodword.app.write.commands import command
from goodword.core import rules
from goodword.core.entry import Entry
from goodword.core.events import ProgramMoved, ProgramPublished
from goodword.core.facts import Actor
from goodword.sources import rule_file


async def publish(engine: Engine, ws: str, actor: Actor, data: bytes, name: str, *, key: str | None = None) -> Entry:
    """Publish a rule file; ``name`` is its file name. Raises RuleFileErrors with everything that is wrong in it."""
    read = rule_file.read(data, name)
    document = rules.document(read)
    version = rules.version(document)
    return await command(
        engine,
        ws,
        lambda stamp: ProgramPublished(**stamp, slug=read.program, rules=version.hash, document=document),
        actor,
        key=key,
    )


async def move(engine: Engine, ws: str, actor: Actor, program: str, to: str, *, key: str | None = None) -> Entry:
    """Pause (``paused``), resume (``active``) or end (``ended``) a program."""
    return await command(engine, ws, lambda stamp: ProgramMoved(**stamp, program=program, to=to), actor, key=key)
