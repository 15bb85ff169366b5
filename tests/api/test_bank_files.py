"""Files for the bank over HTTP and from the command line: each format from the released payouts, and the account that is paid from."""

import base64
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from testkit import banking
from testkit.product import Product
from tests.api.conftest import Api
from tests.rails.test_files import rule_check

from goodword.app import see
from goodword.app.principal import Principal
from goodword.app.proof.audit import verify
from goodword.core.facts import Actor
from goodword.core.state import Change
from goodword.outbound import files
from goodword.store import entities

PATH = "/v1/payouts/bank-file"
ANN = {"name": "Ann Müller", "iban": "FR1420041010050500013M02606", "town": "Paris", "country": "FR"}
CID = {"name": "Cid", "account": "000-12345", "bank": "011401533"}
FROM = {"name": "Acme & Söhne", "iban": "DE02 1203 0000 0000 2020 51", "town": "Berlin", "country": "DE"}


def _released(api: Api, **friends: dict[str, str]) -> dict[str, str]:
    """Payouts that wait for the bank, by friend, each of 20 euros to who recommended them."""
    for friend, details in friends.items():
        api.purchase(friend)
        api.payee(f"ann-{friend}", "bank_file", **details)
    api.move("2026-04-02T00:00:00Z")
    ids = [
        it["id"]
        for friend in friends
        for it in api.get("/v1/rewards", status="in_review", beneficiary=f"ann-{friend}")["items"]
    ]
    api.agree("/v1/approvals", *ids)
    api.move("2026-06-01T00:00:00Z")
    api.say("owner", "/v1/payouts", {"rail": "bank_file", "unit": "EUR"})
    payouts = {it["beneficiary"]: it["id"] for it in api.get("/v1/payouts")["items"]}
    api.agree("/v1/payouts/release", *payouts.values())
    api.until(lambda: len(api.get("/v1/payouts", status="processing")["items"]) == len(friends))
    return {friend: payouts[api.person(f"ann-{friend}")] for friend in friends}


def _give(api: Api, details: dict[str, str], who: str = "owner") -> Any:
    return api.call(who, "PUT", "/v1/debtor", json={"details": details})


def _refused(api: Api, **asked: Any) -> Any:
    answer = api.call("owner", "GET", PATH, params=asked)
    assert answer.status_code == 422, answer.text
    return answer.json()


