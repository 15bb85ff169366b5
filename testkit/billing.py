"""Webhooks of billing systems with values of our own, after their published schemas, and as each of them shows who sends.

One story: Bob, who came by click ``click-1``, buys for 120.00 EUR, of which 20.00 are tax, and gets 30.00 back, 5.00 of it tax. Each
module of ``goodword/sources/billing`` names the schema and its version.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

SECRETS = {
    "paddle": "pdl_ntfset_01hv8y3example_q1w2e3r4t5y6u7i8o9p0",
    "woocommerce": "a_secret_of_the_shop_own",
    "chargebee": "goodword:correct-horse-battery",
    "polar": "polar_whs_ownsecretofourtests1234567890ab",
    "recurly": "0d1c2b3a" * 8,
    "revenuecat": "a-text-that-both-sides-know",
}
#: With what a system is asked for what it only names.
KEYS = {"recurly": "0a1b2c3d" * 4 + ":"}
_AT = "2026-03-03T09:00:00Z"


def body(said: Any) -> bytes:
    """Return the body of a delivery."""
    return json.dumps(said).encode()


def _hex(secret: str, signed: bytes) -> str:
    return hmac.new(secret.encode(), signed, sha256).hexdigest()


def _standard(secret: str, id_: str, at: int, data: bytes) -> str:
    signed = f"{id_}.{at}.".encode() + data
    return "v1," + base64.b64encode(hmac.new(secret.encode(), signed, sha256).digest()).decode()


def headers(system: str, data: bytes, at: int, topic: str = "", *secrets: str) -> dict[str, str]:
    """Return the headers by which a system shows that it sends a body, with its secret or others."""
    held = secrets or (SECRETS[system],)
    if system == "paddle":
        signs = ";".join(f"h1={_hex(one, f'{at}:'.encode() + data)}" for one in held)
        return {"paddle-signature": f"ts={at};{signs}"}
    if system == "woocommerce":
        signed = base64.b64encode(hmac.new(held[0].encode(), data, sha256).digest()).decode()
        return {"x-wc-webhook-signature": signed, "x-wc-webhook-topic": topic}
    if system == "recurly":
        return {"recurly-signature": ",".join([f"{at}000", *(_hex(one, f"{at}000.".encode() + data) for one in held)])}
    if system == "polar":
        signs = " ".join(_standard(one, "msg_1", at, data) for one in held)
        return {"webhook-id": "msg_1", "webhook-timestamp": str(at), "webhook-signature": signs}
    if system == "chargebee":
        return {"authorization": f"Basic {base64.b64encode(held[0].encode()).decode()}"}
    return {"authorization": held[0]}


Story = list[tuple[str, Mapping[str, Any]]]


def _paddle() -> Story:
    totals = {
        "subtotal": "11000",
        "discount": "1000",
        "tax": "2000",
        "total": "12000",
        "grand_total": "12000",
        "fee": "650",
    }
    line = {
        "id": "txnitm_01own",
        "price_id": "pri_01own",
        "quantity": 1,
        "totals": {"subtotal": "11000", "discount": "1000", "tax": "2000", "total": "12000"},
        "product": {"id": "pro_01own", "name": "Pro"},
    }
    transaction = {
        "id": "txn_01own",
        "status": "completed",
        "customer_id": "ctm_01own",
        "currency_code": "EUR",
        "custom_data": {"gw_click": "click-1", "gw_customer": "bob"},
        "billed_at": _AT,
        "created_at": _AT,
        "details": {"totals": {**totals, "currency_code": "EUR"}, "line_items": [line]},
    }
    adjustment = {
        "id": "adj_01own",
        "action": "refund",
        "status": "approved",
        "transaction_id": "txn_01own",
        "currency_code": "EUR",
        "totals": {"subtotal": "2500", "tax": "500", "total": "3000", "fee": "0", "currency_code": "EUR"},
        "created_at": "2026-03-05T09:00:00Z",
    }
    event = {"event_id": "evt_01own", "occurred_at": _AT, "notification_id": "ntf_01own"}
    return [
        ("transaction.paid", {**event, "event_type": "transaction.paid", "data": {**transaction, "status": "paid"}}),
        ("transaction.completed", {**event, "event_type": "transaction.completed", "data": transaction}),
        ("adjustment.updated", {**event, "event_type": "adjustment.updated", "data": adjustment}),
    ]


def _woocommerce() -> Story:
    order = {
        "id": 727,
        "status": "processing",
        "currency": "EUR",
        "prices_include_tax": False,
        "date_paid_gmt": "2026-03-03T09:00:00",
        "discount_total": "10.00",
        "shipping_total": "0.00",
        "total": "120.00",
        "total_tax": "20.00",
        "customer_id": 26,
        "billing": {"email": "bob@mail.example", "country": "DE"},
        "meta_data": [
            {"id": 1, "key": "_wc_order_attribution_session_entry", "value": "https://shop.example/?gw_click=click-1"},
            {"id": 2, "key": "gw_customer", "value": "bob"},
        ],
        "line_items": [
            {"id": 315, "product_id": 93, "quantity": 2, "subtotal": "110.00", "total": "100.00", "sku": ""}
        ],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [],
    }
    back = [{"id": 726, "reason": "", "total": "-30.00"}]
    return [
        ("order.created", {**order, "status": "pending", "date_paid_gmt": None}),
        ("order.updated", order),
        ("order.updated", {**order, "status": "completed", "refunds": back}),
    ]


def _chargebee() -> Story:
    """The refund's credit note, its refund and the invoice are told by several events, each with other things beside it."""
    invoice = {
        "id": "inv_1",
        "customer_id": "cb_bob",
        "status": "paid",
        "currency_code": "EUR",
        "total": 12_000,
        "tax": 2_000,
        "sub_total": 11_000,
        "price_type": "tax_exclusive",
        "paid_at": 1_772_528_400,
        "date": 1_772_528_390,
        "deleted": False,
        "line_items": [
            {
                "id": "li_1",
                "entity_id": "pro-EUR-monthly",
                "amount": 11_000,
                "discount_amount": 1_000,
                "tax_amount": 2_000,
                "quantity": 1,
            }
        ],
        "discounts": [],
        "linked_payments": [{"txn_id": "txn_1", "applied_amount": 12_000, "txn_status": "success"}],
        "billing_address": {"email": "bob@mail.example", "country": "DE"},
    }
    customer = {
        "id": "cb_bob",
        "email": "bob@mail.example",
        "created_at": 1_772_528_000,
        "cf_gw_click": "click-1",
        "cf_gw_customer": "bob",
    }
    payment = {
        "id": "txn_1",
        "type": "payment",
        "status": "success",
        "gateway": "stripe",
        "currency_code": "EUR",
        "amount": 12_000,
        "linked_invoices": [{"invoice_id": "inv_1", "applied_amount": 12_000, "invoice_status": "paid"}],
    }
    note = {
        "id": "CN-1",
        "type": "refundable",
        "status": "refund_due",
        "reference_invoice_id": "inv_1",
        "currency_code": "EUR",
        "total": 3_000,
        "taxes": [{"name": "VAT", "amount": 500}],
        "date": 1_772_701_200,
        "deleted": False,
    }
    refund = {
        "id": "txn_2",
        "type": "refund",
        "status": "success",
        "gateway": "stripe",
        "currency_code": "EUR",
        "amount": 3_000,
        "linked_credit_notes": [
            {"cn_id": "CN-1", "applied_amount": 3_000, "cn_total": 3_000, "cn_reference_invoice_id": "inv_1"}
        ],
    }
    back = {"transaction": refund, "credit_note": {**note, "status": "refunded"}, "customer": customer}
    open_ = {**invoice, "status": "payment_due", "paid_at": None, "linked_payments": []}
    told = [
        ("invoice_generated", {"invoice": open_}),
        ("payment_succeeded", {"invoice": invoice, "customer": customer, "transaction": payment}),
        ("transaction_created", {"transaction": payment}),
        ("invoice_updated", {"invoice": invoice}),
        ("credit_note_created", {"credit_note": note}),
        ("payment_refunded", back),
    ]
    event = {"occurred_at": 1_772_528_400, "object": "event", "api_version": "v2"}
    return [
        (topic, {"id": f"ev_{n}", **event, "event_type": topic, "content": content})
        for n, (topic, content) in enumerate(told)
    ]


