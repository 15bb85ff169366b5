"""The page of a friend who followed a link: who recommends, what they get and on which condition; that the advocate may get a reward.

It asks for no script and no cookie, and its button leads through the redirect and nowhere else: what is stored is the click, and of the
page that it was opened, as one more. Must not know: SQL, rules, what a click is worth.
"""

from __future__ import annotations

import logging
from typing import Final
from urllib.parse import quote, unquote_plus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from goodword import words
from goodword.app import portal as door
from goodword.app.addresses import link_of
from goodword.app.bounded import Bounded
from goodword.app.directory import Directory
from goodword.app.intake.links import AwayError, Links
from goodword.app.intake.views import Views
from goodword.app.write.process import TRANSIENT, BehindError
from goodword.portal.rendering import Templates
from goodword.sources.bots import is_bot
from goodword.words.catalogue import catalogue, speak

_HIDDEN: Final = {"x-robots-tag": "noindex, nofollow, noarchive"}
_STATUS: Final = {"open": 200, "draft": 200, "paused": 200, "left": 410, "ended": 410}
#: Said by the link of an advocate's own kit: that they look at it is no view.
_LOOK: Final = "gw_look"
_OURS: Final = ("gw_click", "gw_code", "gw_go", _LOOK)
_KEPT: Final = "%/?:@!$'()*+,;~-._[]"
_LONGEST_QUERY: Final = 2_000
_LONGEST_CODE: Final = 64
_PICTURES: Final = 200  # that are drawn, 20 kB each

_log = logging.getLogger(__name__)


class Friends:
    """The page as it is served."""

    def __init__(self, directory: Directory, templates: Templates, links: Links, views: Views) -> None:
        self._directory = directory
        self._templates = templates
        self._links = links
        self._views = views
        self._pictures: door.Pictures = Bounded(_PICTURES)

    async def shown(self, request: Request) -> Response:
        """Answer with the page of a code. What cannot be looked up keeps nobody waiting: they go on by the redirect."""
        asked = request.path_params
        place = f"/w/{quote(asked['workspace'], safe='')}" if "workspace" in asked else ""
        code: str = asked["code"]
        query = kept(request.url.query)
        go = f"{place}/r/{quote(code, safe='')}?gw_go=1{'&' if query else ''}{query}"
        try:
            workspace = asked.get("workspace") or await self._links.workspace_at(request.headers.get("host", ""))
            friend = await door.friend(self._directory, workspace or "", code) if len(code) <= _LONGEST_CODE else None
        except (AwayError, BehindError, *TRANSIENT):
            return RedirectResponse(go, 302, _HIDDEN)
        except Exception as error:  # noqa: BLE001 - our own mistake keeps no friend from the company
            _log.error("the page of a friend could not be shown", exc_info=error)
            return RedirectResponse(go, 302, _HIDDEN)
        if friend is None:
            body, status = self._templates.render("friend_lost.html", {}), 404
        else:
            if request.method != "HEAD" and _LOOK not in request.query_params:
                self._views.opened(friend.workspace, friend.id, bot=is_bot(request.headers.get("user-agent", "")))
            url, picture = self._addresses(request, friend)
            shown = values(friend, go) | {"url": url, "picture": picture}
            body, status = self._templates.render("friend.html", shown), _STATUS[friend.status]
        return Response(body, status, _HIDDEN, media_type="text/html")

    async def picture(self, request: Request) -> Response:
        """Answer with the picture that previews show: it is the same for as long as there is this version of rules."""
        asked = request.path_params
        speak(words.ENGLISH)  # it is kept for everybody, whatever language the first one liked
        try:
            found = await door.picture(self._directory, asked["workspace"], asked["rules"], self._pictures)
        except (BehindError, *TRANSIENT):
            return Response(None, 503, _HIDDEN)
        if found is None:
            return Response(None, 404, _HIDDEN)
        return Response(found, 200, {**_HIDDEN, "cache-control": "public, max-age=86400"}, media_type="image/png")

    def _addresses(self, request: Request, friend: door.Friend) -> tuple[str, str]:
        """Return whole addresses: of the page, at the host at which it was asked for, which is known here, and of its picture."""
        public = self._directory.engine.url
        host = None if "workspace" in request.path_params else request.headers.get("host", "").rsplit(":", 1)[0]
        place, _, code = link_of(public, friend.workspace.id, host, friend.code).url.rpartition("/r/")
        return f"{place}/f/{code}", f"{public}/portal/{friend.workspace.id}/preview/{friend.rules}.png"


def values(friend: door.Friend, go: str) -> dict[str, object]:
    """Return what the page of a friend is rendered of. ``go``: where its button leads."""
    say, company = catalogue().say, friend.workspace.name
    somebody = friend.name or say("friend.somebody")
    title = (
        say("friend.title", name=friend.name, company=company)
        if friend.name
        else say("friend.title.somebody", company=company)
    )
    disclosure = say("friend.disclosure", name=somebody, company=company) if friend.offered.advocate else None
    if friend.status != "open":
        title = say(f"friend.{friend.status}.title", company=company)
    return {
        "view": friend,
        "company": company,
        "somebody": somebody,
        "title": title,
        "disclosure": disclosure,
        "preview": say("friend.preview", disclosure=disclosure or "").strip(),
        "go": go,
        "terms": f"/portal/{friend.workspace.id}/terms/{friend.rules}",
    }


def kept(query: str) -> str:
    """Return what of a query goes on to the company: not what only we may say."""
    parts = quote(query[:_LONGEST_QUERY], safe=_KEPT + "&=").split("&")
    return "&".join(part for part in parts if part and unquote_plus(part.partition("=")[0]) not in _OURS)
