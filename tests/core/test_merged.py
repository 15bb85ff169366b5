"""Two accounts of one person are merged: what binds and what is open goes on in one, what was settled stays as it was told."""

from typing import Any

import pytest
from testkit.stories import tell, world
from testkit.world import World, advocate, member, verdict

from goodword.core import events
from goodword.core.decision import Decision
from goodword.core.state import Advocate, Code, Customer, Kin, Referral, Reward

BOTH = {"rewards": [advocate(percent="10")], "hold": "0d"}


def merge(made: World, keep: str, gone: str) -> Decision:
    """Say that two accounts are one."""
    return made.send(events.PersonMerged, keep=keep, gone=gone)


def owed(made: World, person: str) -> int:
    """Return what is owed to a person, whatever the unit."""
    return sum(amount for (account, owner), amount in made.balances().items() if owner == person and account != "sent")


def test_points_and_referrals_of_both_are_one_persons() -> None:
    """B08: 100 and 200 points of two accounts are 300 of one, with both referrals; the next order of either friend goes there."""
    made = world(rewards=[advocate(kind="points", points=100)], conversion={"counts": {"months": 12}}, hold="0d")
    tell(made, "01-02 lead bob code=ANN\n01-02 buy bob 10.00 EUR invoice=b1")
    tell(made, "01-02 lead cid code=AMY\n01-02 buy cid 10.00 EUR invoice=c1\n01-03 buy cid 10.00 EUR invoice=c2")
    assert (owed(made, "ann"), owed(made, "amy")) == (100, 200)
    assert verdict(merge(made, "ann", "amy")) == "merged"
    assert (owed(made, "ann"), owed(made, "amy")) == (300, 0)
    tell(made, "01-04 buy cid 10.00 EUR invoice=c3")
    assert (owed(made, "ann"), owed(made, "amy")) == (400, 0)
    assert {reward.beneficiary for reward in made.rewards()} == {"ann"}
    assert made.state.get(Code, "AMY").person == "ann"  # type: ignore[union-attr]
    assert made.state.get(Advocate, (made.program(), "amy")).status == "merged"  # type: ignore[union-attr]


def test_a_guest_and_their_account_are_one_customer() -> None:
    """B06: the account's order earns under the guest's referral, once both are one; it is no new customer of its own."""
    made = world(**BOTH, conversion={"counts": {"months": 12}})
    tell(made, "01-02 lead guest code=ANN\n01-02 buy guest 50.00 EUR invoice=g1 -> ann 5.00 EUR")
    tell(made, "01-03 buy account 50.00 EUR invoice=a1 -> refused not_referred")
    decision = merge(made, "account", "guest")
    assert [(each.outcome, each.amount) for each in decision.verdicts] == [("merged", None), ("earned", 500)]
    [referral] = made.state.all(Referral)
    assert referral.friend == "account"
    tell(made, "01-04 buy guest 50.00 EUR invoice=g2 -> ann 5.00 EUR")
    assert made.state.get(Customer, "account").referrals == (referral.id,)  # type: ignore[union-attr]


def test_nobody_refers_their_other_account() -> None:
    """One account brought the other: the binding ends, and what was not sent is not owed."""
    made = world(**BOTH)
    tell(made, "01-02 lead bob code=ANN\n01-02 buy bob 50.00 EUR")
    decision = merge(made, "ann", "bob")
    assert [(each.outcome, each.beneficiary, each.amount) for each in decision.verdicts] == [
        ("reversed", "ann", 0),
        ("merged", None, None),
    ]
    assert made.balances() == {}
    [referral] = made.state.all(Referral)
    assert referral.status == "void"


