"""Signing in and out: a link that is used once, or mail and password, open a session, whose token is a cookie of the browser.

A link is not used up by looking at it, for mail programs and chats look at every link: a button uses it. What a form of another
site sends is refused. Must not know: what the pages show.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from goodword import words
from goodword.app import sign_in as door
from goodword.app.directory import Directory
from goodword.console import nav
from goodword.console.callers import Caller
from goodword.console.forms import form_of, of_session
from goodword.console.rendering import Templates, wants_json
from goodword.web.forms import ours

#: Over HTTPS the name says to browsers that no other host or path may have set it.
_COOKIE, _SECURE = "goodword_session", "__Host-goodword"
_MOST = 4_096  # bytes of a form
_LONGEST = 128  # characters of a token


class Sessions:
    """Recognises whoever signed in, and serves the pages by which they do."""

    def __init__(self, directory: Directory, templates: Templates) -> None:
        self._directory = directory
        self._templates = templates
        self.routes: Sequence[Route] = (
            Route(f"{nav.ROOT}/in", self._asked, methods=["GET"]),
            Route(f"{nav.ROOT}/in", self._by_password, methods=["POST"]),
            Route(f"{nav.ROOT}/link", self._by_mail, methods=["POST"]),
            Route(f"{nav.ROOT}/in/{{token}}", self._invited, methods=["GET"]),
            Route(f"{nav.ROOT}/in/{{token}}", self._enter, methods=["POST"]),
            Route(f"{nav.ROOT}/workspaces/{{workspace}}", self._switch, methods=["POST"]),
            Route(f"{nav.ROOT}/out", self._leave, methods=["POST"]),
        )

    async def of(self, request: Request) -> Caller | None:
        """Return who calls; None: nobody is signed in."""
        token = _token(request)
        known = await door.known(self._directory, token, used=_is_used(request)) if token else None
        if known is None:
            return None
        principal, whom, sure = known
        return Caller(principal, whom.member, whom.mail, _form(token), sure)

    async def confirm(self, request: Request, caller: Caller, typed: str) -> door.Answer:
        """Let somebody prove again who they are."""
        whom = door.Whom(caller.principal.workspace, caller.member, caller.mail)
        return await door.confirm(self._directory, _token(request), whom, typed, _browser(request).address)

    async def way(self, caller: Caller) -> str:
        """Return by what they do."""
        return await door.ways(self._directory, caller.principal)

    def sign_in(self, request: Request) -> Response:
        """Return what somebody gets who is not signed in: how they get a link."""
        if wants_json(request):
            told = {"status": 401, "code": "not_signed_in", "detail": words.page("sign_in.needed.detail")}
            return JSONResponse(told, 401, media_type="application/problem+json")
        return self._page(401, "needed", password=True)

    async def _asked(self, _: Request) -> Response:
        return self._page(200, "needed", password=True)

    async def _by_password(self, request: Request) -> Response:
        if not ours(request):
            return self._page(403, "elsewhere")
        form = await form_of(request, _MOST)
        mail, password = (next(iter(form.fields.get(name, ())), "").strip() for name in ("mail", "password"))
        answer = await door.by_password(self._directory, mail, password, _browser(request))
        if answer.code == "code":
            return RedirectResponse(f"{nav.ROOT}/in/{answer.token}", 303)
        return await self._answered(request, answer) or self._page(403, "wrong", password=True, mail=mail)

    async def _by_mail(self, request: Request) -> Response:
        if not ours(request):
            return self._page(403, "elsewhere")
        mail = next(iter((await form_of(request, _MOST)).fields.get("mail", ())), "").strip()
        until = await door.link_by_mail(self._directory, mail, _browser(request).address)
        return self._page(200, "sent") if until is None else self._wait(until)

    async def _invited(self, request: Request) -> Response:
        whom = await door.invited(self._directory, request.path_params["token"][:_LONGEST])
        if whom is None:
            return self._dead()
        return self._page(200, "ask", whom=whom, code_asked=await door.needs_code(self._directory, whom))

    async def _enter(self, request: Request) -> Response:
        if not ours(request):
            return self._page(403, "elsewhere")
        token = request.path_params["token"][:_LONGEST]
        code = next(iter((await form_of(request, _MOST)).fields.get("code", ())), "")[:_LONGEST]
        answer = await door.enter(self._directory, token, _browser(request), code)
        if answer.code == "dead":
            return self._dead()
        whom = await door.invited(self._directory, token) if answer.code in ("code", "wrong") else None
        return await self._answered(request, answer) or self._page(403, "wrong_code", whom=whom, code_asked=True)

    async def _answered(self, request: Request, answer: door.Answer) -> Response | None:
        """Return what both ways in have in common: being in, and having to wait; None: it was wrong."""
        if answer.code == "wait":
            return self._wait(answer.until)
        if answer.code != "in":
            return None
        before = _token(request)
        if before:  # nobody goes on under a token that was there before they signed in
            await door.leave(self._directory, before)
        response = RedirectResponse(f"{nav.ROOT}/settings?done=welcome" if answer.new else nav.ROOT, 303)
        _set(request, response, answer.token, door.LASTS // 1_000_000)
        return response

    async def _switch(self, request: Request) -> Response:
        token = _token(request)
        said = await form_of(request, _MOST)
        if not ours(request) or not token or not of_session(said, _form(token)):
            return self._page(403, "elsewhere")
        there = request.path_params["workspace"].replace("\0", "")
        answer = await door.switch(self._directory, token, there, _browser(request))
        if answer.code == "code":
            return RedirectResponse(f"{nav.ROOT}/in/{answer.token}", 303)
        return await self._answered(request, answer) or self._page(404, "nowhere")

    async def _leave(self, request: Request) -> Response:
        token = _token(request)
        said = await form_of(request, _MOST)
        if not ours(request) or not token or not of_session(said, _form(token)):
            return self._page(403, "elsewhere")
        await door.leave(self._directory, token)
        answer = self._page(200, "out")
        _set(request, answer, "", 0)
        return answer

    def _wait(self, until: int) -> Response:
        seconds = max(1, -(-(until - self._directory.now()) // 1_000_000))
        page = self._page(429, "wait", seconds=seconds)
        page.headers["retry-after"] = str(seconds)
        return page

    def _dead(self) -> Response:
        return self._page(404, "dead", command=True)

    def _page(self, status: int, code: str, **more: Any) -> Response:
        """Return a page of signing in. Its sentences are ``console.sign_in.<code>.…``.

        ``whom`` is asked whether it is them, and with ``code_asked`` for a code; with ``password`` mail and password are asked for,
        ``mail`` being what was typed; ``command``: the page says what prints a link; ``seconds`` that somebody waits.
        """
        none = {"whom": None, "code_asked": False, "password": False, "mail": "", "command": False, "seconds": 0}
        none["mails"] = self._directory.post is not None
        return Response(
            self._templates.render("sign_in.html", {**none, "code": code, **more}), status, media_type="text/html"
        )


def _browser(request: Request) -> door.Browser:
    host = request.client.host if request.client is not None else ""
    return door.Browser(request.headers.get("user-agent", ""), host)


def _is_used(request: Request) -> bool:
    """Return whether somebody asks: a page that looks by itself for what is new keeps no session that was left alone."""
    return request.url.path != f"{nav.ROOT}/live" and "x-by-itself" not in request.headers


def _form(token: str) -> str:
    """Return what forms of a session send back: it follows from the token, which no other site knows."""
    return sha256(f"form:{token}".encode()).hexdigest()


def _token(request: Request) -> str:
    return request.cookies.get(_name(request), "")[:_LONGEST]


def _name(request: Request) -> str:
    return _SECURE if request.url.scheme == "https" else _COOKIE


def _set(request: Request, answer: Response, token: str, seconds: int) -> None:
    secure = request.url.scheme == "https"
    answer.set_cookie(_name(request), token, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")
