"""The little of HTTP that the hot paths need: headers, a bounded body, answers in JSON, RFC 9457 problems.

Must not know: events, links, keys.
"""

import zlib
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from goodword.sources.base import RefusedError
from goodword.web import DRAINED, FullError, Room

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_encode = msgspec.json.Encoder().encode


def header(scope: Scope, name: bytes) -> str:
    """Return the first header of that name (in lower case), empty if there is none."""
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return ""


async def read_body(scope: Scope, receive: Receive, limit: int, room: Room) -> bytes:
    """Read the body, inflated if it is gzip, never holding more than ``limit`` bytes of it. Raises RefusedError."""
    with room.share() as take:
        return inflated(scope, await read_sent(scope, receive, limit, take), limit)


async def read_sent(scope: Scope, receive: Receive, limit: int, take: Callable[[int], None]) -> bytes:
    """Read the body as it is sent; ``take`` takes room for it. Raises RefusedError."""
    if header(scope, b"content-encoding").strip().lower() not in ("", "identity", "gzip", "x-gzip"):
        raise RefusedError(415, "unsupported_encoding", "Send the body plain or as gzip.")
    try:
        return await _read_sent(receive, limit, take)
    except FullError as full:
        again = {b"retry-after": b"%d" % full.again_after}
        raise RefusedError(503, full.code, full.detail, again) from None


def inflated(scope: Scope, body: bytes, limit: int) -> bytes:
    """Return what was sent, inflated if it is gzip. Raises RefusedError."""
    return _inflate(body, limit) if header(scope, b"content-encoding").strip().lower().endswith("gzip") else body


async def _read_sent(receive: Receive, limit: int, take: Callable[[int], None]) -> bytes:
    parts: list[bytes] = []
    size = seen = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RefusedError(400, "disconnected", "The connection ended before the body did.")
        part = message.get("body", b"")
        more = message.get("more_body", False)
        seen += len(part)
        size += len(part)
        if size <= limit:
            take(len(part))
            parts.append(part)
        elif seen > DRAINED:
            break
    if size > limit:
        raise too_large(limit)
    return b"".join(parts)


def too_large(limit: int) -> RefusedError:
    """Return the problem of a body beyond the limit."""
    return RefusedError(
        413,
        "too_large",
        f"The body is larger than {limit} bytes after decompression: send fewer events a request.",
        {b"connection": b"close"},
    )


def _inflate(body: bytes, limit: int) -> bytes:
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        inflated = inflater.decompress(body, limit + 1)
    except zlib.error:
        raise RefusedError(400, "bad_compression", "The body is not what gzip makes.") from None
    if len(inflated) > limit:
        raise too_large(limit)
    if not inflater.eof or inflater.unused_data:
        raise RefusedError(400, "bad_compression", "The body is not one whole gzip stream.")
    return inflated


async def reply(send: Send, status: int, body: bytes, headers: Mapping[bytes, bytes]) -> None:
    """Send a whole answer."""
    pairs = [*headers.items(), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


async def reply_json(send: Send, status: int, value: Any, headers: Mapping[bytes, bytes] | None = None) -> None:
    """Send a value as JSON."""
    await reply(send, status, _encode(value), {b"content-type": b"application/json", **(headers or {})})


async def reply_problem(
    send: Send,
    status: int,
    code: str,
    detail: str,
    headers: Mapping[bytes, bytes] | None = None,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Send a problem document. ``more``: further members of it."""
    body = problem_document(status, code, detail, more)
    await reply(send, status, body, {b"content-type": b"application/problem+json", **(headers or {})})


def problem_document(status: int, code: str, detail: str, more: Mapping[str, Any] | None = None) -> bytes:
    """Return a problem document."""
    title = HTTPStatus(status).phrase
    return _encode(
        {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail, **(more or {})}
    )
