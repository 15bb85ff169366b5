"""The record of looking: who saw what, and for how long."""

import pytest
from testkit.world import World, member, rules, said

from goodword.core import events, looking
from goodword.core.facts import Actor
from goodword.core.state import Look

DAN = member("dan", "support")


def earned() -> World:
    """Ann brought bob, whose order earned her a reward."""
    made = World()
    made.publish(rules(hold="0d"))
    made.enrol("ann")
    made.referred("bob", by="ann")
    return made


@pytest.mark.parametrize("what", looking.WHAT)
def test_who_looked_at_a_reward_stands_on_its_record(what: str) -> None:
    """Once a look, with who, when, how long and what was shown; the reward itself is as it was."""
    made = earned()
    reward = made.rewards()[0]
    for seconds in (5, 7):
        entry = made.command(
            events.RecordLooked, DAN, subject=reward.id, what=what, seconds=seconds, fields=("email",), note="ab"
        )
        assert said(entry) == [("command", "looked")]
    looks = sorted(made.state.all(Look), key=lambda look: look.seconds or 0)
    assert [(it.subject, it.what, it.by, it.seconds, it.fields, it.note) for it in looks] == [
        (reward.id, what, "dan", seconds, ("email",), "ab") for seconds in (5, 7)
    ]
    assert {it.at for it in looks} == {made.now}


def test_what_is_not_there_has_no_record() -> None:
    """A reward, case, claim or payout that there is not is refused; a person, event or list is not known to the state."""
    made = earned()
    for subject in ("rwd_none", "cas_none", "clm_none", "pay_none"):
        assert said(made.command(events.RecordLooked, DAN, subject=subject, what="opened")) == [
            ("command", "not_found")
        ]
    for subject in ("per_1", "evt_1", "0" * 64):
        assert said(made.command(events.RecordLooked, DAN, subject=subject, what="opened")) == [("command", "looked")]
    assert said(made.command(events.RecordLooked, DAN, subject="per_1", what="eaten")) == [("command", "wrong_state")]
    assert len(list(made.state.all(Look))) == 3


def test_a_person_puts_nothing_on_the_record_but_that_they_opened_a_gift_of_their_own() -> None:
    """Neither of a reward, whoever's it is, nor of somebody, nor that a list or a file for the bank left: no look remains."""
    made = earned()
    ann = Actor(id=made.rewards()[0].beneficiary, kind="person")
    subjects = (*(it.id for it in made.rewards()), ann.id, "per_other", "evt_1", "0" * 64)
    for subject in subjects:
        for what in looking.WHAT:
            entry = made.command(events.RecordLooked, ann, subject=subject, what=what, fields=("code",), note="ab")
            assert said(entry) == [("command", "not_found")], (subject, what)
    of = {"file": "f", "form": "pain.001", "digest": "0" * 64, "payouts": (), "sums": {}}
    assert said(made.command(events.FileHandedOut, ann, **of)) == [("command", "not_permitted")]
    assert list(made.state.all(Look)) == []
    assert {it.opened_by for it in made.rewards()} == {()}
