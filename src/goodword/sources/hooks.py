"""What webhooks share: how a body is read, and what its sender is answered.

That is 200, with what became of each event, which senders show beside the delivery.

Must not know: which source it is.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from goodword.sources.base import Answer, Decided, RefusedError, Reply, Request
from goodword.sources.native_read import CODES, MAX_DEPTH, UnreadableError, is_deep

T = TypeVar("T")
_encode = msgspec.json.Encoder().encode

#: What decoding raises for what is no JSON: of a whole number of thousands of digits, of a figure that is no decimal's, too.
_NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError, ArithmeticError)


def read(body: bytes, decode: Callable[[bytes], T], sentence: str) -> T:
    """Return what a body says. Raises RefusedError for one that cannot be read; ``sentence``: of JSON that says something else."""
    if is_deep(body, MAX_DEPTH):
        raise UnreadableError("too_deep")
    try:
        return decode(body)
    except msgspec.ValidationError:
        raise RefusedError(400, "not_events", sentence) from None
    except _NOT_JSON:
        raise UnreadableError("not_json") from None


def fetched(body: bytes, decode: Callable[[bytes], T]) -> T:
    """Return an object as it was fetched. Raises ValueError for what cannot be read."""
    if is_deep(body, MAX_DEPTH):
        raise ValueError("it nests too deep")
    try:
        return decode(body)
    except _NOT_JSON as error:
        raise ValueError(f"it is no object: {type(error).__name__}") from None


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
