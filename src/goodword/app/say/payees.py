"""Payees: where a beneficiary is paid."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Literal

import asyncpg

from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.app.write.commands import content_of
from goodword.core.entry import Entry
from goodword.core.events import PayeeSet
from goodword.core.state import Kin
from goodword.outbound.rails import REGISTRY, checked, for_mode
from goodword.sources.identity import name_words, same_name
from goodword.sources.naming import NAMES
from goodword.store import entities, payees, people
from goodword.store.vault import MasterKeyError, UnsealError, Vault
from goodword.store.workspaces import Workspace

#: So many of the newest events are asked what they call a person.
_EVENTS = 20


@requires("payee.set")
async def set_payee(
    who: Principal, directory: Directory, person: str, rail: str, details: Mapping[str, str], key: str | None = None
) -> Entry:
    """Enter or change payment details of a beneficiary, in the canonical form of their rail.

    Those of an account that was merged are of the one that it goes on as. Raises UnknownError for a person whom nobody knows,
    ConflictError for one whose key does not open, DetailsError, RailModeError, KeyError for a rail that there is not, and InvalidError
    for one that goes to no details.
    """
    fields = for_mode(REGISTRY, rail, who.workspace.mode).fields
    if not fields:
        raise InvalidError(f"{rail} goes to no payment details: there is nothing to enter.", "rail")
    details = checked(fields, details)
    while True:
        async with directory.reading() as conn:
            now = await _now(conn, who.workspace, person)
        try:
            return await _set(who, directory, now, rail, details, key)
        except _Merged:  # meanwhile: nothing was kept
            continue


class _Merged(Exception):
    """The account goes on as another one since it was looked at."""


async def _now(conn: asyncpg.Connection, ws: Workspace, person: str) -> str:
    """Whom a person was merged into; themselves, where nobody merged them."""
    merged = await entities.load(conn, ws.id, Kin, [person])
    return merged[0].root if merged else person


async def _named(
    conn: asyncpg.Connection, ws: Workspace, vault: Vault, person: str, holder: str | None
) -> Literal["differs"] | None:
    """Return whether details are in another name than a person is known by: that alone leaves here, and no name.

    Known is what the newest events called them, as advocate or as customer; None, where that is nothing, or one of it fits.
    """
    if holder is None:
        return None
    said = await people.said_of(conn, ws.id, vault, person, _EVENTS)
    known = [text for field in NAMES if isinstance(text := said.get(field), str) and name_words(text)]
    return "differs" if known and not any(same_name(holder, text) for text in known) else None


async def _set(
    who: Principal, directory: Directory, person: str, rail: str, details: Mapping[str, str], key: str | None
) -> Entry:
    """Enter the details of an account, as it is when this is committed. Raises _Merged if it went meanwhile."""
    ws = who.workspace
    destination = payees.digest(ws, person, rail, dict(details))
    async with directory.reading() as conn:
        named = await _named(conn, ws, directory.vault, person, details.get("name"))

    async def save(conn: asyncpg.Connection, entry: Entry) -> None:
        if await _now(conn, ws, person) != person:
            raise _Merged
        if any(verdict.outcome == "payee_set" for verdict in entry.verdicts):
            try:
                await payees.save(conn, ws, directory.vault, person, rail, dict(details))
            except LookupError:
                raise UnknownError("person") from None
            except (MasterKeyError, UnsealError):
                what = "The key of this person does not open, so nothing can be kept of them: ask your operator."
                raise ConflictError("person_locked", what) from None

    given = partial(PayeeSet, person=person, rail=rail, destination=destination)
    # A repeat is the same by what was given: what the person is called may be another name by then.
    same = content_of(given(evt="", source="", occurred_at=0, accepted_at=0))
    return await say(who, directory, lambda s: given(**s, payee_name=named), key, also=save, content=same)
