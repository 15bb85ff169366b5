"""The management API in use: from an order to money that has left, and what is refused on the way."""

from typing import Any

from testkit import sent
from tests.api.conftest import Api

from goodword.app.proof import audit
from goodword.core import calendar
from goodword.core.merkle import head_bytes, verify_consistency, verify_inclusion
from goodword.store import vault

PAST_THE_HOLD = "2026-03-17T10:00:00Z"
DUE = "2026-04-16T00:00:00Z"


def _reward(api: Api, external_id: str) -> dict[str, Any]:
    found = api.get("/v1/rewards", beneficiary=api.person(external_id))["items"]
    assert len(found) == 1
    return dict(found[0])


def _approved(api: Api, external_id: str) -> dict[str, Any]:
    """A reward on its way: past the hold, payee known, approved by the owner, due."""
    api.move(PAST_THE_HOLD)
    reward = _reward(api, external_id)
    api.agree("/v1/approvals", reward["id"])
    api.move(DUE)
    return reward


def _released(api: Api, rail: str) -> str:
    api.say("owner", "/v1/payouts", {"rail": rail, "unit": "EUR"})
    payout = str(api.get("/v1/payouts", status="awaiting_release")["items"][0]["id"])
    api.agree("/v1/payouts/release", payout)
    return payout


def _status(api: Api, payout: str) -> str:
    return str(api.get(f"/v1/payouts/{payout}")["status"])


def test_a_reward_is_approved_only_after_its_hold_as_the_list_says_and_by_who_may(api: Api) -> None:
    """Hold, payee, a changed item and a wrong digest are refused with their own codes; then the list is approved."""
    api.purchase()
    api.member("pia", "payer")
    reward = _reward(api, "ann-bob")
    frozen = api.get("/v1/approvals", id=reward["id"])
    assert api.refused("owner", "/v1/approvals", frozen) == (409, "hold_running")
    api.move(PAST_THE_HOLD)
    assert api.refused("owner", "/v1/approvals", frozen) == (409, "payee_missing")
    api.payee("ann-bob", script="succeed")
    assert api.refused("owner", "/v1/approvals", frozen) == (409, "item_changed")
    frozen = api.get("/v1/approvals", id=reward["id"])
    assert api.refused("owner", "/v1/approvals", {**frozen, "list_sha256": "0" * 64}) == (409, "item_changed")
    assert api.refused("pia", "/v1/approvals", frozen) == (403, "not_permitted")
    decision = api.say("owner", "/v1/approvals", frozen)
    assert decision["verdicts"][0]["outcome"] == "approved"
    assert _reward(api, "ann-bob")["status"] == "approved"


def test_above_a_limit_a_second_member_must_approve_the_same_list(api: Api) -> None:
    """The first leaves it in review, the same member cannot be the second, another one can."""
    api.purchase(amount=90_000)
    api.payee("ann-bob")
    api.move(PAST_THE_HOLD)
    api.member("ben", "approver")
    frozen = api.get("/v1/approvals", id=_reward(api, "ann-bob")["id"])
    assert api.say("owner", "/v1/approvals", frozen)["verdicts"][0]["outcome"] == "second_person_needed"
    assert _reward(api, "ann-bob")["status"] == "in_review"
    assert api.refused("owner", "/v1/approvals", frozen) == (403, "same_member")
    assert api.say("ben", "/v1/approvals", frozen)["verdicts"][0]["outcome"] == "approved"


def test_a_command_repeated_under_its_key_gives_the_first_answer_and_another_one_is_a_conflict(api: Api) -> None:
    """The same key and content: the same decision; other content: 409; another person's same key: a command of its own."""
    api.purchase()
    api.payee("ann-bob")
    api.move(PAST_THE_HOLD)
    reward = _reward(api, "ann-bob")
    body = {
        "items": [{"id": reward["id"], "amount": reward["amount"], "unit": "EUR"}],
        "reason": "not_owed",
        "note": "Seen <b>on</b> the phone",
    }
    first = api.say("owner", "/v1/rewards/rejections", body, key="k1")
    assert api.say("owner", "/v1/rewards/rejections", body, key="k1") == first
    other = api.call(
        "owner", "POST", "/v1/rewards/rejections", json={**body, "reason": "other", "note": "typed"}, key="k1"
    )
    assert api.run(api.goodword.pool.fetchval("select count(*) from note")) == 1  # of what fails nothing is kept
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    api.member("ben", "approver")
    second = api.call("ben", "POST", "/v1/rewards/rejections", json=body, key="k1")
    assert (second.status_code, second.json()["code"]) == (409, "wrong_state")


