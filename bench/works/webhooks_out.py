"""Webhooks out: messages a second to an endpoint that is told its past, beside a bare loop of the same client to the same receiver."""

import asyncio
import os
import sys
import time
from pathlib import Path

import cpu
import httpcore
from contest import Contestant, Turn, compete
from place import Place, place
from programs import HERE, running, serves
from report import Goal, Outcome, told
from stage import Stage
from testkit.house import House, opened, sales

from goodword.app.follow.webhooks import AT_ONCE
from goodword.core.notices import KINDS
from goodword.outbound.addresses import new_secret
from goodword.store import webhooks
from goodword.store.migrations import migrate
from goodword.store.uuid7 import new_id
from goodword.store.vault import new_key
from goodword.store.webhooks import Endpoint, Secret

_SALES = 300
_BODY = b"x" * 620  # bytes, as a message of a reward has
_LOOK = 0.05
_GOAL = 0.5
_SECONDS = 3.0  # of a turn


async def webhooks_out(stage: Stage) -> Outcome:
    """Measure ``webhooks_out`` through the product's worker, which has a process of its own, on a place of its own."""
    os.environ.setdefault("GOODWORD_MASTER_KEY", new_key().hex())
    env = {name: os.environ[name] for name in ("PATH", "GOODWORD_MASTER_KEY")} | {"PYTHONPATH": str(HERE.parent)}
    async with place() as own:
        await migrate(own.embedded.dsn)
        received, working = own.home / "receiving.log", own.home / "telling.log"
        with running([sys.executable, HERE / "receiving.py"], env, received) as receiver:
            await serves(receiver, received, lambda: _said(received, "\n"))
            url = f"http://127.0.0.1:{int(received.read_text())}/"
            async with opened(own.embedded.dsn) as house:
                endpoint = await _endpoint(house, url)
                command: list[str | Path] = [sys.executable, HERE / "telling.py", own.embedded.dsn]
                with running(command, env, working) as worker:
                    await serves(worker, working, lambda: _said(working, "ready"))
                    ours = _ours(own, house, endpoint, url, worker.pid)
                    bare = _bare(url)
                    found = await compete([ours, bare], own.postgres, rounds=stage.rounds, seconds=_SECONDS)
    mine, theirs = found
    title = f"messages of {_SALES} purchases, told again, beside a loop of httpcore with {AT_ONCE} at once"
    row = told("webhooks_out", title, mine, {one.name: one for one in found}, peer=theirs)
    return Outcome(row, [Goal("of the bare loop", mine.ratio_to(theirs), _GOAL)])


async def _said(log: Path, what: str) -> bool:
    return await asyncio.to_thread(lambda: what in log.read_text())


async def _endpoint(house: House, url: str) -> str:
    """Let a company have a past, and an endpoint that waits to be told of it."""
    wanted = sales(_SALES)
    for at in range(0, len(wanted), 900):
        await house.send(*wanted[at : at + 900])
    await house.decide()
    id_ = new_id("whk")
    sealed = webhooks.sealed(house.workspace, id_, [Secret(new_secret())])
    made = ("mem_bench", 0, 0, None, None, 0, 0, 0, 0)
    async with house.pool.acquire() as conn:
        await webhooks.add(conn, house.workspace, Endpoint(id_, url, "", [*KINDS], [], "active", "", sealed, *made))
        await webhooks.pause(conn, house.ws, id_, "asked")
    return id_


async def _count(client: httpcore.AsyncConnectionPool, url: str) -> int:
    return int((await client.request("GET", url)).content)


def _ours(own: Place, house: House, endpoint: str, url: str, pid: int) -> Contestant:
    async def turn(seconds: float) -> Turn:
        async with httpcore.AsyncConnectionPool() as client:
            await own.database.execute(
                "update webhook set status = 'active', replay_after = null where id = $1", endpoint
            )
            before = await _count(client, url)
            async with house.pool.acquire() as conn:
                await webhooks.replay(conn, house.ws, endpoint, 0)
            while (first := await _count(client, url)) == before:  # noqa: ASYNC110 - another process does it
                await asyncio.sleep(_LOOK / 10)
            begun = time.perf_counter()
            while (passed := time.perf_counter() - begun) < seconds:
                async with house.pool.acquire() as conn:
                    await webhooks.replay(conn, house.ws, endpoint, 0)
                await asyncio.sleep(_LOOK)
            last = await _count(client, url)
            await own.database.execute("update webhook set status = 'paused' where id = $1", endpoint)
            while await own.database.fetchval(  # noqa: ASYNC110 - another process has it in hand
                "select leased_until > 0 from webhook where id = $1", endpoint
            ):
                await asyncio.sleep(_LOOK)
        return Turn(last - first, passed)

    return Contestant("goodword", "the worker: read of the log, made, signed, sent, kept", lambda: cpu.own(pid), turn)


def _bare(url: str) -> Contestant:
    async def turn(seconds: float) -> Turn:
        sent, until = 0, time.perf_counter() + seconds

        async def loop(client: httpcore.AsyncConnectionPool) -> None:
            nonlocal sent
            while time.perf_counter() < until:
                await client.request("POST", url, headers={"content-type": "application/json"}, content=_BODY)
                sent += 1

        begun = time.perf_counter()
        async with httpcore.AsyncConnectionPool(max_connections=AT_ONCE) as client:
            await asyncio.gather(*(loop(client) for _ in range(AT_ONCE)))
        return Turn(sent, time.perf_counter() - begun)

    return Contestant("bare httpcore", f"a loop that posts {len(_BODY)} bytes", time.process_time, turn)
