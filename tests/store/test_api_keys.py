"""API keys: a text that says what it is, and tells a slip of the hand from an unknown key."""

from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodword.store.api_keys import ApiKey, Kind, Mode, api_key_hash, new_api_key, parse_api_key


@pytest.mark.parametrize(("kind", "mode"), list(product(get_args(Kind), get_args(Mode))))
def test_a_key_says_what_it_is(kind: Kind, mode: Mode) -> None:
    """Kind and mode are read from the text, and two keys are never the same."""
    text = new_api_key(kind, mode)
    assert text.startswith(f"gw_{kind}_{mode}_")
    assert parse_api_key(text) == ApiKey(kind, mode)
    assert new_api_key(kind, mode) != text


def test_a_slip_is_recognised() -> None:
    """Any changed, missing, swapped or added character makes it no key; so does another kind or mode in front."""
    text = new_api_key("sk", "live")
    slips = [text[:at] + ("a" if text[at] != "a" else "b") + text[at + 1 :] for at in range(len(text))]
    slips += [text[:at] + text[at + 1 :] for at in range(len(text))]
    slips += [text + "a", f" {text}", f"{text}\n", text.upper()]
    slips += [text.replace("_sk_", "_mk_"), text.replace("_live_", "_sandbox_")]
    assert [slip for slip in slips if parse_api_key(slip)] == []


@given(st.text(st.characters(), max_size=90))
def test_hostile_text_is_no_key(text: str) -> None:
    """Whatever is sent as a key, reading it never raises."""
    assert parse_api_key(text) is None


def test_the_hash_is_of_the_whole_text() -> None:
    """The stored hash is 32 bytes and differs for keys that differ."""
    one, other = new_api_key("sk", "live"), new_api_key("sk", "live")
    assert len({api_key_hash(one), api_key_hash(one), api_key_hash(other)}) == 2
    assert len(api_key_hash(one)) == 32
