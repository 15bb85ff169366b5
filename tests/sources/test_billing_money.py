"""Webhooks of billing systems: what was not paid earns nothing, what one part has wrong costs that part, and shops stay apart."""

import copy
from typing import Any

import pytest
from testkit import billing
from tests.sources.test_billing import events, request

from goodword.sources import native
from goodword.sources.base import ByPayment, Problem
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
    [order] = counted(invoice(**change))
    assert (order.amount, order.tax, bool(order.lines)) == (amount, tax, not change)


def counted(said: dict[str, Any], topic: str = "payment_succeeded", *, live: bool = False) -> list[Any]:
    """Return the orders of a delivery of Chargebee's, and what waits for its payment."""
    found = events("chargebee", {**said, "event_type": topic}, topic, live=live)
    return [one for one in found if isinstance(one, native.ConversionRecorded | ByPayment)]


def test_an_invoice_that_was_written_off_whole_is_no_order() -> None:
    assert counted(invoice(write_off_amount=12_000)) == []
    assert counted(invoice(write_off_amount=10_000, amount_adjusted=2_000)) == []


@pytest.mark.parametrize("topic", ["invoice_generated", "invoice_updated"])
@pytest.mark.parametrize("live", [True, False])
def test_an_invoice_of_chargebee_that_a_payment_settled_waits_for_it(topic: str, live: bool) -> None:
    """The invoice itself does not say whether its test gateway paid it; what no payment settled waits for none."""
    [waits] = counted(invoice(), topic, live=live)
    assert (waits.payment, waits.wire.id) == ("txn_1.inv_1", "inv_1.paid")
    assert waits.wire == counted(invoice())[0]
    [order] = counted(invoice(linked_payments=[]), topic, live=live)
    assert order == waits.wire
    tested = invoice()
    tested["content"]["transaction"]["gateway"] = "chargebee"
    [refused] = events("chargebee", tested, "payment_succeeded", live=True)
    assert isinstance(refused, Problem)
    tested["content"]["transaction"] |= {"gateway": "not_applicable", "payment_method": "bank_transfer"}
    recorded = [one for one in events("chargebee", tested, "payment_succeeded", live=True) if one == order]
    assert recorded == [order]  # by somebody, of a payment in cash or by bank
    for status in ("posted", "payment_due", "not_paid", "pending"):
        assert counted(invoice(status=status)) == counted(invoice(status=status), topic) == []


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ({}, ["refunded"]),
        ({"type": "store"}, ["refunded"]),
        ({"type": "adjustment"}, []),  # of what nobody paid
        ({"reference_invoice_id": None}, []),
        ({"status": "voided"}, ["refunded", "voided"]),
        ({"deleted": True}, ["refunded", "voided"]),
        ({"reason_code": "chargeback"}, ["opened", "lost"]),
        ({"create_reason_code": "Chargeback", "status": "voided"}, ["opened", "kept"]),
    ],
)
def test_a_credit_note_of_chargebees_takes_back_what_was_paid(change: dict[str, Any], kinds: list[str]) -> None:
    """Told as it is made or with its refund, it is the same; whether its money goes back or stays as a credit."""
    for _, said in billing.STORIES["chargebee"]()[4:]:
        told = copy.deepcopy(dict(said))
        told["content"]["credit_note"] |= change
        found = events("chargebee", told, told["event_type"])
        assert [one.id for one in found] == [f"CN-1.{kind}" for kind in kinds]
        assert {one.invoice_id for one in found} <= {"inv_1"}
        assert {(one.amount, one.tax) for one in found if isinstance(one, native.ConversionRefunded)} <= {(3_000, 500)}


def test_a_refund_of_chargebees_without_its_credit_note_goes_by_those_that_it_names() -> None:
    """Each for all that it credits, wherever the rest of that stays; one that failed gave nothing back."""
    told = copy.deepcopy(dict(billing.STORIES["chargebee"]()[5][1]))
    del told["content"]["credit_note"]
    named = told["content"]["transaction"]["linked_credit_notes"]
    named += [{"cn_id": "CN-2", "applied_amount": 500, "cn_total": 900, "cn_reference_invoice_id": "inv_2"}]
    found = events("chargebee", told, "payment_refunded")
    assert [(one.id, one.invoice_id, one.amount) for one in found] == [
        ("CN-1.refunded", "inv_1", 3_000),
        ("CN-2.refunded", "inv_2", 900),
    ]
    told["content"]["transaction"]["status"] = "failure"
    assert events("chargebee", told, "payment_refunded") == []


def test_what_led_to_a_customer_of_chargebees_is_one_lead_however_often_it_is_told() -> None:
    """Of the customer and of the subscription, in own fields or meta data; another mark is another lead."""
    found = set()
    for topic in ("customer_created", "customer_changed", "subscription_created", "payment_succeeded"):
        content = {"customer": {"id": "cb_bob", "created_at": 1, "meta_data": {"gw_click": "click-1"}}}
        said = {
            "event_type": topic,
            "content": content | {"subscription": {"id": "sub", "customer_id": "cb_bob", "cf_gw_code": "ANN"}},
        }
        found |= {(one.id, one.click_id, one.link_code) for one in events("chargebee", said, topic)}
    assert {(click, code) for _, click, code in found} == {("click-1", None), (None, "ANN")}
    assert len(found) == 2


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


