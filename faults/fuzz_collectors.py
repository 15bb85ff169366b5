"""The decoder of what other products' clients send: each protocol's items, at its paths, with a key where its clients put one.

Each is also read and mapped in this process, where a mapping that raises is not kept from us by the edge.
"""

import json
from typing import Any

from faults.fuzz_decoders import Decoder
from faults.fuzz_house import Fuzz
from faults.fuzz_inputs import TEXT, changed, packed, seldom, spoiled, written
from faults.simulate_request import Reply
from hypothesis import strategies as st
from testkit.load import bearer

from goodword.core import calendar
from goodword.sources.base import Problem, RefusedError, Request
from goodword.sources.registry import REGISTRY

_GZIP = {"content-encoding": "gzip"}
_AT = "2026-11-27T10:00:00.000Z"
_NOW = calendar.parse("2026-11-27T12:00:00Z")
_NAMES = ("Order Completed", "Order Refunded", "Signed Up", "Invoice Paid", "Product Viewed")
_PROPERTIES: dict[str, Any] = {
    "order_id": "o1",
    "refund_id": "r1",
    "total": 19.99,
    "tax": "1.90",
    "shipping": 3,
    "currency": "EUR",
    "products": [{"product_id": "p1", "price": 5.03, "quantity": 3, "brand": "acme"}],
    "gw_click": "tch_1",
    "referral_code": "ANN",
    "country": "DE",
}
_PERSON: dict[str, Any] = {
    "email": "bob@mail.example",
    "first_name": "Bob",
    "plan": "pro",
    "address": {"country": "DE"},
}
_PAGE: dict[str, Any] = {"page": {"url": "https://shop.example/?gw_code=ANN", "search": "?gw_click=tch_2"}}


def _segment(name: str, n: int) -> dict[str, Any]:
    kind = "identify" if name == "Product Viewed" else "track"
    who = {"userId": f"u{n % 7}", "anonymousId": f"a{n % 5}", "messageId": f"m{n}", "timestamp": _AT, "sentAt": _AT}
    said = {
        "properties": _PROPERTIES,
        "traits": _PERSON,
        "context": {"traits": _PERSON, **_PAGE, "device": {"id": "d1"}},
    }
    return {"type": kind, "event": name, **who, **said}


def _posthog(name: str, n: int) -> dict[str, Any]:
    event = "$identify" if name == "Product Viewed" else name
    more = {"$set": _PERSON, "$set_once": _PERSON, "$device_id": f"a{n % 5}", "$current_url": _PAGE["page"]["url"]}
    who = {"distinct_id": f"u{n % 7}", "uuid": f"m{n}", "timestamp": _AT}
    return {"event": event, **who, "properties": {**_PROPERTIES, **more}, "$set": _PERSON}


def _customerio(name: str, n: int) -> dict[str, Any]:
    at = _AT if n % 2 else 1_795_773_600
    return {"name": name, "id": f"m{n}", "timestamp": at, "anonymous_id": f"a{n % 5}", "data": _PROPERTIES, **_PERSON}


#: Path -> method, item, and whether it is a batch of them.
_PLACES = {
    "/v1/batch": ("POST", _segment, True),
    "/v1/track": ("POST", _segment, False),
    "/v1/i": ("POST", _segment, False),
    "/batch/": ("POST", _posthog, True),
    "/capture": ("POST", _posthog, False),
    "/api/s/track": ("POST", _segment, False),
    "/api/v1/customers/u1": ("PUT", _customerio, False),
    "/x/customers/u%2F1/events": ("POST", _customerio, False),
    "/events": ("POST", _customerio, False),
    "/customers/u1": ("DELETE", _customerio, False),
}


async def collectors(fuzz: Fuzz) -> Decoder:
    """Bodies as Segment's, PostHog's, Jitsu's and Customer.io's clients send them, almost as they do, and not at all."""
    name, number = st.sampled_from(_NAMES), st.integers(0, 10_000)

    def bodies(path: str) -> st.SearchStrategy[tuple[str, bytes, dict[str, str]]]:
        _, make, is_batch = _PLACES[path]
        item = st.builds(make, name, number)
        whole = (
            st.lists(item, min_size=1, max_size=4).map(lambda some: {"batch": some, "sentAt": _AT})
            if is_batch
            else item
        )
        text = written(changed(whole))
        body = seldom(text, spoiled(text), 7)
        sent = seldom(body.map(lambda data: (data, {})), packed(body).map(lambda data: (data, _GZIP)), 5)
        return sent.map(lambda found: (path, *found))

    asked = {
        "sent": st.sampled_from(sorted(_PLACES)).flatmap(bodies),
        "headers": seldom(st.just({}), st.builds(lambda text: {"x-write-key": text[:50]}, TEXT.map(_ascii)), 12),
        "parts": st.sampled_from((1, 1, 4)),
        "cut": seldom(st.just(False), st.just(True), 50),
        "in_body": seldom(st.just(False), st.just(True), 5),
    }

    async def check(given: dict[str, Any]) -> None:
        path, body, coding = given.pop("sent")
        in_body = given.pop("in_body")
        if not coding:
            _read(path, body)
        key = {} if in_body else bearer(fuzz.made.write_key)
        if in_body and not coding:
            body = _with_key(body, fuzz.made.write_key)
        more = given | {"body": body, "headers": {**key, **coding, **given["headers"]}}
        reply = await fuzz.ask("collectors", _PLACES[path][0], path, **more)
        _answered(reply)

    return st.fixed_dictionaries(asked), check


def _ascii(text: str) -> str:
    return text.encode("ascii", "ignore").decode().replace("\n", " ").replace("\r", " ")


def _with_key(body: bytes, key: str) -> bytes:
    """Put a key before what the body says, if it is an object."""
    said = json.dumps({"writeKey": key, "api_key": key}).encode()
    return said[:-1] + b"," + body[1:] if body.startswith(b"{") and body != b"{}" else body


def _read(path: str, body: bytes) -> None:
    """Read and map it; whatever is wrong with it is said, and never raised."""
    source = next(
        one for one in REGISTRY.values() if path in one.paths or (one.beneath and one.beneath.fullmatch(path))
    )
    try:
        items = source.read(Request(path, lambda _: "", body, _NOW, method=_PLACES[path][0]))
    except RefusedError:
        return
    for item in items:
        mapped = item if isinstance(item, Problem) else source.map(item)
        assert isinstance(mapped, Problem) or len(mapped) <= 1, f"{path} {body[:500]!r}"


def _answered(reply: Reply) -> None:
    """200 exactly, or a refusal that says code and message."""
    assert reply.status == 200 or reply.json()["message"], f"{reply.status} {reply.body[:500]!r}"
