"""Cases that are handled together: exactly as shown, all of them or none, and what cannot be is struck out with its reason."""

import re
from html import unescape
from typing import Any

import pytest
from testkit import sent
from tests.console.conftest import Console

ALL = "/console/cases"


@pytest.fixture
def cases(desk: Console) -> Console:
    """A desk with three cases: a bank asks the money of three orders back."""
    api = desk.api
    api.send(sent.enrolled("enrol", "ann", "ANN"))
    for n in range(3):
        api.send(
            sent.lead(f"lead-{n}", f"friend-{n}", code="ANN"),
            sent.purchase(f"order-{n}", f"friend-{n}", f"INV-{n}", 10_000 + n),
        )
    api.payee("ann")
    api.move("2026-05-01T00:00:00Z")
    api.send(*(sent.chargeback(f"bank-{n}", f"INV-{n}", f"cb-{n}") for n in range(3)))
    return desk


def _ids(desk: Console, tab: str = "open") -> list[str]:
    return [row["case"]["id"] for row in desk.json(f"{ALL}?status={tab}")["cases"]]


def _address(ids: list[str], deed: str) -> str:
    return f"{ALL}/list?{'&'.join(f'id={id_}' for id_ in ids)}&deed={deed}"


def _sends(page: str) -> dict[str, str]:
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in ("items", "list_sha256")}
    return {name: unescape(match[1]) for name, match in found.items() if match}


def _say(desk: Console, deed: str, ids: list[str], page: str | None = None, **more: Any) -> Any:
    shown = page if page is not None else desk.html(_address(ids, deed))
    path = f"{_address(ids, deed)}".replace("/list?", f"/list/{deed}?")
    return desk.form(path, **{**_sends(shown), **more})


