"""Our own credit: delivered, used, given back, taken back, expired; a table that a lawyer can read, and what holds in any order."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testkit.stories import decided
from testkit.tables import stories
from testkit.world import RAIL, World, advocate, rules, verdict
from tests.core.test_loading import decided_on_parts

from goodword import words
from goodword.core import calendar, entry, events
from goodword.core.decision import Decision
from goodword.core.state import Kin, Lot, Payout, Redemption, Timer

TOLD = stories(__file__)
CREDIT = [advocate(percent="100", kind="credit")]


def shop(**parts: Any) -> World:
    """A workspace in which what ann's friends buy is her credit, all of it, at once and without a hold."""
    made = World()
    made.publish(rules(**{"rewards": CREDIT, "hold": "0d", "payouts": {"every": "once"}, **parts}))
    for person in ("ann", "amy"):
        made.enrol(person)
    return made


def deliver(made: World, unit: str = "EUR") -> None:
    """What ann is owed is approved, released and delivered as credit, now."""
    made.approve([it for it in made.rewards(beneficiary="ann", status="in_review") if it.unit == unit and not it.cases])
    for payout in made.draft("ann", rail="store_credit", unit=unit):
        made.release([payout])
        made.answer(payout, "processing")
        made.answer(payout, "completed")


def earn(made: World, friend: str, amount: int) -> None:
    made.lead(friend, code="ANN")
    made.buy(friend, amount)
    deliver(made)


def there(made: World, person: str = "ann") -> int:
    return sum(lot.rest for lot in made.state.all(Lot) if lot.person == person)


def owed_back(made: World) -> int:
    return sum(reward.receivable for reward in made.rewards(beneficiary="ann"))


def minor(amount: str) -> int:
    return int(Decimal(amount) * 100)


def redeem(made: World, id_: str, amount: int, person: str = "ann", **more: Any) -> Decision:
    said = {"currency": "EUR", **more}
    return made.send(events.CreditRedeemed, person=person, redemption=id_, amount=amount, **said)


def reverse(made: World, id_: str, reversal: str, amount: int | None = None) -> Decision:
    return made.send(events.CreditReversed, redemption=id_, reversal=reversal, amount=amount)


def _happen(made: World, said: list[str]) -> Decision | None:
    verb, *what = [word for word in said if "=" not in word]
    more = dict(word.split("=") for word in said if "=" in word)
    match verb:
        case "earn":
            return earn(made, what[0], minor(what[1]))
        case "wait":
            return made.tick(made.now + calendar.duration(what[0]))
        case "redeem":
            fields = {"order": more.get("for"), "currency": more.get("in", "EUR")}
            return redeem(made, what[0], minor(what[1]), more.get("by", "ann"), **fields)
        case "reverse":
            return reverse(made, *what[:2], *map(minor, what[2:]))
        case "refund":
            return made.refund(what[0], minor(what[1]))
        case "back":
            return made.send(events.RefundReturned, invoice=what[0], refund="r1")
        case "lost":
            made.send(events.ChargebackOpened, invoice=what[0], chargeback="cb")
            return made.send(events.ChargebackClosed, invoice=what[0], chargeback="cb", outcome="lost")
        case "merge":
            return made.send(events.PersonMerged, keep=what[0], gone=what[1])
        case "erase":
            return made.command(events.PersonErased, person=what[0])
        case _:
            kind = {"suspended": events.AdvocateSuspended, "resumed": events.AdvocateResumed}.get(
                verb, events.AdvocateLeft
            )
            return made.send(kind, person=what[0])


@pytest.mark.parametrize("told", TOLD.values(), ids=TOLD)
def test_the_table(told: tuple[dict[str, Any], str]) -> None:
    """Each line of the table is decided as it says, and leaves what it says."""
    parts, story = told
    made = shop(**parts)
    for line in story.splitlines():
        happens, _, leaves = line.partition("|")
        happens, arrow, expected = happens.partition("->")
        decision = _happen(made, happens.split())
        assert not arrow or (decision is not None and decided(decision) == expected.strip()), line
        assert [there(made), owed_back(made)] == [minor(amount) for amount in leaves.split()], line


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("earn", "redeem", "redeem", "reverse", "refund", "back", "wait", "stand", "merge", "points")),
        st.integers(0, 5),
        st.integers(0, 5),
    ),
    max_size=40,
)
AMOUNTS = (1, 700, 1_000, 2_500, 4_000, 9_999)


