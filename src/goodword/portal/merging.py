"""Two accounts of one person: who is signed in names the mail of the other one, and whoever reads that mailbox confirms by a button.

Looking at the link does nothing, for programs look at every link in a mail. Whether there is another account shows in nothing to who
asks. Must not know: SQL, rules, what a merge moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from goodword.app import merging
from goodword.app.errors import ConflictError
from goodword.app.intake.quota import Quota, QuotaError, Rates
from goodword.app.principal import Principal
from goodword.portal.answering import Answering, Refused
from goodword.portal.own import Pages, waits
from goodword.portal.typed import said_of
from goodword.web.forms import Sent

#: Links a second that may be asked for at one workspace.
_ASKS: Final = Rates(address=0, key=10)
#: What the address may say was done.
_DONE: Final = ("asked", "taken_back")
#: What follows, in the order in which it is told (``portal.merge.what.…``).
WHAT: Final = ("money", "codes", "account", "consents", "referral", "mail", "sessions", "final")


def routes(pages: Pages, answering: Answering, here: str) -> Sequence[Route]:
    """Return the routes. ``here``: the path of a workspace."""
    it = _Merging(pages, answering)
    return (
        Route(f"{here}/merge", pages.served(it.show), methods=["GET"]),
        Route(f"{here}/merge", pages.sent(it.ask, it.show), methods=["POST"]),
        Route(f"{here}/merge/{{token}}", it.asked, methods=["GET"]),
        Route(f"{here}/merge/{{token}}", it.confirm, methods=["POST"]),
    )


class _Merging:
    def __init__(self, pages: Pages, answering: Answering) -> None:
        self._pages = pages
        self._answering = answering
        self._directory = answering.directory
        self._asks = Quota(self._directory.engine.clock, _ASKS)

    async def show(self, who: Principal, request: Request) -> tuple[str, dict[str, Any]]:
        until, done = await merging.waits_until(who, self._directory), request.query_params.get("done")
        mails = self._directory.post is not None
        return "merge", {"until": until, "mails": mails, "what": WHAT, "done": done if done in _DONE else None}

    async def ask(self, who: Principal, request: Request, said: Sent) -> str:
        """Have a link mailed, or take back what was asked. Whether anybody has the mail shows in nothing."""
        if said_of(said, "do") == "stop":
            await merging.cancel(who, self._directory)
            return "/merge?done=taken_back"
        try:
            self._asks.take(who.workspace.id.encode(), "", 1)
        except QuotaError as error:
            raise Refused(429, "wait", error.retry_after) from None
        address = request.client.host if request.client is not None else ""
        mail, session = said_of(said, "mail"), self._pages.session(request)
        try:
            until = await merging.ask(who, self._directory, session, mail, address)
        except ConflictError:
            raise Refused(403, "merge_sign_in", to=f"{request.url.path.removesuffix('/merge')}/in") from None
        waits(until, self._directory.now())
        return "/merge?done=asked"

    async def asked(self, request: Request) -> Response:
        """Show what the button of a link would do."""

        async def show() -> Response:
            self._answering.looked(request)
            return self._page(request, await self._of(request), "confirm")

        return await self._answering.answered(show)

    async def confirm(self, request: Request) -> Response:
        """Make the two accounts one."""

        async def confirm() -> Response:
            self._answering.looked(request)
            said = await self._answering.form(request, b"")
            it = await self._of(request)
            if not await merging.confirm(self._directory, it.workspace.id, _token(request), said_of(said, "account")):
                await self._of(request)  # several accounts, and none was chosen: the link is whole
                raise Refused(409, "in_which")
            return self._page(request, it, "done")

        return await self._answering.answered(confirm)

    async def _of(self, request: Request) -> merging.Asked:
        ws = request.path_params["workspace"]
        it = await merging.asked(self._directory, ws, _token(request))
        if it is None:
            raise Refused(404, "merge_gone")
        return it

    def _page(self, request: Request, it: merging.Asked, code: str) -> Response:
        ws = it.workspace
        root = request.url.path.partition("/merge/")[0]
        values = {"it": it, "code": code, "workspace": ws.name, "live": ws.mode == "live", "root": root, "what": WHAT}
        return self._answering.page("own/merging.html", values)


def _token(request: Request) -> str:
    return str(request.path_params["token"]).replace("\0", "")
