"""Payment details over HTTP: what is wrong is named and nothing is kept; a live workspace refuses the sandbox rail."""

import json
from typing import Any

import pytest
from testkit import sent
from tests.api.conftest import RULES, Api

from goodword.app import say
from goodword.app.principal import OPERATOR
from goodword.outbound.rails import REGISTRY, Answer, Order

IBAN = "DE89370400440532013000"
RIGHT = {"name": "Ann Example", "iban": IBAN}


def _kept(api: Api) -> tuple[int, int]:
    """How many payment details and entries there are."""
    counts = "select (select count(*) from payee_detail), (select count(*) from log)"
    [row] = api.run(api.goodword.pool.fetch(counts))
    return tuple(row)


@pytest.mark.parametrize(
    ("details", "fields"),
    [
        ({"foo": "bar"}, {"foo", "name", "iban"}),
        ({"name": "Alice", "iban": "DE00 NOT AN IBAN"}, {"iban"}),
        ({"iban": IBAN, "nmae": "Alice"}, {"name", "nmae"}),
        ({"IBAN": IBAN, "account-holder": "Alice"}, {"IBAN", "account-holder", "name", "iban"}),
        ({}, {"name", "iban"}),
    ],
)
def test_wrong_details_are_named_and_nothing_is_kept(api: Api, details: dict[str, str], fields: set[str]) -> None:
    """422 with a code and every field that is wrong, with what was expected; no details are stored and no event is logged.

    B19, first-hour 1.
    """
    api.purchase()
    path = f"/v1/people/{api.person('ann-bob')}/payee"
    before = _kept(api)
    answer = api.call("owner", "PUT", path, json={"rail": "bank_file", "details": details})
    said = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert (said["status"], said["code"]) == (422, "payment_details_invalid")
    assert {one["path"] for one in said["errors"]} == {f"body.details.{field}" for field in fields}
    assert all(one["expected"] for one in said["errors"])
    assert "GET /v1/rails" in said["detail"]
    assert _kept(api) == before
    api.payee("ann-bob", "bank_file", **RIGHT)
    assert _kept(api) == (before[0] + 1, before[1] + 1)


def test_another_spelling_of_the_same_account_is_no_other_destination(api: Api) -> None:
    """What was approved for an account stays approved when it is entered again with spaces and small letters."""
    api.purchase()
    api.payee("ann-bob", "bank_file", **RIGHT)
    api.move("2026-03-17T10:00:00Z")
    [reward] = api.get("/v1/rewards", beneficiary=api.person("ann-bob"))["items"]
    api.say("owner", "/v1/approvals", api.get("/v1/approvals", id=reward["id"]))
    api.payee("ann-bob", "bank_file", name=" Ann  Example", iban="de89 3704 0044 0532 0130 00")
    assert api.get(f"/v1/rewards/{reward['id']}")["status"] == "approved"
    api.payee("ann-bob", "bank_file", name="Ann Example", iban="GB82WEST12345698765432")
    assert api.get(f"/v1/rewards/{reward['id']}")["status"] == "in_review"


def test_the_rails_are_published_with_their_fields(api: Api) -> None:
    """Every rail with its kinds, modes and fields; what the examples of its required fields make is taken by it."""
    listed = {rail["name"]: rail for rail in api.get("/v1/rails")["items"]}
    assert listed.keys() == REGISTRY.keys()
    assert (listed["sandbox"]["modes"], listed["bank_file"]["modes"]) == (["sandbox"], ["live", "sandbox"])
    api.purchase()
    ways = {field["way"] for field in listed["bank_file"]["fields"] if field["way"]}
    assert len(ways) == 3
    for way in ways:
        fields = [f for f in listed["bank_file"]["fields"] if f["required"] and f["way"] in (None, way)]
        assert all(field["meaning"] for field in fields)
        api.payee("ann-bob", "bank_file", **{field["name"]: field["example"] for field in fields})
    document = api.http.get("/openapi.json").json()
    assert "GET /v1/rails" in document["components"]["schemas"]["PayeeDetails"]["description"]


