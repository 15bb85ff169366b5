"""Four eyes are two people: who may raise whom, who counts as a second person, and what two of them may decide."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from testkit.stories import world
from testkit.world import OPERATOR, OWNER, World, advocate, member, rules, verdict
from tests.core.test_properties import GENERATED, MEMBERS, MOVES, NUMBER, RICH, Move, start

from goodword.core import access, calendar, events, hands, lists
from goodword.core.decision import Decision
from goodword.core.facts import Actor
from goodword.core.state import Change, Member, Payee, Payout, Reward

OLGA, OTTO = member("olga", "owner"), member("otto", "owner")
#: the default of GOODWORD_ALONE_UP_TO, in part
ALONE = {"EUR": 10_000}


def people(*members: Actor) -> World:
    """A program without a hold whose rewards are what is bought, and these people, each confirmed."""
    made = World()
    made.join(OWNER, *members)
    made.publish(rules(hold="0d", rewards=[advocate(percent="100")], review={"two_people_over": {"EUR": 50_000}}))
    made.enrol("ann")
    made.payee("ann")
    return made


def earned(made: World, *amounts: int) -> list[Reward]:
    """Rewards in review of these amounts, all of ann."""
    before = {reward.id for reward in made.rewards()}
    for amount in amounts:
        friend = f"f{len(made.log)}"
        made.lead(friend, code="ANN")
        made.buy(friend, amount)
    return [reward for reward in made.rewards() if reward.id not in before]


def set_(made: World, by: Actor, name: str, *roles: str, **fields: Any) -> Decision:
    return made.command(events.MemberSet, by, member=name, roles=roles, **fields)


def known(made: World, name: str) -> Member:
    found = made.state.get(Member, name)
    assert found is not None
    return found


def waiting(made: World, name: str) -> Change:
    """What is open about a member."""
    (found,) = [one for one in made.state.all(Change) if one.subject == name and one.status == "open"]
    return found


def decided(made: World, by: Actor, name: str, outcome: str = "confirmed") -> str:
    return verdict(made.command(events.ChangeDecided, by, change=waiting(made, name).id, outcome=outcome))


# --- who is a second person -------------------------------------------------------------------------------------------


def test_an_owner_and_whom_they_made_are_one() -> None:
    """With two people asked for, the only owner cannot be both by inventing a second member, nor two of them (E4, 31g)."""
    made = people()
    for name in ("eve", "ida"):
        assert verdict(set_(made, OWNER, name, "owner")) == "member_set"
        assert (known(made, name).made_by, known(made, name).confirmed) == ("owner", False)
    rewards = earned(made, 60_000)
    assert verdict(made.approve(rewards, OWNER)) == "second_person_needed"
    assert verdict(made.approve(rewards, member("eve", "owner"))) == "same_member"
    made.command(events.ApprovalWithdrawn, OWNER, items=made.items(rewards), reason="anew")
    assert decided(made, member("ida", "owner"), "eve") == "same_member"
    assert decided(made, OWNER, "eve") == "same_member"
    assert decided(made, OPERATOR, "eve") == "change_confirmed"
    assert known(made, "eve").confirmed
    assert verdict(made.approve(rewards, member("eve", "owner"))) == "approved"


def test_two_whom_one_owner_made_are_no_two() -> None:
    """Neither of them may be the second person of the other: both keys are known to who made them."""
    made = people()
    for name in ("eve", "ida"):
        set_(made, OWNER, name, "approver")
    rewards = earned(made, 60_000)
    assert verdict(made.approve(rewards, member("eve", "approver"))) == "second_person_needed"
    assert verdict(made.approve(rewards, member("ida", "approver"))) == "same_member"


def test_who_spoke_first_is_looked_at_again() -> None:
    """A first word counts no more once its member was dismissed; the second becomes a first (31g)."""
    made = people(OLGA, member("mia", "approver"), member("max", "approver"))
    rewards = earned(made, 60_000)
    assert verdict(made.approve(rewards, member("mia", "approver"))) == "second_person_needed"
    assert verdict(set_(made, OWNER, "mia")) == "member_set"
    said = made.approve(rewards, member("max", "approver"))
    assert verdict(said) == "second_person_needed"
    assert [step.values for step in said.verdicts[0].steps if step.code == "first_gone"] == [{"member": "mia"}]
    assert {reward.approvals for reward in made.rewards()} == {("max",)}


@pytest.mark.parametrize(("limit", "said"), [(0, "over_limit"), (60_000, "approved"), (None, "approved")])
def test_one_of_two_is_within_their_own_limit(limit: int | None, said: str) -> None:
    """Two members of little do not approve much together; either of the two may be the one whose limit it is (31g, Q11)."""
    able = Actor(id="max", kind="member", roles=("approver",), limits=None if limit is None else {"EUR": limit})
    for order in (("mia", "max"), ("max", "mia")):
        made = people(member("mia", "approver", EUR=100), able)
        rewards = earned(made, 30_000, 30_001 if limit == 0 else 30_000)
        actors = {one.id: one for one in (member("mia", "approver", EUR=100), able)}
        outcomes = [verdict(made.approve(rewards, actors[name])) for name in order]
        assert outcomes[-1] == (said if outcomes[0] == "second_person_needed" else "wrong_state")


def test_a_rejection_above_a_limit_needs_a_second_person() -> None:
    """Limits hold for no as for yes, on the list's sum and the day's for one beneficiary; nothing moves before (23)."""
    mia, max_ = member("mia", "approver", EUR=1_000), member("max", "approver", EUR=2_500)
    made = people(mia, max_)
    second, first, large = sorted(earned(made, 600, 500, 100_000), key=lambda reward: reward.amount)

    def reject(reward: Reward, by: Actor) -> str:
        return verdict(made.command(events.RewardsRejected, by, items=made.items([reward]), reason="fraud"))

    assert reject(first, mia) == "rejected"
    assert reject(second, mia) == "second_person_needed"
    assert (made.reward(id=second.id).status, made.reward(id=second.id).rejecting) == ("in_review", ("mia",))
    assert reject(second, mia) == "same_member"
    assert reject(second, max_) == "rejected"
    done = made.reward(id=second.id)
    assert (done.status, done.amount, done.rejecting) == ("rejected", 0, ())
    assert [act.member for act in done.acts if act.act == "reward.rejected"] == ["mia", "max"]
    assert reject(large, mia) == "second_person_needed"
    assert reject(large, max_) == "over_limit"
    assert reject(large, OWNER) == "rejected"


def test_an_approval_voids_the_first_rejection() -> None:
    """What was approved and comes back is rejected by two anew."""
    mia, max_ = member("mia", "approver", EUR=100), member("max", "approver")
    made = people(mia, max_)
    rewards = earned(made, 600)
    made.command(events.RewardsRejected, mia, items=made.items(rewards), reason="fraud")
    assert verdict(made.approve(rewards, max_)) == "approved"
    made.command(events.ApprovalWithdrawn, max_, items=made.items(rewards), reason="anew")
    assert made.reward().rejecting == ()


# --- who raises whom --------------------------------------------------------------------------------------------------


def test_an_owner_raises_nobody_alone() -> None:
    """Roles, limits and programs that give more wait for another owner; what takes away holds at once (E4, DESIGN 0)."""
    made = people(OLGA, member("mia", "approver", EUR=100))
    assert verdict(set_(made, OWNER, "mia", "approver", limits={"EUR": 5_000})) == "second_person_needed"
    assert known(made, "mia").limits == {"EUR": 100}
    assert decided(made, OWNER, "mia") == "same_member"
    assert decided(made, OLGA, "mia") == "change_confirmed"
    assert known(made, "mia").limits == {"EUR": 5_000}
    assert verdict(set_(made, OWNER, "mia", "payer", limits={"EUR": 50, "USD": 10})) == "second_person_needed"
    assert (known(made, "mia").roles, known(made, "mia").limits) == ((), {"EUR": 50, "USD": 0})
    assert verdict(set_(made, OWNER, "mia", limits={"EUR": 50})) == "member_set"
    assert [one.status for one in made.state.all(Change) if one.subject == "mia"][-1] == "withdrawn"


def test_an_owner_does_not_raise_themselves() -> None:
    """A limit that an owner lowered comes back by another owner's word, also where there is no other owner (E4)."""
    made = people()
    assert verdict(set_(made, OWNER, "owner", "owner", limits={"EUR": 100})) == "member_set"
    assert verdict(set_(made, OWNER, "owner", "owner")) == "second_person_needed"
    assert known(made, "owner").limits == {"EUR": 100}
    assert decided(made, OWNER, "owner") == "same_member"
    assert decided(made, OPERATOR, "owner") == "change_confirmed"
    assert known(made, "owner").limits is None


