"""In which language a page speaks: the one that the person chose, else the first that their browser likes, else English.

Must not know: which page, who is signed in.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from goodword import words
from goodword.web.languages import liked
from goodword.words.catalogue import near, speak, spoken


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
