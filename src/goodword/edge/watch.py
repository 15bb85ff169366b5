"""Every request seen once, from outside: counted by its route's template and status, logged, and answered if we made a mistake.

Nothing that a request brings is counted or logged: no path, query, header or body, which may hold codes, keys and names.
"""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from typing import Any

from goodword.app.engine import Clock
from goodword.edge.web import App, Receive, Scope, Send, reply_problem

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OURS = frozenset(
    {"/v1/events", "/goodword.js", "/healthz", "/readyz", "/metrics", "/docs", "/llms.txt", "/openapi.json", "/mcp"}
)
_MISTAKE = "A mistake of ours; the server's log has its trace under this x-request-id. Send it again."
_SERVER_ERROR = 500

_log = logging.getLogger(__name__)


class Watched:
    """An ASGI application around another one. ``answered``: requests by method, template and status; ``seconds`` by template."""

    def __init__(self, app: App, clock: Clock) -> None:
        self.answered: Counter[tuple[str, str, int]] = Counter()
        self.seconds: dict[str, float] = {}
        self.open = 0
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, ended, id_ = 0, False, ""
        began = self._clock.monotonic()

        async def seen(message: dict[str, Any]) -> None:
            nonlocal status, ended, id_
            if message["type"] == "http.response.start":
                status = message["status"]
                if status >= _SERVER_ERROR:
                    id_ = secrets.token_hex(8)
                    message["headers"] = [*message["headers"], (b"x-request-id", id_.encode())]
            else:
                ended = not message.get("more_body", False)
            await send(message)

        self.open += 1
        error: Exception | None = None
        try:
            await self._app(scope, receive, seen)
        except Exception as raised:
            error = raised
            if not status:
                await reply_problem(seen, _SERVER_ERROR, "internal_error", _MISTAKE)
            elif not ended:
                raise  # half an answer: the connection must end
        finally:
            self.open -= 1
            self._note(scope, status, self._clock.monotonic() - began, id_, error)

    def _note(self, scope: Scope, status: int, seconds: float, id_: str, error: Exception | None) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = template(scope)
        self.answered[method, route, status] += 1
        self.seconds[route] = self.seconds.get(route, 0.0) + seconds
        level = logging.ERROR if error else logging.WARNING if status >= _SERVER_ERROR else logging.DEBUG
        if _log.isEnabledFor(level):
            said = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 2)}
            _log.log(level, "request", extra=said | ({"request_id": id_} if id_ else {}), exc_info=error)


def template(scope: Scope) -> str:
    """Return the template of a request's route, such as ``/r/{code}``; ``other`` if it has none."""
    path: str = scope["path"]
    if path in _OURS:
        return path
    if path.startswith("/r/"):
        return "/r/{code}"
    if path.startswith("/w/") and path.startswith("/r/", path.find("/", 3)):  # a code may have /r/ in it
        return "/w/{workspace}/r/{code}"
    return str(getattr(scope.get("route"), "path", "other"))
