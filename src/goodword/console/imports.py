"""Imports: a file is chosen, its columns are mapped, what would become of each row is shown, and only then it is brought in.

Until then nothing of a file is kept: the page carries it from step to step, packed. What may be said of a file is said by
``sources``, what becomes of it by ``app/say/imports``.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import msgspec
import yaml
from msgspec import Struct
from msgspec.structs import replace

from goodword.app import say, see, sheets
from goodword.app.errors import ConflictError, InvalidError
from goodword.app.intake.ingest import UnavailableError
from goodword.app.say.imports import WRONG, Became, Counted, Totals
from goodword.console import tables
from goodword.console.forms import Form
from goodword.console.frame import Act, Download, Read, Visit
from goodword.console.packed import pack, unpack
from goodword.sources import import_file, mapping_file
from goodword.sources.exports import SYSTEMS, Said, System
from goodword.sources.import_file import FileError

#: Bytes of a file that a page takes, and of a form that carries it: larger ones are for the command line.
MOST_FILE: Final = 1 << 20
MOST_FORM: Final = 3 << 20
MOST_UNPACKED: Final = 32 << 20  # of an Excel file
MOST_SHEET: Final = 16 << 20  # of what became of the rows of such a file
_FIRST, _SHOWN = 5, 50  # rows of a file that are shown, and rows of a sheet


class Page(Struct, frozen=True):
    """The form that takes a file, for who may: ``kinds`` of it, ``systems`` whose exports are known, ``most`` bytes."""

    may: bool
    kinds: list[str]
    systems: list[System]
    most: int


class Field(Struct, frozen=True):
    """A field of what is imported: the column it comes from, or what every row says."""

    name: str
    needed: bool
    column: str
    constant: str


class Sheet(Struct, frozen=True):
    """What becomes of the rows, or would. ``rows``: the first, what is wrong before all else; ``packed``: all."""

    totals: Totals
    rows: list[Became]
    left_out: int
    packed: str


class Mapped(Struct, frozen=True):
    """A file with the mapping of its columns. ``data``: the file, packed; ``rest``: of the mapping what has no field on the page.

    ``told``: how the file was understood; ``wrong``: what keeps it from being read, which at the first look nobody said yet and is
    ``open``; ``sheet``: what would become of its rows.
    ``system``: whose export it is, in which case there are no fields, for its columns are known, and ``currency`` and ``program``
    may be said.
    """

    kind: str
    file: str
    data: str
    rest: str
    told: str
    header: list[str]
    first: list[list[str]]
    fields: list[Field]
    decimal: str
    dates: str
    zone: str
    id: str
    wrong: list[str]
    mapping: str
    open: list[str] = []
    sheet: Sheet | None = None
    system: System | None = None
    currency: str = ""
    program: str = ""


class Taken(Struct, frozen=True):
    """What became of a file that was brought in."""

    kind: str
    file: str
    sheet: Sheet


async def page(visit: Visit) -> Page:
    """Return the form that takes a file."""
    return Page(visit.may(say.imports.take), list(mapping_file.KINDS), list(SYSTEMS.values()), MOST_FILE)


async def mapped(visit: Visit, form: Form) -> Mapped:
    """Return a file with the mapping that was pasted, that its header has by itself, or that may be meant."""
    del visit
    file = form.files.get("file")
    if file is None or not file.data:
        raise InvalidError(f"Choose a file of at most {MOST_FILE >> 20} MiB.", "file")
    if len(file.data) > MOST_FILE:
        raise InvalidError(f"The file is larger than {MOST_FILE >> 20} MiB: `goodword import` takes any.", "file")
    kind, pasted = _kind(form), form.text("mapping", 20_000)
    if kind in SYSTEMS:
        return await _exported(file.name or "file", pack(file.data), file.data, kind, _said(form))
    try:
        mapping = mapping_file.read(pasted.encode()) if pasted else await asyncio.to_thread(_meant, kind, file.data)
        shown = await _mapped(file.name or "file", pack(file.data), file.data, mapping)
        return shown if pasted else replace(shown, wrong=[], open=shown.wrong)
    except FileError as error:
        raise InvalidError(str(error), "file") from None


async def tried(visit: Visit, form: Form) -> Mapped:
    """Return the same with what would become of each row: it is decided and taken back."""
    shown, read = await _read(form)
    if shown.wrong:
        return shown
    try:
        return replace(shown, sheet=await _sheet(visit, say.imports.dry_run, read))
    except FileError as error:
        return replace(shown, wrong=[str(error)])


async def take(visit: Visit, form: Form) -> Taken:
    """Bring a file in, and return what became of each row."""
    shown, read = await _read(form)
    if shown.wrong:
        raise InvalidError(" ".join(shown.wrong), "mapping")
    try:
        bring = partial(say.imports.take, file=hashlib.sha256(unpack(shown.data, MOST_FILE)).hexdigest())
        return Taken(shown.kind, shown.file, await _sheet(visit, bring, read))
    except FileError as error:
        raise InvalidError(str(error), "file") from None
    except UnavailableError as error:
        raise ConflictError("unavailable", f"{error}: send it again, and it goes on where it stopped.") from None


async def _read(form: Form) -> tuple[Mapped, Callable[[], import_file.Rows]]:
    """Return the file that a page carries, as it is shown, and how its rows are read."""
    file, carried = form.need("file", 300), form.need("data", MOST_FORM)
    data = unpack(carried, MOST_FILE)
    kind = _kind(form)
    if kind in SYSTEMS:
        said = _said(form)
        read = partial(import_file.export, io.BytesIO(data), kind, said, most=MOST_UNPACKED)
        return await _exported(file, carried, data, kind, said), read
    mapping = _mapping(form)
    return await _mapped(file, carried, data, mapping), partial(
        import_file.rows, io.BytesIO(data), kind, mapping, most=MOST_UNPACKED
    )


async def sheet(visit: Visit, form: Form) -> Download:
    """Return a sheet, which the page had, as a file."""
    del visit
    return Download("import.csv", "text/csv; charset=utf-8", unpack(form.need("sheet", MOST_FORM), MOST_SHEET))


def _kind(form: Form) -> str:
    kind = form.need("kind", 40)
    if kind not in mapping_file.KINDS and kind not in SYSTEMS:
        raise InvalidError(f"kind: it can be {', '.join(mapping_file.KINDS)}.", "kind")
    return kind


def _said(form: Form) -> Said:
    """Return what the page says of an export besides."""
    names = ("currency", "decimal", "dates", "zone", "program")
    try:
        return msgspec.convert({name: form.text(name, 60) or None for name in names}, Said)
    except msgspec.ValidationError as error:
        raise InvalidError(f"That cannot be meant: {error}", "mapping") from None


async def _exported(file: str, packed: str, data: bytes, kind: str, said: Said) -> Mapped:
    """Return an export of another system as the page shows it."""
    nothing = mapping_file.Mapping(kind="", columns={})
    try:
        header, told, first = await asyncio.to_thread(_first_of, data, nothing)
    except FileError as error:
        raise InvalidError(str(error), "file") from None
    wrong, mappings = list[str](), tuple[mapping_file.Mapping, ...]()
    try:
        rows = await asyncio.to_thread(import_file.export, io.BytesIO(data), kind, said, most=MOST_UNPACKED)
        told, mappings = rows.told, rows.mappings
    except FileError as error:
        wrong.append(str(error))
    width = len(header)
    steps = [msgspec.to_builtins(mapping) for mapping in mappings]
    return Mapped(
        kind=kind,
        file=file,
        data=packed,
        rest="",
        told=told,
        header=[name for name in header if name],
        first=[[*cells, *[""] * (width - len(cells))][:width] for cells in first],
        fields=[],
        decimal=said.decimal or "",
        dates=said.dates or "",
        zone=said.zone or "",
        id="",
        wrong=wrong,
        mapping=yaml.safe_dump_all(steps, sort_keys=False, allow_unicode=True),
        system=SYSTEMS[kind],
        currency=said.currency or "",
        program=said.program or "",
    )


def _meant(kind: str, data: bytes) -> mapping_file.Mapping:
    nothing = mapping_file.Mapping(kind=kind, columns={})
    header = import_file.table(io.BytesIO(data), nothing, most=MOST_UNPACKED).header
    try:
        return mapping_file.ready(kind, header)
    except FileError:
        return mapping_file.Mapping(kind=kind, columns=mapping_file.guessed(kind, header), decimal="point", zone="UTC")


def _mapping(form: Form) -> mapping_file.Mapping:
    """Return the mapping that the fields of the page say, with the rest that they carry."""
    kind = _kind(form)
    columns, constants = dict[str, str](), dict[str, str | int | bool]()
    try:
        rest: dict[str, Any] = msgspec.json.decode(form.text("rest", 40_000) or "{}", type=dict[str, Any])
        several = known if isinstance(known := rest.get("id"), list) and len(known) > 1 else []
        for name in form.fields:
            where, _, field = name.partition(":")
            if where == "column" and (column := form.text(name, 1_000)):
                columns[field] = column
            elif where == "constant" and (text := form.text(name, 1_000)):
                constants[field] = mapping_file.constant(kind, field, text)
        said = {
            "kind": kind,
            "columns": columns,
            "constants": constants,
            "decimal": form.text("decimal", 20) or "minor",
            "dates": form.text("dates", 60) or "iso",
            "zone": form.text("zone", 60),
            "id": [column] if (column := form.text("id", 1_000)) else several,
        }
        return msgspec.convert({**rest, **said}, mapping_file.Mapping)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeEncodeError) as error:
        raise InvalidError(f"The mapping cannot be meant: {error}", "mapping") from None


def _first_of(data: bytes, mapping: mapping_file.Mapping) -> tuple[list[str], str, list[list[str]]]:
    """Return the header of a table, how it was understood, and its first rows. Raises FileError."""
    table = import_file.table(io.BytesIO(data), mapping, most=MOST_UNPACKED)
    first = [[str(cell) for cell in line.cells or []] for line, _ in zip(table.lines, range(_FIRST), strict=False)]
    return table.header, table.told, first


async def _mapped(file: str, packed: str, data: bytes, mapping: mapping_file.Mapping) -> Mapped:
    """Return a file as the page shows it; it is read in a thread. Raises InvalidError for one that is no table."""
    try:
        header, told, first = await asyncio.to_thread(_first_of, data, mapping)
    except FileError as error:
        raise InvalidError(str(error), "file") from None
    rest = {
        k: v
        for k, v in msgspec.to_builtins(mapping).items()
        if k not in ("columns", "constants", "decimal", "dates", "zone")
    }
    fields = mapping_file.fields_of(mapping.kind)
    more = [name for name in (*mapping.columns, *mapping.constants) if name not in fields]
    width = len(header)
    return Mapped(
        kind=mapping.kind,
        file=file,
        data=packed,
        rest=msgspec.json.encode(rest).decode(),
        told=told,
        header=[name for name in header if name],
        first=[[*cells, *[""] * (width - len(cells))][:width] for cells in first],
        fields=[
            Field(name, fields.get(name, False), mapping.columns.get(name, ""), _text(mapping.constants.get(name)))
            for name in (*sorted(fields, key=lambda name: not fields[name]), *dict.fromkeys(more))
            if name != "id"
        ],
        decimal=mapping.decimal,
        dates=mapping.dates,
        zone=mapping.zone or "",
        id=mapping.id[0] if len(mapping.id) == 1 else "",
        wrong=[*mapping_file.problems(mapping), *mapping_file.against(mapping, header)],
        mapping=yaml.safe_dump(msgspec.to_builtins(mapping), sort_keys=False, allow_unicode=True),
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


async def _sheet(visit: Visit, use_case: Callable[..., Any], read: Callable[[], import_file.Rows]) -> Sheet:
    counted, rows = Counted(), list[Became]()
    found = await asyncio.to_thread(read)
    async for piece in use_case(visit.who, visit.directory, found.pieces):
        counted.add(piece)
        rows += piece
    packed = pack(tables.table(sheets.HEAD, map(sheets.cells, rows)))
    shown = sorted(rows, key=lambda row: row.became not in WRONG)[:_SHOWN]
    return Sheet(counted.totals(), shown, len(rows) - len(shown), packed)


_PAGE = Read("/imports", "/imports", see.events.page, "imports/file.html", page)
READS = (_PAGE,)
ACTS = (
    Act("/imports/map", _PAGE, say.imports.dry_run, mapped, "imports/map.html", MOST_FORM),
    Act("/imports/try", _PAGE, say.imports.dry_run, tried, "imports/map.html", MOST_FORM),
    Act("/imports/take", _PAGE, say.imports.take, take, "imports/taken.html", MOST_FORM),
    Act("/imports/sheet.csv", _PAGE, say.imports.dry_run, sheet, "", MOST_FORM),
)
