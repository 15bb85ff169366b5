"""Protocols of other products over real HTTP: a key is one key in whichever form, and who would not come back is not sent away."""

import base64
import gzip
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from testkit import sent
from tests.edges.conftest import Served

from goodword.core import events
from goodword.edge.keys import key_in
from goodword.sources import compatible, loose, posthog
from goodword.sources.base import Key
from goodword.sources.segment import source as segment
from goodword.store.api_keys import new_api_key

KEY = new_api_key("wk", "sandbox")
ORDER = {"order_id": "o1", "total": "1.99", "currency": "EUR"}
TRACK = {"type": "track", "event": "Order Completed", "messageId": "m1", "userId": "u1", "properties": ORDER}
CAPTURE = {"event": "Order Completed", "uuid": "m1", "distinct_id": "u1", "properties": ORDER}
MASKED = {**TRACK, "writeKey": "site:***"}


def basic(text: str) -> dict[str, str]:
    """Return a header that says so."""
    return {"authorization": "Basic " + base64.b64encode(text.encode()).decode()}


def send(served: Served, method: str, path: str, body: Any, headers: dict[str, str] | None = None) -> httpx.Response:
    """Send a body with just these headers."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    with served.client(None) as client:
        return client.request(method, path, content=content, headers=headers or {})


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({}, False),
        (basic(f"{KEY}:"), True),
        (basic(KEY), True),
        (basic(f"site:{KEY}"), True),
        (basic(f"{KEY}:anything"), True),
        (basic(":"), False),
        ({"authorization": "Basic ###"}, False),
        ({"authorization": f"Bearer {KEY}"}, True),
        ({"x-write-key": f"site:{KEY}"}, True),
        ({"x-write-key": KEY}, True),
        ({"x-write-key": "site:other", "authorization": f"Bearer {KEY}"}, True),
    ],
)
def test_a_key_is_found_in_whichever_header_a_client_sends_it(headers: dict[str, str], found: bool) -> None:
    """As name or secret, with Basic, Bearer, or as a write key."""
    assert key_in(lambda name: headers.get(name.decode(), "")) == (KEY if found else None)


@pytest.mark.parametrize(
    ("method", "path", "body", "headers"),
    [
        ("POST", "/v1/batch", {"batch": [TRACK]}, lambda key: basic(f"{key}:")),
        ("POST", "/v1/batch", {"batch": [TRACK], "writeKey": "{key}"}, lambda key: basic(f"{key}:")),
        ("POST", "/v1/batch", {"batch": [TRACK], "writeKey": "another"}, lambda key: basic(f"{key}:")),
        ("POST", "/v1/batch", {"batch": [TRACK], "writeKey": "{key}"}, None),
        ("POST", "/sdk/batch", {"batch": [TRACK]}, lambda key: basic(f"{key}:")),
        ("POST", "/v1/t", {**TRACK, "writeKey": "{key}"}, None),
        ("POST", "/v1/t", {**TRACK, "writeKey": "{key}"}, lambda _: {"content-type": "text/plain"}),
        ("POST", "/batch/", {"batch": [CAPTURE], "api_key": "{key}"}, None),
        ("POST", "/batch", {"batch": [CAPTURE], "token": "{key}"}, None),
        ("POST", "/capture/", {**CAPTURE, "api_key": "{key}"}, None),
        ("POST", "/i/v0/e/", {**CAPTURE, "api_key": "{key}"}, None),
        ("POST", "/batch/", {"batch": [CAPTURE]}, lambda key: {"authorization": f"Bearer {key}"}),
        ("POST", "/api/s/track", MASKED, lambda key: {"x-write-key": f"site:{key}"}),
        ("POST", "/api/s/s2s/track", MASKED, lambda key: {"x-write-key": f"site:{key}"}),
        ("POST", "/api/v1/customers/u1/events", {"name": "Order Completed", "data": ORDER}, lambda key: basic(f"site:{key}")),
        ("POST", "/any/base/customers/u1/events", {"name": "Order Completed", "data": ORDER}, lambda key: basic(f"site:{key}")),
    ],
)  # fmt: skip
def test_each_form_of_a_key_opens_its_protocol(
    served: Served, method: str, path: str, body: dict[str, Any], headers: Any
) -> None:
    """200 exactly, and one event, told twice: a masked or another key in the body is no conflict with that of the header."""
    key = served.keys["wk"]
    text = json.dumps(body).replace("{key}", key).encode()
    for _ in range(2):
        said = send(served, method, path, text, headers(key) if headers else {})
        assert (said.status_code, said.headers["content-type"]) == (200, "application/json")
    [bought] = served.stored()
    assert isinstance(bought, events.ConversionRecorded)
    assert (bought.amount, bought.unverified) == (199, False)


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "code"),
    [
        ("/batch/", {"batch": [CAPTURE]}, {}, 401, "key_missing"),
        ("/batch/", {"batch": [CAPTURE], "api_key": 5}, {}, 401, "key_missing"),
        ("/batch/", {"batch": [CAPTURE], "api_key": "phc_theirs"}, {}, 401, "key_malformed"),
        ("/batch/", {"batch": [CAPTURE], "api_key": KEY}, {}, 401, "key_unknown"),
        ("/batch/", b"{", {}, 401, "key_missing"),
        ("/batch/", b"[" * 100_000, {}, 401, "key_missing"),
        ("/batch/", b"x", {"content-encoding": "gzip"}, 400, "bad_compression"),
        ("/v1/batch", {"batch": [TRACK], "writeKey": "site:***"}, {}, 401, "key_malformed"),
        ("/v1/t", TRACK, basic("theirs:"), 401, "key_malformed"),
        ("/api/s/track", MASKED, {}, 401, "key_missing"),
        ("/api/s/track", {**TRACK, "writeKey": KEY}, {}, 401, "key_missing"),
        ("/api/v1/customers/u1/events", {}, {}, 401, "key_missing"),
    ],
)
def test_a_wrong_key_is_refused_as_clients_read_it(
    served: Served, path: str, body: Any, headers: dict[str, str], status: int, code: str
) -> None:
    """At once, with code and message; a body that is no JSON says no key."""
    said = send(served, "POST", path, body, headers)
    assert (said.status_code, said.json()["code"]) == (status, code)
    assert said.json()["message"]
    assert served.stored() == []


def test_the_key_of_a_body_with_nan_is_found(served: Served) -> None:
    """Python's clients write it bare: it costs its item, and not the batch."""
    items = [{**CAPTURE, "uuid": f"m{n}", "properties": {**ORDER, "order_id": f"o{n}", "total": n}} for n in range(3)]
    items[1]["properties"]["total"] = float("nan")  # type: ignore[index]
    assert send(served, "POST", "/batch/", {"batch": items, "api_key": served.keys["wk"]}).status_code == 200
    assert [event.invoice for event in served.stored() if isinstance(event, events.ConversionRecorded)] == ["o0", "o2"]


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("beside", ['"sentAt": "2026-11-29T08:00:00Z"', '"historical_migration": false'])
def test_the_key_of_a_large_body_with_nan_is_found_beside_its_items(served: Served, first: bool, beside: str) -> None:
    """Before or behind them, as clients write it; one that stands in an item is what that item says, and no key."""
    items = json.dumps([{**CAPTURE, "api_key": KEY, "x": "y" * 70_000, "n": float("nan")}, {**CAPTURE, "uuid": "m2"}])
    key = f'"api_key": "{served.keys["wk"]}"'
    body = f'{{{key}, {beside}, "batch": {items}}}' if first else f'{{"batch": {items}, {key}, {beside}}}'
    assert send(served, "POST", "/batch/", body.encode()).status_code == 200
    assert [event.invoice for event in served.stored() if isinstance(event, events.ConversionRecorded)] == ["o1"]
    said = send(served, "POST", "/batch/", f'{{"batch": {items}, {beside}}}'.encode())
    assert (said.status_code, said.json()["code"]) == (401, "key_missing")