def test_dismissing_the_other_owner_raises_nobody() -> None:
    """Who is the only owner since they dismissed the other one still raises no confirmed member alone."""
    made = people(OLGA, member("mia", "approver", EUR=100))
    assert verdict(set_(made, OWNER, "olga")) == "member_set"
    assert verdict(set_(made, OWNER, "mia", "approver")) == "second_person_needed"
    assert known(made, "mia").limits == {"EUR": 100}


def test_a_new_member_waits_for_another_owner_where_there_is_one() -> None:
    """They are a person of their own once another owner confirmed them, and nobody before."""
    made = people(OLGA)
    assert verdict(set_(made, OWNER, "mia", "approver", limits={"EUR": 5})) == "second_person_needed"
    assert made.state.get(Member, "mia") is None
    assert decided(made, OLGA, "mia") == "change_confirmed"
    assert known(made, "mia") == Member(id="mia", roles=("approver",), limits={"EUR": 5}, made_by="owner")


@pytest.mark.parametrize(("outcome", "by"), [("declined", OLGA), ("withdrawn", OWNER)])
def test_a_change_that_is_not_confirmed_changes_nothing(outcome: str, by: Actor) -> None:
    """It is closed, once."""
    made = people(OLGA)
    set_(made, OWNER, "mia", "approver")
    change = waiting(made, "mia")
    assert decided(made, by, "mia", outcome) == f"change_{outcome}"
    assert made.state.get(Member, "mia") is None
    again = made.command(events.ChangeDecided, OLGA, change=change.id, outcome="confirmed")
    assert verdict(again) == "wrong_state"
    assert verdict(made.command(events.ChangeDecided, OLGA, change="chg_x", outcome="confirmed")) == "not_found"


