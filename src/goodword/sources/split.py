"""The split of a native event: what may stand in the log, and what is personal and is sealed elsewhere.

``split`` says which outside names the event holds; once their rows have ids, ``Split.build`` gives the core's event.
Must not know: where rows are kept, who sent it, the database.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from goodword.core import calendar, events, ids
from goodword.core.canonical import encode
from goodword.core.kinds.signals import declares
from goodword.sources import native
from goodword.sources.bots import is_bot
from goodword.sources.fields import TOKEN_PATTERN, Field, declared
from goodword.sources.identity import (
    canonical_domain,
    canonical_email,
    canonical_phone,
    code_key,
    code_look,
    code_shape,
    company_domain,
    name_key,
)
from goodword.sources.mail_domains import is_disposable, own_domain

NO_CODE = "?"  # what no code can be: all that is none shares this row, which nobody can own

#: Kinds of names whose text is compared composed and without space around; an invoice's and a click's are as they are given.
NAMED_BY_TEXT = frozenset({"person", "visitor", "device", "payment", "company_ref"})

#: The kinds of rows of a firm's domain and id: what a deal names in a field of its own, and a customer's ``company`` may be.
DOMAIN, FIRM_ID = "domain", "company_ref"
#: The name, of an enrolment alone, of what its code looks like.
LOOK = "look"
#: What says something of a customer's firm.
_OF_CUSTOMERS = frozenset({native.LeadCreated, native.ConversionRecorded, native.CustomerUpdated})
#: So many digits make a token an id: names such as 3M, 7-Eleven and 23andMe have fewer.
_DIGITS_OF_ID = 4
#: What people write who have no firm, or none to tell.
_NO_FIRM = frozenset(
    {"", "-", "--", ".", "n/a", "na", "none", "null", "unknown", "private", "privat", "company", "test", "self"}
) | {
    *(
        "self-employed",
        "self employed",
        "freelance",
        "freelancer",
        "individual",
        "personal",
        "student",
        "home",
        "me",
        "x",
    )
}

_TOKEN = re.compile(TOKEN_PATTERN)
#: An id of a firm; a CRM's has the CRM in front: ``hubspot:4711``.
_ID_OF_FIRM = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_CORE: dict[str, type[events.Event]] = {str(kind.__struct_config__.tag): kind for kind in events.OUTSIDE}
_FIELDS = {wire: declared(wire) for wire in native.TYPES}
_NAMED = {wire: [field for field in fields if field.treatment.how == "named"] for wire, fields in _FIELDS.items()}
#: Of each field that names something: the core's name of it.
_CALLED = {wire: {name: treatment.to or name for name, treatment in fields} for wire, fields in _NAMED.items()}
_USED = {wire: [field for field in fields if field.treatment.how == "used"] for wire, fields in _FIELDS.items()}
_PERSONAL = {
    wire: [field.name for field in fields if field.treatment.how == "personal"] for wire, fields in _FIELDS.items()
}
_IGNORED: dict[type[native.Wire], dict[str, None]] = {
    wire: dict.fromkeys(field.name for field in fields if field.treatment.how == "ignored")
    for wire, fields in _FIELDS.items()
}
#: Which fields say a mailbox, by wire event: to ask for one that is not there costs more than to read one that is.
_MAILS = {
    wire: tuple(name for name in ("customer_email", "email") if name in wire.__struct_fields__) for wire in native.TYPES
}
_BASE = frozenset({"occurred_at", "program"})
_DEFAULTS = {
    wire: dict(zip(wire.__struct_fields__[-len(wire.__struct_defaults__) :], wire.__struct_defaults__, strict=True))
    for wire in native.TYPES
}
#: Which fields name several.
_LISTS = {
    wire: [name for name, _ in fields if isinstance(_DEFAULTS[wire].get(name), tuple)]
    for wire, fields in _NAMED.items()
}
#: What the core's event has another value for than the wire.
_READ: dict[str, Callable[[Any], Any]] = {
    "since": calendar.instant,
    "lead_at": calendar.instant,
    "first": lambda value: {on: calendar.instant(at) for on, at in value.items()},
    "country": str.upper,
    "until": calendar.instant,
    "opened_at": calendar.instant,
    "language": lambda tag: tag.replace("_", "-"),
    "lines": lambda value: tuple(map(_line, value)),
}
#: Wire event -> of each field that is used: its name, the core's, the value that says nothing, and what reads it, if something does.
_TAKEN = {
    wire: [
        (name, treatment.to or name, _DEFAULTS[wire].get(name, msgspec.UNSET), _READ.get(name))
        for name, treatment in fields
        if name not in _BASE
    ]
    for wire, fields in _USED.items()
}


class Outside(NamedTuple):
    """An outside name: the kind of its row, the canonical text that is compared, the text as it was given."""

    kind: str
    key: str
    text: str


class Stamp(NamedTuple):
    """What acceptance adds to an event. Times are instants."""

    evt: str
    source: str
    accepted_at: int
    occurred_at: int
    program: str | None = None
    imported: bool = False
    unverified: bool = False
    mapping: str | None = None
    called: str | None = None


class Staff(NamedTuple):
    """The mailboxes of members, and their domains but those at which strangers have addresses."""

    mailboxes: frozenset[str]
    domains: frozenset[str]

    @classmethod
    def of(cls, mails: Iterable[str]) -> "Staff":
        """Return those of these mails that are addresses."""
        mailboxes = frozenset(address for mail in mails if (address := canonical_email(mail)) is not None)
        return cls(mailboxes, frozenset(domain for address in mailboxes if (domain := own_domain(address)) is not None))

    def nearness(self, address: str) -> str | None:
        """Return whether a mailbox is a member's, ``mail``, or at the domain of one, ``domain``."""
        if address in self.mailboxes:
            return "mail"
        return "domain" if own_domain(address) in self.domains else None


