"""Shopify's signature and objects: who signed is known in both families of headers, and no cent is lost on the way."""

import json
from typing import Any

import msgspec
import pytest
from testkit import shopify
from testkit.shopify import SECRET, Story, Told
from tests.conftest import ROOT

from goodword.sources.base import Problem, RefusedError, Request
from goodword.sources.shopify.mapping import TOPICS
from goodword.sources.shopify.signature import check, is_secret
from goodword.sources.shopify.source import SOURCE
from goodword.sources.shopify.table import FIELDS

OTHER = "shpss_" + "9z8y" * 8


def request(body: bytes, headers: dict[str, str], *, live: bool = False) -> Request:
    return Request("/hooks/shopify/wsp", lambda name: headers.get(name.decode(), ""), body, 0, live)


def made(topic: str, object_: Any, *, live: bool = False, family: str = "x-shopify") -> Any:
    """Return what a delivery becomes: its events as their fields, or what is wrong."""
    body = shopify.body(Told(topic, object_))
    [item] = SOURCE.read(request(body, shopify.headers(body, topic, family=family), live=live))
    mapped = item if isinstance(item, Problem) else SOURCE.map(item)
    return mapped if isinstance(mapped, Problem) else [msgspec.json.decode(msgspec.json.encode(one)) for one in mapped]


@pytest.mark.parametrize("family", ["x-shopify", "shopify"])
def test_a_body_is_signed_by_one_of_several_secrets_in_either_family(family: str) -> None:
    """Not by another one, not another body; without a signature it says so."""
    body = b'{"id": 1}'
    said = request(body, shopify.headers(body, "orders/paid", family=family))
    assert check(said, [OTHER.encode(), SECRET.encode()], 0) is None
    assert check(said, [OTHER.encode()], 0) == "signature_wrong"
    assert check(said._replace(body=body + b" "), [SECRET.encode()], 0) == "signature_wrong"
    assert check(request(body, {}), [SECRET.encode()], 0) == "signature_missing"
    assert check(request(body, {f"{family}-hmac-sha256": "ä"}), [SECRET.encode()], 0) == "signature_malformed"
    assert is_secret(SECRET)
    assert is_secret("0a1b" * 16)
    assert not is_secret("whsec_" + "a" * 30)


def test_an_order_is_a_conversion_with_its_parts_and_lines() -> None:
    """What was charged; by the code in the address that the visit began with; open until it is paid."""
    [paid] = made("orders/paid", Story(1).order())
    assert paid == {
        "type": "conversion.recorded",
        "id": "820001.paid",
        "occurred_at": "2026-03-03T10:01:00+01:00",
        "customer_external_id": "900001",
        "invoice_id": "820001",
        "link_code": "ANN",
        "customer_email": "bob1@mail.example",
        "country": "DE",
        "amount": 11_900,
        "currency": "EUR",
        "tax": 1_900,
        "shipping": 1_000,
        "discount": 1_000,
        "lines": [{"id": "500001", "product": "7001", "amount": 9_000, "quantity": 2, "brand": "Acme"}],
    }
    assert made("orders/create", Story(1).order("pending")) == [{**paid, "id": "820001.open", "status": "open"}]
    assert made("orders/paid", Story(1).order(), family="shopify") == [paid]


def test_tax_that_is_inside_of_prices_is_none_of_the_goods() -> None:
    """Nor of the shipping: the order's tax is the part of its own."""
    line = Story(1).order()["line_items"][0] | {
        "price": "59.50",
        "discount_allocations": [],
        "tax_lines": [{"price": "19.00"}],
    }
    shipping = {"price": "11.90", "discount_allocations": [], "tax_lines": [{"price": "1.90"}]}
    order = Story(1).order(
        taxes_included=True, total_price="130.90", total_tax="20.90", line_items=[line], shipping_lines=[shipping]
    )
    [found] = made("orders/paid", order)
    assert (found["amount"], found["tax"], found["shipping"]) == (13_090, 2_090, 1_000)
    assert [one["amount"] for one in found["lines"]] == [10_000]
    [without] = made("orders/paid", {**order, "total_price": "131.90"})  # a tip is no line
    assert "lines" not in without


def test_who_came_by_whom_is_said_by_the_theme_or_by_a_discount_code() -> None:
    """Attributes of the cart go before the address; the first discount code is a typed code; a guest is somebody of their own."""
    attributes = [{"name": "gw_click", "value": "tch_1"}, {"name": "gw_customer", "value": "user-42"}]
    codes = [{"code": "ANN10", "amount": "10.00", "type": "percentage"}, {"code": "OTHER"}]
    [found] = made(
        "orders/paid", Story(1).order(note_attributes=attributes, discount_codes=codes, landing_site="/?gw_click=tch_9")
    )
    assert (found["click_id"], found["customer_external_id"], found["code"]) == ("tch_1", "user-42", "ANN10")
    [guest] = made("orders/paid", Story(1).order(customer=None, landing_site="http://[", email=""))
    assert (guest["customer_external_id"], guest.get("link_code")) == ("guest:820001", None)


