"""Chargebee over real HTTP: what several events tell, in any order, counts once, and so does what no payment of a gateway settled."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from testkit import billing
from tests.api.conftest import Api, Command

Said = list[dict[str, Any]]


@pytest.fixture
def tell(api: Api) -> Callable[[Said], list[str]]:
    """Tell what Chargebee sends; return what became of it."""
    api.say("owner", "/v1/hooks", {"source": "chargebee", "secret": billing.SECRETS["chargebee"]})
    api.say("wk", "/v1/events", [{"type": "advocate.enrolled", "id": "e", "external_id": "ann", "code": "ANN"}])
    api.say("wk", "/v1/events", [{"type": "click.recorded", "id": "c", "code": "ANN", "click_id": "click-1"}])
    api.move("2026-03-10T09:00:00Z")

    def say(told: Said) -> list[str]:
        became = []
        for said in told:
            body = billing.body(said)
            answer = api.http.post(
                f"/hooks/chargebee/{api.ws}", content=body, headers=billing.headers("chargebee", body, 0)
            )
            assert answer.status_code == 200, answer.text
            became += [one["status"] for one in answer.json()["events"]]
        api.until(lambda: not api.get("/v1/reports/progress")["waiting"])
        return became

    return say


def story(n: int) -> Said:
    """Return what is told of purchase number n."""
    said = json.dumps([it for _, it in billing.STORIES["chargebee"]()])
    for own in ("inv_1", "cb_bob", "txn_1", "txn_2", "CN-1", '"bob"', "bob@mail"):
        said = said.replace(
            own, f'"bob{n}"' if own == '"bob"' else own.replace("1", str(n * 10)).replace("bob", f"bob{n}")
        )
    return list(json.loads(said.replace("txn_2", f"txn_{n}r")))


def orders(api: Api) -> list[tuple[int, Any]]:
    """Return the orders, with what went back of each."""
    found = api.rows("select amount, back from conversion where workspace_id = $1 and name = 'purchase' order by id")
    return [(amount, json.loads(back)) for amount, back in found]


def test_in_every_order_of_arrival_it_comes_to_the_same_money(api: Api, tell: Callable[[Said], list[str]]) -> None:
    """Straight, backwards and in others, each event twice: nothing counts twice, nothing contradicts itself, nothing waits on."""
    for n in range(1, 9):
        told = story(n) * 2
        if n == 2:
            told.reverse()
        elif n > 2:
            random.Random(n).shuffle(told)  # noqa: S311 - an order, no secret
        assert set(tell(told)) <= {"accepted", "repeat", "held"}, n
    assert orders(api) == [(12_000, {"tax": 500, "goods": 2_500})] * 8
    assert api.get("/v1/sources/chargebee")["held"] == []
    rewards = [it["amount"] for it in api.get("/v1/rewards")["items"] if it["side"] == "advocate"]
    assert len(rewards) == 8
    assert len(set(rewards)) == 1


def invoiced(**change: Any) -> dict[str, Any]:
    """Return the invoice told by itself, with something else in it."""
    said = json.loads(json.dumps(billing.STORIES["chargebee"]()[3][1]))
    said["content"]["invoice"] |= change
    return dict(said)


def payment(**change: Any) -> dict[str, Any]:
    """Return its payment told by itself, likewise."""
    said = json.loads(json.dumps(billing.STORIES["chargebee"]()[2][1]))
    said["content"]["transaction"] |= change
    return dict(said)


def test_a_payment_that_staff_recorded_and_one_by_credits_count(
    api: Api, tell: Callable[[Said], list[str]], goodword: Command
) -> None:
    """The invoice waits for its payment, whichever that is, and it is said where to read of it; what credits settled waits for none."""
    assert tell([invoiced()]) == ["held"]
    assert orders(api) == []
    assert "docs/howto/billing.md" in goodword("doctor").stdout
    assert tell([payment(gateway="not_applicable", payment_method="bank_transfer")]) == []
    assert [amount for amount, _ in orders(api)] == [12_000]
    credits_ = [{"cn_id": "CN-9", "applied_amount": 5_000}]
    by_credits = {"id": "inv_2", "total": 5_000, "tax": 0, "linked_payments": [], "applied_credits": credits_}
    assert tell([invoiced(**by_credits), invoiced(**by_credits)]) == ["accepted", "repeat"]
    assert [amount for amount, _ in orders(api)] == [12_000, 5_000]


def test_a_payment_that_fails_late_pays_for_nothing_until_another_does(
    api: Api, tell: Callable[[Said], list[str]]
) -> None:
    """In whatever order it is told; an invoice that is voided is none."""
    late = payment(status="late_failure")
    tell([invoiced(), payment(), late, late])
    assert [sum(back.values()) for _, back in orders(api)] == [12_000]
    again = [
        {"txn_id": "txn_1", "applied_amount": 12_000, "txn_status": "late_failure"},
        {"txn_id": "txn_9", "applied_amount": 12_000, "txn_status": "success"},
    ]
    tell([payment(id="txn_9"), invoiced(linked_payments=again)])
    assert [sum(back.values()) for _, back in orders(api)] == [0]
    tell([invoiced(status="voided", voided_at=1_772_600_000)])
    assert api.rows("select status from conversion where workspace_id = $1") == [("canceled",)]
