"""A workspace's own mapping of events: which names mean what, and where their fields stand; as YAML or JSON.

    events:
      - name: Subscription Started
        kind: conversion
        fields: {invoice_id: properties.subscription_id, amount: properties.plan_price}
        constants: {currency: EUR}
      - name: trial_ended
        kind: lead
        when: [{path: properties.plan, equals: pro}]
      - {name: checkout_done, as: Order Completed}

Must not know: how an item is read, the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from itertools import accumulate
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

import msgspec
import msgspec.inspect
from msgspec import Meta, Struct, field

from goodword.core import canonical
from goodword.core.countries import COUNTRIES
from goodword.core.money import CURRENCIES, MAX_INTEGER
from goodword.core.rule_checks import Place, Problem, Unreadable
from goodword.sources import native, rule_file
from goodword.sources.fields import TOKEN_PATTERN
from goodword.sources.segment.mapping import EVENTS, bare

#: What an item may be -> the type of its event.
KINDS: Final[Mapping[str, type[native.Wire] | None]] = {
    "lead": native.LeadCreated,
    "conversion": native.ConversionRecorded,
    "refund": native.ConversionRefunded,
    "customer": native.CustomerUpdated,
    "survey": native.SurveyAnswered,
    "nothing": None,
}
#: Names that mean something without a file, as they are mostly written.
SHIPPED: Final = ("Order Completed", "Invoice Paid", "Order Refunded", "Signed Up", "Account Created")
MONEY: Final = ("amount", "tax", "shipping", "discount")
#: Without these there is no event of the kind; of all others what an item says by itself is enough.
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "refund": ("invoice_id", "amount"),
    "survey": ("survey", "score"),
}
#: Fields of more than one value, what is said by their own names (``traits.plan``), and what no sender of such items decides.
_LEFT_OUT: Final = frozenset({"id", "lines", "metadata", "form", "traits", "test", "settled", "reason"})
_TRAIT: Final = "traits."
_RULES = 200

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Path = Annotated[
    str,
    Meta(
        max_length=300,
        pattern=r"^((properties|traits|context)(\.[^.]{1,100}){1,8}|userId|anonymousId|messageId|timestamp|originalTimestamp)$(?!\n)",
        description="a path such as properties.plan_price, traits.plan or context.device.id; userId, anonymousId, messageId, timestamp",
    ),
]
Value = Annotated[str, Meta(max_length=1_000)] | Annotated[int, Meta(ge=-MAX_INTEGER, le=MAX_INTEGER)] | bool


class Condition(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What must stand at a path: one of the three."""

    path: Path
    equals: Value | None = None
    one_of: Annotated[tuple[Value, ...], Meta(min_length=1, max_length=100)] | None = None
    exists: bool | None = None


