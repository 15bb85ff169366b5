"""Ways in which money once ran to the wrong person, each closed: what a page says, what a rail reported, who entered an account.

They are told as they were found; ``checked`` worlds hold every invariant after each step.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from testkit.stories import tell, world
from testkit.tables import stories
from testkit.world import OWNER, RAIL, SERVER, World, advocate, at, friend, member, verdict

from goodword.core import calendar, events, invariants, reviews
from goodword.core.facts import Actor
from goodword.core.state import Act, Customer, Payee, Payout, Reward, Visitor

PAT = member("pat", "payer", EUR=2_500)
PAM = member("pam", "payer")


# --- what a page says -------------------------------------------------------------------------------------------------

PAGE = stories(__file__)


@pytest.mark.parametrize("name", PAGE)
def test_page(name: str) -> None:
    """Each line of a story about a page is decided as it says."""
    parts, story = PAGE[name]
    tell(world(**parts), story)


def test_a_page_crowds_out_no_click() -> None:
    """A stranger's page names the customer and clicks more often than a decision quotes: the customer's own click still wins."""
    made = world()
    tell(made, "02-01 click ANN v-bob\n 02-02 lead bob v-evil page -> refused unverified_lead")
    for _ in range(101):
        made.click("AMY", "v-evil", unverified=True)
    tell(made, "02-03 lead bob v-bob -> attributed to ann")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["v1", "v2", None]),
            st.sampled_from(["ANN", "AMY", None]),
            st.integers(-400 * calendar.DAY, calendar.CLOCK_DIFFERENCE),
            st.sampled_from(["DE", "FR", None]),
        ),
        max_size=5,
    )
)
def test_a_page_changes_nothing_of_a_customer(said: list[tuple[str | None, str | None, int, str | None]]) -> None:
    """Whatever leads a page sends: all of the customer but the kept evidence, and every visitor, stay as they were."""
    made = world()
    tell(made, "02-01 click ANN v1\n 02-02 lead bob v1 country=AT\n 02-03 buy bob 10.00 EUR")
    before = made.state.get(Customer, "bob"), list(made.state.all(Visitor)), made.rewards()
    for visitor, code, late, country in said:
        made.lead(
            "bob", made.now + late, visitor=visitor, code=code, country=country, unverified=True, accepted_at=made.now
        )
    after = made.state.get(Customer, "bob")
    assert before[0] is not None
    assert after is not None
    named = [name for name in Customer.__struct_fields__ if getattr(after, name) != getattr(before[0], name)]
    assert named in ([], ["unverified_leads"])
    assert (list(made.state.all(Visitor)), made.rewards()) == before[1:]


@given(st.integers(-400 * calendar.DAY, calendar.CLOCK_DIFFERENCE))
def test_a_page_is_believed_by_minutes(late: int) -> None:
    """The time of what a page says lies within five minutes before its arrival, and never after it."""
    now = at("05-01")
    event = events.LeadCreated(
        evt="e", source="page", occurred_at=now + late, accepted_at=now, person="bob", unverified=True
    )
    assert now - calendar.CLOCK_DIFFERENCE <= event.at <= now
    assert event.at == now + late or late > 0 or late < -calendar.CLOCK_DIFFERENCE


# --- what a rail reported ---------------------------------------------------------------------------------------------


def sent_by_rail(*answers: str, rail: str = "pigeon") -> tuple[World, Payout]:
    """A reward of 25.00 EUR that a rail was given, released by a payer, and what the rail said so far."""
    made = world(hold="0d", rewards=[advocate(flat={"EUR": 2_500})])
    made.payee("ann", rail=rail)
    made.referred()
    made.approve(made.rewards(), member("eve", "approver"))
    made.tick("2024-02-20")
    (payout,) = made.draft("ann", rail=rail)
    made.release([payout], PAT)
    for answer in answers:
        made.answer(payout, answer, RAIL)
    return made, payout


@pytest.mark.parametrize(
    ("answers", "word"),
    [
        (["processing", "completed"], "returned"),
        (["processing", "sent"], "returned"),
        (["processing", "sent"], "failed"),
        (["processing"], "failed"),
        ([], "processing"),
        (["processing", "sent"], "completed"),
    ],
)
@pytest.mark.parametrize("who", [PAT, OWNER], ids=["payer", "owner"])
def test_no_member_overrules_a_rail(answers: list[str], word: str, who: object) -> None:
    """Of a payout whose rail answers for itself a member's word is refused and changes nothing."""
    made, payout = sent_by_rail(*answers)
    before = made.payout(payout.id), made.rewards(), made.balances()
    assert verdict(made.answer(payout, word, who)) == "rail_answers"  # type: ignore[arg-type]
    assert (made.payout(payout.id), made.rewards(), made.balances()) == before


