"""A CSV or Excel file of a bank, by a mapping that says which column is what, held against a running balance if there is one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, BinaryIO, Final

import msgspec
import yaml
from msgspec import Struct

from goodword.core.money import CURRENCIES
from goodword.sources import table_file
from goodword.sources.bank.base import BankFileError, Heading, Line, Read, Total, amount, refuse, token

#: What a column may be. ``amount`` has a sign, or ``debit`` and ``credit`` stand apart; ``balance``: behind the line.
FIELDS: Final = (
    "day",
    "amount",
    "debit",
    "credit",
    "currency",
    "end_to_end",
    "reference",
    "text",
    "account",
    "reason",
    "balance",
)
_DATES: Final = {
    "YYYY-MM-DD": "%Y-%m-%d",
    "DD.MM.YYYY": "%d.%m.%Y",
    "DD/MM/YYYY": "%d/%m/%Y",
    "MM/DD/YYYY": "%m/%d/%Y",
    "YYYYMMDD": "%Y%m%d",
}


class Mapping(Struct, frozen=True, forbid_unknown_fields=True):
    """Which column is which of ``FIELDS``. ``currency``: of all lines; ``decimal``: point or comma; ``account``: whose file it is.

    ``newest_first``: the running balance is read from below.
    """

    columns: dict[str, str]
    currency: str | None = None
    decimal: str = "point"
    dates: str = "YYYY-MM-DD"
    account: str | None = None
    delimiter: str | None = None
    skip: int = 0
    newest_first: bool = False


def mapping(text: str) -> Mapping:
    """Return the mapping that a text of YAML or JSON says. Raises BankFileError."""
    try:
        found = msgspec.convert(yaml.safe_load(text[:20_000]), Mapping)
    except (yaml.YAMLError, msgspec.ValidationError, ValueError, RecursionError) as error:
        raise BankFileError("mapping_invalid", f"the mapping cannot be meant: {str(error)[:200]}") from None
    names = found.columns
    sums = "amount" in names or ("debit" in names and "credit" in names)
    wrong = next((name for name in names if name not in FIELDS), None)
    problem = (
        f"columns.{wrong}: it can be {', '.join(FIELDS)}" if wrong
        else "columns: day is missing" if "day" not in names
        else "columns: amount is missing, or debit and credit" if not sums
        else "columns: one of end_to_end, reference and text is missing" if not names.keys() & {"end_to_end", "reference", "text"}
        else "currency: say it, or its column" if found.currency is None and "currency" not in names
        else f"currency: {found.currency} is none of ISO 4217" if found.currency not in (None, *CURRENCIES)
        else "decimal: point or comma" if found.decimal not in ("point", "comma")
        else f"dates: one of {', '.join(_DATES)}" if found.dates not in _DATES
        else "account: your own, of which the file is, as the bank writes it in other files" if not found.account
        else None
    )  # fmt: skip
    if problem is not None:
        raise BankFileError("mapping_invalid", problem)
    return found


def read(file: BinaryIO, said: Mapping) -> Read:
    """Yield the lines and the heading of a file. Raises BankFileError."""
    try:
        table = table_file.table(file, delimiter=said.delimiter, skip=said.skip)
        missing = next((column for column in said.columns.values() if column not in table.header), None)
        if missing is not None:
            raise BankFileError("mapping_invalid", f"the header has no column {missing[:60]!r}")
        places = {field: table.header.index(column) for field, column in said.columns.items()}
        count, edges, currency = 0, list[tuple[int, int]](), said.currency
        for row in table.lines:
            at = f"line {row.number}"
            if row.cells is None or len(row.cells) > len(table.header):
                raise refuse("line_invalid", at, "the row is longer than the header")
            cells = {field: row.cells[place] if place < len(row.cells) else "" for field, place in places.items()}
            line, balance = _line(cells, said, at)
            if balance is not None:
                edges = _followed(edges, balance, line, said, at)
            currency, count = line.currency, count + 1
            yield Total(at, line.amount or 0, line.currency or "")
            yield line
    except table_file.FileError as error:
        raise BankFileError("table_invalid", str(error)) from None
    yield Heading(at="the file", account=said.account, currency=currency, size=count)


def _followed(edges: list[tuple[int, int]], balance: int, line: Line, said: Mapping, at: str) -> list[tuple[int, int]]:
    """Hold a running balance against the line before it: (balance, amount) of the last line."""
    now = balance, line.amount or 0
    if edges:
        before, moved = edges[-1]
        expected = before - moved if said.newest_first else before + now[1]
        if balance != expected:
            raise refuse(
                "balance_differs", at, "the balance does not follow from the line before it: fetch the file anew"
            )
    return [now]


def _line(cells: dict[str, str], said: Mapping, at: str) -> tuple[Line, int | None]:
    currency = (cells.get("currency") or said.currency or "").upper()
    if "amount" in cells:
        value = _figure(cells["amount"], currency, said, at)
    else:
        out, into = cells.get("debit", ""), cells.get("credit", "")
        value = (abs(_figure(into, currency, said, at)) if into else 0) - (
            abs(_figure(out, currency, said, at)) if out else 0
        )
    balance = _figure(cells["balance"], currency, said, at) if cells.get("balance") else None
    try:
        on = datetime.strptime(cells["day"][:10], _DATES[said.dates]).date().isoformat()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise refuse("date_invalid", at, f"a date is written as {said.dates}") from None
    texts = [cells.get(name, "") for name in ("end_to_end", "reference", "text")]
    made: dict[str, Any] = {
        "reference": token(cells.get("reference")),
        "reason": cells.get("reason"),
        "other": cells.get("account"),
    }
    line = Line(at=at, said="booked", amount=value, currency=currency, day=on, texts=tuple(filter(None, texts)))
    return msgspec.structs.replace(line, **{name: value or None for name, value in made.items()}), balance


def _figure(text: str, currency: str, said: Mapping, at: str) -> int:
    """Return an amount with its sign; marks between thousands are dropped, where they cannot be the decimal mark."""
    mark, other = (".", ",") if said.decimal == "point" else (",", ".")
    bare = text.strip().replace("\u2212", "-").replace(" ", "").replace("\xa0", "").replace("'", "")
    whole, _, part = bare.lstrip("+-").partition(mark)
    if other in part or (other in whole and not all(len(group) == 3 for group in whole.split(other)[1:])):  # noqa: PLR2004 - of thousands
        raise refuse(
            "amount_invalid", at, f"the mapping says that amounts have a decimal {said.decimal}: this one has not"
        )
    value = amount(f"{whole.replace(other, '')}.{part}" if part else whole.replace(other, ""), currency, at)
    return -value if bare.startswith("-") else value
