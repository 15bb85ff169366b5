"""Instant: an order is accepted, and what it earns under a standing approval is with its rail; a hundred orders a second.

From the server's own stamp of acceptance, which is before its answer, to that of the event by which the rail says that it has
delivered: deciding, two commits of the payout, and the call of our own rail lie between. Each order is a request of its own.
"""

import asyncio
import itertools
import statistics
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from contest import Contestant, Turn
from hot import served
from place import COMMAND, Place, Server
from report import Goal, Outcome, told
from stage import Stage
from testkit import load, sent
from testkit.api import Api
from testkit.load import percentile
from testkit.product import HOST

from goodword.core import entry, events
from works import traffic

_PER_SECOND = 100
_CONNECTIONS = 32
_LONGER = 4  # turns as long as those of others: percentiles need some orders
_RULES = """\
program: instant
currency: EUR
landing_url: https://shop.example.com/welcome
hold: 0d
conversions:
  - on: purchase
    rewards: [{side: advocate, kind: credit, flat: {EUR: 200}}]
"""
_LIMITS = {"per_reward": 200, "per_beneficiary": 100_000_000, "in_all": 1_000_000_000}


async def instant(stage: Stage) -> Outcome:
    """Measure ``instant``."""
    p95: list[float] = []
    ours = await contestant(stage.place, stage.server, p95)
    found = await stage.compete(ours)
    mine = found[ours.name]
    title = f"order to its rail under a standing approval, {_PER_SECOND} a second"
    row = told("instant", title, mine, found)
    row["ours_p95_ms"] = worst = round(statistics.median(p95[1:]), 2)
    print(f"  ms at the 95th percentile, of each round: {', '.join(f'{one:.0f}' for one in p95[1:])}")
    goals = [
        Goal("ms at the 95th percentile", worst, 1_000, at_most=True),
        Goal("of the pace kept", round(mine.rate / _PER_SECOND, 2), 0.95),
    ]
    return Outcome(row, goals, partial(served, partial(contestant, p95=[])))


async def contestant(place: Place, server: Server, p95: list[float]) -> Contestant:
    """Return ours, in a workspace of its own in which two people have approved what is earned; ``p95`` gets that of each turn."""
    space = await _workspace(place, server)
    numbers = itertools.count(0, 1_000_000)

    async def turn(seconds: float) -> Turn:
        count, begin = round(_PER_SECOND * seconds * _LONGER), next(numbers)
        people = range(begin, begin + count)
        leads = [sent.lead(f"l{n}", f"c{n}", code=f"code{n % traffic.ENROLLED}") for n in people]
        await load.send(HOST, server.port, traffic.posts(space, leads, traffic.BATCH), 2, 202)
        await place.decided(space["id"])
        before = await place.size(space["id"])
        orders = [sent.purchase(f"p{n}", f"c{n}", f"i{n}", 2_000) for n in people]
        paced = await load.paced(HOST, server.port, traffic.posts(space, orders, 1), _PER_SECOND, _CONNECTIONS, 202)
        took = await _delivered(place, space["id"], before, count)
        p95.append(percentile(took, 0.95))
        return Turn(count, paced.seconds, percentile(took, 0.50), percentile(took, 0.99))

    return Contestant("goodword", f"{COMMAND} | POST /v1/events", server.spent, turn)


async def _workspace(place: Place, server: Server) -> dict[str, Any]:
    """A workspace: one member writes the rules, another asks for a standing approval, an owner confirms it."""
    made: dict[str, Any] = await place.goodword(
        "workspace", "create", "bench-instant", "--mode", "sandbox", "--owner", "owner@example.com"
    )
    api = Api(server.url, made)
    with api.http:
        for name, role in (("pam", "program_manager"), ("ola", "owner")):
            await asyncio.to_thread(api.member, name, role)
            await place.goodword("member", "confirm", f"{name}@shop.example", "--workspace", made["id"])
        await asyncio.to_thread(_grant, api)
    enrolled = [sent.enrolled(f"e{n}", f"a{n}", f"code{n}") for n in range(traffic.ENROLLED)]
    await load.send(HOST, server.port, traffic.posts(made, enrolled, traffic.BATCH), 1, 202)
    await place.decided(made["id"])
    return made


def _grant(api: Api) -> None:
    api.say("pam", "/v1/programs", {"document": _RULES})
    until = (datetime.now(UTC) + timedelta(days=300)).strftime("%Y-%m-%dT%H:%M:%SZ")
    wanted = {"program": "instant", "kind": "credit", "unit": "EUR", "rail": "store_credit", "until": until}
    api.say("owner", "/v1/standing-approvals", wanted | _LIMITS)
    (wish,) = api.get("/v1/standing-approvals")["waiting"]
    api.say("ola", f"/v1/changes/{wish['change']}/decision", {"outcome": "confirmed"})


async def _delivered(place: Place, space: str, before: int, count: int) -> list[float]:
    """Return how many ms each order took to its rail's word, once all are there."""
    # The order, and of its payout that its rail is called and that it has answered.
    await place.decided(space, entries=before + 3 * count)
    rows = await place.database.fetch(
        "select leaf from log where workspace_id = $1 and position > $2 order by position", space, before
    )
    accepted: dict[str, int] = {}
    took = []
    for one in (entry.read(row["leaf"]) for row in rows):
        for verdict in one.verdicts:
            if (verdict.about, verdict.outcome) == ("standing", "approved"):
                accepted[verdict.steps[0].values["payout"]] = one.event.accepted_at
        if isinstance(one.event, events.PayoutAnswered) and one.event.outcome == "completed":
            took.append((one.event.accepted_at - accepted[one.event.payout]) / 1_000)
    if len(took) != count:
        raise RuntimeError(f"{len(took)} of {count} orders went to their rail")
    return took
