"""Followers: what an event costs with ten endpoints that follow the log, and with none.

Once each of the ten hears nothing, as one that asks for payouts while people buy: that is what it costs to be followed. Once each is
told all of it, which QUICK leaves out: that is shown beside it and has no goal, for it is the sending of 80 messages an order, of each
of which ``webhooks_out`` tells what it costs beside a bare loop of the same client. A turn ends when the endpoints have come to the end
of the log too, so that all of their work counts.
"""

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from contest import Contestant, Figures, Turn
from place import Place, place
from programs import HERE, running, serves
from report import Goal, Outcome, told
from stage import Stage

from works import ingest, traffic

_ENDPOINTS = 10
_QUIET = ("payout.released",)  # a type that selling brings none of
_MOST = 1.15
_POLL = 0.02


async def followers(stage: Stage) -> Outcome:
    """Measure ``followers``: three places, each with a server of its own, in turn."""
    async with AsyncExitStack() as open_:
        url = await _receiver(open_, stage.folder)
        asked: dict[str, tuple[str, ...] | None] = {"none": (), "ten that hear nothing": _QUIET}
        if not stage.quick:
            asked["ten that are told all"] = None
        places = [await _place(open_) for _ in asked]
        works = [
            await _contestant(open_, on, name, "" if name == "none" else url, types)
            for on, (name, types) in zip(places, asked.items(), strict=True)
        ]
        found = await stage.compete(*works, postgres=lambda: sum(one.postgres() for one in places))
    alone, followed = found["none"], found["ten that hear nothing"]
    row = told("followers", "events decided and followed, 4 connections, 100 a request", followed, found, alone)
    goal = Goal(
        "cost of an event with ten that hear nothing, to that with none", _ratio(alone, followed), _MOST, at_most=True
    )
    return Outcome(row, [goal])


def _ratio(alone: Figures, followed: Figures) -> float:
    """Return how many times the processor time of an event, ours and PostgreSQL's, that of one without followers is."""
    return round((followed.cpu_own + followed.cpu_postgres) / (alone.cpu_own + alone.cpu_postgres), 3)


async def _receiver(open_: AsyncExitStack, folder: Path) -> str:
    """Run what counts deliveries; its own time is nobody's."""
    log = folder / "receiving.log"
    receiver = open_.enter_context(running([sys.executable, HERE / "receiving.py"], {}, log))

    async def listens() -> bool:
        return await asyncio.to_thread(lambda: "\n" in log.read_text())

    await serves(receiver, log, listens)
    return f"http://127.0.0.1:{int(log.read_text())}"


async def _place(open_: AsyncExitStack) -> Place:
    own = await open_.enter_async_context(place())
    own.settings["GOODWORD_WEBHOOKS_LOOPBACK"] = "yes"
    return own


async def _contestant(
    open_: AsyncExitStack, on: Place, name: str, url: str, types: tuple[str, ...] | None
) -> Contestant:
    """Return a contestant with endpoints at ``url``, without one if that is empty. ``types``: what each asks for, None: all."""
    server = await open_.enter_async_context(on.serve())
    space = await traffic.workspace(on, server, "bench-followers")
    asked = [part for type_ in types or () for part in ("--type", type_)]
    for n in range(_ENDPOINTS if url else 0):
        await on.goodword("webhook", "create", f"{url}/{n}", *asked, "--workspace", space["id"])
    made = await ingest.contestant(on, server, "followers", traffic.BATCH, 4, space)

    async def turn(seconds: float) -> Turn:
        done = await made.turn(seconds)
        while await on.database.fetchval(  # noqa: ASYNC110 - another process does it
            """select exists (select from webhook w join stream s using (workspace_id) where w.position < s.position)
               or exists (select from webhook_delivery where state = 'waiting')
               or exists (select from follower f join stream s using (workspace_id) where f.position < s.position)"""
        ):
            await asyncio.sleep(_POLL)
        return done

    return made._replace(name=name, turn=turn)
