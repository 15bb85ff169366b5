"""A workspace's own mapping of events: all that is wrong is told at once, and what is read by it is what would be sent natively."""

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testkit.tables import rows

from goodword.core.money import CURRENCIES
from goodword.sources import native_read
from goodword.sources.base import Problem
from goodword.sources.segment import event_file, own
from goodword.sources.segment.event_file import EventMapping
from goodword.sources.segment.mapping import Item

NOW = 1_790_000_000_000_000


@pytest.mark.parametrize(("file", "said"), rows(__file__, "Files"))
def test_all_that_is_wrong_in_a_file_is_told_with_its_place_and_what_is_expected(file: str, said: str) -> None:
    """Line by line as the table says; what is right is read."""
    try:
        event_file.read(file.encode())
        told: list[str] = []
    except event_file.MappingFileErrors as error:
        told = [
            line.strip().partition(": ")[2] if "line " in line[:8] else line.strip()
            for line in str(error).splitlines()[1:]
        ]
    assert told == ([said] if said else [])


def mapping(*rules: dict[str, Any]) -> EventMapping:
    """Return a mapping, read from its file."""
    return event_file.read(json.dumps({"events": rules}).encode(), "mapping.json")


def item(properties: dict[str, Any], name: str = "thing", **more: Any) -> Item:
    """Return an item, its figures by their digits as they are read from JSON."""
    return Item("track", {"event": name, "messageId": "m1", "userId": "u1", "properties": properties, **more}, NOW)


def one(given: Item, *rules: dict[str, Any]) -> Any:
    """Return the event that is made of an item, as plain values; the problem of it; None: the file does not speak of it."""
    found = own.to_native(given, mapping(*rules))
    if found is None or isinstance(found, Problem):
        return found
    return [msgspec.to_builtins(it) for it in found]


PRICED = {
    "name": "thing",
    "kind": "conversion",
    "fields": {"amount": "properties.p", "invoice_id": "messageId"},
    "constants": {"currency": "EUR"},
}
WORDS = st.text(st.sampled_from("abcdefgh0123"), min_size=1, max_size=8)


@settings(max_examples=200, deadline=None)
@given(
    amount=st.integers(0, 10**11),
    currency=st.sampled_from(sorted(CURRENCIES)),
    invoice=WORDS,
    person=WORDS,
    parts=st.tuples(st.integers(0, 9), st.integers(0, 9)),
    way=st.sampled_from(["text", "number", "minor", "minor text"]),
    place=st.sampled_from(["properties", "traits", "context"]),
    nested=st.booleans(),
    kind=st.sampled_from(["conversion", "refund"]),
)
def test_what_is_mapped_is_what_would_be_sent_natively(  # noqa: PLR0913 - drawn
    amount: int,
    currency: str,
    invoice: str,
    person: str,
    parts: tuple[int, int],
    way: str,
    place: str,
    nested: bool,
    kind: str,
) -> None:
    """Whatever it is called, wherever it stands, however its money is written: the same event, to the last field and minor unit."""
    tax, shipping = parts
    amount += tax + shipping + 1
    places = CURRENCIES[currency]

    def written(minor: int) -> Any:
        if way.startswith("minor"):
            return minor if way == "minor" else str(minor)
        figure = Decimal(minor).scaleb(-places)
        return figure if way == "number" else f"{figure:f}"

    figures = {"what was paid": written(amount), "theTax": written(tax), "Ship-Ping": written(shipping)}
    said = {"Order No": invoice, "customer": person, "cur": currency, "their id": "r1", **figures}
    path = f"{place}.deal." if nested else f"{place}."
    fields = {
        "invoice_id": f"{path}order_no",
        "amount": f"{path}what_was_paid",
        "currency": f"{path}cur",
        "tax": f"{path}the_tax",
        "shipping": f"{path}shipping",
        **({"customer_external_id": f"{path}customer"} if kind == "conversion" else {"refund_id": f"{path}their_id"}),
    }
    rule = {
        "name": "Deal Won",
        "kind": kind,
        "fields": fields,
        "money": "minor" if way.startswith("minor") else "decimal",
    }
    sent = Item(
        "track",
        {"event": "deal_won", "messageId": "m1", "userId": "u1", place: {"Deal": said} if nested else said},
        NOW,
    )
    natively = {
        "type": "conversion.recorded" if kind == "conversion" else "conversion.refunded",
        "id": "m1",
        "invoice_id": invoice,
        "amount": amount,
        "currency": currency,
        "tax": tax,
        "shipping": shipping,
        **({"customer_external_id": person} if kind == "conversion" else {"refund_id": "r1"}),
    }
    assert own.to_native(sent, mapping(rule)) == (native_read.checked(natively),)


