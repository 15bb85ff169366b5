"""PostHog's items: the same orders and people as Segment's, under PostHog's names; nobody is a customer by a name made up for them."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import ROOT
from tests.sources.taken import NOW, taken

from goodword.sources import native
from goodword.sources.base import Problem
from goodword.sources.posthog import FIELDS, SOURCE

ORDER = {"order_id": "o1", "total": 0.1 + 0.2, "currency": "EUR"}
LIBRARY = {"$lib": "posthog-node", "$lib_version": "5.70.0", "$is_server": True, "$geoip_disable": True}


def one(event: str, properties: dict[str, Any] | None = None, **fields: Any) -> Any:
    """Return what an item becomes that is sent as posthog-node sends it."""
    item = {
        "event": event,
        "distinct_id": "u1",
        "uuid": "m1",
        "properties": {**LIBRARY, **(properties or {})},
        **fields,
    }
    [found] = taken(SOURCE, "/batch/", {"api_key": "x", "batch": [item], "sent_at": "2026-11-29T08:00:00Z"})
    return found


def test_an_order_is_a_conversion_of_whom_it_names() -> None:
    """To the cent, under its uuid, at its own time."""
    assert one("Order Completed", ORDER, timestamp="2026-11-27T10:00:00+00:00") == {
        "type": "conversion.recorded",
        "id": "m1",
        "occurred_at": "2026-11-27T10:00:00Z",
        "customer_external_id": "u1",
        "invoice_id": "o1",
        "amount": 30,
        "currency": "EUR",
    }


def test_who_signs_up_brings_what_is_set_of_them_and_the_click() -> None:
    """``$set`` before ``$set_once``, at the top or in the properties; the click from a property, else from the page's address."""
    said = {
        "$set": {"email": "bob@mail.example"},
        "$set_once": {"email": "old@mail.example", "name": "Bob"},
        "$current_url": "https://acme.example/welcome?gw_click=tch_1",
        "$device_id": "d1",
    }
    found = one("Signed Up", said)
    assert (found["type"], found["customer_external_id"], found["visitor_id"]) == ("lead.created", "u1", "d1")
    assert (found["customer_email"], found["customer_name"]) == ("bob@mail.example", "Bob")
    assert found["click_id"] == "tch_1"
    assert one("signed_up", {**said, "gw_click": "tch_2"})["click_id"] == "tch_2"


@pytest.mark.parametrize(
    "item",
    [
        {"event": "$identify", "properties": {"$set": {"plan": "pro"}, "$anon_distinct_id": "a1"}},
        {"event": "$set", "$set": {"plan": "pro"}, "properties": LIBRARY},
        {"event": "$set_once", "$set_once": {"plan": "pro"}, "properties": LIBRARY},
    ],
)
def test_what_is_set_of_a_person_is_known_of_the_customer(item: dict[str, Any]) -> None:
    """In the three ways in which the clients say it."""
    [found] = taken(SOURCE, "/batch/", {"batch": [{"distinct_id": "u1", "uuid": "m1", **item}]})
    assert found == {"type": "customer.updated", "id": "m1", "customer_external_id": "u1", "traits": {"plan": "pro"}}


@pytest.mark.parametrize(
    ("properties", "customer", "visitor"),
    [
        ({"$process_person_profile": False}, "anonymous:u1", "u1"),
        ({"$device_id": "u1"}, "anonymous:u1", "u1"),
        ({"$process_person_profile": True, "$device_id": "d1"}, "u1", "d1"),
    ],
)
def test_a_name_made_up_by_a_client_is_a_visitor_s(properties: dict[str, Any], customer: str, visitor: str) -> None:
    """A random one without a profile (Python's client makes one where none is given), or the device's own."""
    found = one("Order Completed", {**ORDER, **properties})
    assert (found["customer_external_id"], found["visitor_id"]) == (customer, visitor)


@pytest.mark.parametrize("who", [None, "", "  "])
def test_an_order_of_nobody_is_refused(who: Any) -> None:
    """It is nobody's customer by an empty name."""
    assert one("Order Completed", ORDER, distinct_id=who) == Problem("missing_field", "customer_external_id", "m1")


