"""The pages of one person: how they come in, where they stand, and out again.

A mailed link is not used up by looking at it, for programs look at every link in a mail: a button uses it. Nothing that an address says
is led on to, so that no link of ours leads elsewhere. Must not know: SQL, rules, who may see what.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from hashlib import sha256
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from goodword import words
from goodword.app import joining, portal, portal_in, say, see
from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.intake.quota import Quota, QuotaError, Rates
from goodword.app.joining import JoinRefusedError
from goodword.app.principal import Principal
from goodword.portal import share, typed
from goodword.portal.answering import HIDDEN, Answering, Refused
from goodword.web.forms import Sent
from goodword.words.catalogue import near, speak, spoken

_LONGEST: Final = 2_000  # characters of a token
_CURSOR: Final = 64
#: Links a second that may be asked for at one workspace, of all addresses together.
_ASKS: Final = Rates(address=0, key=10)
#: Copies of what is held of one person that are begun a second.
_COPIES: Final = Rates(address=0, key=1)
#: The pages that stand at the foot of each: path behind the workspace, key of its title, icon.
NAV: Final = (
    ("", "home", "home"),
    ("/friends", "friends", "people"),
    ("/rewards", "rewards", "gift"),
    ("/payments", "payments", "bank"),
    ("/about-me", "about", "lock"),
)
#: What the address may say was done.
_DONE: Final = ("given", "revoked")

#: Template and values of a page, ``headers`` of its answer among them; or an answer that leads elsewhere.
Shown = Callable[[Principal, Request], Awaitable[tuple[str, dict[str, Any]] | Response]]
#: What a form does, of whom, with what was sent: the path behind the workspace that one is led on to, or an answer of its own.
Done = Callable[[Principal, Request, Sent], Awaitable[str | Response]]


class Wrong(Exception):
    """A form was not taken: its page is shown again. ``code``: of the sentence that says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Pages:
    """The pages as they are served. ``root``: the path that stands before a workspace."""

    def __init__(self, answering: Answering, root: str) -> None:
        self._answering = answering
        self._directory = answering.directory
        self._root = root
        self._asks = Quota(self._directory.engine.clock, _ASKS)
        self._copies = Quota(self._directory.engine.clock, _COPIES)
        here = f"{root}/{{workspace}}"
        shown: dict[str, Shown] = {
            "": self._home,
            "/friends": self._friends,
            "/rewards": self._rewards,
            "/rewards/{id}": self._reward,
            "/payments": self._payments,
            "/messages": self._messages,
            "/payments/{id}": self._remittance,
            "/gifts/{id}": self._gift,
            "/statements/{year}": self._statement,
            "/share/{program}": partial(share.kit, self._directory),
            "/share/{program}/card": partial(share.card, self._directory),
            "/about-me": self._about,
            "/about-me/copy": self._copy,
            "/accept/{program}": self._terms,
            "/partner": self._partner,
            "/help": self._help,
            "/help/{page}": self._guide,
        }
        self.routes: Sequence[Route] = (
            Route(f"{here}/in", self._door, methods=["GET"]),
            Route(f"{here}/in", self._ask, methods=["POST"]),
            Route(f"{here}/in/{{token}}", self._invited, methods=["GET"]),
            Route(f"{here}/in/{{token}}", self._enter, methods=["POST"]),
            Route(f"{here}/out", self._leave, methods=["POST"]),
            *(Route(f"{here}{path}", self.served(show), methods=["GET"]) for path, show in shown.items()),
            Route(f"{here}/accept/{{program}}", self.sent(self._accept), methods=["POST"]),
            Route(f"{here}/gifts/{{id}}", self.sent(self._open_gift), methods=["POST"]),
            Route(f"{here}/partner", self.sent(self._accept_text, self._partner), methods=["POST"]),
            Route(f"{here}/about-me", self.sent(self._agree, self._about), methods=["POST"]),
            Route(f"{here}/share/{{program}}/link.{{kind}}", self._picture, methods=["GET"]),
            Route(
                f"{here}/share/{{program}}/to/{{channel}}",
                self.sent(partial(share.to, self._directory)),
                methods=["POST"],
            ),
            Route(
                f"{here}/share/{{program}}/code", self.sent(partial(share.change, self._directory)), methods=["POST"]
            ),
            Route(f"{here}/payments/{{id}}/pdf", self._paper(see.own.remittance_pdf, "id"), methods=["GET"]),
            Route(f"{here}/statements/{{year}}/pdf", self._paper(see.own.statement_pdf, "year"), methods=["GET"]),
        )

    # --- coming in and going out --------------------------------------------------------------------------------------

    async def _door(self, request: Request) -> Response:
        async def show() -> Response:
            self._answering.looked(request)
            return await self._in(request, "ask")

        return await self._answering.answered(show)

    async def _ask(self, request: Request) -> Response:
        """Have a link mailed. Whether anybody has the mail shows in nothing."""

        async def ask() -> Response:
            self._answering.looked(request)
            ws = await portal.workspace_of(self._directory, request.path_params["workspace"])
            if ws is None:
                raise Refused(404, "gone")
            said = await self._answering.form(request, b"")
            try:
                self._asks.take(ws.id.encode(), "", 1)
            except QuotaError as error:
                raise Refused(429, "wait", error.retry_after) from None
            address = request.client.host if request.client is not None else ""
            waits(await portal_in.ask(self._directory, ws, typed.said_of(said, "mail"), address), self._directory.now())
            return await self._in(request, "sent")

        return await self._answering.answered(ask)

    async def _invited(self, request: Request) -> Response:
        async def show() -> Response:
            self._answering.looked(request)
            whom = await self._whom(request)
            if whom.joining is None:
                return await self._in(request, "whom", accounts=whom.accounts)
            page = await joining.joinable(self._directory, whom.workspace.id, whom.joining.program)
            if page is None or page.status != "open":
                raise Refused(409, "join_closed")
            return await self._in(request, "joining", accounts=whom.accounts, page=page, colour=page.colour)

        return await self._answering.answered(show)

    async def _enter(self, request: Request) -> Response:
        async def enter() -> Response:
            self._answering.looked(request)
            said = await self._answering.form(request, b"")
            ws, token = request.path_params["workspace"], request.path_params["token"][:_LONGEST]
            try:
                session = await portal_in.enter(self._directory, ws, token, typed.said_of(said, "account"))
            except JoinRefusedError as no:
                raise Refused(409, "join_customers" if no.code == "not_a_customer" else "join_closed") from None
            if session is None:
                await self._whom(request)  # several accounts, and none was chosen: the link is whole
                raise Refused(409, "in_which")
            before = _cookie(request)
            if before:  # nobody goes on under a token that was there before they signed in
                await portal_in.leave(self._directory, ws, before)
            answer = RedirectResponse(f"{self._root}/{ws}", 303, HIDDEN)
            _set(request, answer, session, portal_in.LASTS // 1_000_000)
            return answer

        return await self._answering.answered(enter)

    async def _whom(self, request: Request) -> portal_in.Invited:
        ws = request.path_params["workspace"]
        whom = await portal_in.invited(self._directory, ws, request.path_params["token"][:_LONGEST])
        if whom is None:
            raise Refused(404, "in_gone", to=f"{self._root}/{ws}/in")
        return whom

    async def _leave(self, request: Request) -> Response:
        async def leave() -> Response:
            await self._form(request, b"")
            await portal_in.leave(self._directory, request.path_params["workspace"], _cookie(request))
            answer = await self._in(request, "out")
            _set(request, answer, "", 0)
            return answer

        return await self._answering.answered(leave)

    async def _in(self, request: Request, code: str, **more: Any) -> Response:
        """Return a page of coming in. ``mails``: whether a link can be mailed here."""
        ws = await portal.workspace_of(self._directory, request.path_params["workspace"])
        if ws is None:
            raise Refused(404, "gone")
        values = {
            "code": code,
            "workspace": ws.name,
            "live": ws.mode == "live",
            "root": f"{self._root}/{ws.id}",
            "mails": self._directory.post is not None,
            "accounts": (),
            "colour": None,
        }
        return self._answering.page("own/in.html", {**values, **more})

    # --- what is one's own --------------------------------------------------------------------------------------------

    def served(self, show: Shown) -> Callable[[Request], Awaitable[Response]]:
        """Return what serves a page to whoever is signed in, and leads everybody else to where one signs in."""

        async def serve(request: Request) -> Response:
            async def answer() -> Response:
                who = await self._who(request)
                if who is None:
                    return self._to_door(request)
                _written(request)
                return await self._page(who, request, show)

            return await self._answering.answered(answer)

        return serve

    async def _page(self, who: Principal, request: Request, show: Shown, status: int = 200, **more: Any) -> Response:
        found = await _found(show(who, request))
        if isinstance(found, Response):
            return found
        name, values = found
        root, done = f"{self._root}/{who.workspace.id}", request.query_params.get("done")
        frame = {
            "workspace": who.workspace.name,
            "live": who.workspace.mode == "live",
            "root": root,
            "form": _form(_cookie(request)),
            "done": done if done in _DONE else None,
            "wrong": None,
            "nav": [(f"{root}{path}", key, icon, request.url.path == f"{root}{path}") for path, key, icon in NAV],
        }
        answer = self._answering.page(f"own/{name}.html", {**frame, **values, **more}, status)
        answer.headers.update(values.get("headers", {}))
        return answer

    def sent(self, do: Done, show: Shown | None = None) -> Callable[[Request], Awaitable[Response]]:
        """Return what takes a form of whoever is signed in and leads on, or shows its page again with what was typed and why."""

        async def serve(request: Request) -> Response:
            async def answer() -> Response:
                who = await self._who(request)
                if who is None:
                    return self._to_door(request)
                _written(request)
                said = await self._form(request, who.actor.id.encode())
                try:
                    to = await _found(do(who, request, said))
                except Wrong as wrong:
                    if show is None:
                        raise
                    return await self._page(who, request, show, 409, wrong=wrong.code, typed=typed.again(said))
                if isinstance(to, Response):
                    return to
                return RedirectResponse(f"{self._root}/{who.workspace.id}{to}", 303, HIDDEN)

            return await self._answering.answered(answer)

        return serve

    def session(self, request: Request) -> str:
        """Return what a browser keeps of a session; nothing, where it keeps none."""
        return _cookie(request)

    async def _form(self, request: Request, key: bytes) -> Sent:
        """Return what a form of a session sent. Raises Refused for one that no page of this session has."""
        session, said = _cookie(request), await self._answering.form(request, key)
        if not session or not hmac.compare_digest(typed.said_of(said, "form").encode(), _form(session).encode()):
            raise Refused(403, "elsewhere")
        return said

    def _paper(self, make: Callable[..., Awaitable[bytes]], named: str) -> Callable[[Request], Awaitable[Response]]:
        """Return what serves a paper likewise."""

        async def serve(request: Request) -> Response:
            async def answer() -> Response:
                who = await self._who(request)
                if who is None:
                    return self._to_door(request)
                _written(request)
                body = await _found(make(who, self._directory, request.path_params[named]))
                name = f"{request.path_params[named]}.pdf"
                headers = {**HIDDEN, "content-disposition": f'attachment; filename="{name}"'}
                return Response(body, 200, headers, media_type="application/pdf")

            return await self._answering.answered(answer)

        return serve

    async def _who(self, request: Request) -> Principal | None:
        who = await portal_in.known(self._directory, request.path_params["workspace"], _cookie(request))
        if who is not None:
            speak(near([await portal_in.language(self._directory, who), spoken()]) or words.ENGLISH)
        return who

    def _to_door(self, request: Request) -> Response:
        self._answering.looked(request)
        return RedirectResponse(f"{self._root}/{request.path_params['workspace']}/in", 303, HIDDEN)

    async def _home(self, who: Principal, request: Request) -> tuple[str, dict[str, Any]] | Response:
        """Where one stands; before that, what one has not accepted yet, unless that is left for later."""
        view = await see.own.home(who, self._directory)
        asks = next((it for it in view.parts if it.asks), None)
        if asks is not None and "later" not in request.query_params:
            return RedirectResponse(f"{self._root}/{who.workspace.id}/accept/{asks.program}", 303, HIDDEN)
        texts = await see.partners.asked(who, self._directory) if view.parts else ()
        return "home", {"view": view, "texts": [it.title for it in texts if it.accepted_at is None]}

    async def _terms(self, who: Principal, request: Request) -> tuple[str, dict[str, Any]] | Response:
        part = await see.own.part(who, self._directory, request.path_params["program"])
        if not part.asks:
            return RedirectResponse(f"{self._root}/{who.workspace.id}", 303, HIDDEN)
        return "accept", {"part": part, "changed": "changed" in request.query_params}

    async def _accept(self, who: Principal, request: Request, said: Sent) -> str:
        """Accept what the page showed: where that has changed meanwhile, it is shown anew."""
        program = request.path_params["program"]
        try:
            await say.terms.accept(who, self._directory, program, typed.said_of(said, "rules"))
        except ConflictError:
            return f"/accept/{program}?changed=1"
        return f"/share/{program}"

    async def _friends(self, who: Principal, request: Request) -> tuple[str, dict[str, Any]]:
        return "friends", {"view": await see.own.referrals(who, self._directory, before=_before(request))}

    async def _gift(self, who: Principal, request: Request) -> tuple[str, dict[str, Any]]:
        return "gift", {"it": await see.gifts.own(who, self._directory, request.path_params["id"])}

    async def _open_gift(self, who: Principal, request: Request, _: Sent) -> Response:
        """Show what a gift reads, in the answer itself: no address shows that by being looked at."""

        async def show(who: Principal, request: Request) -> tuple[str, dict[str, Any]]:
            return "gift", {"it": await say.looking.gift(who, self._directory, request.path_params["id"])}

        return await self._page(who, request, show)

    async def _rewards(self, who: Principal, request: Request) -> tuple[str, dict[str, Any]]:
        return "rewards", {"view": await see.own.rewards(who, self._directory, before=_before(request))}

    async def _reward(self, who: Principal, request: Request) -> tuple[str, dict[str, Any]]:
        return "reward", {"it": await see.own.reward(who, self._directory, request.path_params["id"])}

    async def _payments(self, who: Principal, request: Request) -> tuple[str, dict[str, Any]]:
        return "payments", {"view": await see.own.payments(who, self._directory, before=_before(request))}

    async def _messages(self, who: Principal, _: Request) -> tuple[str, dict[str, Any]]:
        return "messages", {"view": await see.messages.own(who, self._directory), "told": see.messages.TOLD}

    async def _remittance(self, who: Principal, request: Request) -> tuple[str, dict[str, Any]]:
        return "remittance", {"it": await see.own.remittance(who, self._directory, request.path_params["id"])}

    async def _picture(self, request: Request) -> Response:
        async def answer() -> Response:
            who = await self._who(request)
            if who is None:
                return self._to_door(request)
            _written(request)
            found: Response = await _found(share.picture(self._directory, who, request))
            return found

        return await self._answering.answered(answer)

    async def _copy(self, who: Principal, request: Request) -> Response:
        """Answer with a copy of all that is held of them, to be kept; it is sent as it is read, for it may be large."""
        try:
            self._copies.take(who.actor.id.encode(), "", 1)
        except QuotaError as error:
            raise Refused(429, "wait", error.retry_after) from None
        headers = {**HIDDEN, "content-disposition": 'attachment; filename="my-data.json"'}
        whole = await portal_in.came_lately(self._directory, who.workspace.id, _cookie(request))
        pieces = see.copies.of_oneself(who, self._directory, whole=whole)
        return StreamingResponse(pieces, 200, headers, media_type="application/json")

    async def _about(self, who: Principal, _: Request) -> tuple[str, dict[str, Any]]:
        return "about", {"it": await see.held.of_oneself(who, self._directory)}

    async def _partner(self, who: Principal, _: Request) -> tuple[str, dict[str, Any]]:
        return "partner", {"it": await see.partners.checklist(who, self._directory)}

    async def _accept_text(self, who: Principal, _: Request, said: Sent) -> str:
        purpose, digest = typed.said_of(said, "purpose"), typed.said_of(said, "digest")
        try:
            await say.consents.accept(who, self._directory, purpose, digest, typed.once(said))
        except ConflictError as error:
            raise Wrong(error.code) from None
        return "/partner"

    async def _help(self, who: Principal, _: Request) -> tuple[str, dict[str, Any]]:
        return "help", {"pages": await see.guide.every(who, self._directory)}

    async def _guide(self, who: Principal, request: Request) -> tuple[str, dict[str, Any]]:
        return "guide", {"page": await see.guide.one(who, self._directory, request.path_params["page"])}

    async def _agree(self, who: Principal, _: Request, said: Sent) -> str:
        return f"/about-me?done={await consented(who, self._directory, typed.said_of(said, 'purpose'), said)}"

    async def _statement(self, who: Principal, request: Request) -> tuple[str, dict[str, Any]]:
        return "statement", {"it": await see.own.statement(who, self._directory, request.path_params["year"])}


async def consented(who: Principal, directory: Directory, purpose: str, said: Sent) -> str:
    """Give a consent, by the name that was typed if one was, or take it back; return which. Raises Wrong with the field."""
    key = typed.once(said)
    try:
        if typed.said_of(said, "outcome") == "given":
            await say.consents.give(who, directory, purpose, typed.said_of(said, "shown_as"), key)
            return "given"
        await say.consents.revoke(who, directory, purpose, typed.said_of(said, "channel") or None, key)
    except InvalidError as error:
        raise Wrong(error.parameter or "form") from None
    return "revoked"


async def _found(doing: Awaitable[Any]) -> Any:
    """Return what is there. Raises Refused in the same words for what is another's and what never was."""
    try:
        return await doing
    except (UnknownError, InvalidError):
        raise Refused(404, "own_gone") from None


def waits(until: int | None, now: int) -> None:
    """Raise Refused where no more links are mailed before an instant."""
    if until is not None:
        raise Refused(429, "in_wait", max(1, -(-(until - now) // 1_000_000)))


def _written(request: Request) -> None:
    """Raise Refused for an address with what no id has and the database cannot be asked for."""
    if any("\0" in part for part in request.path_params.values()):
        raise Refused(404, "own_gone")


def _before(request: Request) -> str:
    return request.query_params.get("before", "")[:_CURSOR].replace("\0", "")


def _form(session: str) -> str:
    """Return what forms of a session send back: it follows from the token, which no other site knows."""
    return sha256(f"portal form:{session}".encode()).hexdigest()


def _cookie(request: Request) -> str:
    return request.cookies.get(_name(request), "")[:_LONGEST]


def _name(request: Request) -> str:
    """Return what the cookie is called: each workspace's own. Over HTTPS no other host or path may have set it."""
    ws = request.path_params["workspace"]
    return f"__Host-goodword-{ws}" if request.url.scheme == "https" else f"goodword-{ws}"


def _set(request: Request, answer: Response, session: str, seconds: int) -> None:
    secure = request.url.scheme == "https"
    answer.set_cookie(_name(request), session, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")
