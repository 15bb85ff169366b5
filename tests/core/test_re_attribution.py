"""A friend is somebody else's: what that moves in every state of a reward, posting for posting, and what each side is told."""

from typing import Any

import pytest
from testkit.tables import rows
from testkit.world import World, advocate, friend
from tests.core.test_arrived import both
from tests.core.test_claim_outcomes import claimed, contested, decide
from tests.core.test_contested import DAN

from goodword import words
from goodword.core.decision import Decision
from goodword.core.ledger import Posting
from goodword.core.state import Payout

PAYS = {"percent": {"percent": "10"}, "fixed": {"flat": {"EUR": 700}}}
#: What a table says of how far Ann's reward had come -> up to which word of the rail
SENT = {"released": "released", "handed over": "processing", "sent": "sent", "paid": "completed"}


def house(pays: str, policy: str, stood: str) -> World:
    """Bob came by Ann and bought for 100.00 EUR; her reward has come as far as is said, and Amy is entered for him."""
    made = contested(policy, rewards=[advocate(**PAYS[pays]), friend(flat={"EUR": 500})])
    if stood in ("approved", "in a draft"):
        made.approved(side="advocate")
    if stood == "in a draft":
        made.tick(made.reward(side="advocate").due_at or 0)
        assert made.draft("ann")
    if stood in SENT:
        made.paid(side="advocate", until=SENT[stood])
    return made


def moved(pays: str, stood: str, policy: str, decided: str) -> tuple[World, Decision]:
    """Decide whose Bob is."""
    made = house(pays, policy, stood)
    return made, decide(made, claimed(made), decided, DAN)


def _ends(posting: Posting) -> str:
    source, to = (
        (name, owner)
        for name, owner in ((posting.source, posting.source_owner), (posting.destination, posting.destination_owner))
    )
    return f"{' '.join(filter(None, source))} to {' '.join(filter(None, to))} {posting.amount}"


def shown(made: World, person: str) -> str:
    """What somebody is owed by which rewards, with their states: ``500 approved``; nothing for none."""
    rewards = made.rewards(beneficiary=person, side="advocate")
    return ", ".join(f"{reward.amount} {reward.status}" for reward in rewards) or "-"


def told(decision: Decision, person: str) -> str:
    """What somebody is told of it, sentence by sentence, each once."""
    said = [words.sentences(verdict).beneficiary for verdict in decision.verdicts if verdict.beneficiary == person]
    return " ".join(dict.fromkeys(said)) or "-"


def cells(pays: str, stood: str, policy: str, decided: str) -> list[str]:
    """All that a row says of a decision."""
    made, decision = moved(pays, stood, policy, decided)
    payout = next((it.status for it in made.state.all(Payout)), "-")
    owes = sum(reward.receivable for reward in made.rewards(beneficiary="ann"))
    posted = ", ".join(map(_ends, decision.postings)) or "-"
    return [shown(made, "ann"), shown(made, "amy"), payout, f"`{owes}`", posted]


@pytest.mark.parametrize("row", rows(__file__, "What moves"), ids=lambda row: "-".join(row[:4]))
def test_what_moves(row: list[Any]) -> None:
    """Rewards, payout, debt and postings are as the table says; the world checks that the books balance."""
    *said, ann, amy, payout, owes, posted = row
    assert cells(*said) == [ann, amy, payout, f"`{owes}`", posted]


@pytest.mark.parametrize(("stood", "policy", "decided", "ann", "amy", "bob"), rows(__file__, "What each is told"))
def test_what_each_is_told(stood: str, policy: str, decided: str, ann: str, amy: str, bob: str) -> None:
    """Each hears of their own alone, and of what was paid what becomes of it."""
    _, decision = moved("percent", stood, policy, decided)
    assert [told(decision, who) for who in ("ann", "amy", "bob")] == [ann, amy, bob]


@pytest.mark.parametrize("row", rows(__file__, "What comes after"), ids=lambda row: "-".join(row[:4]))
def test_what_comes_after(row: list[Any]) -> None:
    """What was on its way arrives or comes back; what Ann earns next is lessened by what she owes, unless it is borne or asked back."""
    *said, ann, amy, sent, owes = row
    assert after(*said) == [ann, amy, sent, owes]


def after(stood: str, policy: str, decided: str, then: str) -> list[Any]:
    """What stands when something more has happened: rewards of the order, what the next payout to Ann sends, and what she owes back."""
    made, _ = moved("percent", stood, policy, decided)
    (payout,) = made.state.all(Payout)
    for answer in then.split(", ") if then != "nothing" else ():
        if answer == "arrived":
            both(made, made.payout(payout.id))
        else:
            made.answer(made.payout(payout.id), answer)
    first = made.rewards(friend="bob", side="advocate")
    own = [
        ", ".join(f"{it.amount} {it.status}" for it in first if it.beneficiary == who) or "-" for who in ("ann", "amy")
    ]
    made.lead("zoe", code="ANN")
    made.buy("zoe", 30_000)
    mine = made.rewards(friend="zoe", beneficiary="ann")
    made.approve(mine)
    made.tick(max([made.now, *(it.due_at or 0 for it in made.rewards(friend="zoe", beneficiary="ann"))]))
    sent = sum(part.sent for it in made.draft("ann") for part in it.parts if part.reward == mine[0].id)
    return [*own, sent, sum(reward.receivable for reward in made.rewards(beneficiary="ann"))]
