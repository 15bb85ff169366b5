"""A standing approval in words."""

from __future__ import annotations

from goodword.core.standing import Terms, unit_of
from goodword.words.catalogue import catalogue


def told(terms: Terms, language: str | None = None) -> str:
    """Return which rewards a standing approval is for, over which rail, how much, and until when, as a sentence."""
    words, unit = catalogue(language), unit_of(terms)
    limits = {name: words.money(getattr(terms, name), unit) for name in ("per_reward", "per_beneficiary", "in_all")}
    return words.say(
        "standing.told",
        kind=words.word("standing_kind", terms.kind),
        side=words.word("standing_side", terms.side or "any"),
        rail=terms.rail,
        until=words.time(terms.until),
        **limits,
    )


def wrong(code: str, language: str | None = None) -> str:
    """Return what the terms of a standing approval need somewhere."""
    return catalogue(language).word("standing_wrong", code)
