"""The stream that tells a page that the log has grown, so that it may look at what is new. Without it a page looks by itself.

Whose address says ``at`` is at that record while the stream is open (``app.live``); each stream tells who else is at one.
Must not know: what is new, what stands on a page.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from goodword import words
from goodword.app import see
from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.live import At, Watcher
from goodword.app.principal import Principal, action_of
from goodword.app.see.live import Here
from goodword.app.write.process import TRANSIENT
from goodword.console import nav, parts
from goodword.console.callers import Callers

BEAT = 15.0  # seconds between signs that the stream is open
CHECK = 60.0  # seconds between looks whether the session still is
PAUSE = 1.0  # seconds between two positions: a page need not look more often
_AGAIN = 5  # seconds after which a browser comes back
_LATER = 60  # of who has enough streams open: until then their page looks by itself
_DIGITS = 18


def route(directory: Directory, callers: Callers) -> Route:
    """Return the route of the stream."""

    async def serve(request: Request) -> Response:
        """Answer with the positions that the log reaches, as server-sent events."""
        try:
            caller = await callers.of(request)
        except TRANSIENT:
            return _later()
        if caller is None:
            return callers.sign_in(request)
        if not caller.principal.may(action_of(see.live.behind)):
            return Response(status_code=403)
        after = request.headers.get("last-event-id") or request.query_params.get("after", "")
        known = int(after) if after.isdecimal() and len(after) <= _DIGITS else 0
        try:
            at = await _at(directory, request, caller.principal)
        except TRANSIENT:
            return _later()
        who = _watcher(caller.principal)
        if directory.engine.live.full:
            return _later()
        if directory.engine.live.enough(who):
            return PlainTextResponse(words.page("live.enough"), 429, {"retry-after": str(_LATER)})
        told = _told(directory, callers, request, caller.principal, known, at)
        return StreamingResponse(told, media_type="text/event-stream", headers={"x-accel-buffering": "no"})

    stream = Route(f"{nav.ROOT}/live", serve, methods=["GET"])
    stream.endpoint.__dict__["use_case"] = see.live.behind
    return stream


def _watcher(who: Principal) -> Watcher:
    return Watcher(who.workspace.id, who.actor.id, who.actor.session)


def _later() -> Response:
    return Response(status_code=503, headers={"retry-after": str(_AGAIN)})


async def _at(directory: Directory, request: Request, who: Principal) -> At | None:
    """Return at which record the page is, if it is at one that they may see."""
    subject = request.query_params.get("at", "")
    if not subject or not who.may(action_of(see.live.at)):
        return None
    try:
        return await see.live.at(who, directory, subject, deciding="deciding" in request.query_params)
    except UnknownError:
        return None


def here(others: Sequence[Here]) -> dict[str, str]:
    """Return by record what its row and it itself say of who else is there."""
    found = dict[str, list[str]]()
    for it in others:
        said = words.page("here.deciding" if it.deciding else "here.looking", who=parts.called(it.who.mail, it.who.id))
        found.setdefault(it.subject, []).append(said)
    return {subject: ", ".join(said) for subject, said in found.items()}


async def _told(
    directory: Directory, callers: Callers, request: Request, who: Principal, position: int, at: At | None
) -> AsyncIterator[str]:
    clock, live, ws = directory.engine.clock, directory.engine.live, who.workspace.id
    checked = clock.monotonic()
    there: dict[str, str] | None = None  # told at once: what the page had from a stream before may be over
    yield f"retry: {_AGAIN * 1_000}\n\n"
    if live.enough(_watcher(who)):
        return  # others of theirs began at the same time; who comes back is told
    try:
        with live.watching(_watcher(who), at):
            while not live.stopped:
                turns = live.turns(ws)
                now = here(await see.live.others(who, directory)) if who.may(action_of(see.live.others)) else {}
                if now != there:
                    there = now
                    yield f"event: here\ndata: {msgspec.json.encode(now).decode()}\n\n"
                end = await see.live.behind(who, directory, position, BEAT, turns)
                yield f"id: {end}\ndata: {end}\n\n" if end > position else ":\n\n"
                position = max(position, end)
                await live.pause(PAUSE)
                if clock.monotonic() - checked >= CHECK:
                    caller, checked = await callers.of(request), clock.monotonic()
                    if caller is None or not caller.principal.may(action_of(see.live.behind)):
                        return
    except TRANSIENT:
        return  # the page comes back
