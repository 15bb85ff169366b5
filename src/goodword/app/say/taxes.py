"""Taxes: where the workspace reports what it pays, the forms of payees, and who saw what these say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import note, say
from goodword.app.see import filters
from goodword.app.write.commands import content_of
from goodword.core import calendar, taxes
from goodword.core.entry import Entry
from goodword.core.events import RecordLooked, TaxFormGiven, TaxReportingSet
from goodword.core.state import Kin
from goodword.outbound.rails import checked
from goodword.outbound.rails.details import DetailsError, Problem
from goodword.outbound.tax_forms import FORMS
from goodword.store import entities, log, tax_forms
from goodword.store.vault import MasterKeyError, UnsealError


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
    said = {"jurisdictions": tuple(sorted(set(jurisdictions))), "timezone": timezone}
    return await say(who, directory, lambda s: TaxReportingSet(**s, **said), key)


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
    ws = who.workspace
    async with directory.reading() as conn:
        now = (await log.stream(conn, ws.id)).now(directory.now())
        if told["signed"] > calendar.utc_day(now + calendar.DAY):  # it is tomorrow somewhere
            raise DetailsError([Problem("signed", "a day that has been")])
        person = str(await filters.person(conn, who, person))
        merged = await entities.load(conn, ws.id, Kin, [person])
    person = merged[0].root if merged else person

    async def save(conn: asyncpg.Connection, entry: Entry) -> None:
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
        found, locked = await tax_forms.opened(conn, who.workspace, directory.vault, [person])
    if (person, jurisdiction) in locked:
        raise ConflictError("person_locked", "The key of this person does not open: ask your operator.")
    if (person, jurisdiction) not in found:
        raise UnknownError("tax form")
    details, typed = found[person, jurisdiction], note(who, text, key)
    named = tuple(f"tax_form.{name}" for name in details)
    looked = partial(RecordLooked, subject=person, what="unmasked", fields=named, note=typed.digest)
    entry = await say(who, directory, lambda s: looked(**s), key, also=typed.keep)
    return Shown(entry, {} if entry.refused else details)
