"""Stripe's customer balance as a company's own system, on its wire: booked once, found again by the payout's id, never twice."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from testkit import stripe_api
from testkit.stripe_api import KEY, StripeApi

from goodword.outbound.fetching import Fetcher
from goodword.outbound.rails import OWN_SYSTEM, Answer, Order, SilenceError, Ways, Where, make_rails

NAMES = ("ann", "cus_Ann1")


@pytest.fixture
def stripe() -> Iterator[StripeApi]:
    """Yield Stripe, with a customer."""
    with stripe_api.serving() as it:
        it.balances["cus_Ann1"] = []
        yield it


def called(stripe: StripeApi, what: str, *, key: str = KEY, id_: str = "pay_1", **more: Any) -> Answer | None:
    """Send an order of 25 euros, or ask about it."""
    said = {"amount": 2_500, "unit": "EUR", "external_ids": NAMES, "kind": "credit"} | more

    async def run() -> Answer | None:
        fetcher = Fetcher()
        rail = make_rails(Path("nowhere"), Ways(fetcher, fetcher, {"stripe": stripe.url}))[OWN_SYSTEM]
        where = Where("stripe_balance", "", (key,), int(time.time() * 1_000_000))
        order = Order(id_, details={}, to=where, **said)
        try:
            return await (rail.send(order) if what == "send" else rail.ask(order))
        finally:
            await fetcher.close()

    return asyncio.run(run())


def test_credit_is_a_negative_transaction_with_the_payouts_id(stripe: StripeApi) -> None:
    """It lowers the next invoice by the amount; its own id is the reference, in the version that our source reads."""
    assert called(stripe, "send") == Answer("completed", "cbtxn_0")
    [row] = stripe.balances["cus_Ann1"]
    assert (row["amount"], row["currency"], row["metadata"]) == (-2_500, "eur", {"goodword_payout": "pay_1"})
    assert stripe.asked[0].version == "2026-10-28.endive"


def test_an_answer_that_was_lost_is_found_again(stripe: StripeApi) -> None:
    """The payout's id is in the list, however many came after it; sent again it is recognised, and there is one."""
    stripe.loses = 1
    with pytest.raises(SilenceError):
        called(stripe, "send")
    for number in range(150):
        called(stripe, "send", id_=f"pay_other{number}")
    stripe.asked.clear()
    assert called(stripe, "ask") == Answer("completed", "cbtxn_0")
    assert len(stripe.asked) == 2
    assert called(stripe, "send") == Answer("completed", "cbtxn_0")
    assert len(stripe.balances["cus_Ann1"]) == 151


def test_what_never_arrived_was_never_heard_of(stripe: StripeApi) -> None:
    """A list without the id says so, and only that does: where it does not answer, nobody knows."""
    assert called(stripe, "ask") is None
    with pytest.raises(SilenceError):
        called(stripe, "ask", external_ids=("ann",))  # whom it was booked for then, nobody says now
    for status in (401, 403, 404, 429, 500, 302):
        stripe.next.append(status)
        with pytest.raises(SilenceError):
            called(stripe, "ask")


@pytest.mark.parametrize("status", [409, 429, 500, 503, 302])
def test_what_stripe_does_not_answer_is_unknown(stripe: StripeApi, status: int) -> None:
    """Busy, away, in hand by another call under the key: nothing is taken for refused."""
    stripe.next.append(status)
    with pytest.raises(SilenceError):
        called(stripe, "send")


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"external_ids": ("ann",)}, "no_stripe_customer"),
        ({"external_ids": ("cus_Nobody",)}, "resource_missing"),
        ({"unit": "points:shop"}, "unit_not_booked"),
        ({"unit": "MGA", "amount": 50}, "unit_not_booked"),
        ({"key": "rk_test_of_another"}, "invalid_request_error"),
    ],
)
def test_what_stripe_cannot_book_failed(stripe: StripeApi, more: dict[str, Any], reason: str) -> None:
    """No customer, no such one, no money, a part of money that it has not, a key that it does not know: nothing is booked."""
    assert called(stripe, "send", **more) == Answer("failed", reason=reason)
    assert stripe.balances == {"cus_Ann1": []}


def test_a_customer_has_one_currency(stripe: StripeApi) -> None:
    """Stripe refuses another one, and says why by a code that is kept."""
    called(stripe, "send")
    assert called(stripe, "send", id_="pay_2", unit="USD") == Answer("failed", reason="customer_currency_conflict")


@pytest.mark.parametrize(("unit", "amount", "theirs"), [("JPY", 500, -500), ("ISK", 5, -500), ("MGA", 500, -5)])
def test_amounts_are_as_stripe_has_them(stripe: StripeApi, unit: str, amount: int, theirs: int) -> None:
    """Where Stripe has other decimal places than ISO 4217 the amount is written with its own."""
    called(stripe, "send", unit=unit, amount=amount)
    assert [row["amount"] for row in stripe.balances["cus_Ann1"]] == [theirs]


def test_a_key_that_was_used_for_another_call_says_nothing_of_this_one(stripe: StripeApi) -> None:
    """Two accounts became one on the way, so that the customer is another now: that is looked up, and not taken for refused."""
    stripe.balances["cus_Ann2"] = []
    stripe.loses = 1
    with pytest.raises(SilenceError):
        called(stripe, "send")
    merged = {"external_ids": ("cus_Ann2", "cus_Ann1")}
    with pytest.raises(SilenceError):
        called(stripe, "send", **merged)
    assert called(stripe, "ask", **merged) == Answer("completed", "cbtxn_0")
    assert stripe.balances["cus_Ann2"] == []
