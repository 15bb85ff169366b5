"""Overload: the real server is sent ten times what it can decide, and must refuse the rest in time, lose nothing, and recover.

The load is open: a request is sent when its time has come, whether or not the ones before were answered, over as many connections as
that takes.
"""

import asyncio
import contextlib
import itertools
import json
import os
import time
from collections import Counter
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

    @property
    def good(self) -> bool:
        """Whether it was taken, or refused with a time at which to come again."""
        return self.status == 202 or (self.status == 503 and "retry-after:" in self.head)


class Overload:
    """A server, a connection to its database, and who sends to it: over connections that stay open, as many as are needed at once."""

    def __init__(self, server: Installation, conn: asyncpg.Connection, owned: dict[str, str]) -> None:
        self.server, self.conn, self.owned = server, conn, owned
        self.unsent = self.memory = 0  # requests for which no connection was left; megabytes at most
        self.health: list[float] = []
        self._process = psutil.Process(server.processes["serve"].pid)
        self._idle: list[load.Connection] = []
        self._numbers = itertools.count(1)

    def look(self) -> int:
        """Return the resident megabytes, and keep the most."""
        now = int(self._process.memory_info().rss) >> 20
        self.memory = max(self.memory, now)
        return now

    async def ask(self, size: int = _BATCH) -> Answer:
        """Send a request of sales: an advocate, then friends with their leads and purchases; returns its answer."""
        number = next(self._numbers)
        said = [sent.enrolled(f"o{number}-0", f"a{number}", f"C{number}")]
        for n in range(1, size):
            id_, friend = f"o{number}-{n}", f"f{number}-{n // 2}"
            lead, sale = sent.lead(id_, friend, code=f"C{number}"), sent.purchase(id_, friend, f"i{number}-{n}", 1_000)
            said.append(lead if n % 2 else sale)
        headers = load.bearer(self.owned["write_key"], host=HOST)
        request = load.request("POST", "/v1/events", headers, json.dumps(said).encode())
        begun = time.monotonic()
        while True:
            reused = bool(self._idle)
            try:
                one = self._idle.pop() if reused else await load.connect(HOST, self.server.port)
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

    async def sustainable(self) -> float:
        """Return how many events a second are accepted and decided, while as many are sent as are answered."""
        begun = time.monotonic()

        async def accepted() -> int:
            found = 0
            while time.monotonic() - begun < _CALIBRATION:
                found += (await self.ask()).status == 202
            return found

        batches = sum(await asyncio.gather(*(accepted() for _ in range(4))))
        await self.decided()
        return batches * _BATCH / (time.monotonic() - begun)

    async def decided(self) -> None:
        """Return when nothing waits."""
        rest = "select not exists (select from undecided where workspace_id = $1 and waits_for is null)"
        await eventually(lambda: self.conn.fetchval(rest, self.owned["id"]), patience=_PATIENCE)

    async def loaded(self, rate: float, seconds: float) -> list[Answer]:
        """Send so many events a second for so long, and watch the process meanwhile."""
        tasks: list[asyncio.Task[Answer]] = []
        watching = asyncio.create_task(self._watch())
        progress = Progress("overload, requests", int(rate * seconds / _BATCH))
        number, begun = 0, time.monotonic()
        while (now := time.monotonic() - begun) < seconds:
            while number < int(now * rate / _BATCH):
                number += 1
                progress.one()
                if sum(not task.done() for task in tasks[-_CONNECTIONS * 2 :]) >= _CONNECTIONS:
                    self.unsent += 1
                    continue
                tasks.append(asyncio.create_task(self.ask()))
                await asyncio.sleep(0)
            await asyncio.sleep(0.002)
        answers = await asyncio.gather(*tasks)
        watching.cancel()
        return answers

    async def _watch(self) -> None:
        while True:
            self.look()
            begun = time.monotonic()
            async with load.connected(HOST, self.server.port, 1) as [one]:
                await one.ask(load.request("GET", "/healthz", {"host": HOST}))
            self.health.append(time.monotonic() - begun)
            await asyncio.sleep(0.5)

    async def recovered(self) -> float:
        """Return the seconds until ten answers in a row are quick."""
        begun, good = time.monotonic(), 0
        while good < 10 and time.monotonic() - begun < 6 * RECOVERY:
            answer = await self.ask(1)
            good = good + 1 if answer.status == 202 and answer.seconds < _QUICK_ANSWER else 0
            await asyncio.sleep(0.05)
        return time.monotonic() - begun

    async def lost(self, batches: list[int]) -> list[int]:
        """Return those of these batches of which an event is not in the log."""
        rows = await self.conn.fetch(
            """select split_part(e.id, '-', 1) as batch, count(l.position) as decided from event e
               left join log l on l.workspace_id = e.workspace_id and l.evt = e.evt
               where e.workspace_id = $1 and e.source = 'native' group by 1""",
            self.owned["id"],
        )
        whole = {int(row["batch"][1:]) for row in rows if row["decided"] == _BATCH}
        return [batch for batch in batches if batch not in whole]

    def close(self) -> None:
        """End all connections."""
        for one in self._idle:
            one.close()