def test_what_a_member_calls_failed_needs_an_approver_again() -> None:
    """A rail that was asked and knows nothing: a member decides, and the reward is approved anew before it can go again."""
    made, payout = sent_by_rail("processing", "unknown")
    assert verdict(made.answer(payout, "failed", PAT)) == "failed"
    assert (made.reward().status, made.reward().approvals, made.balances()) == (
        "in_review",
        (),
        {("accrued", "ann"): 2_500},
    )
    assert made.draft("ann", rail="pigeon") == []
    assert verdict(made.approve(made.rewards(), PAT)) == "not_permitted"
    assert verdict(made.approve(made.rewards(), member("eve", "approver"))) == "approved"


def test_who_called_it_failed_does_not_approve_it_again() -> None:
    """An owner alone: their word brings an unknown payout back, and another member must approve what would be sent again."""
    made, payout = sent_by_rail("processing", "unknown")
    assert verdict(made.answer(payout, "failed", OWNER)) == "failed"
    assert verdict(made.approve(made.rewards())) == "own_work"
    assert verdict(made.approve(made.rewards(), member("olga"))) == "approved"


def test_a_member_may_say_that_what_nobody_knows_of_has_arrived() -> None:
    """Unknown, then completed by a person: the reward is paid."""
    made, payout = sent_by_rail("processing", "unknown")
    assert verdict(made.answer(payout, "completed", PAT)) == "completed"
    assert made.reward().status == "paid"


def sent_by_people() -> tuple[World, Payout]:
    """The same in the bank file; whoever approved it is somebody else than who released it."""
    return sent_by_rail("processing", rail="bank_file")


@pytest.mark.parametrize(
    "words", [["sent", "completed", "returned"], ["sent", "returned"], ["sent", "failed"], ["failed"]]
)
@pytest.mark.parametrize("who", [PAT, OWNER], ids=["payer", "owner"])
def test_one_member_alone_has_nothing_sent_twice(words: list[str], who: Actor) -> None:
    """A bank file, and a member who says that it came back: the next order needs another member's approval, each time."""
    made, payout = sent_by_people()
    for _ in range(3):
        for word in words:
            assert verdict(made.answer(payout, word, who)) == word
        assert (made.reward().status, made.reward().approvals) == ("in_review", ())
        assert made.draft("ann") == []
        assert verdict(made.approve(made.rewards(), who)) == ("not_permitted" if who is PAT else "own_work")
        assert verdict(made.approve(made.rewards(), member("eve", "approver"))) == "approved"
        (payout,) = made.draft("ann")
        assert verdict(made.release([payout], PAM)) == "released"
        made.answer(payout, "processing", RAIL)
    said = ["payout.arrived", "payout.returned"] if "completed" in words else ["payout.returned"]
    assert made.reward().acts == tuple(Act(who.id, act) for act in said)


def test_what_came_back_is_due_as_it_was() -> None:
    """The beneficiary waits for the second approval, not for another month; new payment details begin anew."""
    made, payout = sent_by_people()
    due = made.reward().due_at
    made.tick("2024-03-10")
    made.answer(payout, "failed", PAT)
    assert (made.reward().status, made.reward().due_at) == ("in_review", due)
    made.approve(made.rewards(), member("eve", "approver"))
    assert (made.reward().status, made.reward().due_at) == ("approved", due)
    (payout,) = made.draft("ann")
    made.release([payout], PAT)
    made.answer(payout, "processing", RAIL)
    made.answer(payout, "failed", PAT)
    made.payee("ann", "iban2")
    assert (made.reward().status, made.reward().due_at) == ("in_review", None)


def test_changed_payment_details_begin_the_due_date_anew() -> None:
    """They changed while the payout was on its way: approved again it is due as any new approval is."""
    made, payout = sent_by_people()
    made.payee("ann", "iban2")
    made.answer(payout, "failed", PAT)
    assert (made.reward().status, made.reward().due_at) == ("in_review", None)


