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
from goodword.app.principal import Principal
from goodword.portal.answering import Answering, Refused
from goodword.portal.mailed import Mailed, token
from goodword.portal.own import Pages, waits
from goodword.portal.typed import said_of
from goodword.web.forms import Sent

#: What the address may say was done.
_DONE: Final = ("asked", "taken_back")
#: What follows, in the order in which it is told (``portal.merge.what.…``).
WHAT: Final = ("money", "codes", "account", "consents", "referral", "mail", "sessions", "final")


def routes(pages: Pages, answering: Answering, here: str) -> Sequence[Route]:
    """Return the routes. ``here``: the path of a workspace."""
    it = _Merging(pages, answering, merging.asked)
    return (
        Route(f"{here}/merge", pages.served(it.show), methods=["GET"]),
        Route(f"{here}/merge", pages.sent(it.ask, it.show), methods=["POST"]),
        Route(f"{here}/merge/{{token}}", it.asked, methods=["GET"]),
        Route(f"{here}/merge/{{token}}", it.confirm, methods=["POST"]),
    )


class _Merging(Mailed[merging.Asked]):
    PLACE, PAGE, TELLS, GONE = "/merge/", "own/merging.html", {"what": WHAT}, "merge_gone"

    async def show(self, who: Principal, request: Request) -> tuple[str, dict[str, Any]]:
        until, done = await merging.waits_until(who, self._directory), request.query_params.get("done")
        mails = self._directory.post is not None
        return "merge", {"until": until, "mails": mails, "what": WHAT, "done": done if done in _DONE else None}

    async def ask(self, who: Principal, request: Request, said: Sent) -> str:
        """Have a link mailed, or take back what was asked. Whether anybody has the mail shows in nothing."""
        if said_of(said, "do") == "stop":
            await merging.cancel(who, self._directory)
            return "/merge?done=taken_back"
        session, address = self.bounded(who, request)
        try:
            until = await merging.ask(who, self._directory, session, said_of(said, "mail"), address)
        except ConflictError:
            raise Refused(403, "merge_sign_in", to=f"{request.url.path.removesuffix('/merge')}/in") from None
        waits(until, self._directory.now())
        return "/merge?done=asked"

    async def confirm(self, request: Request) -> Response:
        """Make the two accounts one."""

        async def confirm() -> Response:
            self._answering.looked(request)
            said = await self._answering.form(request, b"")
            it = await self.of(request)
            if not await merging.confirm(self._directory, it.workspace.id, token(request), said_of(said, "account")):
                await self.of(request)  # several accounts, and none was chosen: the link is whole
                raise Refused(409, "in_which")
            return self.page(request, it, "done")

        return await self._answering.answered(confirm)
