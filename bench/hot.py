"""Where the time of a work goes: done again under cProfile, which makes it slower but shows its parts."""

import os
import pstats
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from contest import Contestant
from place import Place, Server, place

_SHOWN = 16
_IDLE = ("run_until_complete", "run")  # the event loop, mostly waiting

#: Makes a work's own contestant anew, on another place.
Again = Callable[[Place, Server], Awaitable[Contestant]]


async def served(again: Again, seconds: float, stats: Path) -> int:
    """Do a turn of a work on a server under cProfile, write the file ``stats``, and give the turn's operations."""
    async with place() as own, own.serve(profile=stats) as server:
        ours = await again(own, server)
        await ours.turn(seconds / 4)
        with recording(server):
            turn = await ours.turn(seconds)
    return turn.operations


@contextmanager
def recording(server: Server) -> Iterator[None]:
    """Have a server that was started for it write where its time goes in this block."""
    os.kill(server.pid, signal.SIGUSR1)
    yield
    os.kill(server.pid, signal.SIGUSR2)


def show(stats: Path, operations: int) -> None:
    """Print the functions that took most of our process's own time."""
    found = pstats.Stats(str(stats)).stats  # type: ignore[attr-defined]
    rows = [
        (own, calls, f"{Path(file).name}:{line} {name}" if line else name)
        for (file, line, name), (_, calls, own, _, _) in found.items()
        if name not in _IDLE
    ]
    total = sum(own for own, _, _ in rows)
    print(f"  where our process's time goes, under cProfile ({operations} operations; all of it in {stats.name}):")
    for own, calls, name in sorted(rows, reverse=True)[:_SHOWN]:
        print(f"  {own / total:>8.1%}  {own * 1e6 / operations:>8.1f} us  {calls / operations:>7.1f} calls  {name}")
