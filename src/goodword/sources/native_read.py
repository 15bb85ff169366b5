"""Reading a request body of native events: what cannot be read at all raises, a wrong item is a Problem of its own.

Bounds hold before anything is built: size, number, depth. An unknown field makes its item invalid: a misspelt field
about money must not pass in silence. Must not know: who sends, workspaces, the database.
"""

import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import msgspec
from msgspec import Struct

from goodword.core import calendar, parts, surveys
from goodword.core.countries import COUNTRIES
from goodword.core.money import CURRENCIES, MAX_INTEGER
from goodword.sources.base import Problem, RefusedError
from goodword.sources.fields import MAX_NAME
from goodword.sources.identity import canonical_domain, code_key
from goodword.sources.native import (
    AdvocateEnrolled,
    AnyWire,
    BalanceOpened,
    ChargebackOpened,
    ConversionAmended,
    ConversionCanceled,
    ConversionRecorded,
    ConversionRefunded,
    CreditRedeemed,
    CustomerUpdated,
    DealRegistered,
    DealReported,
    LeadCreated,
    ReferralImported,
    SurveyAnswered,
    Wire,
)

MAX_BODY = 1 << 20
MAX_ITEMS = 1_000
MAX_DEPTH = 32
MAX_METADATA = 16_384

#: Why an item is invalid: code -> sentence. Part of the contract.
CODES = {
    "unknown_type": "There is no event of this type.",
    "unknown_field": "The event has a field that its type does not know.",
    "missing_field": "A field that the event needs is missing.",
    "wrong_type": "The field holds another type of value than it should.",
    "invalid_value": "The value is too long, too short, out of range or not of the form that the field asks for.",
    "invalid_encoding": "The text is not UTF-8.",
    "invalid_character": "The text holds a NUL character.",
    "out_of_range": "A number is beyond what can be kept exactly (2^53-1).",
    "malformed": "The item is not JSON.",
    "too_large": "The field holds too much.",
    "unknown_currency": "The currency is not one of ISO 4217.",
    "unknown_country": "The country is not one of ISO 3166, two letters.",
    "unknown_time_zone": "The time zone is not one of the IANA list, such as Europe/Vienna.",
    "lines_do_not_sum": "The lines do not sum to the goods: the amount less tax and shipping.",
    "parts_exceed_amount": "Tax and shipping are parts of the amount, which is what was charged; together they are more than it.",
    "not_a_code": "The text cannot be a code.",
    "not_permitted": "The key may not send events of this type.",
    "not_storable": "The database refused this event.",
    "test_mode": "It happened in the test mode of the system that sent it, and a live workspace counts nothing of a test.",
    "other_account": "The event is of another merchant (Stripe's `account`), whose customers and money are not this workspace's.",
    "thin_event": "The event tells nothing of its object, which cannot be fetched: let the endpoint send snapshots.",
}

#: Why a whole request cannot be read: code -> sentence.
REQUEST_CODES = {
    "not_json": "The body is not JSON.",
    "not_events": "The body is neither an event (an object) nor an array of events.",
    "too_deep": f"The body nests deeper than {MAX_DEPTH} levels.",
    "too_large": f"The body is larger than {MAX_BODY} bytes after decompression.",
    "too_many_events": f"The array has more than {MAX_ITEMS} events.",
}
_TOO_MUCH = ("too_large", "too_many_events")


class UnreadableError(RefusedError):
    """The request as a whole cannot be read; ``code`` is one of REQUEST_CODES."""

    def __init__(self, code: str) -> None:
        super().__init__(413 if code in _TOO_MUCH else 400, code, REQUEST_CODES[code])


class _JustId(Struct):
    id: Any = None


_item = msgspec.json.Decoder(AnyWire)
_raw_items = msgspec.json.Decoder(list[msgspec.Raw])
_raw_item = msgspec.json.Decoder(msgspec.Raw)
_just_id = msgspec.json.Decoder(_JustId)
_encode = msgspec.json.Encoder().encode

_BRACKETS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]', re.DOTALL)
_PLACE = re.compile(r" - at `(?:key in )?\$\.?(.*)`$")
_NAMED = re.compile(r"(missing required|unknown) field `(.*?)`", re.DOTALL)


def read(body: bytes) -> list[Wire | Problem]:
    """Read a request body, one event or an array of them, into one value for each item in the order sent.

    Raises UnreadableError for what fails the request as a whole.
    """
    if len(body) > MAX_BODY:
        raise UnreadableError("too_large")
    return [_read_item(bytes(raw)) for raw in _split_items(body)]


def checked(given: Mapping[str, Any]) -> Wire | Problem:
    """Read what another source made of its own payload, under the bounds of an event that is sent natively."""
    try:
        return _read_item(_encode(given))
    except UnicodeEncodeError:
        return Problem("invalid_encoding")