class Split(Struct, frozen=True):
    """A wire event with its outside names by wire field, of a list also by place; a field that needs no row stands in ``fixed``.

    ``address``: the mailbox that it says of its person, in canonical form.
    """

    wire: native.Wire
    names: dict[str, Outside]
    fixed: dict[str, str]
    address: str | None

    @property
    def type(self) -> str:
        """The event's type, as it is on the wire and in the log."""
        return type_of(self.wire)

    @property
    def person(self) -> Outside | None:
        """The person the event is about, if it names one."""
        return self.names.get("customer_external_id") or self.names.get("external_id")

    def content(self) -> bytes:
        """Return what was sent, in the canonical form that tells a repeat from a conflict. What is ignored tells nothing."""
        ignored = _IGNORED[type(self.wire)]
        return encode(msgspec.structs.replace(self.wire, **ignored) if ignored else self.wire)

    def personal(self, traits: Collection[str] = ()) -> dict[str, Any]:
        """Return the personal fields as they were sent; declared ``traits`` are none of them."""
        fields = {
            name: value
            for name in _PERSONAL[type(self.wire)]
            if (value := getattr(self.wire, name)) not in (None, "", {})
        }
        if "traits" in fields:
            fields["traits"] = {k: v for k, v in fields["traits"].items() if not _is_declared(k, v, traits)}
            if not fields["traits"]:
                del fields["traits"]
        return fields

    def match_keys(self) -> list[tuple[str, str]]:
        """Return the keys (kind, canonical text) by which the event's person may be recognised."""
        return _match_keys(self) if self.person else []

    def _of_firm(self, rows: Mapping[tuple[str, str], str], staff: Staff | None) -> dict[str, Any]:
        """What is said of the firm of a customer, and whether their mail is that of a member or at a member's domain."""
        said: dict[str, Any] = {}
        company, address = getattr(self.wire, "company", None), self.address
        if company is not None and (by := _named_by(company)) is not None:
            said["company_as"] = by
        if (domain := self.names.get(DOMAIN)) is not None:
            said["domain"] = rows[domain.kind, domain.key]
            if company is None or _said_domain(company) is None:
                said["domain_of_mail"] = True
        if address is not None and staff is not None and (near := staff.nearness(address)) is not None:
            said["staff"] = near
        return said

    @property
    def has_mail(self) -> bool:
        """Whether it says a mail of a customer, who may be one of the company's own people."""
        return self.address is not None and type(self.wire) in _OF_CUSTOMERS

    @property
    def enrols(self) -> bool:
        """Whether it is an enrolment: the code that it brings is meant as it stands, whatever looks like it."""
        return type(self.wire) is native.AdvocateEnrolled

    @property
    def shape(self) -> str | None:
        """What the code that an enrolment brings looks like, if it brings one that can be typed."""
        code = self.names.get("code") if type(self.wire) is native.AdvocateEnrolled else None
        return None if code is None or code.key == NO_CODE else code_shape(code.key)

    def build(
        self,
        rows: Mapping[tuple[str, str], str],
        stamp: Stamp,
        traits: Collection[str] = (),
        like: str | None = None,
        sealed: str | None = None,
        staff: Staff | None = None,
    ) -> events.Event:
        """Return the core's event. ``rows``: (kind, key) -> id for every name. Raises KeyError for a name without one.

        ``like``: the id of another code that looks like an enrolment's; ``sealed``: digests of what is stored beside it; ``staff``: the
        company's own people.
        """
        wire = self.wire
        kind = type(wire)
        given: dict[str, Any] = {}
        for name, to, default, read in _TAKEN[kind]:
            value = getattr(wire, name)
            if value != default:
                given[to] = value if read is None else read(value)
        called = _CALLED[kind]
        for name, outside in self.names.items():
            if name in called:  # but for what stands for a place in a list, and for a domain that no field says
                given[called[name]] = rows[outside.kind, outside.key]
        if (look := self.names.get(LOOK)) is not None:
            given[LOOK] = rows[look[:2]]
        for name, id_ in self.fixed.items():
            given[called[name]] = id_
        for name in _LISTS[kind]:
            found = (rows[self.names[f"{name}.{place}"][:2]] for place in range(len(getattr(wire, name))))
            given[called[name]] = tuple(dict.fromkeys(found))
        if type(wire) is native.CustomerUpdated:  # isinstance is slow on structs
            given["traits"] = {k: v for k, v in wire.traits.items() if _is_declared(k, v, traits)}
            given["keys"] = tuple(dict.fromkeys(kind for kind, _ in self.match_keys()))
        if type(wire) is native.ClickRecorded and wire.user_agent is not None:
            given["bot"] = is_bot(wire.user_agent)
        if kind in _OF_CUSTOMERS and not stamp.unverified:
            given |= self._of_firm(rows, staff)
        if like is not None:
            given["like"] = like
        if self.address is not None and is_disposable(self.address):
            given["disposable"] = True
        return _CORE[self.type](
            **given,
            evt=stamp.evt,
            source=stamp.source,
            accepted_at=stamp.accepted_at,
            occurred_at=stamp.occurred_at,
            program=stamp.program,
            imported=stamp.imported,
            unverified=stamp.unverified,
            sealed=sealed,
            mapping=stamp.mapping,
            called=stamp.called,
        )


