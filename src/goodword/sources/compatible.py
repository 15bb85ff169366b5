"""What the sources have in common that speak another product's protocol: who may send, and how its clients are refused.

A 4xx is final to them and costs the whole batch, so it is for what cannot be read at all, or a wrong key; its body has ``code`` and
``message``, without which some send for ever. Where there is no room it is 429 with Retry-After, which all of them try again that
ever do. Must not know: any source's format.
"""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Final

import msgspec

from goodword.sources import native
from goodword.sources.base import Answer, Decided, RefusedError, Reply, Request, Sender

OTHERWISE: Final = "A member's key sends no events: use a secret or write key."
LIMIT: Final = 5 << 20  # bytes of a body: RudderStack's Python client was seen to send 4.3 MB
_BUSY = 503

_encode = msgspec.json.Encoder().encode


def servers(source: str) -> dict[str, Sender]:
    """Return who sends by the kind of key, of a protocol that only servers speak."""
    return {"sk": Sender(source, verified=True), "wk": Sender(source, verified=True)}


def senders(source: str) -> dict[str, Sender]:
    """Return who sends by the kind of key. What a page sends is evidence, and has ids of its own."""
    return {**servers(source), "pk": Sender(f"{source}_page", verified=False, types=native.PUBLISHABLE)}


def taken(body: bytes) -> Callable[[Request, Sequence[Sequence[Answer]], Decided | None], Reply]:
    """Return the answer to whatever could be read: 200 exactly, since many a client takes a 202 for a failure."""
    said = Reply(200, body)
    return lambda _, __, ___: said


def refuse(error: RefusedError) -> Reply:
    """Return what a client hears of a request that failed as a whole."""
    status = HTTPStatus(429 if error.status == _BUSY else error.status)
    code = "rate_limited" if error.status == _BUSY else error.code
    said = {"type": "about:blank", "title": status.phrase, "status": status.value, "code": code}
    body = _encode({**said, "detail": error.detail, "message": error.detail})
    return Reply(status.value, body, b"application/problem+json", error.headers)
