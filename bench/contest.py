"""Contestants that take turns on one machine, so that all of them meet the same noise, and what came of it.

Rates are medians of the rounds, ratios medians of the ratios within a round; the spread is the range over the median: on
a machine that others use, compare processor time and ratios, not rates.
"""

import statistics
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, NamedTuple

from testkit.load import Sent, percentile


class Turn(NamedTuple):
    """One round of one contestant: operations that were durable after so many seconds; ms of a request, where known."""

    operations: int
    seconds: float
    p50: float | None = None
    p99: float | None = None

    @classmethod
    def of(cls, sent: Sent, operations: int | None = None, seconds: float | None = None) -> "Turn":
        """Return what requests came to; each is an operation that was done with its answer, unless said otherwise."""
        p50, p99 = (percentile(sent.latencies, part) for part in (0.50, 0.99))
        return cls(len(sent.latencies) if operations is None else operations, seconds or sent.seconds, p50, p99)


class Contestant(NamedTuple):
    """Who is measured. ``spent``: its own processor seconds so far, without PostgreSQL's; ``turn``: works about that long."""

    name: str
    command: str
    spent: Callable[[], float]
    turn: Callable[[float], Coroutine[Any, Any, Turn]]


class Measured(NamedTuple):
    """A turn, and the processor seconds that it took on the contestant's side and on PostgreSQL's."""

    turn: Turn
    own: float
    postgres: float


class Figures(NamedTuple):
    """All rounds of a contestant."""

    name: str
    command: str
    rounds: list[Measured]

    @property
    def rates(self) -> list[float]:
        """Operations a second, of each round."""
        return [one.turn.operations / one.turn.seconds for one in self.rounds]

    @property
    def rate(self) -> float:
        """The median rate."""
        return statistics.median(self.rates)

    @property
    def spread(self) -> float:
        """The range of the rates over their median."""
        return round((max(self.rates) - min(self.rates)) / self.rate, 2)

    @property
    def p50(self) -> float | None:
        """The median of the rounds' medians, ms."""
        return _median([one.turn.p50 for one in self.rounds])

    @property
    def p99(self) -> float | None:
        """The median of the rounds' 99th percentiles, ms."""
        return _median([one.turn.p99 for one in self.rounds])

    @property
    def cpu_own(self) -> float:
        """Microseconds of own processor time an operation."""
        return self._each(sum(one.own for one in self.rounds))

    @property
    def cpu_postgres(self) -> float:
        """Microseconds of PostgreSQL's processor time an operation."""
        return self._each(sum(one.postgres for one in self.rounds))

    def _each(self, seconds: float) -> float:
        return round(seconds * 1e6 / sum(one.turn.operations for one in self.rounds), 1)

    def ratio_to(self, other: "Figures") -> float:
        """How many times the other's rate this is."""
        return round(statistics.median(a / b for a, b in zip(self.rates, other.rates, strict=True)), 3)


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(statistics.median(known), 2) if known else None


async def compete(
    contestants: Sequence[Contestant], postgres: Callable[[], float], *, rounds: int, seconds: float
) -> list[Figures]:
    """Return the figures of each, in the order given. ``postgres``: PostgreSQL's processor seconds so far."""
    figures = [Figures(one.name, one.command, []) for one in contestants]
    for one in contestants:
        await one.turn(seconds / 4)  # so that plans and caches are those of a running server
    for _ in range(rounds):
        for one, found in zip(contestants, figures, strict=True):
            own, theirs = one.spent(), postgres()
            turn = await one.turn(seconds)
            found.rounds.append(Measured(turn, one.spent() - own, postgres() - theirs))
    return figures
