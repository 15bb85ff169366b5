"""Tables as files in a folder: CSV or Parquet, and a manifest that says up to which position of the log each table is there.

A second export adds a file with what changed since, and rewrites none. A file is there whole or not at all, and the manifest names it
only then; what a run that broke left behind is written anew. Must not know: what a table holds, the database.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import msgspec
from msgspec import Struct

from goodword.core import calendar

Format = Literal["csv", "parquet"]
MANIFEST: Final = "manifest.json"
KIND: Final = "goodword.export.1"
_GROUP: Final = 20_000  # rows of a group of Parquet: all that is held in memory
_PIECE: Final = 1 << 20


class FolderError(ValueError):
    """The folder cannot be written to as it is; the message says why and what to do."""


class Column(Protocol):
    """A column: its name, and ``text``, ``integer``, ``time`` (microseconds) or ``yes``."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def kind(self) -> str:
        """What it holds."""


class File(Struct, frozen=True):
    """A file: the rows that changed behind ``after`` up to ``position``."""

    name: str
    after: int
    position: int
    rows: int
    sha256: str


class Exported(Struct, frozen=True):
    """A table: the position that is reached, and its files, in order."""

    position: int
    files: tuple[File, ...] = ()


class Manifest(Struct, frozen=True):
    """What a folder holds, of one workspace."""

    kind: str
    workspace: str
    tables: dict[str, Exported] = {}


def manifest(folder: Path, workspace: str) -> Manifest:
    """Return the manifest of a folder, an empty one for a folder that has none. Raises FolderError for one of something else."""
    try:
        found = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        return Manifest(KIND, workspace)
    except msgspec.DecodeError as error:
        raise FolderError(f"{folder / MANIFEST} is no manifest of an export: {error}") from None
    if found.kind != KIND or found.workspace != workspace:
        raise FolderError(f"{folder} holds an export of {found.workspace}: name another folder")
    return found


def behind(held: Manifest, name: str, after: int | None) -> int:
    """Return behind which position a table is to be exported: what the folder has of it, unless another one is said.

    Raises FolderError where rows between the two would be missing for ever; a folder that has nothing of it begins anywhere.
    """
    had = held.tables.get(name)
    if after is None:
        return had.position if had is not None else 0
    if had is not None and after > had.position:
        raise FolderError(
            f"the folder has {name} up to position {had.position}: what changed from there to {after} would be missing; "
            "leave --after out, or name another folder"
        )
    return after


async def write(
    folder: Path,
    held: Manifest,
    table: Any,
    form: Format,
) -> tuple[Manifest, File | None]:
    """Write a table as a file, if it has rows, and the manifest; returns the manifest, and the file.

    ``table`` has ``name``, ``after``, ``position``, ``columns`` and ``pieces``. Raises FolderError.
    """
    name = f"{table.name}-{table.after:012}-{table.position:012}.{form}"
    part = _part_of(folder, name)
    writer: _Csv | _Parquet = _Csv(part, table.columns) if form == "csv" else _Parquet(part, table.columns)
    try:
        count = await _filled(writer, table.pieces)
    except BaseException:
        _unlink(part)
        raise
    return _kept(folder, held, part, table.name, File(name, table.after, table.position, count, _digest(part)))


def _part_of(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f".{name}.part"


def _unlink(part: Path) -> None:
    with suppress(OSError):
        part.unlink()


def _kept(folder: Path, held: Manifest, part: Path, table: str, file: File) -> tuple[Manifest, File | None]:
    """Give a file that is written its name, unless it holds nothing, and then let the manifest name it."""
    if file.rows:
        part.replace(folder / file.name)
    else:
        part.unlink()
    before = held.tables.get(table, Exported(0))
    files = tuple(it for it in before.files if it.name != file.name)
    done = Exported(max(before.position, file.position), (*files, file) if file.rows else files)
    held = msgspec.structs.replace(held, tables={**held.tables, table: done})
    kept = folder / f".{MANIFEST}.part"
    kept.write_bytes(msgspec.json.format(msgspec.json.encode(held), indent=2) + b"\n")
    kept.replace(folder / MANIFEST)
    return held, file if file.rows else None


async def _filled(writer: _Csv | _Parquet, pieces: AsyncIterator[list[tuple[Any, ...]]]) -> int:
    count = 0
    try:
        async for piece in pieces:
            writer.add(piece)
            count += len(piece)
    finally:
        writer.close()
    return count


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


class _Csv:
    """Rows as CSV in UTF-8: an empty cell is none, times are RFC 3339 in UTC, amounts whole minor units."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._kinds = [column.kind for column in columns]
        self._writer = csv.writer(self._file)
        self._writer.writerow([column.name for column in columns])

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write rows."""
        for row in rows:
            self._writer.writerow([_text(value, kind) for value, kind in zip(row, self._kinds, strict=True)])

    def close(self) -> None:
        """End the file."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


#: What a text begins with that a spreadsheet would work out.
_FORMULA: Final = re.compile(r"[=+\-@\t\r]")


def _text(value: Any, kind: str) -> str:
    if value is None:
        return ""
    if kind == "time":
        return calendar.text(value)
    if kind == "yes":
        return "true" if value else "false"
    text = str(value)
    return f"'{text}" if kind == "text" and _FORMULA.match(text) else text


class _Parquet:
    """Rows as Parquet: 64-bit integers, times as instants in UTC, texts; a row group at a time."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        try:
            import pyarrow as pa  # noqa: PLC0415 - 50 MB that only who writes Parquet has
            import pyarrow.parquet as pq  # noqa: PLC0415 - likewise
        except ImportError:
            raise FolderError(
                "Parquet needs pyarrow, which is not installed: pip install 'goodword[parquet]'"
            ) from None
        types = {"text": pa.string(), "integer": pa.int64(), "time": pa.timestamp("us", tz="UTC"), "yes": pa.bool_()}
        self._arrow = pa
        self._schema = pa.schema([(column.name, types[column.kind]) for column in columns])
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[tuple[Any, ...]] = []

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Take rows, and write them once they fill a group."""
        self._rows += rows
        if len(self._rows) >= _GROUP:
            self._flush()

    def close(self) -> None:
        """End the file."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._rows:
            arrays = [
                self._arrow.array(values, field.type)
                for values, field in zip(zip(*self._rows, strict=True), self._schema, strict=True)
            ]
            self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
            self._rows = []
