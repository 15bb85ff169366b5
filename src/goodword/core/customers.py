"""Customers: what the company says of them. Being known already makes a person an existing customer."""

from __future__ import annotations

from msgspec.structs import replace

from goodword.core import semantics, settlement
from goodword.core.decision import Step, Verdict
from goodword.core.draft import Draft
from goodword.core.events import CustomerKnown, CustomerUpdated
from goodword.core.stages import matching
from goodword.core.state import Conversion, Customer, Flag, Referral, Reward


def known(draft: Draft, event: CustomerKnown) -> None:
    """The person was a customer since an instant; the earliest one counts."""
    customer = draft.get(Customer, event.person) or Customer(person=event.person)
    since = event.since if customer.known_since is None else min(customer.known_since, event.since)
    now = draft.put(replace(customer, known_since=since))
    draft.say(Verdict(about="event", outcome="recorded"))
    for id_ in now.referrals:
        found_out(draft, draft.need(Referral, id_), customer, now)


def found_out(draft: Draft, referral: Referral, before: Customer, now: Customer) -> None:
    """Open a case on what a friend's orders earned by a referral, if it turns out now that they were a customer before it.

    What they earn from now on is flagged by itself (``signals.existing_customer``).
    """
    if not shows_late(referral, before, now) or draft.semantics < semantics.LATE_OF_BEFORE:
        return
    if not draft.rules_of(referral.rules).new_customers_only:
        return
    ids = [id_ for order in draft.of(Conversion, "person", now.person) for id_ in order.rewards]
    rewards = [each for id_ in ids if (each := draft.need(Reward, id_)).referral == referral.id and each.amount]
    if not rewards:
        return
    seen = {"first_conversion_at": now.first_conversion_at, "known_since": now.known_since}
    flag = Flag("existing_customer", {**seen, "lead_at": referral.lead_at})
    case = settlement.open_case(draft, "flags", rewards[0].conversion, referral.program, [flag], rewards)
    steps = (Step("flag", {"code": flag.code, **flag.evidence}), Step("case", {"case": case.id}))
    draft.say(Verdict(about="event", outcome="recorded", program=referral.program, subject=case.subject, steps=steps))


def shows_late(referral: Referral, before: Customer, now: Customer) -> bool:
    """Whether somebody who was new when they were recommended is so no longer."""
    return matching.is_new(before, referral.lead_at) and not matching.is_new(now, referral.lead_at)


def updated(draft: Draft, event: CustomerUpdated) -> None:
    """Declared traits are set; others stay."""
    customer = draft.get(Customer, event.person) or Customer(person=event.person)
    draft.put(replace(customer, traits={**customer.traits, **event.traits}))
    draft.say(Verdict(about="event", outcome="recorded"))
