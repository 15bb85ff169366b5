"""What all pages of the portal have in common: how often one may ask, and what stands where no page is. Must not know: which pages."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from goodword.app.directory import Directory
from goodword.app.intake.quota import Quota, QuotaError, Rates
from goodword.app.write.process import TRANSIENT, BehindError
from goodword.portal.rendering import Templates
from goodword.web.forms import Sent, fits, ours, sent

#: Bytes of a form: its texts in UTF-8, escaped.
MOST: Final = 32 * 1024
#: Pages a second from one address, behind which an office may be; forms likewise, of a link or person from all addresses together too,
#: and of who is nobody yet; and what a form counts for.
_LOOKS, _SENDS, _DOORS, _COST = Rates(address=6, key=0), Rates(address=2, key=2), Rates(address=8, key=0), 4
HIDDEN: Final = {"x-robots-tag": "noindex, nofollow, noarchive"}

_log = logging.getLogger("goodword.portal")


class Refused(Exception):
    """A page that is shown instead. ``code``: of its sentences; ``to``: a path that it leads on to."""

    def __init__(self, status: int, code: str, again: int = 0, to: str | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.again = again
        self.to = to


class Answering:
    """Answers of pages."""

    def __init__(self, directory: Directory, templates: Templates) -> None:
        self.directory = directory
        self._templates = templates
        self._looks = Quota(directory.engine.clock, _LOOKS)
        self._sends = Quota(directory.engine.clock, _SENDS)
        self._doors = Quota(directory.engine.clock, _DOORS)

    def looked(self, request: Request) -> None:
        """Count a page that is asked for. Raises Refused: of links that open nothing an address tries only so many."""
        self._take(self._looks, b"", request, 1)

    async def form(self, request: Request, key: bytes) -> Sent:
        """Return what a form of ours sent, of a link or person that ``key`` names; b"": of nobody known yet. Raises Refused.

        Who is nobody yet is counted by their address alone, or else whoever comes often would keep everybody out.
        """
        self._take(self._sends if key else self._doors, key, request, _COST)
        if not ours(request):
            raise Refused(403, "elsewhere")
        if not fits(request, MOST):
            raise Refused(413, "too_large")
        return await sent(request, MOST)

    def _take(self, quota: Quota, key: bytes, request: Request, count: int) -> None:
        try:
            quota.take(key, _address(request), count)
        except QuotaError as error:
            raise Refused(429, "wait", error.retry_after) from None

    def page(self, name: str, values: dict[str, Any], status: int = 200) -> Response:
        """Return a page."""
        return Response(self._templates.render(name, values), status, HIDDEN, media_type="text/html")

    async def answered(self, answer: Callable[[], Awaitable[Response]]) -> Response:
        """Return an answer; of our own mistakes nothing is told but that there was one, and the link is in no log."""
        try:
            return await answer()
        except Refused as refused:
            return self.told(refused)
        except (BehindError, *TRANSIENT):
            return self.told(Refused(503, "later", 5))
        except Exception as error:  # noqa: BLE001 - each becomes a page, and what nobody expected is logged
            _log.error("a page of the portal could not be shown", exc_info=error)
            return self.told(Refused(500, "broken"))

    def told(self, refused: Refused) -> Response:
        """Return the page that says that there is none."""
        answer = self.page("told.html", {"code": refused.code, "to": refused.to}, refused.status)
        if refused.again:
            answer.headers["retry-after"] = str(refused.again)
        return answer


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""
