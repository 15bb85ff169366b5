"""Store credit over HTTP: delivered by the worker, looked at, redeemed, given back, in races, and by events."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg
import pytest
from testkit import sent
from tests.api.conftest import Api, Command

from goodword.app.proof.audit import verify

RULES = """
program: shop
currency: EUR
hold: 0d
payouts: {every: once}
credit: {expires: 30d}
conversions:
  - rewards: [{side: advocate, percent: 10, kind: credit}]
  - {on: sign-up, rewards: [{side: advocate, points: 70, kind: points}]}
"""


def _delivered(api: Api, amount: int = 50_000) -> str:
    """Ann has a tenth of the order as credit, by a payout that two people have approved and released; returns who she is."""
    api.say("owner", "/v1/programs", {"document": RULES})
    api.member("anna", "approver")
    api.member("pia", "payer")
    api.send(
        sent.enrolled("a", "ann", "ANN", program="shop"),
        sent.lead("l", "bob", code="ANN"),
        sent.purchase("p", "bob", "i-1", amount),
    )
    ann = api.person("ann")
    _pay(api, "EUR")
    return ann


def _pay(api: Api, unit: str) -> None:
    ids = [it["id"] for it in api.get("/v1/rewards", status="in_review")["items"] if it["unit"] == unit]
    api.agree("/v1/approvals", *ids, who="anna")
    drafted = api.say("sk", "/v1/payouts", {"rail": "store_credit", "unit": unit})
    payouts = [it["subject"] for it in drafted["verdicts"]]
    items = api.get("/v1/payouts/release", "pia", id=payouts)
    api.say("pia", "/v1/payouts/release", items)
    api.until(lambda: all(api.get(f"/v1/payouts/{id_}")["status"] == "completed" for id_ in payouts))


def _redeem(api: Api, person: str, id_: str, amount: int, unit: str = "EUR", who: str = "sk", **more: Any) -> Any:
    body = {"redemption_id": id_, "amount": amount, "unit": unit, **more}
    return api.call(who, "POST", f"/v1/people/{person}/credit/redemptions", json=body)


def _balances(api: Api, person: str) -> dict[str, int]:
    return {it["unit"]: it["balance"] for it in api.get(f"/v1/people/{person}/credit", "sk")["balances"]}


def _sound(api: Api) -> None:
    directory = api.goodword.directory
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences


def test_credit_goes_from_a_released_payout_to_an_order_and_back(api: Api) -> None:
    """The worker delivers it; it stands as owed; it is used and given back, each once; what is left expires; everything verifies."""
    ann = _delivered(api)
    credit = api.get(f"/v1/people/{ann}/credit")
    (lot,) = credit["lots"]
    assert credit["balances"] == [{"unit": "EUR", "balance": 5_000, "usable": 5_000}]
    assert (lot["balance"], lot["delivered_at"], lot["expires_at"]) == (
        5_000,
        "2026-03-02T09:00:00Z",
        "2026-04-01T09:00:00Z",
    )
    answer = _redeem(api, ann, "order-7", 2_000, order_reference="order-7")
    assert answer.status_code == 200, answer.text
    said = answer.json()["verdicts"][0]
    assert (said["outcome"], said["amount"], said["beneficiary"]) == ("redeemed", 2_000, ann)
    again = _redeem(api, ann, "order-7", 2_000, order_reference="order-7").json()["verdicts"][0]
    assert again["outcome"] == "redeemed_before"
    path = "/v1/credit/redemptions/order-7/reversals"
    api.say("sk", path, {"reversal_id": "back-1", "amount": 500})
    api.say("sk", path, {"reversal_id": "back-1", "amount": 500})
    assert api.refused("sk", path, {"reversal_id": "back-2", "amount": 1_501}) == (409, "reversal_exceeds")
    assert api.refused("sk", "/v1/credit/redemptions/none/reversals", {"reversal_id": "x"}) == (
        409,
        "redemption_unknown",
    )
    credit = api.get(f"/v1/people/{ann}/credit")
    assert [(it["what"], it["amount"]) for it in credit["movements"]] == [
        ("given_back", 500),
        ("redeemed", -2_000),
        ("delivered", 5_000),
    ]
    position = credit["movements"][1]["position"]
    (entry,) = api.get("/v1/log/entries", after=position - 1, limit=1)["items"]
    assert (entry["position"], entry["type"]) == (position, "credit.redeemed")
    held = {(it["account"], it["owner"]): it["amount"] for it in api.get("/v1/ledger/balances")["items"]}
    assert (held["credit", ann], held["settled", "store_credit"]) == (3_500, 1_500)
    api.move("2026-04-01T09:00:00Z")
    credit = api.get(f"/v1/people/{ann}/credit")
    assert (credit["balances"], credit["lots"]) == ([], [])
    assert [(it["what"], it["amount"]) for it in credit["movements"]][:1] == [("expired", -3_500)]
    _sound(api)


def test_more_than_there_is_is_refused_with_the_balance(api: Api) -> None:
    """The problem names what there is; nothing was taken."""
    ann = _delivered(api)
    answer = _redeem(api, ann, "order-7", 5_001)
    assert (answer.status_code, answer.json()["code"]) == (409, "credit_short")
    assert ["balance", {"balance": 5_000, "amount": 5_001, "unit": "EUR"}] in answer.json()["steps"]
    assert _balances(api, ann) == {"EUR": 5_000}


def test_of_two_who_use_all_of_it_at_once_one_does(api: Api) -> None:
    """Two redemptions of the whole balance in one moment: one is done, one is refused, over and over, and nothing is below nothing."""
    ann = _delivered(api)
    with ThreadPoolExecutor() as pool:
        tried = [pool.submit(_redeem, api, ann, f"r{number}", 5_000) for number in range(8)]
        assert sorted(one.result().status_code for one in tried) == [200, *[409] * 7]
    assert _balances(api, ann) == {}
    with ThreadPoolExecutor() as pool:
        (used,) = [number for number, one in enumerate(tried) if one.result().status_code == 200]
        path = f"/v1/credit/redemptions/r{used}/reversals"
        tried = [
            pool.submit(api.call, "sk", "POST", path, json={"reversal_id": f"v{number}", "amount": 5_000})
            for number in range(4)
        ]
        assert sorted(one.result().status_code for one in tried) == [200, 409, 409, 409]
    assert _balances(api, ann) == {"EUR": 5_000}
    _sound(api)


def test_of_one_redemption_that_is_sent_twice_at_once_one_is_taken(api: Api) -> None:
    """A client that tries again while the first try is under way takes nothing twice."""
    ann = _delivered(api)
    with ThreadPoolExecutor() as pool:
        tried = [pool.submit(_redeem, api, ann, "order-7", 2_000) for _ in range(6)]
        told = sorted(one.result().json()["verdicts"][0]["outcome"] for one in tried)
    assert told == ["redeemed", *["redeemed_before"] * 5]
    assert _balances(api, ann) == {"EUR": 3_000}


def test_points_and_credit_are_used_by_events_too(api: Api) -> None:
    """A server's own event redeems by its own name for the person, and is answered with the decision; a page's key may not."""
    ann = _delivered(api)
    api.send({"type": "conversion.recorded", "id": "s", "customer_external_id": "bob", "name": "sign-up"})
    program = api.get("/v1/rewards", status="in_review")["items"][0]["program"]
    _pay(api, f"points:{program}")
    event = {"type": "credit.redeemed", "customer_external_id": "ann", "redemption_id": "r1", "amount": 20}
    item = api.decided({**event, "id": "e1", "program": "shop"})
    assert item["decision"]["verdicts"][0]["outcome"] == "redeemed"
    assert _balances(api, ann) == {"EUR": 5_000, f"points:{program}": 50}
    item = api.decided({**event, "id": "e2", "redemption_id": "r2", "amount": 6_000, "currency": "EUR"})
    assert item["decision"]["verdicts"][0]["refusal"] == "credit_short"
    api.decided({"type": "credit.reversed", "id": "e3", "redemption_id": "r1", "reversal_id": "v1"})
    assert _balances(api, ann) == {"EUR": 5_000, f"points:{program}": 70}
    sold = api.call("pk", "POST", "/v1/events", json={**event, "id": "e4"}).json()["items"][0]
    assert (sold["status"], sold["code"]) == ("invalid", "not_permitted")
    assert _redeem(api, ann, "r3", 70, f"points:{program}").status_code == 200
    _sound(api)


def test_a_refund_takes_back_what_is_there_and_the_rest_is_owed(api: Api) -> None:
    """What was used of it already becomes a receivable, as with any paid reward."""
    ann = _delivered(api)
    _redeem(api, ann, "order-7", 2_000)
    api.send(sent.refund("b", "i-1", "r1", 50_000))
    assert _balances(api, ann) == {}
    (reward,) = api.get("/v1/rewards", beneficiary=ann)["items"]
    assert (reward["status"], reward["receivable"]) == ("reversed", 2_000)
    assert api.get(f"/v1/people/{ann}/credit")["movements"][0]["what"] == "taken_back"
    _sound(api)


def test_who_may_not_redeems_nothing(api: Api) -> None:
    """A payer, a write key and a page's key are told so; support reads and changes nothing."""
    ann = _delivered(api)
    api.member("sue", "support")
    for who in ("pia", "sue", "wk", "pk"):
        assert _redeem(api, ann, f"r-{who}", 1, who=who).status_code == 403
    assert api.get(f"/v1/people/{ann}/credit", "sue")["balances"][0]["balance"] == 5_000


