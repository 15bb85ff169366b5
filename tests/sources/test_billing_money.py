"""Webhooks of billing systems: what was not paid earns nothing, what one part has wrong costs that part, and shops stay apart."""

import copy
from typing import Any

import pytest
from testkit import billing
from tests.sources.test_billing import events, request

from goodword.sources import native
from goodword.sources.base import Problem
from goodword.sources.registry import REGISTRY


def invoice(**change: Any) -> dict[str, Any]:
    """Return Chargebee's payment of an invoice, with something else in the invoice."""
    said = copy.deepcopy(dict(billing.STORIES["chargebee"]()[1][1]))
    said["content"]["invoice"] |= change
    return said


@pytest.mark.parametrize(
    ("change", "amount", "tax"),
    [
        ({}, 12_000, 2_000),
        ({"write_off_amount": 5_000, "amount_adjusted": 1_000}, 6_000, 2_000),
        ({"write_off_amount": 11_000}, 1_000, 1_000),
        ({"amount_adjusted": 4_000}, 8_000, 2_000),
    ],
)
def test_what_was_written_off_or_credited_was_not_paid(change: dict[str, int], amount: int, tax: int) -> None:
    """Its tax counts whole, and of lines that sum to more nothing is told."""
    [order] = events("chargebee", invoice(**change), "payment_succeeded")
    assert (order.amount, order.tax, bool(order.lines)) == (amount, tax, not change)


def test_an_invoice_that_was_written_off_whole_is_no_order() -> None:
    assert events("chargebee", invoice(write_off_amount=12_000), "payment_succeeded") == []
    assert events("chargebee", invoice(write_off_amount=10_000, amount_adjusted=2_000), "payment_succeeded") == []


@pytest.mark.parametrize("topic", ["invoice_generated", "invoice_updated"])
@pytest.mark.parametrize("live", [True, False])
def test_an_invoice_of_chargebee_counts_by_its_payment_alone(topic: str, live: bool) -> None:
    """The invoice itself does not say whether its test gateway paid it."""
    said = {**invoice(), "event_type": topic}
    said["content"] = {name: one for name, one in said["content"].items() if name != "transaction"}
    assert events("chargebee", said, topic, live=live) == []


def order(**change: Any) -> dict[str, Any]:
    """Return WooCommerce's paid order, with something else in it."""
    return {**copy.deepcopy(dict(billing.STORIES["woocommerce"]()[1][1])), **change}


def told(said: dict[str, Any]) -> list[Any]:
    """Return what an order of WooCommerce's becomes."""
    return events("woocommerce", said, "order.updated")


def test_a_line_of_more_decimals_than_the_currency_costs_the_lines_alone() -> None:
    """The order counts, and so do its refunds, of which an unreadable one costs itself."""
    line = {"id": 315, "product_id": 93, "quantity": 1, "total": "99.995"}
    back = [{"id": 1, "total": "-1.005"}, {"id": 2, "total": None}, {"id": 3, "total": "-30.00"}]
    recorded, refund = told(order(line_items=[line], refunds=back))
    assert (recorded.amount, list(recorded.lines)) == (12_000, [])
    assert (refund.refund_id, refund.amount) == ("3", 3_000)


@pytest.mark.parametrize("key", [["a"], {"a": 1}, None, 7])
def test_an_odd_key_of_meta_data_is_nobodys(key: Any) -> None:
    """And the delivery is read, in a live workspace too."""
    said = order(meta_data=[{"key": key, "value": "test"}])
    [recorded] = events("woocommerce", said, "order.updated", live=True)
    assert isinstance(recorded, native.ConversionRecorded)


def at(address: str, **change: Any) -> Any:
    """Return the order of a shop at an address."""
    links = {"self": [{"href": f"{address}/wp-json/wc/v3/orders/727"}]}
    return told(order(_links=links, meta_data=[], **change))[0]


def test_the_numbers_of_two_shops_are_not_one() -> None:
    """Nor are a shop's and the company's own; by what the body says, which is signed."""
    addresses = ("https://www.one.example", "https://two.example", "https://two.example/at", "https://two.example/de")
    one, *others = [at(address) for address in addresses]
    assert (one.id, one.invoice_id, one.customer_external_id) == (
        "one.example.727.paid", "one.example.727", "one.example:26",
    )  # fmt: skip
    assert len({it.invoice_id for it in (one, *others)}) == len({it.customer_external_id for it in (one, *others)}) == 4
    assert at("https://one.example", customer_id=0).customer_external_id == "guest:one.example.727"
    for odd in ({}, {"self": "x"}, {"self": [{"href": "https://[x"}]}, {"self": [{"href": 5}]}, {"self": [{}]}):
        [bare] = told(order(_links=odd, meta_data=[]))
        assert (bare.invoice_id, bare.customer_external_id) == ("woocommerce.727", "woocommerce:26")


def test_a_number_is_a_name_of_a_customer_at_paddle_too() -> None:
    topic, said = billing.STORIES["paddle"]()[1]
    said = copy.deepcopy(dict(said))
    said["data"]["custom_data"]["gw_customer"] = 42
    [recorded] = events("paddle", said, topic)
    assert recorded.customer_external_id == "42"


def test_what_calls_itself_a_test_in_a_live_workspace_is_told_as_one() -> None:
    [refused] = events(
        "woocommerce", order(meta_data=[{"key": "_wcpay_mode", "value": "test"}]), "order.updated", live=True
    )
    assert isinstance(refused, Problem)
    assert REGISTRY["woocommerce"].read(request("woocommerce", b"webhook_id=12")) == ()
