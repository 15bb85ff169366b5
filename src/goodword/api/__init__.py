"""The management API: FastAPI over the app's use cases. Its OpenAPI 3.1 document is at ``/openapi.json``.

Every operation names the permission it needs (``auth.needs``); requests are bounded before they are read.
Must not know: SQL, events from outside (the edge takes them), rules.
"""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from goodword import __version__
from goodword.api import errors, ledger, log, members, payouts, people, programs, reports, rewards, workspaces
from goodword.api.auth import schemes
from goodword.app.directory import Directory

__all__ = ["application", "build", "permission_of", "routes"]

MAX_BODY = 1 << 20
_DRAINED = 16 << 20
_ROUTERS = (workspaces, programs, people, rewards, payouts, ledger, log, reports, members)


def build(directory: Directory) -> ASGIApp:
    """Give the ASGI application."""
    return _Bounded(application(directory))


def application(directory: Directory) -> FastAPI:
    """Give FastAPI's application, unbounded: for its routes and its document."""
    app = FastAPI(
        title="Goodword",
        version=__version__,
        description="Referral rewards that are explained, approved, paid and balanced.",
        separate_input_output_schemas=False,
        dependencies=schemes(),
        redoc_url=None,
    )
    app.state.directory = directory
    errors.install(app)
    for route in routes():
        route.openapi_extra = {"x-permission": permission_of(route)}
    for module in _ROUTERS:
        app.include_router(module.router)
    return app


def routes() -> list[APIRoute]:
    """Give every operation."""
    return [route for module in _ROUTERS for route in module.router.routes if isinstance(route, APIRoute)]


def permission_of(route: APIRoute) -> str:
    """The action that an operation needs. Raises LookupError for one that does not say."""
    for dependency in route.dependant.dependencies:
        action = getattr(dependency.call, "action", None)
        if action is not None:
            return str(action)
    raise LookupError(f"{route.path} names no permission")


class _Bounded:
    """Reads at most ``MAX_BODY`` bytes of a request, before anything looks at them."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        body = await _body(receive) if scope["type"] == "http" else b""
        if body is None:
            detail = f"The body is larger than {MAX_BODY} bytes."
            await errors.document(413, "too_large", detail, {"connection": "close"})(scope, receive, send)
            return
        whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return whole.pop() if whole else await receive()

        await self._app(scope, again if scope["type"] == "http" else receive, send)


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None: it is too large. Some of what is too much is still read, so that the sender hears why."""
    parts: list[bytes] = []
    size, more = 0, True
    while more and size <= _DRAINED:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size <= MAX_BODY:
            parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts) if size <= MAX_BODY else None
