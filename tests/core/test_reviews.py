"""People decide: approvals over frozen lists, two people, withdrawals, rejections, cases, members.

The workspace of these tests checks after every step that all books are what rewards and payouts say (``core.invariants``).
"""

from typing import Any

import msgspec
import pytest
from testkit.stories import earning, tell, world
from testkit.world import OWNER, World, advocate, at, friend, member, rules, said, verdict

from goodword.core import events, holds, ledger, lists
from goodword.core.decision import Step
from goodword.core.facts import Actor
from goodword.core.state import Balance, Case, Member, Reward

MIA = member("mia", "approver", EUR=1_000)
MAX = member("max", "approver", EUR=1_000)
#: Of two who decide above a limit, one is within their own.
EVE = member("eve", "approver", EUR=10_000)


def due(*amounts: int, **parts: Any) -> World:
    """Rewards of ann of these amounts, in review, her payment details known."""
    made = earning(*amounts, **parts)
    made.tick("2024-02-15")
    made.payee("ann")
    return made


def statuses(made: World) -> list[str]:
    return [reward.status for reward in made.rewards()]


def balances_hold(made: World) -> bool:
    stored = {
        b.key: b.amount
        for b in made.state.all(Balance)
        if b.account in ("accrued", "payable", "receivable") and b.amount
    }
    return stored == ledger.expected(made.state.all(Reward))


def test_one_person_within_the_limit() -> None:
    """The list is approved as a whole; it is payable and due at NET-15; who approved stands on each reward."""
    made = due(600, 400)
    assert verdict(made.approve(made.rewards(), MIA)) == "approved"
    assert [(r.status, r.approvals, r.due_at, r.destination) for r in made.rewards()] == [
        ("approved", ("mia",), at("2024-03-15"), "iban")
    ] * 2
    assert made.balances() == {("payable", "ann"): 1_000}
    assert balances_hold(made)


def test_two_people_above_the_limit() -> None:
    """The first approval leaves the rewards in review; another member over the same list approves; the first cannot again."""
    made = due(600, 401)
    assert verdict(made.approve(made.rewards(), MIA)) == "second_person_needed"
    assert {(r.status, r.approvals) for r in made.rewards()} == {("in_review", ("mia",))}
    assert verdict(made.approve(made.rewards(), MIA)) == "same_member"
    assert verdict(made.approve(made.rewards(), EVE)) == "approved"
    assert {r.approvals for r in made.rewards()} == {("mia", "eve")}


def test_the_second_person_decides_the_same_list() -> None:
    """Another list is a first approval of its own."""
    made = due(600, 401)
    first, second = made.rewards()
    made.approve([first, second], MIA)
    assert verdict(made.approve([first], MAX)) == "approved"
    assert made.reward(id=second.id).approvals == ("mia",)
    assert verdict(made.approve([first, second], MAX)) == "wrong_state"


def test_the_limit_counts_a_day_and_beneficiary() -> None:
    """What a member alone approved for one beneficiary in a UTC day adds up; another beneficiary and the next day begin anew."""
    made = due(600, 500, 700)
    one, other, third = made.rewards()
    assert verdict(made.approve([one], MIA)) == "approved"
    assert verdict(made.approve([other], MIA)) == "second_person_needed"
    made.tick("2024-02-16")
    assert verdict(made.approve([third], MIA)) == "approved"


def test_a_unit_without_a_limit_is_nothing() -> None:
    """A member whose limits do not name the unit approves nothing alone; one without limits everything."""
    made = due(1)
    assert verdict(made.approve(made.rewards(), member("usd", "approver", USD=9_999))) == "second_person_needed"
    assert verdict(made.approve(made.rewards(), OWNER)) == "approved"


def test_the_program_may_ask_for_two() -> None:
    """Above the program's own amount even an unlimited member is not enough; exactly at it they are."""
    made = due(5_000, 5_001, review={"two_people_over": {"EUR": 5_000}})
    at_limit, above = made.rewards()
    assert verdict(made.approve([at_limit])) == "approved"
    assert verdict(made.approve([above])) == "second_person_needed"


@pytest.mark.parametrize("field", ["amount", "unit", "destination"])
def test_an_item_that_differs_refuses_the_whole_list(field: str) -> None:
    """The list says what a person saw: one difference refuses all and names it."""
    made = due(600, 400)
    items = made.items(made.rewards())
    wrong = msgspec.structs.replace(items[1], **{field: 1 if field == "amount" else "other"})
    decision = made.approve((), items=(items[0], wrong))
    assert verdict(decision) == "item_changed"
    assert decision.verdicts[0].steps[0].values["field"] == field
    assert statuses(made) == ["in_review", "in_review"]


