"""The source ``crm``: ``POST /hooks/crm/{workspace}``, where any CRM, or what stands between, says in our words what its records hold.

Flows of Salesforce's send the same (``salesforce``).

A record (``contact``, ``deal``), or a list of up to a thousand. It is signed by Standard Webhooks with a held secret, or brings that
secret itself, where a flow of a CRM can set a header and sign nothing. 200 with what became of each.
Must not know: a server or framework of HTTP, the database.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec

from goodword.sources import hooks, native, sales, standard
from goodword.sources.base import Problem, Request, Sender, Signature, Source
from goodword.sources.fields import CHECKED, MAX_NAME, PERSONAL, Treatment, used
from goodword.sources.native_read import MAX_BODY, MAX_ITEMS, UnreadableError
from goodword.sources.sales import Company, Deal, Made
from goodword.sources.told import Told, WrongError, checked, dicts, missing, token, when

_CONTACT: Final = {
    "record": CHECKED,
    "id": used("customer_external_id"),
    "customer_external_id": used("customer_external_id"),
    "updated_at": used("occurred_at"),
    "created_at": used("occurred_at"),
    "email": PERSONAL,
    "phone": PERSONAL,
    "name": PERSONAL,
    "language": used("language"),
    "country": used("country"),
    "company.name": used("company"),
    "company.domain": used("company"),
    "code": used("code"),
}
_DEAL: Final = {
    "record": CHECKED,
    "id": used("deal_id"),
    "updated_at": used("occurred_at"),
    "created_at": used("opened_at"),
    "closed_at": used("occurred_at"),
    "status": used("status"),
    "was_won": used("was_won"),
    "stage": used("stage"),
    "amount": used("amount"),
    "currency": used("currency"),
    "company.id": used("company_id"),
    "company.name": used("company"),
    "company.domain": used("company_domain"),
    "contact.id": used("customer_external_id"),
    "contact.customer_external_id": used("customer_external_id"),
    "contacts": used("contact_external_ids"),
    "code": used("code"),
    "registration_id": used("registration_id"),
}
#: Path -> treatment; of what is used ``to`` is the field of the native event.
FIELDS: Final[Mapping[str, Treatment]] = {
    **{f"contact.{path}": treatment for path, treatment in _CONTACT.items()},
    **{f"deal.{path}": treatment for path, treatment in _DEAL.items()},
}
_RECORD = re.compile("[A-Za-z0-9_-]{1,40}")
_OWN: Final = "customer_external_id"
_MOST: Final = sales.MOST_CONTACTS + 1  # who is named first may be among them
_SALESFORCE = re.compile("00[136Q][A-Za-z0-9]{15}")
_SHORT: Final = 15
_decode = msgspec.json.Decoder(dict[str, Any] | list[dict[str, Any]], float_hook=Decimal).decode


class Record(NamedTuple):
    """A record as it came. ``source``: which CRM's; ``conversions``: see ``sales``.

    ``others``: of one that came in other words, the fields that nobody knows.
    """

    source: str
    object: Mapping[str, Any]
    conversions: bool = False
    others: tuple[str, ...] | None = None


def read(source: str, request: Request) -> list[Record]:
    """Return the records of a request. Raises RefusedError."""
    found = hooks.read(request.body, _decode, "The body is neither a record (an object) nor an array of records.")
    records = [found] if isinstance(found, dict) else found
    if len(records) > MAX_ITEMS:
        raise UnreadableError("too_many_events")
    conversions = sales.wants_conversions(request.url)
    return [Record(source, one, conversions) for one in records]


class _Told(Told):
    """What a record says."""

    @property
    def id(self) -> str:
        """Its id in the CRM. Raises WrongError."""
        found = self.value("id")
        text = str(found) if type(found) is int else found
        return _named(text) if isinstance(text, str) and _RECORD.fullmatch(text) else missing("id")

    def name(self, path: str) -> str | None:
        """Return a name; a number is its digits."""
        found = self.value(path)
        return str(found) if type(found) is int else self.text(path, MAX_NAME)

    def own(self, path: str) -> str | None:
        """Return what the company calls somebody, or a code. Raises WrongError for what can be neither: it would be somebody else's."""
        if (named := self.name(path)) is None and self.value(path) is not None:
            raise WrongError("invalid_value", path)
        return named

    def token(self, path: str) -> str | None:
        """Return a token. Raises WrongError for a text that is none."""
        found = self.value(path)
        if found is not None and (not isinstance(found, str) or token(found) is None):
            raise WrongError("invalid_value", path)
        return found

    def at(self, path: str) -> datetime | None:
        """Return a time. Raises WrongError for what is none."""
        if (at := when(found := self.value(path))) is None and found is not None:
            raise WrongError("invalid_value", path)
        return at


