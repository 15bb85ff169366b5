"""The real clients of Segment and RudderStack, as they come from their registries, against a running server and its worker.

They are installed by lock files that are none of the product's. Where that cannot be done, these tests skip and say so.
"""

import contextlib
import gzip
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from msgspec import structs
from testkit import rule_documents, sent
from testkit.api import Api
from testkit.database import rows
from testkit.process import in_a_thread, product
from testkit.product import Product
from tests.conftest import ROOT

from goodword.app.principal import OPERATOR
from goodword.app.say.workspaces import create
from goodword.edge.web import Receive, Scope, Send, reply
from goodword.sources.base import RefusedError
from goodword.sources.segment import source as segment
from goodword.store.api_keys import new_api_key
from goodword.wiring import Goodword, serving

HERE = ROOT / "tests" / "clients"
BUILT = ROOT / "build" / "clients"
PERSON = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"}
NO_ROOM = RefusedError(503, "unavailable", "There is no room.", {b"retry-after": b"1"})
MASTER_KEY = "17" * 32
CLIENTS = ["segment-python", "rudder-python", "segment-node", "rudder-node"]


class Wire:
    """What goes over the wire to a server: which items came, for how many requests there is no room, or their answer is lost."""

    def __init__(self, goodword: Goodword) -> None:
        self._inner = goodword.app
        self.sent: list[str] = []
        self.requests = self.lose = self.busy = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope.get("path") != "/v1/batch":
            await self._inner(scope, receive, send)
            return
        self.requests += 1
        if self.busy:
            self.busy -= 1
            said = segment.SOURCE.refuse(NO_ROOM) if segment.SOURCE.refuse else None
            assert said is not None
            await reply(send, said.status, said.body, {b"content-type": said.media, **said.headers})
            return
        body = bytearray()

        async def told() -> dict[str, Any]:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        lost = self.lose > 0
        self.lose -= lost

        async def answered(message: dict[str, Any]) -> None:
            if lost and message["type"] == "http.response.start":
                message = {**message, "status": 500}
            await send(message)

        await self._inner(scope, told, answered)
        gzipped = (b"content-encoding", b"gzip") in scope["headers"]
        body = gzip.decompress(body) if gzipped and body else body
        self.sent += (
            [item["messageId"] for item in json.loads(body)["batch"]] if body else []
        )  # of a wrong key nothing is read


class Shop(Api):
    """A sandbox that lives now, its clients, and what went over the wire."""

    wire: Wire

    def speak(self, client: str, *said: dict[str, Any]) -> None:
        """Let a client say something; it must be told of no failure. Waits until all is decided."""
        assert self.tried(client, self.keys["wk"], *said) == ""
        self.until(lambda: not self.get("/v1/reports/progress")["waiting"])

    def tried(self, client: str, key: str, *said: dict[str, Any]) -> str:
        """Let a client say something with a key, and return what it tells of failures."""
        name, language = client.split("-")
        if language == "python":
            command, folder = [BUILT / "python" / "bin" / "python", HERE / "speak.py"], HERE
        else:
            command, folder = ["node", HERE / "speak.mjs"], BUILT / "node"
        text = json.dumps(said) if language == "python" else json.dumps(said).replace("NaN", '"NaN"')
        done = subprocess.run(
            [*map(str, command), name, self.url, key],
            input=text, capture_output=True, text=True, check=False, timeout=120, cwd=folder,
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
def clients(installed: None) -> list[str]:  # noqa: ARG001 - they are there
    """Return those that can be run."""
    return [client for client in CLIENTS if client.endswith("python") or shutil.which("node")]


@pytest.fixture
def shop(database: str, tmp_path: Path) -> Iterator[Shop]:
    """Yield an installation that serves and decides, with a published program."""
    with in_a_thread(_installed(database, tmp_path)) as it, it.http:
        it.say("owner", "/v1/programs", {"document": rule_documents.text("sandbox")})
        yield it


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest, clients: list[str]) -> str:
    """Give each client in turn."""
    if request.param not in clients:
        pytest.skip(f"node is not there: {request.param} was not run")
    return str(request.param)


