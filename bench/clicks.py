"""Who follows links: wrk, or, where it cannot be had, our own client, which then is part of what limits the rate.

And the limit of a redirect: nginx, which stores nothing and answers ``return 302``.
"""

import asyncio
import itertools
import json
import shlex
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import cpu
from contest import Contestant, Turn
from programs import HERE, MissingError, libraries, listens, run, running, serves, tool
from testkit import load
from testkit.product import HOST, free_port

CONNECTIONS = 64
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"

_SCRIPT = (HERE / "clicks.lua").read_text()


class Visitors:
    """Follow links over 64 connections. ``folder``: where the script may lie; ``why_not``: why wrk cannot be had."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.why_not: str | None = None
        try:
            self._wrk: Path | None = tool("wrk")
        except MissingError as error:
            self._wrk, self.why_not = None, str(error)

    @property
    def command(self) -> str:
        """How they are sent."""
        return f"wrk -t2 -c{CONNECTIONS}" if self._wrk else f"an asyncio client, {CONNECTIONS} connections"

    async def follow(self, port: int, paths: Sequence[str], seconds: float) -> Turn:
        """Follow these paths in turn for that long; every answer must be a redirect (wrk: none an error)."""
        if self._wrk is None:
            return await self._plainly(port, paths, seconds)
        script, quoted = self._folder / f"{port}.lua", ", ".join(json.dumps(path) for path in paths)
        await asyncio.to_thread(script.write_text, _SCRIPT.replace("PATHS", quoted).replace("AGENT", _AGENT))
        lasting, to = f"-d{max(1, round(seconds))}s", f"http://{HOST}:{port}"
        arguments = ["-t2", f"-c{CONNECTIONS}", lasting, "-s", str(script), to]
        said = json.loads((await run([self._wrk, *arguments], libraries())).splitlines()[-1])
        if said["failed"]:
            raise RuntimeError(f"{said['failed']} requests failed: {shlex.join(arguments)}")
        return Turn(said["requests"], said["us"] / 1e6, said["p50"] / 1e3, said["p99"] / 1e3)

    async def _plainly(self, port: int, paths: Sequence[str], seconds: float) -> Turn:
        headers = {"host": HOST, "user-agent": _AGENT}
        requests = itertools.cycle([load.request("GET", path, headers) for path in paths])
        sent = await load.send(HOST, port, load.lasting(requests, seconds), CONNECTIONS, 302)
        return Turn.of(sent)


@asynccontextmanager
async def nginx(folder: Path, visitors: Visitors) -> AsyncIterator[Contestant]:
    """Run it. MissingError where it cannot be had."""
    program, port, home = tool("nginx"), free_port(), folder / "nginx"
    home.mkdir()
    (home / "nginx.conf").write_text((HERE / "nginx.conf").read_text().replace("ADDRESS", f"{HOST}:{port}"))
    arguments = ["-p", str(home), "-e", "nginx.log", "-c", "nginx.conf"]
    with running([program, *arguments], {}, home / "out.log") as process:
        await serves(process, home / "nginx.log", lambda: listens(port))

        async def turn(seconds: float) -> Turn:
            return await visitors.follow(port, [f"/r/code{n}" for n in range(200)], seconds)

        command = f"nginx -c nginx.conf (2 workers, no access log) | {visitors.command}"
        yield Contestant("nginx return 302", command, lambda: cpu.seconds(process.pid), turn)
