"""Agreements: what you agreed on with a partner, made, ended, and read with all versions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from goodword.api import bodies, fields, models
from goodword.api.answers import done
from goodword.api.auth import DIRECTORY, IdempotencyKey, key_of, needs
from goodword.api.paging import After, Limit, page
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.say.agreements import Agreed
from goodword.app.see.agreements import Made
from goodword.core import calendar
from goodword.core.state import Terms

router = APIRouter()

AgreementId = Annotated[fields.Id, Path()]


def _agreement(told: Made) -> models.Agreement:
    it = told.agreement
    return models.Agreement(
        id=it.id,
        advocate=it.person,
        advocate_name=told.names.get(it.person),
        program=it.program,
        versions=[_terms(terms, told) for terms in it.versions],
    )


def _terms(terms: Terms, told: Made) -> models.Terms:
    return models.Terms(
        version=terms.version,
        since=calendar.text(terms.since),
        until=None if terms.until is None else calendar.text(terms.until),
        over=terms.until == terms.since,
        on=terms.on,
        percent=terms.percent,
        flat=terms.flat,
        accounts=[models.AgreementAccount(id=id_, name=told.names.get(id_)) for id_ in terms.accounts],
        products=list(terms.products),
        countries=list(terms.countries),
        protection_days=terms.protection_days,
        made_by=terms.by,
        made_at=calendar.text(terms.at),
    )


def _instant(text: str | None) -> int | None:
    return None if text is None else calendar.parse(text)


@router.get("/v1/agreements", operation_id="list_agreements", tags=["agreements"])
async def list_agreements(
    advocate: str | None = None,
    program: str | None = None,
    after: After = "",
    limit: Limit = 50,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.agreements.page),
) -> models.Page[models.Agreement]:
    """Agreements with partners; ``advocate``: with one, by id or by what you call them; ``program``: those for one program alone."""
    found = await see.agreements.page(who, directory, program=program, advocate=advocate, after=after, limit=limit)
    return page(found, _agreement)


@router.get("/v1/agreements/{agreement}", operation_id="get_agreement", tags=["agreements"])
async def get_agreement(
    agreement: AgreementId, directory: Directory = DIRECTORY, who: Principal = needs(see.agreements.get)
) -> models.Agreement:
    """One agreement, with all its versions."""
    return _agreement(await see.agreements.get(who, directory, agreement))


@router.post("/v1/agreements", operation_id="make_agreement", tags=["agreements"])
async def make_agreement(
    body: bodies.NewAgreement,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.agreements.make),
) -> models.Decision:
    """Agree on terms with a partner: a new version, which holds from its time on. What happened before is judged by what held then."""
    terms = Agreed(
        advocate=body.advocate,
        program=body.program,
        since=_instant(body.since),
        until=_instant(body.until),
        on=body.on,
        percent=body.percent,
        flat=body.flat,
        accounts=tuple(body.accounts),
        products=tuple(body.products),
        countries=tuple(body.countries),
        protection_days=body.protection_days,
    )
    return done(await say.agreements.make(who, directory, terms, body.note, key_of(who, key)))


@router.post("/v1/agreements/end", operation_id="end_agreement", tags=["agreements"])
async def end_agreement(
    body: bodies.AgreementEnd,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.agreements.end),
) -> models.Decision:
    """Let a partner's agreement be over. What they earn later is worked out by the program, and flagged until there are new terms."""
    since = _instant(body.since)
    said = await say.agreements.end(who, directory, body.advocate, body.program, since, body.note, key_of(who, key))
    return done(said)
