"""How grave what stands against a reward is, as a number: 0 nothing, 1 low, 2 medium, 3 high. It orders, and decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from goodword.core.kinds.signals.families import SEVERITIES, worst
from goodword.core.state import Mark

#: The gravest.
MOST: Final = len(SEVERITIES)


def of(marks: Iterable[Mark], cases: Collection[str]) -> int:
    """How grave the gravest of these flags is that nobody has decided: of no case, or of one of these open ones."""
    found = worst(mark.code for mark in marks if mark.case is None or mark.case in cases)
    return 0 if found is None else SEVERITIES.index(found) + 1
