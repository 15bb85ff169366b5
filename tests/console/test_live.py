"""A page is told that the log has grown, by whichever process; the stream ends with the session and with the process."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, Self

import pytest
from msgspec.structs import replace
from testkit import sent
from tests.console.conftest import Console

from goodword.app import live as app_live
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
    """With the position before what it shows was read; a page on which nothing comes by itself has none."""
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
            assert stream.said == ["retry: 5000\n\n", "event: here\ndata: {}\n\n"]
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


def _here(stream: Stream) -> list[dict[str, str]]:
    """What the stream told of others, one after the other."""
    return [json.loads(part.partition("data: ")[2]) for part in stream.said if part.startswith("event: here")]


def test_two_who_are_at_one_record_are_told_of_one_another(busy: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """By name, while the other's stream is open and a minute at most; one who may not see its program is told of nobody."""
    monkeypatch.setattr(live, "PAUSE", 0.01)
    reward = busy.json("/console/rewards")["rewards"][0]["about"]["reward"]["id"]
    length = 10**9
    mia = busy.api.member("mia", "approver")

    def member(id_: str | None = None, **more: Any) -> Any:
        busy.be("approver", **more)
        caller = busy.visitors.caller
        assert caller is not None
        if id_ is None:
            return caller
        principal = replace(caller.principal, actor=replace(caller.principal.actor, id=id_))
        return caller._replace(principal=principal, member=id_)

    me, other = member(), member(mia)
    limited_to_others = member("mem_x", programs=("prg_00000000000000000000000000",))

    def be(caller: Any) -> None:
        busy.visitors.caller = caller

    async def said(stream: Stream, last: dict[str, str]) -> None:
        async with asyncio.timeout(10):
            while _here(stream)[-1:] != [last]:
                await asyncio.sleep(0.01)

    async def watch() -> None:
        be(me)
        async with Stream(busy, f"after={length}") as mine:
            await said(mine, {})
            be(other)
            async with Stream(busy, f"after={length}&at={reward}") as theirs:
                await said(mine, {reward: "mia is looking at this"})
                await said(theirs, {})
                be(limited_to_others)
                async with Stream(busy, f"after={length}&at={reward}") as limited:
                    await said(limited, {})
                    await said(theirs, {})
            await said(mine, {})
            be(other)
            async with Stream(busy, f"after={length}&at={reward}&deciding"):
                await said(mine, {reward: "mia is deciding this"})
            async with Stream(busy, f"after={length}&at=rwd_none"):
                await said(mine, {})
            monkeypatch.setattr(app_live, "AT", 0.0)
            async with Stream(busy, f"after={length}&at={reward}"):
                await asyncio.sleep(0.1)
                assert _here(mine)[-1] == {}

    _with(busy, watch)


