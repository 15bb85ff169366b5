"""Migrations that go wrong: one that fails or is cut off leaves everything as it was; old and new versions meet either schema safely.

``python -m faults.migrate`` runs by hand. The next version is made up: two migrations more, in a folder of its own.
"""

import asyncio
import contextlib
import itertools
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import asyncpg
from faults.part import Result, Trials
from faults.place import Place
from faults.simulate_request import request
from testkit.database import catalog, connected, fetch, fresh
from testkit.database import run as run_statements
from testkit.house import House, opened, sales
from testkit.process import product

from goodword.app.proof import audit
from goodword.app.write import process
from goodword.store import migrations
from goodword.store.migrations import SchemaError, migrate
from goodword.store.sql_files import FOLDER
from goodword.wiring import Goodword

#: The next version's: what both versions can live with, and what the old one cannot.
NEXT = tuple((path.name, path.read_text()) for path in sorted(Path(__file__).with_name("later").iterdir()))
_NAMES = tuple(name for name, _ in NEXT)
_LOGIN = "faults_limited"
_READY = 200, ""
_APPLIED = "select name from migration order by name"

_RIGHTS = "select relname, relacl::text from pg_class where relnamespace = 'public'::regnamespace"


class Migrating(Trials):
    """Trials on databases of a place."""

    def __init__(self, place_: Place) -> None:
        super().__init__()
        self.place = place_

    @asynccontextmanager
    async def traded(self) -> AsyncIterator[House]:
        """Yield a workspace in a database of its own, in which something was decided."""
        async with self.place.database() as dsn, opened(dsn) as house:
            await house.send(*sales(5))
            await house.decide()
            yield house


