"""Redirects: a link is followed, and the click is durable before the answer."""

from functools import partial

from clicks import CONNECTIONS, Visitors
from contest import Contestant, Turn
from hot import served
from place import COMMAND, Place, Server
from report import Goal, Outcome, told
from stage import AFFILIATE, PINAX, Stage
from testkit import load
from testkit.product import HOST

from works import kill, traffic

_AFFILIATE_CLICKS = "select count(*) from affiliates_referralaction where action_type = 'click'"
_WANTED = 0.15  # of nginx: below it the profile shows what is missing
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
    answered, lost = await kill.lost_clicks(rounds=1 if stage.quick else 3, seconds=stage.seconds)
    goals = [
        Goal("ratio to the better peer", mine.ratio_to(best) if best else None, 25),
        Goal("ratio to nginx", mine.ratio_to(nginx) if nginx else None, 0.10),
        Goal(f"of {answered:,} answered clicks, lost by kill -9 of server and database", lost, 0, at_most=True),
    ]
    wanting = nginx is not None and mine.ratio_to(nginx) < _WANTED
    profile = partial(served, partial(contestant, visitors=visitors))
    return Outcome(row, goals, profile, wanting)


async def contestant(place: Place, server: Server, visitors: Visitors) -> Contestant:
    """Return ours, in a workspace of its own."""
    space = await traffic.workspace(place, server, "bench-redirect")
    paths = traffic.links(space)
    await load.send(HOST, server.port, [load.request("GET", path, {"host": HOST}) for path in paths], 1, 302)

    async def turn(seconds: float) -> Turn:
        before = await _clicks(place, space["id"])
        done = await visitors.follow(server.port, paths, seconds)
        stored = await _clicks(place, space["id"]) - before
        if stored < done.operations:
            raise RuntimeError(f"{done.operations} redirects were answered and {stored} clicks are stored")
        return done

    return Contestant("goodword", f"{COMMAND} | {visitors.command}", server.spent, turn)


async def _clicks(place: Place, workspace: str) -> int:
    return int(await place.database.fetchval("select count(*) from touch where workspace_id = $1", workspace))
