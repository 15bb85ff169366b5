"""What banks answer about names and accounts, over HTTP and from a terminal: of doubt a person is asked, and no name is in the log."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from tests.api.conftest import Api, Command

from goodword.app.errors import InvalidError
from goodword.app.proof.audit import verify
from goodword.app.say import payees
from goodword.store.api_keys import api_key_hash

IBAN = "DE89370400440532013000"
NAME = "Anna Marie Exempel"


def _released(api: Api) -> dict[str, Any]:
    """A payout of ann's that waits for the bank; max decides cases, and entered nothing."""
    api.purchase("bob")
    api.member("max", "approver")
    api.payee("ann-bob", "bank_file", name="Ann Example", iban=IBAN)
    api.move("2026-05-01T00:00:00Z")
    (reward,) = [it for it in api.get("/v1/rewards")["items"] if it["side"] == "advocate"]
    api.agree("/v1/approvals", reward["id"])
    api.move("2026-08-01T00:00:00Z")
    api.say("sk", "/v1/payouts", {"rail": "bank_file", "unit": "EUR"})
    (made,) = api.get("/v1/payouts")["items"]
    api.agree("/v1/payouts/release", made["id"])
    api.until(lambda: api.get(f"/v1/payouts/{made['id']}")["status"] == "processing")
    return dict(made)


def _check(api: Api, who: str = "sk", **said: Any) -> Any:
    path = f"/v1/people/{api.person('ann-bob')}/payee/checks"
    return api.call(who, "POST", path, json={"provider": "mybank", **said})


def test_a_doubtful_answer_keeps_a_payout_out_of_the_file_until_a_person_decides(api: Api) -> None:
    """A server says what its bank answered; the payout is in no file meanwhile, is named, and is there once it is cleared."""
    payout = _released(api)
    assert api.get(f"/v1/people/{api.person('ann-bob')}/payee")["check"] is None
    said = _check(api, answer="close_match", iban="DE89 3704 0044 0532 0130 00", suggested=NAME)
    assert said.status_code == 200, said.text
    found = api.get(f"/v1/people/{api.person('ann-bob')}/payee")
    assert (found["check"]["answer"], found["check"]["suggested"], found["stopped"]) == (
        "close_match",
        True,
        "payee_asked",
    )
    assert found["suggested_name"] == NAME
    assert api.get(f"/v1/people/{api.person('ann-bob')}/payee", "max")["suggested_name"] is None
    file = api.call("owner", "GET", "/v1/payouts/bank-file")
    assert payout["id"] not in file.text
    assert file.headers["x-goodword-left-out"] == payout["id"]
    assert api.get(f"/v1/cases/{found['case']}")["kind"] == "payee_check"
    api.say("max", f"/v1/cases/{found['case']}/decision", {"outcome": "cleared", "reason": "other"})
    assert payout["id"] in api.call("owner", "GET", "/v1/payouts/bank-file").text
    assert api.get(f"/v1/people/{api.person('ann-bob')}/payee")["stopped"] is None
    directory = api.goodword.directory
    log = [leaf for (leaf,) in api.rows("select convert_from(leaf, 'UTF8') from log where workspace_id = $1")]
    assert any("payee.checked" in leaf for leaf in log)
    assert not any(NAME in leaf for leaf in log)
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences


def test_an_account_that_is_anothers_is_not_paid_to_under_a_new_name(api: Api) -> None:
    """Details with the same IBAN and another name are other details, and go nowhere; the log has no IBAN."""
    _released(api)
    _check(api, answer="no_match", iban=IBAN)
    path = f"/v1/people/{api.person('ann-bob')}/payee"
    api.say("max", f"/v1/cases/{api.get(path)['case']}/decision", {"outcome": "confirmed", "reason": "other"})
    api.payee("ann-bob", "bank_file", name="Ann B. Example", iban=IBAN)
    assert api.get(path)["stopped"] == "payee_refused"
    api.payee("ann-bob", "bank_file", name="Ann B. Example", iban="GB82WEST12345698765432")
    assert api.get(path)["stopped"] is None
    assert not [
        leaf
        for (leaf,) in api.rows("select convert_from(leaf, 'UTF8') from log where workspace_id = $1")
        if IBAN in leaf
    ]
    directory = api.goodword.directory
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences


def test_an_answer_about_other_details_is_refused(api: Api) -> None:
    """By destination or by IBAN: what was asked about other details, or with neither or both, is not kept."""
    _released(api)
    there = api.get(f"/v1/people/{api.person('ann-bob')}/payee")["destination"]
    for given, code in (
        ({"iban": "GB82WEST12345698765432"}, "item_changed"),
        ({"destination": "0" * 64}, "item_changed"),
        ({}, "invalid_request"),
        ({"iban": IBAN, "destination": there}, "invalid_request"),
        ({"iban": IBAN, "suggested": NAME}, "invalid_request"),
    ):
        answer = _check(api, answer="match", **given)
        assert answer.json()["code"] == code, (given, answer.text)
    assert api.get(f"/v1/people/{api.person('ann-bob')}/payee")["check"] is None
    assert _check(api, answer="not_possible", destination=there).status_code == 200


