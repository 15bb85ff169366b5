"""What sources deliver is counted, bounded, off the way of who sends; and a source that stops is told by its own pauses."""

import pytest
from testkit.house import OWNER
from testkit.past import Past
from tests.app.conftest import START, House

from goodword.app import see
from goodword.app.directory import Directory
from goodword.app.engine import Engine
from goodword.app.intake.deliveries import MOST, Deliveries
from goodword.core import calendar
from goodword.sources.base import Answer, Problem
from goodword.sources.registry import REGISTRY
from goodword.sources.segment.mapping import Item
from goodword.store import sources as store

SEGMENT, NATIVE = REGISTRY["segment"], REGISTRY["native"]
TAKEN = (Answer("a", "accepted"),)
NOW = START - START % calendar.DAY + 20 * calendar.DAY


class Feed:
    """A house's sources, told at instants of a real clock of the test's own."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.clock = Past(NOW)
        self.engine = Engine(house.pool, self.clock)
        self.directory = Directory(self.engine, house.vault)

    async def deliver(self, *, source: str = "native", ago: int = 0) -> None:
        """Let one event arrive so long ago."""
        self.clock.at = NOW - ago
        counted = Deliveries(self.engine)
        counted.note(self.house.ws, source, NATIVE, [None], [TAKEN])
        await counted.drain()
        self.clock.at = NOW

    async def silent(self) -> list[str]:
        """The names of the sources that have gone silent."""
        return [one.source for one in await see.sources.silent(self.house.as_(OWNER), self.directory)]

    async def one(self, name: str) -> see.sources.Whole:
        """A source as people see it."""
        return await see.sources.one(self.house.as_(OWNER), self.directory, name)


@pytest.fixture
def feed(house: House) -> Feed:
    return Feed(house)


def _track(event: str, **more: object) -> Item:
    return Item("track", {"type": "track", "event": event, **more}, NOW)


async def test_what_came_of_items_is_counted_by_source_and_day(feed: Feed) -> None:
    """Accepted, repeats, conflicts, refused with their field, ignored by their own name, unknown fields by path."""
    counted = Deliveries(feed.engine)
    items = [
        _track("Order Completed", properties={"coupn": "x"}),
        _track("Button Clicked", properties={"not_looked_at": 1}),
        _track("Button Clicked"),
        Item("page", {}, NOW),
        _track("Order Completed", properties={"coupn": "x", "order_id": "7"}, context={"page": {"hue": 1}}),
        Problem("malformed"),
        _track("Order Completed"),
    ]
    answers = [
        TAKEN,
        (),
        (),
        (),
        (Answer("b", "invalid", "missing_field", "amount"),),
        (Answer(None, "invalid", "malformed"),),
        (Answer("c", "repeat"),),
    ]
    counted.note(feed.house.ws, "segment", SEGMENT, items, answers)
    await counted.drain()
    whole = await feed.one("segment")
    assert whole.source.counts == {"accepted": 1, "repeat": 1, "conflict": 0, "refused": 2, "ignored": 3}
    assert {one.name: one.count for one in whole.ignored} == {"Button Clicked": 2, "page": 1}
    assert {one.name: one.count for one in whole.unknown} == {"properties.coupn": 2, "context.page.hue": 1}
    assert {(one.code, one.field) for one in whole.refused} == {("missing_field", "amount"), ("malformed", "")}
    assert [(day.day, day.counts["ignored"]) for day in whole.days] == [(f"{calendar.moment(NOW):%Y-%m-%d}", 3)]
    assert whole.source.last_at == NOW


async def test_what_says_of_a_payment_alone_is_accepted(feed: Feed) -> None:
    """It is no event, and it means something: what is ignored is what means nothing. Beside an event the event counts."""
    counted = Deliveries(feed.engine)
    wrong = Answer("b", "invalid", "not_storable")
    counted.note(feed.house.ws, "native", NATIVE, [None] * 4, [(None,), (None, None), (None, *TAKEN), (None, wrong)])
    await counted.drain()
    counts = (await feed.one("native")).source.counts
    assert counts == {"accepted": 3, "repeat": 0, "conflict": 0, "refused": 1, "ignored": 0}


async def test_a_delivery_of_nothing_is_no_sign_of_life(feed: Feed) -> None:
    """Anybody may send a ping that is not signed: a source that stopped would look alive."""
    await feed.deliver(source="woocommerce", ago=calendar.DAY)
    counted = Deliveries(feed.engine)
    counted.note(feed.house.ws, "woocommerce", REGISTRY["woocommerce"], [], [])
    await counted.drain()
    assert (await feed.one("woocommerce")).source.last_at == NOW - calendar.DAY


@pytest.mark.parametrize("name", ["ann@shop.example", "order 12345", "<b>Ann</b>", "x" * 65, "", "a\nb", "4930901820"])
async def test_what_may_be_anybodys_counts_without_its_name(feed: Feed, name: str) -> None:
    """A name is kept if it is like one of a schema."""
    counted = Deliveries(feed.engine)
    counted.note(feed.house.ws, "segment", SEGMENT, [_track(name)], [()])
    wrong = Answer("a", "invalid", "unknown_field", name)
    counted.note(feed.house.ws, "native", NATIVE, [Problem("unknown_field", name)], [(wrong,)])
    await counted.drain()
    assert [(one.name, one.count) for one in (await feed.one("segment")).ignored] == [("", 1)]
    assert [(one.name, one.count) for one in (await feed.one("native")).unknown] == [("", 1)]


async def test_an_unknown_field_of_a_native_event_is_seen_as_it_was_spelt(feed: Feed) -> None:
    """It is refused, and the path tells its sender's developers which one."""
    counted = Deliveries(feed.engine)
    wrong = Answer("a", "invalid", "unknown_field", "lines[0].colour")
    counted.note(feed.house.ws, "native", NATIVE, [Problem("unknown_field", "colour")], [(wrong,)])
    wrong = Answer("a", "invalid", "unknown_field", "colour")
    counted.note(feed.house.ws, "native", NATIVE, [Problem("unknown_field", "colour")], [(wrong,)])
    await counted.drain()
    assert {one.name for one in (await feed.one("native")).unknown} == {"", "colour"}


