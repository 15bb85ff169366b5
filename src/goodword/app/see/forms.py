"""Links by which partners register deals of their own; what opens one is kept by nobody."""

from __future__ import annotations

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.see import filters
from goodword.store import forms, pages

_MOST = 50


class Form(Struct, frozen=True):
    """A link. ``program``: its slug; ``open``: it opens the form now. Instants are of the real clock."""

    id: str
    person: str
    program: str
    made_by: str
    made_at: int
    expires_at: int
    ended_at: int | None
    open: bool


@requires("form.read")
async def every(who: Principal, directory: Directory, person: str) -> list[Form]:
    """Return the links of a partner, by id or name, ended ones too, the newest first, 50 at most; of programs that are shown.

    Raises UnknownError for a name that nobody has.
    """
    now = directory.now()
    async with directory.snapshot() as conn:
        partner = str(await filters.person(conn, who, person))
        slugs = {program.id: program.slug for program in await pages.programs(conn, who.workspace.id)}
        found = await forms.of_person(conn, who.workspace.id, partner, _MOST)
    return [
        Form(*it._replace(program=slugs.get(it.program, it.program)), it.opens(now))
        for it in found
        if who.sees(it.program)
    ]
