"""The fields of tax forms, as data: what a payee says on a W-9 or a W-8BEN, their VAT id, or why none is needed.

Numbers are checked by the rule of what they are said to be: python-stdnum's ``us.tin`` takes any number that is written 3-2-4, so that
it is never asked; and of an ITIN it knows not the groups 50 to 65, which the IRS gives out too, so that its rule is ours.
Whether a number was ever given out, and to whom, no rule can tell. Must not know: who gives a form, where it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from goodword.outbound.rails.details import Field, country, one_of, text

#: 26 CFR 301.6109-1(d)(3) and the IRS's Publication 1915: nine digits that begin with 9, of which the fourth and fifth are of these.
_ITIN: Final = re.compile(r"9\d{2}(5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])\d{4}", re.ASCII)
CLASSES: Final = ("individual", "c_corporation", "s_corporation", "partnership", "trust_or_estate", "llc", "other")


def _digits(value: str) -> str:
    return re.sub(r"[\s-]", "", value)


def _ssn(value: str) -> str:
    from stdnum.us import ssn  # noqa: PLC0415 - loaded when first used

    return _number(
        ssn.validate, value, "a social security number, nine digits such as 536-90-4399, that the SSA gives out"
    )


def _ein(value: str) -> str:
    from stdnum.us import ein  # noqa: PLC0415

    return _number(ein.validate, value, "an employer identification number, nine digits such as 91-1144442")


def _number(validate: Callable[[str], str], value: str, expected: str) -> str:
    from stdnum.exceptions import ValidationError  # noqa: PLC0415

    digits = _digits(value)
    if not re.fullmatch(r"\d{9}", digits, re.ASCII):
        raise ValueError(expected)
    try:
        return validate(digits)
    except ValidationError:
        raise ValueError(expected) from None


def _itin(value: str) -> str:
    digits = _digits(value)
    if not _ITIN.fullmatch(digits):
        raise ValueError(
            "an individual taxpayer identification number, nine digits such as 912-90-3456 that begin with 9"
        )
    return digits


def _vat_id(value: str) -> str:
    from stdnum.eu import vat  # noqa: PLC0415
    from stdnum.exceptions import ValidationError  # noqa: PLC0415

    expected = "a VAT id of the EU with the two letters of its country, such as DE136695976"
    try:
        number: str = vat.validate(value)
    except ValidationError:
        raise ValueError(expected) from None
    return f"EL{number[2:]}" if number.startswith("GR") else number  # one id of Greece, however it is written


def _day(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise ValueError("a day, such as 2026-03-01") from None


def _abroad(value: str) -> str:
    letters = country(value)
    if letters == "US":
        raise ValueError("another country than the US: a US person gives a W-9")
    return letters


_SIGNED = Field("signed", "The day on which it was signed.", "2026-03-01", _day, required=True)
_NAME = Field("name", "The name as it stands on the tax return.", "Ann Example", text(70), required=True)
_ADDRESS = (
    Field("street", "Street and number.", "100 Main Street", text(70), required=True),
    Field("town", "City or town.", "Springfield", text(35), required=True),
    Field("state", "State or province, where there is one.", "IL", text(35)),
    Field("postcode", "ZIP or postcode.", "62701", text(16)),
)
_W9 = (
    _NAME,
    Field("business_name", "The name of the business, if it is another one.", "Example Trading", text(70)),
    Field("classification", "What they are for federal tax.", "individual", one_of(CLASSES), required=True),
    *_ADDRESS,
    Field("ssn", "A social security number.", "536-90-4399", _ssn, required=True, way="ssn"),
    Field("ein", "Or an employer identification number.", "91-1144442", _ein, required=True, way="ein"),
    Field("itin", "Or an individual taxpayer identification number.", "912-90-3456", _itin, required=True, way="itin"),
    _SIGNED,
)
_W8BEN = (
    _NAME,
    Field("country", "The two letters of the country of residence.", "DE", _abroad, required=True),
    *_ADDRESS,
    Field("foreign_tin", "The tax number that their own country gave them.", "12 345 678 901", text(40)),
    Field("itin", "An individual taxpayer identification number of the US, if they have one.", "912-90-3456", _itin),
    Field("born", "The day of birth.", "1980-05-17", _day),
    Field("treaty_country", "The country whose treaty they claim.", "DE", country),
    _SIGNED,
)
_VAT = (
    _NAME,
    Field("vat_id", "The VAT id, with the letters of its country.", "DE136695976", _vat_id, required=True),
    Field("country", "The two letters of the country of residence.", "DE", country, required=True),
    *_ADDRESS,
    _SIGNED,
)
_NONE = (
    Field("country", "The two letters of the country of residence.", "DE", country, required=True),
    Field(
        "why",
        "Why none is needed, for who asks in some years.",
        "Below 30 sales, private person",
        text(200),
        required=True,
    ),
    _SIGNED,
)
#: form -> its fields
FORMS: Final[dict[str, tuple[Field, ...]]] = {"w9": _W9, "w8ben": _W8BEN, "vat_id": _VAT, "none": _NONE}
