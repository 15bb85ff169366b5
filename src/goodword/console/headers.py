"""The headers of every answer of the console: nothing from another host, no inline script or style, nothing kept by anybody between."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from goodword.web.policy import policy

#: Of a mail that is shown in a frame of a page of ours: its own styles, and nothing else; it is of no origin, and runs no script.
ALONE = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox"
HEADERS = {
    "content-security-policy": policy(),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


class Guarded:
    """An application whose every answer has these headers. What it says of its cache and policy holds; else nothing is kept."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
                headers.add_vary_header("accept, hx-request")
            await send(message)

        await self._app(scope, receive, guarded)
