"""Files of another system as native events: one row an event, the columns are the fields of its type, or mapped to them.

A cell that is empty is a field that is absent. A row without an id is known by what it says, so that a file that is imported again,
or another that overlaps with it, counts once. Must not know: who imports, the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO, Final, NamedTuple

import msgspec

from goodword.sources import mapping_file, native_read, table_file
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
    """A file as rows, in pieces of a request's size. ``told``: how it was understood."""

    header: list[str]
    mapping: Mapping
    pieces: Iterator[list[Row]]
    told: str


def rows(file: BinaryIO, kind: str, mapping: Mapping | None = None, *, most: int | None = None) -> Rows:
    """Return the rows of a file with a header. Without a mapping the header has our own names. Raises FileError, also as it is read.

    ``most``: bytes of an Excel file once it is unpacked.
    """
    it = table(file, mapping or Mapping(kind=kind, columns={}), most=most)
    mapping = mapping or mapping_file.ready(kind, it.header)
    if wrong := mapping_file.against(mapping, it.header):
        raise FileError("\n  ".join(wrong))
    reading = _Reading(mapping, it.header)
    return Rows(it.header, mapping, _pieces(reading, it.lines), it.told)


def table(file: BinaryIO, said: Mapping, *, most: int | None = None) -> table_file.Table:
    """Return a file as its mapping says that it is to be read. Raises FileError, also as it is read."""
    how = {"delimiter": said.delimiter, "encoding": said.encoding, "sheet": said.sheet}
    return table_file.table(file, **how, skip=said.skip, most=most)


def _pieces(reading: _Reading, lines: Iterator[Line]) -> Iterator[list[Row]]:
    while piece := list(islice(lines, native_read.MAX_ITEMS)):
        yield [Row(line.number, reading.event(line.cells)) for line in piece]


class _Reading:
    """What a mapping makes of the cells of a row."""

    def __init__(self, mapping: Mapping, header: list[str]) -> None:
        self._mapping = mapping
        self._width = len(header)
        places = {name: place for place, name in enumerate(header)}
        self._columns = {field: places[column] for field, column in mapping.columns.items()}
        self._id = [places[column] for column in mapping.id]
        self._only = {places[column]: frozenset(texts) for column, texts in mapping.only.items()}
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
        if any(cells[place] not in texts for place, texts in self._only.items()):
            return None
        said, wrong = self._said(cells)
        if wrong is not None:
            return wrong
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

    def _said(self, cells: list[str]) -> tuple[dict[str, Any], Problem | None]:
        """Return what a row says by the names of the fields, or the first cell that says nothing that could be meant."""
        said: dict[str, Any] = dict(self._given)
        place = self._columns.get("currency")
        currency = self._given.get("currency")
        if place is not None and cells[place]:
            currency = self._mapping.values.get("currency", {}).get(cells[place], cells[place])
        for name, place in self._columns.items():
            cell = cells[place]
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