def test_who_shows_no_key_has_no_large_body_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    """What costs the most to look through is looked through for who is known only; a small one is, once."""
    mended: list[int] = []
    mend = loose._mended
    monkeypatch.setattr(loose, "_mended", lambda body: mended.append(len(body)) or mend(body))
    for source in (posthog.SOURCE, segment.SOURCE):
        assert isinstance(source.credential, Key)
        assert source.credential.in_body is not None
        assert source.credential.in_body(b"NaN " * 262_000) is None
        assert mended == []
        assert source.credential.in_body(b'{"batch": [NaN]}') is None
        assert mended.pop() == 16


def test_what_a_page_sends_in_vain_is_of_its_quota(served: Served) -> None:
    """A body that cannot be read is read all the same: after so many a page is asked to come later."""
    key = served.keys["pk"]
    vain = (
        send(served, "POST", path, b"{", {"authorization": f"Bearer {key}"}).status_code
        for path in ("/batch/", "/v1/events") * 1_000
    )
    assert next(vain) == 400
    assert 429 in vain
    good = {"authorization": f"Bearer {served.keys['wk']}"}
    assert [send(served, "POST", "/batch/", b"{", good).status_code for _ in range(70)] == [400] * 70


def test_a_page_s_key_in_a_body_is_a_page_s(served: Served) -> None:
    """What it says is evidence, an order nothing; Customer.io's paths are for servers."""
    lead = {"event": "Signed Up", "uuid": "s1", "distinct_id": "u1"}
    said = send(served, "POST", "/batch/", {"batch": [CAPTURE, lead], "api_key": served.keys["pk"]})
    assert said.status_code == 200
    [event] = served.stored()
    assert (type(event), event.source, event.unverified) == (events.LeadCreated, "posthog_page", True)
    said = send(served, "PUT", "/customers/u1", {"plan": "pro"}, basic(f"site:{served.keys['pk']}"))
    assert said.status_code == 403