@pytest.mark.parametrize("keep", ["bob", "cid"])
def test_of_two_bindings_the_earlier_stays_and_the_other_is_a_claim(keep: str) -> None:
    """Whichever account is kept: the friend is bound by the earlier lead, and a person decides about the later."""
    made = world(**BOTH)
    tell(made, "01-02 lead bob code=ANN\n01-03 lead cid code=AMY")
    merge(made, keep, "cid" if keep == "bob" else "bob")
    bound = [it for it in made.state.all(Referral) if it.status != "void"]
    assert [(it.friend, it.shares[0].person) for it in bound] == [(keep, "ann")]
    [claim] = made.claims()
    assert (claim.friend, claim.shares[0].person, claim.status) == (keep, "amy", "open")


def test_what_an_account_did_first_the_person_did_first() -> None:
    """Cid bought before both were one: bob's binding stays, and bob's next order is no first one. Nobody is asked."""
    made = world(**BOTH)
    tell(made, "01-02 lead bob code=ANN\n01-03 lead cid code=ANN\n01-04 buy cid 50.00 EUR")
    merge(made, "bob", "cid")
    tell(made, "01-05 buy bob 70.00 EUR -> refused not_first")
    assert made.cases() == []


def test_what_both_accounts_did_first_is_looked_at() -> None:
    """Both bought first, before they were one: what the binding that ended earned by it waits for a person."""
    made = world(**BOTH)
    tell(made, "01-02 lead bob code=ANN\n01-03 lead cid code=ANN\n01-04 buy cid 50.00 EUR\n01-05 buy bob 70.00 EUR")
    merge(made, "bob", "cid")
    [case] = made.cases()
    assert [(flag.code, flag.evidence["conversion"]) for flag in case.flags] == [("duplicate_friend", "inv:bob-1")]
    assert {made.state.get(Reward, id_).conversion for id_ in case.rewards} == {"inv:cid-1"}  # type: ignore[union-attr]


def test_the_same_again_and_a_circle_are_refused() -> None:
    """Two that are one already stay as they are, whichever way round it is said, also by a third."""
    made = world(**BOTH)
    assert verdict(merge(made, "a", "b")) == "merged"
    assert verdict(merge(made, "b", "a")) == "already_merged"
    assert verdict(merge(made, "a", "a")) == "already_merged"
    assert verdict(merge(made, "c", "b")) == "merged"
    assert verdict(merge(made, "a", "c")) == "already_merged"
    assert {kin.root for kin in made.state.all(Kin)} == {"c"}


def test_what_was_approved_for_other_details_is_approved_anew() -> None:
    """Money goes only where an approval of today says: the details of the account that went are nobody's approval."""
    made = world(**BOTH)
    tell(made, "01-02 lead bob code=AMY\n01-02 buy bob 50.00 EUR")
    made.payee("amy", "hers")
    made.payee("ann", "mine")
    assert verdict(made.approve(made.rewards())) == "approved"
    made.tick("03-20")
    made.draft("amy")
    merge(made, "ann", "amy")
    [reward] = made.rewards()
    assert (reward.status, reward.beneficiary, reward.payout, reward.destination) == ("in_review", "ann", None, None)
    assert owed(made, "ann") == 500


def test_who_merged_does_not_approve() -> None:
    """A member who says that two accounts are one approves nothing of it; a limit of a month is one for both."""
    made = world(rewards=[{**advocate(percent="10"), "limits": [{"per": "month", "count": 2}]}], hold="0d")
    for friend, code in (("bob", "ANN"), ("cid", "AMY")):
        tell(made, f"01-02 lead {friend} code={code}\n01-02 buy {friend} 50.00 EUR")
    olga = member("olga")
    said = made.command(events.PersonsJoined, olga, keep="ann", gone="amy", reason="same_person")
    assert verdict(said) == "merged"
    tell(made, "01-03 lead dan code=AMY\n01-03 buy dan 50.00 EUR -> ann: refused count_cap_reached")
    made.payee("ann")
    [moved] = [it for it in made.state.all(Reward) if it.acts]
    assert verdict(made.approve([moved], olga)) == "own_work"
    assert verdict(made.approve([moved], member("eve", "approver"))) == "approved"


