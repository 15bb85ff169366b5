"""One, the other, both or nobody: what a decision over a claim makes of what a friend earned, and an appeal of it."""

from typing import Any

import pytest
from testkit.stories import tell, world
from testkit.tables import rows
from testkit.world import World, advocate, at, friend, member, verdict
from tests.core.test_claims import claim
from tests.core.test_contested import DAN, EVIDENCE
from tests.core.test_moved_claims import JO, SUE

from goodword import words
from goodword.core import events
from goodword.core.decision import Decision
from goodword.core.state import Referral

#: What a split in the table says of whose part is which.
_SPLITS = {
    "to one": (("amy", 1, 1),),
    "to nobody": (),
    "twice": (("amy", 1, 2), ("amy", 1, 2)),
    "with abe": (("amy", 1, 2), ("abe", 1, 2)),
    "with bob": (("amy", 1, 2), ("bob", 1, 2)),
}


def _fraction(text: str) -> tuple[int, int]:
    numerator, _, denominator = text.partition("/")
    return int(numerator), int(denominator)


def decide(made: World, id_: str, said: str, actor: Any = DAN, **more: Any) -> Decision:
    """Decide a claim as a table says it."""
    outcome, _, rest = said.partition(" ")
    fields: dict[str, Any] = {"claim": id_, "outcome": outcome, "reason": "seen", **more}
    if rest:
        parts = [_fraction(part) for part in rest.split()] if "/" in rest else []
        fields["shares"] = (
            tuple(zip(("ann", "amy"), *zip(*parts, strict=True), strict=True)) if parts else _SPLITS[rest]
        )
    return made.command(events.ClaimDecided, actor, **fields)


def first(decision: Decision) -> str:
    """The outcome or refusal of a decision."""
    said = decision.verdicts[0]
    return said.refusal or said.outcome


def contested(policy: str = "bear", **parts: Any) -> World:
    made = world(hold="0d", claims={"lost_after_payment": policy}, **parts)
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    for person in ("ann", "amy", "bob"):
        made.payee(person)
    return made


def claimed(made: World, *shares: tuple[str, int, int]) -> str:
    fields: dict[str, Any] = {"lead_at": at("02-01"), "evidence": EVIDENCE}
    return claim(made, *(shares or (("amy", 1, 1),)), **fields).verdicts[0].subject or ""


def owed(made: World) -> tuple[int, int, int]:
    """What Ann, Amy and Bob are owed in all."""
    ann, amy, bob = (sum(r.amount for r in made.rewards(beneficiary=who)) for who in ("ann", "amy", "bob"))
    return ann, amy, bob


@pytest.mark.parametrize(("state", "policy", "said", "ann", "amy", "bob", "back"), rows(__file__, "One decision"))
def test_one_decision(state: str, policy: str, said: str, ann: int, amy: int, bob: int, back: int) -> None:
    """Each is owed their part, rounded once for all; the posts balance, and what was sent too much follows the rule."""
    made = contested(policy)
    if state in ("approved", "drafted"):
        made.approved(side="advocate")
    if state == "drafted":
        made.tick(made.reward(side="advocate").due_at or 0)
        assert made.draft("ann")
    if state == "completed":
        made.paid(side="advocate")
    id_ = claimed(made)
    assert first(decide(made, id_, said)) == said.split(maxsplit=1)[0]
    assert owed(made) == (ann, amy, bob)
    assert made.balances().get(("receivable", "ann"), 0) == -back
    asked = [reward.owed_back for reward in made.rewards(beneficiary="ann") if reward.receivable]
    assert asked == (["ask" if policy == "ask_back" else "net"] if back else [])


@pytest.mark.parametrize(("said", "then", "ann", "amy", "bob"), rows(__file__, "An appeal"))
def test_an_appeal(said: str, then: str, ann: int, amy: int, bob: int) -> None:
    """Whatever was decided first, another member's decision leaves what it would have left, had it been the first."""
    made = contested()
    id_ = claimed(made)
    assert first(decide(made, id_, said)) == said.split(maxsplit=1)[0]
    assert verdict(made.command(events.ClaimAppealed, SUE, claim=id_, reason="not so")) == "appealed"
    assert first(decide(made, id_, then, JO)) == then.split(maxsplit=1)[0]
    assert owed(made) == (ann, amy, bob)
    assert verdict(made.command(events.ClaimAppealed, SUE, claim=id_, reason="again")) == "appeal_over"
    binds = [r for r in made.state.all(Referral) if r.status != "void"]
    assert len(binds) == (0 if then == "none" else 1)