def _step(made: World, step: str, a: int, b: int) -> None:
    who = ("ann", "amy")[b % 2]
    match step:
        case "earn":
            made.lead(f"f{a}", code="ANN")
            made.buy(f"f{a}", AMOUNTS[b])
            deliver(made)
        case "points":
            made.lead(f"p{a}", code="ANN")
            made.buy(f"p{a}", None, name="sign-up")
            deliver(made, f"points:{made.program()}")
            redeem(made, f"p{a}", b + 1, who, currency=None, program=made.program())
        case "redeem":
            redeem(made, f"r{a}", AMOUNTS[b], ("ann", "ann", "amy")[a % 3], program=(None, made.program())[b % 2])
        case "reverse":
            reverse(made, f"r{a}", f"v{b}", (None, 1, 500, 9_999)[b % 4])
        case "refund":
            made.refund(f"f{a}-1", AMOUNTS[b], f"b{b}")
        case "back":
            made.send(events.RefundReturned, invoice=f"f{a}-1", refund=f"b{b}")
        case "wait":
            made.tick(made.now + (b + 1) * 10 * calendar.DAY)
        case "stand":
            made.send((events.AdvocateSuspended, events.AdvocateResumed, events.AdvocateResumed)[a % 3], person=who)
        case "merge" if a == 0:
            made.send(events.PersonMerged, keep="amy", gone="ann")


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_whatever_comes_in_any_order_nobody_has_less_than_nothing(steps: list[tuple[str, int, int]]) -> None:
    """Redeemed, given back, expired, refunded, suspended, merged: all invariants hold after each event, which the workspace checks.

    What is there, was used, expired and was taken back is all that was delivered, and each redemption was whole or refused.
    """
    made = shop(
        credit={"expires": "45d"},
        conversions=[
            {"rewards": CREDIT},
            {"on": "sign-up", "rewards": [advocate(points=7, kind="points")]},
        ],
    )
    for step in steps:
        _step(made, *step)
        for lot in made.state.all(Lot):
            assert lot.rest + lot.redeemed + lot.expired + lot.taken == lot.amount
            assert min(lot.rest, lot.redeemed, lot.expired, lot.taken) >= 0
        for used in made.state.all(Redemption):
            assert sum(drawn.amount for drawn in used.drawn) == used.amount
            assert used.back <= used.amount


@settings(max_examples=60, deadline=None)
@given(STEPS, st.booleans())
def test_what_is_loaded_is_all_that_credit_looks_at(steps: list[tuple[str, int, int]], parted: bool) -> None:
    """Each such history is decided on what is loaded for an entry, or a batch, as on the whole workspace."""
    made = shop(
        credit={"expires": "45d"},
        conversions=[{"rewards": CREDIT}, {"on": "sign-up", "rewards": [advocate(points=7, kind="points")]}],
    )
    for step in (("earn", 0, 4), ("redeem", 0, 1), *steps):
        _step(made, *step)
    if made.state.get(Kin, "ann") is None:
        made.command(events.PersonErased, person="ann")
    decided_on_parts([entry.asked(leaf) for leaf in made.leaves], parted=parted)


def test_histories_reach_what_they_are_about() -> None:
    """One such history delivers, redeems, gives back, takes back, lets expire, and stops what a suspended one has."""
    made = shop(credit={"expires": "45d"})
    seen: set[str] = set()
    story = [("earn", 0, 4), ("redeem", 0, 1), ("redeem", 1, 5), ("reverse", 0, 2), ("refund", 0, 2), ("earn", 1, 3)]
    story += [("stand", 0, 0), ("redeem", 3, 1), *[("wait", 0, 5)] * 2, ("stand", 1, 0), *[("wait", 0, 5)] * 3]
    for step in story:
        _step(made, *step)
    for _, _, decision in made.log:
        seen |= {verdict.refusal or verdict.outcome for verdict in decision.verdicts if verdict.about != "command"}
    assert seen >= {
        "delivered", "redeemed", "reversed", "taken_back", "credit_short", "credit_stopped", "credit_expired",
    }  # fmt: skip


