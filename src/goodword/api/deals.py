"""Deals: registered for partners, decided by members, and what both sides write to each other."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from goodword import words
from goodword.api import bodies, fields, models
from goodword.api.answers import done, of_preview
from goodword.api.auth import DIRECTORY, IdempotencyKey, key_of, needs
from goodword.api.paging import After, Limit, page
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.say.deals import Answer, Registering
from goodword.app.see.deals import Registered
from goodword.core import calendar
from goodword.core.state import Registration

router = APIRouter()

DealId = Annotated[fields.Id, Path()]


def _deal(told: Registered) -> models.Deal:
    it, names = told.registration, told.names
    return models.Deal(
        id=it.id,
        program=it.program,
        advocate=it.advocate,
        advocate_name=names.get(it.advocate),
        person=it.person,
        contact_name=names.get(it.person),
        company=it.company,
        company_name=names.get(it.company),
        status=it.status,
        registered_at=calendar.text(it.at),
        amount=it.amount,
        currency=it.currency,
        percent=it.percent,
        conflicts=[
            models.DealConflict(
                kind=each.kind, by=each.by, sure=each.sure, subject=each.subject, since=calendar.text(each.since)
            )
            for each in it.conflicts
        ],
        accepted_at=_text(it.accepted_at),
        protected_until=_text(it.protected_until),
        reason=it.reason,
        told=_told(it),
        decided_by=it.decided_by,
        deals=[
            models.DealReport(
                id=each.id,
                status=each.status,
                stage=each.stage,
                amount=each.amount,
                currency=each.currency,
                opened_at=calendar.text(each.opened_at),
                at=calendar.text(each.at),
            )
            for each in told.deals
        ],
        messages=[
            models.DealMessage(side=each.side, by=each.by, at=calendar.text(each.at), note=each.note)
            for each in it.messages
        ],
        note=told.note,
    )


def _told(it: Registration) -> str | None:
    if it.reason is not None:
        return words.declined(it.reason)
    return words.accepted() if it.status == "accepted" else None


def _answer(body: bodies.DealAnswer) -> Answer:
    return Answer(
        outcome=body.outcome,
        reason=body.reason,
        days=body.days,
        conflicts=tuple(body.conflicts),
        deal=body.deal_id,
    )


def _text(at: int | None) -> str | None:
    return None if at is None else calendar.text(at)


@router.get("/v1/deals", operation_id="list_deals", tags=["deals"])
async def list_deals(
    status: str | None = None,
    advocate: str | None = None,
    after: After = "",
    limit: Limit = 50,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.deals.page),
) -> models.Page[models.Deal]:
    """Deals that partners registered; ``advocate``: of one partner, by id or by what you call them."""
    return page(await see.deals.page(who, directory, status=status, advocate=advocate, after=after, limit=limit), _deal)


@router.get("/v1/deals/{deal}", operation_id="get_deal", tags=["deals"])
async def get_deal(
    deal: DealId, directory: Directory = DIRECTORY, who: Principal = needs(see.deals.get)
) -> models.Deal:
    """One deal, with who else has to do with its company."""
    return _deal(await see.deals.get(who, directory, deal))


@router.post("/v1/deals", operation_id="register_deal", tags=["deals"])
async def register_deal(
    body: bodies.NewDeal,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.deals.register),
) -> models.Decision:
    """Register a deal for a partner. The answer names what conflicts with it; a person decides."""
    said = Registering(
        advocate_external_id=body.advocate_external_id,
        program=body.program,
        company=body.company.name,
        company_domain=body.company.domain,
        company_id=body.company.external_id,
        customer_external_id=body.contact.external_id,
        customer_name=body.contact.name,
        customer_email=body.contact.email,
        customer_phone=body.contact.phone,
        amount=body.amount,
        currency=body.currency,
        percent=body.percent,
        note=body.note,
    )
    return done(await say.deals.register(who, directory, said, key_of(who, key)))


@router.post("/v1/deals/{deal}/preview", operation_id="preview_deal", tags=["deals"])
async def preview_deal(
    deal: DealId,
    body: bodies.DealAnswer,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.deals.preview),
) -> models.DecisionPreview:
    """What deciding a deal so would bind and move, as things are now. Nothing of it is kept."""
    return of_preview(await say.deals.preview(who, directory, deal, _answer(body)))


@router.post("/v1/deals/{deal}/decision", operation_id="decide_deal", tags=["deals"])
async def decide_deal(
    deal: DealId,
    body: bodies.DealAnswer,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.deals.decide),
) -> models.Decision:
    """Accept a deal, which protects its company for the partner and makes its contact their referral, or decline it."""
    return done(await say.deals.decide(who, directory, deal, _answer(body), body.note, key_of(who, key)))


@router.post("/v1/deals/{deal}/messages", operation_id="write_on_deal", tags=["deals"])
async def write_on_deal(
    deal: DealId,
    body: bodies.DealMessage,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.deals.write),
) -> models.Decision:
    """Write a message on a deal, between its partner and sales."""
    return done(await say.deals.write(who, directory, deal, body.side, body.text, key_of(who, key)))


@router.post("/v1/deals/{deal}/withdrawal", operation_id="withdraw_deal", tags=["deals"])
async def withdraw_deal(
    deal: DealId,
    body: bodies.DealWithdrawal,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.deals.withdraw),
) -> models.Decision:
    """Take a deal back for its partner: its protection is over at once, and what was bound stays so."""
    return done(await say.deals.withdraw(who, directory, deal, body.note, key_of(who, key)))
