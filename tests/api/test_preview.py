"""A rule file is tried before it is published: what an order would earn is what it then earns."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from testkit import rule_documents
from testkit.product import Product
from tests.api.conftest import RULES, Api
from tests.conftest import ROOT

GREETING = """\
program: greet
currency: EUR
hold: 14d
conversions:
  - minimum: {EUR: 2000}
    rewards: [{side: friend, kind: welcome, flat: {EUR: 500}, valid: 30d}]
"""
RICH = rule_documents.text("tried")


def tried(api: Api, document: str, who: str = "owner", **order: Any) -> dict[str, Any]:
    """What an order would earn."""
    found: dict[str, Any] = api.say(who, "/v1/rules/preview", {"document": document, "order": order})
    return found


def earns(found: dict[str, Any]) -> dict[str, tuple[int, str]]:
    """By side: how much and of what."""
    return {reward["side"]: (reward["amount"], reward["unit"]) for reward in found["rewards"]}


@pytest.mark.parametrize("amount", [1, 4_985, 20_000, 2**53 - 1])
def test_a_preview_is_what_then_happens(api: Api, amount: int) -> None:
    """An order that was tried first and is then really sent earns the same, held as long, and is told in the same words."""
    found = tried(api, RULES, amount=amount, currency="EUR")
    api.purchase(amount=amount)
    rewards = api.get("/v1/rewards")["items"]
    assert earns(found) == {one["side"]: (one["amount"], one["unit"]) for one in rewards}
    assert {one["hold_until"] for one in rewards} == {one["hold_until"] for one in found["rewards"]}
    really = [verdict for one in rewards[:1] for verdict in api.get(f"/v1/explanations/{one['evt']}")["sentences"]]
    said = [(one["outcome"], one["beneficiary"]) for one in found["verdicts"] if one["about"] == "reward"]
    assert said == [(one["outcome"], one["beneficiary"]) for one in really]


def test_nothing_is_stored(api: Api) -> None:
    """No entry, program, person or event comes of it, whatever is tried."""
    before = api.get("/v1/programs"), api.get("/v1/log/entries")
    assert tried(api, RICH, name="sign-up", before=3)["rewards"]
    assert (api.get("/v1/programs"), api.get("/v1/log/entries")) == before
    assert api.run(api.goodword.pool.fetchval("select count(*) from event where type = 'conversion.recorded'")) == 0


def test_what_an_order_is_like_is_looked_at(api: Api) -> None:
    """Conditions, minimum, tiers, days, currency, name and newness change what is earned, and the sentence says which of them."""
    right = {"amount": 10_000, "currency": "EUR", "brands": ["acme"], "traits": {"seats": 5}}
    assert earns(tried(api, RICH, **right)) == {"advocate": (1_000, "EUR"), "friend": (500, "EUR")}
    assert earns(tried(api, RICH, **right, before=2))["advocate"] == (1_250, "EUR")
    assert earns(tried(api, RICH, **{**right, "amount": 90_000}))["advocate"] == (5_000, "EUR")
    assert earns(tried(api, RICH, **{**right, "currency": "JPY"}))["advocate"] == (1_000, "JPY")
    assert earns(tried(api, RICH, name="sign-up")) == {"advocate": (100, "points:rich")}
    for changed, refusal in (
        ({"brands": []}, "condition_not_met"),
        ({"traits": {"seats": 4}}, "condition_not_met"),
        ({"amount": 1_999}, "below_minimum"),
        ({"currency": "USD"}, "currency_not_offered"),
        ({"name": "other"}, "conversion_not_offered"),
        ({"known": True}, "existing_customer"),
    ):
        found = tried(api, RICH, **{**right, **changed})
        assert found["rewards"] == []
        assert refusal in [one["refusal"] for one in found["verdicts"]], changed
        assert all(one["beneficiary"] and one["finance"] for one in found["verdicts"])
    late = RICH.replace("  - minimum", "  - window: 30d\n    minimum")
    assert earns(tried(api, late, **right, days=29))["advocate"] == (1_000, "EUR")
    assert tried(api, late, **right, days=30)["verdicts"][-1]["refusal"] == "outside_conversion_window"


def test_limits_of_a_year_do_not_count_what_came_before(api: Api) -> None:
    """Orders before it lie in another year; a limit for ever counts them."""
    for per, count in (("year", 1), ("ever", 0)):
        limited = RULES.replace("percent: 10", f"percent: 10, limits: [{{per: {per}, count: 2}}]")
        found = tried(api, limited, amount=10_000, currency="EUR", before=2)
        assert sum(one["side"] == "advocate" for one in found["rewards"]) == count


def test_who_may_read_programs_may_try_rules(api: Api) -> None:
    """A preview changes nothing, so it takes no more than to read; who sends events may not."""
    assert tried(api, RULES, "sk", amount=100, currency="EUR")["rewards"]
    assert api.refused("wk", "/v1/rules/preview", {"document": RULES, "order": {}}) == (403, "not_permitted")


def test_what_is_wrong_is_named(api: Api) -> None:
    """A wrong file is told as when it is published, a wrong order by its field, and a doubt stands beside what is earned."""
    assert api.refused("owner", "/v1/rules/preview", {"document": "program: x", "order": {}}) == (422, "rules_invalid")
    for order, path in (
        ({"amount": -1, "currency": "EUR"}, "body.order.amount"),
        ({"amount": 1.5, "currency": "EUR"}, "body.order.amount"),
        ({"amount": 1, "currency": "EUX"}, "body.order.currency"),
        ({"amount": 1}, "body.order"),
        ({"before": 1_001}, "body.order.before"),
        ({"discuont": 1}, "body.order.discuont"),
    ):
        answer = api.call("owner", "POST", "/v1/rules/preview", json={"document": RULES, "order": order})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
        assert [one["path"] for one in answer.json()["errors"]] == [path]
    bare = RULES.replace("landing_url: https://shop.example/hello\n", "")
    assert [one["path"] for one in tried(api, bare)["warnings"]] == ["landing_url"]


def test_the_command_line_tries_rules_without_any_installation(tmp_path: Path) -> None:
    """``rules try`` says who would earn what, and why, for both readers; what was given wrongly is one line."""
    try_ = partial(Product(tmp_path / "home").run, "rules", "try", GOODWORD_HOME="/dev/null/nowhere")
    minimal = str(ROOT / "examples" / "minimal.yaml")
    done = try_(minimal, "--amount", "120.00", "--currency", "EUR")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("advocate  earns      25.00 EUR  cash, held until ")
    assert "You earn 25.00 EUR" in done.stdout
    assert "to finance  reward: earned 25.00 EUR" in done.stdout
    rich = tmp_path / "rich.yaml"
    rich.write_text(RICH)
    done = try_(
        str(rich), "--amount", "3000", "--currency", "JPY", "--brand", "acme", "--trait", "seats=5", "--before", "2"
    )
    assert "advocate  earns        375 JPY" in done.stdout
    assert try_(str(rich), "--name", "sign-up", "--known").stdout.startswith("nobody earns anything")
    greeting = tmp_path / "greeting.yaml"
    greeting.write_text(GREETING)
    done = try_(str(greeting), "--amount", "95.00")
    assert "friend    earns       5.00 EUR  welcome, expected: taken off this order, held until " in done.stdout
    done = try_(str(greeting), "--amount", "15.00")  # below the least amount: the offer is for another order
    assert "friend    is offered 5.00 EUR off one order before " in done.stdout
    assert ", expected\n" in done.stdout
    for wrong in (["--amount", "1.2.3"], ["--amount", "1.234"], ["--currency", "EUX"], ["--trait", "seats"]):
        done = try_(str(rich), *wrong)
        assert (done.returncode, "Invalid value for " + wrong[0] in done.stderr) == (2, True), done.stderr
