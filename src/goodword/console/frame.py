"""The frame of every page: who is there, whether they may, the view as HTML or JSON, errors as pages, headers.

A page is a ``Read``: an address, a use case whose permission it needs, a template, and a handler that returns the view, a struct.
What a form says is an ``Act``: the same, with a handler that says a command and returns where one goes on.
Must not know: what stands on a page.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import Struct
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from goodword import words
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.principal import NotPermittedError, Principal, action_of
from goodword.app.proof.pack import digest_of, remove
from goodword.app.write.commands import CommandConflictError
from goodword.app.write.process import TRANSIENT, BehindError
from goodword.console import headers, nav, parts
from goodword.console.callers import Caller, Callers
from goodword.console.forms import MOST, OURS, PROOF, Form, form_of, of_session
from goodword.console.rendering import Templates, wants_json
from goodword.core import access
from goodword.core.entry import Entry
from goodword.outbound.rails import RailModeError
from goodword.web.forms import ours

_log = logging.getLogger(__name__)

#: Rows of a page of a list.
LIMIT = 50

T = TypeVar("T")


class Visit(NamedTuple):
    """A request of somebody who is signed in."""

    request: Request
    caller: Caller
    directory: Directory

    @property
    def who(self) -> Principal:
        """As whom everything is read."""
        return self.caller.principal

    def asked(self, name: str) -> str | None:
        """Return what the address says after the question mark; None: nothing."""
        return self.request.query_params.get(name) or None

    def filters(self, *names: str) -> dict[str, str | None]:
        """Return what the address of a list says by these names."""
        return {name: self.asked(name) for name in names}

    def named(self, name: str) -> str:
        """Return a part of the path."""
        return str(self.request.path_params[name])

    def may(self, use_case: Callable[..., Any]) -> bool:
        """Return whether a use case is for them: what they could not do is not offered."""
        return self.who.may(action_of(use_case))

    async def read(self, use_case: Callable[..., Awaitable[T]], *args: Any, **named: Any) -> T:
        """Return what a use case gives them."""
        return await use_case(self.who, self.directory, *args, **named)

    async def say(self, use_case: Callable[..., Awaitable[Entry]], *args: Any, **named: Any) -> Entry:
        """Say a command; return its entry. Raises ConflictError if nothing of it was done, with the sentence that says why."""
        entry = await use_case(self.who, self.directory, *args, **named)
        if entry.verdicts and all(verdict.refused for verdict in entry.verdicts):
            refusal = entry.verdicts[0].refusal or ""
            due = [sentence for step, sentence in words.sentences(entry.verdicts[0]).steps if step in ("due", "gate")]
            raise ConflictError(refusal, " ".join([words.refusal(refusal), *due]))
        return entry

    async def glance(self, use_case: Callable[..., Awaitable[T]], *args: Any, **named: Any) -> T | None:
        """Return the same, or None if it is not for them: of a page that has more for others."""
        return await self.read(use_case, *args, **named) if self.may(use_case) else None


class Read(NamedTuple):
    """A page. ``path``: behind nav.ROOT; ``page``: the path of the page of the side bar that it belongs to.

    ``live``: whether its rows follow the log as it grows.
    """

    path: str
    page: str
    use_case: Callable[..., Any]
    template: str
    handler: Callable[[Visit], Awaitable[Struct]]
    live: bool = False


class Act(NamedTuple):
    """What a form says. ``form``: the page on which it stands, with the same names in its path; shown again if nothing was done.

    What takes one of ``access.SURE`` asks who has not proved just now who they are, and goes on with the same form.
    ``handler`` returns the path behind nav.ROOT at which one goes on, or a view that is shown at once, by ``template``: of what is
    shown once. ``most``: bytes of the form.
    """

    path: str
    form: Read
    use_case: Callable[..., Any]
    handler: Callable[[Visit, Form], Awaitable[str | Struct]]
    template: str = ""
    most: int = MOST


class Download(Struct, frozen=True):
    """A view that is a file. ``name``: what it is called where it is kept; ``media``: its type.

    A ``body`` that stands in a file of its own is gone once it left.
    That it left stands on the record (``kept``): of ``subject``, an id, or of the digest of ``body``. ``lists``: it is a list that was
    exported, and no paper of one thing; ``told``: what puts it on the record otherwise, and is called with a key.
    """

    name: str
    media: str
    body: bytes | Path
    subject: str = ""
    lists: bool = False
    told: tuple[Callable[..., Any], Any] | None = None

    async def kept(self, visit: Visit) -> None:
        """Put on the record that they took it along. Raises ConflictError where that cannot be: then it does not leave."""
        if self.told is not None:
            await visit.say(*self.told)
            return
        say_so = say.looking.exported if self.lists else say.looking.downloaded
        await visit.say(say_so, self.subject or self._digest())

    def answer(self) -> Response:
        """Return it as what is sent."""
        disposition = {"content-disposition": f'attachment; filename="{self.name}"'}
        if isinstance(self.body, bytes):
            return Response(self.body, 200, disposition, media_type=self.media)
        return FileResponse(self.body, 200, disposition, self.media, background=BackgroundTask(self.gone))

    def gone(self) -> None:
        """Remove the file that it stands in."""
        if isinstance(self.body, Path):
            remove(self.body)

    def _digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest() if isinstance(self.body, bytes) else digest_of(self.body)


class Alone(Struct, frozen=True):
    """A view that is HTML of its own, such as a mail: shown in a frame of a page, by a policy of its own."""

    html: str


class Onward(Struct, frozen=True):
    """A view that is one thing, of which there is a page: the page goes there, the twin is the view. ``to``: behind nav.ROOT."""

    to: str
    view: Struct


class Sure(Struct, frozen=True):
    """Somebody is asked who they are. ``way``: code, password or link; ``wrong``: why what they typed was not taken.

    ``action`` and ``fields``: where the form goes on to, and with what.
    """

    way: str
    wrong: str | None
    action: str
    fields: list[tuple[str, str]]


class Done(Struct, frozen=True):
    """What the twin of a form answers. ``see``: the address at which one goes on."""

    see: str


class Problem(Struct, frozen=True):
    """What is said where a page cannot be shown. The sentences are those of ``words``: ``console.<code>.…``."""

    status: int
    code: str
    title: str
    detail: str
    advice: str
    type: str = "about:blank"


class Frame:
    """What all pages share."""

    def __init__(self, directory: Directory, callers: Callers, templates: Templates) -> None:
        self._directory = directory
        self._callers = callers
        self._templates = templates
        self._beside: list[str] = []

    def route(self, read: Read) -> Route:
        """Return the route of a page."""
        if self._templates.part(read.template) is not None:
            self._beside.append(nav.ROOT + read.path.partition("{")[0])

        async def serve(request: Request) -> Response:
            caller: Caller | None = None
            try:
                caller = await self._callers.of(request)
                if caller is None:
                    return self._callers.sign_in(request)
                caller.principal.needs(action_of(read.use_case))
                _texts(request)
                visit = Visit(request, caller, self._directory)
                position = await visit.glance(see.live.position) if read.live else None  # before what is shown is read
                more = {"position": position}
                return await self._shown(visit, read.template, read.page, await read.handler(visit), more=more)
            except Exception as error:  # noqa: BLE001 - each becomes a page, and what nobody expected is logged
                return await self._failed(request, caller, read.page, error)

        route = Route(nav.ROOT + read.path, serve, methods=["GET"])
        route.endpoint.__dict__["use_case"] = read.use_case
        return route

    def acting(self, act: Act) -> Route:
        """Return the route of what a form says. Nothing is done for a form of another site or of another session."""

        async def serve(request: Request) -> Response:
            caller: Caller | None = None
            form = Form({})
            try:
                caller = await self._callers.of(request)
                if caller is None:
                    return self._callers.sign_in(request)
                form = await _form(request, caller, act)
                caller.principal.needs(action_of(act.use_case))
                _texts(request, form)
                visit = Visit(request, caller, self._directory)
                unsure = await self._unsure(visit, act, form)
                if unsure is not None:
                    return unsure
                done = await act.handler(visit, form)
                if not isinstance(done, str):
                    return await self._shown(visit, act.template, act.form.page, done)
                address = nav.ROOT + done
                return _json(Done(address), 200) if wants_json(request) else RedirectResponse(address, 303)
            except Exception as error:  # noqa: BLE001 - as on every page
                return await self._undone(request, caller, act, form, error)

        route = Route(nav.ROOT + act.path, serve, methods=["POST"])
        route.endpoint.__dict__["use_case"] = act.use_case
        return route

    async def _unsure(self, visit: Visit, act: Act, form: Form) -> Response | None:
        """Return None for who may go on, else the page that asks who they are: with the form in it, which goes on from there."""
        caller, request = visit.caller, visit.request
        if caller.sure or action_of(act.use_case) not in access.SURE:
            return None
        typed = form.text(PROOF, 200)
        said = await self._callers.confirm(request, caller, typed) if typed else None
        if said is not None and said.code == "in":
            return None
        if wants_json(request):
            return _json(_problem(HTTPStatus.FORBIDDEN, "not_sure", None), 403, "application/problem+json")
        again = [(name, value) for name, values in form.fields.items() for value in values if name not in OURS]
        wrong = said.code if said is not None and said.code in ("wrong", "wait") else None
        address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        view = Sure(await self._callers.way(caller), wrong, address, again)
        return await self._shown(visit, "sure.html", act.form.page, view, 403, {"typed": form.typed})

    async def _undone(
        self, request: Request, caller: Caller | None, act: Act, form: Form, error: Exception
    ) -> Response:
        """Show the page of a form again, with what was typed and why nothing was done; a problem where it cannot be shown."""
        said = problem(error)
        shown_again = said.status in (400, 409, 503) or (said.code == "not_permitted" and form.fields)
        if (
            caller is None
            or wants_json(request)
            or not shown_again
            or not caller.principal.may(action_of(act.form.use_case))
        ):
            return await self._failed(request, caller, act.form.page, error)
        visit = Visit(request, caller, self._directory)
        try:
            view = await act.form.handler(visit)
            more = {"said": said, "typed": form.typed}
            return await self._shown(visit, act.form.template, act.form.page, view, said.status, more)
        except Exception:  # noqa: BLE001 - then it is told alone
            return await self._failed(request, caller, act.form.page, error)

    async def lost(self, request: Request, error: Exception) -> Response:
        """Answer where there is no page, or not by this method."""
        try:
            caller = await self._callers.of(request)
        except Exception as wrong:  # noqa: BLE001 - as on every page
            return await self._failed(request, None, "", wrong)
        return self._callers.sign_in(request) if caller is None else await self._failed(request, caller, "", error)

    async def _shown(
        self,
        visit: Visit,
        template: str,
        page: str,
        view: Struct,
        status: int = 200,
        more: Mapping[str, Any] | None = None,
    ) -> Response:
        if isinstance(view, Download):
            try:
                if visit.request.method == "GET":
                    await view.kept(visit)
            except BaseException:
                view.gone()
                raise
            return view.answer()
        if wants_json(visit.request):
            return _json(view.view if isinstance(view, Onward) else view, status)
        if isinstance(view, Alone):
            return Response(view.html, headers={"content-security-policy": headers.ALONE}, media_type="text/html")
        if isinstance(view, Onward):
            return RedirectResponse(nav.ROOT + view.to, 303)
        sandbox = visit.who.workspace.mode != "live"
        every = {
            "queue": await visit.glance(see.reports.queue) or {},
            "now": await visit.glance(see.clock.now) if sandbox else None,
        }
        return self._page(visit.request, visit.caller, template, page, view, status, {**every, **(more or {})})

    async def _failed(self, request: Request, caller: Caller | None, page: str, error: Exception) -> Response:
        view = problem(error)
        if view.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            _log.error("a page could not be shown", exc_info=error)
        if wants_json(request):
            return _json(view, view.status, "application/problem+json")
        return self._page(request, caller, "problem.html", page, view, view.status, {})

    def _page(
        self,
        request: Request,
        caller: Caller | None,
        template: str,
        page: str,
        view: Struct,
        status: int,
        more: dict[str, Any],
    ) -> Response:
        pages = nav.shown_to(caller.principal) if caller is not None else []
        here = next((one for one in nav.PAGES if one.path == page), None)
        done = request.query_params.get("done", "")
        part = self._templates.part(template) if request.headers.get("hx-request") == "true" else None
        values = {
            "view": view,
            "caller": caller,
            "pages": pages,
            "here": here,
            "request": request,
            "queue": {},
            "now": None,
            "position": None,
            "said": None,
            "typed": {},
            "beside": self._beside,
            "done": words.page_or_none(f"done.{done}") if done.isidentifier() else None,
            **more,
        }
        return Response(self._templates.render(part or template, values), status, media_type="text/html")


async def _form(request: Request, caller: Caller, act: Act) -> Form:
    """Return what a form of the caller's session sent. Raises NotPermittedError for any other."""
    form = await form_of(request, act.most)
    if not ours(request) or not of_session(form, caller.form):
        raise NotPermittedError(action_of(act.use_case), words.page("problem.elsewhere"))
    return form