@pytest.mark.parametrize("event", ["$pageview", "$create_alias", "$groupidentify", "$exception", "Viewed", None, 5])
def test_what_means_nothing_here_is_no_event(event: Any) -> None:
    """PostHog's own events, and names that are none of ours."""
    assert one(event, ORDER) is None


def test_what_the_client_says_of_itself_is_no_figure_of_a_refund() -> None:
    """An order is taken back whole though the client sends numbers of its own."""
    assert (
        one("Order Refunded", {"order_id": "o1", "$browser_version": 128, "$screen_height": 900})["type"]
        == "conversion.canceled"
    )


def test_a_repeat_is_the_same_event() -> None:
    """By its uuid, or without one by what it says, whatever is said beside it."""
    item = {"event": "Signed Up", "distinct_id": "u1", "properties": {}}
    first = taken(SOURCE, "/batch/", {"batch": [item], "sent_at": "a"})
    again = taken(SOURCE, "/capture/", {**item, "api_key": "x", "sent_at": "b"}, NOW + 9)
    assert first == again
    assert len(first[0]["id"]) == 64


def test_a_single_item_and_a_batch_are_read_at_each_path() -> None:
    """As old and new clients send them; of a batch a bad one costs itself."""
    item = {"event": "Signed Up", "distinct_id": "u1", "uuid": "m1"}
    for path in SOURCE.paths:
        assert taken(SOURCE, path, item) == taken(SOURCE, path, {"batch": [item]})
    body = b'{"batch":[{"event":"Order Completed","distinct_id":"u","properties":{"order_id":"o","currency":"EUR","total":NaN}},%s]}'
    bad, good = taken(SOURCE, "/batch/", body % json.dumps(item).encode())
    assert isinstance(bad, Problem)
    assert good["id"] == "m1"


@pytest.mark.parametrize("event", [["x"], {"x": 1}, 5, None])
def test_what_is_no_name_of_an_event_costs_its_item(event: Any) -> None:
    """Whatever stands in the place of the name, the item beside it is read."""
    good = {"event": "Signed Up", "distinct_id": "u1", "uuid": "m1"}
    odd, found = taken(SOURCE, "/batch/", {"batch": [{"event": event, "distinct_id": "u1"}, good]})
    assert odd is None or isinstance(odd, Problem)
    assert found["id"] == "m1"


def _anything() -> st.SearchStrategy[Any]:
    leaf = (
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["EUR", "1.5"])
    )
    return st.recursive(
        leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    )


@given(
    st.sampled_from(["Order Completed", "Order Refunded", "Signed Up", "$identify"]),
    st.dictionaries(st.sampled_from(sorted({path.split(".")[0] for path in FIELDS})), _anything(), max_size=6),
    st.dictionaries(
        st.sampled_from(sorted({path.split(".")[1] for path in FIELDS if path.startswith("properties.")})), _anything()
    ),
)
@settings(max_examples=300)
def test_no_item_is_beyond_being_read_or_refused(
    event: str, fields: dict[str, Any], properties: dict[str, Any]
) -> None:
    """Whatever stands where something is read: an event, none, or a problem, and the same one the next time."""
    item = {"distinct_id": "u1", "properties": properties, **fields, "event": event}
    found = taken(SOURCE, "/batch/", {"batch": [item, item]})
    assert len(found) == 2
    assert found[0] == found[1]


def test_every_field_that_is_read_has_its_treatment() -> None:
    """What is used is a field of a native event; the pages for integrators name every one."""
    names = {name for wire in native.TYPES for name in wire.__struct_fields__}
    assert {treatment.to for treatment in FIELDS.values() if treatment.how == "used"} <= names
    pages = "".join((ROOT / "docs" / "howto" / page).read_text() for page in ("posthog.md", "segment.md"))
    assert [path for path in FIELDS if f"`{path.rpartition('.')[2]}`" not in pages] == []
