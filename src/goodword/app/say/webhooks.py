"""Webhooks: where what is decided is told, of what, and what is told once more. Who said so stands on the record.

An endpoint gets no more than who makes or changes it may read: each type of notice takes the action that reads it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

import asyncpg

from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.principal import NotPermittedError, Principal, requires
from goodword.app.say.said import say
from goodword.app.see import filters
from goodword.core import notices
from goodword.core.entry import Entry
from goodword.core.events import RecordLooked
from goodword.outbound.addresses import AddressError, checked_url, new_secret
from goodword.store import log, pages, webhooks
from goodword.store.uuid7 import new_id
from goodword.store.webhooks import Delivery, Endpoint, Secret

#: Endpoints of a workspace.
MOST: Final = 20
#: Tests of an endpoint that wait.
MOST_TESTS: Final = 10
_DESCRIPTION = 200

#: What is changed of an endpoint in a commit.
_Change = Callable[[asyncpg.Connection, Endpoint], Awaitable[Endpoint]]


@requires("webhook.manage")
async def make(
    who: Principal,
    directory: Directory,
    url: str,
    *,
    description: str = "",
    types: Sequence[str] | None = None,
    programs: Sequence[str] = (),
    once: str | None = None,
) -> tuple[str, str]:
    """Make an endpoint, which is told what is decided from now on; return its id and its secret, which is shown once.

    ``types``: None: all that who makes it may read. ``once``: a repeat raises CommandConflictError, for nobody has the secret any more.
    """
    ws, secret = who.workspace, new_secret()
    id_ = new_id("whk")
    url, types = _url(who, directory, url), _types(who, types)
    async with directory.reading() as conn:
        programs = await _programs(conn, who, programs)
    sealed = webhooks.sealed(ws, id_, [Secret(secret)])
    made = (who.actor.id, directory.now(), 0, None, None, 0, 0, 0, 0)
    new = Endpoint(id_, url, _text(description), types, programs, "active", "", sealed, *made)

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if entry.refused:
            return
        if len(await webhooks.every(conn, ws.id)) >= MOST:
            raise ConflictError("too_many_webhooks", f"A workspace has {MOST} webhooks at most: end one first.")
        await webhooks.add(conn, ws, new)

    await say(who, directory, lambda s: RecordLooked(**s, subject=id_, what="endpoint_set"), once, also=also)
    return id_, secret


@requires("webhook.manage")
async def change(
    who: Principal,
    directory: Directory,
    webhook: str,
    *,
    url: str | None = None,
    description: str | None = None,
    types: Sequence[str] | None = None,
    programs: Sequence[str] | None = None,
) -> None:
    """Change an endpoint; what is None stays. Raises UnknownError."""
    url = None if url is None else _url(who, directory, url)
    wanted = None if types is None else _types(who, types)
    if programs is not None:
        async with directory.reading() as conn:
            programs = await _programs(conn, who, programs)

    async def changed(_: asyncpg.Connection, it: Endpoint) -> Endpoint:
        if url is not None:
            _may(who, it.types if wanted is None else wanted)  # what goes to another place is what they may read
        return it._replace(
            url=url or it.url,
            description=it.description if description is None else _text(description),
            types=it.types if wanted is None else wanted,
            programs=it.programs if programs is None else programs,
        )

    await _change(who, directory, webhook, "endpoint_set", changed)


@requires("webhook.manage")
async def exchange(who: Principal, directory: Directory, webhook: str, once: str | None = None) -> str:
    """Make a new secret and return it, shown once. For a day deliveries are signed with those of before too.

    They get no more of what the endpoint is told than they may read. ``once``: a repeat raises ConflictError, for nobody has the
    secret any more. Raises UnknownError.
    """
    secret, now = new_secret(), directory.now()

    async def changed(_: asyncpg.Connection, it: Endpoint) -> Endpoint:
        _may(who, it.types)
        held = webhooks.exchanged(webhooks.opened(who.workspace, it), secret, now)
        return it._replace(secrets=webhooks.sealed(who.workspace, it.id, held))

    await _change(who, directory, webhook, "endpoint_set", changed, once or new_id("msg"))
    async with directory.reading() as conn:
        kept = webhooks.opened(who.workspace, await _one(conn, who, webhook))
    if secret not in [it.text for it in kept]:
        raise ConflictError("shown_once", "Its secret was shown when this was said first: exchange it once more.")
    return secret


@requires("webhook.manage")
async def end(who: Principal, directory: Directory, webhook: str) -> None:
    """End an endpoint; what waits for it is not sent. Raises UnknownError."""

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if not entry.refused and not await webhooks.remove(conn, who.workspace.id, webhook):
            raise UnknownError("webhook")

    await say(who, directory, lambda s: RecordLooked(**s, subject=webhook[:64], what="endpoint_ended"), None, also=also)


@requires("webhook.send")
async def move(who: Principal, directory: Directory, webhook: str, to: str) -> None:
    """Pause an endpoint (``paused``), or let it go on where it was (``active``). Raises UnknownError."""
    if to not in ("active", "paused"):
        raise InvalidError("Expected active or paused.", "status")

    async def changed(_: asyncpg.Connection, it: Endpoint) -> Endpoint:
        return it._replace(status=to, reason="asked" if to == "paused" else "")

    await _change(who, directory, webhook, "endpoint_set", changed)


@requires("webhook.send")
async def replay(
    who: Principal, directory: Directory, webhook: str, *, position: int | None = None, since: int | None = None
) -> int:
    """Tell an endpoint once more what was decided from a position on, or from an instant of the workspace's clock; with the same ids.

    Returns the first position. What is decided meanwhile goes its own way. Raises UnknownError, and ConflictError while it is told
    something once more.
    """
    if (position is None) == (since is None):
        raise InvalidError("Expected either a position or an instant.", "position")
    async with directory.reading() as conn:
        it = await _one(conn, who, webhook)
        first = position if position is not None else await _first(conn, who.workspace.id, it.end, since or 0)
    if not 1 <= first <= max(1, it.position):
        raise InvalidError(f"Expected a position from 1 to {it.position}, of which it was told.", "position")

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if not entry.refused and not await webhooks.replay(conn, who.workspace.id, webhook, first - 1):
            raise ConflictError("replaying", "It is being told something once more: wait until that has ended.")

    await say(who, directory, lambda s: RecordLooked(**s, subject=webhook, what="retold"), None, also=also)
    return first


@requires("webhook.send")
async def try_(who: Principal, directory: Directory, webhook: str) -> str:
    """Send a test to an endpoint, as soon as a worker comes to it; returns its id. Raises UnknownError, ConflictError."""
    now, id_ = directory.now(), new_id("msg")
    async with directory.pool.acquire() as conn, conn.transaction():
        await _one(conn, who, webhook)
        if await webhooks.tests(conn, who.workspace.id, webhook) >= MOST_TESTS:
            raise ConflictError("too_many_tests", f"{MOST_TESTS} tests wait to be sent: see what became of them first.")
        test = Delivery(id_, "waiting", notices.TEST, 0, 0, now, now, now, None, 0, "")
        await webhooks.keep(conn, who.workspace.id, webhook, [test])
        await webhooks.wake(conn, who.workspace.id, webhook)
    return id_


@requires("webhook.send")
async def again(who: Principal, directory: Directory, webhook: str, message: str = "") -> int:
    """Send a delivery once more, or all that were given up; returns how many. Raises UnknownError."""
    async with directory.pool.acquire() as conn, conn.transaction():
        await _one(conn, who, webhook)
        many = await webhooks.again(conn, who.workspace.id, webhook, message, directory.now())
        await webhooks.wake(conn, who.workspace.id, webhook)
    if message and not many:
        raise UnknownError("delivery that is kept: replay from its position")
    return many


async def _change(
    who: Principal, directory: Directory, webhook: str, what: str, changed: _Change, once: str | None = None
) -> None:
    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if entry.refused:
            return
        it = await _one(conn, who, webhook)
        await webhooks.set_(conn, who.workspace.id, await changed(conn, it))

    await say(who, directory, lambda s: RecordLooked(**s, subject=webhook[:64], what=what), once, also=also)


async def _one(conn: asyncpg.Connection, who: Principal, webhook: str) -> Endpoint:
    for found in await webhooks.every(conn, who.workspace.id, webhook):
        return found
    raise UnknownError("webhook")


async def _first(conn: asyncpg.Connection, ws: str, end: int, since: int) -> int:
    """Return the first position that was decided at an instant or later: the workspace's clock never falls."""
    low, high = 1, end + 1
    while low < high:
        middle = (low + high) // 2
        entry = await log.at(conn, ws, middle)
        if entry is None or entry.as_of >= since:
            high = middle
        else:
            low = middle + 1
    return low


