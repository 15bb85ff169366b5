"""``POST /v1/events``: one native event or an array of them, durable before the answer.

202 with an answer an item, in the order sent; 4xx only for what cannot be read at all or a wrong key.
"""

import re
from typing import Any

from goodword.app.intake.ingest import SENDERS, Answer, Ingest, UnavailableError, shown
from goodword.app.intake.waiting import Waiting
from goodword.edge.keys import Caller, Callers
from goodword.edge.web import (
    ProblemError,
    Receive,
    Room,
    Scope,
    Send,
    header,
    read_body,
    reply,
    reply_json,
    reply_problem,
)
from goodword.sources import native_read
from goodword.store.pool import DATABASE_ERRORS

_CORS = {b"access-control-allow-origin": b"*"}  # the key is in a header: no cookie can be abused
_PREFLIGHT = {
    **_CORS,
    b"access-control-allow-methods": b"POST",
    b"access-control-allow-headers": b"authorization, content-type, content-encoding, prefer",
    b"access-control-max-age": b"86400",
}
_NOT_JSON = (
    "multipart/",
    "application/x-www-form-urlencoded",
    "image/",
    "audio/",
    "video/",
    "application/xml",
    "text/html",
)
_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,3})(?:$|[,;\s])")
_LONGEST_WAIT = 10


class Events:
    """The endpoint."""

    def __init__(self, ingest: Ingest, waiting: Waiting, callers: Callers) -> None:
        self._ingest = ingest
        self._waiting = waiting
        self._callers = callers
        self._room = Room()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        try:
            await self._serve(scope, receive, send)
        except ProblemError as problem:
            await reply_problem(send, problem.status, problem.code, problem.detail, {**_CORS, **problem.headers})
        except UnavailableError as error:
            after = {**_CORS, b"retry-after": str(error.retry_after).encode()}
            await reply_problem(send, 503, "unavailable", f"Nothing was stored: {error}. Send it again.", after)
        except (*DATABASE_ERRORS, OSError):
            after = {**_CORS, b"retry-after": b"5"}
            await reply_problem(send, 503, "unavailable", "The database is away. Send it again.", after)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "OPTIONS":
            await reply(send, 204, b"", _PREFLIGHT)
            return
        if scope["method"] != "POST":
            raise ProblemError(405, "method_not_allowed", "Events are sent by POST.", {b"allow": b"POST, OPTIONS"})
        caller = await self._callers.of(header(scope, b"authorization"))
        sender = SENDERS.get(caller.kind)
        if sender is None:
            raise ProblemError(403, "not_permitted", "A member's key sends no events: use a secret or write key.")
        if header(scope, b"content-type").strip().lower().startswith(_NOT_JSON):
            raise ProblemError(415, "unsupported_media_type", "Send JSON, as application/json.")
        self._ingest.check(caller.workspace)
        body = await read_body(scope, receive, native_read.MAX_BODY, self._room)
        try:
            items = native_read.read(body)
        except native_read.UnreadableError as error:
            status = 413 if error.code in ("too_large", "too_many_events") else 400
            raise ProblemError(status, error.code, str(error)) from None
        answers = await self._ingest.accept(caller.workspace, sender, items)
        wait = _WAIT.search(header(scope, b"prefer"))
        if wait and native_read.is_single(body) and answers[0].evt:
            await self._decided(send, caller, answers[0], min(int(wait[1]), _LONGEST_WAIT))
        else:
            await reply_json(send, 202, {"items": [_item(answer) for answer in answers]}, _CORS)

    async def _decided(self, send: Send, caller: Caller, answer: Answer, seconds: int) -> None:
        """Answer with the decision, if it comes in time."""
        new = answer.status == "accepted"
        decided = await self._waiting.decision(caller.workspace.id, answer.evt or "", seconds, new=new)
        item = _item(answer)
        if decided is None:
            await reply_json(send, 202, {"items": [item]}, _CORS)
        else:
            applied = {**_CORS, b"preference-applied": f"wait={seconds}".encode()}
            await reply_json(send, 200, {"items": [{**item, "decision": shown(decided)}]}, applied)


def _item(answer: Answer) -> dict[str, Any]:
    item: dict[str, Any] = {"id": answer.id, "status": answer.status}
    if answer.code:
        item["code"] = answer.code
    if answer.field:
        item["field"] = answer.field
    return item
