"""Taxes: where is reported, forms of payees, what was paid to them in a year, and the papers that they get."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from goodword.api import bodies, fields, models
from goodword.api.answers import done, shown
from goodword.api.auth import DIRECTORY, IdempotencyKey, key_of, needs
from goodword.api.paging import After, Limit, page
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.see.taxes import Awaited, Payee, Remittance, Statement
from goodword.core import calendar, taxes
from goodword.core.money import decimal
from goodword.outbound.tax_forms import FORMS

router = APIRouter(tags=["taxes"])

PersonId = Annotated[fields.Id, Path()]
Year = Annotated[str, Path(description="A calendar year, such as 2026.")]
_PDF = "application/pdf"
_AS_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {_PDF: {}}}}


@router.get("/v1/tax", operation_id="get_tax_reporting")
async def get_tax_reporting(
    directory: Directory = DIRECTORY, who: Principal = needs(see.taxes.whole)
) -> models.TaxReporting:
    """Where the workspace reports what it pays, what waits for another owner, the thresholds, and the fields of each form."""
    whole = await see.taxes.whole(who, directory)
    now = whole.reporting
    return models.TaxReporting(
        jurisdictions=[*now.jurisdictions] if now is not None else [],
        timezone=now.timezone if now is not None else None,
        since=calendar.text(now.since) if now is not None else None,
        waiting=models.TaxReportingAsked(
            change=whole.waiting.id,
            jurisdictions=whole.waiting.to["jurisdictions"],
            timezone=whole.waiting.to["timezone"],
            asked_by=whole.waiting.asked_by,
        )
        if whole.waiting is not None
        else None,
        thresholds=[models.TaxThreshold(**shown(it)) for it in whole.thresholds],
        forms=[
            models.TaxFormKind(
                jurisdiction=jurisdiction,
                form=form,
                fields=[
                    models.RailField(**{part: getattr(field, part) for part in models.RailField.model_fields})
                    for field in FORMS[form]
                ],
            )
            for jurisdiction, forms in taxes.FORMS.items()
            for form in forms
        ],
    )


@router.put("/v1/tax", operation_id="set_tax_reporting")
async def set_tax_reporting(
    body: bodies.TaxReporting,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.taxes.set_reporting),
) -> models.Decision:
    """Say where the workspace reports what it pays; it waits until another owner confirms it (`second_person_needed`)."""
    return done(await say.taxes.set_reporting(who, directory, body.jurisdictions, body.timezone, key_of(who, key)))


@router.get("/v1/tax/awaited", operation_id="list_awaited_tax_forms")
async def list_awaited_tax_forms(
    after: After = "",
    limit: Limit = 50,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.taxes.awaited),
) -> models.Page[models.TaxFormAwaited]:
    """Forms that are asked for and not there yet."""
    return page(await see.taxes.awaited(who, directory, after=after, limit=limit), _awaited)


def _awaited(it: Awaited) -> models.TaxFormAwaited:
    return models.TaxFormAwaited(**(it._asdict() | {"asked_at": calendar.text(it.asked_at)}))


@router.get("/v1/tax/years/{year}", operation_id="list_tax_payees")
async def list_tax_payees(
    year: Year,
    after: After = "",
    limit: Limit = 50,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.taxes.of_year),
) -> models.Page[models.TaxPayee]:
    """Everybody to whom something was paid in a calendar year since it is counted, with their forms."""
    return page(await see.taxes.of_year(who, directory, year, after=after, limit=limit), _payee)


@router.post(
    "/v1/tax/years/{year}/export",
    operation_id="export_tax_year",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}},
)
async def export_tax_year(
    year: Year,
    body: bodies.TaxReason,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.taxes.export),
) -> Response:
    """All payees of a year as CSV, with what their forms say, for who files returns. That you took it along goes on the record."""
    file = await say.taxes.export(who, directory, year, body.note, key_of(who, key))
    done(file.entry)
    return Response(file.body, media_type="text/csv")


@router.get("/v1/people/{person}/tax", operation_id="get_person_tax")
async def get_person_tax(
    person: PersonId,
    year: Annotated[str | None, Query(description="A calendar year; without it, the one that runs.")] = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.taxes.of_person),
) -> models.TaxPayee:
    """What was paid to a person in a calendar year since it is counted, and their forms; what these say shows another operation."""
    return _payee(await see.taxes.of_person(who, directory, person, year))


def _payee(it: Payee) -> models.TaxPayee:
    return models.TaxPayee(
        person=it.person,
        external_id=it.name,
        paid=[models.TaxValue(**shown(value)) for value in it.values],
        forms=[
            models.TaxForm(
                **(shown(form) | {"asked_at": None if form.asked_at is None else calendar.text(form.asked_at)})
            )
            for form in it.forms
        ],
        lacks=[*it.lacks],
    )


@router.put("/v1/people/{person}/tax-forms/{jurisdiction}", operation_id="give_tax_form")
async def give_tax_form(
    person: PersonId,
    jurisdiction: Annotated[str, Path(max_length=20)],
    body: bodies.TaxFormDetails,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.taxes.give),
) -> models.Decision:
    """Give a payee's form; it takes the place of the one before. Its fields stand in `GET /v1/tax`; what it says is sealed."""
    said = (person, jurisdiction, body.form, body.details)
    return done(await say.taxes.give(who, directory, *said, key_of(who, key)))


