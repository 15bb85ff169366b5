"""From an item of Segment's to a native event by the workspace's own mapping, which goes before what Goodword knows by itself.

A name of which the file speaks is the file's: where none of its rules holds, the item means nothing. Of a lead and a conversion
what the file does not place is read as of any sign-up or order: whose it is, the click, the codes, the mail, the country. Money and the
ids of orders are read from where the file says and from nowhere else. Must not know: HTTP, the workspace, where a mapping is kept.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from goodword.core.money import MAX_INTEGER
from goodword.sources import native, native_read
from goodword.sources.amounts import minor
from goodword.sources.base import Own, Problem
from goodword.sources.fields import MAX_NAME
from goodword.sources.segment.event_file import KINDS, MONEY, Condition, EventMapping, Rule
from goodword.sources.segment.mapping import (
    EVENTS,
    LANGUAGE,
    TOKEN,
    Item,
    Told,
    bare,
    base,
    event_of,
    is_country,
    may_stay,
    short,
    signed_up,
    touched,
    trait,
)
from goodword.sources.told import WrongError, currency_of, missing

_WHOLE: Final = re.compile("-?[0-9]+")


def to_native(item: Item, mapping: EventMapping) -> Sequence[native.Wire] | Problem | None:
    """Return the event of an item by a mapping, none where it means nothing, or what is wrong; None: the file says nothing of it."""
    event = item.fields.get("event")
    rules = mapping.rules(event) if item.kind == "track" and isinstance(event, str) else ()
    return event_of(item, lambda told: _made(told, rules)) if rules else None


def sample(fields: dict[str, Any], now: int) -> Item | Problem:
    """Return what somebody pasted as an item: what says no type is something that was tracked."""
    said = fields.get("type", "track")
    return Item(said, fields, now) if isinstance(said, str) else Problem("missing_field", "type")


#: Of a source whose items are Segment's as they come.
OWN: Final = Own(to_native, sample)


def _made(told: Told, rules: Sequence[Rule]) -> dict[str, Any] | None:
    rule = next((rule for rule in rules if all(_holds(it, told) for it in rule.when)), None)
    if rule is None or rule.kind == "nothing":
        return None
    if rule.as_ is not None:
        return EVENTS[bare(rule.as_)](told)
    kind = str(rule.kind)
    wire = KINDS[kind]
    assert wire is not None  # noqa: S101 - of the others there is an event
    placed = rule.constants | _placed(rule, told)
    made = _BY_ITSELF[kind](told, str(wire.__struct_config__.tag), placed) | placed
    traits = {name.removeprefix("traits."): made.pop(name) for name in list(made) if name.startswith("traits.")}
    return made | ({"traits": traits} if traits else {})


def _placed(rule: Rule, told: Told) -> dict[str, Any]:
    """Return the fields that the file places, as far as the item says something there; the rest stays what it is by itself."""
    found: dict[str, Any] = {}
    currency = rule.constants.get("currency")
    if "currency" in rule.fields:
        said = told.at(rule.fields["currency"])
        if said is not None or any(told.at(rule.fields[name]) is not None for name in MONEY if name in rule.fields):
            found["currency"] = currency = currency_of(said)
    for name, path in rule.fields.items():
        value = told.at(path)
        if name == "currency":
            continue
        if value is None:
            if name in ("amount", "invoice_id", "refund_id"):
                missing(name)
        elif name in MONEY:
            found[name] = _figure(name, value, str(currency), rule)
        elif (read := _reader(name)(name, value, told)) is not None:
            found[name] = read
    return found


def _figure(name: str, value: Any, currency: str, rule: Rule) -> int:
    """Return minor units, of what came back without its sign. Raises WrongError for what is no such amount."""
    if rule.money == "decimal":
        amount = minor(value, currency)
    else:
        text = str(value).strip() if not isinstance(value, bool) and isinstance(value, int | str) else ""
        amount = int(text) if _WHOLE.fullmatch(text) and len(text) <= len(str(MAX_INTEGER)) else None
    if amount is None:
        raise WrongError("invalid_value", name)
    return abs(amount) if rule.kind == "refund" else amount


def _text(name: str, value: Any, _: Told) -> str:
    """Return a name or a text; a number is its digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise WrongError("wrong_type", name)


