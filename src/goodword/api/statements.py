"""Files of a bank: what would come of one, taken, and what the bank said of a payout."""

from __future__ import annotations

import base64
import binascii
import io
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path

from goodword import words
from goodword.api import bodies, fields, models
from goodword.api.auth import DIRECTORY, needs
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.principal import Principal, action_of
from goodword.app.say.statements import Row, Said, Sheet
from goodword.core import calendar
from goodword.core.state import Booking, Statement

router = APIRouter(tags=["payouts"])

#: Paths whose bodies hold files, bytes of such a body, and who may send one: larger ones are for the command line.
PERMISSION = action_of(say.statements.take)
LARGER = {"/v1/reconciliations": 16 << 20, "/v1/reconciliations/preview": 16 << 20}


@router.get("/v1/reconciliations", operation_id="list_reconciliations")
async def list_reconciliations(
    directory: Directory = DIRECTORY, who: Principal = needs(see.statements.newest)
) -> models.Page[models.Statement]:
    """The statements of the bank that were taken last, the newest first, and how far each is."""
    return models.Page(items=[_statement(it) for it in await see.statements.newest(who, directory)])


@router.post("/v1/reconciliations/preview", operation_id="preview_reconciliation")
async def preview_reconciliation(
    body: bodies.BankFile, directory: Directory = DIRECTORY, who: Principal = needs(say.statements.preview)
) -> models.Reconciliation:
    """What would come of a file of the bank: pain.002, camt.053, camt.054, MT940, or a CSV with a mapping. Nothing is kept."""
    return _sheet(await say.statements.preview(who, directory, _file(body), body.mapping))


@router.post("/v1/reconciliations", operation_id="reconcile")
async def reconcile(
    body: bodies.BankFile, directory: Directory = DIRECTORY, who: Principal = needs(say.statements.take)
) -> models.Reconciliation:
    """Take a file of the bank: what agrees completes or returns payouts, all else is a case. The same file again changes nothing."""
    return _sheet(await say.statements.take(who, directory, _file(body), body.mapping))


@router.get("/v1/payouts/{payout}/bookings", operation_id="list_bookings")
async def list_bookings(
    payout: Annotated[fields.Id, Path()],
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.statements.of_payout),
) -> models.Page[models.Booking]:
    """What the bank said of a payout, in the order in which it was taken."""
    return models.Page(items=[_booking(it) for it in await see.statements.of_payout(who, directory, payout)])


def _file(body: bodies.BankFile) -> io.BytesIO:
    try:
        return io.BytesIO(base64.b64decode(body.file, validate=True))
    except (binascii.Error, ValueError):
        raise InvalidError("file: the bytes of the file in base64.", "file") from None


def _sheet(sheet: Sheet) -> models.Reconciliation:
    return models.Reconciliation(
        file=sheet.file,
        format=sheet.form,
        taken=sheet.taken,
        statements=[_said(it) for it in sheet.statements],
        lines=sheet.lines,
        others=sheet.others,
        counts=sheet.counts,
        moved=[models.BankMoved(**msgspec.structs.asdict(it)) for it in sheet.moved],
        rows=[_row(it) for it in sheet.rows],
    )


def _said(it: Said) -> models.StatementRead:
    named = {
        name: getattr(it.heading, name)
        for name in ("number", "account", "currency", "opening", "closing", "first", "last")
    }
    return models.StatementRead(id=it.id, **named, lines=it.heading.size, gap_to=it.gap)


def _row(it: Row) -> models.BankLine:
    return models.BankLine(**msgspec.structs.asdict(it), why=words.bank_reason(it.reason) if it.reason else None)


def _statement(it: Statement) -> models.Statement:
    values = {name: getattr(it, name) for name in models.Statement.model_fields if hasattr(it, name)}
    values |= {
        "format": it.form,
        "currency": it.unit,
        "lines": it.size,
        "taken_by": it.by,
        "taken_at": calendar.text(it.at),
    }
    return models.Statement(**values)


def _booking(it: Booking) -> models.Booking:
    values = {name: getattr(it, name) for name in models.Booking.model_fields if hasattr(it, name)}
    return models.Booking(
        **values, why=words.bank_reason(it.reason) if it.reason else None, taken_at=calendar.text(it.at)
    )
