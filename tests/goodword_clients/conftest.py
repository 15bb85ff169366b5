"""Both of our clients in one vocabulary, that of Python: sync, async, and JavaScript's in a Node of its own."""

import asyncio
import json
import re
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import goodword_client
import httpx
import pytest
from goodword_client import AsyncGoodword, Goodword, Queue
from testkit.process import in_a_thread
from tests.api.conftest import RULES, Api, installed

HERE = Path(__file__).resolve().parent
CLIENTS = ["sync", "async", "node"]
NO_NODE = "node is not there: the JavaScript client was NOT run"


class RaisedError(Exception):
    """What a client raised: the name of its error, and its members."""

    def __init__(self, name: str, **members: Any) -> None:
        super().__init__(name, members)
        self.name = name
        self.members = members

    def __getattr__(self, name: str) -> Any:
        return self.members.get(name)


class Client:
    """A client at a server. ``call``: by the name of its part and method, as Python has them; lists come whole."""

    def __init__(self, which: str, url: str, key: str, **options: Any) -> None:
        self.which, self.url, self.key, self.options = which, url, key, options

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Make one call."""
        return self.calls((name, args, kwargs))[0]

    def calls(
        self, *calls: tuple[str, tuple[Any, ...], dict[str, Any]], queue: dict[str, Any] | None = None
    ) -> list[Any]:
        """Make calls one after another. Raises RaisedError for the first that raised."""
        self.refused: list[Any] = []
        self.errors = ""
        if self.which == "node":
            return self._node(calls, queue or {})
        try:
            made = (
                self._sync(calls, queue or {}) if self.which == "sync" else asyncio.run(self._async(calls, queue or {}))
            )
        except goodword_client.GoodwordError as error:
            raise RaisedError(type(error).__name__, message=str(error), **vars(error)) from error
        return made

    def _sync(self, calls: Any, queue: dict[str, Any]) -> list[Any]:
        with (
            httpx.Client(trust_env=False) as http,
            Goodword(
                self.url, self.key, http=http, queue=Queue(on_refused=self.refused.append, **queue), **self.options
            ) as gw,
        ):
            found = []
            for name, args, kwargs in calls:
                given = _method(gw, name)(*args, **kwargs)
                found.append(list(given) if isinstance(given, Iterator) else given)
            return found

    async def _async(self, calls: Any, queue: dict[str, Any]) -> list[Any]:
        async with (
            httpx.AsyncClient(trust_env=False) as http,
            AsyncGoodword(
                self.url, self.key, http=http, queue=Queue(on_refused=self.refused.append, **queue), **self.options
            ) as gw,
        ):
            found = []
            for name, args, kwargs in calls:
                given = _method(gw, name)(*args, **kwargs)
                if isinstance(given, AsyncIterator):
                    given = [one async for one in given]
                found.append(await given if asyncio.iscoroutine(given) else given)
            return found

    def _node(self, calls: Any, queue: dict[str, Any]) -> list[Any]:
        options = {_camel(name): value for name, value in self.options.items()}
        queue = {_camel(name): value * 1_000 if name == "interval" else value for name, value in queue.items()}
        done = drive(url=self.url, key=self.key, calls=[as_node(*call) for call in calls], options=options, queue=queue)
        self.refused, self.errors = done["refused"], done["errors"]
        for one in done["results"]:
            if "raised" in one:
                raise RaisedError(**one["raised"])
        return [one["gave"] for one in done["results"]]


class Between:
    """An address before a server, as a proxy is.

    The first ``busy`` requests find no room and go no further; of each request the first ``lose`` answers are lost: the connection
    ends, or the proxy says 502, in turns. ``says``: statuses with which the first requests are answered and go no further.
    ``sent``: of each request the port that it came from, and its body.
    """

    def __init__(self, behind: str, *, busy: int = 0, lose: int = 0, says: Sequence[int] = ()) -> None:
        self.came: list[float] = []
        self.sent: list[tuple[int, bytes]] = []
        self.lost = 0
        seen: Counter[bytes] = Counter()
        there = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"  # connections are kept, as by a proxy

            def answer(self) -> None:
                there.came.append(time.monotonic())
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                there.sent.append((self.client_address[1], body))
                if len(there.came) <= len(says):
                    self.say(says[len(there.came) - 1], b'{"code": "wrong", "detail": "Not now."}', {})
                    return
                if len(there.came) <= busy:
                    self.say(503, b'{"code": "unavailable", "detail": "There is no room."}', {"retry-after": "1"})
                    return
                kept = {
                    name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")
                }
                url = behind + self.path
                got = httpx.request(self.command, url, content=body, headers=kept, timeout=30, trust_env=False)
                seen[self.path.encode() + body] += 1
                if seen[self.path.encode() + body] > lose:
                    self.say(got.status_code, got.content, {})
                    return
                there.lost += 1
                if there.lost % 2:
                    self.close_connection = True
                else:
                    self.say(502, b"<html>Bad Gateway</html>", {})

            do_GET = do_POST = do_PUT = answer  # noqa: N815 - as http.server calls them

            def say(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in {**headers, "content-length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def as_node(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, list[Any]]:
    """A call as JavaScript has it: what is named comes last, in an object."""
    options = [{_camel(one): value for one, value in kwargs.items()}] if kwargs else []
    return _camel(name), [*args, *options]


def drive(**said: Any) -> Any:
    """Let Node make calls; returns what it prints."""
    if shutil.which("node") is None:
        pytest.skip(NO_NODE)
    done = subprocess.run(
        ["node", HERE / "drive.mjs"], input=json.dumps(said), capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return {**json.loads(done.stdout), "errors": done.stderr}


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)


def _method(gw: Any, name: str) -> Any:
    for part in name.split("."):
        gw = getattr(gw, part)
    return gw


@pytest.fixture
def api(database: str, tmp_path: Path) -> Iterator[Api]:
    """Yield an installation that serves and decides, with a published program."""
    with in_a_thread(installed(database, tmp_path)) as it, it.http:
        it.say("owner", "/v1/programs", {"document": RULES})
        yield it


@pytest.fixture(params=CLIENTS)
def which(request: pytest.FixtureRequest) -> str:
    """Give each client in turn."""
    if request.param == "node" and shutil.which("node") is None:
        pytest.skip(NO_NODE)
    return str(request.param)