def _if(holds: Callable[[str], bool]) -> Callable[[str, Any, Told], Any]:
    """Return what reads a text that says nothing where it is none of its kind."""
    return lambda _, value, __: value if isinstance(value, str) and holds(value) else None


def _trait(name: str, value: Any, _: Told) -> Any:
    if not may_stay(value):
        raise WrongError("invalid_value", name)
    return trait(value)


def _refund_id(name: str, value: Any, told: Told) -> str:
    """Return a refund's id: one that is no token goes by its digest."""
    text = _text(name, value, told)
    return text if TOKEN.match(text) else sha256(text.encode()).hexdigest()


#: A whole number as a text, or as a decimal without a rest.
_WHOLE_NUMBER = re.compile(r"([0-9]{1,6})(?:\.0{1,10})?")


def _whole(name: str, value: Any, _: Told) -> int:
    """Return a whole number, also one that is written as a text or a decimal without a rest."""
    text = str(value).strip() if not isinstance(value, bool) and isinstance(value, int | str | Decimal) else ""
    if (found := _WHOLE_NUMBER.fullmatch(text)) is None:
        raise WrongError("invalid_value", name)
    return int(found[1])


#: Field -> what reads it, where that is no text.
_READ: Final[Mapping[str, Callable[[str, Any, Told], Any]]] = {
    "occurred_at": lambda name, value, told: told.instant(_text(name, value, told)),
    "refund_id": _refund_id,
    **dict.fromkeys(("score", "lowest", "highest"), _whole),
    "country": _if(is_country),
    "language": _if(lambda text: LANGUAGE.match(text) is not None),
    "time_zone": _if(native_read.is_zone),
    "company": _if(lambda text: len(text) <= MAX_NAME and "\0" not in text),
    **dict.fromkeys(
        ("email", "phone", "customer_email", "customer_phone", "customer_name"),
        _if(lambda text: short(text) is not None),
    ),
}


def _reader(name: str) -> Callable[[str, Any, Told], Any]:
    return _trait if name.startswith("traits.") else _READ.get(name, _text)


def _lead(told: Told, _: str, placed: Collection[str]) -> dict[str, Any]:
    return signed_up(told, placed)


def _conversion(told: Told, kind: str, placed: Collection[str]) -> dict[str, Any]:
    return {**base(told, kind), **touched(told, placed)}


def _refund(told: Told, kind: str, _: Collection[str]) -> dict[str, Any]:
    """A refund is known by the item's id where the file places none."""
    return {**base(told, kind), "refund_id": _refund_id("refund_id", told.id, told)}


def _customer(told: Told, kind: str, placed: Collection[str]) -> dict[str, Any]:
    user = None if "customer_external_id" in placed else told.text("customer_external_id", "userId")
    return {**base(told, kind), "customer_external_id": user}


#: What an item of a kind says by itself, but for the fields that the file placed.
_BY_ITSELF: Final[Mapping[str, Callable[[Told, str, Collection[str]], dict[str, Any]]]] = {
    "lead": _lead,
    "conversion": _conversion,
    "refund": _refund,
    "customer": _customer,
    "survey": _customer,
}


def _holds(condition: Condition, told: Told) -> bool:
    value = told.at(condition.path)
    if condition.exists is not None:
        return (value is not None) == condition.exists
    wanted = condition.one_of if condition.one_of is not None else (condition.equals,)
    return any(_is(value, it) for it in wanted)


def _is(value: Any, wanted: Any) -> bool:
    """Return whether a value is the one meant; a number is its digits, and no number is true."""
    if isinstance(wanted, bool) or isinstance(value, bool):
        return value is wanted
    if isinstance(value, int | Decimal) and isinstance(wanted, str):
        return str(value) == wanted
    return bool(value == wanted)
