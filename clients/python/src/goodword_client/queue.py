"""Events that are sent behind the caller's back: in order, many at once, until the server has them; never more than it may hold.

One thread sends, also for ``AsyncGoodword``: a loop has ended when the process does, and what waits is still to go.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx

from goodword_client import wire
from goodword_client.errors import ApiError, FullError, GoodwordError

_log = logging.getLogger("goodword_client")


class Refused(NamedTuple):
    """An event that will not count as it is: ``code`` and ``field`` say why; ``event`` is the JSON that was sent."""

    id: str
    code: str
    field: str | None
    event: bytes


def _told(refused: Refused) -> None:
    _log.error("event %s was not taken: %s %s", refused.id, refused.code, refused.field or "")


class Queue:
    """What waits, and the thread that sends it.

    A batch goes when ``batch`` events wait or ``interval`` seconds are over. ``most_events``, ``most_bytes``: what may wait, beyond
    which ``add`` raises FullError. ``on_refused`` is called, in the thread, for each event that will not count as it is. ``at_exit``:
    seconds that the end of the process may wait for what is left. ``http``: a client of your own, by default that of ``Goodword``.
    """

    def __init__(
        self,
        *,
        batch: int = 200,
        interval: float = 0.5,
        most_events: int = 20_000,
        most_bytes: int = 32 << 20,
        on_refused: Callable[[Refused], object] = _told,
        at_exit: float = 5.0,
        http: httpx.Client | None = None,
    ) -> None:
        self._batch = self._most_at_once = min(batch, wire.MOST_EVENTS)
        self._interval = interval
        self._most = (most_events, most_bytes)
        self._refused = on_refused
        self._at_exit = at_exit
        self._http = http
        self._ask: Callable[[wire.Call], httpx.Response] | None = None
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._changed = threading.Condition()
        self._waiting: deque[tuple[str, bytes, float]] = deque()
        self._bytes = self._gone = 0
        self._thread: threading.Thread | None = None
        self._flushing = 0
        self._ended = False
        self._gave_up = False
        self._refused_with = 0
        self._made: httpx.Client | None = None

    def connect(self, ask: Callable[[wire.Call], httpx.Response]) -> None:
        """Say how one request is made; done by the client that the queue belongs to."""
        self._ask = ask

    def client(self, other: httpx.Client | httpx.AsyncClient) -> httpx.Client:
        """The client that its thread uses: the one that was given, the other one where that blocks, or one that is made."""
        if self._http is not None:
            return self._http
        if isinstance(other, httpx.Client):
            return other
        if self._made is None:
            self._made = httpx.Client(trust_env=other.trust_env)
        return self._made

    def __len__(self) -> int:
        """How many wait, those on their way among them."""
        return len(self._waiting)

    def add(self, event: Any) -> str:
        """Let an event be sent, and return its id; it is made now where it has none. Raises FullError."""
        id_ = wire.with_id(event)
        body = wire.encoded(event)
        self._own()
        with self._changed:
            if self._ended:
                raise GoodwordError("the client is closed")
            if len(body) > wire.MOST_BYTES:
                raise GoodwordError(f"event {id_} is larger than a request may be")
            if len(self._waiting) >= self._most[0] or self._bytes + len(body) > self._most[1]:
                raise FullError(f"{len(self._waiting)} events wait already")
            self._waiting.append((id_, body, time.monotonic()))
            self._bytes += len(body)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="goodword", daemon=True)
                self._thread.start()
                atexit.register(self._exit)
            self._changed.notify_all()
        return id_

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until the server has all that waits now; whether it has."""
        self._own()
        with self._changed:
            self._flushing += 1
            self._changed.notify_all()
            last = self._gone + len(self._waiting)
            try:
                return self._changed.wait_for(lambda: self._gone >= last, timeout)
            finally:
                self._flushing -= 1

    def close(self, timeout: float | None = None) -> int:
        """Send what waits and take no more; return how many could not be sent in this time. ``timeout``: that of the end by default."""
        self._own()
        with self._changed:
            self._ended = True
        self.flush(self._at_exit if timeout is None else timeout)
        with self._changed:
            self._gave_up = True
            self._changed.notify_all()
            left = len(self._waiting)
        if left:
            _log.error("%d events were not sent", left)
        atexit.unregister(self._exit)
        return left

    def _exit(self) -> None:
        self.close()

    def _own(self) -> None:
        """After a fork the thread is the parent's, and so are what waits and the connections of what was made."""
        if self._pid != os.getpid():
            self._begin()

    def _run(self) -> None:
        tried = 0
        while (batch := self._next()) is not None:
            after = self._send(batch, tried)
            tried = 0 if after is None else tried + 1
            if after is not None:
                self._rest(after)
        if self._made is not None:
            self._made.close()

    def _next(self) -> list[tuple[str, bytes]] | None:
        """Wait for a batch; None: there will be none."""
        with self._changed:
            while not self._gave_up:
                if self._waiting:
                    since = self._interval - (time.monotonic() - self._waiting[0][2])
                    if since <= 0 or self._flushing or len(self._waiting) >= self._batch:
                        return self._cut()
                    self._changed.wait(since)
                else:
                    self._changed.wait()
            return None

    def _cut(self) -> list[tuple[str, bytes]]:
        batch: list[tuple[str, bytes]] = []
        size = 0
        for id_, body, _ in self._waiting:
            size += len(body) + 1
            if batch and (len(batch) == self._most_at_once or size > wire.MOST_BYTES):
                break
            batch.append((id_, body))
        return batch

    def _send(self, batch: list[tuple[str, bytes]], tried: int) -> float | None:
        """Send a batch once; return the seconds after which it is to be sent again, None: it is done."""
        if self._ask is None:
            raise GoodwordError("the queue belongs to no client")
        refused: list[Refused] = []
        try:
            answer = self._ask(wire.events(wire.body_of(body for _, body in batch)))
            if wire.may_pass(answer.status_code):
                self._say(answer)
                return wire.pause(tried, answer.headers)
            self._refused_with = 0
            if answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE and len(batch) > 1:
                self._most_at_once = len(batch) // 2  # a proxy before the server takes less than it does
                return 0.0
            items = wire.read(answer)["items"]
        except wire.FAULTS:
            return wire.pause(tried)
        except ApiError as error:
            refused = [Refused(id_, error.code, None, body) for id_, body in batch]
        except Exception:  # noqa: BLE001 - whatever it is, the thread goes on: what waits is not lost by it
            _log.exception("the queue could not send")
            return wire.pause(tried)
        else:
            refused = [
                Refused(id_, item.get("code", item["status"]), item.get("field"), body)
                for (id_, body), item in zip(batch, items)
                if item["status"] in ("conflict", "invalid")
            ]
        self._tell(refused)
        with self._changed:
            for _, body in batch:
                self._waiting.popleft()
                self._bytes -= len(body)
            self._gone += len(batch)
            self._changed.notify_all()
        return None

    def _say(self, answer: httpx.Response) -> None:
        """Say once, until it is otherwise, what somebody has to mend: a key, a server."""
        if answer.status_code not in wire.AGAIN and answer.status_code != self._refused_with:
            self._refused_with = answer.status_code
            _log.error("%d events wait and are sent again: %s", len(self._waiting), wire.problem(answer))

    def _tell(self, refused: list[Refused]) -> None:
        for one in refused:
            try:
                self._refused(one)
            except Exception:  # noqa: BLE001, PERF203 - it is not ours
                _log.exception("on_refused raised")

    def _rest(self, seconds: float) -> None:
        """Wait before another try, unless it is given up."""
        until = time.monotonic() + seconds
        with self._changed, contextlib.suppress(RuntimeError):
            self._changed.wait_for(lambda: self._gave_up, max(0.0, until - time.monotonic()))
