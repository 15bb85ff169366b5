"""Segment's items: what each becomes, what is wrong with it is named, and no spelling of an amount costs a cent."""

import json
import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import ROOT
from tests.sources.taken import NOW
from tests.sources.taken import taken as taken_by

from goodword.core.money import CURRENCIES
from goodword.sources import loose, native
from goodword.sources.amounts import minor
from goodword.sources.base import Problem, RefusedError
from goodword.sources.segment.source import SOURCE
from goodword.sources.segment.table import FIELDS

ORDER = {"order_id": "o1", "total": 119.00, "tax": 19, "currency": "EUR"}


def taken(body: bytes | dict[str, Any], path: str = "/v1/batch", now: int = NOW) -> list[Any]:
    """Return what Segment's source makes of a body."""
    return taken_by(SOURCE, path, body, now)


def one(**fields: Any) -> Any:
    [found] = taken({"batch": [{"messageId": "m1", "userId": "u1", **fields}]})
    return found


def track(event: str, properties: dict[str, Any], **fields: Any) -> Any:
    return one(type="track", event=event, properties=properties, **fields)


@pytest.mark.parametrize(
    "name", ["Order Completed", "order_completed", "orderCompleted", "ORDER-COMPLETED", "Completed Order"]
)
def test_an_order_is_a_conversion_however_it_is_spelt(name: str) -> None:
    """What was charged, with tax and shipping as parts of it, under the client's own id."""
    assert track(name, {**ORDER, "orderId": "ignored"}) == {
        "type": "conversion.recorded",
        "id": "m1",
        "customer_external_id": "u1",
        "invoice_id": "o1",
        "amount": 11900,
        "currency": "EUR",
        "tax": 1900,
    }


@pytest.mark.parametrize(
    ("properties", "amount", "tax", "shipping"),
    [
        (
            {"total": "27.50", "subtotal": 22.5, "revenue": 25.0, "tax": 2, "shipping": 3, "discount": 2.5},
            2750,
            200,
            300,
        ),
        ({"subtotal": 22.5, "revenue": 25.0, "tax": 2, "shipping": 3}, 2750, 200, 300),
        ({"revenue": 25.0, "tax": 2, "shipping": 3}, 3000, 200, 300),
        ({"Revenue": 25, "TAX": "0.00"}, 2500, 0, 0),
        ({"value": "19.99"}, 1999, 0, 0),
        ({"total": 0}, 0, 0, 0),
        ({"total": 0.1 + 0.2}, 30, 0, 0),
        ({"total": 4.35 * 100}, 43500, 0, 0),
        ({"total": 1000, "currency": "jpy"}, 1000, 0, 0),
        ({"total": 1.234, "currency": "KWD"}, 1234, 0, 0),
    ],
)
def test_an_amount_is_what_was_charged(properties: dict[str, Any], amount: int, tax: int, shipping: int) -> None:
    """``total`` is that; the goods after discounts, or revenue, get tax and shipping added."""
    found = track("Order Completed", {"order_id": "o1", "currency": "EUR", **properties})
    assert (found["amount"], found.get("tax", 0), found.get("shipping", 0)) == (amount, tax, shipping)


