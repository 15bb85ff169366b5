"""The stream that tells a page that the log has grown, so that it may look at what is new. Without it a page looks by itself.

Must not know: what is new, what stands on a page.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from goodword.app import see
from goodword.app.directory import Directory
from goodword.app.principal import Principal, action_of
from goodword.app.write.process import TRANSIENT
from goodword.console import nav
from goodword.console.callers import Callers

BEAT = 15.0  # seconds between signs that the stream is open
CHECK = 60.0  # seconds between looks whether the session still is
PAUSE = 1.0  # seconds between two positions: a page need not look more often
_AGAIN = 5  # seconds after which a browser comes back
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
        if directory.engine.live.full:
            return _later()
        after = request.headers.get("last-event-id") or request.query_params.get("after", "")
        known = int(after) if after.isdecimal() and len(after) <= _DIGITS else 0
        told = _told(directory, callers, request, caller.principal, known)
        return StreamingResponse(told, media_type="text/event-stream", headers={"x-accel-buffering": "no"})

    stream = Route(f"{nav.ROOT}/live", serve, methods=["GET"])
    stream.endpoint.__dict__["use_case"] = see.live.behind
    return stream


def _later() -> Response:
    return Response(status_code=503, headers={"retry-after": str(_AGAIN)})


async def _told(
    directory: Directory, callers: Callers, request: Request, who: Principal, position: int
) -> AsyncIterator[str]:
    clock, live = directory.engine.clock, directory.engine.live
    checked = clock.monotonic()
    yield f"retry: {_AGAIN * 1_000}\n\n"
    try:
        with live.watching(who.workspace.id):
            while not live.stopped:
                end = await see.live.behind(who, directory, position, BEAT)
                yield f"id: {end}\ndata: {end}\n\n" if end > position else ":\n\n"
                position = max(position, end)
                await live.pause(PAUSE)
                if clock.monotonic() - checked >= CHECK:
                    caller, checked = await callers.of(request), clock.monotonic()
                    if caller is None or not caller.principal.may(action_of(see.live.behind)):
                        return
    except TRANSIENT:
        return  # the page comes back