def recurlys(*, credit: dict[str, Any] | None = None, **change: Any) -> dict[str, Any]:
    """Return what is at Recurly of the story, with something else in its invoices."""
    at = copy.deepcopy(billing.OBJECTS["recurly"]())
    at["/invoices/ra1charge"] |= change
    at["/invoices/ra2credit"] |= credit or {}
    return at


def at_recurly(objects: dict[str, Any], topic: str = "charge_invoice.paid", id_: str = "ra1charge") -> list[Any]:
    """Return what a notification becomes there, but for who it is of."""
    topic, said = billing.recurly_named(id_, topic)
    found = events("recurly", said, topic, objects=objects)
    return [one for one in found if not isinstance(one, native.LeadCreated)]


def credits_of(*of: tuple[str, float]) -> list[dict[str, Any]]:
    """Return credits that paid for an invoice, as it has them."""
    return [{"action": "payment", "original_invoice": {"id": id_}, "amount": amount} for id_, amount in of]


@pytest.mark.parametrize(
    ("paid_by", "amount", "tax"),
    [
        (credits_of(("ra2credit", 30.0)), 12_000, 2_000),  # it gave a charge back
        (credits_of(("ra3gift", 30.0)), 9_000, 2_000),
        (credits_of(("ra2credit", 30.0), ("ra3gift", 80.1), ("ra3gift", 9.9)), 3_000, 2_000),
        (credits_of(("ra3gift", 119.99)), 1, 1),
        (credits_of(("ra3gift", 120)), None, None),
        ([{**credits_of(("ra3gift", 120))[0], "action": "write_off"}], 12_000, 2_000),
        ([{**credits_of(("ra3gift", 120))[0], "voided_at": "2026-03-04T09:00:00Z"}], 12_000, 2_000),
    ],
)
def test_a_gift_pays_for_nothing_and_what_came_back_pays_again(paid_by: Any, amount: int | None, tax: int) -> None:
    """Of each credit that paid for an invoice of Recurly's it is asked whether it gave a charge back, which was taken off there."""
    at = recurlys(credit_payments=paid_by)
    gift = {**at["/invoices/ra2credit"], "id": "ra3gift", "origin": "gift_card", "line_items": [{"id": "ra3line"}]}
    found = at_recurly({**at, "/invoices/ra3gift": gift})
    assert [(one.id, one.amount, one.tax, bool(one.lines)) for one in found] == (
        [] if amount is None else [("ra1charge.paid", amount, tax, amount == 12_000)]
    )


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ({"state": "open", "transactions": []}, ["refunded"]),  # to the account's credit
        ({"state": "voided"}, ["refunded", "voided"]),
        ({"origin": "external_refund", "transactions": [{"origin": "chargeback"}]}, ["opened", "lost"]),
        ({"origin": "write_off"}, []),
        ({"origin": "credit", "line_items": [{"id": "ra2line", "amount": -30.0}]}, []),
        ({"origin": "gift_card", "line_items": []}, []),
    ],
)
def test_a_credit_of_recurlys_takes_back_what_it_gives_back(change: dict[str, Any], kinds: list[str]) -> None:
    """A refund, to wherever it goes, and a chargeback; not what closes an unpaid invoice, and no credit that was given."""
    found = at_recurly(recurlys(credit=change), "credit_invoice.created", "ra2credit")
    assert [one.id for one in found] == [f"ra2credit.{kind}" for kind in kinds]
    assert {one.invoice_id for one in found} <= {"ra1charge"}
    assert {getattr(one, "amount", None) for one in found} <= {3_000, None}


def test_a_credit_of_two_invoices_is_a_refund_of_each() -> None:
    """To the cent, or not at all; what of it was given is none."""
    lines = [
        {"id": "a", "amount": -10.01, "tax": -1.67, "original_line_item_invoice_id": "ra1charge"},
        {"id": "b", "amount": -14.99, "tax": -2.5, "original_line_item_invoice_id": "ra9other"},
        {"id": "c", "amount": -5.0, "tax": 0},
    ]
    found = at_recurly(recurlys(credit={"line_items": lines}), "credit_invoice.closed", "ra2credit")
    assert [(one.invoice_id, one.refund_id, one.amount, one.tax) for one in found] == [
        ("ra1charge", "ra2credit.ra1charge", 1_001, 167),
        ("ra9other", "ra2credit.ra9other", 1_499, 250),
    ]
    for change in ({"line_items": lines[:2]}, {"line_items": lines, "has_more_line_items": True}):
        [wrong] = at_recurly(recurlys(credit=change), "credit_invoice.closed", "ra2credit")
        assert isinstance(wrong, Problem)


def test_an_invoice_of_recurlys_that_is_not_paid_is_nothing() -> None:
    """And a renewal asks for nobody; a decimal that went through a float is the cents it was."""
    for state in ("pending", "processing", "past_due", "failed"):
        assert at_recurly(recurlys(state=state)) == []
    at = recurlys(origin="renewal", total=119.99999999999999, tax=20.000000000000004)
    del at["/accounts/ra0bob"]
    [order] = at_recurly(at)
    assert (order.amount, order.tax) == (12_000, 2_000)
    assert at_recurly(recurlys(type="legacy")) == []
