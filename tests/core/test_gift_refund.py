"""A gift against a refund: at every state of the gift what becomes of it, of what was given and of its mail, as a table has it."""

import pytest
from testkit.tables import rows
from testkit.world import World, advocate, rules

from goodword.core import events, messages
from goodword.core.state import Handout, Payout

#: The states of a gift, in order; of the last but one there are no codes as it is released, and some after the refund.
STATES = ("held", "in review", "approved", "drafted", "released", "codes awaited", "given")
BACK = {"all": 10_000, "half": 5_000}


def gift(state: str) -> World:
    """Ann's gift of a quarter of Bob's order of 100 euros, brought so far."""
    made, at = World(), STATES.index(state)
    mine = advocate(percent="25", kind="gift")
    made.publish(rules(rewards=[mine], hold="14d" if state == "held" else "0d", payouts={"every": "once"}))
    made.enrol("ann")
    if state != "codes awaited":
        stocked(made)
    made.lead("bob", code="ANN")
    made.buy("bob", 10_000)
    if at >= STATES.index("approved"):
        made.approve(list(made.rewards(status="in_review")))
    if at >= STATES.index("drafted"):
        made.draft("ann", rail="code_stock")
    if at >= STATES.index("released"):
        made.release([*made.state.all(Payout)])
    if at >= STATES.index("codes awaited"):
        handed_over(made)
    return made


def stocked(made: World) -> None:
    made.command(events.StockUploaded, name="cards", unit="EUR", codes="0" * 64, size=5, amount=1_250)


def handed_over(made: World) -> list[str]:
    """What waits goes to its rail and arrives; returns the topics of mails that are ordered by it."""
    topics = []
    for payout in made.state.all(Payout):
        for outcome in ("processing", "completed"):
            if made.payout(payout.id).status in ("released", "processing"):
                jobs = made.answer(made.payout(payout.id), outcome).jobs
                topics += [str(job.payload["topic"]) for job in jobs if job.kind == messages.DUE]
    return topics


@pytest.mark.parametrize(
    ("state", "back", "wanted"), [(a, b, more) for a, b, *more in rows(__file__, "What becomes of it")]
)
def test_a_gift_against_a_refund(state: str, back: str, wanted: list[str]) -> None:
    """What was not given is not given for an order that is gone; what was given is theirs, and its worth is owed back."""
    made = gift(state)
    made.refund("bob-1", BACK[back])
    if state == "codes awaited":
        stocked(made)
    handed_over(made)
    [reward] = made.rewards()
    [payout] = [it.status for it in made.state.all(Payout)] or ["none"]
    given = len([*made.state.all(Handout)]) * 1_250
    assert [f"{reward.status}, {euros(reward.amount)}", payout, euros(given), euros(reward.receivable)] == wanted


def euros(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


def test_all_states_are_in_the_table() -> None:
    """Each state with each refund, once."""
    said = [(state, back) for state, back, *_ in rows(__file__, "What becomes of it")]
    assert said == [(state, back) for state in STATES for back in BACK]


def test_its_mail_is_ordered_as_it_is_given_and_not_before() -> None:
    """Whatever topics the rules name, once for a payout; another kind over the same rail is the company's to tell."""
    made = gift("released")
    assert handed_over(made) == ["gift"]
    assert handed_over(made) == []
    assert [it.kind for it in made.rewards()] == ["gift"]
