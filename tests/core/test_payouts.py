"""Money out: drafts, releases, what rails answer, netting across programs, refunds while money is under way.

After every step all accounts are what rewards and payouts say: the workspace checks it (``core.invariants``), and ``books`` shows it.
"""

from typing import Any

import msgspec
import pytest
from testkit import domain
from testkit.stories import earning, tell, world
from testkit.tables import rows
from testkit.world import CLERK, OWNER, RAIL, World, advocate, member, rules, verdict

from goodword.core import events
from goodword.core.facts import Actor
from goodword.core.money import MAX_INTEGER
from goodword.core.state import Payout, Reward

PAT = member("pat", "payer", EUR=1_000)
PAM = member("pam", "payer", EUR=1_000)
#: Of two who release above a limit, one is within their own.
PIA = member("pia", "payer")


def due(*amounts: int, **parts: Any) -> World:
    """Rewards of ann of these amounts, approved and due."""
    made = earning(*amounts, **parts)
    made.approved()
    made.tick("2024-04-01")
    return made


def one(made: World) -> Payout:
    (payout,) = made.draft("ann")
    return payout


def books(made: World) -> dict[str, int]:
    """Account -> amount, over owners."""
    sums: dict[str, int] = {}
    for (account, _), amount in made.balances().items():
        sums[account] = sums.get(account, 0) + amount
    return sums


def test_sums_beyond_what_the_log_keeps_are_paid_in_parts() -> None:
    """A payout gathers as many of the oldest rewards as can be kept exactly; the next one takes the rest. No leaf is beyond it."""
    made = due(MAX_INTEGER - 5, 6, 7)
    first = one(made)
    assert (first.amount, len(first.parts)) == (MAX_INTEGER - 5, 1)
    second = one(made)
    assert (second.amount, len(second.parts)) == (13, 2)
    assert verdict(made.release([first, second], PAT)) == "second_person_needed"
    assert verdict(made.release([first, second], PIA)) == "released"
    for leaf in made.leaves:
        domain.check(msgspec.json.decode(leaf))


def test_the_whole_way() -> None:
    """Draft, release, carried out, sent, arrived: where the money stands after each."""
    made = due(600, 400)
    assert books(made) == {"payable": 1_000}
    payout = one(made)
    assert (payout.amount, payout.status, len(payout.parts)) == (1_000, "awaiting_release", 2)
    assert books(made) == {"payable": 1_000}
    assert verdict(made.release([payout])) == "released"
    assert [job.kind for job in made.log[-1][2].jobs] == ["payout.send"]
    for outcome, account in (("processing", "clearing"), ("sent", "clearing"), ("completed", "settled")):
        assert verdict(made.answer(payout, outcome)) == outcome
        assert books(made) == {account: 1_000}
    assert {reward.status for reward in made.rewards()} == {"paid"}


@pytest.mark.parametrize("who", [RAIL, CLERK], ids=["rail", "member"])
@pytest.mark.parametrize(("answers", "state", "status", "expected"), rows(__file__, "Answers"), ids=str)
def test_answers(answers: str, state: str, status: str, expected: dict[str, int], who: Actor) -> None:
    """Each answer moves payout, reward and money together; what comes back by a member's word is approved anew."""
    made = due(600)
    payout = one(made)
    made.release([payout])
    for outcome in answers.split(", "):
        assert verdict(made.answer(payout, outcome, who)) == outcome
    if who is CLERK and status == "approved":
        status, expected = "in_review", {"accrued": 600}
    assert (made.payout(payout.id).status, made.reward().status, books(made)) == (state, status, expected)


@pytest.mark.parametrize("late", ["processing", "sent", "completed", "failed", "unknown", "lost"])
def test_late_answers_change_nothing(late: str) -> None:
    """After a failure, whatever the rail says later is refused; so is a word that no rail says, and a payout nobody made."""
    made = due(600)
    payout = one(made)
    made.release([payout])
    made.answer(payout, "processing")
    made.answer(payout, "failed", RAIL)
    assert verdict(made.answer(payout, late)) == "wrong_state"
    assert books(made) == {"payable": 600}
    assert verdict(made.command(events.PayoutAnswered, payout="pay_x", outcome="sent")) == "not_found"


