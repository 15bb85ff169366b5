"""Audit pages: the seven points of each reward lead to what shows them, and one page says why a payout went where it did."""

import re

import pytest
from msgspec.structs import replace
from tests.console.conftest import HANDLER, Console

from goodword.core import audit
from goodword.core.facts import Actor
from goodword.store import log


@pytest.fixture
def paid(busy: Console) -> Console:
    """The same, with a reward that was approved, released and paid."""
    api = busy.api
    api.payee(HANDLER, "bank_file", name="Ann", iban="DE89370400440532013000")
    mine = [it["id"] for it in api.get("/v1/rewards", beneficiary=HANDLER)["items"]]
    for reward in mine:
        api.say("owner", f"/v1/rewards/{reward}/looks", {"seconds": 9})
    api.agree("/v1/approvals", *mine)
    api.move("2026-08-01T00:00:00Z")
    api.say("owner", "/v1/payouts", {"rail": "bank_file", "unit": "EUR"})
    ids = [it["id"] for it in api.get("/v1/payouts")["items"]]
    api.agree("/v1/payouts/release", *ids)
    api.until(lambda: len(api.get("/v1/payouts", status="processing")["items"]) == len(ids))
    for payout in ids:
        api.say("owner", f"/v1/payouts/{payout}/answer", {"outcome": "completed"})
    return busy


def test_the_record_of_a_reward_has_its_seven_points(paid: Console) -> None:
    """Each is there or missing in words, and leads to its entry of the log; the sheet has them, the approver and the signed head."""
    desk = paid
    [one, *_] = desk.json("/console/rewards?status=paid")["rewards"]
    reward = one["about"]["reward"]
    shown = desk.json(f"/console/rewards/{reward['id']}")["audit"]
    assert [point["point"] for point in shown["points"]] == [*audit.POINTS]
    assert shown["lacks"] == []
    page = desk.html(f"/console/rewards/{reward['id']}")
    for point in shown["points"]:
        assert point["answer"] == "yes"
        assert point["position"] is not None or point["point"] == "terms"
        assert f"/console/log/{point['position']}" in page or point["point"] == "terms"
    sheet = desk.json(f"/console/audit/payouts/{reward['payout']}")["sheet"]
    assert {each["released"] for each in sheet["approvers"]} == {True, False}
    printed = desk.html(f"/console/audit/payouts/{reward['payout']}")
    assert "Signed head" in printed
    assert all(re.search(re.escape(each["who"]["mail"]), printed) for each in sheet["approvers"])
    same = desk.json(f"/console/audit/rewards/{reward['id']}")["sheet"]
    assert {**same, "head": None} == {**sheet, "head": None}


def test_the_list_says_what_each_lacks_and_which_share_lacks_nothing(paid: Console) -> None:
    """Of what is paid that is all; what nobody approved lacks its approval, and a filter finds just that."""
    desk = paid
    it = desk.json("/console/audit")
    shares = {row["status"]: row for row in it["shares"]["rows"]}
    assert shares["paid"]["whole"] == shares["paid"]["count"] > 0
    assert shares["in_review"]["whole"] == 0
    assert it["shares"]["lacking"] == []
    assert "100.0 %" in desk.html("/console/audit")
    lacking = desk.json("/console/audit?point=approval")["rewards"]
    assert lacking
    assert all("approval" in one["lacks"] for one in lacking)
    assert desk.json("/console/audit?month=1999-01")["rewards"] == []
    for month in ("1999-13", "9999-12", "1999-1"):
        assert desk.get(f"/console/audit?month={month}").status_code == 400
        assert desk.get(f"/console/audit/months/{month}").status_code == 400


def _head(desk: Console) -> None:
    """The log is signed, as the worker does."""

    async def sign() -> None:
        workspace = await desk.api.goodword.directory.workspace(desk.api.ws)
        async with desk.api.goodword.pool.acquire() as conn:
            await log.sign(conn, workspace.id, workspace.keys.signing)

    desk.api.run(sign())


def _be_otto(desk: Console) -> None:
    """Be an auditor who did nothing here before."""
    desk.api.member("otto", "auditor")
    [otto] = [it["id"] for it in desk.api.get("/v1/members")["items"] if it["roles"] == ["auditor"]]
    caller = desk.visitors.caller
    assert caller is not None
    who = replace(caller.principal, actor=Actor(id=otto, kind="member", roles=("auditor",)))
    desk.visitors.caller = caller._replace(principal=who)


def test_a_month_is_signed_by_who_had_no_part_in_it(paid: Console) -> None:
    """What was shown is signed, with a finding that somebody says; who released does not sign, and a list that changed is refused."""
    desk = paid
    desk.api.move("2026-09-02T00:00:00Z")
    address = "/console/audit/months/2026-08"
    assert desk.get("/console/audit/months/2026-09").status_code == 400
    _head(desk)
    shown = desk.json(address)
    assert shown["month"]["count"] == len(shown["month"]["looked"]) == 1
    assert not shown["may_sign"]
    assert shown["month"]["own"]
    sha, payout = shown["month"]["frozen"]["list_sha256"], shown["month"]["own"][0]
    assert desk.form(f"{address}/sign", list_sha256=sha).status_code == 409
    _be_otto(desk)
    assert "Sign the audit of 2026-08" in desk.html(address)
    assert desk.form(f"{address}/sign", list_sha256="0" * 64).status_code == 409
    assert desk.form(f"{address}/sign", list_sha256=sha, finding=payout).status_code == 400
    done = desk.form(f"{address}/sign", list_sha256=sha, finding=payout, note="The invoice is not theirs.")
    assert done.headers["location"] == f"{address}?done=audit_signed"
    signed = desk.json(address)["month"]
    assert signed["signed"]["findings"] == [payout]
    assert signed["is_same"]
    assert "something in 1" in desk.html(address)