def is_single(body: bytes) -> bool:
    """Return whether the body is one event and not an array."""
    return body.lstrip(b" \t\r\n")[:1] == b"{"


def _split_items(body: bytes) -> list[msgspec.Raw]:
    try:
        items = [_raw_item.decode(body)] if is_single(body) else _raw_items.decode(body)
    except RecursionError:
        raise UnreadableError("too_deep") from None
    except msgspec.ValidationError:
        raise UnreadableError("not_events") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise UnreadableError("not_json") from None
    if len(items) > MAX_ITEMS:
        raise UnreadableError("too_many_events")
    if any(is_deep(bytes(raw), MAX_DEPTH - (not is_single(body))) for raw in items):
        raise UnreadableError("too_deep")
    return items


def is_deep(raw: bytes, limit: int) -> bool:
    """Return whether JSON nests deeper than that."""
    if raw.count(b"{") + raw.count(b"[") <= limit:
        return False
    depth = 0
    for match in _BRACKETS.finditer(raw):
        first = match[0][0]
        depth += (first in b"[{") - (first in b"]}")
        if depth > limit:
            return True
    return False


def _read_item(raw: bytes) -> Wire | Problem:
    try:
        wire: Wire = _item.decode(raw)
    except msgspec.ValidationError as error:
        problem = _explain(str(error))
    except UnicodeDecodeError:
        problem = Problem("invalid_encoding", _wrong_text(raw))
    except (msgspec.DecodeError, ValueError):
        problem = Problem("malformed")
    else:
        wrong = _check(wire, raw)
        if wrong is None:
            return wire
        problem = wrong
    return msgspec.structs.replace(problem, id=_id_of(raw))


def _explain(message: str) -> Problem:
    """Turn the decoder's sentence into a code and the path of the field."""
    place = _PLACE.search(message)
    path = place[1] if place else ""
    named_field = _NAMED.search(message)
    if named_field:
        code = "missing_field" if named_field[1].startswith("missing") else "unknown_field"
        return Problem(code, f"{path}.{named_field[2]}".lstrip(".")[:MAX_NAME])
    if path == "type":
        return Problem("unknown_type" if message.startswith("Invalid value") else "wrong_type", path)
    if "out of range" in message or "`int` <=" in message or "`int` >=" in message:
        return Problem("out_of_range", path or None)
    return Problem("wrong_type" if ", got `" in message else "invalid_value", path or None)


def _wrong_text(raw: bytes) -> str | None:
    """Name the first field whose text is no UTF-8, if that is to be found."""
    for match in re.finditer(rb'"([a-z_]+)"\s*:\s*"[^"\\]*(?:\\.[^"\\]*)*"', raw, re.DOTALL):
        try:
            match[0].decode()
        except UnicodeDecodeError:
            return match[1].decode()
    return None


def _id_of(raw: bytes) -> str | None:
    try:
        id_ = _just_id.decode(raw).id
    except (msgspec.DecodeError, ValueError):
        return None
    return id_ if isinstance(id_, str) and len(id_) <= MAX_NAME and "\0" not in id_ else None


def _check(wire: Wire, raw: bytes) -> Problem | None:
    """Find what types cannot say."""
    if b"\\u0000" in raw and (place := _nul(msgspec.json.decode(raw))) is not None:
        return Problem("invalid_character", place or None)
    for name in ("metadata", "form"):
        problem = _check_free(name, getattr(wire, name, None))
        if problem:
            return problem
    for name in ("occurred_at", "since", "lead_at"):
        at = getattr(wire, name, None)
        if at is not None and not 0 <= calendar.instant(at) <= MAX_INTEGER:
            return Problem("invalid_value", name)
    checker = _CHECKS.get(type(wire))
    return checker(wire) if checker else None


def _nul(value: Any, path: str = "") -> str | None:
    """Return the path of the first text that holds a NUL."""
    if isinstance(value, str):
        return path if "\0" in value else None
    if isinstance(value, dict):
        if any("\0" in key for key in value):
            return path
        items: list[tuple[str, Any]] = [(f"{path}.{key}".lstrip("."), item) for key, item in value.items()]
    elif isinstance(value, list):
        items = [(f"{path}[{index}]", item) for index, item in enumerate(value)]
    else:
        return None
    return next((inner for place, item in items if (inner := _nul(item, place)) is not None), None)


def _check_free(name: str, value: Any) -> Problem | None:
    if value is None:
        return None
    if len(msgspec.json.encode(value)) > MAX_METADATA:
        return Problem("too_large", name)
    return Problem("out_of_range", name) if _has_large_integer(value) else None


def _has_large_integer(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_large_integer, value.values()))
    if isinstance(value, list):
        return any(map(_has_large_integer, value))
    return isinstance(value, int) and abs(value) > MAX_INTEGER


def _check_enrolled(wire: AdvocateEnrolled) -> Problem | None:
    return Problem("not_a_code", "code") if wire.code is not None and code_key(wire.code) is None else None


