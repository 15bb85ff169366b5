"""Where the time of a work goes: a turn of it on a server under cProfile, which makes it slower but shows its parts."""

import asyncio
import os
import pstats
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from contest import Contestant
from place import Place, Server, place

_SHOWN = 16
_IDLE = ("run_until_complete", "run")  # the event loop, mostly waiting

#: Makes a work's own contestant anew, on another place.
Again = Callable[[Place, Server], Awaitable[Contestant]]


async def show(again: Again, seconds: float, stats: Path) -> None:
    """Print the functions that took most of the server's own time, and keep all of it in the file ``stats``."""
    stats.parent.mkdir(exist_ok=True)
    async with place() as own, own.serve(profile=stats) as server:
        ours = await again(own, server)
        await ours.turn(seconds / 4)
        os.kill(server.pid, signal.SIGUSR1)
        turn = await ours.turn(seconds)
        os.kill(server.pid, signal.SIGUSR2)
    await asyncio.to_thread(_print, stats, turn.operations)


def _print(stats: Path, operations: int) -> None:
    found = pstats.Stats(str(stats)).stats  # type: ignore[attr-defined]
    rows = [
        (own, calls, f"{Path(file).name}:{line} {name}" if line else name)
        for (file, line, name), (_, calls, own, _, _) in found.items()
        if name not in _IDLE
    ]
    total = sum(own for own, _, _ in rows)
    print(f"  where our server's time goes, under cProfile ({operations} operations; all of it in {stats.name}):")
    for own, calls, name in sorted(rows, reverse=True)[:_SHOWN]:
        print(f"  {own / total:>8.1%}  {own * 1e6 / operations:>8.1f} us  {calls / operations:>7.1f} calls  {name}")