async def test_a_flood_of_names_is_bounded(feed: Feed) -> None:
    """In memory of all, on disk of a day; what is beyond counts all the same."""
    counted = Deliveries(feed.engine)
    items = [_track(f"N{place % 100:02d}x{place // 100:03d}") for place in range(MOST + 1_000)]
    counted.note(feed.house.ws, "segment", SEGMENT, items, [()] * len(items))
    assert sum(map(len, counted._counts.values())) <= MOST + 1
    await counted.drain()
    for place in range(3):
        items = [_track(f"M{place}x{n:04d}") for n in range(1_000)]
        counted.note(feed.house.ws, "segment", SEGMENT, items, [()] * len(items))
        await counted.drain()
    async with feed.house.pool.acquire() as conn:
        rows = await store.since(conn, feed.house.ws, 0)
    assert len(rows) <= MOST + 2
    whole = await feed.one("segment")
    assert len(whole.ignored) == 101
    assert sum(one.count for one in whole.ignored) == whole.source.counts["ignored"] == MOST + 4_000


async def test_two_processes_add_up(feed: Feed) -> None:
    """Each writes what it counted."""
    for _ in range(2):
        counted = Deliveries(feed.engine)
        counted.note(feed.house.ws, "native", NATIVE, [None, None], [TAKEN, TAKEN])
        await counted.drain()
    assert (await feed.one("native")).source.counts["accepted"] == 4


@pytest.mark.parametrize(("hours", "silent"), [(6, []), (7, ["native"]), (24 * 20, ["native"])])
async def test_a_source_is_silent_for_longer_than_three_usual_pauses(feed: Feed, hours: int, silent: list[str]) -> None:
    """Of 14 days up to its last delivery, 95 of 100, which are known to a quarter: with one every two hours, after six and a bit."""
    for place in reversed(range(20)):
        await feed.deliver(ago=(hours + 2 * place) * calendar.HOUR)
    assert await feed.silent() == silent


async def test_a_source_that_never_pauses_has_an_hour(feed: Feed) -> None:
    """A minute between two deliveries is no reason for alarm after three."""
    for place in reversed(range(10)):
        await feed.deliver(ago=50 * calendar.MINUTE + place * 61 * calendar.SECOND)
    assert await feed.silent() == []
    feed.clock.at = NOW + 11 * calendar.MINUTE
    assert await feed.silent() == ["native"]


async def test_a_nightly_batch_is_not_silent_by_day(feed: Feed) -> None:
    """What comes within a minute is one delivery: a hundred requests of one night do not hide that it comes nightly."""
    for night in reversed(range(1, 10)):
        for request in reversed(range(5)):
            await feed.deliver(ago=night * calendar.DAY + request * calendar.SECOND)
    assert await feed.silent() == []


async def test_of_few_pauses_nothing_is_said(feed: Feed) -> None:
    """Four do not tell what is usual; one source's silence is not another's."""
    for place in reversed(range(5)):
        await feed.deliver(ago=calendar.DAY * 3 + place * calendar.HOUR)
    for place in reversed(range(6)):
        await feed.deliver(source="segment", ago=calendar.DAY * 3 + place * calendar.HOUR)
    assert await feed.silent() == ["segment"]
    assert (await feed.one("native")).source.usual is None


async def test_counts_are_forgotten_after_ninety_days(feed: Feed) -> None:
    """And no day earlier; when it delivered last stays."""
    for days in (89, 91):
        await feed.deliver(ago=days * calendar.DAY)
    async with feed.house.pool.acquire() as conn:
        await store.expire(conn, NOW // calendar.DAY - 90)
        kept = await store.since(conn, feed.house.ws, 0)
    assert {row.day for row in kept} == {NOW // calendar.DAY - 89}
