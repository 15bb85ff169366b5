"""A case on its page: whose it is, when it is due, what deciding it would move, what is said of it, and who may not."""

from typing import Any

from testkit import sent
from tests.console.conftest import SCRIPT, Console


def _case(desk: Console, tab: str = "open") -> dict[str, Any]:
    found: dict[str, Any] = desk.json(f"/console/cases?status={tab}")["cases"][0]
    return found


def _address(desk: Console) -> str:
    return f"/console/cases/{_case(desk)['case']['id']}"


def test_a_case_is_listed_with_what_it_holds(busy: Console) -> None:
    """Its flag with family and severity, whose it is, when it is due, and the money that waits by unit."""
    row = _case(busy)
    case = row["case"]
    assert row["sorts"] == [{"code": "chargeback", "family": "reward", "severity": "high"}]
    rewards = [busy.api.get(f"/v1/rewards/{id_}") for id_ in case["rewards"]]
    assert sum(one["amount"] for one in row["waits"]) == sum(it["amount"] for it in rewards)
    assert row["owner"] is None
    assert "nobody yet" in busy.html("/console/cases")
    assert busy.json("/console/cases?status=mine")["cases"] == []
    assert busy.get("/console/cases?status=nonsense").status_code == 400


def test_a_case_is_taken_and_dated(busy: Console) -> None:
    """It is among one's own then; a member who is nobody is refused and the form keeps what was typed."""
    address = _address(busy)
    me = busy.visitors.caller.member if busy.visitors.caller else ""
    done = busy.form(f"{address}/assign", member=me, due="2026-06-01", tab="open")
    assert done.headers["location"] == f"{address}?status=open&done=case_assigned"
    mine = _case(busy, "mine")
    assert (mine["case"]["assignee"], mine["case"]["due_at"]) == (me, "2026-06-02T00:00:00Z")
    assert mine["owner"]
    wrong = busy.form(f"{address}/assign", member="mem_nobody", due="2026-06-09")
    assert (wrong.status_code, "2026-06-09" in wrong.text) == (409, True)
    assert busy.form(f"{address}/assign", member=me, due="soon").status_code == 400


def test_a_case_that_is_put_aside_is_counted_and_not_shown(busy: Console) -> None:
    """Until its day, with a reason; never beyond its date; and it is back as soon as it is woken."""
    address = _address(busy)
    due = _case(busy)["case"]["due_at"]
    late = busy.form(f"{address}/snooze", until="2027-06-01", reason="waiting for the bank")
    assert (late.status_code, "waiting for the bank" in late.text) == (409, True)
    assert busy.form(f"{address}/snooze", until=due[:10], reason=None).status_code == 400
    assert busy.form(f"{address}/snooze", until=due[:10], reason="waiting for the bank").status_code == 303
    page = busy.html("/console/cases")
    assert "1 snoozed" in page
    assert busy.json("/console/cases")["cases"] == []
    assert _case(busy, "snoozed")["case"]["snoozed_until"]
    assert busy.form(f"{address}/snooze").headers["location"].endswith("case_woken")
    assert _case(busy)["case"]["snoozed_until"] is None


def test_comments_are_texts_and_nothing_else(busy: Console) -> None:
    """Whatever is typed is shown as it was typed, to who may read notes."""
    address = _address(busy)
    assert busy.form(f"{address}/comment", text=f"{SCRIPT}\nseen").status_code == 303
    page = busy.html(address)
    assert SCRIPT not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\nseen" in page
    assert busy.form(f"{address}/comment", text="  ").status_code == 400
    busy.be("developer")
    assert "The text is not shown to you" in busy.html(address)


def test_what_deciding_would_move_is_what_it_moves(busy: Console) -> None:
    """The preview keeps nothing; deciding so moves exactly that, and says whether it was worth a look."""
    address = _address(busy)
    shown = busy.json(address)
    cleared, confirmed = shown["choices"]
    assert (cleared["code"], cleared["sums"]) == ("cleared", [])
    assert {one["now"] for one in confirmed["sums"]} == {0}
    assert busy.json(address)["record"]["case"]["status"] == "open"
    named = {one["beneficiary"]: one["was"] for one in confirmed["sums"]}
    rewards = [busy.api.get(f"/v1/rewards/{id_}") for id_ in shown["record"]["case"]["rewards"]]
    assert named == {it["beneficiary"]: it["amount"] for it in rewards}
    assert busy.form(f"{address}/decide", outcome="confirmed", note="<b>seen").status_code == 400
    done = busy.form(
        f"{address}/decide", outcome="confirmed", reason="returned", note=SCRIPT, worth="useful", tab="open"
    )
    assert done.headers["location"] == "/console/cases?status=open&done=case_decided"
    assert [busy.api.get(f"/v1/rewards/{it['id']}")["amount"] for it in rewards] == [0] * len(rewards)
    page = busy.html(address)
    assert SCRIPT not in page
    assert "chargeback was worth a look in 1 of the last 1" in page
    assert _case(busy, "decided")["case"]["worth"] == "useful"
    assert "chargeback was worth a look in 1 of the last 1" in busy.html("/console/cases?status=decided")


