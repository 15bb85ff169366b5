"""A forgotten fact is as loud as a forgotten entity: an empty answer to what nobody asked says nothing."""

from typing import Any

import pytest
from msgspec.structs import replace
from testkit.stories import tell, world

from goodword.app.write.working_set import Loaded
from goodword.core import events, evidence
from goodword.core.facts import Evidence, Extent, Facts, Told
from goodword.core.kinds import timers
from goodword.core.state import NOUNS, NotLoaded, State

NOBODY = Evidence(frozenset(), frozenset(), frozenset(), frozenset())
STAMP = {"evt": "evt_1", "source": "native", "occurred_at": 0, "accepted_at": 0}


def test_a_decision_reads_no_touch_that_was_not_asked_for() -> None:
    """Touches of a visitor, a click by its id, and who somebody is: each is answered where the event asked, else it raises."""
    told = Told(Facts(), lambda: Extent(Evidence({"v"}, {"c"}, {"p"}, set(), {"p", "q"}), {"a"}))
    assert told.touches({"v"}, "c") == told.touches(set(), None) == []
    assert told.matches("p") == ()
    assert told.shared("p", "a") == told.equals("p") == told.equals("q") == []
    for ask in (
        lambda: told.touches({"v", "other"}, None),
        lambda: told.touches({"v"}, "other"),
        lambda: told.matches("other"),
        lambda: told.equals("other"),
        lambda: told.shared("p", "other"),
        lambda: told.shared("q", "a"),
    ):
        with pytest.raises(NotLoaded):
            ask()


@pytest.mark.parametrize("part", ["visitors", "clicks", "persons", "equals"])
def test_what_a_decision_needs_and_does_not_ask_for_is_our_own_mistake(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is left out of the needs of a lead, deciding it raises instead of deciding as if there were nothing."""
    made = world()
    tell(made, "03-01 enrol ann")
    made.send(events.ClickRecorded, code="ANN", visitor="v", click="c")
    whole = evidence.of

    def forgetting(state: State, event: Any) -> Evidence:
        return replace(whole(state, event), **{part: set()})

    monkeypatch.setattr(evidence, "of", forgetting)
    with pytest.raises(NotLoaded):
        made.lead("bob", visitor="v", click="c")


@pytest.mark.parametrize("part", ["visitors", "clicks", "equals"])
def test_what_was_not_fetched_is_not_taken_for_what_is_not_there(part: str) -> None:
    """Facts of an event are gathered only where all of its evidence was asked for."""
    loaded = Loaded()
    lead = events.LeadCreated(**STAMP, person="p", visitor="v", click="c")  # type: ignore[arg-type]
    for noun in NOUNS:
        loaded.state.miss(noun, ["p"])
    asked = evidence.of(loaded.state, lead)
    assert (asked.visitors, asked.clicks, asked.persons, asked.equals) == ({"v"}, {"c"}, {"p"}, {"p"})
    less = replace(asked, **{part: frozenset()})
    loaded.hear(less, [])
    loaded.recognise([], less.equals, [])
    with pytest.raises(NotLoaded):
        loaded.facts(lead)
    loaded.hear(asked, [])
    loaded.recognise([], asked.equals, [])
    assert loaded.facts(lead)[0] == Facts()


def test_what_needs_no_evidence_asks_for_none() -> None:
    """Of most events nothing is to be known but the state."""
    assert evidence.of(State(complete=False), events.CustomerIssueOpened(**STAMP, person="p", issue="late")) == NOBODY  # type: ignore[arg-type]


def test_every_kind_of_timer_names_the_noun_of_its_subject() -> None:
    """What a timer wakes is one of the nouns, and each kind that the core sets is listed."""
    assert {kind.noun for kind in timers.KINDS.values()} <= set(NOUNS)
    assert set(timers.KINDS) == {
        "hold_over",
        "expire",
        "lapse",
        "claim_stops",
        "protection_over",
        "promise_over",
        "credit_expires",
        "offer_over",
        "drafts_due",
        "message_due",
        "payee_over",
    }
