"""The tables of states are a law: no decision can put a move that they do not have."""

from itertools import product
from typing import Any, get_origin, get_type_hints

import pytest

from goodword.core.draft import Draft
from goodword.core.lifecycles import FIRST, LIFECYCLES, NAMES, IllegalMove, may_move
from goodword.core.state import NOUNS, Entity, State

EMPTY: dict[Any, Any] = {str: "", int: 0, bool: False, tuple: (), None: None}


def made(noun: type[Any], status: str) -> Any:
    """An entity of that noun in that state, otherwise as empty as its types allow."""
    hints = get_type_hints(noun)
    fields = {name: EMPTY.get(get_origin(hints[name]) or hints[name]) for name in noun.__struct_fields__}
    return noun(**{**fields, "status": status})


def allowed(put: Any, *entities: Entity) -> bool:
    """Whether the last of these values of an entity may be put; those before it must be."""
    for entity in entities[:-1]:
        put(entity)
    try:
        put(entities[-1])
    except IllegalMove:
        return False
    return True


@pytest.mark.parametrize("noun", NAMES, ids=NAMES.values())
def test_what_moves_is_what_the_table_says(noun: type[Any]) -> None:
    """Of all pairs of states exactly the moves of the table can be put, from what is stored and within one decision alike."""
    name = NAMES[noun]
    for before, now in product(LIFECYCLES[name], repeat=2):
        state = State(complete=True)
        state.put(made(noun, before))
        legal = before == now or may_move(name, before, now)
        assert allowed(Draft(state, {}, "evt", 0).put, made(noun, now)) is legal, (before, now)
        if before in FIRST[name]:
            draft = Draft(State(complete=True), {}, "evt", 0)
            assert allowed(draft.put, made(noun, before), made(noun, now)) is legal, (before, now)


@pytest.mark.parametrize("noun", NAMES, ids=NAMES.values())
def test_what_is_new_begins_where_the_table_says(noun: type[Any]) -> None:
    """A new entity can be put in its first states only, and from these every state is reached."""
    name = NAMES[noun]
    begins = [s for s in LIFECYCLES[name] if allowed(Draft(State(complete=True), {}, "evt", 0).put, made(noun, s))]
    assert set(begins) == set(FIRST[name])
    reached = set(begins)
    while new := {to for state in reached for to in LIFECYCLES[name][state]} - reached:
        reached |= new
    assert reached == set(LIFECYCLES[name])


def test_every_noun_with_a_status_has_a_table() -> None:
    """None is left out, and no table is of a noun that there is not."""
    assert {noun for noun in NOUNS if "status" in noun.__struct_fields__} == set(NAMES)
    assert set(FIRST) == set(LIFECYCLES) == set(NAMES.values())
