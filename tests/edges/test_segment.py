"""Segment's paths over real HTTP and a real database: 200 for what can be read, a repeat is none more, and a page is evidence."""

import base64
import gzip
import json
from typing import Any

import httpx
import pytest
from testkit import sent
from tests.edges.conftest import Served

from goodword.core import events
from goodword.store.api_keys import Kind

TAKEN = {"success": True}


def order(n: int, **more: Any) -> dict[str, Any]:
    """Return an order as a client sends it."""
    properties = {"order_id": f"o{n}", "total": n + 0.99, "currency": "EUR"}
    named = {"messageId": f"m{n}", "userId": f"u{n}", "timestamp": "2026-11-27T11:00:00Z"}
    return {"type": "track", "event": "Order Completed", **named, "properties": properties, **more}


def signed_up(n: int, **more: Any) -> dict[str, Any]:
    """Return a sign-up as a client sends it."""
    return {"type": "track", "event": "Signed Up", "messageId": f"s{n}", "userId": f"u{n}", **more}


def post(
    served: Served, body: Any, path: str = "/v1/batch", kind: Kind | None = "wk", **headers: str
) -> httpx.Response:
    """Send as Segment's clients do: Basic, the key as user name."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if kind:
        given["authorization"] = "Basic " + base64.b64encode(f"{served.keys[kind]}:".encode()).decode()
    with served.client(None) as client:
        return client.post(path, content=content, headers=given)


def test_a_batch_is_taken_and_each_item_is_an_event_of_its_own(served: Served) -> None:
    """200 and nothing else, which half of the clients insist on; what is stored names Segment and is as good as native."""
    said = post(
        served, {"batch": [order(1), signed_up(1), {"type": "page", "userId": "u1", "name": "Home"}], "sentAt": "x"}
    )
    assert (said.status_code, said.json(), said.headers["content-type"]) == (200, TAKEN, "application/json")
    bought, lead = served.stored()
    assert isinstance(bought, events.ConversionRecorded)
    assert isinstance(lead, events.LeadCreated)
    assert (bought.amount, bought.currency, bought.source, bought.unverified) == (199, "EUR", "segment", False)
    assert bought.person == lead.person


def test_a_repeat_is_none_more_whatever_surrounds_it(served: Served) -> None:
    """By messageId: another sentAt, a count of tries, another batch, the single path. The id is free for native events."""
    first, second = order(1, sentAt="2026-11-27T11:00:01Z"), order(1, sentAt="2026-11-27T11:05:00Z")
    post(served, {"batch": [first], "sentAt": "1"})
    post(served, {"batch": [signed_up(2), second], "sentAt": "2"}, x_retry_count="3")
    post(served, {**second, "writeKey": "x"}, "/v1/track")
    assert [type(event) for event in served.stored()] == [events.ConversionRecorded, events.LeadCreated]
    assert served.send(sent.purchase("m1", "u1", "native-1", 5))[0]["status"] == "accepted"


def test_of_a_hundred_items_one_bad_one_costs_itself(served: Served) -> None:
    """A bare NaN in the amount of one of them, as Python's clients write it."""
    items = [order(n) for n in range(100)]
    items[50]["properties"]["total"] = float("nan")
    said = post(served, {"batch": items})
    assert (said.status_code, said.json()) == (200, TAKEN)
    kept = {event.invoice for event in served.stored() if isinstance(event, events.ConversionRecorded)}
    assert kept == {f"o{n}" for n in range(100)} - {"o50"}


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "", "image/png"])
def test_whatever_it_calls_itself_it_is_json(served: Served, media: str) -> None:
    """One client labels gzip as a form, browsers' clients send text."""
    body = gzip.compress(json.dumps({"batch": [order(1)]}).encode())
    assert post(served, body, content_type=media, content_encoding="gzip").status_code == 200
    assert len(served.stored()) == 1


