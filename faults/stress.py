"""Stress: 64 clients at once on two servers of one database, all after the same rewards, payouts, caps and budgets.

Each thing is asked for several times, over both servers, by several members and by repeats of one request: one approval each, one
payout each, nothing sent twice, caps and budgets hold, a repeat gets the answer of the first, and the workspace verifies.
"""

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import asyncpg
import httpx
import msgspec
from faults.part import Result
from faults.place import Place
from tests.acceptance.installation import Installation

from goodword.app.proof.audit import verify
from goodword.store.pool import open_pool

CLIENTS = 64
_SALES, _SALES_QUICK = 160, 16
_SCARCE_SALES = 24
_CAP, _BUDGET = 10, 8_000  # the budget is the narrower one: eight rewards of 1,000
_PATIENCE = 120.0
_MAIN = """
program: main
currency: EUR
hold: 0d
conversions:
  - rewards:
      - {side: advocate, percent: 10}
"""
_SCARCE = f"""
program: scarce
currency: EUR
hold: 0d
budget: {{EUR: {_BUDGET}}}
conversions:
  - rewards:
      - {{side: advocate, flat: {{EUR: 1000}}, limits: [{{per: month, count: {_CAP}}}]}}
"""


async def run(place: Place, quick: bool) -> Result:
    """Stress two servers once. ``quick``: fewer sales."""
    servers = [Installation(place.home) for _ in range(2)]
    try:
        for server in servers:
            server.start("serve")
        for server in servers:
            await asyncio.to_thread(server.ready)
        async with AsyncExitStack() as stack:
            crowd = await stack.enter_async_context(_crowd(servers, place.seed))
            wrong = await _stress(crowd, _SALES_QUICK if quick else _SALES)
    finally:
        for server in servers:
            server.kill("serve")
    what = (
        f"{CLIENTS} clients on two servers: {crowd.requests:,} requests for {crowd.things:,} things; SEED {place.seed}"
    )
    return Result("stress", f"QUICK: {what}" if quick else what, crowd.requests, len(wrong), tuple(wrong))


class Crowd:
    """The clients. ``keys``: by name; ``requests``: that were answered; ``things``: that were asked for."""

    def __init__(self, clients: list[httpx.AsyncClient], database: str, chance: random.Random) -> None:
        self.database = database
        self.chance = chance
        self.keys: dict[str, str] = {}
        self.ws = ""
        self.requests = 0
        self.things = 0
        self._clients = clients
        self._free = asyncio.Semaphore(CLIENTS)

    async def ask(self, who: str, method: str, path: str, body: Any = None, *, key: str = "", server: int = 0) -> Any:
        """Send a request to a server; returns status and answer."""
        headers = {"authorization": f"Bearer {self.keys[who]}", "idempotency-key": key or uuid.uuid4().hex}
        async with self._free:
            answer = await self._clients[server].request(method, path, json=body, headers=headers)
        self.requests += 1
        return answer.status_code, answer.json()

    async def must(self, who: str, method: str, path: str, body: Any = None) -> Any:
        """Send a request that must succeed."""
        status, answer = await self.ask(who, method, path, body)
        assert status < 300, f"{method} {path}: {status} {answer}"
        return answer

    async def all(self, asking: Iterable[Awaitable[Any]]) -> list[Any]:
        """Let all ask at once, in an order by chance; returns the answers in the order given."""
        listed = list(asking)
        order = self.chance.sample(range(len(listed)), len(listed))
        found = await asyncio.gather(*(listed[at] for at in order))
        return [answer for _, answer in sorted(zip(order, found, strict=True), key=lambda pair: pair[0])]

    async def settled(self, statement: str) -> None:
        """Wait until a count is 0."""
        late = asyncio.get_running_loop().time() + _PATIENCE
        conn = await asyncpg.connect(self.database)
        while left := await conn.fetchval(statement, self.ws):
            assert asyncio.get_running_loop().time() < late, f"{left} do not come to rest: {statement}"
            await asyncio.sleep(0.05)
        await conn.close()

    async def rows(self, statement: str) -> list[Any]:
        """Read; ``$1`` is the workspace."""
        conn = await asyncpg.connect(self.database)
        try:
            return list(await conn.fetch(statement, self.ws))
        finally:
            await conn.close()


@asynccontextmanager
async def _crowd(servers: list[Installation], seed: int) -> AsyncIterator[Crowd]:
    """Yield the clients of a new sandbox with a manual clock, two programs, two approvers and two payers."""
    async with AsyncExitStack() as stack:
        limits = httpx.Limits(max_connections=CLIENTS // len(servers))
        clients = [
            await stack.enter_async_context(httpx.AsyncClient(base_url=one.url, limits=limits, timeout=_PATIENCE))
            for one in servers
        ]
        crowd = Crowd(clients, servers[0].dsn, random.Random(seed))  # noqa: S311 - which order, again by the seed
        made = await asyncio.to_thread(servers[0].made, "workspace", "create", "stress", "--owner", "o@example.com")
        crowd.keys["owner"] = made["owner_key"]
        sandbox = {"name": "stress", "clock": "manual", "starts_at": "2026-01-05T00:00:00Z"}
        made = await crowd.must("owner", "POST", "/v1/workspaces", sandbox)
        crowd.keys = {"owner": made["owner_key"], "sender": made["write_key"], "server": made["secret_key"]}
        crowd.ws = made["id"]
        for document in (_MAIN, _SCARCE):
            await crowd.must("owner", "POST", "/v1/programs", {"document": document})
        for name, role in (("anna", "approver"), ("ben", "approver"), ("pat", "payer"), ("pia", "payer")):
            added = await crowd.must("owner", "POST", "/v1/members", {"email": f"{name}@example.com", "roles": [role]})
            crowd.keys[name] = added["key"]
        yield crowd


async def _stress(crowd: Crowd, sales: int) -> list[str]:
    """Go through the life of rewards, everybody at once at each step; returns what was wrong."""
    wrong: list[str] = []
    await _sell(crowd, sales, wrong)
    await _pay_to(crowd)
    rewards = await _approve(crowd, wrong)
    await _draft(crowd, rewards, wrong)
    await _release(crowd, rewards, wrong)
    pool = await open_pool(crowd.database)
    wrong += [f"verify: {one}" for one in (await verify(pool, crowd.ws)).differences]
    await pool.close()
    return wrong


async def _sell(crowd: Crowd, sales: int, wrong: list[str]) -> None:
    """Each advocate's friends buy, each delivery comes to both servers at once; a cap and a budget are in the way of many."""
    wanted = [(f"m{n}", "main", f"m{n % 8}", 10_000 + n) for n in range(sales)]
    wanted += [(f"s{n}", "scarce", "s", 10_000) for n in range(_SCARCE_SALES)]
    for code, program in sorted({(code, program) for _, program, code, _ in wanted}):
        enrolled = {"type": "advocate.enrolled", "id": f"e-{code}", "external_id": f"a-{code}", "code": code}
        await crowd.must("sender", "POST", "/v1/events", {**enrolled, "program": program})
    events: list[list[dict[str, Any]]] = [
        [
            {"type": "lead.created", "id": f"l-{who}", "customer_external_id": who, "code": code},
            {
                "type": "conversion.recorded",
                "id": f"p-{who}",
                "customer_external_id": who,
                "invoice_id": f"i-{who}",
                "amount": amount,
                "currency": "EUR",
            },
        ]
        for who, _, code, amount in wanted
    ]
    said = await crowd.all(crowd.ask("sender", "POST", "/v1/events", two, server=at) for two in events for at in (0, 1))
    for number, two in enumerate(events):
        statuses = Counter(
            item["status"] for _, answer in said[2 * number : 2 * number + 2] for item in answer["items"]
        )
        if statuses != {"accepted": 2, "repeat": 2}:
            wrong.append(f"{two[1]['id']} was answered {dict(statuses)}")
    await crowd.settled("select count(*) from undecided where workspace_id = $1")
    crowd.things += len(events)
    [(many,)] = await crowd.rows(
        "select count(*) from reward r join program p on p.workspace_id = $1 and p.id = r.program and p.slug = 'main'"
        " where r.workspace_id = $1"
    )
    [(few, spent)] = await crowd.rows(
        "select count(*), sum(amount) from reward r join program p on p.workspace_id = $1 and p.id = r.program"
        " and p.slug = 'scarce' where r.workspace_id = $1 and r.amount > 0"
    )
    if many != sales:
        wrong.append(f"{sales} sales without a limit brought {many} rewards")
    if few != min(_CAP, _BUDGET // 1_000) or spent > _BUDGET:
        wrong.append(f"a cap of {_CAP} and a budget of {_BUDGET} let {few} rewards of {spent} through")


async def _pay_to(crowd: Crowd) -> None:
    """Give every advocate payment details; some of the provider's answers are lost, and it has to be asked."""
    people = [
        row["beneficiary"]
        for row in await crowd.rows("select distinct beneficiary from reward where workspace_id = $1")
    ]
    for number, person in enumerate(sorted(people)):
        details = {"script": "timeout" if number % 2 else "succeed"}
        await crowd.must("server", "PUT", f"/v1/people/{person}/payee", {"rail": "sandbox", "details": details})


async def _approve(crowd: Crowd, wrong: list[str]) -> list[str]:
    """Two approvers approve each reward over both servers, one of them twice under one key; returns the rewards."""
    rewards = [row["id"] for row in await crowd.rows("select id from reward where workspace_id = $1 and amount > 0")]
    lists = await crowd.all(crowd.must("anna", "GET", f"/v1/approvals?id={id_}") for id_ in rewards)
    said = await crowd.all(
        crowd.ask(who, "POST", "/v1/approvals", frozen, key=f"{who}-{id_}", server=server)
        for id_, frozen in zip(rewards, lists, strict=True)
        for who, server in (("anna", 0), ("ben", 1), ("anna", 1))
    )
    _one_each(rewards, said, "approved", wrong)
    crowd.things += len(rewards)
    return rewards


async def _draft(crowd: Crowd, rewards: list[str], wrong: list[str]) -> None:
    """Everybody drafts payouts at once, of everything that is due: each reward gets into one."""
    await crowd.must("owner", "POST", "/v1/clock", {"to": "2026-04-01T00:00:00Z"})
    body = {"rail": "sandbox", "unit": "EUR"}
    await crowd.all(
        crowd.ask(who, "POST", "/v1/payouts", body, server=server)
        for who in ("pat", "pia")
        for server in (0, 1)
        for _ in range(8)
    )
    parts = await crowd.rows("select parts from payout where workspace_id = $1")
    held = Counter(part["reward"] for row in parts for part in msgspec.json.decode(row["parts"]))
    if held != Counter(rewards):
        wrong.append(f"{len(rewards)} rewards are in payouts {held.total()} times")


async def _release(crowd: Crowd, rewards: list[str], wrong: list[str]) -> None:
    """Two payers release each payout over both servers, one of them twice under one key; the workers of both send them."""
    payouts = [row["id"] for row in await crowd.rows("select id from payout where workspace_id = $1")]
    lists = await crowd.all(crowd.must("pat", "GET", f"/v1/payouts/release?id={id_}") for id_ in payouts)
    said = await crowd.all(
        crowd.ask(who, "POST", "/v1/payouts/release", frozen, key=f"{who}-{id_}", server=server)
        for id_, frozen in zip(payouts, lists, strict=True)
        for who, server in (("pat", 0), ("pia", 1), ("pat", 1))
    )
    _one_each(payouts, said, "released", wrong)
    crowd.things += len(payouts)
    await crowd.settled("select count(*) from payout where workspace_id = $1 and status <> 'completed'")
    [(paid,)] = await crowd.rows("select count(*) from reward where workspace_id = $1 and status = 'paid'")
    [(settled, owed)] = await crowd.rows(
        "select (select sum(amount) from posting where workspace_id = $1 and destination = 'settled'),"
        " (select sum(amount) from reward where workspace_id = $1)"
    )
    if paid != len(rewards) or settled != owed:
        wrong.append(f"{paid} of {len(rewards)} rewards are paid, {settled} of {owed}")


def _one_each(ids: list[str], said: list[Any], outcome: str, wrong: list[str]) -> None:
    """Of three requests for each thing, the first and the last are the same one; the first or the second does it."""
    for number, id_ in enumerate(ids):
        answers = said[3 * number : 3 * number + 3]
        one, two, again = (_outcome(answer) for answer in answers)
        if one != again or answers[0][1] != answers[2][1]:
            wrong.append(f"{id_}: one request was answered {answers[0]}, and sent again {answers[2]}")
        if sorted((one, two)) != sorted((outcome, "wrong_state")):
            wrong.append(f"{id_}: two members were answered {one}, {two}")


def _outcome(answer: tuple[int, Any]) -> str:
    status, said = answer
    return str(said["verdicts"][0]["outcome"] if status < 300 else said.get("code"))
