"""Measurement events: what each entry emits, that measures are what the state says, and that percentiles are exact."""

from collections import Counter
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from testkit.stories import earning
from testkit.world import World
from tests.core.test_properties import GENERATED, HISTORY, WRITTEN, Move, approve, pay_out, told

from goodword import words
from goodword.core import calendar, entry, events, measuring, rollup
from goodword.core.ledger import OPENING
from goodword.core.measuring import EVENTS, MEASURES, Measurement
from goodword.core.state import Balance, Claim, Reward

DAY = calendar.DAY
#: Name, version, unit, amount, code and the day of deciding of each measurement event, by entry: for good.
MEANT: list[Any] = [
    *(
        [
            ("reward.earned", 1, "EUR", amount, None, "2024-01-01"),
            ("revenue.referred", 1, "EUR", amount, None, "2024-01-01"),
            ("cost.booked", 1, "EUR", amount, None, "2024-01-01"),
        ]
        for amount in (1_000, 3_000)
    ),
    [("duplicate.found", 1, None, None, "duplicate_conversion", "2024-01-01")],
    [("reward.approved", 1, "EUR", amount, None, "2024-01-31") for amount in (1_000, 3_000)],
    [("reward.paid", 1, "EUR", amount, None, "2024-04-03") for amount in (1_000, 3_000)],
]


def measured(world: World) -> list[list[Measurement]]:
    """The measurement events of a history by entry, from the bytes of its log alone."""
    return [measuring.emitted(entry.read(leaf)) for leaf in world.leaves]


def kept(world: World) -> rollup.Changes:
    """What the figures' follower keeps of a history: each batch of three entries by itself, with times by what came before."""
    sums: rollup.Changes = {}
    times = measuring.Times()
    entries = [entry.read(leaf) for leaf in world.leaves]
    for first in range(0, len(entries), 3):
        batch: rollup.Changes = {}
        for one in entries[first : first + 3]:
            rollup.fold(batch, one)
            rollup.took(batch, times.hear(measuring.emitted(one)))
        rollup.add(sums, rollup.with_days(batch))
    return {key: both for key, both in sums.items() if rollup.MEASURED in key[0]}


@GENERATED
@example([(approve, 0, 0, 0), (pay_out, 0, 0, 0), (pay_out, 1, 0, 0)])
@given(HISTORY)
def test_each_measure_is_its_recount_from_measurement_events(history: list[tuple[Move, int, int, int]]) -> None:
    """What is kept, by slots and days, decided or occurred, is what the events add up to; times are those of pairs."""
    world = told(history)
    events = [it for of in measured(world) for it in of]
    expected: Counter[tuple[str, str, str]] = Counter()
    amounts: Counter[tuple[str, str, str]] = Counter()
    durations: dict[str, list[int]] = {name: [] for name, it in measuring.MEASURES.items() if it.how == "time"}
    waited = {"dispute.answered": "first_answer", "dispute.decided": "dispute_decision"}
    for it in events:
        key = it.program or "", f"{it.name}:{it.v}", it.unit or it.code or ""
        expected[key] += 1
        amounts[key] += it.amount or 0
        if it.name in waited:
            durations[waited[it.name]].append((it.amount or 0) * calendar.SECOND)
        if it.name == "reward.paid":
            before = [e for e in events if e.subject == it.subject and (e.position, e.name) <= (it.position, it.name)]
            approved = [e.decided_at for e in before if e.name == "reward.approved" and e.code is None]
            earned = [e.occurred_at for e in before if e.name == "reward.earned"]
            if approved:
                durations["approved_to_paid"].append(max(0, it.decided_at - approved[-1]))
                if earned:
                    durations["conversion_to_paid"].append(max(0, it.decided_at - earned[0]))
    for by in ("decided", "occurred"):
        for whole in (True, False):
            found: Counter[tuple[str, str, str]] = Counter()
            sums: Counter[tuple[str, str, str]] = Counter()
            histograms: dict[str, dict[int, int]] = {name: {} for name in durations}
            for (slot, program, metric, unit, basis), (count, amount) in kept(world).items():
                if basis not in ("both", by) or slot.startswith(rollup.DAY) != whole:
                    continue
                name = metric.partition(":")[0]
                if name in durations:
                    histograms[name][int(unit)] = histograms[name].get(int(unit), 0) + count
                else:
                    found[program, metric, unit] += count
                    sums[program, metric, unit] += amount
            assert found == expected
            assert {key: n for key, n in sums.items() if n} == {key: n for key, n in amounts.items() if n}
            for name, all_of_them in durations.items():
                exact = sorted(map(measuring.rounded, all_of_them))
                assert sorted(histograms[name].items()) == sorted(Counter(exact).items())


