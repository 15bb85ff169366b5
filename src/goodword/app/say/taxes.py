"""Taxes: where the workspace reports what it pays, the forms of payees, and who saw what these say."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import Any, Final

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import note, say
from goodword.app.see import filters
from goodword.app.see import taxes as see_taxes
from goodword.app.write.commands import content_of
from goodword.core import calendar, taxes
from goodword.core.entry import Entry
from goodword.core.events import RecordLooked, TaxFormGiven, TaxReportingSet
from goodword.core.money import decimal
from goodword.outbound.rails import checked
from goodword.outbound.rails.bank_file import cell
from goodword.outbound.rails.details import DetailsError, Problem
from goodword.outbound.tax_forms import FORMS
from goodword.store import log, tax_forms
from goodword.store.vault import MasterKeyError, UnsealError

_PIECE: Final = 500  # payees that are read at once


@requires("tax_reporting.set")
async def set_reporting(
    who: Principal, directory: Directory, jurisdictions: Sequence[str], timezone: str, key: str | None = None
) -> Entry:
    """Say in which jurisdictions what is paid is reported, or ask another owner. Raises InvalidError for what is none of them."""
    for jurisdiction in jurisdictions:
        filters.choice("jurisdictions", jurisdiction, taxes.FORMS)
    try:
        calendar.zone(timezone)
    except ValueError as error:
        raise InvalidError(str(error), "timezone") from None
    said = tuple(sorted(set(jurisdictions)))
    return await say(who, directory, lambda s: TaxReportingSet(**s, jurisdictions=said, timezone=timezone), key)


@requires("tax_form.give")
async def give(
    who: Principal,
    directory: Directory,
    person: str,
    jurisdiction: str,
    form: str,
    details: Mapping[str, str],
    key: str | None = None,
) -> Entry:
    """Give the form of a payee. Its numbers are checked, each by its own rule; what it says is sealed and stands in no log.

    Raises UnknownError for a person whom nobody knows, ConflictError for one whose key does not open, DetailsError, InvalidError.
    """
    filters.choice("jurisdiction", jurisdiction, taxes.FORMS)
    filters.choice("form", form, taxes.FORMS[jurisdiction])
    told = checked(FORMS[form], details)
    while True:
        async with directory.reading() as conn:
            now = (await log.stream(conn, who.workspace.id)).now(directory.now())
            if told["signed"] > calendar.utc_day(now + calendar.DAY):  # it is tomorrow somewhere
                raise DetailsError([Problem("signed", "a day that has been")])
            named = str(await filters.person(conn, who, person))
            root, _ = await see_taxes.names_of(conn, who.workspace.id, named)
        try:
            return await _give(who, directory, root, jurisdiction, form, told, key)
        except _Merged:  # meanwhile: nothing was kept
            continue


class _Merged(Exception):
    """The payee goes on as another person since they were looked at."""


async def _give(
    who: Principal,
    directory: Directory,
    person: str,
    jurisdiction: str,
    form: str,
    told: Mapping[str, str],
    key: str | None,
) -> Entry:
    """Give the form of a person, as they are when this is committed. Raises _Merged if they went meanwhile."""
    ws = who.workspace

    async def save(conn: asyncpg.Connection, entry: Entry) -> None:
        if (await see_taxes.names_of(conn, ws.id, person))[0] != person:
            raise _Merged
        if entry.refused:
            return
        try:
            await tax_forms.save(conn, ws, directory.vault, person, jurisdiction, told)
        except LookupError:
            raise UnknownError("person") from None
        except (MasterKeyError, UnsealError):
            what = "The key of this person does not open, so nothing can be kept of them: ask your operator."
            raise ConflictError("person_locked", what) from None

    given = partial(
        TaxFormGiven,
        person=person,
        jurisdiction=jurisdiction,
        form=form,
        digest=tax_forms.digest(ws, person, jurisdiction, told),
        signed=told["signed"],
    )
    same = content_of(given(evt="", source="", occurred_at=0, accepted_at=0))
    return await say(who, directory, lambda s: given(**s), key, also=save, content=same)


class File(Struct, frozen=True):
    """A file with what forms say; empty where ``entry`` is refused."""

    entry: Entry
    body: bytes


#: What a return of a payee asks for, as columns: who they are, by which number, where they live, and what was paid.
COLUMNS: Final = (
    *("person", "external_id", "year", "unit", "paid", "jurisdiction", "threshold", "form", "signed", "until", "holds"),
    *(
        "name",
        "business_name",
        "classification",
        "number_kind",
        "number",
        "country",
        "street",
        "town",
        "state",
        "postcode",
    ),
)
_NUMBERS: Final = ("ssn", "ein", "itin", "vat_id", "foreign_tin")


@requires("tax_form.read")
async def export(who: Principal, directory: Directory, year: str, text: str | None, key: str) -> File:
    """Return all payees of a calendar year as CSV, with what was paid and what their forms say; it is put on the record first.

    A line for each payee, unit and jurisdiction in which the workspace reports. A form whose key does not open is left empty.
    """
    lines, after = list[dict[str, str]](), ""
    async with directory.snapshot() as conn:  # who is merged meanwhile stands in it as two, and is not left out
        while True:
            page = await see_taxes.page_of_year(conn, who, directory, year, after, _PIECE)
            said = await tax_forms.said(conn, who.workspace, directory.vault, [it.person for it in page.items])
            lines += [line for payee in page.items for line in _lines(payee, year, said)]
            if page.after is None:
                break
            after = page.after
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: cell(value) for name, value in line.items()} for line in lines)
    body, typed = out.getvalue().encode(), note(who, text, key)
    looked = partial(
        RecordLooked, subject=sha256(body).hexdigest(), what="exported", fields=("tax_form",), note=typed.digest
    )
    entry = await say(who, directory, lambda s: looked(**s), key, also=typed.keep)
    return File(entry, b"" if entry.refused else body)


def _lines(
    payee: see_taxes.Payee, year: str, said: Mapping[tuple[str, str], Mapping[str, str]]
) -> Iterator[dict[str, str]]:
    for value in payee.values:
        for jurisdiction, least in value.thresholds.items() or [("", 0)]:
            form = next((it for it in payee.forms if it.jurisdiction == jurisdiction and it.form), None)
            told = said.get((payee.person, jurisdiction), {})
            kind = next((name for name in _NUMBERS if name in told), "")
            line = {name: told[name] for name in COLUMNS if name in told}
            line |= {"person": payee.person, "external_id": payee.name or "", "year": year, "unit": value.unit}
            line |= {"paid": decimal(value.paid, value.unit), "jurisdiction": jurisdiction}
            line |= {"threshold": decimal(least, value.unit) if jurisdiction else ""}
            line |= {"number_kind": kind, "number": told.get(kind, "")}
            if form is not None:
                line |= {"form": form.form or "", "until": form.until or "", "holds": "yes" if form.holds else "no"}
            yield line


class Shown(Struct, frozen=True):
    """What a form says, by name of field; nothing where ``entry`` is refused."""

    entry: Entry
    details: Mapping[str, Any]


@requires("tax_form.read")
async def show(
    who: Principal, directory: Directory, person: str, jurisdiction: str, text: str | None, key: str
) -> Shown:
    """Show what a form says, and put on the record who asked and why: nothing is shown without that. Raises UnknownError."""
    filters.choice("jurisdiction", jurisdiction, taxes.FORMS)
    async with directory.reading() as conn:
        person, names = await see_taxes.names_of(conn, who.workspace.id, person)
        found, locked = await tax_forms.opened(conn, who.workspace, directory.vault, names)
    theirs = [
        found[one, jurisdiction] for one in names if (one, jurisdiction) in found
    ]  # whom they are now comes first
    if not theirs and any((one, jurisdiction) in locked for one in names):
        raise ConflictError("person_locked", "The key of this person does not open: ask your operator.")
    if not theirs:
        raise UnknownError("tax form")
    details, typed = theirs[0], note(who, text, key)
    named = tuple(f"tax_form.{name}" for name in details)
    looked = partial(RecordLooked, subject=person, what="unmasked", fields=named, note=typed.digest)
    entry = await say(who, directory, lambda s: looked(**s), key, also=typed.keep)
    return Shown(entry, {} if entry.refused else details)
