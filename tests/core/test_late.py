"""What comes late or out of order: each line of the table is a test of its own.

A late event may turn a no into a yes by itself; it never turns a yes into a no, and never moves one from person to person: that is a
claim, which a person decides.
"""

from testkit.stories import tell, world
from testkit.world import World, at

from goodword.core import events
from goodword.core.state import Referral


def told(story: str) -> World:
    made = world()
    tell(made, story)
    return made


def bound_to(made: World, friend: str = "bob") -> list[str]:
    return [r.shares[0].person for r in made.state.all(Referral) if r.friend == friend and r.status != "void"]


def test_a_touch_of_an_unbound_visitor_is_evidence_for_later() -> None:
    """A click that arrives after others of its visitor takes part as if it had been there, once the lead comes."""
    told("""
        02-02 click AMY v1
        02-03 enrol abe
        02-02T12:00 click ANN v1 -> recorded
        02-04 lead bob v1 -> attributed to ann
        """)


def test_a_touch_that_would_have_won_a_binding_is_a_claim() -> None:
    """It opens one claim for its advocate; the binding stays."""
    made = told("""
        02-01 click ANN v1
        02-03 lead bob v1 -> attributed to ann
        02-02 click AMY v1 -> recorded
        02-02T01:00 click AMY v1 -> recorded
        """)
    assert [(c.kind, c.shares[0].person, c.friend) for c in made.claims()] == [("late_touch", "amy", "bob")]
    assert bound_to(made) == ["ann"]


def test_a_late_touch_that_would_not_have_won_is_nothing() -> None:
    """Before the winner, after the lead, beside a typed code, by the same advocate, a bot, a suspended or a later one: no claim."""
    made = told("""
        02-01 enrol zoe
        02-01 suspended zoe
        02-01 click ANN v1
        02-03 lead bob v1
        02-03 lead bea v2 code=ANN
        01-31 click AMY v1
        02-03T00:00:00.000001 click AMY v1
        02-02 click AMY v2
        02-02 click ANN v1
        02-02 click AMY v1 bot
        02-04 enrol abe
        02-02 click ABE v1
        02-02 click ZOE v1
        """)
    assert made.claims() == []


def test_a_late_touch_of_two_friends_is_a_claim_for_each() -> None:
    """One browser of two people: each binding gets its own claim."""
    made = told("""
        02-01 click ANN v1
        02-03 lead bob v1
        02-03 lead bea v1
        02-02 click AMY v1
        """)
    assert sorted(claim.friend for claim in made.claims()) == ["bea", "bob"]


def test_a_lead_after_conversions_decides_them_again() -> None:
    """Conversions that are not before the lead are decided again, in order of time; the new decision points at the old."""
    made = told("""
        02-04 buy bob 30.00 EUR invoice=later -> refused not_referred
        02-03 buy bob 200.00 EUR invoice=sooner -> refused not_referred
        """)
    refused = {event.invoice: event.evt for event, _, _ in made.log if getattr(event, "invoice", None)}
    tell(made, "02-02 lead bob code=ANN -> attributed to ann; bob 5.00 EUR; ann 20.00 EUR; refused not_first")
    verdicts = made.log[-1][2].verdicts[1:]
    assert [verdict.redecides for verdict in verdicts] == [refused["sooner"], refused["sooner"], refused["later"]]


def test_a_lead_that_would_move_a_binding_is_a_claim() -> None:
    """A lead of before the binding names another advocate: nothing moves, a person decides."""
    made = told("""
        02-03 lead bob code=ANN -> attributed to ann
        02-02 lead bob code=AMY -> refused already_bound
        02-02 lead bob code=AMY -> refused already_bound
        02-02 lead bob code=ANN -> refused already_bound
        """)
    assert [(c.kind, c.shares[0].person) for c in made.claims()] == [("later_lead", "amy")]
    assert bound_to(made) == ["ann"]


def test_an_earlier_conversion_after_a_later_one_took_the_place_is_a_claim() -> None:
    """The later one keeps what it earned; the earlier is refused with a claim."""
    made = told("""
        02-01 lead bob code=ANN
        02-04 buy bob 100.00 EUR invoice=later -> bob 5.00 EUR; ann 10.00 EUR
        02-03 buy bob 300.00 EUR invoice=sooner -> refused not_first
        """)
    assert [(c.kind, c.conversion) for c in made.claims()] == [("earlier_conversion", "inv:sooner")]
    assert sum(reward.amount for reward in made.rewards()) == 1_500


