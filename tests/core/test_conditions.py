"""Conditions by themselves: whether each is met by what it sees, and what it says that it saw."""

from typing import Any

import msgspec
import pytest

from goodword.core.events import Line
from goodword.core.kinds.conditions.amount import Amount
from goodword.core.kinds.conditions.base import View
from goodword.core.kinds.conditions.brand import Brand

NOTHING = View(amount=None, currency=None, country=None, lines=(), traits={}, new_customer=True)
LINES = tuple(Line(id=str(n), product="p", brand=brand, amount=1) for n, brand in enumerate(("b", None, "a", "b", "c")))

#: condition, what it sees -> whether it is met, and what it says
SEEN: list[tuple[Any, dict[str, Any], bool, dict[str, object]]] = [
    (Amount(at_least={"EUR": 5}), {}, False, {"amount": None, "currency": None}),
    (Amount(at_least={"EUR": 5}), {"amount": 5}, False, {"amount": 5, "currency": None}),
    (Amount(at_least={"EUR": 5}), {"currency": "EUR"}, False, {"amount": None, "currency": "EUR"}),
    (
        Amount(at_least={"EUR": 5}, below={"EUR": 9}),
        {"amount": 5, "currency": "EUR"},
        True,
        {"amount": 5, "currency": "EUR", "at_least": 5, "below": 9},
    ),
    (
        Amount(at_least={"EUR": 5}, below={"EUR": 9}),
        {"amount": 9, "currency": "EUR"},
        False,
        {"amount": 9, "currency": "EUR", "at_least": 5, "below": 9},
    ),
    (
        Amount(at_least={"EUR": 5}),
        {"amount": 9, "currency": "USD"},
        False,
        {"amount": 9, "currency": "USD", "at_least": None, "below": None},
    ),
    (Brand(any_of=("b", "a")), {"lines": LINES}, True, {"any_of": ["b", "a"], "found": ["a", "b"]}),
    (Brand(any_of=("d",)), {"lines": LINES}, False, {"any_of": ["d"], "found": []}),
]


@pytest.mark.parametrize(("condition", "fields", "met", "seen"), SEEN)
def test_a_condition_says_what_it_saw(
    condition: Any, fields: dict[str, Any], seen: dict[str, object], *, met: bool
) -> None:
    """A condition is met by what is there and by nothing else, and names the values by which it was or was not."""
    assert condition.holds(msgspec.structs.replace(NOTHING, **fields)) == (met, seen)