def test_what_the_rail_says_comes_back_approved() -> None:
    """The rail's own word needs nobody's second look, whatever a member could have said."""
    for made, payout in (sent_by_people(), sent_by_rail("processing")):
        due = made.reward().due_at
        made.answer(payout, "failed", RAIL)
        assert (made.reward().status, made.reward().approvals, made.reward().acts) == ("approved", ("eve",), ())
        assert made.reward().due_at == due


def test_an_answer_of_before_replays_as_it_was_decided() -> None:
    """What a member called failed in a bank file before such a word was doubted left the reward approved: a log of then says so."""
    made = world(hold="0d", rewards=[advocate(flat={"EUR": 2_500})])
    made.payee("ann")
    made.referred()
    made.approve(made.rewards(), member("eve", "approver"))
    made.tick("2024-02-20")
    (payout,) = made.draft("ann")
    made.release([payout], PAT)
    made.answer(payout, "processing")
    made.command(events.PayoutAnswered, PAT, payout=payout.id, outcome="failed")
    assert (made.reward().status, made.reward().acts) == ("approved", ())


# --- a debt is netted once --------------------------------------------------------------------------------------------


def test_a_list_nets_a_debt_once() -> None:
    """What two payouts of one list net of a debt is summed: more than is owed refuses the list; each alone is as before."""
    # A debt of 0.70, against which one payout nets 0.60 and another 0.40, drafted at different times.
    made = World()
    made.owner()
    made.publish(hold="0d", rewards=[advocate(percent="10")], conversion={"counts": {"months": 24}})
    made.enrol("ann")
    made.lead("bob", code="ANN")

    def of(invoice: str) -> list[Reward]:
        return made.rewards(conversion=f"inv:{invoice}")

    def due(invoice: str) -> Payout:
        if made.state.get(Payee, "ann") is None:
            made.payee("ann")
        made.approve(of(invoice))
        made.tick(max(made.now, of(invoice)[0].due_at or 0))
        return made.draft("ann")[0]

    made.buy("bob", 700, invoice="y")
    made.paid(conversion="inv:y")
    made.refund("y", 700, "ry")
    made.buy("bob", 1_000, invoice="x")
    first = due("x")
    made.release([first])
    for answer in ("processing", "sent", "completed"):
        made.answer(first, answer)
    made.refund("x", 600, "r1")
    made.buy("bob", 600, invoice="a")
    one = due("a")
    made.refund("x", 400, "r2")
    made.buy("bob", 1_000, invoice="b")
    two = due("b")
    made.answer(first, "returned")
    one, two = made.payout(one.id), made.payout(two.id)
    assert sum(amount for payout in (one, two) for part in payout.parts for _, amount in part.netted) == 100
    assert verdict(made.release([one, two])) == "item_changed"
    assert (made.payout(one.id), made.payout(two.id)) == (one, two)
    assert verdict(made.release([one])) == "released"
    assert verdict(made.release([two])) == "item_changed"
    assert invariants.broken(made.state, made.versions) == []


# --- what is listed and limited is what would be sent -----------------------------------------------------------------


def withheld(**parts: Any) -> World:
    """A reward of 10,000.00 with amount nought in review, of which 10,000.00 would be sent."""
    made = World()
    made.owner()
    made.publish(hold="0d", rewards=[advocate(percent="10")], conversion={"counts": {"months": 24}}, **parts)
    made.enrol("ann")
    made.lead("bob", code="ANN")
    made.payee("ann")

    def released(invoice: str) -> Payout:
        for approver in ("eve", "eva"):  # the second is refused where one is enough
            made.approve(made.rewards(conversion=f"inv:{invoice}"), member(approver, "approver"))
        made.tick(max(made.now, made.reward(conversion=f"inv:{invoice}").due_at or 0))
        (payout,) = made.draft("ann")
        made.release([payout])
        return payout

    made.buy("bob", 10_000_000, invoice="x")
    first = released("x")
    for answer in ("processing", "sent", "completed"):
        made.answer(first, answer)
    made.refund("x", 10_000_000, "r1")
    made.buy("bob", 10_000_000, invoice="a")
    released("a")
    made.payee("ann", "iban2")
    made.answer(first, "returned")
    return made