def _polar() -> Story:
    order = {
        "id": "0b8f3e3a-0000-4000-8000-000000000001",
        "created_at": _AT,
        "status": "paid",
        "paid": True,
        "subtotal_amount": 11_000,
        "discount_amount": 1_000,
        "net_amount": 10_000,
        "tax_amount": 2_000,
        "total_amount": 12_000,
        "currency": "eur",
        "customer_id": "0b8f3e3a-0000-4000-8000-000000000002",
        "product_id": "0b8f3e3a-0000-4000-8000-000000000003",
        "discount": None,
        "metadata": {"gw_click": "click-1"},
        "customer": {"external_id": "bob", "email": "bob@mail.example", "metadata": {}},
        "billing_address": {"country": "DE"},
    }
    refund = {
        "id": "0b8f3e3a-0000-4000-8000-000000000004",
        "created_at": "2026-03-05T09:00:00Z",
        "status": "succeeded",
        "amount": 2_500,
        "tax_amount": 500,
        "currency": "eur",
        "order_id": order["id"],
    }
    return [
        (
            "order.created",
            {"type": "order.created", "timestamp": _AT, "data": {**order, "paid": False, "status": "pending"}},
        ),
        ("order.paid", {"type": "order.paid", "timestamp": _AT, "data": order}),
        ("refund.updated", {"type": "refund.updated", "timestamp": _AT, "data": refund}),
    ]


