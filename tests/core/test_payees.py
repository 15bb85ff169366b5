"""What a bank says of the name of a payee: of a doubtful answer a person is asked, and until then nothing goes there."""

from __future__ import annotations

from typing import Any

import pytest
from testkit.world import CLERK, OWNER, SERVER, World, advocate, member, rules

from goodword.core import calendar, events, payees
from goodword.core.decision import Decision
from goodword.core.facts import Actor
from goodword.core.state import Case, Payee, Payout

DECIDER = member("decider", "approver")
#: An answer, the case that it opens, and whether money goes there meanwhile.
ANSWERS = [("match", False), ("close_match", True), ("no_match", True), ("not_possible", False)]


def house(until: str = "approved") -> tuple[World, list[Payout]]:
    """A workspace in which ann is owed 6.00 EUR: approved, drafted, or released."""
    made = World()
    made.join(OWNER, CLERK, DECIDER)
    made.publish(rules(rewards=[advocate(percent="100")], hold="0d", payouts={"every": "once"}))
    made.enrol("ann")
    made.payee("ann")
    made.lead("bob", code="ANN")
    made.buy("bob", 600)
    made.approve(made.rewards(friend="bob"))
    if until == "approved":
        return made, []
    drafted = made.draft("ann")
    if until == "released":
        made.release(drafted)
    return made, [made.payout(it.id) for it in drafted]


def check(
    made: World, answer: str, *, at: int | None = None, destination: str = "iban", actor: Actor = SERVER, **more: Any
) -> Decision:
    """A bank answers about the details of ann."""
    when = made.now if at is None else at
    said = {"destination": destination, "answer": answer, "provider": "bank", "answered_at": when, **more}
    return made.command(events.PayeeChecked, actor, person="ann", **said)


def close(made: World, outcome: str, actor: Actor = DECIDER) -> Decision:
    """Somebody decides the open case about ann's details."""
    [case] = made.cases(status="open")
    return made.command(events.CaseDecided, actor, case=case.id, outcome=outcome, reason="other")


def of(made: World) -> Payee:
    """Where ann is paid."""
    found = made.state.get(Payee, "ann")
    assert found is not None
    return found


def said(decision: Decision) -> str:
    """What was said of a command: its refusal, or its outcome."""
    first = decision.verdicts[0]
    return first.refusal or first.outcome


@pytest.mark.parametrize(("answer", "asks"), ANSWERS)
def test_an_answer_is_kept_and_asks_a_person_where_it_is_doubtful(answer: str, asks: bool) -> None:
    """Each of the four answers stands with the payee; of a close match and of no match there is one case, of the others none."""
    assert [it for it, _ in ANSWERS] == list(payees.ANSWERS)
    made, _ = house()
    decision = check(made, answer)
    kept = of(made).checked
    assert kept is not None
    assert (kept.answer, kept.provider, kept.at) == (answer, "bank", made.now)
    found = made.cases()
    assert [(it.kind, it.subject, it.status, it.rewards) for it in found] == [("payee_check", "ann", "open", ())] * asks
    assert any(it.outcome == "case_opened" for it in decision.verdicts) == asks
    drafted = made.draft("ann")
    assert bool(drafted) != asks


@pytest.mark.parametrize(("outcome", "goes"), [("cleared", True), ("confirmed", False)])
def test_until_a_person_decides_nothing_is_drafted_and_then_as_they_say(outcome: str, goes: bool) -> None:
    """While the case is open a draft is refused; cleared, the money goes; confirmed, none does until there are other details."""
    made, _ = house()
    check(made, "no_match")
    draft = {"rail": "bank_file", "kinds": ("cash",), "manual": True, "unit": "EUR", "beneficiaries": ("ann",)}
    assert said(made.command(events.PayoutDrafted, CLERK, **draft)) == "payee_asked"
    close(made, outcome)
    if goes:
        assert len(made.draft("ann")) == 1
        return
    assert said(made.command(events.PayoutDrafted, CLERK, **draft)) == "payee_refused"
    made.payee("ann", "other")
    made.approve(made.rewards(friend="bob"))
    assert len(made.draft("ann")) == 1
    made.payee("ann", "iban")  # back to what was refused: a new name for it does not help
    made.approve(made.rewards(friend="bob"))
    assert said(made.command(events.PayoutDrafted, CLERK, **draft)) == "payee_refused"


