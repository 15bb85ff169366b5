"""What a source of events is: how its requests are authenticated and read, how an item becomes native events, how it is answered.

What its clients rely on, status codes included, is said here by the source and nowhere else (docs/decisions/0021).
Must not know: a server or framework of HTTP, who has which workspace, the database.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from re import Pattern
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


class Paid(Struct, frozen=True):
    """What a source says of a payment and no event: which invoice it paid."""

    payment: str
    invoice: str


class ByPayment(Struct, frozen=True):
    """An event that names its invoice by a payment alone: it waits until somebody says which invoice that paid."""

    payment: str
    wire: Wire


class Unfetched(Struct, frozen=True):
    """An item that names an object and tells nothing of it: it waits until the object was fetched, and is read then.

    ``said``: what the source needs to ask for the object and to read the item with it.
    """

    id: str
    said: Mapping[str, str | int]


class Answer(Struct, frozen=True, omit_defaults=True):
    """What became of an event. ``evt``: the event's own id, once it is stored.

    ``held``: stored, until its invoice is known or its object was fetched.
    """

    id: str | None
    status: Literal["accepted", "repeat", "conflict", "invalid", "held"]
    code: str | None = None
    field: str | None = None
    evt: str | None = None


class Request(NamedTuple):
    """A request. ``header`` gives the first header of a name in lower case, empty if there is none; ``body``: inflated.

    ``now``: the instant at which it came; ``live``: whether it came to a live workspace, where nothing of a test may earn. ``path``: of
    a source that is served beneath any path, as it was written, so that what is escaped in it can be told. ``url``: the whole
    address as its sender knows it, by this installation's public one, query included: some sign that too.
    """

    path: str
    header: Callable[[bytes], str]
    body: bytes
    now: int
    live: bool = False
    method: str = "POST"
    url: str = ""


class Reply(NamedTuple):
    """What a client hears. ``media``: the content type of ``body``."""

    status: int
    body: bytes
    media: bytes = b"application/json"
    headers: Mapping[bytes, bytes] = {}


class Decided(NamedTuple):
    """What became of a single event whose decision was waited for. ``link``: what an advocate who was enrolled shares.

    ``person``: whom the event is about; ``at``: the instant at which it happened.
    """

    decision: dict[str, Any]
    link: Struct | None = None
    person: str | None = None
    at: int = 0


class RefusedError(Exception):
    """A request of the edge fails as a whole, nothing of it is stored: the status, a stable code, what to do."""

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[bytes, bytes] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers or {}


class Key(NamedTuple):
    """An API key in a header; nothing of the body is read before it. ``senders``: by the kind of key.

    ``otherwise`` tells the holder of a key of another kind what to do. ``in_body`` finds the key of a request that has none in a
    header, None: its clients all send one there.
    """

    senders: Mapping[str, Sender]
    otherwise: str
    in_body: Callable[[bytes], str | None] | None = None

    def all(self) -> tuple[Sender, ...]:
        """Return all who may send."""
        return tuple(self.senders.values())


#: Why a signature is none: code -> sentence. Part of the contract.
SIGNATURE_CODES = {
    "secret_missing": "No secret is held with which the signature could be checked: give it with `goodword keys hook`.",
    "signature_missing": "The request has no signature.",
    "signature_malformed": "The signature is not of the form that its source gives it.",
    "signature_wrong": "The body was not signed with a secret that is held here for this source.",
    "signature_stale": "The signature is right and too old, or ahead of the time: a delivery that somebody kept, or a wrong clock.",
}


class Signature(NamedTuple):
    """A signature over the raw body, made with a secret of the connection that the path's last part names.

    ``check(request, secrets, now)`` returns None if one of the secrets made it, else one of SIGNATURE_CODES; ``now``: an instant, so
    that an old request can be told. ``secret`` returns whether a text can be such a secret.
    """

    sender: Sender
    check: Callable[[Request, Sequence[bytes], int], str | None]
    secret: Callable[[str], bool] = bool

    def all(self) -> tuple[Sender, ...]:
        """Return all who may send."""
        return (self.sender,)


class Own(NamedTuple):
    """How a source's items are read by a workspace's own mapping.

    ``map(item, mapping)`` returns what an item is by it, None where it says nothing of such an item. ``sample(fields, now)`` returns
    the item that an object is which somebody pasted to see what would become of it.
    """

    map: Callable[[Any, Any], Sequence[Wire] | Problem | None]
    sample: Callable[[dict[str, Any], int], Any]


class Access(NamedTuple):
    """What a source's system is asked with, or written to: ``is_key`` says whether a text can be it, ``told`` what it is, in words."""

    is_key: Callable[[str], bool]
    told: str


