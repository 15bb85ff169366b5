"""Payouts: drafted, released, taken back, answered, and the file for the bank."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from goodword.api import bodies, fields, models
from goodword.api.answers import done, shown
from goodword.api.auth import House, IdempotencyKey, key_of, needs
from goodword.api.errors import not_found
from goodword.api.paging import After, Limit, page
from goodword.api.rewards import frozen, items_of
from goodword.app.directory import Principal
from goodword.app.follow import payouts
from goodword.app.say import reviews
from goodword.core.events import PayoutAnswered, PayoutCanceled
from goodword.core.state import Payout
from goodword.outbound.rails import REGISTRY
from goodword.store import entities, pages

router = APIRouter(tags=["payouts"])

PayoutId = Annotated[fields.Id, Path()]


@router.get("/v1/rails", operation_id="list_rails")
async def list_rails(_who: Principal = needs("read")) -> models.Page[models.Rail]:
    """All rails, with the fields of their payment details."""
    return models.Page(
        items=[
            models.Rail(
                name=name,
                kinds=[*rail.kinds],
                modes=[*rail.modes],
                manual=rail.manual,
                fields=[
                    models.RailField(**{part: getattr(field, part) for part in models.RailField.model_fields})
                    for field in rail.fields
                ],
            )
            for name, rail in REGISTRY.items()
        ]
    )


@router.get("/v1/payouts", operation_id="list_payouts")
async def list_payouts(
    house: House,
    status: str | None = None,
    beneficiary: str | None = None,
    rail: str | None = None,
    after: After = "",
    limit: Limit = 50,
    who: Principal = needs("read"),
) -> models.Page[models.Payout]:
    """Payouts."""
    async with house.pool.acquire() as conn:
        found = await pages.payouts(
            conn, who.workspace.id, status=status, beneficiary=beneficiary, rail=rail, after=after, limit=limit
        )
    return page([_shown(payout) for payout in found], limit)


@router.post("/v1/payouts", operation_id="draft_payouts")
async def draft_payouts(
    body: bodies.Draft, house: House, key: IdempotencyKey, who: Principal = needs("payout.draft")
) -> models.Decision:
    """Gather approved rewards that are due into payouts, one a beneficiary; a verdict for each."""
    named = None if body.beneficiaries is None else tuple(body.beneficiaries)
    return done(await reviews.draft(house, who, body.rail, body.unit, named, key_of(who, key)))


@router.get("/v1/payouts/release", operation_id="list_to_release")
async def list_to_release(
    id: Annotated[list[fields.Id], Query(min_length=1, max_length=1000)],  # noqa: A002
    house: House,
    who: Principal = needs("read"),
) -> bodies.FrozenList:
    """The frozen list of these payouts as they are now, with its digest: send it back to release."""
    try:
        items, digest = await reviews.to_release(house, who.workspace.id, id)
    except LookupError as error:
        raise not_found(f"payout {error}") from None
    return frozen(items, digest)


@router.post("/v1/payouts/release", operation_id="release_payouts")
async def release_payouts(
    body: bodies.FrozenList, house: House, key: IdempotencyKey, who: Principal = needs("payout.release")
) -> models.Decision:
    """Say that these payouts are sent: all as the list says, or none. Above a limit a second member must send the same list."""
    return done(await reviews.release(house, who, items_of(body.items), body.list_sha256, key_of(who, key)))


@router.get(
    "/v1/payouts/bank-file",
    operation_id="get_bank_file",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}},
)
async def get_bank_file(house: House, who: Principal = needs("payee.read")) -> Response:
    """The CSV of all released payouts that wait for the bank; the same until they are answered."""
    return Response(await payouts.bank_file(house, who.workspace), media_type="text/csv; charset=utf-8")


@router.get("/v1/payouts/{payout}", operation_id="get_payout")
async def get_payout(payout: PayoutId, house: House, who: Principal = needs("read")) -> models.Payout:
    """One payout."""
    async with house.pool.acquire() as conn:
        found = await entities.load(conn, who.workspace.id, Payout, [payout])
    if not found:
        raise not_found("payout")
    return _shown(found[0])


@router.post("/v1/payouts/{payout}/cancel", operation_id="cancel_payout")
async def cancel_payout(
    payout: PayoutId,
    body: bodies.Cancellation,
    house: House,
    key: IdempotencyKey,
    who: Principal = needs("payout.cancel"),
) -> models.Decision:
    """Take a payout back before the rail was called; its rewards stay approved."""
    return done(
        await reviews.say(
            house, who, lambda s: PayoutCanceled(**s, payout=payout, reason=body.reason), key_of(who, key)
        )
    )


@router.post("/v1/payouts/{payout}/answer", operation_id="answer_payout")
async def answer_payout(
    payout: PayoutId,
    body: bodies.PayoutAnswer,
    house: House,
    key: IdempotencyKey,
    who: Principal = needs("payout.answer"),
) -> models.Decision:
    """Say what became of a payout that went by bank file, or of one that its rail never heard of."""
    return done(
        await reviews.say(
            house, who, lambda s: PayoutAnswered(**s, payout=payout, **body.model_dump()), key_of(who, key)
        )
    )


def _shown(payout: Payout) -> models.Payout:
    values = {name: value for name, value in shown(payout).items() if name in models.Payout.model_fields}
    return models.Payout(**values, rewards=[part.reward for part in payout.parts])