def _refused(answer: Any) -> None:
    assert (answer.status_code, answer.json()["code"]) == (422, "rail_not_live"), answer.text
    assert "take one of bank_file" in answer.json()["detail"]


def test_a_live_workspace_has_no_sandbox_payee_and_no_sandbox_draft(api: Api) -> None:
    """Neither payment details nor a draft may name a rail that pays nobody, and nothing is kept of it (first-hour 8)."""
    directory = api.goodword.directory
    made = api.run(say.workspaces.create(OPERATOR, directory, "shop", "olga@shop.example", mode="live", clock="real"))
    api.ws = made.id
    api.keys |= {"owner": made.owner_key, "wk": made.write_key}
    api.send({"type": "advocate.enrolled", "id": "enrol", "external_id": "ann", "program": "none"})
    path = f"/v1/people/{api.person('ann')}/payee"
    before = _kept(api)
    _refused(api.call("owner", "PUT", path, json={"rail": "sandbox", "details": {}}))
    _refused(api.call("owner", "POST", "/v1/payouts", json={"rail": "sandbox", "unit": "EUR"}))
    assert _kept(api) == before
    assert api.call("owner", "PUT", path, json={"rail": "bank_file", "details": RIGHT}).status_code == 200
    assert api.refused("owner", "/v1/payouts", {"rail": "bank_file", "unit": "EUR"}) == (422, "nothing_to_do")


def test_a_live_workspace_releases_no_sandbox_payout(api: Api) -> None:
    """One that was drafted all the same is not released: it stays where it is and can be taken back."""
    api.purchase()
    api.payee("ann-bob")
    api.move("2026-03-17T10:00:00Z")
    [reward] = api.get("/v1/rewards", beneficiary=api.person("ann-bob"))["items"]
    api.say("owner", "/v1/approvals", api.get("/v1/approvals", id=reward["id"]))
    api.move("2026-04-16T00:00:00Z")
    api.say("owner", "/v1/payouts", {"rail": "sandbox", "unit": "EUR"})
    [payout] = api.get("/v1/payouts")["items"]
    frozen = api.get("/v1/payouts/release", id=payout["id"])
    api.run(api.goodword.pool.execute("update workspace set mode = 'live' where workspace_id = $1", api.ws))
    api.goodword.directory._workspaces.clear()
    before = _kept(api)
    _refused(api.call("owner", "POST", "/v1/payouts/release", json=frozen))
    assert _kept(api) == before
    assert api.get(f"/v1/payouts/{payout['id']}")["status"] == "awaiting_release"
    api.say("owner", f"/v1/payouts/{payout['id']}/cancel", {"reason": "rail_not_live"})
    assert api.get(f"/v1/rewards/{reward['id']}")["status"] == "approved"