def test_a_name_of_which_the_file_speaks_is_the_files_alone() -> None:
    """Where no rule holds it is nothing, also one that means something by itself; of other names the file says nothing."""
    rule = {"name": "Order Completed", "kind": "lead", "when": [{"path": "properties.plan", "equals": "pro"}]}
    assert one(item({"plan": "free"}, "order_completed"), rule) == []
    assert [it["type"] for it in one(item({"plan": "pro"}, "order_completed"), rule)] == ["lead.created"]
    assert one(item({}, "signed_up"), rule) is None


@pytest.mark.parametrize(
    ("when", "value", "holds"),
    [
        ({"equals": "pro"}, "pro", True),
        ({"equals": "pro"}, "Pro", False),
        ({"equals": "5"}, 5, True),
        ({"equals": 5}, Decimal("5.0"), True),
        ({"equals": 5}, "5", False),
        ({"equals": 1}, True, False),
        ({"equals": True}, True, True),
        ({"equals": True}, 1, False),
        ({"one_of": ["a", 2]}, 2, True),
        ({"one_of": ["a", 2]}, None, False),
        ({"exists": True}, "", False),
        ({"exists": True}, 0, True),
        ({"exists": False}, None, True),
        ({"equals": "x"}, {"x": 1}, False),
        ({"equals": "x"}, ["x"], False),
    ],
)
def test_a_condition_holds_of_what_it_says(when: dict[str, Any], value: Any, holds: bool) -> None:
    """A number is its digits, no number is true, an empty text is nothing, and an object or a list is no value."""
    rule = {"name": "thing", "kind": "lead", "when": [{"path": "properties.plan", **when}]}
    assert bool(one(item({"plan": value}), rule)) == holds


@pytest.mark.parametrize(
    ("properties", "code", "field"),
    [
        ({}, "missing_field", "amount"),
        ({"p": ""}, "missing_field", "amount"),
        ({"p": "a lot"}, "invalid_value", "amount"),
        ({"p": Decimal("33.333333")}, "invalid_value", "amount"),
        ({"p": {"x": 1}}, "invalid_value", "amount"),
        ({"p": True}, "invalid_value", "amount"),
        ({"p": -5}, "out_of_range", "amount"),
    ],
)
def test_an_amount_that_is_none_costs_its_item_and_no_amount_is_guessed(
    properties: dict[str, Any], code: str, field: str
) -> None:
    """Also where the properties hold what would be an amount without the file."""
    assert one(item({"total": "5.00", **properties}), PRICED) == Problem(code, field, "m1")


def test_a_refund_has_no_sign_and_one_without_an_id_goes_by_the_items() -> None:
    """As refunds that mean something by themselves."""
    fields = {"amount": "properties.p", "invoice_id": "properties.o"}
    rule = {"name": "thing", "kind": "refund", "fields": fields, "constants": {"currency": "EUR"}}
    [made] = one(item({"p": "-3.50", "o": "o1"}), rule)
    assert (made["amount"], made["refund_id"], made["invoice_id"]) == (350, "m1", "o1")


