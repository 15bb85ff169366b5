"""Kill -9 of the server and of all of PostgreSQL while clicks come in: is every click that was answered there afterwards?"""

import asyncio
import contextlib
import itertools
import re
from typing import Any

import cpu
import psutil
from place import Place, Server, place
from testkit import load
from testkit.database import fetch
from testkit.product import HOST
from testkit.waiting import eventually

from works import traffic

_CONNECTIONS = 64
_CLICK = re.compile(rb"gw_click=(tch_\w+)")


async def lost_clicks(*, rounds: int, seconds: float) -> tuple[int, int]:
    """Return how many clicks were answered, and how many of them are gone after so many kills."""
    async with place() as own:
        answered: set[str] = set()
        space: dict[str, Any] | None = None
        for _ in range(rounds):
            async with own.serve() as server:
                space = space or await traffic.workspace(own, server, "bench-kill")
                answered |= await _followed_until_killed(own, server, traffic.links(space), seconds)
        stored = await _stored(own)
    return len(answered), len(answered - stored)


async def _followed_until_killed(own: Place, server: Server, paths: list[str], seconds: float) -> set[str]:
    requests = [load.request("GET", path, {"host": HOST}) for path in paths]
    await load.send(HOST, server.port, requests, 1, 302)
    answers: set[bytes] = set()

    async def follow(one: load.Connection) -> None:
        for request in itertools.cycle(requests):
            answers.add(await one.ask(request))

    async with load.connected(HOST, server.port, _CONNECTIONS) as everyone:
        clients = [asyncio.create_task(follow(one)) for one in everyone]
        await asyncio.sleep(seconds)
        for one in [psutil.Process(server.pid), *cpu.tree(own.postmaster)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        await asyncio.gather(*clients, return_exceptions=True)
    found = {match[1].decode() for answer in answers if (match := _CLICK.search(answer))}
    if not found:
        raise RuntimeError("no click was answered before the kill")
    return found


async def _stored(own: Place) -> set[str]:
    return {click for (click,) in await eventually(lambda: fetch(own.embedded.dsn, "select id from touch"))}