@pytest.mark.parametrize(
    ("name", "properties", "code", "field"),
    [
        ("Order Completed", {**ORDER, "total": None}, "missing_field", "amount"),
        ("Order Completed", {**ORDER, "total": 19.995}, "invalid_value", "amount"),
        ("Order Completed", {**ORDER, "total": 100 / 3}, "invalid_value", "amount"),
        ("Order Completed", {**ORDER, "total": "1,5"}, "invalid_value", "amount"),
        ("Order Completed", {**ORDER, "total": True}, "invalid_value", "amount"),
        ("Order Completed", {**ORDER, "total": [5]}, "invalid_value", "amount"),
        ("Order Completed", {**ORDER, "total": -119}, "out_of_range", "amount"),
        ("Order Completed", {**ORDER, "total": 1e14}, "out_of_range", "amount"),
        ("Order Completed", {**ORDER, "total": 1e300}, "invalid_value", "amount"),
        ("Order Completed", {**ORDER, "tax": 5000}, "parts_exceed_amount", "tax"),
        ("Order Completed", {**ORDER, "currency": ""}, "missing_field", "currency"),
        ("Order Completed", {**ORDER, "currency": "XQQ"}, "unknown_currency", "currency"),
        ("Order Completed", {**ORDER, "order_id": " "}, "missing_field", "invoice_id"),
        ("Order Completed", {**ORDER, "order_id": {}}, "wrong_type", "invoice_id"),
        ("Order Refunded", {"order_id": "o1", "total": 0, "currency": "EUR"}, "out_of_range", "amount"),
        ("Order Refunded", {"order_id": "o1", "total": 5}, "missing_field", "currency"),
        ("Order Refunded", {"order_id": "o1", "refund_amount": 5}, "missing_field", "currency"),
        ("Order Refunded", {"order_id": "o1", "refund_amount": "5.0", "currency": "EUR"}, "missing_field", "amount"),
        ("Order Refunded", {"total": 5, "currency": "EUR"}, "missing_field", "invoice_id"),
    ],
)
def test_what_is_wrong_with_an_item_is_named(name: str, properties: dict[str, Any], code: str, field: str) -> None:
    """By the field of the native event that it was to be; no figure is guessed, and none is rounded away."""
    assert track(name, properties) == Problem(code, field, "m1")


def test_figures_that_went_through_a_float_lose_no_cent() -> None:
    """Every amount, summed or divided as floats, as a client's JSON writes it, is the amount that it was."""
    chance = random.Random(7)  # noqa: S311 - figures, no secrets
    for _ in range(20_000):
        currency = chance.choice(["EUR", "JPY", "KWD", "CLF"])
        places = CURRENCIES[currency]
        amount = chance.randrange(10 ** chance.randrange(1, 13))
        written = json.dumps(amount / 10**places)
        assert minor(Decimal(written), currency) == amount
        part = chance.randrange(amount + 1)
        added = json.dumps(part / 10**places + (amount - part) / 10**places)
        assert minor(Decimal(added), currency) in (amount, None)
        if amount < 10**10:
            assert minor(Decimal(added), currency) == amount, added
        assert minor(Decimal(written) + Decimal("0.3") / 10**places, currency) is None


def test_lines_are_kept_where_they_sum_to_the_goods() -> None:
    """Products with a price each, the same one twice told apart; where a discount of the whole is not in them there are none."""
    products = [
        {"product_id": "p1", "price": 30, "quantity": 2, "brand": "acme"},
        {"sku": "p2", "price": "20.00"},
        {"product_id": "p1", "price": 20, "name": "Smaller"},
    ]
    found = track("Order Completed", {**ORDER, "products": products})
    assert found["lines"] == [
        {"id": "p1", "product": "p1", "amount": 6000, "brand": "acme", "quantity": 2},
        {"id": "p2", "product": "p2", "amount": 2000},
        {"id": "p1.2", "product": "p1", "amount": 2000},
    ]
    for other in (products[:2], [*products, {"product_id": "p 3", "price": 0}], [*products, 5], "p1", {"a": 1}):
        assert "lines" not in track("Order Completed", {**ORDER, "products": other})


