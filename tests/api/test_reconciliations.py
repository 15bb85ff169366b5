"""Files of the bank over HTTP and from a terminal: shown before they are taken, taken once, nothing of other lines is kept."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from testkit import banking
from testkit.banking import OURS, Booked
from tests.api.conftest import Api, Command

from goodword.app import see
from goodword.app.errors import ConflictError
from goodword.app.principal import Principal
from goodword.app.proof.audit import verify
from goodword.app.say import statements
from goodword.core.facts import Actor
from goodword.sources.bank import events

IBAN = "DE89370400440532013000"
RENT = Booked(named="RENT-11", amount=-80_000, text="Ursula Miller, flat 4", other=banking.THEIRS)


def test_what_may_have_left_stands_in_no_file_for_the_bank(api: Api, payout: dict[str, Any]) -> None:
    """After a debit to another account the payout is left out and named while its case is open; after that it is there again."""
    api.payee("ann-bob", "bank_file", name="Ann", iban=IBAN)
    api.say("paula", "/v1/reconciliations", body(banking.camt([left(payout, other=banking.THEIRS)])))
    (case,) = [it for it in api.get("/v1/cases")["items"] if it["kind"] == "bank_line"]
    answer = api.call("owner", "GET", "/v1/payouts/bank-file")
    assert answer.headers["x-goodword-left-out"] == payout["id"]
    assert payout["id"] not in answer.text
    none = api.call("owner", "GET", "/v1/payouts/bank-file", params={"format": "paypal"}).json()
    assert (none["code"], [(it["path"], it["found"]) for it in none["errors"]]) == (
        "nothing_for_bank",
        [(payout["id"], "case_open")],
    )
    api.say("max", f"/v1/cases/{case['id']}/decision", {"outcome": "cleared", "reason": "never_left"})
    assert payout["id"] in api.call("owner", "GET", "/v1/payouts/bank-file").text


def test_a_csv_that_was_read_wrongly_can_be_taken_rightly(api: Api, payout: dict[str, Any]) -> None:
    """Columns that were mistaken say nothing of a payout, or another amount: with the right mapping the same file completes it."""
    data = banking.columns([left(payout)])
    wrong = banking.MAPPING.replace("text: Zweck", "text: Tag")
    assert api.say("paula", "/v1/reconciliations", body(data, wrong))["others"] == 1
    for turn, became in enumerate(("matched", "repeated")):
        done = api.say("paula", "/v1/reconciliations", body(data, banking.MAPPING))
        assert (done["counts"][became], done["others"]) == (1, 0), turn
    assert api.get(f"/v1/payouts/{payout['id']}")["status"] == "completed"
    assert sorted((it["others"], it["matched"]) for it in api.get("/v1/reconciliations", "paula")["items"]) == [
        (0, 1),
        (1, 0),
    ]


@pytest.fixture
def payout(api: Api) -> dict[str, Any]:
    """A payout that is with the bank; paula may answer it, max approves."""
    api.purchase("bob")
    api.member("paula", "payer")
    api.member("max", "approver")
    api.payee("ann-bob", "bank_file", name="Ann", iban=IBAN)
    api.move("2026-05-01T00:00:00Z")
    (reward,) = [it for it in api.get("/v1/rewards")["items"] if it["side"] == "advocate"]
    api.say("max", f"/v1/rewards/{reward['id']}/looks", {"seconds": 3})
    api.agree("/v1/approvals", reward["id"], who="max")
    api.move("2026-08-01T00:00:00Z")
    api.say("sk", "/v1/payouts", {"rail": "bank_file", "unit": "EUR"})
    (made,) = api.get("/v1/payouts")["items"]
    api.agree("/v1/payouts/release", made["id"])
    api.until(lambda: api.get(f"/v1/payouts/{made['id']}")["status"] == "processing")
    return dict(api.get(f"/v1/payouts/{made['id']}"))


def body(data: bytes, mapping: str | None = None) -> dict[str, Any]:
    """A file as the operation takes it."""
    return {"file": base64.b64encode(data).decode(), "mapping": mapping}


def left(payout: dict[str, Any], **more: Any) -> Booked:
    """The line that says that it left."""
    return Booked(named=payout["id"], amount=-payout["amount"], **{"other": IBAN, **more})


def test_a_file_is_shown_and_then_taken_once(api: Api, payout: dict[str, Any]) -> None:
    """The sheet before and behind is the same; the payout is completed once; of other lines nothing is stored, and the log verifies."""
    path, file = "/v1/reconciliations", body(banking.camt([RENT, left(payout)]))
    shown = api.say("paula", f"{path}/preview", file)
    assert api.get(f"/v1/payouts/{payout['id']}")["status"] == "processing"
    assert api.get(path, "paula")["items"] == []
    done = api.say("paula", path, file)
    assert {**done, "taken": False} == shown
    assert (done["counts"]["matched"], done["others"], done["lines"], done["statements"][0]["account"]) == (
        1,
        1,
        2,
        OURS[-4:],
    )
    assert done["moved"] == [{"unit": "EUR", "left": payout["amount"], "back": 0}]
    assert api.get(f"/v1/payouts/{payout['id']}")["status"] == "completed"
    before = api.get("/v1/log/entries", limit=200)["items"]
    again = api.say("owner", path, file)
    assert (again["counts"]["repeated"], again["counts"]["matched"]) == (1, 0)
    assert api.get("/v1/log/entries", limit=200)["items"] == before
    notice = api.say("paula", path, body(banking.camt([left(payout)], form="camt.054", number="N1")))
    assert notice["counts"]["repeated"] == 1
    (taken, other) = api.get(path, "paula")["items"]
    assert {taken["format"], other["format"]} == {"camt.053", "camt.054"}
    (booking,) = api.get(f"/v1/payouts/{payout['id']}/bookings")["items"]
    assert (booking["said"], booking["amount"], booking["differs"]) == ("booked", -payout["amount"], None)
    everything = json.dumps([api.get("/v1/log/entries", limit=200), api.get(path, "paula")])
    assert not any(text in everything for text in ("Miller", "RENT", banking.THEIRS, OURS))
    directory = api.goodword.directory
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences


def test_what_differs_is_a_case_with_the_line(api: Api, payout: dict[str, Any]) -> None:
    """Another account, or another amount, leaves the payout as it is; the case tells the line, and closing it takes no reward."""
    path = "/v1/reconciliations"
    done = api.say("paula", path, body(banking.camt([left(payout, other=banking.THEIRS)])))
    assert [(row["became"], row["differs"]) for row in done["rows"]] == [("differing", "account")]
    (case,) = api.get("/v1/cases")["items"]
    assert (case["kind"], case["subject"], case["id"]) == ("bank_line", payout["id"], done["rows"][0]["case"])
    assert api.get(f"/v1/payouts/{payout['id']}")["status"] == "processing"
    api.say("owner", f"/v1/cases/{case['id']}/decision", {"outcome": "confirmed", "reason": "mistake"})
    assert api.get("/v1/rewards", status="processing")["items"]
    gone = api.say("paula", path, body(banking.pain([(payout["id"], "RJCT", "AC04")])))
    assert (gone["counts"]["matched"], gone["rows"][0]["why"]) == (1, "AC04: the account is closed")
    now = api.get(f"/v1/payouts/{payout['id']}")
    assert (now["status"], now["reason"]) == ("failed", "AC04")
    assert api.refused("paula", "/v1/payouts", {"rail": "bank_file", "unit": "EUR"})[1] == "nothing_to_do"
    directory = api.goodword.directory
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences


def test_a_file_that_cannot_be_taken_says_where(api: Api, payout: dict[str, Any]) -> None:
    """What does not add up, is no file of a bank or no base64 is refused with what to do, and nothing of it is taken."""
    path = "/v1/reconciliations"
    for wrong, code in (
        (body(banking.camt([left(payout)], closing=1)), "bank_file_invalid"),
        (body(b"hello"), "bank_file_invalid"),
        (body(banking.columns([left(payout)]), "columns: {}"), "bank_file_invalid"),
        ({"file": "%%"}, "invalid_request"),
    ):
        assert api.refused("paula", path, wrong) == (422, code)
    answer = api.call("paula", "POST", path, json=body(banking.camt([left(payout)], closing=1)))
    assert "balance_differs: Stmt 1: its lines do not lead" in answer.json()["detail"]
    assert api.get(f"/v1/payouts/{payout['id']}")["status"] == "processing"
    for who in ("max", "sk"):
        assert api.refused(who, path, body(banking.camt([left(payout)]))) == (403, "not_permitted")


def test_who_is_limited_to_programs_sees_no_statement(api: Api, payout: dict[str, Any]) -> None:
    """It speaks of all; whoever else may see payouts sees what was taken."""
    api.say("paula", "/v1/reconciliations", body(banking.camt([left(payout)])))
    workspace, directory = api.run(api.goodword.directory.workspace(api.ws)), api.goodword.directory
    for programs, many in (((), 1), (("prg_1",), 0)):
        actor = Actor(id="mem_1", kind="member", roles=("auditor",), programs=programs)
        found = api.run(see.statements.newest(Principal("session", workspace, actor), directory))
        assert len(found) == many


def test_a_terminal_takes_a_file(api: Api, payout: dict[str, Any], goodword: Command, tmp_path: Path) -> None:
    """--dry-run changes nothing; without it the payout is completed; a line that needs a person ends with 1."""
    file, mapping = tmp_path / "bank.csv", tmp_path / "mapping.yaml"
    file.write_bytes(banking.columns([RENT, left(payout)]))
    mapping.write_text(banking.MAPPING)
    key = api.keys["paula"] or ""
    said = ["reconcile", str(file), "--mapping", str(mapping), "--key", key]
    assert "nothing was kept" in goodword(*said, "--dry-run").stdout
    assert api.get(f"/v1/payouts/{payout['id']}")["status"] == "processing"
    assert "2 lines, 1 about no payout; 1 matched" in goodword(*said).stdout
    assert api.get(f"/v1/payouts/{payout['id']}")["status"] == "completed"


def test_a_long_file_goes_on_where_it_stopped_and_a_gap_is_told(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupted between two events, the same file takes the rest; the list says how far it is, and what does not follow is told."""
    api.member("paula", "payer")
    monkeypatch.setattr(events, "MOST", 2)
    lines = [Booked(named=f"pay_01M8J8Z5J4HKABSC2XMQ5WQVM{n}", amount=-100 - n) for n in range(5)]
    path, file = "/v1/reconciliations", body(banking.camt([*lines, RENT], number="A"))
    kept, calls = statements.say, list[int]()

    async def twice(*args: Any, **more: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise ConflictError("wrong_state", "cut")
        return await kept(*args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(statements, "say", twice)
        assert api.refused("paula", path, file)[1] == "wrong_state"
    (statement,) = api.get(path, "paula")["items"]
    assert (statement["taken"], statement["lines"], statement["unknown"]) == (2, 6, 2)
    done = api.say("paula", path, file)
    assert (done["counts"]["repeated"], done["counts"]["unknown"], done["others"]) == (2, 3, 1)
    (statement,) = api.get(path, "paula")["items"]
    assert (statement["taken"], statement["unknown"], statement["others"]) == (6, 5, 1)
    assert len(api.get("/v1/cases")["items"]) == 5
    end = statement["closing"]
    for opening, gap in ((end, None), (end + 1, end)):
        later = banking.camt([Booked(named="RENT", amount=-1, day="2026-12-01")], opening=opening, number=f"B{opening}")
        assert api.say("paula", f"{path}/preview", body(later))["statements"][0]["gap_to"] == gap


def test_only_who_may_take_a_file_sends_a_large_one(api: Api) -> None:
    """A body of two million bytes is read of a payer; of a key that takes no files it is too large, before anything looks at it."""
    api.member("paula", "payer")
    large = {"file": base64.b64encode(b"x" * 1_500_000).decode()}
    for path in ("/v1/reconciliations", "/v1/reconciliations/preview"):
        assert api.refused("paula", path, large) == (422, "bank_file_invalid")
        assert api.refused("sk", path, large) == (413, "too_large")
