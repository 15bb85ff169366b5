"""A workspace with everything that works on it, put back to where it stood as often as wanted, and brought to rest after trouble."""

import asyncio
import os
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import asyncpg
import msgspec
from faults.watch import Watch, WatchedRail
from testkit.house import House

from goodword.app.follow import payouts
from goodword.app.intake.clicks import Clicks
from goodword.app.proof.audit import verify
from goodword.core import entry as log_entry
from goodword.core.events import PayoutAnswered
from goodword.core.state import NOUNS, Balance
from goodword.outbound.rails import Rail, make_rails
from goodword.store import audit, entities, workspaces
from goodword.store.vault import MasterKey, Vault
from goodword.store.workspaces import Workspace
from goodword.worker import Worker

_ID = re.compile(r"\b([a-z]{3})_[0-7][0-9A-HJKMNP-TV-Z]{25}|\b[0-9a-f]{64}\b")
#: Fields that a comparison leaves out: what a rail's silence leaves behind, and digests over ids.
_LEFT_OUT = {"reference", "reason", "release_list", "approval_list", "list_sha256", "sealed", "digest"}
#: Tables that are compared by their count: what stands in them is sealed or random.
_COUNTED = (
    "alias", "person", "personal", "match_key", "payee_detail", "note", "touch", "touch_block", "event", "undecided",
)  # fmt: skip
_ROUNDS = 30


class Scene(House):
    """One workspace behind one pool, with the parts that a running server puts together. ``home``: where the rails' books are."""

    def __init__(self, dsn: str, pool: asyncpg.Pool, vault: Vault, found: Workspace, home: Path, watch: Watch) -> None:
        super().__init__(dsn, pool, vault, found)
        rails = {name: WatchedRail(rail, watch, home / "sends") for name, rail in make_rails(home).items()}
        self.worker = Worker(self.engine, vault, payouts.kinds(self.directory, cast("dict[str, Rail]", rails)))
        self.clicks = Clicks(self.engine)


@asynccontextmanager
async def scene(dsn: str, ws: str, home: Path, watch: Watch | None = None) -> AsyncIterator[Scene]:
    """Open a workspace as a process does, perhaps under a watch, which is not on yet."""
    watch = watch or Watch()
    pool = await watch.open_pool(dsn)
    try:
        yield await _scene(dsn, pool, ws, home, watch)
    finally:
        watch.on = False
        await pool.close()


async def _scene(dsn: str, pool: asyncpg.Pool, ws: str, home: Path, watch: Watch) -> Scene:
    vault = Vault(MasterKey(bytes.fromhex(os.environ["GOODWORD_MASTER_KEY"])))
    async with pool.acquire() as conn:
        found = await workspaces.find(conn, vault, ws)
    assert found is not None
    return Scene(dsn, pool, vault, found, home, watch)


@asynccontextmanager
async def stage(dsn: str, ws: str, home: Path) -> AsyncIterator["Stage"]:
    """Yield the stage of a database."""
    control = await asyncpg.connect(dsn)
    heirs = await Watch().open_pool(dsn, name="heir")
    try:
        yield Stage(dsn, ws, home, control, heirs)
    finally:
        await heirs.close()
        await control.close()


