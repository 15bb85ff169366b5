"""Tables as people have them in files: CSV in whatever encoding and with whatever delimiter, and Excel, as rows of texts.

A cell of Excel is what it shows: a formula its value, a number its digits, a date the date. Everything is bounded: bytes, columns,
characters of a row. Must not know: what a column means.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, BinaryIO, Final, NamedTuple

#: Columns of a table, characters of a row, bytes of an Excel file once it is unpacked.
MOST_COLUMNS: Final = 200
LONGEST_ROW: Final = 64_000
MOST_UNPACKED: Final = 256 << 20
#: Rows that a sheet of Excel can have, and empty ones behind which nothing is expected any more.
MOST_ROWS: Final = 1_048_576
MOST_EMPTY: Final = 10_000
#: What stands between cells, the likelier first.
DELIMITERS: Final = (",", ";", "\t", "|")
_PIECE: Final = 1 << 20
_ZIP: Final = b"PK\x03\x04"
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_PADDED: Final = re.compile("0{2,20}")
#: What a cell holds whose formula could not be worked out.
ERRORS: Final = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)


class FileError(ValueError):
    """The file as a whole cannot be read; the message says where and what to do."""


class Number(str):
    """A number in a cell of Excel by its digits, with a point: nobody wrote a mark that could be meant otherwise."""

    __slots__ = ()


class Line(NamedTuple):
    """A row that is not empty, by its line in the file. ``cells``: without space around them; None: it is too long."""

    number: int
    cells: list[str] | None


class Table(NamedTuple):
    """A header and the rows behind it, which can be gone through once. ``told``: how the file was understood."""

    header: list[str]
    lines: Iterator[Line]
    told: str


def is_excel(file: BinaryIO) -> bool:
    """Return whether a file is one of Excel, by what it begins with."""
    begin = file.read(len(_ZIP))
    file.seek(0)
    return begin == _ZIP


def table(
    file: BinaryIO,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    skip: int = 0,
    most: int | None = None,
) -> Table:
    """Return the table that a file holds, behind ``skip`` lines. What is not said is found. Raises FileError, also as it is read.

    ``most``: bytes of an Excel file once it is unpacked, ``MOST_UNPACKED`` unless it is said.
    """
    if is_excel(file):
        rows, told = _excel(file, sheet, MOST_UNPACKED if most is None else most)
    else:
        rows, told = _csv(file, delimiter, encoding)
    lines = _lines(rows)
    head = next((line for line in lines if line.number > skip), None)
    if head is not None and head.cells is None:
        raise FileError(f"line {head.number}: the header is longer than {LONGEST_ROW} characters")
    header = [str(cell) for cell in head.cells or []] if head is not None else []
    while header and not header[-1]:
        header.pop()
    if len(header) > MOST_COLUMNS:
        raise FileError(f"the header names {len(header)} columns: {MOST_COLUMNS} is the most")
    named = [name for name in header if name]
    if len(set(named)) != len(named):
        twice = next(name for name in named if named.count(name) > 1)
        raise FileError(f"the header names a column twice: {twice!r}")
    return Table(header, lines, told)


def _lines(rows: Iterable[tuple[int, Sequence[str]]]) -> Iterator[Line]:
    for number, cells in rows:
        if sum(map(len, cells)) > LONGEST_ROW:
            yield Line(number, None)
        elif any(stripped := [cell if type(cell) is Number else cell.strip() for cell in cells]):
            yield Line(number, stripped)


# --- CSV --------------------------------------------------------------------------------------------------------------


def _csv(file: BinaryIO, delimiter: str | None, encoding: str | None) -> tuple[Iterator[tuple[int, list[str]]], str]:
    encoding = encoding or _encoding(file)
    try:
        codecs.lookup(encoding)
        text = io.TextIOWrapper(file, encoding, newline="")
    except (LookupError, ValueError):  # a codec of something else than text, or no name at all
        raise FileError(f"encoding {encoding!r}: there is none of this name, it can be utf-8 or cp1252") from None
    try:
        begin = text.read(LONGEST_ROW)
        text.seek(0)
    except UnicodeError as error:
        raise FileError(_undecoded(encoding, error)) from None
    delimiter = delimiter or _delimiter(begin)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise FileError(f"delimiter {delimiter!r}: it is one character, such as ; or a tab")
    return _rows(text, delimiter, encoding), f"CSV in {encoding}, cells between {delimiter!r}"


def _rows(text: io.TextIOWrapper, delimiter: str, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line that it begins with: a cell in quotes may hold several."""
    reader = csv.reader(text, delimiter=delimiter)
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise FileError(f"line {begins}: {error}") from None
    except UnicodeError as error:
        raise FileError(f"behind line {reader.line_num}: {_undecoded(encoding, error)}") from None
    finally:
        with suppress(ValueError):  # its owner closed it already
            text.detach()


