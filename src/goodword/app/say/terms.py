"""Terms that an advocate accepts themselves, at the portal: the version that they were shown, and no other one."""

from __future__ import annotations

from goodword.app import joining
from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import publications
from goodword.core import calendar
from goodword.core.entry import Entry
from goodword.core.state import Advocate
from goodword.store import entities, log, pages, people


@requires("own.accept")
async def accept(who: Principal, directory: Directory, program: str, rules: str) -> Entry | None:
    """Accept the newest terms of a program, by its name, as the version ``rules`` that one was shown; returns the entry that says it.

    None: it was accepted before. Raises UnknownError for a program that one takes no part in, and ConflictError (``terms_changed``)
    where these are not the newest any more.
    """
    ws, person = who.workspace, who.actor.id
    async with directory.snapshot() as conn:
        now = (await log.stream(conn, ws.id)).now(directory.now())
        its = next((it for it in await pages.programs(conn, ws.id) if it.slug == program), None)
        enrolled = await entities.load(conn, ws.id, Advocate, [(its.id, person)]) if its is not None else []
        names = await people.texts(conn, ws.id, ws.keys, directory.vault, [person])
        if its is None or not enrolled or person not in names:
            raise UnknownError("program")
        if its.newest != rules:
            raise ConflictError("terms_changed", "The terms have changed since: read them again.")
        if enrolled[0].accepted == rules:
            return None
        told = await publications.told(conn, ws.id, its, len(its.versions))
    said = {
        "type": "advocate.enrolled",
        "id": f"accept:{enrolled[0].id}:{now}",
        "external_id": names[person],
        "program": program,
        "accepted_terms": True,
        "terms_sha256": told.sha256,
        "occurred_at": calendar.text(now),
    }
    return await joining.told(directory, ws, said)
