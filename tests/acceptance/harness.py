"""A workspace in a real database with people in it, reached through the write path itself; for races, kills and tampering.

``House`` holds a pool of its own, as a process does: two houses on one database are two processes as far as PostgreSQL can tell.
"""

import os
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import msgspec

from goodword.app.directory import Directory
from goodword.app.engine import Engine
from goodword.app.intake.ingest import SENDERS, Answer, Ingest
from goodword.app.principal import Principal
from goodword.app.say.payees import set_payee
from goodword.app.write import commands, process
from goodword.core import calendar, events, invariants, lists, reviews
from goodword.core import rules as core_rules
from goodword.core.entry import Entry
from goodword.core.events import AnyEvent, Item
from goodword.core.facts import Actor
from goodword.core.state import NOUNS, Payee, Program, Reward, State
from goodword.sources import native_read
from goodword.store import entities, rules, workspaces
from goodword.store.pool import open_pool
from goodword.store.vault import MasterKey, Vault

START = calendar.parse("2026-01-05T00:00:00Z")
OWNER = Actor(id="mem_owner", kind="member", roles=("owner",))
#: Payment details come from the company's own system: a member who entered them could not approve what goes there.
SERVER = Actor(id="sk:key_server", kind="key")
ANNA = Actor(id="mem_anna", kind="member", roles=("approver",))
BEN = Actor(id="mem_ben", kind="member", roles=("approver",))
PAT = Actor(id="mem_pat", kind="member", roles=("payer",))
PIA = Actor(id="mem_pia", kind="member", roles=("payer",))
PEOPLE = (OWNER, ANNA, BEN, PAT, PIA)

RULES = {
    "program": "main",
    "currency": "EUR",
    "hold": "0d",
    "conversions": [
        {
            "rewards": [
                {"side": "advocate", "percent": "10", "limits": [{"per": "month", "count": 100_000}]},
                {"side": "friend", "flat": {"EUR": 500}},
            ]
        }
    ],
}


class House:
    """One workspace behind one pool."""

    def __init__(self, database: str, pool: asyncpg.Pool, vault: Vault, workspace: workspaces.Workspace) -> None:
        self.database = database
        self.pool = pool
        self.engine = Engine(pool)
        self.vault = vault
        self.workspace = workspace
        self.ws = workspace.id
        self.ingest = Ingest(self.engine, vault)

    # --- doing ---

    async def send(self, *items: dict[str, Any]) -> list[Answer]:
        """Send events as a server would; they are durable, not decided."""
        return await self.ingest.accept(self.workspace, SENDERS["sk"], native_read.read(msgspec.json.encode(items)))

    async def decide(self) -> int:
        """Decide until nothing waits."""
        return await process.drain(self.engine, self.ws)

    async def say(self, kind: type[Any], actor: Actor = OWNER, *, key: str | None = None, **fields: Any) -> Entry:
        """Return a command of a person to the write path."""

        def make(stamp: commands.Stamp) -> AnyEvent:
            event: AnyEvent = kind(**stamp, **fields)
            return event

        return await commands.command(self.engine, self.ws, make, actor, key=key)

    async def over(self, kind: type[Any], actor: Actor, items: Sequence[Item], *, key: str | None = None) -> Entry:
        """Approve or release a frozen list."""
        frozen = tuple(items)
        return await self.say(kind, actor, key=key, items=frozen, list_sha256=lists.digest(frozen))

    async def move_clock(self, to: str) -> None:
        """Move the workspace's clock; timers up to then are decided."""
        await self.say(events.ClockMoved, to=calendar.parse(to))

    # --- looking ---

    async def every(self, noun: type[Any]) -> list[Any]:
        """Return all entities of a noun."""
        async with self.pool.acquire() as conn:
            return await entities.every(conn, self.ws, noun)

    async def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read; ``$1`` is the workspace."""
        return [tuple(row) for row in await self.pool.fetch(sql, self.ws, *values)]

    async def items(self, rewards: Iterable[Reward]) -> tuple[Item, ...]:
        """Return the list that a person sees of these rewards."""
        payees = {payee.person: payee for payee in await self.every(Payee)}
        return tuple(reviews.item_of(r, payees.get(r.beneficiary)) for r in sorted(rewards, key=lambda r: r.id))

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
        return [f"{one.id}: {what}" for one in invariants.INVARIANTS for what in one.check(state, versions)]


@asynccontextmanager
async def opened(database: str, ws: str | None = None, *, size: int = 6) -> AsyncIterator[House]:
    """Yield a house on the database: that of the workspace, else a new one with members, program and a manual clock."""
    pool = await open_pool(database, size=size)
    try:
        vault = Vault(MasterKey(bytes.fromhex(os.environ["GOODWORD_MASTER_KEY"])))
        async with pool.acquire() as conn:
            found = await workspaces.find(conn, vault, ws) if ws else None
            made = found or await workspaces.create(conn, vault, "acceptance", "sandbox", "manual", START, START)
        house = House(database, pool, vault, made)
        if found is None:
            await furnish(house)
        yield house
        await house.ingest.drain()
    finally:
        await pool.close()


async def furnish(house: House) -> None:
    """Let the members in and publish the rules."""
    for person in PEOPLE:
        await house.say(events.MemberSet, member=person.id, roles=person.roles)
    await publish(house, RULES)


async def publish(house: House, document: dict[str, Any]) -> None:
    """Publish rules."""
    text = core_rules.document(msgspec.convert(document, core_rules.Rules))
    await house.say(
        events.ProgramPublished, slug=document["program"], rules=core_rules.version(text).hash, document=text
    )


def sales(count: int, *, amount: int = 10_000, name: str = "s") -> list[dict[str, Any]]:
    """Enrolments, leads and first purchases: each pair of friend and advocate earns two rewards."""
    found: list[dict[str, Any]] = []
    for n in range(count):
        who = f"{name}{n}"
        found += [
            {"type": "advocate.enrolled", "id": f"e-{who}", "external_id": f"a-{who}", "code": f"code-{who}"},
            {"type": "lead.created", "id": f"l-{who}", "customer_external_id": f"f-{who}", "code": f"code-{who}"},
            sale(who, amount=amount),
        ]
    return found


def sale(who: str, *, amount: int = 10_000) -> dict[str, Any]:
    """Return the purchase of a friend."""
    return {
        "type": "conversion.recorded",
        "id": f"p-{who}",
        "customer_external_id": f"f-{who}",
        "invoice_id": f"i-{who}",
        "amount": amount,
        "currency": "EUR",
    }


async def payees(house: House, rewards: Iterable[Reward]) -> None:
    """Give every beneficiary payment details on the sandbox rail."""
    for person in sorted({reward.beneficiary for reward in rewards}):
        directory = Directory(house.engine, house.vault)
        await set_payee(Principal("sk", house.workspace, SERVER), directory, person, "sandbox", {})


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
