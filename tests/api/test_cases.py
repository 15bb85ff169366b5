"""Cases over HTTP: whose they are, what is said of them, what closing one would move, and who may approve what was flagged."""

from typing import Any

import pytest
from testkit import rule_documents, sent
from tests.api.conftest import Api

from goodword.app.proof.audit import verify

RULES = rule_documents.text("limited")


@pytest.fixture
def flagged(api: Api) -> tuple[Api, dict[str, Any]]:
    """Return an installation in which a large order is looked at, and its case."""
    api.say("owner", "/v1/programs", {"document": RULES})
    api.send(sent.enrolled("enrol", "ann", "ANN", program="main"), sent.lead("lead", "bob", code="ANN"))
    api.send(sent.purchase("order", "bob", "inv-1", 90_000))
    api.payee("ann", "bank_file", name="Ann", iban="DE02120300000000202051")
    [case] = api.get("/v1/cases")["items"]
    return api, case


def test_a_case_is_handled_previewed_closed_and_counted(flagged: tuple[Api, dict[str, Any]]) -> None:
    """What the preview says is what the decision does, and nothing of the preview is kept."""
    api, case = flagged
    ada = api.member("ada", "approver")
    path = f"/v1/cases/{case['id']}"
    before = api.rows("select count(*) from log where workspace_id = $1")
    for outcome, moved in (("cleared", False), ("confirmed", True)):
        seen = api.say("ada", f"{path}/preview", {"outcome": outcome, "reason": "x"})
        assert bool(seen["moves"]) == moved
        assert all(move["now"] == 0 < move["was"] for move in seen["moves"])
    assert api.rows("select count(*) from log where workspace_id = $1") == before
    assert api.get(path) == case
    api.say("ada", f"{path}/assignment", {"member": ada})
    api.say("ada", f"{path}/comments", {"note": "asked the shop"})
    api.say("ada", f"{path}/snooze", {"until": case["due_at"], "reason": "waits"})
    assert api.refused("ada", f"{path}/snooze", {"until": "2040-01-01T00:00:00Z", "reason": "waits"}) == (
        409,
        "wrong_state",
    )
    now = api.get(path)
    assert (now["assignee"], now["snoozed_until"]) == (ada, case["due_at"])
    [comment] = now["comments"]
    assert api.get(f"/v1/notes/{comment['note']}")["text"] == "asked the shop"
    api.say("owner", f"{path}/decision", {"outcome": "cleared", "reason": "looked", "worth": "useful"})
    [counted] = [one for one in api.get("/v1/cases/precision") if one["confirmed"] + one["useful"] + one["false_alarm"]]
    assert (counted["code"], counted["family"], counted["useful"]) == ("review_limit", "reward", 1)
    assert api.run(verify(api.goodword.pool, api.ws)).differences == ()


def test_a_members_key_approves_what_is_flagged_once_it_opened_the_evidence(
    flagged: tuple[Api, dict[str, Any]],
) -> None:
    """The list says what is still to be opened; the refusal names each with its flags; the queue leaves it out and says why."""
    api, case = flagged
    api.member("ada", "approver")
    api.say("owner", f"/v1/cases/{case['id']}/decision", {"outcome": "cleared", "reason": "looked"})
    api.move("2026-06-01T00:00:00Z")
    rewards = [one["id"] for one in api.get("/v1/rewards", status="in_review")["items"]]
    assert rewards
    frozen = api.call("ada", "GET", "/v1/approvals", params={"id": rewards}).json()
    assert {(one["opened"], *one["flags"]) for one in frozen["shown"]} == {(False, "review_limit")}
    answer = api.call("ada", "POST", "/v1/approvals", json=frozen)
    assert (answer.status_code, answer.json()["code"]) == (409, "evidence_not_opened")
    assert {step[1]["item"] for step in answer.json()["steps"]} == {*rewards}
    queue = api.call("ada", "GET", "/v1/approvals/queue").json()
    assert (queue["items"], queue["left_out"]) == ([], {"evidence_not_opened": len(rewards)})
    for reward in rewards:
        api.say("ada", f"/v1/rewards/{reward}/looks", {"seconds": 12})
    frozen = api.call("ada", "GET", "/v1/approvals", params={"id": rewards}).json()
    assert {one["opened"] for one in frozen["shown"]} == {True}
    assert api.say("ada", "/v1/approvals", frozen)["verdicts"][0]["outcome"] == "approved"
    assert api.run(verify(api.goodword.pool, api.ws)).differences == ()
