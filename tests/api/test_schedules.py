"""Schedules over HTTP and from the command line: set, looked at, changed, stopped; by when they drafted a person releases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from testkit.product import Product
from tests.api.conftest import Api

PATH = "/v1/payout-schedules"
MONDAYS = {"rail": "bank_file", "unit": "EUR", "every": "week", "on": [1], "hour": 8}


@pytest.fixture
def owed(api: Api) -> Api:
    """Who recommended bob is owed twenty euros that are due from the middle of April on."""
    api.purchase("bob")
    api.payee("ann-bob", "bank_file", name="Ann", iban="DE89370400440532013000")
    api.move("2026-03-17T00:00:00Z")  # a Tuesday
    api.agree("/v1/approvals", *(it["id"] for it in api.get("/v1/rewards", beneficiary="ann-bob")["items"]))
    return api


def _one(api: Api) -> dict[str, Any]:
    [it] = api.get(PATH)["items"]
    return it


def test_a_schedule_drafts_and_whoever_may_release_does(owed: Api) -> None:
    """Set in the zone of the program; what the next run would hold is shown; it drafts; one person alone releases."""
    said = owed.say("owner", PATH, MONDAYS)
    assert [it["outcome"] for it in said["verdicts"]] == ["schedule_set"]
    it = _one(owed)
    assert (it["timezone"], it["next_at"], it["ran_at"]) == ("UTC", "2026-03-23T08:00:00Z", None)
    assert it["days"] == "each Monday at 08:00, UTC"
    nothing = owed.get(f"{PATH}/{it['id']}/next")
    assert (nothing["payouts"], nothing["sum"]) == (0, 0)
    assert nothing["verdicts"][0]["refusal"] == "not_due"
    owed.move("2026-03-24T00:00:00Z")
    owed.until(lambda: _one(owed)["gathered"] == 0)
    assert _one(owed)["next_at"] == "2026-03-30T08:00:00Z"
    owed.move("2026-04-14T00:00:00Z")
    coming = owed.get(f"{PATH}/{it['id']}/next")
    assert (coming["at"], coming["payouts"], coming["sum"]) == ("2026-04-20T08:00:00Z", 1, 2_000)
    assert owed.get("/v1/payouts")["items"] == []
    owed.move("2026-04-20T08:00:00Z")
    owed.until(lambda: _one(owed)["gathered"] == 1)
    [payout] = owed.get("/v1/payouts")["items"]
    by = payout["drafted_by"], payout["schedule"], payout["status"]
    assert by == (it["set_by"], it["id"], "awaiting_release")
    owed.member("pat", "payer")
    released = owed.agree("/v1/payouts/release", payout["id"], who="pat")
    assert released["verdicts"][0]["outcome"] == "released"
    told = owed.get(f"/v1/explanations/{it['id']}")["sentences"]
    assert any("gathered 1 payout" in step for one in told for step in one["steps"])


def test_it_is_changed_and_stopped_under_its_id(owed: Api) -> None:
    """Changed it has another next run; stopped it has none; a repeat is one."""
    owed.say("owner", PATH, MONDAYS, key="once")
    owed.say("owner", PATH, MONDAYS, key="once")
    it = _one(owed)
    changed = {**MONDAYS, "every": "month", "on": [15, 31], "hour": 7, "timezone": "Europe/Berlin", "program": "main"}
    answer = owed.call("owner", "PUT", f"{PATH}/{it['id']}", json=changed)
    assert answer.is_success, answer.text
    assert _one(owed)["next_at"] == "2026-03-31T05:00:00Z"
    assert _one(owed)["days"] == "each month on day 15, the last at 07:00, Europe/Berlin"
    owed.say("owner", f"{PATH}/{it['id']}/stop", {})
    assert _one(owed)["next_at"] is None
    assert owed.call("owner", "GET", f"{PATH}/{it['id']}/next").status_code == 409
    assert owed.call("owner", "POST", f"{PATH}/{it['id']}/stop", json={}).json()["code"] == "nothing_to_do"
    assert owed.call("owner", "POST", f"{PATH}/sch_none/stop", json={}).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"on": []}, "on"),
        ({"on": [8]}, "on"),
        ({"every": "day"}, "on"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"unit": "EURO"}, "currency"),
        ({"hour": 24}, "hour"),
        ({"rail": "pigeon"}, "rail"),
    ],
)
def test_what_no_day_can_be_is_refused_with_what_to_do(owed: Api, wrong: dict[str, Any], field: str) -> None:
    """The answer names the field, and nothing is set."""
    answer = owed.call("owner", "POST", PATH, json={**MONDAYS, **wrong})
    assert answer.status_code in (400, 422)
    assert field in answer.text
    assert owed.get(PATH)["items"] == []


def test_who_may_not_draft_sets_none(owed: Api) -> None:
    """An approver and a server's key are refused; a payer sets one."""
    owed.member("app", "approver")
    owed.member("pat", "payer")
    for who in ("app", "sk"):
        assert owed.call(who, "POST", PATH, json=MONDAYS).status_code == 403
    owed.say("pat", PATH, MONDAYS)
    assert len(owed.get(PATH, "app")["items"]) == 1


