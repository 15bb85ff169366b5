"""Tax forms: what they say is sealed under the payee's own key, and told apart by a digest under the workspace's key for payees.

Must not know: which fields a form has, who may see them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import asyncpg
import msgspec

from goodword.core import canonical, kin
from goodword.core.state import Kin
from goodword.store import entities, people
from goodword.store.sql_files import statements
from goodword.store.vault import UnsealError, Vault, payee_digest, row_identity, seal, unseal
from goodword.store.workspaces import Workspace

_SQL = statements("tax_form_detail")


class Awaited(NamedTuple):
    """A form that is asked for. ``asked_for``: the year; ``asked_at``: when, in microseconds."""

    person: str
    jurisdiction: str
    asked_for: str
    asked_at: int


def digest(ws: Workspace, person: str, jurisdiction: str, details: Mapping[str, str]) -> str:
    """Return the text that names what a form says in the log."""
    return payee_digest(ws.keys.payee, person, canonical.encode(("tax_form", jurisdiction, dict(details))))


async def save(
    conn: asyncpg.Connection, ws: Workspace, vault: Vault, person: str, jurisdiction: str, details: Mapping[str, str]
) -> None:
    """Keep what a form says. Raises LookupError for a person who is unknown or erased."""
    key = (await people.person_keys(conn, ws.id, vault, [person])).get(person)
    if key is None:
        raise LookupError(f"there is no person {person}")
    sealed = seal(key, msgspec.json.encode(details), _identity(ws.id, person, jurisdiction))
    await conn.execute(_SQL["save"], ws.id, person, jurisdiction, digest(ws, person, jurisdiction, details), sealed)


async def opened(
    conn: asyncpg.Connection, ws: Workspace, vault: Vault, persons: Iterable[str]
) -> tuple[dict[tuple[str, str], dict[str, str]], dict[tuple[str, str], Exception]]:
    """Return what forms say by (person, jurisdiction), of those who have any, and why those do not open that do not."""
    rows = await conn.fetch(_SQL["find"], ws.id, sorted(set(persons)))
    own, locked_people = await people.opened(conn, ws.id, vault, {row["person"] for row in rows})
    found: dict[tuple[str, str], dict[str, str]] = {}
    locked: dict[tuple[str, str], Exception] = {}
    for row in rows:
        key = row["person"], row["jurisdiction"]
        if (error := locked_people.get(row["person"])) is not None:
            locked[key] = error
        elif row["person"] in own:  # whose key is gone was erased
            try:
                found[key] = msgspec.json.decode(unseal(own[row["person"]], row["sealed"], _identity(ws.id, *key)))
            except UnsealError as unopened:
                locked[key] = unopened
    return found, locked


async def said(
    conn: asyncpg.Connection, ws: Workspace, vault: Vault, persons: Iterable[str]
) -> dict[tuple[str, str], dict[str, str]]:
    """Return what forms say, by whom a person is now: of one who was merged that of whom they were merged into comes first."""
    rows = {it.person: it for it in await entities.load(conn, ws.id, Kin, sorted(set(persons)))}
    whose = {name: root for root in persons for name in kin.all_of(lambda _, key: rows.get(key), root)}
    found, _ = await opened(conn, ws, vault, whose)
    theirs: dict[tuple[str, str], dict[str, str]] = {}
    for (person, jurisdiction), details in sorted(found.items(), key=lambda it: (it[0][0] != whose[it[0][0]], it[0])):
        theirs.setdefault((whose[person], jurisdiction), details)
    return theirs


async def paid(conn: asyncpg.Connection, ws: str, year: str, after: str, limit: int) -> list[str]:
    """Return whom something was paid in a year, those behind ``after`` in order."""
    return [row["person"] for row in await conn.fetch(_SQL["paid"], ws, year, after, limit)]


async def asked(conn: asyncpg.Connection, ws: str, limit: int) -> list[int]:
    """Return since when forms are asked for that are not there yet, the oldest first."""
    return [row["asked_at"] for row in await conn.fetch(_SQL["asked"], ws, limit)]


async def awaited(conn: asyncpg.Connection, ws: str, after: tuple[str, str], limit: int) -> list[Awaited]:
    """Return forms that are asked for and not there yet, those behind ``after`` in order of person."""
    return [Awaited(*row) for row in await conn.fetch(_SQL["awaited"], ws, *after, limit)]


async def digests(conn: asyncpg.Connection, ws: str) -> dict[tuple[str, str], str]:
    """Return the digest of what each form says, by person and jurisdiction."""
    return {(row["person"], row["jurisdiction"]): row["digest"] for row in await conn.fetch(_SQL["every"], ws)}


async def without(conn: asyncpg.Connection, ws: str) -> list[tuple[str, str]]:
    """Return the forms of people who were not erased of which it is not kept what they say."""
    return [(row["person"], row["jurisdiction"]) for row in await conn.fetch(_SQL["missing"], ws)]


def _identity(ws: str, person: str, jurisdiction: str) -> bytes:
    return row_identity("tax_form_detail", ws, person, jurisdiction)
