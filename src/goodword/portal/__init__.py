"""The portal: pages for friends; and for partners, who come by a link of their own and by nothing else: a form for deals, and terms.

The link is all that opens a page, so that it stands in no answer, no list and no log, and what it does not open looks the same whether
it has ended or never was. Must not know: SQL, rules, pages for staff; headers and files are given to it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from goodword import words
from goodword.app import portal as door
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.intake.links import Links
from goodword.app.intake.quota import Quota, QuotaError, Rates
from goodword.app.intake.views import Views
from goodword.app.principal import Principal
from goodword.app.say.deals import RepeatedError
from goodword.app.write.commands import CommandConflictError
from goodword.app.write.process import TRANSIENT, BehindError
from goodword.core.entry import Entry
from goodword.portal import typed
from goodword.portal.friends import Friends
from goodword.portal.rendering import Templates
from goodword.web.forms import Sent, fits, ours, sent

__all__ = ["ROOT", "build"]

ROOT = "/portal"
_FORM = f"{ROOT}/{{workspace}}/deals/{{token}}"
_TERMS = f"{ROOT}/{{workspace}}/terms/{{rules}}"
#: Bytes of a form: its texts in UTF-8, escaped.
_MOST = 32 * 1024
#: Pages a second from one address, and what a form that is sent counts as, of its link from all addresses together too.
_LOOKS, _SENDS, _COST = Rates(address=3, key=0), Rates(address=2, key=2), 4
_HIDDEN = {"x-robots-tag": "noindex, nofollow, noarchive"}
#: What the address may say was done.
_DONE = ("registered", "written")

_log = logging.getLogger(__name__)


class _Refused(Exception):
    """A page that is shown instead. ``code``: of its sentences."""

    def __init__(self, status: int, code: str, again: int = 0) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.again = again


def build(directory: Directory, file: Callable[[str], str], links: Links, views: Views) -> ASGIApp:
    """Return the application. ``file``: where a style or an icon is; ``links`` tells whose a host is, ``views`` counts friends."""
    pages = _Pages(directory, Templates(file))
    friends = Friends(directory, pages.templates, links, views)
    routes = [
        Route(_FORM, pages.shown, methods=["GET"]),
        Route(_FORM, pages.register, methods=["POST"]),
        Route(f"{_FORM}/{{deal}}", pages.write, methods=["POST"]),
        Route(_TERMS, pages.terms, methods=["GET"]),
        Route("/f/{code:path}", friends.shown, methods=["GET"]),
        Route("/w/{workspace}/f/{code:path}", friends.shown, methods=["GET"]),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: pages.lost})
    app.router.redirect_slashes = False  # it would lead to whatever host the request names
    return app


class _Pages:
    """The pages as they are served."""

    def __init__(self, directory: Directory, templates: Templates) -> None:
        self._directory = directory
        self.templates = templates
        self._looks = Quota(directory.engine.clock, _LOOKS)
        self._sends = Quota(directory.engine.clock, _SENDS)

    async def shown(self, request: Request) -> Response:
        """Answer with the form and what became of the deals of before."""

        async def show() -> Response:
            who, form = await self._opened(request)
            return await self._page(request, who, form)

        return await self._answered(show)

    async def register(self, request: Request) -> Response:
        """Register what was typed; one comes back to the page, which shows it."""

        async def bring(who: Principal, form: door.Form, said: Sent) -> Entry:
            return await say.deals.bring(who, self._directory, form.id, typed.deal(said), typed.once(said))

        return await self._said(request, bring, "registered")

    async def write(self, request: Request) -> Response:
        """Write to sales about a deal."""

        async def write(who: Principal, form: door.Form, said: Sent) -> Entry:
            key, text = f"{form.id}:{typed.once(said)}", typed.message(said)
            return await say.deals.write(who, self._directory, request.path_params["deal"], "partner", text, key)

        return await self._said(request, write, "written")

    async def terms(self, request: Request) -> Response:
        """Answer with the terms by a version of rules."""

        async def show() -> Response:
            self._take(self._looks, b"", request, 1)
            found = await door.terms(self._directory, request.path_params["workspace"], request.path_params["rules"])
            if found is None:
                raise _Refused(404, "gone")
            ws, told = found
            values = {"view": told, "workspace": ws.name, "live": ws.mode == "live"}
            return Response(self.templates.render("terms.html", values), 200, _HIDDEN, media_type="text/html")

        return await self._answered(show)

    async def lost(self, _: Request, __: Exception) -> Response:
        """Answer where there is no page, as where a link opens nothing."""
        return self._told(_Refused(404, "gone"))

    async def _said(
        self, request: Request, do: Callable[[Principal, door.Form, Sent], Awaitable[Entry]], done: str
    ) -> Response:
        """Do what a form says, once; else show the page again, with what was typed and why nothing was done."""

        async def attempt() -> Response:
            who, form = await self._opened(request)
            self._take(self._sends, form.id.encode(), request, _COST)
            if not ours(request):
                raise _Refused(403, "elsewhere")
            if not fits(request, _MOST):
                raise _Refused(413, "too_large")
            said = await sent(request, _MOST)
            wrong = await _tried(do(who, form, said))
            if wrong is not None:
                return await self._page(request, who, form, said, wrong)
            at = f"{ROOT}/{request.path_params['workspace']}/deals/{request.path_params['token']}"
            return RedirectResponse(f"{at}?done={done}", 303, _HIDDEN)

        return await self._answered(attempt)

    async def _opened(self, request: Request) -> tuple[Principal, door.Form]:
        """Return who comes. Of links that open nothing an address tries only so many."""
        self._take(self._looks, b"", request, 1)
        asked = request.path_params
        found = await door.by_form(self._directory, asked["workspace"], asked["token"])
        if found is None:
            raise _Refused(404, "gone")
        return found

    def _take(self, quota: Quota, key: bytes, request: Request, count: int) -> None:
        try:
            quota.take(key, request.client.host if request.client is not None else "", count)
        except QuotaError as error:
            raise _Refused(429, "wait", error.retry_after) from None

    async def _page(
        self,
        request: Request,
        who: Principal,
        form: door.Form,
        said: Sent | None = None,
        wrong: tuple[str | None, str] | None = None,
    ) -> Response:
        before, done = request.query_params.get("before", "")[:64], request.query_params.get("done")
        view = await see.deals.own(who, self._directory, before=before.replace("\0", ""))
        at = f"{ROOT}/{request.path_params['workspace']}/deals/{request.path_params['token']}"
        more: dict[str, Any] = {
            "view": view,
            "form": form,
            "at": at,
            "live": who.workspace.mode == "live",
            "typed": typed.again(said),
            "about": request.path_params.get("deal"),
            "wrong": wrong,
            "done": done if done in _DONE else None,
        }
        body = self.templates.render("deals.html", more)
        return Response(body, 409 if wrong else 200, _HIDDEN, media_type="text/html")

    async def _answered(self, answer: Callable[[], Awaitable[Response]]) -> Response:
        """Return an answer; of our own mistakes nothing is told but that there was one, and the link is in no log."""
        try:
            return await answer()
        except _Refused as refused:
            return self._told(refused)
        except (BehindError, *TRANSIENT):
            return self._told(_Refused(503, "later", 5))
        except Exception as error:  # noqa: BLE001 - each becomes a page, and what nobody expected is logged
            _log.error("a page of the portal could not be shown", exc_info=error)
            return self._told(_Refused(500, "broken"))

    def _told(self, refused: _Refused) -> Response:
        headers = {**_HIDDEN, **({"retry-after": str(refused.again)} if refused.again else {})}
        body = self.templates.render("told.html", {"code": refused.code})
        return Response(body, refused.status, headers, media_type="text/html")


async def _tried(doing: Awaitable[Entry]) -> tuple[str | None, str] | None:
    """Return None where it was done, else which field is wrong, if it is one, and why nothing was done."""
    try:
        entry = await doing
    except RepeatedError:
        return None, words.portal("wrong.said_before")
    except InvalidError as error:
        return typed.field(error.parameter), typed.why(error)
    except UnknownError:
        raise _Refused(404, "gone") from None
    except (ConflictError, CommandConflictError) as error:
        code = "too_many" if isinstance(error, ConflictError) else "said_before"
        return None, words.portal(f"wrong.{code}")
    refusal = entry.verdicts[0].refusal if entry.verdicts and entry.verdicts[0].refused else None
    return None if refusal is None else (None, typed.refused(refusal))
