"""How the columns of somebody's file become the fields of native events: a mapping, as YAML or JSON.

    kind: orders
    columns: {invoice_id: Order, customer_external_id: Customer no., amount: Total, occurred_at: Paid on}
    constants: {currency: EUR}
    decimal: comma
    dates: DD.MM.YYYY HH:mm
    zone: Europe/Berlin
    id: Order

Must not know: how a file is read, the database.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Names
from datetime import UTC, datetime
from typing import Any, Final, Literal, get_args

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from goodword.core import calendar
from goodword.core.money import CURRENCIES
from goodword.sources import amounts, native, plain
from goodword.sources.native import Wire
from goodword.sources.table_file import FileError, Number

#: What a file holds -> the type of its rows, and what each of them says besides its columns.
KINDS: Final[dict[str, type[Wire]]] = {
    "advocates": native.AdvocateEnrolled,
    "customers": native.CustomerKnown,
    "leads": native.LeadCreated,
    "orders": native.ConversionRecorded,
    "refunds": native.ConversionRefunded,
    "referrals": native.ReferralImported,
    "conversions": native.ConversionRecorded,
    "balances": native.BalanceOpened,
    "suspensions": native.AdvocateSuspended,
    "departures": native.AdvocateLeft,
    "consents": native.ConsentRecorded,
}
GIVEN: Final[dict[str, dict[str, Any]]] = {"conversions": {"settled": True}}
#: What stands before the fields of a consent in a list of advocates, and the purpose that is meant where none is said.
CONSENT: Final = "consent."
_PURPOSE: Final = "advocate"
#: Fields that hold money, and those that hold an instant; ``first.<name>`` does too.
MONEY: Final = ("amount", "tax", "shipping", "discount")
TIMES: Final = ("occurred_at", "since", "lead_at", "first")
#: Fields of one thing each, which no cell says: rows of lines are no part of a table of orders.
_LATER: Final = frozenset({"lines", "metadata", "form"})
_TOKENS: Final = {
    "YYYY": "%Y",
    "YY": "%y",
    "MM": "%m",
    "DD": "%d",
    "HH": "%H",
    "hh": "%I",
    "mm": "%M",
    "ss": "%S",
    "A": "%p",
}
_TOKEN: Final = re.compile("YYYY|YY|MM|DD|HH|hh|mm|ss|A")
_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}.*", re.DOTALL)
#: One with its zone as it is written here: it stays as it is, so that a row without an id is known again.
_RFC: Final = re.compile(r"\S+(?:Z|[+-][0-9]{2}:?[0-9]{2}(?::?[0-9]{2})?)")
_LONGEST_FORM: Final = 40
_SPACES: Final = re.compile("[ \u00a0\u202f'\u2019]")
#: Of alternative forms of dates: seconds or milliseconds since 1970, by their digits.
_UNIX: Final = "unix"
_SECONDS: Final = re.compile("[0-9]{10}(?:[0-9]{3})?")
#: A zone behind a time as some write it, with a space before: UTC by its name, hours and minutes without a colon.
_UTC: Final = re.compile(r"\s?(?:UTC|GMT)$")
_OFFSET: Final = re.compile(r"\s([+-][0-9]{2}):?([0-9]{2})$")
#: The sign of a currency before an amount, and the currencies that are written with it.
_SIGN: Final = re.compile(r"(-?)([A-Z]{0,3}[$\u20ac\u00a3\u00a5])(-?)")
_SIGNS: Final = {
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"),
    "\u20ac": ("EUR",),
    "\u00a3": ("GBP",),
    "\u00a5": ("JPY", "CNY"),
}


class Mapping(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Which column is which field, and how its texts are read.

    ``constants``: what every row says. ``values``: field -> what a cell says -> what is meant. ``only``: column -> what it must say,
    or the row is passed over. ``decimal``: how amounts are written; ``minor``: as whole minor units. ``negative``: amounts stand below
    zero and mean the same above. ``dates``: ``iso``, or a form such as DD.MM.YYYY HH:mm, with A for am and pm; ``zone``: of times that
    say none. ``id``: the columns by which a row is known; none: by all that it says. ``skip``: lines above the header.

    ``instead``: field -> the column that says it where its own is empty. ``empty``: field -> what an empty cell means. ``joined``:
    field -> columns whose texts make it up. ``prefixes``: column -> what is put before its texts, so that another system's numbers
    are nobody else's. ``filled``: columns without which a row is passed over; ``least``: the amount below which one is. ``passed``:
    column -> what it says of rows that are passed over; with ``only`` of the same column, a row that says neither is refused.
    """

    kind: str
    columns: dict[str, str]
    constants: dict[str, str | int | bool] = {}
    values: dict[str, dict[str, str]] = {}
    only: dict[str, tuple[str, ...]] = {}
    passed: dict[str, tuple[str, ...]] = {}
    filled: tuple[str, ...] = ()
    least: int | None = None
    instead: dict[str, str] = {}
    empty: dict[str, str] = {}
    joined: dict[str, tuple[str, ...]] = {}
    prefixes: dict[str, str] = {}
    decimal: Literal["minor", "point", "comma"] = "minor"
    negative: bool = False
    dates: str = "iso"
    zone: str | None = None
    id: tuple[str, ...] = ()
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    skip: int = 0


