"""Texts of messages that a workspace writes itself: published by topic and language, ended, and tried on one's own mail.

Who said so stands on the record (``worded``), with the digest of the text, which is kept beside the log.
"""

from __future__ import annotations

import asyncio
import hashlib

import asyncpg

from goodword import words
from goodword.app.directory import Directory
from goodword.app.errors import ConflictError
from goodword.app.letters import of
from goodword.app.principal import Principal, requires
from goodword.app.say.said import mail_to_me, say
from goodword.core.entry import Entry
from goodword.core.events import RecordLooked
from goodword.outbound.mail import Letter
from goodword.store import message_texts
from goodword.words import letters
from goodword.words.lint import Problem
from goodword.words.templates import TemplateError


@requires("letter.publish")
async def publish(
    who: Principal, directory: Directory, topic: str, language: str, text: str, *, once: str | None = None
) -> str:
    """Publish a text; messages that are made from now on have it, a few seconds later at the latest. Returns its digest.

    One that is what counts already makes no version. Raises TemplateError with all that is wrong in it, UnknownError, InvalidError.
    """
    its = of(topic, language)
    text = "\n".join(text.splitlines()).strip() + "\n"
    if "\0" in text:
        raise TemplateError(Problem(1, "The text holds a NUL: take it out."))
    if wrong := await asyncio.to_thread(letters.check, topic, language, text):
        raise TemplateError(*wrong)
    digest = hashlib.sha256(text.encode()).hexdigest()
    await _say(who, directory, its, (digest, text), once)
    return digest


@requires("letter.publish")
async def end(who: Principal, directory: Directory, topic: str, language: str, *, once: str | None = None) -> None:
    """Have ours sent again from now on; the versions stay. Raises UnknownError, InvalidError."""
    await _say(who, directory, of(topic, language), ("", ""), once)


@requires("letter.publish")
async def try_on_me(
    who: Principal, directory: Directory, topic: str, language: str, text: str, key: str | None = None
) -> None:
    """Send a text with invented values to one's own mail, and to no other; a repeat under a key sends none.

    Raises TemplateError for one that says nothing, UnknownError, InvalidError, ConflictError where the mail was not taken.
    """
    of(topic, language)
    values = letters.example(topic) | {"company": who.workspace.name}
    made = letters.letter(topic, language, values, letters.EXAMPLE_STOP, text)
    await mail_to_me(who, directory, Letter(made.subject, (), whole=(made.text, made.html)), key)


async def _say(
    who: Principal, directory: Directory, its: tuple[str, str], text: tuple[str, str], once: str | None
) -> None:
    ws = who.workspace.id
    async with directory.reading() as conn:
        newest = await message_texts.versions(conn, ws, its, 1)
    if (newest[0].hash if newest else "") == text[0]:
        return

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if not entry.refused:
            await message_texts.add(conn, ws, its, text, who.actor.id, directory.now())

    subject = text[0] or ":".join(its)
    entry = await say(
        who, directory, lambda s: RecordLooked(**s, subject=subject, what="worded", fields=its), once, also=also
    )
    if entry.refused:
        raise ConflictError("refused", words.refusal(entry.verdicts[0].refusal or ""))
    directory.engine.letters.clear()  # this process knows it at once
