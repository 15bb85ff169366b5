"""Codes of our own: what is behind one is used by that code alone, falls and expires as store credit does, and is in no purse."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from testkit.stories import decided
from testkit.world import RAIL, World, verdict
from tests.core.test_loading import decided_on_parts
from tests.core.test_store_credit import owed_back, reverse, shop

from goodword import words
from goodword.core import calendar, entry, events
from goodword.core.decision import Decision
from goodword.core.state import Kin, Lot, Payout, Redemption


def deliver(made: World, rail: str = "discount_code") -> list[str]:
    """What ann is owed is approved, released and delivered over a rail, now; returns the payouts."""
    made.approve([it for it in made.rewards(beneficiary="ann", status="in_review") if not it.cases])
    payouts = made.draft("ann", rail=rail)
    for payout in payouts:
        made.release([payout])
        made.answer(payout, "processing")
        made.answer(payout, "completed")
    return [payout.id for payout in payouts]


def earn(made: World, friend: str, amount: int, rail: str = "discount_code") -> str:
    made.lead(friend, code="ANN")
    made.buy(friend, amount)
    (payout,) = deliver(made, rail)
    return payout


def use(made: World, id_: str, amount: int, payout: str | None, person: str = "ann", **more: Any) -> Decision:
    said = {"currency": "EUR", **more}
    return made.send(events.CreditRedeemed, person=person, payout=payout, redemption=id_, amount=amount, **said)


def left(made: World, payout: str) -> int:
    return sum(lot.rest for lot in made.state.all(Lot) if lot.code == payout)


def test_the_purse_and_each_code_are_apart() -> None:
    """A purse uses nothing that is behind a code, a code nothing of the purse or of another code; the ledger has an account of each."""
    made = shop()
    one, two = earn(made, "f1", 5_000), earn(made, "f2", 2_000)
    earn(made, "f3", 3_000, "store_credit")
    assert made.balances() == {("credit", one): 5_000, ("credit", two): 2_000, ("credit", "ann"): 3_000}
    assert decided(use(made, "r1", 3_001, None)) == "ann: refused credit_short"
    assert decided(use(made, "r2", 5_001, one)) == "ann: refused credit_short"
    assert decided(use(made, "r3", 3_000, None)) == "redeemed"
    assert decided(use(made, "r4", 4_000, one)) == "redeemed"
    assert decided(use(made, "r5", 1_001, one)) == "ann: refused credit_short"
    settled = {("settled", "store_credit"): 3_000, ("settled", "discount_code"): 4_000}
    assert made.balances() == {("credit", one): 1_000, ("credit", two): 2_000, **settled}


def test_a_code_is_of_one_unit_and_a_redemption_of_one_purse() -> None:
    """Another currency finds nothing there; the same id again is known, and under it nothing is used of another purse."""
    made = shop()
    one = earn(made, "f1", 5_000)
    assert decided(use(made, "r1", 1, one, currency="USD")) == "ann: refused credit_short"
    assert decided(use(made, "r1", 500, one)) == "redeemed"
    assert decided(use(made, "r1", 500, one)) == "redeemed_before"
    assert decided(use(made, "r1", 500, None)) == "ann: refused redemption_conflict"
    assert left(made, one) == 4_500


def test_what_is_given_back_is_on_the_code_again() -> None:
    """At most what was used, to the code that it was used by; a code that is over by then can be used for thirty days more."""
    made = shop(credit={"expires": "30d"})
    one = earn(made, "f1", 5_000)
    use(made, "r1", 5_000, one)
    made.tick(made.now + 40 * calendar.DAY)
    reverse(made, "r1", "v1", 2_000)
    assert (left(made, one), decided(reverse(made, "r1", "v2", 3_001))) == (2_000, "ann: refused reversal_exceeds")
    assert decided(use(made, "r2", 2_000, one)) == "redeemed"


def test_a_reward_that_falls_takes_back_what_its_code_has_and_the_rest_is_owed() -> None:
    """As with store credit; a later reversal meets what is owed first."""
    made = shop()
    one, other = earn(made, "f1", 5_000), earn(made, "f2", 1_000)
    use(made, "r1", 3_000, one)
    made.refund("f1-1", 4_000)
    assert (left(made, one), left(made, other), owed_back(made)) == (0, 1_000, 2_000)
    reverse(made, "r1", "v1", 2_500)
    assert (left(made, one), owed_back(made)) == (500, 0)


def test_what_expires_is_on_no_code_and_asked_from_nobody() -> None:
    """It goes back to where it came from; a refund after that asks nothing for it."""
    made = shop(credit={"expires": "30d"})
    one = earn(made, "f1", 5_000)
    use(made, "r1", 1_000, one)
    made.tick(made.now + 31 * calendar.DAY)
    assert (left(made, one), decided(use(made, "r2", 1, one))) == (0, "ann: refused credit_short")
    made.refund("f1-1", 4_000)
    assert owed_back(made) == 0


def test_a_code_goes_on_with_whom_its_person_was_merged_into_and_stops_with_them() -> None:
    """It is used in the name of either; it stays in the account of its payout; while they are suspended it is not used."""
    made = shop()
    one = earn(made, "f1", 5_000)
    made.send(events.PersonMerged, keep="amy", gone="ann")
    assert made.balances() == {("credit", one): 5_000}
    assert decided(use(made, "r1", 1_000, one)) == "redeemed"
    made.send(events.AdvocateSuspended, person="amy")
    assert decided(use(made, "r2", 1_000, one)) == "amy: refused credit_short"
    made.send(events.AdvocateResumed, person="amy")
    assert decided(use(made, "r2", 1_000, one)) == "redeemed"


def test_who_has_a_code_left_is_not_erased() -> None:
    """As with credit in a purse: it is used first, or what they give up is."""
    made = shop()
    one = earn(made, "f1", 5_000)
    (no,) = made.command(events.PersonErased, person="ann").verdicts
    assert no.refusal == "credit_left"
    use(made, "r1", 5_000, one)
    assert decided(made.command(events.PersonErased, person="ann")) == "erased"


def test_what_was_delivered_as_a_code_does_not_come_back_by_its_rail() -> None:
    """It may have been used; and what fell on its way is taken back as it arrives."""
    made = shop()
    made.lead("f1", code="ANN")
    made.buy("f1", 5_000)
    made.approve(made.rewards())
    (payout,) = made.draft("ann", rail="discount_code")
    made.release([payout])
    made.answer(payout, "processing")
    made.refund("f1-1", 2_000)
    made.answer(payout, "completed")
    assert (left(made, payout.id), owed_back(made)) == (3_000, 0)
    assert verdict(made.answer(made.payout(payout.id), "returned", RAIL)) == "wrong_state"


def test_everybody_is_told_what_became_of_their_code() -> None:
    """Each move has its sentence, which speaks of a code; finance is told which payout brought it."""
    made = shop(credit={"expires": "30d"})
    one = earn(made, "f1", 5_000)
    use(made, "r1", 2_000, one)
    reverse(made, "r1", "v1", 500)
    made.refund("f1-1", 500)
    made.tick(made.now + 31 * calendar.DAY)
    said = [
        verdict
        for _, _, decision in made.log
        for verdict in decision.verdicts
        if verdict.about == "credit" or (verdict.about, verdict.outcome) == ("reward", "credit_expired")
    ]
    assert [words.sentences(verdict).beneficiary for verdict in said] == [
        "You get a code worth 50.00 EUR, which can be used until 31 January 2024.",
        "20.00 EUR were paid with your code. 30.00 EUR are left on it.",
        "5.00 EUR that were paid with your code are on it again.",
        "5.00 EUR of what you had got as credit or by a code were taken back: the reward that brought them is less now or gone.",
        "30.00 EUR on your code have expired: the time in which it could be used is over.",
    ]
    assert all(any(one in step for _, step in words.sentences(verdict).steps) for verdict in said)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("earn", "use", "use", "reverse", "refund", "wait", "stand", "merge", "erase")),
        st.integers(0, 5),
        st.integers(0, 5),
    ),
    max_size=30,
)
AMOUNTS = (1, 700, 1_000, 2_500, 4_000, 9_999)
FIRST = [("earn", 0, 4), ("earn", 1, 3), ("use", 0, 1)]


def _step(made: World, step: str, a: int, b: int) -> None:
    who = ("ann", "amy")[b % 2]
    codes = [None, *(it.id for it in made.state.all(Payout))]
    match step:
        case "earn":
            made.lead(f"f{a}", code="ANN")
            made.buy(f"f{a}", AMOUNTS[b])
            deliver(made, ("discount_code", "store_credit")[a % 2])
        case "use":
            use(made, f"r{a}", AMOUNTS[b], codes[(a + b) % len(codes)], ("ann", "ann", "amy")[a % 3])
        case "reverse":
            reverse(made, f"r{a}", f"v{b}", (None, 1, 500, 9_999)[b % 4])
        case "refund":
            made.refund(f"f{a}-1", AMOUNTS[b], f"b{b}")
        case "wait":
            made.tick(made.now + (b + 1) * 10 * calendar.DAY)
        case "stand":
            made.send((events.AdvocateSuspended, events.AdvocateResumed, events.AdvocateResumed)[a % 3], person=who)
        case "merge" if a == 0:
            made.send(events.PersonMerged, keep="amy", gone="ann")
        case "erase" if a == 0 and made.state.get(Kin, "ann") is None:
            made.command(events.PersonErased, person="ann")


@settings(max_examples=80, deadline=None)
@given(STEPS, st.booleans())
def test_in_any_order_nothing_is_below_nothing_and_a_redemption_draws_on_one_purse(
    steps: list[tuple[str, int, int]], parted: bool
) -> None:
    """All invariants hold after each event, which the workspace checks; and each is decided on what is loaded as on the whole."""
    made = shop(credit={"expires": "45d"})
    for step in [*FIRST, *steps]:
        _step(made, *step)
    lots = {lot.id: lot for lot in made.state.all(Lot)}
    for lot in lots.values():
        assert min(lot.rest, lot.redeemed, lot.expired, lot.taken) >= 0
    for used in made.state.all(Redemption):
        assert {lots[drawn.lot].code for drawn in used.drawn} == {used.payout}
    decided_on_parts([entry.asked(leaf) for leaf in made.leaves], parted=parted)