def test_what_is_there_is_never_below_nothing_and_verified(api: Api) -> None:
    """The database refuses a lot of which less than nothing is there; one that was changed by hand is named by verification."""
    _delivered(api)
    directory = api.goodword.directory

    def change(what: str) -> None:
        api.run(api.goodword.pool.execute(f"update lot set {what} where workspace_id = $1", api.ws))

    for wrong in ("rest = -1", "taken = -1", "expired = -1", "rest = rest - 5001"):
        with pytest.raises(asyncpg.CheckViolationError):
            change(wrong)
    change("rest = rest - 1")
    found = api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences
    assert [(it.noun, it.what) for it in found] == [("lot", "rest is 4999, the log says 5000")]


def test_an_erasure_waits_until_credit_is_used(api: Api) -> None:
    """Who has credit is not erased, and the refusal says how much; once it is used they are, and the books stay whole."""
    ann = _delivered(api)
    answer = api.call("owner", "DELETE", f"/v1/people/{ann}")
    assert (answer.status_code, answer.json()["code"]) == (409, "credit_left")
    assert ["held", {"amount": 5_000, "unit": "EUR"}] in answer.json()["steps"]
    _redeem(api, ann, "order-7", 5_000)
    assert api.call("owner", "DELETE", f"/v1/people/{ann}").status_code == 200
    _sound(api)


def test_a_terminal_tells_what_somebody_has(api: Api, goodword: Command) -> None:
    """Balance, lots with their ends, and what moved them; of who has none, that it is nothing."""
    ann = _delivered(api)
    _redeem(api, ann, "order-7", 2_000)
    told = goodword("person", "credit", "ann", "--workspace", api.ws)
    assert told.returncode == 0, told.stderr
    for shown in ("30.00 EUR", "2026-04-01T09:00:00Z", "redeemed", "-20.00 EUR", "delivered"):
        assert shown in told.stdout, told.stdout
    assert goodword("person", "credit", "bob", "--workspace", api.ws).stdout.startswith("nothing")
