"""The books of months: the figures, and the pack as a file."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from goodword.api import fields
from goodword.api.auth import DIRECTORY, needs
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.proof import pack
from goodword.core import books, calendar
from goodword.core.books import By

router = APIRouter(tags=["ledger"])

Month = Annotated[str, Field(pattern=r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$", description="A month, such as 2026-10")]
Begin = Annotated[
    Month | None, Query(alias="from", description="The first month; by default the last one that is over.")
]
End = Annotated[Month | None, Query(alias="to", description="The month before which it ends; by default the next one.")]
Program = Annotated[fields.Id | None, Query(description="One program alone.")]
Zone = Annotated[
    fields.Zone | None,
    Query(description="Whose months they are; by default the program's, UTC of the whole workspace."),
]
Counts = Annotated[
    By,
    Query(
        description="Whether cost and revenue count in the month in which the order occurred, or was decided and booked."
    ),
]


class TrialBalanceLine(BaseModel):
    """A class of account of a program in a unit, a debit positive: ``closing`` is opening and debits less credits."""

    entity: str
    program: str
    account: str
    unit: str
    opening: int
    debits: int
    credits: int
    closing: int


class AccrualLine(BaseModel):
    """What happened to rewards in a month, from ``debit`` to ``credit``; ``earned``: the month in which their orders occurred."""

    month: str
    earned: str
    entity: str
    program: str
    what: str
    kind: str
    side: str
    debit: str
    credit: str
    unit: str
    count: int
    amount: int


class AgedLine(BaseModel):
    """What was owed, by the days since each reward first stood in the account; ``receivable`` is owed by beneficiaries."""

    entity: str
    program: str
    account: str
    unit: str
    age: str = Field(json_schema_extra={"enum": list(books.AGES)})
    rewards: int
    amount: int


class CostLine(BaseModel):
    """What rewards cost in a month, by side and corrections apart, and the orders that earned them.

    ``revenue`` is what these were charged, ``returned`` what was given back of it until now. Orders that earned nothing have no
    program.
    """

    month: str
    entity: str
    program: str
    unit: str
    advocate: int
    friend: int
    corrections: int
    orders: int
    revenue: int
    returned: int


class Books(BaseModel):
    """The books of the months from ``begin`` up to, and without, ``end``, in ``zone``; amounts in minor units or points.

    ``trial_balance``, ``liabilities`` and ``accruals`` count by when something was booked, ``costs`` by ``by``. True up to entry
    ``position``. ``aged_at``: the instant of the ages; ``ended``: the last of the months is over; ``balanced``: each legal entity's
    books add up to zero.
    """

    begin: str
    end: str
    zone: str = Field(description="IANA time zone")
    by: By
    program: str | None
    position: int
    aged_at: fields.Time
    ended: bool
    balanced: bool
    trial_balance: list[TrialBalanceLine]
    liabilities: list[AgedLine]
    accruals: list[AccrualLine]
    costs: list[CostLine]


@router.get("/v1/reports/books", operation_id="get_books")
async def get_books(
    begin: Begin = None,
    end: End = None,
    program: Program = None,
    timezone: Zone = None,
    by: Counts = "occurred",
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.books.months),
) -> Books:
    """The books of months: trial balance, liabilities by age, accruals, cost and revenue; at most 36 months."""
    it = await see.books.months(who, directory, begin, end, program=program, zone=timezone, by=by)
    return Books(
        begin=it.begin,
        end=it.end,
        zone=it.zone,
        by=it.by,
        program=it.program,
        position=it.position,
        aged_at=calendar.text(it.at),
        ended=it.ended,
        balanced=not it.unbalanced,
        trial_balance=[TrialBalanceLine(**_plain(line)) for line in it.trial],
        liabilities=[AgedLine(**_plain(line)) for line in it.ages],
        accruals=[AccrualLine(**_plain(line)) for line in it.accruals],
        costs=[CostLine(**_plain(line)) for line in it.costs],
    )


@router.get(
    "/v1/reports/pack",
    operation_id="get_pack",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}},
)
async def get_pack(  # noqa: PLR0913 - likewise
    begin: Begin = None,
    end: End = None,
    program: Program = None,
    timezone: Zone = None,
    by: Counts = "occurred",
    names: Annotated[bool, Query(description="With what you call the advocates of referrals.")] = False,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.books.take),
) -> Response:
    """The books of months as one zip file: figures, referrals and postings as CSV, journals for three programs, and a manifest.

    Of up to 500,000 postings; more are for `goodword pack`. That it was taken stands on the record.
    """
    asked: dict[str, Any] = {"program": program, "zone": timezone, "by": by, "names": names}
    path, manifest = await say.books.take(who, directory, begin, end, **asked)
    name = f"pack-{manifest.begin}-{manifest.end}.zip"
    return FileResponse(path, media_type="application/zip", filename=name, background=BackgroundTask(pack.remove, path))


def _plain(line: msgspec.Struct) -> dict[str, Any]:
    return msgspec.structs.asdict(line)