def test_a_digest_that_is_not_the_lists() -> None:
    """The list's digest is checked against its items."""
    made = due(600)
    assert verdict(made.approve(made.rewards(), list_sha256="0" * 64)) == "item_changed"


def test_a_changed_item_voids_the_first_approval() -> None:
    """A refund between the two approvals: the second person's list is refused, and the first approval is void."""
    made = due(2_000)
    items = made.items(made.rewards())
    made.approve((), MIA, items=items)
    made.refund("f0-1", 100)
    assert made.reward().approvals == ()
    assert verdict(made.approve((), MAX, items=items)) == "item_changed"
    assert verdict(made.approve(made.rewards(), MAX)) == "second_person_needed"
    assert balances_hold(made)


def test_a_case_voids_the_first_approval() -> None:
    """A case between the two approvals: it is void, also once the case is cleared; one member alone does not finish it."""
    made = due(2_000)
    items = made.items(made.rewards())
    made.approve((), MIA, items=items)
    made.send(events.ChargebackOpened, invoice="f0-1", chargeback="cb")
    assert (made.reward().approvals, made.reward().approval_list) == ((), None)
    (case,) = made.cases()
    made.command(events.CaseDecided, OWNER, case=case.id, outcome="cleared", reason="bank says so")
    assert verdict(made.approve((), MAX, items=items)) == "second_person_needed"
    assert verdict(made.approve((), EVE, items=items)) == "approved"


def test_what_cannot_be_approved() -> None:
    """In the hold, with an open case, without payment details, twice, one's own work, nothing, an unknown one."""
    made = due(600)
    made.lead("late", code="ANN")
    made.buy("late", 300)
    assert verdict(made.approve(made.rewards(friend="late"))) == "hold_running"
    made.send(events.ChargebackOpened, invoice="f0-1", chargeback="cb")
    assert verdict(made.approve(made.rewards(friend="f0"))) == "case_open"
    (case,) = made.cases()
    made.command(events.CaseDecided, MIA, case=case.id, outcome="cleared", reason="bank says so")
    assert verdict(made.approve(made.rewards(friend="f0"), MIA)) == "own_work"
    assert verdict(made.approve(made.rewards(friend="f0"), MAX)) == "approved"
    assert verdict(made.approve(made.rewards(friend="f0"), MAX)) == "wrong_state"
    assert verdict(made.approve([])) == "nothing_to_do"
    assert verdict(made.approve([*made.rewards(), *made.rewards()])) == "nothing_to_do"
    assert verdict(made.approve((), items=(events.Item(id="rwd_x", amount=1, unit="EUR"),))) == "not_found"


def test_cash_needs_a_payee_credit_does_not() -> None:
    """Credit and points are delivered by the company itself; cash is bound to payment details."""
    made = world(hold="0d", rewards=[advocate(percent="10"), friend(kind="credit", flat={"EUR": 500})])
    tell(made, "02-01 lead bob code=ANN\n02-01 buy bob 100.00 EUR")
    assert verdict(made.approve(made.rewards(beneficiary="ann"))) == "payee_missing"
    assert verdict(made.approve(made.rewards(beneficiary="bob"))) == "approved"


def test_new_payment_details_send_back_what_was_approved() -> None:
    """Approved for other details: back to review, and out of its draft payout. The same details again change nothing."""
    made = due(600)
    made.approve(made.rewards())
    made.tick("2024-03-15")
    (payout,) = made.draft("ann")
    made.payee("ann", "iban")
    assert statuses(made) == ["approved"]
    made.payee("ann", "other")
    assert (statuses(made), made.payout(payout.id).status) == (["in_review"], "canceled")
    assert made.balances() == {("accrued", "ann"): 600}


def test_withdrawing_before_the_release() -> None:
    """Back to review, out of its draft payout, nobody's approval on it."""
    made = due(600)
    made.approve(made.rewards())
    made.tick("2024-03-15")
    (payout,) = made.draft("ann")
    decision = made.command(events.ApprovalWithdrawn, MIA, items=made.items(made.rewards()), reason="too soon")
    assert verdict(decision) == "withdrawn"
    reward = made.reward()
    assert (reward.status, reward.approvals, reward.due_at, reward.payout) == ("in_review", (), None, None)
    assert made.payout(payout.id).status == "canceled"
    assert balances_hold(made)


@pytest.mark.parametrize("before", ["pending", "in_review", "approved"])
def test_rejecting(before: str) -> None:
    """Before the release a reward may be rejected; its money goes back, and it stays rejected."""
    made = due(600) if before != "pending" else world(rewards=[advocate(percent="100")])
    if before == "pending":
        tell(made, "02-01 lead f0 code=ANN\n02-01 buy f0 6.00 EUR")
    if before == "approved":
        made.approve(made.rewards())
    assert statuses(made) == [before]
    items = made.items(made.rewards())
    assert verdict(made.command(events.RewardsRejected, MIA, items=items, reason="fraud")) == "rejected"
    assert (statuses(made), made.balances()) == (["rejected"], {})
    assert (
        verdict(made.command(events.RewardsRejected, MIA, items=made.items(made.rewards()), reason="x"))
        == "wrong_state"
    )


