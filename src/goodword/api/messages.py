"""Messages to advocates: which a person is to look at, what one said, who gets none and why."""

from __future__ import annotations

import base64
from typing import Annotated

from fastapi import APIRouter, Path

from goodword.api import bodies, fields, models
from goodword.api.answers import done, shown
from goodword.api.auth import DIRECTORY, IdempotencyKey, key_of, needs
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.write.commands import StoppedError
from goodword.core import calendar
from goodword.core.state import Letter
from goodword.sources.mail_reports import ReportError

router = APIRouter(tags=["messages"])

MessageId = Annotated[fields.Id, Path()]


@router.get("/v1/messages", operation_id="list_messages")
async def list_messages(
    directory: Directory = DIRECTORY, who: Principal = needs(see.messages.waiting)
) -> models.Page[models.Message]:
    """Messages that somebody is to look at, the oldest 100: unknown, whether they arrived; refused by the mail server; not sent yet."""
    return models.Page(items=[_message(it) for it in await see.messages.waiting(who, directory)])


@router.get("/v1/messages/{message}", operation_id="get_message")
async def get_message(
    message: MessageId, directory: Directory = DIRECTORY, who: Principal = needs(see.messages.get)
) -> models.MessageSaid:
    """What became of a message, and what it said, for who may see names; of one that was not handed over nothing was said."""
    it = await see.messages.get(who, directory, message)
    return models.MessageSaid(message=_message(it.message), said=it.said)


@router.post("/v1/messages/{message}/settlement", operation_id="settle_message")
async def settle_message(
    message: MessageId,
    body: bodies.MessageSettlement,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.messages.settle),
) -> models.Decision:
    """Say what becomes of a message that is unknown or refused: it is sent once more, arrived, or is left as it is."""
    return done(await say.messages.settle(who, directory, message, body.outcome, key_of(who, key)))


@router.post("/v1/messages/settlements", operation_id="settle_messages")
async def settle_messages(
    body: bodies.MessageSettlements,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.messages.settle_each),
) -> models.Page[models.Decision]:
    """Say the same of up to 100 messages that are unknown or refused. If one is refused nothing is done; ``subject`` names it."""
    try:
        entries = await say.messages.settle_each(who, directory, body.messages, body.outcome, key_of(who, key))
    except StoppedError as stop:
        for entry in stop.entries:
            done(entry)
        raise
    return models.Page(items=[done(it) for it in entries])


@router.post("/v1/messages/reports", operation_id="report_message")
async def report_message(
    body: bodies.MessageReport, directory: Directory = DIRECTORY, who: Principal = needs(say.messages.report)
) -> models.MessageReported:
    """Take what a mail server reports on a message: a delivery status (RFC 3464) or a complaint (RFC 5965), as the mail that it is.

    It must return the original's headers. The same report again changes nothing, and nothing of it is kept.
    """
    try:
        data = base64.b64decode(body.report, validate=True)
    except ValueError:
        raise ReportError("report_invalid", "report: the bytes of the mail in base64.") from None
    it = await say.messages.report(who, directory, data)
    return models.MessageReported(outcome=it.outcome, event=it.entry.event.evt if it.entry is not None else None)


@router.get("/v1/people/{person}/messages", operation_id="get_person_messages")
async def get_person_messages(
    person: Annotated[fields.Id, Path()], directory: Directory = DIRECTORY, who: Principal = needs(see.messages.reach)
) -> models.Reach:
    """Whether a person is written to, why not, and the newest 100 messages to them, sent or withheld."""
    it = await see.messages.reach(who, directory, person)
    return models.Reach(**{**shown(it), "messages": [_message(one) for one in it.messages]})


@router.post("/v1/people/{person}/messages/resumption", operation_id="resume_messages")
async def resume_messages(
    person: Annotated[fields.Id, Path()],
    body: bodies.MessageResumption,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.messages.resume),
) -> models.Decision:
    """Let a person be written to again, of all topics and at all addresses of theirs: they asked, it was mended, or was a mistake."""
    return done(await say.messages.resume(who, directory, person, body.reason, key_of(who, key)))


def _message(it: Letter) -> models.Message:
    at, due = calendar.text(it.at), calendar.text(it.due_at) if it.due_at is not None else None
    return models.Message(**{**shown(it), "at": at, "due_at": due})