def test_what_the_file_does_not_place_is_read_as_of_any_sign_up() -> None:
    """Whose it is, the click in the address of the page, the code, the mail; of a country that is none nothing is said."""
    given = item(
        {"referral_code": "ANN", "land": "Atlantis"},
        traits={"email": "bob@shop.example"},
        context={"page": {"search": "?gw_click=c1"}, "timezone": "Europe/Vienna"},
    )
    [made] = one(given, {"name": "thing", "kind": "lead", "fields": {"country": "properties.land"}})
    assert made == {
        "type": "lead.created",
        "id": "m1",
        "customer_external_id": "u1",
        "code": "ANN",
        "click_id": "c1",
        "customer_email": "bob@shop.example",
    }


def test_what_is_known_of_a_customer_is_what_the_file_places() -> None:
    """Fields of their own, and traits under names of the company's; of nobody in particular nothing is known."""
    fields = {"company": "properties.firm", "traits.plan": "properties.plan", "traits.seats": "properties.seats"}
    rule = {"name": "thing", "kind": "customer", "fields": fields, "constants": {"traits.staff": False}}
    [made] = one(item({"firm": "acme.example", "plan": "pro", "seats": 5}), rule)
    assert (made["company"], made["traits"]) == ("acme.example", {"plan": "pro", "seats": 5, "staff": False})
    assert one(item({"plan": "pro"}, userId=None, anonymousId="v"), rule) == Problem(
        "missing_field", "customer_external_id", "m1"
    )
    assert one(item({"plan": ["pro"]}), rule) == Problem("invalid_value", "traits.plan", "m1")


def test_as_is_another_name_for_what_is_known() -> None:
    """With its net figures and lines."""
    given = item({"order_id": "o1", "revenue": 10, "tax": 2, "currency": "eur"}, "cart_paid")
    [made] = one(given, {"name": ["checkout done", "Cart Paid"], "as": "order completed"})
    assert (made["invoice_id"], made["amount"], made["tax"]) == ("o1", 1200, 200)


def test_a_mapping_is_named_by_what_it_says_however_it_is_written() -> None:
    """YAML or JSON, with or without what may be left out; another word is another name; its document reads back."""
    yaml = b"# ours\nevents:\n- name: x\n  kind: lead\n  money: decimal\n  when: []\n"
    same = event_file.read(b'{"events": [{"kind": "lead", "name": "x"}]}', "m.json")
    assert event_file.read(yaml).hash == same.hash == event_file.of(same.document).hash
    assert mapping({"name": "y", "kind": "lead"}).hash != same.hash


def test_what_the_file_places_need_not_stand_where_it_usually_does() -> None:
    """Whose it is, where the item names nobody; the code, where what usually says one says no text."""
    who, code = {"customer_external_id": "properties.who"}, {"code": "properties.by"}
    nobody = item({"who": "bob", "by": "ANN", "p": "5.00", "referral_code": {"x": 1}}, userId=None)
    sold = PRICED | {"fields": {**PRICED["fields"], **who, **code}}  # type: ignore[dict-item]
    for rule in ({"name": "thing", "kind": "lead", "fields": {**who, **code}}, sold):
        [made] = one(nobody, rule)
        assert (made["customer_external_id"], made["code"]) == ("bob", "ANN")
    [known] = one(nobody, {"name": "thing", "kind": "customer", "fields": {**who, "company": "properties.by"}})
    assert known["customer_external_id"] == "bob"


@pytest.mark.parametrize("said", ["--5", "-", "5-", "1_000", "\u0661\u0662", "+5", ""])
def test_minor_units_are_digits_and_at_most_one_sign(said: str) -> None:
    """Anything else is a problem of its item, and never our mistake."""
    code = "invalid_value" if said else "missing_field"
    assert one(item({"p": said}), {**PRICED, "money": "minor"}) == Problem(code, "amount", "m1")
