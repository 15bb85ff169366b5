"""Welcome offers: what a shop may take off a friend's order."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from goodword.api import models
from goodword.api.auth import DIRECTORY, needs
from goodword.app import see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.see.welcomes import Told
from goodword.core import calendar

router = APIRouter(tags=["offers"])


@router.get("/v1/offers", operation_id="list_offers")
async def list_offers(
    customer: Annotated[str, Query(min_length=1, max_length=256)],
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.offers.of_customer),
) -> models.Offers:
    """What a customer, by their id or your own name, may have taken off their order now, and what became of offers of before.

    An order of theirs names one that is ``usable`` as its ``offer_id``, and what was taken off as its ``discount``.
    """
    return models.Offers(items=[_offer(it) for it in await see.offers.of_customer(who, directory, customer)])


def _offer(it: Told) -> models.Offer:
    return models.Offer(
        id=it.offer.id,
        program=it.program,
        customer=it.offer.person,
        referral=it.offer.referral,
        amounts=it.offer.amounts,
        minimum=it.minimum,
        status=it.status,
        usable=it.usable,
        until=calendar.text(it.offer.until),
        conversion=it.offer.conversion,
        reward=it.reward.id if it.reward is not None else None,
        reason=it.reason,
    )