@pytest.mark.parametrize(
    ("who", "reason", "said"),
    [(RAIL, "unheard", "processing"), (RAIL, None, "wrong_state"), (CLERK, "unheard", "wrong_state")],
)
def test_what_nobody_knows_of_is_with_its_rail_again_only_if_that_never_heard_of_it(
    who: Actor, reason: str | None, said: str
) -> None:
    """The worker that asked says so; no member does, nor who comes late; and then a member's word that it failed comes too late."""
    made = World()
    made.publish(rules(rewards=[advocate(percent="100", kind="credit")], hold="0d", payouts={"every": "once"}))
    made.enrol("ann")
    made.lead("bob", code="ANN")
    made.buy("bob", 600)
    made.approve(made.rewards())
    (payout,) = made.draft("ann", rail="own_system")
    made.release([payout])
    made.answer(payout, "processing", RAIL)
    made.answer(payout, "unknown", RAIL)
    again = made.command(events.PayoutAnswered, who, payout=payout.id, outcome="processing", reason=reason)
    assert verdict(again) == said
    assert books(made) == {"clearing": 600}
    assert verdict(made.answer(payout, "failed", CLERK)) == ("rail_answers" if said == "processing" else "failed")


def test_what_came_back_is_paid_by_the_next_one() -> None:
    """Of a payout that the rail calls failed the rewards stay approved and go into the next draft."""
    made = due(600)
    first = one(made)
    made.release([first])
    made.answer(first, "processing")
    made.answer(first, "failed", RAIL)
    second = one(made)
    assert (second.amount, second.id != first.id) == (600, True)
    made.release([second])
    made.answer(second, "processing")
    made.answer(second, "completed")
    assert books(made) == {"settled": 600}


def test_what_came_back_after_the_details_changed_is_approved_anew() -> None:
    """The approval was for other details: back to review."""
    made = due(600)
    payout = one(made)
    made.release([payout])
    made.payee("ann", "other")
    assert made.reward().status == "processing"
    made.answer(payout, "processing")
    made.answer(payout, "failed", RAIL)
    assert (made.reward().status, made.reward().approvals) == ("in_review", ())
    assert books(made) == {"accrued": 600}


def test_two_people_release_above_the_limit() -> None:
    """As with approvals: the same list, another member; a day's sum for one beneficiary counts."""
    made = due(600, 401)
    payout = one(made)
    assert verdict(made.release([payout], PAT)) == "second_person_needed"
    assert verdict(made.release([payout], PAT)) == "same_member"
    assert books(made) == {"payable": 1_001}
    assert verdict(made.release([payout], PIA)) == "released"
    assert made.payout(payout.id).releases == ("pat", "pia")


def test_who_drafted_a_payout_is_the_first_of_two_to_release_it() -> None:
    """Wherever somebody else could; who is somebody else's hand does not count, nor does who may not release."""
    made = due(1_000)
    made.join(OWNER, PAT)
    [payout] = made.draft("ann", actor=OWNER)
    said = made.release([payout])
    assert (verdict(said), said.verdicts[0].steps[0].code) == ("second_person_needed", "own_draft")
    assert verdict(made.release([payout])) == "same_member"
    assert verdict(made.release([payout], PAT)) == "released"
    assert made.payout(payout.id).releases == ("owner", "pat")
    alone = due(1_000)
    alone.join(OWNER)
    [payout] = alone.draft("ann", actor=OWNER)
    assert verdict(alone.release([payout])) == "released"
    other = due(1_000)
    other.join(OWNER, PAT)
    assert verdict(other.release(other.draft("ann", actor=OWNER), PAT)) == "released"


def test_the_limit_of_a_release_counts_a_day_and_beneficiary() -> None:
    """Two payouts of one day to one person are one sum."""
    made = due(600)
    made.release([one(made)], PAT)
    tell(made, "04-01 lead late code=ANN\n04-01 buy late 5.00 EUR")
    made.approved(friend="late")
    made.tick("2024-06-15")
    payout = one(made)
    assert verdict(made.release([payout], PAT)) == "released"
    assert made.payout(payout.id).releases == ("pat",)


