"""Signing in and out: a link that is used once opens a session, whose token is a cookie of the browser.

A link is not used up by looking at it, for mail programs and chats look at every link: a button uses it. What a form of another
site sends is refused. Must not know: what the pages show.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import sha256
from html import escape
from typing import Final
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from goodword.app import sign_in
from goodword.app.directory import Directory
from goodword.console.callers import Caller
from goodword.store.sessions import SESSION_LASTS
from goodword.words.pages import page

HOME: Final = "/console/"
#: Over HTTPS the name says to browsers that no other host or path may have set it.
_COOKIE, _SECURE = "goodword_session", "__Host-goodword"
_MOST = 4_096  # bytes of a form
_LONGEST = 128  # characters of a token

_LOOK: Final = """
main{max-width:480px;margin:0 auto;padding:48px 20px}
section{background:var(--surface);border:1px solid var(--line);border-radius:12px;padding:24px 20px}
p:last-child{margin:0}
button{font:500 16px/24px inherit;font-family:inherit;height:48px;width:100%;border:0;border-radius:8px;padding:0 16px;
background:var(--accent);color:var(--surface);cursor:pointer}
pre{background:var(--sunken);border-radius:8px;padding:12px;margin:0 0 16px;white-space:pre-wrap}
"""


class Sessions:
    """Recognises whoever signed in, and serves the pages by which they do."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self.routes: Sequence[Route] = (
            Route("/console/in/{token}", self._invited, methods=["GET"]),
            Route("/console/in/{token}", self._enter, methods=["POST"]),
            Route("/console/out", self._leave, methods=["POST"]),
        )

    async def of(self, request: Request) -> Caller | None:
        """Return who calls; None: nobody is signed in."""
        token = _token(request)
        known = await sign_in.known(self._directory, token) if token else None
        if known is None:
            return None
        principal, whom = known
        return Caller(principal, whom.member, whom.mail, _form(token))

    def sign_in(self, request: Request) -> Response:
        """Return what somebody gets who is not signed in: how they get a link."""
        if "application/json" in request.headers.get("accept", ""):
            detail = "Sign in first: open a link of `goodword console link MAIL`."
            return JSONResponse({"status": 401, "code": "not_signed_in", "detail": detail}, 401, _NO_STORE)
        told = (
            "<p>You are not signed in, or your session is over. On the machine that Goodword runs on, this prints a link "
            "for a member, which works once, within 15 minutes:</p>"
            "<pre>goodword console link you@company.example</pre>"
            "<p>If you have no access to it, ask whoever has.</p>"
        )
        return _page(401, "Sign in", told)

    async def _invited(self, request: Request) -> Response:
        whom = await sign_in.invited(self._directory, request.path_params["token"][:_LONGEST])
        if whom is None:
            return _dead()
        who = escape(whom.mail or whom.member)
        told = (
            f"<p>You will be signed in to <strong>{escape(whom.workspace.name)}</strong> "
            f"as <strong>{who}</strong>, in this browser.</p>"
            '<form method="post"><button>Sign in</button></form>'
        )
        return _page(200, "Sign in", told)

    async def _enter(self, request: Request) -> Response:
        if not _ours(request):
            return _elsewhere()
        token = request.path_params["token"][:_LONGEST]
        session = await sign_in.enter(self._directory, token, request.headers.get("user-agent", ""))
        if session is None:
            return _dead()
        before = _token(request)
        if before:  # nobody goes on under a token that was there before they signed in
            await sign_in.leave(self._directory, before)
        answer = RedirectResponse(HOME, 303, _NO_STORE)
        _set(request, answer, session, SESSION_LASTS // 1_000_000)
        return answer

    async def _leave(self, request: Request) -> Response:
        token = _token(request)
        said = await form_of(request)
        if not _ours(request) or not token or not hmac.compare_digest(said.get("form", ""), _form(token)):
            return _elsewhere()
        await sign_in.leave(self._directory, token)
        answer = _page(200, "Signed out", "<p>You are signed out in this browser.</p>")
        _set(request, answer, "", 0)
        return answer


async def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form, of each the first; nothing of a body that is too large or no form."""
    size = request.headers.get("content-length", "")
    if not size.isdigit() or int(size) > _MOST:
        return {}
    try:
        fields = parse_qs((await request.body()).decode(), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


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


def _ours(request: Request) -> bool:
    """Return whether a form was sent by a page of ours; browsers say so in one of two ways, and other programs in none."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site in ("same-origin", "none")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")


_NO_STORE: Final = {"cache-control": "no-store"}


def _dead() -> Response:
    told = (
        "<p>It was used already, has expired, or was cut. A link works once, within 15 minutes.</p>"
        "<p>This prints another one:</p><pre>goodword console link you@company.example</pre>"
    )
    return _page(404, "This link does not work any more", told)


def _elsewhere() -> Response:
    told = "<p>Another site, or an old page, has sent this. Nothing was changed. Go back to the page and try again.</p>"
    return _page(403, "Nothing was done", told)


def _page(status: int, title: str, told: str) -> Response:
    made = page(title, f"<main><section>\n<h1>{escape(title)}</h1>\n{told}\n</section></main>", _LOOK, forms=True)
    return Response(made.body, status, {**made.headers, **_NO_STORE})
