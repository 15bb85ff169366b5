"""Endpoints of other systems, how far each was told the log, and what is kept of deliveries: bounded, however long the log is.

Times are instants of the real clock. Must not know: what is told, how it is sent.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Literal, NamedTuple

import asyncpg
import msgspec
from msgspec import Struct

from goodword.store.sql_files import statements
from goodword.store.vault import row_identity, seal, unseal
from goodword.store.workspaces import Workspace

_SQL = statements("webhook")

State = Literal["waiting", "dead", "delivered"]
#: Of an endpoint the last so many that arrived are kept.
KEPT = 100
#: Microseconds for which a secret of before still signs, beside the new one; and how many may.
BOTH_FOR: Final = 24 * 3_600 * 1_000_000
MOST_SECRETS: Final = 4


class Secret(Struct, frozen=True):
    """What deliveries are signed with. ``until``: when one that was exchanged ends; None: it holds."""

    text: str
    until: int | None = None


class Endpoint(NamedTuple):
    """An endpoint as it stands there; ``secrets`` sealed. ``end``: how long the log is."""

    id: str
    url: str
    description: str
    types: Sequence[str]
    programs: Sequence[str]
    status: str
    reason: str
    secrets: bytes
    made_by: str
    made_at: int
    position: int
    replay_after: int | None
    replay_to: int | None
    failures: int
    rests_until: int
    leased_until: int
    end: int


class Due(NamedTuple):
    """An endpoint of which something may be done. ``failing``: none of its last round arrived.

    ``apart``: there is more to do than to read on: it failed, is told something once more, or a delivery is due again.
    """

    workspace: str
    id: str
    failing: bool
    apart: bool


class Waiting(NamedTuple):
    """A delivery that is due."""

    id: str
    type: str
    position: int
    attempts: int
    first_at: int


class Delivery(NamedTuple):
    """What came of a delivery. ``status``: what the receiver answered; None: nothing. ``took``: milliseconds."""

    id: str
    state: State
    type: str
    position: int
    attempts: int
    first_at: int
    last_at: int
    due_at: int
    status: int | None
    took: int
    answer: str


class Round(NamedTuple):
    """How far an endpoint was told in a round. ``replay_after``: None: nothing is left to be told once more."""

    position: int
    replay_after: int | None
    failures: int
    rests_until: int


def exchanged(before: Sequence[Secret], secret: str, now: int) -> list[Secret]:
    """Return what signs when a new secret has come: that, and for a day those of before."""
    held = [Secret(one.text, one.until or now + BOTH_FOR) for one in before if one.until is None or one.until > now]
    return [Secret(secret), *held[:MOST_SECRETS]]


def sealed(workspace: Workspace, id_: str, secrets: Sequence[Secret]) -> bytes:
    """Seal an endpoint's secrets, the newest first."""
    return seal(workspace.keys.note, msgspec.json.encode(secrets), _identity(workspace, id_))


def opened(workspace: Workspace, endpoint: Endpoint) -> list[Secret]:
    """Return an endpoint's secrets, the newest first. Raises UnsealError."""
    text = unseal(workspace.keys.note, endpoint.secrets, _identity(workspace, endpoint.id))
    return msgspec.json.decode(text, type=list[Secret])


def _identity(workspace: Workspace, id_: str) -> bytes:
    return row_identity("webhook", workspace.id, id_)


def _endpoint(row: asyncpg.Record) -> Endpoint:
    types, programs = (msgspec.json.decode(row[name], type=list[str]) for name in ("types", "programs"))
    return Endpoint(*row)._replace(types=types, programs=programs)


def _json(names: Sequence[str]) -> str:
    return msgspec.json.encode(list(names)).decode()


async def add(conn: asyncpg.Connection, workspace: Workspace, endpoint: Endpoint) -> None:
    """Keep a new endpoint: it is told what is decided from now on."""
    it = endpoint
    said = (it.id, it.url, it.description, _json(it.types), _json(it.programs), it.secrets, it.made_by, it.made_at)
    await conn.execute(_SQL["add"], workspace.id, *said)


async def every(conn: asyncpg.Connection, ws: str, id_: str | None = None) -> list[Endpoint]:
    """Return all endpoints of a workspace, the oldest first, or the one with this id."""
    return [_endpoint(row) for row in await conn.fetch(_SQL["every"], ws, id_)]


async def set_(conn: asyncpg.Connection, ws: str, endpoint: Endpoint) -> bool:
    """Keep what an endpoint is now; False: there is none."""
    it = endpoint
    said = (it.id, it.url, it.description, _json(it.types), _json(it.programs), it.secrets, it.status, it.reason)
    done: str = await conn.execute(_SQL["set"], ws, *said)
    return done == "UPDATE 1"


