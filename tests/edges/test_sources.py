"""Sources are served by what they say of themselves: a made-up one that signs its body has its own path, answer and errors.

``HOOK`` is what a webhook looks like: a list of deliveries under a signature over the raw body, made with a secret that the connection
of the path has; some mean two events here, some none, and its clients want 200 and their own words.
"""

import gzip
import hmac
import json
import socket
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx
import pytest
from testkit import sent
from tests.edges.conftest import Served, serving

from goodword.core import calendar, events
from goodword.edge.events import Connection
from goodword.sources import native
from goodword.sources.base import Answer, Decided, Problem, RefusedError, Reply, Request, Sender, Signature, Source
from goodword.sources.registry import REGISTRY

SECRET = b"whsec"
PATH = "/hooks/shop/con_1"
LIMIT = 10_000


def signed(body: bytes, at: int, secret: bytes = SECRET) -> str:
    return f"{at}.{hmac.new(secret, b'%d.%b' % (at, body), sha256).hexdigest()}"


def _check(request: Request, secrets: Sequence[bytes], now: int) -> str | None:
    at, _, _ = given = request.header(b"x-shop-signature").partition(".")
    if not at.isdecimal():
        return "signature_missing"
    if not any(hmac.compare_digest("".join(given), signed(request.body, int(at), secret)) for secret in secrets):
        return "signature_wrong"
    return None if abs(now - int(at) * calendar.SECOND) < 5 * calendar.MINUTE else "signature_stale"


def _read(request: Request) -> list[Any]:
    try:
        found = json.loads(request.body)
    except ValueError:
        raise RefusedError(400, "no_deliveries", "Send a list.") from None
    return [one if isinstance(one, dict) and "kind" in one else Problem("no_delivery") for one in found]


def _map(payload: Any) -> Sequence[native.Wire] | Problem:
    match payload["kind"]:
        case "order":
            customer = payload["who"]["id"]
            return (
                native.LeadCreated(id=f"lead-{payload['n']}", customer_external_id=customer),
                native.ConversionRecorded(
                    id=f"order-{payload['n']}", customer_external_id=customer, invoice_id=f"i{payload['n']}", amount=5, currency="EUR"
                ),
            )  # fmt: skip
        case "ping":
            return ()
        case _:
            return Problem("unknown_kind", "kind")


def _answer(_: Request, answers: Sequence[Sequence[Answer]], decided: Decided | None) -> Reply:
    assert decided is None
    return Reply(200, json.dumps({"ok": [[said.code or said.status for said in item] for item in answers]}).encode())


def _refuse(error: RefusedError) -> Reply:
    return Reply(error.status, f"no: {error.code}".encode(), b"text/plain", error.headers)


HOOK = Source(
    name="shop",
    paths=("/hooks/shop",),
    credential=Signature(Sender("shop", verified=True), _check),
    read=_read,
    map=_map,
    answer=_answer,
    refuse=_refuse,
    limit=LIMIT,
)
#: The same, whose deliveries are large.
LARGE = replace(HOOK, name="large", paths=("/hooks/large",), limit=8 << 20)


class Hooked(Served):
    """An edge that serves the made-up source too, and knows one connection of it."""

    SOURCES: ClassVar = {**REGISTRY, "shop": HOOK, "large": LARGE}

    async def _connection(self, source: str, name: str) -> Connection | None:
        assert self.workspace
        return (
            Connection(self.workspace, (b"of before", SECRET))
            if source in ("shop", "large") and name == "con_1"
            else None
        )

    def hook(self, body: bytes, path: str = PATH, **headers: str) -> httpx.Response:
        """Send a body that is signed, unless the headers say otherwise."""
        at = self.engine.clock.now() // calendar.SECOND
        given = {
            "x-shop-signature": signed(body, at),
            **{key.replace("_", "-"): value for key, value in headers.items()},
        }
        with self.client(None) as client:
            return client.post(path, content=body, headers=given)


@pytest.fixture
def hooked(database: str, tmp_path: Path) -> Iterator[Hooked]:
    with serving(Hooked(database, tmp_path / "edge")) as it:
        yield it


def order(n: int, who: Any) -> dict[str, Any]:
    return {"kind": "order", "n": n, "who": who}


def test_a_signed_source_is_served_by_what_it_says(hooked: Hooked) -> None:
    """Of a signed list each item is answered in the source's words: two events, none, unknown, unreadable; good ones are stored."""
    items = [order(1, {"id": "c1"}), {"kind": "ping"}, {"kind": "?"}, 7, order(2, {"id": "c2"})]
    said = hooked.hook(json.dumps(items).encode())
    assert (said.status_code, said.headers["content-type"]) == (200, "application/json")
    two = ["accepted", "accepted"]
    assert said.json() == {"ok": [two, [], ["unknown_kind"], ["no_delivery"], two]}
    assert "access-control-allow-origin" not in said.headers
    stored = hooked.stored()
    assert [(event.source, type(event)) for event in stored] == [
        ("shop", events.LeadCreated),
        ("shop", events.ConversionRecorded),
    ] * 2
    assert not any(event.unverified for event in stored)
    again = hooked.hook(json.dumps(items).encode())
    assert again.json()["ok"][0] == ["repeat", "repeat"]


