"""A claim over the pages' own forms: entered, decided beside what it would move, appealed by another member, by whoever may."""

import re
from typing import Any

from msgspec.structs import replace
from testkit import sent
from tests.console.conftest import HANDLER, SCRIPT, Console

WHEN = "2026-03-02T09:00"


def _fields(desk: Console, **more: Any) -> dict[str, Any]:
    slug = desk.json("/console/programs")["programs"][0]["slug"]
    people = {"person": desk.api.person("friend of Ann"), "advocate_1": desk.api.person(HANDLER)}
    return {"program": slug, **people, "when": WHEN, "reason": "phone", "evidence": "tch_seen", **more}


def _entered(desk: Console, **more: Any) -> str:
    """Enter a claim over the form; return the address of its page."""
    done = desk.form("/console/claims/new", **_fields(desk, **more))
    assert done.status_code == 303, done.text
    address, _, said = done.headers["location"].partition("?")
    assert said == "done=claim_entered"
    return str(address)


def _as(desk: Console, name: str, *roles: str) -> None:
    """Be another member than the owner, with these roles."""
    member = desk.api.member(name, *roles)
    desk.be(*roles)
    caller = desk.visitors.caller
    assert caller is not None
    actor = replace(caller.principal.actor, id=member)
    principal = replace(caller.principal, actor=actor)
    desk.visitors.caller = caller._replace(principal=principal, member=member)


def test_a_claim_is_entered_by_a_form_that_keeps_what_was_typed(busy: Console) -> None:
    """By id or exact name; shares sum to one; what is wrong is said, and everything typed stands again."""
    assert "Enter a claim" in busy.html("/console/claims")
    for wrong in (
        {"share_1": "1/3"},
        {"share_1": "a half"},
        {"when": "yesterday"},
        {"advocate_1": ""},
        {"share_1": "1/0"},
        {"share_1": "1e9999999999"},
    ):
        answer = busy.form("/console/claims/new", **_fields(busy, note=f"{SCRIPT} seen", **wrong))
        assert answer.status_code == 400, wrong
        assert SCRIPT not in answer.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; seen" in answer.text
    assert busy.json("/console/claims")["claims"] == []
    nobody = busy.form("/console/claims/new", **_fields(busy, person="friend of Ann", advocate_1="Nobody at all"))
    assert (nobody.status_code, "Nobody at all" in nobody.text) == (409, True)
    address = _entered(busy, person="friend of Ann", advocate_2=SCRIPT, share_1="1/4", note=SCRIPT)
    claim = busy.json(address)["sides"]["claim"]
    assert [(it["numerator"], it["denominator"]) for it in claim["shares"]] == [(1, 4), (3, 4)]
    assert claim["stops_at"]


def test_people_of_a_claim_are_named_by_what_they_are_called(busy: Console) -> None:
    """By the whole name, case and marks aside, for who may see names; of several of one name the form says who they are."""
    busy.api.send(
        *(
            sent.enrolled(f"e-{n}", f"crm-{n}", f"CRM{n}") | {"name": name}
            for n, name in enumerate(("Zoë Li", "J. Doe", "J. Doe"))
        ),
        sent.lead("lead-x", "crm-9", code="CODE0") | {"customer_name": "Bo Kim"},
    )
    wanted = {"crm-0", "crm-1", "crm-2", "crm-9"}
    busy.api.until(
        lambda: wanted <= {it["person"]["external_id"] for name in ("Zoe", "Doe", "Kim") for it in _found(busy, name)}
    )
    for part in ("Zoe", "Li", "Li Zoe", "Zoe Lin"):
        assert busy.form("/console/claims/new", **_fields(busy, advocate_1=part)).status_code == 409
    several = busy.form("/console/claims/new", **_fields(busy, advocate_1="j doe"))
    assert several.status_code == 400
    assert {busy.api.person("crm-1"), busy.api.person("crm-2")} <= set(re.findall(r"per_[0-9A-Z]{26}", several.text))
    claim = busy.json(_entered(busy, person="Bo Kim", advocate_1="zoe  LI"))["sides"]["claim"]
    assert claim["friend"] == busy.api.person("crm-9")
    assert [it["person"] for it in claim["shares"]] == [busy.api.person("crm-0")]


def _found(desk: Console, asked: str) -> Any:
    return desk.json(f"/console/people?q={asked}")["found"]