def _case(desk: Console, id_: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.api.get(f"/v1/cases/{id_}")
    return found


def test_several_are_taken_handed_over_and_put_aside(cases: Console) -> None:
    """Each of them, by one form; the page afterwards has a row of each; a form that is sent twice is said once."""
    ids = _ids(cases)
    assert len(ids) == 3
    me = cases.visitors.caller.member if cases.visitors.caller else ""
    page = cases.html(_address(ids, "take"))
    for _ in range(2):
        done = _say(cases, "take", ids, page, once="one-form")
        assert done.status_code == 200, done.text
        assert all(f"/cases/{id_}" in done.text for id_ in ids)
    assert [_case(cases, id_)["assignee"] for id_ in ids] == [me] * 3
    assert len(cases.json("/console/events?type=case.assigned")["rows"]) == 3
    assert _say(cases, "hand", ids, member="", due="2026-05-20").status_code == 200
    assert {(it["assignee"], it["due_at"]) for it in (_case(cases, id_) for id_ in ids)} == {
        (None, "2026-05-21T00:00:00Z")
    }
    assert _say(cases, "snooze", ids, until="2026-05-10", reason="", note="x").status_code == 400
    late = _say(cases, "snooze", ids, until="2026-06-10", reason="waits for the bank")
    assert (late.status_code, "waits for the bank" in late.text) == (409, True)
    assert _ids(cases) == ids
    assert _say(cases, "snooze", ids, until="2026-05-10", reason="waits for the bank").status_code == 200
    assert (_ids(cases), _ids(cases, "snoozed")) == ([], ids)


@pytest.mark.parametrize("outcome", ["cleared", "confirmed"])
def test_several_are_closed_with_the_money_that_the_list_says(cases: Console, outcome: str) -> None:
    """What waits stands above, and what is taken back on the button; looking moves nothing."""
    ids = _ids(cases)
    view = cases.json(_address(ids, outcome))
    rewards = [cases.api.get(f"/v1/rewards/{id_}") for case in ids for id_ in _case(cases, case)["rewards"]]
    owed = sum(it["amount"] for it in rewards)
    assert [(one["amount"], one["change"]) for one in view["sums"]] == [(owed, -owed if outcome == "confirmed" else 0)]
    assert _ids(cases) == ids
    assert _say(cases, outcome, ids, reason="").status_code == 400
    done = _say(cases, outcome, ids, reason="returned", note="all alike", worth="useful")
    assert done.status_code == 200, done.text
    assert [(it["outcome"], it["worth"]) for it in (_case(cases, id_) for id_ in ids)] == [(outcome, "useful")] * 3
    after = sum(cases.api.get(f"/v1/rewards/{it['id']}")["amount"] for it in rewards)
    assert after == (0 if outcome == "confirmed" else owed)
    assert _ids(cases) == []


def test_one_that_changed_stops_all_and_is_named(cases: Console) -> None:
    """A comment, a decision or a refund between looking and deciding: nothing of the list is done."""
    ids = _ids(cases)
    page = cases.html(_address(ids, "cleared"))
    cases.form(f"{ALL}/{ids[1]}/comment", text="the bank called")
    stopped = _say(cases, "cleared", ids, page, reason="looked_at")
    assert stopped.status_code == 409
    told = re.search(r'role="alert".*?</', stopped.text, re.DOTALL)
    assert told is not None
    assert ids[1][-6:] in stopped.text[told.start() : told.start() + 600]
    assert _ids(cases) == ids
    page = cases.html(_address(ids, "cleared"))
    order = next(iter(cases.api.get(f"/v1/rewards/{_case(cases, ids[0])['rewards'][0]}")["conversion"].split(":")[1:]))
    cases.api.send(sent.refund("less", order, "ref-1", 5_000))
    assert _say(cases, "cleared", ids, page, reason="looked_at").status_code == 409
    assert _ids(cases) == ids
    assert _say(cases, "cleared", ids, reason="looked_at").status_code == 200


def test_what_cannot_be_is_left_out_with_its_reason(cases: Console) -> None:
    """One that is decided, one that is due too soon, one whose digest is cut; what is left is handled."""
    ids = _ids(cases)
    assert cases.form(f"{ALL}/{ids[0]}/decide", outcome="cleared", reason="looked_at").status_code == 303
    view = cases.json(_address(ids, "take"))
    assert {line["row"]["case"]["id"]: line["refusal"] for line in view["lines"]} == {
        ids[0]: "wrong_state",
        ids[1]: None,
        ids[2]: None,
    }
    page = cases.html(_address(ids, "take"))
    assert "1 of 3 left out" in page
    assert "Take 2 cases" in page
    assert _say(cases, "take", ids, page).status_code == 200
    assert [_case(cases, id_)["assignee"] is None for id_ in ids] == [True, False, False]
    cases.form(f"{ALL}/{ids[1]}/assign", due="2026-05-01")  # over when the day is over
    page = cases.html(_address(ids[1:], "snooze"))
    assert "It is due before tomorrow" not in page
    cases.api.move(_case(cases, ids[1])["due_at"])
    page = cases.html(_address(ids[1:], "snooze"))
    assert "It is due before tomorrow" in page
    assert "1 of 2 left out" in page
    assert _say(cases, "take", ids[1:], page, items="cas_1,0").status_code == 404
    # What was shown of each belongs to it: ids alone would say it of whatever they are by now.
    assert _say(cases, "take", ids[1:], page, items=";".join(ids[1:])).status_code == 400
    assert _say(cases, "take", ids[1:], page, items="a,b,c").status_code == 400
    assert cases.get(f"{ALL}/list").status_code == 400
    assert cases.get(_address(ids, "eat")).status_code == 400


def test_two_of_one_reward_are_closed_together(cases: Console) -> None:
    """A second one over the same order: what the first takes back is not taken twice."""
    cases.api.send(sent.chargeback("again", "INV-0", "cb-again"))
    ids = _ids(cases)
    view = cases.json(_address(ids, "confirmed"))
    taken = [line for line in view["lines"] if line["refusal"] is None]
    rewards = {id_ for line in taken for id_ in line["row"]["case"]["rewards"]}
    owed = sum(cases.api.get(f"/v1/rewards/{id_}")["amount"] for id_ in rewards)
    assert [one["change"] for one in view["sums"]] == [-owed]
    assert _say(cases, "confirmed", ids, reason="returned").status_code == 200
    assert {cases.api.get(f"/v1/rewards/{id_}")["amount"] for id_ in rewards} == {0}


def test_who_may_look_only_is_offered_nothing(cases: Console) -> None:
    """No boxes, no bar; and the list, asked for by its address, is empty for them and says why."""
    ids = _ids(cases)
    assert 'form="picks"' in cases.html(ALL)
    cases.be("auditor")
    assert 'form="picks"' not in cases.html(ALL)
    view = cases.json(_address(ids, "cleared"))
    assert {line["refusal"] for line in view["lines"]} == {"not_permitted"}
    assert view["sends"] == ""
    assert "Left out" in cases.html(_address(ids, "cleared"))
