"""People and who brought whom: persons, payees, advocates, referrals, claims."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

from fastapi import APIRouter, Path, Query

from goodword.api import bodies, fields, models
from goodword.api.answers import done, shown
from goodword.api.auth import House, IdempotencyKey, key_of, needs
from goodword.api.errors import not_found
from goodword.api.paging import After, Limit, page
from goodword.app.directory import Principal
from goodword.app.follow import payouts
from goodword.app.say import reviews
from goodword.app.say.workspaces import person_named
from goodword.app.see import reports
from goodword.core import calendar
from goodword.store import pages

router = APIRouter()

PersonId = Annotated[fields.Id, Path()]


@router.get("/v1/people", operation_id="find_person", tags=["people"])
async def find_person(
    external_id: Annotated[str, Query(max_length=256)], house: House, who: Principal = needs("read")
) -> models.Person:
    """The person to whom the company gave this name."""
    found = await person_named(house, who.workspace, external_id)
    if found is None:
        raise not_found("person of this name")
    return models.Person(id=found, external_id=external_id)


@router.get("/v1/people/{person}", operation_id="get_person", tags=["people"])
async def get_person(person: PersonId, house: House, who: Principal = needs("read")) -> models.Person:
    """A person's name; an erased person has none."""
    found = await reports.names(house, who.workspace, [person])
    return models.Person(id=person, external_id=found.get(person))


@router.put("/v1/people/{person}/payee", operation_id="set_payee", tags=["people"])
async def set_payee(
    person: PersonId,
    body: bodies.PayeeDetails,
    house: House,
    key: IdempotencyKey,
    who: Principal = needs("payee.set"),
) -> models.Decision:
    """Enter or change where a beneficiary is paid; what was approved for other details goes back to review."""
    try:
        entry = await payouts.set_payee(
            house, who.workspace, who.actor, person, body.rail, dict(body.details), key_of(who, key)
        )
    except LookupError:
        raise not_found("person") from None
    return done(entry)


@router.get("/v1/advocates", operation_id="list_advocates", tags=["advocates"])
async def list_advocates(
    house: House,
    program: str | None = None,
    person: str | None = None,
    after: After = "",
    limit: Limit = 50,
    who: Principal = needs("read"),
) -> models.Page[models.Advocate]:
    """Advocates with the names the company gave them."""
    async with house.pool.acquire() as conn:
        found = await pages.advocates(conn, who.workspace.id, program=program, person=person, after=after, limit=limit)
    names = await reports.names(house, who.workspace, (advocate.person for advocate in found))
    texts = await reports.codes(house, who.workspace, (code for one in found for code in one.codes))
    items = [
        models.Advocate(
            **{**shown(one), "codes": [texts[code] for code in one.codes]}, external_id=names.get(one.person)
        )
        for one in found
    ]
    return page(items, limit)


@router.get("/v1/referrals", operation_id="list_referrals", tags=["referrals"])
async def list_referrals(
    house: House, friend: str | None = None, after: After = "", limit: Limit = 50, who: Principal = needs("read")
) -> models.Page[models.Referral]:
    """Referrals: who brought whom."""
    async with house.pool.acquire() as conn:
        found = await pages.referrals(conn, who.workspace.id, friend=friend, after=after, limit=limit)
    return page([models.Referral(**shown(one)) for one in found], limit)


@router.get("/v1/claims", operation_id="list_claims", tags=["claims"])
async def list_claims(
    house: House,
    status: str | None = None,
    friend: str | None = None,
    after: After = "",
    limit: Limit = 50,
    who: Principal = needs("read"),
) -> models.Page[models.Claim]:
    """Claims; those of a friend that are open together contest one another."""
    async with house.pool.acquire() as conn:
        found = await pages.claims(conn, who.workspace.id, status=status, friend=friend, after=after, limit=limit)
    return page([models.Claim(**shown(one)) for one in found], limit)


@router.post("/v1/claims", operation_id="enter_claim", tags=["claims"])
async def enter_claim(
    body: bodies.NewClaim, house: House, key: IdempotencyKey, who: Principal = needs("claim.enter")
) -> models.Decision:
    """Say that advocates brought a friend; another person decides."""
    shares = [(share.person, Fraction(share.numerator, share.denominator)) for share in body.advocates]
    lead_at = calendar.parse(body.lead_at)
    entry = await reviews.enter_claim(
        house, who, body.program, body.person, shares, lead_at, body.reason, body.note, key_of(who, key)
    )
    return done(entry)


@router.post("/v1/claims/{claim}/decision", operation_id="decide_claim", tags=["claims"])
async def decide_claim(
    claim: Annotated[fields.Id, Path()],
    body: bodies.ClaimAnswer,
    house: House,
    key: IdempotencyKey,
    who: Principal = needs("claim.decide"),
) -> models.Decision:
    """Decide a claim: won makes or moves the referral."""
    entry = await reviews.decide_claim(house, who, claim, body.outcome, body.reason, body.note, key_of(who, key))
    return done(entry)
