"""Pipedrive's webhooks of version 2: who knows the password is known, and what they hold becomes events.

Shapes: pipedrive.readme.io, "Guide for Webhooks v2", developers.pipedrive.com, "Organizations" of API v2, seen 2026-11; our own values.
"""

import base64
import json
from typing import Any

import msgspec
import pytest

from goodword.sources.base import Problem, RefusedError, Request, Unfetched
from goodword.sources.pipedrive import FETCH, SOURCE, check

PAIR = "goodword:" + "s3cr3t-" * 4
CODE, CUSTOMER = "c0de" * 10, "cafe" * 10
URL = f"https://goodword.acme.example/hooks/pipedrive/wsp?code={CODE}&customer={CUSTOMER}"
PERSON = {
    "id": 31,
    "name": "Bob Binder",
    "emails": [
        {"label": "home", "value": "b@home.example", "primary": False},
        {"label": "work", "value": "bob@firm.example", "primary": True},
    ],
    "phones": [{"label": "work", "value": "+43 660 1234567", "primary": True}],
    "org_id": 12,
    "owner_id": 5,
    "add_time": "2026-03-02T10:00:00Z",
    "update_time": "2026-03-03T10:01:00Z",
    "custom_fields": {CODE: {"type": "varchar", "value": "ANN"}, "0" * 40: {"type": "varchar", "value": "other"}},
}
DEAL = {
    "id": 44,
    "title": "Firm: 100 seats",
    "value": 11900.5,
    "currency": "EUR",
    "status": "open",
    "stage_id": 3,
    "pipeline_id": 1,
    "person_id": 31,
    "org_id": None,
    "add_time": "2026-03-02T08:00:00Z",
    "update_time": "2026-03-04T12:00:00Z",
    "won_time": None,
    "custom_fields": {},
}
ORGANIZATION = {"success": True, "data": {"id": 12, "name": "Firm & Sons", "website": "https://www.firm.example/about"}}


def basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


def delivery(entity: str, data: Any, action: str = "change", **meta: Any) -> bytes:
    said = {
        "action": action,
        "entity": entity,
        "entity_id": str(data["id"]) if data else "1",
        "id": "0d5a7c1e-5a0f-4a5c-8b7e-000000000001",
        "timestamp": "2026-03-04T12:00:01.000Z",
        "type": "general",
        "version": "2.0",
        "company_id": "9876",
        "user_id": "5",
        "webhook_id": "77",
        "attempt": 1,
        **meta,
    }
    return json.dumps({"meta": said, "data": data, "previous": {"update_time": "2026-03-01T08:00:00Z"}}).encode()


def request(body: bytes, authorization: str = basic(PAIR), url: str = URL) -> Request:
    return Request(
        "/hooks/pipedrive/wsp", lambda name: authorization if name == b"authorization" else "", body, 0, url=url
    )


def made(body: bytes, url: str = URL) -> Any:
    [item] = SOURCE.read(request(body, url=url))
    return shown(SOURCE.map(item))


def shown(mapped: Any) -> Any:
    if isinstance(mapped, Problem):
        return mapped
    return [one if isinstance(one, Unfetched) else msgspec.json.decode(msgspec.json.encode(one)) for one in mapped]


def test_only_who_knows_the_pair_is_taken() -> None:
    """Of several that are held any; another password, another scheme or none is told apart."""
    held = [b"other:" + b"x" * 20, PAIR.encode()]
    assert check(request(b""), held, 0) is None
    assert check(request(b"", basic(PAIR + "x")), held, 0) == "signature_wrong"
    assert check(request(b"", ""), held, 0) == "signature_missing"
    for odd in ("Bearer abc", "Basic !", "Basic "):
        assert check(request(b"", odd), held, 0) in ("signature_malformed", "signature_missing")
    assert SOURCE.credential.secret(PAIR)  # type: ignore[union-attr]
    assert not SOURCE.credential.secret("user:short")  # type: ignore[union-attr]


def test_a_person_is_a_customer_and_a_lead_by_the_field_that_the_address_names() -> None:
    known, lead = made(delivery("person", PERSON))
    assert {name: value for name, value in known.items() if name != "id"} == {
        "type": "customer.updated",
        "occurred_at": "2026-03-03T10:01:00Z",
        "customer_external_id": "pipedrive:31",
        "email": "bob@firm.example",
        "phone": "+43 660 1234567",
        "name": "Bob Binder",
    }
    assert (lead["type"], lead["code"], lead["occurred_at"]) == ("lead.created", "ANN", "2026-03-02T10:00:00Z")
    assert [it["type"] for it in made(delivery("person", PERSON), URL.partition("?")[0])] == ["customer.updated"]
    named = {**PERSON, "custom_fields": {CUSTOMER: {"type": "varchar", "value": "bob"}}}
    assert [it["type"] for it in made(delivery("person", named))] == ["person.merged", "customer.updated"]
    number = {**PERSON, "custom_fields": {CUSTOMER: {"type": "double", "value": 4711}}}
    assert made(delivery("person", number))[0]["keep_external_id"] == "4711"


def test_a_deal_is_reported_and_its_company_fetched_first() -> None:
    """By its name and the domain of its site; one without a company at once; won it is an order where that is wanted."""
    [plain] = made(delivery("deal", DEAL))
    assert {name: plain[name] for name in ("deal_id", "status", "amount", "stage", "customer_external_id")} == {
        "deal_id": "pipedrive.44",
        "status": "open",
        "amount": 1_190_050,
        "stage": "3",
        "customer_external_id": "pipedrive:31",
    }
    at = {"won_time": "2026-03-31T09:00:00Z", "update_time": "2026-03-31T09:00:01Z"}
    won = {**DEAL, "org_id": 12, "status": "won", **at}
    [waits] = made(delivery("deal", won), f"{URL}&deals=conversions")
    assert FETCH.path(waits.said) == "/api/v2/organizations/12"
    told, order = shown(SOURCE.map(FETCH.whole(waits.said, json.dumps(ORGANIZATION).encode())))
    assert (told["company"], told["company_domain"], told["company_id"]) == (
        "Firm & Sons",
        "firm.example",
        "pipedrive:12",
    )
    assert (order["invoice_id"], order["amount"], order["occurred_at"]) == (
        "pipedrive.44",
        1_190_050,
        "2026-03-31T09:00:00Z",
    )
    with pytest.raises(ValueError, match="another"):
        FETCH.whole(waits.said, b'{"data": {"id": 13}}')


def test_what_means_nothing_is_ignored_by_its_name_and_what_is_wrong_costs_itself() -> None:
    for entity, action in (("activity", "create"), ("person", "delete"), ("organization", "change")):
        [item] = SOURCE.read(request(delivery(entity, PERSON if action != "delete" else None, action)))
        assert (SOURCE.map(item), SOURCE.called(item)) == ((), f"{action}.{entity}")
    assert made(delivery("deal", {**DEAL, "status": "deleted"})) == []
    assert made(delivery("deal", {**DEAL, "currency": "XXQ"})).code == "unknown_currency"
    assert made(delivery("deal", {**DEAL, "value": 1.999})).field == "amount"
    with pytest.raises(RefusedError) as error:
        SOURCE.read(request(delivery("person", PERSON, version="1.0")))
    assert error.value.code == "not_events"
