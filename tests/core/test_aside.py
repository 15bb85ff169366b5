"""A reward in review is put aside for a while, and is back at once when anything new comes of it."""

import pytest
from testkit.stories import tell, world
from testkit.world import OWNER, SERVER, World, at, member, verdict
from tests.core.test_claims import claim

from goodword.core import calendar, events, priority
from goodword.core.decision import Decision
from goodword.core.state import Referral, Reward

OPS, SUE = member("ops", "operations"), member("sue", "support")


def waiting(**parts: object) -> World:
    """Ann and bob are to earn by bob's order, and what they earn is in review."""
    made = world(**parts)
    tell(made, "02-01 lead bob v1 code=ANN\n02-02 buy bob 100.00 EUR\n02-03 lead eve code=AMY")
    made.tick("03-04")
    made.payee("ann")
    made.owner()
    made.join(OPS, SUE)
    return made


def hers(made: World) -> Reward:
    return made.reward(side="advocate", friend="bob")


def snooze(made: World, until: int | None, reason: str = "asks_the_shop", actor: object = OPS) -> Decision:
    return made.command(events.RewardSnoozed, actor, reward=hers(made).id, until=until, reason=reason)  # type: ignore[arg-type]


def test_nobody_puts_a_reward_aside_beyond_what_was_promised_or_without_a_reason() -> None:
    """Nor into the past, nor one that is not in review; and only who may hold one does."""
    made = waiting()
    due = priority.decide_by(hers(made))
    for until, reason in ((due + 1, "x"), (made.now, "x"), (due, "")):
        assert verdict(snooze(made, until, reason)) == "wrong_state"
    assert verdict(snooze(made, due, actor=SUE)) == "not_permitted"
    assert verdict(snooze(made, due)) == "reward_snoozed"
    assert hers(made).snoozed_until == due
    assert [it.aside for it in made.state.all(Referral) if it.aside] == [(hers(made).id,)]
    assert verdict(snooze(made, None)) == "reward_woken"
    assert hers(made).snoozed_until is None
    assert verdict(made.command(events.RewardSnoozed, OPS, reward="rwd_none", until=due, reason="x")) == "not_found"
    made.approve([hers(made)])
    assert verdict(snooze(made, made.now + 1)) == "wrong_state"


@pytest.mark.parametrize(
    "line",
    [
        "03-05 refund bob-1 40.00 r1",
        "03-05 buy bob 50.00 EUR invoice=bob-2",
        "03-05 buy bob 0.00 EUR invoice=bob-3",
        "03-05 lead bob v9 code=AMY",
        "03-05 chargeback bob-1 opened",
        "03-05 held ann",
        "03-05 issue bob opened late",
        "03-05 issue bob closed late",
        "03-05 amend bob-1 80.00 EUR a1",
        "03-05 traits bob staff=yes",
    ],
)
def test_whatever_comes_of_it_or_of_its_friend_brings_it_back(line: str) -> None:
    """Also what is refused, or changes nothing of the reward; and its referral forgets that it was put aside."""
    made = waiting()
    assert verdict(snooze(made, priority.decide_by(hers(made)))) == "reward_snoozed"
    tell(made, line)
    assert hers(made).snoozed_until is None
    assert [it.aside for it in made.state.all(Referral) if it.aside] == []


def test_claims_details_and_members_bring_it_back() -> None:
    """A claim that stops it, payment details that are entered, a first approval, and of course a decision."""
    made = waiting(review={"two_people_over": {"EUR": 0}})
    due = priority.decide_by(hers(made))

    def said(kind: str) -> None:
        if kind == "claim":
            assert verdict(claim(made, ("amy", 1, 1), lead_at=at("02-01"), evidence=("tch_1",))) == "claim_opened"
        elif kind == "details":
            made.payee("ann", "another", actor=SERVER)
        else:
            made.look(hers(made).id)
            made.approve([hers(made)])

    for kind in ("details", "first", "claim"):
        assert verdict(snooze(made, due)) == "reward_snoozed"
        said(kind)
        assert hers(made).snoozed_until is None, kind


def test_looking_and_what_others_do_leave_it_aside() -> None:
    """Evidence that is opened, an order of somebody else, a payout of others; and it can be decided all the same."""
    made = waiting()
    due = priority.decide_by(hers(made))
    assert verdict(snooze(made, due)) == "reward_snoozed"
    made.look(hers(made).id)
    tell(made, "03-05 buy eve 70.00 EUR invoice=eve-1")
    assert hers(made).snoozed_until == due
    assert verdict(made.approve([hers(made)], OWNER)) == "approved"
    assert hers(made).snoozed_until is None


def test_a_claim_is_commented_on_whatever_its_state() -> None:
    """By whom and when, the newest hundred; by who may, and in their programs."""
    made = waiting()
    id_ = claim(made, ("amy", 1, 1), lead_at=at("02-01")).verdicts[0].subject or ""
    for number in range(101):
        assert verdict(made.command(events.ClaimNoted, SUE, claim=id_, note=str(number))) == "claim_noted"
    [found] = made.claims()
    assert [comment.note for comment in found.comments] == [str(number) for number in range(1, 101)]
    assert {comment.by for comment in found.comments} == {"sue"}
    made.command(events.ClaimDecided, OWNER, claim=id_, outcome="withdrawn", reason="x")
    assert verdict(made.command(events.ClaimNoted, SUE, claim=id_, note="later")) == "claim_noted"
    assert verdict(made.command(events.ClaimNoted, SUE, claim="clm_none", note="x")) == "not_found"
    assert verdict(made.command(events.ClaimNoted, member("ana", "analyst"), claim=id_, note="x")) == "not_permitted"
    assert made.now < calendar.parse("2024-03-06T00:00:00Z")
