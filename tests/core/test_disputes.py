"""A person says no: what they may say, about what, how often, who decides it, and that no money moves by it."""

from itertools import product

import pytest
from testkit.world import CLERK, OWNER, World, advocate, friend, member, rules, verdict

from goodword.core import calendar, cases, disputes, events, measuring
from goodword.core.entry import read
from goodword.core.facts import Actor
from goodword.core.state import Case, Claim

ANNA, BERTA, CARLA, SUE = (
    member(name, role)
    for name, role in (("anna", "approver"), ("berta", "approver"), ("carla", "owner"), ("sue", "support"))
)
PAT, EVE, BOB = (Actor(id=f"per_{name}", kind="person") for name in ("pat", "eve", "bob"))
KEY = Actor(id="sk:key_1", kind="key")


def shop() -> World:
    """Pat and Eve recommend; Bob came by Pat and ordered."""
    made = World()
    made.owner()
    made.join(ANNA, BERTA, CARLA, SUE)
    made.publish(rules(rewards=[advocate(percent="10"), friend(flat={"EUR": 500})]))
    made.enrol("per_pat")
    made.enrol("per_eve")
    made.referred("per_bob", by="per_pat")
    return made


def by_link(made: World) -> Actor:
    """Pat, by a link to a form, which is of a program."""
    return Actor(id="per_pat", kind="person", programs=(made.program(),))


def dispute(made: World, actor: Actor = PAT, subject: str | None = None, reason: str = "should_count") -> str:
    """Return what became of a dispute."""
    subject = subject or made.reward(side="advocate").id
    return verdict(made.command(events.DisputeOpened, actor, person=actor.id, subject=subject, reason=reason))


def decide(made: World, actor: Actor, outcome: str) -> str:
    """Return what became of a decision of the one dispute."""
    return verdict(made.command(events.CaseDecided, actor, case=the(made).id, outcome=outcome, reason="looked_at"))


def the(made: World) -> Case:
    """The dispute."""
    [case] = made.cases(kind=disputes.KIND)
    return case


#: Who says it -> what becomes of a dispute of Pat's reward, of Bob's referral, of Bob's own reward.
DISPUTED = {
    "Pat": (PAT, "dispute_opened", "dispute_opened", "not_found"),
    "Bob": (BOB, "not_found", "not_found", "dispute_opened"),
    "Eve": (EVE, "not_found", "not_found", "not_found"),
    "a link of Pat's": (None, "not_permitted", "not_permitted", "not_permitted"),
    "an owner": (OWNER, "not_permitted", "not_permitted", "not_permitted"),
    "a key": (KEY, "not_permitted", "not_permitted", "not_permitted"),
}


@pytest.mark.parametrize("who", DISPUTED)
def test_a_person_disputes_what_is_theirs_and_nobody_else_does(who: str) -> None:
    """A reward of their own, or a referral in which they have a part; what is another's is as if it were not there."""
    made = shop()
    mine, theirs = made.reward(side="advocate"), made.reward(side="friend")
    actor, *expected = DISPUTED[who]
    actor = actor or by_link(made)
    assert [dispute(made, actor, subject) for subject in (mine.id, mine.referral, theirs.id)] == expected
    assert dispute(made, actor, "rwd_none") in ("not_found", "not_permitted")
    assert {case.person for case in made.cases()} <= {actor.id}


#: What is said about Pat's dispute and claim -> who may say it: Pat, another person, one by a link, a member, a key.
SPOKEN = {
    "case.noted": ("case_noted", "not_found", "not_found", "case_noted", "not_permitted"),
    "case.appealed": ("appealed", "not_found", "not_found", "appealed", "not_permitted"),
    "claim.noted": ("claim_noted", "not_found", "not_found", "claim_noted", "not_permitted"),
    "claim.appealed": ("appealed", "not_found", "not_found", "appealed", "appealed"),
}


@pytest.mark.parametrize(("what", "place"), [*product(SPOKEN, range(5))])
def test_a_person_speaks_of_what_is_theirs_alone(what: str, place: int) -> None:
    """Of another's dispute or claim they are told what they are told of one that never was; members speak of all."""
    made = shop()
    actor = (PAT, EVE, by_link(made), CARLA, KEY)[place]
    assert dispute(made) == "dispute_opened"
    assert claim(made) == "claim_opened"
    [own] = made.claims(kind="entered")
    noun = what.partition(".")[0]
    id_ = the(made).id if noun == "case" else own.id
    if what.endswith("appealed"):
        assert decide(made, BERTA, "dismissed") == "dismissed"
        assert verdict(made.command(events.ClaimDecided, BERTA, claim=own.id, outcome="lost", reason="x")) == "lost"
        kind, more = (events.CaseAppealed if noun == "case" else events.ClaimAppealed), {"reason": "x"}
    else:
        kind, more = (events.CaseNoted if noun == "case" else events.ClaimNoted), {"note": "ab", "told": True}
    assert verdict(made.command(kind, actor, **{noun: id_}, **more)) == SPOKEN[what][place]


