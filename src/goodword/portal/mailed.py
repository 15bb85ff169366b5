"""What somebody asks for who is signed in, and a mailbox confirms by a link: how often one asks, the page behind the link, its button.

Looking at the link does nothing, for programs look at every link in a mail. Must not know: what is asked for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Final, Generic, Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from goodword.app.directory import Directory
from goodword.app.intake.quota import Quota, QuotaError, Rates
from goodword.app.principal import Principal
from goodword.portal.answering import Answering, Refused
from goodword.portal.own import Pages

#: Links a second that may be asked for at one workspace.
_ASKS: Final = Rates(address=0, key=10)


class Asked(Protocol):
    """What a link confirms, in which workspace."""

    @property
    def workspace(self) -> Any:
        """The workspace."""


T = TypeVar("T", bound=Asked)


class Mailed(Generic[T]):
    """``look``: what a link confirms; None: it opens nothing."""

    #: What stands before the token in the address, the page, what it tells besides, and what is said of a link that opens nothing.
    PLACE: ClassVar[str]
    PAGE: ClassVar[str]
    TELLS: ClassVar[Mapping[str, Any]]
    GONE: ClassVar[str]

    def __init__(
        self, pages: Pages, answering: Answering, look: Callable[[Directory, str, str], Awaitable[T | None]]
    ) -> None:
        self._pages = pages
        self._answering = answering
        self._directory = answering.directory
        self._look = look
        self._asks = Quota(self._directory.engine.clock, _ASKS)

    def bounded(self, who: Principal, request: Request) -> tuple[str, str]:
        """Count that a link is asked for, and return by which session and from which address. Raises Refused."""
        try:
            self._asks.take(who.workspace.id.encode(), "", 1)
        except QuotaError as error:
            raise Refused(429, "wait", error.retry_after) from None
        return self._pages.session(request), request.client.host if request.client is not None else ""

    async def asked(self, request: Request) -> Response:
        """Show what the button of a link would do."""

        async def show() -> Response:
            self._answering.looked(request)
            return self.page(request, await self.of(request), "confirm")

        return await self._answering.answered(show)

    async def of(self, request: Request) -> T:
        """Return what the link of a request confirms. Raises Refused."""
        it = await self._look(self._directory, request.path_params["workspace"], token(request))
        if it is None:
            raise Refused(404, self.GONE)
        return it

    def page(self, request: Request, it: T, code: str) -> Response:
        """Return the page of a link, before and behind its button."""
        ws, root = it.workspace, request.url.path.partition(self.PLACE)[0]
        values = {"it": it, "code": code, "workspace": ws.name, "live": ws.mode == "live", "root": root}
        return self._answering.page(self.PAGE, {**values, **self.TELLS})


def token(request: Request) -> str:
    """Return what a link has that nobody knows who did not get its mail."""
    return str(request.path_params["token"]).replace("\0", "")
