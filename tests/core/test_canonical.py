"""The canonical encoding: RFC 8785 within its domain, and a check that keeps everything else out."""

import re
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from testkit.domain import check

from goodword.core import canonical
from goodword.core.money import MAX_INTEGER

KEYS = st.text(st.characters(max_codepoint=127), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | st.text(max_size=40)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=25
)


class _Sample(msgspec.Struct):
    zebra: int
    alpha: dict[str, Any]
    Beta: tuple[str, ...]


@given(VALUES)
def test_encoding_is_rfc_8785(value: Any) -> None:
    """Within the checked domain the bytes are those of RFC 8785."""
    check(value)
    assert canonical.encode(value) == rfc8785.dumps(value)


def test_every_escape_is_that_of_rfc_8785() -> None:
    """Control characters, delete, line separators and characters beyond the basic plane are written alike."""
    text = "".join(map(chr, [*range(0xA1), 0x2028, 0x2029, 0xFFFD, 0xFFFE, 0xFFFF, 0x1F600]))
    assert canonical.encode(text) == rfc8785.dumps(text)


@given(st.integers(), st.dictionaries(KEYS, SCALARS), st.lists(st.text()))
def test_a_struct_is_encoded_as_the_dict_of_its_fields(zebra: int, alpha: dict[str, Any], beta: list[str]) -> None:
    """Field order, key order and list or tuple do not change the bytes."""
    zebra %= MAX_INTEGER
    sample = _Sample(zebra, dict(reversed(alpha.items())), tuple(beta))
    check(sample)
    assert canonical.encode(sample) == rfc8785.dumps({"Beta": beta, "zebra": zebra, "alpha": alpha})


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"a": [1, 2**53]}, "$.a[1]"),
        ({"a": -(2**53)}, "$.a"),
        ([0.5], "$[0]"),
        ([float("nan")], "$[0]"),
        ({"a": {"\xe9": 1}}, "$.a"),
        ({1: "one"}, "$"),
        (("ok", "\ud800"), "$[1]"),
        ({"\ud800": 1}, "$"),
    ],
)
def test_check_names_what_is_outside_the_domain(value: Any, place: str) -> None:
    """Each thing without a common encoding is refused, with its place."""
    with pytest.raises(ValueError, match=re.escape(f"{place}: ")):
        check(value)


def test_encode_refuses_lone_surrogates_by_itself() -> None:
    """Text that is no Unicode never becomes bytes."""
    with pytest.raises(UnicodeEncodeError):
        canonical.encode({"a": "\udfff"})


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("", False),
        ("\0", True),
        ("a\0b", True),
        ("\\u0000", False),
        ("\\\0", True),
        ("\\\\u0000", False),
        ("u0000", False),
    ],
)
def test_only_a_nul_is_taken_for_one(text: str, *, holds: bool) -> None:
    """A text that holds a NUL is refused; one that only spells how a NUL would be written is not, however many backslashes it has."""
    data = canonical.encode({"a": text})
    if holds:
        with pytest.raises(canonical.NulError, match=r"^a text holds a NUL$"):
            canonical.without_nul(data)
    else:
        assert canonical.without_nul(data) is data