def test_a_refund_is_what_was_paid_back_with_its_parts_where_they_come_to_it() -> None:
    """Goods that came back without money are none; parts that do not sum are left out, and the goods are taken first."""
    assert made("refunds/create", Story(1).refund(1, "30.00", transactions=[])) == []
    [plain] = made("refunds/create", Story(1).refund(1, "30.00"))
    assert (plain["invoice_id"], plain["refund_id"], plain["amount"], plain["currency"]) == (
        "820001",
        "8200011",
        3_000,
        "EUR",
    )
    assert "tax" not in plain
    items = [{"line_item_id": 500_001, "quantity": 1, "subtotal": "45.00", "total_tax": "9.50"}]
    shipping = [{"kind": "shipping_refund", "amount": "-10.00", "tax_amount": "0.00"}]
    [whole] = made("refunds/create", Story(1).refund(1, "64.50", refund_line_items=items, order_adjustments=shipping))
    assert (whole["amount"], whole["tax"], whole["shipping"], whole["lines"]) == (
        6_450,
        950,
        1_000,
        [{"id": "500001", "amount": 4_500}],
    )
    [inside] = made("refunds/create", Story(1).refund(1, "45.00", refund_line_items=items))
    assert (inside["tax"], inside["lines"]) == (950, [{"id": "500001", "amount": 3_550}])
    [odd] = made("refunds/create", Story(1).refund(1, "45.01", refund_line_items=items))
    assert "lines" not in odd


def both(name: str, shop: str, buyer: str) -> dict[str, Any]:
    """An amount as Shopify says it of an order that was paid in another currency than the shop's."""
    moneys = {"shop_money": {"amount": shop, "currency_code": "EUR"}}
    return {name: shop, f"{name}_set": {**moneys, "presentment_money": {"amount": buyer, "currency_code": "USD"}}}


@pytest.mark.parametrize(("paid", "amount", "line"), [("59.95", 5_450, 4_500), ("50.05", 4_550, 3_600)])
def test_a_refund_in_the_buyer_s_currency_is_counted_in_the_shop_s(paid: str, amount: int, line: int) -> None:
    """By the money of its parts, tax beside the prices or inside of them as what was paid says; else it is refused, for staff."""
    items = [{"line_item_id": 500_001, **both("subtotal", "45.00", "49.50"), **both("total_tax", "9.00", "9.90")}]
    shipping = [{"kind": "shipping_refund", **both("amount", "-0.50", "-0.55"), **both("tax_amount", "0.00", "0.00")}]
    story = Story(1).refund(1, paid, refund_line_items=items, order_adjustments=shipping)
    story["transactions"][0]["currency"] = "USD"
    [found] = made("refunds/create", story)
    assert (found["amount"], found["currency"], found["tax"]) == (amount, "EUR", 900)
    assert [one["amount"] for one in found["lines"]] == [line]
    assert found["shipping"] == 50
    refused = Problem("invalid_value", "currency", "8200011")
    paid_more = [{**story["transactions"][0], "amount": "60.00"}]
    assert made("refunds/create", {**story, "transactions": paid_more}) == refused
    without = [{**items[0], "total_tax_set": None}]
    assert made("refunds/create", {**story, "refund_line_items": without}) == refused
    unsettled = {"total_unsettled_set": {"shop_money": {"amount": "0.0", "currency": "EUR"}}}
    alone = [{**story["transactions"][0], **unsettled}]
    bare = {**story, "transactions": alone, "refund_line_items": [], "order_adjustments": []}
    assert made("refunds/create", bare) == refused


def test_a_refund_of_an_amount_alone_is_what_its_adjustment_is_in_the_shop_s_money() -> None:
    """No goods came back: it is told by how far the order was adjusted."""
    more = [{"kind": "refund_discrepancy", **both("amount", "-10.00", "-11.00"), **both("tax_amount", "0.00", "0.00")}]
    story = Story(1).refund(1, "11.00", order_adjustments=more)
    story["transactions"][0]["currency"] = "USD"
    [found] = made("refunds/create", story)
    assert (found["amount"], found["currency"], found.get("tax")) == (1_000, "EUR", None)


def test_transactions_of_several_currencies_are_no_sum() -> None:
    """Nobody can tell how much went back."""
    [paid] = Story(1).refund(1, "30.00")["transactions"]
    both_ = Story(1).refund(1, "30.00", transactions=[paid, {**paid, "id": 2, "currency": "USD"}])
    assert made("refunds/create", both_) == Problem("invalid_value", "currency", "8200011")


def test_a_refund_counts_once_its_money_went_back() -> None:
    """One that is pending is refused for its status, where staff see it; of several what is through counts."""
    [paid] = Story(1).refund(1, "30.00")["transactions"]
    pending, failed = {**paid, "status": "pending"}, {**paid, "status": "failure"}
    refused = made("refunds/create", Story(1).refund(1, "30.00", transactions=[pending]))
    assert refused == Problem("invalid_value", "status", "8200011")
    assert made("refunds/create", Story(1).refund(1, "30.00", transactions=[failed])) == []
    [found] = made("refunds/create", Story(1).refund(1, "30.00", transactions=[pending, failed, paid]))
    assert found["amount"] == 3_000


