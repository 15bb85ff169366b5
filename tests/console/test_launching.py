"""The page of a program: what the gate says of it, and the form by which it goes live."""

from tests.console.conftest import Console

from goodword.core.launching import ITEMS, MEASURES

PAGE = "/console/programs/main"


def test_a_program_is_launched_on_its_page(desk: Console) -> None:
    """Each thing that is looked at is shown with what to do; where one is missing the form says so; with all it is live."""
    api = desk.api
    anna = api.member("anna", "approver")
    api.purchase()
    api.until(api.heard)
    [source] = api.heard()
    gate = desk.json(PAGE)["gate"]
    assert [one["item"]["item"] for one in gate["checks"]] == list(ITEMS)
    page = desk.html(PAGE)
    assert page.count(">Missing<") == sum(one["item"]["why"] is not None for one in gate["checks"]) > 0
    assert "anna@shop.example" in page
    typed = {"owner": anna, "trigger": source, "billing": source, "hours": "24", "every": "30", "looks": anna}
    typed |= {"measure": "reward_cost"}
    unread = desk.form(f"{PAGE}/launch", **typed)
    assert unread.status_code == 409, unread.text
    assert "The list of evidence is not confirmed" in unread.text
    said = desk.form(f"{PAGE}/launch", **typed, evidence=gate["evidence"])
    assert said.headers["location"].endswith("?done=launched"), said.text
    gate = desk.json(PAGE)["gate"]
    assert [one["item"]["why"] for one in gate["checks"]] == [None] * len(ITEMS)
    assert gate["plan"]["measures"] == ["reward_cost"]
    assert set(MEASURES) >= {"reward_cost"}
    assert ">Missing<" not in desk.html(PAGE)


def test_who_publishes_no_rules_sees_the_gate_and_no_form(desk: Console) -> None:
    """The checks are for everybody who reads programs, down to an analyst; going live is for who may publish."""
    assert "/launch" in desk.html(PAGE)
    desk.be("analyst")
    page = desk.html(PAGE)
    assert ">Missing<" in page
    assert "/launch" not in page
