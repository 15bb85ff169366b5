"""What the senders of webhooks are answered: 200, with what became of each event, which they show beside the delivery.

Must not know: which source it is.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from goodword.sources.base import Answer, Decided, Reply, Request
from goodword.sources.native_read import CODES

_encode = msgspec.json.Encoder().encode


def answer(_: Request, answers: Sequence[Sequence[Answer]], __: Decided | None) -> Reply:
    """Return the answer."""
    events = [_item(answer) for item in answers for answer in item]
    return Reply(200, _encode({"received": True, "events": events}))


def _item(answer: Answer) -> dict[str, Any]:
    item: dict[str, Any] = {"id": answer.id, "status": answer.status}
    if answer.code:
        item |= {"code": answer.code, "detail": CODES.get(answer.code)}
    if answer.field:
        item["field"] = answer.field
    return item
