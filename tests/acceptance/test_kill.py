"""kill -9 of server, worker and PostgreSQL at random moments, while events come in and people approve and pay.

Every acknowledged event is there and decided once, nothing is paid twice, and the workspace verifies. 5 rounds; FULL=1 runs 50.
"""

import asyncio
import contextlib
import os
import random
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import httpx
import msgspec
from testkit import sent
from testkit.api import Api
from testkit.database import fetch
from testkit.product import Installation, installed
from testkit.waiting import eventually
from testkit.world import advocate, document, friend

from goodword.app.follow import payouts
from goodword.app.follow.kinds import Kind, Queue
from goodword.app.proof.audit import verify
from goodword.core import calendar
from goodword.store.pool import open_pool

ROUNDS = 50 if os.environ.get("FULL") else 5
SEED = int(os.environ.get("SEED", "20260105"))
_PATIENCE = 60.0
_ADVOCATES = 5
_LONG_AGO = 5_000_000  # microseconds
_LEASE = Kind(lambda *_: None, Queue("payouts"), within=payouts._WITHIN).lease
_RULES = document(program="kill", hold="0d", rewards=[advocate(percent="10"), friend(kind="credit", flat={"EUR": 500})])


class Traffic:
    """Clients that never give up: what is not answered is sent again, under the same id, until it is."""

    def __init__(self, place: Installation, api: Api, name: str) -> None:
        self.name = name
        self.acknowledged: list[str] = []
        self.sales = 0
        self.approved: set[str] = set()
        self.released: set[str] = set()
        self._events = place.client(api.keys["wk"])
        self._people = place.client(api.keys["owner"])
        self._ending = asyncio.Event()
        self._said = lambda: place.told("serve")
        self._count = 0

    async def run(self, trouble: Callable[[], Awaitable[None]]) -> None:
        """Run all clients while the trouble lasts, then let each end what it has begun."""
        async with self._events, self._people, asyncio.TaskGroup() as clients:
            for client in (self._send, self._send, self._approve, self._pay):
                clients.create_task(client())
            await trouble()
            self._ending.set()

    async def _send(self) -> None:
        while not self._ending.is_set():
            self._count += 1
            batch = _events(f"{self.name}-{self._count}")
            answer = await self._insist(self._events, "POST", "/v1/events", batch)
            assert answer.status_code == 202, answer.text
            assert {item["status"] for item in answer.json()["items"]} <= {"accepted", "repeat"}, answer.text
            self.acknowledged += [event["id"] for event in batch]
            self.sales += len(batch) // 2

    async def _approve(self) -> None:
        while not self._ending.is_set():
            waiting = (await self._insist(self._people, "GET", "/v1/rewards?status=in_review&limit=20")).json()["items"]
            if not waiting:
                await asyncio.sleep(0.05)
                continue
            frozen = await self._insist(self._people, "GET", _list("/v1/approvals", waiting))
            answer = await self._insist(self._people, "POST", "/v1/approvals", frozen.json())
            assert answer.status_code == 200, answer.text
            assert answer.json()["verdicts"][0]["outcome"] == "approved"
            self.approved.update(item["id"] for item in waiting)

    async def _pay(self) -> None:
        """Time passes, what is due is gathered and released."""
        while not self._ending.is_set():
            now = calendar.parse((await self._insist(self._people, "GET", "/v1/clock")).json()["now"])
            await self._insist(self._people, "POST", "/v1/clock", {"to": calendar.text(now + 50 * calendar.DAY)})
            await self._insist(self._people, "POST", "/v1/payouts", {"rail": "sandbox", "unit": "EUR"})
            listed = await self._insist(self._people, "GET", "/v1/payouts?status=awaiting_release&limit=100")
            waiting = listed.json()["items"]
            if waiting:
                frozen = await self._insist(self._people, "GET", _list("/v1/payouts/release", waiting))
                answer = await self._insist(self._people, "POST", "/v1/payouts/release", frozen.json())
                assert answer.status_code == 200, answer.text
                self.released.update(item["id"] for item in waiting)

    async def _insist(self, client: httpx.AsyncClient, method: str, path: str, body: Any = None) -> httpx.Response:
        """Send a request until it is answered; a command has one Idempotency-Key however often it is sent."""
        headers = {"idempotency-key": uuid.uuid4().hex, "content-type": "application/json"}
        content = None if body is None else msgspec.json.encode(body)
        late = asyncio.get_running_loop().time() + _PATIENCE
        while True:
            try:
                answer = await client.request(method, path, content=content, headers=headers)
            except httpx.TransportError:
                pass
            else:
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    assert answer.status_code < 500, (
                        f"{method} {path}: {answer.status_code} {answer.text}\n{self._said()}"
                    )
                    return answer
            assert asyncio.get_running_loop().time() < late, f"{method} {path} gets no answer"
            await asyncio.sleep(0.05)


async def test_nothing_acknowledged_is_lost_and_nothing_is_paid_twice() -> None:
    """Whatever is killed, and whenever: each acknowledged event is decided once, each reward paid once, and all of it verifies."""
    chance = random.Random(SEED)  # noqa: S311 - which moments, again by the seed
    victims: list[str] = []
    with installed() as place:
        api = _workspace(place)
        acknowledged: list[str] = []
        sales = approved = 0
        for round_ in range(ROUNDS):
            victim = (
                chance.choice(("serve", "worker", "postgres"))
                if round_ >= 3
                else ("serve", "worker", "postgres")[round_]
            )
            victims.append(victim)
            traffic = Traffic(place, api, f"r{round_}")
            await traffic.run(lambda victim=victim: _trouble(place, victim, chance))  # type: ignore[misc]
            acknowledged += traffic.acknowledged
            sales += traffic.sales
            approved += len(traffic.approved)
            await _check(place, api.ws, acknowledged, sales)
        assert approved
        [(paid,)] = await eventually(lambda: fetch(place.dsn, "select count(*) from reward where status = 'paid'"))
        assert paid, "nothing was paid at all"
        done = place.run("verify", "--workspace", api.ws)
        assert done.returncode == 0, done.stdout + done.stderr
    assert set(victims) == {"serve", "worker", "postgres"}


