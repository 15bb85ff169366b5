"""The books of months by the API, in the console and at the command line: the same figures, and who took them along."""

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from testkit import sent
from tests.api.conftest import Api, Command


def _traffic(api: Api) -> str:
    """An advocate, a friend and two orders, one of them half given back; the month of the workspace's clock."""
    api.send(sent.enrolled("e1", "ann", "ANN"), sent.lead("l1", "bob", code="ANN"))
    api.send(sent.purchase("o1", "bob", "inv-1", 20_000), sent.purchase("o2", "eve", "inv-2", 7_000))
    api.until(lambda: api.get("/v1/reports/overview")["lag_seconds"] == 0)
    return str(api.get("/v1/reports/overview")["as_of"])[:7]


def _files(body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as read:
        return {name: read.read(name) for name in read.namelist()}


def _rows(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode(), newline="")))


def test_the_pack_has_the_figures_of_the_api_and_stands_on_the_record(api: Api) -> None:
    """What the pack's tables say is what the books say; that it was taken is known by its digest, and by whom."""
    month = _traffic(api)
    books = api.get("/v1/reports/books", **{"from": month})
    assert (books["begin"], books["by"], books["zone"], books["balanced"]) == (month, "occurred", "UTC", True)
    answer = api.call("owner", "GET", f"/v1/reports/pack?from={month}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    files = _files(answer.content)
    manifest = json.loads(files["manifest.json"])
    assert manifest["checks"]
    assert all(check["agrees"] for check in manifest["checks"])
    trial = {(row["account"], row["unit"]): row["closing"] for row in _rows(files["trial-balance.csv"])}
    assert trial == {(it["account"], it["unit"]): f"{it['closing'] / 100:.2f}" for it in books["trial_balance"]}
    assert trial
    costs = {it["program"]: (it["orders"], it["revenue"]) for it in books["costs"]}
    assert costs[""] == (1, 7_000)
    [row] = [row for row in _rows(files["referrals.csv"]) if row["referral"]]
    assert (row["advocate"], row["orders"], row["revenue"]) == (api.person("ann"), "1", "200.00")
    taken = api.get("/v1/looks", subject=hashlib.sha256(answer.content).hexdigest())["items"]
    assert [it["what"] for it in taken] == ["exported"]


def test_who_may_not_see_the_ledger_gets_no_books(api: Api) -> None:
    """Marketers and support have no ledger; an analyst has it without names; a write key and a publishable one read nothing."""
    month = _traffic(api)
    for name, roles, status in (
        ("mia", "marketer", 403),
        ("sue", "support", 403),
        ("ana", "analyst", 200),
        ("kim", "auditor", 200),
    ):
        api.member(name, roles)
        for path in ("books", "pack"):
            assert api.call(name, "GET", f"/v1/reports/{path}?from={month}").status_code == status
    assert api.call("ana", "GET", f"/v1/reports/pack?from={month}&names=true").status_code == 403
    files = _files(api.call("kim", "GET", f"/v1/reports/pack?from={month}&names=true").content)
    assert {row["advocate_external_id"] for row in _rows(files["referrals.csv"]) if row["referral"]} == {"ann"}


def test_wrong_months_say_what_to_write(api: Api) -> None:
    """Neither half of a date nor months that end before they begin give an empty book."""
    _traffic(api)
    for asked in ("from=2026", "from=2026-02&to=2026-01", "from=2026-01&timezone=Mars", "from=2026-01&by=approved"):
        assert api.call("owner", "GET", f"/v1/reports/books?{asked}").status_code in (400, 422), asked


def test_the_command_writes_the_same_file(api: Api, goodword: Command, tmp_path: Path) -> None:
    """It needs no server, says by which time each file counts, and gives the bytes that the API gives."""
    month = _traffic(api)
    out = tmp_path / "pack.zip"
    said: Any = goodword("pack", "--month", month, "--workspace", api.ws, str(out))
    assert said.returncode == 0, said.stderr
    assert "all agree" in said.stdout
    assert "occurred: the month in which the order occurred, in UTC" in said.stdout
    ours, theirs = _files(out.read_bytes()), _files(api.call("owner", "GET", f"/v1/reports/pack?from={month}").content)
    assert {name: body for name, body in ours.items() if name.endswith((".csv", "hledger", "beancount"))} == {
        name: body for name, body in theirs.items() if name.endswith((".csv", "hledger", "beancount"))
    }
    wrong: Any = goodword("pack", "--month", "2026-13", "--workspace", api.ws, str(out))
    assert wrong.returncode == 1
    assert "write 2026-10" in wrong.stderr
