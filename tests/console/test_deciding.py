"""A reward is approved, rejected, held and withdrawn on its page: once, as it was shown, and never past what the core says."""

import re
from html import unescape
from typing import Any

from tests.console.conftest import Console


def _sends(page: str) -> dict[str, str]:
    """What every form about the reward sends back."""
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in ("items", "list_sha256", "then")}
    return {name: unescape(match[1]) for name, match in found.items() if match}


def _waiting(desk: Console) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = desk.json("/console/rewards?status=in_review")["rewards"]
    return [row["about"]["reward"] for row in rows]


def test_a_reward_is_approved_as_it_was_shown(busy: Console) -> None:
    """Sending the form twice approves once; one goes on with the next of the same filter; and it can be taken back."""
    ann = busy.json("/console/rewards?beneficiary=Ann")["rewards"][0]["about"]["reward"]["id"]
    page = busy.html(f"/console/rewards/{ann}")
    assert "disabled" in page  # a case is open
    assert busy.form(f"/console/rewards/{ann}/approve", **_sends(page)).status_code == 409
    busy.api.payee('"onmouseover="alert(1)')
    free = next(
        it
        for it in _waiting(busy)
        if not it["cases"]
        and it["side"] == "advocate"
        and busy.api.person('"onmouseover="alert(1)') == it["beneficiary"]
    )
    address = f"/console/rewards/{free['id']}"
    page = busy.html(f"{address}?status=in_review&program=main")
    said = _sends(page)
    onward = said["then"].partition("&run=")[0]
    assert re.fullmatch(r"/rewards/rwd_\w+\?status=in_review&program=main", onward)
    assert f"Approve {free['amount'] / 100:,.2f} EUR" in page
    for _ in range(2):
        done = busy.form(f"{address}/approve", **said, once="one")
        assert done.headers["location"].startswith(f"/console{onward}&run=")
        assert done.headers["location"].endswith(f".1.EUR.{free['amount']}&done=approved&undo={free['id']}")
    assert busy.api.get(f"/v1/rewards/{free['id']}")["status"] == "approved"
    assert busy.form(f"{address}/approve", **said).status_code == 409
    back = busy.form(f"{address}/withdraw", **_sends(busy.html(address)))
    assert back.headers["location"] == "/console/rewards?done=withdrawn"
    assert busy.api.get(f"/v1/rewards/{free['id']}")["status"] == "in_review"


def test_a_rejection_has_a_reason_and_a_hold_a_case(busy: Console) -> None:
    """What was typed is kept where the reason was none of the list."""
    first, second = [it for it in _waiting(busy) if not it["cases"]][:2]
    address = f"/console/rewards/{first['id']}"
    said = _sends(busy.html(address))
    wrong = busy.form(f"{address}/reject", **said, reason="because", note="seen <b>twice</b>")
    assert wrong.status_code == 400
    assert "seen &lt;b&gt;twice&lt;/b&gt;" in wrong.text
    assert busy.form(f"{address}/reject", **said, reason="terms").status_code == 303
    assert busy.api.get(f"/v1/rewards/{first['id']}")["status"] == "rejected"
    address = f"/console/rewards/{second['id']}"
    assert busy.form(f"{address}/hold", **_sends(busy.html(address)), note="look").status_code == 303
    assert "Case open" in busy.html(address)


def test_nobody_is_led_elsewhere(busy: Console) -> None:
    """Whatever a form says of where one goes on, it is a page of rewards."""
    for then in (
        "//evil.example",
        "https://evil.example",
        "/rewards/../../in/x",
        "/rewards?x=\r\nset-cookie: a=b",
        "/log",
    ):
        held = next(it for it in _waiting(busy) if not it["cases"])
        address = f"/console/rewards/{held['id']}"
        said = _sends(busy.html(address)) | {"then": then}
        answer = busy.form(f"{address}/hold", **said)
        if answer.status_code == 303:
            assert answer.headers["location"] == "/console/rewards?done=held"
        busy.api.say(
            "owner",
            f"/v1/cases/{busy.json(address)['row']['about']['reward']['cases'][0]}/decision",
            {"outcome": "cleared", "reason": "x"},
        )