async def _trouble(place: Installation, victim: str, chance: random.Random) -> None:
    """Kill something once everything is under way, start it again, and let the work go on for a while."""
    await asyncio.sleep(chance.uniform(0.2, 1.2))
    if victim == "postgres":
        place.kill_postgres()  # whoever holds it starts it again
    else:
        place.kill(victim)
        await asyncio.sleep(chance.uniform(0.0, 0.3))
        place.start(victim)
    await asyncio.to_thread(place.ready)
    await asyncio.sleep(chance.uniform(0.1, 0.5))


async def _check(place: Installation, ws: str, acknowledged: list[str], sales: int) -> None:
    async with await eventually(lambda: open_pool(place.dsn)) as pool, pool.acquire() as conn:
        await _settled(conn, ws)
        stored = await conn.fetch(
            """select e.id, count(l.evt) as decided from event e
               left join log l on l.workspace_id = e.workspace_id and l.evt = e.evt
               where e.workspace_id = $1 and e.source = 'native' group by e.id""",
            ws,
        )
        assert set(acknowledged) <= {row["id"] for row in stored}
        assert {row["decided"] for row in stored} == {1}
        [(entries, last)] = await conn.fetch("select count(*), max(position) from log where workspace_id = $1", ws)
        assert entries == last
        assert await conn.fetchval("select count(*) from reward where workspace_id = $1", ws) == 2 * sales
        await _paid_once(place, conn, ws)
        assert (await verify(pool, ws)).differences == ()


_ON_THEIR_WAY = """
select e.evt as id, 'undecided' as status, e.trace as error from undecided e where workspace_id = $1
union all
select p.id, p.status, string_agg(format('%s %s %s', j.kind, j.attempts, j.error), ', ' order by j.id)
from payout p left join job j on j.workspace_id = p.workspace_id and j.subject = p.id
where p.workspace_id = $1 and p.status in ('released', 'processing', 'unknown')
group by p.id, p.status having not coalesce(bool_or(j.error ^@ 'UnheardError'), false)
"""


async def _settled(conn: asyncpg.Connection, ws: str) -> None:
    """Wait until nothing is undecided and no payout is on its way, but those that wait for a person: the rail never heard of them.

    The lease of a worker that was killed ends early: whoever still lives did its job long ago. So does the pause of a job
    that failed because the database was away; after many failures it is longer than anybody waits here.
    """

    async def at_rest() -> bool:
        long_ago = time.time_ns() // 1_000 + _LEASE - _LONG_AGO
        await conn.execute("update job set leased_until = 0 where leased_until < $1", long_ago)
        await conn.execute(
            "update job set due_at = 0 where done_at is null and error is not null and not error ^@ 'UnheardError'"
        )
        return not await conn.fetch(_ON_THEIR_WAY, ws)

    await eventually(at_rest)


async def _paid_once(place: Installation, conn: asyncpg.Connection, ws: str) -> None:
    """The rail's own books: what it delivered is what we say was paid, and no reward was delivered twice."""
    books = {path.name: path.read_text().split() for path in (place.home / "sandbox_rail").glob("pay_*")}
    payouts = {row["id"]: row for row in await conn.fetch("select * from payout where workspace_id = $1", ws)}
    delivered: Counter[str] = Counter()
    for id_, (amount, unit) in books.items():
        assert (int(amount), unit) == (payouts[id_]["amount"], payouts[id_]["unit"])
        assert payouts[id_]["status"] == "completed"
        delivered.update(part["reward"] for part in msgspec.json.decode(payouts[id_]["parts"]))
    completed = {id_ for id_, payout in payouts.items() if payout["status"] == "completed"}
    assert completed == set(books)
    assert set(delivered.values()) <= {1}
    paid = {
        row["id"] for row in await conn.fetch("select id from reward where workspace_id = $1 and status = 'paid'", ws)
    }
    assert paid == set(delivered)


def _workspace(place: Installation) -> Api:
    """A sandbox with a manual clock, a program, and advocates who can be paid."""
    made = place.made("workspace", "create", "acceptance", "--mode", "sandbox", "--owner", "owner@example.com")
    api = Api(place.url, made).sandbox("kill", _RULES)
    with contextlib.closing(api.http):
        api.send(*(sent.enrolled(f"e{n}", f"a{n}", f"code{n}") for n in range(_ADVOCATES)))
        for n in range(_ADVOCATES):
            api.payee(f"a{n}", script="succeed" if n else "timeout")
    return api


def _events(name: str) -> list[dict[str, Any]]:
    """Return leads and purchases of five friends."""
    found: list[dict[str, Any]] = []
    for n in range(_ADVOCATES):
        friend = f"{name}-{n}"
        found += [
            sent.lead(f"l-{friend}", friend, code=f"code{n}"),
            sent.purchase(f"p-{friend}", friend, f"i-{friend}", 10_000),
        ]
    return found


def _list(path: str, items: list[dict[str, Any]]) -> str:
    return f"{path}?{'&'.join('id=' + item['id'] for item in items)}"