def test_a_refund_before_its_conversion_waits_for_it() -> None:
    """It is kept at the invoice and applied when that comes."""
    made = told("""
        02-01 lead bob code=ANN
        02-02 refund bob-1 40.00 -> waiting
        02-02 refund bob-1 40.00 -> refused duplicate_refund
        02-03 buy bob 100.00 EUR -> bob 5.00 EUR; ann 6.00 EUR
        """)
    assert [(r.gross, r.amount) for r in made.rewards()] == [(500, 500), (1_000, 600)]


def test_refunds_that_waited_and_do_not_fit_count_as_what_is_left() -> None:
    """Of refunds that came first as much counts as fits the amount; what is more is told with the conversion."""
    told("""
        02-01 lead bob code=ANN
        02-02 refund bob-1 40.00 r1 -> waiting
        02-02 refund bob-1 70.00 r2 -> waiting
        02-02 refund bob-1 50.00 r3 -> waiting
        02-03 buy bob 100.00 EUR -> applied; applied; bob 0.00 EUR; ann 0.00 EUR
        """)


def test_a_chargeback_before_its_conversion_waits_for_it() -> None:
    """Open: what the conversion earns waits for a case. Lost before: nothing is earned."""
    made = told("""
        02-01 lead bob code=ANN
        02-02 chargeback bob-1 opened -> chargeback_opened
        02-03 buy bob 100.00 EUR -> bob 5.00 EUR; ann 10.00 EUR
        02-01 lead bea code=ANN
        02-02 chargeback bea-1 opened
        02-02 chargeback bea-1 lost -> chargeback_lost
        02-03 buy bea 100.00 EUR -> bea 0.00 EUR; ann 0.00 EUR
        """)
    (case,) = made.cases(status="open")
    assert case.kind == "chargeback"
    assert [r.cases for r in made.rewards(friend="bob")] == [(case.id,), (case.id,)]


def test_two_chargebacks_before_their_conversion_have_a_case_each() -> None:
    """One that is kept does not let the other's rewards go."""
    made = told("""
        02-01 lead bob code=ANN
        02-02 chargeback bob-1 opened id=a
        02-02 chargeback bob-1 opened id=b
        02-03 buy bob 100.00 EUR -> bob 5.00 EUR; ann 10.00 EUR
        02-04 chargeback bob-1 kept id=a -> chargeback_kept
        """)
    assert [len(r.cases) for r in made.rewards()] == [1, 1]
    tell(made, "02-05 chargeback bob-1 kept id=b -> chargeback_kept")
    assert [r.cases for r in made.rewards()] == [(), ()]


def test_a_refund_counts_however_late() -> None:
    """Months after the payment too."""
    made = told("""
        02-01 lead bob code=ANN
        02-03 buy bob 100.00 EUR
        """)
    made.paid()
    tell(made, "2025-02-01 refund bob-1 40.00 -> applied; bob now 5.00 EUR; ann now 6.00 EUR")
    assert made.balances() == {("settled", "bank_file"): 1_500, ("receivable", "ann"): -400}


def test_the_enrolment_of_a_code_decides_its_refused_leads_again() -> None:
    """A lead that named the code in vain is decided again; a touch before the enrolment is still too early."""
    made = told("""
        02-01 lead bob code=ABE -> refused unknown_code
        02-03 lead bea code=ABE -> refused unknown_code
        02-04 buy bea 100.00 EUR -> refused not_referred
        02-02 enrol abe -> enrolled; refused advocate_not_enrolled; attributed to abe; bea 5.00 EUR; abe 10.00 EUR
        """)
    leads = [event.evt for event, _, _ in made.log if type(event).__name__ == "LeadCreated"]
    assert [verdict.redecides for verdict in made.log[-1][2].verdicts[1:3]] == leads


def test_the_same_invoice_again_counts_once() -> None:
    """The same values: a repeat. Whatever the source, an invoice is one conversion."""
    made = told("""
        02-01 lead bob code=ANN
        02-02 buy bob 100.00 EUR -> bob 5.00 EUR; ann 10.00 EUR
        02-03 buy bob 100.00 EUR source=stripe -> refused duplicate_conversion
        """)
    assert len(made.rewards()) == 2


