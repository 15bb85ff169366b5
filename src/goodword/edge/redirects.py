"""``GET /r/{code}``: a durable click, then 302 to the program's landing page.

Where the program chose a page of ours for its friends, it is 302 to that page, which comes back with ``gw_go``: then it is a click.
The query is kept; ``gw_click`` names the click. A click that cannot be stored within 300 ms must not keep a friend
waiting: then ``gw_code`` names the code instead. A link that leads nowhere is answered by ``pages``.
Must not know: whose code it is, what a click is worth.
"""

import asyncio
import logging
from collections import deque
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit

from goodword.app.engine import Clock
from goodword.app.intake.clicks import Clicks
from goodword.app.intake.group_commit import UnavailableError
from goodword.app.intake.links import AwayError, Links, Target
from goodword.edge.pages import AWAY, NO_CODE, NO_PAGE, UNKNOWN, reply_dead
from goodword.edge.web import Scope, Send, header, reply, reply_problem
from goodword.sources.bots import is_bot
from goodword.store.pool import DATABASE_ERRORS

_PATIENCE = 0.3  # seconds until a friend is sent on without a stored click
_OURS = ("gw_click", "gw_code", "gw_go")  # what somebody else's link may not say for us
_LONGEST_QUERY = 2_000
_KEPT = "%/?:@!$&'()*+,;=~-._[]"

_log = logging.getLogger(__name__)


class Redirects:
    """The endpoint. ``missed`` counts the clicks that could not be stored in time."""

    def __init__(self, links: Links, clicks: Clicks, clock: Clock) -> None:
        self._links = links
        self._clicks = clicks
        self._seconds = clock.patience(_PATIENCE)
        self._patience = Patience(self._seconds)
        self.missed = 0

    async def __call__(self, scope: Scope, send: Send, workspace: str | None, code: str) -> None:
        """Serve one request for a code, of that workspace or else of the Host's."""
        if scope["method"] not in ("GET", "HEAD"):
            await reply_problem(send, 405, "method_not_allowed", "Links are followed by GET.", {b"allow": b"GET, HEAD"})
            return
        try:
            target = await self._target(scope, workspace, code)
        except AwayError:
            await reply_dead(scope, send, AWAY)
            return
        if target is None:
            await reply_dead(scope, send, UNKNOWN)
        elif target.landing is None and target.code is None:
            await reply_dead(scope, send, NO_CODE)
        elif target.landing is None:
            await reply_dead(scope, send, NO_PAGE, code)
        elif target.page and b"gw_go=1" not in scope["query_string"]:
            place = "" if workspace is None else f"/w/{workspace}"
            location = _location(f"{place}/f/{quote(code, safe='')}", scope["query_string"], "")
            await reply(send, 302, b"", {b"location": location, b"cache-control": b"no-store"})
        else:
            location = _location(target.landing, scope["query_string"], await self._mark(scope, target))
            await reply(send, 302, b"", {b"location": location, b"cache-control": b"no-store"})

    async def _target(self, scope: Scope, workspace: str | None, code: str) -> Target | None:
        if workspace is None:
            return await self._links.at_host(header(scope, b"host"), code)
        return await self._links.of_workspace(workspace, code)

    async def _mark(self, scope: Scope, target: Target) -> str:
        """Store the click; returns what is added to the query."""
        if scope["method"] == "HEAD":
            return ""
        if target.code is None:
            return "" if target.sure else self._miss(target)
        try:
            click = await self._store(scope, target.workspace, target.code)
        except (
            UnavailableError,
            TimeoutError,
            *DATABASE_ERRORS,
            OSError,
        ):
            click = None
        return f"gw_click={click}" if click else self._miss(target)

    async def _store(self, scope: Scope, workspace: str, code: str) -> str | None:
        ws = self._links.workspaces.get(workspace)
        if ws is None:
            async with asyncio.timeout(self._seconds):
                ws = await self._links.workspace(workspace)
            if ws is None:
                return None
        stored = self._clicks.begin(ws, code, bot=is_bot(header(scope, b"user-agent")))
        self._patience.end(stored)
        return (await stored)[0]

    def _miss(self, target: Target) -> str:
        self.missed += 1
        _log.warning("a click could not be stored in time; %d since the start", self.missed)
        return f"gw_code={quote(target.text, safe='')}"


class Patience:
    """Ends what is not done in time, by TimeoutError. One timer for all: one for each would cost a tenth of a redirect."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waiting: deque[tuple[float, asyncio.Future[Any]]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def end(self, waited_for: asyncio.Future[Any]) -> None:
        """Fail ``waited_for`` with TimeoutError after so many seconds, unless it is done by then."""
        waiting, loop = self._waiting, asyncio.get_running_loop()
        while waiting and waiting[0][1].done():
            waiting.popleft()
        waiting.append((loop.time() + self._seconds, waited_for))
        if self._timer is None:
            self._timer = loop.call_later(self._seconds, self._look)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        waiting, now = self._waiting, loop.time()
        while waiting and (waiting[0][1].done() or waiting[0][0] <= now):
            ended = waiting.popleft()[1]
            if not ended.done():
                ended.set_exception(TimeoutError())
        self._timer = loop.call_later(waiting[0][0] - now, self._look) if waiting else None


def _location(landing: str, query: bytes, mark: str) -> bytes:
    """Put the visitor's query and our mark behind the landing page's own, before its fragment."""
    page, sign, fragment = _parts(landing)
    if query:
        given = quote(query[:_LONGEST_QUERY], safe=_KEPT).split("&")
        mark = "&".join(
            [
                *(part for part in given if part and unquote_plus(part.partition("=")[0]) not in _OURS),
                *([mark] if mark else []),
            ]
        )
    return f"{page}{sign if mark else ''}{mark}{fragment}".encode("ascii")


@lru_cache(maxsize=4_096)
def _parts(landing: str) -> tuple[str, str, str]:
    """Return a page with its query, the sign that more of a query follows, and the fragment with its own, as in a header."""
    page = urlsplit(quote(landing, safe=_KEPT + "#"))
    fragment = f"#{page.fragment}" if page.fragment else ""
    return urlunsplit(page._replace(fragment="")), "&" if page.query else "?", fragment
