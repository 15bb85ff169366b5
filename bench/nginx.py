"""The limit of a redirect: nginx, which stores nothing and answers ``return 302``."""

import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import cpu
from clicks import Visitors
from contest import Contestant, Turn
from programs import listens, running, serves, tool
from testkit.product import HOST, free_port

NAME = "nginx return 302"
_CONF = """
worker_processes 2; pid {home}/nginx.pid; error_log {home}/nginx.log; daemon off;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path {home}/t1; proxy_temp_path {home}/t2; fastcgi_temp_path {home}/t3;
  uwsgi_temp_path {home}/t4; scgi_temp_path {home}/t5;
  server {{ listen {host}:{port} backlog=1024; return 302 https://shop.example.com/welcome; }}
}}
"""


@asynccontextmanager
async def nginx(folder: Path, visitors: Visitors) -> AsyncIterator[Contestant]:
    """Run it. MissingError where it cannot be had."""
    program, port = tool("nginx"), free_port()
    home = folder / "nginx"
    home.mkdir()
    (home / "nginx.conf").write_text(_CONF.format(home=home, host=HOST, port=port))
    arguments = ["-p", str(home), "-e", "nginx.log", "-c", "nginx.conf"]
    with running([program, *arguments], {}, home / "out.log") as process:
        await serves(process, home / "nginx.log", lambda: listens(port))

        async def turn(seconds: float) -> Turn:
            return await visitors.follow(port, [f"/r/code{n}" for n in range(200)], seconds)

        command = f"{shlex.join(['nginx', '-c', 'nginx.conf'])} (2 workers, no access log) | {visitors.command}"
        yield Contestant(NAME, command, lambda: cpu.seconds(process.pid), turn)