def test_the_first_delivered_is_used_first() -> None:
    """Of several lots the oldest is drawn first, and what is given back goes to the one that was drawn last."""
    made = shop()
    for friend, amount in (("f1", 1_000), ("f2", 2_000), ("f3", 3_000)):
        made.tick(made.now + calendar.DAY)
        earn(made, friend, amount)
    redeem(made, "r1", 3_500)
    lots = sorted(made.state.all(Lot), key=lambda lot: lot.at)
    assert [lot.rest for lot in lots] == [0, 0, 2_500]
    reverse(made, "r1", "v1", 1_500)
    lots = sorted(made.state.all(Lot), key=lambda lot: lot.at)
    assert [lot.rest for lot in lots] == [0, 1_000, 3_000]


def test_the_ledger_says_what_is_still_owed_in_credit() -> None:
    """Delivered credit is a liability to its beneficiary; only what was used is settled."""
    made = shop()
    earn(made, "f1", 5_000)
    assert made.balances() == {("credit", "ann"): 5_000}
    redeem(made, "r1", 2_000)
    assert made.balances() == {("credit", "ann"): 3_000, ("settled", "store_credit"): 2_000}
    reverse(made, "r1", "v1", 500)
    assert made.balances() == {("credit", "ann"): 3_500, ("settled", "store_credit"): 1_500}


def test_what_fell_on_its_way_is_taken_back_as_it_arrives() -> None:
    """An order that is given back while its payout is under way leaves no credit behind, and no debt."""
    made = shop()
    made.lead("f1", code="ANN")
    made.buy("f1", 5_000)
    made.approve(made.rewards())
    (payout,) = made.draft("ann", rail="store_credit")
    made.release([payout])
    made.answer(payout, "processing")
    made.refund("f1-1", 2_000)
    made.answer(payout, "completed")
    assert (there(made), owed_back(made)) == (3_000, 0)


def test_what_was_delivered_does_not_come_back_by_its_rail() -> None:
    """It may have been used: only a reward that falls takes it back."""
    made = shop()
    earn(made, "f1", 5_000)
    (payout,) = made.state.all(Payout)
    assert verdict(made.answer(payout, "returned", RAIL)) == "wrong_state"


def test_points_are_of_one_program() -> None:
    """They are redeemed with the program named; without it nobody knows which."""
    made = shop(rewards=[advocate(points=70, kind="points")])
    made.lead("f1", code="ANN")
    made.buy("f1", 5_000)
    deliver(made, f"points:{made.program()}")
    assert decided(redeem(made, "r1", 50, currency=None)) == "ann: refused program_required"
    assert decided(redeem(made, "r1", 50, currency=None, program=made.program())) == "redeemed"
    assert there(made) == 20


def test_the_refusal_names_the_balance() -> None:
    """Who asks for too much is told by finance's sentence what there is; the beneficiary is told no figure of a stop."""
    made = shop()
    earn(made, "f1", 5_000)
    made.send(events.AdvocateSuspended, person="ann")
    (no,) = redeem(made, "r1", 6_000).verdicts
    assert [step for _, step in words.sentences(no).steps] == [
        "There is 0.00 EUR, and 60.00 EUR was asked for.",
        "50.00 EUR cannot be used, because the person is suspended in its program.",
    ]
    assert words.sentences(no).beneficiary == "You have less credit than that."


def test_everybody_is_told_what_became_of_their_credit() -> None:
    """To the beneficiary and to finance each move has its sentence."""
    made = shop(credit={"expires": "30d"})
    earn(made, "f1", 5_000)
    redeem(made, "r1", 2_000, order="order-7")
    reverse(made, "r1", "v1", 500)
    made.tick(made.now + 31 * calendar.DAY)
    told = [
        words.sentences(verdict).beneficiary
        for _, _, decision in made.log
        for verdict in decision.verdicts
        if verdict.about == "credit" or verdict.outcome == "credit_expired"
    ]
    assert told == [
        "50.00 EUR are yours to use now, until 31 January 2024.",
        "You paid 20.00 EUR with your credit. 30.00 EUR are left.",
        "5.00 EUR that you had paid with your credit are yours again.",
        "35.00 EUR of your credit have expired: the time in which they could be used is over.",
        "The time in which this credit could be used is over.",
    ]
    assert not list(made.state.all(Timer))