def test_a_person_who_was_merged_is_named_by_either_name() -> None:
    """Enrolment, details, drafts and claims that name the account that went concern the one that stayed."""
    made = world(**BOTH)
    merge(made, "ann", "amy")
    more: Any = {"code": "NEW", "program": made.program()}
    made.send(events.AdvocateEnrolled, person="amy", **more)
    assert made.state.get(Code, "NEW").person == "ann"  # type: ignore[union-attr]
    tell(made, "01-02 lead bob code=NEW\n01-02 buy bob 50.00 EUR -> ann 5.00 EUR")
    made.payee("amy")
    made.approve(made.rewards())
    made.tick("03-20")
    [payout] = made.draft("amy")
    assert payout.beneficiary == "ann"


def test_what_is_not_sent_after_all_is_approved_for_whose_it_is_now() -> None:
    """Released to an account that went, contested, so not handed over: its approval was for details that are not those of today."""
    made = world(**BOTH)
    tell(made, "01-02 lead bob code=AMY\n01-02 buy bob 50.00 EUR")
    made.payee("amy", "hers")
    [payout] = made.paid(until="released")
    tell(made, "03-20 chargeback bob-1 opened")
    merge(made, "ann", "amy")
    made.answer(payout, "processing")
    [reward] = made.rewards()
    assert (reward.status, reward.beneficiary, reward.payout, reward.destination) == ("in_review", "ann", None, None)
    assert owed(made, "ann") == 500


def test_who_turned_out_to_be_the_friend_wins_no_claim() -> None:
    """Nobody refers themselves, also by a claim that was opened before they were found to be one."""
    made = world(**BOTH)
    tell(made, "01-02 lead bob code=ANN\n01-02 buy bob 50.00 EUR")
    said = {"person": "bob", "advocates": (("amy", 1, 1),), "program": made.program(), "reason": "mail"}
    made.command(events.ClaimEntered, lead_at=made.now, **said)
    merge(made, "amy", "bob")
    [claim] = made.claims()
    won = made.command(events.ClaimDecided, claim=claim.id, outcome="won", reason="heard")
    assert verdict(won) == "self_referral"
    assert [reward.beneficiary for reward in made.rewards() if reward.amount] == ["ann"]


def test_an_appeal_gives_a_friend_back_to_nobody_who_is_that_friend() -> None:
    """What a claim took of somebody who turned out to be the friend is not theirs again; what the claim earned goes all the same."""
    made = world(**BOTH)
    tell(made, "01-02 lead bob code=ANN\n01-02 buy bob 50.00 EUR")
    said = {"person": "bob", "advocates": (("amy", 1, 1),), "program": made.program(), "reason": "mail"}
    made.command(events.ClaimEntered, lead_at=made.now, **said)
    [claim] = made.claims()
    made.command(events.ClaimDecided, claim=claim.id, outcome="won", reason="heard")
    merge(made, "ann", "bob")
    made.command(events.ClaimAppealed, claim=claim.id, reason="new evidence")
    made.command(events.ClaimDecided, member("max"), claim=claim.id, outcome="lost", reason="seen")
    assert {referral.status for referral in made.state.all(Referral)} == {"void"}
    assert [reward.amount for reward in made.rewards()] == [0, 0]


def test_issues_and_a_mail_for_minutes_are_the_persons() -> None:
    """Whoever is merged brings along what makes people look closer; before the fifth behaviour it was forgotten."""
    for number, issues, disposable in ((5, ("old", "both", "new"), True), (4, ("both", "new"), False)):
        made = world(**BOTH)
        made.semantics = number
        tell(made, "01-02 lead guest disposable\n01-02 issue guest opened old\n01-02 issue guest opened both")
        tell(made, "01-03 issue bob opened both\n01-03 issue bob opened new")
        merge(made, "bob", "guest")
        bob = made.state.get(Customer, "bob")
        assert bob is not None
        assert (bob.issues, bob.disposable) == (issues, disposable)
