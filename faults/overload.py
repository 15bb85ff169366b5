"""Overload: the real server is sent ten times what it can decide, and must refuse the rest in time, lose nothing, and recover.

The load is open: a request is sent when its time has come, whether or not the ones before were answered, over as many connections as
that takes.
"""

import asyncio
import contextlib
import json
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import asyncpg
import psutil
from faults.part import Progress, Result
from faults.place import Place
from testkit import load, sent
from testkit.api import Api
from testkit.database import connected
from testkit.product import HOST, Installation
from testkit.waiting import eventually
from testkit.world import advocate, document

QUICK, FULL = 10.0, 60.0
TIMES = 10
_BATCH = 100
_CONNECTIONS = 600
_CALIBRATION = 3.0
_RULES = document(rewards=[advocate(percent="10")])

#: What is promised: seconds for any answer, seconds until an answer is quick again, megabytes of the process.
LONGEST, RECOVERY, MEMORY = 30.0, 10.0, 600
_QUICK_ANSWER = 1.0
_PATIENCE = 600.0  # until all is decided


class Answer(NamedTuple):
    """What a request got: its status (0: the connection ended), seconds, and its head."""

    batch: int
    status: int
    seconds: float
    head: str


class Server(Installation):
    """`goodword serve` on a database of its own, and a workspace in it."""

    owned: dict[str, str]

    def memory(self) -> int:
        """Resident megabytes."""
        return int(psutil.Process(self.processes["serve"].pid).memory_info().rss) >> 20

    def batch(self, number: int, size: int = _BATCH) -> bytes:
        """Return a request of sales: an advocate, then friends with their leads and purchases."""
        said = [sent.enrolled(f"o{number}-0", f"a{number}", f"C{number}")]
        for n in range(1, size):
            id_, friend = f"o{number}-{n}", f"f{number}-{n // 2}"
            lead, sale = sent.lead(id_, friend, code=f"C{number}"), sent.purchase(id_, friend, f"i{number}-{n}", 1_000)
            said.append(lead if n % 2 else sale)
        headers = load.bearer(self.owned["write_key"], host=HOST)
        return load.request("POST", "/v1/events", headers, json.dumps(said).encode())


