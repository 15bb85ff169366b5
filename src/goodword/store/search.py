"""By which words people are found: keyed digests of words and their beginnings. Must not know: what a word is, who may search."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import asyncpg
import msgspec
from msgspec import Struct

from goodword.store import people
from goodword.store.sql_files import statements
from goodword.store.vault import UnsealError, Vault, blind, unseal
from goodword.store.workspaces import Workspace

#: Rows of a person that are read when they are first known as an advocate, friend or beneficiary.
_NEWEST = 200
#: Of those who have what is looked for first, how many, the newest, are looked at for the others.
LOOKED_AT = 2_000

_SQL = statements("search")

Said = Mapping[str, Sequence[Mapping[str, object]]]
"""What was said of persons: person -> fields of each event."""


class Found(Struct, frozen=True):
    """Who was found, the newest first; ``is_all``: False where older ones were not looked at."""

    persons: list[str]
    is_all: bool


async def known(conn: asyncpg.Connection, ws: str, persons: Collection[str]) -> dict[str, bool]:
    """Return those of the persons who are advocates, friends or beneficiaries -> whether words of theirs are known already.

    Until the end of the transaction nobody of them is erased; who is already is not returned.
    """
    rows = {row["person"]: row["has_words"] for row in await conn.fetch(_SQL["known"], ws, sorted(set(persons)))}
    held = [row["id"] for row in await conn.fetch(_SQL["hold"], ws, sorted(rows))]
    return {person: rows[person] for person in held}


async def persons(conn: asyncpg.Connection, ws: str, after: str, most: int) -> list[str]:
    """Return the persons behind one, in order of id."""
    return [row["id"] for row in await conn.fetch(_SQL["persons"], ws, after, most)]


async def is_pairing(conn: asyncpg.Connection, ws: str) -> bool:
    """Return whether there may be persons of whom words are known and pairs are not, since they are still being read again."""
    return bool(await conn.fetchval(_SQL["is_pairing"], ws))


async def friends(conn: asyncpg.Connection, ws: str, ids: Collection[str]) -> list[str]:
    """Return the friends of these referrals and claims."""
    return [row["friend"] for row in await conn.fetch(_SQL["friends"], ws, sorted(ids))] if ids else []


async def said(
    conn: asyncpg.Connection, ws: Workspace, vault: Vault, whole: Collection[str], events: Iterable[tuple[str, str]]
) -> Said:
    """Return what was said of persons: lately of the ``whole`` ones, of others by these events (person, evt).

    What does not open is left out: ``goodword verify`` tells of it.
    """
    rows = await conn.fetch(_SQL["newest"], ws.id, sorted(whole), _NEWEST)
    columns = [list(column) for column in zip(*sorted(set(events)), strict=True)] or [[], []]
    rows += await conn.fetch(_SQL["of_events"], ws.id, *columns)
    keys, _ = await people.opened(conn, ws.id, vault, {row["person"] for row in rows})
    by_person: dict[str, list[Mapping[str, object]]] = {}
    for row in rows:
        person, key = row["person"], keys.get(row["person"])
        if key is None:
            continue
        try:
            text = unseal(key, row["sealed"], people.personal_identity(ws.id, person, row["evt"]))
        except UnsealError:
            continue
        by_person.setdefault(person, []).append(msgspec.json.decode(text))
    return by_person


async def add(conn: asyncpg.Connection, ws: Workspace, words: Iterable[tuple[str, str]]) -> None:
    """Let persons be found by words: (word or beginning of one, person)."""
    rows = sorted({(blind(ws.keys.index, "word", word), person) for word, person in words})
    if rows:
        await conn.execute(_SQL["add"], ws.id, *(list(column) for column in zip(*rows, strict=True)))


async def find(conn: asyncpg.Connection, ws: Workspace, words: Sequence[str], most: int) -> Found:
    """Return who has all of these words, beginnings and pairs, the newest first; ``most`` persons. The first is looked for first."""
    first, *others = [blind(ws.keys.index, "word", word) for word in words]
    rows = await conn.fetch(_SQL["find"], ws.id, first, others, LOOKED_AT, most)
    return Found([row["person"] for row in rows if not row["is_beyond"]], not any(row["is_beyond"] for row in rows))


async def clear(conn: asyncpg.Connection, ws: str) -> None:
    """Forget all words of a workspace."""
    await conn.execute(_SQL["clear"], ws)