def split(wire: native.Wire) -> Split:
    """Find the outside names of an event."""
    address = _address(wire)
    names: dict[str, Outside] = {}
    fixed: dict[str, str] = {}
    for name, treatment in _NAMED[type(wire)]:
        text = getattr(wire, name)
        if text is None:
            continue
        kind = treatment.kind or name
        if name == "code" and type(wire) is native.AdvocateEnrolled:
            key = canonical(kind, text)
            if key != NO_CODE and (look := code_look(key)) != key:
                names[LOOK] = Outside(kind, look, look)
        if isinstance(text, tuple):
            names |= {f"{name}.{place}": Outside(kind, canonical(kind, one), one) for place, one in enumerate(text)}
            continue
        if kind == "company" and type(wire) in _OF_CUSTOMERS and _named_by(text) == "id":
            kind = FIRM_ID
        if _is_its_own_id(kind, text):
            fixed[name] = text
        else:
            names[name] = Outside(kind, canonical(kind, text), text)
    if type(wire) in _OF_CUSTOMERS and (domain := _domain(wire, address)) is not None:
        said = (company := getattr(wire, "company", None)) is not None and _said_domain(company) is not None
        # What only a mail tells is nowhere to be read again: it goes with the person.
        names[DOMAIN] = Outside(DOMAIN, domain, domain if said else "")
    return Split(wire, names, fixed, address)


