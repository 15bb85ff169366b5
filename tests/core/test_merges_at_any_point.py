"""Whatever happened before two accounts become one, and after: the books balance, and what was two is one from then on."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testkit.stories import tell, world
from testkit.world import SERVER, World, advocate, member, verdict
from tests.core.test_loading import decided_on_parts
from tests.core.test_messages import WORKER
from tests.core.test_properties import ADVOCATES, FRIENDS, GENERATED, NUMBER, WRITTEN, Move, replayed, told
from tests.core.test_store_credit import deliver, earn, owed_back, shop, there

from goodword.core import entry, events, kin, messages
from goodword.core.decision import Decision
from goodword.core.draft import Draft
from goodword.core.state import (
    BEFORE_PAYMENT,
    Advocate,
    Balance,
    Case,
    Code,
    Consent,
    Counter,
    Customer,
    Letter,
    Recipient,
    Referral,
    Reward,
)

STORY = st.lists(st.tuples(st.sampled_from(WRITTEN), NUMBER, NUMBER, NUMBER), max_size=30)
#: What a person is owed, owes, and may use stands in these.
THEIRS = ("accrued", "payable", "credit", "receivable")
PEOPLE = sorted({*ADVOCATES, *FRIENDS, "cat"})


def merge(made: World, keep: str, gone: str) -> Decision:
    """Say that two accounts are one, as their person confirmed it."""
    return made.send(events.PersonMerged, keep=keep, gone=gone, source="portal")


def stands(made: World, *persons: str) -> dict[tuple[str, str, str], int]:
    """What stands in accounts of these persons together, by program, account and unit; what is owed is, approved or not, one."""
    found: dict[tuple[str, str, str], int] = {}
    for it in made.state.all(Balance):
        if it.account in THEIRS and it.owner in persons and it.amount:
            key = it.program, "owed" if it.account in ("accrued", "payable") else it.account, it.unit
            found[key] = found.get(key, 0) + it.amount
    return {key: amount for key, amount in found.items() if amount}


def changed(decision: Decision) -> bool:
    """Whether a decision says of any reward or credit that it is worth something else."""
    return any(it.about in ("reward", "credit") and not it.refused for it in decision.verdicts)


def own(made: World, referral: Referral) -> bool:
    """Whether one of those who brought a friend is that friend."""
    get = made.state.get
    friend_ = kin.root(get, referral.friend)
    return any(kin.root(get, share.person) == friend_ for share in referral.shares)


def counted(made: World, person: str) -> dict[Any, int]:
    """How often a person, by all names, used each limit, how many orders they keep for tiers, and what they were paid by year."""
    draft = Draft(made.state, {}, "evt", made.now, 7)
    found: dict[Any, int] = {}
    for it in made.state.all(Counter):
        if it.person in kin.all_of(draft.get, person) and it.kind != "said":
            for what, number in (("count", it.count), *it.amounts.items()):
                key = it.program, it.kind, it.period, what
                found[key] = found.get(key, 0) + number
    return {key: number for key, number in found.items() if number}


@settings(GENERATED, max_examples=100)
@given(STORY, st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), STORY.map(lambda more: more[:10]))
def test_a_story_that_comes_to_a_merge_goes_on_as_one_persons(
    history: list[tuple[Move, int, int, int]], keep: str, gone: str, more: list[tuple[Move, int, int, int]]
) -> None:
    """Both accounts' money and limits are the one's, whoever went has nothing, no referral between them lives, a replay gives the same.

    So it is at any point, and the invariants hold after each further event too.
    """
    made = told(history)
    get = made.state.get
    keep, gone = kin.root(get, keep), kin.root(get, gone)
    names = {*kin.all_of(get, keep), *kin.all_of(get, gone)}
    before, used = stands(made, keep, gone), [counted(made, one) for one in dict.fromkeys((keep, gone))]
    decision = merge(made, keep, gone)
    said = [it.refusal or it.outcome for it in decision.verdicts if it.about == "event"]
    assert ("already_merged" if keep == gone else "merged") in said
    if keep != gone:
        assert not stands(made, gone)
        assert {kin.root(get, one) for one in names} == {keep}
        if not changed(decision):
            assert stands(made, keep) == before
            both = {key: sum(each.get(key, 0) for each in used) for key in {*used[0], *used[-1]}}
            assert counted(made, keep) == {key: number for key, number in both.items() if number}
        for it in made.state.all(Reward):
            referral = made.state.get(Referral, it.referral)
            if referral is not None and own(made, referral) and {keep} == {kin.root(get, referral.friend)}:
                assert it.status not in BEFORE_PAYMENT or not it.amount
    for move, a, b, c in more:
        move(made, a, b, c)
    assert [it for it in made.state.all(Referral) if it.status != "void" and own(made, it)] == []
    assert {it.person for it in made.state.all(Code) if it.person is not None}.isdisjoint(
        it.person for it in made.state.all(Advocate) if it.status == "merged"
    )
    replayed(made)


@settings(GENERATED, max_examples=40)
@given(STORY, st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), STORY, st.booleans())
def test_what_is_loaded_is_all_that_is_looked_at(
    history: list[tuple[Move, int, int, int]],
    keep: str,
    gone: str,
    more: list[tuple[Move, int, int, int]],
    parted: bool,
) -> None:
    """A merge, and what names either name behind it, are decided on what is loaded for them as on the whole workspace."""
    made = told(history)
    merge(made, keep, gone)
    for move, a, b, c in more:
        move(made, a, b, c)
    for person in (keep, gone):
        due(made, person, "satisfaction", person)
    decided_on_parts([entry.asked(leaf) for leaf in made.leaves], parted=parted)


def test_the_stories_reach_what_is_asked_of_them() -> None:
    """Merges that change no amount, and merges of advocate and friend, of whose rewards some are owed and some were sent."""
    random, seen = Random(4), set[Any]()  # noqa: S311 - the same stories every time
    for _ in range(30):
        made = told([(random.choice(WRITTEN), *(random.randrange(12) for _ in range(3))) for _ in range(40)])  # type: ignore[misc]
        dead = {it.id for it in made.state.all(Referral) if it.status == "void"}
        sent = {it.id for it in made.state.all(Reward) if it.sent}
        seen.add(changed(merge(made, "ann", "bob")))
        ended = {
            it.id for it in made.state.all(Referral) if it.status == "void" and it.id not in dead and own(made, it)
        }
        seen |= {it.id in sent and it.status for it in made.state.all(Reward) if it.referral in ended}
    assert seen >= {True, False, "paid"}


CONSENTS = st.one_of(
    st.none(), st.builds(Consent, given=st.booleans(), at=st.integers(0, 9), until=st.none() | st.integers(10, 19))
)


@given(st.lists(st.tuples(CONSENTS, CONSENTS), min_size=2, max_size=2), st.integers(9, 20))
def test_whoever_said_no_as_either_account_has_said_no(said: list[tuple[Any, Any]], at: int) -> None:
    """Of a purpose and of its channels: it holds where it held as every account that said anything of it, and nowhere else."""
    made = world(rewards=[advocate(percent="10")])
    keys = ("messages", "messages:email")
    for place, person in enumerate(("ann", "amy")):
        consents = {key: both[place] for key, both in zip(keys, said, strict=True) if both[place] is not None}
        made.state.put(Customer(person=person, consents=consents))
    before = [made.state.get(Customer, person).consents for person in ("ann", "amy")]  # type: ignore[union-attr]
    merge(made, "ann", "amy")
    now = made.state.get(Customer, "ann").consents  # type: ignore[union-attr]
    assert {*now} == {*before[0], *before[1]}
    for key in now:
        those = [one for each in before if (one := each.get(key) or each.get("messages")) is not None]
        assert now[key].holds(at) == all(one.holds(at) for one in those)


@pytest.mark.parametrize(("policy", "left", "receivable"), [("bear", 500, 0), ("net", 0, 500), ("ask_back", 0, 500)])
def test_what_was_paid_for_oneself_follows_the_rules(policy: str, left: int, receivable: int) -> None:
    """Paid before it was found out: borne, netted with what follows or asked back, as for what turns out to be another's."""
    made = world(rewards=[advocate(percent="10")], hold="0d", claims={"lost_after_payment": policy})
    tell(made, "01-02 lead bob code=ANN\n01-02 buy bob 50.00 EUR")
    paid(made, "ann")
    merge(made, "bob", "ann")
    [reward] = made.rewards()
    assert (reward.amount, reward.receivable, reward.owed_back) == (
        left,
        receivable,
        "ask" if policy == "ask_back" else "net",
    )
    assert stands(made, "ann") == {}
    replayed(made)


