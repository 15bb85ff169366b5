"""Corrections: what no order earned. A table that a lawyer can read; what each is told; and that no one person pays one."""

from decimal import Decimal
from typing import Any

import pytest
from testkit.stories import decided
from testkit.tables import stories
from testkit.world import CLERK, World, advocate, member, rules
from tests.core.test_loading import decided_on_parts

from goodword import words
from goodword.core import calendar, entry, events, ledger, lists, reviews
from goodword.core.decision import Decision
from goodword.core.state import Balance, Reward

TOLD = stories(__file__)
PEOPLE = {
    "cora": member("cora", "operations"),
    "max": member("max", "approver"),
    "may": member("may", "approver"),
    "paula": member("paula", "payer"),
    "owner": member("owner"),
}
STANDING = {
    "suspended": events.AdvocateSuspended,
    "resumed": events.AdvocateResumed,
    "left": events.AdvocateLeft,
}


def house(*, two_people_over: bool = False, **parts: Any) -> World:
    """A workspace with ann and amy, whose friends' orders earn ten per cent; what is approved is due at once."""
    made = World()
    review = {"review": {"two_people_over": {"EUR": 10_000}}} if two_people_over else {}
    made.publish(
        rules(**{"rewards": [advocate(percent="10")], "hold": "0d", "payouts": {"every": "once"}, **review, **parts})
    )
    for person in ("ann", "amy"):
        made.enrol(person)
        made.payee(person)
    return made


def minor(amount: str) -> int:
    return int(Decimal(amount) * 100)


def newest(made: World) -> Reward:
    """The correction that was entered last."""
    return next(reward for reward in reversed(made.rewards()) if ledger.origin(reward.on) in ledger.ORIGINS)


def enter(made: World, origin: str, amount: int, by: str = "cora", **more: Any) -> Decision:
    kind = more.get("reward_kind", "cash")
    said = {"program": made.program(), "person": "ann", "note": "n", "currency": None if kind == "points" else "EUR"}
    return made.command(events.CorrectionEntered, PEOPLE[by], origin=origin, amount=amount, **said | more)


def _happen(made: World, said: list[str]) -> Decision | None:
    verb, *what = [word for word in said if "=" not in word]
    more = dict(word.split("=") for word in said if "=" in word)
    by = PEOPLE[more.get("by", {"enter": "cora", "pay": "paula"}.get(verb, "max"))]
    match verb:
        case "enter":
            fields: dict[str, Any] = {"reward_kind": more["kind"]} if "kind" in more else {}
            fields |= {"person": more["for"]} if "for" in more else {}
            fields |= {"puts_right": made.reward(conversion=f"inv:{more['right']}-1").id} if "right" in more else {}
            amount = int(what[1]) if more.get("kind") == "points" else minor(what[1])
            return enter(made, what[0], amount, by.id, **fields)
        case "order":
            made.lead(what[0], code="ANN")
            return made.buy(what[0], minor(what[1]))
        case "refund":
            return made.refund(what[0], minor(what[1]))
        case "account":
            return made.payee("ann", actor=by)
        case "wait":
            return made.tick(made.now + calendar.duration(what[0]))
        case "suspended" | "resumed" | "left":
            return made.send(STANDING[verb], person=what[0])
    reward = made.reward(conversion=f"inv:{what[0]}-1") if what else newest(made)
    items = made.items([reward])
    match verb:
        case "approve":
            return made.approve([reward], by)
        case "unseen":
            return made.command(events.ApprovalGiven, by, items=items, list_sha256=lists.digest(items))
        case "pay":
            payouts = made.draft("ann")
            released = made.release(payouts, by)
            for outcome in ("processing", "completed") if decided(released) == "released" else ():
                released = made.answer(made.payout(payouts[0].id), outcome, CLERK)
            return released
        case "restore":
            items = (reviews.restorable(reward),)
            return made.command(
                events.RewardsRestored, by, items=items, list_sha256=lists.digest(items), reason="mistake"
            )
    kind = {"reject": events.RewardsRejected, "withdraw": events.ApprovalWithdrawn}[verb]
    return made.command(kind, by, items=items, reason="mistake")


