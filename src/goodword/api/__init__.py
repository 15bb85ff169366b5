"""The management API: FastAPI over the app's use cases. Its OpenAPI 3.1 document is at ``/openapi.json``.

What webhooks send has one of its own, at ``/asyncapi.json``.

Every operation renders one function of ``say`` or ``see`` and names it (``auth.needs``); requests are bounded before they are read.
Must not know: the database, events from outside (the edge takes them), rules.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import cache
from threading import Lock
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message, Receive, Scope, Send

from goodword import __version__
from goodword.api import (
    agreements,
    asyncapi,
    audits,
    books,
    cases,
    credit,
    crm,
    deals,
    dub,
    errors,
    ledger,
    log,
    looking,
    mail,
    mcp,
    measures,
    members,
    messages,
    offers,
    own_system,
    payouts,
    people,
    pilots,
    programs,
    reports,
    rewards,
    routing,
    schedules,
    sources,
    standing,
    statements,
    stocks,
    taxes,
    texts,
    webhooks,
    workspaces,
)
from goodword.api.auth import has_body, recognise, schemes
from goodword.api.document import document
from goodword.app.directory import Directory
from goodword.app.principal import Principal, action_of
from goodword.app.write.process import TRANSIENT
from goodword.web import DRAINED, FullError, Room

__all__ = ["Bounded", "application", "build", "routes", "use_case_of"]

MAX_BODY = 1 << 20
_ROUTERS = (
    *(
        workspaces,
        programs,
        pilots,
        people,
        looking,
        rewards,
        audits,
        cases,
        deals,
        agreements,
        routing,
        standing,
        payouts,
        schedules,
        statements,
        taxes,
        stocks,
        credit,
        offers,
        ledger,
        books,
        log,
        reports,
        measures,
        sources,
        members,
        messages,
        mail,
        texts,
    ),
    *(webhooks, crm, own_system),
)


def build(directory: Directory, edge: Mapping[str, Any]) -> Bounded:
    """Return the ASGI application. ``edge``: what the edge serves, for the published document."""
    return Bounded(application(directory, edge))


def application(directory: Directory, edge: Mapping[str, Any]) -> FastAPI:
    """Return FastAPI's application, unbounded: for its routes and its document."""
    app = FastAPI(
        title="Goodword",
        version=__version__,
        description="Referral rewards that are explained, approved, paid and balanced.",
        separate_input_output_schemas=False,
        dependencies=schemes(),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    make, made, alone = app.openapi, dict[str, Any](), Lock()

    def openapi() -> dict[str, Any]:
        with alone:  # pages of the documentation are made in other threads
            if not made:
                made.update(document(make(), edge))
        return made

    app.__dict__["openapi"] = openapi
    published = cache(lambda: msgspec.json.encode(openapi()))

    async def operations(_: Request) -> Response:
        return Response(await asyncio.to_thread(published), media_type="application/json")  # it takes a second, once

    app.add_route("/openapi.json", operations, include_in_schema=False)

    async def described(_: Request) -> Response:
        return Response(msgspec.json.encode(asyncapi.document()), media_type="application/json")

    app.add_route("/asyncapi.json", described, include_in_schema=False)
    app.state.directory = directory
    errors.install(app)
    for route in routes():
        route.openapi_extra = {"x-permission": action_of(use_case_of(route))}
    for module in _ROUTERS:
        app.include_router(module.router)
    app.routes.extend(dub.ROUTES)
    return app


def routes() -> list[APIRoute]:
    """Return every operation."""
    return [route for module in _ROUTERS for route in module.router.routes if isinstance(route, APIRoute)]


def use_case_of(route: APIRoute) -> Callable[..., Any]:
    """Return the function of ``say`` or ``see`` that an operation renders. Raises LookupError for one that does not say."""
    for dependency in route.dependant.dependencies:
        use_case: Callable[..., Any] | None = getattr(dependency.call, "use_case", None)
        if use_case is not None:
            return use_case
    raise LookupError(f"{route.path} names no use case")


class Bounded:
    """Reads at most ``MAX_BODY`` bytes of a request, more of a file, once its key is known, while there is room."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._mcp = mcp.Mcp(app.state.directory)
        self._room = Room()

    def document(self) -> Mapping[str, Any]:
        """Return the published document."""
        return self._app.openapi()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if (
            scope["path"] == mcp.PATH
        ):  # it bounds itself: who is told that there is no room takes us for an older server
            await self._mcp(scope, receive, send)
            return
        if has_body(scope):
            try:
                await recognise(self._app.state.directory, scope)
            except errors.ProblemError as problem:
                await errors.of_problem(problem)(scope, receive, send)
                return
            except TRANSIENT:
                await errors.away()(scope, receive, send)
                return
        with self._room.share() as take:
            try:
                await self._serve(scope, receive, send, take)
            except FullError as full:
                again = {"retry-after": str(full.again_after)}
                await errors.document(503, full.code, full.detail, again)(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, take: Callable[[int], None]) -> None:
        """Serve a request whose key is known. ``take`` makes room for bytes of its body, or raises FullError."""
        most = _most(scope)
        body = await _body(receive, take, most)
        if body is None:
            detail = f"The body is larger than {most} bytes."
            await errors.document(413, "too_large", detail, {"connection": "close"})(scope, receive, send)
            return
        whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return whole.pop() if whole else await receive()

        await self._app(scope, again, send)


def _most(scope: Scope) -> int:
    """Bytes of a body: more for a file, of whoever may bring one, so that a key of a page takes no more room than elsewhere."""
    who: Principal | None = scope.get("goodword.principal")
    larger = statements.LARGER.get(scope["path"])
    return larger if larger is not None and who is not None and who.may(statements.PERMISSION) else MAX_BODY


async def _body(receive: Receive, take: Callable[[int], None], most: int) -> bytes | None:
    """The whole body, of at most so many bytes; None: it is too large, or its sender went away.

    Some of what is too much is read, so that they hear why.
    """
    parts: list[bytes] = []
    size, more = 0, True
    while more and size <= max(DRAINED, most):
        message = await receive()
        if message["type"] == "http.disconnect":
            return None  # what came of it may look whole
        part = message.get("body", b"")
        size += len(part)
        if size <= most:
            take(len(part))
            parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts) if size <= most else None
