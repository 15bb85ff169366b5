"""Who is at a page: what signing in gives to the pages, and what somebody gets who is not signed in.

Must not know: how somebody signs in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from goodword.app.principal import Principal
from goodword.app.sign_in import Answer


class Caller(NamedTuple):
    """Somebody who is signed in; their workspace is the principal's.

    ``member``: the member's id; ``mail``: None for a reader who may see no mails; ``form``: the token that each form must send back
    as its hidden field ``form``; ``sure``: whether they proved just now who they are.
    """

    principal: Principal
    member: str
    mail: str | None
    form: str
    sure: bool


class Callers(Protocol):
    """Finds out who is at a page. ``routes``: the pages of signing in and out, which are served to nobody in particular."""

    routes: Sequence[Route]

    async def of(self, request: Request) -> Caller | None:
        """Return who is signed in; None: nobody is."""

    async def confirm(self, request: Request, caller: Caller, typed: str) -> Answer:
        """Let somebody prove again who they are, by what they typed; what ``sure`` says from then on."""

    async def way(self, caller: Caller) -> str:
        """Return by what they do: code, password, or link, which is to sign in anew."""

    def sign_in(self, request: Request) -> Response:
        """Return what somebody gets who is not signed in."""
