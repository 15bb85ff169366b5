"""A workspace to measure in, and events for it: leads with a code, purchases that earn, purchases of strangers."""

import asyncio
import itertools
import json
from collections.abc import Sequence
from typing import Any

from place import Place, Server
from programs import HERE
from testkit import load, sent
from testkit.api import Api
from testkit.product import HOST

BATCH = 100
ENROLLED = 200

RULES = (HERE / "works" / "rules.yaml").read_text()


async def workspace(place: Place, server: Server, name: str) -> dict[str, Any]:
    """Make a workspace with a program and 200 advocates; returns its id and keys."""
    made: dict[str, Any] = await place.goodword(
        "workspace", "create", name, "--mode", "sandbox", "--owner", "owner@example.com"
    )
    api = Api(server.url, made)
    with api.http:
        await asyncio.to_thread(api.say, "owner", "/v1/programs", {"document": RULES})
    enrolled = [sent.enrolled(f"e{n}", f"a{n}", f"code{n}") for n in range(ENROLLED)]
    await load.send(HOST, server.port, posts(made, enrolled, BATCH), 1, 202)
    await place.decided(made["id"])
    return made


def links(workspace: dict[str, Any]) -> list[str]:
    """Return the path of each advocate's link."""
    return [f"/w/{workspace['id']}/r/code{n}" for n in range(ENROLLED)]


def posts(
    workspace: dict[str, Any], events: Sequence[dict[str, Any]], batch: int, more: dict[str, str] | None = None
) -> list[bytes]:
    """Return the requests that send these events: a single one, or an array of so many. ``more``: further headers."""
    headers = load.bearer(workspace["write_key"], host=HOST) | (more or {})
    batches = [events[at : at + batch] for at in range(0, len(events), batch)]
    return [
        load.request("POST", "/v1/events", headers, json.dumps(one if batch > 1 else one[0]).encode())
        for one in batches
    ]


def segment_posts(workspace: dict[str, Any], events: Sequence[dict[str, Any]], batch: int) -> list[bytes]:
    """Return the requests by which a client of Segment's says the same."""
    headers = load.bearer(workspace["write_key"], host=HOST)
    items = [_by_segment(event) for event in events]
    bodies = [
        {"batch": items[at : at + batch], "sentAt": "2026-11-27T10:00:00.000Z"} for at in range(0, len(items), batch)
    ]
    return [load.request("POST", "/v1/batch", headers, json.dumps(body).encode()) for body in bodies]


def _by_segment(event: dict[str, Any]) -> dict[str, Any]:
    """Return a lead or a purchase as analytics-node sends it, with what that sends beside."""
    lead = event["type"] == "lead.created"
    return {
        "type": "track",
        "event": "Signed Up" if lead else "Order Completed",
        "userId": event["customer_external_id"],
        "messageId": event["id"],
        "properties": {"referral_code": event["code"]}
        if lead
        else {"order_id": event["invoice_id"], "total": event["amount"] / 100, "currency": event["currency"]},
        "context": {"library": {"name": "@segment/analytics-node", "version": "3.1.0"}},
        "integrations": {},
        "_metadata": {"nodeVersion": "20.20.2", "jsRuntime": "node"},
        **({"timestamp": event["occurred_at"]} if "occurred_at" in event else {}),
    }


def traffic(begin: int, count: int, apart: int = 1) -> list[dict[str, Any]]:
    """Return events in fives: two leads with a code, the purchase of each, which earns both sides a reward, a stranger's.

    So many fives are woven into one another: a purchase comes at least twice as many events after its lead.
    """
    found: list[dict[str, Any]] = []
    for first in range(begin, begin + count // 5, apart):
        block = range(first, min(first + apart, begin + count // 5))
        for n, half in itertools.product(block, "xy"):
            found.append(sent.lead(f"l{n}{half}", f"c{n}{half}", code=f"code{(2 * n + (half == 'y')) % ENROLLED}"))
        for n, half in itertools.product(block, "xy"):
            found.append(sent.purchase(f"p{n}{half}", f"c{n}{half}", f"i{n}{half}", 2_000 + n % 5_000))
        found += [sent.purchase(f"p{n}s", f"s{n}", f"i{n}s", 3_000 + n % 7_000) for n in block]
    return found


def rewards(events: int) -> int:
    """Return how many rewards so many of these events bring."""
    return events // 5 * 4