def test_an_invoice_is_a_conversion_and_a_refund_names_what_it_gives_back() -> None:
    """By its own id where it has one; a refund with a minus means the same; one that names no figure takes the order back."""
    paid = track("Invoice Paid", {"invoice_id": 17, "order_id": "o", "revenue": 10, "currency": "EUR"})
    assert (paid["type"], paid["invoice_id"], paid["amount"]) == ("conversion.recorded", "17", 1000)
    refund = {"order_id": "o1", "total": -11.90, "tax": 1.90, "currency": "EUR"}
    part = {
        "type": "conversion.refunded",
        "id": "m1",
        "invoice_id": "o1",
        "amount": 1190,
        "currency": "EUR",
        "tax": 190,
    }
    assert track("Order Refunded", refund) == {**part, "refund_id": "m1"}
    assert track("Order Refunded", {**refund, "refund_id": "r1"}) == {**part, "refund_id": "r1"}
    assert len(track("Order Refunded", {**refund, "refund_id": "r 1"})["refund_id"]) == 64
    products = {"order_id": "o1", "currency": "EUR", "products": [{"product_id": "p1", "price": 10}]}
    assert track("Order Refunded", products) == {
        "type": "conversion.refunded",
        "id": "m1",
        "invoice_id": "o1",
        "refund_id": "m1",
        "amount": 1000,
        "currency": "EUR",
        "lines": [{"id": "p1", "amount": 1000}],
    }
    whole = {"type": "conversion.canceled", "id": "m1", "invoice_id": "o1"}
    assert track("Order Refunded", {"order_id": "o1"}) == whole
    assert track("Order Refunded", {"order_id": "o1", "currency": "EUR", "coupon": "X", "till": "12"}) == whole


@pytest.mark.parametrize("name", ["Signed Up", "Account Created", "signed_up"])
def test_who_signs_up_is_a_lead_with_what_is_known_of_them(name: str) -> None:
    """Names from traits before context, the click and the codes from wherever they were put."""
    found = one(
        type="track",
        event=name,
        anonymousId="a1",
        properties={"referralCode": "ANN"},
        context={
            "traits": {"email": "old@mail.example", "firstName": "Bob", "last_name": "B", "address": {"country": "de"}},
            "gw_click": "tch_1",
            "device": {"id": "d1"},
            "page": {"search": "?a=1&gw_code=ANN5&gw_click=other"},
        },
        traits={"email": "bob@mail.example", "phone": "+49 30 901820"},
    )
    assert found == {
        "type": "lead.created",
        "id": "m1",
        "customer_external_id": "u1",
        "visitor_id": "a1",
        "code": "ANN",
        "click_id": "tch_1",
        "link_code": "ANN5",
        "device_id": "d1",
        "country": "de",
        "customer_email": "bob@mail.example",
        "customer_phone": "+49 30 901820",
        "customer_name": "Bob B",
    }


@pytest.mark.parametrize("address", ["https://acme.example/x?gw_click=tch_9&b=1#c", "https://[?gw_click=tch_9"])
def test_a_click_is_read_off_the_page_s_address(address: str) -> None:
    """As browsers' clients send it without being told; an address that is none says nothing."""
    found = track("Signed Up", {}, context={"page": {"url": address}})
    assert found.get("click_id") == ("tch_9" if "acme" in address else None)


@pytest.mark.parametrize(
    ("fields", "customer", "visitor"),
    [
        ({"userId": 42}, "42", None),
        ({"userId": "", "anonymousId": "a1"}, "anonymous:a1", "a1"),
        ({"userId": None, "anonymousId": "a2"}, "anonymous:a2", "a2"),
        ({"userId": "u1", "anonymousId": ""}, "u1", None),
    ],
)
def test_whose_it_is(fields: dict[str, Any], customer: str, visitor: str | None) -> None:
    """A number is its digits; empty and null are nobody, and two visitors of whom no more is known are two."""
    found = track("Order Completed", ORDER, **fields)
    assert (found["customer_external_id"], found.get("visitor_id")) == (customer, visitor)


@pytest.mark.parametrize("user", ["", None, "  "])
def test_what_is_nobody_s_is_refused(user: Any) -> None:
    """Neither a user nor a visitor: no order, no sign-up, and no customer with an empty name."""
    for event in ("Order Completed", "Signed Up"):
        assert track(event, ORDER, userId=user) == Problem("missing_field", "customer_external_id", "m1")


