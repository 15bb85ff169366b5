"""Shopify as a company's own system, on its wire: a discount code or a gift card of the customer's, each code made once."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from testkit import shopify_api
from testkit.shopify_api import TOKEN, ShopifyApi

from goodword.outbound.fetching import Fetcher
from goodword.outbound.rails import OWN_SYSTEM, Answer, Order, SilenceError, Ways, Where, make_rails

CUSTOMER, CODE = "6940095564", "GW0123456789ABCDEF01"
KINDS = ("shopify_discount", "shopify_gift_card")


@pytest.fixture
def shopify() -> Iterator[ShopifyApi]:
    """Yield Shopify, with a customer."""
    with shopify_api.serving() as it:
        yield it


def called(shopify: ShopifyApi, kind: str, what: str = "send", *, key: str = TOKEN, **more: Any) -> Answer | None:
    """Send an order of 25 euros, or ask about it."""
    said = {"amount": 2_500, "unit": "EUR", "external_ids": ("ann", CUSTOMER), "kind": "credit", "code": CODE} | more

    async def run() -> Answer | None:
        fetcher = Fetcher()
        rail = make_rails(Path("nowhere"), Ways(fetcher, fetcher, {"shopify": shopify.url}))[OWN_SYSTEM]
        where = Where(kind, "acme.myshopify.com", (key,), int(time.time() * 1_000_000))
        order = Order("pay_1", details={}, to=where, **said)
        try:
            return await (rail.send(order) if what == "send" else rail.ask(order))
        finally:
            await fetcher.close()

    return asyncio.run(run())


def test_a_discount_is_the_customers_alone_and_used_once(shopify: ShopifyApi) -> None:
    """Its amount is off the order as a whole; the code is the reference, since nobody else can use it."""
    assert called(shopify, "shopify_discount") == Answer("completed", CODE)
    made = shopify.discounts[CODE]
    assert made["customerGets"]["value"] == {"discountAmount": {"amount": "25.00", "appliesOnEachItem": False}}
    assert made["context"] == {"customers": {"add": [f"gid://shopify/Customer/{CUSTOMER}"]}}
    assert (made["usageLimit"], made["appliesOncePerCustomer"]) == (1, True)


def test_a_gift_card_is_the_customers_and_its_code_stands_nowhere(shopify: ShopifyApi) -> None:
    """Its code is money to whoever reads it: the reference is what Shopify calls the card."""
    assert called(shopify, "shopify_gift_card") == Answer("completed", "1")
    made = shopify.cards[CODE]
    assert (made["initialValue"], made["customer"], made["note"]) == (
        "25.00",
        f"gid://shopify/Customer/{CUSTOMER}",
        "pay_1",
    )


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_that_was_lost_makes_no_second_code(shopify: ShopifyApi, kind: str) -> None:
    """It is found by its code, or made again and refused as taken: there is one."""
    shopify.loses = 1
    with pytest.raises(SilenceError):
        called(shopify, kind)
    known = Answer("completed", CODE if kind == "shopify_discount" else "1")
    assert called(shopify, kind, "ask") == known
    again = called(shopify, kind)
    assert again == Answer("completed", CODE if kind == "shopify_discount" else None)
    assert len(shopify.discounts) + len(shopify.cards) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_never_made_is_not_found(shopify: ShopifyApi, kind: str) -> None:
    """Only an answer without it says so; who does not let us ask has not answered."""
    assert called(shopify, kind, "ask") is None
    with pytest.raises(SilenceError):
        called(shopify, kind, "ask", key="shpat_of_another")


def test_a_card_that_is_not_found_yet_is_not_made_twice(shopify: ShopifyApi) -> None:
    """What is looked for may come later than what was made: made again it is taken."""
    called(shopify, "shopify_gift_card")
    shopify.lags = True
    assert called(shopify, "shopify_gift_card", "ask") is None
    assert called(shopify, "shopify_gift_card") == Answer("completed")
    assert len(shopify.cards) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "answer",
    [
        (500, {}),
        (429, {}),
        (302, {}),
        (200, {"errors": [{"extensions": {"code": "THROTTLED"}}]}),
        (200, {"errors": [{"extensions": {"code": "ACCESS_DENIED"}}], "data": None}),
        (200, {"data": None}),
        (200, []),
    ],
)
def test_what_shopify_does_not_answer_is_unknown(shopify: ShopifyApi, kind: str, answer: tuple[int, Any]) -> None:
    """Away, busy, not understood: nothing is taken for made or refused."""
    shopify.next.append(answer)
    with pytest.raises(SilenceError):
        called(shopify, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_perhaps_made_is_unknown(shopify: ShopifyApi, kind: str) -> None:
    """An answer to what makes a code that names neither it nor an error says nothing."""
    for made in ({"made": None}, {"made": {"node": None, "userErrors": []}}, {}):
        shopify.next += [(200, {"data": {"shop": {"currencyCode": "EUR"}}}), (200, {"data": made})]
        with pytest.raises(SilenceError):
            called(shopify, kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"external_ids": ("ann", "cus_1")}, "no_shopify_customer"),
        ({"external_ids": ("12345678",)}, "invalid"),
        ({"unit": "USD"}, "unit_not_booked"),
        ({"unit": "points:shop"}, "unit_not_booked"),
        ({"key": "shpat_of_another"}, "http_401"),
    ],
)
def test_what_shopify_cannot_make_failed(shopify: ShopifyApi, kind: str, more: dict[str, Any], reason: str) -> None:
    """No customer, no such one, another currency than the shop's, which Shopify would not ask about, a key that it does not know."""
    assert called(shopify, kind, **more) == Answer("failed", reason=reason)
    assert shopify.discounts == shopify.cards == {}
