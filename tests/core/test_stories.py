"""Tips and stories: who hands one in, how often, how each is decided, and that nothing else follows from it."""

import pytest
from testkit.world import World, verdict
from tests.core.test_disputes import ANNA, BOB, CARLA, EVE, PAT, shop

from goodword.core import calendar, disputes, events, stories
from goodword.core.facts import Actor
from goodword.core.invariants import broken
from goodword.core.state import Case


def hand_in(made: World, actor: Actor = PAT, what: str = "tip", person: str | None = None) -> str:
    """Return what became of it."""
    of = {"program": made.program(), "person": person or actor.id, "what": what, "note": "0" * 64}
    return verdict(made.command(events.StoryHandedIn, actor, **of))


def decide(made: World, outcome: str, case: Case | None = None) -> str:
    """Return what became of a decision of the newest one, or of a case."""
    case = case or max(made.cases(kind=stories.KIND), key=lambda it: it.id)
    return verdict(made.command(events.CaseDecided, ANNA, case=case.id, outcome=outcome, reason="looked_at"))


def test_only_who_takes_part_hands_in_and_only_of_their_own() -> None:
    """Bob is a friend and takes no part; nobody hands in for somebody else; a kind that is none is none."""
    made = shop()
    assert hand_in(made, BOB) == "not_found"
    assert hand_in(made, EVE, person=PAT.id) == "not_found"
    assert hand_in(made, EVE, "review") == "not_found"
    assert hand_in(made, ANNA) == "not_permitted"
    assert made.cases(kind=stories.KIND) == []
    assert hand_in(made) == "story_handed_in"
    [case] = made.cases(kind=stories.KIND)
    assert (case.person, case.reason, case.rewards, case.status) == (PAT.id, "tip", (), "open")


def test_one_waits_at_a_time_and_a_day_has_its_bound() -> None:
    """The next one is taken when the one before is decided; the day's count is that of all that a person says."""
    made = shop()
    for _ in range(disputes.MOST_A_DAY):
        assert hand_in(made) == "story_handed_in"
        assert hand_in(made) == "case_open"
        assert hand_in(made, EVE) in ("story_handed_in", "case_open")
        assert decide(made, "not_shown", next(it for it in made.cases(kind=stories.KIND, person=PAT.id, status="open")))
    assert hand_in(made) == "too_many"
    made.tick(made.now + calendar.DAY)
    assert hand_in(made) == "story_handed_in"


def test_a_story_that_waits_keeps_nobody_from_complaining_about_their_data_nor_the_other_way_round() -> None:
    """Both are about the person themselves: one of each is open, and what holds of all that is kept holds."""
    made = shop()
    assert hand_in(made) == "story_handed_in"
    for actor in (PAT, EVE):
        of = {"person": actor.id, "subject": actor.id, "reason": disputes.DATA, "note": "0" * 64}
        assert verdict(made.command(events.DisputeOpened, actor, **of)) == "dispute_opened"
        assert verdict(made.command(events.DisputeOpened, actor, **of)) == "case_open"
    assert hand_in(made, EVE) == "story_handed_in"
    assert hand_in(made, EVE) == "case_open"
    assert len([it for it in made.cases(status="open") if it.subject in (PAT.id, EVE.id)]) == 4
    assert broken(made.state, made.rules) == []


@pytest.mark.parametrize("outcome", ["cleared", "confirmed", "kept", "replaced", "upheld", "dismissed", "other"])
def test_it_is_shown_or_not_and_nothing_else(outcome: str) -> None:
    """An outcome of other cases is none of it; and those of stories are none of a dispute."""
    made = shop()
    assert hand_in(made) == "story_handed_in"
    assert decide(made, outcome) == "wrong_state"
    said = {"person": PAT.id, "subject": made.reward(side="advocate").id, "reason": "should_count"}
    made.command(events.DisputeOpened, PAT, **said)
    [dispute] = made.cases(kind=disputes.KIND)
    assert [decide(made, it, dispute) for it in stories.OUTCOMES] == ["wrong_state"] * 2


def test_who_is_erased_leaves_nothing_to_decide() -> None:
    """What they handed in went with them: also as whom they were merged from. What others handed in waits as before."""
    made = shop()
    made.enrol("per_ann")
    ann = Actor(id="per_ann", kind="person")
    made.enrol("per_anna")
    assert [hand_in(made, it) for it in (EVE, ann, Actor(id="per_anna", kind="person"))] == ["story_handed_in"] * 3
    made.send(events.PersonsJoined, actor=CARLA, keep=ann.id, gone="per_anna", reason="one")
    assert verdict(made.command(events.PersonErased, CARLA, person=ann.id)) == "erased"
    of = {it.subject: (it.status, it.outcome) for it in made.cases(kind=stories.KIND)}
    ended = ("decided", "not_shown")
    assert of == {EVE.id: ("open", None), ann.id: ended, "per_anna": ended}


def test_what_is_shown_is_taken_down_at_any_time_and_stays_down() -> None:
    """A year later too; what is down is not shown again; no money has moved, and nobody waits for an answer about money."""
    made = shop()
    before = made.rewards()
    assert hand_in(made, what="story") == "story_handed_in"
    assert decide(made, "shown") == "shown"
    assert decide(made, "shown") == "wrong_state"
    made.tick(made.now + 365 * calendar.DAY)
    assert decide(made, "not_shown") == "not_shown"
    assert [decide(made, it) for it in stories.OUTCOMES] == ["wrong_state"] * 2
    [case] = made.cases(kind=stories.KIND)
    assert (case.status, case.outcome, case.appeal_until) == ("decided", "not_shown", None)
    assert [it.amount for it in made.rewards()] == [it.amount for it in before]
    assert "dispute_answered" not in {it.outcome for _, _, made_of in made.log for it in made_of.verdicts}