def test_a_draft_before_its_time_says_what_is_due_when(api: Api) -> None:
    """First-hour 7: nothing is due yet, and the answer has the date, the number of rewards and their sum; nothing else is drafted."""
    api.purchase()
    api.payee("ann-bob")
    api.move(PAST_THE_HOLD)
    reward = _reward(api, "ann-bob")
    api.agree("/v1/approvals", reward["id"])
    answer = api.call("owner", "POST", "/v1/payouts", json={"rail": "sandbox", "unit": "EUR"})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_due")
    due = {"at": calendar.parse("2026-04-15T00:00:00Z"), "count": 1, "amount": reward["amount"], "unit": "EUR"}
    assert answer.json()["steps"] == [["due", due]]
    when = f"1 reward, {reward['amount'] // 100}.00 EUR, is due on 2026-04-15T00:00:00Z."
    assert answer.json()["detail"] == f"What is approved is due later. {when}"
    assert api.get("/v1/payouts")["items"] == []


def test_a_debt_is_repaid_and_told(api: Api) -> None:
    """Finding 27: what is owed back after a refund is settled over the list of it, and the explanation says so to both sides."""
    api.purchase()
    api.payee("ann-bob", script="succeed")
    reward = _approved(api, "ann-bob")
    payout = _released(api, "sandbox")
    api.until(lambda: _status(api, payout) == "completed")
    api.send(sent.refund("back", "inv-bob", "r1", 20_000))
    assert _reward(api, "ann-bob")["receivable"] == reward["amount"]
    to_settle = api.get("/v1/receivables", id=reward["id"])
    assert [item["amount"] for item in to_settle["items"]] == [reward["amount"]]
    body = {**to_settle, "how": "repaid", "reason": "bank", "reference": "2026-05-04/17"}
    assert api.refused("owner", "/v1/receivables/settlements", {**body, "how": "eaten"})[0] == 422
    api.member("sue", "support")
    assert api.refused("sue", "/v1/receivables/settlements", body) == (403, "not_permitted")
    assert api.say("owner", "/v1/receivables/settlements", body)["verdicts"][0]["outcome"] == "settled"
    assert api.refused("owner", "/v1/receivables/settlements", body) == (409, "exceeds_receivable")
    now = _reward(api, "ann-bob")
    assert (now["receivable"], now["repaid"], now["netted"]) == (0, reward["amount"], reward["amount"])
    repaid = api.get("/v1/ledger/balances", owner="repaid")["items"]
    assert [(one["account"], one["amount"]) for one in repaid] == [("settled", -reward["amount"])]
    told = api.get(f"/v1/explanations/{reward['id']}")
    assert "receivable.settled" in {one["type"] for one in told["decisions"]}
    assert any("You have paid back" in one["beneficiary"] for one in told["sentences"])
    assert api.run(audit.verify(api.goodword.pool, api.ws)).differences == ()


def test_a_payout_goes_over_the_sandbox_rail_and_the_ledger_balances(api: Api) -> None:
    """Approved, due, drafted, released, completed: the reward is paid, what was sent is settled, all sums are zero."""
    api.purchase()
    api.payee("ann-bob", script="succeed")
    reward = _approved(api, "ann-bob")
    payout = _released(api, "sandbox")
    api.until(lambda: _status(api, payout) == "completed")
    assert _reward(api, "ann-bob")["status"] == "paid"
    settled = api.get("/v1/ledger/balances", account="settled")["items"]
    assert [(one["owner"], one["amount"]) for one in settled] == [("sandbox", reward["amount"])]
    assert api.get("/v1/ledger/trial-balance")["balanced"]
    told = api.get(f"/v1/explanations/{payout}")
    assert {one["type"] for one in told["decisions"]} == {
        "conversion.recorded",
        "approval.given",
        "payout.released",
        "payout.answered",
    }
    assert all(one["beneficiary"] and one["finance"] for one in told["sentences"])


