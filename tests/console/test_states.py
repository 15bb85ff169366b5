"""What a state is called is a sentence of words, by its code, so that another language is another file."""

import re

from babel.messages.pofile import read_po

from goodword.app.see.parties import Party
from goodword.console.pieces import LOOKS, Pieces
from goodword.core.lifecycles import LIFECYCLES
from goodword.words import catalogue


def test_each_state_that_has_a_shape_is_called_something_in_words() -> None:
    """A code of pages has a label in the catalogue and the catalogue none for a code that no page knows."""
    with (catalogue.FOLDER / "en.po").open("rb") as file:
        said = {str(one.id) for one in read_po(file) if one.id}
    called = {one.removeprefix("console.state.") for one in said if one.startswith("console.state.")}
    assert called == set(LOOKS)


def test_parts_hold_no_label() -> None:
    """Of a state they say its meaning, as a style has it, and its shape, as the sprite has it."""
    assert len(LOOKS) > 40
    for code, (meaning, shape) in LOOKS.items():
        assert meaning in {"good", "wait", "look", "stop", "calm"}, code
        assert re.fullmatch(r"(g-[a-z]+)?", shape), code


def test_each_state_of_money_and_of_what_decides_over_it_is_called_something() -> None:
    """What a lifecycle knows is shown by a name of its own and not by its code."""
    for noun in ("reward", "payout", "claim", "referral", "program"):
        for state in LIFECYCLES[noun]:
            assert state in LOOKS, (noun, state)


def test_what_people_typed_is_text_in_every_piece() -> None:
    """Pieces are made in Python, where no template escapes: none lets a name, a unit or a code through as markup."""
    pieces, typed = Pieces("icons.svg"), '<b onclick="x">&'
    party, nameless = Party("per_1", typed), Party(typed, None)
    made = [pieces.name(party), pieces.names([party, party]), pieces.person(party), pieces.person(nameless)]
    made += [pieces.ref(typed), pieces.label(typed), pieces.state(typed), pieces.state("paid", typed)]
    for one in made:
        assert "<b" not in one.lower()
        assert 'onclick="' not in one.lower()
