"""The yardstick: PostgreSQL's own pgbench, on the server that the works use."""

import re
import shlex
from pathlib import Path

import cpu
from contest import Contestant, Turn
from programs import HERE, pg_environment, run

NAME = "pgbench TPC-B, 8 clients"
_DATABASE = "pgbench"
_CLIENTS = ["-n", "-M", "prepared", "-c", "8", "-j", "2"]
_SCALE = 10


async def tpc_b(dsn: str, tools: Path) -> Contestant:
    """Make its database, ten branches and a million accounts, and give it. ``tools``: the folder with pgbench and psql."""
    env = pg_environment(dsn, _DATABASE)
    await run([tools / "psql", "-q", "-d", "postgres", "-c", f"create database {_DATABASE}"], env)
    await run([tools / "pgbench", "-i", "-q", "-s", str(_SCALE)], env)
    return contestant(NAME, env, tools, _CLIENTS)


async def double_entry(dsn: str, tools: Path) -> Contestant:
    """Make accounts anew in a database of its own, and give transfers between them."""
    env = pg_environment(dsn, "double_entry")
    await run([tools / "psql", "-q", "-d", "postgres", "-c", "drop database if exists double_entry"], env)
    await run([tools / "psql", "-q", "-d", "postgres", "-c", "create database double_entry"], env)
    await run([tools / "psql", "-q", "-f", HERE / "accounts.sql"], env)
    return contestant("pgbench double entry, 8 clients", env, tools, [*_CLIENTS, "-f", str(HERE / "transfer.sql")])


def contestant(name: str, env: dict[str, str], tools: Path, arguments: list[str]) -> Contestant:
    """Return pgbench with these arguments."""

    async def turn(seconds: float) -> Turn:
        said = await run([tools / "pgbench", *arguments, "-T", str(max(1, round(seconds)))], env)
        done, rate = re.search(r"actually processed: (\d+)", said), re.search(r"tps = ([\d.]+) \(without", said)
        if not done or not rate:
            raise RuntimeError(f"pgbench said something else: {said}")
        return Turn(int(done[1]), int(done[1]) / float(rate[1]))

    return Contestant(name, shlex.join(["pgbench", *arguments]), cpu.ended, turn)