def firm(text: str) -> Outside | None:
    """Return by what row a firm is known that somebody names by its domain, its id or its name; None: that names none."""
    if (domain := _said_domain(text)) is not None:
        return Outside(DOMAIN, domain, domain)
    named = _named_by(text)
    if named is None:
        return None
    kind = FIRM_ID if named == "id" else "company"
    return Outside(kind, canonical(kind, text), text)


def type_of(wire: native.Wire) -> str:
    """Return the type as it stands on the wire."""
    return str(wire.__struct_config__.tag)


def canonical(kind: str, text: str) -> str:
    """Return the text by which two spellings of a name are the same."""
    if kind == "code":
        return code_key(text) or NO_CODE
    if kind == DOMAIN:
        return company_domain(text) or text.casefold()
    if kind == "company":
        return canonical_domain(text) or text.casefold()
    return name_key(text) if kind in NAMED_BY_TEXT else text


def wire_field(wire: native.Wire, core_field: str) -> str:
    """Return the name that a field of the core's event has on the wire."""
    if core_field == "bot":
        return "user_agent"
    fields: list[Field] = [*_USED[type(wire)], *_NAMED[type(wire)]]
    return next((name for name, treatment in fields if (treatment.to or name) == core_field), core_field)


def _is_its_own_id(kind: str, text: str) -> bool:
    """A click that the redirect recorded is named by its id; an invoice's token stands for itself.

    A token that looks like the id of a row gets a row, so that no sender can name another's.
    """
    if kind == "click":
        return is_id(text, "tch")
    return kind == "invoice" and _TOKEN.match(text) is not None and not is_id(text, "inv")


def is_id(text: str, prefix: str) -> bool:
    """Return whether the text is an id with that prefix."""
    try:
        return ids.decode(text)[0] == prefix
    except ValueError:
        return False


def _line(line: native.Line | native.RefundLine) -> events.Line | events.RefundLine:
    kind = events.Line if isinstance(line, native.Line) else events.RefundLine
    return kind(**msgspec.structs.asdict(line))


def _is_declared(name: str, value: Any, traits: Collection[str]) -> bool:
    if name not in traits:
        return declares(name, value)
    return isinstance(value, bool | int) or (isinstance(value, str) and _TOKEN.match(value) is not None)


def _address(wire: native.Wire) -> str | None:
    """Return the mailbox that an event says of its person, in canonical form."""
    mail = None
    for name in _MAILS[type(wire)]:
        mail = mail or getattr(wire, name)
    return canonical_email(mail) if mail else None


def _domain(wire: native.Wire, address: str | None) -> str | None:
    """Return the domain of a customer's firm, as the sender says, or else of their mail; None where strangers have addresses there."""
    company = getattr(wire, "company", None)
    said = _said_domain(company) if company is not None else None
    return said or (own_domain(address) if address is not None else None)


def _said_domain(company: str) -> str | None:
    domain = company_domain(company)
    return own_domain(f"x@{domain}") if domain is not None else None


def _named_by(company: str) -> str | None:
    """Return by what a firm is named that is no domain: by an ``id``, which is a token with some digits, or by its ``name``.

    None: by nothing that tells one firm from another.
    """
    if canonical_domain(company) is not None or company.casefold().strip() in _NO_FIRM:
        return None
    if _ID_OF_FIRM.fullmatch(company) and sum(map(str.isdigit, company)) >= _DIGITS_OF_ID:
        return "id"
    return "name"


def _match_keys(split: Split) -> list[tuple[str, str]]:
    wire, address = split.wire, split.address
    keys = []
    phone = getattr(wire, "customer_phone", None) or getattr(wire, "phone", None)
    if address is not None:
        keys.append(("mail", address))
        if domain := own_domain(address):
            keys.append(("domain", domain))
    if phone and (key := canonical_phone(phone, getattr(wire, "country", None))):
        keys.append(("phone", key))
    keys += [
        (name.kind, name.key) for field in ("payment_fingerprint", "device_id") if (name := split.names.get(field))
    ]
    return keys
