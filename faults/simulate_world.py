"""A simulated company: a workspace, two server processes on one real PostgreSQL, a provider, and clients that never give up.

What a client was not answered it sends again, under the same id, until it is; what it was answered is written down here, to
be held against the database in the end. Must not know: which faults there are.
"""

import asyncio
import gzip
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TypeVar

import asyncpg
import msgspec
from faults.part import Trials
from faults.simulate_rail import NAME, Provider
from faults.simulate_request import Reply, request
from faults.simulate_strikes import Strikes, Turns
from faults.simulate_time import DAY, HOUR, SECOND, Clock
from testkit.house import Household
from testkit.load import bearer
from testkit.process import Process

from goodword.app.directory import Directory
from goodword.app.follow import messages, payouts, schedules
from goodword.app.principal import OPERATOR, Principal
from goodword.app.say import changes, clock, members, programs, workspaces
from goodword.app.write import process
from goodword.core import calendar
from goodword.core.entry import Entry
from goodword.core.state import Change
from goodword.outbound.rails.bank_file import BankFile
from goodword.outbound.rails.discount_code import DISCOUNT_CODE, DiscountCode
from goodword.outbound.rails.store_credit import STORE_CREDIT, StoreCredit
from goodword.store.vault import MasterKey, Vault
from goodword.store.workspaces import Workspace
from goodword.worker import Worker

T = TypeVar("T")

#: What a client or a worker may meet while the database is in trouble: it tries again.
AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
_TRIES = 12
_RECOVERY = 60.0  # real seconds in which a database that went away comes back
_GONE = (OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError)
_UNAVAILABLE = 503


class Ground(NamedTuple):
    """What all runs share: the database, a pool of connections a server process with what strikes it, the master keys.

    ``masters``: that the processes know, the present one first.
    """

    dsn: str
    pools: tuple[asyncpg.Pool, asyncpg.Pool]
    strikes: tuple[Strikes, Strikes]
    owner: asyncpg.Connection
    masters: tuple[MasterKey, ...]
    folder: Path
    restart: Callable[[], None]

    @property
    def vault(self) -> Vault:
        """The vault of a process."""
        return Vault(*self.masters)


class Server(Process):
    """A process of the product, with its worker and what strikes it."""

    def __init__(self, ground: Ground, number: int, provider: Provider, clock: Clock) -> None:
        super().__init__(ground.pools[number], ground.vault, ground.folder / str(number), clock)
        self.strikes = ground.strikes[number]
        ours = {STORE_CREDIT: StoreCredit(ground.folder), DISCOUNT_CODE: DiscountCode(ground.folder)}
        rails = {"bank_file": BankFile(ground.folder), **ours, NAME: provider}
        kinds = (payouts.kinds(self.directory, rails), schedules.kinds(self.directory), messages.kinds(self.directory))
        self.worker = Worker(self.engine, self.vault, {name: kind for of in kinds for name, kind in of.items()})