@pytest.mark.parametrize(("said", "over", "refusal"), rows(__file__, "What is refused"))
def test_what_is_refused(said: str, over: str, refusal: str) -> None:
    """Parts that are none, somebody who neither claims nor has the friend, and a claim that does not ask who brought them."""
    made = contested()
    if over == "entered":
        id_ = claimed(made)
    else:
        tell(made, "02-03 buy bob 50.00 EUR invoice=early when=02-01T12:00")
        (id_,) = (found.id for found in made.claims() if found.kind == over)
    before = owed(made)
    assert first(decide(made, id_, said)) == refusal
    assert owed(made) == before
    assert [found.status for found in made.claims()] == ["open"]


def test_both_are_told_their_part_and_finance_who_else_must_act() -> None:
    """Of each side one sentence stands in the log, whatever was earned; the decision names who may approve what follows."""
    made = contested()
    made.join(DAN, member("max", "approver"), member("mary", "marketer"))
    said = decide(made, claimed(made), "split 1/3 2/3").verdicts
    assert [(v.about, v.outcome, v.beneficiary) for v in said[:3]] == [
        ("command", "split", None),
        ("attribution", "shared", "amy"),
        ("attribution", "shared", "ann"),
    ]
    then = next(step for step in said[0].steps if step.code == "then")
    assert then.values == {"action": "reward.approve", "could": ["max"]}
    lowered = next(v for v in said if v.about == "reward" and v.beneficiary == "ann")
    assert (lowered.outcome, lowered.amount) == ("shared", 333)
    assert next(step.values for step in lowered.steps if step.code == "was")["amount"] == 1_000


def test_who_is_left_out_is_told_so() -> None:
    """Three claim, two share: the third has no part; of nobody's friend all are told, and why what they earned is taken."""
    made = contested()
    made.enrol("zoe")
    claimed(made, ("zoe", 1, 1))
    said = decide(made, claimed(made), "split 1/2 1/2").verdicts
    told = {v.beneficiary: v.outcome for v in said if v.about == "attribution"}
    assert told == {"ann": "shared", "amy": "shared", "zoe": "not_shared"}
    made = contested()
    said = decide(made, claimed(made), "none").verdicts
    assert {v.beneficiary: v.outcome for v in said if v.about == "attribution"} == {"ann": "nobodys", "amy": "nobodys"}
    assert {v.beneficiary: v.outcome for v in said if v.about == "reward"} == {"ann": "nobodys", "bob": "nobodys"}


def _attributions(said: Decision) -> dict[str | None, str]:
    return {v.beneficiary: v.outcome for v in said.verdicts if v.about == "attribution"}


def test_of_a_claim_that_is_won_or_lost_both_sides_are_told() -> None:
    """In a verdict of their own, also where nothing was earned, and with a sentence; of one that is lost no third one is told."""
    made = world(hold="0d")
    tell(made, "02-01 lead bob code=ANN")
    made.enrol("zoe")
    claimed(made, ("zoe", 1, 1))
    lost = decide(made, claimed(made), "lost")
    assert _attributions(lost) == {"ann": "theirs", "amy": "not_theirs"}
    for v in lost.verdicts[1:]:
        assert words.sentences(v).beneficiary.startswith("A person has decided that you")
    won = decide(made, claimed(made), "won")
    assert _attributions(won) == {"ann": "not_theirs", "amy": "theirs", "zoe": "not_theirs"}
    assert [v.about for v in won.verdicts[:4]] == ["command", *["attribution"] * 3]
    assert all(v.subject == won.verdicts[0].subject for v in won.verdicts[1:4])


