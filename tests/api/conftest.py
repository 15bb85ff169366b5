"""A whole installation over real HTTP, on a fresh database: the edge, the API and the worker."""

import asyncio
import threading
import time
import uuid
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from goodword import settings
from goodword.app.principal import OPERATOR
from goodword.app.say.workspaces import Created, create
from goodword.core import calendar
from goodword.wiring import Goodword, running, serving

STARTS_AT = "2026-03-02T09:00:00Z"
RULES = """\
program: main
currency: EUR
hold: 14d
landing_url: https://shop.example/hello
review:
  two_people_over: {EUR: 5000}
conversions:
  - rewards:
      - {side: advocate, percent: 10}
      - {side: friend, flat: {EUR: 500}}
"""


class Api:
    """A sandbox with a manual clock at STARTS_AT. ``say`` answers what a call by that key is answered."""

    def __init__(self, goodword: Goodword, url: str, made: Created) -> None:
        self.goodword = goodword
        self.url = url
        self.ws = made.id
        self.keys: dict[str | None, str] = {
            "owner": made.owner_key,
            "sk": made.secret_key,
            "wk": made.write_key,
            "pk": made.publishable_key,
        }
        self.http = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self.loop: asyncio.AbstractEventLoop

    def call(self, who: str | None, method: str, path: str, *, key: str | None = None, **more: Any) -> httpx.Response:
        """Any call, as it is answered. ``key``: the Idempotency-Key, a new one by default."""
        headers = {"idempotency-key": key or uuid.uuid4().hex}
        if who is not None:
            headers["authorization"] = f"Bearer {self.keys.get(who, who)}"
        return self.http.request(method, path, headers=headers, **more)

    def get(self, path: str, who: str = "owner", **params: Any) -> Any:
        """Read what must be there."""
        answer = self.call(who, "GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def say(self, who: str, path: str, body: Any, key: str | None = None) -> Any:
        """Say what must be done."""
        answer = self.call(who, "POST", path, json=body, key=key)
        assert answer.is_success, answer.text
        return answer.json()

    def refused(self, who: str, path: str, body: Any) -> tuple[int, str]:
        """Say what must be refused; returns status and code."""
        answer = self.call(who, "POST", path, json=body)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        assert answer.json()["status"] == answer.status_code
        return answer.status_code, answer.json()["code"]

    def member(self, name: str, *roles: str, limits: dict[str, int] | None = None) -> str:
        """Add a member, whose calls are made by that name from now on."""
        body = {"email": f"{name}@shop.example", "roles": roles, "limits": limits}
        added = self.say("owner", "/v1/members", body)
        self.keys[name] = added["key"]
        return str(added["id"])

    def move(self, to: str) -> None:
        """Move the clock."""
        self.say("owner", "/v1/clock", {"to": to})

    def send(self, *events: dict[str, Any]) -> None:
        """Send events and wait until they are decided."""
        answer = self.call("wk", "POST", "/v1/events", json=list(events))
        assert [item["status"] for item in answer.json()["items"]] == ["accepted"] * len(events), answer.text
        self.until(lambda: not self.get("/v1/reports/progress")["waiting"])

    def until(self, done: Callable[[], Any]) -> None:
        """Wait until something is so."""
        late = time.monotonic() + 30
        while not done():
            assert time.monotonic() < late
            time.sleep(0.02)

    def purchase(self, friend: str = "bob", amount: int = 20_000) -> None:
        """An advocate, a friend with a code typed, an order."""
        self.send(
            {"type": "advocate.enrolled", "id": f"enrol-{friend}", "external_id": f"ann-{friend}", "code": friend},
            {"type": "lead.created", "id": f"lead-{friend}", "customer_external_id": friend, "code": friend},
            {
                "type": "conversion.recorded",
                "id": f"order-{friend}",
                "customer_external_id": friend,
                "invoice_id": f"inv-{friend}",
                "amount": amount,
                "currency": "EUR",
            },
        )

    def person(self, external_id: str) -> str:
        """The id of a person."""
        return str(self.get("/v1/people", external_id=external_id)["id"])

    def payee(self, external_id: str, rail: str = "sandbox", **details: str) -> None:
        """Enter payment details."""
        path = f"/v1/people/{self.person(external_id)}/payee"
        answer = self.call("sk", "PUT", path, json={"rail": rail, "details": details})
        assert answer.status_code == 200, answer.text

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine in the server's own loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(60)


@pytest.fixture
def api(database: str, tmp_path: Path) -> Iterator[Api]:
    """Yield an installation that serves, with a published program."""
    box: list[Api] = []
    ready, end = threading.Event(), threading.Event()

    async def serve() -> None:
        found = settings.read(
            {"DATABASE_URL": database, "GOODWORD_HOME": str(tmp_path), "GOODWORD_MASTER_KEY": "17" * 32}
        )
        async with running(found) as goodword, serving(goodword, "127.0.0.1", 0) as url:
            directory = goodword.directory
            made = await create(
                OPERATOR,
                directory,
                "test",
                "olga@shop.example",
                clock="manual",
                starts_at=calendar.parse(STARTS_AT),
            )
            box.append(Api(goodword, url, made))
            box[0].loop = asyncio.get_running_loop()
            ready.set()
            await asyncio.to_thread(end.wait)

    thread = threading.Thread(target=asyncio.run, args=[serve()])
    thread.start()
    assert ready.wait(60), "the installation did not start"
    it = box[0]
    try:
        it.say("owner", "/v1/programs", {"document": RULES})
        yield it
    finally:
        it.http.close()
        end.set()
        thread.join()
