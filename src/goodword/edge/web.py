"""The little of HTTP that the hot paths need: headers, a bounded body, answers in JSON, RFC 9457 problems.

Must not know: events, links, keys.
"""

import zlib
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_DRAINED = 16 << 20  # bytes of a body too large that are still read, so that the sender hears why

_encode = msgspec.json.Encoder().encode


class ProblemError(Exception):
    """The request fails as a whole: HTTP status, stable code, what to do."""

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[bytes, bytes] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers or {}


def header(scope: Scope, name: bytes) -> str:
    """Return the first header of that name (in lower case), empty if there is none."""
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return ""


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Read the body, inflated if it is gzip, never holding more than ``limit`` bytes of it. Raises ProblemError."""
    encoding = header(scope, b"content-encoding").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise ProblemError(415, "unsupported_encoding", "Send the body plain or as gzip.")
    parts: list[bytes] = []
    size = seen = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ProblemError(400, "disconnected", "The connection ended before the body did.")
        part = message.get("body", b"")
        more = message.get("more_body", False)
        seen += len(part)
        size += len(part)
        if size <= limit:
            parts.append(part)
        elif seen > _DRAINED:
            break
    if size > limit:
        raise too_large(limit)
    body = b"".join(parts)
    return _inflate(body, limit) if encoding.endswith("gzip") else body


def too_large(limit: int) -> ProblemError:
    """The problem of a body beyond the limit."""
    return ProblemError(
        413,
        "too_large",
        f"The body is larger than {limit} bytes after decompression: send fewer events a request.",
        {b"connection": b"close"},
    )


def _inflate(body: bytes, limit: int) -> bytes:
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        found = inflater.decompress(body, limit + 1)
    except zlib.error:
        raise ProblemError(400, "bad_compression", "The body is not what gzip makes.") from None
    if len(found) > limit:
        raise too_large(limit)
    if not inflater.eof or inflater.unused_data:
        raise ProblemError(400, "bad_compression", "The body is not one whole gzip stream.")
    return found


async def reply(send: Send, status: int, body: bytes, headers: Mapping[bytes, bytes]) -> None:
    """Send a whole answer."""
    pairs = [*headers.items(), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


async def reply_json(send: Send, status: int, value: Any, headers: Mapping[bytes, bytes] | None = None) -> None:
    """Send a value as JSON."""
    await reply(send, status, _encode(value), {b"content-type": b"application/json", **(headers or {})})


async def reply_problem(
    send: Send, status: int, code: str, detail: str, headers: Mapping[bytes, bytes] | None = None
) -> None:
    """Send a problem document."""
    problem = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    await reply(send, status, _encode(problem), {b"content-type": b"application/problem+json", **(headers or {})})
