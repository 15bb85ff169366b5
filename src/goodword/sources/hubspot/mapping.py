"""From a notice of HubSpot's to the object that it names, and from that to native events.

A notice names an object and at most one property of it, in no order: what is said here is what the object holds when it is fetched.
A contact is fetched with the ids of its companies, and the first of them then, for it is the company that has the domain; so is
the company of a deal. Must not know: HTTP, who fetches and when, the workspace.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import msgspec

from goodword.sources import hooks, native, sales
from goodword.sources.base import Access, Fetch, Problem, Unfetched
from goodword.sources.fields import MAX_NAME
from goodword.sources.hubspot.signature import is_secret
from goodword.sources.hubspot.table import CODES, CUSTOMER, FIELDS
from goodword.sources.sales import Company, Deal, Made
from goodword.sources.told import Told, WrongError, checked, dicts, missing, token, when

SOURCE: Final = "hubspot"
#: The version of the API that is asked for.
API: Final = "2026-09"
#: What is written back is told by HubSpot too, and is no news here.
OURS: Final = "goodword_"

_NOUNS: Final = {
    "contact": "contacts",
    "company": "companies",
    "deal": "deals",
    "0-1": "contacts",
    "0-2": "companies",
    "0-3": "deals",
}
_MEANS: Final = frozenset({"creation", "propertyChange", "merge", "restore", "associationChange"})
_ID = re.compile("[0-9]{1,20}")
_LANGUAGE = re.compile(native.LANGUAGE)
_KEY = re.compile("[A-Za-z0-9_.-]{20,500}")  # and no secret of an app, which is told from it by its form
_CONTACTS: Final = 100  # of a company, as one answer has them; of a deal
_ASSOCIATED: Final = {"contacts": "companies", "companies": "contacts", "deals": "contacts,companies"}
_DEAL: Final = "deals.properties."
_WON: Final = "hs_is_closed_won"
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Notice(NamedTuple):
    """What a notice names. ``type``: as HubSpot calls it; ``noun``: empty where it is nothing here; ``conversions``: see ``sales``."""

    id: str
    type: str
    noun: str = ""
    object: str = ""
    conversions: bool = False


class Record(NamedTuple):
    """An object as it was fetched. ``contact``, ``deal``: whose company it is, where it was fetched for that."""

    noun: str
    object: Mapping[str, Any]
    conversions: bool = False
    contact: str = ""
    deal: Mapping[str, Any] | None = None


def notice(said: Mapping[str, Any], *, conversions: bool) -> Notice | Problem:
    """Read a notice."""
    type_ = said.get("subscriptionType")
    if not isinstance(type_, str):
        return Problem("missing_field", "subscriptionType")
    whose, _, what = type_.partition(".")
    noun = _NOUNS.get(str(said.get("objectTypeId")) if whose == "object" else whose, "")
    changed = said.get("propertyName")
    if not noun or what not in _MEANS or (isinstance(changed, str) and _is_ours(changed)):
        return Notice(type_[:MAX_NAME], type_)
    about = ("newObjectId", "primaryObjectId", "objectId") if what == "merge" else ("objectId", "fromObjectId")
    object_ = next((str(found) for name in about if type(found := said.get(name)) is int), "")
    if not _ID.fullmatch(object_):
        return Problem("invalid_value", "objectId", type_[:MAX_NAME])
    at = said.get("occurredAt")
    if type(at) is not int:
        return Problem("invalid_value", "occurredAt", type_[:MAX_NAME])
    return Notice(f"{noun}.{object_}.{at}.{said.get('eventId')}"[:MAX_NAME], type_, noun, object_, conversions)


def _is_ours(name: str) -> bool:
    return name.startswith(OURS) and name not in (*CODES, CUSTOMER, "goodword_registration")


def to_native(item: Notice | Record) -> Sequence[native.Wire | Unfetched | Problem] | Problem:
    """Return what a notice or an object means here, nothing where it means nothing, or what is wrong with it."""
    if isinstance(item, Notice):
        if not item.noun:
            return ()
        return (Unfetched(item.id, _asked(item.noun, item.object, item.conversions)),)
    if item.object.get("archived") is True:
        return ()
    told = _Told(FIELDS, item.noun, item.object)
    try:
        made = _EVENTS[item.noun](told, item)
        return [one if isinstance(one, Unfetched | Problem) else checked(one) for one in made]
    except WrongError as wrong:
        return msgspec.structs.replace(wrong.problem, id=f"{item.noun}.{item.object.get('id')}"[:MAX_NAME])


class _Told(Told):
    """What an object of HubSpot's says."""

    @property
    def id(self) -> str:
        """The object's own id. Raises WrongError."""
        found = self.text("id")
        return found if found is not None and _ID.fullmatch(found) else missing("id")

    def said(self, name: str) -> str | None:
        """Return what a property says, the space around it left out."""
        return (self.text(f"properties.{name}") or "").strip() or None

    def at(self, path: str) -> datetime | None:
        """Return a time, if there is one."""
        return when(self.value(path))

    def first(self, *names: str) -> str | None:
        """Return what the first of several properties says."""
        return next((said for name in names if (said := self.said(name)) is not None and len(said) <= MAX_NAME), None)

    def associated(self, noun: str) -> list[str]:
        """Return the ids of what it is associated with, those that HubSpot names first before the others, each once."""
        rows = dicts((self.value(f"associations.{noun}") or {}).get("results"))
        ids = [str(row.get("id")) for row in rows]
        return [id_ for id_ in dict.fromkeys(ids) if _ID.fullmatch(id_)][:_CONTACTS]


