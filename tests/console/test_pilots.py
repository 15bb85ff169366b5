"""The page of a program's pilot: it starts there, its report stands there and prints, and another member decides there."""

import re
from typing import Any

from msgspec.structs import replace
from tests.console.conftest import SCRIPT, Console

from goodword.core.facts import Actor

PAGE = "/console/programs/main/pilot"


def _be(desk: Console, name: str, role: str) -> None:
    """Be another member."""
    before = {it["id"] for it in desk.api.get("/v1/members")["items"]}
    desk.api.member(name, role)
    [id_] = {it["id"] for it in desk.api.get("/v1/members")["items"]} - before
    caller = desk.visitors.caller
    assert caller is not None
    who = replace(caller.principal, actor=Actor(id=id_, kind="member", roles=(role,)))
    desk.visitors.caller = caller._replace(principal=who, member=id_)


def _text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", "", page))


def test_a_pilot_is_started_shown_and_decided_on_its_page(busy: Console) -> None:
    """The page says when a cycle would end; its report names what is missing; who said who is in is offered no more than that."""
    desk = busy
    assert "Let it run for some first" in desk.html("/console/programs/main")
    empty = desk.html(PAGE)
    assert "No pilot is running" in empty
    assert "Start the pilot" in empty
    for wrong in (
        {"share": SCRIPT[:12]},
        {"share": "100"},
        {"share": "1e9999999999"},
        {"advocates": f"no {SCRIPT}"},
        {},
    ):
        assert desk.form(PAGE, **wrong).status_code in (400, 409), wrong
    said = desk.form(PAGE, share="25", way=["link", "code"])
    assert said.headers["location"] == f"{PAGE}?done=pilot_started", said.text
    shown = desk.json(PAGE)
    assert shown["report"]["state"] == "running"
    assert shown["cycles"][0]["who"] == "touches by link, touches by typed code, 25 % of all advocates"
    page = _text(desk.html(PAGE))
    assert "Stop the program" in page
    assert "Open it to everybody" not in page
    assert "It runs for some first" in desk.html("/console/programs/main")
    desk.api.move(desk.api.get("/v1/pilots/main")["end"])
    [trouble] = [it for it in desk.json("/console")["troubles"] if it["code"] == "pilot"]
    assert (trouble["about"], trouble["path"]) == ("main", "/programs/main/pilot")
    assert "has its report" in desk.html("/console")
    page = _text(desk.html(PAGE))
    assert "To be decided" in page
    assert "You said who is in" in page
    assert "Open it to everybody" not in page
    _be(desk, "ola", "owner")
    shown = desk.json(PAGE)
    assert "Open it to everybody" in _text(desk.html(PAGE))
    decision: dict[str, Any] = {"outcome": "everybody", "sha256": shown["report"]["sha256"]}
    assert desk.form(f"{PAGE}/decision", **decision).status_code == 400
    stale = desk.form(f"{PAGE}/decision", **{**decision, "sha256": "0" * 64}, note=f"Seen {SCRIPT}")
    assert stale.status_code == 409
    assert "Seen" in stale.text
    assert SCRIPT not in stale.text
    said = desk.form(f"{PAGE}/decision", **decision, note="Seen.")
    assert said.headers["location"] == f"{PAGE}?done=pilot_everybody", said.text
    assert desk.json(PAGE)["report"]["state"] == "over"
    assert "Start the pilot" in desk.html(PAGE)
    desk.be("analyst")
    assert "Start the pilot" not in desk.html(PAGE)
