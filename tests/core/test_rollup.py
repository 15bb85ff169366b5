"""The figures: what each entry adds, and that their sums are what the state says."""

from collections import Counter

from hypothesis import example, given
from testkit.world import World
from tests.core.test_properties import GENERATED, HISTORY, Move, credit, otherwise, pay_out, start, told, welcome

from goodword.core import calendar, entry, events, rollup
from goodword.core.ledger import ACCOUNTS, OPENING, of_no_order
from goodword.core.rollup import AGREEMENT, DAY, EVER, MEASURED, METRICS, REFUSED, Changes
from goodword.core.state import Balance, Conversion, Reward

#: What the figures call what was earned, by an order or by none.
EARNED = ("earned_advocate", "earned_friend", "corrected")
#: In which the world begins.
SLOT = "2024-01-01T00:00"


def everything(world: World) -> Changes:
    """The figures of a history, from the bytes of its log alone; what is measured stands beside them (``test_measuring``)."""
    found: Changes = {}
    for leaf in world.leaves:
        rollup.fold(found, entry.read(leaf))
    return of_figures(rollup.with_days(found))


def of_figures(found: Changes) -> Changes:
    """What of all that is added up is figures."""
    return {key: both for key, both in found.items() if MEASURED not in key[0]}


def folded(world: World) -> Changes:
    """The same without the days, which follow from the others."""
    return {key: both for key, both in everything(world).items() if not key[0].startswith(DAY)}


def totals(found: Changes, by: str = "decided") -> Counter[tuple[str, ...]]:
    """(program, metric, unit, what) -> sum over all slots."""
    sums: Counter[tuple[str, ...]] = Counter()
    for (_, *key, basis), (count, amount) in found.items():
        if basis not in ("both", by):
            continue
        sums[*key, "count"] += count
        sums[*key, "amount"] += amount
    return Counter({key: value for key, value in sums.items() if value})


@GENERATED
@example([(credit, 0, 0, 0), (pay_out, 0, 0, 0), (otherwise, 0, 0, 0)])  # an order falls whose credit had expired
@example([(welcome, 0, 7, 0), (welcome, 1, 1, 9)])  # a draft is taken back that somebody else had paid, as was said
@given(HISTORY)
def test_sums_are_what_the_state_says(history: list[tuple[Move, int, int, int]]) -> None:
    """After any history: rewards, net, paid invoices, refusals and accounts of the figures are those of entities and verdicts."""
    world = told(history)
    figures = totals(folded(world))
    assert totals(folded(world), "occurred") == figures
    expected: Counter[tuple[str, ...]] = Counter()
    for reward in world.state.all(Reward):
        if reward.on == OPENING:  # no conversion here earned it
            continue
        metric = "corrected" if of_no_order(reward.on) else f"earned_{reward.side}"
        expected[reward.program, metric, reward.unit, "count"] += 1
        expected[reward.program, "net", reward.unit, "amount"] += reward.amount
    drafts = _never_paid(world)
    for conversion in world.state.all(Conversion):
        if conversion.status in ("paid", "canceled") and conversion.name != OPENING and conversion.id not in drafts:
            expected["conversions", conversion.currency or "", "count"] += 1
            expected["conversions", conversion.currency or "", "amount"] += conversion.amount or 0
    for _, _, decision in world.log:
        expected.update((f"refused:{v.refusal}", "count") for v in decision.verdicts if v.refusal is not None)
    for balance in world.state.all(Balance):
        expected[balance.program, balance.account, balance.unit, "amount"] += balance.amount
    seen: Counter[tuple[str, ...]] = Counter()
    for (program, metric, unit, what), value in figures.items():
        if metric in (*EARNED, "reversed") and what == "amount":
            seen[program, "net", unit, what] += -value if metric == "reversed" else value
        elif metric in EARNED or (metric in ACCOUNTS and what == "amount"):
            seen[program, metric, unit, what] += value
        elif metric == "conversions":
            seen[metric, unit, what] += value
        elif metric in REFUSED.values():
            seen[metric, what] += value
    assert {key: n for key, n in seen.items() if n} == {key: n for key, n in expected.items() if n}
    assert seen


def _never_paid(world: World) -> set[str]:
    """Orders that were drafts when they were taken back."""
    was, found = dict[str, str](), set[str]()
    for _, _, decision in world.log:
        for put in decision.puts.values():
            if isinstance(put, Conversion):
                if put.status == "canceled" and was.get(put.id) == "open":
                    found.add(put.id)
                was[put.id] = put.status
    return found


