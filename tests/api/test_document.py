"""The published document and the form of answers."""

import asyncio
from collections.abc import Mapping
from threading import Event
from typing import Any, cast

import httpx
import pytest
from openapi_spec_validator import validate
from tests.api.conftest import Api

from goodword import api as api_module
from goodword.app.directory import Directory
from goodword.edge.document import published


def test_the_document_is_openapi_3_1_and_says_what_each_operation_needs(api: Api) -> None:
    """It validates, and each operation has an id, a tag, a summary and the permission it needs (first-hour 12)."""
    document = api.http.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    validate(document)
    operations = [one for path in document["paths"].values() for one in path.values()]
    assert len(operations) > 40
    for one in operations:
        assert one["operationId"]
        assert one["tags"]
        assert one["summary"]
        assert one["x-permission"] or one["security"] == []


async def test_others_are_answered_while_the_document_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """To make it takes a second, once, in which events go on coming."""
    made, answered = api_module.document, Event()

    def slowly(found: dict[str, Any], edge: Mapping[str, Any]) -> dict[str, Any]:
        assert answered.wait(30), "nobody was answered meanwhile"
        return made(found, edge)

    monkeypatch.setattr(api_module, "document", slowly)
    app = api_module.build(cast("Directory", None), published())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://goodword.example") as client:
        document = asyncio.create_task(client.get("/openapi.json"))
        await asyncio.sleep(0.05)
        assert (await client.get("/asyncapi.json")).status_code == 200
        answered.set()
        first = await document
        assert first.json()["openapi"].startswith("3.1")
        assert (await client.get("/openapi.json")).content == first.content


def test_what_cannot_be_served_is_a_problem_document(api: Api) -> None:
    """Unknown paths, wrong methods, wrong bodies, too large ones: a status, a stable code, nothing of the inside."""
    tried = [
        (api.call("owner", "GET", "/v1/nothing"), 404, "no_such_path"),
        (api.call("owner", "DELETE", "/v1/programs"), 405, "method_not_allowed"),
        (api.call("owner", "POST", "/v1/clock", content=b"{"), 422, "invalid_request"),
        (api.call("owner", "POST", "/v1/clock", json={"to": 0}), 422, "invalid_request"),
        (api.call("owner", "POST", "/v1/clock", json={"to": STAMP, "more": 1}), 422, "invalid_request"),
        (api.call("owner", "GET", "/v1/rewards?limit=100000"), 422, "invalid_request"),
        (api.call("owner", "POST", "/v1/programs", content=b" " * (1 << 21)), 413, "too_large"),
        (api.call("owner", "POST", "/v1/programs", json={"document": "program: x"}), 422, "rules_invalid"),
        (api.call("owner", "GET", "/v1/rewards/rwd_0"), 404, "not_found"),
    ]
    for answer, status, code in tried:
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_command_without_an_idempotency_key_is_not_said(api: Api) -> None:
    """What moves money or status must be repeatable without harm."""
    headers = {"authorization": f"Bearer {api.keys['owner']}"}
    answer = api.http.post("/v1/clock", json={"to": STAMP}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")


STAMP = "2026-03-03T00:00:00Z"


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [
        ("/v1/rewards?stauts=in_review", "stauts", "did you mean status?"),
        ("/v1/rewards?status=in_reveiw", "status", "did you mean in_review?"),
        ("/v1/claims?status=pending", "status", "it is one of open, won, lost, split, none, appealed, withdrawn."),
        ("/v1/cases?status=opn", "status", "did you mean open?"),
        ("/v1/payouts?status=sending", "status", "it is one of awaiting_release, released"),
        ("/v1/payouts?rail=bank", "rail", "did you mean bank_file?"),
        ("/v1/ledger/balances?account=payables", "account", "did you mean payable?"),
        ("/v1/rewards?conversion=inv-1", "conversion", "inv:… or evt_…"),
        ("/v1/rewards?payout=rwd_1", "payout", "pay_…"),
        ("/v1/reports/summary?currency=EUX", "currency", "There is no such currency; did you mean"),
        ("/v1/programs?page=2", "page", "the operation takes no query"),
    ],
)
def test_a_name_or_value_that_means_nothing_is_no_filter(api: Api, path: str, name: str, expected: str) -> None:
    """A read is as strict as an event: what it does not know is a 422 that names what was meant, never an empty or a whole list.

    First-hour 15.
    """
    answer = api.call("owner", "GET", path)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), answer.text
    [error] = answer.json()["errors"]
    assert error["path"] == f"query.{name}"
    assert expected in error["expected"]


