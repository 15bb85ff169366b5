"""Who is enrolled by a rule: a customer whose order is one that the rules name, and who agreed to take part.

It is looked at behind an order and behind a consent, and said by a verdict of its own: what the order earns others is another matter.
"""

from __future__ import annotations

from collections.abc import Iterator

from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import ConsentRecorded, ConversionRecorded, Event
from goodword.core.rules import Enrol
from goodword.core.stages import eligibility, matching
from goodword.core.state import Advocate, Code, Conversion, Customer, Program

#: What a verdict about it is about.
ABOUT = "enrolment"


def asks(event: Event, rule: Enrol | None) -> bool:
    """Whether a rule is looked at behind an event: an order of its name, or its consent that is given."""
    if rule is None:
        return False
    if isinstance(event, ConversionRecorded):
        return event.name == rule.on
    return isinstance(event, ConsentRecorded) and (event.purpose, event.outcome) == (rule.consent, "given")


def follow(draft: Draft, event: Event) -> None:
    """Enrol who did what a rule of a program names."""
    if not isinstance(event, ConversionRecorded | ConsentRecorded):
        return
    for program in draft.programs():
        rule = draft.rules_of(program.versions[-1][1]).enrol if program.versions else None
        if rule is None or not asks(event, rule) or eligibility.status(draft, program, event.occurred_at) != "active":
            continue
        if draft.get(Advocate, (program.id, event.person)) is None:
            _look(draft, event, program, rule)


def _look(draft: Draft, event: ConversionRecorded | ConsentRecorded, program: Program, rule: Enrol) -> None:
    customer = draft.get(Customer, event.person)
    found = next(_meeting(draft, event, rule), None)
    if found is None or customer is None:
        return
    number, order = found
    step = Step("enrolled_by", {"on": rule.on, "order": order.id, "number": number, "nth": rule.nth})
    agreed = customer.consents.get(rule.consent)
    if agreed is None or not agreed.holds(draft.as_of):
        lacks = Step("consent_missing", {"purpose": rule.consent})
        draft.say(refused(ABOUT, "consent_to_join_missing", step, lacks, program=program.id, subject=event.person))
        return
    advocate = Advocate(
        program=program.id,
        person=event.person,
        id=draft.id("adv", "advocate", program=program.id),
        status="active",
        enrolled_at=event.occurred_at,
        terms=False,
        codes=(draft.id("cod", "code", program=program.id),),
    )
    draft.put(advocate)
    draft.put(Code(id=advocate.codes[0], program=program.id, person=event.person))
    steps = (step, Step("code", {"code": advocate.codes[0]}))
    draft.say(Verdict(about=ABOUT, outcome="enrolled", program=program.id, subject=advocate.id, steps=steps))


def _meeting(
    draft: Draft, event: ConversionRecorded | ConsentRecorded, rule: Enrol
) -> Iterator[tuple[int, Conversion]]:
    """Yield the orders of somebody that a rule names, which count, with their number; behind an order it is that one alone."""
    orders = [it for it in draft.of(Conversion, "person", event.person) if it.status == "paid" and it.name == rule.on]
    orders = [it for it in orders if it.amount is None or it.back.amount < it.amount]
    customer = draft.get(Customer, event.person)
    for number, order in enumerate(sorted(orders, key=lambda it: (it.at, it.id)), 1):
        its = isinstance(event, ConsentRecorded) or order.evt == event.evt
        if its and number >= rule.nth and customer is not None and matching.meets(rule.conditions, customer, order):
            yield number, order
