"""What partners read: each state, refusal and field has a sentence of its own, and none of them speaks of others."""

import pytest

from goodword import words
from goodword.app.errors import InvalidError
from goodword.core.lifecycles import LIFECYCLES
from goodword.core.refusals import Refusal
from goodword.portal import typed
from goodword.portal.rendering import LOOKS
from goodword.web.forms import Sent

STATES = tuple(LIFECYCLES["registration"])


@pytest.mark.parametrize("status", STATES)
def test_each_state_of_a_deal_has_a_shape_a_word_and_a_sentence(status: str) -> None:
    assert status in LOOKS
    assert words.portal(f"state.{status}")
    assert words.portal(f"told.{status}", workspace="Shop", day="1 March 2026")


def test_a_refusal_is_told_in_words_for_partners_or_to_ask() -> None:
    """All that core can refuse; what concerns somebody else is not told, and nothing is left without a sentence."""
    told = {code.name: typed.refused(code.name) for code in Refusal}
    assert told["conflict_not_seen"] == told["already_protected"] == words.portal("refused.other")
    assert all(text.startswith("Nothing was registered") for text in told.values())
    assert len(set(told.values())) == 8


@pytest.mark.parametrize("field", typed.FIELDS)
def test_each_field_that_is_too_long_or_holds_a_nul_is_named(field: str) -> None:
    right = {"company": ["Acme"], "email": ["carl@acme.example"], "currency": ["EUR"]}
    for text in ("x" * (typed.FIELDS[field] + 1), "a\0b"):
        with pytest.raises(InvalidError) as wrong:
            typed.deal(Sent({**right, field: [text]}))
        assert typed.field(wrong.value.parameter) == field
        assert typed.why(wrong.value) == words.portal(f"wrong.{field}")


def test_an_amount_is_read_as_the_one_thing_it_can_mean() -> None:
    """A comma that sets no thousands apart is an error, not a hundredfold; a currency without an amount says nothing."""
    said = {"company": ["Acme"], "email": ["carl@acme.example"], "currency": ["eur"]}
    for text, amount in (("5,000.50", 500_050), ("5000", 500_000), ("0", 0)):
        assert typed.deal(Sent({**said, "amount": [text]})).amount == amount
    for text in ("500,00", "5.000,00", "much", "-5", "1e9", "NaN"):
        with pytest.raises(InvalidError):
            typed.deal(Sent({**said, "amount": [text]}))
    assert typed.deal(Sent(said)).currency is None
