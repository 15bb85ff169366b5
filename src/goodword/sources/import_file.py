"""Files of another system as native events: one row an event, the columns are the fields of its type, or mapped to them.

A cell that is empty is a field that is absent. A row without an id is known by what it says, so that a file that is imported again,
or another that overlaps with it, counts once. Must not know: who imports, the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO, Final, Literal, NamedTuple

import msgspec

from goodword.sources import exports, mapping_file, native_read, table_file
from goodword.sources.base import Problem, Sender
from goodword.sources.fields import MAX_NAME
from goodword.sources.mapping_file import GIVEN, KINDS, Mapping
from goodword.sources.native import Wire
from goodword.sources.table_file import FileError, Line

__all__ = ["KINDS", "SENDER", "FileError", "Row", "Rows", "rows"]

#: The source of what a file says: the company itself.
SENDER: Final = Sender("import", verified=True)
#: Longer cells are no field of a person, a referral or an order.
_LONGEST_CELL: Final = 4_000


class Row(NamedTuple):
    """A row: its line in the file, and its event or what is wrong with it; None: the mapping passes it over."""

    line: int
    event: Wire | Problem | None


class Rows(NamedTuple):
    """A file as rows, in pieces of a request's size. ``told``: how it was understood.

    A line of it says what each of the mappings makes of it.
    """

    header: list[str]
    mappings: tuple[Mapping, ...]
    pieces: Iterator[list[Row]]
    told: str


def rows(file: BinaryIO, kind: str, mapping: Mapping | None = None, *, most: int | None = None) -> Rows:
    """Return the rows of a file with a header. Without a mapping the header has our own names. Raises FileError, also as it is read.

    ``most``: bytes of an Excel file once it is unpacked.
    """
    it = table(file, mapping or Mapping(kind=kind, columns={}), most=most)
    return _rows(it, mapping_file.steps(mapping or mapping_file.ready(kind, it.header)), it.told)


def export(file: BinaryIO, system: str, said: exports.Said | None = None, *, most: int | None = None) -> Rows:
    """Return the rows of an export of another system, which is recognised by its header. Raises FileError, also as it is read."""
    said = said or exports.Said()
    it = table(file, Mapping(kind="", columns={}), most=most)
    fitted = exports.fitted(system, it.header, said)
    if said.decimal is None and fitted.money:
        fitted = exports.counted(fitted, it)
        file.seek(0)
        it = table(file, Mapping(kind="", columns={}), most=most)
    return _rows(it, fitted.steps, f"{it.told}; {fitted.told}")


def _rows(it: table_file.Table, mappings: tuple[Mapping, ...], told: str) -> Rows:
    if wrong := [problem for mapping in mappings for problem in mapping_file.against(mapping, it.header)]:
        raise FileError("\n  ".join(dict.fromkeys(wrong)))
    readings = [_Reading(mapping, it.header) for mapping in mappings]
    return Rows(it.header, mappings, _pieces(readings, it.lines), told)


def table(file: BinaryIO, said: Mapping, *, most: int | None = None) -> table_file.Table:
    """Return a file as its mapping says that it is to be read. Raises FileError, also as it is read."""
    how = {"delimiter": said.delimiter, "encoding": said.encoding, "sheet": said.sheet}
    return table_file.table(file, **how, skip=said.skip, most=most)


def kind_of(event: Wire | Problem | None) -> str | None:
    """Return what kind of row an event was made of."""
    if not isinstance(event, Wire):
        return None
    settled = getattr(event, "settled", False)
    return next((it for it, type_ in KINDS.items() if type(event) is type_ and settled == bool(GIVEN.get(it))), None)


def _pieces(readings: list[_Reading], lines: Iterator[Line]) -> Iterator[list[Row]]:
    while piece := list(islice(lines, native_read.MAX_ITEMS // len(readings))):
        yield [row for line in piece for row in _said_by(readings, line)]


def _said_by(readings: list[_Reading], line: Line) -> list[Row]:
    """Return what a line says, one after the other; one row that is passed over if it says nothing."""
    events: list[Wire | Problem | None] = [event for it in readings if (event := it.event(line.cells)) is not None]
    if events and all(isinstance(event, Problem) for event in events):
        events = list(dict.fromkeys(events))  # what is wrong with all that a line says is told once
    return [Row(line.number, event) for event in events or [None]]


class _Reading:
    """What a mapping makes of the cells of a row."""

    def __init__(self, mapping: Mapping, header: list[str]) -> None:
        self._mapping = mapping
        self._width = len(header)
        places = {name: place for place, name in enumerate(header)}
        self._columns = {field: places[column] for field, column in mapping.columns.items()}
        self._id = [places[column] for column in mapping.id]
        self._only = {places[column]: frozenset(texts) for column, texts in mapping.only.items()}
        self._passed = {places[column]: frozenset(texts) for column, texts in mapping.passed.items()}
        self._names = {places[column]: column for column in (*mapping.only, *mapping.passed)}
        self._filled = [places[column] for column in mapping.filled]
        self._instead = {field: places[column] for field, column in mapping.instead.items()}
        self._joined = {field: [places[column] for column in columns] for field, columns in mapping.joined.items()}
        self._prefixes = {places[column]: text for column, text in mapping.prefixes.items()}
        self._whole = mapping_file.whole_of(mapping.kind)
        given = {"type": KINDS[mapping.kind].__struct_config__.tag, **GIVEN.get(mapping.kind, {})}
        self._given: dict[str, Any] = {**given, **mapping.constants}

    def event(self, cells: list[str] | None) -> Wire | Problem | None:
        """Return the event of a row, or what is wrong with it; None: it is passed over."""
        if cells is None:
            return Problem("too_large")
        if len(cells) > self._width:
            return Problem("malformed")
        cells = [*cells, *[""] * (self._width - len(cells))]
        for place in {**self._only, **self._passed}:
            meant = self._means(place, cells[place])
            if not isinstance(meant, bool):
                return meant
        if not all(cells[place] for place in self._filled):
            return None
        for place, text in self._prefixes.items():
            cells[place] = cells[place] and f"{text}{cells[place]}"
        said, wrong = self._said(cells)
        if wrong is not None:
            return wrong
        amount = said.get("amount")
        if self._mapping.least is not None and isinstance(amount, int) and amount < self._mapping.least:
            return None
        if self._id:
            parts = [cells[place] for place in self._id]
            if not all(parts):
                return Problem("missing_field", "id")
            said["id"] = f"{self._mapping.kind}:{':'.join(parts)}"
            if len(said["id"]) > MAX_NAME:
                return Problem("too_large", "id")
        elif "id" not in said:
            digest = hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()
            said["id"] = f"{self._mapping.kind}-{digest[:32]}"
        return native_read.checked(said)

    def _means(self, place: int, cell: str) -> Literal[True] | Problem | None:
        """Return True if a row goes on by what a column says, None if it is passed over, or a problem if nobody knows what it says."""
        only, passed = self._only.get(place), self._passed.get(place, frozenset())
        if cell in passed:
            return None
        if only is None or cell in only:
            return True
        return Problem("invalid_value", self._names[place]) if passed else None

    def _said(self, cells: list[str]) -> tuple[dict[str, Any], Problem | None]:
        """Return what a row says by the names of the fields, or the first cell that says nothing that could be meant."""
        said: dict[str, Any] = dict(self._given)
        currency = self._given.get("currency")
        if "currency" in self._columns and (cell := self._cell("currency", cells)):
            currency = self._mapping.values.get("currency", {}).get(cell, cell).upper()
        for name, places in self._joined.items():
            if text := " ".join(filter(None, (cells[place] for place in places))):
                said[name] = text
        for name in self._columns:
            cell = self._cell(name, cells)
            if not cell:
                continue
            if len(cell) > _LONGEST_CELL:
                return said, Problem("too_large", name)
            if cell in table_file.ERRORS:
                return said, Problem("invalid_value", name)
            field, _, part = name.partition(".")
            value = mapping_file.value(name, cell, self._mapping, self._whole, currency)
            if part:
                said[field] = {**said.get(field, {}), part: value}
            else:
                said[field] = value
        return said, None

    def _cell(self, name: str, cells: list[str]) -> str:
        """Return what a row says of a field: in its column, in the one instead, or what an empty cell means.

        Where another column says the amount, the currency beside the first is not that amount's.
        """
        cell = cells[self._columns[name]]
        if name == "currency" and "amount" in self._instead and not cells[self._columns["amount"]]:
            cell = ""
        if not cell and name in self._instead:
            cell = cells[self._instead[name]]
        return cell or self._mapping.empty.get(name, "")
