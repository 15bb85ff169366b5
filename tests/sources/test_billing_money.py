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
