"""Console: what its pages cost behind ten thousand rewards and behind a million, and the peer's own list over as many rows.

Both histories are decided by the product itself, and verify (filling.py): the older half of the rewards is approved, most of the others
are in review, which is a longer queue than anybody has. Nothing was paid, and no case is open.
"""

import asyncio
import html
import itertools
import re
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import httpx
from contest import Contestant, Figures, Turn
from peers import Peer
from place import COMMAND, Place, Server, place
from report import Goal, Outcome, told
from rows import Read, telling
from stage import Stage
from testkit import load
from testkit.product import HOST

#: Entries of history whose rewards are about 10,000 and 1,000,000; with QUICK much fewer, so that no goal says anything then.
SIZES, FEW = (25_000, 2_500_000), (2_000, 8_000)
_COMMISSIONS = ("commissions", "django-affiliate-system")
#: Requests before rows are counted, so that plans are those of a running server, and of which they are.
BEFORE, ASKED = 8, 3
_MOST_MS, _MOST_DECIDING_MS, _MOST_GROWTH = 50, 100, 1.2
_DECIDING = "decide, and the next"

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


class Page(NamedTuple):
    """A page as it is asked for. ``status``: 303 where a search has found one person, to whom it leads on."""

    path: str
    status: int


class _Grown(NamedTuple):
    rewards: int
    place: Place
    server: Server
    cookie: str
    pages: dict[str, Page]
    read: dict[str, float]


async def console(stage: Stage) -> Outcome:
    """Measure ``console``: each page at both sizes in turn, on one connection, beside Django's admin at the larger one."""
    async with AsyncExitStack() as open_:
        grown = [await _grow(open_, size, stage.kept) for size in (FEW if stage.quick else SIZES)]
        works = {name: [_page(one, name) for one in grown] for name in grown[0].pages}
        peer = await stage.peer(*_COMMISSIONS)
        listed = await _listed(peer, grown[-1].rewards) if peer else None

        def spent() -> float:
            return sum(one.place.postgres() for one in grown)

        rounds = 1 if stage.quick else None
        pages = itertools.chain.from_iterable(works.values())
        found = await stage.compete(*pages, listed, postgres=spent, rounds=rounds)
        works[_DECIDING] = [_deciding(one) for one in grown]  # afterwards, for it decides what the pages showed
        found = await stage.compete(*works[_DECIDING], postgres=spent, rounds=rounds) | found
    figures = {name: [found[one.name] for one in them] for name, them in works.items()}
    mine = figures["queue"][-1]
    row = told(
        "console", f"pages behind {grown[-1].rewards:,} rewards", mine, found, found[listed.name] if listed else None
    )
    return Outcome(row, [*_goals(figures), *_of_rows(*(one.read for one in grown))])


def _goals(figures: dict[str, list[Figures]]) -> Iterator[Goal]:
    for name, them in figures.items():
        if name == _DECIDING:
            yield Goal(f"{name}: median ms", them[-1].p50, _MOST_DECIDING_MS, at_most=True)
            continue
        yield Goal(f"{name}: p99 ms", them[-1].p99, _MOST_MS, at_most=True)
        yield Goal(f"{name}: median, last to first", ratio(them[0].p50, them[-1].p50), _MOST_GROWTH, at_most=True)
        spent = [
            one.cpu_own + one.cpu_postgres for one in them
        ]  # where others use the machine it says more than the median
        yield Goal(f"{name}: processor time, last to first", ratio(spent[0], spent[-1]), _MOST_GROWTH, at_most=True)


def _of_rows(few: dict[str, float], many: dict[str, float]) -> Iterator[Goal]:
    for name, rows in few.items():
        yield Goal(f"{name}: rows, last to first", ratio(rows, many[name]), _MOST_GROWTH, at_most=True)


def ratio(first: float | None, last: float | None) -> float | None:
    """Return how much more the last is than the first, where both are known."""
    return round(last / first, 3) if first and last is not None else None


async def lived(open_: AsyncExitStack, size: int, kept: Path | None) -> tuple[Place, str, int]:
    """Return a place with a history of so many entries, its workspace, and how many rewards that is. ``kept``: where it is kept."""
    own = await open_.enter_async_context(place(kept=kept and kept / str(size)))
    filled = own.home / "filled"  # written last
    if not filled.exists():
        space, seconds = await own.filled("console", "console", size)
        filled.write_text(space["id"])
        print(f"  {size:,} entries made in {seconds:.0f} s")
    return own, filled.read_text(), int(await own.database.fetchval("select count(*) from reward"))


async def _grow(open_: AsyncExitStack, size: int, kept: Path | None) -> _Grown:
    """Return a place with a history, of which the rows that each page reads were counted, and its server."""
    own, ws, rewards = await lived(open_, size, kept)
    link = await asyncio.to_thread(own.said, "console", "link", "owner@example.com", "--workspace", ws)
    async with telling(own) as read_of, own.serve("--no-worker") as server:
        cookie, pages = await _pages(server, "/console/in/" + link.strip().rpartition("/console/in/")[2])
        read = {}
        for name, page in pages.items():
            request = _request(cookie, page)
            await load.send(HOST, server.port, [request] * BEFORE, 1, page.status)
            read_of.since()
            await load.send(HOST, server.port, [request] * ASKED, 1, page.status)
            reads = read_of.since()
            read[name] = sum(one.rows for one in reads) / ASKED
            tell(f"{name} at {rewards:,}", read[name], reads)
    server = await open_.enter_async_context(own.serve())
    return _Grown(rewards, own, server, cookie, pages, read)