@GENERATED
@given(HISTORY)
def test_measures_are_what_the_state_says(history: list[tuple[Move, int, int, int]]) -> None:
    """After any history: rewards earned, claims, what rewards cost and what was paid are those of entities and of the ledger."""
    world = told(history)
    events = [it for of in measured(world) for it in of]
    counts = Counter(it.name for it in events)
    assert counts["reward.earned"] == sum(it.on != OPENING for it in world.state.all(Reward))
    assert {it.subject for it in events if it.name == "claim.created"} <= {it.id for it in world.state.all(Claim)}
    cost: Counter[tuple[str | None, str | None]] = Counter()
    for it in events:
        if it.name == "cost.booked":
            cost[it.program, it.unit] += it.amount or 0
    spent: Counter[tuple[str, str]] = Counter()
    for balance in world.state.all(Balance):
        if balance.account == "expense":
            spent[balance.program, balance.unit] -= balance.amount
    assert {key: n for key, n in cost.items() if n} == {key: n for key, n in spent.items() if n}
    figures: Counter[str] = Counter()
    for leaf in world.leaves:
        for (slot, _, metric, _, basis), (count, amount) in rollup.changes(entry.read(leaf)).items():
            if slot[:1].isdigit() and basis in ("both", "decided"):
                figures[metric] += count
                figures[f"{metric}, amount"] += amount
    sums = Counter({name: sum(it.amount or 0 for it in events if it.name == name) for name in EVENTS})
    for name, metric in (("reward.approved", "approved"), ("reward.paid", "paid"), ("revenue.referred", "qualified")):
        assert (counts[name], sums[name]) == (figures[metric], figures[f"{metric}, amount"])


def test_generated_histories_emit_every_event() -> None:
    """None of the names is one that nothing ever has."""
    random = Random(3)  # noqa: S311 - the same histories every time
    missing = {*EVENTS}
    for _ in range(200):
        world = told([(random.choice(WRITTEN), *(random.randrange(12) for _ in range(3))) for _ in range(40)])  # type: ignore[misc]
        missing -= {it.name for of in measured(world) for it in of}
        if not missing:
            break
    assert not missing


def test_what_a_version_means_is_what_it_meant() -> None:
    """What an order, the same again, its approval and its payment emit in version 1, one by one, never changes."""
    made = earning(1_000, 3_000)
    made.buy("bob", 10_000, invoice="again")
    made.send(events.ConversionRecorded, person="bob", invoice="again", amount=10_000, currency="EUR")
    made.approved()
    made.tick("2024-04-01")
    (payout,) = made.draft("ann")
    made.release([payout])
    made.answer(payout, "processing")
    made.tick("2024-04-03")
    made.answer(payout, "completed")
    assert [
        [(it.name, it.v, it.unit, it.amount, it.code, calendar.utc_day(it.decided_at)) for it in of]
        for of in measured(made)
        if of
    ] == MEANT


@given(st.lists(st.integers(0, 4_000 * DAY), min_size=1, max_size=200), st.sampled_from([1, 50, 95, 99, 100]))
def test_a_percentile_of_what_is_rounded_is_the_percentile_rounded(durations: list[int], percent: int) -> None:
    """The nearest rank from the histogram is that of all durations in order, rounded down once."""
    histogram = Counter(map(measuring.rounded, durations))
    place = -(-Fraction(percent * len(durations), 100) // 1)
    assert measuring.rank(histogram, percent) == measuring.rounded(sorted(durations)[int(place) - 1])
    assert measuring.rank({}, percent) is None


def test_durations_are_rounded_to_what_a_reader_looks_at() -> None:
    """Seconds, minutes, hours, then days; a histogram of ten years has some 6,100 classes at most."""
    second = calendar.SECOND
    assert [
        measuring.rounded(it * second) for it in (0, 59, 61, 3_599, 3_661, 100 * 86_400 - 1, 100 * 86_400 + 5_000)
    ] == [
        0,
        59,
        60,
        3_540,
        3_600,
        100 * 86_400 - 3_600,
        100 * 86_400,
    ]
    years = range(0, 3_650 * 86_400, 60)
    assert len({measuring.rounded(it * second) for it in years}) < 6_100


def test_each_event_and_measure_has_its_sentence() -> None:
    """Whatever is measured is said in words, and each measure is made of an event that there is."""
    assert all(words.measurement(name) for name in EVENTS)
    assert all(it.of in EVENTS and words.measure(name).formula for name, it in MEASURES.items())
    assert all(words.measure(name).title for name in measuring.ABSENT)