def test_a_list_that_is_no_longer_so() -> None:
    """A refund after the draft cancels it: its release is refused and nothing leaves."""
    made = due(600)
    payout = one(made)
    made.refund("f0-1", 100)
    assert made.payout(payout.id).status == "canceled"
    assert verdict(made.release([payout])) == "wrong_state"
    again = one(made)
    wrong = events.Item(id=again.id, amount=1, unit="EUR", destination="iban")
    assert verdict(made.release((), items=(wrong,))) == "item_changed"
    assert verdict(made.release([again], list_sha256="0" * 64)) == "item_changed"
    assert verdict(made.release([])) == "nothing_to_do"
    assert verdict(made.release((), items=(events.Item(id="pay_x", amount=1, unit="EUR"),))) == "not_found"
    assert books(made) == {"payable": 500}


def test_a_case_stops_a_release() -> None:
    """A chargeback after the draft: the payout goes on without that reward, which goes with the next one once the case is closed."""
    made = due(600, 400)
    payout = one(made)
    made.send(events.ChargebackOpened, invoice="f0-1", chargeback="cb")
    assert made.payout(payout.id).amount == 400
    assert verdict(made.release([payout])) == "item_changed"
    assert verdict(made.release([made.payout(payout.id)])) == "released"
    assert made.draft("ann") == []
    made.send(events.ChargebackClosed, invoice="f0-1", chargeback="cb", outcome="kept")
    assert one(made).amount == 600


def test_canceling() -> None:
    """Until the rail was called; after that it is refused."""
    made = due(600)
    waiting, cancel = one(made), events.PayoutCanceled
    assert verdict(made.command(cancel, payout=waiting.id, reason="x")) == "canceled"
    released = one(made)
    made.release([released])
    assert verdict(made.command(cancel, payout=released.id, reason="x")) == "canceled"
    assert (made.reward().status, books(made)) == ("approved", {"payable": 600})
    called = one(made)
    made.release([called])
    made.answer(called, "processing")
    assert verdict(made.command(cancel, payout=called.id, reason="x")) == "wrong_state"
    assert verdict(made.command(cancel, payout="pay_x", reason="x")) == "not_found"


def test_what_a_draft_gathers() -> None:
    """Approved, due, of the rail's kinds, for today's details, without case, in no other payout; below the minimum it waits."""
    made = due(600, payout_minimum={"EUR": 700})
    cash = {"rail": "bank_file", "kinds": ("cash",), "unit": "EUR", "beneficiaries": ("ann",)}
    assert verdict(made.command(events.PayoutDrafted, **cash)) == "below_payout_minimum"
    for fields in (
        {"unit": "USD"},
        {"rail": "sandbox"},
        {"kinds": ("points",)},
        {"beneficiaries": ("zoe",)},
        {"beneficiaries": ()},
    ):
        assert verdict(made.command(events.PayoutDrafted, **(cash | fields))) == "nothing_to_do"
    tell(made, "04-02 lead more code=ANN\n04-02 buy more 1.00 EUR")
    made.approved(friend="more")
    assert made.draft("ann") == []
    made.tick("2024-06-15")
    assert one(made).amount == 700
    assert made.draft("ann") == []


@pytest.mark.parametrize("when", ["released", "processing", "sent", "completed"])
def test_a_refund_while_the_money_is_under_way(when: str) -> None:
    """A receivable at once; the payout goes on, and the next one nets it."""
    made = due(1_000)
    payout = paid(made, when)
    made.refund("f0-1", 400)
    assert made.balances()["receivable", "ann"] == -400
    for outcome in ("processing", "sent", "completed"):
        made.answer(payout, outcome)
    assert books(made) == {"settled": 1_000, "receivable": -400}
    tell(made, "06-01 lead next code=ANN\n06-01 buy next 7.00 EUR")
    made.approved(friend="next")
    made.tick("2024-09-01")
    second = one(made)
    assert (second.amount, second.parts[0].netted) == (300, ((made.reward(friend="f0").id, 400),))
    made.release([second])
    assert books(made) == {"settled": 1_000, "clearing": 300}
    made.answer(second, "processing")
    made.answer(second, "completed")
    assert books(made) == {"settled": 1_300}
    assert sum(r.amount for r in made.rewards()) == 1_300


def paid(made: World, until: str) -> Payout:
    """Release what is due, and let the rail answer up to ``until``."""
    payout = one(made)
    made.release([payout])
    answers = ("processing", "sent", "completed")
    for outcome in answers[: answers.index(until) + 1] if until in answers else ():
        made.answer(payout, outcome)
    return made.payout(payout.id)