def test_who_is_at_a_case_or_payout_is_told_to_who_may_see_it(busy: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """On its page and in its row; an analyst, who sees neither, is told of nobody and tells nobody."""
    monkeypatch.setattr(live, "PAUSE", 0.01)
    [case] = busy.json("/console/cases")["cases"]
    subject, mia = case["case"]["id"], busy.api.member("mia", "approver")
    page, rows = busy.html(f"/console/cases/{subject}"), busy.html("/console/cases")
    assert f'data-record="{subject}"' in page
    assert "data-live" in page
    assert '<span class="b others" hidden>' in rows

    def member(role: str, id_: str | None = None) -> Any:
        busy.be(role)
        caller = busy.visitors.caller
        assert caller is not None
        actor = replace(caller.principal.actor, id=id_ or caller.principal.actor.id)
        return caller._replace(principal=replace(caller.principal, actor=actor))

    me, other, analyst = member("approver"), member("approver", mia), member("analyst", "mem_analyst")

    def be(caller: Any) -> None:
        busy.visitors.caller = caller

    async def said(stream: Stream, last: dict[str, str]) -> None:
        async with asyncio.timeout(10):
            while _here(stream)[-1:] != [last]:
                await asyncio.sleep(0.01)

    async def watch() -> None:
        address = f"after={10**9}"
        be(me)
        async with Stream(busy, address) as mine:
            await said(mine, {})
            be(analyst)
            async with Stream(busy, f"{address}&at={subject}") as blind:
                await said(blind, {})
                be(other)
                async with Stream(busy, f"{address}&at={subject}"):
                    await said(mine, {subject: "mia is looking at this"})
                    assert _here(blind) == [{}]
            await said(mine, {})

    _with(busy, watch)


def test_who_decided_is_said_of_rewards_that_stand_open_elsewhere(busy: Console) -> None:
    """Who and when, of what was approved, rejected or held; nothing of what nobody decided."""
    waiting = [row["about"]["reward"] for row in busy.json("/console/rewards")["rewards"]]
    free = [it["id"] for it in waiting if not it["cases"]]
    assert len(free) >= 3
    owner = busy.api.get("/v1/members")["items"][0]["id"]
    item = [{"id": free[0], "amount": next(it["amount"] for it in waiting if it["id"] == free[0]), "unit": "EUR"}]
    busy.api.say("owner", "/v1/rewards/rejections", {"items": item, "reason": "terms"})
    address = f"/console/rewards/now?id={free[0]}&id={free[1]}"
    rejected, waits = busy.json(address)["rewards"]
    assert rejected["decided"]["by"] == {"id": owner, "mail": "olga@shop.example"}
    assert waits["decided"] is None
    page = busy.html(address)
    assert re.search(r'data-approval="rejected" data-told="Rejected by olga \d\d:\d\d"', page)
    assert page.count("data-told") == 1
    held = {
        "items": [{**item[0], "id": free[2], "amount": next(it["amount"] for it in waiting if it["id"] == free[2])}]
    }
    busy.api.say("owner", "/v1/rewards/holds", {**held, "reason": "look"})
    assert 'data-told="Held by olga' in busy.html(f"/console/rewards/now?id={free[2]}")


def test_nobody_takes_the_places_of_others(desk: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session and a member have so many streams at most; the next is told what to do, and a colleague has a place."""
    monkeypatch.setattr(app_live, "OPENED", 2)
    monkeypatch.setattr(app_live, "EACH", 3)
    engine = desk.api.goodword.engine

    def be(session: str, member: str = "") -> None:
        caller = desk.visitors.caller
        assert caller is not None
        actor = replace(caller.principal.actor, session=session, id=member or caller.principal.actor.id)
        desk.visitors.caller = caller._replace(principal=replace(caller.principal, actor=actor))

    async def refused() -> None:
        async with Stream(desk, "after=999999") as one_more:
            await asyncio.wait_for(one_more.ended.wait(), 5)
            assert one_more.status == 429
            assert "Close some" in one_more.said[0]

    async def opened(stream: Stream) -> None:
        async with asyncio.timeout(5):
            while not stream.said:
                await asyncio.sleep(0.01)
        assert stream.status == 200

    async def watch() -> None:
        be("ses_1")
        async with Stream(desk, "after=999999") as first, Stream(desk, "after=999999") as second:
            await opened(first)
            await opened(second)
            await refused()
            be("ses_2")
            async with Stream(desk, "after=999999") as third:
                await opened(third)
                be("ses_3")
                await refused()
                be("ses_4", "mem_colleague")
                async with Stream(desk, "after=999999") as theirs:
                    await opened(theirs)
            assert not first.ended.is_set()
        be("ses_1")
        async with Stream(desk, "after=999999") as again:
            await opened(again)
        assert not engine.live._by

    _with(desk, watch)


def test_of_many_that_begin_at_once_no_more_stay(desk: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """However a browser asks: what is too much ends at once, and is told so when it comes back."""
    monkeypatch.setattr(app_live, "EACH", 3)

    async def watch() -> None:
        async with AsyncExitStack() as stack:
            streams = [await stack.enter_async_context(Stream(desk, "after=999999")) for _ in range(9)]
            async with asyncio.timeout(10):
                while sum(stream.ended.is_set() for stream in streams) < 6:
                    await asyncio.sleep(0.01)
            assert sum(stream.ended.is_set() for stream in streams) == 6

    _with(desk, watch)


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
