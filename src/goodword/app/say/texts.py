"""Texts of messages and pages of help that a workspace writes itself: published by topic and language, ended, tried on one's own mail.

Who said so stands on the record (``worded``), with the digest of the text, which is kept beside the log.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import Final

import asyncpg

from goodword import words
from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError
from goodword.app.letters import check, of
from goodword.app.principal import Principal, requires
from goodword.app.say.said import mail_to_me, say
from goodword.core.entry import Entry
from goodword.core.events import RecordLooked
from goodword.outbound.mail import Letter
from goodword.store import message_texts
from goodword.words import guide, letters
from goodword.words.lint import Problem
from goodword.words.templates import TemplateError

#: Pages of help of a workspace, in all languages, ended ones too: a list shows all of them.
MOST_PAGES: Final = 200


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
    if wrong := await asyncio.to_thread(check, topic, language, text):
        raise TemplateError(*wrong)
    digest = hashlib.sha256(text.encode()).hexdigest()
    await _say(who, directory, its, (digest, text), once)
    return digest


@requires("letter.publish")
async def end(who: Principal, directory: Directory, topic: str, language: str, *, once: str | None = None) -> None:
    """Have ours sent again from now on, or a page no longer shown; the versions stay. Raises UnknownError, InvalidError."""
    await _say(who, directory, of(topic, language), ("", ""), once)


@requires("letter.publish")
async def try_on_me(
    who: Principal, directory: Directory, topic: str, language: str, text: str, key: str | None = None
) -> None:
    """Send a text with invented values to one's own mail, and to no other; a repeat under a key sends none.

    Raises TemplateError for one that says nothing, UnknownError, InvalidError, ConflictError where the mail was not taken.
    """
    of(topic, language)
    if guide.name_of(topic) is not None:
        raise InvalidError("A page of help is shown at the portal, and is no mail: look at its preview.", "topic")
    values = letters.example(topic) | {"company": who.workspace.name}
    made = letters.letter(topic, language, values, letters.EXAMPLE_STOP, text)
    await mail_to_me(who, directory, Letter(made.subject, (), whole=(made.text, made.html)), key)


async def _say(
    who: Principal, directory: Directory, its: tuple[str, str], text: tuple[str, str], once: str | None
) -> None:
    ws = who.workspace.id
    async with directory.reading() as conn:
        newest = await message_texts.versions(conn, ws, its, 1)
        pages = await message_texts.present(conn, ws, help_=True) if not newest else []
    if (newest[0].hash if newest else "") == text[0]:
        return
    if len(pages) >= MOST_PAGES and guide.name_of(its[0]) is not None:
        raise InvalidError(f"There are {MOST_PAGES} pages of help already: write on in one of them.", "topic")

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
