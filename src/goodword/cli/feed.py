"""A file of events as a stream to send: read, shuffled, split among clients, sent over HTTP in batches.

Each customer's own order is kept: a refund belongs to its invoice's customer, a click to the customer its visitor became,
an enrolment to the advocate. What needs an enrolment that stands before it in the file is sent after that one is answered.
Must not know: the database.
"""

from __future__ import annotations

import asyncio
import gzip
import heapq
import random
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec

LARGEST = 1_000  # events a request
MAX_BODY = 1_000_000  # bytes a request
_TRIES = 20


class FeedError(Exception):
    """The file cannot be read or the server does not take it. The message says where."""


class Line(msgspec.Struct, frozen=True):
    """One event of the file. ``stream``: whose order it keeps; ``after``: the place of the enrolment it needs."""

    place: int
    data: bytes
    id: str
    stream: str
    repeats: int | None
    after: int | None
    is_enrolment: bool


class _Event(msgspec.Struct):
    type: str
    id: str
    occurred_at: str | None = None
    external_id: str | None = None
    customer_external_id: str | None = None
    visitor_id: str | None = None
    invoice_id: str | None = None
    code: str | None = None


class Feed(msgspec.Struct, frozen=True):
    """The lines in the order to be sent; ``starts_at``: the earliest time in the file."""

    lines: list[Line]
    starts_at: str


def read(path: Path) -> Feed:
    """Read a file of one event a line, gzip or plain. Raises FeedError naming the line."""
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rb") as file:
            texts = [line.strip() for line in file]
    except (OSError, EOFError, zlib.error) as error:
        raise FeedError(f"{path}: {error}") from None
    decoder = msgspec.json.Decoder(_Event)
    pairs = []
    for number, text in enumerate(texts, 1):
        if not text:
            continue
        try:
            pairs.append((text, decoder.decode(text)))
        except msgspec.MsgspecError as error:
            raise FeedError(f"{path} line {number}: {error}") from None
    times = [event.occurred_at for _, event in pairs if event.occurred_at]
    if not times:
        raise FeedError(f"{path}: no event says when it happened (occurred_at)")
    return Feed(_lines(pairs), min(times))


def _lines(pairs: list[tuple[bytes, _Event]]) -> list[Line]:
    customers = {e.invoice_id: e.customer_external_id for _, e in pairs if e.invoice_id and e.customer_external_id}
    visitors = {e.visitor_id: e.customer_external_id for _, e in pairs if e.visitor_id and e.customer_external_id}
    first: dict[str, int] = {}
    enrolled: dict[str, int] = {}
    lines: list[Line] = []
    for place, (data, event) in enumerate(pairs):
        person = event.external_id or event.customer_external_id
        person = person or customers.get(event.invoice_id or "") or visitors.get(event.visitor_id or "")
        is_enrolment = event.type == "advocate.enrolled"
        code = (event.code or "").lower()
        repeats = first.get(event.id)
        after = None if is_enrolment else enrolled.get(code)
        stream = lines[repeats].stream if repeats is not None else f"person {person}" if person else f"event {event.id}"
        lines.append(Line(place, data, event.id, stream, repeats, after, is_enrolment))
        first.setdefault(event.id, place)
        if is_enrolment and code:
            enrolled.setdefault(code, place)
    return lines


def shuffled(lines: list[Line], seed: int) -> list[Line]:
    """Interleave the streams at random and move repeats anywhere later."""
    dice = random.Random(seed)  # noqa: S311 - a shuffle, no secret
    streams: dict[str, list[Line]] = {}
    for line in lines:
        if line.repeats is None:
            streams.setdefault(line.stream, []).append(line)
    queues = {
        name: list(zip(sorted(dice.random() for _ in own), own, strict=True))[::-1] for name, own in streams.items()
    }
    order = _merged(queues)
    at = {line.place: float(number) for number, line in enumerate(order)}
    moved = [(dice.uniform(at[line.repeats], len(order)), line) for line in lines if line.repeats is not None]
    placed = sorted([*((at[line.place], line) for line in order), *moved], key=lambda pair: pair[0])
    return [line for _, line in placed]


