"""A payout that failed, and arrived after all: two people put it right, and it is never paid twice."""

from typing import Any

import pytest
from msgspec.structs import replace
from testkit.tables import rows
from testkit.world import CLERK, World, advocate, member, rules
from tests.core.test_loading import decided_on_parts

from goodword import words
from goodword.core import entry, events, notices
from goodword.core.decision import Decision
from goodword.core.state import Payout

PEOPLE = {
    "paula": member("paula", "payer"),
    "olga": member("olga", "payer"),
    "max": member("max", "approver"),
    "cora": member("cora", "operations"),
}


def house() -> World:
    """A workspace in which ann is owed 6.00 EUR for what bob bought, approved and due."""
    made = World()
    made.publish(rules(rewards=[advocate(percent="100")], hold="0d", payouts={"every": "once"}))
    made.enrol("ann")
    made.payee("ann")
    earn(made, "bob", 600)
    return made


def earn(made: World, friend: str, amount: int) -> None:
    made.lead(friend, code="ANN")
    made.buy(friend, amount)
    made.approve(made.rewards(friend=friend))


def send(made: World, *answers: str) -> Payout:
    """Draft and release what is due, and hear what is said of it."""
    (payout,) = made.draft("ann")
    made.release([payout])
    for answer in answers:
        made.answer(made.payout(payout.id), answer)
    return made.payout(payout.id)


def arrive(made: World, payout: Payout, who: str, **more: Any) -> Decision:
    said = {"payout": payout.id, "amount": payout.amount, "unit": payout.unit, "note": "n"}
    return made.command(events.PayoutArrived, PEOPLE[who], **said | more)


def both(made: World, payout: Payout) -> Decision:
    """Two members say that it arrived."""
    assert _said(arrive(made, payout, "paula")) == "second_person_needed"
    return arrive(made, payout, "olga")


def _said(decision: Decision) -> str:
    return decision.verdicts[0].refusal or decision.verdicts[0].outcome


def _anew(made: World) -> None:
    """What a member said came back is approved again, by another."""
    made.approve(made.rewards(friend="bob", status="in_review"))


def _meanwhile(made: World, what: str) -> Payout | None:
    match what.partition(",")[0].split():
        case ["nothing"]:
            return None
        case ["approved"]:
            _anew(made)
            return None
        case ["new", "account"]:
            _anew(made)
            made.payee("ann", "another")
            return None
        case ["refunded", *half]:
            made.refund("bob-1", 300 if half else 600)
            return None
        case ["rejected"]:
            made.command(events.RewardsRejected, items=made.items(made.rewards(friend="bob")), reason="mistake")
            return None
        case ["drafted", *more]:
            _anew(made)
            if more:
                earn(made, "eve", 300)
            return made.draft("ann")[0]
        case ["released", *more]:
            _anew(made)
            if more:
                earn(made, "eve", 300)
            return send(made)
        case ["handed", "over"]:
            _anew(made)
            return send(made, "processing")
    _anew(made)
    return send(made, "processing", "completed")


def _money(made: World) -> dict[str, int]:
    sums: dict[str, int] = {}
    for (account, _), amount in made.balances().items():
        sums[account] = sums.get(account, 0) + amount
    return {account: amount for account, amount in sums.items() if amount}


def came_back(how: str) -> tuple[World, Payout]:
    made = house()
    return made, send(made, "processing", *(["completed"] if how == "returned" else []), how)


def _settled(how: str, meanwhile: str) -> tuple[World, Payout, Payout | None, Decision]:
    made, first = came_back(how)
    second = _meanwhile(made, meanwhile)
    decision = both(made, first)
    then = meanwhile.partition(", then ")[2]
    if second is not None and then:
        made.answer(made.payout(second.id), then)
    return made, first, second, decision


