"""What is flagged is approved by who opened its evidence since, whoever they are and however they approve."""

from hypothesis import given
from hypothesis import strategies as st
from testkit.world import OWNER, World, advocate, member, rules, said

from goodword.core import events, lists
from goodword.core.decision import Decision
from goodword.core.facts import Actor
from goodword.core.state import Reward

ADA, MIA = member("ada", "approver"), member("mia", "approver")


def flagged(count: int = 1) -> World:
    """Ann's rewards in review, of which the first ``count`` had a case that was cleared."""
    made = World()
    made.publish(rules(hold="0d", rewards=[advocate(percent="10")]))
    made.enrol("ann")
    made.payee("ann")
    for name in ("bob", "ben", "eve"):
        made.referred(name, by="ann")
    made.owner()
    for reward in made.rewards()[:count]:
        stop(made, reward, "cb-1")
    return made


def stop(made: World, reward: Reward, chargeback: str) -> None:
    """Raise a flag, and clear it."""
    invoice = reward.conversion.removeprefix("inv:")
    made.send(events.ChargebackOpened, invoice=invoice, chargeback=chargeback)
    [case] = made.cases(status="open")
    made.command(events.CaseDecided, OWNER, case=case.id, outcome="cleared", reason="x")


def approve(made: World, actor: Actor = ADA) -> Decision:
    """Approve all, as the list says."""
    items = made.items(made.rewards())
    return made.command(events.ApprovalGiven, actor, items=items, list_sha256=lists.digest(items))


def opened(made: World, reward: Reward, actor: Actor = ADA, what: str = "opened") -> None:
    assert said(made.command(events.RecordLooked, actor, subject=reward.id, what=what)) == [("command", "looked")]


def test_a_list_with_flagged_rewards_names_each_that_was_not_opened() -> None:
    """Nothing of it is approved; the unflagged need no look, and one that was opened is not named."""
    made = flagged(2)
    first, second, third = made.rewards()
    decision = approve(made)
    assert said(decision) == [("command", "evidence_not_opened")]
    assert [(step.code, step.values) for step in decision.verdicts[0].steps] == [
        ("evidence", {"item": reward.id, "flags": ["chargeback"]}) for reward in (first, second)
    ]
    opened(made, first)
    opened(made, third)
    assert [step.values["item"] for step in approve(made).verdicts[0].steps] == [second.id]
    opened(made, second)
    assert said(approve(made)) == [("command", "approved")]


def test_another_members_look_and_another_kind_of_look_do_not_count() -> None:
    """Each opens for themselves: a colleague's look, or a download, tells the approver nothing."""
    made = flagged()
    reward = made.rewards()[0]
    opened(made, reward, MIA)
    for what in ("unmasked", "exported", "downloaded"):
        opened(made, reward, ADA, what)
    assert said(approve(made)) == [("command", "evidence_not_opened")]
    assert said(approve(made, MIA)) == [("command", "approved")]


def test_a_later_flag_asks_for_another_look() -> None:
    """Who looked before it has not seen it; also where all happens at the same instant of the clock."""
    made = flagged()
    reward = made.rewards()[0]
    opened(made, reward)
    at = made.now
    stop(made, reward, "cb-2")
    assert said(approve(made)) == [("command", "evidence_not_opened")]
    opened(made, reward)
    assert made.now >= at
    assert said(approve(made)) == [("command", "approved")]
    [mark, other] = made.rewards()[0].marks
    assert (mark.code, other.code, mark.case != other.case) == ("chargeback", "chargeback", True)


def test_before_the_fourth_behaviour_nobody_had_to_look() -> None:
    """A log of then is decided as it was, and no reward of it keeps a flag."""
    made = World()
    made.semantics = 3
    made.publish(rules(hold="0d", rewards=[advocate(percent="10")]))
    made.enrol("ann")
    made.payee("ann")
    made.referred("bob", by="ann")
    made.owner()
    stop(made, made.rewards()[0], "cb-1")
    assert made.rewards()[0].marks == ()
    assert said(approve(made)) == [("command", "approved")]


def test_what_is_kept_is_bounded() -> None:
    """Of flags and of those who looked, the newest twenty."""
    made = flagged(0)
    reward = made.rewards()[0]
    for number in range(25):
        stop(made, reward, f"cb-{number}")
    for number in range(25):
        opened(made, reward, member(f"m{number}", "approver"))
    reward = made.rewards()[0]
    assert (len(reward.marks), len(reward.opened_by)) == (20, 20)
    assert reward.opened_by[-1] == "m24"


@given(st.lists(st.tuples(st.sampled_from(["flag", "look", "else", "approve"]), st.integers(0, 2), st.booleans())))
def test_nobody_ever_approves_what_they_have_not_looked_at_since_its_last_flag(
    moves: list[tuple[str, int, bool]],
) -> None:
    """Whatever flags, looks and approvals come in whatever order, by two members over three rewards."""
    made, number = flagged(0), 0
    looked: dict[str, set[str]] = {}
    marked: set[str] = set()
    for move, which, by_ada in moves:
        reward, actor = made.rewards()[which], ADA if by_ada else MIA
        if reward.status != "in_review":
            continue
        if move == "flag":
            number += 1
            stop(made, reward, f"cb-{number}")
            marked.add(reward.id)
            looked[reward.id] = set()
        elif move == "look":
            opened(made, reward, actor)
            looked.setdefault(reward.id, set()).add(actor.id)
        elif move == "else":
            opened(made, reward, actor, "unmasked")
        else:
            items = made.items([reward])
            decision = made.command(events.ApprovalGiven, actor, items=items, list_sha256=lists.digest(items))
            may = reward.id not in marked or actor.id in looked[reward.id]
            assert said(decision) == [("command", "approved" if may else "evidence_not_opened")]