def test_what_waits_for_its_release_is_not_released() -> None:
    """A payout that was drafted before the answer cannot be released while the case is open, and can once it is cleared."""
    made, payouts = house("drafted")
    check(made, "close_match", suggested="digest")
    assert said(made.release(payouts)) == "payee_asked"
    assert made.payout(payouts[0].id).status == "awaiting_release"
    close(made, "cleared")
    assert said(made.release(payouts)) == "released"


def test_a_first_release_is_void_when_an_answer_asks() -> None:
    """Of two who release a list the first did not know of the answer: both say it again."""
    made, payouts = house("drafted")
    other = member("other", "payer")
    made.join(other)
    assert said(made.release(payouts, CLERK)) == "second_person_needed"  # who drafted it is the first of two
    assert made.payout(payouts[0].id).releases
    check(made, "no_match")
    assert not made.payout(payouts[0].id).releases
    close(made, "cleared")
    assert said(made.release([made.payout(payouts[0].id)], CLERK)) == "second_person_needed"
    assert said(made.release([made.payout(payouts[0].id)], other)) == "released"


def test_what_was_released_is_not_handed_over() -> None:
    """A payout that was released and not handed over comes back as approved, and the payout is canceled with the reason."""
    made, payouts = house("released")
    check(made, "no_match")
    made.answer(payouts[0], "processing")
    payout = made.payout(payouts[0].id)
    assert (payout.status, payout.reason) == ("canceled", "payee_asked")
    [reward] = made.rewards(friend="bob")
    assert (reward.status, reward.payout, reward.sent) == ("approved", None, 0)
    close(made, "cleared")
    assert len(made.draft("ann")) == 1


def test_an_answer_speaks_of_the_details_that_it_was_asked_about_alone() -> None:
    """One about other details is refused; other details have no answer; and what a person is asked stays asked, whatever is entered."""
    made, _ = house()
    assert said(check(made, "match", destination="other")) == "item_changed"
    assert of(made).checked is None
    check(made, "no_match")
    made.payee("ann", "other")
    now = of(made)
    assert now.checked is None
    assert now.asked
    made.approve(made.rewards(friend="bob"))
    assert not made.draft("ann")
    close(made, "confirmed")  # it was about the details of before
    assert len(made.draft("ann")) == 1


def test_a_new_answer_takes_the_place_of_the_older_one_and_closes_nothing() -> None:
    """An older answer, and the same once more, change nothing; a match while a case is open is kept, and the case stays."""
    made, _ = house()
    check(made, "no_match", at=made.now)
    assert said(check(made, "no_match", at=made.now)) == "nothing_to_do"
    assert said(check(made, "match", at=made.now - 1)) == "nothing_to_do"
    check(made, "match", at=made.now + 1)
    kept = of(made).checked
    assert kept is not None
    assert kept.answer == "match"
    assert not made.draft("ann")
    close(made, "cleared")
    assert made.draft("ann")


@pytest.mark.parametrize("before", [True, False])
def test_an_account_that_is_anothers_is_not_paid_to_under_a_new_name(before: bool) -> None:
    """The same account with another name beside it is other details, entered before the case is decided or behind it."""
    made, _ = house()

    def enter(destination: str, account: str) -> None:
        made.command(events.PayeeSet, SERVER, person="ann", rail="bank_file", destination=destination, account=account)

    enter("one", "account")
    check(made, "no_match", destination="one")
    if before:
        enter("two", "account")
    close(made, "confirmed")
    if not before:
        enter("two", "account")
    made.approve(made.rewards(friend="bob"))
    draft = {"rail": "bank_file", "kinds": ("cash",), "manual": True, "unit": "EUR", "beneficiaries": ("ann",)}
    assert said(made.command(events.PayoutDrafted, CLERK, **draft)) == "payee_refused"
    [case] = made.cases()
    made.command(events.CaseAppealed, DECIDER, case=case.id, reason="other")
    made.command(events.CaseDecided, OWNER, case=case.id, outcome="cleared", reason="other")
    assert made.draft("ann")


