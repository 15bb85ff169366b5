"""What a state is called is a sentence of words, by its code, so that another language is another file."""

import re

from babel.messages.pofile import read_po

from goodword.console.rendering import Templates
from goodword.console.static_files import StaticFiles
from goodword.core.lifecycles import LIFECYCLES
from goodword.words import catalogue


def _states() -> dict[str, tuple[str, str]]:
    """Return what parts of pages know of each state: its meaning and shape."""
    made = Templates(StaticFiles())._environment
    found: dict[str, tuple[str, str]] = made.get_template("parts.html").module.LOOKS  # type: ignore[attr-defined]
    return found


def test_each_state_that_has_a_shape_is_called_something_in_words() -> None:
    """A code of pages has a label in the catalogue and the catalogue none for a code that no page knows."""
    with (catalogue.FOLDER / "en.po").open("rb") as file:
        said = {str(one.id) for one in read_po(file) if one.id}
    called = {one.removeprefix("console.state.") for one in said if one.startswith("console.state.")}
    assert called == set(_states())


def test_parts_hold_no_label() -> None:
    """Of a state they say its meaning, as a style has it, and its shape, as the sprite has it."""
    states = _states()
    assert len(states) > 40
    for code, (meaning, shape) in states.items():
        assert meaning in {"good", "wait", "look", "stop", "calm"}, code
        assert re.fullmatch(r"(g-[a-z]+)?", shape), code


def test_each_state_of_money_and_of_what_decides_over_it_is_called_something() -> None:
    """What a lifecycle knows is shown by a name of its own and not by its code."""
    states = _states()
    for noun in ("reward", "payout", "claim", "referral", "program"):
        for state in LIFECYCLES[noun]:
            assert state in states, (noun, state)
