"""The page of files of the bank: one is chosen, looked at and taken; those that were taken are listed; a bad one says what to do."""

import html
import re

import httpx
from testkit import banking
from testkit.banking import Booked
from tests.console.conftest import SCRIPT, Console

PAGE = "/console/payouts/reconcile"
#: Of no payout: a case for who looks.
UNKNOWN = Booked(named="pay_01M8J8Z5J4HKABSC2XMQ5WQVMP", amount=-1_250, reason=None)


def _chosen(desk: Console, data: bytes) -> httpx.Response:
    """Send the form that takes a file, as a browser does."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(desk.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://console.test") as client:
            files = {"file": (f"{SCRIPT}.xml", data)}
            return await client.post(f"{PAGE}/try", data={"form": "token", "once": "1"}, files=files)

    return desk.api.run(ask())  # type: ignore[no-any-return]


def test_a_file_is_chosen_looked_at_and_taken(desk: Console) -> None:
    """Until the last step nothing is kept; then the statement is listed with what came of it, and the case is reached from there."""
    assert "No file of the bank was taken yet" in desk.html(PAGE)
    shown = _chosen(desk, banking.camt([UNKNOWN, Booked(named="RENT", amount=-80_000)]))
    assert shown.status_code == 200, shown.text
    assert SCRIPT not in shown.text
    assert "No payout of this workspace has this id." in shown.text
    assert desk.json(PAGE)["statements"] == []
    form = shown.text.partition(f'action="{PAGE}/take"')[2].partition("</form>")[0]
    fields = {m[1]: html.unescape(m[2]) for m in re.finditer(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form)}
    done = desk.form(f"{PAGE}/take", **{name: fields[name] for name in ("file", "data", "mapping")})
    assert "Cases to decide" in done.text
    (statement,) = desk.json(PAGE)["statements"]
    assert (statement["size"], statement["others"], statement["unknown"]) == (2, 1, 1)
    assert "1 need a person" in desk.html(PAGE)
    (case,) = desk.api.get("/v1/cases")["items"]
    page = desk.html(f"/console/cases/{case['id']}")
    assert "No payout of this workspace has this id." in page
    assert "12.50" in page


def test_a_bad_file_says_what_to_do(desk: Console) -> None:
    """A file that does not add up is refused on the page that took it, with the place and what to do."""
    answer = _chosen(desk, banking.camt([UNKNOWN], closing=1))
    assert answer.status_code == 400
    assert "balance_differs" in answer.text
    cut = desk.form(f"{PAGE}/take", file="x", data="AAAA", mapping="")
    assert "cut" in cut.text
    assert desk.json(PAGE)["statements"] == []
