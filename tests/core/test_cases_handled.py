"""A case is somebody's, is due, is spoken about, is put aside, and says in the end whether it was worth a look."""

import pytest
from testkit.stories import tell, world
from testkit.world import OWNER, World, member, said, verdict

from goodword.core import calendar, cases, events
from goodword.core.decision import Decision
from goodword.core.state import Case, Counter

OPS, SUE = member("ops", "operations"), member("sue", "support")


def flagged() -> tuple[World, Case]:
    """A case over what bob's order earned."""
    made = world()
    tell(made, "02-01 lead bob code=ANN\n02-02 same device bob ann\n02-02 buy bob 100.00 EUR")
    made.owner()
    made.join(OPS, SUE)
    [case] = made.cases()
    return made, case


def now(made: World) -> Case:
    """The case as it is."""
    [case] = made.cases()
    return case


def snooze(made: World, case: Case, until: int | None, reason: str = "waits_for_bank") -> Decision:
    return made.command(events.CaseSnoozed, OPS, case=case.id, until=until, reason=reason)


def test_a_case_is_due_within_stated_days_and_is_given_to_who_may_decide_it() -> None:
    """Three days as a rule; who may not decide cases, or is nobody, is given none."""
    made, case = flagged()
    assert case.due_at == case.opened_at + 3 * calendar.DAY
    for name in ("nobody", "sue"):
        assert verdict(made.command(events.CaseAssigned, OPS, case=case.id, member=name)) == "not_found"
    due = case.opened_at + calendar.DAY
    assert verdict(made.command(events.CaseAssigned, OPS, case=case.id, member="owner", due_at=due)) == "case_assigned"
    assert (now(made).assignee, now(made).due_at) == ("owner", due)
    assert verdict(made.command(events.CaseAssigned, OPS, case=case.id)) == "case_assigned"
    assert (now(made).assignee, now(made).due_at) == (None, due)
    assert verdict(made.command(events.CaseAssigned, SUE, case=case.id)) == "not_permitted"


def test_nobody_puts_a_case_aside_beyond_its_date_or_without_a_reason() -> None:
    """Nor into the past; it is back when it is taken back, commented on, or holds more than it did."""
    made, case = flagged()
    due = case.due_at or 0
    for until, reason in ((due + 1, "x"), (made.now, "x"), (due, "")):
        assert verdict(snooze(made, case, until, reason)) == "wrong_state"
    for back in ("taken", "comment"):
        assert verdict(snooze(made, case, due)) == "case_snoozed"
        assert now(made).snoozed_until == due
        if back == "taken":
            assert verdict(snooze(made, case, None)) == "case_woken"
        else:
            assert verdict(made.command(events.CaseNoted, SUE, case=case.id, note="ab")) == "case_noted"
        assert now(made).snoozed_until is None


def test_comments_stand_in_order_and_the_newest_hundred_are_kept() -> None:
    """By whom and when; also on a case that was decided."""
    made, case = flagged()
    for number in range(102):
        assert verdict(made.command(events.CaseNoted, SUE, case=case.id, note=str(number))) == "case_noted"
    assert [comment.note for comment in now(made).comments] == [str(number) for number in range(2, 102)]
    made.command(events.CaseDecided, OWNER, case=case.id, outcome="cleared", reason="x")
    assert verdict(made.command(events.CaseNoted, SUE, case=case.id, note="later")) == "case_noted"
    assert (now(made).comments[-1].by, now(made).comments[-1].note) == ("sue", "later")
    assert verdict(snooze(made, case, made.now + 1)) == "wrong_state"
    assert verdict(made.command(events.CaseNoted, SUE, case="cas_none", note="x")) == "not_found"


def counted(made: World) -> dict[str, int]:
    return {it.kind: it.count for it in made.state.all(Counter) if it.kind.startswith("worth:") and it.count}


def test_a_flag_counts_as_what_it_was_worth_and_once() -> None:
    """What an appeal finds replaces it; a worth that there is not is refused."""
    made, case = flagged()
    say = {"case": case.id, "outcome": "cleared", "reason": "x"}
    assert said(made.command(events.CaseDecided, OWNER, **say, worth="nice")) == [("command", "wrong_state")]
    made.command(events.CaseDecided, OWNER, **say, worth="false_alarm")
    assert counted(made) == {"worth:self_referral:false_alarm": 1}
    made.command(events.CaseAppealed, OPS, case=case.id, reason="x")
    assert now(made).due_at == made.now + 3 * calendar.DAY
    made.command(events.CaseDecided, member("eve", "approver"), **(say | {"outcome": "confirmed"}), worth="confirmed")
    assert counted(made) == {"worth:self_referral:confirmed": 1}
    assert now(made).worth == "confirmed"


@pytest.mark.parametrize("number", [1, 2, 3])
def test_before_the_fourth_behaviour_a_case_was_not_due(number: int) -> None:
    """A log of then is decided as it was."""
    made = World()
    made.semantics = number
    made.publish()
    made.enrol("ann")
    made.referred("bob", by="ann")
    made.send(events.ChargebackOpened, invoice="bob-1", chargeback="cb")
    assert {case.due_at for case in made.cases()} == {None}
    assert cases.codes_of(now(made)) == ["chargeback"]


def test_a_case_of_a_list_is_handled_as_it_was_shown_or_not_at_all() -> None:
    """Whoever saw another one is refused, whatever they say of it; the digest is that of the case as it stands."""
    made, case = flagged()
    shown = cases.seen(case)
    assert verdict(made.command(events.CaseNoted, SUE, case=case.id, note="ab")) == "case_noted"
    told: dict[type[events.Event], dict[str, object]] = {
        events.CaseAssigned: {"member": "owner"},
        events.CaseSnoozed: {"until": case.due_at, "reason": "waits"},
        events.CaseDecided: {"outcome": "cleared", "reason": "x"},
    }
    for event, more in told.items():
        assert verdict(made.command(event, OPS, case=case.id, seen=shown, **more)) == "item_changed"
        assert now(made).assignee is now(made).snoozed_until is None
    for event, more in told.items():
        outcome = verdict(made.command(event, OWNER, case=case.id, seen=cases.seen(now(made)), **more))
        assert outcome in ("case_assigned", "case_snoozed", "cleared")
    assert now(made).status == "decided"