def _contact(told: _Told, _: Record) -> Iterator[Made | Unfetched]:
    own, at, companies = told.first(CUSTOMER), told.at("updatedAt"), told.associated("companies")
    language, names = told.said("hs_language"), [told.said("firstname"), told.said("lastname")]
    said = {
        "email": told.said("email"),
        "phone": told.said("phone") or told.said("mobilephone"),
        "name": " ".join(name for name in names if name),
        "language": language if language and _LANGUAGE.match(language) else None,
        "country": told.country("properties.hs_country_region_code") or told.country("properties.country"),
        "company": None if companies else told.first("company"),
    }
    yield from sales.customer(SOURCE, told.id, own, at, said)
    for name in CODES:
        if code := told.first(name):
            yield from sales.lead(SOURCE, told.id, own, _first_said(told, name, code), code)
            break
    if companies:
        yield Unfetched(f"contacts.{told.id}.{at}.{companies[0]}", _asked("companies", companies[0], contact=told.id))


def _company(told: _Told, item: Record) -> Iterator[Made | Unfetched | Problem]:
    """A company is that of its contacts, or of whom or of which deal it was fetched for."""
    domain, name, at = told.first("domain"), told.first("name"), told.at("updatedAt")
    if item.deal is not None:
        yield from _report(_Told(FIELDS, "deals", item.deal), item, Company(told.id, domain, name))
        return
    known = sales.company(domain, name)
    for contact in [item.contact] if item.contact else told.associated("contacts"):
        if known:
            who = {"type": "customer.updated", "customer_external_id": sales.named(SOURCE, contact)}
            yield sales.told("company", f"{told.id}.{contact}", {**who, "occurred_at": at, "company": known})


def _deal(told: _Told, item: Record) -> Iterator[Made | Unfetched | Problem]:
    """A deal waits for its company: by that somebody else's registration of it is known.

    What waits is named by what it says: whoever is made its contact need not change when it was changed.
    """
    companies = told.associated("companies")
    if not companies:
        yield from _report(told, item, Company())
        return
    asked = _asked("companies", companies[0], item.conversions, deal=_kept(told))
    said = sha256(str(asked["deal"]).encode()).hexdigest()[:24]
    yield Unfetched(f"deals.{told.id}.{companies[0]}.{said}", asked)


def _kept(told: _Told) -> str:
    """Return of a deal what is said of it, and no more of its contacts than are needed: it is kept until its company is fetched."""
    names = [path.removeprefix(_DEAL) for path in FIELDS if path.startswith(_DEAL)]
    contacts = [{"id": id_} for id_ in told.associated("contacts")[: sales.MOST_CONTACTS + 1]]
    kept = {
        **{name: told.value(name) for name in ("id", "createdAt", "updatedAt")},
        "properties": {name: said for name in names if (said := told.first(name)) is not None},
        "propertiesWithHistory": {_WON: [{"value": "true"}] if _was_won(told) else []},
        "associations": {"contacts": {"results": contacts}},
    }
    return msgspec.json.encode(kept).decode()


