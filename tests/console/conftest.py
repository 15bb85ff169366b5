"""The console of a real installation, asked as a browser asks it; who is there a test says."""

import secrets
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from testkit import sent
from testkit.process import in_a_thread
from tests.api.conftest import RULES, Api, Command, api, goodword, installed

from goodword import console
from goodword.app.follow.follower import catch_up
from goodword.app.follow.registry import REGISTRY
from goodword.app.principal import Principal
from goodword.app.sign_in import Answer
from goodword.console.callers import Caller
from goodword.core.facts import Actor

__all__ = ["Api", "Command", "Console", "api", "busy", "desk", "goodword"]

#: Whether what is done is done for a page.
ASKED: ContextVar[bool] = ContextVar("ASKED", default=False)
#: Names that would be more than names in a page that does not escape them.
SCRIPT, HANDLER = "<script>alert(1)</script>", '"onmouseover="alert(1)'


class Visitors:
    """Whoever the test says is signed in."""

    def __init__(self) -> None:
        self.caller: Caller | None = None
        self.routes = [Route("/console/sign-in", self.page)]

    async def page(self, _: Request) -> Response:
        """The page of signing in."""
        return PlainTextResponse("Sign in")

    async def of(self, _: Request) -> Caller | None:
        """Whoever is there."""
        return self.caller

    async def confirm(self, _: Request, __: Caller, ___: str) -> Answer:
        """Nobody proves anything to a test that says who is there."""
        return Answer("wrong")

    async def way(self, _: Caller) -> str:
        """By what they would."""
        return "link"

    def sign_in(self, _: Request) -> Response:
        """What nobody in particular gets."""
        return PlainTextResponse("Sign in", 401)


class Console:
    """The pages of an installation, as one member after another sees them."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.visitors = Visitors()
        self.app = console.build(api.goodword.directory, self.visitors)
        self.be("owner")

    def be(self, *roles: str, programs: tuple[str, ...] = ()) -> None:
        """Be a member with these roles from now on."""
        workspace = self.api.run(self.api.goodword.directory.workspace(self.api.ws))
        member = self.api.get("/v1/members")["items"][0]["id"]
        actor = Actor(id=member, kind="member", roles=roles, programs=programs)
        self.visitors.caller = Caller(
            Principal("session", workspace, actor), member, "olga@shop.example", "token", sure=True
        )

    def caught_up(self) -> None:
        """Let what follows the log take it to its end, as a worker does within a second; one may be at it just now."""
        self.api.run(catch_up(self.api.goodword.engine, self.api.ws, REGISTRY.values()))
        self.api.until(lambda: not self.api.get("/v1/reports/progress")["behind"])

    def get(self, path: str, accept: str = "text/html", method: str = "GET") -> httpx.Response:
        """Ask for a page."""
        return self.api.run(self.ask(method, path, accept))

    def html(self, path: str) -> str:
        """The text of a page that is there."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        return answer.text

    def json(self, path: str) -> Any:
        """The twin of a page that is there."""
        answer = self.get(path, "application/json")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/json"
        return answer.json()

    def form(
        self, path: str, /, accept: str = "text/html", headers: dict[str, str] | None = None, **fields: Any
    ) -> httpx.Response:
        """Send a form of a page, with what every form has; a field may have several values. None leaves one out."""
        every = {"form": "token", "once": secrets.token_hex(8), **fields}
        given = {name: value for name, value in every.items() if value is not None}
        return self.api.run(self.ask("POST", path, accept, given, headers))

    async def ask(
        self,
        method: str,
        path: str,
        accept: str = "text/html",
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Send a request."""
        if data is None:
            ASKED.set(True)  # in this task alone
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://console.test") as client:
            return await client.request(method, path, headers={"accept": accept, **(headers or {})}, data=data)


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Iterator[Console]:
    """Yield the console of a workspace with a program and nothing else."""
    with in_a_thread(installed(database, tmp_path)) as api, api.http:
        api.say("owner", "/v1/programs", {"document": RULES})
        yield Console(api)


@pytest.fixture
def busy(desk: Console) -> Console:
    """The same with rewards whose parties have hostile names: some wait in review, one is decided about in a case."""
    for n, name in enumerate((SCRIPT, HANDLER, "Ann")):
        desk.api.send(
            sent.enrolled(f"enrol-{n}", name, f"CODE{n}"),
            sent.lead(f"lead-{n}", f"friend of {name}", code=f"CODE{n}"),
            sent.purchase(f"order-{n}", f"friend of {name}", f"INV-{n}", 20_000),
        )
    desk.api.payee("Ann")
    desk.api.move("2026-05-01T00:00:00Z")
    desk.api.send(sent.chargeback("bank", "INV-2", "cb-1"))
    return desk
