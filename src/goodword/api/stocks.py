"""Codes: stocks of them, uploaded and looked at; what a payout brought; and those of our own, looked up and redeemed at a checkout."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path

from goodword.api import bodies, fields, models
from goodword.api.answers import done
from goodword.api.auth import DIRECTORY, IdempotencyKey, key_of, needs
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.say.credit import Using
from goodword.app.say.stocks import Upload
from goodword.app.see.stocks import Code
from goodword.core import calendar
from goodword.core.state import Stock

router = APIRouter(tags=["codes"])


@router.get("/v1/stocks", operation_id="list_stocks")
async def list_stocks(directory: Directory = DIRECTORY, who: Principal = needs(see.stocks.whole)) -> models.Stocks:
    """The codes that were uploaded, how many of each are left, where they run low, and which payouts wait for some."""
    whole = await see.stocks.whole(who, directory)
    return models.Stocks(
        items=[_stock(it) for it in whole.stocks],
        low=[models.LowStock(name=name, left=left) for name, left in sorted(whole.low.items())],
        waiting=[it.id for it in whole.waiting],
    )


@router.post("/v1/stocks", operation_id="upload_stock")
async def upload_stock(
    body: bodies.NewStock,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.stocks.upload),
) -> models.Decision:
    """Upload codes to give out over the rail ``code_stock``: all or none, and none that was uploaded before. What waits goes on."""
    said: dict[str, Any] = {
        "name": body.name,
        "unit": body.unit,
        "amount": body.amount,
        "program": body.program,
        "low": body.low_at,
    }
    ends_at = None if body.ends_at is None else calendar.parse(body.ends_at)
    what = Upload(**said, text=body.codes, ends_at=ends_at)
    return done(await say.stocks.upload(who, directory, what, key_of(who, key)))


@router.get("/v1/payouts/{payout}/codes", operation_id="get_payout_codes")
async def get_payout_codes(
    payout: Annotated[fields.Id, Path()],
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.looking.codes),
) -> models.PayoutCodes:
    """The codes that a payout brought, as they read: for the message to its beneficiary, and for nobody else.

    That a member read them stands on the record, as a look at the payout.
    """
    return models.PayoutCodes(items=[_code(it) for it in await say.looking.codes(who, directory, payout)])


@router.post("/v1/codes/lookup", operation_id="look_up_code")
async def look_up_code(
    body: bodies.CodeLookup, directory: Directory = DIRECTORY, who: Principal = needs(see.codes.look_up)
) -> models.CodeLookup:
    """What a code of our own is worth now, as somebody shows it at your checkout; 404 for every text that is none of yours."""
    it = await see.codes.look_up(who, directory, body.code)
    return models.CodeLookup(
        payout=it.payout,
        person=it.person,
        unit=it.unit,
        amount=it.amount,
        left=it.left,
        usable=it.usable,
        ends_at=None if it.ends_at is None else calendar.text(it.ends_at),
    )


@router.post("/v1/codes/redemptions", operation_id="redeem_code")
async def redeem_code(
    body: bodies.NewCodeRedemption,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.credit.redeem_code),
) -> models.Decision:
    """Use a code of our own, whole or in part, once a ``redemption_id``: never more than there is (409 ``credit_short``)."""
    what = Using(body.redemption_id, body.amount, body.unit, None, body.order_reference)
    return done(await say.credit.redeem_code(who, directory, body.code, what, key_of(who, key)))


def _code(it: Code) -> models.PayoutCode:
    return models.PayoutCode(
        id=it.id,
        stock=it.stock,
        name=it.name,
        amount=it.amount,
        unit=it.unit,
        left=it.left,
        ends_at=None if it.ends_at is None else calendar.text(it.ends_at),
        code=it.text,
        masked=it.masked,
    )


def _stock(it: Stock) -> models.Stock:
    return models.Stock(
        id=it.id,
        name=it.name,
        program=it.program,
        unit=it.unit,
        amount=it.amount,
        size=it.size,
        given=it.given,
        left=it.left,
        low_at=it.low,
        ends_at=None if it.ends_at is None else calendar.text(it.ends_at),
        uploaded_at=calendar.text(it.at),
    )
