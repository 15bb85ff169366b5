"""An amount as somebody typed it into a page. Must not know: which page, what it is for."""

from __future__ import annotations

from goodword.app.errors import InvalidError
from goodword.core import money
from goodword.web.forms import figure


def typed(text: str, currency: str | None) -> int:
    """Return an amount that was typed, in minor units. Raises InvalidError for what is none, and names which of the two is wrong."""
    if currency not in money.CURRENCIES:
        raise InvalidError("Currency: three letters of ISO 4217, such as EUR.", "currency")
    try:
        return money.minor(figure(text), currency)
    except ValueError as error:
        raise InvalidError("Amount: a number such as 500 or 500.00.", "amount") from error
