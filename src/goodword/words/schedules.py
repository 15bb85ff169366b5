"""On which days drafts of payouts are made, in words."""

from __future__ import annotations

from collections.abc import Sequence

from goodword.words.catalogue import Catalogue, catalogue

_LAST = 31


def days(every: str, on: Sequence[int], hour: int, timezone: str, language: str | None = None) -> str:
    """Return on which days, at which hour and in which zone: ``Each Monday at 08:00, Europe/Berlin``. Raises UnknownLanguageError."""
    return told(catalogue(language), every, on, hour, timezone)


def told(words: Catalogue, every: str, on: Sequence[int], hour: int, timezone: str) -> str:
    """Return the same by the words of a language."""
    named = [
        words.say(f"weekday.{it}") if every == "week" else words.say("schedule.last") if it == _LAST else str(it)
        for it in on
    ]
    return words.say(f"schedule.{every}", days=", ".join(named), hour=f"{hour:02}", zone=timezone)
