"""What is refused is kept, bounded, in one go and off the way of what is accepted."""

import asyncio

import pytest
from tests.app.conftest import House

from goodword.app.intake import rejections
from goodword.app.intake.rejections import DROPPED, EACH, MOST, Rejections
from goodword.core import calendar
from goodword.store import rejections as store


async def _rows(house: House, ws: str | None = None) -> list[store.Row]:
    async with house.pool.acquire() as conn:
        return await store.page(conn, ws or house.ws, "rej_~", "", 10_000)


async def test_the_same_refusal_is_one_row_that_says_how_often(house: House) -> None:
    """By source, key, code, field and id."""
    noted = Rejections(house.engine)
    for _ in range(7):
        noted.note(house.ws, "native", "key_1", "wrong_type", "amount", "order-1")
    noted.note(house.ws, "native", "key_1", "wrong_type", "amount", "order-2")
    await noted.drain()
    assert sorted((row.sent_as, row.times) for row in await _rows(house)) == [("order-1", 7), ("order-2", 1)]


@pytest.mark.parametrize(
    ("code", "sent", "kept"),
    [
        ("wrong_type", "amount", "amount"),
        ("wrong_type", "lines[0].amount", "lines[0].amount"),
        ("wrong_type", "lines[...].amount", "lines[...].amount"),
        ("unknown_field", "amout", "amount"),
        ("unknown_field", "lines[3].Amount", "lines[3].amount"),
        ("unknown_field", "customerEmail", "customer_email"),
        ("unknown_field", "curency", "currency"),
        ("unknown_field", "amonut", "amount"),
        ("unknown_field", "jane-doe-79", ""),
        ("unknown_field", "lena", ""),
        ("unknown_field", "x" * 255, ""),
        ("unknown_field", "4930901820", ""),
        ("unknown_field", "<b>Ann</b>", ""),
        ("unknown_field", "lines[ann].jane-doe-79", "lines"),
        ("invalid_character", "metadata.jane.doe", "metadata"),
        ("invalid_character", "jane", ""),
        ("wrong_type", "type", "type"),
    ],
)
async def test_of_a_field_our_own_names_are_kept(house: House, code: str, sent: str, kept: str) -> None:
    """What somebody called theirs may name a person; of a misspelt one that which is meant is kept, so that staff see it."""
    noted = Rejections(house.engine)
    noted.note(house.ws, "native", "key_1", code, sent, "order-1")
    await noted.drain()
    assert [row.field for row in await _rows(house)] == [kept]


async def test_a_flood_is_bounded_and_counted(house: House) -> None:
    """In memory of each workspace and of all, and on disk; what is too much is one row with how much it was."""
    noted = Rejections(house.engine)
    for n in range(3 * EACH):
        noted.note(house.ws, "native", "key_1", "unknown_field", "x", f"order-{n}")
    for ws in range(2 * MOST // EACH):
        for n in range(EACH):
            noted.note(f"wsp_{ws}", "native", "key_1", "unknown_field", "x", f"order-{n}")
    assert sum(len(of) for of in noted._noted.values()) <= MOST + 2 * MOST // EACH + 1
    await noted.drain()
    rows = await _rows(house)
    assert len(rows) == EACH + 1
    assert sum(row.times for row in rows) == 3 * EACH
    assert [row.times for row in rows if row.code == DROPPED] == [2 * EACH]


async def test_of_a_workspace_the_newest_are_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there were."""
    monkeypatch.setattr(store, "KEPT", 10)
    noted = Rejections(house.engine)
    for n in range(25):
        noted.note(house.ws, "native", "key_1", "unknown_field", "x", f"order-{n}")
        if n % 5 == 0:
            await noted.drain()
    await noted.drain()
    assert [row.sent_as for row in await _rows(house)] == [f"order-{n}" for n in range(24, 14, -1)]


async def test_what_is_old_is_forgotten(house: House) -> None:
    """And nothing else."""
    now = house.engine.clock.now()
    async with house.pool.acquire() as conn:
        for n, days in enumerate((20, 15, 13, 0)):
            row = store.Row(f"rej_{n}", now - days * calendar.DAY, "native", "key_1", "x", "", "", 1)
            await store.add(conn, house.ws, [row])
        await store.expire(conn, now - 14 * calendar.DAY)
    assert [row.id for row in await _rows(house)] == ["rej_3", "rej_2"]


async def test_it_is_written_by_itself_and_nobody_waits_for_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second after the first; that the database is away is no error of who sends."""
    noted = Rejections(house.engine)
    noted.note(house.ws, "native", "key_1", "not_json")
    assert await _rows(house) == []
    for _ in range(100):
        await asyncio.sleep(rejections.AFTER / 20)
        if await _rows(house):
            break
    assert len(await _rows(house)) == 1

    async def away(*_: object) -> None:
        raise OSError("no connection")

    monkeypatch.setattr(store, "add", away)
    noted.note(house.ws, "native", "key_1", "not_json")
    await noted.drain()
