"""What a source of events is: how its requests are authenticated and read, how an item becomes native events, how it is answered.

What its clients rely on, status codes included, is said here by the source and nowhere else (docs/decisions/0021).
Must not know: a server or framework of HTTP, who has which workspace, the database.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, final

from msgspec import Struct

from goodword.sources.fields import Treatment
from goodword.sources.native import Wire


class Sender(Struct, frozen=True):
    """Who sends: the source its ids are unique in, and whether what it says of persons is verified."""

    source: str
    verified: bool
    types: frozenset[type[Wire]] | None = None  # None: all


@final
class Problem(Struct, frozen=True):
    """Why an item is not accepted: a stable code, the field if there is one, the item's id if it could be read."""

    code: str
    field: str | None = None
    id: str | None = None


class Answer(Struct, frozen=True, omit_defaults=True):
    """What became of an event. ``evt``: the event's own id, once it is stored."""

    id: str | None
    status: Literal["accepted", "repeat", "conflict", "invalid"]
    code: str | None = None
    field: str | None = None
    evt: str | None = None


class Request(NamedTuple):
    """A request. ``header`` gives the first header of a name in lower case, empty if there is none; ``body``: inflated.

    ``now``: the instant at which it came.
    """

    path: str
    header: Callable[[bytes], str]
    body: bytes
    now: int


class Reply(NamedTuple):
    """What a client hears. ``media``: the content type of ``body``."""

    status: int
    body: bytes
    media: bytes = b"application/json"
    headers: Mapping[bytes, bytes] = {}


class Decided(NamedTuple):
    """What became of a single event whose decision was waited for. ``link``: what an advocate who was enrolled shares."""

    decision: dict[str, Any]
    link: Struct | None = None


class RefusedError(Exception):
    """A request of the edge fails as a whole, nothing of it is stored: the status, a stable code, what to do."""

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[bytes, bytes] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers or {}


class Key(NamedTuple):
    """An API key in the Authorization header; nothing of the body is read before it. ``senders``: by the kind of key.

    ``otherwise`` tells the holder of a key of another kind what to do.
    """

    senders: Mapping[str, Sender]
    otherwise: str

    def all(self) -> tuple[Sender, ...]:
        """Return all who may send."""
        return tuple(self.senders.values())


class Signature(NamedTuple):
    """A signature over the raw body, made with the secret of a connection, which the path's last part names.

    ``check(request, secret, now)`` returns whether it is right; ``now``: an instant, so that an old request can be told.
    """

    sender: Sender
    check: Callable[[Request, bytes, int], bool]

    def all(self) -> tuple[Sender, ...]:
        """Return all who may send."""
        return (self.sender,)


def _no_wait(_: Request) -> None:
    """Wait for no decision."""


def _nothing(_: Any) -> str:
    """Say nothing of an item."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source of events. Adding one takes a module, its line in ``registry``, and a test.

    ``paths``: where it is served by POST; with a Signature, beneath them by the name of a connection. ``read`` gives the items of a
    request in order, each a payload or a Problem, and raises RefusedError for what cannot be read at all; it bounds their number and
    depth. ``map`` turns a payload into its native events: none, if it means nothing here. ``answer(request, answers, decided)`` is
    told what became of the events of each item. ``refuse`` writes what fails as a whole; without it that is a problem of RFC 9457.
    ``wait``: for how many seconds the decision of a request with a single event is waited for, None: not at all. ``limit``: bytes of
    a body. ``json``: a body that calls itself something else is refused unread. ``pages``: scripts of any page may call it, with the
    ``headers`` that they set.

    For the people who look after it: ``fields`` says what becomes of each field, by its path; ``called`` what an item calls itself
    that means nothing here; ``unknown`` which fields of one are none of ``fields``; ``guide`` is its page under ``docs/``.
    """

    name: str
    paths: tuple[str, ...]
    credential: Key | Signature
    read: Callable[[Request], Sequence[Any]]
    map: Callable[[Any], Sequence[Wire] | Problem]
    answer: Callable[[Request, Sequence[Sequence[Answer]], Decided | None], Reply]
    refuse: Callable[[RefusedError], Reply] | None = None
    wait: Callable[[Request], int | None] = _no_wait
    limit: int = 1 << 20
    json: bool = True
    pages: bool = False
    headers: tuple[str, ...] = ("authorization", "content-type", "content-encoding", "prefer")
    fields: Mapping[str, Treatment] = field(default_factory=dict)
    called: Callable[[Any], str] = _nothing
    unknown: Callable[[Any], Iterable[str]] = _nothing
    guide: str = ""
