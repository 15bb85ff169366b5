"""The source ``pipedrive``: ``POST /hooks/pipedrive/{workspace}``, where webhooks (v2) of Pipedrive go.

They sign nothing: whoever makes one gives it a user and a password, and that pair is the secret. What a custom field is called there is
forty hexadecimal digits, other ones in each account: the address says which of them hold what (``?code=…&customer=…``). The company of
a deal is fetched, for a delivery has its number alone.

After a copy of Pipedrive's guide for webhooks of version 2 and its client's model of an organization (Node, API v2), read on
2026-11-29; that has no ``website``, which is taken where there is one. Must not know: a server or framework of HTTP, the database.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import msgspec

from goodword.sources import hooks, native, sales, standard
from goodword.sources.base import Access, Fetch, Problem, RefusedError, Request, Sender, Signature, Source, Unfetched
from goodword.sources.fields import CHECKED, IGNORED, MAX_NAME, PERSONAL, Treatment, used
from goodword.sources.native_read import MAX_BODY
from goodword.sources.sales import Company, Deal, Made
from goodword.sources.told import Told, WrongError, checked, dicts, missing, token, walk, when

SENDER: Final = Sender("pipedrive", verified=True)

#: Path -> treatment; of what is used ``to`` is the field of the native event.
FIELDS: Final[Mapping[str, Treatment]] = {
    "meta.action": CHECKED,
    "meta.entity": CHECKED,
    "meta.version": CHECKED,
    "meta.id": CHECKED,
    "meta.timestamp": used("occurred_at"),
    "meta.company_id": IGNORED,
    "meta.user_id": IGNORED,
    "meta.attempt": IGNORED,
    "previous": CHECKED,
    "person.id": used("customer_external_id"),
    "person.name": PERSONAL,
    "person.emails": PERSONAL,
    "person.phones": PERSONAL,
    "person.update_time": used("occurred_at"),
    "person.add_time": used("occurred_at"),
    "person.custom_fields": used("code"),
    "deal.id": used("deal_id"),
    "deal.status": used("status"),
    "deal.stage_id": used("stage"),
    "deal.value": used("amount"),
    "deal.currency": used("currency"),
    "deal.person_id": used("customer_external_id"),
    "deal.org_id": used("company_id"),
    "deal.add_time": used("opened_at"),
    "deal.update_time": used("occurred_at"),
    "deal.won_time": used("occurred_at"),
    "deal.custom_fields": used("code"),
    "organization.id": used("company_id"),
    "organization.name": used("company"),
    "organization.website": used("company_domain"),
}
_STATUSES: Final = ("open", "won", "lost")
_CUSTOM: Final = ("code", "customer", "registration")
_OF_DEALS: Final = ("code", "registration")
_HASH = re.compile("[0-9a-f]{40}")
_PAIR = re.compile("[^:\\s]{1,100}:[!-~]{16,200}")
_KEY = re.compile("[A-Za-z0-9]{30,100}")
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Delivery(NamedTuple):
    """A delivery. ``custom``: by what their values mean here, what custom fields are called; ``company``: of a ``whole`` deal.

    ``was_won``: of a deal that was won until now.
    """

    id: str
    type: str
    noun: str
    at: Any
    object: Mapping[str, Any]
    custom: Mapping[str, str]
    conversions: bool = False
    company: Company = Company()
    whole: bool = False
    was_won: bool = False


def check(request: Request, secrets: Sequence[bytes], _now: int) -> str | None:
    """Return why the request does not bring one of the pairs of user and password that are held; None: it does."""
    return standard.basic(request, secrets)


def _read(request: Request) -> list[Delivery | Problem]:
    said = hooks.read(request.body, _decode, "The body is no delivery of Pipedrive's.")
    meta, data = said.get("meta"), said.get("data")
    if not isinstance(meta, dict) or meta.get("version") != "2.0":
        raise RefusedError(400, "not_events", "Goodword reads webhooks of version 2: make the webhook anew with it.")
    noun, action = meta.get("entity"), meta.get("action")
    type_, id_ = f"{action}.{noun}"[:MAX_NAME], _named(meta.get("id"))
    if id_ is None:
        return [Problem("missing_field", "meta.id")]
    means = isinstance(noun, str) and noun in _EVENTS and action in ("create", "change") and isinstance(data, dict)
    conversions, custom = sales.wants_conversions(request.url), _custom(request.url)
    said_noun, was_won = str(noun) if means else "", walk(said, "previous.status") == "won"
    return [Delivery(id_, type_, said_noun, meta.get("timestamp"), data or {}, custom, conversions, was_won=was_won)]


def _custom(url: str) -> dict[str, str]:
    """Return what the address says of which custom fields hold what."""
    try:
        said = parse_qsl(urlsplit(url).query, max_num_fields=20)
    except ValueError:
        return {}
    return {name: key for name, key in said if name in _CUSTOM and _HASH.fullmatch(key)}


class _Told(Told):
    """What an object of Pipedrive's says."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__(FIELDS, delivery.noun, delivery.object)
        self._custom = delivery.custom

    @property
    def id(self) -> str:
        """The object's own id. Raises WrongError."""
        return _id(self.value("id")) or missing("id")

    def at(self, *paths: str) -> datetime | None:
        """Return the first time that is said."""
        return next((at for path in paths if (at := when(self.value(path))) is not None), None)

    def held(self, name: str) -> str | None:
        """Return what the custom field holds that the address names so."""
        fields, key = self.value("custom_fields"), self._custom.get(name)
        found = fields.get(key) if isinstance(fields, dict) and key is not None else None
        text = found.get("value") if isinstance(found, dict) else found
        text = str(text) if type(text) is int else text  # of a field that holds numbers
        return text.strip()[:MAX_NAME] or None if isinstance(text, str) and "\0" not in text else None

    def primary(self, path: str) -> str | None:
        """Return the primary one of a list of addresses or numbers, else the first."""
        rows = [row for row in dicts(self.value(path)) if isinstance(row.get("value"), str) and row["value"]]
        first = next((row for row in rows if row.get("primary") is True), rows[0] if rows else None)
        return None if first is None else str(first["value"])