def claim(made: World, actor: Actor = PAT, person: str = "per_new", **more: object) -> str:
    """Return what became of a claim."""
    fields = {"program": made.program(), "advocates": ((actor.id, 1, 1),), "lead_at": made.now, "reason": "their_word"}
    return verdict(made.command(events.ClaimEntered, actor, person=person, **(fields | more)))


def test_a_person_claims_for_themselves_alone_and_by_nothing_but_their_word() -> None:
    """And at their bare word nothing stops by itself, however long nobody looks."""
    made = shop()
    for more in (
        {"advocates": (("per_eve", 1, 1),)},
        {"advocates": (("per_pat", 1, 2), ("per_eve", 1, 2))},
        {"evidence": ("tch_1",)},
    ):
        assert claim(made, **more) == "not_found"
    assert claim(made, by_link(made)) == "not_found"
    assert claim(made, person="per_pat") == "self_referral"
    assert claim(made, EVE, person="per_bob") == "claim_opened"
    assert claim(made, EVE, person="per_bob") == "claim_opened"
    first, again = made.claims(kind="entered")  # two names of one friend are not told to be one
    assert (
        verdict(made.command(events.ClaimDecided, ANNA, claim=again.id, outcome="withdrawn", reason="x")) == "withdrawn"
    )
    made.tick(made.now + 90 * calendar.DAY)
    [own] = made.claims(kind="entered", status="open")
    assert (own.id, own.entered_by, own.stops_at) == (first.id, "per_eve", None)
    assert verdict(made.command(events.ClaimTaken, ANNA, claim=own.id)) == "claim_taken"
    assert made.claims(kind="entered", status="open")[0].stops_at == made.now


def test_who_decided_decides_no_dispute_and_who_answered_decides_no_appeal() -> None:
    """And a dispute moves no money, whatever is said of it; it has its day, is appealed once, and only a no is."""
    made = shop()
    reward = made.reward(side="advocate")
    made.command(events.RewardsRejected, ANNA, items=made.items([reward]), reason="not_paid")
    before = made.balances()
    assert dispute(made) == "dispute_opened"
    assert (the(made).due_at, the(made).rewards) == (made.now + 5 * calendar.DAY, ())
    assert decide(made, ANNA, "dismissed") == "own_work"
    assert [decide(made, BERTA, it) for it in ("cleared", "confirmed", "kept")] == ["wrong_state"] * 3
    assert decide(made, BERTA, "dismissed") == "dismissed"
    assert dispute(made) == "case_open"
    assert verdict(made.command(events.CaseAppealed, PAT, case=the(made).id, reason="x")) == "appealed"
    assert [decide(made, it, "upheld") for it in (ANNA, BERTA)] == ["own_work"] * 2
    assert decide(made, CARLA, "upheld") == "upheld"
    assert verdict(made.command(events.CaseAppealed, PAT, case=the(made).id, reason="x")) == "appeal_over"
    assert made.balances() == before
    made.tick(made.now + calendar.DAY)
    assert dispute(made) == "dispute_opened"
    last = max(made.cases(kind=disputes.KIND), key=lambda it: it.opened_at)
    made.command(events.CaseDecided, BERTA, case=last.id, outcome="upheld", reason="x")
    assert verdict(made.command(events.CaseAppealed, PAT, case=last.id, reason="x")) == "wrong_state"


def test_who_rejects_what_is_disputed_already_does_not_decide_about_it() -> None:
    """Nor the appeal: what they did since the dispute was opened counts as what they did before."""
    made = shop()
    assert dispute(made) == "dispute_opened"
    made.command(events.RewardsRejected, ANNA, items=made.items([made.reward(side="advocate")]), reason="not_paid")
    assert decide(made, ANNA, "dismissed") == "own_work"
    assert decide(made, BERTA, "dismissed") == "dismissed"
    assert verdict(made.command(events.CaseAppealed, PAT, case=the(made).id, reason="x")) == "appealed"
    assert [decide(made, it, "upheld") for it in (ANNA, BERTA, CARLA)] == ["own_work", "own_work", "upheld"]


