"""Random ids: rising, whatever clock and threads do."""

import uuid
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from goodword.core import ids
from goodword.store.uuid7 import Uuid7, new_id, new_ids

NOW = 1_732_233_600_123_456_789


@given(st.lists(st.tuples(st.integers(-(10**15), 10**9), st.integers(0, 4)), min_size=2, max_size=50))
def test_ids_rise_even_when_the_clock_stands_or_goes_back(steps: list[tuple[int, int]]) -> None:
    """Each id is greater than the one before, drawn alone (0) or several at once, however the clock moves; all are version 7."""
    times = iter([NOW + step for step, _ in steps])
    source = Uuid7(lambda: next(times))
    given_ids = [value for _, count in steps for value in (source.several(count) if count else [source.next()])]
    assert len(given_ids) == sum(count or 1 for _, count in steps)
    assert given_ids == sorted(set(given_ids))
    for value in given_ids:
        read = uuid.UUID(bytes=value)
        assert (read.version, read.variant) == (7, uuid.RFC_4122)


def test_the_time_is_the_clock_s() -> None:
    """The first 48 bits are the clock's milliseconds."""
    assert int.from_bytes(Uuid7(lambda: NOW).next()[:6]) == NOW // 1_000_000


def test_threads_share_one_order() -> None:
    """Threads that draw at once never get the same tick, and each sees its own ids rise."""
    source = Uuid7(lambda: NOW)
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda _: [source.next() for _ in range(500)], range(8)))
    assert all(run == sorted(run) for run in drawn)
    assert len({value[:8] for run in drawn for value in run}) == 4000


def test_new_ids_are_texts_in_order() -> None:
    """A new id has its prefix, and the texts of one prefix rise."""
    made = [*new_ids("evt", 50), *(new_id("evt") for _ in range(50))]
    assert made == sorted(set(made))
    assert len(made) == 100
    assert {ids.decode(text)[0] for text in made} == {"evt"}