def test_a_batch_as_large_as_clients_send_is_taken(served: Served) -> None:
    """A hundred items of 31 kB; one that is larger than 64 kB is left out, a body beyond 5 MiB refused whole."""
    items = [order(n, context={"x": "y" * 31_000}) for n in range(100)]
    items[7]["context"]["x"] = "y" * 70_000
    assert (
        post(served, gzip.compress(json.dumps({"batch": items}).encode()), content_encoding="gzip").status_code == 200
    )
    assert len(served.stored()) == 99
    said = post(served, b" " * (5 << 20) + b"{}")
    assert (said.status_code, said.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("path", "stored"),
    [
        ("track", events.ConversionRecorded),
        ("t", events.ConversionRecorded),
        ("identify", events.CustomerUpdated),
        ("i", events.CustomerUpdated),
        *((path, None) for path in ("page", "p", "screen", "s", "group", "g", "alias", "a")),
    ],
)
def test_each_path_says_what_its_item_is(served: Served, path: str, stored: type | None) -> None:
    """The short ones are those of browsers."""
    item = {name: value for name, value in order(1, traits={"plan": "pro"}).items() if name != "type"}
    assert post(served, item, f"/v1/{path}").json() == TAKEN
    assert [type(event) for event in served.stored()] == ([stored] if stored else [])


def test_a_page_is_evidence_and_no_more(served: Served) -> None:
    """With a publishable key a sign-up is kept as unverified, under ids of its own; orders and traits are not."""
    identify = {"type": "identify", "userId": "u1", "messageId": "i1", "traits": {"plan": "pro"}}
    assert post(served, {"batch": [order(1), identify, signed_up(1)]}, "/v1/b", "pk").json() == TAKEN
    assert post(served, {"batch": [signed_up(1)]}, "/v1/batch").json() == TAKEN
    assert [(type(event), event.source, event.unverified) for event in served.stored()] == [
        (events.LeadCreated, "segment_page", True),
        (events.LeadCreated, "segment", False),
    ]


def test_visitors_without_a_name_share_no_customer(served: Served) -> None:
    """An empty userId is nobody's name."""
    post(served, {"batch": [order(n, userId=user, anonymousId=f"a{n}") for n, user in ((1, ""), (2, None), (3, ""))]})
    people = [event.person for event in served.stored() if isinstance(event, events.ConversionRecorded)]
    assert len(set(people)) == 3


def test_what_a_page_s_script_sets_is_allowed_beforehand(served: Served) -> None:
    """The headers of both browsers' clients; native events ask for fewer."""
    with served.client(None) as client:
        said = client.options("/v1/t")
        native = client.options("/v1/events")
    allowed = said.headers["access-control-allow-headers"].split(", ")
    assert {"authorization", "content-type", "anonymousid", "sentat", "x-retry-count"} <= set(allowed)
    assert "sentat" not in native.headers["access-control-allow-headers"]
    assert post(served, order(1), "/v1/t").headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("kind", "body", "headers", "status", "code"),
    [
        (None, b"{}", {}, 401, "key_missing"),
        ("mk", b"{}", {}, 403, "not_permitted"),
        ("wk", b"{", {}, 400, "not_json"),
        ("wk", b"[]", {}, 400, "not_events"),
        ("wk", b"x", {"content_encoding": "gzip"}, 400, "bad_compression"),
        ("wk", b"x", {"content_encoding": "br"}, 415, "unsupported_encoding"),
    ],
)
def test_what_is_refused_whole_says_so_as_clients_read_it(
    served: Served, kind: Kind | None, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    """Code and message beside the problem: without them some clients send for ever what will never be taken."""
    said = post(served, body, kind=kind, **headers)
    problem = said.json()
    assert (said.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["message"] == problem["detail"] != ""
    assert ("www-authenticate" in said.headers) is (status == 401)
    assert served.stored() == []


def test_while_the_database_is_away_clients_are_asked_to_try_again(served: Served) -> None:
    """429 with Retry-After, which all of them follow; 503 some give up on."""
    served.run(served.pool.close())
    said = post(served, {"batch": [order(1)]})
    assert (said.status_code, said.json()["code"]) == (429, "rate_limited")
    assert int(said.headers["retry-after"]) > 0