@contextmanager
def version(folder: Path, *more: tuple[str, str]) -> Iterator[None]:
    """Be a version with these migrations besides, for a while."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(Path(str(FOLDER)) / "migrations", folder / "migrations")
    for name, text in more:
        (folder / "migrations" / name).write_text(text)
    with patch.object(migrations, "FOLDER", folder):
        yield


FAILING = {"fails": "select 1 / 0", "is cut off": "select pg_terminate_backend(pg_backend_pid())"}


async def _snapshot(dsn: str, *, data: bool = False) -> list[Any]:
    """Return the schema as it is, with its rights and what the migrations wrote down; with ``data`` the rewards too."""
    async with connected(dsn) as conn:
        rows = sorted(map(tuple, await conn.fetch(_RIGHTS)), key=str)
        rows += sorted(itertools.chain(*await catalog(dsn)), key=str)
        if await conn.fetchval("select to_regclass('migration') is not null"):
            rows += map(tuple, await conn.fetch("select * from migration order by name"))
        if data:
            rows += map(tuple, await conn.fetch("select * from reward order by workspace_id, id"))
        return rows


def _dump(trials: Migrating, dsn: str) -> bytes:
    """Return the schema as pg_dump writes it."""
    command = [str(trials.place.embedded.bin / "pg_dump"), "--schema-only", f"--dbname={dsn}"]
    done = subprocess.run(command, capture_output=True, check=True)
    lines = done.stdout.splitlines()
    return b"\n".join(line for line in lines if b"restrict" not in line)  # a random word of each dump


async def fails_at_each_statement(trials: Migrating, quick: bool) -> None:
    """The first migration, on an empty database, and the next one, on one with data: nothing of what failed remains."""
    first = (FOLDER / "migrations" / migrations.names()[0]).read_text().split(";\n")
    async with fresh(trials.place.dsn) as empty:
        await _each(trials, empty, migrations.names()[0], first, step=8 if quick else 1)
    async with trials.traded() as house:
        before = _dump(trials, house.database)
        await _each(trials, house.database, _NAMES[0], NEXT[0][1].split(";\n")[:-1], step=1)
        trials.expect(_dump(trials, house.database) == before, "a failed migration changed what pg_dump writes")
        await _works(trials, house, "after migrations that failed")


async def _each(trials: Migrating, dsn: str, name: str, statements: list[str], *, step: int) -> None:
    before = await _snapshot(dsn, data=len(await _snapshot(dsn)) > 0)
    for what, broken in FAILING.items():
        for at in range(0, len(statements) + 1, step):
            text = ";\n".join([*statements[:at], broken, *statements[at:]])
            with version(trials.place.home / "version", (name, text)):
                error = await _raised(migrate(dsn))
            after = await _snapshot(dsn, data=len(before) > 0)
            trials.expect(error is not None, f"{name} that {what} at {at} raised nothing")
            trials.expect(after == before, f"{name} that {what} at statement {at} left something behind")


async def waits_for_nobody_long(trials: Migrating, _: bool) -> None:
    """A migration that cannot get its lock gives up, soon enough for the traffic, and changes nothing; later it is applied."""
    async with trials.traded() as house, connected(house.database) as conn:
        before = await _snapshot(house.database)
        with version(trials.place.home / "version", *NEXT), patch.object(migrations, "_LOCK_TIMEOUT", "50ms"):
            async with conn.transaction():
                await conn.execute("lock table reward in access share mode")
                error = await _raised(migrate(house.database))
            trials.expect(isinstance(error, asyncpg.LockNotAvailableError), f"a migration without its lock: {error!r}")
            after = await _snapshot(house.database)
            trials.expect(after == before, "a migration without its lock left something behind")
            trials.expect(await _raised(migrate(house.database)) is None, "a migration was not applied later")


async def several_at_once(trials: Migrating, quick: bool) -> None:
    """Several migrate at once while events come in and are decided: each migration is applied once, nothing is lost."""
    for round_ in range(1 if quick else 20):
        async with trials.traded() as house:
            with version(trials.place.home / "version", NEXT[0]):
                migrating = (_raised(migrate(house.database)) for _ in range(4))
                *errors, _ = await asyncio.gather(*migrating, _trade(house))
                seen = [name for (name,) in await fetch(house.database, _APPLIED)]
                trials.expect(errors == [None] * 4, f"of four that migrate at once: {errors}")
                trials.expect(seen == migrations.names(), f"round {round_}: migrations {seen}")
            await _works(trials, house, "after four migrated at once")


async def _trade(house: House) -> None:
    for n in range(10):
        await house.send(*sales(3, name=f"t{n}-"))
        await house.decide()


async def _works(trials: Migrating, house: House, when: str) -> None:
    """This version takes, decides and verifies."""
    await house.send(*sales(2, name="w"))
    await house.decide()
    aside = await process.quarantined(house.pool, house.ws)
    report = await audit.verify(house.pool, house.ws)
    trials.expect(aside == [] and report.differences == (), f"{when}: {aside} {report.differences[:2]}")


async def old_meets_new(trials: Migrating, _: bool) -> None:
    """An old version works beside what both can live with; where it no longer fits it says so, starts not, and blames no event."""
    async with trials.traded() as house:
        async with _running(trials, house.database) as before:
            with version(trials.place.home / "version", NEXT[0]):
                await migrate(house.database)
            trials.expect(await _ready(before) == _READY, "an old process is not ready beside a pre migration")
            async with _running(trials, house.database) as started:
                trials.expect(await _ready(started) == _READY, "an old version does not start beside a pre migration")
            await _works(trials, house, "beside a pre migration")
            with version(trials.place.home / "version", *NEXT):
                await migrate(house.database)
            status, detail = await _ready(before)
            trials.expect(status == 503 and _NAMES[1] in detail, f"an old process says {status} {detail}")
            await _decides_nothing(trials, house)
        error = await _raised(_start(trials, house.database))
        said = isinstance(error, SchemaError) and _NAMES[1] in str(error) and "newer version" in str(error)
        trials.expect(said, f"an old version that does not fit starts with {error!r}")
        await _back(house)
        await _works(trials, house, "after the old version found its schema again")


async def _decides_nothing(trials: Migrating, house: House) -> None:
    await house.send(*sales(1, name="x"))
    with patch.object(process, "_PAUSE", 0):
        error = await _raised(process.process(house.engine, house.ws))
    aside = await process.quarantined(house.pool, house.ws)
    trials.expect(error is not None and aside == [], f"on a schema that does not fit: {error!r}, set aside: {aside}")


async def _back(house: House) -> None:
    undone = "delete from migration where name in ('{}', '{}')".format(*_NAMES)
    await run_statements(house.database, "alter table reward rename column earned to gross", undone)


async def new_meets_old(trials: Migrating, _: bool) -> None:
    """A new version with a login that may not migrate says what is missing and what to do; one without rights to add starts."""
    async with trials.traded() as house:
        with contextlib.suppress(asyncpg.DuplicateObjectError):
            await run_statements(trials.place.dsn, f"create role {_LOGIN} login in role {migrations.ROLE}")
        limited = house.database.replace("://goodword@", f"://{_LOGIN}@")
        async with _running(trials, limited) as goodword:
            trials.expect(await _ready(goodword) == _READY, "a login without the right to create is not ready")
        newest = "select max(inhrelid::regclass::text) from pg_inherits where inhparent = 'touch'::regclass"
        [(last,)] = await fetch(house.database, newest)
        await run_statements(house.database, f"drop table {last}")
        async with _running(trials, limited) as goodword:
            trials.expect(await _ready(goodword) == _READY, "a login that may add no partition does not start")
        with version(trials.place.home / "version", NEXT[0]):
            error = await _raised(_start(trials, limited))
            said = isinstance(error, SchemaError) and _NAMES[0] in str(error) and "goodword migrate" in str(error)
            trials.expect(said, f"a new version on an old schema says {error!r}")
            async with _running(trials, house.database) as goodword:
                trials.expect(await _ready(goodword) == _READY, "a new version does not migrate an old schema")
                trials.expect((_NAMES[0],) in await fetch(house.database, _APPLIED), "a new version did not migrate")


def _running(trials: Migrating, dsn: str) -> AbstractAsyncContextManager[Goodword]:
    return product(dsn, trials.place.home / "running", os.environ["GOODWORD_MASTER_KEY"])


async def _start(trials: Migrating, dsn: str) -> None:
    async with _running(trials, dsn):
        pass


async def _ready(goodword: Goodword) -> tuple[int, str]:
    """Whether a server is ready, but for the worker, which it does without here."""
    answer = await request(goodword.app, "GET", "/readyz")
    left = [one["detail"] for one in answer.json().get("failing", []) if one["code"] != "worker_missing"]
    return (answer.status, "; ".join(left)) if left else _READY


async def _raised(doing: Awaitable[Any]) -> BaseException | None:
    try:
        await doing
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, SchemaError) as error:
        return error
    return None


TRIALS: tuple[Callable[[Migrating, bool], Awaitable[None]], ...] = (
    fails_at_each_statement,
    waits_for_nobody_long,
    several_at_once,
    old_meets_new,
    new_meets_old,
)


async def run(place_: Place, quick: bool) -> Result:
    """The part of `make faults`."""
    trials = Migrating(place_)
    for trial in TRIALS:
        await trial(trials, quick)
    what = "migrations that fail or are cut off at each statement, find no lock, are several at once; old and new versions on both"
    return Result("migration", what, trials.tried, len(trials.wrong), tuple(trials.wrong))
