"""``GET /r/{code}``: a durable click, then 302 to the program's landing page.

The query is kept; ``gw_click`` names the click. A click that cannot be stored within 300 ms must not keep a friend
waiting: then ``gw_code`` names the code instead. Must not know: whose code it is, what a click is worth.
"""

import asyncio
import logging
from functools import lru_cache
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from goodword.app.clicks import Clicks
from goodword.app.group_commit import UnavailableError
from goodword.app.links import AwayError, Links, Target
from goodword.edge.web import Scope, Send, header, reply, reply_problem
from goodword.sources.bots import is_bot

_PATIENCE = 0.3  # seconds until a friend is sent on without a stored click
_OURS = ("gw_click=", "gw_code=")  # what somebody else's link may not say for us
_LONGEST_QUERY = 2_000
_KEPT = "%/?:@!$&'()*+,;=~-._[]"

_log = logging.getLogger(__name__)


class Redirects:
    """The endpoint. ``missed`` counts the clicks that could not be stored in time."""

    def __init__(self, links: Links, clicks: Clicks) -> None:
        self._links = links
        self._clicks = clicks
        self.missed = 0

    async def __call__(self, scope: Scope, send: Send, workspace: str | None, code: str) -> None:
        """Serve one request for a code, of that workspace or else of the Host's."""
        if scope["method"] not in ("GET", "HEAD"):
            await reply_problem(send, 405, "method_not_allowed", "Links are followed by GET.", {b"allow": b"GET, HEAD"})
            return
        try:
            target = await self._target(scope, workspace, code)
        except AwayError:
            await reply_problem(send, 503, "unavailable", "Try again in a moment.", {b"retry-after": b"1"})
            return
        if target is None:
            await reply_problem(send, 404, "unknown_host", "No workspace answers here.")
        elif target.landing is None:
            await reply_problem(send, 404, "no_landing_page", "The workspace has no landing page.")
        else:
            location = _location(target.landing, scope["query_string"], await self._mark(scope, target))
            await reply(send, 302, b"", {b"location": location, b"cache-control": b"no-store"})

    async def _target(self, scope: Scope, workspace: str | None, code: str) -> Target | None:
        if workspace is None:
            return await self._links.at_host(header(scope, b"host"), code)
        return await self._links.of_workspace(workspace, code)

    async def _mark(self, scope: Scope, target: Target) -> str:
        """Store the click; gives what is added to the query."""
        if scope["method"] == "HEAD":
            return ""
        if target.code is None:
            return "" if target.sure else self._miss(target)
        try:
            async with asyncio.timeout(_PATIENCE):
                click = await self._store(scope, target, target.code)
        except (
            UnavailableError,
            TimeoutError,
            asyncpg.PostgresError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,
            OSError,
        ):
            click = None
        return f"gw_click={click}" if click else self._miss(target)

    async def _store(self, scope: Scope, target: Target, code: str) -> str | None:
        ws = await self._links.workspace(target.workspace)
        return await self._clicks.record(ws, code, bot=is_bot(header(scope, b"user-agent"))) if ws else None

    def _miss(self, target: Target) -> str:
        self.missed += 1
        _log.warning("a click could not be stored in time; %d since the start", self.missed)
        return f"gw_code={quote(target.text, safe='')}"


def _location(landing: str, query: bytes, mark: str) -> bytes:
    """Put the visitor's query and our mark behind the landing page's own, before its fragment."""
    page, own, fragment = _parts(landing)
    given = quote(query[:_LONGEST_QUERY], safe=_KEPT).split("&") if query else ()
    kept = [part for part in given if part and not part.startswith(_OURS)]
    asked = "&".join(part for part in (own, *kept, mark) if part)
    return f"{page}{'?' if asked else ''}{asked}{fragment}".encode("ascii")


@lru_cache(maxsize=4_096)
def _parts(landing: str) -> tuple[str, str, str]:
    """Give a page without its query, the query, and the fragment with its sign, as they stand in a header."""
    page = urlsplit(quote(landing, safe=_KEPT + "#"))
    fragment = f"#{page.fragment}" if page.fragment else ""
    return urlunsplit(page._replace(query="", fragment="")), page.query, fragment
