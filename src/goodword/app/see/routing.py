"""Routes: the table that holds, what waits to hold, and all versions, in words and as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from goodword import words
from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.core import calendar, routes
from goodword.core.routes import Document, Row
from goodword.core.state import Change, Routing
from goodword.sources import routing_file
from goodword.store import entities, log, pages, workspaces
from goodword.store import routes as kept_routes
from goodword.words.rules import Changed

#: How far back the figures of routes go.
DAYS: Final = 90
#: So many late rewards are counted.
MOST: Final = 1_000


class Route(Struct, frozen=True):
    """A route of a table. ``said``: as a sentence; ``gone``: its fallback could not stand in for it today."""

    row: Row
    said: str
    gone: bool


class Version(Struct, frozen=True):
    """A table. ``number``: from 1; ``by``: who published it, ``confirmed_by``: who confirmed it, None: nobody had to or could.

    ``changes``: of the one before, in words; ``file``: as it is written.
    """

    number: int
    table: str
    at: int
    by: str
    confirmed_by: str | None
    routes: tuple[Route, ...]
    changes: tuple[Changed, ...]
    file: str


class Waiting(Struct, frozen=True):
    """A table that another owner must confirm. ``changes``: what it would change."""

    change: Change
    table: str
    changes: tuple[Changed, ...]


class Whole(Struct, frozen=True):
    """All of it: ``versions`` with the newest first, of which the first holds; none: ``default`` says what does.

    ``names``: mails of members by id, for who may see them.
    """

    versions: tuple[Version, ...]
    waiting: Waiting | None
    default: str
    names: Mapping[str, str]


class Figure(Struct, frozen=True):
    """A route in figures. ``waiting``: in review by it now, ``late`` of them behind their promised time.

    ``decided``: approved by it in the last days, ``decided_late`` of them late; ``median`` and ``p95``: how many days that took, None
    of none.
    """

    route: str
    waiting: int
    late: int
    decided: int
    decided_late: int
    median: float | None
    p95: float | None


class Figures(Struct, frozen=True):
    """All routes by which anything waits or was decided, those of the table that holds first. ``days``: how far back they go."""

    days: int
    routes: tuple[Figure, ...]


@requires("reward.read")
async def figures(who: Principal, directory: Directory) -> Figures:
    """Return how each route keeps what it promises: of the programs that the reader sees."""
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        now = (await log.stream(conn, ws)).now(directory.now())
        waiting = await kept_routes.waiting(conn, ws, now, who.programs)
        decided = await kept_routes.decided(conn, ws, now - DAYS * calendar.DAY, who.programs)
        [kept] = await entities.every(conn, ws, Routing) or [Routing(id=routes.ID)]
    named = [row.name for row in _shown(who, routes.read(kept.versions[-1].text)).routes] if kept.versions else []
    found = []
    for name in dict.fromkeys([*named, *sorted({*waiting, *decided})]):
        open_, done = waiting.get(name), decided.get(name)
        found.append(
            Figure(
                route=name,
                waiting=open_.count if open_ is not None else 0,
                late=open_.late if open_ is not None else 0,
                decided=done.count if done is not None else 0,
                decided_late=done.late if done is not None else 0,
                median=round(done.median, 2) if done is not None else None,
                p95=round(done.p95, 2) if done is not None else None,
            )
        )
    return Figures(DAYS, tuple(found))


@requires("reward.read")
async def overdue(who: Principal, directory: Directory) -> int:
    """Return how many rewards with a route are behind their promised time, counted up to ``MOST``: of the programs that they see."""
    async with directory.reading() as conn:
        now = (await log.stream(conn, who.workspace.id)).now(directory.now())
        return await kept_routes.overdue(conn, who.workspace.id, now, who.programs, MOST)


@requires("routing.read")
async def whole(who: Principal, directory: Directory) -> Whole:
    """Return the tables of the workspace. Routes of programs alone that the reader does not see are left out."""
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        [kept] = await entities.every(conn, ws, Routing) or [Routing(id=routes.ID)]
        waiting = await pages.changes(conn, ws, status="open", subject=routes.ID, after="", limit=1)
        programs = {it.id: it.slug for it in await pages.programs(conn, ws)}
        members = {it.id: it for it in await pages.members(conn, ws)}
        mails = await workspaces.mails(conn, who.workspace) if who.may("member.mails") else {}
    works_with = {id_ for id_, it in members.items() if not it.programs or any(map(who.sees, it.programs))}
    mails = {id_: mail for id_, mail in mails.items() if id_ in works_with}
    names = mails | {id_: slug for id_, slug in programs.items() if who.sees(id_)}
    tables = [_shown(who, routes.read(table.text)) for table in kept.versions]
    versions = [
        Version(
            number=place + 1,
            table=table.hash,
            at=table.at,
            by=table.by,
            confirmed_by=table.confirmed_by,
            routes=tuple(
                Route(row, words.routes.told(row, names), not routes.stands_in(members.get, row))
                for row in document.routes
            ),
            changes=tuple(words.routes.changes(tables[place - 1] if place else None, document, names)),
            file=routing_file.text(document, mails, programs),
        )
        for place, (table, document) in enumerate(zip(kept.versions, tables, strict=True))
    ]
    asked = [
        Waiting(
            change,
            change.to["table"],
            tuple(
                words.routes.changes(
                    tables[-1] if tables else None, _shown(who, routes.read(change.to["document"])), names
                )
            ),
        )
        for change in waiting
        if who.may("change.read")
    ]
    return Whole(tuple(reversed(versions)), asked[0] if asked else None, words.routes.default(), mails)


def _shown(who: Principal, document: Document) -> Document:
    """The table without routes, and names of programs, that the reader does not see."""
    if who.programs is None:
        return document
    rows = [replace(row, programs=tuple(filter(who.sees, row.programs))) for row in document.routes]
    return Document(
        routes=tuple(row for was, row in zip(document.routes, rows, strict=True) if row.programs or not was.programs)
    )
