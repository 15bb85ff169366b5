"""In which language a page speaks: the one that the person chose, else the first that their browser likes, else English.

Must not know: which page, who is signed in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from goodword import words
from goodword.words.catalogue import near, speak, spoken

#: Characters and languages of a header that are read.
_LONGEST: Final = 500
_MOST: Final = 20


class Speaking:
    """An application whose every request is answered in a language; who is signed in may be told in another one than the browser's."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        speak(near(liked(Headers(scope=scope).get("accept-language", ""))) or words.ENGLISH)

        async def said(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.add_vary_header("accept-language")
                headers.setdefault("content-language", spoken())
            await send(message)

        await self._app(scope, receive, said)


def liked(header: str) -> Iterator[str]:
    """Yield the tags of an ``Accept-Language`` (RFC 9110, 12.5.4), the most liked first; of what cannot be read nothing."""
    found = []
    for part in header[:_LONGEST].split(",")[:_MOST]:
        tag, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if quality > 0:
            found.append((quality, tag.strip()))
    yield from (tag for _, tag in sorted(found, key=lambda it: -it[0]))
