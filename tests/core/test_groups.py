"""Keys by group: whatever comes and goes, a group has its keys in order."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from goodword.core.groups import Groups


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("qrstuv"))))
def test_a_group_is_its_keys_in_order(moves: list[tuple[str, str]]) -> None:
    """A key that is not there comes, one that is there goes; each group then holds what it would as a plain set."""
    groups, plain = Groups(), defaultdict[str, set[str]](set)
    for group, key in moves:
        if key in plain[group]:
            groups.remove(group, key)
            plain[group].remove(key)
        else:
            groups.add(group, key)
            plain[group].add(key)
        assert {name: list(groups.of(name)) for name in "ab"} == {name: sorted(plain[name]) for name in "ab"}
