"""What names an account at a bank: IBAN and BIC by the registries of SWIFT, and numbers where there are no IBANs."""

from __future__ import annotations

import re

from goodword.outbound.rails.details import text

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_BETWEEN = re.compile(r"[\s.-]")  # what people write between the parts of an IBAN
_ROUTING = re.compile(r"(?!0{9})(0[0-9]|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)[0-9]{7}")
_COMPANY = re.compile(r"[A-Z0-9]{10}")
_PAYPAL_ID = re.compile(r"[A-Z0-9]{13}")
_MAIL = re.compile(r"[a-z0-9][a-z0-9!#$%&*+/=?^_`{|}~.-]*@[a-z0-9-]+(\.[a-z0-9-]+)+")
_LONGEST_MAIL = 127  # characters, as many as PayPal takes
_OTHER = re.compile(r"\W|_")  # what people write between the parts of a number
_ACCOUNT = text(34)  # characters: as many as messages between banks have for a number that is no IBAN


def iban(value: str) -> str:
    """Return an IBAN without spaces, in capitals. Raises ValueError if its country, form or check digits cannot be right."""
    from schwifty import IBAN, exceptions  # noqa: PLC0415 - 10 MB and 90 ms that nobody needs who pays to no account

    number = _BETWEEN.sub("", value).upper()
    if not _IBAN.fullmatch(number):
        raise ValueError(
            "an IBAN: two letters of a country, two digits, the account, such as DE89 3704 0044 0532 0130 00"
        )
    try:
        IBAN(number)  # not the digits that countries put in besides: they differ, and the IBAN's own cover them
    except exceptions.InvalidCountryCode:
        raise ValueError(f"an IBAN: {number[:2]} is no country that has them") from None
    except exceptions.InvalidChecksumDigits:
        raise ValueError(
            "an IBAN whose check digits fit: a character is missing, wrong or in another's place"
        ) from None
    except exceptions.SchwiftyException:
        raise ValueError(f"the length and form of IBANs of {number[:2]}") from None
    return number


def bic(value: str) -> str:
    """Return a BIC without spaces, in capitals. Raises ValueError if it has not the form of one."""
    from schwifty import BIC, exceptions  # noqa: PLC0415 - as above

    try:
        return str(BIC("".join(value.split()).upper(), enforce_swift_compliance=True).compact)
    except exceptions.SchwiftyException:
        raise ValueError("a BIC: eight or eleven letters and digits, such as COBADEFFXXX") from None


def account(value: str) -> str:
    """Return an account number that is no IBAN. Raises ValueError for an IBAN too, as it would go unchecked here."""
    number = _ACCOUNT(value)
    if not number[0].isalnum():  # the bank file would have to write it as a text, which no bank reads as a number
        raise ValueError("a number that begins with a digit or a letter")
    if _IBAN.fullmatch(_OTHER.sub("", number.upper()).removeprefix("IBAN")):
        raise ValueError("a number that is no IBAN: an IBAN goes into the field iban")
    return number


def is_routing(number: str) -> bool:
    """Return whether a number is a routing number of the United States: nine digits of a range that is given out, the last a check."""
    if not _ROUTING.fullmatch(number):
        return False
    weights = (3, 7, 1) * 3
    return sum(weight * int(digit) for weight, digit in zip(weights, number, strict=True)) % 10 == 0


def routing(value: str) -> str:
    """Return a routing number without spaces. Raises ValueError if it cannot be right."""
    number = "".join(value.split())
    if not is_routing(number):
        raise ValueError("a routing number: nine digits, the last of which checks the others, such as 021000021")
    return number


def company_id(value: str) -> str:
    """Return the id of an originator of ACH entries. Raises ValueError if it has not ten letters and digits."""
    number = "".join(value.split()).upper()
    if not _COMPANY.fullmatch(number):
        raise ValueError("ten letters and digits, such as 1 and the nine of your EIN")
    return number


def paypal(value: str) -> str:
    """Return the mail of a PayPal account in small letters, or its ID in capitals. Raises ValueError for what is neither."""
    told = value.strip()
    if _PAYPAL_ID.fullmatch(told.upper()):
        return told.upper()
    if len(told) > _LONGEST_MAIL or not _MAIL.fullmatch(told.lower()):
        raise ValueError("the mail of a PayPal account, or its ID of 13 letters and digits")
    return told.lower()
