"""A workspace in a real database, driven through the write path, and a short story that brings rewards into being."""

import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import msgspec
import pytest

from goodword.app.directory import Directory
from goodword.app.engine import Engine
from goodword.app.principal import OPERATOR
from goodword.app.say import workspaces as say_workspaces
from goodword.app.write.commands import command
from goodword.app.write.process import drain
from goodword.core import events
from goodword.core import rules as core_rules
from goodword.core.entry import Entry
from goodword.core.facts import Actor
from goodword.core.state import NOUNS, Entity
from goodword.store import entities, inbox, log, workspaces
from goodword.store.pool import open_pool
from goodword.store.uuid7 import new_id
from goodword.store.vault import MasterKey, Vault, new_key
from goodword.store.workspaces import Workspace

DAY = 86_400_000_000
START = 1_700_000_000_000_000
RULES = {
    "program": "main",
    "currency": "EUR",
    "conversions": [{"rewards": [{"side": "advocate", "percent": "10"}, {"side": "friend", "flat": {"EUR": 500}}]}],
}


#: Payment details come from the company's own system: a member who entered them could not approve what goes there.
SERVER = Actor(id="sk:key_server", kind="key")


class House:
    """A workspace with its clock at START and an owner."""

    def __init__(self, engine: Engine, workspace: Workspace, owner: str) -> None:
        self.engine = engine
        self.pool = engine.pool
        self.workspace = workspace
        self.ws = workspace.id
        self.owner = Actor(id=owner, kind="member", roles=("owner",))
        self.at = START

    def event(self, kind: type[events.Event], **fields: Any) -> Any:
        """An event that happens and is accepted now, unless said otherwise."""
        stamp = {"evt": new_id("evt"), "source": "native", "occurred_at": self.at, "accepted_at": self.at}
        return kind(**{**stamp, **fields})

    async def accept(self, *said: Any, conn: asyncpg.Connection | None = None) -> None:
        """Put events into the inbox."""
        rows = [inbox.Row(e.source, e.evt, e.evt, e.__struct_config__.tag, b"", msgspec.json.encode(e)) for e in said]
        async with self.pool.acquire() if conn is None else contextlib.nullcontext(conn) as connection:
            assert len(await inbox.add(connection, self.ws, rows)) == len(rows)

    async def position(self) -> int:
        """How many entries the log has."""
        async with self.pool.acquire() as conn:
            return (await log.stream(conn, self.ws)).position

    async def send(self, kind: type[events.Event], **fields: Any) -> Entry:
        """Accept one event and decide it."""
        event = self.event(kind, **fields)
        await self.accept(event)
        await drain(self.engine, self.ws)
        return await self.entry(event.evt)

    async def entry(self, evt: str) -> Entry:
        """The entry of an event."""
        async with self.pool.acquire() as conn:
            found = await log.of(conn, self.ws, evt)
        assert found is not None
        return found

    async def say(self, kind: type[events.Event], actor: Actor | None = None, **fields: Any) -> Entry:
        """A command of the owner, or of somebody else."""
        options = {name: fields.pop(name) for name in ("key", "content", "dry_run", "source") if name in fields}
        return await command(
            self.engine, self.ws, lambda stamp: kind(**stamp, **fields), actor or self.owner, **options
        )

    async def publish(self, **parts: Any) -> None:
        """A rule version goes live."""
        text = core_rules.document(msgspec.convert({**RULES, **parts}, core_rules.Rules))
        entry = await self.say(
            events.ProgramPublished,
            slug=parts.get("program", "main"),
            rules=core_rules.version(text).hash,
            document=text,
        )
        assert [v.outcome for v in entry.verdicts] != ["refused"], entry.verdicts

    def story(self, friend: str = "per_bob", advocate: str = "per_ann", amount: int = 10_000) -> list[Any]:
        """An enrolment, a typed code, a purchase."""
        return [
            self.event(events.AdvocateEnrolled, person=advocate, code=f"cod_{advocate}"),
            self.event(events.LeadCreated, person=friend, code=f"cod_{advocate}"),
            self.bought(friend, amount),
        ]

    def bought(self, friend: str = "per_bob", amount: int = 10_000, invoice: str = "1") -> Any:
        """A purchase."""
        return self.event(
            events.ConversionRecorded, person=friend, invoice=f"inv_{friend}_{invoice}", amount=amount, currency="EUR"
        )

    async def every(self, noun: type[Any]) -> list[Any]:
        """All entities of a noun."""
        async with self.pool.acquire() as conn:
            return await entities.every(conn, self.ws, noun)

    async def state(self) -> dict[type[Entity], dict[Any, Entity]]:
        """Everything that is stored."""
        return {noun: {entity.key: entity for entity in await self.every(noun)} for noun in NOUNS}


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections as the server has them."""
    opened = await open_pool(database)
    yield opened
    await opened.close()


@pytest.fixture
def engine(pool: asyncpg.Pool) -> Engine:
    """What the server works with."""
    return Engine(pool)


@pytest.fixture
def vault() -> Vault:
    """A vault under a key of its own."""
    return Vault(MasterKey(new_key()))


@pytest.fixture
def make_house(engine: Engine, vault: Vault) -> Any:
    """Make a workspace whose clock is said."""

    async def make(clock: str = "events", starts_at: int | None = START) -> House:
        made = await say_workspaces.create(
            OPERATOR, Directory(engine, vault), "test", "owner@example.com", clock=clock, starts_at=starts_at
        )
        async with engine.pool.acquire() as conn:
            workspace = await workspaces.find(conn, vault, made.id)
        assert workspace is not None
        house = House(engine, workspace, made.owner)
        house.at = START if clock == "events" else starts_at or time.time_ns() // 1000
        return house

    return make


@pytest.fixture
async def house(make_house: Any) -> House:
    """A workspace whose clock follows its events, with a published program."""
    made: House = await make_house()
    await made.publish()
    return made