class Fetch(NamedTuple):
    """How objects that items only name are fetched from their source, with its ``access``. Where its API is, a setting says.

    ``path``: where an object is, by a table and never by an address that a delivery says; ``headers``: what is asked with, for a key.
    ``whole`` makes of what an item said and the object the item as ``Source.map`` takes it, or says what is wrong with it; it raises
    ValueError for what is not that object. ``gone``: what an item is whose object is there no more, None: nothing; without it the
    source is thought not to show it.
    """

    path: Callable[[Mapping[str, str | int]], str]
    headers: Callable[[str, Mapping[str, str | int]], Mapping[str, str]]
    whole: Callable[[Mapping[str, str | int], bytes], Any]
    gone: Callable[[Mapping[str, str | int]], Any] | None = None


def _no_wait(_: Request) -> None:
    """Wait for no decision."""


def _nothing(_: Any) -> str:
    """Say nothing of an item."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source of events. Adding one takes a module, its line in ``registry``, and a test.

    ``paths``: where it is served, by ``methods``; with a Signature, beneath them by the name of a connection. ``beneath``: paths that
    it is served at too, whatever they begin with; the paths of other sources come first. ``read`` gives the items of a request in
    order, each a payload or a Problem, and raises RefusedError for what cannot be read at all; it bounds their number and depth.
    ``map`` turns a payload into its native events, and what it says of payments: nothing, if it means nothing here.
    ``answer(request, answers, decided)`` is told what became of the events of each item. ``refuse`` writes what fails as a whole;
    without it that is a problem of RFC 9457. ``wait``: for how many seconds the decision of a request with a single event is waited
    for, None: not at all. ``limit``: bytes of a body. ``json``: a body that calls itself something else is refused unread. ``pages``:
    scripts of any page may call it, with the ``headers`` that they set. ``told``: what clients ask by GET before they send anything,
    without a key. ``waits``: while there is no room it waits for some, because its clients send nothing again; its ``limit`` is then
    what each connection may hold.

    ``access``: what its system is asked with, or written to; None: neither. ``fetch``: how what its items only name is fetched; None:
    they say all. ``beside``: the one header that
    ``read`` looks at, of a source that takes mappings: it is kept with a delivery, so that an item sent again is what it was.

    For the people who look after it: ``fields`` says what becomes of each field, by its path; ``called`` what an item calls itself
    that means nothing here; ``unknown`` which fields of one are none of ``fields``; ``own`` how a workspace may map its items itself;
    ``guide`` is its page under ``docs/``; ``example`` a path that it is served at, where ``paths`` names none.
    """

    name: str
    paths: tuple[str, ...]
    credential: Key | Signature
    read: Callable[[Request], Sequence[Any]]
    map: Callable[[Any], Sequence[Wire | Paid | ByPayment | Unfetched | Problem] | Problem]
    answer: Callable[[Request, Sequence[Sequence[Answer]], Decided | None], Reply]
    refuse: Callable[[RefusedError], Reply] | None = None
    wait: Callable[[Request], int | None] = _no_wait
    limit: int = 1 << 20
    json: bool = True
    pages: bool = False
    methods: tuple[str, ...] = ("POST",)
    beneath: Pattern[str] | None = None
    told: Mapping[Pattern[str], Callable[[Request], Reply]] = field(default_factory=dict)
    waits: bool = False
    access: Access | None = None
    fetch: Fetch | None = None
    headers: tuple[str, ...] = ("authorization", "content-type", "content-encoding", "prefer")
    fields: Mapping[str, Treatment] = field(default_factory=dict)
    called: Callable[[Any], str] = _nothing
    unknown: Callable[[Any], Iterable[str]] = _nothing
    own: Own | None = None
    guide: str = ""
    example: str = ""
    beside: bytes = b""
