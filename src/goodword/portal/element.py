"""``<goodword-share>``: what somebody shares, on a page of the company's own. Its script, and what the script asks for.

The company's server signs a token for who is signed in there; whoever shows it reads what that person shares, and says that they did,
and nothing else. No cookie is read or set, so that any site may ask. Must not know: SQL, rules.
"""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from goodword.app import portal_in, say, see
from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.intake.quota import Quota, QuotaError, Rates
from goodword.app.write.process import TRANSIENT, BehindError
from goodword.core.sharing import CHANNELS
from goodword.portal.answering import HIDDEN
from goodword.web.forms import fits
from goodword.words.catalogue import ENGLISH, catalogue, languages, near, speak, spoken

#: Bytes of a question: a token and a few words. Questions a second from one address, behind which an office may be.
_MOST: Final = 4_096
_ASKS: Final = Rates(address=20, key=0)
_NAME: Final = 64
_KEPT: Final = {
    "cache-control": "public, max-age=3600",
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "vary": "accept-encoding",
}
_ANY: Final = {**HIDDEN, "access-control-allow-origin": "*"}
#: What the element says by itself: key of the catalogue behind ``element.`` -> the same in the script.
_WORDS: Final = (
    "link",
    "copy",
    "copied",
    "code",
    "text",
    "share",
    "subject",
    "away",
    "disclosure",
    "mail",
    "wrong",
    "said",
    "added",
)

_log = logging.getLogger("goodword.portal")


class _Asked(Struct, frozen=True):
    """``text``: the name of one of the program's texts; ``channel``: the advocate opened it with that text; ``language``: a tag.

    ``edited``: they wrote the text themselves; what it says stays with them.
    """

    token: str
    text: str | None = None
    channel: str | None = None
    language: str | None = None
    edited: bool = False


class Element:
    """The script and its questions, as they are served. ``root``: the path that stands before a workspace."""

    def __init__(self, directory: Directory, root: str) -> None:
        self._directory = directory
        self._asks = Quota(directory.engine.clock, _ASKS)
        self._body = script()
        self._small = gzip.compress(self._body, mtime=0)
        self._tag = f'"{sha256(self._body).hexdigest()[:16]}"'
        self.routes: Sequence[Route] = (
            Route(f"{root}/share.js", self._script, methods=["GET"]),
            Route(f"{root}/{{workspace}}/element", self._asked, methods=["POST"]),
        )

    async def _script(self, request: Request) -> Response:
        headers = {**_KEPT, "etag": self._tag}
        if self._tag in request.headers.get("if-none-match", ""):
            return Response(None, 304, headers)
        packed = "gzip" in request.headers.get("accept-encoding", "")
        body = self._small if packed else self._body
        more = {"content-encoding": "gzip"} if packed else {}
        return Response(body, 200, {**headers, **more}, media_type="text/javascript")

    async def _asked(self, request: Request) -> Response:
        """Answer with what somebody shares, or take it that they opened a channel; what shows nothing all looks the same."""
        try:
            self._asks.take(b"", request.client.host if request.client is not None else "", 1)
            if not fits(request, _MOST):
                return _told(413, "too_large")
            asked = msgspec.json.decode(await request.body(), type=_Asked)
            found = await portal_in.shown(self._directory, request.path_params["workspace"], asked.token)
            if found is None:
                return _told(403, "token_shows_nothing")
            speak(near([asked.language, spoken()]) or ENGLISH)
            if asked.channel is not None:
                return await self._shared(*found, asked)
            its = await see.sharing.own(found[0], self._directory, found[1], asked.text)
        except QuotaError as error:
            return _told(429, "wait", {"retry-after": str(error.retry_after)})
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _told(400, "malformed")
        except UnknownError:
            return _told(403, "token_shows_nothing")
        except (BehindError, *TRANSIENT):
            return _told(503, "later", {"retry-after": "5"})
        except Exception as error:  # noqa: BLE001 - the element goes on with the link that it has, and nobody is told more
            _log.error("the element was not answered", exc_info=error)
            return _told(500, "broken")
        return Response(json.dumps(_kit(its)).encode(), 200, _ANY, media_type="application/json")

    async def _shared(self, who: Any, program: str, asked: _Asked) -> Response:
        if asked.channel not in CHANNELS:
            return _told(400, "malformed")
        its = await see.sharing.own(who, self._directory, program, asked.text)
        text = None if asked.edited else its.variant
        await say.sharing.shared(who, self._directory, program, asked.channel, text)
        return Response(None, 204, _ANY)


def script() -> bytes:
    """Return the script as it is served: without its comments, with what it says in each language."""
    text = (Path(__file__).parent / "share.js").read_text(encoding="utf-8")
    said = {one: {key: catalogue(one).say(f"element.{key}") for key in _WORDS} for one in languages()}
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//"))
    return code.replace('"WORDS"', json.dumps(said, ensure_ascii=False)).encode() + b"\n"


def _kit(its: see.sharing.Kit) -> dict[str, Any]:
    return {
        "link": its.link.url,
        "code": its.link.code,
        "text": its.text,
        "variant": its.variant,
        "variants": [it.name for it in its.variants],
        "added": its.added,
        "messages": msgspec.to_builtins(its.messages),
    }


def _told(status: int, code: str, more: dict[str, str] | None = None) -> Response:
    return Response(
        json.dumps({"code": code}).encode(), status, {**_ANY, **(more or {})}, media_type="application/json"
    )