def test_what_a_person_says_is_bounded() -> None:
    """So often of one thing, so often a day, and so many words before an answer; the next day is a new one."""
    made = shop()
    reward = made.reward(side="advocate").id
    for _ in range(disputes.MOST_ON_ONE):
        assert dispute(made) == "dispute_opened"
        last = max(made.cases(kind=disputes.KIND), key=lambda it: it.id)
        assert dispute(made) == "case_open"
        for case in made.cases(kind=disputes.KIND, status="open"):
            made.command(events.CaseDecided, BERTA, case=case.id, outcome="upheld", reason="x")
    assert dispute(made, subject=reward) == "too_many"
    assert last.person == "per_pat"
    said = disputes.MOST_ON_ONE
    while said < disputes.MOST_A_DAY:
        assert claim(made, person=f"per_new{said}") == "claim_opened"
        said += 1
    assert claim(made) == "too_many"
    made.tick(made.now + calendar.DAY)
    assert claim(made) == "claim_opened"
    own = made.claims(friend="per_new")[0]
    note = {"claim": own.id, "note": "ab", "told": True}
    for _ in range(disputes.MOST_UNANSWERED):
        assert verdict(made.command(events.ClaimNoted, PAT, **note)) == "claim_noted"
    assert verdict(made.command(events.ClaimNoted, PAT, **note)) == "too_many"
    assert verdict(made.command(events.ClaimNoted, SUE, **note)) == "claim_noted"
    assert verdict(made.command(events.ClaimNoted, PAT, **note)) == "claim_noted"
    made.command(events.ClaimDecided, BERTA, claim=own.id, outcome="lost", reason="x")
    for who in (PAT, SUE):
        assert verdict(made.command(events.ClaimNoted, who, **note)) == "wrong_state"
    assert {one.side for one in made.claims(friend="per_new")[0].messages} == {"person", "team"}


def test_a_comment_of_colleagues_is_no_message_and_other_cases_have_none() -> None:
    """What is not said to be told stays among members, and nobody is told of a case that is no person's."""
    made = shop()
    dispute(made)
    assert verdict(made.command(events.CaseNoted, SUE, case=the(made).id, note="ab")) == "case_noted"
    assert (len(the(made).comments), the(made).messages) == (1, ())
    made.command(events.RewardsHeld, ANNA, items=made.items(made.rewards(side="friend")), reason="x")
    [held] = made.cases(kind="held")
    assert verdict(made.command(events.CaseNoted, SUE, case=held.id, note="ab", told=True)) == "not_found"
    assert cases.seen(held) == cases.seen(held)


def waits(made: World) -> list[tuple[str, int | None]]:
    """What was measured of answers: name, seconds."""
    found = [it for leaf in made.leaves for it in measuring.emitted(read(leaf)) if it.name.startswith("dispute.")]
    return [(it.name, it.amount) for it in found]


def test_how_long_a_person_waited_is_measured_once_for_the_first_word_and_for_each_decision() -> None:
    """Of an appeal from the appeal on; exactly, by seconds."""
    made = shop()
    dispute(made)
    made.tick(made.now + calendar.HOUR)
    for _ in range(2):
        made.command(events.CaseNoted, SUE, case=the(made).id, note="ab", told=True)
    made.tick(made.now + calendar.DAY)
    decide(made, BERTA, "dismissed")
    made.command(events.CaseAppealed, PAT, case=the(made).id, reason="x")
    made.tick(made.now + calendar.DAY)
    decide(made, CARLA, "dismissed")
    assert waits(made) == [("dispute.answered", 3_600), ("dispute.decided", 90_000), ("dispute.decided", 86_400)]
    times = measuring.Times()
    took = [
        (it.measure, it.duration // calendar.SECOND)
        for leaf in made.leaves
        for it in times.hear(measuring.emitted(read(leaf)))
    ]
    assert took == [("first_answer", 3_600), ("dispute_decision", 90_000), ("dispute_decision", 86_400)]
    claim(made)
    [own] = made.claims(kind="entered")
    made.tick(made.now + calendar.MINUTE)
    made.command(events.ClaimDecided, BERTA, claim=own.id, outcome="lost", reason="x")
    assert waits(made)[3:] == [("dispute.answered", 60), ("dispute.decided", 60)]
    assert isinstance(own, Claim)
    assert CLERK.kind == "member"
