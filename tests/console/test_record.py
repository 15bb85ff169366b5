"""The record of one reward: what it lacks, whose evidence was opened, what is decided on it, and who sees what of it."""

import re
from html import unescape
from typing import Any

import pytest
from tests.console.conftest import HANDLER, SCRIPT, Console

from goodword.core import access, dossier
from goodword.core.reasons import TOLD


def _sends(page: str) -> dict[str, str]:
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in ("items", "list_sha256", "then")}
    return {name: unescape(match[1]) for name, match in found.items() if match}


def _open(desk: Console) -> list[str]:
    """Rewards in review that nothing but a person's word keeps."""
    rows = desk.json("/console/rewards?status=in_review")["rewards"]
    found = [row["about"]["reward"] for row in rows]
    return [f"/console/rewards/{it['id']}" for it in found if not it["cases"] and it["side"] == "advocate"]


@pytest.fixture
def flagged(busy: Console) -> str:
    """The address of a reward in review whose only doubt is a mark: the payment details changed while it was open."""
    busy.api.payee(HANDLER)
    busy.api.payee(HANDLER, name="Another")
    [address] = [it for it in _open(busy) if busy.json(it)["record"]["about"]["beneficiary"]["name"] == HANDLER]
    assert [one["code"] for one in busy.json(address)["checks"]] == ["payee_changed"]
    return address


def test_a_flagged_reward_is_approved_by_who_opened_its_evidence(busy: Console, flagged: str) -> None:
    """The page says what to open and keeps its button dead; a form sent anyhow is refused; opening it, by a form, lets it through."""
    page = busy.html(flagged)
    assert "To approve, open payee changed first." in page
    assert re.search(r'data-deed="a" disabled', page)
    refused = busy.form(f"{flagged}/approve", **_sends(page))
    assert refused.status_code == 409
    assert busy.json(flagged)["record"]["about"]["reward"]["status"] == "in_review"
    for _ in range(2):  # sent twice it is one look
        assert busy.form(f"{flagged}/looks", once="one", seconds="7").headers["location"].endswith("done=opened")
    page, twin = busy.html(flagged), busy.json(flagged)
    assert twin["opened"]
    assert [(one["what"], one["seconds"]) for one in twin["spoken"] if one["what"] == "opened"] == [("opened", 7)]
    assert "To approve, open" not in page
    assert not re.search(r'data-deed="a" disabled', page)
    assert busy.form(f"{flagged}/approve", **_sends(page)).status_code == 303
    assert busy.json(flagged)["record"]["about"]["reward"]["status"] == "approved"


def test_seconds_are_seconds(busy: Console, flagged: str) -> None:
    """Nothing else is taken, and nothing is recorded for it."""
    for wrong in ("-1", "1e9", "soon", "9999999"):
        assert busy.form(f"{flagged}/looks", seconds=wrong).status_code == 400, wrong
    assert not busy.json(flagged)["opened"]