def read(data: bytes, name: str = "mapping") -> Mapping:
    """Return the mapping that a YAML file, or a JSON one if its name ends so, holds. Raises FileError with all that is wrong."""
    try:
        tree = plain.load(data, is_json=name.lower().endswith(".json"))
    except plain.UnplainError as error:
        problem = error.problem
        raise FileError(f"{name}: found {problem.found}; expected {problem.expected}") from None
    if not isinstance(tree, dict):
        raise FileError(f"{name}: found no names; expected kind and columns")
    if tree.get("id") is not None and not isinstance(tree["id"], list):
        tree["id"] = [tree["id"]]
    try:
        mapping = msgspec.convert(tree, Mapping)
    except msgspec.ValidationError as error:
        raise FileError(f"{name}: {error}") from None
    return checked(mapping, name)


def checked(mapping: Mapping, name: str = "mapping") -> Mapping:
    """Return a mapping that says nothing wrong by itself. Raises FileError with all that is."""
    if wrong := problems(mapping):
        raise FileError(
            "\n".join([f"{name}: {len(wrong)} error{'s' if len(wrong) > 1 else ''}", *(f"  {it}" for it in wrong)])
        )
    return mapping


def steps(mapping: Mapping) -> tuple[Mapping, ...]:
    """Return the mappings by which a line is read, one after the other.

    A list of advocates with consents (``consent.outcome``, ``.purpose``, ``.channel``, ``.proof``, ``.occurred_at``) says two things a
    line: who agreed to what, and, if they did, that they are enrolled.
    """
    places = ("columns", "constants", "values", "instead", "empty", "joined")
    said = {where: dict(getattr(mapping, where)) for where in places}
    if mapping.kind != "advocates" or not any(field.startswith(CONSENT) for of in said.values() for field in of):
        return (mapping,)
    apart = {where: {f: it for f, it in of.items() if f.startswith(CONSENT)} for where, of in said.items()}
    consents = {where: {f.removeprefix(CONSENT): it for f, it in of.items()} for where, of in apart.items()}
    rest = {where: {f: it for f, it in of.items() if f not in apart[where]} for where, of in said.items()}
    for where in places:
        if "external_id" in rest[where]:
            consents[where]["customer_external_id"] = rest[where]["external_id"]
    if "purpose" not in consents["columns"]:
        consents["constants"].setdefault("purpose", _PURPOSE)
    only = dict(mapping.only)
    if (column := consents["columns"].get("outcome")) is not None:
        meant = consents["values"].get("outcome", {})
        only.setdefault(column, ("given", *(text for text, outcome in meant.items() if outcome == "given")))
    asked = replace(mapping, kind="consents", **consents)
    if column is not None:
        asked = replace(asked, filled=(*asked.filled, column))
    return asked, replace(mapping, only=only, **rest)


def problems(mapping: Mapping) -> list[str]:
    """Return what is wrong with a mapping, whatever the file."""
    several = steps(mapping)
    if len(several) > 1:
        return list(dict.fromkeys(wrong for it in several for wrong in problems(it)))
    if mapping.kind not in KINDS:
        return [f"kind: {mapping.kind!r} is none; it can be {', '.join(KINDS)}"]
    known = fields_of(mapping.kind)
    said = [
        (where, field)
        for where in ("columns", "constants", "instead", "empty", "joined")
        for field in getattr(mapping, where)
    ]
    wrong = [
        f"{where}: {field!r} is no field of {mapping.kind}; it can be {', '.join(sorted(known))}"
        for where, field in said
        if field.partition(".")[0] not in known
    ]
    wrong += [f"{field!r} is a column and a constant" for field in mapping.columns if field in mapping.constants]
    wrong += [f"{field!r} is a column and joined" for field in mapping.columns if field in mapping.joined]
    wrong += [
        f"{where}: {field!r} has no column"
        for where in ("instead", "empty")
        for field in getattr(mapping, where)
        if field not in mapping.columns
    ]
    needed = [field for field, needs in known.items() if needs]
    named = {field.partition(".")[0] for _, field in said}
    wrong += [f"columns: {field!r} is missing, and is needed" for field in needed if field not in named]
    if mapping.id and "id" in mapping.columns:
        wrong.append("id: it is made of columns or is one, not both")
    money = [field for field in MONEY if field in mapping.columns]
    if mapping.decimal != "minor" and money and "currency" not in named:
        wrong.append("currency: amounts with a point or comma need one, as a column or a constant")
    currency = mapping.constants.get("currency")
    if currency is not None and currency not in CURRENCIES:
        wrong.append(f"currency: {currency!r} is none of ISO 4217")
    if mapping.zone is not None:
        try:
            calendar.zone(mapping.zone)
        except ValueError as error:
            wrong.append(f"zone: {error}")
    if mapping.dates != "iso" and not all(form == _UNIX or _is_form(form) for form in mapping.dates.split("|")):
        wrong.append(f"dates: {mapping.dates!r} is no form; it can be iso, DD.MM.YYYY, MM/DD/YYYY HH:mm and the like")
    if mapping.skip < 0:
        wrong.append("skip: it is a number of lines")
    return wrong


