"""The native source, ``POST /v1/events``: one native event or an array of them, by a key of the workspace.

202 with an answer an item, in the order sent; 4xx only for what cannot be read at all or a wrong key. A single event may wait for
its decision (``Prefer: wait=2``). Must not know: a server or framework of HTTP, the database.
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from goodword.sources import native, native_read
from goodword.sources.base import Answer, Decided, Key, Problem, Reply, Request, Sender, Source
from goodword.sources.fields import declared

#: By kind of key. What a page sends has ids of its own, so that it can never take the id of a server's event.
SENDERS = {
    "sk": Sender("native", verified=True),
    "wk": Sender("native", verified=True),
    "pk": Sender("page", verified=False, types=native.PUBLISHABLE),
}

#: What becomes of each field, by the type of its event and its name; one that does not stand here is refused.
FIELDS = {
    f"{kind.__struct_config__.tag}.{field.name}": field.treatment for kind in native.TYPES for field in declared(kind)
}

_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,3})(?:$|[,;\s])")
_LONGEST_WAIT = 10

_encode = msgspec.json.Encoder().encode


def _read(request: Request) -> list[native.Wire | Problem]:
    return native_read.read(request.body)


def _map(wire: native.Wire) -> tuple[native.Wire]:
    return (wire,)


def _wait(request: Request) -> int | None:
    match = _WAIT.search(request.header(b"prefer"))
    return min(int(match[1]), _LONGEST_WAIT) if match and native_read.is_single(request.body) else None


def _answer(request: Request, answers: Sequence[Sequence[Answer]], decided: Decided | None) -> Reply:
    items = [_item(answer) for [answer] in answers]
    if decided is None:
        return Reply(202, _encode({"items": items}))
    items[0]["decision"] = decided.decision
    if decided.link is not None:
        items[0]["link"] = decided.link
    return Reply(200, _encode({"items": items}), headers={b"preference-applied": f"wait={_wait(request)}".encode()})


def _item(answer: Answer) -> dict[str, Any]:
    item: dict[str, Any] = {"id": answer.id, "status": answer.status}
    if answer.code:
        item["code"] = answer.code
    if answer.field:
        item["field"] = answer.field
    return item


SOURCE = Source(
    name="native",
    paths=("/v1/events",),
    credential=Key(SENDERS, "A member's key sends no events: use a secret or write key."),
    read=_read,
    map=_map,
    answer=_answer,
    wait=_wait,
    limit=native_read.MAX_BODY,
    pages=True,
    fields=FIELDS,
    guide="events",
)
