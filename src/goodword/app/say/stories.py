"""What a person hands in at the portal: a tip or a story, in their own words."""

from __future__ import annotations

from typing import Any, Final

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import note, say
from goodword.app.see import filters
from goodword.app.sharing import own_words
from goodword.core.entry import Entry
from goodword.core.events import StoryHandedIn
from goodword.core.stories import WHAT

#: Characters of one.
MOST: Final = 500


@requires("own.share")
async def hand_in(who: Principal, directory: Directory, program: str, what: str, text: str, key: str) -> Entry:
    """Hand one in, for a program in which they take part. Raises UnknownError for another, InvalidError for what is no text."""
    seen = own_words(text)
    if what not in WHAT or not seen or len(text) > MOST:
        raise InvalidError(f"text: something of at most {MOST} characters.", "text")
    async with directory.reading() as conn:
        its = await filters.own_part(conn, who, program)
    typed = note(who, seen, key)
    of: dict[str, Any] = {"program": its.program, "person": who.actor.id, "what": what, "note": typed.digest or ""}
    return await say(who, directory, lambda s: StoryHandedIn(**s, **of), key, also=typed.keep)