def against(mapping: Mapping, header: list[str]) -> list[str]:
    """Return the columns that a mapping names and a file has not, as sentences."""
    wanted = named_in(mapping)
    has = ", ".join(map(repr, filter(None, header))) or "none"
    return [
        f"column {name!r} is missing in the file; it has {has}" for name in dict.fromkeys(wanted) if name not in header
    ]


def named_in(mapping: Mapping) -> list[str]:
    """Return the columns that a mapping names, each as often as it does."""
    several = [*mapping.columns.values(), *mapping.instead.values(), *mapping.id, *mapping.only, *mapping.passed]
    return [
        *several,
        *mapping.filled,
        *mapping.prefixes,
        *(name for names in mapping.joined.values() for name in names),
    ]


def fields_of(kind: str) -> dict[str, bool]:
    """Return the fields that a table of this kind may fill, and whether it must."""
    fixed = GIVEN.get(kind, {})
    fields = msgspec.structs.fields(KINDS[kind])
    return {it.name: it.required and it.name != "id" for it in fields if it.name not in _LATER and it.name not in fixed}


def ready(kind: str, header: list[str]) -> Mapping:
    """Return the mapping of a file whose header has our own names. Raises FileError for one that has not."""
    known = fields_of(kind)
    if kind == "advocates":
        known |= {f"{CONSENT}{name}": False for name in fields_of("consents")}
    for name in header:
        if name not in known and name.partition(".")[0] not in known:
            raise FileError(f"column {name!r}: there is none of this name, it can be {', '.join(sorted(known))}")
    if missing := [name for name, needs in known.items() if needs and name not in header]:
        raise FileError(f"column {missing[0]!r} is missing")
    return Mapping(kind=kind, columns={name: name for name in header})


#: What other systems call the fields, in letters and digits alone.
_CALLED: Final[dict[str, tuple[str, ...]]] = {
    "customer_external_id": ("customer", "customerid", "customerno", "customernumber", "userid", "buyer", "clientid"),
    "external_id": ("advocate", "advocateid", "customerid", "userid", "partnerid"),
    "advocate_external_id": ("advocate", "advocateid", "referrer", "referrerid"),
    "invoice_id": ("invoice", "invoiceid", "invoiceno", "order", "orderid", "orderno", "ordernumber", "name"),
    "refund_id": ("refund", "refundid", "refundno", "creditnote"),
    "amount": ("total", "sum", "gross", "amount", "totalprice", "refunded", "balance"),
    "currency": ("currency", "currencycode"),
    "occurred_at": ("date", "createdat", "paidat", "orderdate", "refundedat", "time"),
    "since": ("since", "createdat", "customersince", "firstorder"),
    "lead_at": ("date", "createdat", "referredat"),
    "code": ("code", "coupon", "discountcode", "promocode", "referralcode"),
    "email": ("email", "mail", "emailaddress"),
    "customer_email": ("email", "mail", "customeremail", "emailaddress"),
    "customer_name": ("name", "fullname", "customername"),
    "name": ("name", "fullname"),
    "tax": ("tax", "taxes", "vat"),
    "shipping": ("shipping", "shippingprice"),
    "country": ("country", "countrycode", "billingcountry"),
}


def guessed(kind: str, header: list[str]) -> dict[str, str]:
    """Return the fields that columns are likely meant to be: what a person is asked about first, and nothing that is imported so."""
    plain_names = {re.sub("[^a-z0-9]", "", name.lower()): name for name in reversed(header)}
    found: dict[str, str] = {}
    for field in fields_of(kind):
        names = (re.sub("[^a-z0-9]", "", field), *_CALLED.get(field, ()))
        column = next((plain_names[name] for name in names if name in plain_names), None)
        if (
            column is not None
            and column not in found.values()
            and (kind not in ("orders", "conversions") or field != "name")
        ):
            found[field] = column
    return found


