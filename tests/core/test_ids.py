"""Ids: one text for one value, in order of time, derived the same way every time."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodword.core import ids

PREFIX = st.sampled_from(sorted(ids.PREFIXES.values()))
VALUE = st.binary(min_size=16, max_size=16)
PART = st.text(max_size=8)
EVENT = "evt_01JD3ZK8M0F2Q4R6S8TAVCXEZG"


def test_each_noun_has_a_prefix_of_its_own() -> None:
    """Two nouns never share a prefix, and all are three lower-case letters."""
    assert len(set(ids.PREFIXES.values())) == len(ids.PREFIXES)
    assert all(len(p) == 3 and p.isascii() and p.isalpha() and p.islower() for p in ids.PREFIXES.values())


@given(PREFIX, VALUE)
def test_text_and_value_are_one_to_one(prefix: str, value: bytes) -> None:
    """What is written is read back, in 30 characters."""
    text = ids.encode(prefix, value)
    assert len(text) == 30
    assert ids.decode(text) == (prefix, value)


@given(VALUE, VALUE)
def test_text_sorts_as_the_value(one: bytes, other: bytes) -> None:
    """The order of the texts, bytewise, is the order of the values."""
    assert (ids.encode("evt", one) < ids.encode("evt", other)) == (one < other)


def test_known_values() -> None:
    """The digits are Crockford's, most significant first."""
    assert ids.encode("evt", bytes(16)) == "evt_" + "0" * 26
    assert ids.encode("evt", b"\xff" * 16) == "evt_7" + "Z" * 25
    assert ids.encode("evt", (31 * 32 + 18).to_bytes(16)) == "evt_" + "0" * 24 + "ZJ"


@pytest.mark.parametrize(
    "text",
    [
        "",
        EVENT[:-1],
        EVENT + "0",
        EVENT + "\n",
        EVENT.lower(),
        "EVT" + EVENT[3:],
        "xxx" + EVENT[3:],
        EVENT.replace("_", "-"),
        EVENT[4:],
        "evt_8" + "0" * 25,
        "evt_0" + "0" * 24 + "I",
        "evt_0" + "0" * 24 + "L",
        "evt_0" + "0" * 24 + "O",
        "evt_0" + "0" * 24 + "U",
        "evt_0_" + "0" * 24,
        "evt_ " + "0" * 25,
        "evt_+" + "0" * 25,
        "evt_" + "\u0660" * 26,
    ],
)
def test_anything_else_is_no_id(text: str) -> None:
    """Wrong prefix, length, alphabet, case or overflow is refused."""
    with pytest.raises(ValueError, match="no id"):
        ids.decode(text)


@given(st.text(max_size=40))
def test_hostile_text_is_refused_or_canonical(text: str) -> None:
    """Any text is either refused or the only text of its value."""
    try:
        prefix, value = ids.decode(text)
    except ValueError:
        return
    assert ids.encode(prefix, value) == text


@pytest.mark.parametrize(("prefix", "value"), [("evt", bytes(15)), ("evt", bytes(17)), ("xxx", bytes(16))])
def test_only_16_bytes_of_a_known_noun_are_written(prefix: str, value: bytes) -> None:
    """Another length or an unknown prefix is refused."""
    with pytest.raises(ValueError, match="no id"):
        ids.encode(prefix, value)


def test_a_derived_id_never_changes() -> None:
    """The derivation is part of the log's format: this value holds for ever."""
    text = ids.derived("rwd", EVENT, "reward", program="prg_1", side="advocate", share=0, n=1)
    assert text == "rwd_01JD3ZK8M0G248QHZ3G4N78MME"
    value = uuid.UUID(bytes=ids.decode(text)[1])
    assert (value.version, value.variant) == (8, uuid.RFC_4122)


Parts = tuple[str, str, str, str | int, int]
PARTS = st.tuples(PART, PART, PART, PART | st.integers(0, 9), st.integers(0, 9))


def _derive(parts: Parts, event_id: str = EVENT) -> str:
    kind, program, side, share, n = parts
    return ids.derived("rwd", event_id, kind, program=program, side=side, share=share, n=n)


@given(VALUE, PARTS)
def test_a_derived_id_is_in_order_of_time(event: bytes, parts: Parts) -> None:
    """It has the time of its event and is marked as UUID version 8, and making it again gives it again."""
    event_id = ids.encode("evt", event)
    text = _derive(parts, event_id)
    value = uuid.UUID(bytes=ids.decode(text)[1])
    assert ids.decode(text)[1][:6] == ids.decode(event_id)[1][:6]
    assert (value.version, value.variant) == (8, uuid.RFC_4122)
    assert text == _derive(parts, event_id)


@given(PARTS, PARTS)
def test_different_parts_give_different_ids(one: Parts, other: Parts) -> None:
    """Two lists of parts give one id only if they are equal."""
    assert (_derive(one) == _derive(other)) == (one == other)


@given(PARTS)
def test_parts_never_run_together(parts: Parts) -> None:
    """Text moved from one part to the next, and a number instead of its digits, give another id."""
    kind, program, side, share, n = parts
    assert _derive((kind + "x", program, side, share, n)) != _derive((kind, "x" + program, side, share, n))
    assert _derive((kind, program, side, n, n)) != _derive((kind, program, side, str(n), n))


@pytest.mark.parametrize("milliseconds", [0, 1, 1_732_000_000_123, 2**48 - 1])
def test_an_id_says_when_it_was_made(milliseconds: int) -> None:
    """The first 48 bits are milliseconds since 1970, told in microseconds, whatever comes behind."""
    for rest in (bytes(10), b"\xff" * 10):
        made = ids.made_at(ids.encode("evt", milliseconds.to_bytes(6) + rest))
        assert (made, type(made)) == (milliseconds * 1_000, int)


def test_what_is_not_said_of_a_thing_is_nothing() -> None:
    """A part that is left out counts as empty text, the number as 0."""
    assert ids.derived("rwd", EVENT, "reward") == ids.derived(
        "rwd", EVENT, "reward", program="", side="", share="", n=0
    )
