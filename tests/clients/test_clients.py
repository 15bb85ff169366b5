"""What a company gets that points the clients it has at us: one referral to the cent, nothing twice, nothing lost."""

import math
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from testkit import sent
from testkit.database import rows
from testkit.product import Product
from tests.clients.conftest import CLIENTS, MASTER_KEY, Shop

from goodword.sources.base import RefusedError
from goodword.store.api_keys import new_api_key

PERSON = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"}


def order(n: int, total: Any, user: str = "bob") -> dict[str, Any]:
    properties = {"order_id": f"2026-{n}", "total": total, "tax": 19.1, "currency": "EUR"}
    return {"type": "track", "userId": user, "event": "Order Completed", "properties": properties}


def landed(shop: Shop) -> str:
    """Return the address of the page on which somebody lands who follows Ann's link."""
    link = shop.decided(sent.enrolled("ann-1", "ann", "ANN"))["link"]["url"]
    return httpx.get(link, headers=PERSON).headers["location"]


def clicked(address: str) -> str:
    """Return the click of the address of a page."""
    return parse_qs(urlsplit(address).query)["gw_click"][0]


def explained(shop: Shop) -> dict[str, Any]:
    """Return the advocate's reward for the order 17, which is one of two, to the cent, and explained."""
    [advocate, friend] = sorted(shop.get("/v1/rewards")["items"], key=lambda one: one["side"])
    assert (advocate["amount"], friend["amount"]) == (1000, 500)
    assert advocate["conversion"] == "inv:2026-17"
    said = shop.get(f"/v1/explanations/{advocate['evt']}")["sentences"]
    assert {"earned"} <= {one["outcome"] for one in said} <= {"earned", "attributed"}
    assert any("100.00 EUR" in one["finance"] for one in said)  # the goods: what was charged less its tax
    found: dict[str, Any] = advocate
    return found


def test_a_referral_goes_from_the_click_to_an_explained_reward(
    shop: Shop, client: str, database: str, tmp_path: Path
) -> None:
    """Ann recommends, Bob comes by her link, signs up, orders: his by the client, which sends it once, to the cent; all is proved."""
    shop.speak(
        client,
        {"type": "identify", "userId": "bob", "traits": {"email": "bob@mail.example", "plan": "pro"}},
        {"type": "track", "userId": "bob", "event": "Signed Up", "properties": {"gw_click": clicked(landed(shop))}},
        order(17, 3 * 39.7),  # 119.10000000000001 as every client writes it
    )
    assert len([item for one in shop.wire.seen for item in one.items]) == 3  # no client took the answer for a failure
    reward = explained(shop)
    id_ = str(
        shop.wire.seen[-1].items[-1].get("messageId") or shop.wire.seen[-1].items[-1].get("uuid") or "Order-2026-17"
    )
    assert shop.get(f"/v1/events/{id_}", source=CLIENTS[client].source)["evt"] == reward["evt"]
    assert rows(database, "select count(*) from event where type = 'customer.updated'") == [(1,)]
    assert rows(database, "select count(distinct person) from match_key where kind = 'mail' and verified") == [(1,)]
    proved = Product(tmp_path / "home", DATABASE_URL=database, GOODWORD_MASTER_KEY=MASTER_KEY).run("verify")
    assert (proved.returncode, proved.stderr) == (0, "")


@pytest.mark.parametrize("ago", [0, 30])
def test_a_time_without_a_zone_refuses_no_referral(shop: Shop, naive: str, ago: int, database: str) -> None:
    """Five hours west a client calls its wall's clock UTC: the order is no five hours before the click, and both times are kept."""
    shop.speak(
        naive,
        {"type": "track", "userId": "bob", "event": "Signed Up", "properties": {"gw_click": clicked(landed(shop))}},
    )
    assert shop.tried(naive, shop.keys["wk"], {**order(17, 119.1), "ago": ago}, zone="Etc/GMT+5") == ""
    shop.until(lambda: len(shop.get("/v1/rewards")["items"]) == 2)
    explained(shop)
    [(took,)] = rows(
        database,
        """select (event ->> 'accepted_at')::bigint - (event ->> 'occurred_at')::bigint
           from log, lateral (select convert_from(leaf, 'utf8')::jsonb -> 'event' as event) as it
           where event ->> 'type' = 'conversion.recorded'""",
    )
    assert abs(took / 1_000_000 - ago) < 30


def test_of_a_hundred_orders_whose_answer_was_lost_ninety_nine_count_once(
    shop: Shop, again: str, database: str
) -> None:
    """The server takes the batch and its answer is lost: the client sends again, and nothing is counted twice; NaN costs itself."""
    shop.wire.lose = 1
    shop.speak(again, *(order(n, math.nan if n == 50 else 119.1, f"u{n}") for n in range(100)))
    assert len(shop.wire.sent) > len(set(shop.wire.sent)) == 100
    assert _stored(database) == [(CLIENTS[again].source, 99, 99)]
    _one_was_refused(shop, database)


def test_of_a_hundred_orders_one_by_one_ninety_nine_count(shop: Shop, once: str, database: str) -> None:
    """Where the client sends each by itself and none again, no time or load loses one; NaN costs itself."""
    shop.speak(once, *(order(n, math.nan if n == 50 else 119.1, f"u{n}") for n in range(100)))
    assert shop.wire.requests == 100
    assert _stored(database) == [(CLIENTS[once].source, 99, 99)]
    _one_was_refused(shop, database)