async def remove(conn: asyncpg.Connection, ws: str, id_: str) -> bool:
    """Forget an endpoint and its deliveries; False: there is none."""
    await conn.execute(_SQL["forget"], ws, id_)
    done: str = await conn.execute(_SQL["remove"], ws, id_)
    return done == "DELETE 1"


async def replay(conn: asyncpg.Connection, ws: str, id_: str, after: int) -> bool:
    """Have an endpoint told the entries behind one once more; False: it is told some once more by now."""
    done: str = await conn.execute(_SQL["replay"], ws, id_, after)
    return done == "UPDATE 1"


async def due(conn: asyncpg.Connection, now: int) -> list[Due]:
    """Return endpoints of which something may be done."""
    return [Due(*row) for row in await conn.fetch(_SQL["due"], now)]


async def pass_over(conn: asyncpg.Connection, ws: str, endpoints: Sequence[Endpoint], to: int, now: int) -> None:
    """Say of endpoints that nothing up to an entry is for them; of one that is not as it was then, or in hand, nothing."""
    rows = [(it.id, it.position, _json(it.types), _json(it.programs)) for it in endpoints]
    await conn.execute(_SQL["pass_over"], ws, to, now, *map(list, zip(*rows, strict=True)))


async def lease(conn: asyncpg.Connection, ws: str, id_: str, now: int, until: int) -> Endpoint | None:
    """Take an endpoint in hand; None if nothing may be done of it now."""
    row = await conn.fetchrow(_SQL["lease"], ws, id_, now, until)
    return _endpoint(row) if row else None


async def settle(conn: asyncpg.Connection, ws: str, endpoint: Endpoint, to: Round) -> bool:
    """Say how far an endpoint was told, and give it back; False: somebody else has it in hand by now."""
    it = endpoint
    done: str = await conn.execute(
        _SQL["settle"],
        ws,
        it.id,
        it.leased_until,
        to.position,
        it.replay_after,
        to.replay_after,
        to.failures,
        to.rests_until,
    )
    return done == "UPDATE 1"


async def pause(conn: asyncpg.Connection, ws: str, id_: str, reason: str) -> None:
    """Tell an endpoint nothing more for now."""
    await conn.execute(_SQL["pause"], ws, id_, reason)


async def wake(conn: asyncpg.Connection, ws: str, id_: str) -> None:
    """Let something be tried at an endpoint at once, whatever failed there."""
    await conn.execute(_SQL["wake"], ws, id_)


async def rest(conn: asyncpg.Connection, ws: str, id_: str) -> None:
    """Let an endpoint rest until the next of its deliveries is due."""
    await conn.execute(_SQL["rest"], ws, id_)


async def tests(conn: asyncpg.Connection, ws: str, id_: str) -> int:
    """Return how many tests wait to be sent."""
    many: int = await conn.fetchval(_SQL["tests"], ws, id_)
    return many


async def waiting(conn: asyncpg.Connection, ws: str, id_: str, now: int, limit: int) -> list[Waiting]:
    """Return deliveries that are due."""
    return [Waiting(*row) for row in await conn.fetch(_SQL["waiting"], ws, id_, now, limit)]


async def counts(conn: asyncpg.Connection, ws: str, id_: str) -> dict[str, int]:
    """Return how many deliveries are kept, by state."""
    return {row["state"]: row["count"] for row in await conn.fetch(_SQL["counts"], ws, id_)}


async def keep(conn: asyncpg.Connection, ws: str, id_: str, deliveries: Iterable[Delivery]) -> None:
    """Keep what came of deliveries, and of those that arrived the last."""
    rows = list(deliveries)
    arrived = sorted((row for row in rows if row.state == "delivered"), key=lambda row: row.due_at)
    forgotten = {row.id for row in arrived[: max(0, len(arrived) - KEPT)]}
    kept = [row for row in rows if row.id not in forgotten]
    if again := [row.id for row in arrived if row.id in forgotten and row.attempts > 1]:
        await conn.execute(_SQL["drop"], ws, id_, again)
    if kept:
        await conn.execute(_SQL["keep"], ws, id_, *map(list, zip(*kept, strict=True)))
    if arrived:
        await conn.execute(_SQL["bound"], ws, id_, KEPT)


async def page(conn: asyncpg.Connection, ws: str, id_: str, before: str, state: str, limit: int) -> list[Delivery]:
    """Return deliveries of an endpoint, the newest first."""
    return [Delivery(*row) for row in await conn.fetch(_SQL["page"], ws, id_, before, state, limit)]


async def again(conn: asyncpg.Connection, ws: str, id_: str, message: str, now: int) -> int:
    """Try a delivery, or with an empty id all that were given up, once more; returns how many."""
    done: str = await conn.execute(_SQL["again"], ws, id_, message, now)
    return int(done.rpartition(" ")[2])
