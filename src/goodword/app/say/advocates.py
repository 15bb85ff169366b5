"""Advocates: a suspension was wrong."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.say.said import Why, note, say
from goodword.app.see import filters
from goodword.core.entry import Entry
from goodword.core.events import SuspensionLifted


@requires("reward.restore")
async def lift(who: Principal, directory: Directory, program: str, person: str, why: Why, key: str) -> Entry:
    """Say that an advocate was suspended by mistake; ``program``: its id or slug. A second member must say so too."""
    async with directory.reading() as conn:
        program = await filters.named(conn, who.workspace.id, program)
    typed = note(who, why.text, key)
    return await say(
        who,
        directory,
        lambda s: SuspensionLifted(**s, program=program, person=person, reason=why.reason, note=typed.digest),
        key,
        also=typed.keep,
    )