def recurly_named(id_: str, topic: str, at: str = _AT) -> tuple[str, Mapping[str, Any]]:
    """Return a notification of Recurly's, which names an object and tells nothing of it."""
    noun, _, change = topic.partition(".")
    return topic, {"id": id_, "object_type": noun, "site_id": "qc1own", "event_type": change, "event_time": at}


def _recurly() -> Story:
    return [
        recurly_named("ra1charge", "charge_invoice.created"),
        recurly_named("ra1charge", "charge_invoice.paid"),
        recurly_named("ra2credit", "credit_invoice.created", "2026-03-05T09:00:00Z"),
        recurly_named("ra2credit", "credit_invoice.closed", "2026-03-05T09:00:01Z"),
    ]


def _recurlys() -> dict[str, dict[str, Any]]:
    """What is at Recurly, by its path, in the shape of its API v2021-02-25."""
    bob = {"id": "ra0bob", "object": "account", "code": "bob", "email": "bob@mail.example"}
    line = {
        "id": "ra1line",
        "object": "line_item",
        "type": "charge",
        "plan_code": "pro",
        "quantity": 1,
        "subtotal": 110.0,
        "discount": 10.0,
        "tax": 20.0,
        "amount": 120.0,
    }
    charge = {
        "id": "ra1charge",
        "object": "invoice",
        "type": "charge",
        "origin": "purchase",
        "state": "paid",
        "account": bob,
        "address": {"country": "DE"},
        "currency": "EUR",
        "subtotal": 110.0,
        "discount": 10.0,
        "tax": 20.0,
        "total": 120.0,
        "paid": 120.0,
        "balance": 0.0,
        "line_items": [line],
        "has_more_line_items": False,
        "credit_payments": [],
        "transactions": [{"id": "ra1paid", "type": "purchase", "origin": "api", "status": "success"}],
        "custom_fields": [{"name": "gw_click", "value": "click-1"}],
        "created_at": "2026-03-03T08:59:58Z",
        "closed_at": _AT,
    }
    back = {
        **line,
        "id": "ra2line",
        "type": "credit",
        "subtotal": -25.0,
        "discount": 0.0,
        "tax": -5.0,
        "amount": -30.0,
        "original_line_item_invoice_id": "ra1charge",
        "credit_reason_code": "general",
    }
    credit = {
        **charge,
        "id": "ra2credit",
        "type": "credit",
        "origin": "refund",
        "state": "closed",
        "subtotal": -25.0,
        "discount": 0.0,
        "tax": -5.0,
        "total": -30.0,
        "paid": -30.0,
        "line_items": [back],
        "transactions": [{"id": "ra2back", "type": "refund", "origin": "api", "status": "success"}],
        "custom_fields": [],
        "created_at": "2026-03-05T09:00:00Z",
        "closed_at": "2026-03-05T09:00:01Z",
    }
    known = {**bob, "custom_fields": [{"name": "gw_click", "value": "click-1"}], "created_at": "2026-03-03T08:50:00Z"}
    return {"/accounts/ra0bob": known, "/invoices/ra1charge": charge, "/invoices/ra2credit": credit}


def _revenuecat() -> Story:
    bought = {
        "id": "12345678-own",
        "type": "INITIAL_PURCHASE",
        "environment": "PRODUCTION",
        "period_type": "NORMAL",
        "app_user_id": "bob",
        "transaction_id": "170000869511114",
        "product_id": "pro_monthly",
        "currency": "EUR",
        "price": 130.9,
        "price_in_purchased_currency": 120.0,
        "tax_percentage": 0.16666666666666666,
        "takehome_percentage": 0.7,
        "purchased_at_ms": 1_772_528_400_000,
        "event_timestamp_ms": 1_772_528_401_000,
        "country_code": "DE",
        "subscriber_attributes": {"gw_click": {"value": "click-1"}, "$email": {"value": "bob@mail.example"}},
    }
    return [
        (
            "INITIAL_PURCHASE",
            {"api_version": "1.0", "event": {**bought, "price_in_purchased_currency": 0, "period_type": "TRIAL"}},
        ),
        ("INITIAL_PURCHASE", {"api_version": "1.0", "event": bought}),
        (
            "CANCELLATION",
            {"api_version": "1.0", "event": {**bought, "type": "CANCELLATION", "cancel_reason": "UNSUBSCRIBE"}},
        ),
    ]


#: System -> what it tells of the story, in order: topic and body.
STORIES: Mapping[str, Callable[[], Story]] = {
    "paddle": _paddle,
    "woocommerce": _woocommerce,
    "chargebee": _chargebee,
    "polar": _polar,
    "recurly": _recurly,
    "revenuecat": _revenuecat,
}
#: Of a system that only names objects, what they are: by their paths.
OBJECTS: Mapping[str, Callable[[], dict[str, dict[str, Any]]]] = {"recurly": _recurlys}
