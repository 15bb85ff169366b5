"""Events from outside: each registered source on its paths, durable before the answer.

A source says how it is authenticated, read and answered (``sources/base``); here are the requests, bounded, and the order of things:
who sends, whether there is room, the body, its items, and the answer. Where the body says who sends, it is read before that, within
bounds of its own.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, NamedTuple

from goodword.app.bounded import Bounded
from goodword.app.engine import Clock
from goodword.app.intake.deliveries import Deliveries
from goodword.app.intake.ingest import Ingest, UnavailableError, shown
from goodword.app.intake.keeping import Keeping
from goodword.app.intake.links import Links
from goodword.app.intake.mappings import Mappings, Treated
from goodword.app.intake.quota import Quota, QuotaError
from goodword.app.intake.rejections import Rejections
from goodword.app.intake.waiting import Waiting
from goodword.edge.keys import Callers, key_in
from goodword.edge.web import Receive, Scope, Send, header, inflated, read_body, read_sent, reply, reply_problem
from goodword.sources.base import (
    SIGNATURE_CODES,
    Answer,
    Decided,
    Key,
    RefusedError,
    Reply,
    Request,
    Sender,
    Signature,
    Source,
)
from goodword.sources.fields import TOKEN_PATTERN
from goodword.store.pool import DATABASE_ERRORS
from goodword.store.workspaces import Workspace
from goodword.web import DRAINED, Room

_log = logging.getLogger(__name__)
_CORS = {b"access-control-allow-origin": b"*"}  # the key is in a header: no cookie can be abused
_PREFLIGHT = {
    **_CORS,
    b"access-control-max-age": b"86400",
}
_TOLD = 60.0  # seconds between two notes of a signature that is wrong in the same way
_FRESH = 3.0  # seconds for which the secrets of a connection are remembered
_WORKSPACES = 1_000  # of which that is remembered
_NAME = re.compile(TOKEN_PATTERN)
_UNKNOWN = 8  # bodies that are held before it is known who sends them
_SLOWER = "A page may send no more just now: let your server send what is much, or send it again later."
_NOT_JSON = (
    "multipart/",
    "application/x-www-form-urlencoded",
    "image/",
    "audio/",
    "video/",
    "application/xml",
    "text/html",
)


class Connection(NamedTuple):
    """A workspace's connection to a source that signs, and the secrets that they share: several while one takes another's place."""

    workspace: Workspace
    secrets: tuple[bytes, ...]


#: Finds a connection by the name of its source and its own.
Connections = Callable[[str, str], Awaitable[Connection | None]]


async def no_connections(_: str, __: str) -> Connection | None:
    """Know no connection."""
    return None


class Place(NamedTuple):
    """What a path names: a source, and beneath it a connection, which one with keys has not.

    ``tell``: what is told there by GET, before anything is sent.
    """

    source: Source
    connection: str = ""
    tell: Callable[[Request], Reply] | None = None


class Senders(NamedTuple):
    """By what it is known who sends, and how much anybody may. ``address``: of this installation, which some sign too."""

    callers: Callers
    connections: Connections
    quota: Quota
    address: Callable[[], str] = str


class Noted(NamedTuple):
    """What is noted of deliveries beside what is stored, for staff: what was refused, what came at all, and as it came."""

    rejections: Rejections | None = None
    deliveries: Deliveries | None = None
    keeping: Keeping | None = None


class Who(NamedTuple):
    """Where events go and who sends them: the hash of a key, or secrets by which it is yet to be seen whether it is them."""

    workspace: Workspace
    sender: Sender
    key: bytes = b""
    secrets: tuple[bytes, ...] = ()
    key_id: str = ""


class Events:
    """The endpoints of all sources."""

    def __init__(  # noqa: PLR0913 - its parts
        self,
        ingest: Ingest,
        waiting: Waiting,
        senders: Senders,
        links: Links,
        clock: Clock,
        sources: Mapping[str, Source],
        noted: Noted | None = None,
        mappings: Mappings | None = None,
    ) -> None:
        self._noted = noted or Noted()
        self._mappings = mappings
        self._ingest = ingest
        self._links = links
        self._waiting = waiting
        self._senders = senders
        self._room = Room()
        self._unproven = (
            Room()
        )  # of bodies whose signature is yet to be looked at: anybody may send them, so keys have their own
        self._unknown = Room(_UNKNOWN * max(source.limit for source in sources.values())) if sources else Room()
        self._unknown_read = asyncio.Semaphore(_UNKNOWN)
        self._clock = clock
        self._keyed: dict[str, Place] = {}
        self._signed: dict[str, Source] = {}
        self._connections: Bounded[tuple[str, str], tuple[Connection | None, float]] = Bounded(_WORKSPACES)
        #: workspace, source and code of what was not signed: until when it is not noted again
        self._unsigned_told: Bounded[tuple[str, str, str], float] = Bounded(_WORKSPACES)
        self._beneath = [(source.beneath, Place(source)) for source in sources.values() if source.beneath]
        self._told = [(at, Place(source, tell=tell)) for source in sources.values() for at, tell in source.told.items()]
        for source in sources.values():
            for path in source.paths:
                if isinstance(source.credential, Key):
                    self._keyed[path] = Place(source)
                else:
                    self._signed[path] = source

    def at(self, scope: Scope) -> Place | None:
        """Return what is served at a path, if it is a source's."""
        path, method = scope["path"], scope["method"]
        if place := self._keyed.get(path):
            return place
        base, _, connection = path.rpartition("/")
        if source := self._signed.get(base):
            return Place(source, connection)
        for at, place in self._beneath:
            if method in place.source.methods and at.fullmatch(_written(scope)):
                return place
        if method in ("GET", "OPTIONS"):
            return next((place for at, place in self._told if at.fullmatch(path)), None)
        return None

    async def __call__(self, scope: Scope, receive: Receive, send: Send, place: Place) -> None:
        """Serve one request."""
        source = place.source
        cors = _CORS if source.pages else {}
        try:
            if scope["method"] == "OPTIONS" and source.pages:
                may_set = ", ".join(source.headers).encode()
                methods = b"GET" if place.tell else b"POST"
                more = {b"access-control-allow-methods": methods, b"access-control-allow-headers": may_set}
                await reply(send, 204, b"", {**_PREFLIGHT, **more})
                return
            said = await self._serve(scope, receive, place)
        except RefusedError as error:
            refused = error
        except QuotaError as error:
            after = {b"retry-after": str(error.retry_after).encode()}
            refused = RefusedError(429, "rate_limited", f"Nothing was stored. {_SLOWER}", after)
        except UnavailableError as error:
            after = {b"retry-after": str(error.retry_after).encode()}
            refused = RefusedError(503, "unavailable", f"Nothing was stored: {error}. Send it again.", after)
        except (*DATABASE_ERRORS, OSError):
            refused = RefusedError(503, "unavailable", "The database is away. Send it again.", {b"retry-after": b"5"})
        else:
            await _write(send, said, cors)
            return
        if source.refuse is None:
            await reply_problem(send, refused.status, refused.code, refused.detail, {**cors, **refused.headers})
        else:
            await _write(send, source.refuse(refused), cors)

    async def _serve(self, scope: Scope, receive: Receive, place: Place) -> Reply:
        source = place.source
        if place.tell is not None:
            return place.tell(self._request(scope, source, b""))
        if scope["method"] not in source.methods:
            allow = ", ".join((*source.methods, *(("OPTIONS",) if source.pages else ()))).encode()
            raise RefusedError(405, "method_not_allowed", "Events are sent by POST.", {b"allow": allow})
        who, body = await self._who(scope, receive, place)
        try:
            return await self._taken(scope, receive, source, who, body)
        except RefusedError as error:
            if who.key:  # of who has yet to show that it is them, nothing is kept
                self._note(who, error.code)
                if self._noted.deliveries is not None:
                    self._noted.deliveries.refused(who.workspace.id, who.sender.source, error.code)
                if not who.sender.verified and error.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                    self._senders.quota.take(who.key, _address(scope), 1)  # what cannot be read is read at our cost too
            raise

    async def _taken(self, scope: Scope, receive: Receive, source: Source, who: Who, body: bytes | None) -> Reply:
        """Take what is sent by who is known by a key, or yet has to show that it is them. ``body``: if it was read already."""
        anybody = not who.sender.verified  # what a page may send, and who reads it, anybody may
        address = _address(scope)
        if source.json and header(scope, b"content-type").strip().lower().startswith(_NOT_JSON):
            raise RefusedError(415, "unsupported_media_type", "Send JSON, as application/json.")
        if anybody:
            self._senders.quota.take(who.key, address, 0)
        signature = source.credential if isinstance(source.credential, Signature) else None
        if signature is not None and not who.secrets:
            raise self._unsigned(who, "secret_missing")
        if not source.waits:
            self._ingest.check(who.workspace)
        if body is None:
            kept = self._room if signature is None else self._unproven
            room = Room(DRAINED) if source.waits else kept
            body = await read_body(scope, receive, source.limit, room)
        request = self._request(scope, source, body, live=who.workspace.mode == "live")
        if signature is not None and (wrong := signature.check(request, who.secrets, request.now)) is not None:
            raise self._unsigned(who, wrong)
        try:
            items = _read(source, request)
        except RefusedError as error:
            if signature is not None:  # it is them by now; of who has a key ``_serve`` keeps it
                self._note(who, error.code)
            raise
        if anybody:
            self._senders.quota.take(who.key, address, len(items))
        treated = await self._treated(who, source)
        became = await self._ingest.take(who.workspace, who.sender, source, items, treated.own)
        answers = [tuple(one for one in item if one is not None) for item in became]
        for answer in (one for item in answers for one in item if one.code is not None):
            self._note(who, answer.code or "", answer.field, answer.id)
        if self._noted.deliveries is not None:
            self._noted.deliveries.note(who.workspace.id, who.sender.source, source, items, became, treated.own)
        if treated.days and self._noted.keeping is not None:
            await self._noted.keeping.keep(who.workspace, source.name, who.sender.source, request, source.beside)
        wait = None if anybody else source.wait(request)  # a decision tells who is bound to whom
        decided = None if wait is None else await self._decided(who.workspace, wait, answers)
        return source.answer(request, answers, decided)

    async def _treated(self, who: Who, source: Source) -> Treated:
        """Return how the workspace has a source treated: one that takes a mapping."""
        if self._mappings is None or source.own is None:
            return Treated()
        return await self._mappings.of(who.workspace.id, source.name)

    def _unsigned(self, who: Who, wrong: str) -> RefusedError:
        """Return why what was not signed is refused. Staff see it once a minute, for anybody can send what is wrong."""
        now, told = self._clock.monotonic(), (who.workspace.id, who.sender.source, wrong)
        if now >= (self._unsigned_told.get(told) or 0.0):
            self._unsigned_told.put(told, now + _TOLD)
            self._note(who, wrong)
        return RefusedError(401, wrong, SIGNATURE_CODES[wrong])

    def _note(self, who: Who, code: str, field: str | None = None, sent_as: str | None = None) -> None:
        """Keep that something was refused, so that staff see what was wrong."""
        if self._noted.rejections is not None:
            self._noted.rejections.note(who.workspace.id, who.sender.source, who.key_id, code, field, sent_as)

    def _request(self, scope: Scope, source: Source, body: bytes, *, live: bool = False) -> Request:
        path = _written(scope) if source.beneath else scope["path"]
        query = scope.get("query_string", b"").decode("latin-1")
        url = f"{self._senders.address().rstrip('/')}{_written(scope)}{f'?{query}' if query else ''}"
        return Request(path, partial(header, scope), body, self._clock.now(), live, scope["method"], url)

    async def _who(self, scope: Scope, receive: Receive, place: Place) -> tuple[Who, bytes | None]:
        """Return who sends, and the body where it had to be read for that: of such few are inflated at once."""
        source, credential = place.source, place.source.credential
        if isinstance(credential, Signature):
            return await self._connected(place, credential), None
        key = key_in(partial(header, scope))
        if key is not None or credential.in_body is None:
            return await self._keyed_by(credential, key), None
        with self._unknown.share() as take:
            sent = await read_sent(scope, receive, source.limit, take)
            async with self._unknown_read:
                body = inflated(scope, sent, source.limit)
                return await self._keyed_by(credential, credential.in_body(body)), body

    async def _keyed_by(self, credential: Key, key: str | None) -> Who:
        caller = await self._senders.callers.of(key)
        sender = credential.senders.get(caller.kind)
        if sender is None:
            raise RefusedError(403, "not_permitted", credential.otherwise)
        return Who(caller.workspace, sender, key=caller.hash, key_id=caller.id)

    async def _connected(self, place: Place, credential: Signature) -> Who:
        connection = await self._connection(place)
        if connection is None:
            raise RefusedError(404, "connection_unknown", "There is no such connection: look at the address again.")
        return Who(connection.workspace, credential.sender, secrets=connection.secrets)

    async def _connection(self, place: Place) -> Connection | None:
        """Return a connection, remembered for a few seconds: before the signature was looked at anybody may ask for it."""
        named = (place.source.name, place.connection)
        found, until = self._connections.get(named) or (None, 0.0)
        if self._clock.monotonic() >= until:
            found = await self._senders.connections(*named) if _NAME.match(place.connection) else None
            self._connections.put(named, (found, self._clock.monotonic() + _FRESH))
        return found

    async def _decided(self, ws: Workspace, seconds: int, answers: Sequence[Sequence[Answer]]) -> Decided | None:
        """Return the decision of a single event, if it comes in time."""
        said = [answer for item in answers for answer in item]
        if len(said) != 1 or said[0].evt is None:
            return None
        new = said[0].status == "accepted"
        decided = await self._waiting.decision(ws.id, said[0].evt, seconds, new=new)
        if decided is None:
            return None
        link, event = await self._links.enrolled(ws, decided), decided.event
        return Decided(shown(decided), link, getattr(event, "person", None), event.occurred_at)


def _read(source: Source, request: Request) -> Sequence[Any]:
    """Return the items of a request. What a source did not think of is our mistake, and would be one as often as it is sent again.

    Clients of other products, which know nothing else of us, would send it for ever; of our own format it is told as a mistake.
    """
    try:
        return source.read(request)
    except RefusedError:
        raise
    except Exception:
        if source.refuse is None:
            raise
        _log.exception("a request of the source %s could not be read", source.name)
        raise RefusedError(400, "not_events", "The body holds something that cannot be read as events.") from None


def _address(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else ""


def _written(scope: Scope) -> str:
    """Return the path as it was written, apart from the query."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.partition(b"?")[0].decode("latin-1")


async def _write(send: Send, said: Reply, cors: Mapping[bytes, bytes]) -> None:
    await reply(send, said.status, said.body, {b"content-type": said.media, **cors, **said.headers})
