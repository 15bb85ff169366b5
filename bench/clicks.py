"""Who follows links: wrk, or, where it cannot be had, our own client, which then is part of what limits the rate."""

import asyncio
import itertools
import json
import os
import shlex
import tempfile
from collections.abc import Sequence
from pathlib import Path

from contest import Turn
from programs import MissingError, libraries, run, tool
from testkit import load
from testkit.product import HOST

CONNECTIONS = 64
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"

# Each thread goes through all paths in turn; the end is said as JSON, times in microseconds.
_SCRIPT = """
local paths, at, requests = {%s}, 0, {}
init = function()
  for n, path in ipairs(paths) do requests[n] = wrk.format("GET", path, {["user-agent"] = "%s"}) end
end
request = function() at = at %% #requests + 1; return requests[at] end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('\\n{"requests": %%d, "us": %%d, "p50": %%d, "p99": %%d, "failed": %%d}\\n', summary.requests,
    summary.duration, latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
"""


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
        handle, script = tempfile.mkstemp(suffix=".lua", dir=self._folder)
        os.close(handle)
        quoted = ", ".join(json.dumps(path) for path in paths)
        await asyncio.to_thread(Path(script).write_text, _SCRIPT % (quoted, _AGENT))
        arguments = ["-t2", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "-s", script, f"http://{HOST}:{port}"]
        said = json.loads((await run([self._wrk, *arguments], libraries())).splitlines()[-1])
        if said["failed"]:
            raise RuntimeError(f"{said['failed']} requests failed: {shlex.join(arguments)}")
        return Turn(said["requests"], said["us"] / 1e6, said["p50"] / 1e3, said["p99"] / 1e3)

    async def _plainly(self, port: int, paths: Sequence[str], seconds: float) -> Turn:
        headers = {"host": HOST, "user-agent": _AGENT}
        requests = itertools.cycle([load.request("GET", path, headers) for path in paths])
        sent = await load.send(HOST, port, load.lasting(requests, seconds), CONNECTIONS, 302)
        return Turn.of(sent)