@pytest.mark.parametrize(
    ("status", "outcome", "after"),
    [
        ("in_review", "cleared", "in_review"),
        ("in_review", "confirmed", "rejected"),
        ("approved", "cleared", "approved"),
        ("approved", "confirmed", "rejected"),
        ("processing", "confirmed", "reversed"),
        ("paid", "cleared", "paid"),
        ("paid", "confirmed", "reversed"),
    ],
)
def test_a_case_is_decided(status: str, outcome: str, after: str) -> None:
    """Cleared: the rewards go on as they were, with their approvals. Confirmed: rejected, or reversed with a receivable."""
    made = due(600)
    if status == "approved":
        made.approve(made.rewards())
    elif status != "in_review":
        made.paid(until="processing" if status == "processing" else "completed")
    approvals = made.reward().approvals
    made.send(events.ChargebackOpened, invoice="f0-1", chargeback="cb")
    assert made.reward().approvals == approvals
    (case,) = made.cases()
    assert verdict(made.command(events.CaseDecided, MIA, case=case.id, outcome="maybe", reason="x")) == "wrong_state"
    assert verdict(made.command(events.CaseDecided, MIA, case=case.id, outcome=outcome, reason="seen")) == outcome
    assert verdict(made.command(events.CaseDecided, MIA, case=case.id, outcome=outcome, reason="seen")) == "wrong_state"
    assert statuses(made) == [after]
    assert made.balances().get(("receivable", "ann"), 0) == (-600 if after == "reversed" else 0)


def test_suspension_opens_a_case_over_open_rewards() -> None:
    """Approved ones go back to review; paid ones are left; resuming closes no case: a person does."""
    made = due(600, 400)
    made.approve(made.rewards(friend="f0"))
    assert said(made.send(events.AdvocateSuspended, person="ann")) == [("event", "suspended")]
    (case,) = made.cases()
    assert (statuses(made), len(case.rewards)) == (["in_review", "in_review"], 2)
    made.send(events.AdvocateResumed, person="ann")
    assert verdict(made.approve(made.rewards())) == "case_open"


# --- members and programs ---------------------------------------------------------------------------------------------

PERMITTED: list[tuple[str, Actor | None, bool]] = [
    ("an owner", OWNER, True),
    ("an approver", MIA, True),
    ("a payer", member("pat", "payer"), False),
    ("a member without roles", Actor(id="nix", kind="member"), False),
    ("a secret key", Actor(id="sk:key_1", kind="key"), False),
    ("a write key", Actor(id="wk:key_1", kind="key"), False),
    ("the system", Actor(id="worker", kind="system"), False),
    ("nobody", None, False),
]


@pytest.mark.parametrize(("who", "actor", "may"), PERMITTED, ids=[row[0] for row in PERMITTED])
def test_who_may_approve(who: str, actor: Actor | None, *, may: bool) -> None:
    """Only members with a role that approves."""
    made = due(600)
    items = made.items(made.rewards())
    decision = made.command(events.ApprovalGiven, actor, items=items, list_sha256=lists.digest(items))
    assert (verdict(decision) == "not_permitted") is not may, who


def test_members() -> None:
    """Unknown roles are refused; a workspace keeps an owner."""
    made = World()
    set_ = events.MemberSet
    assert verdict(made.command(set_, member="one", roles=("owner",))) == "member_set"
    assert verdict(made.command(set_, member="one", roles=("approver",))) == "wrong_state"
    assert verdict(made.command(set_, member="two", roles=("king",))) == "not_found"
    assert verdict(made.command(set_, member="two", roles=("owner",), limits={"EUR": 5})) == "member_set"
    assert verdict(made.command(set_, member="one", roles=())) == "member_set"
    assert {found.id: found.roles for found in made.state.all(Member)} == {"one": (), "two": ("owner",)}


def test_rules_that_cannot_be_published() -> None:
    """No JSON, no rules, senseless rules, another program's, another hash: refused, and nothing is stored."""
    made = World()
    good = rules()
    made.publish(good)
    text = made.log[0][0].document
    senseless = text.replace('"percent":"10"', '"percent":null')
    for document, hash_ in (("{", "x"), ("{}", "x"), (senseless, "x"), (text, "x")):
        fields = {"slug": "main", "rules": hash_, "document": document}
        assert verdict(made.command(events.ProgramPublished, **fields)) == "rules_invalid"
    assert len(made.versions) == 1