async def run(place_: Place, quick: bool) -> Result:
    """The part of `make faults`: `goodword serve` on a database and a workspace of its own."""
    home = place_.home / "overload"
    home.mkdir()
    async with place_.database() as dsn, connected(dsn) as conn:
        server = Installation(home, DATABASE_URL=dsn, GOODWORD_MASTER_KEY=os.environ["GOODWORD_MASTER_KEY"])
        owned = await asyncio.to_thread(
            server.made, "workspace", "create", "overload", "--mode", "sandbox", "--owner", "owner@example.com"
        )
        try:
            server.start("serve")
            await asyncio.to_thread(server.ready)
            api = Api(server.url, owned)
            with contextlib.closing(api.http):
                await asyncio.to_thread(api.say, "owner", "/v1/programs", {"document": _RULES})
            with contextlib.closing(Overload(server, conn, owned)) as overload:
                return await _result(overload, QUICK if quick else FULL)
        finally:
            server.stop()


async def _result(over: Overload, seconds: float) -> Result:
    rate = await over.sustainable()
    rest = over.look()
    answers = await over.loaded(TIMES * rate, seconds)
    over.look()
    ended = time.monotonic()
    recovery = await over.recovered()
    await over.decided()
    caught_up = time.monotonic() - ended
    statuses = Counter(answer.status for answer in answers)
    lost = await over.lost([answer.batch for answer in answers if answer.status == 202])
    times = sorted(answer.seconds for answer in answers)
    wrong = [f"{answer.status}: {answer.head[:200]}" for answer in answers if not answer.good][:5]
    wrong += [f"{len(lost)} acknowledged batches are not whole: {lost[:5]}"] if lost else []
    wrong += [f"an answer took {times[-1]:.1f} s"] if times[-1] > LONGEST else []
    wrong += [f"the process took {over.memory} MB"] if over.memory > MEMORY else []
    wrong += [f"answers were quick again after {recovery:.1f} s"] if recovery > RECOVERY else []
    wrong += ["nothing was refused: it was no overload"] if not statuses[503] else []
    p50, p99 = (load.percentile(times, part) * 1_000 for part in (0.5, 0.99))
    notes = (
        f"sustained {rate:,.0f} events/s, offered {TIMES * rate:,.0f} for {seconds:.0f} s in batches of {_BATCH}",
        f"answers {dict(statuses)}, {over.unsent} not sent for want of a connection",
        f"p50 {p50:,.0f} ms, p99 {p99:,.0f} ms, longest {times[-1] * 1e3:,.0f} ms; healthz {max(over.health) * 1e3:,.0f} ms at most",
        f"memory {rest} MB before, {over.memory} MB at most; quick again after {recovery:.1f} s, all decided after {caught_up:.1f} s",
    )
    what = f"requests at {TIMES} times the sustainable rate"
    return Result("overload", what, len(answers), len(wrong), tuple(wrong), notes)
