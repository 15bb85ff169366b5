"""Latency: an event is sent and answered with its decision, read through the API, while 500 a second come in."""

import itertools
from functools import partial

from contest import Contestant, Turn
from hot import served
from place import COMMAND, Place, Server
from report import Goal, Outcome, told
from stage import AFFILIATE, Stage
from testkit import load
from testkit.product import HOST

from works import traffic

_PER_SECOND = 500
_CONNECTIONS = 128
_APART = 100  # groups between a lead and its purchase: 0.4 s


async def latency(stage: Stage) -> Outcome:
    """Measure ``latency``; the ratio to the peer is that of the median times."""
    ours = await contestant(stage.place, stage.server)
    affiliate = await stage.peer(*AFFILIATE)
    found = await stage.compete(ours, affiliate.commissions(connections=8) if affiliate else None)
    mine = found[ours.name]
    peer = found.get(affiliate.name) if affiliate else None
    title = f"event to its decision, {_PER_SECOND} a second; the peer at its best rate"
    row = told("latency", title, mine, found, peer)
    assert mine.p50 is not None
    goals = [
        Goal("ms at the median", mine.p50, 15, at_most=True),
        Goal("ms at the 99th percentile", mine.p99, 80, at_most=True),
        Goal("of the pace kept", round(mine.rate / _PER_SECOND, 2), 0.95),
    ]
    if peer and peer.p50:
        row["ratio_to_peer"] = round(peer.p50 / mine.p50, 2)
    return Outcome(row, goals, partial(served, contestant))


async def contestant(place: Place, server: Server) -> Contestant:
    """Return ours, in a workspace of its own."""
    space = await traffic.workspace(place, server, "bench-latency")
    begin = itertools.count(0, 1_000_000)

    async def turn(seconds: float) -> Turn:
        events = traffic.traffic(next(begin), round(_PER_SECOND * seconds), _APART)
        requests = traffic.posts(space, events, 1, {"prefer": "wait=10"})
        sent = await load.paced(HOST, server.port, requests, _PER_SECOND, _CONNECTIONS, 200)
        return Turn.of(sent)

    return Contestant("goodword", f"{COMMAND} | Prefer: wait", server.spent, turn)
