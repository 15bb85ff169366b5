"""CRMs whose records are written to: which, what is said there, and that what they refused is tried once more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import asyncpg

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError, UnknownError
from goodword.app.follow.crm import enqueue
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.app.see import filters
from goodword.core.entry import Entry
from goodword.core.events import RecordLooked
from goodword.outbound.crm import CRMS, FIELDS
from goodword.store import crm
from goodword.store.crm import Crm
from goodword.store.uuid7 import new_id

#: What is said of who recommended.
REFERRERS: Final = ("code", "name", "none")
_NAME: Final = 100  # characters of what a CRM calls a field
_AGAIN: Final = 1_000  # records that are tried once more at a time


@requires("webhook.manage")
async def connect(
    who: Principal,
    directory: Directory,
    source: str,
    *,
    referrer: str = "code",
    fields: Mapping[str, str] | None = None,
    site: str = "",
) -> None:
    """Have the records of a CRM written to from now on, or otherwise than before; with the key that is held for asking it.

    ``fields``: what the CRM calls some of ``FIELDS``; an empty name: it is not said there. ``site``: the host of the company's own.
    Raises InvalidError.
    """
    filters.choice("source", source, CRMS)
    filters.choice("referrer", referrer, REFERRERS)
    how = CRMS[source]
    said = {**how.fields, **(fields or {})}
    for name, there in said.items():
        filters.choice("fields", name, FIELDS)
        if len(there) > _NAME or not there.isprintable():
            raise InvalidError(f"Expected a name of {_NAME} characters at most.", "fields")
    if bool(site) is not bool(how.site) or (how.site is not None and not how.site.fullmatch(site)):
        raise InvalidError("Expected the host of your own at the CRM, for one that has such hosts.", "site")
    new = Crm(source, site, referrer, said, who.actor.id, directory.now())

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if not entry.refused:
            await crm.set_(conn, who.workspace.id, new)

    await say(who, directory, lambda s: RecordLooked(**s, subject=source, what="endpoint_set"), None, also=also)


@requires("webhook.manage")
async def end(who: Principal, directory: Directory, source: str) -> None:
    """Write to a CRM no more; what is written there stays. Raises UnknownError."""

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if not entry.refused and not await crm.end(conn, who.workspace.id, source):
            raise UnknownError("CRM that is written to")

    await say(who, directory, lambda s: RecordLooked(**s, subject=source[:64], what="endpoint_ended"), None, also=also)


@requires("webhook.send")
async def again(who: Principal, directory: Directory, source: str) -> int:
    """Write once more what a CRM refused, after somebody put right there what was wrong; returns how many. Raises UnknownError."""
    ws = who.workspace.id
    async with directory.pool.acquire() as conn, conn.transaction():
        if not await crm.every(conn, ws, source):
            raise UnknownError("CRM that is written to")
        refused = await crm.refused(conn, ws, source, _AGAIN)
        found = [("deal" if noun == "deals" else "person", subject) for noun, subject in refused]
        await enqueue(conn, ws, [source], found, new_id("msg"))
    return len(found)
