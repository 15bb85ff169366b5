"""What one decision costs and leaves does not grow with what went before it, or with how long a list is."""

import json
import sys
from typing import Any

import pytest
from testkit.stories import tell
from testkit.world import CLERK, OWNER, World, advocate, rules
from tests.core.independent_checker import lists_of, recompute
from tests.core.test_loading import loaded

from goodword.core import events, lists, needs
from goodword.core.calendar import DAY, MINUTE
from goodword.core.entry import Asked
from goodword.core.events import Line
from goodword.core.facts import Actor, Facts
from goodword.core.semantics import CURRENT
from goodword.core.state import Conversion

CODES = [f"sku-{n}" for n in range(20_000)]


def bought(kind: str, any_of: list[str], *, semantics: int = CURRENT, **order: Any) -> World:
    """Return a workspace with one rule that has a list, in which bob bought once."""
    made = World()
    made.publish(
        {
            "program": "main",
            "currency": "EUR",
            "conversions": [{"rewards": [advocate(percent="10")], "conditions": [{"kind": kind, "any_of": any_of}]}],
        }
    )
    made.enrol("ann")
    tell(made, "02-01 lead bob code=ANN")
    made.semantics = semantics
    made.buy("bob", 10_000, "02-02", **order)
    return made


LINES = {"lines": (Line(id="1", product="sku-7", brand="sku-7", amount=10_000),)}


@pytest.mark.parametrize(("kind", "order"), [("product", LINES), ("brand", LINES), ("country", {"country": "DE"})])
def test_a_long_list_adds_at_most_a_hundred_bytes_to_an_entry(kind: str, order: dict[str, Any]) -> None:
    """26: an order's entry names a list of 20,000 by its digest; it is as long as that of a list of one, but for 100 bytes."""
    one, many = ["sku-7"], CODES
    if kind == "country":
        one, many = ["DE"], [f"{chr(65 + n % 26)}{chr(65 + n // 26 % 26)}" for n in range(676)]
    short, long = bought(kind, one, **order), bought(kind, many, **order)
    assert 0 < len(long.leaves[-1]) - len(short.leaves[-1]) <= 100
    assert [reward.amount for reward in long.rewards()] == [1_000]


def test_a_list_named_by_its_digest_is_found_in_the_version_of_the_rules() -> None:
    """26: an outsider finds the list by its digest in the rules that the steps name, and works the verdict out again."""
    made = bought("product", CODES, **LINES)
    verdict = json.loads(made.leaves[-1])["verdicts"][-1]
    steps = dict(verdict["steps"])
    lists = lists_of(json.loads(made.versions[steps["terms"]["rules"]].text))
    assert steps["condition"]["size"] == len(lists[steps["condition"]["list"]]) == 20_000
    assert steps["condition"]["found"] == ["sku-7"]
    assert recompute(verdict, lists) == (None, 1_000)


def test_a_short_list_stands_in_its_step() -> None:
    """A list of twenty can be read where it is told."""
    [(_, step)] = [
        step
        for step in json.loads(bought("product", CODES[:20], **LINES).leaves[-1])["verdicts"][-1]["steps"]
        if step[0] == "condition"
    ]
    assert step["any_of"] == CODES[:20]


def test_under_the_first_behaviour_a_list_stands_whole_in_its_step() -> None:
    """What was decided with the whole list in its explanation is decided so again."""
    made = bought("product", CODES[:21], semantics=1, **LINES)
    steps = dict(json.loads(made.leaves[-1])["verdicts"][-1]["steps"])
    assert steps["condition"]["any_of"] == CODES[:21]


def looked_at(made: World, event: events.AnyEvent, actor: Actor | None = None) -> int:
    """Return how many rows are fetched to decide an event, behind what every decision has."""
    asked = Asked(event=event, facts=made.facts(event, actor), semantics=CURRENT)
    state = loaded(made, [asked], made.as_of).state
    before = sum(len(list(made.state.all(noun))) for noun in needs.ALWAYS)
    return sum(map(len, state.tables.values())) - before


