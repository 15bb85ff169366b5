"""Payouts: drafted, released, taken back, answered, and the file for the bank."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from goodword import words
from goodword.api import bodies, fields, models
from goodword.api.answers import done, frozen, items_of, of_preview, shown
from goodword.api.auth import DIRECTORY, IdempotencyKey, key_of, needs
from goodword.api.paging import After, Limit, page
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.say.corrections import Arrived
from goodword.app.see.debtors import Debtor
from goodword.app.see.handovers import Handed
from goodword.core import calendar
from goodword.core.state import Payout
from goodword.outbound.files import DEBTOR, PLAIN
from goodword.outbound.rails import Field, Rail

router = APIRouter(tags=["payouts"])

_NAMED = 100  # payouts that a header names
_LEFT_OUT = "X-Goodword-Left-Out"
_LEFT_OUT_HEADER = {
    "description": "Payouts, at most 100 of them, that wait for the bank and are not in the file: their payment details do not open or "
    "are others than were released, the bank said something of them that is an open case, or, with `leave_out`, the format cannot "
    "carry them.",
    "required": False,
    "schema": {"type": "string"},
}

PayoutId = Annotated[fields.Id, Path()]


@router.get("/v1/rails", operation_id="list_rails")
async def list_rails(
    directory: Directory = DIRECTORY, who: Principal = needs(see.rails.every)
) -> models.Page[models.Rail]:
    """All rails, with the fields of their payment details."""
    rails = await see.rails.every(who, directory)
    return models.Page(items=[_rail(name, rail) for name, rail in rails.items()])


@router.get("/v1/payouts", operation_id="list_payouts")
async def list_payouts(
    status: str | None = None,
    beneficiary: str | None = None,
    rail: str | None = None,
    after: After = "",
    limit: Limit = 50,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.payouts.page),
) -> models.Page[models.Payout]:
    """Payouts."""
    filters = {"status": status, "beneficiary": beneficiary, "rail": rail}
    return page(await see.payouts.page(who, directory, **filters, after=after, limit=limit), _payout)


@router.post("/v1/payouts", operation_id="draft_payouts")
async def draft_payouts(
    body: bodies.Draft,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.payouts.draft),
) -> models.Decision:
    """Gather approved rewards that are due into payouts, one a beneficiary; a verdict for each."""
    named = None if body.beneficiaries is None else tuple(body.beneficiaries)
    return done(await say.payouts.draft(who, directory, body.rail, body.unit, named, key_of(who, key)))


@router.get("/v1/payouts/release", operation_id="list_to_release")
async def list_to_release(
    id: Annotated[list[fields.Id], Query(min_length=1, max_length=1000)],  # noqa: A002
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.payouts.to_release),
) -> models.ListToDecide:
    """The frozen list of these payouts as they are now, with its digest: send it back to release."""
    return frozen(await see.payouts.to_release(who, directory, id))


@router.post("/v1/payouts/release", operation_id="release_payouts")
async def release_payouts(
    body: bodies.FrozenList,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.payouts.release),
) -> models.Decision:
    """Say that these payouts are sent: all as the list says, or none. Above a limit a second member must send the same list."""
    return done(await say.payouts.release(who, directory, items_of(body.items), body.list_sha256, key_of(who, key)))


@router.get(
    "/v1/payouts/bank-file",
    operation_id="get_bank_file",
    response_class=Response,
    responses={
        200: {
            "content": {"text/csv": {}, "application/xml": {}, "text/plain": {}},
            "headers": {_LEFT_OUT: _LEFT_OUT_HEADER},
        }
    },
)
async def get_bank_file(
    format: Annotated[str, Query(description="csv, pain.001, paypal, wise or nacha.")] = PLAIN,  # noqa: A002
    unit: Annotated[str | None, Query(description="Payouts in this currency alone.")] = None,
    day: Annotated[
        str | None, Query(description="Of execution, where the format names one; else the next open one.")
    ] = None,
    leave_out: Annotated[
        bool, Query(description="Leave out what the format cannot carry, and name it, rather than refuse the file.")
    ] = False,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.handovers.hand_out),
) -> Response:
    """The file of all released payouts that wait for the bank, in a format; the same until they are answered.

    It has all of them, or is refused with each payout that the format cannot carry, and why (`errors`). What it says was read back and
    compared with what was released. That it left, and what it pays, stands in the register (`GET /v1/bank-files`).
    """
    asked = {"name": format, "unit": unit, "day": day, "leave_out": leave_out}
    file = await say.handovers.hand_out(who, directory, **asked)  # type: ignore[arg-type]
    left_out = [*file.left_out, *(it.payout for it in file.refused)]
    headers = {_LEFT_OUT: " ".join(left_out[:_NAMED])} if left_out else {}
    return Response(file.body, media_type=file.format.media, headers=headers)


@router.get("/v1/bank-files", operation_id="list_bank_files")
async def list_bank_files(
    directory: Directory = DIRECTORY, who: Principal = needs(see.handovers.newest)
) -> models.Page[models.BankFile]:
    """The files for the bank that were handed out last, the newest first: who took them, what they pay, and what became of that."""
    return models.Page(items=[_handed(it) for it in await see.handovers.newest(who, directory)])


@router.get("/v1/bank-files/{file}", operation_id="get_registered_file")
async def get_registered_file(
    file: Annotated[fields.Id, Path()], directory: Directory = DIRECTORY, who: Principal = needs(see.handovers.get)
) -> models.RegisteredFile:
    """A file for the bank that was handed out, with the ids of all payouts in it."""
    it = await see.handovers.get(who, directory, file)
    return models.RegisteredFile(**dict(_handed(it)), payouts=[*it.file.payouts])


def _handed(it: Handed) -> models.BankFile:
    file = it.file
    return models.BankFile(
        id=file.id,
        format=file.form,
        digest=file.digest,
        count=file.count,
        sums=file.sums,
        states=it.states,
        debtor=file.debtor,
        day=file.day,
        times=file.times,
        first_by=file.by,
        first_at=calendar.text(file.at),
        last_by=file.last_by,
        last_at=calendar.text(file.last_at),
        refused_at=None if file.refused_at is None else calendar.text(file.refused_at),
        reason=file.reason,
        why=None if file.reason is None else words.bank_reason(file.reason),
    )


@router.get("/v1/debtor", operation_id="get_debtor")
async def get_debtor(directory: Directory = DIRECTORY, who: Principal = needs(see.debtors.whole)) -> models.DebtorState:
    """The company's own account, from which files for the bank pay, the fields that it has, and one that waits for another owner."""
    whole = await see.debtors.whole(who, directory)
    return models.DebtorState(
        debtor=None if whole.holds is None else _debtor(whole.holds),
        waiting=None if whole.waiting is None else _debtor(whole.waiting),
        fields=[_field(field) for field in DEBTOR],
    )


