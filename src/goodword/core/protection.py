"""What an accepted registration brings: its contact, and for as long as it protects, whoever of the company no touch brings.

It must not know who decides registrations, or how (``deals``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from goodword.core.state import Customer, Lead, Prospect, Registration, State

#: What gives a row, if there is one.
Get = Callable[[type[Any], str], Any]


def touches(get: Get, lead: Lead, customer: Customer, *, alone: bool) -> Iterator[tuple[Registration, str]]:
    """Yield the registrations that brought a lead, each with how. ``alone``: nothing else did.

    Companies of one name are many, so that a colleague is known by the domain or by what the CRM calls the company.
    """
    if lead.registration is not None:
        registration: Registration = get(Registration, lead.registration)
        if registration.status != "withdrawn":
            yield registration, "contact"
        return
    prospect = get(Prospect, customer.company) if alone and customer.company is not None else None
    for id_ in prospect.registrations if prospect is not None else ():
        registration = get(Registration, id_)
        if registration.protects(lead.at) and customer.company in (
            registration.company_domain,
            registration.company_ref,
        ):
            yield registration, "company"


def codes(state: State, lead: Any, customer: Customer | None) -> set[str]:
    """Return the codes by which registrations may bring a lead, whatever else does."""
    if state.lacks(Prospect):
        return set()
    named = state.get(Registration, lead.registration) if type(lead) is Lead and lead.registration else None
    found = {named.code} if named is not None else set()
    company = (customer.company if customer is not None else None) or getattr(lead, "company", None)
    prospect = state.get(Prospect, company) if company is not None else None
    for id_ in prospect.registrations if prospect is not None else ():
        its = state.get(Registration, id_)
        if its is not None:
            found.add(its.code)
    return found