class Client:
    """Connections that stay open, as many as are needed at once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[load.Connection] = []

    async def ask(self, number: int, request: bytes) -> Answer:
        """Send a request and give its answer."""
        begun = time.monotonic()
        while True:
            reused = bool(self._idle)
            try:
                one = self._idle.pop() if reused else await load.connect(HOST, self._port)
                answer = await one.ask(request)
                break
            except (OSError, load.FailedError):
                if not reused:  # an idle connection may end at any time: then another one is taken
                    return Answer(number, 0, time.monotonic() - begun, "")
        head = answer.partition(b"\r\n\r\n")[0].decode("latin-1").lower()
        if "connection: close" in head:
            one.close()
        else:
            self._idle.append(one)
        return Answer(number, int(head.split(" ", 2)[1]), time.monotonic() - begun, head)

    def close(self) -> None:
        """End all connections."""
        for one in self._idle:
            one.close()


async def sustainable(server: Server, client: Client, conn: asyncpg.Connection) -> float:
    """Return how many events a second are accepted and decided, while as many are sent as are answered."""
    begun = time.monotonic()
    numbers = iter(range(1_000_000, 2_000_000))
    accepted = 0

    async def sender() -> None:
        nonlocal accepted
        while time.monotonic() - begun < _CALIBRATION:
            number = next(numbers)
            answer = await client.ask(number, server.batch(number))
            accepted += _BATCH * (answer.status == 202)

    await asyncio.gather(*(sender() for _ in range(4)))
    await decided(server, conn)
    return accepted / (time.monotonic() - begun)


async def decided(server: Server, conn: asyncpg.Connection) -> None:
    """Return when nothing waits."""
    rest = "select not exists (select from undecided where workspace_id = $1 and waits_for is null)"
    await eventually(lambda: conn.fetchval(rest, server.owned["id"]), patience=_PATIENCE)


class Load(NamedTuple):
    """What came of a load. ``unsent``: requests for which no connection was left."""

    answers: list[Answer]
    unsent: int
    memory: int
    health: list[float]


async def loaded(server: Server, client: Client, rate: float, seconds: float) -> Load:
    """Send so many events a second for so long, and watch the process meanwhile."""
    tasks: list[asyncio.Task[Answer]] = []
    unsent = number = memory = 0
    health: list[float] = []
    begun = looked = time.monotonic()
    progress = Progress("overload, requests", int(rate * seconds / _BATCH))
    while (now := time.monotonic() - begun) < seconds:
        due = int(now * rate / _BATCH)
        while number < due:
            number += 1
            progress.one()
            if sum(not task.done() for task in tasks[-_CONNECTIONS * 2 :]) >= _CONNECTIONS:
                unsent += 1
                continue
            tasks.append(asyncio.create_task(client.ask(number, server.batch(number))))
            await asyncio.sleep(0)
        if time.monotonic() - looked > 0.5:
            looked = time.monotonic()
            memory = max(memory, server.memory())
            tasks.append(asyncio.create_task(_healthy(server, health)))  # type: ignore[arg-type]
        await asyncio.sleep(0.002)
    answers = [one for one in await asyncio.gather(*tasks) if one is not None]
    return Load(answers, unsent, max(memory, server.memory()), health)


async def _healthy(server: Server, health: list[float]) -> None:
    begun = time.monotonic()
    async with load.connected(HOST, server.port, 1) as [one]:
        await one.ask(load.request("GET", "/healthz", {"host": HOST}))
    health.append(time.monotonic() - begun)


async def recovered(server: Server, client: Client) -> float:
    """Return the seconds until ten answers in a row are quick."""
    begun = time.monotonic()
    good, number = 0, 3_000_000
    while good < 10 and time.monotonic() - begun < 6 * RECOVERY:
        number += 1
        answer = await client.ask(number, server.batch(number, 1))
        good = good + 1 if answer.status == 202 and answer.seconds < _QUICK_ANSWER else 0
        await asyncio.sleep(0.05)
    return time.monotonic() - begun


async def run(place_: Place, quick: bool) -> Result:
    """The part of `make faults`."""
    async with place_.database() as dsn, serving(place_, dsn) as server, connected(dsn) as conn:
        with contextlib.closing(Client(server.port)) as client:
            return await _overload(server, client, conn, QUICK if quick else FULL)


async def _overload(server: Server, client: Client, conn: asyncpg.Connection, seconds: float) -> Result:
    rate = await sustainable(server, client, conn)
    rest = server.memory()
    made = await loaded(server, client, TIMES * rate, seconds)
    ended = time.monotonic()
    recovery = await recovered(server, client)
    await decided(server, conn)
    caught_up = time.monotonic() - ended
    statuses = Counter(answer.status for answer in made.answers)
    lost = await _lost(server, conn, [answer.batch for answer in made.answers if answer.status == 202])
    times = sorted(answer.seconds for answer in made.answers)
    wrong = [f"{answer.status}: {answer.head[:200]}" for answer in made.answers if not _good(answer)][:5]
    wrong += [f"{len(lost)} acknowledged batches are not whole: {lost[:5]}"] if lost else []
    wrong += [f"an answer took {times[-1]:.1f} s"] if times[-1] > LONGEST else []
    wrong += [f"the process took {made.memory} MB"] if made.memory > MEMORY else []
    wrong += [f"answers were quick again after {recovery:.1f} s"] if recovery > RECOVERY else []
    wrong += ["nothing was refused: it was no overload"] if not statuses[503] else []

    def at(part: float) -> float:
        return load.percentile(times, part) * 1_000

    notes = (
        f"sustained {rate:,.0f} events/s, offered {TIMES * rate:,.0f} for {seconds:.0f} s in batches of {_BATCH}",
        f"answers {dict(statuses)}, {made.unsent} not sent for want of a connection",
        f"p50 {at(0.5):,.0f} ms, p99 {at(0.99):,.0f} ms, longest {at(1):,.0f} ms; healthz {max(made.health) * 1000:,.0f} ms at most",
        f"memory {rest} MB before, {made.memory} MB at most; quick again after {recovery:.1f} s, all decided after {caught_up:.1f} s",
    )
    what = f"requests at {TIMES} times the sustainable rate"
    return Result("overload", what, len(made.answers), len(wrong), tuple(wrong), notes)


def _good(answer: Answer) -> bool:
    if answer.status == 503:
        return "retry-after:" in answer.head
    return answer.status == 202


async def _lost(server: Server, conn: asyncpg.Connection, batches: list[int]) -> list[int]:
    """Return the acknowledged batches of which an event is not in the log."""
    rows = await conn.fetch(
        """select split_part(e.id, '-', 1) as batch, count(l.position) as decided from event e
           left join log l on l.workspace_id = e.workspace_id and l.evt = e.evt
           where e.workspace_id = $1 and e.source = 'native' group by 1""",
        server.owned["id"],
    )
    whole = {int(row["batch"][1:]) for row in rows if row["decided"] == _BATCH}
    return [batch for batch in batches if batch not in whole]


@asynccontextmanager
async def serving(place_: Place, dsn: str) -> AsyncIterator[Server]:
    """Run `goodword serve` on the database until the block ends."""
    home, key = place_.home / "overload", os.environ["GOODWORD_MASTER_KEY"]
    home.mkdir(exist_ok=True)
    server = Server(home, DATABASE_URL=dsn, GOODWORD_MASTER_KEY=key)
    server.owned = await asyncio.to_thread(
        server.made, "workspace", "create", "overload", "--owner", "owner@example.com"
    )
    try:
        server.start("serve")
        await asyncio.to_thread(server.ready)
        api = Api(server.url, server.owned)
        with contextlib.closing(api.http):
            await asyncio.to_thread(api.say, "owner", "/v1/programs", {"document": _RULES})
        yield server
    finally:
        server.stop()