def test_a_program_is_named_by_its_id_or_its_slug(api: Api) -> None:
    """Both filter alike, and a program that there is not is a 404 (first-hour 15)."""
    api.purchase()
    api.until(lambda: not api.get("/v1/reports/progress")["behind"])  # else the figures change between the two reads
    [program] = api.get("/v1/programs")["items"]
    for path in ("/v1/advocates", "/v1/rewards", "/v1/reports/overview"):
        by_id, by_slug = (api.get(path, program=program[name]) for name in ("id", "slug"))
        assert by_id == by_slug
        assert api.call("owner", "GET", path, params={"program": "other"}).json()["code"] == "not_found"
    assert api.get("/v1/advocates", program="main")["items"]
    assert api.get("/v1/reports/overview", program="main")["program"] == program["id"]


def test_a_person_is_named_by_their_id_or_the_companys_name(api: Api) -> None:
    """Both filter alike wherever somebody is asked for, and a name that nobody has is a 404, never an empty list."""
    api.purchase()
    friend, advocate = api.person("bob"), api.person("ann-bob")
    for path, name, id_, text in (
        ("/v1/rewards", "beneficiary", friend, "bob"),
        ("/v1/advocates", "person", advocate, "ann-bob"),
        ("/v1/referrals", "friend", friend, "bob"),
        ("/v1/ledger/balances", "owner", advocate, "ann-bob"),
    ):
        found = api.get(path, **{name: text})["items"]
        assert found == api.get(path, **{name: id_})["items"]
        assert len(found) == 1, path
    for path in ("rewards?beneficiary", "payouts?beneficiary", "advocates?person", "referrals?friend", "claims?friend"):
        assert api.call("owner", "GET", f"/v1/{path}=nobody").json()["code"] == "not_found"
    assert api.call("owner", "GET", "/v1/ledger/balances?owner=nobody").json()["code"] == "not_found"
    assert api.call("owner", "GET", "/v1/ledger/balances?owner=bank_file").status_code == 200


def test_what_is_said_names_a_program_by_its_slug_too(api: Api) -> None:
    """A draft of points, a member's limit, a claim and a pause take the slug where they took the id; what there is not is told."""
    api.purchase()
    [program] = api.get("/v1/programs")["items"]
    draft = {"rail": "sandbox", "unit": "points:mian"}
    assert api.refused("owner", "/v1/payouts", draft) == (404, "not_found")
    assert api.refused("owner", "/v1/payouts", {**draft, "unit": "points:main"}) == (422, "nothing_to_do")
    assert api.refused("owner", "/v1/payouts", {**draft, "unit": "EURO"}) == (422, "invalid_request")
    member = {"email": "anna@shop.example", "roles": ["approver"]}
    assert api.refused("owner", "/v1/members", {**member, "limits": {"points:mian": 1}}) == (404, "not_found")
    id_ = api.say("owner", "/v1/members", {**member, "limits": {"points:main": 1, "EUR": 2}})["id"]
    [anna] = [one for one in api.get("/v1/members")["items"] if one["id"] == id_]
    assert anna["limits"] == {f"points:{program['id']}": 1, "EUR": 2}
    claim = {
        "program": "main",
        "person": api.person("bob"),
        "advocates": [{"person": api.person("ann-bob")}],
        "lead_at": "2026-03-02T09:00:00Z",
        "reason": "phone",
    }
    api.say("owner", "/v1/claims", claim)
    assert api.get("/v1/claims", friend="bob")["items"][0]["program"] == program["id"]
    api.say("owner", "/v1/programs/main/pause", None)
    assert api.get("/v1/programs")["items"][0]["status"] == "paused"


def test_who_may_not_is_told_so_before_their_query_is_looked_at(api: Api) -> None:
    """A name that means nothing hides neither a missing key nor a missing permission."""
    assert api.call(None, "GET", "/v1/rewards?foo=1").status_code == 401
    assert api.call("wk", "GET", "/v1/rewards?foo=1").status_code == 403