def test_what_is_owed_of_a_referral_that_ended_before_is_not_owed_to_oneself() -> None:
    """Two friends of ann turned out to be one, and what both earned her was left to a person; then ann is that friend."""
    made = world(rewards=[advocate(percent="10")], hold="0d")
    tell(made, "01-02 lead bob code=ANN\n01-02 lead cid code=ANN\n01-02 buy bob 50.00 EUR\n01-03 buy cid 50.00 EUR")
    merge(made, "bob", "cid")
    assert sum(it.amount for it in made.rewards()) == 1_000
    merge(made, "bob", "ann")
    assert [(it.amount, it.status) for it in made.rewards()] == [(0, "reversed")] * 2
    replayed(made)


def paid(made: World, person: str) -> None:
    """Have what somebody is owed approved, released and completed."""
    made.payee(person)
    made.paid(beneficiary=person)


def test_store_credit_for_oneself_is_taken_back() -> None:
    """What is there of it goes; the rest of the purse of both is the one's."""
    made = shop(rewards=[advocate(kind="credit", percent="10")], claims={"lost_after_payment": "net"})
    for friend_ in ("bob", "cid"):
        earn(made, friend_, 5_000)
    deliver(made)
    assert there(made) == 1_000
    merge(made, "bob", "ann")
    assert (there(made), there(made, "bob")) == (0, 500)
    assert owed_back(made) == 0
    replayed(made)


