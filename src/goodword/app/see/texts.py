"""The texts of messages: which topics there are, whose text counts in which language, what each says, how one would read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.letters import check, of
from goodword.app.principal import Principal, requires
from goodword.store import message_texts, workspaces
from goodword.store.message_texts import Version
from goodword.words import guide, letters
from goodword.words.catalogue import languages
from goodword.words.letters import Letter
from goodword.words.lint import Problem
from goodword.words.templates import TemplateError, Value

_VERSIONS = 100


class Row(Struct, frozen=True):
    """A text of a topic in a language. ``version`` 0: it was never the workspace's own; ``own``: it is now; ``said_at``: since when."""

    topic: str
    language: str
    own: bool
    version: int
    said_at: int | None


class Text(Struct, frozen=True):
    """A text: what counts now, or an older version. ``version`` 0: ours, which counts as long as nothing is published.

    ``own``: whether one of the workspace's own counts now. ``values``: what the topic may use. ``mails``: of the members who published
    versions, as far as they are shown.
    """

    topic: str
    language: str
    version: int
    text: str
    own: bool
    versions: list[Version]
    values: Mapping[str, Value]
    mails: dict[str, str]


class Preview(Struct, frozen=True):
    """How a text would read; of one that says nothing there is neither. ``problems``: why it could not be published.

    ``full``: with all values, invented; ``bare``: with none that may be missing.
    """

    problems: tuple[Problem, ...]
    full: Letter | None
    bare: Letter | None


@requires("letter.read")
async def every(who: Principal, directory: Directory) -> list[Row]:
    """Return all topics in all languages that there is a text of, as they happen to an advocate; then pages of help."""
    async with directory.reading() as conn:
        ws = who.workspace.id
        own = {(it.topic, it.language): it for it in await message_texts.present(conn, ws, help_=False)}
        pages = await message_texts.present(conn, ws, help_=True)
    spoken = sorted({*languages(), *(language for _, language in own)})
    rows = []
    for topic in letters.TOPICS:
        for language in spoken:
            it = own.get((topic, language))
            if it is not None or language in languages():
                rows.append(
                    Row(topic, language, bool(it and it.text), it.version if it else 0, it.said_at if it else None)
                )
    return [*rows, *(Row(it.topic, it.language, bool(it.text), it.version, it.said_at) for it in pages)]


@requires("letter.read")
async def one(who: Principal, directory: Directory, topic: str, language: str, version: int | None = None) -> Text:
    """Return a text, by default that which counts; version 0: ours. Raises UnknownError, InvalidError."""
    its, ws = of(topic, language), who.workspace
    async with directory.reading() as conn:
        versions = await message_texts.versions(conn, ws.id, its, _VERSIONS)
        own = bool(versions and versions[0].hash)
        shown = version if version is not None else versions[0].version if own else 0
        text = await message_texts.text(conn, ws.id, its, shown) if shown else _ours(*its)
        mails = await workspaces.mails(conn, ws) if versions and who.may("member.mails") else {}
    if text is None:
        raise UnknownError("such version of the text")
    said_by = {it.said_by: mails[it.said_by] for it in versions if it.said_by in mails}
    return Text(topic, language, shown, text, own, versions, letters.VALUES.get(topic, {}), said_by)


@requires("letter.read")
async def preview(who: Principal, directory: Directory, topic: str, language: str, text: str) -> Preview:  # noqa: ARG001 - as all
    """Return how a text would read with invented values, and what is wrong with it. Raises UnknownError, InvalidError."""
    of(topic, language)
    problems = await asyncio.to_thread(check, topic, language, text)
    if guide.name_of(topic) is not None:
        page = Letter(guide.read(text).title, text, guide.framed(text))
        return Preview(problems, page, page)
    company = who.workspace.name
    full, bare = (_made(topic, language, text, company, missing=missing) for missing in (False, True))
    return Preview(problems, full, bare)


def _ours(topic: str, language: str) -> str:
    return "" if guide.name_of(topic) is not None else letters.builtin(topic, language)


def _made(topic: str, language: str, text: str, company: str, *, missing: bool) -> Letter | None:
    values = letters.example(topic, missing=missing) | {"company": company}
    try:
        return letters.letter(topic, language, values, letters.EXAMPLE_STOP, text)
    except TemplateError:
        return None
