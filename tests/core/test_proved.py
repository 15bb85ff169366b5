"""Whom a sole owner made is a second person from the moment on in which they proved to be somebody, and not in retrospect."""

from typing import Any

import pytest
from testkit.world import OPERATOR, OWNER, World, member, verdict
from tests.core.test_four_eyes import ALONE, decided, earned, known, people, set_, waiting

from goodword.core import events, hands
from goodword.core.decision import Decision
from goodword.core.facts import Actor
from goodword.core.state import Change, Member

EVE, HERSELF = member("eve", "owner"), member("eve2", "owner")


def alone(*roles: str) -> World:
    """A company of one owner, who made eve."""
    made = people()
    set_(made, OWNER, "eve", *(roles or ("owner",)))
    return made


def prove(made: World, name: str = "eve", becomes: str = "eve2", by: Actor | None = None) -> Decision:
    """The member signs in with a password of their own."""
    roles = known(made, name).roles if made.state.get(Member, name) else ()
    return made.command(events.MemberProved, by or member(name, *roles), member=name, becomes=becomes)


def test_who_proved_to_be_somebody_counts_for_the_owner_s_own_work() -> None:
    """The owner's first word and theirs are two, in either order, with nobody's confirmation (DESIGN 0)."""
    for first, second in ((OWNER, HERSELF), (HERSELF, OWNER)):
        made = alone()
        assert verdict(prove(made)) == "member_proved"
        assert known(made, "eve2") == Member(id="eve2", roles=("owner",), made_by="owner", was="eve")
        rewards = earned(made, 60_000)
        assert verdict(made.approve(rewards, first)) == "second_person_needed"
        assert verdict(made.approve(rewards, second)) == "approved"


def test_a_word_of_before_counts_as_the_owner_s_for_good() -> None:
    """What was approved first as eve, perhaps by who made her, is no first of two for who made her, nor for her."""
    for second in (OWNER, HERSELF):
        made = alone()
        rewards = earned(made, 60_000)
        assert verdict(made.approve(rewards, EVE)) == "second_person_needed"
        prove(made)
        assert verdict(made.approve(rewards, second)) == "second_person_needed"
        assert {reward.approvals for reward in made.rewards()} == {(second.id,)}


def test_what_was_done_before_forbids_the_owner_what_it_did() -> None:
    """Details that were entered as eve are approved neither by her nor by her maker: it may have been either."""
    made = alone()
    made.payee("ann", "another", actor=EVE)
    prove(made)
    rewards = earned(made, 1_000)
    refused = made.approve(rewards, OWNER)
    assert verdict(refused) == "own_work"
    assert refused.verdicts[0].steps[0].values["could"] == []
    assert verdict(made.approve(rewards, HERSELF)) == "own_work"


@pytest.mark.parametrize(("first", "second"), [(OWNER, HERSELF), (HERSELF, OWNER)])
def test_a_draft_of_before_is_the_first_of_two_for_either(first: Actor, second: Actor) -> None:
    """Who drafted as eve and releases under their own name would do both alone: it waits for the other."""
    made = alone()
    made.approve(earned(made, 1_000), OWNER)
    made.tick(max(reward.due_at or 0 for reward in made.rewards()))
    payouts = made.draft("ann", actor=EVE)
    prove(made)
    assert verdict(made.release(payouts, first)) == "second_person_needed"
    assert verdict(made.release(payouts, first)) != "released"
    assert verdict(made.release(payouts, second)) == "released"


def test_a_change_asked_for_as_eve_is_confirmed_neither_by_her_nor_by_her_maker() -> None:
    """It may have been either of them who asked: a third confirms it, or it is asked for anew."""
    made = people()
    for name in ("eve", "ida"):
        set_(made, OWNER, name, "owner")
    made.command(events.ChangeDecided, OWNER, change=waiting(made, "ida").id, outcome="withdrawn")
    set_(made, OWNER, "owner", "owner", limits={"EUR": 100})
    assert verdict(set_(made, EVE, "owner", "owner")) == "second_person_needed"
    prove(made)
    assert decided(made, OWNER, "owner") == "same_member"
    assert decided(made, HERSELF, "owner") == "same_member"
    assert [one.subject for one in made.state.all(Change) if one.status == "open"] == ["owner"]


