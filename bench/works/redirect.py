"""Redirects: a link is followed, and the click is durable before the answer, also where all is killed in the next moment."""

import asyncio
import contextlib
import itertools
import re
from functools import partial
from typing import Any

import cpu
import psutil
from clicks import CONNECTIONS, Visitors
from contest import Contestant, Turn
from hot import served
from place import COMMAND, Place, Server, place
from report import Goal, Outcome, told
from stage import AFFILIATE, PINAX, Stage
from testkit import load
from testkit.database import fetch
from testkit.product import HOST
from testkit.waiting import eventually

from works import traffic

_AFFILIATE_CLICKS = "select count(*) from affiliates_referralaction where action_type = 'click'"
_WANTED = 0.15  # of nginx: below it the profile shows what is missing
_CLICK = re.compile(rb"gw_click=(tch_\w+)")
_PINAX_CLICKS = "select count(*) from referrals_referralresponse"


async def redirects(stage: Stage) -> Outcome:
    """Measure ``redirect``."""
    visitors = stage.visitors()
    ours = await contestant(stage.place, stage.server, visitors)
    affiliate, pinax = await stage.peer(*AFFILIATE), await stage.peer(*PINAX)
    limit = await stage.nginx(visitors)
    found = await stage.compete(
        ours,
        affiliate.redirects(visitors, "/r/{code}/", _AFFILIATE_CLICKS) if affiliate else None,
        pinax.redirects(visitors, "/ref/{code}", _PINAX_CLICKS) if pinax else None,
        limit,
    )
    mine = found[ours.name]
    known = [found[one.name] for one in (affiliate, pinax) if one]
    best = max(known, key=lambda one: one.rate, default=None)
    # A client of ours would slow nginx more than it slows us: without wrk the ratio would flatter.
    nginx = found.get(limit.name) if limit and not visitors.why_not else None
    row = told("redirect", f"click stored, then redirected, {CONNECTIONS} connections", mine, found, best, nginx)
    answered, lost = await _lost_clicks(rounds=1 if stage.quick else 3, seconds=stage.seconds)
    goals = [
        Goal("ratio to the better peer", mine.ratio_to(best) if best else None, 25),
        Goal("ratio to nginx", mine.ratio_to(nginx) if nginx else None, 0.10),
        Goal(f"of {answered:,} answered clicks, lost by kill -9 of server and database", lost, 0, at_most=True),
    ]
    wanting = nginx is not None and mine.ratio_to(nginx) < _WANTED
    profile = partial(served, partial(contestant, visitors=visitors))
    return Outcome(row, goals, profile, wanting)


async def contestant(on: Place, server: Server, visitors: Visitors) -> Contestant:
    """Return ours, in a workspace of its own."""
    space = await traffic.workspace(on, server, "bench-redirect")
    paths = traffic.links(space)
    await load.send(HOST, server.port, [load.request("GET", path, {"host": HOST}) for path in paths], 1, 302)

    async def turn(seconds: float) -> Turn:
        before = await _clicks(on, space["id"])
        done = await visitors.follow(server.port, paths, seconds)
        stored = await _clicks(on, space["id"]) - before
        if stored < done.operations:
            raise RuntimeError(f"{done.operations} redirects were answered and {stored} clicks are stored")
        return done

    return Contestant("goodword", f"{COMMAND} | {visitors.command}", server.spent, turn)


async def _clicks(on: Place, workspace: str) -> int:
    return int(await on.database.fetchval("select count(*) from touch where workspace_id = $1", workspace))


async def _lost_clicks(*, rounds: int, seconds: float) -> tuple[int, int]:
    """Return how many clicks were answered, and how many of them are gone after so many kills of server and PostgreSQL."""
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

    async with load.connected(HOST, server.port, CONNECTIONS) as everyone:
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
