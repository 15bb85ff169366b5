"""Who comes by a link of their own: nobody is known yet, so this use case asks for no permission.

Must not know: cookies, pages, what a partner may do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from functools import partial
from operator import itemgetter
from typing import Any, Final, Literal

import asyncpg
from msgspec import Struct

from goodword.app import sharing
from goodword.app.bounded import Bounded
from goodword.app.directory import Directory, workspace_of
from goodword.app.principal import Principal
from goodword.app.see.publications import Told, told
from goodword.core import kin
from goodword.core import rules as core_rules
from goodword.core.events import ConsentRecorded
from goodword.core.facts import Actor
from goodword.core.state import Advocate, Code, Customer, Kin, Program
from goodword.outbound import preview
from goodword.sources.identity import code_key, code_look
from goodword.sources.naming import is_name
from goodword.sources.split import is_id
from goodword.store import entities, forms, log, pages, people
from goodword.store import rules as rule_versions
from goodword.store.forms import Form
from goodword.store.workspaces import Workspace
from goodword.words.terms import Offered, offered

__all__ = [
    "BOARD",
    "KNOWN",
    "NAMED",
    "Form",
    "Friend",
    "by_form",
    "called_each",
    "chosen_each",
    "friend",
    "named",
    "named_each",
    "picture",
    "terms",
    "workspace_of",
]

#: The purposes of the consents to be named to who follows one's link, and to who recommended one.
NAMED: Final = "named"
KNOWN: Final = "known"
#: That of the consent to stand on a leaderboard, under a name that one chose for it.
BOARD: Final = "leaderboard"
_LONGEST = 64  # characters of what opens a form
_SAID = 50  # events that said something of a person, the newest, in which their name is looked for
_CHOSEN = 200  # likewise, in which a name that they chose is

#: For these one is called by the same name; a leaderboard, and each place of one's stories, has a name of its own.
_TO_FRIENDS: Final = frozenset({NAMED, KNOWN})

#: Pictures of versions of rules, which never change, by workspace and hash: 20 kB each.
Pictures = Bounded[tuple[str, str], bytes]
#: What an event said of somebody, with its id.
_Said = tuple[str, dict[str, Any]]


async def terms(directory: Directory, workspace: str, rules: str) -> tuple[Workspace, Told] | None:
    """Return the terms by a version of rules, which its hash names, and whose they are; None: there are none.

    Who has the hash has been told of the program: nobody guesses it, and it is the same for as long as there is this version.
    """
    ws = await workspace_of(directory, workspace)
    if ws is None:
        return None
    async with directory.reading() as conn:
        for program in await pages.programs(conn, ws.id):
            versions = [hash_ for _, hash_ in program.versions]
            if rules in versions:  # one that was published again holds since then
                number = len(versions) - versions[::-1].index(rules)
                return ws, await told(conn, ws.id, program, number)
    return None


async def by_form(directory: Directory, workspace: str, token: str) -> tuple[Principal, Form] | None:
    """Return who comes by a link to a partner's form, and the link; None: it opens nothing, whether it has ended or never was.

    Whose account was merged into another one comes no more: what that one has was not shown to who got this link.
    """
    ws = await workspace_of(directory, workspace)
    if ws is None or len(token) > _LONGEST or not token.isascii():
        return None
    async with directory.reading() as conn:
        form = await forms.opened(conn, ws.id, ws.keys, token, directory.now())
        if form is None:
            return None
        known = {it.person: it for it in await entities.load(conn, ws.id, Kin, [form.person])}
    if kin.root(lambda _, id_: known.get(id_), form.person) != form.person:
        return None
    return Principal("link", ws, Actor(id=form.person, kind="person", programs=(form.program,))), form


class Friend(Struct, frozen=True):
    """What a friend who followed a link is shown. ``code``: as it is typed; ``id``: the code's; ``rules``: the hash of those that hold.

    ``status``: open, draft, where it has not begun, paused, ended, or left, where the code brings nobody now.
    ``name``: of who recommends, if they permit that.
    """

    workspace: Workspace
    id: str
    code: str
    status: Literal["open", "draft", "paused", "ended", "left"]
    rules: str
    offered: Offered
    name: str | None


async def friend(directory: Directory, workspace: str, typed: str) -> Friend | None:
    """Return what is shown to whom a code brought, also one that only looks like it; None: nobody has such a code."""
    ws = await directory.workspace(workspace) if is_id(workspace, "wsp") else None
    key = code_key(typed)
    if ws is None or key is None:
        return None
    async with directory.reading() as conn:
        [meant] = await people.meant(conn, ws.id, ws.keys, [(key, code_look(key))])
        if meant is None:
            return None
        [code] = await entities.load(conn, ws.id, Code, [meant.id])
        texts = await people.texts(conn, ws.id, ws.keys, directory.vault, [code.id])
        if code.program is None or code.person is None or code.id not in texts:
            return None
        [program] = await entities.load(conn, ws.id, Program, [code.program])
        [advocate] = await entities.load(conn, ws.id, Advocate, [(code.program, code.person)])
        hash_ = program.versions[-1][1]
        [(semantics, document)] = await rule_versions.documents(conn, ws.id, [hash_])
        rules = core_rules.version(document, semantics).means
        name = await named(directory, conn, ws, code.person)
    serves = advocate.status == "active" and (advocate.terms or not rules.requires_terms)
    status: Any = "open" if program.status == "active" else program.status
    return Friend(
        ws, code.id, texts[code.id], status if serves or status != "open" else "left", hash_, offered(rules), name
    )


async def picture(directory: Directory, workspace: str, rules: str, drawn: Pictures) -> bytes | None:
    """Return the picture that previews of links show, by a version of rules, which its hash names; None: there is none.

    ``drawn``: those of before. It says who is recommended and what a friend gets, and of nobody who recommends.
    """
    ws = await workspace_of(directory, workspace)
    if ws is None:
        return None
    known = drawn.get((ws.id, rules))
    if known is None:
        async with directory.reading() as conn:
            found = await rule_versions.documents(conn, ws.id, [rules]) if "\0" not in rules else []
        if not found:
            return None
        [(semantics, document)] = found
        means = core_rules.version(document, semantics).means
        draw = partial(preview.png, ws.name, " ".join(sharing.gets(means)))
        known = drawn.put((ws.id, rules), await asyncio.to_thread(draw))
    return known


async def named(directory: Directory, conn: asyncpg.Connection, ws: Workspace, person: str) -> str | None:
    """Return as whom somebody is named to friends: what they chose, or else their first name; None: they permit neither."""
    return (await named_each(directory, conn, ws, [person], NAMED)).get(person)


async def named_each(
    directory: Directory, conn: asyncpg.Connection, ws: Workspace, persons: Collection[str], purpose: str
) -> dict[str, str]:
    """Return likewise as whom each of these persons is named who permits it for a purpose: ``NAMED`` or ``KNOWN``."""
    customers = await entities.load(conn, ws.id, Customer, persons)
    given = {it.person: said for it in customers if (said := it.consents.get(purpose)) is not None and said.given}
    ends = any(said.until is not None for said in given.values())
    now = (await log.stream(conn, ws.id)).now(directory.now()) if ends else 0
    permit = [person for person, said in given.items() if said.holds(now)]
    each = await called_each(directory, conn, ws, permit) if permit else {}
    return {person: name for person, name in each.items() if name is not None}


async def called_each(
    directory: Directory, conn: asyncpg.Connection, ws: Workspace, persons: Collection[str]
) -> dict[str, str | None]:
    """Return as whom these persons would be named to friends, whether they permit it or not; None: they have no such name.

    Whoever was merged into them said so as well: the newest holds.
    """
    found = {}
    each = await _said_each(directory, conn, ws, persons, _SAID)
    chosen = await _chosen(conn, ws, each, _TO_FRIENDS)
    for person, said in each.items():
        words = str(next((it["name"] for _, it in said if "name" in it), "")).split()
        name = chosen.get(person) or next(iter(words), "")
        found[person] = name if is_name(name) else None
    return found


async def chosen_each(
    directory: Directory, conn: asyncpg.Connection, ws: Workspace, persons: Collection[str], purpose: str
) -> dict[str, str]:
    """Return likewise the names that these persons chose for a purpose, and none that they go by elsewhere; of who chose none, none."""
    each = await _said_each(directory, conn, ws, persons, _CHOSEN)
    chosen = await _chosen(conn, ws, each, frozenset({purpose}))
    return {person: name for person, name in chosen.items() if is_name(name)}


async def _chosen(
    conn: asyncpg.Connection, ws: Workspace, each: dict[str, list[_Said]], purposes: Collection[str]
) -> dict[str, str]:
    """Return what was said last, in the consents for some purposes, that each of these persons is shown as."""
    evts = {evt for said in each.values() for evt, it in said if "shown_as" in it}
    entries = await log.of_each(conn, ws.id, evts) if evts else {}
    found = {
        evt for evt, it in entries.items() if isinstance(it.event, ConsentRecorded) and it.event.purpose in purposes
    }
    names = ((person, [str(it["shown_as"]) for evt, it in said if evt in found]) for person, said in each.items())
    return {person: its[0] for person, its in names if its}


async def _said_each(
    directory: Directory, conn: asyncpg.Connection, ws: Workspace, persons: Collection[str], most: int
) -> dict[str, list[_Said]]:
    """Return what was said of each of these persons, and of who was merged into them, the newest first."""
    known = {it.person: it for it in await entities.load(conn, ws.id, Kin, persons)}
    names = {person: kin.all_of(lambda _, id_: known.get(id_), person) for person in persons}
    every = [one for those in names.values() for one in those]
    each = await people.said_of_each(conn, ws.id, directory.vault, every, most)
    return {
        person: sorted((one for name in those for one in each.get(name, ())), key=itemgetter(0), reverse=True)
        for person, those in names.items()
    }