def _texts(request: Request, form: Form | None = None) -> None:
    """Raise InvalidError where an address or a form holds a NUL, which no text has that is kept anywhere."""
    said = [*request.path_params.values(), *(text for pair in request.query_params.multi_items() for text in pair)]
    if form is not None:
        said += [text for name, values in form.fields.items() for text in (name, *values)]
    if any("\0" in text for text in said):
        raise InvalidError("A text holds a NUL, which nothing is called by.")


def _json(view: Struct, status: int, media_type: str = "application/json") -> Response:
    return Response(msgspec.json.encode(parts.plain(view)), status, media_type=media_type)


#: What an error is on a page: what it is -> status, code. Of all but the last the text says what happened.
_PROBLEMS: Sequence[tuple[type[Exception] | tuple[type[Exception], ...], HTTPStatus, str]] = (
    (UnknownError, HTTPStatus.NOT_FOUND, "not_found"),
    (InvalidError, HTTPStatus.BAD_REQUEST, "invalid_request"),
    ((ConflictError, RailModeError), HTTPStatus.CONFLICT, "not_now"),
    (CommandConflictError, HTTPStatus.CONFLICT, "said_before"),
    (BehindError, HTTPStatus.SERVICE_UNAVAILABLE, "behind"),
    (TRANSIENT, HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
)


def problem(error: Exception) -> Problem:
    """Return what is said of an error. Of our own mistakes nothing is told but that there was one."""
    if isinstance(error, HTTPException):
        code = "no_such_page" if error.status_code == HTTPStatus.NOT_FOUND else "method_not_allowed"
        return _problem(HTTPStatus(error.status_code), code, None)
    if isinstance(error, NotPermittedError):
        said = error.reason or words.page("problem.not_permitted.action", action=error.action)
        return _problem(HTTPStatus.FORBIDDEN, "not_permitted", said)
    for kind, status, code in _PROBLEMS:
        if isinstance(error, kind):
            tells = status != HTTPStatus.SERVICE_UNAVAILABLE and kind is not CommandConflictError
            return _problem(status, code, str(error) if tells else None)
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", None)


def _problem(status: HTTPStatus, code: str, detail: str | None) -> Problem:
    title, said, advice = (words.page(f"problem.{code}.{part}") for part in ("title", "detail", "advice"))
    return Problem(int(status), code, title, detail or said, advice)
