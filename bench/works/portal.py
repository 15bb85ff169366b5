"""Portal: what pages of advocates and friends cost behind ten thousand rewards and behind a million, in the histories of ``console``.

The one advocate who looks has a two-hundredth of all rewards, so that their own history grows too: of a friend, and of what a link
shows, nothing does.
"""

import asyncio
import itertools
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import httpx
from contest import Contestant, Figures, Turn
from place import COMMAND, Place, Server
from report import Goal, Outcome, told
from rows import telling
from stage import Stage
from testkit import load, tokens
from testkit.product import HOST

from works.console import ASKED, BEFORE, FEW, SIZES, lived, ratio, tell

_MOST_MS, _MOST_GROWTH = 30, 1.2
#: What is nobody's whose history grows: there a million rewards of others change nothing.
_SAME = ("friend's own home", "friend page", "join page")
#: Addresses that whoever is not signed in comes from: of one, only so many pages a second are answered.
_VISITORS = 4_000
#: A program beside that of the history, whose rules let people join.
_JOINING = Path(__file__).with_name("joining.yaml")
#: A browser's word that a page of ours sent a form.
_OURS = {"sec-fetch-site": "same-origin"}


class _Grown(NamedTuple):
    rewards: int
    place: Place
    server: Server
    requests: dict[str, list[bytes]]
    read: dict[str, float]


async def portal(stage: Stage) -> Outcome:
    """Measure ``portal``: each page at both sizes in turn, on one connection."""
    async with AsyncExitStack() as open_:
        grown = [await _grow(open_, size, stage.kept) for size in (FEW if stage.quick else SIZES)]
        works = {name: [_page(one, name) for one in grown] for name in grown[0].requests}

        def spent() -> float:
            return sum(one.place.postgres() for one in grown)

        rounds = 1 if stage.quick else None
        found = await stage.compete(*itertools.chain.from_iterable(works.values()), postgres=spent, rounds=rounds)
    figures = {name: [found[one.name] for one in them] for name, them in works.items()}
    row = told("portal", f"pages behind {grown[-1].rewards:,} rewards", figures["home"][-1], found)
    return Outcome(row, [*_goals(figures), *_of_rows(*(one.read for one in grown))])


def _goals(figures: dict[str, list[Figures]]) -> Iterator[Goal]:
    for name, them in figures.items():
        yield Goal(f"{name}: p99 ms", them[-1].p99, _MOST_MS, at_most=True)
        if name in _SAME:
            grown = ratio(them[0].p50, them[-1].p50)
            yield Goal(f"{name}: median, last to first", grown, _MOST_GROWTH, at_most=True)


def _of_rows(few: dict[str, float], many: dict[str, float]) -> Iterator[Goal]:
    for name in _SAME:
        yield Goal(f"{name}: rows, last to first", ratio(few[name], many[name]), _MOST_GROWTH, at_most=True)


async def _grow(open_: AsyncExitStack, size: int, kept: Path | None) -> _Grown:
    """Return a place with a history, of which the rows that each page reads were counted, and its server."""
    own, ws, rewards = await lived(open_, size, kept)
    own.settings["GOODWORD_TRUSTED_PROXIES"] = HOST
    await asyncio.to_thread(own.said, "program", "publish", str(_JOINING), "--workspace", ws)
    made = await asyncio.to_thread(own.said, "keys", "create", "portal", "--workspace", ws)
    secret = next(word for word in made.split() if word.startswith("gw_ps_"))
    async with telling(own) as read_of, own.serve("--no-worker") as server:
        requests, read = await _requests(server, ws, secret), {}
        for name, them in requests.items():
            asked = itertools.cycle(them)
            await load.send(HOST, server.port, [*itertools.islice(asked, BEFORE)], 1, 200)
            read_of.since()
            await load.send(HOST, server.port, [*itertools.islice(asked, ASKED)], 1, 200)
            reads = read_of.since()
            read[name] = sum(one.rows for one in reads) / ASKED
            if reads:
                tell(f"{name} at {rewards:,}", read[name], reads)
    server = await open_.enter_async_context(own.serve())
    return _Grown(rewards, own, server, requests, read)


async def _requests(server: Server, ws: str, secret: str) -> dict[str, list[bytes]]:
    """Sign an advocate and a friend in; return what is asked for, by name: where nobody is signed in, from many addresses."""
    root = f"/portal/{ws}"
    advocate, friend = [await _enter(server, ws, secret, who) for who in ("a0", "h0-0")]
    paths = {
        "home": (root, advocate),
        "friends": (f"{root}/friends", advocate),
        "rewards": (f"{root}/rewards", advocate),
        "payments": (f"{root}/payments", advocate),
        "friend's own home": (root, friend),
        "friend page": (f"/w/{ws}/f/code0", ""),
        "join page": (f"{root}/join/joining", ""),
    }
    return {
        name: [
            load.request(
                "GET", path, {"host": HOST, "cookie": cookie, "x-forwarded-for": f"10.0.{n // 250}.{n % 250 + 1}"}
            )
            for n in range(1 if cookie else _VISITORS)
        ]
        for name, (path, cookie) in paths.items()
    }


async def _enter(server: Server, ws: str, secret: str, who: str) -> str:
    """Return the cookie of somebody whom the company's own app signs in."""
    async with httpx.AsyncClient(base_url=server.url, headers=_OURS, timeout=60, trust_env=False) as client:
        token = tokens.token(secret, tokens.claims(ws, who, time.time()))
        answer = await client.post(f"/portal/{ws}/in/{token}")
        name, value = next(iter(answer.cookies.items()))
        return f"{name}={value}"


def _page(one: _Grown, name: str) -> Contestant:
    asked = itertools.cycle(one.requests[name])

    async def turn(seconds: float) -> Turn:
        return Turn.of(await load.send(HOST, one.server.port, load.lasting(asked, seconds), 1, 200))

    path = one.requests[name][0].split(b" ", 2)[1].decode()
    return Contestant(f"{name} at {one.rewards:,}", f"{COMMAND} | GET {path}", one.server.spent, turn)
