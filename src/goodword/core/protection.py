"""What an accepted registration brings: its contact, and for as long as it protects, whoever of the company no touch brings.

It must not know who decides registrations, or how (``deals``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from goodword.core import companies
from goodword.core.state import Customer, Lead, Prospect, Registration, State

#: What gives a row, if there is one.
Get = Callable[[type[Any], str], Any]


def touches(get: Get, lead: Lead, customer: Customer, *, alone: bool) -> Iterator[tuple[Registration, str]]:
    """Yield the registrations that brought a lead, each with how. ``alone``: nothing else did.

    A colleague is known by what their sender says of the company, its domain or its id: companies of one name are many, and a mail's
    domain is a hint, which binds nobody.
    """
    if lead.registration is not None:
        registration: Registration = get(Registration, lead.registration)
        if registration.status != "withdrawn":
            yield registration, "contact"
        return
    found: dict[str, Registration] = {}
    for sign in companies.signs(customer) if alone else ():
        prospect = get(Prospect, sign.company) if sign.sure else None
        for id_ in prospect.registrations if prospect is not None else ():
            registration = get(Registration, id_)
            named = sign.company in (registration.company_domain, registration.company_ref)
            if named and registration.protects(lead.at):
                found[id_] = registration
    yield from ((registration, "company") for registration in found.values())


def waiting(get: Get, before: Customer, now: Customer) -> list[tuple[Lead, list[Registration]]]:
    """Return the leads that no touch has won of somebody who turns out to belong to a company, each with what protected it then."""
    if not now.waiting or [*companies.signs(before)] == [*companies.signs(now)]:
        return []
    leads = [lead for id_ in now.waiting if (lead := get(Lead, id_)).registration is None]
    found = [(lead, [it for it, _ in touches(get, lead, now, alone=True)]) for lead in leads]
    return [(lead, its) for lead, its in found if its]


def codes(state: State, lead: Any, customer: Customer | None) -> set[str]:
    """Return the codes by which registrations may bring a lead, whatever else does."""
    if state.lacks(Prospect):
        return set()
    named = state.get(Registration, lead.registration) if type(lead) is Lead and lead.registration else None
    found = {named.code} if named is not None else set()
    known = customer or Customer(person=lead.person)
    told = companies.after(known, lead) if companies.says(lead) else known
    for company in {sign.company for it in (known, told) for sign in companies.signs(it) if sign.sure}:
        prospect = state.get(Prospect, company)
        for id_ in prospect.registrations if prospect is not None else ():
            its = state.get(Registration, id_)
            if its is not None:
                found.add(its.code)
    return found
