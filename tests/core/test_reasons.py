"""What a person is told of a no: the reason, from a closed list, unless the law or an investigation forbids it."""

from typing import Any

import pytest
from testkit.stories import tell, world
from testkit.world import OWNER, World

from goodword.core import events, reasons, semantics
from goodword.core.decision import Verdict
from goodword.words.verdicts import sentences


def rejected(reason: str, withheld: str | None = None, number: int = semantics.CURRENT, which: int = -1) -> Verdict:
    """The verdict of a rejection about ann's reward; the first is the command's."""
    made = earned()
    made.semantics = number
    items = made.items([made.reward(side="advocate")])
    return made.command(events.RewardsRejected, OWNER, items=items, reason=reason, withheld=withheld).verdicts[which]


def earned(**parts: Any) -> World:
    made = world(**parts)
    tell(made, "02-01 lead bob code=ANN\n 02-02 buy bob 100.00 EUR")
    return made


@pytest.mark.parametrize("reason", reasons.TOLD)
def test_the_payee_is_told_the_reason(reason: str) -> None:
    """Each reason of the list has its own sentence, which says no other's (E9, and reasons told to the payee)."""
    said = {each: sentences(rejected(each)).beneficiary for each in reasons.TOLD}
    assert list(said.values()).count(said[reason]) == 1
    assert said[reason].startswith("A person has looked at it and declined it: ")


def test_a_reason_of_the_company_s_own_is_told_as_another() -> None:
    """What is not in the list is no sentence for them, whatever a member calls it; finance reads it."""
    verdict = rejected("fraud_ring_7")
    assert sentences(verdict).beneficiary == sentences(rejected("other")).beneficiary
    assert "fraud_ring_7" not in sentences(verdict).beneficiary
    assert "fraud_ring_7" in sentences(rejected("fraud_ring_7", which=0)).finance


@pytest.mark.parametrize("withheld", reasons.WITHHELD)
def test_what_is_forbidden_is_not_told(withheld: str) -> None:
    """Neither the reason nor which of the two forbids it."""
    told = {sentences(rejected(reason, withheld)).beneficiary for reason in reasons.TOLD}
    assert told == {sentences(rejected("other", "law")).beneficiary}
    assert sentences(rejected("terms", withheld)).finance != sentences(rejected("terms")).finance


def test_a_confirmed_case_tells_it_and_a_cleared_one_needs_none() -> None:
    """The rewards that a case held are not paid for a reason that is told; where nothing was wrong there is none."""
    for outcome, told in (("confirmed", True), ("cleared", False)):
        made = earned(review={"over": {"EUR": 1}})
        [case] = {case.id for case in made.cases()}
        verdict = made.command(events.CaseDecided, OWNER, case=case, outcome=outcome, reason="own_purchase").verdicts[
            -1
        ]
        assert any(step.code == "reason" for step in verdict.steps) == told
        assert ("oneself" in sentences(verdict).beneficiary) == told


def test_before_it_was_so_nobody_was_told() -> None:
    """What was decided under the first behaviour keeps its steps."""
    assert [step.code for step in rejected("terms", number=1).steps] == ["list"]
