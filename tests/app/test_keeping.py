"""What came is kept for its days and no longer, sealed, bounded, in no backup; where the workspace did not choose so, nothing is."""

import asyncio
import subprocess
from typing import Any

import asyncpg
import pytest
from testkit.past import Past
from tests.app.conftest import House

from goodword.app.engine import Engine
from goodword.app.follow import resending
from goodword.app.intake.keeping import Keeping
from goodword.app.intake.mappings import FRESH, Mappings
from goodword.core import calendar
from goodword.sources.base import Request
from goodword.sources.registry import REGISTRY
from goodword.sources.segment import event_file
from goodword.store import dump, kept, mappings
from goodword.store.mappings import File
from goodword.store.vault import UnsealError
from goodword.worker import Worker

NOW = 1_790_000_000_000_000
PLAIN = b'{"batch":[{"userId":"wanda@nowhere.example"}]}'


def request(at: int, body: bytes = PLAIN, path: str = "/v1/batch") -> Request:
    """Return a request as the edge has it; of its headers it would tell a secret."""
    return Request(path, lambda _: "Basic c2VjcmV0", body, at)


async def keep(house: House, days: int, *requests: Request, source: str = "segment") -> None:
    """Keep requests of a source for so many days."""
    async with house.pool.acquire() as conn, conn.transaction():
        await kept.set_days(conn, house.ws, source, days)
    keeping = Keeping(house.engine)
    for it in requests:
        await keeping.keep(house.workspace, source, source, it)


async def there(house: House, source: str = "segment") -> list[kept.Delivery]:
    """Return what is kept."""
    async with house.pool.acquire() as conn:
        return await kept.behind(conn, house.workspace, source, "", "dlv_~", 0, 1_000)


async def test_what_came_is_kept_as_it_came_without_its_headers_and_keys(house: House) -> None:
    """In order of arrival, by who sent it; a key in the body, as browsers write it, is cut out of it."""
    key = "gw_wk_live_" + "a2b3c4d5" * 7
    body = b'{"writeKey":"%b","event":"x"}' % key.encode()
    await keep(house, 14, request(NOW), request(NOW + 1, body, "/v1/t"))
    first, second = await there(house)
    assert (first.method, first.path, first.body, first.at, first.sender) == (
        "POST",
        "/v1/batch",
        PLAIN,
        NOW,
        "segment",
    )
    assert (second.path, second.body) == ("/v1/t", b'{"writeKey":"","event":"x"}')


async def test_nothing_is_kept_where_the_workspace_keeps_nothing(house: House) -> None:
    """Neither of a source of which nothing was said, nor of one that was turned off meanwhile."""
    await keep(house, 0, request(NOW))
    await Keeping(house.engine).keep(house.workspace, "posthog", "posthog", request(NOW))
    assert await there(house) == await there(house, "posthog") == []


async def test_no_row_holds_what_came_and_without_its_days_key_none_opens(house: House) -> None:
    """Neither in what a dump of all its rows says nor under another key; moved to another row, it does not open."""
    await keep(house, 14, request(NOW), request(NOW + 1))
    async with house.pool.acquire() as conn:
        for table in ("kept_delivery", "kept_key", "source_keeping"):
            said = await conn.fetchval(
                f"select string_agg(t::text || encode(t.*::text::bytea, 'escape'), '') from {table} t"
            )
            for plain in ("wanda", b"wanda".hex(), "/v1/batch", "Basic"):
                assert plain not in said
        await conn.execute(
            "update kept_delivery d set sealed = o.sealed from kept_delivery o where o.id > d.id and o.workspace_id = $1",
            house.ws,
        )
        with pytest.raises(UnsealError):
            await kept.behind(conn, house.workspace, "segment", "", "dlv_~", 0, 1)


async def test_a_backup_holds_none_of_it(house: House, database: str, tmp_path: Any) -> None:
    """Neither rows nor keys; how the workspace chose is in it."""
    await keep(house, 14, request(NOW))
    file = tmp_path / "dump"
    async with house.pool.acquire() as conn, dump.snapshot(conn) as snapshot:
        with file.open("wb") as out:
            await dump.dump(database, snapshot, out)
    listed = subprocess.run(
        [dump._tool("pg_restore"), "--list", file], capture_output=True, text=True, check=True
    ).stdout
    assert ("TABLE DATA public kept_delivery" in listed, "TABLE DATA public kept_key" in listed) == (False, False)
    assert "TABLE DATA public source_keeping" in listed