@GENERATED
@given(HISTORY)
def test_entries_add_up_in_any_batches(history: list[tuple[Move, int, int, int]]) -> None:
    """What a batch adds is the sum of what its entries add; each metric is one of those that are documented."""
    world = told(history)
    sums: Changes = {}
    for leaf in world.leaves:
        for key, (count, amount) in rollup.changes(entry.read(leaf)).items():
            found = sums.setdefault(key, [0, 0])
            sums[key] = [found[0] + count, found[1] + amount]
    sums = of_figures(sums)
    assert sums == everything(world)
    for slot, _, metric, *_ in sums:
        if slot == AGREEMENT:
            assert metric in ("agreed", "differed", "looked")
            continue
        assert metric in (ACCOUNTS if slot == EVER else {*METRICS, *REFUSED.values()})
        if slot != EVER:
            of = slot.removeprefix(DAY)
            assert calendar.utc_slot(calendar.parse(f"{of}:00Z" if of == slot else f"{of}T00:00:00Z")).startswith(of)


@GENERATED
@given(HISTORY)
def test_a_day_is_the_sum_of_its_quarters_of_an_hour(history: list[tuple[Move, int, int, int]]) -> None:
    """After any history each row of a UTC day is what its slots add up to, and no span of slots holds it."""
    world = told(history)
    sums: Changes = {}
    for (slot, *key), (count, amount) in folded(world).items():
        if slot not in (EVER, AGREEMENT):
            both = sums.setdefault((DAY + slot[:10], *key), [0, 0])  # type: ignore[arg-type]
            both[:] = both[0] + count, both[1] + amount
    assert sums == {key: both for key, both in everything(world).items() if key[0].startswith(DAY)}
    assert all(key[0] > "9999-12-31T23:45" for key in sums)


def test_a_day_of_a_zone_is_read_whole_where_it_is_one_of_utc() -> None:
    """Any other span of slots, longer, shorter or not from midnight to midnight, is read as it is."""
    assert rollup.span("2024-02-29T00:00", "2024-03-01T00:00") == (f"{DAY}2024-02-29", f"{DAY}2024-03-01")
    for other in (
        ("2024-02-29T00:00", "2024-03-02T00:00"),
        ("2024-02-28T23:00", "2024-02-29T23:00"),
        ("2024-03-31T00:00", "2024-03-31T23:00"),
        ("2024-10-26T23:00", "2024-10-28T00:00"),
    ):
        assert rollup.span(*other) == other


def test_a_purchase_shows_in_each_metric_that_it_should() -> None:
    """An enrolment, a click, a lead and purchases are counted once each, with what was paid, earned and given back."""
    world = World()
    world.publish()
    world.enrol("ann", "ANN")
    world.click("ANN", "v1")
    world.lead("bob", visitor="v1")
    world.buy("bob", 20_000, invoice="i1")
    world.buy("bob", 7_000, invoice="i2")
    world.buy("eve", 1_000, invoice="i3")
    world.refund("i1", 5_000, "r1")
    world.send(events.TouchesRecorded, source="edge", block="blk", count=7, digest="0" * 64, bots=4)
    world.send(events.TouchesRecorded, source="edge", block="blk2", count=2, digest="0" * 64, bots=2)
    world.click("ANN", "v2", bot=True)
    prg = world.program("main")
    assert folded(world) == {
        (SLOT, prg, "enrolled", "", "both"): [1, 0],
        (SLOT, "", "clicks", "", "both"): [1, 0],
        (SLOT, "", "bot_clicks", "", "both"): [1, 0],
        (SLOT, "", "redirects", "", "both"): [3, 0],
        (SLOT, "", "bot_redirects", "", "both"): [6, 0],
        (SLOT, "", "leads", "", "both"): [1, 0],
        (SLOT, prg, "attributed", "", "both"): [1, 0],
        (SLOT, "", "conversions", "EUR", "both"): [3, 28_000],
        (SLOT, prg, "qualified", "EUR", "both"): [1, 20_000],
        (SLOT, prg, "earned_advocate", "EUR", "both"): [1, 2_000],
        (SLOT, prg, "earned_friend", "EUR", "both"): [1, 500],
        (SLOT, prg, "refused:not_first", "", "both"): [1, 0],
        (SLOT, "", "refused:not_referred", "", "both"): [1, 0],
        (SLOT, "", "refunded", "EUR", "both"): [1, 5_000],
        (SLOT, prg, "reversed", "EUR", "both"): [1, 500],
        (EVER, prg, "expense", "EUR", "both"): [3, -2_000],
        (EVER, prg, "accrued", "EUR", "both"): [3, 2_000],
    }