def test_identify_is_what_is_known_of_a_customer() -> None:
    """Traits of either place, those at the top first; what is no single short value is left out; a visitor alone is nobody.

    What has a field of its own is no trait, and says nothing where it is none of its kind.
    """
    told = {
        "traits": {
            "plan": "pro",
            "score": 1.5,
            "employee": True,
            "address": {"city": "B"},
            "First Name": "Bob",
            "company": {"name": "Bob & Co"},
            "n": 2**60,
        },
        "context": {
            "traits": {"plan": "free", "email": "bob@mail.example", "address": {"country": "at"}},
            "locale": "de-AT",
            "timezone": "Europe/Vienna",
        },
    }
    assert one(type="identify", **told) == {
        "type": "customer.updated",
        "id": "m1",
        "customer_external_id": "u1",
        "email": "bob@mail.example",
        "name": "Bob",
        "language": "de-AT",
        "time_zone": "Europe/Vienna",
        "country": "at",
        "company": "Bob & Co",
        "traits": {"employee": True, "plan": "pro", "score": 1.5},
    }
    odd = {"traits": {"company": 5, "phone": ["1"]}, "context": {"locale": "?", "timezone": "Mars/Base"}}
    assert one(type="identify", **odd) is None
    assert one(type="identify", userId="", anonymousId="a", **told) is None
    assert one(type="identify", traits={}) is None


@pytest.mark.parametrize("kind", ["page", "screen", "group", "alias", "charge", "track"])
def test_what_means_nothing_here_is_no_event(kind: str) -> None:
    """Other kinds, and names that are none of ours."""
    assert one(type=kind, event="Product Viewed", name="Home", traits={"a": 1}, properties=ORDER) is None


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({}, None),
        ({"timestamp": "2026-11-27T11:00:00.123Z", "originalTimestamp": "2026-11-27T10:00:00Z"}, "2026-11-27T11:00:00.123000Z"),
        ({"originalTimestamp": "2026-11-27T11:00:00.123456+01:00"}, "2026-11-27T11:00:00.123456+01:00"),
        ({"timestamp": "2026-11-27T11:00:00"}, "2026-11-27T11:00:00Z"),
        ({"timestamp": "2026-11-27T12:04:59Z"}, "2026-11-27T12:04:59Z"),
        ({"timestamp": "2026-11-27T12:05:01Z"}, None),
        ({"timestamp": "2026-11-27T17:00:00Z", "sentAt": "2026-11-27T17:00:00Z"}, None),
    ],
)  # fmt: skip
def test_when_it_was(fields: dict[str, Any], at: str | None) -> None:
    """The item's own time, else its original one; what is ahead of its arrival happened when it came."""
    assert track("Order Completed", ORDER, **fields).get("occurred_at") == at


PYTHON = {"library": {"name": "analytics-python", "version": "2.4.0"}}


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("2026-11-27T07:00:00", "2026-11-27T12:00:00Z"),  # five hours west
        ("2026-11-27T06:59:30Z", "2026-11-27T11:59:30Z"),  # half a minute ago
        ("2026-11-27T08:29:50Z", "2026-11-27T11:59:50Z"),  # Newfoundland
        ("2026-11-27T17:30:00Z", "2026-11-27T12:00:00Z"),  # India
        ("2026-11-28T01:59:59Z", "2026-11-27T11:59:59Z"),  # 14 hours ahead
        ("2026-11-27T12:00:03Z", None),  # a clock that goes fast
        ("2026-11-27T11:59:00Z", None),  # prompt
        ("2026-11-27T11:40:00Z", None),  # late
        ("2026-11-27T06:58:30Z", None),  # as late as any other
        ("2026-11-26T21:30:00Z", None),  # no zone is so far west
    ],
)
def test_a_wall_clock_of_python_that_is_called_utc_is_read_as_what_it_is(said: str, at: str | None) -> None:
    """Where it is off by half hours and prompt, of a client of Python's alone; what it said is kept beside it."""
    found = track("Order Completed", ORDER, timestamp=said, context=PYTHON)
    plain = track("Order Completed", ORDER, timestamp=said)
    if at is None:
        assert found == plain
        return
    assert found["occurred_at"].replace("+00:00", "Z") == at
    assert found["metadata"]["said_at"][:19] == said[:19]
    assert "metadata" not in plain
    assert {**found, "occurred_at": 0, "metadata": 0} == {**plain, "occurred_at": 0, "metadata": 0}


