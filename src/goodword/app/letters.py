"""Which texts there may be of a workspace's own, and which a message has, remembered for a few seconds, so that not each is asked for.

Must not know: what a text says, to whom a message goes.
"""

from __future__ import annotations

import re
from typing import Final

import asyncpg

from goodword.app.engine import Engine
from goodword.app.errors import InvalidError, UnknownError
from goodword.store import message_texts
from goodword.words import guide, letters
from goodword.words.lint import Problem

#: Seconds for which a process goes on with the texts that it knows.
FRESH: Final = 3.0


def of(topic: str, language: str) -> tuple[str, str]:
    """Return which text that is, of a message or of a page of help. Raises UnknownError for a topic that there is not, InvalidError."""
    if topic not in letters.VALUES and guide.name_of(topic) is None:
        raise UnknownError(f"message of this topic ({', '.join(letters.TOPICS)})")
    if not letters.writable(language):
        raise InvalidError("Expected a language such as de or pt-BR.", "language")
    return topic, language


def check(topic: str, language: str, text: str) -> tuple[Problem, ...]:
    """Return what is wrong with a text, the first line first; nothing: it may be published."""
    return guide.check(text, language) if guide.name_of(topic) is not None else letters.check(topic, language, text)


async def current(
    conn: asyncpg.Connection, ws: str, topic: str, language: str, engine: Engine | None = None
) -> str | None:
    """Return the published text of a topic in a language, or in that of which it is a kind (``de`` for ``de-AT``); None: ours is sent.

    With an ``engine`` what it knows counts for ``FRESH`` seconds; without one the database is asked.
    """
    known, until = engine.letters.get(ws) or (None, 0.0) if engine is not None else (None, 0.0)
    if known is None or engine is None or engine.clock.monotonic() >= until:
        known = {
            (it.topic, it.language): it.text for it in await message_texts.present(conn, ws, help_=False) if it.text
        }
        if engine is not None:
            engine.letters.put(ws, (known, engine.clock.monotonic() + FRESH))
    return known.get((topic, language)) or known.get((topic, re.split("[-_]", language, maxsplit=1)[0]))