def test_what_a_person_says_came_back_is_approved_by_another(api: Api) -> None:
    """Returned by the bank, says who released it: the reward is in review, theirs to approve no longer, and due as it was."""
    api.purchase()
    api.payee("ann-bob", "bank_file", name="Ann", iban="DE02120300000000202051")
    api.member("ben", "approver")
    _approved(api, "ann-bob")
    due_at = _reward(api, "ann-bob")["due_at"]
    payout = _released(api, "bank_file")
    api.until(lambda: _status(api, payout) == "processing")
    for outcome in ("sent", "completed", "returned"):
        api.say("owner", f"/v1/payouts/{payout}/answer", {"outcome": outcome})
    reward = _reward(api, "ann-bob")
    assert reward["status"] == "in_review"
    frozen = api.get("/v1/approvals", id=reward["id"])
    assert api.refused("owner", "/v1/approvals", frozen) == (403, "own_work")
    assert api.say("ben", "/v1/approvals", frozen)["verdicts"][0]["outcome"] == "approved"
    assert _reward(api, "ann-bob")["due_at"] == due_at


def test_a_payout_by_bank_file_waits_for_what_a_person_says(api: Api) -> None:
    """The file has each waiting payout, harmless to a spreadsheet; answered, it leaves the file."""
    api.purchase()
    api.payee("ann-bob", "bank_file", name="=cmd()", iban="DE02120300000000202051", bic="BYLADEM1001")
    _approved(api, "ann-bob")
    payout = _released(api, "bank_file")
    api.until(lambda: _status(api, payout) == "processing")
    for _ in range(2):
        lines = api.call("owner", "GET", "/v1/payouts/bank-file").text.splitlines()
        assert lines[1:] == [f"{payout},'=cmd(),DE02120300000000202051,BYLADEM1001,20.00,EUR,main"]
    api.say("owner", f"/v1/payouts/{payout}/answer", {"outcome": "sent", "reference": "batch-7"})
    assert len(api.call("owner", "GET", "/v1/payouts/bank-file").text.splitlines()) == 1
    api.say("owner", f"/v1/payouts/{payout}/answer", {"outcome": "completed"})
    assert api.refused("owner", f"/v1/payouts/{payout}/answer", {"outcome": "failed"}) == (409, "wrong_state")


def test_a_draft_can_be_taken_back(api: Api) -> None:
    """Canceled before the release its rewards stay approved and can be drafted again."""
    api.purchase()
    api.payee("ann-bob", script="succeed")
    _approved(api, "ann-bob")
    api.say("sk", "/v1/payouts", {"rail": "sandbox", "unit": "EUR"})
    payout = api.get("/v1/payouts")["items"][0]["id"]
    api.say("owner", f"/v1/payouts/{payout}/cancel", {"reason": "wrong_month"})
    assert _reward(api, "ann-bob")["status"] == "approved"
    assert api.say("owner", "/v1/payouts", {"rail": "sandbox", "unit": "EUR"})["verdicts"][0]["outcome"] == "drafted"


def test_lists_come_in_pages_that_have_everything_once(api: Api) -> None:
    """Following the cursor gives every item once, in order, whatever the limit."""
    for friend in ("bob", "carl", "dora"):
        api.purchase(friend)
    for path in ("/v1/rewards", "/v1/advocates", "/v1/ledger/balances", "/v1/ledger/postings", "/v1/log/entries"):
        whole = api.get(path, limit=200)
        assert whole["after"] is None
        found: list[Any] = []
        after: str | None = None
        while after is not None or not found:
            page = api.get(path, limit=2, **({"after": after} if after else {}))
            found += page["items"]
            after = page["after"]
            if after is None:
                break
        assert found == whole["items"]
        assert len(found) >= 3


