"""Pages behind the addresses that stand in a message: to stop such messages, and to say how satisfied one is.

A look changes nothing, for programs look at every link of a mail. A mail provider stops messages by one POST without a page (RFC 8058):
it has no session and no origin, and what it says is a form as ours. Must not know: SQL, rules.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from goodword.app import gifts, stopping
from goodword.app.see.gifts import Gift
from goodword.app.stopping import Opened
from goodword.core.messages import SCORES
from goodword.portal.answering import Answering, Refused
from goodword.web.forms import Sent


class Pages:
    """The pages as they are served. ``root``: the path that stands before a workspace."""

    def __init__(self, answering: Answering, root: str) -> None:
        self._answering = answering
        self._directory = answering.directory
        here = f"{root}/{{workspace}}/letters/{{token}}"
        self.routes = (
            Route(here, self._shown, methods=["GET"]),
            Route(here, self._stop, methods=["POST"]),
            Route(f"{here}/how", self._question, methods=["GET"]),
            Route(f"{here}/how", self._answer, methods=["POST"]),
            Route(f"{here}/gift", self._gift, methods=["GET"]),
            Route(f"{here}/gift", self._open, methods=["POST"]),
        )

    async def _shown(self, request: Request) -> Response:
        async def show() -> Response:
            it = await self._opened(request)
            code = "all" if it.recipient.stopped is not None else "off" if it.is_off else "ask"
            return self._page(it, code)

        return await self._answering.answered(show)

    async def _stop(self, request: Request) -> Response:
        """Stop messages; without a button of ours it is what a mail provider says by one click."""

        async def stop() -> Response:
            it = await self._opened(request)
            said = _said(await self._answering.form(request, it.message.id.encode()), "what")
            return self._page(
                it, "all" if await stopping.stop(self._directory, it, everything=said == "all") else "off"
            )

        return await self._answering.answered(stop)

    async def _question(self, request: Request) -> Response:
        async def show() -> Response:
            it = await self._opened(request)
            if it.message.topic != "satisfaction":
                raise Refused(404, "gone")
            return self._page(it, "how" if it.recipient.score is None else "said")

        return await self._answering.answered(show)

    async def _answer(self, request: Request) -> Response:
        async def answer() -> Response:
            it = await self._opened(request)
            score = _said(await self._answering.form(request, it.message.id.encode()), "score")
            if it.message.topic != "satisfaction" or score not in map(str, SCORES):
                raise Refused(404, "gone")
            if it.recipient.score is None:
                await stopping.answer(self._directory, it, int(score))
            return self._page(it, "said")

        return await self._answering.answered(answer)

    async def _gift(self, request: Request) -> Response:
        """Show what somebody is given; its code only behind a button, or programs that look at every link of a mail would have it."""

        async def show() -> Response:
            it = await self._opened(request)
            return self._given(it, await gifts.shown(self._directory, it))

        return await self._answering.answered(show)

    async def _open(self, request: Request) -> Response:
        async def open_() -> Response:
            it = await self._opened(request)
            await self._answering.form(request, it.message.id.encode())
            return self._given(it, await gifts.opened(self._directory, it))

        return await self._answering.answered(open_)

    def _given(self, it: Opened, gift: Gift | None) -> Response:
        if gift is None:
            raise Refused(404, "gone")
        frame = {"workspace": it.workspace.name, "live": it.workspace.mode == "live", "nav": (), "form": ""}
        values = {**frame, "root": f"/portal/{it.workspace.id}", "it": gift}
        return self._answering.page("own/gift.html", values)

    async def _opened(self, request: Request) -> Opened:
        """Return the message. Of addresses that open nothing one tries only so many."""
        self._answering.looked(request)
        it = await stopping.opened(self._directory, request.path_params["workspace"], request.path_params["token"])
        if it is None:
            raise Refused(404, "gone")
        return it

    def _page(self, it: Opened, code: str) -> Response:
        values: dict[str, Any] = {
            "code": code,
            "topic": it.message.topic,
            "workspace": it.workspace.name,
            "live": it.workspace.mode == "live",
            "scores": [*SCORES],
            "root": f"/portal/{it.workspace.id}",
        }
        return self._answering.page("letters.html", values)


def _said(said: Sent, name: str) -> str:
    return next(iter(said.fields.get(name, ())), "")
