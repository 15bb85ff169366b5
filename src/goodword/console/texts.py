"""Texts of messages: which topics there are, and one: written, tried, sent to oneself, published, its versions with what they changed.

What a text reads like in HTML stands in a frame of its own, under a policy of its own: no script, nothing of the console's, nothing
from another host.
"""

from __future__ import annotations

import zlib
from difflib import ndiff
from typing import Any, Final

from msgspec import Struct

from goodword.app import say, see
from goodword.app.errors import ConflictError, InvalidError
from goodword.app.see.texts import Preview, Row, Text
from goodword.console.forms import Form, packed, unpacked
from goodword.console.frame import Act, Alone, Read, Visit
from goodword.words import guide, letters
from goodword.words.lint import Problem
from goodword.words.templates import MOST, TemplateError

_DIGITS: Final = 6
_LANGUAGE: Final = 20


class Texts(Struct, frozen=True):
    """All texts, by topic. ``publishes``: whether who looks may publish them."""

    rows: list[Row]
    publishes: bool


class One(Struct, frozen=True):
    """A text. ``typed``: what stands in the form; ``wrong``: why it could not be published; ``mail``: whether mail is sent here.

    ``preview``: how it would read, with ``draft``: the same as it stands in the address of its frame. ``changes``: the lines of the
    version that is shown, each with ``+`` or ``-`` where it added it to the one before or left it out.
    """

    it: Text
    typed: str
    publishes: bool
    mail: bool
    wrong: tuple[Problem, ...] = ()
    preview: Preview | None = None
    draft: str = ""
    changes: list[tuple[str, str]] = []


async def listed(visit: Visit) -> Texts:
    """Return all texts."""
    return Texts(await visit.read(see.texts.every), visit.may(say.texts.publish))


async def one(visit: Visit) -> One:
    """Return a text: what counts, or the version that the address names, with what that changed."""
    asked = visit.asked("version")
    if asked is not None and (not asked.isdecimal() or len(asked) > _DIGITS):
        raise InvalidError("Expected the number of a version.", "version")
    it = await visit.read(see.texts.one, *_named(visit), None if asked is None else int(asked))
    before = await visit.read(see.texts.one, *_named(visit), max(it.version - 1, 0)) if asked else None
    return await _one(visit, it, it.text, changes=_changes(before.text, it.text) if before else [])


def _changes(before: str, now: str) -> list[tuple[str, str]]:
    lines = ndiff(before.splitlines(), now.splitlines())
    return [(line[0].strip(), line[2:]) for line in lines if line[0] != "?"]


async def _one(visit: Visit, it: Text, typed: str, **more: Any) -> One:
    return One(it, typed, visit.may(say.texts.publish), visit.directory.post is not None, **more)


async def _tried(visit: Visit, typed: str, wrong: tuple[Problem, ...] = ()) -> One:
    it = await visit.read(see.texts.one, *_named(visit))
    found = await visit.read(see.texts.preview, *_named(visit), typed)
    return await _one(visit, it, typed, wrong=wrong or found.problems, preview=found, draft=packed(typed))


async def tried(visit: Visit, form: Form) -> One:
    """Return how a text would read."""
    return await _tried(visit, _text(form))


async def framed(visit: Visit) -> Alone:
    """Return the HTML of a text that the address carries, or of what counts, alone."""
    draft = visit.asked("text")
    try:
        text = unpacked(draft) if draft else (await visit.read(see.texts.one, *_named(visit))).text
    except (ValueError, zlib.error) as error:
        raise InvalidError("The text is cut: open the page again.", "text") from error
    found = await visit.read(see.texts.preview, *_named(visit), text)
    made = found.bare if visit.asked("bare") else found.full
    if made is None:
        raise InvalidError("This text says nothing yet.", "text")
    return Alone(made.html)


async def publish(visit: Visit, form: Form) -> str | One:
    """Publish a text, or return what is wrong in it."""
    topic, language = _named(visit)
    newest = (await visit.read(see.texts.one, topic, language)).versions[:1]
    if (form.text("newest", _DIGITS) or "0") != str(newest[0].version if newest else 0):
        raise ConflictError(
            "text_changed", "Somebody published another version since you opened this: look at it first."
        )
    try:
        await visit.read(say.texts.publish, topic, language, _text(form), once=form.once)
    except TemplateError as error:
        return await _tried(visit, _text(form), error.problems)
    return f"{_address(topic, language)}?done=text_published"


async def end(visit: Visit, form: Form) -> str:
    """Have ours sent again."""
    await visit.read(say.texts.end, *_named(visit), once=form.once)
    return f"{_address(*_named(visit))}?done=text_ended"


async def try_on_me(visit: Visit, form: Form) -> One:
    """Send a text to who asks, and show how it reads."""
    text = _text(form)
    try:
        await visit.read(say.texts.try_on_me, *_named(visit), text, form.once)
    except TemplateError as error:
        return await _tried(visit, text, error.problems)
    return await _tried(visit, text)


async def begin(_: Visit, form: Form) -> str:
    """Go to the text of a topic in another language, or to a page of help."""
    page, language = form.text("page", 64), form.need("language", _LANGUAGE)
    topic = f"{guide.TOPIC}{page}" if page else form.need("topic", 64)
    if page and guide.name_of(topic) is None:
        raise InvalidError("Expected a name of small letters, digits and single hyphens, such as first-steps.", "page")
    if not page and topic not in letters.VALUES:
        raise InvalidError("There is no such topic.", "topic")
    if not letters.writable(language):
        raise InvalidError("Expected a language such as de or pt-BR.", "language")
    return _address(topic, language)


def _text(form: Form) -> str:
    return "\n".join(form.need("text", 2 * MOST).splitlines()) + "\n"


def _named(visit: Visit) -> tuple[str, str]:
    return visit.named("topic"), visit.named("language")


def _address(topic: str, language: str) -> str:
    return f"/settings/texts/{topic}/{language}"


_ALL = Read("/settings/texts", "/settings/texts", see.texts.every, "texts/list.html", listed)
_ONE = Read("/settings/texts/{topic}/{language}", "/settings/texts", see.texts.one, "texts/detail.html", one)
READS = (
    _ALL,
    _ONE,
    Read(f"{_ONE.path}/html", "/settings/texts", see.texts.preview, "texts/detail.html", framed),
)
ACTS = (
    Act(_ALL.path, _ALL, say.texts.publish, begin),
    Act(_ONE.path, _ONE, say.texts.publish, publish, _ONE.template),
    Act(f"{_ONE.path}/preview", _ONE, see.texts.preview, tried, _ONE.template),
    Act(f"{_ONE.path}/mail", _ONE, say.texts.try_on_me, try_on_me, _ONE.template),
    Act(f"{_ONE.path}/end", _ONE, say.texts.end, end),
)
