"""Reads: what a page of a console asks, over HTTP, one after the other, in a workspace with some thousand rewards."""

import itertools
from functools import partial

import httpx
from contest import Contestant, Turn
from hot import served
from place import COMMAND, Place, Server
from report import Outcome, told
from stage import Stage
from testkit import load
from testkit.product import HOST

from works import traffic

_EVENTS = 5_000


async def reads(stage: Stage) -> Outcome:
    """Measure ``reads``; it has no peer that explains what it shows, so that only the yardstick stands beside it."""
    ours = await contestant(stage.place, stage.server)
    found = await stage.compete(ours)
    title = "a page, a reward, its explanation, figures; one connection"
    row = told("reads", title, found[ours.name], found, found[stage.yardstick.name])
    return Outcome(row, [], partial(served, contestant))


async def contestant(place: Place, server: Server) -> Contestant:
    """Return ours, in a workspace of its own: the queue, a person's rewards, one reward and why, cases, payouts, the overview."""
    space = await traffic.workspace(place, server, "bench-reads")
    requests = traffic.posts(space, traffic.traffic(0, _EVENTS), traffic.BATCH)
    await load.send(HOST, server.port, requests, 1, 202)
    await place.decided(space["id"])
    key = {"authorization": f"Bearer {space['owner_key']}"}
    async with httpx.AsyncClient(base_url=server.url, headers=key, timeout=60) as client:
        rewards = (await client.get("/v1/rewards?limit=50")).raise_for_status().json()["items"]
    paths = ["/v1/rewards?status=pending&limit=50", "/v1/cases?status=open", "/v1/payouts", "/v1/reports/overview"]
    for reward in rewards:
        paths += [
            f"/v1/rewards/{reward['id']}",
            f"/v1/explanations/{reward['id']}",
            f"/v1/rewards?beneficiary={reward['beneficiary']}",
            "/v1/rewards?status=pending&limit=50",
        ]
    asked = itertools.cycle([load.request("GET", path, {"host": HOST, **key}) for path in paths])

    async def turn(seconds: float) -> Turn:
        sent = await load.send(HOST, server.port, load.lasting(asked, seconds), 1, 200)
        return Turn.of(sent)

    return Contestant("goodword", f"{COMMAND} | GET /v1/rewards, explanations, reports …", server.spent, turn)
