"""A page is told that the log has grown, by whichever process; the stream ends with the session and with the process."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Self

import pytest
from testkit import sent
from tests.console.conftest import Console

from goodword.app import see
from goodword.app.live import Live
from goodword.console import live, nav


class Stream:
    """A stream of positions, as a browser has it open."""

    def __init__(self, desk: Console, query: str = "", headers: dict[str, str] | None = None) -> None:
        self._desk = desk
        self._scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "method": "GET",
            "path": "/console/live",
            "raw_path": b"/console/live",
            "root_path": "",
            "scheme": "http",
            "http_version": "1.1",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
            "server": ("console.test", 80),
            "client": ("127.0.0.1", 1),
        }
        self.status = 0
        self.said: list[str] = []
        self.ended = asyncio.Event()
        self._more = asyncio.Event()
        self._gone = asyncio.Event()

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message.get("body"):
            self.said.append(message["body"].decode())
        self._more.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def _run(self) -> None:
        await self._desk.app(self._scope, self._receive, self._send)
        self.ended.set()

    async def __aexit__(self, *_: object) -> None:
        self._gone.set()
        await asyncio.wait_for(self._task, 10)

    async def position(self) -> int:
        """The next position that is told."""
        async with asyncio.timeout(10):
            while not any(part.startswith("id:") for part in self.said):
                self._more.clear()
                await self._more.wait()
        told = next(part for part in self.said if part.startswith("id:"))
        self.said.remove(told)
        number = told.split()[1]
        assert told == f"id: {number}\ndata: {number}\n\n"
        return int(number)


def _with(desk: Console, does: Callable[[], Awaitable[None]]) -> None:
    desk.api.run(does())


def test_a_page_that_is_live_says_from_where(busy: Console) -> None:
    """With the position before what it shows was read; a record and a reader's twin have none."""
    position = busy.json("/console")["position"]
    assert f'data-live="{nav.ROOT}/live" data-position="{position}"' in busy.html("/console/rewards")
    assert "data-live" not in busy.html("/console/people")


def test_a_page_is_told_what_this_process_commits(desk: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once: by a command and by what is decided of the inbox; who comes back goes on where they were."""
    monkeypatch.setattr(live, "PAUSE", 0.01)
    before = desk.api.run(see.live.position(desk.visitors.caller.principal, desk.api.goodword.directory))

    async def watch() -> None:
        async with Stream(desk, f"after={before}") as stream:
            await asyncio.to_thread(desk.api.send, sent.enrolled("enrol", "Ann", "CODE"))
            assert await stream.position() > before
            assert stream.status == 200
        async with Stream(desk, f"after={before}") as stream:
            assert await stream.position() > before
        async with Stream(desk, "after=0", {"last-event-id": str(10**9)}) as stream:
            await asyncio.sleep(0.2)
            assert stream.said == ["retry: 5000\n\n"]
        assert not desk.api.goodword.engine.live._logs

    _with(desk, watch)


def test_a_page_is_told_what_another_process_commits(desk: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a look: nobody wakes it."""
    engine = desk.api.goodword.engine
    monkeypatch.setattr(engine, "live", Live(look=0.05))
    before = desk.api.run(see.live.position(desk.visitors.caller.principal, desk.api.goodword.directory))
    monkeypatch.setattr(engine.live, "grown", lambda _: None)

    async def watch() -> None:
        async with Stream(desk, f"after={before}") as stream:
            await asyncio.to_thread(desk.api.send, sent.enrolled("enrol", "Ann", "CODE"))
            assert await stream.position() > before

    _with(desk, watch)


def test_a_stream_ends_with_the_process_and_with_the_session(desk: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once when the server stops; at the next look when somebody signs out or may see nothing any more."""
    engine = desk.api.goodword.engine
    monkeypatch.setattr(engine, "live", Live())

    async def stops() -> None:
        async with Stream(desk, "after=999999") as stream:
            await asyncio.sleep(0.2)
            assert not stream.ended.is_set()
            engine.live.stop()
            await asyncio.wait_for(stream.ended.wait(), 1)
        async with Stream(desk) as stream:
            await asyncio.wait_for(stream.ended.wait(), 1)
            assert stream.status == 503

    async def signs_out() -> None:
        async with Stream(desk, "after=999999") as stream:
            await asyncio.sleep(0.2)
            desk.visitors.caller = None
            await asyncio.wait_for(stream.ended.wait(), 5)
        async with Stream(desk) as stream:
            await asyncio.wait_for(stream.ended.wait(), 5)
            assert stream.status == 401

    _with(desk, stops)
    monkeypatch.setattr(engine, "live", Live())
    for name, seconds in (("BEAT", 0.05), ("PAUSE", 0.01), ("CHECK", 0.3)):
        monkeypatch.setattr(live, name, seconds)
    _with(desk, signs_out)


def test_only_so_many_watch_a_process(desk: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one is told to come later, and has a place when one of them has gone."""
    engine = desk.api.goodword.engine
    monkeypatch.setattr(engine, "live", Live(most=1))

    async def watch() -> None:
        async with Stream(desk, "after=999999"):
            await asyncio.sleep(0.2)
            async with Stream(desk) as other:
                await asyncio.wait_for(other.ended.wait(), 5)
                assert other.status == 503
        async with Stream(desk, "after=0") as stream:
            assert await stream.position() > 0

    _with(desk, watch)