def test_an_owner_becomes_an_approver_at_once() -> None:
    """An owner has every role: who becomes less keeps what is left, who becomes more keeps what they had until it is confirmed."""
    made = people(OLGA, OTTO, member("mia", "approver"))
    assert verdict(set_(made, OWNER, "otto", "approver", "payer")) == "member_set"
    assert known(made, "otto").roles == ("approver", "payer")
    assert verdict(set_(made, OWNER, "mia", "owner")) == "second_person_needed"
    assert known(made, "mia").roles == ("approver",)


def test_a_scope_narrows_at_once_and_widens_with_two() -> None:
    """No programs are all of them: a member whose programs have none in common with the new ones does nothing until then."""
    made = people(OLGA, member("mia", "approver"))
    made.publish(rules(program="other"))
    main, other = made.program(), made.program("other")
    assert verdict(set_(made, OWNER, "mia", "approver", programs=("main",))) == "member_set"
    assert known(made, "mia").programs == (main,)
    assert verdict(set_(made, OWNER, "mia", "approver", programs=("main", "other"))) == "second_person_needed"
    assert known(made, "mia").programs == (main,)
    assert verdict(set_(made, OWNER, "mia", "approver", programs=("other",))) == "second_person_needed"
    assert known(made, "mia").roles == ()
    assert decided(made, OLGA, "mia") == "change_confirmed"
    assert (known(made, "mia").roles, known(made, "mia").programs) == (("approver",), (other,))


# --- alone ------------------------------------------------------------------------------------------------------------


def test_one_person_alone_releases_little_a_day() -> None:
    """A live workspace without a second confirmed member releases up to the default on a UTC day, in however many lists (DESIGN 0)."""
    made = people()
    set_(made, OWNER, "eve", "payer")
    payouts = []
    for amount in (6_000, 4_000, 1):
        made.approve(earned(made, amount))
        made.tick(max(reward.due_at or 0 for reward in made.rewards()))
        payouts += made.draft("ann")
    assert verdict(made.release(payouts[:2], alone_up_to={})) == "second_member_needed"
    assert verdict(made.release(payouts, alone_up_to=ALONE)) == "second_member_needed"
    said = [verdict(made.release([payout], alone_up_to=ALONE)) for payout in payouts]
    assert said == ["released", "released", "second_member_needed"]
    assert verdict(made.release(payouts[2:], member("eve", "payer"), alone_up_to=ALONE)) == "second_member_needed"
    made.tick(made.now + calendar.DAY)
    assert verdict(made.release(payouts[2:], alone_up_to=ALONE)) == "released"


def test_a_second_confirmed_member_ends_the_limit() -> None:
    """Once somebody else is confirmed who approves or releases, the default means nothing; who only reads does not count."""
    made = people()
    set_(made, OWNER, "eve", "auditor")
    set_(made, OWNER, "ida", "approver")
    made.approve(earned(made, 40_000))
    made.tick(made.rewards()[0].due_at or 0)
    payouts = made.draft("ann")
    assert verdict(made.release(payouts, alone_up_to=ALONE)) == "second_member_needed"
    assert decided(made, OPERATOR, "eve") == "change_confirmed"
    assert verdict(made.release(payouts, alone_up_to=ALONE)) == "second_member_needed"
    assert decided(made, OPERATOR, "ida") == "change_confirmed"
    assert verdict(made.release(payouts, alone_up_to=ALONE)) == "released"


# --- what a list says -------------------------------------------------------------------------------------------------


