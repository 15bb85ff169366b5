"""Programs and their rule versions."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.core.state import Program
from goodword.store import pages
from goodword.store import rules as rule_versions


@requires("program.read")
async def every(who: Principal, directory: Directory) -> list[Program]:
    """Return all programs, the oldest first: they are few."""
    async with directory.reading() as conn:
        return [program for program in await pages.programs(conn, who.workspace.id) if who.sees(program.id)]


@requires("program.read")
async def rules(who: Principal, directory: Directory, version: str) -> str:
    """Return the canonical text of a rule version by its hash, every default written out. Raises UnknownError."""
    async with directory.reading() as conn:
        known = [program for program in await pages.programs(conn, who.workspace.id) if who.sees(program.id)]
        documents = await rule_versions.documents(conn, who.workspace.id, [version])
    if not documents or all(version != hash_ for program in known for _, hash_ in program.versions):
        raise UnknownError("rule version")
    return documents[0][1]