def test_a_wall_clock_that_is_sent_again_is_a_repeat() -> None:
    """Within the minute that a client may take the same event is made of it, to the microsecond."""
    item = {
        "type": "track", "event": "Signed Up", "userId": "u", "messageId": "m", "timestamp": "2026-11-27T07:00:00Z",
        "context": PYTHON,
    }  # fmt: skip
    first, *others = [taken({"batch": [item]}, now=NOW + seconds * 1_000_000) for seconds in (0, 1, 30, 60)]
    assert [first] * 3 == others


def test_a_time_that_is_none_is_refused() -> None:
    """It is not made up."""
    for said in ("yesterday", "27.11.2026", [1], True):
        assert isinstance(track("Order Completed", ORDER, timestamp=said), Problem)


def test_times_of_a_batch_are_those_of_its_items() -> None:
    """Two items three seconds apart stay so, whatever the batch says of itself."""
    items = [
        {"type": "track", "event": "Signed Up", "userId": "u", "messageId": f"m{at}", "originalTimestamp": f"2026-11-27T11:00:0{at}Z"}
        for at in (1, 4)
    ]  # fmt: skip
    found = taken({"batch": items, "timestamp": "2026-11-27T11:59:00Z", "sentAt": "2026-11-27T11:59:00Z"})
    assert [item["occurred_at"][-3:] for item in found] == ["01Z", "04Z"]


def test_a_repeat_is_the_same_event_whenever_it_was_sent() -> None:
    """By its messageId, or without one by what it says; a long id keeps its place, another item another."""
    item = {"type": "track", "event": "Order Completed", "userId": "u1", "properties": ORDER}
    first, second = (taken({**item, "sentAt": at}, "/v1/track", now)[0] for at, now in (("a", NOW), ("b", NOW + 9)))
    assert first == second
    assert len(first["id"]) == 64
    assert taken({**item, "userId": "u2"}, "/v1/t")[0]["id"] != first["id"]
    assert one(**{**item, "messageId": "x" * 300})["id"] != one(**{**item, "messageId": "x" * 301})["id"]


def test_one_bad_item_costs_no_other() -> None:
    """No number, half a character, wrong UTF-8, a wrong kind, too much: that item alone, and where nobody looks not even it."""
    good = b'{"type":"track","event":"Signed Up","userId":"u%d","messageId":"m%d"%b}'
    said = b'"properties":{"order_id":"o","currency":"EUR","total":%b}'
    order = b'{"type":"track","event":"Order Completed","messageId":"m","userId":"u",' + said + b"}"
    parts = [
        good % (1, 1, b""),
        order % b"NaN",
        order % b"-Infinity",
        order % b"1e99999999999999999999",
        good % (2, 2, rb',"anonymousId":"\ud800"'),
        good % (3, 3, b',"anonymousId":"\xff"'),
        b"5",
        b"{}",
        good % (4, 4, b',"x":"' + b"y" * 70_000 + b'"'),
        good % (5, 5, b',"x":' + b"[" * 40 + b"]" * 40),
        good % (6, 6, rb',"properties":{"score":NaN,"said":"\ud83d \ud83d\ude00 \\ud800 NaN"}'),
        good % (7, 7, b""),
    ]
    found = taken(b'{"batch":[' + b",".join(parts) + b"]}")
    codes = [item.code if isinstance(item, Problem) else item["id"] for item in found]
    assert codes == [
        *("m1", "invalid_value", "invalid_value", "invalid_value", "invalid_character", "invalid_encoding"),
        *("wrong_type", "missing_field", "too_large", "too_large", "m6", "m7"),
    ]


def test_text_that_only_looks_like_what_is_mended_stays_as_it_is() -> None:
    """Inside a text NaN is a word, and an escaped backslash no half of a character."""
    [found] = loose.single(rb'{"a":"NaN \\ud800 \u00e9 \" Infinity","b":NaN,"c":1.10}')
    assert found == {"a": 'NaN \\ud800 é " Infinity', "b": "\0", "c": Decimal("1.10")}


