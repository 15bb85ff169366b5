"""Webhooks: which endpoints there are, how far each was told the log, and what became of its deliveries."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters
from goodword.app.see.paging import Page, by_id
from goodword.core import notices
from goodword.store import webhooks

STATES: Final = ("waiting", "dead", "delivered")
_END = "~"  # behind every id


class Webhook(Struct, frozen=True):
    """An endpoint. Instants are of the real clock.

    ``reason``: why it is paused; ``position``: the last entry of which it was told, of ``end``; ``replay_after``, ``replay_to``: what
    it is told once more; ``rests_until``: nothing is tried before then, for none of the last deliveries arrived; ``waiting``,
    ``dead``: how many deliveries are tried again, and were given up. ``old_secret_until``: when the secret of before ends.
    """

    id: str
    url: str
    description: str
    types: tuple[str, ...]
    programs: tuple[str, ...]
    status: str
    reason: str | None
    made_by: str
    created_at: int
    position: int
    end: int
    replay_after: int | None
    replay_to: int | None
    rests_until: int | None
    waiting: int
    dead: int
    old_secret_until: int | None


class Delivery(Struct, frozen=True):
    """What came of a message. ``status``: what the receiver answered, None: nothing; ``took``: milliseconds; ``position`` 0: a test."""

    id: str
    state: str
    type: str
    position: int
    attempts: int
    first_at: int
    last_at: int
    due_at: int
    status: int | None
    took: int
    answer: str


@requires("webhook.read")
async def every(who: Principal, directory: Directory) -> list[Webhook]:
    """Return all endpoints, the oldest first."""
    return await _shown(who, directory, None)


@requires("webhook.read")
async def one(who: Principal, directory: Directory, webhook: str) -> Webhook:
    """Return an endpoint. Raises UnknownError."""
    found = await _shown(who, directory, webhook)
    if not found:
        raise UnknownError("webhook")
    return found[0]


@requires("webhook.read")
async def deliveries(
    who: Principal, directory: Directory, webhook: str, *, state: str | None = None, after: str = "", limit: int = 50
) -> Page[Delivery]:
    """Return deliveries of an endpoint, the newest first: all that wait or were given up, the last that arrived."""
    filters.choice("state", state, STATES)
    async with directory.snapshot() as conn:
        if not await webhooks.every(conn, who.workspace.id, webhook):
            raise UnknownError("webhook")
        rows = await webhooks.page(conn, who.workspace.id, webhook, after or _END, state or "", limit)
    return by_id([Delivery(*row) for row in rows], limit)


@requires("webhook.read")
async def kinds(who: Principal, directory: Directory) -> list[str]:  # noqa: ARG001 - as every read
    """Return the types of notices that who asks may have sent to an endpoint."""
    return [type_ for type_, kind in notices.KINDS.items() if who.may(kind.action)]


async def _shown(who: Principal, directory: Directory, webhook: str | None) -> list[Webhook]:
    now, ws = directory.now(), who.workspace
    filters.id_of("webhook", webhook, "webhook")
    async with directory.snapshot() as conn:
        rows = await webhooks.every(conn, ws.id, webhook)
        counts = {row.id: await webhooks.counts(conn, ws.id, row.id) for row in rows}
    return [
        Webhook(
            id=row.id,
            url=row.url,
            description=row.description,
            types=tuple(row.types),
            programs=tuple(row.programs),
            status=row.status,
            reason=row.reason or None,
            made_by=row.made_by,
            created_at=row.made_at,
            position=row.position,
            end=row.end,
            replay_after=row.replay_after,
            replay_to=row.replay_to,
            rests_until=row.rests_until if row.rests_until > now and row.status == "active" else None,
            waiting=counts[row.id].get("waiting", 0),
            dead=counts[row.id].get("dead", 0),
            old_secret_until=next((it.until for it in webhooks.opened(ws, row) if it.until and it.until > now), None),
        )
        for row in rows
    ]