def order(made: World, n: int, **more: Any) -> events.ConversionRecorded:
    """Return a further order of bob, of the amount of all others; ``n`` says when."""
    said = {"person": "bob", "invoice": f"bob-{n}", "amount": 10_000, "currency": "EUR", "source": "native", **more}
    stamp = {"occurred_at": made.now, "accepted_at": made.now}
    return events.ConversionRecorded(evt=made.evt(), **stamp, **said)


@pytest.mark.parametrize("minutes", [0, 1, 60])
@pytest.mark.parametrize("more", [{}, {"code": "ANN"}, {"visitor": "v1"}])
def test_a_further_order_of_a_customer_looks_at_no_more_than_the_first(minutes: int, more: dict[str, Any]) -> None:
    """24: behind sixty orders as many rows are fetched as behind six, also where all are paid alike at once or carry a code."""
    made = World(checked=False)
    made.publish(rules(conversion={"counts": {"months": 12}}))
    made.enrol("ann")
    tell(made, "02-01 click ANN v1\n02-01 lead bob code=ANN")
    found = []
    for n in range(60):
        made.tick(made.now + minutes * MINUTE)
        event = order(made, n, **more)
        if n in (6, 59):
            found.append(looked_at(made, event))
        made.step(event, made.facts(event))
    assert len(made.rewards(side="advocate")) == 60
    assert found[1] <= found[0]


def test_an_order_of_an_unbound_customer_with_nothing_to_bind_by_looks_at_no_other() -> None:
    """24: who buys as a guest of a shop, with a cookie that nobody knows, is looked at by the order alone."""
    made = World(checked=False)
    made.publish()
    found = []
    for n in range(60):
        event = order(made, n, visitor=f"v{n}")
        if n in (6, 59):
            found.append(looked_at(made, event))
        made.step(event, made.facts(event))
    assert found[1] - found[0] <= 53 + 8  # its browsers, each once, and what waits by the first ten of them


def test_a_further_refund_of_an_invoice_looks_at_no_more_than_the_first() -> None:
    """24: behind sixty refunds as many rows are fetched as behind six; before the order too."""
    made = World()
    made.publish()
    made.referred(invoice="paid")
    stamp = {"occurred_at": made.now, "accepted_at": made.now, "source": "native"}
    for invoice in ("paid", "not yet"):
        found = []
        for n in range(60):
            event = events.ConversionRefunded(evt=made.evt(), invoice=invoice, refund=str(n), amount=1, **stamp)
            if n in (6, 59):
                found.append(looked_at(made, event))
            made.step(event, made.facts(event))
        assert found[0] == found[1]
    made.buy("bob", 10_000, invoice="not yet")
    assert {(c.back.amount, c.waiting) for c in made.state.all(Conversion)} == {(60, 0)}


def test_of_many_paid_alike_the_first_stands_for_all() -> None:
    """24: each order of the same amount within ten minutes of another is flagged, and no other."""
    made = World()
    made.publish(rules(conversion={"counts": {"months": 12}}))
    made.enrol("ann")
    made.lead("bob", code="ANN")
    begun = made.now
    for minute in (0, 1, 2, 12, 22, 31):
        made.tick(begun + minute * MINUTE)
        made.buy("bob", 10_000, invoice=f"bob-{minute}")
    flagged = [case.subject for case in made.cases() if case.kind == "flags"]
    assert sorted(flagged) == ["inv:bob-1", "inv:bob-2", "inv:bob-31"]


