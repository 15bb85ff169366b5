"""Texts of messages: which there are, one with its versions, published, ended, previewed, and sent to one's own mail."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from goodword.api import bodies, models
from goodword.api.auth import DIRECTORY, IdempotencyKey, needs, once_of
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.core import calendar
from goodword.words.letters import Letter

router = APIRouter(tags=["messages"])

Topic = Annotated[
    str,
    Path(
        max_length=64, description="What a message is about, as the list has it; `help.` and a name for a page of help"
    ),
]
Language = Annotated[str, Path(max_length=12, description="As RFC 5646 has it: `de`, `pt-BR`")]


@router.get("/v1/message-texts", operation_id="list_message_texts")
async def list_message_texts(
    directory: Directory = DIRECTORY, who: Principal = needs(see.texts.every)
) -> models.Page[models.MessageTextRow]:
    """All messages to advocates in all languages that there is a text of, and whether it is your own; then your pages of help."""
    rows = [
        models.MessageTextRow(
            topic=it.topic,
            language=it.language,
            own=it.own,
            version=it.version,
            since=None if it.said_at is None else calendar.text(it.said_at),
        )
        for it in await see.texts.every(who, directory)
    ]
    return models.Page(items=rows, after=None)


@router.get("/v1/message-texts/{topic}/{language}", operation_id="get_message_text")
async def get_message_text(
    topic: Topic,
    language: Language,
    version: Annotated[int | None, Query(ge=0, le=2**31 - 1, description="0: ours; without it what is sent")] = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.texts.one),
) -> models.MessageText:
    """What a message says, which values it may use, and its versions, the newest first."""
    it = await see.texts.one(who, directory, topic, language, version)
    return models.MessageText(
        topic=it.topic,
        language=it.language,
        version=it.version,
        text=it.text,
        own=it.own,
        versions=[
            models.MessageTextVersion(version=one.version, hash=one.hash, by=one.said_by, at=calendar.text(one.said_at))
            for one in it.versions
        ],
        values=[
            models.MessageValue(name=name, kind=one.kind, about=one.about, optional=one.optional)
            for name, one in it.values.items()
        ],
    )


@router.put("/v1/message-texts/{topic}/{language}", operation_id="publish_message_text")
async def publish_message_text(
    topic: Topic,
    language: Language,
    body: bodies.MessageText,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.texts.publish),
) -> models.MessageTextPublished:
    """Publish a text: messages that are made from now on have it, a few seconds later at the latest. The same again is no version.

    It is tried first with whatever may be missing; what would leave a hole, or says what no text may say, is `text_invalid`.
    A page of help is Markdown, and is shown at the portal at once.
    """
    return models.MessageTextPublished(
        hash=await say.texts.publish(who, directory, topic, language, body.text, once=once_of(who, key))
    )


@router.delete("/v1/message-texts/{topic}/{language}", operation_id="end_message_text", status_code=204)
async def end_message_text(
    topic: Topic,
    language: Language,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.texts.end),
) -> Response:
    """Have ours sent again from now on, or a page of help no longer shown; the versions stay."""
    await say.texts.end(who, directory, topic, language, once=once_of(who, key))
    return Response(status_code=204)


@router.post("/v1/message-texts/{topic}/{language}/preview", operation_id="preview_message_text")
async def preview_message_text(
    topic: Topic,
    language: Language,
    body: bodies.MessageText,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.texts.preview),
) -> models.MessageTextPreview:
    """How a text would read, with invented values, and what is wrong with it. Nothing is stored."""
    found = await see.texts.preview(who, directory, topic, language, body.text)
    problems = [models.TextProblem(line=it.line, text=it.text) for it in found.problems]
    return models.MessageTextPreview(problems=problems, full=_letter(found.full), bare=_letter(found.bare))


@router.post("/v1/message-texts/{topic}/{language}/mail", operation_id="mail_message_text", status_code=204)
async def mail_message_text(
    topic: Topic,
    language: Language,
    body: bodies.MessageText,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.texts.try_on_me),
) -> Response:
    """Send a text to your own mail and to no other, with invented values."""
    await say.texts.try_on_me(who, directory, topic, language, body.text, once_of(who, key))
    return Response(status_code=204)


def _letter(it: Letter | None) -> models.MessageLetter | None:
    return None if it is None else models.MessageLetter(subject=it.subject, text=it.text, html=it.html)