def test_no_rail_is_given_the_payment_details_of_another(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credit goes over the sandbox rail to who is paid by bank file: the order has neither the name nor the account."""
    api.say("owner", "/v1/programs", {"document": RULES.replace("side: friend,", "side: friend, kind: credit,")})
    api.purchase()
    api.payee("bob", "bank_file", **RIGHT)
    api.move("2026-03-17T10:00:00Z")
    [reward] = api.get("/v1/rewards", beneficiary=api.person("bob"))["items"]
    api.say("owner", "/v1/approvals", api.get("/v1/approvals", id=reward["id"]))
    api.move("2026-04-16T00:00:00Z")
    api.say("owner", "/v1/payouts", {"rail": "sandbox", "unit": "EUR"})
    [payout] = api.get("/v1/payouts")["items"]
    rail = api.goodword.rails["sandbox"]
    given: list[Order] = []
    send = rail.send

    async def seen(order: Order) -> Answer:
        given.append(order)
        return await send(order)

    monkeypatch.setattr(rail, "send", seen)
    api.say("owner", "/v1/payouts/release", api.get("/v1/payouts/release", id=payout["id"]))
    api.until(lambda: api.get(f"/v1/payouts/{payout['id']}")["status"] == "completed")
    assert given == [Order(payout["id"], 500, "EUR", {})]


def _flags(api: Api, person: str) -> list[str]:
    """What was raised on the one reward of somebody, in order."""
    [reward] = api.get("/v1/rewards", beneficiary=person)["items"]
    [shown] = api.get("/v1/approvals", id=reward["id"])["shown"]
    return sorted(shown["flags"])


def test_details_in_another_name_are_a_fact_and_no_name(api: Api) -> None:
    """That it differs from what events call the person stands in the log and marks the reward; neither name stands there."""
    api.send(
        sent.enrolled("enrol", "quirin", "QUIRIN", name="Quirin Quast"),
        sent.lead("lead", "bob", code="QUIRIN"),
        sent.purchase("buy", "bob", "i-1", 20_000),
    )
    api.move("2026-03-17T10:00:00Z")
    person, told = api.person("quirin"), []
    for name in ("QUAST, Quirin", "Zacharias Zweig", "Dr. Quirin Quast"):
        api.payee("quirin", "bank_file", name=name, iban=IBAN)
        told.append(_flags(api, person))
    assert told == [[], ["payee_changed", "payee_name"], ["payee_changed", "payee_name"]]
    events = [
        json.loads(leaf)
        for (leaf,) in api.rows("select convert_from(leaf, 'utf8') from log where workspace_id = $1 order by position")
    ]
    said = [each["event"].get("payee_name") for each in events if each["event"]["type"] == "payee.set"]
    assert said == [None, "differs", None]
    assert not any(word in json.dumps(events) for word in ("Quast", "QUAST", "Zweig"))


def test_of_whom_no_name_is_known_no_name_differs(api: Api) -> None:
    """An id is no name: nothing is compared with it."""
    api.purchase()
    api.payee("ann-bob", "bank_file", **RIGHT)
    api.move("2026-03-17T10:00:00Z")
    assert _flags(api, api.person("ann-bob")) == []


def test_the_same_details_sent_again_are_a_repeat_whatever_was_learnt_meanwhile(api: Api) -> None:
    """The key of a request stands for what it asked: a name that came between the two makes it no other request."""
    api.send(sent.enrolled("enrol", "quirin", "QUIRIN"))
    path, body = f"/v1/people/{api.person('quirin')}/payee", {"rail": "bank_file", "details": RIGHT}
    first = api.call("sk", "PUT", path, json=body, key="once")
    api.send(sent.lead("lead", "quirin", customer_name="Quirin Quast"))
    again = api.call("sk", "PUT", path, json=body, key="once")
    assert (first.status_code, again.status_code, first.json()["position"]) == (200, 200, again.json()["position"])


def test_what_a_signal_reads_of_a_customer_needs_no_rule(api: Api) -> None:
    """Consent and being an employee are known by their words alone; other words and traits that no rule names stay out of the log."""
    api.send(
        sent.enrolled("enrol", "ann", "ANN"),
        sent.lead("lead", "bob", code="ANN"),
        {
            "type": "customer.updated",
            "id": "traits",
            "customer_external_id": "bob",
            "traits": {"consent": "unclear", "employee": True, "reseller": "perhaps", "shoe": "size-44"},
        },
        sent.purchase("buy", "bob", "i-1", 20_000),
    )
    [case] = api.get("/v1/cases")["items"]
    assert sorted(code for code, _ in case["flags"]) == ["consent_unclear", "employee"]
    [leaf] = [
        leaf
        for (leaf,) in api.rows("select convert_from(leaf, 'utf8') from log where workspace_id = $1")
        if "customer.updated" in leaf
    ]
    assert json.loads(leaf)["event"]["traits"] == {"consent": "unclear", "employee": True}
