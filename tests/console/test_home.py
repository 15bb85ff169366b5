"""Home says what needs whoever looks, what has stopped, and how today compares; of what is well it says little."""

from datetime import UTC, datetime, timedelta

from testkit import sent
from tests.api.conftest import RULES
from tests.console.conftest import Console


def test_an_empty_workspace_says_what_to_do_first(desk: Console) -> None:
    """Until the first event is there; nothing needs anybody then."""
    assert desk.json("/console")["first"] == ["event"]
    page = desk.html("/console")
    assert "Nothing is here yet" in page
    assert "Nothing needs you" in page
    desk.api.send(sent.enrolled("enrol", "Ann", "CODE"))
    desk.caught_up()
    assert desk.json("/console")["first"] == []


def test_what_one_may_approve_has_its_sum(busy: Console) -> None:
    """By unit, as the frozen list that an approval would be given over; what one cannot is counted beside it."""
    need = busy.json("/console")["needs"][0]
    ready = busy.api.get("/v1/approvals/queue")
    assert need["code"] == "rewards"
    assert need["count"] == len(ready["items"])
    assert need["sums"].get("EUR", 0) == sum(item["amount"] for item in ready["items"])
    assert need["more"] > 0
    busy.be("support")
    assert busy.json("/console")["needs"][0]["code"] == "cases"


def test_today_stands_beside_the_same_weekday_before(busy: Console) -> None:
    """Each figure with that of the day seven days ago, also where today has none of it."""
    busy.api.send(sent.lead("more", "Bob", code="CODE2"), sent.purchase("more-order", "Bob", "INV-more", 10_000))
    busy.caught_up()
    it = busy.json("/console")
    assert (datetime.fromisoformat(it["day"]) - datetime.fromisoformat(it["last"])).days == 7
    assert {"code": "leads", "now": 1, "before": 0} in it["counts"]
    assert "0 on all of the day a week before" in busy.html("/console")
    busy.api.move(
        datetime.fromisoformat(it["day"]).replace(tzinfo=UTC).__add__(timedelta(days=7)).isoformat()[:19] + "Z"
    )
    assert {"code": "leads", "now": 0, "before": 1} in busy.json("/console")["counts"]
    sums = busy.json("/console")["sums"]
    assert any(one["before"] for one in sums)
    for one in sums:
        before = f"{one['before'] / 100:,.2f} {one['unit']} on all of the day a week before"
        assert before in busy.html("/console"), "a sum of the day before has its unit too"


def test_cases_that_are_late_are_counted(busy: Console) -> None:
    """Cases that should have been decided by now are counted."""
    needs = {one["code"]: one for one in busy.json("/console")["needs"]}
    assert (needs["cases"]["count"], needs["cases"]["more"]) == (1, 0)
    busy.api.move("2026-07-01T00:00:00Z")
    needs = {one["code"]: one for one in busy.json("/console")["needs"]}
    assert (needs["cases"]["count"], needs["cases"]["more"]) == (1, 1)
    assert "1 of them should have been decided by now" in busy.html("/console")


def test_a_budget_that_is_nearly_used_is_told(desk: Console) -> None:
    """From nine tenths on, with its program; one with room is nothing."""
    desk.api.say("owner", "/v1/programs", {"document": RULES + "budget: {EUR: 2700}\n"})
    desk.api.send(sent.enrolled("enrol", "Ann", "CODE"), sent.lead("lead", "Bob", code="CODE"))
    assert desk.json("/console")["troubles"] == []
    desk.api.send(sent.purchase("order", "Bob", "INV", 20_000))  # 20.00 EUR and 5.00 EUR
    [told] = desk.json("/console")["troubles"]
    assert (told["code"], told["about"], told["path"], told["count"]) == ("budget", "main", "/programs/main", 92)
    assert "The budget of main is nearly used" in desk.html("/console")
    desk.be("owner", programs=("prg_another",))
    assert desk.json("/console")["troubles"] == [], "it is of a program that they do not see"
