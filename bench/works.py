"""What is measured. A work is prepared once, then does rounds; a round ends when all it sent is durable and decided."""

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import httpx
import load
from load import Sent
from place import HOST, Place

_BATCH = 100
_ENROLLED = 200

_RULES = """
program: bench
currency: EUR
landing_url: https://shop.example.com/welcome
new_customers_only: true
hold: 30d
conversions:
  - on: purchase
    window: 90d
    minimum: {EUR: 1000}
    rewards:
      - {side: advocate, kind: cash, percent: 10, cap: {EUR: 5000}, limits: [{per: month, count: 100000}]}
      - {side: friend, kind: cash, flat: {EUR: 500}}
"""


class Round(NamedTuple):
    """Operations that were durable (and decided) after so many seconds, and how long each request took in ms."""

    operations: int
    seconds: float
    latencies: list[float]


class Prepared(NamedTuple):
    """A work that is ready. ``make`` gives the requests of a round before its clock starts; ``do`` sends them."""

    make: Callable[[int], list[bytes]]
    do: Callable[[list[bytes]], Awaitable[Round]]


class Work(NamedTuple):
    """What is measured: its name, what one operation is, operations a round, and how it is prepared."""

    name: str
    operation: str
    size: int
    prepare: Callable[[Place], Awaitable[Prepared]]


async def _workspace(place: Place, name: str) -> dict[str, Any]:
    """Make a workspace with a program and advocates."""
    made: dict[str, Any] = place.goodword("workspace", "create", name, "--owner", "owner@example.com")
    async with httpx.AsyncClient(base_url=place.url, timeout=60) as client:
        answer = await client.post(
            "/v1/programs",
            json={"document": _RULES},
            headers={"authorization": f"Bearer {made['owner_key']}", "idempotency-key": name},
        )
        answer.raise_for_status()
    enrolled = [
        {"type": "advocate.enrolled", "id": f"e{n}", "external_id": f"a{n}", "code": f"code{n}"}
        for n in range(_ENROLLED)
    ]
    await load.send(HOST, place.port, list(_posts(made, enrolled)), 1, 202)
    await place.decided(made["id"])
    return made


def _posts(workspace: dict[str, Any], events: list[dict[str, Any]]) -> list[bytes]:
    headers = {
        "host": HOST,
        "authorization": f"Bearer {workspace['write_key']}",
        "content-type": "application/json",
    }
    batches = [events[at : at + _BATCH] for at in range(0, len(events), _BATCH)]
    return [load.request("POST", "/v1/events", headers, json.dumps(batch).encode()) for batch in batches]


def _traffic(begin: int, count: int) -> list[dict[str, Any]]:
    """Events in fives: two leads with a code, the purchase of each, which earns both sides a reward, and a stranger's."""
    found: list[dict[str, Any]] = []
    for n in range(begin, begin + count // 5):
        for half in ("x", "y"):
            customer, code = f"c{n}{half}", f"code{(2 * n + (half == 'y')) % _ENROLLED}"
            found.append({"type": "lead.created", "id": f"l{n}{half}", "customer_external_id": customer, "code": code})
        found.extend(_purchase(f"c{n}{half}", f"{n}{half}", 2_000 + n % 5_000) for half in ("x", "y"))
        found.append(_purchase(f"s{n}", f"{n}s", 3_000 + n % 7_000))
    return found


def _purchase(customer: str, id_: str, amount: int) -> dict[str, Any]:
    return {
        "type": "conversion.recorded",
        "id": f"p{id_}",
        "customer_external_id": customer,
        "invoice_id": f"i{id_}",
        "amount": amount,
        "currency": "EUR",
    }


async def _prepare_ingest(place: Place) -> Prepared:
    workspace = await _workspace(place, "bench-ingest")
    begin = itertools.count(0, 1_000_000)

    def make(size: int) -> list[bytes]:
        return _posts(workspace, _traffic(next(begin), size))

    async def do(requests: list[bytes]) -> Round:
        before = await _rewards(place, workspace["id"])
        clock = asyncio.get_running_loop().time
        begun = clock()
        sent = await load.send(HOST, place.port, requests, 4, 202)
        await place.decided(workspace["id"])
        seconds = clock() - begun
        operations = len(requests) * _BATCH
        earned = await _rewards(place, workspace["id"]) - before
        if earned != operations * 4 // 5:
            raise RuntimeError(f"{operations} events brought {earned} rewards, not {operations * 4 // 5}")
        return Round(operations, seconds, sent.latencies)

    return Prepared(make, do)


async def _rewards(place: Place, workspace: str) -> int:
    return int(await place.database.fetchval("select count(*) from reward where workspace_id = $1", workspace))


async def _prepare_redirect(place: Place) -> Prepared:
    workspace = await _workspace(place, "bench-redirect")

    def make(size: int) -> list[bytes]:
        path = f"/w/{workspace['id']}/r/code"
        headers = {"host": HOST, "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
        return [load.request("GET", f"{path}{n % _ENROLLED}", headers) for n in range(size)]

    async def do(requests: list[bytes]) -> Round:
        before = await _clicks(place, workspace["id"])
        sent: Sent = await load.send(HOST, place.port, requests, 64, 302)
        stored = await _clicks(place, workspace["id"]) - before
        if stored != len(requests):
            raise RuntimeError(f"{len(requests)} redirects were answered and {stored} clicks are stored")
        return Round(len(requests), sent.seconds, sent.latencies)

    return Prepared(make, do)


async def _clicks(place: Place, workspace: str) -> int:
    return int(await place.database.fetchval("select count(*) from touch where workspace_id = $1", workspace))


WORKS = (
    Work("ingest_batch", "event decided", 10_000, _prepare_ingest),
    Work("redirect", "click stored and redirected", 20_000, _prepare_redirect),
)
