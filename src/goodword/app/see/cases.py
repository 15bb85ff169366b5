"""Cases: what flags opened."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, paging
from goodword.app.see.paging import Page
from goodword.core.state import Case
from goodword.store import entities, pages


@requires("case.read")
async def page(
    who: Principal, directory: Directory, *, status: str | None = None, after: str = "", limit: int = 50
) -> Page[Case]:
    """Return cases, filtered. Raises InvalidError for a status that there is not."""
    filters.status("case", status)
    async with directory.reading() as conn:
        cases = await pages.cases(
            conn, who.workspace.id, status=status, programs=who.programs, after=after, limit=limit
        )
    return paging.by_id(cases, limit)


@requires("case.read")
async def get(who: Principal, directory: Directory, case: str) -> Case:
    """Return one case. Raises UnknownError, for one of a program that is not shown too."""
    async with directory.reading() as conn:
        for found in await entities.load(conn, who.workspace.id, Case, [case]):
            if who.sees(found.program):
                return found
    raise UnknownError("case")
