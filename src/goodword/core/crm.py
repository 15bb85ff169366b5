"""How sure it is that a record of a CRM is somebody whom the log knows, and by what: exact, probable or possible.

What the company itself calls somebody, and a mailbox that was shown to be theirs, names one person. A domain is shared by colleagues,
and whoever stands in the pipeline beside a deal need not be who buys. A name says little: what is no more than possible is shown
to people, and nothing is written by it. Must not know: any CRM, who asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from goodword.core.confidence import LEVELS

#: By what a record is somebody -> how sure that is, the surest first.
SURE: Final = {
    "external_id": "exact",
    "mail": "exact",
    "association": "probable",
    "domain": "probable",
    "name": "possible",
}


class Record(Struct, frozen=True):
    """What a record says of whom it is about, or what is known of a person; all in canonical form.

    ``names``: what they are called, by the company or by the CRM; ``mails``: shown by a signed source to be theirs; ``near``: whom
    it is associated with in the pipeline; ``company``: what their company is called.
    """

    names: frozenset[str] = frozenset()
    mails: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    domain: str | None = None
    company: str | None = None


class Match(Struct, frozen=True):
    """A record is a person. ``by``: one of ``SURE``; ``confidence``: how sure that is."""

    person: str
    by: str
    confidence: str

    @property
    def binds(self) -> bool:
        """Whether anything may be written by it: not by what is only possible."""
        return self.confidence != LEVELS[-1]


def match(record: Record, person: str, known: Record) -> Match | None:
    """Return by what a record is a person, the surest; None: by nothing."""
    equal = {
        "external_id": not record.names.isdisjoint(known.names),
        "mail": not record.mails.isdisjoint(known.mails),
        "association": not record.near.isdisjoint(known.names),
        "domain": record.domain is not None and record.domain == known.domain,
        "name": record.company is not None and record.company == known.company,
    }
    return next((Match(person, by, sure) for by, sure in SURE.items() if equal[by]), None)


def surest(found: Iterable[Match]) -> tuple[Match, ...]:
    """Return the surest of several, all that are as sure: where they are several persons, none of them is more likely."""
    matches = sorted(found, key=lambda it: (LEVELS.index(it.confidence), it.by, it.person))
    return tuple(it for it in matches if it.confidence == matches[0].confidence)