def test_two_claimants_stand_beside_one_another(busy: Console) -> None:
    """How sure each is, its lead, its terms and what stands; what deciding would move is what it moves."""
    address = _entered(busy)
    _as(busy, "otto", "approver")
    shown = busy.json(address)
    sides = shown["sides"]
    assert [sides["claimed"]["confidence"], sides["standing"][0]["confidence"]] == ["possible", "exact"]
    assert sides["terms"][sides["standing"][0]["terms"]]["version"] == 1
    keeps, gets, _, _ = shown["choices"]
    assert (keeps["code"], keeps["sums"], keeps["refusal"]) == ("lost", [], None)
    ann, other = busy.api.person("Ann"), busy.api.person(HANDLER)
    assert {it["beneficiary"]: (it["was"], it["now"]) for it in gets["sums"]} == {ann: (2_000, 0), other: (0, 2_000)}
    page = busy.html(address)
    assert "−20.00" in page
    assert HANDLER not in page
    done = busy.form(f"{address}/decide", outcome="won", reason="looked_at", note=SCRIPT)
    assert done.headers["location"] == f"{address}?done=claim_decided"
    stand = {it["beneficiary"]: it["amount"] for it in _rewards(busy) if it["beneficiary"] in (ann, other)}
    assert stand[ann] == 0
    assert [
        it["amount"] for it in _rewards(busy) if it["beneficiary"] == other and it["conversion"] == _order(busy)
    ] == [2_000]


def test_two_share_a_friend_as_somebody_decides(busy: Console) -> None:
    """Equal parts unless others are typed; what the page shows of them is what is decided, and who approves it then is named."""
    address = _entered(busy)
    _as(busy, "otto", "approver")
    mia = busy.api.member("mia", "approver")
    ann, other = busy.api.person("Ann"), busy.api.person(HANDLER)
    shown = busy.json(address)
    assert dict(shown["parts"]) == {ann: "1/2", other: "1/2"}
    names = [person for person, _ in shown["parts"]]
    typed = {f"part_{1 + names.index(ann)}": "1/4", f"part_{1 + names.index(other)}": "3/4"}
    asked = "&".join(f"{name}={part}" for name, part in typed.items())
    shown = busy.json(f"{address}?{asked}")
    split = next(one for one in shown["choices"] if one["code"] == "split")
    assert {it["beneficiary"]: (it["was"], it["now"]) for it in split["sums"]} == {ann: (2_000, 500), other: (0, 1_500)}
    assert mia in split["then"]
    page = busy.html(f"{address}?{asked}")
    assert "They share it" in page
    assert "approved by somebody else" in page
    assert HANDLER not in page
    wrong = {**typed, f"part_{1 + names.index(ann)}": "a half"}
    assert busy.form(f"{address}/decide", outcome="split", reason="looked_at", party=names, **wrong).status_code == 400
    done = busy.form(f"{address}/decide", outcome="split", reason="looked_at", party=names, **typed)
    assert done.headers["location"] == f"{address}?done=claim_decided"
    stand = {it["beneficiary"]: it["amount"] for it in _rewards(busy) if it["side"] == "advocate" and it["amount"]}
    assert (stand[ann], stand[other]) == (500, 1_500)
    assert "Shared by" in busy.html(address)


def test_nobody_brought_a_friend(busy: Console) -> None:
    """What it takes of both sides stands in the box before, and in the rewards afterwards; an appeal gives it back."""
    address = _entered(busy)
    _as(busy, "otto", "approver")
    none = next(one for one in busy.json(address)["choices"] if one["code"] == "none")
    before = {it["id"]: it["amount"] for it in _rewards(busy) if it["conversion"] == _order(busy)}
    assert sum(it["change"] if "change" in it else it["now"] - it["was"] for it in none["sums"]) == -sum(
        before.values()
    )
    assert busy.form(f"{address}/decide", outcome="none", reason="looked_at").status_code == 303
    assert not any(it["amount"] for it in _rewards(busy) if it["id"] in before)
    busy.form(f"{address}/appeal", reason="mistake")
    _as(busy, "mia", "approver")
    assert busy.form(f"{address}/decide", outcome="lost", reason="mistake").status_code == 303
    assert {it["id"]: it["amount"] for it in _rewards(busy) if it["id"] in before} == before


def _rewards(desk: Console) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.api.get("/v1/rewards", limit=100)["items"]
    return found


def _order(desk: Console) -> str:
    ann = desk.api.person("Ann")
    return str(next(it["conversion"] for it in _rewards(desk) if it["beneficiary"] == ann))


def test_an_appeal_is_decided_by_another_member(busy: Console) -> None:
    """Who decided may appeal and does not decide again; another approver does, and what was taken is given back."""
    address = _entered(busy)
    _as(busy, "otto", "approver")
    busy.form(f"{address}/decide", outcome="won", reason="looked_at")
    assert busy.form(f"{address}/appeal", reason="mistake").headers["location"] == f"{address}?done=appealed"
    assert {one["refusal"] for one in busy.json(address)["choices"]} == {"own_work"}
    assert busy.form(f"{address}/decide", outcome="lost", reason="mistake").status_code == 409
    _as(busy, "mia", "approver")
    gives = next(one for one in busy.json(address)["choices"] if one["code"] == "lost")
    ann = busy.api.person("Ann")
    assert {it["beneficiary"]: it["now"] for it in gives["sums"]}[ann] == 2_000
    assert busy.form(f"{address}/decide", outcome="lost", reason="mistake").status_code == 303
    assert next(it["amount"] for it in _rewards(busy) if it["beneficiary"] == ann) == 2_000
    assert busy.form(f"{address}/appeal", reason="mistake").status_code == 409