def _merged(queues: dict[str, list[tuple[float, Line]]]) -> list[Line]:
    """Merge streams by key; a line whose enrolment is not out yet is held, with its stream, until it is."""
    heap = [(own[-1][0], name) for name, own in queues.items()]
    heapq.heapify(heap)
    out: list[Line] = []
    sent: set[int] = set()
    held: dict[int, list[str]] = {}
    while heap:
        _, name = heapq.heappop(heap)
        line = queues[name][-1][1]
        if line.after is not None and line.after not in sent:
            held.setdefault(line.after, []).append(name)
            continue
        queues[name].pop()
        out.append(line)
        sent.add(line.place)
        for other in (name, *held.pop(line.place, ())):
            if queues[other]:
                heapq.heappush(heap, (queues[other][-1][0], other))
    return out


async def send(
    client: httpx.AsyncClient, lines: list[Line], clients: int, sent: Callable[[int], None]
) -> dict[str, int]:
    """Send lines by that many clients, split by stream; returns how many answers there were of each status.

    ``sent`` is told after each request how many events it took. Raises FeedError.
    """
    parts: list[list[Line]] = [[] for _ in range(clients)]
    for line in lines:
        parts[zlib.crc32(line.stream.encode()) % clients].append(line)
    answered = {line.place: asyncio.Event() for line in lines if line.is_enrolment and line.repeats is None}
    statuses: dict[str, int] = {}

    async def send_part(own: list[Line]) -> None:
        for batch in _batches(own, answered):
            here = {line.place for line in batch}
            for line in batch:
                if line.after is not None and line.after not in here:
                    await answered[line.after].wait()
            for item in await _post(client, batch):
                statuses[item["status"]] = statuses.get(item["status"], 0) + 1
            for line in batch:
                if line.place in answered:
                    answered[line.place].set()
            sent(len(batch))

    async with asyncio.TaskGroup() as tasks:
        for own in parts:
            tasks.create_task(send_part(own))
    return statuses


def _batches(lines: list[Line], answered: Mapping[int, asyncio.Event]) -> Iterator[list[Line]]:
    """Cut lines into requests: no longer than may be, and never holding back one by the wait of another.

    A request is cut before a line that must wait, so that no two clients wait for what the other has in hand.
    """
    batch: list[Line] = []
    here: set[int] = set()
    size = 0
    for line in lines:
        waits = line.after is not None and line.after not in here and not answered[line.after].is_set()
        if batch and (waits or len(batch) == LARGEST or size + len(line.data) + 1 > MAX_BODY):
            yield batch
            batch, here, size = [], set(), 0
        batch.append(line)
        here.add(line.place)
        size += len(line.data) + 1
    if batch:
        yield batch


async def _post(client: httpx.AsyncClient, batch: list[Line]) -> list[dict[str, Any]]:
    """Send one request; if the server is busy or away, again: an id that was stored is recognised."""
    body = b"[" + b",".join(line.data for line in batch) + b"]"
    for tries in range(_TRIES):
        try:
            answer = await client.post("/v1/events", content=body, headers={"content-type": "application/json"})
        except httpx.TransportError as error:
            if tries == _TRIES - 1:
                raise FeedError(f"the server does not answer: {error}") from None
            await asyncio.sleep(0.2 * (tries + 1))
            continue
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            await asyncio.sleep(float(answer.headers.get("retry-after", 1)))
            continue
        if answer.status_code != httpx.codes.ACCEPTED:
            raise FeedError(f"the server answered {answer.status_code}: {answer.text[:300]}")
        items: list[dict[str, Any]] = answer.json()["items"]
        return items
    raise FeedError("the server stays busy")