@pytest.mark.parametrize(
    ("status", "more", "types"),
    [
        ("needs_response", {"type": "inquiry"}, []),
        ("needs_response", {}, [None]),
        ("something_new", {}, [None]),
        ("won", {}, [None, "kept"]),
        ("charge_refunded", {}, [None, "kept"]),
        ("lost", {}, [None, "lost"]),
        ("accepted", {}, [None, "lost"]),
    ],
)
def test_a_dispute_opens_a_case_whatever_its_status(status: str, more: dict[str, Any], types: list[str | None]) -> None:
    """An inquiry is none yet."""
    assert [one.get("outcome") for one in made("disputes/update", Story(1).dispute(status, **more))] == types


def test_an_order_that_is_canceled_is_taken_back_whole() -> None:
    """By its own id."""
    [found] = made("orders/cancelled", Story(1).order(cancelled_at="2026-03-03T11:00:00+01:00"))
    assert (found["type"], found["invoice_id"]) == ("conversion.canceled", "820001")


@pytest.mark.parametrize(
    ("topic", "object_", "code", "field"),
    [
        ("orders/paid", Story(1).order(total_price="12.345"), "invalid_value", "amount"),
        ("orders/paid", Story(1).order(total_price=None), "missing_field", "amount"),
        ("orders/paid", Story(1).order(currency="XQQ"), "unknown_currency", "currency"),
        ("orders/paid", Story(1).order(id=None), "missing_field", "id"),
        ("orders/paid", Story(1).order(processed_at="soon"), "invalid_value", "occurred_at"),
        ("refunds/create", Story(1).order(), "missing_field", "invoice_id"),
        ("orders/paid", Story(1).refund(1, "30.00"), "missing_field", "currency"),
        ("disputes/create", Story(1).refund(1, "30.00"), "missing_field", "currency"),
    ],
)
def test_what_is_wrong_with_an_object_is_named(topic: str, object_: Any, code: str, field: str) -> None:
    """An object under another topic, which nobody signed, too."""
    found = made(topic, object_)
    assert (found.code, found.field) == (code, field)


def test_a_test_is_none_in_a_live_workspace_and_shapes_of_an_app_s_own_are_named() -> None:
    """Test orders and their refunds; Next Gen Events, which hold what the app's query asks for."""
    assert made("orders/paid", Story(1, test=True).order(), live=True) == Problem("test_mode", id="820001")
    assert made("refunds/create", Story(1, test=True).refund(1, "30.00"), live=True) == Problem(
        "test_mode", id="8200011"
    )
    assert made("orders/paid", Story(1).order(), live=True) == made("orders/paid", Story(1, test=True).order())
    assert made("Order", {"data": {"order": {"id": "gid://shopify/Order/1"}}}, family="shopify") == Problem(
        "thin_event"
    )
    assert made("products/update", {"id": 7}) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b'{"a":' * 40 + b"1" + b"}" * 40, b'{"a": "\xff"}'])
def test_what_is_no_object_is_refused_whole(body: bytes) -> None:
    """So that it is sent again."""
    with pytest.raises(RefusedError) as refused:
        SOURCE.read(request(body, shopify.headers(body, "orders/paid")))
    assert refused.value.status == 400


def test_no_object_however_it_is_broken_raises() -> None:
    """Each delivery of the story, with each of its fields in turn replaced by something that it never is."""
    for junk in (None, 7, "x", "", [], {}, [7], True, -1, {"id": 3}, "\0", 1.5):
        for said in Story(1).told():
            for field in said.object:
                made(said.topic, {**json.loads(json.dumps(said.object)), field: junk})


def test_every_field_that_is_read_has_its_treatment() -> None:
    """The table is the one of the docs."""
    text = (ROOT / "docs" / "howto" / "shopify.md").read_text()
    for path, treatment in FIELDS.items():
        assert f"`{path.rpartition('.')[2]}`" in text, f"docs/howto/shopify.md does not name {path} ({treatment.how})"
    assert all(f"`{topic}`" in text for topic in TOPICS)


OFFER = "off_01M8ABCDEFGHJKMNPQRSTVWXYZ"


@pytest.mark.parametrize("named", [OFFER, OFFER.lower(), OFFER.upper()])
def test_a_welcome_offer_is_named_by_the_cart_or_by_the_code_that_is_called_by_it(named: str) -> None:
    """In whatever case the buyer typed it; such a code is none of an advocate."""
    [by_code] = made("orders/paid", Story(1).order(discount_codes=[{"code": named}, {"code": "ANN10"}]))
    assert (by_code["offer_id"], by_code["code"]) == (OFFER, "ANN10")
    attributes = [{"name": "gw_offer", "value": OFFER}]
    [by_cart] = made("orders/paid", Story(1).order(note_attributes=attributes, discount_codes=[{"code": "SPRING"}]))
    assert (by_cart["offer_id"], by_cart["code"]) == (OFFER, "SPRING")
    [none] = made("orders/paid", Story(1).order(discount_codes=[{"code": f"{OFFER}A"}]))
    assert ("offer_id" in none, none["code"]) == (False, f"{OFFER}A")
