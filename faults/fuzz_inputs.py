"""Wrong things made from right ones, by Hypothesis: values, trees, JSON and bytes that no decoder should trip over.

What is drawn is small and is applied in plain Python, so that an input costs less than reading it. Must not know: what is decoded.
"""

import gzip
import json
import re
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

from faults.fuzz_samples import SAMPLES
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

#: What no writer of JSON writes; a text of _RAWS stands for it in a tree.
_RAW = (
    "-0", "01", "1.0", "1e2", "1e999", "-1e999", "9" * 400, '"\\x"', "undefined", "'x'", "[" * 40 + "]" * 40,
    "[" * 20_000 + "]" * 20_000,
)  # fmt: skip
_RAWS = tuple(f"\0raw {place}" for place in range(len(_RAW)))
_RAW_WRITTEN = re.compile(r'"\\u0000raw (\d+)"')

_PIECES = [piece.encode("latin-1") for piece in SAMPLES["pieces"]]
_LENGTHS = (0, 0, 0, 1, 1, 3, 100, 1 << 20)


#: A text as a person, a program or an attacker writes it.
TEXT: SearchStrategy[str] = st.one_of(
    st.text(st.characters(), max_size=40),
    st.sampled_from(SAMPLES["texts"]),
    st.builds(str.__mul__, st.sampled_from("aé𝒳"), st.sampled_from((64, 65, 201, 10_000))),
)
VALUE: SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    TEXT,
    st.sampled_from(_RAWS),
    st.sampled_from(SAMPLES["values"]),
)
_HOW = st.sampled_from(("put", "put", "put", "move", "move", "wrap", "remove", "add", "twice", "rename"))
_CHANGE = st.tuples(st.integers(0, 9_999), _HOW, VALUE)


class _Again(str):
    """A name that may stand in an object beside the same name."""

    __slots__ = ()
    __hash__ = object.__hash__
    __eq__ = object.__eq__


def seldom(usual: SearchStrategy[Any], other: SearchStrategy[Any], one_in: int) -> SearchStrategy[Any]:
    """Return the other one, once in so many times."""
    return st.integers(1, one_in).flatmap(lambda drawn: other if drawn == one_in else usual)


def changed(tree: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Return trees with a place or two changed."""
    return st.builds(_changed, tree, st.lists(_CHANGE, max_size=2))


def written(tree: SearchStrategy[Any]) -> SearchStrategy[bytes]:
    """Return them as JSON, with what its writers would not write."""
    return st.builds(_written, tree, st.booleans())


def spoiled(data: SearchStrategy[bytes]) -> SearchStrategy[bytes]:
    """Return bytes with a few of them wrong."""
    return st.builds(_spliced, data, st.binary(min_size=5, max_size=25))


def packed(data: SearchStrategy[bytes]) -> SearchStrategy[bytes]:
    """Return them compressed, sometimes badly, sometimes as a bomb."""
    right = data.map(lambda found: gzip.compress(found, mtime=0))
    bomb = st.builds(_bomb, st.sampled_from((20, 24)))
    wrong = st.one_of(spoiled(right), spoiled(right), right.map(lambda found: found * 2), bomb)
    return seldom(right, wrong, 3)


@cache
def _bomb(power: int) -> bytes:
    return gzip.compress(b" " * (1 << power) + b"{}", mtime=0)


def _changed(tree: Any, changes: list[tuple[int, str, Any]]) -> Any:
    root = [deepcopy(tree)]
    for place, how, value in changes:
        if not root:
            break
        places = list(_places(root))
        other, there = places[place // len(places) % len(places)]
        _change(*places[place % len(places)], how, deepcopy(other[there] if how == "move" else value))
    return root[0] if root else None


def _places(holder: Any) -> Iterator[tuple[Any, Any]]:
    """Each place of a tree: what holds it, and its name or number there."""
    for at, value in holder.items() if isinstance(holder, dict) else enumerate(holder):
        yield holder, at
        if isinstance(value, dict | list):
            yield from _places(value)


def _change(holder: Any, at: Any, how: str, value: Any) -> None:
    match how:
        case "put" | "move":
            holder[at] = value
        case "wrap":
            holder[at] = [holder[at]]
        case "remove":
            del holder[at]
        case _ if isinstance(holder, list):
            holder += [value, *holder]
        case "twice":
            holder[_Again(at)] = value
        case "rename":
            holder[str(value)[:200]] = holder.pop(at)
        case "add":
            holder[str(value)[:200]] = value


def _written(tree: Any, is_ascii: bool) -> bytes:
    text = json.dumps(tree, ensure_ascii=is_ascii)
    return _RAW_WRITTEN.sub(lambda found: _RAW[int(found[1])], text).encode("utf-8", "surrogatepass")


def _spliced(data: bytes, recipe: bytes) -> bytes:
    """Cut and put in as the recipe says: five bytes a time, so that a whole recipe is one thing to draw."""
    for high, low, length, which, byte in zip(*[iter(recipe)] * 5, strict=False):
        at = (high << 8 | low) % (len(data) + 1)
        pieces = (b"", bytes((byte,)), data[byte:][:200], *_PIECES)
        data = data[:at] + pieces[which % len(pieces)] + data[at + _LENGTHS[length % len(_LENGTHS)] :]
    return data