def test_a_list_shows_and_limits_what_would_be_sent() -> None:
    """Amount nought, 10,000.00 withheld: the list says 10,000.00, and a limit of 0.01 does not reach it."""
    made = withheld()
    reward = made.reward(conversion="inv:x")
    assert (reward.status, reward.amount, reward.withheld) == ("in_review", 0, 1_000_000)
    assert reviews.item_of(reward, made.state.get(Payee, "ann")).amount == 1_000_000
    assert verdict(made.approve([reward], member("small", "approver", EUR=1))) == "second_person_needed"
    assert verdict(made.approve([reward], member("mia", "approver", EUR=1_000_000))) == "approved"
    made.tick(made.reward(conversion="inv:x").due_at or 0)
    assert [payout.amount for payout in made.draft("ann")] == [1_000_000]


def test_what_would_be_sent_uses_up_the_day() -> None:
    """What one member approved alone for a beneficiary in a day counts as what would be sent of it."""
    made, mia = withheld(), member("mia", "approver", EUR=1_000_000)
    assert verdict(made.approve([made.reward(conversion="inv:x")], mia)) == "approved"
    made.buy("bob", 10, invoice="c")
    assert verdict(made.approve([made.reward(conversion="inv:c")], mia)) == "second_person_needed"


def test_two_people_look_at_what_would_be_sent() -> None:
    """A program's rule for two people holds for what would be sent, not only for an amount that is nought."""
    made = withheld(review={"two_people_over": {"EUR": 999_999}})
    reward = made.reward(conversion="inv:x")
    assert verdict(made.approve([reward], member("mia", "approver"))) == "second_person_needed"
    assert verdict(made.approve([made.reward(conversion="inv:x")], member("max", "approver"))) == "approved"


# --- who enters payment details ---------------------------------------------------------------------------------------


def test_who_entered_the_account_does_not_release_to_it() -> None:
    """A payer enters an account of their own: neither alone nor as the second of two may they release what goes there."""
    made = world(hold="0d", rewards=[advocate(flat={"EUR": 2_500})])
    made.payee("ann", "mine", actor=PAT)
    made.referred()
    made.approve(made.rewards(), member("eve", "approver"))
    made.tick("2024-02-20")
    (payout,) = made.draft("ann")
    assert verdict(made.release([payout], PAT)) == "own_work"
    small = member("sue", "payer", EUR=1)
    assert verdict(made.release([payout], small)) == "second_person_needed"
    assert verdict(made.release([made.payout(payout.id)], PAT)) == "own_work"
    assert verdict(made.release([made.payout(payout.id)], PAM)) == "released"


def test_who_entered_the_account_does_not_approve() -> None:
    """An owner who entered it approves nothing that goes there; another owner does; credit has no account and is not meant."""
    made = world(hold="0d", rewards=[advocate(flat={"EUR": 2_500}), friend(kind="credit", flat={"EUR": 500})])
    made.payee("ann", actor=OWNER)
    made.payee("bob", actor=OWNER)
    made.referred()
    assert verdict(made.approve(made.rewards(beneficiary="ann"))) == "own_work"
    assert verdict(made.approve(made.rewards(beneficiary="bob"))) == "approved"
    assert verdict(made.approve(made.rewards(beneficiary="ann"), member("olga"))) == "approved"


def test_entering_the_same_account_again_washes_nobody_clean() -> None:
    """All who entered these details are remembered until others are entered; no approval falls by the same details."""
    made = world(hold="0d", rewards=[advocate(flat={"EUR": 2_500})])
    made.payee("ann", "mine", actor=PAT)
    made.referred()
    assert verdict(made.approve(made.rewards(), member("eve", "approver", EUR=1))) == "second_person_needed"
    made.payee("ann", "mine", actor=SERVER)
    assert made.reward().approvals == ("eve",)
    payee = made.state.get(Payee, "ann")
    assert payee is not None
    assert payee.acts == (Act("pat", "payee.entered"), Act(SERVER.id, "payee.entered"))
    made.payee("ann", "hers", actor=SERVER)
    assert made.state.get(Payee, "ann") == Payee(
        person="ann",
        rail="bank_file",
        destination="hers",
        replaced="mine",
        acts=(Act(SERVER.id, "payee.entered"),),
        changed_at=made.now,
    )
    assert made.reward().approvals == ()


def test_credit_is_sent_to_no_account() -> None:
    """A payout of credit alone carries the person, not the digest of payment details that they entered for cash."""
    made = world(hold="0d", rewards=[friend(kind="credit", flat={"EUR": 500})])
    made.payee("bob")
    made.referred()
    made.approve(made.rewards())
    made.tick("2024-02-20")
    (payout,) = made.draft("bob", rail="sandbox")
    assert payout.destination == "bob"