def test_a_file_of_answers_is_tried_taken_and_taken_once(api: Api, goodword: Command, tmp_path: Path) -> None:
    """Each row becomes what the dry run said; the same file again changes nothing; rows that nobody can be found for are named."""
    _released(api)
    file, key = tmp_path / "answers.csv", api.keys["owner"]
    file.write_text(
        "iban;name;answer;suggested;at\n"
        f"DE89 3704 0044 0532 0130 00;Ann Example;CMTC;{NAME};2026-08-01T00:00:00Z\n"
        f"{IBAN};Somebody Else;MTCH;;2026-08-01T00:00:00Z\n"
        "GB82WEST12345698765432;Ann Example;NMTC;;2026-08-01T00:00:00Z\n",
        encoding="utf-8",
    )
    counts = {"taken": 1, "repeated": 0, "unknown": 1, "other_name": 1, "several": 0, "refused": 0}
    said = ["payees", "verify", str(file), "--provider", "mybank", "--key", key or "", "--json"]
    for more in (["--dry-run"], []):
        done = goodword(*said, *more)
        assert done.returncode == 1, done.stderr
        assert json.loads(done.stdout)["counts"] == counts
        assert NAME not in done.stdout
    found = api.get(f"/v1/people/{api.person('ann-bob')}/payee")
    assert (found["check"]["answer"], found["suggested_name"]) == ("close_match", NAME)
    directory = api.goodword.directory
    who = api.run(directory.principal(api_key_hash(key or "")))

    def take(text: str, at: str | None = None) -> payees.Sheet:
        """The file as it stands, or of this text, taken in the process."""
        sheet: payees.Sheet = api.run(payees.take(who, directory, io.BytesIO(text.encode()), "mybank", at))
        return sheet

    assert take(file.read_text(encoding="utf-8")).counts == counts | {"taken": 0, "repeated": 1}
    for text, at, wrong in (
        (f"iban,answer\n{IBAN},MTCH\n", None, "line 2: at"),
        (f"iban,answer\n{IBAN},perhaps\n", "2026-08-02", "line 2: answer"),
        (f"iban\n{IBAN}\n", "2026-08-02", "no column answer"),
        (f"iban,answer\n{IBAN},MTCH\n", "0001-01-01", "line 2: at"),
        (f"iban,answer\n{IBAN},MTCH\n", "9999-12-31", "line 2: at"),
    ):
        with pytest.raises(InvalidError, match=wrong):
            take(text, at)
    assert take(f"iban,answer\n{IBAN},RCVC\n", "2026-08-01T00:01:00Z").counts["taken"] == 1
    late = take(f"iban,answer\n{IBAN},NMTC\n", "2026-08-02")
    assert [(it.became, it.refusal) for it in late.rows] == [("refused", "in_future")]


def test_an_answer_about_who_was_merged_away_stops_whom_they_go_on_as(api: Api) -> None:
    """Both accounts had the same details: an answer about either, by file or by its digest, keeps money from who they are now."""
    for friend in ("bob", "eve"):
        api.purchase(friend)
        api.payee(f"ann-{friend}", "bank_file", name="Ann Example", iban=IBAN)
    gone, keep = api.person("ann-bob"), api.person("ann-eve")
    before = api.get(f"/v1/people/{gone}/payee")["destination"]
    api.say("owner", f"/v1/people/{keep}/merges", {"gone": gone, "reason": "same_person", "note": "n"})
    who, directory = api.run(api.goodword.directory.principal(api_key_hash(api.keys["sk"]))), api.goodword.directory
    rows = f"iban,name,answer\n{IBAN},Ann Example,no_match\n"
    sheet = api.run(payees.take(who, directory, io.BytesIO(rows.encode()), "mybank", "2026-03-02T09:00:00Z"))
    assert (sheet.counts["taken"], sheet.counts["several"], sheet.cases) == (1, 0, 1)
    assert api.get(f"/v1/people/{keep}/payee")["stopped"] == "payee_asked"
    body = {"provider": "other", "answer": "match", "destination": before}
    said = api.call("sk", "POST", f"/v1/people/{gone}/payee/checks", json=body)
    assert said.status_code == 200, said.text
    assert api.get(f"/v1/people/{keep}/payee")["check"]["provider"] == "other"
    other = {**body, "destination": "0" * 64}
    assert api.call("sk", "POST", f"/v1/people/{gone}/payee/checks", json=other).json()["code"] == "item_changed"