#: what is wrong with a list of two -> the refusal, what it names, the step that says why
LISTS: dict[str, tuple[Any, tuple[str, int | None, Step]]] = {
    "nothing": (lambda _: (), ("nothing_to_do", None, Step("list", {"items": 0}))),
    "one twice": (lambda items: (items[0], items[0]), ("nothing_to_do", None, Step("list", {"items": 2}))),
    "an unknown one": (
        lambda items: (items[0], msgspec.structs.replace(items[1], id="rwd_x")),
        ("not_found", None, Step("item", {"item": "rwd_x"})),
    ),
    "another amount": (
        lambda items: (items[0], msgspec.structs.replace(items[1], amount=399)),
        ("item_changed", 1, Step("changed", {"field": "amount", "was": 399, "now": 400})),
    ),
    "another unit": (
        lambda items: (items[0], msgspec.structs.replace(items[1], unit="USD")),
        ("item_changed", 1, Step("changed", {"field": "unit", "was": "USD", "now": "EUR"})),
    ),
}


@pytest.mark.parametrize("title", LISTS)
@pytest.mark.parametrize("command", [events.RewardsRejected, events.RewardsHeld, events.ApprovalWithdrawn])
def test_a_list_that_does_not_say_what_is_there_is_refused(command: type[events.Event], title: str) -> None:
    """Rejecting and withdrawing refuse the whole list as well: the refusal names the item and what is wrong, and nothing changes."""
    made = due(600, 400)
    if command is events.ApprovalWithdrawn:
        made.approve(made.rewards())
    change, (refusal, number, step) = LISTS[title]
    before, items = made.rewards(), made.items(made.rewards())
    decision = made.command(command, items=change(items), reason="x")
    (verdict_,) = decision.verdicts
    subject = items[number].id if number is not None else "rwd_x" if refusal == "not_found" else None
    values = {"item": subject, **step.values} if step.code == "changed" else step.values
    assert (verdict_.about, verdict_.refusal, verdict_.subject) == ("command", refusal, subject)
    assert verdict_.steps == (Step(step.code, values),)
    assert (decision.puts, decision.postings, made.rewards()) == ({}, (), before)


@pytest.mark.parametrize("command", [events.RewardsRejected, events.RewardsHeld, events.ApprovalWithdrawn])
def test_a_reward_in_another_state_refuses_the_list(command: type[events.Event]) -> None:
    """What was rejected cannot be rejected or withdrawn: its state is named."""
    made = due(600)
    items = made.items(made.rewards())
    made.command(events.RewardsRejected, items=items, reason="x")
    (verdict_,) = made.command(command, items=items, reason="x").verdicts
    assert (verdict_.about, verdict_.refusal, verdict_.subject) == ("command", "wrong_state", items[0].id)
    assert verdict_.steps == (Step("status", {"item": items[0].id, "status": "rejected"}),)


def test_a_limit_that_does_not_name_a_unit_is_none_of_it() -> None:
    """A member whose limits name another unit approves nothing of this one alone, not even a cent, and is told so."""
    made = due(1)
    decision = made.approve(made.rewards(), member("kim", "approver", USD=1_000))
    assert verdict(decision) == "second_person_needed"
    assert decision.verdicts[0].steps[0] == Step("over_limit", {"unit": "EUR", "sum": 1, "limit": 0})


def test_an_approval_says_when_and_over_which_list() -> None:
    """Each reward keeps the instant of its approval and the digest of the list over which it was approved."""
    made = due(600, 400)
    items = made.items(made.rewards())
    made.approve((), items=items)
    assert {(r.approved_at, r.approval_list) for r in made.rewards()} == {(made.now, lists.digest(items))}


def test_what_is_held_waits_for_a_person_each_by_itself() -> None:
    """Nobody approves it meanwhile; once its case is cleared it goes on, and it moves no money."""
    made = due(600, 400)
    rewards = made.rewards()
    made.approve([rewards[0]])
    decision = made.command(events.RewardsHeld, MIA, items=made.items(made.rewards()), reason="look at the invoice")
    assert [(verdict.about, verdict.outcome) for verdict in decision.verdicts] == [
        ("command", "held"),
        ("event", "case_opened"),
        ("event", "case_opened"),
    ]
    assert decision.postings == ()
    cases = [it for it in made.state.all(Case) if it.kind == "held"]
    assert sorted(case.rewards for case in cases) == sorted((reward.id,) for reward in rewards)
    assert holds.of(made.rewards()[1], as_of=made.state.get(Case, cases[0].id).opened_at, cases=cases)[0] == "case_held"
    refused = made.approve([made.rewards()[1]])
    assert verdict(refused) == "case_open"
    for case in cases:
        made.command(events.CaseDecided, MAX, case=case.id, outcome="cleared", reason="it is right")
    assert verdict(made.approve([made.rewards()[1]])) == "approved"
