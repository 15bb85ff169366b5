"""The peer: PostgreSQL's own TPC-B, eight clients with prepared statements, on the server that the works use."""

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

NAME = "pgbench TPC-B, 8 clients, prepared"
_DATABASE = "pgbench"


class Turn(NamedTuple):
    """One round of the peer: transactions, seconds, and seconds of processor time that the client itself took."""

    transactions: int
    seconds: float
    client: float


class Pgbench:
    """The peer on a server. ``dsn``: any database of it; ``tools``: the folder with pgbench."""

    def __init__(self, dsn: str, tools: Path) -> None:
        parts = urlsplit(dsn)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self._env = {
            "PATH": os.defpath,
            "LC_ALL": "C",
            "PGHOST": query.get("host") or parts.hostname or "",
            "PGPORT": query.get("port") or str(parts.port or 5432),
            "PGUSER": parts.username or "",
            "PGPASSWORD": parts.password or "",
        }
        self._tools = tools

    def prepare(self) -> None:
        """Make its database: ten branches, a million accounts."""
        self._run("psql", "-q", "-d", "postgres", "-c", f"drop database if exists {_DATABASE}")
        self._run("psql", "-q", "-d", "postgres", "-c", f"create database {_DATABASE}")
        self._run("pgbench", "-i", "-q", "-s", "10", _DATABASE)

    def turn(self, seconds: int) -> Turn:
        """Run it."""
        before = os.times()
        said = self._run("pgbench", "-n", "-M", "prepared", "-c", "8", "-j", "2", "-T", str(seconds), _DATABASE)
        after = os.times()
        done = re.search(r"actually processed: (\d+)", said)
        rate = re.search(r"tps = ([\d.]+) \(without", said)
        if not done or not rate:
            raise RuntimeError(f"pgbench said something else: {said}")
        client = after.children_user + after.children_system - before.children_user - before.children_system
        return Turn(int(done[1]), int(done[1]) / float(rate[1]), client)

    def _run(self, name: str, *arguments: str) -> str:
        done = subprocess.run(
            [self._tools / name, *arguments], env=self._env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{name} failed: {done.stderr}")
        return done.stdout