def test_a_workspace_keeps_so_many_schedules_and_no_more(owed: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more is refused with what to do, whether some are stopped or not; one that is there can be changed."""
    monkeypatch.setattr("goodword.app.say.schedules.MOST", 2)
    owed.say("owner", PATH, MONDAYS, key="once")
    owed.say("owner", PATH, {**MONDAYS, "hour": 9})
    [one, _] = owed.get(PATH)["items"]
    owed.say("owner", f"{PATH}/{one['id']}/stop", {})
    answer = owed.call("owner", "POST", PATH, json={**MONDAYS, "hour": 10})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many"), answer.text
    assert "Change one of them" in answer.json()["detail"]
    owed.say("owner", PATH, MONDAYS, key="once")  # a repeat
    assert owed.call("owner", "PUT", f"{PATH}/{one['id']}", json={**MONDAYS, "hour": 10}).is_success
    assert len(owed.get(PATH)["items"]) == 2


def test_the_command_line_says_the_same(owed: Api, tmp_path: Path) -> None:
    """Set, listed, looked ahead, stopped with a key of one's own."""
    more = ["--url", owed.url, "--key", owed.keys["owner"]]
    say = lambda *args: Product(tmp_path).run("payouts", "schedule", *args, *more)  # noqa: E731
    days = ["--rail", "bank_file", "--unit", "EUR", "--every", "month", "--on", "15", "--on", "31", "--hour", "8"]
    done = say("set", *days)
    assert "15, the last at 08:00, UTC" in done.stdout, done.stderr
    it = _one(owed)
    listed = say("list").stdout
    assert it["id"] in listed
    assert "2026-03-31T08:00:00Z" in listed
    assert "2026-03-31T08:00:00Z: 0 payouts, 0.00 EUR, over bank_file" in say("next", it["id"]).stdout
    assert say("set", *days[:-1], "9", "--change", it["id"]).returncode == 0
    assert _one(owed)["hour"] == 9
    assert say("stop", it["id"]).returncode == 0
    assert "stopped" in say("list").stdout


def test_who_is_limited_to_programs_has_those_of_them_alone(owed: Api) -> None:
    """Of one that drafts for all they are told nothing, and can look ahead at, change and stop none of it; their own they can."""
    owed.say("owner", PATH, MONDAYS)
    whole = _one(owed)
    added = owed.say("owner", "/v1/members", {"email": "pia@shop.example", "roles": ["payer"], "programs": ["main"]})
    owed.keys["pia"] = added["key"]
    owed.confirm()
    assert owed.get(PATH, "pia")["items"] == []
    for method, path, body in (("GET", "next", None), ("POST", "stop", {}), ("PUT", "", MONDAYS)):
        answer = owed.call("pia", method, f"{PATH}/{whole['id']}/{path}".rstrip("/"), json=body)
        assert answer.status_code == 404, answer.text
    assert owed.call("pia", "POST", PATH, json=MONDAYS).json()["code"] == "outside_scope"
    owed.say("pia", PATH, {**MONDAYS, "program": "main"})
    [mine] = owed.get(PATH, "pia")["items"]
    assert owed.get(f"{PATH}/{mine['id']}/next", "pia")["at"] == mine["next_at"]
    owed.say("pia", f"{PATH}/{mine['id']}/stop", {})
    assert {it["id"] for it in owed.get(PATH)["items"]} == {whole["id"], mine["id"]}