def _stored(database: str) -> list[Any]:
    said = "select source, count(*), count(distinct id) from event where type like 'conv%' group by 1"
    return rows(database, said)


def _one_was_refused(shop: Shop, database: str) -> None:
    shop.until(lambda: rows(database, "select sum(count) from rejection where code <> 'id_taken'") != [(None,)])
    [(code, field)] = rows(database, "select distinct code, field from rejection")
    assert (code, field) in {("invalid_value", "amount"), ("missing_field", "amount")}  # NaN, and null in its place


def test_while_there_is_no_room_clients_wait_and_lose_nothing(shop: Shop, again: str, database: str) -> None:
    """Each tries again until there is, as often as it must, and says nothing of a failure."""
    shop.wire.busy = 2
    shop.speak(again, order(1, 119.1), order(2, 119.1))
    assert shop.wire.requests > 2
    assert rows(database, "select count(*) from event where type = 'conversion.recorded'") == [(2,)]


@pytest.mark.parametrize("busy", ["segment-python", "segment-node"])
def test_who_keeps_to_retry_after_loses_nothing_however_long_it_takes(
    shop: Shop, clients: list[str], busy: str, database: str
) -> None:
    """Six times no room, for clients that give up after two tries: what they are told to wait does not count."""
    if busy not in clients:
        pytest.skip(f"node is not there: {busy} was not run")
    shop.wire.busy = 6
    shop.speak(busy, order(1, 119.1))
    assert shop.wire.requests == 7
    assert rows(database, "select count(*) from event where type = 'conversion.recorded'") == [(1,)]


def test_a_hundred_items_as_large_as_they_may_be_are_taken(shop: Shop, again: str, database: str) -> None:
    """Of 30 kB each, in as few batches as the client makes of them: none is refused for its size."""
    note = "x" * 30_000
    said = [order(n, 119.1) for n in range(100)]
    shop.speak(again, *({**one, "properties": {**one["properties"], "note": note}} for one in said))
    assert {one.status for one in shop.wire.seen} == {200}
    assert rows(database, "select count(*) from event where type = 'conversion.recorded'") == [(100,)]


def test_a_client_with_a_wrong_key_is_told_at_once(shop: Shop, client: str) -> None:
    """It does not try again what will never be taken, and says that it failed, if it ever says anything."""
    told = shop.tried(client, new_api_key("wk", "sandbox"), order(1, 119.1))
    assert shop.wire.requests == 1
    assert bool(told) is CLIENTS[client].told


def test_what_will_never_be_taken_is_sent_once(shop: Shop, client: str) -> None:
    """A refusal for good says code and message, as half of the family wants it, and else takes it for a fault that may pass."""
    shop.wire.busy, shop.wire.refusal = 9, RefusedError(400, "not_events", "The body is none.")
    told = shop.tried(client, shop.keys["wk"], order(1, 119.1))
    assert shop.wire.requests == 1
    assert bool(told) is CLIENTS[client].told


def test_one_time_in_two_forms_is_one_time(shop: Shop, clients: list[str]) -> None:
    """Customer.io's client for Python sends seconds since 1970, that for Node a text."""
    at, times = 1_795_773_600, []
    for n, client in enumerate(name for name in clients if name.startswith("customerio")):
        shop.speak(client, {**order(n, "119.10"), "timestamp": at})
        [seen] = shop.wire.seen[n:]
        assert seen.body["timestamp"] == (at if client.endswith("python") else "2026-11-27T10:00:00.000Z")
        times.append(shop.get(f"/v1/events/Order-2026-{n}", source="customerio")["decision"]["occurred_at"])
    assert times == ["2026-11-27T10:00:00Z"] * len(times) != []


def test_a_page_s_client_asks_nothing_in_vain_and_its_sign_up_is_evidence(
    shop: Shop, browser: str, database: str
) -> None:
    """It is told what it asks first, may set its headers, and sends once; Bob, who came by Ann's link, is bound by his order."""
    shop.speak(
        browser,
        {"type": "track", "event": "Viewed", "properties": {}},
        {"type": "identify", "userId": "bob", "traits": {"plan": "pro"}},
        {"type": "track", "userId": "bob", "event": "Signed Up", "properties": {"plan": "pro"}},
        page=landed(shop),
    )
    assert len(shop.wire.sent) == len(set(shop.wire.sent)) == 3
    assert any(one.method == "OPTIONS" for one in shop.wire.seen)
    assert rows(database, "select source, type from event where source like 'segment%'") == [
        ("segment_page", "lead.created")
    ]
    signed_up = next(item for one in shop.wire.seen for item in one.items if item.get("event") == "Signed Up")
    item = {**order(17, 119.1), "messageId": "m17", "anonymousId": signed_up["anonymousId"]}
    said = httpx.post(f"{shop.url}/v1/batch", json={"batch": [item], "writeKey": shop.keys["wk"]})
    assert (said.status_code, said.json()) == (200, {"success": True})
    shop.until(lambda: not shop.get("/v1/reports/progress")["waiting"])
    assert explained(shop)["evt"] == shop.get("/v1/events/m17", source="segment")["evt"]


def test_visitors_of_a_page_without_a_name_share_no_person(shop: Shop, browser: str, database: str) -> None:
    """RudderStack's client says an empty userId, Segment's null or none: two visitors are two."""
    for _ in range(2):
        shop.speak(browser, {"type": "track", "event": "Signed Up", "properties": {}}, page="http://acme.example/")
    assert [item.get("userId") or None for one in shop.wire.seen for item in one.items] == [None, None]
    assert rows(database, "select count(*) from person") == [(2,)]