def test_a_claim_is_entered_by_one_and_decided_by_another(api: Api) -> None:
    """A service key may enter it; won, it makes the referral with its exact shares; a wrong sum of shares is refused."""
    api.purchase("bob")
    api.purchase("carl")
    api.send({"type": "customer.updated", "id": "u1", "customer_external_id": "eve", "traits": {}})
    program = api.get("/v1/programs")["items"][0]["id"]
    shares = [{"person": api.person(f"ann-{one}"), "numerator": 1, "denominator": 2} for one in ("bob", "carl")]
    body = {
        "program": program,
        "person": api.person("eve"),
        "advocates": shares,
        "lead_at": "2026-03-02T09:00:00Z",
        "reason": "call",
        "note": "Both met her at the fair",
    }
    assert api.refused("sk", "/v1/claims", {**body, "advocates": shares[:1]})[1] == "nothing_to_do"
    claim = api.say("sk", "/v1/claims", body)["verdicts"][0]["subject"]
    assert api.refused("sk", f"/v1/claims/{claim}/decision", {"outcome": "won", "reason": "call"})[0] == 403
    api.say("owner", f"/v1/claims/{claim}/decision", {"outcome": "won", "reason": "call"})
    referral = api.get("/v1/referrals", friend=api.person("eve"))["items"][0]
    assert [(one["numerator"], one["denominator"]) for one in referral["shares"]] == [(1, 2), (1, 2)]


def test_programs_are_paused_resumed_and_ended(api: Api) -> None:
    """Each step is allowed from where the program stands; from its end there is none."""
    program = api.get("/v1/programs")["items"][0]["id"]
    for step, status in (("pause", "paused"), ("resume", "active"), ("end", "ended")):
        api.say("owner", f"/v1/programs/{program}/{step}", None)
        assert api.get("/v1/programs")["items"][0]["status"] == status
    assert api.refused("owner", f"/v1/programs/{program}/resume", None) == (409, "wrong_state")


def test_the_log_proves_itself_to_who_only_reads(api: Api) -> None:
    """The head is signed; an entry is proved to be in it, and an earlier head to be its beginning."""
    api.purchase()
    api.run(api.goodword.worker.sign_heads())
    old = api.get("/v1/log/head")
    api.purchase("carl")
    api.run(api.goodword.worker.sign_heads())
    head = api.get("/v1/log/head")
    message = head_bytes(head["workspace"], head["size"], bytes.fromhex(head["root"]), head["as_of"])
    assert vault.verify(head["public"], message, bytes.fromhex(head["signature"]))
    one = api.get("/v1/log/inclusion", position=3, size=head["size"])
    proof = [bytes.fromhex(part) for part in one["proof"]]
    assert verify_inclusion(2, head["size"], bytes.fromhex(one["leaf"]), proof, bytes.fromhex(head["root"]))
    both = api.get("/v1/log/consistency", old=old["size"], new=head["size"])
    proof = [bytes.fromhex(part) for part in both["proof"]]
    roots = bytes.fromhex(old["root"]), bytes.fromhex(head["root"])
    assert old["size"] < head["size"]
    assert verify_consistency(old["size"], head["size"], *roots, proof)


def test_an_event_is_found_by_its_own_id_and_by_its_senders(api: Api) -> None:
    """Both give the same decision; an unknown one is 404."""
    api.purchase()
    found = api.get("/v1/events/order-bob")
    assert found["status"] == "decided"
    assert api.get(f"/v1/events/{found['evt']}") == found
    assert api.call("owner", "GET", "/v1/events/evt_0").status_code == 404


def test_a_workspace_is_made_beside_by_its_owner_only(api: Api) -> None:
    """The owner gets a sandbox with keys of its own; what happens there stays there."""
    body = {"name": "trial", "clock": "events", "starts_at": "2020-01-01T00:00:00Z"}
    assert api.refused("sk", "/v1/workspaces", body)[0] == 403
    made = api.say("owner", "/v1/workspaces", body)
    assert api.call(made["owner_key"], "GET", "/v1/programs").json()["items"] == []
    assert api.call(made["owner_key"], "GET", "/v1/clock").json()["now"] == "2020-01-01T00:00:00Z"
    assert api.refused(made["owner_key"], "/v1/clock", {"to": DUE}) == (409, "clock_not_manual")
