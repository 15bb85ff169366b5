"""The portal: where advocates stand (``own``), pages for friends, the element for other pages, a partner's form for deals, terms.

The link is all that opens a form, so that it stands in no answer, no list and no log, and what it does not open looks the same whether
it has ended or never was. Must not know: SQL, rules, pages for staff; headers and files are given to it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
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
from goodword.app.intake.views import Views
from goodword.app.principal import Principal
from goodword.app.say.said import RepeatedError
from goodword.app.write.commands import CommandConflictError
from goodword.core.entry import Entry
from goodword.portal import board, joining, letters, merging, oneself, own, saying, settings, typed
from goodword.portal.answering import HIDDEN, Answering, Refused
from goodword.portal.element import Element
from goodword.portal.friends import Friends
from goodword.portal.rendering import Templates
from goodword.portal.speaking import Speaking
from goodword.web.forms import Sent

__all__ = ["ROOT", "build"]

ROOT = "/portal"
_FORM = f"{ROOT}/{{workspace}}/deals/{{token}}"
_TERMS = f"{ROOT}/{{workspace}}/terms/{{rules}}"
#: What the address may say was done.
_DONE = ("registered", "written")


def build(directory: Directory, file: Callable[[str], str], links: Links, views: Views) -> ASGIApp:
    """Return the application. ``file``: where a style or an icon is; ``links`` tells whose a host is, ``views`` counts friends."""
    templates = Templates(file)
    answering = Answering(directory, templates)
    pages = _Pages(answering)
    mine = own.Pages(answering, ROOT)
    friends = Friends(directory, templates, links, views)
    routes = [
        *Element(directory, ROOT).routes,  # before what any name behind the root would be a workspace's
        *letters.Pages(answering, ROOT).routes,
        *mine.routes,
        *saying.routes(mine, directory, f"{ROOT}/{{workspace}}"),
        *settings.routes(mine, answering, f"{ROOT}/{{workspace}}"),
        *joining.Pages(answering, ROOT).routes,
        *board.routes(mine, answering.directory, f"{ROOT}/{{workspace}}"),
        *merging.routes(mine, answering, f"{ROOT}/{{workspace}}"),
        *oneself.routes(mine, answering, f"{ROOT}/{{workspace}}"),
        Route(_FORM, pages.shown, methods=["GET"]),
        Route(_FORM, pages.register, methods=["POST"]),
        Route(f"{_FORM}/{{deal}}", pages.write, methods=["POST"]),
        Route(_TERMS, pages.terms, methods=["GET"]),
        Route(f"{ROOT}/{{workspace}}/preview/{{rules}}.png", friends.picture, methods=["GET"]),
        Route("/f/{code:path}", friends.shown, methods=["GET"]),
        Route("/w/{workspace}/f/{code:path}", friends.shown, methods=["GET"]),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(Speaking)], exception_handlers={HTTPException: pages.lost})
    app.router.redirect_slashes = False  # it would lead to whatever host the request names
    return app


class _Pages:
    """The pages as they are served."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._directory = answering.directory

    async def shown(self, request: Request) -> Response:
        """Answer with the form and what became of the deals of before."""

        async def show() -> Response:
            who, form = await self._opened(request)
            return await self._page(request, who, form)

        return await self._answering.answered(show)

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
            self._answering.looked(request)
            found = await door.terms(self._directory, request.path_params["workspace"], request.path_params["rules"])
            if found is None:
                raise Refused(404, "gone")
            ws, told = found
            values = {"view": told, "workspace": ws.name, "live": ws.mode == "live"}
            return self._answering.page("terms.html", values)

        return await self._answering.answered(show)

    async def lost(self, _: Request, __: Exception) -> Response:
        """Answer where there is no page, as where a link opens nothing."""
        return self._answering.told(Refused(404, "gone"))

    async def _said(
        self, request: Request, do: Callable[[Principal, door.Form, Sent], Awaitable[Entry]], done: str
    ) -> Response:
        """Do what a form says, once; else show the page again, with what was typed and why nothing was done."""

        async def attempt() -> Response:
            who, form = await self._opened(request)
            said = await self._answering.form(request, form.id.encode())
            wrong = await _tried(do(who, form, said))
            if wrong is not None:
                return await self._page(request, who, form, said, wrong)
            at = f"{ROOT}/{request.path_params['workspace']}/deals/{request.path_params['token']}"
            return RedirectResponse(f"{at}?done={done}", 303, HIDDEN)

        return await self._answering.answered(attempt)

    async def _opened(self, request: Request) -> tuple[Principal, door.Form]:
        """Return who comes. Of links that open nothing an address tries only so many."""
        self._answering.looked(request)
        asked = request.path_params
        found = await door.by_form(self._directory, asked["workspace"], asked["token"])
        if found is None:
            raise Refused(404, "gone")
        return found

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
        return self._answering.page("deals.html", more, 409 if wrong else 200)


async def _tried(doing: Awaitable[Entry]) -> tuple[str | None, str] | None:
    """Return None where it was done, else which field is wrong, if it is one, and why nothing was done."""
    try:
        entry = await doing
    except RepeatedError:
        return None, words.portal("wrong.said_before")
    except InvalidError as error:
        return typed.field(error.parameter), typed.why(error)
    except UnknownError:
        raise Refused(404, "gone") from None
    except (ConflictError, CommandConflictError) as error:
        code = "too_many" if isinstance(error, ConflictError) else "said_before"
        return None, words.portal(f"wrong.{code}")
    refusal = entry.verdicts[0].refusal if entry.verdicts and entry.verdicts[0].refused else None
    return None if refusal is None else (None, typed.refused(refusal))
