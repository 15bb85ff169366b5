"""The real clients of other products, as they come from their registries, against a running server and its worker.

They are installed by lock files that are none of the product's. Where that cannot be done, these tests skip and say so.
"""

import contextlib
import gzip
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from msgspec import structs
from testkit import rule_documents
from testkit.api import Api
from testkit.process import in_a_thread, product
from tests.conftest import ROOT

from goodword.api import mcp
from goodword.app.principal import OPERATOR
from goodword.app.say.workspaces import create
from goodword.edge.web import Receive, Scope, Send, reply, reply_json
from goodword.sources import compatible
from goodword.sources.base import RefusedError
from goodword.sources.registry import REGISTRY
from goodword.wiring import Goodword, serving

HERE = ROOT / "tests" / "clients"
BUILT = ROOT / "build" / "clients"
MASTER_KEY = "17" * 32
OLDER = ("analytics", "june")  # what they need will not stand beside the others
NO_ROOM = RefusedError(503, "unavailable", "There is no room.", {b"retry-after": b"1"})


class Client(NamedTuple):
    """A client: the language it is run in, its package there, the source that it speaks to.

    ``again``: it sends again what was not taken. ``told``: it tells who calls it of failures.
    """

    language: str
    package: str
    source: str
    again: bool = True
    told: bool = True

    @property
    def version(self) -> str:
        """The version that is installed."""
        if self.language == "python":
            lines = [line for file in ("requirements.in", "older.in") for line in (HERE / file).read_text().split()]
            return dict(line.split("==") for line in lines)[self.package]
        versions: dict[str, str] = json.loads((HERE / "package.json").read_text())["dependencies"]
        return versions[self.package]


CLIENTS = {
    "segment-python": Client("python", "segment-analytics-python", "segment"),
    "rudder-python": Client("python", "rudder-sdk-python", "segment"),
    "analytics-python": Client("python", "analytics-python", "segment"),
    "june-python": Client("python", "june-analytics-python", "segment"),
    "posthog-python": Client("python", "posthog", "posthog"),
    "customerio-python": Client("python", "customerio", "customerio", again=False),
    "segment-node": Client("node", "@segment/analytics-node", "segment"),
    "rudder-node": Client("node", "@rudderstack/rudder-sdk-node", "segment"),
    "posthog-node": Client("node", "posthog-node", "posthog"),
    "jitsu-node": Client("node", "@jitsu/js", "jitsu", again=False, told=False),
    "customerio-node": Client("node", "customerio-node", "customerio"),
}
BROWSERS = {
    "segment-browser": Client("browser", "@segment/analytics-next", "segment"),
    "rudder-browser": Client("browser", "@rudderstack/analytics-js", "segment"),
}
#: Of other referral systems: each speaks its own protocol (test_rivals.py).
RIVALS = {
    "dub-python": Client("python", "dub", "dub", again=False),
    "dub-node": Client("node", "dub", "dub", again=False),
    "growsurf-python": Client("python", "growsurf-python", "growsurf", again=False),
    "firstpromoter-node": Client("node", "firstpromoter-api-node", "firstpromoter", again=False),
}
#: Of assistants, which ask (test_mcp.py).
ASSISTANTS = {"mcp-python": Client("python", "mcp", "mcp", again=False)}
#: How a server answers that is older than the discovery of the Model Context Protocol.
OLDER_SERVER = {"jsonrpc": "2.0", "id": None, "error": {"code": -32601, "message": "Method not found"}}


class Seen(NamedTuple):
    """A request that went over the wire, and its answer. ``body``: what its JSON says, None for none."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: Any
    status: int
    answer: str

    @property
    def items(self) -> list[dict[str, Any]]:
        """The items of it, one where it is no batch."""
        if isinstance(self.body, dict) and "batch" in self.body:
            found: list[dict[str, Any]] = self.body["batch"]
            return found
        return [self.body] if self.body and self.method != "GET" else []


class Wire:
    """What goes over the wire to a source: which requests came, how many are refused and how, of how many the answer is lost.

    ``undiscovered``: assistants are answered by a server that is older than ``server/discover``.
    """

    def __init__(self, goodword: Goodword) -> None:
        self._goodword = goodword
        self.seen: list[Seen] = []
        self.lose = self.busy = 0
        self.refusal = NO_ROOM
        self.undiscovered = False

    @property
    def sent(self) -> list[str]:
        """The ids of the items that came, in order."""
        names = ("messageId", "uuid", "id")
        return [next(str(item[name]) for name in names if name in item) for one in self.seen for item in one.items]

    @property
    def requests(self) -> int:
        """How many requests came that hold events."""
        return sum(1 for one in self.seen if one.method not in ("GET", "OPTIONS"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        inner = self._goodword.app
        if scope["type"] != "http" or not _is_theirs(scope):
            await inner(scope, receive, send)
            return
        body, answer, status = bytearray(), bytearray(), 0

        async def told() -> dict[str, Any]:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        async def answered(message: dict[str, Any]) -> None:
            nonlocal status
            status = message.get("status", status)
            answer.extend(message.get("body", b""))
            if lost and message["type"] == "http.response.start":
                message = {**message, "status": 500}
            await send(message)

        sends = scope["method"] not in ("GET", "OPTIONS")
        lost = False
        if self.undiscovered and (b"mcp-method", b"server/discover") in scope["headers"]:
            while (await told()).get("more_body"):
                pass
            await reply_json(answered, 404, OLDER_SERVER)
        elif sends and self.busy:
            self.busy -= 1
            full = compatible.refuse(self.refusal)
            await reply(answered, full.status, full.body, {b"content-type": full.media, **full.headers})
            while (await told()).get("more_body"):
                pass
        else:
            lost = sends and self.lose > 0
            self.lose -= lost
            await inner(scope, told, answered)
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        text = gzip.decompress(body) if headers.get("content-encoding") == "gzip" and body else bytes(body)
        path, query = scope["raw_path"].decode(), scope["query_string"].decode()
        said = json.loads(text) if text else None
        self.seen.append(Seen(scope["method"], path, query, headers, said, status, answer.decode()))


def _is_theirs(scope: Scope) -> bool:
    """Whether the path is another product's, or what assistants ask."""
    theirs = [source for name, source in REGISTRY.items() if name != "native"]
    patterns = [at for source in theirs for at in (source.beneath, *source.told) if at is not None]
    keyed = any(scope["path"] in source.paths for source in theirs)
    ours = scope["path"] in REGISTRY["native"].paths
    return (
        keyed
        or scope["path"] == mcp.PATH
        or (not ours and any(at.fullmatch(scope["raw_path"].decode()) for at in patterns))
    )


