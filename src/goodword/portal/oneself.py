"""What is held of oneself: a complaint about it, and to be erased, with all that follows told before.

Looking at the link of a mail does nothing; the button behind it erases. Must not know: SQL, rules, what an erasure takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from goodword.app import erasing, say, see
from goodword.app.erasing import Money
from goodword.app.errors import ConflictError
from goodword.app.intake.quota import Quota, QuotaError, Rates
from goodword.app.principal import Principal
from goodword.portal.answering import Answering, Refused
from goodword.portal.own import Pages, Wrong, waits
from goodword.portal.saying import key_of, taken, text_of
from goodword.portal.typed import said_of
from goodword.web.forms import Sent

#: Links a second that may be asked for at one workspace.
_ASKS: Final = Rates(address=0, key=10)
#: What the address may say was done.
_DONE: Final = ("asked", "taken_back")
_MONEY: Final[dict[str, Money]] = {"pay": "pay", "give_up": "give_up"}
#: What goes and what stays, in the order in which it is told (``portal.erase.…``).
GOES: Final = ("names", "account", "texts", "links", "sessions")
STAYS: Final = ("ledger", "others", "stop", "backups")

Show = tuple[str, dict[str, Any]]


def routes(pages: Pages, answering: Answering, here: str) -> Sequence[Route]:
    """Return the routes. ``here``: the path of a workspace."""
    it = _Oneself(pages, answering)
    return (
        Route(f"{here}/about-me/complaint", pages.served(it.complaint), methods=["GET"]),
        Route(f"{here}/about-me/complaint", pages.sent(it.complain, it.complaint), methods=["POST"]),
        Route(f"{here}/about-me/erasure", pages.served(it.erasure), methods=["GET"]),
        Route(f"{here}/about-me/erasure", pages.sent(it.ask, it.erasure), methods=["POST"]),
        Route(f"{here}/erasure/{{token}}", it.asked, methods=["GET"]),
        Route(f"{here}/erasure/{{token}}", it.confirm, methods=["POST"]),
    )


class _Oneself:
    def __init__(self, pages: Pages, answering: Answering) -> None:
        self._pages = pages
        self._answering = answering
        self._directory = answering.directory
        self._asks = Quota(self._directory.engine.clock, _ASKS)

    async def complaint(self, who: Principal, _: Request) -> Show:
        about = await see.disputes.about_oneself(who, self._directory)
        return "complaint", {"about": about, "wrong": None, "typed": {}}

    async def complain(self, who: Principal, _: Request, said: Sent) -> str:
        entry = await taken(say.disputes.complain(who, self._directory, text_of(said), key_of(who, said)))
        return f"/said/{entry.verdicts[0].subject}?done=1"

    async def erasure(self, who: Principal, request: Request) -> Show:
        it, done = await erasing.stands(who, self._directory), request.query_params.get("done")
        before = (await see.disputes.about_oneself(who, self._directory)).before
        values = {"it": it, "before": before, "goes": GOES, "stays": STAYS, "done": done if done in _DONE else None}
        return "erasure", values

    async def ask(self, who: Principal, request: Request, said: Sent) -> str:
        """Have the link mailed, or take back what was asked."""
        if said_of(said, "do") == "stop":
            await erasing.cancel(who, self._directory)
            return "/about-me/erasure?done=taken_back"
        money = _MONEY.get(said_of(said, "money"))
        if money is None:
            raise Wrong("form")
        try:
            self._asks.take(who.workspace.id.encode(), "", 1)
        except QuotaError as error:
            raise Refused(429, "wait", error.retry_after) from None
        address = request.client.host if request.client is not None else ""
        session = self._pages.session(request)
        try:
            until = await erasing.ask(who, self._directory, session, money, address)
        except ConflictError as error:
            if error.code == "mail_unknown":
                raise Wrong("form") from None
            door = f"{request.url.path.removesuffix('/about-me/erasure')}/in"
            raise Refused(403, "erase_sign_in", to=door) from None
        waits(until, self._directory.now())
        return "/about-me/erasure?done=asked"

    async def asked(self, request: Request) -> Response:
        """Show what the button of a link would do."""

        async def show() -> Response:
            self._answering.looked(request)
            return self._page(request, await self._of(request), "confirm")

        return await self._answering.answered(show)

    async def confirm(self, request: Request) -> Response:
        """Erase them, or note that they are to be."""

        async def confirm() -> Response:
            self._answering.looked(request)
            await self._answering.form(request, b"")
            it = await self._of(request)
            try:
                became = await erasing.confirm(self._directory, it.workspace.id, _token(request))
            except ConflictError as error:
                raise Refused(409, "erase_case" if error.code == "case_open" else "erase_way") from None
            if became is None:
                raise Refused(404, "erase_gone")
            return self._page(request, it, became)

        return await self._answering.answered(confirm)

    async def _of(self, request: Request) -> erasing.Asked:
        it = await erasing.asked(self._directory, request.path_params["workspace"], _token(request))
        if it is None:
            raise Refused(404, "erase_gone")
        return it

    def _page(self, request: Request, it: erasing.Asked, code: str) -> Response:
        ws = it.workspace
        root = request.url.path.partition("/erasure/")[0]
        values = {"it": it, "code": code, "workspace": ws.name, "live": ws.mode == "live", "root": root}
        return self._answering.page("own/erasing.html", {**values, "goes": GOES, "stays": STAYS})


def _token(request: Request) -> str:
    return str(request.path_params["token"]).replace("\0", "")
