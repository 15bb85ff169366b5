"""The draft on which a decision is worked out, and the state below it."""

import gc
from typing import Any

import pytest
from msgspec.structs import replace

from goodword.core.draft import Draft
from goodword.core.state import NOUNS, Conversion, NotLoaded, State


class Unwalked(dict[Any, Any]):
    """Effects that may be looked up, and never gone through."""

    def items(self) -> Any:
        """Refuse."""
        raise AssertionError("all effects were gone through")

    __iter__ = keys = values = items


def _conversion(number: int, person: str) -> Conversion:
    return Conversion(id=f"inv:{number}", status="paid", person=person, at=number, name="purchase")


def test_group_is_found_without_going_through_other_effects() -> None:
    """Finding a group looks at that group's effects only, so a list of a thousand payees costs no more for each of them."""
    state = State(complete=True)
    state.put(_conversion(1, "per_a"))
    draft = Draft(state, {}, "evt", 0)
    draft.puts = Unwalked()
    moved = draft.put(_conversion(2, "per_a"))
    for number in range(3, 10):
        draft.put(_conversion(number, "per_b"))
    assert [found.id for found in draft.of(Conversion, "person", "per_a")] == ["inv:1", "inv:2"]
    draft.put(replace(moved, person="per_b"))
    draft.put(replace(_conversion(1, "per_a"), person="per_c"))
    assert draft.of(Conversion, "person", "per_a") == []
    assert [found.id for found in draft.of(Conversion, "person", "per_c")] == ["inv:1"]
    assert len(draft.of(Conversion, "person", "per_b")) == 8


def test_a_group_is_in_order_of_key() -> None:
    """What a decision put comes where its key stands among what was there, not behind it."""
    state = State(complete=True)
    state.put(_conversion(2, "per_a"))
    draft = Draft(state, {}, "evt", 0)
    draft.put(_conversion(1, "per_a"))
    assert [conversion.id for conversion in draft.of(Conversion, "person", "per_a")] == ["inv:1", "inv:2"]


def test_what_was_not_loaded_is_not_taken_for_absent() -> None:
    """A loaded state raises for a key that was not asked for; for one that was looked for in vain there is none."""
    state = State(complete=False)
    state.miss(Conversion, ["inv:1"])
    draft = Draft(state, {}, "evt", 0)
    assert draft.get(Conversion, "inv:1") is None
    for look in (draft.get, draft.need):
        with pytest.raises(NotLoaded, match="inv:2"):
            look(Conversion, "inv:2")
    with pytest.raises(AssertionError, match="inv:1 is pointed to and not there"):
        draft.need(Conversion, "inv:1")


def test_a_state_is_nothing_to_the_collector() -> None:
    """Entities have no cycles and are not looked at by the collector, whose work would grow with the history."""
    assert [noun.__name__ for noun in NOUNS if noun.__struct_config__.gc] == []
    assert not gc.is_tracked(_conversion(1, "per_a"))