def _report(told: _Told, item: Record, company: Company) -> Iterator[Made | Problem]:
    said, currency = told.said("amount"), told.said("deal_currency_code")
    amount, currency = sales.amount(said if currency is not None else None, currency)
    won, closed = (told.said(name) == "true" for name in (_WON, "hs_is_closed"))
    contacts = told.associated("contacts")
    deal = Deal(
        id=told.id,
        at=told.at("updatedAt"),
        status="won" if won else "lost" if closed else "open",
        customer=sales.named(SOURCE, contacts[0]) if contacts else None,
        contacts=tuple(sales.named(SOURCE, contact) for contact in contacts[1:]),
        company=company,
        stage=token(told.first("dealstage")),
        amount=amount,
        currency=currency,
        opened_at=told.at("properties.createdate") or told.at("createdAt"),
        closed_at=told.at("properties.closedate"),
        code=told.first(*CODES),
        registration=token(told.first("goodword_registration")),
        was_won=_was_won(told),
    )
    yield from sales.deal(SOURCE, deal, conversions=item.conversions)
    if item.conversions and won and said is not None and currency is None:
        yield Problem("missing_field", "currency", f"won.{told.id}")  # what was won is reported, and no order


def _was_won(told: _Told) -> bool:
    """Whether a deal was ever won, as far as its history goes."""
    history = told.value("propertiesWithHistory")
    return isinstance(history, dict) and any(one.get("value") == "true" for one in dicts(history.get(_WON)))


def _first_said(told: _Told, name: str, code: str) -> datetime | None:
    """Return when a code was first said, as far as its history goes; else since when the contact is there."""
    history = told.value("propertiesWithHistory")
    versions = dicts(history.get(name)) if isinstance(history, dict) else []
    times = [at for one in versions if one.get("value") == code and (at := when(one.get("timestamp"))) is not None]
    return min(times, default=None) or told.at("createdAt")


_EVENTS: Final = {"contacts": _contact, "companies": _company, "deals": _deal}


# --- what is asked for, and what comes ----------------------------------------------------------------------------------


def _asked(noun: str, object_: str, conversions: bool = False, **of: str) -> dict[str, str | int]:
    return {"noun": noun, "object": object_, "conversions": int(conversions), **of}


def _path(said: Mapping[str, str | int]) -> str:
    noun = str(said["noun"])
    beginning = f"{noun}.properties."
    names = [path.removeprefix(beginning) for path in FIELDS if path.startswith(beginning)]
    asked = {"properties": ",".join(names)}
    if not said.keys() & {"contact", "deal"}:
        asked["associations"] = _ASSOCIATED[noun]
    if noun == "contacts":
        asked["propertiesWithHistory"] = ",".join(CODES)
    if noun == "deals":
        asked["propertiesWithHistory"] = _WON
    return f"/crm/objects/{API}/{noun}/{said['object']}?{urlencode(asked, safe=',')}"


def _headers(key: str, _: Mapping[str, str | int]) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def _whole(said: Mapping[str, str | int], body: bytes) -> Record:
    """Return the object as it was fetched. Raises ValueError for what is not that object."""
    object_ = hooks.fetched(body, _decode)
    if object_.get("id") != said["object"] or not isinstance(object_.get("properties"), dict):
        raise ValueError("it is another object")
    deal = _decode(str(said["deal"])) if "deal" in said else None
    return Record(str(said["noun"]), object_, bool(said["conversions"]), str(said.get("contact", "")), deal)


def _gone(said: Mapping[str, str | int]) -> Record | None:
    """Return a deal whose company was deleted; of what was deleted itself nothing is told."""
    if "deal" not in said:
        return None
    return Record("deals", _decode(str(said["deal"])), bool(said["conversions"]))


ACCESS: Final = Access(
    lambda text: bool(_KEY.fullmatch(text)) and not is_secret(text),
    "a service key of HubSpot's that may read contacts, companies and deals",
)
FETCH: Final = Fetch(
    path=_path,
    headers=_headers,
    whole=_whole,
    gone=_gone,
)
