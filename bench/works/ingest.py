"""Ingestion: events over HTTP until each is decided and its rewards, ledger, log and explanation are durable."""

import itertools
import time
from functools import partial
from typing import Any

import cpu
from contest import Contestant, Turn
from hot import served
from place import COMMAND, Place, Server, place
from report import Goal, Outcome, told
from stage import AFFILIATE, Stage
from testkit import load
from testkit.product import HOST

from works import traffic

_SINGLES = 64


async def batches(stage: Stage) -> Outcome:
    """Measure ``ingest_batch``: batches of 100 over 4 connections."""
    return await _measure(stage, "ingest_batch", traffic.BATCH, connections=4, to_peer=45, to_yardstick=1.5)


async def singles(stage: Stage) -> Outcome:
    """Measure ``ingest_single``: an event a request over 64 connections."""
    return await _measure(stage, "ingest_single", 1, connections=_SINGLES, to_peer=15, to_yardstick=None)


async def segment(stage: Stage) -> Outcome:
    """Measure ``segment_batch``: the same events as batches of Segment's, beside native ones."""
    native = await contestant(stage.place, stage.server, "segment_native", traffic.BATCH, 4)
    again = partial(contestant, name="segment_batch", batch=traffic.BATCH, connections=4, by_segment=True)
    ours = await again(stage.place, stage.server)
    found = await stage.compete(ours, native)
    mine = found[ours.name]
    row = told("segment_batch", "Segment's events decided, 4 connections, 100 a request", mine, found)
    return Outcome(
        row, [Goal("ratio to native events", mine.ratio_to(found[native.name]), 0.8)], partial(served, again)
    )


async def _measure(
    stage: Stage, name: str, batch: int, *, connections: int, to_peer: float, to_yardstick: float | None
) -> Outcome:
    again = partial(contestant, name=name, batch=batch, connections=connections)
    together = await again(stage.place, stage.server)
    affiliate = await stage.peer(*AFFILIATE)
    async with place() as own, own.serve("--no-worker") as server:
        with own.work() as worker:
            ours = _apart(await again(own, server), worker)
            commissions = affiliate.commissions() if affiliate else None
            found = await stage.compete(ours, together, commissions, postgres=own.postgres)
    mine, yardstick = found[ours.name], found[stage.yardstick.name]
    peer = found.get(affiliate.name) if affiliate else None
    row = told(name, f"events decided, {connections} connections, {batch} a request", mine, found, peer)
    goals = [Goal("ratio to the peer", mine.ratio_to(peer) if peer else None, to_peer)]
    if to_yardstick:
        goals.append(Goal("ratio to pgbench TPC-B", mine.ratio_to(yardstick), to_yardstick))
    return Outcome(row, goals, partial(served, again))


def _apart(ours: Contestant, worker: int) -> Contestant:
    """Count the worker too: it is a process of its own, as the peer has two."""
    return ours._replace(
        name="goodword, worker apart",
        command=ours.command.replace(COMMAND, f"{COMMAND} --no-worker & goodword worker"),
        spent=lambda: ours.spent() + cpu.seconds(worker),
    )


async def contestant(
    on: Place,
    server: Server,
    name: str,
    batch: int,
    connections: int,
    space: dict[str, Any] | None = None,
    *,
    by_segment: bool = False,
) -> Contestant:
    """Return ours, in this workspace or a new one. A turn sends what the turn before makes it expect to do in its time."""
    space = space or await traffic.workspace(on, server, f"bench-{name}")
    begin = itertools.count(0, 1_000_000)
    expected = 1_000.0  # events a second

    async def turn(seconds: float) -> Turn:
        nonlocal expected
        size = max(5 * batch, round(expected * seconds) // (5 * batch) * 5 * batch)
        events = traffic.traffic(next(begin), size, 1 if batch > 1 else 2 * _SINGLES)
        requests = (traffic.segment_posts if by_segment else traffic.posts)(space, events, batch)
        before, last = await on.size(space["id"]), await _last_reward(on, space["id"])
        begun = time.perf_counter()
        sent = await load.send(HOST, server.port, requests, connections, 200 if by_segment else 202)
        await on.decided(space["id"], entries=before + size)
        took = time.perf_counter() - begun
        earned = await _rewards_after(on, space["id"], last)
        if earned != traffic.rewards(size):
            raise RuntimeError(f"{size} events brought {earned} rewards, not {traffic.rewards(size)}")
        expected = size / took
        return Turn.of(sent, size, took)

    who, path = ("goodword, Segment's", "/v1/batch") if by_segment else ("goodword", "/v1/events")
    return Contestant(who, f"{COMMAND} | POST {path}, {batch} a request, {connections} connections", server.spent, turn)


async def _last_reward(on: Place, workspace: str) -> str:
    """Return the id of the newest reward: those that follow have greater ones, for an id begins with the time of its event."""
    last = await on.database.fetchval("select max(id) from reward where workspace_id = $1", workspace)
    return last or ""


async def _rewards_after(on: Place, workspace: str, last: str) -> int:
    """Count the rewards of a turn; to count all of them would cost more the longer the history is."""
    found = await on.database.fetchval(
        "select count(*) from reward where workspace_id = $1 and id > $2", workspace, last
    )
    return int(found)