def stands(made: World) -> list[int]:
    """What is expected, approved and paid in all in money, and what corrections cost under their names."""
    sums = dict.fromkeys(("accrued", "payable", "settled", "cost"), 0)
    for balance in made.state.all(Balance):
        if balance.account == "expense" and balance.owner:
            assert balance.owner in ledger.ORIGINS
            sums["cost"] -= balance.amount
        elif balance.account in sums:
            sums[balance.account] += balance.amount
    return [*sums.values()]


@pytest.mark.parametrize("told", TOLD.values(), ids=TOLD)
def test_the_table(told: tuple[dict[str, Any], str]) -> None:
    """Each line of the table is decided as it says, and leaves what it says."""
    parts, story = told
    made = house(**parts)
    for line in story.splitlines():
        happens, _, leaves = line.partition("|")
        happens, arrow, expected = happens.partition("->")
        decision = _happen(made, happens.split())
        assert not arrow or (decision is not None and decided(decision) == expected.strip()), line
        assert stands(made) == [minor(amount) for amount in leaves.split()], line


@pytest.mark.parametrize("told", TOLD.values(), ids=TOLD)
def test_what_deciding_needs_is_loaded(told: tuple[dict[str, Any], str]) -> None:
    """Each story is decided the same on what is loaded for each of its events."""
    parts, story = told
    made = house(**parts)
    for line in story.splitlines():
        _happen(made, line.partition("|")[0].partition("->")[0].split())
    decided_on_parts([entry.asked(leaf) for leaf in made.leaves], parted=True)


@pytest.mark.parametrize("origin", ledger.ORIGINS)
def test_each_is_told_what_it_is_and_that_it_is_only_expected(origin: str) -> None:
    """The beneficiary hears what a correction is, how much, and that somebody else must approve it; never who entered it."""
    made = house()
    made.lead("bob", code="ANN")
    made.buy("bob", 10_000)
    reward = made.reward(friend="bob")
    made.command(events.RewardsRejected, PEOPLE["max"], items=made.items([reward]), reason="mistake")
    (said,) = enter(made, origin, 2_500, reward_kind="credit", puts_right=reward.id, document="TICKET-7").verdicts
    told = words.sentences(said)
    assert "25.00 EUR" in told.beneficiary
    assert "expected" in told.beneficiary
    assert "cora" not in told.beneficiary
    assert all(part in told.finance for part in ("cora", reward.id, "TICKET-7"))


def test_it_says_what_it_puts_right_and_that_says_so_too() -> None:
    """A correction names the reward that it is about, and that names its corrections, in their order."""
    made = house()
    made.lead("bob", code="ANN")
    made.buy("bob", 10_000)
    reward = made.reward(friend="bob")
    for amount in (100, 200):
        enter(made, "mistake", amount, puts_right=reward.id)
    now = made.reward(friend="bob")
    assert [made.reward(id=id_).amount for id_ in now.corrections] == [100, 200]
    assert {made.reward(id=id_).puts_right for id_ in now.corrections} == {reward.id}
    assert (now.amount, now.status) == (reward.amount, reward.status)


def test_one_reward_is_put_right_so_often_and_no_more() -> None:
    """What a reward keeps of its corrections is bounded, and so is what one person may do to it."""
    made = house()
    made.lead("bob", code="ANN")
    made.buy("bob", 10_000)
    reward = made.reward(friend="bob")
    for _ in range(20):
        assert decided(enter(made, "goodwill", 1, puts_right=reward.id)) == "ann 0.01 EUR"
    assert decided(enter(made, "goodwill", 1, puts_right=reward.id)) == "refused too_many"
