"""Customer.io's requests: whom they are about stands in the path, and one time in either of its forms is one time."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import ROOT
from tests.sources.taken import NOW, taken

from goodword.sources import native
from goodword.sources.base import Problem, RefusedError
from goodword.sources.customerio import FIELDS, SOURCE

ORDER = {"order_id": "o1", "total": "119.00", "tax": 19.0, "currency": "EUR"}


def event(name: str, data: dict[str, Any], customer: str = "u1", base: str = "/api/v1", **fields: Any) -> Any:
    """Return what an event of a customer becomes."""
    path = f"{base}/customers/{quote(customer, safe='')}/events"
    [found] = taken(SOURCE, path, {"name": name, "data": data, **fields})
    return found


@pytest.mark.parametrize("base", ["", "/api/v1", "/any/base/at/all"])
@pytest.mark.parametrize("customer", ["u1", "42", "bob@mail.example", "a/b c", "ü", "events"])
def test_an_order_is_a_conversion_of_the_customer_of_the_path(base: str, customer: str) -> None:
    """Whatever the path begins with, and whatever is escaped in the name."""
    found = event("Order Completed", ORDER, customer, base, id="m1")
    assert (found["type"], found["id"], found["customer_external_id"]) == ("conversion.recorded", "m1", customer)
    assert (found["amount"], found["tax"], found["currency"]) == (11900, 1900, "EUR")


@pytest.mark.parametrize(
    "at", [1795773600, 1795773600.0, "1795773600", "2026-11-27T10:00:00.000Z", "2026-11-27T11:00:00+01:00"]
)
def test_a_time_in_either_form_is_the_same(at: Any) -> None:
    """Seconds from Python's client, text from Node's."""
    found = event("Order Completed", ORDER, timestamp=at)
    assert datetime.fromisoformat(found["occurred_at"]) == datetime(2026, 11, 27, 10, tzinfo=UTC)


@pytest.mark.parametrize("at", [True, -1, "yesterday", 10**12 - 1, [1], 1e300])
def test_a_time_that_is_none_is_refused_or_not_believed(at: Any) -> None:
    """It is not made up: what is ahead of its arrival happened when it came."""
    found = event("Order Completed", ORDER, timestamp=at)
    assert isinstance(found, Problem) or "occurred_at" not in found


def test_a_visitor_signs_up_and_is_somebody_of_their_own() -> None:
    """By the path that names no customer; with a customer the visitor is known as theirs."""
    [lead] = taken(
        SOURCE, "/x/events", {"name": "Signed Up", "anonymous_id": "a1", "data": {"email": "b@mail.example"}}
    )
    assert (lead["type"], lead["customer_external_id"], lead["visitor_id"]) == ("lead.created", "anonymous:a1", "a1")
    assert lead["customer_email"] == "b@mail.example"
    assert event("Signed Up", {"gw_click": "tch_1"}, anonymous_id="a1")["visitor_id"] == "a1"
    [nobody] = taken(SOURCE, "/x/events", {"name": "Signed Up", "data": {}})
    assert nobody.code == "missing_field"


def test_what_is_known_of_a_customer_can_be_said_again() -> None:
    """The whole body is what is known. Each saying is one of its own: pro, free and pro again is pro."""
    first, again = (
        taken(SOURCE, "/api/v1/customers/u1", {"email": "b@mail.example", "plan": "pro"}, now, "PUT")[0]
        for now in (NOW, NOW + 1)
    )
    assert first["type"] == "customer.updated"
    assert first["customer_external_id"] == "u1"
    assert (first["email"], first["traits"]) == ("b@mail.example", {"plan": "pro"})
    assert first["id"] != again["id"]


def test_an_event_without_an_id_is_known_by_what_it_says() -> None:
    """A repeat is the same one; that of another customer, or another order, is another."""
    first = event("Order Completed", ORDER)
    assert first == event("Order Completed", ORDER)
    assert (
        len(
            {
                first["id"],
                event("Order Completed", ORDER, "u2")["id"],
                event("Order Completed", {**ORDER, "total": 200})["id"],
            }
        )
        == 3
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "customers/u1/devices"),
        ("DELETE", "customers/u1/devices/d1"),
        ("POST", "customers/u1/suppress"),
        ("POST", "customers/u1/unsuppress"),
        ("POST", "merge_customers"),
    ],
)
def test_what_means_nothing_here_is_taken_and_dropped(method: str, path: str) -> None:
    """With the body that a client sends, or none."""
    for body in ({"device": {"id": "d1"}}, b""):
        assert taken(SOURCE, f"/api/v1/{path}", body, method=method) == []


@pytest.mark.parametrize("kind", ["page", "screen"])
def test_a_page_is_no_event_of_its_name(kind: str) -> None:
    """Also where it is called like one of ours."""
    assert event("Order Completed", ORDER, type=kind) is None


def test_who_asks_for_somebody_to_be_erased_is_told_that_nobody_was() -> None:
    """An answer that is believed must be true."""
    with pytest.raises(RefusedError) as refused:
        taken(SOURCE, "/api/v1/customers/u1", b"{}", method="DELETE")
    assert (refused.value.status, refused.value.code) == (404, "not_served")


def _anything() -> st.SearchStrategy[Any]:
    leaf = (
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["EUR", "1.5"])
    )
    return st.recursive(
        leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    )


@given(
    st.sampled_from(
        [("PUT", "/customers/%FF%00"), ("POST", "/customers/u/events"), ("POST", "/events"), ("PUT", "/customers/u")]
    ),
    st.sampled_from(["Order Completed", "Order Refunded", "Signed Up"]) | _anything(),
    st.dictionaries(st.sampled_from(["id", "timestamp", "anonymous_id", "data", "type", "email"]), _anything()),
    st.dictionaries(st.sampled_from([path.split(".")[1] for path in FIELDS if path.startswith("data.")]), _anything()),
)
@settings(max_examples=300)
def test_no_request_is_beyond_being_read_or_refused(
    where: tuple[str, str], name: Any, fields: dict[str, Any], data: dict[str, Any]
) -> None:
    """Whatever stands where something is read: an event, none, or a problem, and the same one the next time."""
    body = {"data": data, **fields, "name": name}
    assert taken(SOURCE, where[1], body, method=where[0]) == taken(SOURCE, where[1], body, method=where[0])


def test_every_field_that_is_read_has_its_treatment() -> None:
    """What is used is a field of a native event; the pages for integrators name every one."""
    names = {name for wire in native.TYPES for name in wire.__struct_fields__}
    assert {treatment.to for treatment in FIELDS.values() if treatment.how == "used"} <= names
    pages = "".join((ROOT / "docs" / "howto" / page).read_text() for page in ("customerio.md", "segment.md"))
    assert [path for path in FIELDS if f"`{path.rpartition('.')[2]}`" not in pages] == []
