"""The console: pages for staff."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from goodword.app.directory import Directory
from goodword.console.callers import Callers


def build(directory: Directory, callers: Callers) -> ASGIApp:  # noqa: ARG001
    """Return what serves all under /console."""

    async def home(request: Request) -> Response:
        caller = await callers.of(request)
        return callers.sign_in(request) if caller is None else Response(f"{caller.mail} {caller.form}")

    return Starlette(routes=[*callers.routes, Route("/console/", home)])
