"""Audits over the API and at the command line: how an amount came to be, the share by month, and a month that somebody signs."""

from typing import Any

from click.testing import CliRunner
from testkit import sent
from tests.api.conftest import Api

from goodword.cli import main
from goodword.store import log


def _paid(api: Api) -> list[dict[str, Any]]:
    """Two payouts of August, over a bank's file."""
    api.send(
        sent.enrolled("enrol", "ann", "ANN"),
        sent.lead("lead", "bob", code="ANN"),
        sent.purchase("order", "bob", "inv-1", 20_000),
    )
    for name in ("ann", "bob"):
        api.payee(name, "bank_file", name="Ann", iban="DE89370400440532013000")
    api.move("2026-06-01T00:00:00Z")
    mine = [it["id"] for it in api.get("/v1/rewards", status="in_review")["items"]]
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
    api.move("2026-09-02T00:00:00Z")
    found: list[dict[str, Any]] = api.get("/v1/payouts", status="completed")["items"]
    return found


def test_an_amount_is_told_entry_by_entry_and_counted_by_month(api: Api) -> None:
    """The sheet says what each entry of the log made of a reward; the share is one figure, by month, of all and of what is paid."""
    payout = _paid(api)[0]
    sheet = api.get(f"/v1/payouts/{payout['id']}/audit")
    for one in sheet["rewards"]:
        assert one["lacks"] == []
        assert one["said"][-1]["amount"] == one["amount"]
        assert one["said"][0]["outcome"] == "earned"
        assert {it["answer"] for it in one["points"]} == {"yes"}
    share = api.get("/v1/audits/accuracy")
    assert (share["count"], share["whole"]) == (share["paid"], share["paid_whole"])
    assert share["paid"] > 0
    assert share["lacking"] == []
    [month] = share["months"]
    assert (month["count"], month["paid_whole"]) == (share["count"], share["paid"])
    assert api.get("/v1/audits/rewards", point="any")["items"] == []
    api.send(sent.lead("lead-2", "eve", code="ANN"), sent.purchase("order-2", "eve", "inv-2", 20_000))
    api.until(lambda: api.get("/v1/events/order-2")["status"] == "decided")
    [lacking, *_] = api.get("/v1/audits/rewards", point="any")["items"]
    assert lacking["lacks"] == ["approval"]
    share = api.get("/v1/audits/accuracy")
    assert (share["whole"], share["paid"]) == (month["count"], month["paid"])
    assert share["count"] > share["whole"]


def test_a_month_is_audited_at_the_command_line(api: Api) -> None:
    """Listed, shown, looked at, and signed by who had no part in it, with a finding; then it is shown as it was signed."""
    payouts = [it["id"] for it in _paid(api)]

    async def sign() -> None:
        workspace = await api.goodword.directory.workspace(api.ws)
        async with api.goodword.pool.acquire() as conn:
            await log.sign(conn, workspace.id, workspace.keys.signing)

    api.run(sign())
    api.member("otto", "auditor")

    def said(who: str, *words: str) -> str:
        at = ["--url", api.url, "--key", api.keys[who] or ""]
        done = CliRunner().invoke(main, ["audits", *words, *at])
        return done.output

    assert "paid" in said("otto", "list", "--status", "paid")
    shown = said("otto", "show", "2026-08")
    assert all(payout in shown for payout in payouts)
    sha = shown.split("list ")[1].split()[0]
    sheet = said("otto", "sheet", payouts[0])
    assert "payout_calculation" in sheet
    assert "earned" in sheet
    assert "released" in sheet
    assert "own_work" in said("owner", "sign", "2026-08", "--list", sha)
    assert "audit_changed" in said("otto", "sign", "2026-08", "--list", "0" * 64)
    done = said("otto", "sign", "2026-08", "--list", sha, "--finding", payouts[0], "--note", "Not theirs.")
    assert "audit_signed" in done or "signed" in done
    assert "something in 1" in said("otto", "show", "2026-08")
    month = api.get("/v1/audits/months/2026-08", limit=1)
    assert (month["kept"], month["size"], len(month["looked"])) == (True, len(payouts), 1)
    assert month["signed"]["list_sha256"] == sha
    assert (month["later_count"], month["gone_count"]) == (0, 0)
    assert [it for it in (month["after"],) if it] == [month["looked"][0]["payout"]] * (len(payouts) > 1)
