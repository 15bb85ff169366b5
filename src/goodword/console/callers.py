"""Who calls a page: what the pages are given of whoever signed in. Must not know: how they signed in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from goodword.app.principal import Principal


class Caller(NamedTuple):
    """Who is signed in. ``form``: the token that each form must send back in its hidden field ``form``."""

    principal: Principal
    member: str
    mail: str | None
    form: str


class Callers(Protocol):
    """What recognises them. ``routes``: the pages of signing in and out, which are served without a caller."""

    routes: Sequence[Route]

    async def of(self, request: Request) -> Caller | None:
        """Return who calls; None: nobody is signed in."""
        ...

    def sign_in(self, request: Request) -> Response:
        """Return what somebody gets who is not signed in."""
        ...