def amount(text: str, mapping: Mapping, currency: Any) -> Any:
    """Return minor units; a text that says no such amount stays as it is, so that the format says what is wrong with it.

    A number of Excel is read by its digits: of how texts write amounts it knows nothing.
    """
    if mapping.decimal == "minor":
        found = int(text) if re.fullmatch("-?[0-9]{1,16}", text) else None
    elif isinstance(text, Number):
        found = amounts.minor(str(text), currency) if isinstance(currency, str) and currency in CURRENCIES else None
    else:
        point, group = (".", ",") if mapping.decimal == "point" else (",", ".")
        number = _unsigned(_SPACES.sub("", text), currency)
        whole, _, rest = number.partition(point)
        grouped = re.fullmatch(rf"-?[0-9]{{1,3}}(?:{re.escape(group)}[0-9]{{3}})+", whole)
        whole = whole.replace(group, "") if grouped else whole
        known = isinstance(currency, str) and currency in CURRENCIES
        found = amounts.minor(f"{whole}.{rest}" if rest else whole, currency) if known else None
    if found is None:
        return str(text)
    return -found if mapping.negative else found


def _unsigned(number: str, currency: Any) -> str:
    """Return an amount without the sign of its currency before it; with another one's it stays as it is, and is none."""
    sign = _SIGN.match(number)
    if sign is None or currency not in _SIGNS[sign[2][-1]] or (sign[1] and sign[3]):
        return number
    return f"{sign[1] or sign[3]}{number[sign.end() :]}"


def instant(text: str, mapping: Mapping) -> str:
    """Return a time as RFC 3339; one that is none, or that no clock of the zone showed, stays as it is, and is refused."""
    at = _read(text, mapping)
    if at is None:
        return text
    if at.tzinfo is not None:
        return text if _RFC.fullmatch(text) else at.isoformat()
    if mapping.zone is None:
        return text
    local = at.replace(tzinfo=calendar.zone(mapping.zone))
    utc = local.astimezone(UTC)
    shown = utc.astimezone(local.tzinfo).replace(tzinfo=None)
    return utc.isoformat() if shown == at else text


def _read(text: str, mapping: Mapping) -> datetime | None:
    """Return the time that a text says in ISO, or in the first of the mapping's forms that it fits."""
    try:
        if _ISO.fullmatch(text):
            return datetime.fromisoformat(_OFFSET.sub(r"\1:\2", _UTC.sub("+00:00", text)))
    except ValueError:
        return None
    for form in mapping.dates.split("|") if mapping.dates != "iso" else ():
        try:
            if form != _UNIX:
                return datetime.strptime(text, _form(form))  # noqa: DTZ007 - its zone follows
            if _SECONDS.fullmatch(text):
                return datetime.fromtimestamp(int(text[:10]), UTC).replace(microsecond=int(text[10:] or 0) * 1_000)
        except ValueError:
            continue
    return None


def _form(dates: str) -> str:
    return _TOKEN.sub(lambda it: _TOKENS[it[0]], dates.replace("%", "%%"))


def _is_form(dates: str) -> bool:
    """Return whether a form of dates has a day of a year, each part of it once."""
    parts = _TOKEN.findall(dates)
    years = [part for part in parts if part.startswith("Y")]
    return (
        len(years) == 1 and len(set(parts)) == len(parts) and {"MM", "DD"} <= set(parts) and len(dates) <= _LONGEST_FORM
    )


def value(field: str, text: str, mapping: Mapping, whole: Names[str, bool], currency: Any) -> Any:
    """Return what a cell says for a field."""
    text = mapping.values.get(field, {}).get(text, text)
    if field == "currency":
        return text.upper()
    if field in MONEY:
        return amount(text, mapping, currency)
    text = str(text)
    if field.partition(".")[0] in TIMES:
        return instant(text, mapping)
    if not whole.get(field):
        return text
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    return int(text) if re.fullmatch("-?[0-9]{1,16}", text) else text


def constant(kind: str, field: str, text: str) -> str | int | bool:
    """Return what a text that somebody typed says for a field of every row."""
    if not whole_of(kind).get(field):
        return text
    said: str | int | bool = value(field, text, Mapping(kind=kind, columns={}), {field: True}, None)
    return said


def whole_of(kind: str) -> dict[str, bool]:
    """Return which fields of a kind hold whole numbers or yes and no, which a cell writes as text."""
    return {field.name: _is_number(field.type) for field in msgspec.structs.fields(KINDS[kind])}


def _is_number(hint: Any) -> bool:
    return hint in (int, bool) or any(_is_number(part) for part in get_args(hint))
