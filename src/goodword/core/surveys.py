"""Surveys of one question that is answered by a number: which scales everybody knows, and whether an answer is on one.

NPS asks from 0 to 10 whether somebody would recommend the company (Reichheld, "The One Number You Need to Grow", 2003), CSAT from
1 to 5 how satisfied they are. Any other survey says its own scale. Must not know: who asks, what follows from an answer.
"""

from __future__ import annotations

from typing import Final

#: Name of a survey -> its lowest and highest answer.
SCALES: Final = {"nps": (0, 10), "csat": (1, 5)}
#: How far a scale of one's own goes.
MOST: Final = 1_000


def fits(survey: str, low: int | None, high: int | None) -> bool:
    """Return whether it is known from where to where a survey is answered, and nothing else is said of it."""
    if (known := SCALES.get(survey)) is not None:
        return low in (None, known[0]) and high in (None, known[1])
    return low is not None and high is not None and low < high


def scale(survey: str, low: int | None, high: int | None) -> tuple[int, int]:
    """Return the lowest and the highest answer of a survey whose scale ``fits``."""
    return SCALES.get(survey) or (low or 0, high or 0)