def test_an_item_whose_mapping_fails_costs_no_other(hooked: Hooked) -> None:
    """Where the mapping raises, which is our mistake, that item is not stored, and those beside it are."""
    said = hooked.hook(json.dumps([order(1, {"id": "c1"}), order(2, None), order(3, {"id": "c3"})]).encode())
    assert said.json() == {"ok": [["accepted"] * 2, ["not_mapped"], ["accepted"] * 2]}
    assert len(hooked.stored()) == 4


def test_what_is_not_signed_so_is_refused_in_the_source_s_words(hooked: Hooked) -> None:
    """A wrong, old or missing signature, another body, an unknown connection, what is too large or no list: nothing is stored."""
    body = json.dumps([order(1, {"id": "c1"})]).encode()
    now = hooked.engine.clock.now() // calendar.SECOND
    for headers, path, content, status, text in (
        ({"x_shop_signature": ""}, PATH, body, 401, "no: signature_missing"),
        ({"x_shop_signature": signed(body, now, b"other")}, PATH, body, 401, "no: signature_wrong"),
        ({"x_shop_signature": signed(body, now - 600)}, PATH, body, 401, "no: signature_stale"),
        ({"x_shop_signature": signed(b"[]", now)}, PATH, body, 401, "no: signature_wrong"),
        ({}, "/hooks/shop/con_2", body, 404, "no: connection_unknown"),
        ({}, PATH, b" " * (LIMIT + 1), 413, "no: too_large"),
        ({}, PATH, b"{", 400, "no: no_deliveries"),
        ({"content_type": "text/html"}, PATH, body, 415, "no: unsupported_media_type"),
    ):
        said = hooked.hook(content, path, **headers)
        assert (said.status_code, said.text) == (status, text)
        assert said.headers["content-type"] == "text/plain"
    with hooked.client(None) as client:
        for method in ("GET", "OPTIONS"):
            said = client.request(method, PATH)
            assert (said.status_code, said.text, said.headers["allow"]) == (405, "no: method_not_allowed", "POST")
        assert client.post("/hooks/shop").json()["code"] == "inner"
        assert client.post("/hooks/other/con_1").json()["code"] == "inner"
    assert hooked.stored() == []


def test_the_signature_is_over_the_inflated_body(hooked: Hooked) -> None:
    """A body that comes as gzip is signed as it was before, and bounded as it is after."""
    body = json.dumps([order(1, {"id": "c1"})]).encode()
    now = hooked.engine.clock.now() // calendar.SECOND
    with hooked.client(None) as client:
        for content, status in ((body, 200), (b" " * (LIMIT + 1), 413)):
            given = {"x-shop-signature": signed(content, now), "content-encoding": "gzip"}
            assert client.post(PATH, content=gzip.compress(content), headers=given).status_code == status


def test_deliveries_that_nobody_has_signed_yet_take_no_room_from_who_has_a_key(hooked: Hooked) -> None:
    """While slow ones hold all that unsigned bodies may, one more is asked to come later, and events are taken as ever."""
    to = urlsplit(hooked.url)
    slow = [socket.create_connection((to.hostname, to.port), timeout=30) for _ in range(4)]
    for one in slow:
        head = f"POST /hooks/large/con_1 HTTP/1.1\r\nhost: x\r\ncontent-length: {LARGE.limit}\r\n\r\n".encode()
        one.sendall(head + b" " * (LARGE.limit - 10))
    while hooked.hook(b"[]" + b" " * 100).status_code != 503:
        pass
    assert [one["status"] for one in hooked.send(sent.enrolled("ann-1", "ann", "ANN"))] == ["accepted"]
    for one in slow:
        one.close()


def test_what_a_source_did_not_think_of_is_refused_for_good(hooked: Hooked) -> None:
    """Where reading raises, which is our mistake, nothing is stored, and the same is not asked for again."""
    said = hooked.hook(b"5")
    assert (said.status_code, said.text) == (400, "no: not_events")
    assert hooked.stored() == []


def test_the_native_source_stays_beside_it(hooked: Hooked) -> None:
    """An id of one source is free in another; native events are sent as ever."""
    hooked.hook(json.dumps([order(1, {"id": "c1"})]).encode())
    assert [
        one["status"] for one in hooked.send({"type": "lead.created", "id": "lead-1", "customer_external_id": "c1"})
    ] == ["accepted"]


def test_no_two_sources_share_a_name_a_path_or_the_ids_of_events() -> None:
    """Every registered source has its own name, paths and names of sources in the log, none of which the product uses itself."""
    paths = [path for source in REGISTRY.values() for path in source.paths]
    assert len(paths) == len(set(paths))
    owners: dict[str, str] = {"edge": "", "person": "", "timer": "", "worker": "", "system": ""}
    for name, source in REGISTRY.items():
        assert source.name == name
        for sender in source.credential.all():
            assert owners.setdefault(sender.source, name) == name