@pytest.mark.parametrize("piece", dossier.EVIDENCE[:5])
def test_what_lacks_a_piece_says_which_and_is_not_approved(
    busy: Console, flagged: str, piece: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the first five, made to be missing: the page names it, its button is dead, the form is refused."""
    busy.form(f"{flagged}/looks")
    assert busy.json(flagged)["record"]["mine"]["refusal"] is None
    monkeypatch.setattr(dossier, "lacking", lambda *_: (piece,))
    page, record = busy.html(flagged), busy.json(flagged)["record"]
    assert (record["lacks"], record["mine"]["refusal"]) == ([piece], "evidence_missing")
    assert f"It lacks {piece.replace('_', ' ')}." in page
    assert re.search(r'data-deed="a" disabled', page)
    assert busy.form(f"{flagged}/approve", **_sends(page)).status_code == 409


def test_a_record_has_eight_inputs_and_six_pieces_and_says_them(busy: Console) -> None:
    """Whatever stands in the twin stands on the page and beside the list: codes in words, sentences, positions, whoever looked."""
    seen = set()
    for row in busy.json("/console/rewards")["rewards"]:
        address = f"/console/rewards/{row['about']['reward']['id']}"
        twin = busy.json(address)
        part = busy.api.run(busy.ask("GET", address, headers={"hx-request": "true"})).text
        for page in (busy.html(address), part):
            text = unescape(page)
            assert (len(twin["record"]["inputs"]), len(twin["record"]["evidence"])) == (8, 6)
            for said in (twin["record"]["to_payee"], twin["record"]["to_finance"]):
                assert said in text
            waits = twin["record"]["about"]["reward"]["status"] in ("pending", "in_review")
            for reason in (*(twin["record"]["recommended"]["reasons"] if waits else ()), *twin["record"]["grounds"]):
                assert reason["sentence"] in text
            for one in twin["happened"]:
                assert one["at"].replace("T", " ")[11:19] in text
                assert one["position"] is None or f"/console/log/{one['position']}" in text
            for one in twin["checks"]:
                assert one["code"].replace("_", " ").capitalize() in text
            assert f"/console/log/{twin['position']}" in text
            assert page.count("<script>alert") == 0
            assert 'onmouseover="alert' not in page
        assert [one["at"] for one in twin["happened"] if not one["planned"]] == sorted(
            one["at"] for one in twin["happened"] if not one["planned"]
        )
        seen |= {one["code"] for one in twin["happened"]}
    assert {"brought", "ordered", "earned", "hold_over", "promised"} <= seen


def test_a_rejection_shows_before_it_what_the_payee_is_told(busy: Console) -> None:
    """Each reason with its sentence, none chosen; the note, however hostile, stands on the record as text."""
    address = _open(busy)[0]
    page = busy.html(address)
    assert page.count('type="radio" name="reason"') == len(TOLD)
    assert "declined it: the order went back." in page
    assert "checked" not in page.partition('class="whys"')[2].partition("</fieldset>")[0]
    assert busy.form(f"{address}/reject", **_sends(page), reason="terms", note=SCRIPT).status_code == 303
    page = busy.html(address)
    assert SCRIPT not in page
    assert SCRIPT in unescape(page)
    assert busy.json(address)["spoken"][0]["what"] == "rejected"


def test_a_duplicate_names_the_other(busy: Console) -> None:
    """An invoice or a reward that there is, and not itself; the note names it."""
    first, second = _open(busy)[:2]
    said = _sends(busy.html(first))
    for wrong in (first.rpartition("/")[2], "INV-99", "rwd_none", SCRIPT):
        assert busy.form(f"{first}/duplicate", **said, other=wrong).status_code in (400, 404), wrong
    done = busy.form(f"{first}/duplicate", **said, other=second.rpartition("/")[2])
    assert done.headers["location"].endswith("done=duplicate")
    twin = busy.json(first)
    assert twin["record"]["about"]["reward"]["status"] == "rejected"
    assert second.rpartition("/")[2] in twin["spoken"][0]["note"]
    third = _open(busy)[0]
    assert busy.form(f"{third}/duplicate", **_sends(busy.html(third)), other="INV-2").status_code == 303


@pytest.mark.parametrize("role", access.ROLES)
def test_each_role_sees_of_a_record_what_it_may(busy: Console, flagged: str, role: str) -> None:
    """Whoever may not read names, the log, notes or who looked is shown none of them; who may not decide has no button."""
    busy.form(f"{flagged}/looks", seconds="3")
    busy.be(role)
    answer = busy.get(flagged)
    may = {action for action in access.ACTIONS if access.allowed(busy.visitors.caller.principal.actor, action)}  # type: ignore[union-attr]
    if "reward.read" not in may:
        assert answer.status_code == 403
        return
    twin: Any = busy.json(flagged)
    assert (twin["decisions"] is not None) == ("log.read" in may)
    assert (twin["record"]["to_finance"] is not None) == ("log.read" in may)
    assert any(one["what"] == "opened" for one in twin["spoken"]) == ("record.read" in may)
    assert bool(twin["members"]) == ("member.mails" in may)
    assert (twin["record"]["about"]["beneficiary"]["name"] is not None) == ("person.names" in may)
    assert (HANDLER in unescape(answer.text)) == ("person.names" in may)
    assert ('data-deed="a"' in answer.text) == ("reward.approve" in may)
    assert ('data-deed="r"' in answer.text) == ("reward.reject" in may)


def test_figures_say_how_often_a_decision_agreed(busy: Console, flagged: str) -> None:
    """An approval where closer looking was recommended is neither; one that was recommended agrees; a rejection of it differs."""
    busy.form(f"{flagged}/looks")
    assert busy.json(flagged)["record"]["recommended"]["advice"] == "look"
    busy.form(f"{flagged}/approve", **_sends(busy.html(flagged)))
    busy.api.payee(SCRIPT)
    [plain] = [it for it in _open(busy) if busy.json(it)["record"]["about"]["beneficiary"]["name"] == SCRIPT]
    assert busy.json(plain)["record"]["recommended"]["advice"] == "approve"
    busy.form(f"{plain}/reject", **_sends(busy.html(plain)), reason="terms")
    busy.caught_up()
    [said] = busy.json("/console/figures")["agreement"]
    assert (said["agreed"], said["differed"], said["looked"], said["program"], said["version"]) == (0, 1, 1, "main", 1)
    assert "Decisions beside recommendations" in busy.html("/console/figures")


def test_what_was_said_stands_apart_from_who_looked(busy: Console) -> None:
    """Communication has decisions with what was typed beside them; looks stand under a heading of their own."""
    address = _open(busy)[0]
    page = busy.html(address)
    assert "Nobody decided or wrote anything yet." in page
    busy.form(f"{address}/looks", seconds="7")
    busy.form(f"{address}/hold", **_sends(page), note="ask the shop")
    page = busy.html(address)
    said, looked = page.partition("<h2>Communication")[2].partition("<h2>Who looked")[::2]
    assert "ask the shop" in said
    assert "7 s" not in said
    assert "7 s" in looked
    busy.be("analyst")
    assert "ask the shop" not in busy.html(address)