def test_an_appeal_is_another_members(busy: Console) -> None:
    """Who decided cannot decide the appeal: the boxes are locked, say why and who could, and the form is refused."""
    address = _address(busy)
    busy.form(f"{address}/decide", outcome="confirmed", reason="returned")
    assert busy.form(f"{address}/appeal", reason="mistake", note="look again").headers["location"].endswith("=appealed")
    assert _case(busy, "appealed")["case"]["status"] == "appealed"
    shown = busy.json(f"{address}?status=appealed")["choices"]
    assert {one["refusal"] for one in shown} == {"own_work"}
    assert busy.form(f"{address}/decide", outcome="cleared", reason="mistake").status_code == 409
    assert busy.form(f"{address}/appeal", reason="mistake").status_code == 409


def test_one_goes_on_to_the_next_of_the_list_and_nowhere_else(busy: Console) -> None:
    """Whatever a form says is behind."""
    address = _address(busy)
    for behind in ("//evil.example", "cas_1/../../log", "cas_\r\nx: y"):
        done = busy.form(f"{address}/decide", outcome="cleared", reason="looked_at", behind=behind, tab="//evil")
        if done.status_code == 303:
            assert done.headers["location"] == "/console/cases?done=case_decided"


def test_every_role_sees_a_case_as_far_as_it_may(busy: Console) -> None:
    """Who may decide is shown the boxes; who may look only is told who decides; others are shown no case."""
    address = _address(busy)
    for role, sees, decides, comments in (
        ("owner", 200, True, True), ("approver", 200, True, True), ("operations", 200, True, True),
        ("program_manager", 200, False, True), ("payer", 200, False, True), ("support", 200, False, True),
        ("developer", 200, False, False), ("auditor", 200, False, False),
        ("marketer", 403, False, False), ("analyst", 403, False, False),
    ):  # fmt: skip
        busy.be(role)
        answer = busy.get(address)
        assert answer.status_code == sees, role
        assert ("/decide" in answer.text, "/comment" in answer.text) == (decides, comments), role
        if sees == 200 and not decides:
            assert "cases are decided by" in answer.text, role
        refused = busy.form(f"{address}/decide", outcome="confirmed", reason="returned") if not decides else None
        assert refused is None or refused.status_code == 403, role


def test_the_due_chip_counts_days(busy: Console) -> None:
    """Days left, and days late."""
    assert "days left" in busy.html("/console/cases")
    busy.api.move("2026-12-01T00:00:00Z")
    assert "days late" in busy.html("/console/cases")


def test_who_is_named_in_evidence_is_called_by_name(desk: Console) -> None:
    """Two who recommend one another: the flag's page links them by name, and who may see no names reads no name."""
    for n, (advocate, friend) in enumerate((("Ann", "Bo"), ("Bo", "Ann"))):
        desk.api.send(
            sent.enrolled(f"enrol-{n}", advocate, f"CODE{n}"), sent.lead(f"lead-{n}", friend, code=f"CODE{n}")
        )
    desk.api.send(sent.purchase("order", "Ann", "INV-1", 20_000))
    [found] = [one for one in desk.json("/console/cases")["cases"] if one["sorts"][0]["code"] == "reciprocal"]
    [flag] = found["case"]["flags"]
    person, address = flag["evidence"]["advocate"], f"/console/cases/{found['case']['id']}"
    page = desk.html(address).partition("What was seen")[2].partition("</section>")[0]
    assert f'href="/console/people/{person}">Bo</a>' in page
    assert ">per_" not in page
    desk.be("auditor")
    hidden = desk.html(address).partition("What was seen")[2].partition("</section>")[0]
    assert ("Bo" in hidden) == desk.visitors.caller.principal.may("person.names")  # type: ignore[union-attr]
