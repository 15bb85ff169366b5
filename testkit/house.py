"""A workspace in a real database with people in it, reached through the write path itself.

A house holds a pool of its own, as a process does: two houses on one database are two processes as far as PostgreSQL can tell.
``House`` is sent events as a server sends them; the tests of app have one that is told the core's own.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import asyncpg
import msgspec

from goodword.app.directory import Directory
from goodword.app.engine import Engine
from goodword.app.follow.follower import catch_up
from goodword.app.follow.registry import REGISTRY
from goodword.app.intake.clicks import Clicks
from goodword.app.intake.ingest import Ingest
from goodword.app.principal import OPERATOR, Principal
from goodword.app.say.payees import set_payee
from goodword.app.write import commands, process
from goodword.core import calendar, events, invariants, lists, payouts, reviews
from goodword.core import rules as core_rules
from goodword.core.entry import Entry
from goodword.core.events import AnyEvent, Item
from goodword.core.facts import Actor
from goodword.core.state import NOUNS, Code, Payee, Payout, Program, Reward, State
from goodword.sources import native_read
from goodword.sources.base import Answer
from goodword.sources.native_source import SENDERS
from goodword.store import entities, log, rules, workspaces
from goodword.store.pool import open_pool
from goodword.store.vault import MasterKey, Vault
from testkit import sent, world

START = calendar.parse("2026-01-05T00:00:00Z")
#: Past the hold of what was earned at START, and due.
DUE = "2026-03-01T00:00:00Z"
OWNER = Actor(id="mem_owner", kind="member", roles=("owner",))
#: Payment details come from the company's own system: a member who entered them could not approve what goes there.
SERVER = Actor(id="sk:key_server", kind="key")
ANNA = Actor(id="mem_anna", kind="member", roles=("approver",))
BEN = Actor(id="mem_ben", kind="member", roles=("approver",))
PAT = Actor(id="mem_pat", kind="member", roles=("payer",))
PIA = Actor(id="mem_pia", kind="member", roles=("payer",))
PEOPLE = (OWNER, ANNA, BEN, PAT, PIA)

RULES = world.rules(
    hold="0d",
    rewards=[
        world.advocate(percent="10", limits=[{"per": "month", "count": 100_000}]),
        world.friend(flat={"EUR": 500}),
    ],
)


class Household:
    """One workspace behind one pool: what people say in it, and what is in it. ``owner``: who speaks, unless somebody else does."""

    RULES: ClassVar[dict[str, Any]] = RULES

    def __init__(self, engine: Engine, vault: Vault, workspace: workspaces.Workspace, owner: Actor = OWNER) -> None:
        self.engine = engine
        self.pool = engine.pool
        self.vault = vault
        self.workspace = workspace
        self.ws = workspace.id
        self.owner = owner
        self.directory = Directory(engine, vault)

    # --- doing ---

    async def decide(self) -> int:
        """Decide until nothing waits."""
        return await process.drain(self.engine, self.ws)

    async def say(self, kind: type[Any], actor: Actor | None = None, **fields: Any) -> Entry:
        """Say a command, as the owner unless said, and a claim as the server.

        Of ``fields``, ``key``, ``content``, ``dry_run``, ``source`` and ``also`` go to the write path.
        """
        usual = SERVER if kind is events.ClaimEntered else self.owner
        options = {name: fields.pop(name) for name in ("key", "content", "dry_run", "source", "also") if name in fields}

        def make(stamp: commands.Stamp) -> AnyEvent:
            event: AnyEvent = kind(**stamp, **fields)
            return event

        return await commands.command(self.engine, self.ws, make, actor or usual, **options)

    async def over(
        self, kind: type[Any], actor: Actor | None, items: Sequence[Item], *, key: str | None = None
    ) -> Entry:
        """Approve or release a frozen list."""
        frozen = tuple(items)
        return await self.say(kind, actor, key=key, items=frozen, list_sha256=lists.digest(frozen))

    async def join(self, person: Actor, founding: events.Founding | None = None) -> None:
        """Let a member join whom the holder of the database confirms, so that they are a second person from then on."""
        fields: dict[str, Any] = {
            "founding": founding,
            "roles": person.roles,
            "limits": person.limits,
            "programs": person.programs,
        }
        said = await self.say(events.MemberSet, member=person.id, **fields)
        for step in said.verdicts[0].steps:
            await self.say(events.ChangeDecided, OPERATOR.actor, change=step.values["change"], outcome="confirmed")

    async def publish(self, document: dict[str, Any] | None = None, **parts: Any) -> None:
        """Publish rules: these, or the house's own with some parts replaced."""
        document = document or {**self.RULES, **parts}
        entry = await self.say(events.ProgramPublished, **world.published(document))
        assert outcome(entry) == "published", entry.verdicts

    async def approve(self, rewards: Iterable[Reward], actor: Actor | None = ANNA) -> None:
        """Approve rewards as they are seen now, once the evidence of what is flagged was opened."""
        rewards = [*rewards]
        flagged = {reward.id for reward in await self.every(Reward) if reward.marks}  # some after they were seen
        for reward in rewards:
            if reward.id in flagged:
                await self.say(events.RecordLooked, actor, subject=reward.id, what="opened")
        said = await self.over(events.ApprovalGiven, actor, await self.items(rewards))
        assert outcome(said) == "approved", said.verdicts

    async def release(self, payouts: Iterable[Payout], actor: Actor | None = PAT) -> None:
        """Release payouts as they are seen now."""
        said = await self.over(events.PayoutReleased, actor, await self.items(payouts))
        assert outcome(said) == "released", said.verdicts

    async def draft(self, rewards: Iterable[Reward], actor: Actor | None = PIA, rail: str = "sandbox") -> list[Payout]:
        """Draft payouts of cash to those whom these rewards are for; returns all payouts that there are."""
        people = tuple(reward.beneficiary for reward in rewards)
        await self.say(events.PayoutDrafted, actor, rail=rail, kinds=("cash",), unit="EUR", beneficiaries=people)
        return await self.every(Payout)

    async def move_clock(self, to: str) -> None:
        """Move the workspace's clock; timers up to then are decided."""
        await self.say(events.ClockMoved, to=calendar.parse(to))

    async def clicked(self, count: int, code: str | None = None) -> list[str]:
        """Follow a link so often, the first advocate's unless said; returns the clicks, which are stored in blocks."""
        clicks = Clicks(self.engine)
        code = code or (await self.every(Code))[0].id
        found = await asyncio.gather(*(clicks.record(self.workspace, code, bot=False) for _ in range(count)))
        await clicks.drain()
        assert all(found)
        return [click for click in found if click is not None]

    async def follow(self) -> None:
        """Let all that follows the log take it to its end."""
        await catch_up(self.engine, self.ws, REGISTRY.values())

    async def sign(self) -> log.Head:
        """Sign the log as the worker does."""
        async with self.pool.acquire() as conn:
            return await log.sign(conn, self.ws, self.workspace.keys.signing)

    # --- looking ---

    def as_(self, actor: Actor) -> Principal:
        """Return the principal of a member or a server."""
        return Principal("sk" if actor.kind == "key" else "mk", self.workspace, actor)

    async def position(self) -> int:
        """Return how many entries the log has."""
        async with self.pool.acquire() as conn:
            return (await log.stream(conn, self.ws)).position

    async def every(self, noun: type[Any]) -> list[Any]:
        """Return all entities of a noun."""
        async with self.pool.acquire() as conn:
            return await entities.every(conn, self.ws, noun)

    async def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read; ``$1`` is the workspace."""
        return [tuple(row) for row in await self.pool.fetch(sql, self.ws, *values)]

    async def items(self, things: Iterable[Reward | Payout]) -> tuple[Item, ...]:
        """Return the list that a person sees of rewards or payouts."""
        payees = {payee.person: payee for payee in await self.every(Payee)}
        return tuple(
            payouts.item_of(one) if isinstance(one, Payout) else reviews.item_of(one, payees.get(one.beneficiary))
            for one in sorted(things, key=lambda one: one.id)
        )

    async def state(self) -> State:
        """Return the whole state as it is stored."""
        state = State(complete=True)
        for noun in NOUNS:
            for entity in await self.every(noun):
                state.put(entity)
        return state

    async def broken(self) -> list[str]:
        """Return what contradicts the invariants in what is stored."""
        state = await self.state()
        hashes = {hash_ for program in state.all(Program) for _, hash_ in program.versions}
        async with self.pool.acquire() as conn:
            documents = await rules.documents(conn, self.ws, hashes)
        versions = {v.hash: v for v in (core_rules.version(text, semantics) for semantics, text in documents)}
        return invariants.broken(state, versions)


class House(Household):
    """A household that is sent events as a server sends them."""

    def __init__(self, database: str, pool: asyncpg.Pool, vault: Vault, workspace: workspaces.Workspace) -> None:
        super().__init__(Engine(pool), vault, workspace)
        self.database = database
        self.ingest = Ingest(self.engine, vault)

    async def send(self, *items: dict[str, Any]) -> list[Answer]:
        """Send events as a server would; they are durable, not decided."""
        return await self.ingest.accept(self.workspace, SENDERS["sk"], native_read.read(msgspec.json.encode(items)))


def environment_vault() -> Vault:
    """Return the vault under the master key that tests have in their environment."""
    return Vault(MasterKey(bytes.fromhex(os.environ["GOODWORD_MASTER_KEY"])))


@asynccontextmanager
async def opened(database: str, ws: str | None = None, *, size: int = 6) -> AsyncIterator[House]:
    """Yield a house on the database: that of the workspace, else a new one with members, program and a manual clock."""
    async with await open_pool(database, size=size) as pool:
        vault = environment_vault()
        async with pool.acquire() as conn:
            found = await workspaces.find(conn, vault, ws) if ws else None
            made = found or await workspaces.create(conn, vault, "acceptance", "sandbox", "manual", START, START)
            if found is None:
                key = workspaces.new_key_of("sk", "sandbox", START)
                await workspaces.add_key(conn, made.id, key)
        house = House(database, pool, vault, made)
        if found is None:
            for person in PEOPLE:
                await house.join(person, workspaces.founding(made, [key]) if person is OWNER else None)
            await house.publish()
        yield house
        await house.ingest.drain()


def sales(count: int, *, amount: int = 10_000, name: str = "s") -> list[dict[str, Any]]:
    """Enrolments, leads and first purchases: each pair of friend and advocate earns two rewards."""
    found: list[dict[str, Any]] = []
    for n in range(count):
        who = f"{name}{n}"
        found += [
            sent.enrolled(f"e-{who}", f"a-{who}", f"code-{who}"),
            sent.lead(f"l-{who}", f"f-{who}", code=f"code-{who}"),
            sale(who, amount=amount),
        ]
    return found


def sale(who: str, *, amount: int = 10_000) -> dict[str, Any]:
    """Return the purchase of a friend."""
    return sent.purchase(f"p-{who}", f"f-{who}", f"i-{who}", amount)


def happened(refunded: str, contested: str, followed: str, **click: Any) -> list[dict[str, Any]]:
    """Return what else happens after ``sales``: other values for s1, a refund, a chargeback, a click and its lead, a known customer."""
    return [
        {**sale("s1"), "id": "other-values", "amount": 7_700},
        sent.refund("r1", f"i-{refunded}", "1", 4_000),
        sent.chargeback("b1", f"i-{contested}", "1"),
        sent.click("c1", f"code-{followed}", "v1", click_id="k1", **click),
        sent.lead("l1", "f-v1", visitor_id="v1", click_id="k1"),
        {"type": "customer.known", "id": "k1", "customer_external_id": "f-k", "since": "2020-01-01T00:00:00Z"},
    ]


async def payees(house: House, rewards: Iterable[Reward], rail: str = "sandbox", **details: str) -> None:
    """Give every beneficiary payment details."""
    for person in sorted({reward.beneficiary for reward in rewards}):
        said = await set_payee(house.as_(SERVER), house.directory, person, rail, details)
        assert outcome(said) == "payee_set"


async def reviewable(house: House, count: int, *, status: str = "in_review", **kind: Any) -> list[Reward]:
    """Return rewards in review (or as their hold leaves them), two for each of ``count`` purchases, whose beneficiaries can be paid."""
    before = {reward.id for reward in await house.every(Reward)}
    wanted = sales(count, **kind)
    for at in range(0, len(wanted), 900):
        assert {answer.status for answer in await house.send(*wanted[at : at + 900])} == {"accepted"}
    await house.decide()
    found = [reward for reward in await house.every(Reward) if reward.id not in before]
    assert len(found) == 2 * count
    assert {reward.status for reward in found} == {status}
    await payees(house, found)
    return found


def outcome(entry: Entry) -> str:
    """Return what came of a command: the outcome of its first verdict, or the refusal."""
    first = entry.verdicts[0]
    return first.refusal or first.outcome
