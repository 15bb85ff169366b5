"""Files of another system as native events: one row an event, the columns are the fields of its type.

A cell that is empty is a field that is absent. A row without an ``id`` is known by what it says, so that a file that is imported again
changes nothing. Must not know: who imports, the database.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, NamedTuple, TextIO, get_args

import msgspec

from goodword.sources import native, native_read
from goodword.sources.base import Problem, Sender
from goodword.sources.native import Wire

#: What a file holds -> the type of its rows.
KINDS: Final[dict[str, type[Wire]]] = {
    "advocates": native.AdvocateEnrolled,
    "customers": native.CustomerKnown,
    "referrals": native.ReferralImported,
    "conversions": native.ConversionRecorded,
    "balances": native.BalanceOpened,
}
#: The source of what a file says: the company itself.
SENDER: Final = Sender("import", verified=True)
#: What every row of a kind says besides its columns.
_GIVEN: Final[dict[str, dict[str, Any]]] = {"conversions": {"settled": True}}
#: Longer lines are no row of a person, a referral or an order.
_LONGEST_CELL: Final = 4_000


class FileError(ValueError):
    """The file as a whole cannot be read; the message says where and what to do."""


class Row(NamedTuple):
    """A row: its line in the file, and its event or what is wrong with it."""

    line: int
    event: Wire | Problem


def rows(file: TextIO, kind: str) -> Iterator[list[Row]]:
    """Yield the rows of a CSV file with a header, in pieces of a request's size. Raises FileError."""
    wire = KINDS[kind]
    reader = csv.reader(file)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check(header, wire)
        whole = {field.name for field in msgspec.structs.fields(wire) if _is_number(field.type)}
        numbered = ((reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells))
        while piece := list(islice(numbered, native_read.MAX_ITEMS)):
            yield [Row(line, _event(kind, header, cells, whole)) for line, cells in piece]
    except (csv.Error, UnicodeDecodeError) as error:
        raise FileError(f"line {reader.line_num}: {error}") from None


def _check(header: list[str], wire: type[Wire]) -> None:
    known = {field.name for field in msgspec.structs.fields(wire)}
    for name in header:
        if name.partition(".")[0] not in known:
            raise FileError(f"column {name!r}: there is none of this name, it can be {', '.join(sorted(known))}")
    if len(set(header)) != len(header):
        raise FileError("the header names a column twice")
    needed = [field.name for field in msgspec.structs.fields(wire) if field.required and field.name != "id"]
    if missing := [name for name in needed if name not in header]:
        raise FileError(f"column {missing[0]!r} is missing")


def _is_number(hint: Any) -> bool:
    """Return whether a field holds whole numbers or yes and no, which a cell writes as text."""
    return hint in (int, bool) or any(_is_number(part) for part in get_args(hint))


def _event(kind: str, header: list[str], cells: list[str], whole: set[str]) -> Wire | Problem:
    if len(cells) > len(header) or any(len(cell) > _LONGEST_CELL for cell in cells):
        return Problem("malformed" if len(cells) > len(header) else "too_large")
    said: dict[str, Any] = {}
    for name, cell in zip(header, map(str.strip, cells), strict=False):
        field, _, part = name.partition(".")
        if not cell:
            continue
        if part:
            said.setdefault(field, {})[part] = cell
        else:
            said[field] = _value(cell) if field in whole else cell
    said = {"type": KINDS[kind].__struct_config__.tag, **_GIVEN.get(kind, {}), **said}
    if "id" not in said:
        digest = hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()
        said["id"] = f"{kind}-{digest[:32]}"
    [event] = native_read.read(msgspec.json.encode(said))
    return event


def _value(cell: str) -> Any:
    """Return a whole number, true or false; other text as it is, so that the format says what is wrong with it."""
    if cell in ("true", "false"):
        return cell == "true"
    digits = cell.removeprefix("-")
    return int(cell) if digits.isascii() and digits.isdigit() and len(digits) <= len(str(2**53)) else cell
