"""Codes of stocks: which ones a payout gets, what waits while there are none, and that none is ever given twice."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from testkit.world import World, advocate, rules
from tests.core.test_loading import decided_on_parts

from goodword.core import calendar, entry, events, stocks
from goodword.core.decision import Decision
from goodword.core.state import Handout, Payout, Stock

CREDIT = [advocate(percent="100", kind="credit")]


def shop(**parts: Any) -> World:
    """A workspace in which what ann's friends buy is her credit, all of it, at once and without a hold."""
    made = World()
    made.publish(rules(**{"rewards": CREDIT, "hold": "0d", "payouts": {"every": "once"}, **parts}))
    made.enrol("ann")
    return made


def upload(made: World, size: int, amount: int = 2_500, **more: Any) -> str:
    said = {"name": "cards", "unit": "EUR", "codes": "0" * 64, **more}
    (verdict,) = made.command(events.StockUploaded, size=size, amount=amount, **said).verdicts
    return verdict.subject or ""


def released(made: World, friend: str, amount: int) -> Payout:
    """Ann earns so much, which is approved and released to her as codes."""
    made.lead(friend, code="ANN")
    made.buy(friend, amount)
    made.approve(list(made.rewards(beneficiary="ann", status="in_review")))
    (payout,) = made.draft("ann", rail="code_stock")
    made.release([payout])
    return payout


def process(made: World, payout: Payout) -> Decision:
    decision = made.answer(payout, "processing")
    if made.payout(payout.id).status == "processing":
        made.answer(payout, "completed")
    return decision


def given_to(made: World, payout: Payout) -> list[tuple[str, int]]:
    return sorted((it.stock, it.number) for it in made.state.all(Handout) if it.payout == payout.id)


def test_a_payout_gets_the_next_codes_and_says_which() -> None:
    """Whole codes that come to its amount; the explanation has stock and numbers, and how many are left."""
    made = shop()
    stock = upload(made, 3)
    payout = released(made, "bob", 5_000)
    (said,) = process(made, payout).verdicts
    (step,) = said.steps
    assert (step.code, step.values) == ("codes", {"stock": stock, "name": "cards", "first": 1, "last": 2, "left": 1})
    assert given_to(made, payout) == [(stock, 1), (stock, 2)]
    assert made.balances() == {("settled", "code_stock"): 5_000}


def test_without_codes_a_payout_waits_and_goes_on_when_they_come() -> None:
    """It fails nowhere and loses nothing: it says why it waits, and an upload of such codes hands it to its rail again."""
    made = shop()
    upload(made, 1)
    payout = released(made, "bob", 5_000)
    (said,) = process(made, payout).verdicts
    assert (said.outcome, made.payout(payout.id).status, made.payout(payout.id).awaits) == (
        "codes_awaited",
        "released",
        "EUR",
    )
    other = made.command(events.StockUploaded, name="x", unit="EUR", size=9, amount=3_000, codes="0" * 64)
    assert other.jobs == ()  # of which no number comes to the amount
    fitting = made.command(events.StockUploaded, name="cards", unit="EUR", size=1, amount=5_000, codes="0" * 64)
    assert [(job.kind, job.subject) for job in fitting.jobs] == [("payout.send", payout.id)]
    process(made, payout)
    assert made.payout(payout.id).status == "completed"
    assert len(given_to(made, payout)) == 1


def test_what_ends_soonest_goes_first_and_what_has_ended_goes_to_nobody() -> None:
    """Of stocks that serve a payout the one that ends first; then its own program's; then the fewest codes; then the oldest."""
    made = shop()
    many = upload(made, 9)
    few = upload(made, 9, amount=5_000)
    own = upload(made, 9, program=made.program())
    soon = upload(made, 9, ends_at=made.now + 2 * calendar.DAY)
    order = []
    for friend, days in (("bob", 0), ("cid", 3), ("dan", 0)):
        made.tick(made.now + days * calendar.DAY)
        payout = released(made, friend, 5_000)
        process(made, payout)
        order.append(given_to(made, payout)[0][0])
    assert order == [soon, own, own]
    assert stocks.chosen_of([it for it in made.state.all(Stock) if it.id in (many, few)], payout, made.now).id == few  # type: ignore[union-attr]


def test_a_payout_of_codes_never_comes_back_by_its_rail() -> None:
    """Who has read a code may have used it."""
    made = shop()
    upload(made, 3)
    payout = released(made, "bob", 2_500)
    process(made, payout)
    (said,) = made.answer(payout, "returned").verdicts
    assert said.refusal == "wrong_state"


def test_few_codes_are_an_alarm_by_name() -> None:
    """All uploads of a name count together; the newest says from how many on; what has ended counts no more."""
    made = shop()
    upload(made, 2, low=5)
    assert stocks.low(made.state.all(Stock), made.now) == {"cards": 2}
    made.tick(made.now + 1)
    upload(made, 9, low=5)
    assert stocks.low(made.state.all(Stock), made.now) == {}
    upload(made, 9, name="gone", low=9, ends_at=made.now + 1)
    assert stocks.low(made.state.all(Stock), made.now + 1) == {}


STEPS = st.lists(st.tuples(st.sampled_from(["upload", "release", "process", "cancel"]), st.integers(0, 4)), max_size=25)


def _step(made: World, verb: str, n: int) -> None:
    payouts = list(made.state.all(Payout))
    if verb == "upload":
        upload(made, 1 + n % 3, amount=(500, 1_000)[n % 2], program=made.program() if n == 4 else None)
    elif verb == "release":
        released(made, f"f{len(payouts)}", 1_000 + 500 * n)
    elif payouts:
        payout = payouts[n % len(payouts)]
        if verb == "process":
            process(made, payout)
        else:
            made.command(events.PayoutCanceled, payout=payout.id, reason="x")
            for again in made.draft("ann", rail="code_stock"):
                made.release([again])


@settings(max_examples=60, deadline=None)
@given(STEPS, st.booleans())
def test_no_code_goes_to_two_payouts(steps: list[tuple[str, int]], parted: bool) -> None:
    """In any order of uploads, releases, cancels and sends; and each is decided on what is loaded as on the whole workspace."""
    made = shop()
    first: dict[str, str] = {}
    for step in [("release", 2), ("process", 0), ("upload", 1), ("process", 0), *steps]:
        _step(made, *step)
        for it in made.state.all(Handout):
            assert first.setdefault(it.id, it.payout) == it.payout
    decided_on_parts([entry.asked(leaf) for leaf in made.leaves], parted=parted)
