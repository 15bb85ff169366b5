"""Tips and stories: what others may read of them in each place, and what somebody handed in themselves.

What is shown is found anew each time: the team shows it, its person takes part, permits this place, and is not erased. So whoever takes
a permission back has it taken down there at once, of all that they handed in.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import asyncpg
from msgspec import Struct

from goodword.app import portal
from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.see import taxes
from goodword.core import kin
from goodword.core import rules as core_rules
from goodword.core.events import note_of
from goodword.core.state import Advocate, Case, Customer, Kin
from goodword.core.stories import KIND, PLACES
from goodword.store import entities, log, notes, pages
from goodword.store import rules as rule_versions
from goodword.store import stories as stored
from goodword.words.catalogue import catalogue
from goodword.words.terms import offered

#: So many of a place, of the newest so many that the team shows; programs of somebody.
MOST: Final = 30
_LOOKED: Final = 200
_FEW: Final = 100


class Story(Struct, frozen=True):
    """A tip or story (``what``) as its person wrote it. ``name``: which they chose; ``disclosure``: that they may get a reward."""

    id: str
    program: str
    what: str
    name: str | None
    text: str
    disclosure: str | None
    handed_in_at: int


class Mine(Struct, frozen=True):
    """One that somebody handed in. ``status``: open, shown, not_shown."""

    id: str
    what: str
    status: str
    handed_in_at: int


class Stories(Struct, frozen=True):
    """What others tell in one's programs, and what one tells. ``programs``: their slugs; ``permits``: place -> whether one does.

    ``called``: place -> the name that one chose for it last.
    """

    shown: tuple[Story, ...]
    mine: tuple[Mine, ...]
    programs: tuple[str, ...]
    permits: dict[str, bool]
    called: dict[str, str | None]


@requires("own.share")
async def own(who: Principal, directory: Directory) -> Stories:
    """Return what is shown to advocates of the programs in which one takes part, and what one handed in, the newest first."""
    ws = who.workspace
    async with directory.snapshot() as conn:
        me, names = await taxes.names_of(conn, ws.id, who.actor.id)
        its = await pages.advocates(conn, ws.id, person=me, after="", limit=_FEW)
        active = [it.program for it in its if it.status == "active"]
        slugs = tuple(it.slug for it in await pages.programs(conn, ws.id) if it.id in active)
        said = await _permits(conn, ws.id, [me], directory.now())
        about = [it for it in await entities.of(conn, ws.id, (Case, "disputed"), names) if isinstance(it, Case)]
        cases = [it for it in about if it.kind == KIND]
        mine = [
            Mine(it.id, it.reason or "", (it.outcome if it.status == "decided" else None) or "open", it.opened_at)
            for it in sorted(cases, key=lambda it: it.id, reverse=True)[:MOST]
        ]
        shown = await _shown(conn, who, directory, "portal", active)
        called = {
            place: (await portal.chosen_each(directory, conn, ws, [me], purpose)).get(me)
            for place, purpose in PLACES.items()
        }
    permits = {place: purpose in said.get(me, ()) for place, purpose in PLACES.items()}
    return Stories(tuple(shown), tuple(mine), slugs, permits, called)


@requires("case.read")
async def public(who: Principal, directory: Directory) -> list[Story]:
    """Return what everybody may read, the newest first, of the programs of who asks."""
    async with directory.snapshot() as conn:
        return await _shown(conn, who, directory, "public", who.programs)


async def _shown(
    conn: asyncpg.Connection, who: Principal, directory: Directory, place: str, programs: Sequence[str] | None
) -> list[Story]:
    ws = who.workspace
    found = await entities.load(conn, ws.id, Case, await stored.shown(conn, ws.id, programs, _LOOKED))
    kins = {it.person: it for it in await entities.load(conn, ws.id, Kin, {it.person for it in found if it.person})}
    whose = {it.id: kin.root(lambda _, id_: kins.get(id_), it.person or "") for it in found}
    permits = await _permits(conn, ws.id, {*whose.values()}, directory.now())
    keys = {(it.program or "", whose[it.id]) for it in found if PLACES[place] in permits.get(whose[it.id], ())}
    active = {
        (it.program, it.person) for it in await entities.load(conn, ws.id, Advocate, keys) if it.status == "active"
    }
    stand = [it for it in found if (it.program, whose[it.id]) in active]
    stand = sorted(stand, key=lambda it: it.id, reverse=True)[:MOST]
    entries = await log.of_each(conn, ws.id, [it.evt for it in stand])
    digests = {it.id: note for it in stand if (note := note_of(entries[it.evt].event)) is not None}
    texts = await notes.each(conn, ws, [*digests.values()])
    names = await portal.chosen_each(directory, conn, ws, {whose[it.id] for it in stand}, PLACES[place])
    rewarded = await _rewarded(conn, ws.id)
    return [
        Story(
            it.id,
            it.program or "",
            it.reason or "",
            name := names.get(whose[it.id]),
            texts[digests[it.id]],
            _disclosure(name, ws.name) if it.program in rewarded else None,
            it.opened_at,
        )
        for it in stand
        if digests.get(it.id) in texts
    ]


async def _permits(conn: asyncpg.Connection, ws: str, persons: Collection[str], now: int) -> dict[str, set[str]]:
    """Return which purposes each of these persons agrees to now."""
    now = (await log.stream(conn, ws)).now(now)
    its = await entities.load(conn, ws, Customer, persons)
    return {it.person: {purpose for purpose, said in it.consents.items() if said.holds(now)} for it in its}


async def _rewarded(conn: asyncpg.Connection, ws: str) -> set[str]:
    """Return the programs whose advocates may get a reward, by the rules that hold."""
    newest = {it.id: it.newest for it in await pages.programs(conn, ws) if it.newest is not None}
    versions = [core_rules.version(it, n) for n, it in await rule_versions.documents(conn, ws, newest.values())]
    give = {it.hash for it in versions if offered(it.means).advocate}
    return {program for program, hash_ in newest.items() if hash_ in give}


def _disclosure(name: str | None, company: str) -> str:
    say = catalogue(None).say
    return say("friend.disclosure", name=name or say("friend.somebody"), company=company)
