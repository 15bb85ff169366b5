"""What CRMs share: a record of theirs is told anew each time that it changed, and each telling is an event of its own.

A record has no events, only what it holds now. So an event's id is made of the record, of when it was changed and of what is said: the
same telling is a repeat, in whatever order and however often it comes, and what was changed back is told once more.
Must not know: any CRM's format.
"""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import msgspec

from goodword.sources.fields import MAX_NAME
from goodword.sources.identity import company_domain
from goodword.sources.told import WrongError, currency_of, figure

_encode = msgspec.json.Encoder(order="deterministic").encode

#: What goes out of a mapping before it is checked: the fields of an event.
Made = dict[str, Any]
#: Said in the query of the address that a CRM is given: a deal that is won is an order too. Else invoices come from billing.
CONVERSIONS: Final = ("deals", "conversions")
#: So many contacts of a deal are told beside the first.
MOST_CONTACTS: Final = 20


class Company(NamedTuple):
    """A company as a CRM calls it: its id there, its domain and its name."""

    id: str | None = None
    domain: str | None = None
    name: str | None = None


class Deal(NamedTuple):
    """A deal as a CRM holds it. ``customer``: what its first contact is called here; ``status``: open, won or lost.

    ``contacts``: what the others are called, so many as are kept; ``was_won``: the CRM says that one that is lost was won before.
    """

    id: str
    at: Any
    status: str
    customer: str | None = None
    company: Company = Company()
    stage: str | None = None
    amount: int | None = None
    currency: str | None = None
    opened_at: Any = None
    closed_at: Any = None
    code: str | None = None
    registration: str | None = None
    was_won: bool = False
    contacts: tuple[str, ...] = ()


def told(kind: str, record: str, made: Made) -> Made:
    """Return an event with the id of what is told of a record; what says nothing is left out."""
    said = {name: value for name, value in made.items() if value not in (None, "", (), [], {})}
    digest = sha256(_encode(said)).hexdigest()[:24]
    return {**said, "id": f"{kind}.{record}.{digest}"[:MAX_NAME]}


def customer(source: str, record: str, own: str | None, at: Any, said: Made) -> Iterator[Made]:
    """A contact is a customer: called as the company calls them, if the record says how, else by the record.

    Who is called both is one person, which the record itself says, once for good: what it says otherwise later is a conflict that
    staff see. Who was two by mistake can be told apart by nobody any more.
    """
    theirs = named(source, record)
    if own is not None and own != theirs:
        yield {
            "type": "person.merged",
            "id": f"same.{record}",
            "keep_external_id": own,
            "gone_external_id": theirs,
        }
    known = {name: value for name, value in said.items() if value}
    if known:
        who = {"type": "customer.updated", "customer_external_id": own or theirs, "occurred_at": at}
        yield told("contact", record, {**who, **known})


def lead(source: str, record: str, own: str | None, at: Any, code: str | None) -> Iterator[Made]:
    """A contact whose form or property has a code is a lead, once for each code."""
    if code is not None:
        who = {"type": "lead.created", "customer_external_id": own or named(source, record), "code": code}
        yield {**who, "occurred_at": at, "id": f"lead.{record}.{sha256(code.encode()).hexdigest()[:24]}"}


def deal(source: str, deal: Deal, *, conversions: bool = False) -> Iterator[Made]:
    """A deal is reported as it stands; one that is won is an order too, where the company wants it so, until it is lost again.

    That it was lost after it was won is known by all that was told of it, and not here.
    """
    id_, amount = f"{source}.{deal.id}", deal.amount if deal.currency is not None else None
    yield told(
        "deal",
        deal.id,
        {
            "type": "deal.reported",
            "occurred_at": deal.at,
            "deal_id": id_,
            "status": deal.status,
            "company": deal.company.name,
            "company_domain": company_domain(deal.company.domain or ""),
            "company_id": named(source, deal.company.id) if deal.company.id is not None else None,
            "customer_external_id": deal.customer,
            "contact_external_ids": [name for name in dict.fromkeys(deal.contacts) if name != deal.customer][
                :MOST_CONTACTS
            ],
            "stage": deal.stage,
            "amount": amount,
            "currency": deal.currency if amount is not None else None,
            "opened_at": deal.opened_at,
            "code": deal.code,
            "registration_id": deal.registration,
            "orders": conversions or None,
            "was_won": (conversions and deal.status == "lost" and deal.was_won) or None,
        },
    )
    if conversions and deal.status == "won" and deal.customer is not None and amount:
        yield {
            "type": "conversion.recorded",
            "id": f"won.{deal.id}",
            "occurred_at": _closed(deal),
            "customer_external_id": deal.customer,
            "invoice_id": id_,
            "amount": amount,
            "currency": deal.currency,
            "code": deal.code,
        }


def _closed(deal: Deal) -> Any:
    """Return when a deal was won: a day that was planned may still be ahead, and what is ahead did not happen."""
    both = isinstance(deal.closed_at, datetime) and isinstance(deal.at, datetime)
    return min(deal.closed_at, deal.at) if both else deal.closed_at


def named(source: str, record: str) -> str:
    """Return what a record is called here."""
    return f"{source}:{record}"


def company(domain: str | None, name: str | None) -> str | None:
    """Return what a company is called: by its domain, which is one company's, else by its name."""
    return company_domain(domain or "") or name


def amount(said: Any, currency: Any) -> tuple[int, str] | tuple[None, None]:
    """Return what a deal is worth, in which currency; None where nothing is said. Raises WrongError, of what is below nought too."""
    if said is None:
        return None, None
    currency = currency_of(currency)
    worth = figure(said, currency, "amount")
    if worth < 0:
        raise WrongError("invalid_value", "amount")
    return worth, currency


def wants_conversions(url: str) -> bool:
    """Return whether the address that a CRM was given says that deals are orders."""
    try:
        return CONVERSIONS in parse_qsl(urlsplit(url).query, max_num_fields=20)
    except ValueError:
        return False