def test_all_who_lack_payment_details_are_named_at_once() -> None:
    """Not one each time (first-hour 16); twenty at most."""
    made = world(hold="0d")
    for number in range(25):
        made.referred(f"f{number}", f"a{number}")
    said = made.approve(made.rewards(side="advocate"))
    assert verdict(said) == "payee_missing"
    assert len({step.values["item"] for step in said.verdicts[0].steps}) == 20


def test_a_payee_says_when_they_became_what_they_are() -> None:
    """The same details again change nothing of it; others do (17)."""
    made = people()
    payee = made.state.get(Payee, "ann")
    assert payee is not None
    was = payee.changed_at
    made.tick(made.now + calendar.DAY)
    made.payee("ann")
    assert made.state.get(Payee, "ann").changed_at == was  # type: ignore[union-attr]
    made.payee("ann", "another")
    assert made.state.get(Payee, "ann").changed_at == made.now  # type: ignore[union-attr]


# --- of any history ---------------------------------------------------------------------------------------------------

DECIDED = {events.ApprovalGiven: "approved", events.PayoutReleased: "released", events.RewardsRejected: "rejected"}


def _hands(made: World, *members: str) -> set[frozenset[str]]:
    return {hands.hands_among(made.state.tables[Member].get, one) for one in members}  # type: ignore[arg-type]


def by_several(world: World, a: int, b: int, c: int) -> None:
    """A friend buys; the same list is said by three in turn, of whom some may be one: approved, rejected, and drafts released."""
    friend = f"fay{len(world.log)}"
    world.lead(friend, code=("ANN", "AMY")[a % 2])
    world.buy(friend, 9_000, invoice=friend)
    world.tick(world.now + 3 * calendar.DAY)
    ready = sorted((r for r in world.rewards(status="in_review") if not r.cases), key=lambda r: -r.amount)[: 1 + c % 4]
    for person in sorted({reward.beneficiary for reward in ready}):
        world.payee(person)
    waiting = [payout for payout in world.state.all(Payout) if payout.status == "awaiting_release"]
    for n in (a, b, a + b + c):
        who = MEMBERS[n % len(MEMBERS)]
        if c < 9:
            world.approve(ready, who)
        else:
            world.command(events.RewardsRejected, who, items=world.items(ready), reason="told")
        if waiting and who.id != "mia":
            world.release(waiting, who)
    world.tick(world.now + 45 * calendar.DAY)
    world.draft("ann", "amy", "abe", "bob", "bea", "ben")


#: Histories in which lists are decided by one, by two, and by one twice.
DECISIONS = st.lists(
    st.tuples(st.sampled_from((*MOVES, *[by_several] * 30)), NUMBER, NUMBER, NUMBER), min_size=1, max_size=25
)


def _wants_two(made: World, item: events.Item) -> bool:
    """Whether the rules of a reward say that two look at it."""
    (reward,) = made.rewards(id=item.id)
    most = made.rules[reward.rules].rules.review.two_people_over or {}
    return item.amount > most.get(item.unit, item.amount)


@GENERATED
@given(DECISIONS)
def test_above_a_limit_two_people_decided(history: list[tuple[Move, int, int, int]]) -> None:
    """Whatever happened: a list above a limit was decided by two, one of them within theirs; no more left than was approved."""
    made = start()
    made.publish({**RICH, "review": {**RICH["review"], "two_people_over": {"EUR": 400, "USD": 400}}})
    for move, a, b, c in history:
        move(made, a, b, c)
    limits = {one.id: one.limits for one in MEMBERS}
    first: dict[tuple[type, str], str] = {}
    approved: dict[str, int] = {}
    for event, facts, decision in made.log:
        outcome = DECIDED.get(type(event))
        if outcome is None or facts.actor is None:
            continue
        key = (type(event), lists.digest(event.items))
        said = decision.verdicts[0].outcome
        if said == "second_person_needed":
            first[key] = facts.actor.id
        if said != outcome:
            continue
        within = [
            one
            for one in (facts.actor.id, first.get(key, facts.actor.id))
            if all(access.within(limits[one], unit, total) for unit, total in lists.sums(event.items).items())
        ]
        assert within, event
        if facts.actor.id not in within:
            assert len(_hands(made, facts.actor.id, first[key])) == 2
        if isinstance(event, events.ApprovalGiven) and any(_wants_two(made, item) for item in event.items):
            assert len(_hands(made, facts.actor.id, first[key])) == 2
        for item in event.items:
            if isinstance(event, events.ApprovalGiven):
                approved[item.id] = item.amount
            elif isinstance(event, events.PayoutReleased):
                for part in made.payout(item.id).parts:
                    assert part.sent + sum(taken for _, taken in part.netted) <= approved[part.reward]