def test_a_doubtful_answer_about_other_details_is_a_case_of_its_own() -> None:
    """While a person is asked about the details of before, of an answer about those of now they are asked too: each is decided."""
    made, _ = house()
    check(made, "no_match")
    made.payee("ann", "other")
    made.approve(made.rewards(friend="bob"))
    check(made, "no_match", destination="other")
    check(made, "close_match", destination="other", at=made.now + 1)
    first, second = made.cases(status="open")
    assert [it.flags[0].evidence["destination"] for it in (first, second)] == ["iban", "other"]
    made.command(events.CaseDecided, DECIDER, case=first.id, outcome="confirmed", reason="other")
    assert of(made).asked == (second.id,)
    assert not made.draft("ann")
    close(made, "cleared")
    assert made.draft("ann")


def test_an_answer_is_not_of_a_day_to_come() -> None:
    """One of next year would keep out every answer of now; a clock may be wrong by some minutes."""
    made, _ = house()
    assert said(check(made, "match", at=made.now + calendar.CLOCK_DIFFERENCE + 1)) == "in_future"
    assert of(made).checked is None
    assert said(check(made, "match", at=made.now + calendar.CLOCK_DIFFERENCE)) == "payee_checked"


def test_what_was_cleared_is_asked_again_only_by_another_answer() -> None:
    """The same answer about the same details is no new case; another one is."""
    made, _ = house()
    check(made, "close_match", suggested="one")
    close(made, "cleared")
    made.tick(made.now + 1)
    check(made, "close_match", suggested="one")
    assert not made.cases(status="open")
    check(made, "close_match", suggested="two")
    assert len(made.cases(status="open")) == 1
    close(made, "cleared")
    made.tick(made.now + 1)
    check(made, "no_match")
    assert len(made.cases(status="open")) == 1


def test_who_entered_the_details_does_not_decide() -> None:
    """Whoever entered the details asked about, or the present ones, decides nothing of the case; another member does."""
    made, _ = house()
    made.payee("ann", actor=OWNER)
    check(made, "no_match")
    assert said(close(made, "cleared", OWNER)) == "own_work"
    made.payee("ann", "other", actor=SERVER)
    assert said(close(made, "cleared", OWNER)) == "own_work"
    assert said(close(made, "cleared", DECIDER)) == "cleared"


def test_an_appeal_asks_again() -> None:
    """While a decision is appealed nothing goes there; another member decides, and what they say holds."""
    made, _ = house()
    check(made, "no_match")
    close(made, "confirmed")
    [case] = made.cases()
    made.command(events.CaseAppealed, DECIDER, case=case.id, reason="other")
    assert of(made).asked == (case.id,)
    made.command(events.CaseDecided, OWNER, case=case.id, outcome="cleared", reason="other")
    assert (of(made).asked, of(made).refused) == ((), ())
    assert made.draft("ann")
    assert isinstance(made.state.get(Case, case.id), Case)


def test_nobody_else_is_stopped_and_credit_goes_on() -> None:
    """The answer about one payee stops no other, and no approval: what was earned stays earned."""
    made, _ = house()
    made.enrol("cyd")
    made.payee("cyd", "theirs")
    made.lead("dan", code="CYD")
    made.buy("dan", 700)
    check(made, "no_match")
    assert said(made.approve(made.rewards(friend="dan"))) == "approved"
    made.lead("eve", code="ANN")
    made.buy("eve", 800)
    assert said(made.approve(made.rewards(friend="eve"))) == "approved"
    assert [it.beneficiary for it in made.draft("ann", "cyd")] == ["cyd"]
