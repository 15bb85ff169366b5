"""uvicorn's protocol of a connection, with bounds that it has not: on the size of a head, and on the time that a head and a body take.

A client that is slow or sends too much hears so in a problem document, and its connection ends: what it holds here is bounded.
Must not know: paths, what a request means.
"""

from __future__ import annotations

import asyncio
from asyncio import TimerHandle
from http import HTTPStatus
from typing import Literal

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from goodword.edge.web import problem_document

MAX_HEAD = 64 << 10  # bytes of a request's line and headers
HEAD_WITHIN = 15.0  # seconds from the first byte of a head, or from the connection, to its end
BODY_WITHIN = 60.0  # seconds for a body: 5 MiB at a megabit a second take 42


class _RefusedError(Exception):
    """Ends the parser's work on a request that was refused."""


class Protocol(HttpToolsProtocol):
    """One connection. ``_part`` is what of a request has begun to come and is not at its end."""

    _part: Literal["nothing", "head", "body"] = "nothing"
    _timed: str | None = None  # the part that must end in time
    _timer: TimerHandle | None = None
    _before = 0  # bytes of a head that came before what comes now
    _now = 0  # bytes that come now
    _mixed = False  # whether these are of several requests
    _carried = False  # whether something of a body is among what comes now
    _beside = 0  # bytes that came since without any of a body: the sizes of chunks, and headers behind the last one
    _refusal: tuple[int, str, str] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin; a request must come."""
        super().connection_made(transport)
        self._wait(HEAD_WITHIN, "nothing")

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; only what is large or not whole costs more than it does uvicorn."""
        self._mixed, self._now = self._part == "body", len(data)
        super().data_received(data)
        if self._part == "head":
            self._before = self._told() if self._mixed else self._before + len(data)
            if self._before > MAX_HEAD:
                self._refuse(*_TOO_LARGE)
            elif self._timed != "head":
                self._wait(HEAD_WITHIN, "head")
        elif self._part == "body":
            self._beside, self._carried = 0 if self._carried else self._beside + len(data), False
            if self._beside > MAX_HEAD:
                self._refuse(*_TOO_LARGE)
            elif self._timed != "body":
                self._wait(BODY_WITHIN, "body")
        elif self._timer is not None:
            self._stop_waiting()

    def on_message_begin(self) -> None:
        """Begin a head."""
        self._part, self._before = "head", 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Begin the answer, if the head is not too large: what came is larger than it, so it is seldom looked at."""
        if self._before + self._now > MAX_HEAD and self._told() > MAX_HEAD:
            self._refusal = _TOO_LARGE
            raise _RefusedError
        self._part, self._beside = "body", 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take of the body what came."""
        self._carried = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that the request is whole."""
        self._part, self._mixed = "nothing", True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be read."""
        self._refuse(*(self._refusal or (400, "bad_request", msg)))

    def _told(self) -> int:
        """Return the bytes of a head that the parser has told of."""
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _refuse(self, status: int, code: str, detail: str) -> None:
        """Answer with a problem, unless another answer has begun or was given, and end the connection."""
        self._stop_waiting()
        if self.transport.is_closing():
            return
        cycle = self.cycle
        open_ = cycle is not None and not cycle.response_complete
        answered = self._part == "body" and not open_  # the rest of a body that nobody wanted
        if not answered and not (open_ and cycle.response_started):
            body = problem_document(status, code, detail)
            head = (
                f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/problem+json\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + body)
        if open_:  # whoever reads the body hears that there is no more of it
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.close()

    def _wait(self, seconds: float, part: str) -> None:
        self._stop_waiting()
        self._timed = part
        self._timer = self.loop.call_later(seconds, self._late)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = self._timed = None

    def _late(self) -> None:
        self._timer = None
        if self._part == "body" and self.flow.read_paused:  # it is we who do not read
            self._wait(BODY_WITHIN, "body")
        elif self._part == "nothing":  # there is nobody to tell
            self.transport.close()
        else:
            self._refuse(*_TOO_SLOW)


_TOO_LARGE = (
    431,
    "head_too_large",
    f"The request's line and headers are larger than {MAX_HEAD} bytes: send less in them.",
)
_TOO_SLOW = (
    408,
    "too_slow",
    f"A head must come within {HEAD_WITHIN:.0f} s and a body within {BODY_WITHIN:.0f} s. Send it again.",
)
