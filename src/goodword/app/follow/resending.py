"""What sources delivered and the workspace kept is sent again: through the newest mapping and the same intake as when it came.

An item is known by its own id: what was decided already is a repeat, what meant nothing then counts now. A job does a piece and lets
another go on, so that a process that ends loses nothing of it. Must not know: SQL, HTTP, who had it sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import asyncpg
import msgspec
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.follow.kinds import Kind, Queue, one_by_one
from goodword.app.intake.ingest import Ingest
from goodword.core import calendar
from goodword.core.decision import Job
from goodword.sources import expected
from goodword.sources.base import Answer, RefusedError, Request, Sender, Source
from goodword.sources.registry import feed
from goodword.sources.segment import event_file
from goodword.sources.segment.event_file import EventMapping
from goodword.store import jobs, kept, mappings
from goodword.store.jobs import Leased
from goodword.store.kept import Delivery
from goodword.store.workspaces import Workspace

KIND: Final = "deliveries.resend"
_QUEUE: Final = Queue("resend", slots=2)
_PAGE: Final = 20  # deliveries that are opened at once
_SECONDS: Final = 30  # that a job goes on for
_WHY: Final = 50  # reasons that are told apart


class Resend(Struct, omit_defaults=True):
    """How far what a source delivered was sent again. Instants are of the real clock.

    ``since``: what came from then on; ``to``: the last of it; ``behind``: how far; ``deliveries`` of ``of``; ``became``: items by what
    came of them; ``why``: of those that were refused; ``ended_at``: None while it goes on.
    """

    since: int
    to: str
    of: int
    by: str
    started_at: int
    behind: str = ""
    deliveries: int = 0
    became: dict[str, int] = {}
    why: dict[str, int] = {}
    ended_at: int | None = None


class _Piece(Struct):
    source: str
    started_at: int


def state(text: str | None) -> Resend | None:
    """Return how far it is, as it was written down."""
    return None if text is None else msgspec.json.decode(text, type=Resend)


async def begin(conn: asyncpg.Connection, ws: str, source: str, resend: Resend) -> None:
    """Let a worker send again what is kept, from the commit on."""
    await kept.set_resend(conn, ws, source, msgspec.json.encode(resend))
    await jobs.add(conn, ws, [_job(source, resend)], 0)


def kinds(directory: Directory) -> dict[str, Kind]:
    """Return the kind of job that sends again."""

    async def work(ws: str, job: Leased) -> None:
        piece = msgspec.json.decode(job.payload, type=_Piece)
        await _go_on(directory, ws, piece)

    return {KIND: Kind(one_by_one(work), _QUEUE, most=1)}


async def _go_on(directory: Directory, ws: str, piece: _Piece) -> None:
    workspace, source = await directory.workspace(ws), feed(piece.source)
    if workspace is None or source is None:
        raise LookupError(f"there is no {piece.source} in {ws}")
    clock, ingest = directory.engine.clock, Ingest(directory.engine, directory.vault)
    ends = clock.monotonic() + _SECONDS
    while True:
        async with directory.pool.acquire() as conn:
            keeping = await kept.keeping(conn, ws, piece.source)
            resend = state(keeping.resend)
            if resend is None or resend.ended_at is not None or resend.started_at != piece.started_at:
                return
            oldest = max(resend.since, clock.now() - keeping.days * calendar.DAY)
            page = await kept.behind(conn, workspace, piece.source, resend.behind, resend.to, oldest, _PAGE)
            present = (await mappings.present(conn, ws)).get(piece.source)
        own = event_file.of(present.document) if present is not None and present.document else None
        for delivery in page:
            async with (
                directory.pool.acquire() as conn
            ):  # an erasure takes all away that is kept: it may name the person
                there = await kept.is_there(conn, ws, piece.source, delivery.id)
            if there:
                await _again(ingest, workspace, source, own, delivery, resend)
            resend.behind = delivery.id
        if not page:
            resend.ended_at = clock.now()
        late = clock.monotonic() >= ends
        async with directory.pool.acquire() as conn, conn.transaction():
            await kept.set_resend(conn, ws, piece.source, msgspec.json.encode(resend))
            if late and page:
                await jobs.add(conn, ws, [_job(piece.source, resend)], 0)
        if late or not page:
            return


async def _again(
    ingest: Ingest,
    ws: Workspace,
    source: Source,
    own: EventMapping | None,
    delivery: Delivery,
    resend: Resend,
) -> None:
    """Send one delivery again, and count what came of its items."""
    sender = sender_of(source, delivery.sender)
    became, why = Counter(resend.became), Counter(resend.why)
    if sender is not None:
        items = items_of(source, ws, delivery)
        for answers in await ingest.take(ws, sender, source, items, own, delivery.at):
            _count([it for it in answers if it is not None], became, why)
    resend.became, resend.why = dict(became), dict(why.most_common(_WHY))
    resend.deliveries += 1


def items_of(source: Source, ws: Workspace, delivery: Delivery) -> Sequence[Any]:
    """Return the items of a delivery as they were read when it came; none of one that cannot be read any more."""
    live = ws.mode == "live"
    beside = lambda name: delivery.header if name == source.beside else ""  # noqa: E731
    request = Request(delivery.path, beside, delivery.body, delivery.at, live, delivery.method)
    try:
        return source.read(request)
    except RefusedError:
        return ()


def sender_of(source: Source, name: str) -> Sender | None:
    """Return who sent a delivery, by the name that its events stand under."""
    return next((it for it in source.credential.all() if it.source == name), None)


def _count(answers: Sequence[Answer], became: Counter[str], why: Counter[str]) -> None:
    if not answers:
        became["ignored"] += 1
    for answer in answers:
        became["refused" if answer.status == "invalid" else answer.status] += 1
        if answer.status in ("invalid", "conflict"):
            code = answer.code or answer.status
            known = expected.known(code, answer.field) if answer.field is not None else ""
            why[f"{code} {known}".rstrip()] += 1


def _job(source: str, resend: Resend) -> Job:
    payload = {"source": source, "started_at": resend.started_at}
    id_ = f"resend_{source}_{resend.started_at}_{resend.deliveries}"
    return Job(id=id_, kind=KIND, subject=source, queue=_QUEUE.name, payload=payload)