def to_native(record: Record) -> Sequence[native.Wire] | Problem:
    """Return what a record means here, or what is wrong with it."""
    kind, id_ = record.object.get("record"), record.object.get("id")
    make = _RECORDS.get(kind) if isinstance(kind, str) else None
    if make is None:
        return Problem("unknown_type", "record", str(id_)[:MAX_NAME] if id_ is not None else None)
    try:
        return [checked(made) for made in make(_Told(FIELDS, str(kind), record.object), record)]
    except WrongError as wrong:
        return msgspec.structs.replace(wrong.problem, id=f"{kind}.{id_}"[:MAX_NAME])


def _contact(told: _Told, record: Record) -> Iterator[Made]:
    own, at = told.own("customer_external_id"), told.at("updated_at")
    said = {name: told.text(name) for name in ("email", "phone", "name", "language", "country")}
    said["company"] = sales.company(told.name("company.domain"), told.name("company.name"))
    yield from sales.customer(record.source, told.id, own, at, said)
    yield from sales.lead(record.source, told.id, own, told.at("created_at") or at, told.own("code"))


def _deal(told: _Told, record: Record) -> Iterator[Made]:
    status = told.value("status")
    if status not in ("open", "won", "lost"):
        raise WrongError("missing_field" if status is None else "invalid_value", "status")
    amount, currency = sales.amount(told.value("amount"), told.value("currency"))
    contacts = _contacts(told, record)
    deal = Deal(
        id=told.id,
        at=told.at("updated_at"),
        status=status,
        customer=contacts[0] if contacts else None,
        contacts=tuple(contacts[1:]),
        company=Company(told.name("company.id"), told.name("company.domain"), told.name("company.name")),
        stage=told.token("stage"),
        amount=amount,
        currency=currency,
        opened_at=told.at("created_at"),
        closed_at=told.at("closed_at") or told.at("updated_at"),
        code=told.own("code"),
        registration=told.token("registration_id"),
        was_won=told.value("was_won") is True,
    )
    yield from sales.deal(record.source, deal, conversions=record.conversions)


def _contacts(told: _Told, record: Record) -> list[str]:
    """Return what the contacts of a deal are called: ``contact`` first, whom ``contacts`` need not name; of many the first few."""
    contact, own = told.value("contact.id"), told.own(f"contact.{_OWN}")
    first = own or (sales.named(record.source, _named(str(contact))) if isinstance(contact, str | int) else None)
    others = [_called(row, record.source) for row in dicts(told.value("contacts"))[:_MOST]]
    return [name for name in (first, *others) if name is not None]


def _called(row: Mapping[str, Any], source: str) -> str | None:
    own, id_ = row.get(_OWN), row.get("id")
    own = str(own) if type(own) is int else own
    if isinstance(own, str) and 0 < len(own) <= MAX_NAME and "\0" not in own:
        return own
    text = str(id_) if type(id_) is int else id_
    return sales.named(source, _named(text)) if isinstance(text, str) and _RECORD.fullmatch(text) else None


_RECORDS: Final = {"contact": _contact, "deal": _deal}


def unknown(record: Any) -> Iterator[str]:
    """Return which fields of a record are none of those that are read, by their paths."""
    kind = record.object.get("record") if isinstance(record, Record) else None
    if isinstance(record, Record) and record.others is not None:
        yield from record.others
    elif kind in _RECORDS:
        for name, value in record.object.items():
            paths = [f"{name}.{inner}" for inner in value] if isinstance(value, dict) else [name]
            yield from (path for path in paths if f"{kind}.{path}" not in FIELDS)


def _named(id_: str) -> str:
    """Return what a record is called: of Salesforce's ids the last three of eighteen say nothing, and are often left out."""
    return id_[:_SHORT] if _SALESFORCE.fullmatch(id_) else id_


SOURCE: Final = Source(
    name="crm",
    paths=("/hooks/crm",),
    credential=Signature(Sender("crm", verified=True), standard.check, standard.is_secret),
    read=partial(read, "crm"),
    map=to_native,
    answer=hooks.answer,
    limit=MAX_BODY,
    fields=FIELDS,
    unknown=unknown,
    guide="howto/crm",
)
