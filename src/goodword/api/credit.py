"""Store credit: what a person has, using it, and giving back what was used."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from goodword.api import bodies, fields, models
from goodword.api.answers import done
from goodword.api.auth import DIRECTORY, IdempotencyKey, key_of, needs
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.say.credit import Using
from goodword.app.see.credit import Credit
from goodword.core import calendar
from goodword.core.state import Lot

router = APIRouter()

PersonId = Annotated[fields.Id, Path()]
RedemptionId = Annotated[fields.Token, Path()]


@router.get("/v1/people/{person}/credit", operation_id="get_credit", tags=["credit"])
async def get_credit(
    person: PersonId, directory: Directory = DIRECTORY, who: Principal = needs(see.credit.of_person)
) -> models.Credit:
    """What a person has of store credit and points, in which lots, with their ends, what moved it last, and what is behind codes."""
    return _credit(await see.credit.of_person(who, directory, person))


@router.post("/v1/people/{person}/credit/redemptions", operation_id="redeem_credit", tags=["credit"])
async def redeem_credit(
    person: PersonId,
    body: bodies.NewRedemption,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.credit.redeem),
) -> models.Decision:
    """Use store credit, once a ``redemption_id``: the oldest first, and never more than there is (409 ``credit_short``)."""
    what = Using(body.redemption_id, body.amount, body.unit, body.program, body.order_reference)
    return done(await say.credit.redeem(who, directory, person, what, key_of(who, key)))


@router.post("/v1/credit/redemptions/{redemption}/reversals", operation_id="reverse_redemption", tags=["credit"])
async def reverse_redemption(
    redemption: RedemptionId,
    body: bodies.NewReversal,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.credit.give_back),
) -> models.Decision:
    """Give back what a redemption used, once a ``reversal_id``: all that is left of it, or ``amount``, and never more."""
    what = (redemption, body.reversal_id, body.amount)
    return done(await say.credit.give_back(who, directory, *what, key_of(who, key)))


def _credit(it: Credit) -> models.Credit:
    return models.Credit(
        person=it.person,
        balances=[models.CreditBalance(unit=b.unit, balance=b.balance, usable=b.usable) for b in it.balances],
        lots=[_lot(lot) for lot in it.lots],
        movements=[
            models.CreditMovement(
                position=each.position,
                what=each.what,
                amount=each.amount,
                unit=each.unit,
                program=each.program,
                reward=each.reward,
            )
            for each in it.movements
        ],
        behind_codes=[_lot(lot) for lot in it.behind],
    )


def _lot(lot: Lot) -> models.CreditLot:
    return models.CreditLot(
        id=lot.id,
        program=lot.program,
        unit=lot.unit,
        reward=lot.reward,
        payout=lot.payout,
        amount=lot.amount,
        balance=lot.rest,
        redeemed=lot.redeemed,
        taken_back=lot.taken,
        delivered_at=calendar.text(lot.at),
        expires_at=None if lot.expires_at is None else calendar.text(lot.expires_at),
    )
