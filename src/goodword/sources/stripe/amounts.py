"""Amounts as Stripe means them: in its own smallest unit, which for a few currencies is another one than ISO 4217's.

Must not know: where an amount stands.
"""

from goodword.core.money import CURRENCIES

#: Decimal places of Stripe's smallest unit where ISO 4217 has others. The ariary counts as if it had no parts; the króna and the
#: shilling have none and are said in hundredths, as they were before.
_PLACES = {"MGA": 0, "ISK": 2, "UGX": 2}


def minor(amount: int, currency: str) -> int | None:
    """Return an amount of Stripe's in minor units of ISO 4217; None for a part of one, which is no such amount."""
    more = CURRENCIES[currency] - _PLACES.get(currency, CURRENCIES[currency])
    if more >= 0:
        return amount * int(10**more)
    whole, rest = divmod(amount, int(10**-more))
    return None if rest else whole
