"""The Django peers, as their users run them: gunicorn with 2 workers of 4 threads, on the server that ours uses."""

import importlib.metadata
import itertools
import json
import shlex
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import asyncpg
import cpu
from clicks import Visitors
from contest import Contestant, Turn
from programs import PEERS, fetch, listens, pg_environment, run, running, serves
from testkit import load
from testkit.product import HOST, free_port

_PYTHON = PEERS / ".venv" / "bin"
_CODES = 200


class Peer(NamedTuple):
    """A running peer. ``database``: a connection beside its own, to see what is committed."""

    name: str
    command: str
    port: int
    pid: int
    database: asyncpg.Connection

    def redirects(self, visitors: Visitors, path: str, clicks: str) -> Contestant:
        """Return the peer as one who redirects. ``path``: of a code; ``clicks``: what counts them, in SQL."""

        async def turn(seconds: float) -> Turn:
            before = await self.database.fetchval(clicks)
            done = await visitors.follow(self.port, [path.format(code=f"code{n}") for n in range(_CODES)], seconds)
            stored = await self.database.fetchval(clicks) - before
            if stored < done.operations:
                raise RuntimeError(f"{self.name} answered {done.operations} redirects and stored {stored} clicks")
            return done

        return Contestant(self.name, f"{self.command} | {visitors.command}", self._spent, turn)

    def commissions(self, connections: int = 64) -> Contestant:
        """Return django-affiliate-system as one who turns purchases into commissions."""
        count = "select count(*) from affiliates_commission"
        headers = {"host": HOST, "content-type": "application/json"}
        bodies = [
            {"referral_code": f"code{n}", "event_type": "purchase", "conversion_value": "49.90"} for n in range(_CODES)
        ]
        path = "/affiliates/referral-actions/track/"
        requests = itertools.cycle([load.request("POST", path, headers, json.dumps(body).encode()) for body in bodies])

        async def turn(seconds: float) -> Turn:
            before = await self.database.fetchval(count)
            sent = await load.send(HOST, self.port, load.lasting(requests, seconds), connections, 201)
            made = await self.database.fetchval(count) - before
            if made != len(sent.latencies):
                raise RuntimeError(f"{self.name}: {len(sent.latencies)} purchases brought {made} commissions")
            return Turn.of(sent)

        return Contestant(
            self.name, f"{self.command} | a purchase a request, {connections} connections", self._spent, turn
        )

    def asked(self, name: str, what: str, request: bytes) -> Contestant:
        """Return the peer as one who answers a request again and again, over one connection. ``what``: of it, in words."""

        async def turn(seconds: float) -> Turn:
            return Turn.of(await load.send(HOST, self.port, load.lasting(itertools.repeat(request), seconds), 1, 200))

        return Contestant(name, f"{self.command} | {what}, 1 connection", self._spent, turn)

    def _spent(self) -> float:
        return cpu.seconds(self.pid)


@asynccontextmanager
async def peer(module: str, package: str, dsn: str, tools: Path, folder: Path) -> AsyncIterator[Peer]:
    """Run the project in ``peers/<module>.py``, in a database of its own. MissingError where it cannot be had."""
    fetch("peers")
    env = pg_environment(dsn, module)
    await run([tools / "psql", "-q", "-d", "postgres", "-c", f"create database {module}"], env)
    await run([_PYTHON / "python", f"{module}.py", "prepare"], env, PEERS)
    port, log = free_port(), folder / f"{module}.log"
    arguments = ["--workers", "2", "--threads", "4", "--no-control-socket", "--bind", f"{HOST}:{port}", module]
    command = shlex.join(["gunicorn", *arguments])
    with running([_PYTHON / "gunicorn", *arguments], env, log, PEERS, signal.SIGQUIT) as process:
        await serves(process, log, lambda: listens(port))
        database = await asyncpg.connect(dsn, database=module)
        try:
            yield Peer(f"{package} {_version(package)}", command, port, process.pid, database)
        finally:
            await database.close()


def _version(package: str) -> str:
    found = importlib.metadata.distributions(name=package, path=[str(next(_PYTHON.parent.glob("lib/*/site-packages")))])
    return next(iter(found)).version