@router.post("/v1/people/{person}/tax-forms/{jurisdiction}/show", operation_id="show_tax_form")
async def show_tax_form(
    person: PersonId,
    jurisdiction: Annotated[str, Path(max_length=20)],
    body: bodies.TaxReason,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.taxes.show),
) -> models.Unmasked:
    """Show what a payee's form says; that you asked, and why, goes on the record first."""
    seen = await say.taxes.show(who, directory, person, jurisdiction, body.note, key_of(who, key))
    return models.Unmasked(decision=done(seen.entry), values=dict(seen.details))


@router.get("/v1/people/{person}/statements/{year}", operation_id="get_statement")
async def get_statement(
    person: PersonId, year: Year, directory: Directory = DIRECTORY, who: Principal = needs(see.taxes.statement)
) -> models.YearStatement:
    """What a payee earned and got in a calendar year, by program and unit, as the ledger has it, with the payouts."""
    return _statement(await see.taxes.statement(who, directory, person, year))


def _statement(it: Statement) -> models.YearStatement:
    return models.YearStatement(
        person=it.person,
        external_id=it.name,
        year=it.year,
        timezone=it.timezone,
        until=calendar.text(it.until),
        ended=it.ended,
        lines=[models.StatementOfProgram(**shown(line)) for line in it.lines],
        payouts=[
            models.StatementPayout(
                id=one.payout.id,
                day=one.day,
                status=one.payout.status,
                unit=one.payout.unit,
                amount=one.payout.amount,
            )
            for one in it.payouts
        ],
        counted=[models.TaxValue(**shown(value)) for value in it.values],
    )


@router.get(
    "/v1/people/{person}/statements/{year}/pdf",
    operation_id="get_statement_pdf",
    response_class=Response,
    responses=_AS_PDF,
)
async def get_statement_pdf(
    person: PersonId, year: Year, directory: Directory = DIRECTORY, who: Principal = needs(see.papers.statement)
) -> Response:
    """The same as PDF: the same bytes as long as nothing happened."""
    return Response(await see.papers.statement(who, directory, person, year), media_type=_PDF)


@router.get("/v1/payouts/{payout}/remittance", operation_id="get_remittance")
async def get_remittance(
    payout: Annotated[fields.Id, Path()], directory: Directory = DIRECTORY, who: Principal = needs(see.taxes.remittance)
) -> models.Remittance:
    """What a payee is told of a payout: the reference by which their bank shows it, and the rewards that it is made of."""
    return _remittance(await see.taxes.remittance(who, directory, payout))


def _remittance(it: Remittance) -> models.Remittance:
    sent = {part.reward: part for part in it.payout.parts}
    return models.Remittance(
        payout=it.payout.id,
        beneficiary=it.payout.beneficiary,
        external_id=it.name,
        reference=it.reference,
        programs=[*it.programs],
        status=it.payout.status,
        amount=it.payout.amount,
        unit=it.payout.unit,
        figure=decimal(it.payout.amount, it.payout.unit),
        rewards=[
            models.RemittanceReward(
                reward=reward.id,
                earned_at=calendar.text(reward.earned_at),
                on=reward.on,
                sent=sent[reward.id].sent,
                netted=sum(amount for _, amount in sent[reward.id].netted),
            )
            for reward in it.rewards
        ],
    )


@router.get(
    "/v1/payouts/{payout}/remittance/pdf",
    operation_id="get_remittance_pdf",
    response_class=Response,
    responses=_AS_PDF,
)
async def get_remittance_pdf(
    payout: Annotated[fields.Id, Path()],
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.papers.remittance),
) -> Response:
    """The same as PDF."""
    return Response(await see.papers.remittance(who, directory, payout), media_type=_PDF)
