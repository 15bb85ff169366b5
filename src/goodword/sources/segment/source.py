"""The source ``segment``: the paths that Segment's and RudderStack's clients call, and what they want to hear.

200 exactly: half of the clients take a 202 for a failure and send again. A 4xx is final to them and costs the whole batch, so it is for
what cannot be read at all, or a wrong key; its body has ``code`` and ``message``, without which some send for ever. Where there is no
room it is 429 with Retry-After, which all of them try again, some without end. Whatever media type they name, it is JSON.
Must not know: a server or framework of HTTP, the database.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from goodword.sources import loose, native
from goodword.sources.base import Answer, Decided, Key, Problem, RefusedError, Reply, Request, Sender, Source
from goodword.sources.segment.mapping import Item, to_native
from goodword.sources.segment.table import FIELDS
from goodword.sources.segment.unknown import called, unknown

#: By kind of key. What a page sends is evidence, and has ids of its own.
SENDERS = {
    "sk": Sender("segment", verified=True),
    "wk": Sender("segment", verified=True),
    "pk": Sender("segment_page", verified=False, types=native.PUBLISHABLE),
}

#: Path -> kind of its single item; empty: a batch, whose items say theirs.
PATHS = {
    "/v1/batch": "",
    "/v1/b": "",
    **dict.fromkeys(("/v1/track", "/v1/t"), "track"),
    **dict.fromkeys(("/v1/identify", "/v1/i"), "identify"),
    **dict.fromkeys(("/v1/page", "/v1/p"), "page"),
    **dict.fromkeys(("/v1/screen", "/v1/s"), "screen"),
    **dict.fromkeys(("/v1/group", "/v1/g"), "group"),
    **dict.fromkeys(("/v1/alias", "/v1/a"), "alias"),
}
LIMIT = 5 << 20  # RudderStack's Python client was seen to send 4.3 MB
_BUSY = 503

_encode = msgspec.json.Encoder().encode
_TAKEN = Reply(200, b'{"success":true}')


def _read(request: Request) -> list[Item | Problem]:
    kind = PATHS[request.path]
    found = loose.single(request.body) if kind else loose.batch(request.body)
    return [item if type(item) is Problem else _item(kind, item, request.now) for item in found]


def _item(kind: str, fields: Any, now: int) -> Item | Problem:
    said = kind or fields.get("type")
    return Item(said, fields, now) if isinstance(said, str) else Problem("missing_field", "type")


def _answer(_: Request, __: Sequence[Sequence[Answer]], ___: Decided | None) -> Reply:
    return _TAKEN


def _refuse(error: RefusedError) -> Reply:
    later = error.status == _BUSY
    status = HTTPStatus(429 if later else error.status)
    code = "rate_limited" if later else error.code
    said = {"type": "about:blank", "title": status.phrase, "status": status.value, "code": code}
    body = _encode({**said, "detail": error.detail, "message": error.detail})
    return Reply(status.value, body, b"application/problem+json", error.headers)


SOURCE = Source(
    name="segment",
    paths=tuple(PATHS),
    credential=Key(SENDERS, "A member's key sends no events: use a secret or write key."),
    read=_read,
    map=to_native,
    answer=_answer,
    refuse=_refuse,
    limit=LIMIT,
    json=False,
    pages=True,
    headers=("authorization", "content-type", "content-encoding", "anonymousid", "sentat", "x-retry-count"),
    fields=FIELDS,
    called=called,
    unknown=unknown,
    guide="howto/segment",
)