@pytest.mark.parametrize("row", rows(__file__, "It arrived"), ids=lambda row: "-".join(row[:2]))
def test_it_arrived(row: list[Any]) -> None:
    """Both payouts, the reward and the books stand as the table says; nothing of it is due again, and what is needed is loaded."""
    how, meanwhile, first, second, reward, money, owes = row
    made, one, other, decision = _settled(how, meanwhile)
    assert _said(decision) == "arrived"
    assert made.payout(one.id).status == first
    assert ("-" if other is None else made.payout(other.id).status) == second
    now = made.reward(friend="bob")
    assert (now.status, now.receivable) == (reward, owes)
    assert _money(made) == money
    assert made.draft("ann") == []
    decided_on_parts([entry.asked(leaf) for leaf in made.leaves], parted=True)


@pytest.mark.parametrize(("first", "second", "answered"), rows(__file__, "Who says so"))
def test_who_says_so(first: str, second: str, answered: str) -> None:
    """Two who may, and are two."""
    made, payout = came_back("failed")
    assert [_said(arrive(made, payout, who)) for who in (first, second)] == answered.split(", ")


@pytest.mark.parametrize(("state", "answered"), rows(__file__, "Of which it can be said"))
def test_of_which_it_can_be_said(state: str, answered: str) -> None:
    """Only of what came back, as it was sent, and by nobody who had a hand in what it pays."""
    made = house()
    more = {}
    if "correction" in state:
        said = {"program": made.program(), "person": "ann", "note": "n", "currency": "EUR"}
        made.command(events.CorrectionEntered, PEOPLE["cora"], origin="goodwill", amount=100, **said)
        entered = next(reward for reward in made.rewards() if reward.on == ":goodwill")
        made.approve([entered], PEOPLE["max"])
        made.state.put(_by(entered.id, made))
    if state == "awaiting_release":
        (payout,) = made.draft("ann")
    elif state == "canceled":
        (payout,) = made.draft("ann")
        made.command(events.PayoutCanceled, payout=payout.id, reason="x")
    elif state == "released":
        payout = send(made)
    else:
        word = state.partition(",")[0]
        answers = {"processing": ["processing"], "returned": ["processing", "completed", "returned"]}
        payout = send(made, *answers.get(word, ["processing", word]))
    if "another amount" in state:
        more = {"amount": payout.amount + 1}
    assert _said(arrive(made, payout, "paula", **more)) == answered


def _by(reward: str, made: World) -> Any:
    """The correction as if paula had entered it, while she had the permission."""
    it = made.reward(id=reward)
    return replace(it, acts=tuple(replace(act, member="paula") for act in it.acts))


def test_what_ann_has_twice_is_said_and_set_off() -> None:
    """She is told that she has it twice; the next payout nets it, and so does nothing else."""
    made, _, _, decision = _settled("failed", "completed")
    told = [words.sentences(verdict).beneficiary for verdict in decision.verdicts if verdict.about == "reward"]
    again = "A payment that we took for failed had reached you, and we sent 6.00 EUR again."
    assert told == [f"{again} What you have twice is set off against your next payout."]
    earn(made, "eve", 1_000)
    (payout,) = made.draft("ann")
    assert payout.amount == 400


def test_others_are_told_that_it_arrived() -> None:
    """The payout is completed and the reward is paid, for whoever listens; of what was said first nothing is told."""
    made, payout = came_back("failed")
    told = []
    for who in ("paula", "olga"):
        arrive(made, payout, who)
        last = entry.read(made.leaves[-1])
        known = {it.id: it for it in (made.payout(payout.id), made.reward(friend="bob"))}
        told.append([notice.type for notice in notices.notices(last, known)])
    assert told == [[], ["payout.completed", "reward.paid"]]


def test_an_ordinary_answer_still_does_not_reach_it() -> None:
    """Neither a rail nor one person alone completes what came back, whatever they say of it."""
    made, payout = came_back("failed")
    for answer in ("completed", "sent", "returned", "processing"):
        assert _said(made.answer(payout, answer, CLERK)) == "wrong_state"