def test_customers_of_customer_io_are_known_and_not_erased(served: Served) -> None:
    """By their name as it is escaped in the path; who deletes one hears that nobody was."""
    headers = basic(f"site:{served.keys['wk']}")
    for _ in range(2):
        said = send(served, "PUT", "/api/v1/customers/a%2Fb%20%C3%BC", {"plan": "pro"}, headers)
        assert (said.status_code, said.json()) == (200, {})
    known = served.stored()
    assert [type(event) for event in known] == [events.CustomerUpdated] * 2
    assert known[0].person == known[1].person  # type: ignore[union-attr]
    said = send(served, "DELETE", "/api/v1/customers/u1", b"", headers)
    assert (said.status_code, said.json()["code"]) == (404, "not_served")
    with served.client(None) as client:
        assert client.get("/api/v1/customers/u1").status_code == 404


@pytest.mark.parametrize("padding", [5 << 20, 100])
def test_a_body_whose_key_is_unknown_is_bounded(served: Served, padding: int) -> None:
    """5 MiB after inflating; within that it is read and refused for its key."""
    body = gzip.compress(json.dumps({"api_key": KEY, "batch": [], "x": "y" * padding}).encode())
    said = send(served, "POST", "/batch/", body, {"content-encoding": "gzip"})
    assert (said.status_code, said.json()["code"]) == ((401, "key_unknown") if padding == 100 else (413, "too_large"))


@pytest.fixture
def held(served: Served) -> Iterator[list[socket.socket]]:
    """Yield eight connections, each of which holds nearly as much of a body as one may, and no key."""
    to = urlsplit(served.url)
    begun = []
    for _ in range(8):
        one = socket.create_connection((to.hostname, to.port), timeout=30)
        head = f"POST /batch/ HTTP/1.1\r\nhost: x\r\ncontent-length: {compatible.LIMIT}\r\n\r\n".encode()
        one.sendall(head + b" " * (compatible.LIMIT - 10))
        begun.append(one)
    yield begun
    for one in begun:
        one.close()