def test_a_request_is_taken_up_and_withdrawn(busy: Console) -> None:
    """Without evidence it stops nothing until somebody takes it up; operations do, and withdraw it, and decide it not."""
    address = _entered(busy, evidence="")
    assert busy.json(address)["sides"]["claim"]["stops_at"] is None
    _as(busy, "jo", "operations")
    assert busy.form(f"{address}/take").headers["location"] == f"{address}?done=claim_taken"
    assert busy.json(address)["sides"]["claim"]["stops_at"]
    assert {one["refusal"] for one in busy.json(address)["choices"]} == {"not_permitted"}
    assert "cleared by an approver or an owner alone" in busy.html(address)
    refused = busy.form(f"{address}/decide", outcome="won", reason="looked_at", note="typed")
    assert (refused.status_code, "typed" in refused.text) == (409, True)
    assert (
        busy.form(f"{address}/decide", outcome="withdrawn", reason="mistake").headers["location"].endswith("withdrawn")
    )
    assert busy.json(address)["sides"]["claim"]["status"] == "withdrawn"


def test_every_role_sees_a_claim_as_far_as_it_may(busy: Console) -> None:
    """Who may decide is shown the boxes; who may enter one, the form."""
    address = _entered(busy)
    for role, sees, boxes, enters in (
        ("owner", 200, True, True), ("approver", 200, True, True), ("operations", 200, True, True),
        ("program_manager", 200, False, True), ("support", 200, False, True),
        ("payer", 200, False, False), ("developer", 200, False, False), ("auditor", 200, False, False),
        ("marketer", 403, False, False), ("analyst", 403, False, False),
    ):  # fmt: skip
        busy.be(role)
        answer = busy.get(address)
        assert (answer.status_code, "/decide" in answer.text) == (sees, boxes), role
        form = busy.get("/console/claims/new")
        assert (form.status_code, 'action="/console/claims/new"' in form.text) == (sees, enters), role
        if not enters:
            assert busy.form("/console/claims/new", program="main", reason="x").status_code == 403, role
        if not boxes:
            assert busy.form(f"{address}/decide", outcome="won", reason="x").status_code == 403, role


def test_a_claim_is_commented_on_by_who_may_and_read_by_who_may(busy: Console) -> None:
    """What was typed stands as text, by whom and when; who may not read notes sees that there was one; an empty one is refused."""
    address = _entered(busy)
    assert busy.form(f"{address}/comment", text=None).status_code == 400
    _as(busy, "sue", "support")
    done = busy.form(f"{address}/comment", text=f"asked {SCRIPT}", status="open")
    assert done.headers["location"] == f"{address}?status=open&done=claim_noted"
    page = busy.html(address)
    assert "asked &lt;script&gt;" in page
    assert "sue@" in page
    [comment] = busy.json(address)["sides"]["claim"]["comments"]
    assert busy.json(address)["texts"] == {comment["note"]: f"asked {SCRIPT}"}
    busy.be("developer")
    assert "asked" not in busy.html(address)
    assert busy.json(address)["texts"] == {}
    assert busy.form(f"{address}/comment", text="more").status_code == 403
    assert "/comment" not in busy.html(address)


def test_from_one_claim_one_goes_on_in_the_list_that_one_came_from(busy: Console) -> None:
    """Before and behind in order of the same state; what is decided leads to the next of it, and the last one stays."""
    others = {"Ann": HANDLER, SCRIPT: HANDLER, HANDLER: "Ann"}
    addresses = sorted(
        _entered(busy, evidence="", person=f"friend of {whose}", advocate_1=busy.api.person(by))
        for whose, by in others.items()
    )
    first, second, third = [address.rpartition("/")[2] for address in addresses]
    listed = busy.html("/console/claims?status=open")
    assert f"/console/claims/{first}?status=open" in listed
    near = [busy.json(f"{address}?status=open")["near"] for address in addresses]
    assert near == [
        {"before": None, "behind": second},
        {"before": first, "behind": third},
        {"before": second, "behind": None},
    ]
    assert f'href="/console/claims/{third}?status=open" aria-label="The next claim"' in busy.html(
        f"{addresses[1]}?status=open"
    )
    withdrawn = {"outcome": "withdrawn", "reason": "mistake"}
    done = busy.form(f"{addresses[1]}/decide", **withdrawn, status="open", behind=third)
    assert done.headers["location"] == f"{addresses[2]}?status=open&done=claim_withdrawn"
    assert busy.json(f"{addresses[0]}?status=open")["near"] == {"before": None, "behind": third}
    assert busy.json(addresses[0])["near"] == {"before": None, "behind": second}
    done = busy.form(f"{addresses[2]}/decide", **withdrawn, status="open", behind="//evil.example")
    assert done.headers["location"] == f"{addresses[2]}?status=open&done=claim_withdrawn"
    assert busy.get(f"{addresses[2]}?status=never").status_code == 400