async def test_it_is_gone_when_its_days_are_over_and_its_key_with_it(house: House) -> None:
    """To the day, of each source by its own days; a key goes when nothing of its day is left. Counted anew, for a restored database."""
    day = NOW // calendar.DAY * calendar.DAY
    await keep(house, 3, *(request(day + n * calendar.DAY) for n in range(4)))
    await keep(house, 1, request(day), request(day + 3 * calendar.DAY), source="jitsu")
    async with house.pool.acquire() as conn:
        await conn.execute("update source_keeping set bytes = bytes + 1000 where workspace_id = $1", house.ws)
    now = day + 4 * calendar.DAY + 1
    worker = Worker(Engine(house.pool, Past(now)), house.vault, {})
    await worker.forget_kept()
    assert [it.at for it in await there(house)] == [day + n * calendar.DAY for n in (2, 3)]
    assert [it.at for it in await there(house, "jitsu")] == []
    async with house.pool.acquire() as conn:
        keys = [
            row["day"]
            for row in await conn.fetch("select day from kept_key where workspace_id = $1 order by day", house.ws)
        ]
        counted = await conn.fetchval("select sum(bytes) from source_keeping where workspace_id = $1", house.ws)
        held = await conn.fetchval("select sum(bytes) from kept_delivery where workspace_id = $1", house.ws)
    assert keys == [day // calendar.DAY + n for n in (2, 3)]
    assert counted == held


async def test_the_oldest_is_let_go_where_there_is_too_much_and_is_counted(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound holds of one source; the newest stays."""
    monkeypatch.setattr(kept, "MOST_BYTES", 3_000)
    await keep(house, 14, *(request(NOW + n) for n in range(20)))
    left = await there(house)
    async with house.pool.acquire() as conn:
        told = await kept.keeping(conn, house.ws, "segment")
    assert left[-1].at == NOW + 19
    assert [it.at for it in left] == [NOW + n for n in range(20 - len(left), 20)]
    assert (told.dropped, told.deliveries) == (20 - len(left), len(left))
    assert 0 < told.bytes <= 3_000


async def test_what_comes_while_all_is_forgotten_is_whole_or_not_there(house: House) -> None:
    """An erasure beside a hundred deliveries: whatever is left opens, and its key is there."""
    await keep(house, 14)

    async def forget() -> None:
        for _ in range(5):
            async with house.pool.acquire() as conn, conn.transaction():
                await kept.forget(conn, house.ws)

    keeping = Keeping(house.engine)
    coming = [keeping.keep(house.workspace, "segment", "segment", request(NOW + n)) for n in range(100)]
    await asyncio.gather(forget(), *coming)
    left = await there(house)
    async with house.pool.acquire() as conn:
        assert await conn.fetchval("select count(*) from kept_delivery where workspace_id = $1", house.ws) == len(left)
        await kept.forget(conn, house.ws)
    assert await there(house) == []


async def test_a_mapping_is_asked_for_once_in_a_while_and_goes_on_while_the_database_is_away(house: House) -> None:
    """However much comes; a new version is known after that time; nothing is forgotten because nobody answers."""

    class Standing(Past):
        passed = 0.0

        def monotonic(self) -> float:
            return self.passed

    clock = Standing(NOW)
    known = Mappings(Engine(house.pool, clock))
    file = event_file.read(b"events: [{name: x, kind: lead}]")
    asked = 0
    real = mappings.present

    async def counted(conn: asyncpg.Connection, ws: str) -> dict[str, mappings.Present]:
        nonlocal asked
        asked += 1
        if clock.passed > 2 * FRESH:
            raise asyncpg.InterfaceError("away")
        return await real(conn, ws)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mappings, "present", counted)
        for _ in range(100):
            assert (await known.of(house.ws, "segment")).own is None
        assert asked == 1
        async with house.pool.acquire() as conn:
            await mappings.add(conn, house.ws, "segment", File(file.hash, file.document, "text"), "mem_x", NOW)
        clock.passed = FRESH + 1
        found = (await known.of(house.ws, "segment")).own
        assert found is not None
        assert found.hash == file.hash
        assert (await known.of(house.ws, "jitsu")).own is None
        clock.passed = 3 * FRESH
        assert (await known.of(house.ws, "segment")).own is found
        assert asked == 3


async def test_the_header_that_says_when_a_time_was_is_kept_and_no_other(house: House) -> None:
    """Python's client writes the time of its wall: sent again, an event is what it was when it came; sealed like the rest."""
    source = REGISTRY["customerio"]
    body = b'{"name": "Order Completed", "timestamp": 1789992800, "data": {"order_id": "o1"}}'
    agent = "Customer.io Python Client/2.0"
    sent = Request("/api/v1/customers/u1/events", {b"user-agent": agent}.get, body, NOW)  # type: ignore[arg-type]
    async with house.pool.acquire() as conn, conn.transaction():
        await kept.set_days(conn, house.ws, "customerio", 14)
    await Keeping(house.engine).keep(house.workspace, "customerio", "customerio", sent, source.beside)
    [delivery] = await there(house, "customerio")
    assert delivery.header == agent
    assert resending.items_of(source, house.workspace, delivery) == source.read(sent)
    async with house.pool.acquire() as conn:
        said = await conn.fetchval("select string_agg(t::text, '') from kept_delivery t")
    assert "Python" not in said
    await keep(house, 14, request(NOW))
    assert [it.header for it in await there(house)] == [""]


async def test_what_is_erased_while_it_is_sent_again_does_not_come_back(house: House) -> None:
    """A person is erased between two deliveries of a page that is in hand already: the second brings nobody back."""
    now = house.engine.clock.now()
    bodies = [
        b'{"batch":[{"type":"track","event":"Signed Up","messageId":"m%d","userId":"u%d"}]}' % (n, n) for n in (1, 2)
    ]
    await keep(house, 14, *(request(now + n, body) for n, body in enumerate(bodies)))
    deliveries = await there(house)
    real = resending._again

    async def erased_after(*parts: Any) -> None:
        await real(*parts)
        async with house.pool.acquire() as conn, conn.transaction():
            await kept.forget(conn, house.ws)

    resend = resending.Resend(0, deliveries[-1].id, 2, "mem_x", now)
    async with house.pool.acquire() as conn, conn.transaction():
        await resending.begin(conn, house.ws, "segment", resend)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resending, "_again", erased_after)
        await resending._go_on(house.directory, house.ws, resending._Piece("segment", now))
    async with house.pool.acquire() as conn:
        found = resending.state((await kept.keeping(conn, house.ws, "segment")).resend)
    assert found is not None
    assert (found.deliveries, found.became, found.ended_at is None) == (1, {"accepted": 1}, False)
