"""Messages as they are handed to the mail server: whether one was begun, to which mail it goes, which addresses get none.

Addresses are kept as keyed digests, texts sealed under the person's own key. Instants are of the real clock. Must not know: topics,
what a message says, SMTP.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import asyncpg
import msgspec

from goodword.store.people import opened, personal_identity
from goodword.store.sql_files import statements
from goodword.store.vault import UnsealError, Vault, row_identity, seal, unseal
from goodword.store.workspaces import Workspace

_SQL = statements("letter")


class Said(NamedTuple):
    """What the trusted source said of somebody that said a mail of theirs first that is new last. ``blind``: that mail's digest.

    ``key``: the person's own; ``several``: whether a trusted source said other mails of them, too.
    """

    blind: bytes
    key: bytes
    fields: dict[str, Any]
    several: bool


class Text(NamedTuple):
    """What is kept of a message before it is handed over. ``stop``: the token in its address for unsubscribing."""

    message: str
    person: str
    blind: bytes
    key: bytes
    stop: str
    text: str


class Heard(NamedTuple):
    """What became of one: sent, refused; None: nobody knows. ``reason``: the server's number, or what went wrong."""

    answer: str | None
    reason: str | None = None


async def who_has_mail(
    conn: asyncpg.Connection, ws: Workspace, vault: Vault, persons: Iterable[str]
) -> dict[str, Said]:
    """Return what is known of these persons' mail; who has none, was erased, or whose key does not open, is not among them."""
    rows = await conn.fetch(_SQL["mails"], ws.id, sorted(set(persons)))
    keys, _ = await opened(conn, ws.id, vault, (row["person"] for row in rows))
    found = {}
    for row in rows:
        person = row["person"]
        if person not in keys:
            continue
        try:
            data = unseal(keys[person], row["sealed"], personal_identity(ws.id, person, row["evt"]))
        except UnsealError:
            continue
        found[person] = Said(row["blind"], keys[person], msgspec.json.decode(data), row["several"])
    return found


async def suppressed(conn: asyncpg.Connection, ws: str, mails: Collection[bytes]) -> dict[bytes, str]:
    """Return to which of these nothing is sent, and why."""
    return {row["mail"]: row["reason"] for row in await conn.fetch(_SQL["suppressed"], ws, list(mails))}


async def begin(conn: asyncpg.Connection, ws: Workspace, letters: Sequence[Text], now: int) -> set[str]:
    """Keep messages before their texts are handed over; return those that were not begun before. The others may have arrived."""
    if not letters:
        return set()
    rows = [
        (
            it.message,
            it.person,
            it.blind,
            _hash(it.stop),
            seal(it.key, it.text.encode(), row_identity("letter", ws.id, it.message)),
        )
        for it in letters
    ]
    columns = [list(column) for column in zip(*rows, strict=True)]
    return {row["message"] for row in await conn.fetch(_SQL["begin"], ws.id, *columns, now)}


async def heard(conn: asyncpg.Connection, ws: str, answers: Mapping[str, Heard]) -> None:
    """Keep what became of messages, until the log says it."""
    if answers:
        columns = [list(column) for column in zip(*((id_, *it) for id_, it in answers.items()), strict=True)]
        await conn.execute(_SQL["heard"], ws, *columns)


async def begun(conn: asyncpg.Connection, ws: str, messages: Collection[str]) -> dict[str, Heard]:
    """Return which of these were begun, and what became of them as far as it was heard."""
    rows = await conn.fetch(_SQL["begun"], ws, list(messages))
    return {row["message"]: Heard(row["answer"], row["reason"]) for row in rows}


async def drop(conn: asyncpg.Connection, ws: str, messages: Collection[str]) -> None:
    """Forget that messages were begun: the server did not take them, or a person says that one is sent once more."""
    if messages:
        await conn.execute(_SQL["drop"], ws, list(messages))


async def suppress(conn: asyncpg.Connection, ws: str, message: str, reason: str, now: int) -> None:
    """Let nothing be sent any more to where a message went; where that was erased, nobody knows it."""
    await conn.execute(_SQL["suppress"], ws, message, reason, now)


async def lift(conn: asyncpg.Connection, ws: str, person: str) -> None:
    """Let mail be sent again to all addresses that a person has or had."""
    await conn.execute(_SQL["lift"], ws, person)


async def want(conn: asyncpg.Connection, ws: str, person: str) -> None:
    """Let mail be sent again to addresses of a person at which nobody wanted any."""
    await conn.execute(_SQL["want"], ws, person)


async def whose(conn: asyncpg.Connection, ws: str, stop: str) -> str | None:
    """Return which message a token for unsubscribing is of; None: of none, or of somebody who was erased."""
    found: str | None = await conn.fetchval(_SQL["whose"], ws, _hash(stop))
    return found


async def said(conn: asyncpg.Connection, ws: Workspace, vault: Vault, message: str) -> str | None:
    """Return what a message said; None: it was never handed over, or who got it was erased."""
    row = await conn.fetchrow(_SQL["said"], ws.id, message)
    keys = (await opened(conn, ws.id, vault, [row["person"]]))[0] if row is not None else {}
    if row is None or row["person"] not in keys:
        return None
    return unseal(keys[row["person"]], row["sealed"], row_identity("letter", ws.id, message)).decode()


async def open_(conn: asyncpg.Connection, ws: str, before: int, most: int) -> list[str]:
    """Return messages that are unknown or refused, or were ordered before an instant and are not sent yet, the oldest first."""
    return [row["id"] for row in await conn.fetch(_SQL["open"], ws, before, most)]


async def unknown(conn: asyncpg.Connection) -> int:
    """Return of how many messages nobody knows whether they arrived, in all workspaces."""
    return int(await conn.fetchval(_SQL["unknown"]))


async def of_person(
    conn: asyncpg.Connection, ws: str, persons: Sequence[str], before: tuple[int, str], most: int
) -> list[str]:
    """Return the newest messages of somebody, who has these ids, before an instant and an id."""
    return [row["id"] for row in await conn.fetch(_SQL["of_person"], ws, list(persons), *before, most)]


class Echo(NamedTuple):
    """What came of somebody's codes: how often people opened their page, and whether it brought anybody."""

    views: int
    brought: bool


async def echo(conn: asyncpg.Connection, ws: str, program: str, person: str, codes: Sequence[str]) -> Echo:
    """Return what came of somebody's codes in a program."""
    row = await conn.fetchrow(_SQL["echo"], ws, program, person, list(codes))
    return Echo(int(row["views"]), bool(row["brought"]))


async def advocates(conn: asyncpg.Connection, ws: str, program: str, before: int, after: str, most: int) -> list[str]:
    """Return active advocates of a program who joined before an instant, behind one of them, in order."""
    return [row["person"] for row in await conn.fetch(_SQL["advocates"], ws, program, after, most, before)]


def _hash(token: str) -> bytes:
    """Return what is kept of a token: it has 120 random bits, so there is nothing to guess."""
    return sha256(token.encode()).digest()