class Stage:
    """The database and the books behind a scene: kept once, put back before each trial, and a process that takes over."""

    def __init__(self, dsn: str, ws: str, home: Path, control: asyncpg.Connection, heirs: asyncpg.Pool) -> None:
        self.dsn = dsn
        self.ws = ws
        self.home = home
        self.known: frozenset[str] = frozenset()
        self._control = control
        self._heirs = heirs
        self._put_back = ""

    async def heir(self) -> Scene:
        """Return the workspace as a process has it that was alive all along and now takes over."""
        await self.alone()
        return await self.under(self._heirs, Watch())

    async def under(self, pool: asyncpg.Pool, watch: Watch) -> Scene:
        """Return the workspace behind a pool."""
        return await _scene(self.dsn, pool, self.ws, self.home, watch)

    async def keep(self) -> None:
        """Remember everything as it stands now."""
        tables = await self._control.fetch(
            """select relname from pg_class where relnamespace = 'public'::regnamespace
               and relkind in ('r', 'p') and not relispartition order by relname"""
        )
        known: set[str] = set()
        await self._control.execute("drop schema if exists kept cascade; create schema kept")
        for (table,) in tables:
            await self._control.execute(f'create table kept."{table}" as table public."{table}"')
            for (row,) in await self._control.fetch(f'select one::text from kept."{table}" as one'):
                known.update(match.group() for match in _ID.finditer(row))
        self.known = frozenset(known)
        self._put_back = ";".join(
            f'delete from public."{table}"; insert into public."{table}" table kept."{table}"' for (table,) in tables
        )
        shutil.rmtree(self.home.with_suffix(".kept"), ignore_errors=True)
        shutil.copytree(self.home, self.home.with_suffix(".kept"))

    async def put_back(self) -> None:
        """Make everything as it was kept."""
        await self.alone()
        await self._control.execute(self._put_back)
        shutil.rmtree(self.home)
        shutil.copytree(self.home.with_suffix(".kept"), self.home)

    async def alone(self) -> None:
        """Wait until the server has ended the sessions of a process that is gone."""
        others = (
            "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'goodword'"
        )
        while await self._control.fetchval(others):
            await asyncio.sleep(0.002)

    async def due(self) -> int:
        """Let time pass: leases run out and every job is due, but those that a person must end; returns how many there are."""
        done = await self._control.execute(
            """update job set due_at = 0, leased_until = null
               where done_at is null and (error is null or not error ^@ 'UnheardError')"""
        )
        return int(done.rpartition(" ")[2])

    async def rest(self, scene: Scene) -> str | None:
        """Do what a new process does until nothing waits; returns what does not come to rest."""
        for _ in range(_ROUNDS):
            await scene.decide()
            if not await self.due():
                await scene.worker.sign_heads()
                return None
            await scene.worker.do_jobs()
        rows = await self._control.fetch("select kind, subject, attempts, error from job where done_at is null")
        return f"jobs do not come to rest: {[tuple(row) for row in rows]}"

    async def wrong(self, scene: Scene, acknowledged: list[tuple[str, str]]) -> list[str]:
        """Return what verification finds, what was acknowledged and is not there, and what a rail was told twice."""
        found = [f"{one.noun} {one.key}: {one.what}" for one in (await verify(scene.pool, scene.ws)).differences]
        for source, id_ in acknowledged:
            if not await self._control.fetchval(_THERE[source == "touch"], scene.ws, source, id_):
                found.append(f"acknowledged and not there: {source} {id_}")
        twice = await self._control.fetch("select id from touch group by id having count(*) > 1")
        found += [f"click {row['id']} is there more than once" for row in twice]
        sends = Counter(self._book())
        found += [f"the rail was told {times} times to send {id_}" for id_, times in sends.items() if times > 1]
        return found

    async def unheard(self) -> list[str]:
        """Return the payouts that wait for a person because their rail never heard of them; raises if it did."""
        rows = await self._control.fetch("select subject from job where done_at is null and error ^@ 'UnheardError'")
        found = [row["subject"] for row in rows]
        assert not set(found) & set(self._book()), "a payout waits for a person although its rail knows it"
        return found

    async def dump(self, scene: Scene, *, postings: bool = True) -> Counter[str]:
        """Return all that stands there, each as often as it does; what got a new id since ``keep`` without that id.

        Without ``postings``: only the balances that they come to.
        """
        lines: list[str] = []
        async with scene.pool.acquire() as conn:
            for noun in NOUNS:
                found = await entities.every(conn, scene.ws, noun)
                found = [one for one in found if postings or not isinstance(one, Balance) or one.amount]
                lines += [f"{noun.__name__} {self._plain(msgspec.to_builtins(entity))}" for entity in found]
            if postings:
                lines += [f"posting {self._plain(row[2:])}" for row in await audit.postings(conn, scene.ws)]
            lines += [f"approval {self._plain(row[2:8])}" for row in await audit.approvals(conn, scene.ws)]
            async for row in audit.rows(conn, scene.ws):
                lines += self._entry(log_entry.read(row.leaf))
            for table in _COUNTED:
                rows = await conn.fetchval(f"select count(*) from {table} where workspace_id = $1", scene.ws)
                lines.append(f"{table}: {rows} rows")
        return Counter(lines)

    def _entry(self, entry: log_entry.Entry) -> list[str]:
        """Return an entry that decided something; what a rail says may come as an answer, or after it was asked."""
        if isinstance(entry.event, PayoutAnswered) or all(v.outcome == "refused" for v in entry.verdicts):
            return []
        said = [(verdict.about, verdict.outcome, verdict.amount) for verdict in entry.verdicts]
        return [f"entry {self._plain(msgspec.to_builtins(entry.event))} {said}"]

    def _plain(self, value: Any) -> str:
        if isinstance(value, dict):
            value = {name: inner for name, inner in value.items() if name not in _LEFT_OUT}
        text = msgspec.json.encode(value, order="sorted").decode()
        return _ID.sub(lambda m: m.group() if m.group() in self.known else f"{m.group(1)}_*", text)

    def _book(self) -> list[str]:
        book = self.home / "sends"
        return book.read_text().split() if book.exists() else []


_THERE = (
    "select true from event where workspace_id = $1 and source = $2 and id = $3",
    "select true from touch where workspace_id = $1 and $2 = 'touch' and id = $3",
)
