"""Money: integers in minor units, exact fractions, one rounding.

Units never mix: an amount means something only beside its unit, which is an ISO 4217 currency or ``points:<program>``.
Rounding is half to even and happens once, at the end of a calculation (IEEE 754 roundTiesToEven on exact rationals).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

#: What the unit of points begins with; the program follows.
POINTS = "points:"
#: The largest integer that every JSON reader keeps exact (RFC 8259 section 6).
MAX_INTEGER = 2**53 - 1

# ISO 4217, list one as it stood in February 2026 (kept by SIX), and what left it since 2024: by number of decimal places.
_DIGITS = 15  # of a figure that is read
_ZERO = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
_TWO = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW "
    "CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS "
    "INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN "
    "NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC "
    "SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG"
)

#: ISO 4217 code -> decimal places of its minor unit; also of those that ended, whose orders and books stay readable.
CURRENCIES: dict[str, int] = {
    **dict.fromkeys(_TWO.split(), 2),
    **dict.fromkeys(_ZERO.split(), 0),
    **dict.fromkeys(_THREE.split(), 3),
    **dict.fromkeys(_FOUR.split(), 4),
}

#: Currencies that came -> their first day. All others were there before.
BEGAN = {"XCG": "2025-03-31"}
#: Currencies that went -> the first day on which they are money no longer. ANG made way for XCG, BGN for EUR.
ENDED = {"ANG": "2025-07-01", "BGN": "2026-01-01"}


def out_of_use(currency: str, day: str) -> str | None:
    """Why a currency of the list is not in use on a day (``2026-01-01``), in words; None if it is."""
    if day >= ENDED.get(currency, "9999"):
        return f"{currency} ended on {ENDED[currency]}"
    if day < BEGAN.get(currency, ""):
        return f"{currency} begins on {BEGAN[currency]}"
    return None


def percent_of(amount: int | Fraction, percent: Fraction) -> int:
    """``percent`` per cent of ``amount`` minor units, rounded: the nearest integer, of two that are as near the even one."""
    hundred = 100 * percent.denominator * amount.denominator
    whole, rest = divmod(amount.numerator * percent.numerator, hundred)
    return whole + (2 * rest > hundred or (2 * rest == hundred and whole % 2 == 1))


def told(total: int) -> int:
    """A sum as an explanation tells it: exact, or the most that the log keeps. Never decided on."""
    return min(total, MAX_INTEGER)


def split(amount: int, shares: Sequence[tuple[str, Fraction]]) -> list[int]:
    """Split ``amount`` minor units by ``shares`` (owner, exact fraction; they sum to one), in the order given.

    Largest remainder (Hamilton's method); ties go to the smaller owner id. The parts always sum to ``amount``.
    """
    exact = [amount * fraction for _, fraction in shares]
    parts = [value.numerator // value.denominator for value in exact]
    missing = amount - sum(parts)
    order = sorted(range(len(shares)), key=lambda i: (parts[i] - exact[i], shares[i][0]))
    for i in order[:missing]:
        parts[i] += 1
    return parts


def decimal(amount: int, unit: str) -> str:
    """The figure as digits and a point: ``12.50`` for 1250 EUR, ``500`` for points. A currency that is not listed has two places."""
    places = 0 if unit.startswith(POINTS) else CURRENCIES.get(unit, 2)
    sign = "-" if amount < 0 else ""
    if places == 0:
        return f"{sign}{abs(amount)}"
    whole, part = divmod(abs(amount), 10**places)
    return f"{sign}{whole}.{part:0{places}d}"


def minor(text: str, unit: str) -> int:
    """The amount that a figure such as ``12.50`` or ``500`` says, in minor units or points. Raises ValueError for what is none."""
    whole, point, part = text.strip().partition(".")
    places = 0 if unit.startswith(POINTS) else CURRENCIES.get(unit, 2)
    digits = whole + part
    right = digits.isascii() and digits.isdigit() and whole and bool(point) == bool(part)
    if not right or len(digits) > _DIGITS or len(part) > places:
        raise ValueError(f"{text[:40]!r} is no figure with at most {places} places")
    return int(whole + part.ljust(places, "0"))
