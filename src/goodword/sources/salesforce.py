"""The source ``salesforce``: ``POST /hooks/salesforce/{workspace}``, for flows, which send what ``crm`` reads, and outbound messages.

An outbound message is a SOAP envelope with up to a hundred records of one kind, which can carry neither a header nor a signature. Its
secret is its organization and a long token that stands in its address: both have to be those that are held. It is answered with an
acknowledgement, for without one Salesforce sends it again for a day. It is read by expat, with no document type and so with no entity,
and within bounds of depth and number.

After Salesforce's page about the WSDL of outbound messages (namespace ``soap.sforce.com/2005/09/outbound``), read on 2026-11-29.
Must not know: a server or framework of HTTP, the database.
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn
from urllib.parse import parse_qs, urlsplit
from xml.parsers import expat

from goodword.core.money import CURRENCIES
from goodword.sources import hooks, sales, standard
from goodword.sources.base import (
    Access,
    Answer,
    Decided,
    Problem,
    RefusedError,
    Reply,
    Request,
    Sender,
    Signature,
    Source,
)
from goodword.sources.crm import FIELDS, Record, read, to_native, unknown
from goodword.sources.fields import CHECKED, IGNORED, MAX_TEXT, PERSONAL, Treatment, used
from goodword.sources.native_read import MAX_BODY, UnreadableError
from goodword.sources.told import token

NAME: Final = "salesforce"
_ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_OUTBOUND: Final = "http://soap.sforce.com/2005/09/outbound"
_OBJECT: Final = "urn:sobject.enterprise.soap.sforce.com"
_TYPE: Final = "http://www.w3.org/2001/XMLSchema-instance type"
#: Where a record stands in an envelope.
_RECORD: Final = [
    *(f"{_ENVELOPE} {name}" for name in ("Envelope", "Body")),
    *(f"{_OUTBOUND} {name}" for name in ("notifications", "Notification", "sObject")),
]
_DEPTH: Final = 8
_MOST: Final = 100  # notifications of an envelope, as its schema says
_ELEMENTS: Final = 50_000

_ORGANIZATION = re.compile("00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")
_SECRET = re.compile("00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?:[A-Za-z0-9_-]{32,100}")
_CONSUMER = re.compile("[A-Za-z0-9._]{20,200}:[A-Za-z0-9]{20,200}")
_SHORT: Final = 15

#: Field of a contact or lead -> what a record of ours calls it.
_CONTACT: Final = {
    "Id": "id",
    "LastModifiedDate": "updated_at",
    "CreatedDate": "created_at",
    "Email": "email",
    "Phone": "phone",
    "Name": "name",
    "CountryCode": "country",
    "MailingCountryCode": "country",
    "Company": "company.name",
    "Goodword_Company__c": "company.name",
    "Goodword_Domain__c": "company.domain",
    "Goodword_Code__c": "code",
    "Goodword_Customer__c": "customer_external_id",
}
#: The same of an opportunity.
_DEAL: Final = {
    "Id": "id",
    "LastModifiedDate": "updated_at",
    "CreatedDate": "created_at",
    "StageName": "stage",
    "Amount": "amount",
    "CurrencyIsoCode": "currency",
    "AccountId": "company.id",
    "Goodword_Company__c": "company.name",
    "Goodword_Domain__c": "company.domain",
    "ContactId": "contact.id",
    "Goodword_Code__c": "code",
    "Goodword_Registration__c": "registration_id",
}
_NOUNS: Final = {"Contact": ("contact", _CONTACT), "Lead": ("contact", _CONTACT), "Opportunity": ("deal", _DEAL)}
_SEEN: Final = {
    "Opportunity": ("IsWon", "IsClosed"),
    "Contact": ("FirstName", "LastName"),
    "Lead": ("FirstName", "LastName"),
}
_PERSONAL: Final = frozenset({"email", "phone", "name"})


def _treatments() -> dict[str, Treatment]:
    """Return what becomes of each field of each kind of record of an outbound message."""
    found: dict[str, Treatment] = {}
    for kind, (noun, names) in _NOUNS.items():
        for theirs, ours in names.items():
            found[f"{kind}.{theirs}"] = PERSONAL if ours in _PERSONAL else FIELDS[f"{noun}.{ours}"]
        found |= dict.fromkeys(
            (f"{kind}.{name}" for name in _SEEN[kind]), used("status") if noun == "deal" else PERSONAL
        )
    said = {"OrganizationId": CHECKED, "Notification.Id": CHECKED}
    return found | said | dict.fromkeys(("ActionId", "SessionId", "EnterpriseUrl", "PartnerUrl"), IGNORED)


#: The answer to an outbound message, whatever became of its records: what is wrong in one does not get right by being sent again.
ACK: Final = (
    f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{_ENVELOPE}"><soapenv:Body>'
    f'<notificationsResponse xmlns="{_OUTBOUND}"><Ack>true</Ack></notificationsResponse>'
    "</soapenv:Body></soapenv:Envelope>"
).encode()


class _Envelope:
    """An outbound message as it is read: the organization, and of each record its kind and fields."""

    def __init__(self, body: bytes) -> None:
        self.organization = ""
        self.records: list[tuple[str, dict[str, str]]] = []
        self._path: list[str] = []
        self._text: list[str] = []
        self._elements = 0
        parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._refused
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text.append
        try:
            parser.Parse(body, True)
        except expat.ExpatError:
            raise _unreadable("The body is no XML.") from None

    def _refused(self, *_: object) -> NoReturn:
        raise _unreadable("A document type is not read.")

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._elements += 1
        self._path.append(name)
        self._text.clear()
        if len(self._path) > _DEPTH or self._elements > _ELEMENTS:
            raise _unreadable("The envelope is larger or deeper than an outbound message.")
        if self._path == _RECORD:
            if len(self.records) == _MOST:
                raise UnreadableError("too_many_events")
            self.records.append((attributes.get(_TYPE, "").rpartition(":")[2], {}))

    def _end(self, name: str) -> None:
        space, _, field = name.rpartition(" ")
        text, where = "".join(self._text).strip(), self._path[:-1]
        if where == _RECORD[:3] and name == f"{_OUTBOUND} OrganizationId":
            self.organization = text
        elif where == _RECORD and space == _OBJECT and len(text) <= MAX_TEXT:
            self.records[-1][1].setdefault(field, text)
        self._path.pop()
        self._text.clear()

    @classmethod
    def of(cls, body: bytes) -> "_Envelope":
        """Read one. Raises RefusedError for what is none."""
        found = cls(body)
        if not _ORGANIZATION.fullmatch(found.organization):
            raise _unreadable("The body is no outbound message of Salesforce's.")
        return found


def _unreadable(sentence: str) -> RefusedError:
    return RefusedError(400, "not_events", sentence)


def _is_message(request: Request) -> bool:
    """Whether a request is an outbound message, and not the JSON of a flow."""
    return request.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def check(request: Request, secrets: Sequence[bytes], now: int) -> str | None:
    """Return why the request does not show that it comes with one of the secrets; None: it does."""
    ours = [secret for secret in secrets if is_organization(secret.decode("latin-1"))]
    if not _is_message(request):
        return standard.check(request, [secret for secret in secrets if secret not in ours], now)
    said = _asked(request).get("token", "")
    if not said:
        return "signature_missing"
    pairs = [secret.split(b":", 1) for secret in ours]
    mine = [organization for organization, held in pairs if hmac.compare_digest(held, said.encode("utf-8", "replace"))]
    if not mine:
        return "signature_wrong"
    try:  # only who knows the address has anything read
        organization = _Envelope.of(request.body).organization
    except RefusedError:
        return "signature_malformed"
    theirs = organization[:_SHORT].encode()
    return None if standard.one_of(theirs, [held[:_SHORT] for held in mine]) else "signature_wrong"


def is_organization(text: str) -> bool:
    """Return whether a text can be an organization and the token of its address: ``00D…:TOKEN``, at least 32 characters."""
    return bool(_SECRET.fullmatch(text))


def _asked(request: Request) -> dict[str, str]:
    try:
        found = parse_qs(urlsplit(request.url).query, max_num_fields=20)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items()}


def _read(request: Request) -> list[Record | Problem]:
    if not _is_message(request):
        return [*read(NAME, request)]
    conversions, currency = sales.wants_conversions(request.url), _asked(request).get("currency", "")
    found = _Envelope.of(request.body).records
    return [_record(kind, said, currency, conversions=conversions) for kind, said in found]


def _record(kind: str, said: Mapping[str, str], currency: str, *, conversions: bool) -> Record | Problem:
    """Return a record in our words. ``currency``: of an opportunity that says none, as its company has one alone."""
    if kind not in _NOUNS:
        return Problem("unknown_type", "sObject", kind[:MAX_TEXT] or None)
    noun, names = _NOUNS[kind]
    made: dict[str, Any] = {"record": noun}
    for theirs, ours in names.items():
        if text := said.get(theirs):
            whole, _, part = ours.partition(".")
            if part:
                made.setdefault(whole, {}).setdefault(part, text[:_SHORT] if theirs == "AccountId" else text)
            else:
                made.setdefault(whole, text)
    if noun == "contact":
        made.setdefault("name", " ".join(text for name in ("FirstName", "LastName") if (text := said.get(name))))
    else:
        made["status"] = "won" if said.get("IsWon") == "true" else "lost" if said.get("IsClosed") == "true" else "open"
        made["stage"] = token(made.get("stage", "").replace(" ", "_"))
        made.setdefault("currency", currency if currency in CURRENCIES else None)
        if made["currency"] is None:
            made.pop("amount", None)
    known = {*names, *_SEEN[kind]}
    return Record(NAME, made, conversions, tuple(f"{kind}.{field}" for field in said if field not in known))


def _answer(request: Request, answers: Sequence[Sequence[Answer]], decided: Decided | None) -> Reply:
    if _is_message(request):
        return Reply(200, ACK, b"text/xml; charset=utf-8")
    return hooks.answer(request, answers, decided)


SOURCE: Final = Source(
    name=NAME,
    paths=(f"/hooks/{NAME}",),
    credential=Signature(
        Sender(NAME, verified=True), check, lambda text: standard.is_secret(text) or is_organization(text)
    ),
    read=_read,
    map=to_native,
    answer=_answer,
    limit=MAX_BODY,
    json=False,
    #: What is written back with: nothing is fetched.
    access=Access(
        lambda text: bool(_CONSUMER.fullmatch(text)) and not is_organization(text),
        "the consumer key and secret of an app with the client credentials flow, as KEY:SECRET",
    ),
    fields={**FIELDS, **_treatments()},
    unknown=unknown,
    guide="howto/salesforce",
)