def test_an_entry_counts_when_it_was_decided_and_when_it_occurred() -> None:
    """What is decided at midnight UTC belongs to the slot that begins; that in which it happened too, once where they are one."""
    world = World()
    for accepted_at in ("2024-02-29T23:59:59Z", "2024-03-01T00:00:00Z"):
        world.send(events.ClickRecorded, code="ANN", when="2024-02-28", accepted_at=calendar.parse(accepted_at))
    world.send(events.ClickRecorded, code="ANN", when=world.now)
    assert folded(world) == {
        ("2024-02-29T23:45", "", "clicks", "", "decided"): [1, 0],
        ("2024-03-01T00:00", "", "clicks", "", "decided"): [1, 0],
        ("2024-02-28T00:00", "", "clicks", "", "occurred"): [2, 0],
        ("2024-03-01T00:00", "", "clicks", "", "both"): [1, 0],
    }


def test_what_is_earned_late_occurred_when_its_conversion_did() -> None:
    """An order that a later lead has decided again earned, by ``occurred``, on its own day; the lead is of the day it happened."""
    world = World()
    world.publish()
    world.enrol("ann", "ANN")
    world.buy("bob", 3_000, invoice="i1", when="2024-01-05")
    world.lead("bob", code="ANN", when="2024-01-04", accepted_at=calendar.parse("2024-02-01T00:00:00Z"))
    found = {(slot[:10], metric): basis for slot, _, metric, _, basis in folded(world) if basis != "decided"}
    assert found["2024-01-05", "earned_advocate"] == found["2024-01-05", "qualified"] == "occurred"
    assert found["2024-01-04", "leads"] == "occurred"


def test_what_is_refused_as_a_whole_counts_as_refused_only() -> None:
    """A test order, a repeated invoice and an event from the future are no conversions, leads or clicks."""
    world = World()
    world.publish()
    world.send(events.ConversionRecorded, person="bob", invoice="i1", amount=1, currency="EUR", test=True)
    world.send(events.ConversionRecorded, person="bob", invoice="i2", amount=1, currency="EUR", status="open")
    world.buy("bob", 1_000, invoice="i3")
    world.send(events.ConversionRecorded, person="bob", invoice="i3", amount=1_000, currency="EUR")
    soon = world.now + calendar.DAY
    world.send(events.LeadCreated, person="bob", when=soon, accepted_at=world.now)
    world.send(events.ClickRecorded, code="ANN", when=soon, accepted_at=world.now)
    assert {metric: found for (_, _, metric, _, basis), found in folded(world).items() if basis != "occurred"} == {
        "conversions": [1, 1_000],
        "refused:not_referred": [1, 0],
        "refused:test_event": [1, 0],
        "refused:not_paid": [1, 0],
        "refused:duplicate_conversion": [1, 0],
        "refused:in_future": [2, 0],
    }


def test_a_lead_counts_once_whatever_comes_of_it() -> None:
    """One that a page said, one without a touch and one that is attributed are a lead each; that it is confirmed later is none."""
    world = World()
    world.publish()
    world.enrol("ann", "ANN")
    world.lead("bob", visitor="v1", code="ANN", unverified=True)
    world.lead("eve")
    world.lead("bob", visitor="v1")
    figures = totals(folded(world))
    assert {metric: figures["", metric, "", "count"] for metric in ("leads", "refused:unverified_lead")} == {
        "leads": 3,
        "refused:unverified_lead": 1,
    }
    assert figures[world.program("main"), "attributed", "", "count"] == 1


def test_a_conversion_counts_as_qualified_once_whatever_its_sides() -> None:
    """Both sides, one of them refused by its cap, or a late lead: the conversion qualifies once, with what was paid."""
    world = start()
    figures = totals(folded(world))
    prg = world.program("main")
    assert figures[prg, "qualified", "EUR", "count"] == 2
    assert figures[prg, "qualified", "EUR", "amount"] == 40_000
    late = World()
    late.publish()
    late.enrol("ann", "ANN")
    late.buy("bob", 3_000, invoice="i1")
    late.lead("bob", code="ANN")
    figures = totals(folded(late))
    assert figures[late.program("main"), "qualified", "EUR", "amount"] == 3_000