@router.put("/v1/debtor", operation_id="set_debtor")
async def set_debtor(
    body: bodies.DebtorDetails,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.debtors.set_debtor),
) -> models.Decision:
    """Give the account from which files for the bank pay; it waits until another owner confirms it (`second_person_needed`)."""
    return done(await say.debtors.set_debtor(who, directory, body.details, key_of(who, key)))


@router.get("/v1/payouts/{payout}", operation_id="get_payout")
async def get_payout(
    payout: PayoutId, directory: Directory = DIRECTORY, who: Principal = needs(see.payouts.get)
) -> models.Payout:
    """One payout."""
    return _payout(await see.payouts.get(who, directory, payout))


@router.post("/v1/payouts/{payout}/cancel", operation_id="cancel_payout")
async def cancel_payout(
    payout: PayoutId,
    body: bodies.Cancellation,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.payouts.cancel),
) -> models.Decision:
    """Take a payout back before the rail was called; its rewards stay approved."""
    return done(await say.payouts.cancel(who, directory, payout, body.reason, key_of(who, key)))


@router.post("/v1/payouts/{payout}/answer", operation_id="answer_payout")
async def answer_payout(
    payout: PayoutId,
    body: bodies.PayoutAnswer,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.payouts.answer),
) -> models.Decision:
    """Say what became of a payout that went by bank file, or of one that its rail never heard of."""
    said = (body.outcome, body.reference, body.reason)
    return done(await say.payouts.answer(who, directory, payout, *said, key_of(who, key)))


@router.post("/v1/payouts/{payout}/arrival", operation_id="correct_payout")
async def correct_payout(
    payout: PayoutId,
    body: bodies.Arrival,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.corrections.arrived),
) -> models.Decision:
    """Say that a payout which failed, or was returned, arrived after all; a second member sends the same. It is never paid twice."""
    said = Arrived(payout, body.amount, body.unit, body.reference)
    return done(await say.corrections.arrived(who, directory, said, body.why, key_of(who, key)))


@router.post("/v1/payouts/{payout}/arrival/preview", operation_id="preview_payout_correction")
async def preview_payout_correction(
    payout: PayoutId,
    body: bodies.Arrival,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.corrections.preview_arrived),
) -> models.DecisionPreview:
    """What would come of saying that a payout arrived after all. Nothing is kept."""
    said = Arrived(payout, body.amount, body.unit, body.reference)
    return of_preview(await say.corrections.preview_arrived(who, directory, said))


def _payout(payout: Payout) -> models.Payout:
    values = {name: value for name, value in shown(payout).items() if name in models.Payout.model_fields}
    return models.Payout(**values, rewards=[part.reward for part in payout.parts])


def _debtor(it: Debtor) -> models.Debtor:
    change = it.change
    return models.Debtor(
        details=dict(it.details),
        change=change.id,
        asked_by=change.asked_by,
        asked_at=calendar.text(change.asked_at),
        confirmed_by=change.decided_by if change.status == "confirmed" else None,
    )


def _field(field: Field) -> models.RailField:
    return models.RailField(**{part: getattr(field, part) for part in models.RailField.model_fields})


def _rail(name: str, rail: type[Rail]) -> models.Rail:
    fields_ = [_field(field) for field in rail.fields]
    return models.Rail(name=name, kinds=[*rail.kinds], modes=[*rail.modes], manual=rail.manual, fields=fields_)
