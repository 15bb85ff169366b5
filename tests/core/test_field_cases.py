"""Cases from public threads in which others did harm: what holds here goes on to hold."""

import pytest
from testkit.stories import tell, world
from testkit.tables import stories
from testkit.world import World, advocate, at, member, rules

from goodword.core import events
from goodword.core.decision import Decision
from goodword.core.state import Claim

STORIES = stories(__file__)


def said(decision: Decision) -> list[str]:
    """Return what a decision says, by refusal or outcome."""
    return [verdict.refusal or verdict.outcome for verdict in decision.verdicts]


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str) -> None:
    """Each line is decided as the table says."""
    parts, story = STORIES[name]
    tell(world(**parts), story)


def test_a_payment_that_is_told_under_two_ids_is_somebody_s_to_look_at() -> None:
    """B29: three invoices within ten minutes of one another earn 3.00 each; the second and third wait for a person, each in a case."""
    made = world(rewards=[advocate(percent="10")], conversion={"counts": {"months": 12}})
    made.lead("bob", "2024-01-04", code="ANN")
    for number, when in enumerate(("00:00:00", "00:00:02", "00:10:01")):
        made.buy("bob", 3_000, f"2024-01-05T{when}", invoice=f"i{number}")
    assert [reward.amount for reward in made.rewards()] == [300, 300, 300]
    assert [len(reward.cases) for reward in sorted(made.rewards(), key=lambda it: it.earned_at)] == [0, 1, 1]
    assert [[flag.code for flag in case.flags] for case in made.cases()] == [["duplicate_conversion"]] * 2
    made.buy("bob", 3_000, "2024-01-05T00:00:00", invoice="i0")
    assert [verdict.refusal for verdict in made.log[-1][2].verdicts] == ["duplicate_conversion"]


def test_a_coupon_has_a_rate_of_its_own_in_a_program_of_its_own() -> None:
    """B31: the click's program pays 20 %, the coupon's 10 %; an order with both is the coupon's, once, with neither claim nor case."""
    made = World()
    codes = {}
    for program, percent in (("link", "20"), ("coupon", "10")):
        made.publish(rules(program=program, rewards=[advocate(percent=percent)]))
        codes[program] = f"ANN-{program}"
        made.enrol("ann", codes[program], program=made.program(program))
    for friend, coupon in (("b1", codes["coupon"]), ("b2", None)):
        made.click(codes["link"], f"v-{friend}", "2024-01-10")
        made.buy(friend, 10_000, "2024-01-11", invoice=friend, visitor=f"v-{friend}", code=coupon)
    assert [(reward.friend, reward.amount) for reward in sorted(made.rewards(), key=lambda it: it.friend)] == [
        ("b1", 1_000),
        ("b2", 2_000),
    ]
    assert (made.cases(), [*made.state.all(Claim)]) == ([], [])


def test_a_click_on_another_device_is_put_right_by_a_claim() -> None:
    """B30: a click on the phone brings no order on the laptop by itself; a claim that is won has it earn 10.00."""
    made = world(rewards=[advocate(percent="10")])
    made.click("ANN", "phone", "2024-01-10")
    made.buy("bob", 10_000, "2024-01-11", visitor="laptop")
    assert "no_touch" in [verdict.refusal for verdict in made.log[-1][2].verdicts]
    fields = {"program": made.program(), "person": "bob", "advocates": (("ann", 1, 1),), "lead_at": at("01-10")}
    made.command(events.ClaimEntered, **fields, reason="mail", evidence=("tch_1",))
    [claim] = made.claims()
    made.command(events.ClaimDecided, member("dan"), claim=claim.id, outcome="won", reason="seen")
    assert [(reward.beneficiary, reward.amount) for reward in made.rewards()] == [("ann", 1_000)]


def test_what_came_back_is_owed_once_more_and_sent_once() -> None:
    """B20: a payout that is returned is looked at again and drafted once; a second return is refused; other details are reviewed."""
    made = world(rewards=[advocate(percent="10")], hold="0d")
    made.referred()
    [first] = made.paid()
    assert made.draft("ann") == []
    assert said(made.answer(first, "returned")) == ["returned"]
    assert (made.reward().status, said(made.answer(first, "returned"))) == ("in_review", ["wrong_state"])
    made.approve(made.rewards())
    [second] = made.draft("ann")
    assert (second.amount, made.draft("ann")) == (1_000, [])
    made.release([second])
    for outcome in ("processing", "failed"):
        made.answer(second, outcome)
    made.payee("ann", "another iban")
    assert made.reward().status == "in_review"
    assert said(made.approve(made.rewards())) == ["approved"]
    made.tick(made.reward().due_at or 0)
    [third] = made.draft("ann")
    assert (third.amount, made.draft("ann")) == (1_000, [])
