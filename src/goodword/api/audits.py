"""Audits: the seven points of rewards, the share of those that lack none, and why a payout went where it did."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from goodword.api import bodies, fields, models
from goodword.api.answers import done, whole
from goodword.api.auth import DIRECTORY, IdempotencyKey, key_of, needs
from goodword.api.paging import After, Limit
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.see.audits import Audited, Sheet
from goodword.core import calendar

router = APIRouter(tags=["audits"])


@router.get("/v1/rewards/{reward}/audit", operation_id="audit_reward")
async def audit_reward(
    reward: Annotated[fields.Id, Path()],
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.audits.of_reward),
) -> models.AuditSheet:
    """Why a reward was paid, or is owed: its seven points, who approved it, and the signed head of the log."""
    return _sheet(await see.audits.of_reward(who, directory, reward))


@router.get("/v1/payouts/{payout}/audit", operation_id="audit_payout")
async def audit_payout(
    payout: Annotated[fields.Id, Path()],
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.audits.of_payout),
) -> models.AuditSheet:
    """Why a payout went where it did: seven points of each of its rewards, who approved and released, the signed head of the log."""
    return _sheet(await see.audits.of_payout(who, directory, payout))


@router.get("/v1/audits/rewards", operation_id="list_audited_rewards")
async def list_audited_rewards(
    program: Annotated[fields.Id | None, Query()] = None,
    month: Annotated[str | None, Query(max_length=16)] = None,
    status: str | None = None,
    point: str | None = None,
    after: After = "",
    limit: Limit = 50,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.audits.page),
) -> models.Page[models.AuditedReward]:
    """Rewards with their seven points. ``month``: in which their order happened, `2026-11`; ``point``: those that lack it, or `any`."""
    found = await see.audits.page(
        who, directory, program=program, month=month, status=status, point=point, after=after, limit=limit
    )
    return models.Page(items=[_audited(one) for one in found.items], after=found.after)


@router.get("/v1/audits/accuracy", operation_id="get_accuracy")
async def get_accuracy(
    begin: Annotated[fields.Day | None, Query(alias="from")] = None,
    end: Annotated[fields.Day | None, Query(alias="to")] = None,
    program: Annotated[fields.Id | None, Query()] = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.audits.accuracy),
) -> models.Accuracy:
    """The share of rewards that lack none of the seven points (`referral_reward_eligibility_accuracy`), `whole` of `count`.

    In all, by program and state, by program and month, and of what is paid.
    Of rewards whose order happened from the first day of UTC up to, and without, the last; of all where none is said.
    """
    it = await see.audits.accuracy(who, directory, begin, end, program)
    lacking = [models.Lacking(reward=id_, lacks=list(lacks)) for id_, lacks in it.lacking]
    shares = [models.AccuracyShare(**whole(row)) for row in it.rows]
    (whole_all, count), (paid_whole, paid) = it.all, it.paid
    return models.Accuracy(
        begin=it.begin,
        end=it.end,
        count=count,
        whole=whole_all,
        paid=paid,
        paid_whole=paid_whole,
        shares=shares,
        months=[models.AccuracyMonth(**whole(row)) for row in it.months],
        lacking=lacking,
    )


@router.get("/v1/audits/months/{month}", operation_id="get_month_audit")
async def get_month_audit(
    month: Annotated[str, Path(max_length=16)],
    now: bool = False,
    after: After = "",
    limit: Limit = 200,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.audits.month),
) -> models.MonthAudit:
    """What is looked at of the payouts that completed in a month of UTC, such as `2026-10`: all outliers and a sample.

    The sample follows from the root of the first signed head that has every entry of the month, so that nobody chooses it. `looked`
    is a page of the list; `list_sha256` is the digest of the whole of it, which is signed. Of a month that was signed the list is the
    signed one; with `now` it is the one that could be signed now.
    """
    it = await see.audits.month(who, directory, month, now=now, after=after, limit=limit)
    return models.MonthAudit(
        month=it.month,
        count=it.count,
        head=it.head.size if it.head is not None else None,
        root=it.head.root.hex() if it.head is not None else None,
        list_sha256=it.frozen.list_sha256,
        kept=it.kept,
        size=it.size,
        after=it.after,
        later=list(it.later),
        later_count=it.later_count,
        gone=list(it.gone),
        gone_count=it.gone_count,
        looked=[
            models.LookedAt(
                payout=one.payout.id,
                beneficiary=one.payout.beneficiary,
                amount=one.payout.amount,
                unit=one.payout.unit,
                why=list(one.why),
                lacks=[models.Lacking(reward=id_, lacks=list(lacks)) for id_, lacks in one.lacks],
            )
            for one in it.looked
        ],
        own=list(it.own),
        signed=models.SignedAudit(
            by=it.signed.by,
            at=calendar.text(it.signed.at),
            list_sha256=it.signed.list_sha256,
            size=it.signed.size,
            head=it.signed.head,
            root=it.signed.root,
            findings=list(it.signed.findings),
            evt=it.signed.evt,
        )
        if it.signed is not None
        else None,
    )


@router.post("/v1/audits/months/{month}", operation_id="sign_month_audit")
async def sign_month_audit(
    month: Annotated[str, Path(max_length=16)],
    body: bodies.AuditSignature,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.audits.sign),
) -> models.Decision:
    """Say that you looked at what `get_month_audit` shows, and in which payouts something was found; `note` says what.

    Refused if the list is another one by now (`audit_changed`), or you had a part in any of it (`own_work`).
    """
    return done(
        await say.audits.sign(who, directory, month, body.list_sha256, body.findings, body.note, key_of(who, key))
    )


def _audited(one: Audited) -> models.AuditedReward:
    reward = one.about.reward
    return models.AuditedReward(
        said=[models.RewardSaid(**whole(it)) for it in one.said],
        reward=reward.id,
        program=one.about.program,
        beneficiary=reward.beneficiary,
        status=reward.status,
        amount=reward.amount,
        unit=reward.unit,
        points=[models.AuditPoint(**whole(point)) for point in one.points],
        lacks=list(one.lacks),
    )


def _sheet(it: Sheet) -> models.AuditSheet:
    head, payout = it.head, it.payout
    return models.AuditSheet(
        payout=payout.id if payout is not None else None,
        amount=payout.amount if payout is not None else None,
        unit=payout.unit if payout is not None else None,
        rewards=[_audited(one) for one in it.rewards],
        count=it.count,
        approvers=[
            models.AuditApprover(
                id=one.who.id, mail=one.who.mail, subject=one.subject, released=one.released, position=one.position
            )
            for one in it.approvers
        ],
        head=models.AuditHead(
            size=head.size,
            root=head.root.hex(),
            as_of=calendar.text(head.as_of),
            signature=head.signature.hex(),
            public=head.public,
        )
        if head is not None
        else None,
    )
