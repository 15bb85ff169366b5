"""Signing in and out: a link that is used once opens a session, whose token is a cookie of the browser.

A link is not used up by looking at it, for mail programs and chats look at every link: a button uses it. What a form of another
site sends is refused. Must not know: what the pages show.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from goodword import words
from goodword.app import sign_in as door
from goodword.app.directory import Directory
from goodword.console import nav
from goodword.console.callers import Caller
from goodword.console.forms import form_of, of_session, ours
from goodword.console.rendering import Templates, wants_json

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
            Route(f"{nav.ROOT}/in/{{token}}", self._invited, methods=["GET"]),
            Route(f"{nav.ROOT}/in/{{token}}", self._enter, methods=["POST"]),
            Route(f"{nav.ROOT}/out", self._leave, methods=["POST"]),
        )

    async def of(self, request: Request) -> Caller | None:
        """Return who calls; None: nobody is signed in."""
        token = _token(request)
        known = await door.known(self._directory, token) if token else None
        if known is None:
            return None
        principal, whom = known
        return Caller(principal, whom.member, whom.mail, _form(token))

    def sign_in(self, request: Request) -> Response:
        """Return what somebody gets who is not signed in: how they get a link."""
        if wants_json(request):
            told = {"status": 401, "code": "not_signed_in", "detail": words.page("sign_in.needed.detail")}
            return JSONResponse(told, 401, media_type="application/problem+json")
        return self._page(401, "needed", command=True)

    async def _invited(self, request: Request) -> Response:
        whom = await door.invited(self._directory, request.path_params["token"][:_LONGEST])
        return self._dead() if whom is None else self._page(200, "ask", whom=whom)

    async def _enter(self, request: Request) -> Response:
        if not ours(request):
            return self._page(403, "elsewhere")
        token = request.path_params["token"][:_LONGEST]
        session = await door.enter(self._directory, token, _browser(request))
        if session is None:
            return self._dead()
        before = _token(request)
        if before:  # nobody goes on under a token that was there before they signed in
            await door.leave(self._directory, before)
        answer = RedirectResponse(nav.ROOT, 303)
        _set(request, answer, session, door.LASTS // 1_000_000)
        return answer

    async def _leave(self, request: Request) -> Response:
        token = _token(request)
        said = await form_of(request, _MOST)
        if not ours(request) or not token or not of_session(said, _form(token)):
            return self._page(403, "elsewhere")
        await door.leave(self._directory, token)
        answer = self._page(200, "out")
        _set(request, answer, "", 0)
        return answer

    def _dead(self) -> Response:
        return self._page(404, "dead", command=True)

    def _page(self, status: int, code: str, *, whom: door.Whom | None = None, command: bool = False) -> Response:
        """Return a page of signing in. Its sentences are ``console.sign_in.<code>.…``; ``command``: it says what prints a link."""
        values = {"code": code, "whom": whom, "command": command}
        return Response(self._templates.render("sign_in.html", values), status, media_type="text/html")


def _browser(request: Request) -> door.Browser:
    host = request.client.host if request.client is not None else ""
    return door.Browser(request.headers.get("user-agent", ""), host)


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
