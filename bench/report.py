"""What is printed and written of a work: its figures beside the others', and whether it reached what was asked of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from contest import Figures

_EXACT = 100  # from here on digits after the point say nothing


class Goal(NamedTuple):
    """A figure and what it shall be: at least or at most that. ``value`` is None where it could not be measured."""

    what: str
    value: float | None
    asked: float
    at_most: bool = False

    @property
    def missed(self) -> bool:
        """Whether it was measured and falls short."""
        return self.value is not None and (self.value > self.asked if self.at_most else self.value < self.asked)


class Outcome(NamedTuple):
    """What came of a work: its row for the results, what it was to reach, and how to see where its time goes.

    ``profile`` does it again under cProfile for so many seconds, writes the file, and gives how many operations it did.
    It is shown where a goal was missed, and where all were reached and yet something is ``wanting``.
    """

    row: dict[str, Any]
    goals: Sequence[Goal]
    profile: Callable[[float, Path], Awaitable[int]] | None = None
    wanting: bool = False


def told(
    work: str,
    title: str,
    ours: Figures,
    found: Mapping[str, Figures],
    peer: Figures | None = None,
    limit: Figures | None = None,
) -> dict[str, Any]:
    """Print the figures of all who took part, and give the row of a work for results/latest.json."""
    others = [one for one in found.values() if one is not ours]
    show(f"{work}: {title}", ours, others)
    beside = [_known(one, ours) for one in others if one is not peer]
    return {
        "work": work,
        **_figures(ours, "ours"),
        "peer": {**_known(peer, ours), "others": beside} if peer else None,
        "ratio_to_peer": ours.ratio_to(peer) if peer else None,
        "ratio_to_limit": ours.ratio_to(limit) if limit else None,
    }


def _known(of: Figures, ours: Figures) -> dict[str, Any]:
    return {"name": of.name, **_figures(of, "own"), "ratio": ours.ratio_to(of), "command": of.command}


def _figures(of: Figures, whose: str) -> dict[str, Any]:
    return {
        "rate": _short(of.rate),
        "p50_ms": of.p50,
        "p99_ms": of.p99,
        f"cpu_us_{whose}": of.cpu_own,
        "cpu_us_postgres": of.cpu_postgres or None,
        "spread": of.spread,
    }


def _short(value: float) -> float:
    """Return a rate with as many digits as mean something."""
    return round(value) if value >= _EXACT else round(value, 2)


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= _EXACT else f"{value:.3g}"


def show(title: str, ours: Figures, others: Sequence[Figures]) -> None:
    """Print the figures of a work and of all who took part."""
    print(f"\n{title}; {len(ours.rounds)} rounds, interleaved")
    print(f"  {'':<36}{'a second':>10}{'spread':>8}{'p50 ms':>9}{'p99 ms':>9}{'us own':>9}{'us PG':>9}{'ours is':>10}")
    for one in (ours, *others):
        times = "" if one is ours else f"{ours.ratio_to(one):.3g} x"
        print(
            f"  {one.name:<36}{_shown(one.rate):>10}{one.spread:>8.0%}{_ms(one.p50):>9}{_ms(one.p99):>9}"
            f"{one.cpu_own:>9.1f}{one.cpu_postgres:>9.1f}{times:>10}"
        )
    for one in (ours, *others):
        print(f"  {one.name}: {one.command}")


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def judge(goals: Sequence[Goal]) -> bool:
    """Print each goal; whether all that could be measured were reached."""
    for goal in goals:
        found = "not measured" if goal.value is None else _shown(goal.value)
        verdict = "" if goal.value is None else "  FALLS SHORT" if goal.missed else "  reached"
        print(f"  {goal.what}: {found} (asked: {'at most' if goal.at_most else 'at least'} {goal.asked:,g}){verdict}")
    return not any(goal.missed for goal in goals)