def test_who_was_before_does_nothing_more_and_is_nobody_s_to_raise() -> None:
    """A key or session of before belongs to a member without a role; roles are given to who she is now."""
    made = alone()
    prove(made)
    before = known(made, "eve")
    assert (before.roles, before.became, before.confirmed) == ((), "eve2", False)
    assert verdict(made.approve(earned(made, 1_000), Actor(id="eve", kind="member"))) == "not_permitted"
    for by in (OWNER, HERSELF):
        assert verdict(set_(made, by, "eve", "owner")) == "wrong_state"
    assert known(made, "eve") == before
    assert verdict(set_(made, OWNER, "eve2", "approver")) == "member_set"
    assert known(made, "eve2").was == "eve"
    assert verdict(set_(made, HERSELF, "eve2", "approver", "payer")) == "second_person_needed"
    assert decided(made, OWNER, "eve2") == "change_confirmed"
    assert known(made, "eve2") == Member(id="eve2", roles=("approver", "payer"), made_by="owner", was="eve")


@pytest.mark.parametrize("by", [OWNER, OPERATOR, member("ida", "owner"), HERSELF])
def test_nobody_proves_it_for_another(by: Actor) -> None:
    """Neither who made them, nor who holds the database."""
    made = alone()
    set_(made, OWNER, "ida", "owner")
    assert verdict(prove(made, by=by)) in ("not_found", "not_permitted")
    assert known(made, "eve").confirmed is False
    assert made.state.get(Member, "eve2") is None


def test_it_is_proved_once_and_by_who_is_not_confirmed() -> None:
    """Not twice, not under the id of somebody else, not by nobody, and by who was confirmed it need not be."""
    made = alone()
    assert verdict(prove(made, becomes="owner")) == "wrong_state"
    assert verdict(prove(made)) == "member_proved"
    assert verdict(prove(made, becomes="eve3", by=EVE)) == "wrong_state"
    assert verdict(prove(made, "eve2", "eve3")) == "wrong_state"
    assert verdict(prove(made, "owner", "owner2")) == "wrong_state"
    assert made.state.get(Member, "eve3") is None


def test_whom_eve_made_before_is_still_her_maker_s_hand() -> None:
    """And whom she asks for afterwards is confirmed by the other owner, as with any two."""
    made = alone()
    set_(made, EVE, "bob", "approver")
    prove(made)
    rewards = earned(made, 60_000)
    assert verdict(made.approve(rewards, OWNER)) == "second_person_needed"
    assert verdict(made.approve(rewards, member("bob", "approver"))) == "same_member"
    assert verdict(set_(made, HERSELF, "carl", "approver")) == "second_person_needed"
    assert made.state.get(Member, "carl") is None


def test_a_second_person_who_approves_ends_the_bound_of_one_alone() -> None:
    """As after a confirmation; who only reads ends nothing."""
    for role, said in (("auditor", "second_member_needed"), ("approver", "released")):
        made = alone(role)
        made.approve(earned(made, 40_000))
        made.tick(made.rewards()[0].due_at or 0)
        payouts = made.draft("ann")
        assert verdict(made.release(payouts, alone_up_to=ALONE)) == "second_member_needed"
        prove(made)
        assert verdict(made.release(payouts, alone_up_to=ALONE)) == said


def test_the_hands_of_all_who_were_before_only_grow() -> None:
    """Whatever is proved in whichever order: an id that acted before stands for who it was then, and for who they are since."""
    made = people()
    names = ("eve", "ida", "uma")
    for maker, name in zip((OWNER, EVE, member("ida", "owner")), names, strict=True):
        set_(made, maker, name, "owner")
    find: Any = made.state.tables[Member].get
    assert {hands.hands_among(find, name) for name in names} == {frozenset({"owner"})}
    for name in ("uma", "eve", "ida"):
        assert verdict(prove(made, name, f"{name}2")) == "member_proved"
        assert all(
            {"owner", *([f"{each}2"] if made.state.get(Member, f"{each}2") else [])} <= hands.hands_among(find, each)
            for each in names
        )
    assert [hands.hands_among(find, name) for name in names] == [
        {"owner", "eve2"},
        {"owner", "eve2", "ida2"},
        {"owner", "eve2", "ida2", "uma2"},
    ]
    assert [hands.hands_among(find, f"{name}2") for name in names] == [{"eve2"}, {"ida2"}, {"uma2"}]