def _url(who: Principal, directory: Directory, url: str) -> str:
    try:
        return checked_url(url, live=who.workspace.mode == "live", loopback=directory.loopback)
    except AddressError as error:
        raise InvalidError(str(error), "url") from None


def _types(who: Principal, types: Sequence[str] | None) -> list[str]:
    if types is None:
        return [type_ for type_, kind in notices.KINDS.items() if who.may(kind.action)]
    for type_ in types:
        filters.choice("types", type_, notices.KINDS, "type")
    if not types:
        raise InvalidError("Expected a type at least: GET /v1/webhooks/types lists them.", "types")
    _may(who, types)
    return [type_ for type_ in notices.KINDS if type_ in types]


def _may(who: Principal, types: Iterable[str]) -> None:
    for type_ in types:
        kind = notices.KINDS.get(type_)
        if kind is not None and not who.may(kind.action):
            raise NotPermittedError(
                kind.action, f"{type_} tells what you may not read ({kind.action}): ask somebody who may."
            )


async def _programs(conn: asyncpg.Connection, who: Principal, named: Sequence[str]) -> list[str]:
    known = {name: it.id for it in await pages.programs(conn, who.workspace.id) for name in (it.id, it.slug)}
    for name in named:
        if name not in known:
            raise UnknownError(f"program {name}"[:80])
    return list(dict.fromkeys(known[name] for name in named))


def _text(description: str) -> str:
    if len(description) > _DESCRIPTION or not description.isprintable():
        raise InvalidError(f"Expected a line of {_DESCRIPTION} characters at most.", "description")
    return description
