"""What goes over the wire and comes back, without a connection: requests, answers, when to try again, what fits into one request."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from email.utils import parsedate_to_datetime
from time import time
from typing import Any, NamedTuple, cast
from urllib.parse import quote

import httpx

from goodword_client.errors import ApiError, EventRefusedError, UnreachableError
from goodword_client.models import EventAnswer

#: No room just now, or a proxy that reaches no server: what was sent has an id, so that it may be sent again.
AGAIN = frozenset([429, 502, 503, 504])
#: Of events that wait: a key is put right while they do, and what went wrong at the server or before it may go right later.
_MAY_PASS = frozenset([401, 403, 408, 429])
_SERVER_ERROR = 500
#: Nobody answered, or not to the end.
FAULTS = (httpx.NetworkError, httpx.TimeoutException, httpx.RemoteProtocolError, httpx.ProxyError)
MOST_EVENTS = 1_000
MOST_BYTES = 1_000_000  # the server reads 1 MiB
_FIRST, _LONGEST = 0.25, 30.0  # seconds between two tries
_LONGEST_ASKED = 300.0  # seconds that a server may ask for

Event = MutableMapping[str, Any]


class Call(NamedTuple):
    """A request."""

    method: str
    path: str
    params: list[tuple[str, str]]
    body: bytes | None
    headers: dict[str, str]


def get(path: str, *ids: str, **params: object) -> Call:
    """A read. ``ids`` stand in the path; of the parameters those that are None are left out, a sequence is said one by one."""
    return Call("GET", _path(path, ids), list(_said(params)), None, {})


def say(method: str, path: str, *ids: str, body: object = None, key: str | None = None) -> Call:
    """A command. ``key``: its Idempotency-Key, a new one by default; however often it is sent, it is done once."""
    headers = {"idempotency-key": key or uuid.uuid4().hex}
    return Call(method, _path(path, ids), [], None if body is None else encoded(body), headers)


def events(body: bytes, wait: int | None = None) -> Call:
    """Events, encoded once: a second try sends the same bytes, so that each event is a repeat of itself."""
    return Call("POST", "/v1/events", [], body, {} if wait is None else {"prefer": f"wait={wait}"})


def with_id(event: Any) -> str:
    """Give an event an id where it has none, in the event itself: whoever sends it again sends the same."""
    return cast("str", event.setdefault("id", uuid.uuid4().hex))


def encoded(value: object) -> bytes:
    """JSON; numbers that are none are refused here rather than there."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def body_of(encoded_events: Iterable[bytes]) -> bytes:
    """One request's body."""
    return b"[" + b",".join(encoded_events) + b"]"


def batches(all_events: Iterable[Any]) -> Iterator[bytes]:
    """Bodies that the server takes, in order."""
    batch: list[bytes] = []
    size = 0
    for event in all_events:
        with_id(event)
        one = encoded(event)
        if batch and (len(batch) == MOST_EVENTS or size + len(one) >= MOST_BYTES):
            yield body_of(batch)
            batch, size = [], 0
        batch.append(one)
        size += len(one) + 1
    if batch:
        yield body_of(batch)


def read(answer: httpx.Response) -> Any:
    """What came back. Raises ApiError."""
    if answer.is_success:
        return None if answer.status_code == httpx.codes.NO_CONTENT else answer.json()
    raise problem(answer)


def problem(answer: httpx.Response) -> ApiError:
    """The error that an answer is."""
    try:
        told = answer.json()
    except ValueError:
        told = None
    return ApiError(answer.status_code, told if isinstance(told, dict) else {"detail": answer.text[:200]})


def accepted(answer: EventAnswer) -> EventAnswer:
    """The answer of one event that counts, now or before. Raises EventRefusedError."""
    if answer["status"] in ("conflict", "invalid"):
        raise EventRefusedError(answer["id"], answer.get("code", answer["status"]), answer.get("field"))
    return answer


def no_room(answer: httpx.Response) -> UnreachableError:
    """What is raised where retries are over."""
    return UnreachableError(str(problem(answer)))


def may_pass(status: int) -> bool:
    """Whether events are kept that were answered so: each has an id, so that it may be sent again."""
    return status in _MAY_PASS or status >= _SERVER_ERROR


def pause(tried: int, headers: Mapping[str, str] | None = None) -> float:
    """Seconds until the next try: what the server asks for, and by chance more, so that not all come back at once."""
    chance = random.uniform(0, min(_LONGEST, _FIRST * 2.0 ** min(tried, 20)))  # noqa: S311 - no secret
    return _asked(headers.get("retry-after") if headers else None) + chance


def _asked(said: str | None) -> float:
    if said is None:
        return 0.0
    try:
        seconds = float(said)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(said).timestamp() - time()
        except (TypeError, ValueError):
            return 0.0
    return min(max(seconds, 0.0), _LONGEST_ASKED) if seconds == seconds else 0.0  # noqa: PLR0124 - NaN


def _path(path: str, ids: tuple[str, ...]) -> str:
    return path.format(*(quote(one, safe="") for one in ids))


def _said(params: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in params.items():
        if isinstance(value, bool):
            yield name, "true" if value else "false"
        elif isinstance(value, (str, int)):
            yield name, str(value)
        elif value is not None:
            yield from ((name, str(one)) for one in cast("Iterable[object]", value))