def order(n: int, total: Any, user: str = "bob") -> dict[str, Any]:
    return {
        "type": "track",
        "userId": user,
        "event": "Order Completed",
        "properties": {"order_id": f"2026-{n}", "total": total, "tax": 19.1, "currency": "EUR"},
    }


def test_a_referral_goes_from_the_click_to_an_explained_reward(
    shop: Shop, client: str, database: str, tmp_path: Path
) -> None:
    """Ann recommends, Bob comes by her link, signs up, orders: his by the client, which sends it once, to the cent; all is proved."""
    link = shop.decided(sent.enrolled("ann-1", "ann", "ANN"))["link"]["url"]
    landed = httpx.get(link, headers=PERSON).headers["location"]
    [click] = parse_qs(urlsplit(landed).query)["gw_click"]
    shop.speak(
        client,
        {"type": "identify", "userId": "bob", "traits": {"email": "bob@mail.example", "plan": "pro"}},
        {"type": "track", "userId": "bob", "event": "Signed Up", "properties": {"gw_click": click}},
        order(17, 3 * 39.7),  # 119.10000000000001 as every client writes it
    )
    assert len(shop.wire.sent) == len(set(shop.wire.sent)) == 3  # no client took the answer for a failure
    [advocate, friend] = sorted(shop.get("/v1/rewards")["items"], key=lambda one: one["side"])
    assert (advocate["amount"], friend["amount"]) == (1000, 500)
    assert advocate["conversion"] == "inv:2026-17"
    assert shop.get(f"/v1/events/{shop.wire.sent[-1]}", source="segment")["evt"] == advocate["evt"]
    said = shop.get(f"/v1/explanations/{advocate['evt']}")["sentences"]
    assert {one["outcome"] for one in said} == {"earned"}
    assert any("100.00 EUR" in one["finance"] for one in said)  # the goods: what was charged less its tax
    proved = Product(tmp_path / "home", DATABASE_URL=database, GOODWORD_MASTER_KEY=MASTER_KEY).run("verify")
    assert (proved.returncode, proved.stderr) == (0, "")


def test_of_a_hundred_orders_whose_answer_was_lost_ninety_nine_count_once(
    shop: Shop, client: str, database: str
) -> None:
    """The server takes the batch and its answer is lost: the client sends again, and nothing is counted twice; NaN costs itself."""
    shop.wire.lose = 1
    shop.speak(client, *(order(n, float("nan") if n == 50 else 119.1, f"u{n}") for n in range(100)))
    assert len(shop.wire.sent) > len(set(shop.wire.sent)) == 100
    stored = rows(
        database, "select source, type, count(*), count(distinct id) from event where type like 'conv%' group by 1, 2"
    )
    assert stored == [("segment", "conversion.recorded", 99, 99)]
    shop.until(lambda: rows(database, "select sum(count) from rejection where code <> 'id_taken'") != [(None,)])
    [(code, field)] = rows(database, "select distinct code, field from rejection")
    assert (code, field) in {("invalid_value", "amount"), ("missing_field", "amount")}  # NaN, and null in its place


def test_while_there_is_no_room_clients_wait_and_lose_nothing(shop: Shop, client: str, database: str) -> None:
    """Each tries again until there is, as often as it must, and says nothing of a failure."""
    shop.wire.busy = 2
    shop.speak(client, order(1, 119.1), order(2, 119.1))
    assert shop.wire.requests > 2
    assert rows(database, "select count(*) from event where type = 'conversion.recorded'") == [(2,)]


def test_a_client_with_a_wrong_key_is_told_at_once(shop: Shop, client: str) -> None:
    """It does not try again what will never be taken, and says that it failed."""
    told = shop.tried(client, new_api_key("wk", "sandbox"), order(1, 119.1))
    assert shop.wire.requests == 1
    assert told
