"""Cases: what flags opened."""

from __future__ import annotations

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, paging
from goodword.app.see.paging import Page
from goodword.core import cases
from goodword.core.kinds.signals import families
from goodword.core.state import Case, Counter
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


class Precision(Struct, frozen=True):
    """How often a flag, or a kind of case, was worth a look, as those said who closed its cases."""

    code: str
    family: str
    severity: str
    confirmed: int
    useful: int
    false_alarm: int


@requires("case.read")
async def precision(who: Principal, directory: Directory) -> list[Precision]:
    """Return it of each flag that there is. It counts all programs, and names nothing of any."""
    keys = {(code, worth): cases.worth_key(code, worth) for code in families.SORTS for worth in cases.WORTHS}
    async with directory.reading() as conn:
        found = {it.key: it.count for it in await entities.load(conn, who.workspace.id, Counter, keys.values())}
    return [
        Precision(code, sort.family, sort.severity, *(found.get(keys[code, worth], 0) for worth in cases.WORTHS))
        for code, sort in families.SORTS.items()
    ]