def test_the_same_invoice_with_other_values_is_a_case() -> None:
    """The first stands, its rewards wait, a person looks."""
    made = told("""
        02-01 lead bob code=ANN
        02-02 buy bob 100.00 EUR
        02-03 buy bob 120.00 EUR -> refused conversion_conflict
        """)
    (case,) = made.cases()
    assert (case.kind, set(case.rewards)) == ("conversion_conflict", {r.id for r in made.rewards()})
    assert sum(r.amount for r in made.rewards()) == 1_500


def test_an_open_invoice_counts_when_it_is_paid() -> None:
    """Open is not counted; paid fills it, and its time is that of the payment."""
    made = told("""
        02-01 lead bob code=ANN
        02-02 buy bob 100.00 EUR open -> refused not_paid
        02-02 buy bob 100.00 EUR open -> refused not_paid
        02-03 buy bob 100.00 EUR -> bob 5.00 EUR; ann 10.00 EUR
        """)
    assert made.reward(side="friend").earned_at == made.now


def test_the_same_refund_again_counts_once() -> None:
    """``refund_id`` is unique in its invoice, and free in another."""
    told("""
        02-01 lead bob code=ANN
        02-02 buy bob 100.00 EUR
        02-02 buy bob 80.00 EUR invoice=bob-2
        02-03 refund bob-1 10.00 r1 -> applied; bob now 5.00 EUR; ann now 9.00 EUR
        02-03 refund bob-1 10.00 r1 -> refused duplicate_refund
        02-03 refund bob-2 10.00 r1 -> applied
        """)


def test_the_same_customer_and_amount_under_another_invoice_is_a_flag() -> None:
    """Within ten minutes; at ten minutes no longer, and never a refusal."""
    made = world(conversion={"counts": {"months": 2}})
    tell(
        made,
        """
        02-01 lead bob code=ANN
        02-02 buy bob 100.00 EUR invoice=a -> bob 5.00 EUR; ann 10.00 EUR
        02-02T00:09:59.999999 buy bob 100.00 EUR invoice=b -> bob 5.00 EUR; ann 10.00 EUR
        02-02T00:19:59.999999 buy bob 100.00 EUR invoice=c -> bob 5.00 EUR; ann 10.00 EUR
        """,
    )
    (case,) = made.cases()
    assert (case.subject, case.flags[0].code) == ("inv:b", "duplicate_conversion")


def test_a_conversion_before_the_lead_stays_unrewarded_and_makes_the_customer_existing() -> None:
    """The first conversion of all is kept for ever, in whatever order they arrive."""
    told("""
        02-05 buy bob 100.00 EUR invoice=late -> refused not_referred
        02-01 buy bob 100.00 EUR invoice=early -> refused not_referred
        02-03 lead bob code=ANN -> refused existing_customer
        """)


def test_a_yes_stays_a_yes() -> None:
    """A conversion of before the lead that arrives after the reward takes nothing back: a person looks at it, once."""
    made = told("""
        02-03 lead bob code=ANN
        02-04 buy bob 100.00 EUR -> bob 5.00 EUR; ann 10.00 EUR
        02-01 buy bob 100.00 EUR invoice=before -> case_opened; refused before_lead
        02-02 buy bob 100.00 EUR invoice=also -> refused before_lead
        01-01 known bob since=2023-01-01 -> recorded
        """)
    assert sum(r.amount for r in made.rewards()) == 1_500
    assert [[flag.code for flag in case.flags] for case in made.cases()] == [["existing_customer"]]
    assert all(reward.cases for reward in made.rewards())


def test_who_was_known_before_or_by_another_account_is_looked_at() -> None:
    """What shows that a friend was no new customer after they were rewarded opens a case: their own system, or a merge."""
    made = told("""
        02-03 lead bob code=ANN
        02-04 buy bob 100.00 EUR
        02-05 known bob since=2023-01-01 -> recorded; case_opened
        02-03 lead bea code=AMY
        02-04 buy bea 100.00 EUR
        01-05 buy guest 10.00 EUR
        """)
    made.send(events.PersonMerged, keep="bea", gone="guest")
    assert [[flag.code for flag in case.flags] for case in made.cases()] == [["existing_customer"]] * 2


def test_an_earlier_lead_of_the_same_advocate_counts() -> None:
    """What the friend bought between the two leads is decided again: whichever lead is told first, the order earns."""
    made = told("""
        02-07 lead bob code=ANN
        02-05 buy bob 100.00 EUR -> refused before_lead
        02-01 lead bob code=ANN -> refused already_bound; bob 5.00 EUR; ann 10.00 EUR
        """)
    assert [referral.lead_at for referral in made.state.all(Referral)] == [at("02-01")]