def test_an_appeal_tells_both_sides_anew() -> None:
    """What is given back is theirs again; what several claim together is shared. A claim that is withdrawn tells nobody."""
    made = contested()
    id_ = claimed(made)
    decide(made, id_, "won")
    made.command(events.ClaimAppealed, SUE, claim=id_, reason="not so")
    assert _attributions(decide(made, id_, "lost", JO)) == {"ann": "theirs", "amy": "not_theirs"}
    made = contested()
    both = decide(made, claimed(made, ("ann", 1, 3), ("amy", 2, 3)), "won")
    assert _attributions(both) == {"ann": "shared", "amy": "shared"}
    made = contested()
    assert _attributions(decide(made, claimed(made), "withdrawn")) == {}


def test_who_decided_a_split_approves_nothing_of_it() -> None:
    """Neither what the new one earns nor what the other keeps."""
    made = contested()
    decide(made, claimed(made), "split 1/2 1/2")
    for who in ("ann", "amy"):
        assert verdict(made.approve(made.rewards(beneficiary=who), DAN)) == "own_work"


def test_later_orders_are_shared_and_a_refund_takes_each_part() -> None:
    """From the lead on each order earns both their part, and what is given back lowers both."""
    made = contested(conversions=[{"counts": {"months": 12}, "rewards": [advocate(percent="10")]}])
    decide(made, claimed(made), "split 1/2 1/2")
    tell(made, "02-10 refund bob-1 50.00 -> applied; ann now 2.50 EUR; amy now 2.50 EUR")
    tell(made, "03-01 buy bob 100.00 EUR invoice=bob-2 -> ann 5.00 EUR; amy 5.00 EUR")


def test_after_nobody_no_lead_binds_by_itself() -> None:
    """A lead that would bind becomes a claim: what a person decided is undone by a person alone. A new claim may be won."""
    made = contested()
    decide(made, claimed(made), "none")
    tell(made, "02-20 lead bob code=ANN -> refused decided_nobodys")
    tell(made, "02-21 buy bob 30.00 EUR invoice=bob-2 -> refused not_referred")
    (found,) = made.claims(status="open")
    assert (found.kind, [share.person for share in found.shares]) == ("later_lead", ["ann"])
    assert first(decide(made, found.id, "won")) == "won"
    assert owed(made)[0] > 0


@pytest.mark.parametrize("program", ["main", "other"])
def test_after_nobody_no_other_system_binds_by_itself(program: str) -> None:
    """A referral that is brought along becomes a claim, as a lead does, also in a program that shares no customers."""
    made = contested()
    if program == "other":
        made.publish(program="other", hold="0d", rewards=[advocate(percent="10")])
        made.enrol("ann", "ANN2", program=made.program("other"))
    decide(made, claimed(made), "none")
    fields = {"program": made.program(program), "person": "bob", "advocate": "ann", "lead_at": at("02-01")}
    said = made.send(events.ReferralImported, **fields).verdicts
    assert [(v.about, v.refusal) for v in said] == [("attribution", "decided_nobodys")]
    (found,) = made.claims(status="open")
    assert (found.kind, found.program, [it.person for it in found.shares]) == (
        "later_lead",
        made.program(program),
        ["ann"],
    )
    assert first(decide(made, found.id, "won")) == "won"


def test_what_others_claim_is_lost_with_it() -> None:
    """Of several claims one decision is enough."""
    made = contested()
    first, second = claimed(made), claimed(made, ("ann", 1, 2), ("amy", 1, 2))
    decide(made, first, "none")
    assert {found.id: found.status for found in made.claims()} == {first: "none", second: "lost"}


@pytest.mark.parametrize("said", ["won", "split 1/2 1/2"])
@pytest.mark.parametrize("sides", [[advocate(percent="10")], [advocate(percent="10"), friend(percent="5")]])
def test_a_payment_that_moves_is_counted_once(said: str, sides: list[dict[str, Any]]) -> None:
    """Where two payments count, one that moved is the first of them, whoever keeps a part: the third earns nothing."""
    made = contested(conversions=[{"counts": {"payments": 2}, "rewards": sides}])
    decide(made, claimed(made), said)
    earned = []
    for n, day in ((2, "03-01"), (3, "04-01")):
        before = sum(owed(made))
        tell(made, f"{day} buy bob 100.00 EUR invoice=bob-{n}")
        earned.append(sum(owed(made)) > before)
    assert earned == [True, False]
