"""Customers: what the company says of them. Being known already makes a person an existing customer."""

from __future__ import annotations

from msgspec.structs import replace

from goodword.core import late_proof
from goodword.core.decision import Verdict
from goodword.core.draft import Draft
from goodword.core.events import CustomerKnown, CustomerUpdated
from goodword.core.facts import Told
from goodword.core.state import Customer


def known(draft: Draft, event: CustomerKnown, told: Told) -> None:
    """The person was a customer since an instant; the earliest one counts. What others earned by them as somebody new waits."""
    customer = draft.get(Customer, event.person) or Customer(person=event.person)
    since = event.since if customer.known_since is None else min(customer.known_since, event.since)
    draft.put(replace(customer, known_since=since))
    draft.say(Verdict(about="event", outcome="recorded"))
    late_proof.look(draft, told, event.person, newly=True)


def updated(draft: Draft, event: CustomerUpdated) -> None:
    """Declared traits are set; others stay."""
    customer = draft.get(Customer, event.person) or Customer(person=event.person)
    draft.put(replace(customer, traits={**customer.traits, **event.traits}))
    draft.say(Verdict(about="event", outcome="recorded"))
