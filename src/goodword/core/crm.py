"""How sure it is that a record of a CRM is somebody whom the log knows, and by what: exact, probable or possible.

What the company itself calls somebody, and a mailbox that was shown to be theirs, names one person. A company is shared by colleagues,
and whoever stands in the pipeline beside a deal need not be who buys. A name says little. What is not exact is shown to people, who
decide; nothing is written or bound by it. Must not know: any CRM, who asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from goodword.core import companies
from goodword.core.confidence import LEVELS
from goodword.core.state import Customer

#: By what a record is somebody -> how sure that is, the surest first.
SURE: Final = {
    "external_id": "exact",
    "mail": "exact",
    "association": "probable",
    "company_ref": "probable",
    "domain": "probable",
    "name": "possible",
}
#: By which sign somebody belongs to a company (``companies.Sign``) -> by what a record is then somebody there.
_SIGNS: Final = {"company": "company_ref", "domain": "domain", "mail": "domain", "name": "name"}
_NOBODY: Final = frozenset[str]()


class Record(Struct, frozen=True):
    """What a record says of whom it is about, or what is known of a person; all in canonical form.

    ``names``: what they are called, by the company or by the CRM; ``mails``: shown by a signed source to be theirs; ``near``: whom
    it is associated with in the pipeline; ``refs``, ``domains``, ``companies``: their company as CRMs call it, its domains, its names.
    """

    names: frozenset[str] = _NOBODY
    mails: frozenset[str] = _NOBODY
    near: frozenset[str] = _NOBODY
    refs: frozenset[str] = _NOBODY
    domains: frozenset[str] = _NOBODY
    companies: frozenset[str] = _NOBODY


class Match(Struct, frozen=True):
    """A record is a person. ``by``: one of ``SURE``; ``confidence``: how sure that is."""

    person: str
    by: str
    confidence: str

    @property
    def binds(self) -> bool:
        """Whether anything may be written by it: by what is exact alone."""
        return self.confidence == LEVELS[0]


def of_company(customers: Iterable[Customer]) -> dict[str, frozenset[str]]:
    """Return to which companies people belong, as a ``Record`` has it: the domain of a mail where strangers have no addresses too."""
    found: dict[str, set[str]] = {"company_ref": set(), "domain": set(), "name": set()}
    for customer in customers:
        for sign in companies.signs(customer):
            found[_SIGNS[sign.by]].add(sign.company)
    refs, domains, names = (frozenset(found[by]) for by in ("company_ref", "domain", "name"))
    return {"refs": refs, "domains": domains, "companies": names}


def match(record: Record, person: str, known: Record) -> Match | None:
    """Return by what a record is a person, the surest; None: by nothing."""
    equal = {
        "external_id": not record.names.isdisjoint(known.names),
        "mail": not record.mails.isdisjoint(known.mails),
        "association": not record.near.isdisjoint(known.names),
        "company_ref": not record.refs.isdisjoint(known.refs),
        "domain": not record.domains.isdisjoint(known.domains),
        "name": not record.companies.isdisjoint(known.companies),
    }
    return next((Match(person, by, sure) for by, sure in SURE.items() if equal[by]), None)


def ranked(found: Iterable[Match]) -> list[Match]:
    """Return matches, the surest first."""
    return sorted(found, key=lambda it: ([*SURE].index(it.by), it.person))