class Shop(Api):
    """A sandbox that lives now, its clients, and what went over the wire."""

    wire: Wire

    def speak(self, client: str, *said: dict[str, Any], page: str = "") -> None:
        """Let a client say something; it must be told of no failure. Waits until all is decided."""
        assert self.tried(client, self.keys["pk" if client in BROWSERS else "wk"], *said, page=page) == ""
        self.until(lambda: not self.get("/v1/reports/progress")["waiting"])

    def tried(self, client: str, key: str, *said: dict[str, Any], page: str = "", zone: str = "UTC") -> str:
        """Let a client say something with a key, on a page, in a zone; return what it tells of failures."""
        name, language = client.split("-")
        if language == "python":
            built = BUILT / ("older" if name in OLDER else "python")
            command, folder = [built / "bin" / "python", HERE / "speak.py"], HERE
        else:
            command, folder = ["node", HERE / ("speak.mjs" if language == "node" else "browse.mjs")], BUILT / "node"
        text = json.dumps(said) if language == "python" else json.dumps(said).replace("NaN", '"NaN"')
        done = subprocess.run(
            [*map(str, command), name, self.url, key, page],
            input=text, capture_output=True, text=True, check=False, timeout=120, cwd=folder,
            env=os.environ | {"TZ": zone},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextlib.asynccontextmanager
async def _installed(database: str, home: Path) -> AsyncIterator[Shop]:
    async with product(database, home, MASTER_KEY, work=True) as goodword:
        wire = Wire(goodword)
        async with serving(replace(goodword, app=wire), "127.0.0.1", 0) as url:  # type: ignore[arg-type]
            made = await create(OPERATOR, goodword.directory, "test", "olga@shop.example")
            shop = Shop(url, structs.asdict(made))
            shop.wire = wire
            yield shop


@pytest.fixture(scope="session")
def clients() -> list[str]:
    """Install the clients, once; those that are there."""
    try:
        subprocess.run([ROOT / "scripts" / "clients.sh"], check=True, capture_output=True, text=True, timeout=300)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired, OSError) as error:
        pytest.skip(f"the clients could not be installed, and none was run: {getattr(error, 'stderr', '') or error}")
    node = shutil.which("node")
    return [name for name, client in {**CLIENTS, **BROWSERS}.items() if client.language == "python" or node]


@pytest.fixture(scope="session")
def installed(clients: list[str]) -> None:
    """See to it that what vendors sign by is installed too."""
    assert clients


@pytest.fixture
def shop(database: str, tmp_path: Path) -> Iterator[Shop]:
    """Yield an installation that serves and decides, with a published program."""
    with in_a_thread(_installed(database, tmp_path)) as it, it.http:
        it.say("owner", "/v1/programs", {"document": rule_documents.text("sandbox")})
        yield it


def _there(request: pytest.FixtureRequest, clients: list[str]) -> str:
    if request.param not in clients:
        pytest.skip(f"node is not there: {request.param} was not run")
    return str(request.param)


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest, clients: list[str]) -> str:
    """Give each client of a server in turn."""
    return _there(request, clients)


@pytest.fixture(params=[name for name, client in CLIENTS.items() if client.again])
def again(request: pytest.FixtureRequest, clients: list[str]) -> str:
    """Give each client in turn that sends again what was not taken."""
    return _there(request, clients)


@pytest.fixture(params=[name for name, client in CLIENTS.items() if not client.again])
def once(request: pytest.FixtureRequest, clients: list[str]) -> str:
    """Give each client in turn that sends nothing again."""
    return _there(request, clients)


@pytest.fixture(params=[name for name, client in CLIENTS.items() if client.language == "python"])
def naive(request: pytest.FixtureRequest, clients: list[str]) -> str:
    """Give each client in turn that takes times without a zone."""
    return _there(request, clients)


@pytest.fixture(params=BROWSERS)
def browser(request: pytest.FixtureRequest, clients: list[str]) -> str:
    """Give each client of a page in turn."""
    return _there(request, clients)