class World(Trials):
    """One run: everything in it follows from the seed."""

    def __init__(self, ground: Ground, clock: Clock, random: Random) -> None:
        super().__init__()
        self.ground = ground
        self.clock = clock
        self.random = random
        self.provider = Provider()
        self._turns = Turns(random, ground.owner)
        for strikes in ground.strikes:
            strikes.disarm()  # what a run before that broke off has left
            strikes.turns = self._turns
        self.servers = self._started()
        self.outcomes: Counter[str] = Counter()
        self.struck: Counter[str] = Counter()
        self.story: list[str] = []
        self.root = ""  # a digest of the whole log at its end
        #: id of each event that was acknowledged -> what was sent
        self.acknowledged: dict[str, dict[str, Any]] = {}
        self.decided: list[str] = []  # evts of commands that were answered
        self.advocates: list[str] = []
        self.friends: list[str] = []
        self.invoices: list[tuple[str, int, str]] = []
        self.refunds: list[tuple[str, str, int]] = []
        self.contracts: list[str] = []  # ids of events
        self.issues: list[tuple[str, str]] = []  # customers and the names of their issues
        self.unreadable = 0  # rows that this version cannot read and that a fault has put there
        self.reached: Counter[str] = Counter()  # types of events that were decided
        self._count = 0
        self._manual: int | None = None
        self.workspace: Workspace
        self.people: tuple[Principal, ...]
        self.write_key: str

    # --- the place ---

    @property
    def server(self) -> Server:
        """One of the processes."""
        return self.random.choice(self.servers)

    @property
    def directory(self) -> Directory:
        """The first process's."""
        return self.servers[0].directory

    @property
    def house(self) -> Household:
        """The workspace as the first process has it."""
        return Household(self.servers[0].engine, self.ground.vault, self.workspace)

    @property
    def now(self) -> int:
        """What the workspace's clock shows."""
        return self.clock.wall if self._manual is None else self._manual

    def restart(self, *masters: MasterKey) -> None:
        """Let both processes start anew, with these master keys."""
        self.ground = self.ground._replace(masters=masters)
        self.servers = self._started()

    def _started(self) -> tuple[Server, Server]:
        one, other = (Server(self.ground, number, self.provider, self.clock) for number in (0, 1))
        return one, other

    async def furnish(self, rules: dict[str, Any], kind: str | None = None) -> None:
        """Make the workspace, its members, its rules. No fault strikes here. ``kind``: of its clock; by chance, unless said."""
        kind = kind or self.random.choice(("real", "real", "manual"))
        self._manual = self.clock.wall if kind == "manual" else None
        made = await workspaces.create(
            OPERATOR, self.directory, "simulation", "owner@example.com", clock=kind, starts_at=self._manual
        )
        found = await self.directory.workspace(made.id)
        assert found is not None
        self.workspace, self.write_key = found, made.write_key
        owner = Principal("mk", found, await self.directory.member(found.id, made.owner))
        self.people = (owner,)
        works, few = ("approver", "payer"), {"EUR": 2_000, "JPY": 3_000, "BHD": 20_000}
        for name, roles, limits in (("anna", works, None), ("ben", works, few), ("olga", ("owner",), None)):
            said = await members.set_member(owner, self.directory, f"{name}@example.com", roles, limits)
            for change in await self.house.every(Change):
                if change.status == "open":
                    await self.decide_change(OPERATOR.at(found), change.id, "confirmed")
            self.people += (Principal("mk", found, await self.directory.member(found.id, said.member)),)
        await self.publish(rules)

    async def together(self, *doings: Coroutine[Any, Any, Any]) -> list[Any]:
        """Do several things at once, in an order that follows from the seed."""
        return await self._turns.together(*doings)

    # --- clients ---

    def number(self) -> int:
        """A number that was not there before."""
        self._count += 1
        return self._count

    async def insist(self, doing: Callable[[], Awaitable[T]]) -> T:
        """Do it until it is done; raises what is no fault of the database, or does not end."""
        tries, late = 0, time.monotonic() + _RECOVERY
        while True:
            try:
                return await doing()
            except AWAY as error:
                self.outcomes[f"tried again: {type(error).__name__}"] += 1
                tries += not isinstance(error, _GONE)
                if tries == _TRIES or time.monotonic() > late:
                    raise
                self.clock.passes(SECOND // 5)
                await asyncio.sleep(0.02)

    async def send(self, *items: dict[str, Any], key: str | None = None, server: Server | None = None) -> Reply:
        """Send events until they are answered, and write down what was acknowledged."""
        body = msgspec.json.encode(items)
        headers = bearer(key or self.write_key)
        if self.random.random() < 0.2:
            body, headers["content-encoding"] = gzip.compress(body, mtime=0), "gzip"
        late = time.monotonic() + _RECOVERY
        while True:
            answer = await request((server or self.server).edge, "POST", "/v1/events", headers=headers, body=body)
            if answer.status != _UNAVAILABLE or time.monotonic() > late:
                break
            self.expect("retry-after" in answer.headers, "503 without Retry-After")
            self.outcomes["tried again: 503"] += 1
            self.clock.passes(SECOND)
            await asyncio.sleep(0.02)
        self.outcomes[f"events: {answer.status}"] += 1
        if answer.status == 202:
            self._note(items, answer.json()["items"])
        else:
            self.expect(400 <= answer.status < 500, f"events were answered {answer.status}: {answer.body[:200]!r}")
        return answer

    async def tell(self, *items: dict[str, Any]) -> None:
        """Send events, and let a worker look."""
        await self.send(*items)
        await self.decide()

    def _note(self, items: tuple[dict[str, Any], ...], answers: list[dict[str, Any]]) -> None:
        self.expect(len(items) == len(answers), f"{len(items)} events got {len(answers)} answers")
        for item, answer in zip(items, answers, strict=False):
            self.outcomes[f"event: {answer['status']}"] += 1
            if answer["status"] in ("accepted", "repeat"):
                self.acknowledged.setdefault(item["id"], item)

    async def click(self, code: str) -> str:
        """Follow a link; returns the page that it leads to."""
        path = f"/w/{self.workspace.id}/r/{code}"
        answer = await request(self.server.edge, "GET", path, headers={"user-agent": "Mozilla/5.0"})
        self.expect(answer.status in (302, 404, 503), f"a link was answered {answer.status}")
        return answer.headers.get("location", "")

    async def keyed(self, doing: Callable[[str], Awaitable[Entry]]) -> Entry:
        """Do a command until it is answered, under one key."""
        key = f"k{self.number()}"
        entry = await self.insist(lambda: doing(key))
        if entry.event.evt not in self.decided:
            self.decided.append(entry.event.evt)
        for verdict in entry.verdicts:
            self.outcomes[f"command: {verdict.refusal or verdict.outcome}"] += 1
        return entry

    async def say(self, command: Callable[..., Awaitable[Entry]], who: Principal, *given: Any, **named: Any) -> Entry:
        """Say a command until it is answered."""
        return await self.keyed(lambda key: command(who, self.directory, *given, key=key, **named))

    async def publish(self, rules: dict[str, Any]) -> None:
        """Publish rules."""
        await self.say(programs.publish, self.people[0], msgspec.json.encode(rules), "rules.json")

    async def set_member(self, who: Principal, mail: str, roles: tuple[str, ...], limits: dict[str, int]) -> None:
        """Ask that a member gets roles and limits."""

        async def said(key: str) -> Entry:
            return (await members.set_member(who, self.directory, mail, roles, limits, key)).entry

        await self.keyed(said)

    async def decide_change(self, who: Principal, change: str, outcome: str) -> None:
        """Confirm what was asked for, or do not."""

        async def said(key: str) -> Entry:
            return (await changes.decide(who, self.directory, change, outcome, key)).entry

        await self.keyed(said)

    # --- workers and time ---

    async def decide(self, server: Server | None = None) -> int:
        """Let a worker decide a batch."""
        engine = (server or self.server).engine
        return await self.insist(lambda: process.process(engine, self.workspace.id))

    async def drain(self) -> None:
        """Decide all that waits."""
        await self.insist(lambda: process.drain(self.server.engine, self.workspace.id))

    async def work(self, server: Server | None = None) -> None:
        """Let a worker do the jobs that are due."""
        worker = (server or self.server).worker
        await self.insist(worker.do_jobs)

    async def wait(self, microseconds: int) -> None:
        """Let time pass, on the workspace's clock too."""
        self.clock.passes(microseconds)
        if self._manual is not None:
            to = self._manual + microseconds
            await self.say(clock.move, self.people[0], to)
            self._manual = to
        await self.decide()

    def late(self) -> dict[str, str]:
        """What a sender says of something that was some time ago."""
        return {"occurred_at": calendar.text(self.now - self.random.choice((HOUR, DAY, 4 * DAY)))}
