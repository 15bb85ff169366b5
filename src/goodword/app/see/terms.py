"""The terms of a program by a version of its rules: as they were said when it was published, which its entry in the log keeps."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see.publications import Told, told
from goodword.store import pages


@requires("program.read")
async def of(
    who: Principal, directory: Directory, named: str, number: int | None = None, language: str | None = None
) -> Told:
    """Return the terms of a program, by its id or slug; by default by its newest version.

    Raises UnknownError for a program or a version that there is not, and InvalidError for a language without words.
    """
    async with directory.reading() as conn:
        known = [
            it for it in await pages.programs(conn, who.workspace.id) if who.sees(it.id) and named in (it.id, it.slug)
        ]
        if not known:
            raise UnknownError("program")
        [program] = known
        number = len(program.versions) if number is None else number
        if not 1 <= number <= len(program.versions):
            raise UnknownError("version of this program")
        return await told(conn, who.workspace.id, program, number, language)