@pytest.mark.parametrize(
    ("mine", "theirs", "now"),
    [
        (None, "unsubscribed", "unsubscribed"),
        ("complained", "unsubscribed", "complained"),
        (None, "bounced", None),
    ],
)
def test_who_stopped_messages_as_either_gets_none(mine: str | None, theirs: str | None, now: str | None) -> None:
    """And no topic that either wants no more; but that an address of the one is not there stops nothing to that of the other."""
    made = world(rewards=[advocate(percent="10")])
    made.state.put(Recipient(person="ann", stopped=mine, off=("tip_share",), soft=2))
    made.state.put(Recipient(person="amy", stopped=theirs, off=("tip_click", "tip_share"), soft=4, score=3))
    merge(made, "ann", "amy")
    assert made.state.get(Recipient, "ann") == Recipient(
        person="ann", stopped=now, off=("tip_share", "tip_click"), soft=2, score=3
    )


TOPICS = {"messages": {"topics": ["enrolled", "satisfaction", "milestone_reached", "reward_approved"]}}


def due(made: World, person: str, topic: str, trigger: str) -> str:
    """Have it said that a message is due; what becomes of it."""
    fields = {"person": person, "topic": topic, "trigger": trigger, "known": True}
    said = made.command(events.MessageDue, WORKER, program=made.program(), **fields)
    return said.verdicts[0].refusal or said.verdicts[0].outcome


@pytest.mark.parametrize(("keep", "gone"), [("ann", "amy"), ("amy", "ann")])
@pytest.mark.parametrize("topic", ["reward_approved", "satisfaction", "milestone_reached"])
def test_a_message_that_either_got_is_not_sent_again(keep: str, gone: str, topic: str) -> None:
    """Of the same trigger, also where that was the person, or a tier that they reach again as both; another one is sent."""
    made = world(rewards=[advocate(percent="10")], **TOPICS)
    made.state.put(Customer(person="ann", consents={"messages": Consent(given=True, at=0)}))
    made.state.put(Customer(person="amy", consents={"messages": Consent(given=True, at=0)}))

    def trigger(person: str, tier: int = 1) -> str:
        if topic == "milestone_reached":
            return messages.reached(made.program(), person, tier)
        return person if topic == "satisfaction" else f"rwd_{tier}"

    assert due(made, "ann", topic, trigger("ann")) == "message_ordered"
    merge(made, keep, gone)
    for person in ("ann", "amy"):
        assert due(made, person, topic, trigger(person)) == "nothing_to_do"
    if topic != "satisfaction":
        assert due(made, "amy", topic, trigger("amy", 2)) == "message_ordered"
    assert len(made.state.all(Letter)) == (1 if topic == "satisfaction" else 2)


def test_what_either_did_with_their_code_both_did() -> None:
    """A code is changed once; the own one stays the one that is shared; a suspension keeps its case until it is lifted."""
    made = world(rewards=[advocate(percent="10")], hold="0d")
    program = made.program()
    made.command(events.CodeChanged, SERVER, person="amy", program=program, code="AMY2")
    tell(made, "01-02 lead bob code=AMY\n01-02 buy bob 50.00 EUR")
    made.send(events.AdvocateSuspended, person="amy", program=program)
    [case] = made.cases()
    merge(made, "ann", "amy")
    now = made.state.get(Advocate, (program, "ann"))
    assert now is not None
    assert (now.status, now.case, now.codes) == ("suspended", case.id, ("AMY", "AMY2", "ANN"))
    for actor in (member("olga"), member("otto")):
        made.command(events.SuspensionLifted, actor, person="ann", program=program, reason="mistake")
    assert made.state.get(Case, case.id).status == "decided"  # type: ignore[union-attr]
    said = made.command(events.CodeChanged, SERVER, person="ann", program=program, code="ANN2")
    assert verdict(said) == "code_changed_before"
