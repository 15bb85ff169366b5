"""Console: what its pages cost behind ten thousand rewards and behind a million, and the peer's own list over as many rows."""

import asyncio
import itertools
from contextlib import AsyncExitStack
from typing import NamedTuple

import httpx
from contest import Contestant, Figures, Turn
from peers import Peer
from place import COMMAND, Place, Server, place
from report import Goal, Outcome, told
from stage import Stage
from testkit import load
from testkit.product import HOST

#: Entries of history whose rewards are about 10,000 and 1,000,000; with QUICK much fewer, so that no goal says anything then.
_SIZES, _FEW = (26_000, 2_600_000), (2_000, 8_000)
_COMMISSIONS = ("commissions", "django-affiliate-system")
_ASKED = 20  # requests of which the rows are counted
_SETTLES = 1.2  # seconds until PostgreSQL has told its counters
_MOST_MS, _MOST_ROWS = 50, 1.2
_READ = "select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint from pg_stat_user_tables"

#: As many rows of the same facts: who brought whom by what, what it earned, in which state; the oldest first, as ours.
_FILL = (
    """insert into affiliates_referralaction (affiliate_id, action_type, user_agent, referring_url, timestamp, metadata,
                                              conversion_value, is_converted, session_id)
       select (select min(id) from affiliates_affiliate) + n % 200, 'purchase', '', '', now() - n * interval '30 seconds',
              '{}', 49.90, true, ''
       from generate_series($1::int, 1, -1) n""",
    """insert into affiliates_commission (affiliate_id, referral_action_id, amount, rate, calculated_at, status)
       select affiliate_id, id, 4.99, 10, timestamp, (array['pending', 'approved', 'paid'])[1 + id % 3]
       from affiliates_referralaction order by id""",
    "vacuum analyze affiliates_referralaction",
    "vacuum analyze affiliates_commission",
)


class _Grown(NamedTuple):
    rewards: int
    place: Place
    server: Server
    cookie: str
    paths: dict[str, str]


async def console(stage: Stage) -> Outcome:
    """Measure ``console``: each page at both sizes in turn, on one connection, beside Django's admin at the larger one."""
    async with AsyncExitStack() as open_:
        grown = [await _grow(open_, size) for size in (_FEW if stage.quick else _SIZES)]
        pages = {name: [_page(one, name) for one in grown] for name in grown[0].paths}
        read = {name: [await _rows(one, one.paths[name]) for one in grown] for name in grown[0].paths}
        peer = await stage.peer(*_COMMISSIONS)
        listed = await _listed(peer, grown[-1].rewards) if peer else None
        found = await stage.compete(
            *itertools.chain.from_iterable(pages.values()),
            listed,
            postgres=lambda: sum(one.place.postgres() for one in grown),
        )
    figures = {name: [found[one.name] for one in them] for name, them in pages.items()}
    for name, (few, many) in read.items():
        print(f"  {name}: rows read {few:.0f} at {grown[0].rewards:,} rewards, {many:.0f} at {grown[-1].rewards:,}")
    mine = figures["rewards"][-1]
    row = told(
        "console", f"pages behind {grown[-1].rewards:,} rewards", mine, found, found[listed.name] if listed else None
    )
    return Outcome(row, [*_goals(figures), *_of_rows(read)])


def _goals(figures: dict[str, list[Figures]]) -> list[Goal]:
    slowest = [Goal(f"{name}: p99 ms", them[-1].p99, _MOST_MS, at_most=True) for name, them in figures.items()]
    growth = [
        Goal(f"{name}: median, last to first", _ratio(them[0].p50, them[-1].p50), _MOST_ROWS, at_most=True)
        for name, them in figures.items()
    ]
    return [*slowest, *growth]


def _of_rows(read: dict[str, list[float]]) -> list[Goal]:
    return [
        Goal(f"{name}: rows, last to first", _ratio(*them), _MOST_ROWS, at_most=True) for name, them in read.items()
    ]


def _ratio(first: float | None, last: float | None) -> float | None:
    return round(last / first, 3) if first and last is not None else None


async def _grow(open_: AsyncExitStack, size: int) -> _Grown:
    own = await open_.enter_async_context(place())
    space, seconds = await own.filled("console", "traffic", size)
    rewards = int(await own.database.fetchval("select count(*) from reward"))
    print(f"  {rewards:,} rewards in {size:,} entries made in {seconds:.0f} s")
    server = await open_.enter_async_context(own.serve())
    link = await asyncio.to_thread(own.said, "console", "link", "owner@example.com", "--workspace", space["id"])
    path = "/console/in/" + link.strip().rpartition("/console/in/")[2]
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        token = (await client.post(path)).cookies["goodword_session"]
        cookie = f"goodword_session={token}"
        listed = await client.get(
            "/console/rewards?status=all", headers={"cookie": cookie, "accept": "application/json"}
        )
        reward = listed.raise_for_status().json()["rewards"][0]["about"]
        paths = {
            "rewards": "/console/rewards",
            "rewards, filtered": "/console/rewards?status=in_review",
            "a reward": f"/console/rewards/{reward['reward']['id']}",
            "a search": "/console/people?q=who-is-not-there",  # who is found alone is led on to
            "log": "/console/log",
            "events": "/console/events",
            "home": "/console",
        }
        answers = {name: await client.get(path, headers={"cookie": cookie}) for name, path in paths.items()}
    for name, answer in answers.items():
        if answer.status_code != httpx.codes.OK:
            print(f"  {name} is not there: {answer.status_code}")
            del paths[name]
    return _Grown(rewards, own, server, cookie, paths)


def _request(one: _Grown, path: str) -> bytes:
    return load.request("GET", path, {"host": HOST, "cookie": one.cookie, "accept": "text/html"})


def _page(one: _Grown, name: str) -> Contestant:
    request = _request(one, one.paths[name])

    async def turn(seconds: float) -> Turn:
        return Turn.of(await load.send(HOST, one.server.port, load.lasting(itertools.repeat(request), seconds), 1, 200))

    title = f"{name} at {one.rewards:,}"
    return Contestant(title, f"{COMMAND} | GET {one.paths[name]}", one.server.spent, turn)


async def _rows(one: _Grown, path: str) -> float:
    """Return the rows that PostgreSQL reads for a request; the worker rests, for nothing comes."""
    counted = []
    for asked in (0, _ASKED):
        before = await one.place.database.fetchval(_READ)
        if asked:
            await load.send(HOST, one.server.port, [_request(one, path)] * asked, 1, 200)
        await asyncio.sleep(_SETTLES)
        counted.append(int(await one.place.database.fetchval(_READ)) - int(before))
    return max(0, counted[1] - counted[0]) / _ASKED


async def _listed(peer: Peer, rows: int) -> Contestant:
    """Return the list of commissions, with as many as there are rewards."""
    for statement in _FILL:
        await peer.database.execute(statement, *([rows] if "$1" in statement else []))
    key = await peer.database.fetchval("select session_key from django_session")
    headers = {"host": HOST, "cookie": f"sessionid={key}", "accept": "text/html"}
    request = load.request("GET", "/admin/django_affiliate_system/commission/", headers)

    return peer.asked(f"Django admin at {rows:,}", "GET its list of commissions", request)