@pytest.mark.parametrize("status", ["pending", "in_review"])
def test_a_refund_of_a_suspended_advocate_looks_at_no_more_than_another(status: str) -> None:
    """25: of a case that names sixty rewards a refund of one of them looks at no other, nor at the case."""
    made = World(checked=False)
    made.publish()
    for n in range(60):
        made.referred(f"bob{n}", by="ann", invoice=f"inv{n}")
    made.referred("bea", by="amy", invoice="other")
    if status == "in_review":
        made.tick(made.now + 60 * DAY)
    made.send(events.AdvocateSuspended, person="ann")
    [case] = made.cases(status="open")
    assert len(case.rewards) == 60
    stamp = {"occurred_at": made.now, "accepted_at": made.now, "source": "native", "refund": "r", "amount": 1_000}
    theirs, others = (events.ConversionRefunded(evt=made.evt(), invoice=one, **stamp) for one in ("inv7", "other"))
    assert looked_at(made, theirs) == looked_at(made, others)
    lowered = made.step(theirs, made.facts(theirs))
    assert [v.amount for v in lowered.verdicts if v.outcome == "adjusted" and v.side == "advocate"] == [900]


def _of_long_list(what: str, count: int) -> tuple[World, events.AnyEvent, Actor]:
    """Return a workspace that owes a reward to each of so many, and a command about the payouts of all of them."""
    made = World(checked=False)
    made.publish(rules(hold="0d", rewards=[advocate(percent="10")]))
    for n in range(count):
        made.referred(f"friend{n}", by=f"a{n}")
    if what == "statement":
        payouts = made.paid(until="sent")
    elif what == "release":
        rewards = made.approved()
        made.tick(max(reward.due_at or 0 for reward in rewards))
        payouts = made.draft(*sorted({reward.beneficiary for reward in rewards}))
    else:
        payouts = []
        made.tick(max(reward.due_at or 0 for reward in made.approved()))
    stamp = {"evt": made.evt(), "source": "person", "occurred_at": made.now, "accepted_at": made.now}
    if what == "draft":
        people = tuple(sorted(reward.beneficiary for reward in made.rewards()))
        said = {"rail": "bank_file", "kinds": ("cash",), "unit": "EUR", "beneficiaries": people}
        return made, events.PayoutDrafted(**stamp, **said), CLERK
    if what == "release":
        items = made.items(payouts)
        return made, events.PayoutReleased(**stamp, items=items, list_sha256=lists.digest(items)), OWNER
    lines = tuple(
        events.BankLine(id=f"bkg_{n}", said="booked", payout=it.id, amount=-it.amount, unit="EUR")
        for n, it in enumerate(payouts)
    )
    named = {"file": "f", "form": "camt.053", "statement": "stm_1", "others": 0, "size": count}
    return made, events.StatementRead(**stamp, **named, lines=lines), OWNER


def _calls(made: World, event: events.AnyEvent, facts: Facts) -> tuple[int, list[str]]:
    """Return how many calls deciding an event takes, and what came of it."""
    found = 0

    def count(_: object, what: str, __: object) -> None:
        nonlocal found
        found += what in ("call", "c_call")

    sys.setprofile(count)
    try:
        decision = made.step(event, facts)
    finally:
        sys.setprofile(None)
    return found, [verdict.outcome for verdict in decision.verdicts]


@pytest.mark.parametrize("what", ["draft", "release", "statement"])
def test_a_payout_in_a_long_list_costs_no_more_than_in_a_short_one(what: str) -> None:
    """Of eighty payouts each takes as few rows, calls and bytes of the log as of twenty, to draft, to release or to complete it."""
    costs = []
    for count in (20, 80):
        made, event, actor = _of_long_list(what, count)
        facts = made.facts(event, actor)
        rows = looked_at(made, event, actor)
        calls, said = _calls(made, event, facts)
        assert rows >= count
        assert len(said) >= count or said == ["released"]
        assert not {"refused", "case_opened", "second_person_needed"} & set(said)
        costs.append([each / count for each in (rows, calls, len(made.leaves[-1]))])
    assert all(long <= short * 1.02 for short, long in zip(*costs, strict=True)), costs
