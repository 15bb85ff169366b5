"""Growth: what an event, a page of the queue and the dashboard cost behind a short history and behind a long one."""

import asyncio
import itertools
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from contest import Contestant, Figures, Turn
from place import COMMAND, Place, Server, place
from report import Goal, Outcome, told
from stage import Stage
from testkit import load
from testkit.product import HOST

from works import ingest

_SIZES = (50_000, 500_000, 5_000_000)
_SAMPLE = 10_000
_SECONDS = 45.0
_VERIFIED = 500_000  # longer ones are made by the same code, and would take as long again to be verified as to be made
_NOW = datetime.now(UTC)
_MONTH = [(_NOW - timedelta(days=n)).date() for n in (120, 90)]  # in the midst of every history, which is of a year
_PAGES = {
    "queue page": "/v1/rewards?status=in_review&limit=50",
    "dashboard": "/v1/reports/overview?from={}&to={}".format(*_MONTH),
}
_MOST = 1.15


class _Grown(NamedTuple):
    """A place with a history of that many entries."""

    entries: int
    place: Place
    server: Server
    space: dict[str, Any]


async def growth(stage: Stage) -> Outcome:
    """Measure ``growth``: each history in a database of its own, all of them in turn."""
    sizes = [_SIZES[0], await _second()] if stage.quick else _SIZES
    async with AsyncExitStack() as open_:
        grown = await asyncio.gather(*(_grow(open_, size, verify=not stage.quick) for size in sizes))
        works = [await _events(one) for one in grown]
        pages = {name: [_page(one, name, path) for one in grown] for name, path in _PAGES.items()}
        found = await stage.compete(
            *works,
            *itertools.chain.from_iterable(pages.values()),
            postgres=lambda: sum(one.place.postgres() for one in grown),
        )
    kinds = {"event": works, **pages}
    figures = {kind: [found[one.name] for one in them] for kind, them in kinds.items()}
    first, mine = figures["event"][0], figures["event"][-1]
    row = told("growth", "at so many entries of history", mine, found, first)
    goals = [
        Goal(f"cost of one {kind}, last to first", _ratio(them), _MOST, at_most=True) for kind, them in figures.items()
    ]
    return Outcome(row, goals)


def _ratio(figures: Sequence[Figures]) -> float:
    """Return how many times the processor time at the first history is that at the last, ours and PostgreSQL's."""
    first, last = figures[0], figures[-1]
    return round((last.cpu_own + last.cpu_postgres) / (first.cpu_own + first.cpu_postgres), 3)


async def _second() -> int:
    """Have a short history verified; returns how long a second one may be if it is to be made in time."""
    async with place() as own:
        space, seconds = await own.filled("growth", "traffic", _SAMPLE)
        possible = round(_SAMPLE * _SECONDS / seconds)
        await _verified(own, space)
    if possible < _SIZES[1]:
        print(f"  QUICK: {_SIZES[1]:,} entries of history would take too long here; the second has {possible:,}")
    return min(possible, _SIZES[1])


async def _grow(open_: AsyncExitStack, size: int, *, verify: bool) -> _Grown:
    own = await open_.enter_async_context(place())
    space, seconds = await own.filled("growth", "traffic", size)
    print(f"  {size:,} entries of history made in {seconds:.0f} s")
    if verify and size <= _VERIFIED:
        await _verified(own, space)
    return _Grown(size, own, await open_.enter_async_context(own.serve()), space)


async def _verified(own: Place, space: dict[str, Any]) -> None:
    begun = time.perf_counter()
    [report] = await own.goodword("verify", "--workspace", space["id"])  # fails where something differs
    print(f"  {report['size']:,} entries verified in {time.perf_counter() - begun:.0f} s: no difference")


async def _events(one: _Grown) -> Contestant:
    name = f"event at {one.entries:,}"
    made = await ingest.contestant(one.place, one.server, name, 100, 4, space=one.space)
    return made._replace(name=name)


def _page(one: _Grown, name: str, path: str) -> Contestant:
    headers = {"host": HOST, "authorization": f"Bearer {one.space['owner_key']}"}
    request = load.request("GET", path, headers)

    async def turn(seconds: float) -> Turn:
        sent = await load.send(HOST, one.server.port, load.lasting(itertools.repeat(request), seconds), 1, 200)
        return Turn.of(sent)

    return Contestant(f"{name} at {one.entries:,}", f"{COMMAND} | GET {path}", one.server.spent, turn)