def to_native(item: Delivery) -> Sequence[native.Wire | Unfetched] | Problem:
    """Return what a delivery means here, nothing where it means nothing, or what is wrong with it."""
    if not item.noun:
        return ()
    try:
        return [it if isinstance(it, Unfetched) else checked(it) for it in _EVENTS[item.noun](_Told(item), item)]
    except WrongError as wrong:
        return msgspec.structs.replace(wrong.problem, id=f"{item.noun}.{item.object.get('id')}"[:MAX_NAME])


def _person(told: _Told, item: Delivery) -> Iterator[Made]:
    own, at = told.held("customer"), told.at("update_time", "add_time") or when(item.at)
    said = {"email": told.primary("emails"), "phone": told.primary("phones"), "name": told.text("name")}
    yield from sales.customer(SENDER.source, told.id, own, at, said)
    yield from sales.lead(SENDER.source, told.id, own, told.at("add_time") or at, told.held("code"))


def _deal(told: _Told, item: Delivery) -> Iterator[Made | Unfetched]:
    """A deal waits for its company, by whose name somebody else's registration of it is known."""
    company = _id(told.value("org_id"))
    if company is not None and not item.whole:
        kept = msgspec.json.encode(_kept(told, item)).decode()
        yield Unfetched(item.id, {"organization": company, "deal": kept})
        return
    status, said = told.value("status"), told.value("value")
    if status not in _STATUSES:
        return  # deleted
    amount, currency = sales.amount(said if said is None else str(said), told.value("currency"))
    person = _id(told.value("person_id"))
    deal = Deal(
        id=told.id,
        at=told.at("update_time") or when(item.at),
        status=status,
        customer=sales.named(SENDER.source, person) if person else None,
        company=item.company,
        stage=_id(told.value("stage_id")),
        amount=amount,
        currency=currency,
        opened_at=told.at("add_time"),
        closed_at=told.at("won_time", "update_time"),
        code=told.held("code"),
        registration=token(told.held("registration")),
        was_won=item.was_won or told.value("won_time") is not None,
    )
    yield from sales.deal(SENDER.source, deal, conversions=item.conversions)


def _kept(told: _Told, item: Delivery) -> dict[str, Any]:
    """Return of a deal what is said of it: it is kept until its company is fetched."""
    names = [path.removeprefix("deal.") for path in FIELDS if path.startswith("deal.")]
    object_ = {name: told.value(name) for name in names if name != "custom_fields"}
    custom = {item.custom[name]: said for name in _OF_DEALS if (said := told.held(name)) is not None}
    return {
        "id": item.id,
        "type": item.type,
        "at": item.at,
        "object": {**object_, "custom_fields": custom},
        "custom": item.custom,
        "conversions": item.conversions,
        "was_won": item.was_won,
    }


_EVENTS: Final = {"person": _person, "deal": _deal}


def _id(said: Any) -> str | None:
    """Return an id, which is a number here."""
    return str(said) if type(said) is int and said > 0 else None


def _named(said: Any) -> str | None:
    """Return what a delivery is called; None for nothing."""
    text = str(said) if type(said) is int else said
    return text[:MAX_NAME] if isinstance(text, str) and text else None


def _whole(said: Mapping[str, str | int], body: bytes) -> Delivery:
    """Return a deal with its company. Raises ValueError for what is not that company."""
    found = hooks.fetched(body, _decode).get("data")
    if not isinstance(found, dict) or _id(found.get("id")) != said["organization"]:
        raise ValueError("it is another object")
    told = Told(FIELDS, "organization", found)
    host = _host(told.text("website", MAX_NAME) or "")
    return _with(said, Company(str(said["organization"]), host, told.text("name", MAX_NAME)))


def _host(website: str) -> str:
    """Return the host of what somebody typed as a website; nothing for what is none."""
    try:
        return urlsplit(website if "//" in website else f"//{website}").hostname or ""
    except ValueError:
        return ""


def _with(said: Mapping[str, str | int], company: Company) -> Delivery:
    deal = _decode(str(said["deal"]))
    rest = (deal["at"], deal["object"], deal["custom"], deal["conversions"], company)
    return Delivery(deal["id"], deal["type"], "deal", *rest, whole=True, was_won=deal.get("was_won") is True)


ACCESS: Final = Access(
    lambda text: bool(_KEY.fullmatch(text)),
    "an API token of Pipedrive's",
)
FETCH: Final = Fetch(
    path=lambda said: f"/api/v2/organizations/{said['organization']}",
    headers=lambda key, _: {"x-api-token": key},
    whole=_whole,
    gone=lambda said: _with(said, Company()),
)
SOURCE: Final = Source(
    name="pipedrive",
    paths=("/hooks/pipedrive",),
    credential=Signature(SENDER, check, lambda text: bool(_PAIR.fullmatch(text))),
    read=_read,
    map=to_native,
    answer=hooks.answer,
    limit=MAX_BODY,
    json=False,
    access=ACCESS,
    fetch=FETCH,
    fields=FIELDS,
    called=lambda item: item.type if isinstance(item, Delivery) else "",
    guide="howto/pipedrive",
)