def test_of_those_who_have_not_shown_a_key_eight_bodies_are_held(served: Served, held: list[socket.socket]) -> None:
    """One more large one is asked to come later; a key in a header is not in its way, and small ones are neither."""
    room = served.edge.events._unknown
    while room.left > 8 * 10:
        assert room.left >= 0
    large = {"api_key": served.keys["wk"], "batch": [CAPTURE], "x": "y" * 1_000}
    said = send(served, "POST", "/batch/", large)
    assert (said.status_code, said.json()["code"]) == (429, "rate_limited")
    assert int(said.headers["retry-after"]) > 0
    assert send(served, "POST", "/batch/", large, {"authorization": f"Bearer {served.keys['wk']}"}).status_code == 200
    held.pop().close()
    while room.left < 1_000_000:
        assert room.left >= 0
    assert send(served, "POST", "/batch/", large).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/s/track", TRACK),
        ("/customers/u1/events", {"name": "Order Completed", "data": ORDER}),
        ("/v2/campaign/main/participant/u1/transaction", {"grossAmount": 500, "currency": "EUR"}),
    ],
)
def test_who_would_not_come_back_waits_for_room(served: Served, path: str, body: dict[str, Any]) -> None:
    """Where another is sent away it waits, and is on disk as soon as there is room."""
    served.send(sent.purchase("m0", "u0", "o0", 5))
    buffer = served.ingest._buffers.get(served.ws)
    buffer._capacity = buffer._largest = 1
    headers = {"x-write-key": f"site:{served.keys['wk']}"}

    def say(n: int) -> int:
        event = {
            **body,
            "messageId": f"m{n}",
            "id": f"m{n}",
            "externalId": f"o{n}",
            "timestamp": 1_795_000_000 if "data" in body else None,
        }
        return send(served, "POST", path, event, headers).status_code

    async def lock() -> tuple[Any, Any]:
        connection = await asyncpg.connect(served.database)
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("lock table event in access exclusive mode")
        return connection, transaction

    async def unlock(connection: Any, transaction: Any) -> None:
        await transaction.rollback()
        await connection.close()

    held = served.run(lock())
    with ThreadPoolExecutor(22) as threads:
        answers = [threads.submit(say, n) for n in range(1, 21)]
        while len(buffer._waiting) < 1:
            pass
        assert send(served, "POST", "/v1/t", TRACK, headers).status_code == 429
        served.run(unlock(*held))
        assert [answer.result() for answer in answers] == [200] * 20
    assert len(served.stored()) == 21


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/sourceConfig", True),
        ("/sourceConfig/", True),
        ("/v1/projects/gw_pk_x/settings", True),
        ("/v1/projects/a/b/settings", False),
        ("/sourceConfig/x", False),
    ],
)
def test_what_a_page_s_client_asks_before_it_sends_it_is_told(served: Served, path: str, found: bool) -> None:
    """Without a key, from any page: that it is on, and is to send here. Nothing is sent there."""
    with served.client(None) as client:
        asked, said = client.options(path), client.get(path)
        assert client.post(path, json={}).status_code == 404
    if not found:
        assert (asked.status_code, said.status_code) == (404, 404)
        return
    assert asked.headers["access-control-allow-origin"] == said.headers["access-control-allow-origin"] == "*"
    assert asked.headers["access-control-allow-methods"] == "GET"
    assert "authorization" in asked.headers["access-control-allow-headers"].split(", ")
    if "settings" in path:
        to = said.json()["integrations"]["Segment.io"]
        assert to == {"apiKey": "gw_pk_x", "apiHost": f"{urlsplit(served.url).netloc}/v1"}
    else:
        source = said.json()["source"]
        assert (source["enabled"], source["destinations"]) == (True, [])


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/v1/t", {"authorization", "content-type", "x-retry-count"}),
        ("/v1/track", {"authorization", "content-type", "anonymousid", "sentat"}),
        ("/api/s/track", {"content-type", "x-write-key"}),
        ("/batch/", {"content-type", "content-encoding"}),
    ],
)
def test_what_a_page_s_script_sets_may_be_set(served: Served, path: str, headers: set[str]) -> None:
    """Of each client that runs in a page."""
    with served.client(None) as client:
        allowed = client.options(path).headers["access-control-allow-headers"].split(", ")
    assert headers <= set(allowed)