def test_a_message_for_sepa_has_what_was_released(api: Api, tmp_path: Path) -> None:
    """Once the account that is paid from is there: the same payouts, to the cent, on the day asked for; from the command line, too."""
    payouts = _released(api, bob=ANN, cid=ANN | {"name": "Cid", "iban": "DE89370400440532013000"})
    missing = _refused(api, format="pain.001")
    assert missing["code"] == "debtor_missing"
    assert {it["path"] for it in missing["errors"]} == {"debtor.name", "debtor.iban", "debtor.town", "debtor.country"}
    assert _give(api, FROM).status_code == 200
    answer = api.call("owner", "GET", PATH, params={"format": "pain.001", "day": "2026-06-03"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml"), answer.text
    assert "x-goodword-left-out" not in answer.headers
    found = rule_check(answer.content)
    assert {reference: (float(amount), account) for reference, (amount, account, _) in found.items()} == {
        payouts["bob"].replace("_", "-"): (20.0, ANN["iban"]),
        payouts["cid"].replace("_", "-"): (20.0, "DE89370400440532013000"),
    }
    assert b"<Dt>2026-06-03</Dt>" in answer.content
    assert b"<Nm>Acme + Sohne</Nm>" in answer.content
    assert _refused(api, format="pain.001", day="2026-06-06")["code"] == "day_not_open"
    assert _refused(api, format="pain.001", day="6 June")["code"] == "invalid_request"
    assert _refused(api, format="pain.002")["code"] == "invalid_request"
    assert _refused(api, format="pain.001", unit="USD")["code"] == "nothing_for_bank"
    more = ["--url", api.url, "--key", api.keys["owner"]]
    done = Product(tmp_path).run("payouts", "file", "--format", "pain.001", "--day", "2026-06-03", *more)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(rule_check(done.stdout.encode())) == 2


def test_what_a_format_cannot_carry_refuses_the_file_by_name(api: Api, tmp_path: Path) -> None:
    """Nothing is dropped without a word: the payout and why are named, and it is left out only where that was said."""
    payouts = _released(api, bob=ANN, cid=CID)
    assert _give(api, FROM).status_code == 200
    refused = _refused(api, format="pain.001")
    assert refused["code"] == "not_in_format"
    assert [(it["path"], it["found"]) for it in refused["errors"]] == [(payouts["cid"], "iban_missing")]
    answer = api.call("owner", "GET", PATH, params={"format": "pain.001", "leave_out": True})
    assert answer.headers["x-goodword-left-out"] == payouts["cid"]
    assert list(rule_check(answer.content)) == [payouts["bob"].replace("_", "-")]
    assert {it["found"] for it in _refused(api, format="paypal")["errors"]} == {"paypal_missing"}
    assert _refused(api, format="paypal", leave_out=True)["code"] == "nothing_for_bank"
    wise = api.call("owner", "GET", PATH, params={"format": "wise", "leave_out": True}).text.splitlines()
    assert wise[1:] == [f"Ann Müller,,{payouts['bob'].replace('_', '-')},PERSON,target,20.00,EUR,EUR,{ANN['iban']}"]
    assert len(api.call("owner", "GET", PATH).text.splitlines()) == 3
    more = ["--url", api.url, "--key", api.keys["owner"]]
    done = Product(tmp_path).run("payouts", "file", "--format", "pain.001", *more)
    assert done.returncode == 1
    assert f"{payouts['cid']}: The payment details have no IBAN" in done.stderr
    done = Product(tmp_path).run("payouts", "file", "--format", "pain.001", "--leave-out", *more)
    assert (done.returncode, done.stderr) == (0, f"not in the file: {payouts['cid']}\n")


def test_an_account_that_changed_since_is_in_no_file_and_named(api: Api) -> None:
    """What was released went to another account: the file does not send it there, nor to the new one."""
    payouts = _released(api, bob=ANN, cid=ANN)
    api.payee("ann-cid", "bank_file", **ANN | {"iban": "GB82WEST12345698765432"})
    answer = api.call("owner", "GET", PATH)
    assert [line.split(",")[0] for line in answer.text.splitlines()[1:]] == [payouts["bob"]]
    assert answer.headers["x-goodword-left-out"] == payouts["cid"]


def test_a_file_that_is_not_what_was_released_does_not_leave(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that sends a cent more is found, and the answer has no file in it."""
    _released(api, bob=ANN)
    right = files.FORMATS["csv"]
    wrong = replace(
        right, write=lambda orders, _: iter(text.replace("20.00", "20.01") for text in right.write(orders, _))
    )
    monkeypatch.setitem(files.FORMATS, "csv", wrong)
    answer = api.call("owner", "GET", PATH)
    assert (answer.status_code, answer.json()["code"]) == (500, "bank_file_differs")
    assert ANN["iban"] not in answer.text


def test_the_account_that_is_paid_from_is_sealed_and_confirmed(api: Api, tmp_path: Path) -> None:
    """Another owner confirms it; payers read it, others do not; the log holds nothing that could be read; a repeat is harmless."""
    api.member("pia", "payer")
    api.member("ana", "approver")
    api.member("ola", "owner")
    once = [api.call("owner", "PUT", "/v1/debtor", json={"details": FROM}, key="once").json() for _ in range(2)]
    assert once[0] == once[1]
    assert once[0]["verdicts"][0]["outcome"] == "second_person_needed"
    state = api.get("/v1/debtor")
    assert (state["debtor"], state["waiting"]["details"]["iban"]) == (None, "DE02120300000000202051")
    assert _refused(api, format="nacha")["code"] == "debtor_missing"
    change = f"/v1/changes/{state['waiting']['change']}/decision"
    assert api.refused("owner", change, {"outcome": "confirmed"}) == (403, "same_member")
    api.say("ola", change, {"outcome": "confirmed"})
    told = api.get("/v1/debtor", who="pia")
    assert (told["waiting"], told["debtor"]["details"]["name"]) == (None, "Acme & Söhne")
    assert told["debtor"]["confirmed_by"]
    assert api.call("ana", "GET", "/v1/debtor").status_code == 403
    assert _give(api, FROM, "pia").status_code == 403
    assert _give(api, FROM).json()["code"] == "nothing_to_do"
    wrong = _give(api, {"iban": "DE02120300000000202052", "town": "x" * 36}).json()
    assert wrong["code"] == "payment_details_invalid"
    assert {it["path"] for it in wrong["errors"]} == {"body.details.name", "body.details.iban", "body.details.town"}
    directory = api.goodword.directory
    rows = api.run(
        directory.pool.fetch("select convert_from(leaf, 'UTF8') as leaf from log where workspace_id = $1", api.ws)
    )
    assert not [row for row in rows if "DE021203" in row["leaf"] or "Acme" in row["leaf"]]
    assert api.run(entities.every(directory.pool, api.ws, Change))
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences
    more = ["--url", api.url, "--key", api.keys["owner"]]
    shown = Product(tmp_path).run("payouts", "debtor", *more)
    assert "DE02120300000000202051" in shown.stdout
    asked = Product(tmp_path).run("payouts", "debtor", "name=Acme", "iban=DE89370400440532013000", *more)
    assert asked.returncode == 0, asked.stderr
    assert "waits for another owner" in Product(tmp_path).run("payouts", "debtor", *more).stdout


def test_a_file_that_left_is_in_the_register_and_refused_it_fails_what_it_pays(api: Api) -> None:
    """Handed out twice it is one file; refused as a whole by its id, each of its payouts fails with the bank's reason."""
    payouts = _released(api, bob=ANN, cid=ANN | {"name": "Cid", "iban": "DE89370400440532013000"})
    assert _give(api, FROM).status_code == 200
    assert not api.get("/v1/bank-files")["items"]
    for _ in range(2):
        body = api.call("owner", "GET", PATH, params={"format": "pain.001"}).content
    (file,) = api.get("/v1/bank-files")["items"]
    assert f"<MsgId>{file['id']}</MsgId>".encode() in body
    assert (file["digest"], file["times"], file["count"]) == (sha256(body).hexdigest(), 2, 2)
    assert (file["sums"], file["states"], file["refused_at"]) == ({"EUR": 4_000}, {"processing": 2}, None)
    assert file["debtor"]
    assert sorted(api.get(f"/v1/bank-files/{file['id']}")["payouts"]) == sorted(payouts.values())
    refused = base64.b64encode(banking.pain([], whole=file["id"], reason="AC01")).decode()
    tried = api.say("owner", "/v1/reconciliations/preview", {"file": refused})
    assert tried["counts"] == {"matched": 3, "repeated": 0, "waiting": 0, "differing": 0, "unknown": 0}
    assert api.get("/v1/bank-files")["items"] == [file]
    assert api.say("owner", "/v1/reconciliations", {"file": refused})["counts"] == tried["counts"]
    (file,) = api.get("/v1/bank-files")["items"]
    assert (file["states"], file["reason"]) == ({"failed": 2}, "AC01")
    assert {api.get(f"/v1/payouts/{id_}")["reason"] for id_ in payouts.values()} == {"AC01"}
    assert not [it for it in api.get("/v1/cases")["items"] if it["kind"] == "bank_line"]
    assert api.say("owner", "/v1/reconciliations", {"file": refused})["counts"]["repeated"] == 3
    directory = api.goodword.directory
    for programs, many in (((), 1), (("prg_1",), 0)):
        actor = Actor(id="mem_1", kind="member", roles=("auditor",), programs=programs)
        workspace = api.run(directory.workspace(api.ws))
        assert len(api.run(see.handovers.newest(Principal("session", workspace, actor), directory))) == many
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences
