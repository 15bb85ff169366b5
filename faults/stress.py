"""Stress: 64 clients at once on two servers of one database, all after the same rewards, payouts, caps and budgets.

Each thing is asked for several times, over both servers, by several members and by repeats of one request: one approval each, one
payout each, nothing sent twice, caps and budgets hold, a repeat gets the answer of the first, and the workspace verifies.
"""

import asyncio
import contextlib
import os
import random
import uuid
from collections import Counter
from collections.abc import Awaitable, Iterable
from typing import Any

import httpx
import msgspec
from faults.part import Result, Trials
from faults.place import Place
from testkit import sent
from testkit.api import Api
from testkit.database import fetch
from testkit.product import Installation
from testkit.waiting import eventually
from testkit.world import advocate, document

from goodword.app.proof.audit import verify
from goodword.store.pool import open_pool

CLIENTS = 64
_SALES, _SALES_QUICK = 160, 16
_SCARCE_SALES = 24
_CAP, _BUDGET = 10, 8_000  # the budget is the narrower one: eight rewards of 1,000
_PATIENCE = 120.0
_MAIN = document(hold="0d", rewards=[advocate(percent="10")])
_SCARCE = document(
    program="scarce",
    hold="0d",
    budget={"EUR": _BUDGET},
    rewards=[advocate(flat={"EUR": 1_000}, limits=[{"per": "month", "count": _CAP}])],
)


async def run(place: Place, quick: bool) -> Result:
    """Go through the life of rewards on two servers once, everybody at once at each step. ``quick``: fewer sales."""
    servers = [Installation(place.home, GOODWORD_MASTER_KEY=os.environ["GOODWORD_MASTER_KEY"]) for _ in range(2)]
    try:
        for server in servers:
            server.start("serve")
        for server in servers:
            await asyncio.to_thread(server.ready)
        api = await asyncio.to_thread(_workspace, servers[0])
        limits = httpx.Limits(max_connections=CLIENTS // len(servers))
        clients = [httpx.AsyncClient(base_url=one.url, limits=limits, timeout=_PATIENCE) for one in servers]
        async with clients[0], clients[1]:
            crowd = Crowd(clients, servers[0].dsn, random.Random(place.seed), api)  # noqa: S311 - which order, again by the seed
            await _sell(crowd, _SALES_QUICK if quick else _SALES)
            await _pay_to(crowd)
            rewards = await _approve(crowd)
            await _draft(crowd, rewards)
            await _release(crowd, rewards)
        async with await open_pool(crowd.database) as pool:
            crowd.wrong += [f"verify: {one}" for one in (await verify(pool, crowd.ws)).differences]
    finally:
        for server in servers:
            server.kill("serve")
    who = f"{'QUICK: ' if quick else ''}{CLIENTS} clients on two servers"
    what = f"{who}: {crowd.requests:,} requests for {crowd.things:,} things; SEED {place.seed}"
    return Result("stress", what, crowd.requests, len(crowd.wrong), tuple(crowd.wrong))


def _workspace(server: Installation) -> Api:
    """Return a new sandbox with a manual clock, two programs, two approvers and two payers."""
    made = server.made("workspace", "create", "stress", "--mode", "sandbox", "--owner", "o@example.com")
    api = Api(server.url, made).sandbox("stress", _MAIN, _SCARCE)
    with contextlib.closing(api.http):
        for name, role in (
            ("anna", "approver"),
            ("ben", "approver"),
            ("pat", "payer"),
            ("pia", "payer"),
            ("pam", "payer"),
            ("pen", "payer"),
        ):
            api.member(name, role)
    return api


class Crowd(Trials):
    """The clients. ``keys``: by name; ``requests``: that were answered; ``things``: that were asked for."""

    def __init__(self, clients: list[httpx.AsyncClient], database: str, chance: random.Random, api: Api) -> None:
        super().__init__()
        self.database = database
        self.chance = chance
        self.keys, self.ws = api.keys, api.ws
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

    async def settled(self, rows: str) -> None:
        """Wait until there are no such rows."""
        none = f"select not exists (select {rows})"
        await eventually(lambda: self.value(none), patience=_PATIENCE)

    async def value(self, statement: str) -> Any:
        """Read one value."""
        return (await self.rows(statement))[0][0]

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Read; ``$1`` is the workspace."""
        return await fetch(self.database, statement, self.ws)


async def _sell(crowd: Crowd, sales: int) -> None:
    """Each advocate's friends buy, each delivery comes to both servers at once; a cap and a budget are in the way of many."""
    wanted = [(f"m{n}", "main", f"m{n % 8}", 10_000 + n) for n in range(sales)]
    wanted += [(f"s{n}", "scarce", "s", 10_000) for n in range(_SCARCE_SALES)]
    for code, program in sorted({(code, program) for _, program, code, _ in wanted}):
        enrolled = sent.enrolled(f"e-{code}", f"a-{code}", code, program=program)
        await crowd.must("wk", "POST", "/v1/events", enrolled)
    events = [
        [sent.lead(f"l-{who}", who, code=code), sent.purchase(f"p-{who}", who, f"i-{who}", amount)]
        for who, _, code, amount in wanted
    ]
    said = await crowd.all(crowd.ask("wk", "POST", "/v1/events", two, server=at) for two in events for at in (0, 1))
    for number, two in enumerate(events):
        statuses = Counter(
            item["status"] for _, answer in said[2 * number : 2 * number + 2] for item in answer["items"]
        )
        crowd.expect(statuses == {"accepted": 2, "repeat": 2}, f"{two[1]['id']} was answered {dict(statuses)}")
    await crowd.settled("from undecided where workspace_id = $1")
    crowd.things += len(events)
    many = await crowd.value(
        "select count(*) from reward r join program p on p.workspace_id = $1 and p.id = r.program and p.slug = 'main'"
        " where r.workspace_id = $1"
    )
    [(few, spent)] = await crowd.rows(
        "select count(*), sum(amount) from reward r join program p on p.workspace_id = $1 and p.id = r.program"
        " and p.slug = 'scarce' where r.workspace_id = $1 and r.amount > 0"
    )
    crowd.expect(many == sales, f"{sales} sales without a limit brought {many} rewards")
    kept = few == min(_CAP, _BUDGET // 1_000) and spent <= _BUDGET
    crowd.expect(kept, f"a cap of {_CAP} and a budget of {_BUDGET} let {few} rewards of {spent} through")


async def _pay_to(crowd: Crowd) -> None:
    """Give every advocate payment details; some of the provider's answers are lost, and it has to be asked."""
    people = sorted(await crowd.rows("select distinct beneficiary from reward where workspace_id = $1"))
    for number, (person,) in enumerate(people):
        details = {"script": "timeout" if number % 2 else "succeed"}
        await crowd.must("sk", "PUT", f"/v1/people/{person}/payee", {"rail": "sandbox", "details": details})


async def _approve(crowd: Crowd) -> list[str]:
    """Two approvers approve each reward over both servers, one of them twice under one key; returns the rewards."""
    rewards = [id_ for (id_,) in await crowd.rows("select id from reward where workspace_id = $1 and amount > 0")]
    await _each_once(crowd, "/v1/approvals", rewards, ("anna", "ben"), "approved")
    return rewards


async def _draft(crowd: Crowd, rewards: list[str]) -> None:
    """Everybody drafts payouts at once, of everything that is due: each reward gets into one."""
    await crowd.must("owner", "POST", "/v1/clock", {"to": "2026-04-01T00:00:00Z"})
    body = {"rail": "sandbox", "unit": "EUR"}
    await crowd.all(
        crowd.ask(who, "POST", "/v1/payouts", body, server=server)
        for who in ("pam", "pen")
        for server in (0, 1)
        for _ in range(8)
    )
    parts = await crowd.rows("select parts from payout where workspace_id = $1")
    held = Counter(part["reward"] for (row,) in parts for part in msgspec.json.decode(row))
    crowd.expect(held == Counter(rewards), f"{len(rewards)} rewards are in payouts {held.total()} times")


async def _release(crowd: Crowd, rewards: list[str]) -> None:
    """Two payers release each payout over both servers, one of them twice under one key; the workers of both send them."""
    payouts = [id_ for (id_,) in await crowd.rows("select id from payout where workspace_id = $1")]
    await _each_once(crowd, "/v1/payouts/release", payouts, ("pat", "pia"), "released")
    await crowd.settled("from payout where workspace_id = $1 and status <> 'completed'")
    paid = await crowd.value("select count(*) from reward where workspace_id = $1 and status = 'paid'")
    [(settled, owed)] = await crowd.rows(
        "select (select sum(amount) from posting where workspace_id = $1 and destination = 'settled'),"
        " (select sum(amount) from reward where workspace_id = $1)"
    )
    is_paid = paid == len(rewards) and settled == owed
    crowd.expect(is_paid, f"{paid} of {len(rewards)} rewards are paid, {settled} of {owed}")


async def _each_once(crowd: Crowd, path: str, ids: list[str], members: tuple[str, str], outcome: str) -> None:
    """Two members say yes to the frozen list of each thing over both servers, the first of them twice under one key; one does it."""
    one, other = members
    lists = await crowd.all(crowd.must(one, "GET", f"{path}?id={id_}") for id_ in ids)
    said = await crowd.all(
        crowd.ask(who, "POST", path, frozen, key=f"{who}-{id_}", server=server)
        for id_, frozen in zip(ids, lists, strict=True)
        for who, server in ((one, 0), (other, 1), (one, 1))
    )
    crowd.things += len(ids)
    for number, id_ in enumerate(ids):
        answers = said[3 * number : 3 * number + 3]
        first, second, again = (_outcome(answer) for answer in answers)
        is_same = first == again and answers[0][1] == answers[2][1]
        crowd.expect(is_same, f"{id_}: one request was answered {answers[0]}, and sent again {answers[2]}")
        is_one = sorted((first, second)) == sorted((outcome, "wrong_state"))
        crowd.expect(is_one, f"{id_}: two members were answered {first}, {second}")


def _outcome(answer: tuple[int, Any]) -> str:
    status, said = answer
    return str(said["verdicts"][0]["outcome"] if status < 300 else said.get("code"))
