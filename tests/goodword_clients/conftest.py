"""Both of our clients in one vocabulary, that of Python: sync, async, and JavaScript's in a Node of its own."""

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

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

    def calls(self, *calls: tuple[str, tuple[Any, ...], dict[str, Any]], queue: dict[str, Any] | None = None) -> list[Any]:
        """Make calls one after another. Raises RaisedError for the first that raised."""
        self.refused: list[Any] = []
        if self.which == "node":
            return self._node(calls, queue or {})
        try:
            made = self._sync(calls, queue or {}) if self.which == "sync" else asyncio.run(self._async(calls, queue or {}))
        except goodword_client.GoodwordError as error:
            raise RaisedError(type(error).__name__, message=str(error), **vars(error)) from error
        return made

    def _queue(self, queue: dict[str, Any]) -> Queue:
        return Queue(on_refused=self.refused.append, http=httpx.Client(trust_env=False), **queue)

    def _sync(self, calls: Any, queue: dict[str, Any]) -> list[Any]:
        with (
            httpx.Client(trust_env=False) as http,
            Goodword(self.url, self.key, http=http, queue=self._queue(queue), **self.options) as gw,
        ):
            found = []
            for name, args, kwargs in calls:
                given = _method(gw, name)(*args, **kwargs)
                found.append(list(given) if isinstance(given, Iterator) else given)
            return found

    async def _async(self, calls: Any, queue: dict[str, Any]) -> list[Any]:
        async with (
            httpx.AsyncClient(trust_env=False) as http,
            AsyncGoodword(self.url, self.key, http=http, queue=self._queue(queue), **self.options) as gw,
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
        self.refused = done["refused"]
        for one in done["results"]:
            if "raised" in one:
                raise RaisedError(**one["raised"])
        return [one["gave"] for one in done["results"]]


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
    return json.loads(done.stdout)


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
