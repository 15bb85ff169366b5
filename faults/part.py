"""What every part of the faults shares: what it gives back, and the line that is printed of it."""

import sys
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from faults.place import Place

_EXAMPLES = 10  # that are printed
_EVERY = 10.0  # seconds between two lines of progress


class Result(NamedTuple):
    """What came of a part.

    ``what``: what was tried, in words. ``tried``, ``failed``: how often. ``examples``: what failed, enough to do it again.
    ``notes``: what else a reader should know, such as what cannot be found at all.
    """

    part: str
    what: str
    tried: int
    failed: int
    examples: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether nothing failed; a part that tried nothing is not good."""
        return self.tried > 0 and not self.failed and not self.examples


#: A part: (place, quick) -> result. With ``quick`` it tries less and says so in ``what``.
Part = Callable[[Place, bool], Awaitable[Result]]


class Trials:
    """What was tried, and what of it went otherwise than it must."""

    def __init__(self) -> None:
        self.tried = 0
        self.wrong: list[str] = []

    def expect(self, true: bool, what: str) -> None:
        """Count a trial and note its failure."""
        self.tried += 1
        if not true:
            self.wrong.append(what)


class Progress:
    """Says on stderr how far a long part is, a line every ten seconds. ``what``: is counted, in words; ``total``: how many of it."""

    def __init__(self, what: str, total: int) -> None:
        self._what = what
        self._total = total
        self._done = self._wrong = 0
        self._begun = self._said = time.monotonic()

    def one(self, wrong: int = 0) -> None:
        """One more is done, and so many things were wrong with it."""
        self._done += 1
        self._wrong += wrong
        now = time.monotonic()
        if now - self._said < _EVERY:
            return
        self._said = now
        left = (now - self._begun) / self._done * (self._total - self._done)
        line = f"{self._what}: {self._done:,} of {self._total:,}, {self._wrong} wrong, about {left:.0f} s to go"
        print(line, file=sys.stderr, flush=True)


async def printed(doing: Awaitable[Result]) -> bool:
    """Wait for a part and print what came of it; tells whether it is good."""
    begun = time.monotonic()
    result = await doing
    print(shown(result, time.monotonic() - begun), flush=True)
    return result.good


def shown(result: Result, seconds: float) -> str:
    """Return the lines of a result."""
    lines = [f"{result.part}: {_rate(result.tried, result.failed)} · {result.what} ({seconds:.0f} s)"]
    lines += [f"    {note}" for note in result.notes]
    lines += [f"    FAILED: {example}" for example in result.examples[:_EXAMPLES]]
    if len(result.examples) > _EXAMPLES:
        lines.append(f"    … and {len(result.examples) - _EXAMPLES} more")
    return "\n".join(lines)


def _rate(tried: int, failed: int) -> str:
    """Return what the count tells of the rate: the rule of three where nothing failed."""
    if not tried:
        return "NOTHING WAS TRIED"
    if failed:
        return f"{failed:,} of {tried:,} FAILED"
    return f"0 of {tried:,} failed, so less than 3/{tried:,} = {3 / tried:.2g} at 95 %"
