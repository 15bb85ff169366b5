"""Corrections over HTTP and from a terminal: tried, entered once, approved by another, paid; and a payout that arrived after all."""

from typing import Any

from click.testing import CliRunner
from testkit import sent
from tests.api.conftest import Api

from goodword.app.proof.audit import verify
from goodword.cli import main


def _body(api: Api, **more: Any) -> dict[str, Any]:
    slug = api.get("/v1/programs")["items"][0]["slug"]
    return {
        "program": slug,
        "person": "ann",
        "origin": "goodwill",
        "amount": 2_500,
        "currency": "EUR",
        "why": "A long wait.",
        **more,
    }


def _sound(api: Api) -> None:
    directory = api.goodword.directory
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences


def _approve(api: Api, who: str, reward: str) -> Any:
    api.say(who, f"/v1/rewards/{reward}/looks", {"seconds": 3})
    return api.agree("/v1/approvals", reward, who=who)


def test_a_correction_goes_from_its_preview_to_an_explained_payment(api: Api) -> None:
    """Nothing is kept of a preview; the same key enters one; who entered it does not approve it; what was typed is kept sealed."""
    api.send(sent.enrolled("a", "ann", "ANN"))
    api.member("max", "approver")
    api.payee("ann", script="succeed", name="Ann")
    shown = api.say("owner", "/v1/corrections/preview", _body(api))
    assert [(it["was"], it["now"], it["unit"]) for it in shown["moves"]] == [(0, 2_500, "EUR")]
    assert api.get("/v1/rewards")["items"] == []
    body = _body(api, document="https://support.example/tickets/4711")
    first, again = (api.say("owner", "/v1/corrections", body, key="once")["verdicts"][0] for _ in range(2))
    assert first == again
    (reward,) = api.get("/v1/rewards")["items"]
    assert (reward["id"], reward["origin"], reward["status"], reward["document"], reward["conversion"]) == (
        first["subject"],
        "goodwill",
        "in_review",
        "https://support.example/tickets/4711",
        "",
    )
    record = api.get(f"/v1/rewards/{reward['id']}/record")
    assert record["lacks"] == ["approval_record"]
    assert "expected" in record["to_payee"]
    api.say("owner", f"/v1/rewards/{reward['id']}/looks", {"seconds": 3})
    assert api.refused("owner", "/v1/approvals", api.get("/v1/approvals", id=[reward["id"]]))[1] == "own_work"
    assert _approve(api, "max", reward["id"])["verdicts"][0]["outcome"] == "approved"
    notes = [
        api.get(f"/v1/notes/{one['note']}") for one in api.get("/v1/log/entries", limit=200)["items"] if one["note"]
    ]
    assert [note["text"] for note in notes] == ["A long wait."]
    _sound(api)


def test_what_cannot_be_meant_is_told_by_its_field(api: Api) -> None:
    """A person or program that there is not, an amount of nothing, a kind without its currency, a server's key."""
    api.send(sent.enrolled("a", "ann", "ANN"))
    for wrong, code in (
        ({"person": "nobody at all"}, "person_unknown"),
        ({"program": "none"}, "unknown_program"),
        ({"puts_right": "rwd_06F9V3QXK0QZ7M1Y2N8T4R5W6E"}, "not_found"),
        ({"origin": "exchange"}, "wrong_state"),
        ({"amount": 0}, "invalid_request"),
        ({"origin": "present"}, "invalid_request"),
        ({"currency": None}, "invalid_request"),
        ({"kind": "points"}, "invalid_request"),
    ):
        assert api.refused("owner", "/v1/corrections", _body(api, **wrong))[1] == code, wrong
    assert api.refused("sk", "/v1/corrections", _body(api)) == (403, "not_permitted")


def test_a_payout_that_failed_and_arrived_is_completed_by_two_and_not_sent_again(api: Api) -> None:
    """One says it and another; the next draft has nothing to send, and the books stand as the log says."""
    api.purchase("bob")
    for name in ("paula", "olga2"):
        api.member(name, "payer", "approver")
    api.payee("ann-bob", "bank_file", name="Ann", iban="DE89370400440532013000")
    api.move("2026-05-01T00:00:00Z")
    (reward,) = [it for it in api.get("/v1/rewards")["items"] if it["side"] == "advocate"]
    _approve(api, "owner", reward["id"])
    api.move("2026-08-01T00:00:00Z")
    api.say("paula", "/v1/payouts", {"rail": "bank_file", "unit": "EUR"})
    (payout,) = api.get("/v1/payouts")["items"]
    api.agree("/v1/payouts/release", payout["id"])
    path = f"/v1/payouts/{payout['id']}"
    api.until(lambda: api.get(path)["status"] == "processing")
    body = {"amount": payout["amount"], "unit": "EUR", "why": "It is on the statement.", "reference": "4711"}
    assert api.refused("paula", f"{path}/arrival", body)[1] == "wrong_state"
    api.say("paula", f"{path}/answer", {"outcome": "failed", "reason": "account_closed"})
    assert api.refused("paula", f"{path}/answer", {"outcome": "completed"})[1] == "wrong_state"
    assert api.say("paula", f"{path}/arrival/preview", body)["verdicts"][0]["outcome"] == "second_person_needed"
    assert api.say("paula", f"{path}/arrival", body)["verdicts"][0]["outcome"] == "second_person_needed"
    assert len(api.get(path)["arriving"]) == 1
    assert api.refused("paula", f"{path}/arrival", body)[1] == "same_member"
    assert api.say("olga2", f"{path}/arrival", body)["verdicts"][0]["outcome"] == "arrived"
    now = api.get(path)
    assert (now["status"], now["reference"], now["arriving"]) == ("completed", "4711", [])
    assert api.get(f"/v1/rewards/{reward['id']}")["status"] == "paid"
    api.move("2026-09-01T00:00:00Z")
    month = api.get("/v1/audits/months/2026-08")
    assert month["count"] == 1
    assert api.refused("paula", "/v1/payouts", {"rail": "bank_file", "unit": "EUR"})[1] == "nothing_to_do"
    _sound(api)


def test_a_terminal_enters_one_and_shows_first_what_would_come_of_it(api: Api) -> None:
    """With --preview nothing is entered; without it is, and what is said is told in words."""
    api.send(sent.enrolled("a", "ann", "ANN"))
    at = ["--url", api.url, "--key", api.keys["owner"] or ""]
    slug = api.get("/v1/programs")["items"][0]["slug"]
    said = [
        "correction",
        "enter",
        "ann",
        "goodwill",
        "25.00",
        "--currency",
        "EUR",
        "--program",
        slug,
        "--why",
        "A long wait.",
    ]
    tried = CliRunner().invoke(main, [*said, "--preview", *at])
    assert (tried.exit_code, "25.00" in tried.output) == (0, True), tried.output
    assert api.get("/v1/rewards")["items"] == []
    done = CliRunner().invoke(main, [*said, *at])
    assert done.exit_code == 0, done.output
    assert "gesture of goodwill" in done.output
    assert [it["amount"] for it in api.get("/v1/rewards")["items"]] == [2_500]
    wrong = CliRunner().invoke(main, ["correction", "enter", "ann", "goodwill", "25.001", *said[5:], *at])
    assert (wrong.exit_code, "no amount" in wrong.output) == (2, True), wrong.output
