"""The management API: FastAPI over the app's use cases. Its OpenAPI 3.1 document is at ``/openapi.json``.

Every operation names the permission it needs (``auth.needs``); requests are bounded before they are read.
Must not know: SQL, events from outside (the edge takes them), rules.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from goodword import __version__
from goodword.api import errors, ledger, log, members, payouts, people, programs, reports, rewards, workspaces
from goodword.api.auth import schemes
from goodword.app.directory import Directory

__all__ = ["build", "permission_of"]

MAX_BODY = 1 << 20
_ROUTERS = (workspaces, programs, people, rewards, payouts, ledger, log, reports, members)

_App = Callable[[dict[str, Any], Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]


def build(directory: Directory) -> _App:
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
    for module in _ROUTERS:
        app.include_router(module.router)
    for route in app.routes:
        if isinstance(route, APIRoute):
            route.openapi_extra = {"x-permission": permission_of(route)}
    return app


def permission_of(route: APIRoute) -> str:
    """The action that an operation needs. Raises LookupError for one that does not say."""
    for dependency in route.dependant.dependencies:
        action = getattr(dependency.call, "action", None)
        if action is not None:
            return str(action)
    raise LookupError(f"{route.path} names no permission")


class _Bounded:
    """Reads at most ``MAX_BODY`` bytes of a request."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Serve one request."""
        seen = 0

        async def bounded() -> Any:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > MAX_BODY:
                raise errors.ProblemError(413, "too_large", f"The body is larger than {MAX_BODY} bytes.")
            return message

        await self._app(scope, bounded, send)
