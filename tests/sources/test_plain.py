"""Text from outside is read strictly: what is hostile or ambiguous is an error, never a crash and never a guess."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from testkit.tables import rows

from goodword.sources import plain
from goodword.sources.rule_file import RuleFileErrors, read

BOMB = b"a: &a [x, x]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (i + 1, i + 1, i, i) for i in range(97, 120))

#: Those of which a part is made.
MADE = (
    ("billion laughs.yaml", BOMB, "anchor or alias"),
    ("too large.yaml", b"#" * (plain.MAX_BYTES + 1), "262145 bytes"),
    ("binary.yaml", bytes(range(256)), "wrong byte"),
    ("utf-16.yaml", "program: x".encode("utf-16"), "wrong byte"),
    ("many names.yaml", b"".join(b"k%d: 1\n" % i for i in range(20_000)), "and 19953 more"),
)


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        (
            f"{what}.{how.lower()}",
            "".join(one if isinstance(one, str) else one[0] * one[1] for one in pieces).encode(),
            told,
        )
        for how in ("YAML", "JSON")
        for what, pieces, told in rows(__file__, f"In {how}")
    ]
    + [*MADE],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_hostile_file_is_an_error(name: str, data: bytes, found: str) -> None:
    """A file made to exhaust, deceive or break its reader is refused with a text that is short and can be shown."""
    with pytest.raises(RuleFileErrors) as caught:
        read(data, name)
    text = str(caught.value)
    assert found in text
    assert len(text) < 20_000
    assert "\x1b" not in text
    assert text.encode()


@given(
    st.one_of(
        st.binary(max_size=300), st.text(alphabet="ab:-[]{}?&*!|>'\"#%@`,\n \t01.e~", max_size=200).map(str.encode)
    )
)
def test_no_text_breaks_the_reader(data: bytes) -> None:
    """Whatever the bytes, the reader gives rules or its own error."""
    for name in ("noise.yaml", "noise.json"):
        with pytest.raises(RuleFileErrors) as caught:
            read(data, name)
        assert caught.value.problems


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=9)),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    )
)
def test_json_is_read_as_json_is(value: Any) -> None:
    """What the strict reader makes of JSON is what JSON says, but for integers beyond 53 bits."""
    found = plain.load(json.dumps(value).encode(), is_json=True)
    assert found == json.loads(
        json.dumps(value), parse_int=lambda digits: int(digits) if abs(int(digits)) < 2**53 else digits
    )


def test_plain_words_of_yaml_are_text() -> None:
    """on, NO, yes, dates and octals are the text that was written; only true, false and null mean more."""
    text = b"on: NO\nyes: 2024-01-01\nn: 012\nt: true\nz: ~\nq: 'true'\nx: 1_000\nm: 12:30\nh: 0x1F\nf: 1.50\n"
    assert plain.load(text, is_json=False) == {
        "on": "NO",
        "yes": "2024-01-01",
        "n": "012",
        "t": True,
        "z": None,
        "q": "true",
        "x": "1_000",
        "m": "12:30",
        "h": "0x1F",
        "f": plain.Number("1.50"),
    }
