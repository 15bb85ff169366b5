"""One person whose key does not open: they are shown without a name, and nobody else feels it."""

import pytest
from testkit.database import rows
from tests.api.conftest import Api

IBANS = {"ann-bob": "DE89370400440532013000", "ann-cid": "FR1420041010050500013M02606"}


@pytest.mark.parametrize("how", ["another master key", "changed bytes"])
def test_a_locked_person_has_no_name_and_stops_no_payment(api: Api, how: str) -> None:
    """The person is flagged, lists and reports go on, the bank file names the payout that it leaves out; unlocked, it is in it."""
    for friend in ("bob", "cid"):
        api.purchase(friend, 40_000)
        api.payee(f"ann-{friend}", "bank_file", name=f"Ann {friend}", iban=IBANS[f"ann-{friend}"])
        api.payee(friend, "bank_file", name=friend, iban=IBANS[f"ann-{friend}"])
    api.move("2026-04-02T00:00:00Z")
    api.member("anna", "approver")
    api.member("pia", "payer")
    rewards = [one["id"] for one in api.get("/v1/rewards", who="anna", status="in_review")["items"]]
    assert len(rewards) == 4
    listed = api.get("/v1/approvals", who="anna", id=rewards)
    api.say("anna", "/v1/approvals", listed)
    api.move("2026-06-01T00:00:00Z")
    api.say("owner", "/v1/payouts", {"rail": "bank_file", "unit": "EUR"})
    payouts = {one["beneficiary"]: one["id"] for one in api.get("/v1/payouts")["items"]}
    api.say("pia", "/v1/payouts/release", api.get("/v1/payouts/release", who="pia", id=[*payouts.values()]))
    api.until(lambda: len(api.call("pia", "GET", "/v1/payouts/bank-file").text.splitlines()) == 5)

    person = api.person("ann-bob")
    at = 2 if how == "another master key" else 30
    flip = f"update person set wrapped = set_byte(wrapped, {at}, get_byte(wrapped, {at}) # 1) where id = $1"
    rows(api.goodword.owner, flip, person)
    assert api.get(f"/v1/people/{person}") == {"id": person, "external_id": None, "locked": True}
    other = api.person("ann-cid")
    assert api.get(f"/v1/people/{other}") == {"id": other, "external_id": "ann-cid", "locked": False}
    names = {one["person"]: one["external_id"] for one in api.get("/v1/advocates")["items"]}
    assert names == {person: None, other: "ann-cid"}
    assert api.call("owner", "GET", "/v1/reports/summary").status_code == 200
    answer = api.call("pia", "GET", "/v1/payouts/bank-file")
    assert answer.status_code == 200
    assert answer.headers["x-goodword-left-out"] == payouts[person]
    assert {line.split(",")[0] for line in answer.text.splitlines()[1:]} == {*payouts.values()} - {payouts[person]}
    assert api.get(f"/v1/payouts/{payouts[person]}")["status"] == "processing"
    details = {"rail": "sandbox", "details": {}}
    refused = api.call("sk", "PUT", f"/v1/people/{person}/payee", json=details)
    assert (refused.status_code, refused.json()["code"]) == (409, "person_locked")

    rows(api.goodword.owner, flip, person)
    answer = api.call("pia", "GET", "/v1/payouts/bank-file")
    assert "x-goodword-left-out" not in answer.headers
    assert len(answer.text.splitlines()) == 5
