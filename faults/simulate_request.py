"""A request to an ASGI application in this process, byte for byte as a server would hand it over.

Must not know: the application.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from goodword.edge.web import App


class Reply(NamedTuple):
    """What was answered; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Read the body."""
        return msgspec.json.decode(self.body)


async def request(
    app: App,
    method: str,
    path: str,
    *,
    query: bytes = b"",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    parts: int = 1,
    cut: bool = False,
) -> Reply:
    """Send a request, its body in so many parts; ``cut``: the sender goes away before the last one."""
    size = max(1, -(-len(body) // parts))
    chunks = [body[at : at + size] for at in range(0, len(body), size)] or [b""]
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": chunk, "more_body": place < len(chunks) - 1 or cut}
        for place, chunk in enumerate(chunks)
    ]
    if cut:
        messages[-1] = {"type": "http.disconnect"}
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("utf-8", "surrogateescape"),
        "root_path": "",
        "query_string": query,
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()],
        "client": ("192.0.2.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    start = said[0]
    answered = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start["headers"]}
    return Reply(start["status"], answered, b"".join(message.get("body", b"") for message in said[1:]))