def _check_lead(wire: LeadCreated | ConversionRecorded | CustomerUpdated) -> Problem | None:
    if wire.country is not None and wire.country.upper() not in COUNTRIES:
        return Problem("unknown_country", "country")
    return None


def _check_updated(wire: CustomerUpdated) -> Problem | None:
    if wire.time_zone is not None and not is_zone(wire.time_zone):
        return Problem("unknown_time_zone", "time_zone")
    return _check_lead(wire)


def is_zone(name: object) -> bool:
    """Return whether this is a name of the IANA list, as this machine has it."""
    return isinstance(name, str) and name in _zones()


@cache
def _zones() -> AbstractSet[str]:
    return available_timezones()


def _check_conversion(wire: ConversionRecorded) -> Problem | None:
    given = {name: getattr(wire, name) for name in ("invoice_id", "amount", "currency")}
    missing = [name for name, value in given.items() if value is None]
    if 0 < len(missing) < len(given):
        return Problem("missing_field", missing[0])
    if wire.currency is not None and wire.currency not in CURRENCIES:
        return Problem("unknown_currency", "currency")
    return _check_parts(wire, wire.amount or 0) or _check_lead(wire)


def _check_amended(wire: ConversionAmended) -> Problem | None:
    return _check_currency(wire) or _check_parts(wire, wire.amount)


def _check_canceled(wire: ConversionCanceled) -> Problem | None:
    """By one of the two, never by both."""
    if wire.invoice_id is None and wire.event_id is None:
        return Problem("missing_field", "invoice_id")
    return Problem("invalid_value", "event_id") if None not in (wire.invoice_id, wire.event_id) else None


def _check_currency(wire: ConversionAmended | ConversionRefunded | ChargebackOpened | CreditRedeemed) -> Problem | None:
    known = wire.currency is None or wire.currency in CURRENCIES
    return None if known else Problem("unknown_currency", "currency")


def _check_parts(wire: ConversionRecorded | ConversionAmended | ConversionRefunded, amount: int) -> Problem | None:
    code = parts.problem(amount, wire.tax, wire.shipping, [line.amount for line in wire.lines])
    if code == "parts_exceed_amount":
        return Problem(code, "tax" if wire.tax else "shipping")
    return None if code is None else Problem(code, "lines")


def _check_refund(wire: ConversionRefunded) -> Problem | None:
    return _check_currency(wire) or _check_parts(wire, wire.amount)


def _check_imported(wire: ReferralImported) -> Problem | None:
    for name, at in wire.first.items():
        if at.tzinfo is None or not 0 <= calendar.instant(at) <= MAX_INTEGER:
            return Problem("invalid_value", f"first.{name}")
    return None


def _check_deal(wire: DealReported | DealRegistered) -> Problem | None:
    """An amount has a currency; a domain is one."""
    if (wire.amount is None) is not (wire.currency is None):
        return Problem("missing_field", "currency" if wire.currency is None else "amount")
    if wire.currency is not None and wire.currency not in CURRENCIES:
        return Problem("unknown_currency", "currency")
    if wire.company_domain is not None and canonical_domain(wire.company_domain) is None:
        return Problem("invalid_value", "company_domain")
    return None


def _check_balance(wire: BalanceOpened) -> Problem | None:
    if (wire.currency is None) is not (wire.kind == "points"):
        return Problem("missing_field" if wire.currency is None else "invalid_value", "currency")
    if wire.currency is not None and wire.currency not in CURRENCIES:
        return Problem("unknown_currency", "currency")
    return None if wire.amount else Problem("invalid_value", "amount")


def _check_survey(wire: SurveyAnswered) -> Problem | None:
    """An answer is on the scale of its survey, which is known, or said."""
    given = {"lowest": wire.lowest, "highest": wire.highest}
    missing = [name for name, value in given.items() if value is None]
    if wire.survey not in surveys.SCALES and missing:
        return Problem("missing_field", missing[0])
    if not surveys.fits(wire.survey, wire.lowest, wire.highest):
        return Problem("invalid_value", "highest" if "lowest" in missing else "lowest")
    low, high = surveys.scale(wire.survey, wire.lowest, wire.highest)
    return None if low <= wire.score <= high else Problem("invalid_value", "score")


_CHECKS: dict[type[Wire], Callable[[Any], Problem | None]] = {
    AdvocateEnrolled: _check_enrolled,
    LeadCreated: _check_lead,
    CustomerUpdated: _check_updated,
    ConversionRecorded: _check_conversion,
    ConversionAmended: _check_amended,
    ConversionCanceled: _check_canceled,
    ConversionRefunded: _check_refund,
    ChargebackOpened: _check_currency,
    CreditRedeemed: _check_currency,
    ReferralImported: _check_imported,
    BalanceOpened: _check_balance,
    DealReported: _check_deal,
    DealRegistered: _check_deal,
    SurveyAnswered: _check_survey,
}