class Rule(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What items of a name are, if all conditions hold. ``kind``, or ``as_``: they are read like a name that means something anyway.

    ``money``: how amounts are written: ``decimal``, as 19.99, or ``minor``, as 1999. Constants of amounts are in minor units.
    """

    name: Name | Annotated[tuple[Name, ...], Meta(min_length=1, max_length=50)]
    kind: Literal["lead", "conversion", "refund", "customer", "survey", "nothing"] | None = None
    as_: Name | None = field(name="as", default=None)
    when: Annotated[tuple[Condition, ...], Meta(max_length=20)] = ()
    fields: Annotated[
        dict[str, Path],
        Meta(max_length=100, description="a mapping of fields to paths, such as {amount: properties.price}"),
    ] = {}
    constants: Annotated[
        dict[str, Value], Meta(max_length=100, description="a mapping of fields to values, such as {currency: EUR}")
    ] = {}
    money: Literal["decimal", "minor"] = "decimal"

    @property
    def names(self) -> tuple[str, ...]:
        """The names that it is about."""
        return (self.name,) if isinstance(self.name, str) else self.name


class Said(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a file says."""

    events: Annotated[tuple[Rule, ...], Meta(min_length=1, max_length=_RULES)]


class EventMapping:
    """A mapping that can be used: its rules by the names of events. ``hash`` names its ``document``, however that was written."""

    def __init__(self, said: Said, document: str) -> None:
        self.document = document
        self.hash = hashlib.sha256(self.document.encode()).hexdigest()
        self._rules: dict[str, tuple[Rule, ...]] = {}
        self._paths: set[str] = set()  # and all that they lead through
        for rule in said.events:
            for name in rule.names:
                self._rules[bare(name)] = (*self._rules.get(bare(name), ()), rule)
            for path in (*rule.fields.values(), *(it.path for it in rule.when)):
                self._paths.update(accumulate(_bare_path(path).split("."), "{}.{}".format))

    def rules(self, name: str) -> tuple[Rule, ...]:
        """Return the rules of a name in their order; none: the file does not speak of it."""
        return self._rules.get(bare(name), ())

    def reads(self, path: str) -> bool:
        """Return whether any rule looks at a path, or at what stands there."""
        return _bare_path(path) in self._paths


class MappingFileErrors(rule_file.RuleFileErrors):
    """A mapping file cannot be used; as of a rule file, all that is wrong is told."""


def read(data: bytes, name: str = "mapping.yaml") -> EventMapping:
    """Return the mapping of a YAML file, or a JSON one if its name ends so. Raises MappingFileErrors with all that is wrong."""
    said = rule_file.read_as(Said, data, name, _problems, MappingFileErrors)
    return EventMapping(said, canonical.encode(_plain(said)).decode())


def of(document: str) -> EventMapping:
    """Return the mapping that a document says, which was checked when it was published."""
    return EventMapping(msgspec.json.decode(document, type=Said), document)


def _plain(said: Said) -> Any:
    """Return what a file says without what it may leave out."""
    plain = msgspec.to_builtins(said)
    for rule in plain["events"]:
        if rule.get("money") == "decimal":
            del rule["money"]
    return plain


@cache
def fields_of(kind: str) -> Mapping[str, Any]:
    """Return the fields that an event of a kind may be given, and the type of each."""
    wire = KINDS[kind]
    found = {it.name: it.type for it in msgspec.structs.fields(wire) if it.name not in _LEFT_OUT} if wire else {}
    return MappingProxyType(found)


def _problems(said: Said) -> list[Problem]:
    found: list[Problem] = []
    try:
        rules = list(said.events)
    except Unreadable:
        return found
    always: dict[str, int] = {}  # name -> the rule that takes all of its items
    for index, rule in enumerate(rules):
        for check in (_kind, _fields, _constants, _needed, _when, _names):
            try:
                found += [Problem(("events", index, *at), what, wanted) for at, what, wanted in check(rule)]
            except Unreadable:
                continue
        try:
            for name in map(bare, rule.names):
                if name in always:
                    what = f"{name!r}, all of whose items rule {always[name] + 1} takes"
                    found.append(
                        Problem(
                            ("events", index, "name"), what, "conditions in the rule before, or this rule before it"
                        )
                    )
                elif not rule.when:
                    always[name] = index
        except Unreadable:
            continue
    return found


_Finding = tuple[Place, str, str]


def _kind(rule: Rule) -> Iterator[_Finding]:
    if (rule.kind is None) == (rule.as_ is None):
        yield ("kind",), "kind and as" if rule.kind is not None else "neither kind nor as", "one of the two"
    if rule.as_ is None:
        return
    if bare(rule.as_) not in EVENTS:
        yield ("as",), repr(rule.as_), f"one of {', '.join(SHIPPED)}"
    for name in ("fields", "constants"):
        if getattr(rule, name):
            yield (
                (name,),
                f"{name} beside as",
                "as alone: such items are read as that name is, or kind and all of their fields",
            )


def _fields(rule: Rule) -> Iterator[_Finding]:
    if rule.kind is None:
        return
    for place in ("fields", "constants"):
        for name in getattr(rule, place):
            if rule.kind == "customer" and name.startswith(_TRAIT):
                if not _is_token(name.removeprefix(_TRAIT)):
                    yield (
                        (place, name),
                        "a name that no trait has",
                        "letters, digits, dot, underscore, hyphen; at most 64",
                    )
            elif rule.kind == "nothing":
                yield (place, name), "a field of nothing", "no fields and no constants: such items are dropped"
            elif name not in fields_of(rule.kind):
                known = ", ".join(
                    [*sorted(fields_of(rule.kind)), *(["traits.<name>"] if rule.kind == "customer" else [])]
                )
                near = get_close_matches(name, fields_of(rule.kind), 1)
                meant = f"; did you mean {near[0]}?" if near else ""
                yield (place, name), f"no field of a {rule.kind}", f"one of {known}{meant}"
    for name in rule.fields:
        if name in rule.constants:
            yield ("constants", name), "a field that has a path too", "a path or a constant"


def _constants(rule: Rule) -> Iterator[_Finding]:
    known = fields_of(rule.kind) if rule.kind is not None else {}
    for name, value in rule.constants.items():
        if name == "currency":
            if value not in CURRENCIES:
                yield ("constants", name), repr(value), "a currency of ISO 4217, such as EUR"
        elif name == "country":
            if not isinstance(value, str) or value.upper() not in COUNTRIES:
                yield ("constants", name), repr(value), "a country of ISO 3166, two letters"
        elif name in known:
            try:
                msgspec.convert(value, known[name])
            except msgspec.ValidationError:
                yield ("constants", name), repr(value), _expected(known[name])


def _needed(rule: Rule) -> Iterator[_Finding]:
    if rule.kind is None or rule.kind == "nothing":
        return
    said = {*rule.fields, *rule.constants}
    for name in NEEDED.get(rule.kind, ()):
        if name not in said:
            yield ("fields", name), "nothing", f"where it stands: without it there is no {rule.kind}"
    parts = [name for name in (*MONEY, "invoice_id", "currency") if name in said]
    if parts and "amount" not in said and rule.kind == "conversion":
        yield ("fields", "amount"), "nothing", f"where it stands: {parts[0]} is of an order, which has one"
    if parts and "invoice_id" not in said and rule.kind == "conversion":
        yield ("fields", "invoice_id"), "nothing", "where it stands: an order counts once, by its number"
    if parts and "currency" not in said and rule.kind in ("conversion", "refund"):
        yield ("fields", "currency"), "nothing", "a path, or a constant such as {currency: EUR}"
    if rule.kind == "customer" and not said - {"customer_external_id", "occurred_at", "program"}:
        yield ("fields",), "nothing that is known of a customer", "a field at least, such as {email: traits.email}"


def _when(rule: Rule) -> Iterator[_Finding]:
    for index, it in enumerate(rule.when):
        try:
            given = sum(one is not None for one in (it.equals, it.one_of, it.exists))
        except Unreadable:
            continue
        if given != 1:
            yield ("when", index), f"{given} of them", "one of equals, one_of and exists"


def _names(rule: Rule) -> Iterator[_Finding]:
    for index, name in enumerate(rule.names):
        if not bare(name):
            yield (
                ("name",) if isinstance(rule.name, str) else ("name", index),
                repr(name),
                "a name with a letter or a digit",
            )


def _expected(kind: Any) -> str:
    """Return what a field expects, in words."""
    try:
        return rule_file.expected(msgspec.inspect.type_info(kind))
    except TypeError:
        return "a time of RFC 3339 with an offset"


def _is_token(name: str) -> bool:
    try:
        msgspec.convert(name, Annotated[str, Meta(pattern=TOKEN_PATTERN)])
    except msgspec.ValidationError:
        return False
    return True


def _bare_path(path: str) -> str:
    root, *names = path.split(".")
    return ".".join([root, *map(bare, names)])