def _anything() -> st.SearchStrategy[Any]:
    leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
    leaf |= st.sampled_from(
        ["EUR", "19.99", "2026-11-27T11:00:00Z", "?gw_click=a&gw_code=%00", "https://[", "\ud800", "1e9"]
    )
    return st.recursive(
        leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    )


def _items() -> st.SearchStrategy[dict[str, Any]]:
    """Items with any values at the places that are read."""
    places = sorted({tuple(path.split(".")) for path in FIELDS} - {("type",), ("event",)})
    product = st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("product_id", "price", "quantity", "brand"), _anything())
    )

    def item(kind: str, event: str, values: dict[tuple[str, ...], Any]) -> dict[str, Any]:
        made: dict[str, Any] = {"type": kind, "event": event}
        for path, value in sorted(values.items(), key=lambda one: len(one[0])):
            at = made
            for name in path[:-1]:
                at = at.setdefault(name, {})
                if not isinstance(at, dict):
                    break
            else:
                at[path[-1]] = value
        return made

    values = st.dictionaries(st.sampled_from(places), _anything() | st.lists(product, max_size=3), max_size=12)
    names = st.sampled_from(["Order Completed", "Order Refunded", "Signed Up", "Invoice Paid", "Other"])
    return st.builds(item, st.sampled_from(["track", "track", "identify", "page"]), names, values)


@given(st.lists(_items(), min_size=1, max_size=4))
@settings(max_examples=400)
def test_no_item_is_beyond_being_read_or_refused(items: list[dict[str, Any]]) -> None:
    """Whatever stands where something is read: an event, none, or a problem, and the same one the next time."""
    body = json.dumps({"batch": items}).encode()
    found = taken(body)
    assert len(found) == len(items)
    assert taken(body, now=NOW + 1) == found


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b'{"batch":[{}', "not_json"),
        (b'{"batch":[{"a":nan}]}', "not_json"),
        (b"[]", "not_events"),
        (b"{}", "not_events"),
        (b'{"batch":5}', "not_events"),
        (b'{"batch":' + b"[" * 100_000, "too_deep"),
        (b'{"batch":[' + b"{}," * 1_000 + b"{}]}", "too_many_events"),
        (b'{"batch":[' + b'"",' * 300_000 + b"5]}", "too_many_events"),
        (b'"' + rb"\"" * 500_000, "not_json"),
    ],
)
def test_what_cannot_be_read_at_all_is_refused_whole(body: bytes, code: str) -> None:
    """Before anything of it is built."""
    with pytest.raises(RefusedError) as refused:
        taken(body)
    assert refused.value.code == code


def test_every_field_that_is_read_has_its_treatment() -> None:
    """What is used is a field of a native event; the page for integrators names every one."""
    names = {name for wire in native.TYPES for name in wire.__struct_fields__}
    assert {treatment.to for treatment in FIELDS.values() if treatment.how == "used"} <= names
    page = (ROOT / "docs" / "howto" / "segment.md").read_text()
    assert [path for path in FIELDS if f"`{path.rpartition('.')[2]}`" not in page] == []


OFFER = "off_01M8ABCDEFGHJKMNPQRSTVWXYZ"


def test_a_welcome_offer_is_named_by_a_property_or_by_the_coupon_that_is_called_by_it() -> None:
    """A coupon of another name is none, and no code that somebody typed; what is no id loses no order."""
    for properties in ({"offer_id": OFFER}, {"offerId": OFFER, "coupon": "SPRING"}, {"coupon": OFFER.lower()}):
        assert track("Order Completed", {**ORDER, **properties})["offer_id"] == OFFER
    other = track("Order Completed", {**ORDER, "coupon": "SPRING"})
    assert ("offer_id" in other, "code" in other) == (False, False)
    assert "offer_id" not in track("Order Completed", {**ORDER, "offer_id": "no id"})
