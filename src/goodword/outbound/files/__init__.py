"""Files for the bank: the formats by name, and the one way in which a file is made of orders.

It is refused before anything is written, naming the payouts and why, or it holds every one of them. Its bytes are read again before
they leave, by code that shares nothing with what wrote them, and compared with the orders: count, sum, references, accounts, days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Final

from msgspec import Struct

from goodword.core import canonical
from goodword.outbound.files import calendars, nacha, pain001, reading, tables
from goodword.outbound.files.base import DEBTOR, Batch, Format, Line, Read, dashed, spelled
from goodword.outbound.rails.base import Order

__all__ = [
    "DEBTOR",
    "FORMATS",
    "PLAIN",
    "File",
    "FileRefusedError",
    "Format",
    "MismatchError",
    "Problem",
    "make",
    "problems",
]

PLAIN: Final = "csv"
_RUN: Final = ("=", "+", "-", "@")
#: Fields of the debtor that are spelled in the characters of banks, and how long they may be then.
_SPELLED: Final = {"name": 70, "street": 70, "number": 16, "postcode": 16, "town": 35, "bank_name": 23}


class Problem(Struct, frozen=True):
    """Why a format cannot carry a payout. ``code``: stable; its sentence is among the words for pages (``bank_file.refused.…``)."""

    payout: str
    code: str


class FileRefusedError(Exception):
    """A file cannot be made as it is asked for. ``code``: stable.

    ``problems``: payouts that the format cannot carry (``not_in_format``); ``fields``: of the debtor (``debtor_missing``).
    """

    def __init__(self, code: str, problems: Sequence[Problem] = (), fields: Sequence[str] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.problems = tuple(problems)
        self.fields = tuple(fields)


class MismatchError(Exception):
    """A file that was made does not say what was approved: a mistake of ours, and it does not leave."""


class File(Struct, frozen=True):
    """A file. ``id``: by which it is known; ``day``: on which it asks its payments to be executed; None: it says none."""

    id: str
    body: bytes
    count: int
    day: date | None


def _holder(order: Order) -> str:
    said = order.details
    return str(said.get("iban") or said.get("account") or said.get("paypal") or "")


def _plain(order: Order) -> Line:
    return Line(order.id, order.amount, order.unit, _kept(_holder(order)), _kept(order.details.get("name") or ""))


def _kept(text: str) -> str:
    """Return a text as a spreadsheet keeps it one."""
    return f"'{text}" if text.lstrip().startswith(_RUN) or text.startswith(("\t", "\r")) else text


def _by_iban(order: Order) -> Line:
    return Line(dashed(order.id), order.amount, order.unit, order.details["iban"], order.details["name"])


def _sepa(order: Order) -> Line:
    name = spelled(order.details["name"], pain001.MOST_NAME)
    return Line(dashed(order.id), order.amount, order.unit, order.details["iban"], name)


def _ach(order: Order) -> Line:
    said = order.details
    name = (spelled(said["name"], 4 * len(said["name"])) or "")[: nacha.MOST_NAME].strip()
    return Line(order.id[-15:], order.amount, order.unit, f"{said['bank']}/{said['account']}", name)


def _paypal(order: Order) -> Line:
    return Line(order.id, order.amount, order.unit, order.details["paypal"], None)


FORMATS: Final[dict[str, Format]] = {
    it.name: it
    for it in (
        Format(
            PLAIN,
            "CSV, a plain table",
            "text/csv; charset=utf-8",
            "csv",
            tables.no_refusal,
            tables.plain,
            reading.plain,
            _plain,
        ),
        Format(
            "pain.001",
            "SEPA credit transfers, pain.001.001.09",
            "application/xml",
            "xml",
            pain001.refusal,
            pain001.write,
            reading.pain001,
            _sepa,
            needs=("name", "iban", "town", "country"),
            paid_from=lambda debtor: debtor["iban"],
            opens=calendars.target,
        ),
        Format(
            "paypal",
            "PayPal payouts, CSV",
            "text/csv; charset=utf-8",
            "csv",
            tables.paypal_refusal,
            tables.paypal,
            reading.paypal,
            _paypal,
            most=5_000,
            single=True,
        ),
        Format(
            "wise",
            "Wise batch payments, CSV",
            "text/csv; charset=utf-8",
            "csv",
            tables.wise_refusal,
            tables.wise,
            reading.wise,
            _by_iban,
            most=1_000,
        ),
        Format(
            "nacha",
            "ACH credits in the United States, NACHA",
            "text/plain; charset=us-ascii",
            "ach",
            nacha.refusal,
            nacha.write,
            reading.nacha,
            _ach,
            needs=("name", "routing", "bank_name", "company_id"),
            paid_from=lambda debtor: debtor["routing"],
            most=nacha.MOST,
            most_sum=nacha.MOST_SUM,
            opens=calendars.federal_reserve,
        ),
    )
}


def problems(format_: Format, orders: Sequence[Order], debtor: Mapping[str, str], day: date) -> list[Problem]:
    """Return what of these orders a format cannot carry. In a format of one currency the first that it carries says which."""
    found, unit = list[Problem](), None
    for order in orders:
        code = format_.refusal(order, debtor, day) if order.amount > 0 else "amount_too_small"
        if code is None and format_.single:
            unit = unit or order.unit
            code = None if order.unit == unit else "another_currency"
        if code is not None:
            found.append(Problem(order.id, code))
    return found


def make(
    format_: Format, orders: Sequence[Order], debtor: Mapping[str, str] | None, now: datetime, day: date | None = None
) -> File:
    """Return the file of these orders. ``now``: the workspace's time, UTC; ``day``: of execution, else the first that is open.

    Raises FileRefusedError, and MismatchError if what was written does not say what was asked for: then there is no file.
    """
    debtor = debtor or {}
    missing = [field for field in format_.needs if field not in debtor]
    if missing:
        raise FileRefusedError("debtor_missing", fields=missing)
    day = execution(format_, now.date(), day)
    if format_.paid_from is not None and "iban" in format_.needs and not calendars.in_sepa(debtor["iban"], day):
        raise FileRefusedError("debtor_not_in_sepa")
    if format_.needs and (
        unspelled := [
            field for field, most in _SPELLED.items() if field in debtor and spelled(debtor[field], most) is None
        ]
    ):
        raise FileRefusedError("debtor_not_carried", fields=unspelled)
    if found := problems(format_, orders, debtor, day):
        raise FileRefusedError("not_in_format", found)
    total = sum(order.amount for order in orders)
    if (format_.most is not None and len(orders) > format_.most) or total > (format_.most_sum or total):
        raise FileRefusedError("too_many_for_format")
    if not orders and format_.name != PLAIN:
        raise FileRefusedError("nothing_for_bank")
    batch = Batch(_id(format_, orders, debtor), debtor, day, now)
    body = "".join(format_.write(orders, batch)).encode()
    try:
        _compare(format_, format_.read(body), orders, batch)
    except (ValueError, LookupError, SyntaxError) as error:  # what cannot be read is not what was asked for, either
        raise MismatchError(f"a file as {format_.name} does not read back: {type(error).__name__}") from error
    return File(batch.id, body, len(orders), day if format_.opens is not None else None)


def execution(format_: Format, today: date, day: date | None) -> date:
    """Return the day of execution. Raises FileRefusedError for one that has gone, lies far ahead, or on which banks do not settle."""
    if format_.opens is None:
        return today
    if day is None:
        return calendars.next_open(today, format_.opens)
    if not today <= day <= date.fromordinal(today.toordinal() + 365) or not format_.opens(day):
        raise FileRefusedError("day_not_open")
    return day


def _id(format_: Format, orders: Sequence[Order], debtor: Mapping[str, str]) -> str:
    """Name a file by what it pays, from where: not by its day, so that a second download of the same is known to the bank."""
    paid_from = format_.paid_from(debtor) if format_.paid_from is not None else ""
    said = sorted((order.id, order.amount, order.unit) for order in orders)
    return "GW" + sha256(canonical.encode((format_.name, paid_from, said))).hexdigest()[:32]


def _compare(format_: Format, read: Read, orders: Sequence[Order], batch: Batch) -> None:
    """Raise MismatchError at the first thing that a file says otherwise than its orders."""
    wanted = Counter(map(format_.said, orders))
    days = {batch.day.isoformat()} if format_.opens is not None else set()
    debtors = {format_.paid_from(batch.debtor)} if format_.paid_from is not None else set()
    total = sum(order.amount for order in orders)
    for what, is_so in (
        ("payments", Counter(read.lines) == wanted),
        ("references", len({line.reference for line in read.lines}) == len(orders)),
        ("count", read.count in (None, len(orders))),
        ("sum", read.total in (None, total) and sum(line.amount for line in read.lines) == total),
        ("days", read.days == days),
        ("accounts that are paid from", read.debtors == debtors),
    ):
        if not is_so:
            raise MismatchError(f"a file as {format_.name} says other {what} than were approved")