def test_netting_takes_the_oldest_first_and_may_take_all() -> None:
    """Two debts and a small reward: the older is netted first; a payout of nothing is complete at once."""
    made = due(1_000, 1_000)
    paid(made, "completed")
    made.refund("f0-1", 1_000)
    made.refund("f1-1", 1_000)
    tell(made, "06-01 lead next code=ANN\n06-01 buy next 15.00 EUR")
    made.approved(friend="next")
    made.tick("2024-09-01")
    payout = one(made)
    first, second = (made.reward(friend=name).id for name in ("f0", "f1"))
    assert (payout.amount, payout.parts[0].netted) == (0, ((first, 1_000), (second, 500)))
    assert verdict(made.release([payout])) == "released"
    assert (made.payout(payout.id).status, made.reward(friend="next").status) == ("completed", "paid")
    assert made.log[-1][2].jobs == ()
    assert books(made) == {"settled": 2_000, "receivable": -500}


def test_a_debt_is_netted_once_though_two_payouts_wait() -> None:
    """What a payout that waits for its release already nets, the next one does not net again: both can be released."""
    made = due(1_000)
    paid(made, "completed")
    made.refund("f0-1", 1_000)
    waiting = []
    for friend, day, price, due_by in (
        ("next", "06-01", "6.00", "2024-09-01"),
        ("last", "09-02", "10.00", "2024-12-01"),
    ):
        tell(made, f"{day} lead {friend} code=ANN\n{day} buy {friend} {price} EUR")
        made.approved(friend=friend)
        made.tick(due_by)
        waiting.append(one(made))
    debt = made.reward(friend="f0").id
    assert [payout.parts[0].netted for payout in waiting] == [((debt, 600),), ((debt, 400),)]
    assert verdict(made.release(waiting)) == "released"
    assert books(made) == {"settled": 1_000, "clearing": 600}


def test_a_return_after_netting() -> None:
    """The first payout comes back after a second netted its debt: what was netted is owed again, and no cent is lost."""
    made = due(1_000)
    first = paid(made, "completed")
    made.refund("f0-1", 400)
    tell(made, "06-01 lead next code=ANN\n06-01 buy next 7.00 EUR")
    made.approved(friend="next")
    made.tick("2024-09-01")
    second = one(made)
    made.release([second])
    made.answer(second, "processing")
    made.answer(second, "completed")
    made.answer(first, "returned", RAIL)
    assert books(made) == {"settled": 300, "payable": 1_000}
    third = one(made)
    assert third.amount == 1_000
    made.release([third])
    made.answer(third, "processing")
    made.answer(third, "completed")
    assert books(made) == {"settled": 1_300}


def test_a_failure_after_a_refund() -> None:
    """All was reversed while it was under way: what comes back meets the receivable, and nothing is owed."""
    made = due(1_000)
    payout = one(made)
    made.release([payout])
    made.refund("f0-1", 1_000)
    assert books(made) == {"clearing": 1_000, "receivable": -1_000}
    made.answer(payout, "processing")
    made.answer(payout, "failed")
    assert (made.reward().status, books(made)) == ("reversed", {})


def test_what_is_settled_is_not_looked_at_again() -> None:
    """A reward that was paid leaves its beneficiary's group, so that a long history costs nothing; a debt brings it back."""
    made = world(rewards=[advocate(percent="10")])
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    assert [reward.status for reward in made.state.of(Reward, "unsettled_with", "ann")] == ["pending"]
    made.paid()
    assert made.state.of(Reward, "unsettled_with", "ann") == []
    tell(made, "12-01 refund bob-1 40.00 -> applied; ann now 6.00 EUR")
    assert [reward.receivable for reward in made.state.of(Reward, "unsettled_with", "ann")] == [400]


def test_what_the_rail_says_stands_on_the_payout() -> None:
    """The reference of an answer is kept until another comes; the reason is that of the last answer."""
    made = earning(2_000)
    (payout,) = made.paid(until="released")
    said_ = [("processing", "r1", None), ("sent", None, "slow"), ("completed", "r2", None)]
    found = []
    for outcome, reference, reason in said_:
        made.command(
            events.PayoutAnswered, CLERK, payout=payout.id, outcome=outcome, reference=reference, reason=reason
        )
        found.append((made.payout(payout.id).reference, made.payout(payout.id).reason))
    assert found == [("r1", None), ("r1", "slow"), ("r2", None)]