def tell(name: str, rows: float, reads: list[Read]) -> None:
    """Print how many rows a page reads, and the statement that reads most of them."""
    most: dict[str, float] = {}
    for one in reads:
        most[one.statement] = most.get(one.statement, 0) + one.rows / ASKED
    statement = max(most, key=most.__getitem__)
    print(
        f"  {name}: {rows:,.0f} rows in {len(reads) / ASKED:.0f} statements, {most[statement]:,.0f} of them: {statement}"
    )


async def _pages(server: Server, link: str) -> tuple[str, dict[str, Page]]:
    """Sign in; return the cookie, and the pages by name."""
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        cookie = f"goodword_session={(await client.post(link)).cookies['goodword_session']}"
        twin = {"cookie": cookie, "accept": "application/json"}
        queue = (await client.get("/console/rewards", headers=twin)).raise_for_status().json()["rewards"]
        about = queue[0]["about"]
        paths = {
            "queue": "rewards",
            "queue, filtered": "rewards?program=bench&unit=EUR&sort=amount",
            "approved": "rewards?status=approved",
            "a reward": f"rewards/{about['reward']['id']}",
            "people who begin so": "people?q=ann",
            "people who begin so twice": "people?q=anna+bau",
            "people of two names": "people?q=anna+bauer",
            "a mail": "people?q=anna.bauer0@example.com",
            "a person": f"people/{about['friend']['id']}",
            "events": "events",
            "log": "log",
            "home": "",
        }
        pages = {}
        for name, path in paths.items():
            address = f"/console/{path}".rstrip("/")
            answer = await client.get(address, headers={"cookie": cookie, "accept": "text/html"})
            if answer.status_code not in (httpx.codes.OK, httpx.codes.SEE_OTHER):
                raise RuntimeError(f"{address} answers {answer.status_code}")
            pages[name] = Page(address, answer.status_code)
    return cookie, pages


def _request(cookie: str, page: Page) -> bytes:
    return load.request("GET", page.path, {"host": HOST, "cookie": cookie, "accept": "text/html"})


def _page(one: _Grown, name: str) -> Contestant:
    page = one.pages[name]
    request = _request(one.cookie, page)

    async def turn(seconds: float) -> Turn:
        requests = load.lasting(itertools.repeat(request), seconds)
        return Turn.of(await load.send(HOST, one.server.port, requests, 1, page.status))

    return Contestant(f"{name} at {one.rewards:,}", f"{COMMAND} | GET {page.path}", one.server.spent, turn)


_FORM = re.compile(r'<form method="post" action="([^"]+/approve)">(.*?)</form>', re.DOTALL)
_FIELD = re.compile(r'name="([^"]+)" value="([^"]*)"')


def _deciding(one: _Grown) -> Contestant:
    """Return who approves one reward after the other by the forms of their records: from the click to the next record."""
    shown: list[bytes] = []

    async def turn(seconds: float) -> Turn:
        headers, times = {"host": HOST, "cookie": one.cookie, "accept": "text/html"}, list[float]()
        async with load.connected(HOST, one.server.port, 1) as [connection]:
            shown[:] = shown or [await connection.ask(_request(one.cookie, one.pages["a reward"]))]
            begun = time.perf_counter()
            while (at := time.perf_counter()) < begun + seconds:
                action, fields = _FORM.findall(shown[0].decode())[0]
                body = urlencode({name: html.unescape(value) for name, value in _FIELD.findall(fields)}).encode()
                form = {**headers, "content-type": "application/x-www-form-urlencoded", "origin": f"http://{HOST}"}
                said = await connection.ask(load.request("POST", action, form, body))
                load.check(said, 303)
                onward = re.findall(rb"\r\nlocation: (\S+)", said)[0].decode()
                shown[:] = [await connection.ask(load.request("GET", onward, headers))]
                load.check(shown[0], 200)
                times.append((time.perf_counter() - at) * 1_000)
        return Turn.of(load.Sent(time.perf_counter() - begun, times))

    name = f"{_DECIDING} at {one.rewards:,}"
    return Contestant(name, f"{COMMAND} | POST …/approve, GET the next reward", one.server.spent, turn)


async def _listed(peer: Peer, rows: int) -> Contestant:
    """Return the list of commissions, with as many as there are rewards."""
    for statement in _FILL:
        await peer.database.execute(statement, *([rows] if "$1" in statement else []))
    key = await peer.database.fetchval("select session_key from django_session")
    headers = {"host": HOST, "cookie": f"sessionid={key}", "accept": "text/html"}
    request = load.request("GET", "/admin/django_affiliate_system/commission/", headers)

    return peer.asked(f"Django admin at {rows:,}", "GET its list of commissions", request)