def _undecoded(encoding: str, error: UnicodeError) -> str:
    return (
        f"this is no {encoding} ({error.reason if isinstance(error, UnicodeDecodeError) else error}): say its encoding"
    )


def _encoding(file: BinaryIO) -> str:
    """Return the encoding that a file says it has, or UTF-8 if all of it is that, or what Excel writes on Windows."""
    begin = file.read(4)
    file.seek(0)
    for mark, name in _MARKS:
        if begin.startswith(mark):
            return name
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(_PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    finally:
        file.seek(0)
    return "utf-8"


def _delimiter(begin: str) -> str:
    """Return what stands most often in the first line, outside quotes."""
    line = re.sub('"[^"]*"?', "", begin).lstrip("\r\n").partition("\n")[0]
    return max(DELIMITERS, key=line.count)


# --- Excel ------------------------------------------------------------------------------------------------------------


def _excel(file: BinaryIO, sheet: str | None, most: int) -> tuple[Iterator[tuple[int, list[str]]], str]:
    import openpyxl  # noqa: PLC0415 - a tenth of a second, which only who reads Excel waits for

    try:
        unpacked = sum(part.file_size for part in zipfile.ZipFile(file).infolist())
        file.seek(0)
        book = None
        if unpacked <= most:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # a file from outside fails a parser in many ways
        raise FileError(
            f"this is no Excel file that can be read ({type(error).__name__}): save it as .xlsx or CSV"
        ) from error
    if book is None:
        raise FileError(f"the file unpacks to {unpacked >> 20} MiB: {most >> 20} is the most")
    names = [one.title for one in book.worksheets]
    name = sheet if sheet is not None else next(iter(names), "")
    if name not in names:
        raise FileError(f"sheet {name!r}: there is none of this name, it can be {', '.join(names)}")
    page = book[name]
    page.reset_dimensions()  # what it says of its size may be wrong
    return _cells(page), f"Excel, sheet {name!r}"


def _cells(page: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows by number. A number far behind stands for all the empty rows before it: they are counted, and have an end."""
    empty = 0
    try:
        for number, row in enumerate(page.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS + 1), 1):
            cells = [_shown(cell) for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            empty = 0 if cells else empty + 1
            if empty > MOST_EMPTY:
                break
            yield number, cells
    except Exception as error:
        raise FileError(f"the sheet ends in the middle ({type(error).__name__}): save the file anew") from error
    if empty > MOST_EMPTY:
        raise FileError(
            f"behind line {number - empty} come more than {MOST_EMPTY} empty rows: delete them, or save as CSV"
        )


def _shown(cell: Any) -> str:
    """Return a cell as text. A number has the 15 digits that Excel keeps, and zeros before it where its format says so."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        text = str(value) if isinstance(value, int) else f"{Decimal(f'{value:.15g}'):f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        padded = str(cell.number_format or "")
        return Number(text.zfill(len(padded)) if _PADDED.fullmatch(padded) and text.isdigit() else text)
    if isinstance(value, datetime):
        return (value + timedelta(milliseconds=500)).replace(microsecond=0).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
