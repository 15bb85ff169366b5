"""A workspace in a real database, driven through the write path, and a short story that brings rewards into being."""

import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import msgspec
import pytest
from testkit.house import SERVER as SERVER  # noqa: PLC0414 - for who takes it from here
from testkit.house import Household
from testkit.world import rules

from goodword.app.directory import Directory
from goodword.app.engine import Engine
from goodword.app.principal import OPERATOR
from goodword.app.say import workspaces as say_workspaces
from goodword.core import events
from goodword.core.entry import Entry
from goodword.core.facts import Actor
from goodword.core.state import NOUNS, Entity
from goodword.store import inbox, log, workspaces
from goodword.store.pool import open_pool
from goodword.store.uuid7 import new_id
from goodword.store.vault import MasterKey, Vault, new_key
from goodword.store.workspaces import Workspace

DAY = 86_400_000_000
START = 1_700_000_000_000_000
RULES = rules()


class House(Household):
    """A workspace with its clock at START and an owner, which is told the core's own events."""

    RULES = RULES

    def __init__(self, engine: Engine, vault: Vault, workspace: Workspace, owner: Actor) -> None:
        super().__init__(engine, vault, workspace, owner)
        self.at = START

    def event(self, kind: type[events.Event], **fields: Any) -> Any:
        """An event that happens and is accepted now, unless said otherwise."""
        stamp = {"evt": new_id("evt"), "source": "native", "occurred_at": self.at, "accepted_at": self.at}
        return kind(**{**stamp, **fields})

    async def accept(self, *said: Any, conn: asyncpg.Connection | None = None) -> None:
        """Put events into the inbox."""
        rows = [inbox.Row(e.source, e.evt, e.evt, e.__struct_config__.tag, b"", msgspec.json.encode(e)) for e in said]
        async with self.pool.acquire() if conn is None else contextlib.nullcontext(conn) as connection:
            await inbox.add(connection, self.ws, rows)

    async def member(self, name: str, *roles: str) -> Actor:
        """Let somebody join with these roles, confirmed; returns them."""
        found = Actor(id=name, kind="member", roles=roles)
        await self.join(found)
        return found

    async def send(self, kind: type[events.Event], **fields: Any) -> Entry:
        """Accept one event and decide it."""
        event = self.event(kind, **fields)
        await self.accept(event)
        await self.decide()
        return await self.entry(event.evt)

    async def entry(self, evt: str) -> Entry:
        """The entry of an event."""
        async with self.pool.acquire() as conn:
            found = await log.of(conn, self.ws, evt)
        assert found is not None
        return found

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

    async def stored(self) -> dict[type[Entity], dict[Any, Entity]]:
        """Every entity that is stored, by noun and key."""
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
        house = House(engine, vault, workspace, Actor(id=made.owner, kind="member", roles=("owner",)))
        house.at = START if clock == "events" else starts_at or time.time_ns() // 1000
        return house

    return make


@pytest.fixture
async def house(make_house: Any) -> House:
    """A workspace whose clock follows its events, with a published program."""
    made: House = await make_house()
    await made.publish()
    return made
