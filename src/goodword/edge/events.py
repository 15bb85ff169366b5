"""Events from outside: each registered source on its paths, durable before the answer.

A source says how it is authenticated, read and answered (``sources/base``); here are the requests, bounded, and the order of things:
who sends, whether there is room, the body, its items, and the answer.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from goodword.app.engine import Clock
from goodword.app.intake.deliveries import Deliveries
from goodword.app.intake.ingest import Ingest, UnavailableError, shown
from goodword.app.intake.links import Links
from goodword.app.intake.quota import Quota, QuotaError
from goodword.app.intake.rejections import Rejections
from goodword.app.intake.waiting import Waiting
from goodword.edge.keys import Callers
from goodword.edge.web import Receive, Scope, Send, header, read_body, reply, reply_problem
from goodword.sources.base import Answer, Decided, Key, RefusedError, Reply, Request, Sender, Signature, Source
from goodword.store.pool import DATABASE_ERRORS
from goodword.store.workspaces import Workspace
from goodword.web import Room

_CORS = {b"access-control-allow-origin": b"*"}  # the key is in a header: no cookie can be abused
_PREFLIGHT = {
    **_CORS,
    b"access-control-allow-methods": b"POST",
    b"access-control-max-age": b"86400",
}
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
    """A workspace's connection to a source that signs, and the secret that they share."""

    workspace: Workspace
    secret: bytes


#: Finds a connection by the name of its source and its own.
Connections = Callable[[str, str], Awaitable[Connection | None]]


async def no_connections(_: str, __: str) -> Connection | None:
    """Know no connection."""
    return None


class Place(NamedTuple):
    """What a path names: a source, and beneath it a connection, which one with keys has not."""

    source: Source
    connection: str


class Senders(NamedTuple):
    """By what it is known who sends, and how much anybody may."""

    callers: Callers
    connections: Connections
    quota: Quota


class Noted(NamedTuple):
    """What is noted of deliveries beside what is stored, for staff: what was refused, and what came at all."""

    rejections: Rejections | None = None
    deliveries: Deliveries | None = None


class Who(NamedTuple):
    """Where events go and who sends them: the hash of a key, or a secret by which it is yet to be seen whether it is them."""

    workspace: Workspace
    sender: Sender
    key: bytes = b""
    secret: bytes = b""
    key_id: str = ""


class Events:
    """The endpoints of all sources."""

    def __init__(
        self,
        ingest: Ingest,
        waiting: Waiting,
        senders: Senders,
        links: Links,
        clock: Clock,
        sources: Mapping[str, Source],
        noted: Noted | None = None,
    ) -> None:
        self._noted = noted or Noted()
        self._ingest = ingest
        self._links = links
        self._waiting = waiting
        self._senders = senders
        self._room = Room()
        self._clock = clock
        self._keyed: dict[str, Place] = {}
        self._signed: dict[str, Source] = {}
        for source in sources.values():
            for path in source.paths:
                if isinstance(source.credential, Key):
                    self._keyed[path] = Place(source, "")
                else:
                    self._signed[path] = source

    def at(self, path: str) -> Place | None:
        """Return what is served at a path, if it is a source's."""
        if place := self._keyed.get(path):
            return place
        base, _, connection = path.rpartition("/")
        return Place(source, connection) if (source := self._signed.get(base)) else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send, place: Place) -> None:
        """Serve one request."""
        source = place.source
        cors = _CORS if source.pages else {}
        try:
            if scope["method"] == "OPTIONS" and source.pages:
                may_set = ", ".join(source.headers).encode()
                await reply(send, 204, b"", {**_PREFLIGHT, b"access-control-allow-headers": may_set})
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
        if scope["method"] != "POST":
            allow = b"POST, OPTIONS" if source.pages else b"POST"
            raise RefusedError(405, "method_not_allowed", "Events are sent by POST.", {b"allow": allow})
        who = await self._who(scope, place)
        try:
            return await self._taken(scope, receive, source, who)
        except RefusedError as error:
            if who.key:  # of who has yet to show that it is them, nothing is kept
                self._note(who, error.code)
                if self._noted.deliveries is not None:
                    self._noted.deliveries.refused(who.workspace.id, who.sender.source, error.code)
            raise

    async def _taken(self, scope: Scope, receive: Receive, source: Source, who: Who) -> Reply:
        """Take what is sent by who is known by a key, or yet has to show that it is them."""
        anybody = not who.sender.verified  # what a page may send, and who reads it, anybody may
        address = scope["client"][0] if scope.get("client") else ""
        if source.json and header(scope, b"content-type").strip().lower().startswith(_NOT_JSON):
            raise RefusedError(415, "unsupported_media_type", "Send JSON, as application/json.")
        if anybody:
            self._senders.quota.take(who.key, address, 0)
        self._ingest.check(who.workspace)
        body = await read_body(scope, receive, source.limit, self._room)
        request = Request(scope["path"], partial(header, scope), body, self._clock.now())
        if isinstance(source.credential, Signature) and not source.credential.check(request, who.secret, request.now):
            raise RefusedError(401, "signature_wrong", "The body was not signed with the secret of this connection.")
        items = source.read(request)
        if anybody:
            self._senders.quota.take(who.key, address, len(items))
        answers = await self._ingest.take(who.workspace, who.sender, source, items)
        for answer in (one for item in answers for one in item if one.code is not None):
            self._note(who, answer.code or "", answer.field, answer.id)
        if self._noted.deliveries is not None:
            self._noted.deliveries.note(who.workspace.id, who.sender.source, source, items, answers)
        wait = None if anybody else source.wait(request)  # a decision tells who is bound to whom
        decided = None if wait is None else await self._decided(who.workspace, wait, answers)
        return source.answer(request, answers, decided)

    def _note(self, who: Who, code: str, field: str | None = None, sent_as: str | None = None) -> None:
        """Keep that something was refused, so that staff see what was wrong."""
        if self._noted.rejections is not None:
            self._noted.rejections.note(who.workspace.id, who.sender.source, who.key_id, code, field, sent_as)

    async def _who(self, scope: Scope, place: Place) -> Who:
        credential = place.source.credential
        if isinstance(credential, Key):
            caller = await self._senders.callers.of(header(scope, b"authorization"))
            sender = credential.senders.get(caller.kind)
            if sender is None:
                raise RefusedError(403, "not_permitted", credential.otherwise)
            return Who(caller.workspace, sender, key=caller.hash, key_id=caller.id)
        connection = await self._senders.connections(place.source.name, place.connection)
        if connection is None:
            raise RefusedError(404, "connection_unknown", "There is no such connection: look at the address again.")
        return Who(connection.workspace, credential.sender, secret=connection.secret)

    async def _decided(self, ws: Workspace, seconds: int, answers: Sequence[Sequence[Answer]]) -> Decided | None:
        """Return the decision of a single event, if it comes in time."""
        said = [answer for item in answers for answer in item]
        if len(said) != 1 or said[0].evt is None:
            return None
        new = said[0].status == "accepted"
        decided = await self._waiting.decision(ws.id, said[0].evt, seconds, new=new)
        return None if decided is None else Decided(shown(decided), await self._links.enrolled(ws, decided))


async def _write(send: Send, said: Reply, cors: Mapping[bytes, bytes]) -> None:
    await reply(send, said.status, said.body, {b"content-type": said.media, **cors, **said.headers})
