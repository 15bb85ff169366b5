"""Who a pilot is for, in words."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from goodword.core.state import Who
from goodword.words.catalogue import Catalogue, catalogue


def told(who: Who, language: str | None = None) -> str:
    """Return who is in, without names. Raises UnknownLanguageError."""
    return said(catalogue(language), len(who.persons), who.ways, who.share)


def said(words: Catalogue, persons: int, ways: Sequence[str], share: Sequence[int]) -> str:
    """The same by how many are named, how touches came, and the share of all."""
    who = [words.count("pilot.persons", persons)] if persons else []
    who += [words.say(f"pilot.way.{way}") for way in ways]
    if share[0]:
        who.append(words.say("pilot.share", percent=percentage(Fraction(*share))))
    return words.listed(who)


def percentage(share: Fraction) -> str:
    """Return an exact share in percent: ``12.5``; what has more than four decimals as a fraction of 100."""
    scaled = share * 1_000_000
    if scaled.denominator != 1:
        return str(share * 100)
    whole, rest = divmod(scaled.numerator, 10_000)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".")
