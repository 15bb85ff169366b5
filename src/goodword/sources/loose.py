"""JSON as clients in the field write it, a batch of items in one body: what is wrong with one of them costs no other.

Figures are read as decimals, by their digits. A bare ``NaN`` or ``Infinity`` (Python's clients) and half of a surrogate pair
(any) would make the whole body no JSON: in their place stands a NUL, which is no figure and may be no part of a text either.
Bounds hold before anything is built. Must not know: any source's format.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from goodword.sources.base import Problem, RefusedError
from goodword.sources.native_read import MAX_DEPTH, MAX_ITEMS, UnreadableError, is_deep

MAX_ITEM = 64 << 10
#: Bytes of a body that is looked through for what is no JSON: those of Python's clients are half of it.
_MENDED = 1 << 20
_MENDED_UNKNOWN = 64 << 10  # before it is known who sends it
_EDGE = 2 << 10  # bytes at either end of a larger one, among which a key is looked for
_PARTS = 250_000  # commas in a body: a hundred of the largest items that clients send have some thousands

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|-?Infinity|NaN', re.DOTALL)  # never fails behind a quote: one pass
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?:\\u[dD][c-fC-F][0-9a-fA-F]{2})?|\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\.", re.DOTALL
)
#: A member of an object whose value is no object or list, and what may follow it.
_MEMBER = rb'"[^"\\]*"\s*:\s*(?:"[^"\\]*"|[-+.\w]+)\s*'
_HALF = len(rb"\ud800")  # of a pair, with no other half beside it
_NUL = rb"\u0000"


def _figure(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except ArithmeticError:  # an exponent of twenty digits
        return "\0"


_item = msgspec.json.Decoder(float_hook=_figure)


class _Batch(msgspec.Struct):
    batch: list[msgspec.Raw]


_batch = msgspec.json.Decoder(_Batch)
_single = msgspec.json.Decoder(msgspec.Raw)


def batch(body: bytes) -> list[dict[str, Any] | Problem]:
    """Read the items of ``{"batch": [...]}``. Raises RefusedError for what cannot be read at all."""
    return [_read(bytes(raw)) for raw in _split(body, single=False)]


def either(body: bytes) -> list[dict[str, Any] | Problem]:
    """Read a body that is a batch, or one item. Raises RefusedError for what cannot be read at all."""
    try:
        return batch(body)
    except RefusedError as error:
        if error.code != "not_events":
            raise
        return single(body)


def any_of(body: bytes) -> list[dict[str, Any] | Problem]:
    """Read items that somebody pasted: a batch, a list, or one item. Raises RefusedError for what cannot be read at all."""
    listed = b'{"batch":%b}' % body if body.lstrip().startswith(b"[") else body
    return either(listed)


def member(*names: str) -> Callable[[bytes], str | None]:
    """Return what finds the text that a body says beside its items, such as the key of who sends it; None: it says none.

    ``names``: the first of them that says something. Nobody is known yet, so a large body that is no JSON as it stands is not looked
    through as a whole: the text is found among its first or last members, where clients write it.
    """
    decoder = msgspec.json.Decoder(msgspec.defstruct("Beside", [(name, Any, None) for name in names]))
    named = "|".join(map(re.escape, names)).encode()
    text = rb'(?<!\\)"(?:' + named + rb')"\s*:\s*"([^"\\]+)"\s*'
    first = re.compile(rb"\s*\{\s*(?:" + _MEMBER + rb",\s*)*?" + text + rb"[,}]")
    last = re.compile(text + rb"(?:,\s*" + _MEMBER + rb")*\}\s*\Z")

    def find(body: bytes) -> str | None:
        if body.count(b",") > _PARTS:
            return None
        try:
            beside = _beside(decoder, body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        if beside is None:
            found = last.search(body, max(0, len(body) - _EDGE)) or first.match(body[:_EDGE])
            return found[1].decode("utf-8", "replace") if found else None
        return next((said for name in names if isinstance(said := getattr(beside, name), str) and said), None)

    return find


def single(body: bytes) -> list[dict[str, Any] | Problem]:
    """Read a body that is one item. Raises RefusedError for what cannot be read at all."""
    return [_read(bytes(raw)) for raw in _split(body, single=True)]


def _split(body: bytes, *, single: bool) -> list[msgspec.Raw]:
    if body.count(b",") > _PARTS:
        raise UnreadableError("too_many_events")
    try:
        items = _raws(body, single=single)
    except UnreadableError as error:
        if error.code != "not_json" or len(body) > _MENDED:
            raise
        items = _raws(_mended(body), single=single)
    if len(items) > MAX_ITEMS:
        raise UnreadableError("too_many_events")
    return items


def _raws(body: bytes, *, single: bool) -> list[msgspec.Raw]:
    try:
        return [_single.decode(body)] if single else _batch.decode(body).batch
    except RecursionError:
        raise UnreadableError("too_deep") from None
    except msgspec.ValidationError:
        raise RefusedError(400, "not_events", 'The body is no object with the list "batch".') from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise UnreadableError("not_json") from None


def _beside(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    """Return what a body says beside its items, None where that would take too long."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):
        return decoder.decode(_mended(body)) if len(body) <= _MENDED_UNKNOWN else None


def _mended(body: bytes) -> bytes:
    return _TOKEN.sub(_token, body)


def _token(found: re.Match[bytes]) -> bytes:
    token = found[0]
    if not token.startswith(b'"'):
        return b'"%b"' % _NUL
    return _ESCAPE.sub(_escape, token) if rb"\u" in token else token


def _escape(found: re.Match[bytes]) -> bytes:
    return _NUL if len(found[0]) == _HALF else found[0]


def _read(raw: bytes) -> dict[str, Any] | Problem:
    if len(raw) > MAX_ITEM or is_deep(raw, MAX_DEPTH):
        return Problem("too_large")
    try:
        item = _item.decode(raw)
    except UnicodeDecodeError:
        return Problem("invalid_encoding")
    except (msgspec.DecodeError, ValueError):
        return Problem("malformed")
    return item if isinstance(item, dict) else Problem("wrong_type")
