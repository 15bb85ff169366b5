"""One sitting of deciding, kept in the address from one reward to the next: since when, how many, and what they came to by unit.

It only tells whoever decides what they did; nothing is decided by it. Must not know: how a reward is decided.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from goodword.core.events import Item

_TEXT = re.compile(r"\d{1,12}\.\d{1,6}(\.[\w:]{1,60}\.\d{1,18}){0,20}")


class Run(NamedTuple):
    """``began``: seconds of real time; ``sums``: unit -> minor units or points."""

    began: int
    many: int
    sums: dict[str, int]

    @classmethod
    def of(cls, text: str | None, now: int) -> Run:
        """Read one from an address; one that begins ``now``, in microseconds, where there is none."""
        if text is None or not _TEXT.fullmatch(text):
            return cls(now // 1_000_000, 0, {})
        began, count, *rest = text.split(".")
        return cls(int(began), int(count), dict(zip(rest[::2], map(int, rest[1::2]), strict=True)))

    def more(self, items: Sequence[Item]) -> Run:
        """Return the run with these decided."""
        sums = dict(self.sums)
        for item in items:
            sums[item.unit] = sums.get(item.unit, 0) + item.amount
        return Run(self.began, self.many + len(items), sums)

    def less(self, items: Sequence[Item]) -> Run:
        """Return the run with these decided no more."""
        sums = dict(self.sums)
        for item in items:
            sums[item.unit] = max(0, sums.get(item.unit, 0) - item.amount)
        return Run(self.began, max(0, self.many - len(items)), {unit: sum_ for unit, sum_ in sums.items() if sum_})

    @property
    def text(self) -> str:
        """As it stands in an address."""
        return ".".join([str(self.began), str(self.many), *(f"{unit}.{sum_}" for unit, sum_ in self.sums.items())])
