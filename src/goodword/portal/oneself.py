"""What is held of oneself: a complaint about it, and to be erased, with all that follows told before.

Looking at the link of a mail does nothing; the button behind it erases. Must not know: SQL, rules, what an erasure takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from goodword.app import erasing, merging, say, see
from goodword.app.erasing import Money
from goodword.app.errors import ConflictError
from goodword.app.principal import Principal
from goodword.portal.answering import Answering, Refused
from goodword.portal.mailed import Mailed, token
from goodword.portal.own import Pages, Wrong, waits
from goodword.portal.saying import key_of, taken, text_of
from goodword.portal.typed import said_of
from goodword.web.forms import Sent

#: What the address may say was done.
_DONE: Final = ("asked", "taken_back")
_MONEY: Final[dict[str, Money]] = {"pay": "pay", "give_up": "give_up"}
#: What goes and what stays, in the order in which it is told (``portal.erase.…``).
GOES: Final = ("names", "account", "texts", "links", "sessions")
STAYS: Final = ("ledger", "others", "stop", "backups")

Show = tuple[str, dict[str, Any]]


def routes(pages: Pages, answering: Answering, here: str) -> Sequence[Route]:
    """Return the routes. ``here``: the path of a workspace."""
    it = _Oneself(pages, answering, erasing.asked)
    return (
        Route(f"{here}/about-me/complaint", pages.served(it.complaint), methods=["GET"]),
        Route(f"{here}/about-me/complaint", pages.sent(it.complain, it.complaint), methods=["POST"]),
        Route(f"{here}/about-me/erasure", pages.served(it.erasure), methods=["GET"]),
        Route(f"{here}/about-me/erasure", pages.sent(it.ask, it.erasure), methods=["POST"]),
        Route(f"{here}/erasure/{{token}}", it.asked, methods=["GET"]),
        Route(f"{here}/erasure/{{token}}", it.confirm, methods=["POST"]),
    )


class _Oneself(Mailed[erasing.Asked]):
    PLACE, PAGE, GONE = "/erasure/", "own/erasing.html", "erase_gone"
    TELLS: ClassVar = {"goes": GOES, "stays": STAYS}

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
            await merging.cancel(who, self._directory)
            return "/about-me/erasure?done=taken_back"
        money = _MONEY.get(said_of(said, "money"))
        if money is None:
            raise Wrong("form")
        session, address = self.bounded(who, request)
        try:
            until = await erasing.ask(who, self._directory, session, money, address)
        except ConflictError as error:
            if error.code == "mail_unknown":
                raise Wrong("form") from None
            door = f"{request.url.path.removesuffix('/about-me/erasure')}/in"
            raise Refused(403, "erase_sign_in", to=door) from None
        waits(until, self._directory.now())
        return "/about-me/erasure?done=asked"

    async def confirm(self, request: Request) -> Response:
        """Erase them, or note that they are to be."""

        async def confirm() -> Response:
            self._answering.looked(request)
            await self._answering.form(request, b"")
            it = await self.of(request)
            try:
                became = await erasing.confirm(self._directory, it.workspace.id, token(request))
            except ConflictError as error:
                raise Refused(409, "erase_case" if error.code == "case_open" else "erase_way") from None
            if became is None:
                raise Refused(404, "erase_gone")
            return self.page(request, it, became)

        return await self._answering.answered(confirm)
