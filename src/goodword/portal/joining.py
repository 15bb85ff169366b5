"""The page at which people join a program by themselves. Whether the mail is known shows in nothing; nobody is enrolled by the page.

Must not know: SQL, rules, who may join.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from goodword.app import joining, portal_in
from goodword.app.intake.quota import Quota, QuotaError, Rates
from goodword.app.joining import Joinable
from goodword.portal import colours
from goodword.portal.answering import HIDDEN, Answering, Refused
from goodword.portal.typed import said_of

#: Requests a second to join at one workspace, of all addresses together.
_ASKS: Final = Rates(address=0, key=10)
_STATUS: Final = {"open": 200, "draft": 200, "paused": 200, "ended": 410}
_KEPT: Final = {**HIDDEN, "cache-control": "public, max-age=86400"}


class Pages:
    """The page as it is served. ``root``: the path that stands before a workspace."""

    def __init__(self, answering: Answering, root: str) -> None:
        self._answering = answering
        self._directory = answering.directory
        self._root = root
        self._asks = Quota(self._directory.engine.clock, _ASKS)
        here = f"{root}/{{workspace}}"
        self.routes: Sequence[Route] = (
            Route(f"{here}/join/{{program}}", self._shown, methods=["GET"]),
            Route(f"{here}/join/{{program}}", self._asked, methods=["POST"]),
            Route(f"{here}/colour/{{colour}}.css", self._colour, methods=["GET"]),
        )

    async def _shown(self, request: Request) -> Response:
        async def show() -> Response:
            self._answering.looked(request)
            it = await self._of(request)
            return self._page(it, "ask", _STATUS[it.status])

        return await self._answering.answered(show)

    async def _asked(self, request: Request) -> Response:
        """Have a link mailed by which one joins, or show what is wrong with what was typed."""

        async def ask() -> Response:
            self._answering.looked(request)
            it = await self._of(request)
            said = await self._answering.form(request, b"")
            typed = {name: said_of(said, name) for name in ("mail", "name", "agreed")}
            asks = joining.read(it.program, typed["mail"], typed["name"])
            wrong = "mail" if asks is None else "agreed" if not typed["agreed"] else None
            if it.status != "open" or asks is None or wrong:
                return self._page(it, "ask", 409, typed=typed, wrong=wrong)
            try:
                self._asks.take(it.workspace.id.encode(), "", 1)
            except QuotaError as error:
                raise Refused(429, "wait", error.retry_after) from None
            address = request.client.host if request.client is not None else ""
            until = await portal_in.ask(self._directory, it.workspace, asks.mail, address, asks)
            if until is not None:
                raise Refused(429, "in_wait", max(1, -(-(until - self._directory.now()) // 1_000_000)))
            return self._page(it, "sent")

        return await self._answering.answered(ask)

    async def _colour(self, request: Request) -> Response:
        """A style sheet is named by all that it says: it is the same for ever."""
        sheet = colours.sheet(request.path_params["colour"])
        if sheet is None:
            return self._answering.told(Refused(404, "gone"))
        return Response(sheet, 200, _KEPT, media_type="text/css")

    async def _of(self, request: Request) -> Joinable:
        asked = request.path_params
        it = await joining.joinable(self._directory, asked["workspace"], asked["program"].replace("\0", ""))
        if it is None:
            raise Refused(404, "gone")
        return it

    def _page(self, it: Joinable, code: str, status: int = 200, **more: Any) -> Response:
        ws = it.workspace
        values = {
            "it": it,
            "code": code,
            "workspace": ws.name,
            "live": ws.mode == "live",
            "root": f"{self._root}/{ws.id}",
            "mails": self._directory.post is not None,
            "typed": {"mail": "", "name": "", "agreed": ""},
            "wrong": None,
            "colour": it.colour,
            "longest": joining.LONGEST,
        }
        return self._answering.page("own/join.html", {**values, **more}, status)
