"""What names an account at a bank: IBAN and BIC by the registries of SWIFT, and numbers where there are no IBANs."""

from __future__ import annotations

import re

from goodword.outbound.rails.details import text

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_OTHER = re.compile(r"\W|_")  # what people write between the parts of a number
_ACCOUNT = text(34)  # characters: as many as messages between banks have for a number that is no IBAN


def iban(value: str) -> str:
    """Return an IBAN without spaces, in capitals. Raises ValueError if its country, form or check digits cannot be right."""
    from stdnum import exceptions  # noqa: PLC0415 - see below
    from stdnum import iban as registry  # noqa: PLC0415 - 12 MB and 75 ms that nobody needs who pays to no account

    number = registry.compact(value)
    if not _IBAN.fullmatch(number):
        raise ValueError(
            "an IBAN: two letters of a country, two digits, the account, such as DE89 3704 0044 0532 0130 00"
        )
    fits = "an IBAN whose check digits fit: a character is missing, wrong or in another's place"
    try:
        registry.validate(
            number, check_country=False
        )  # national digits differ within countries; the IBAN's own cover them
    except exceptions.InvalidChecksum:
        raise ValueError(fits) from None
    except exceptions.InvalidComponent:
        raise ValueError(f"an IBAN: {number[:2]} is no country that has them") from None
    except exceptions.ValidationError:
        raise ValueError(f"the length and form of IBANs of {number[:2]}") from None
    if registry.calc_check_digits(number) != number[2:4]:  # 00, 01 and 99 leave the same rest as 97, 98 and 02
        raise ValueError(fits)
    return number


def bic(value: str) -> str:
    """Return a BIC without spaces, in capitals. Raises ValueError if it has not the form of one."""
    from stdnum import bic as form  # noqa: PLC0415 - as above
    from stdnum import exceptions  # noqa: PLC0415 - as above

    try:
        return str(form.validate(value))
    except exceptions.ValidationError:
        raise ValueError("a BIC: eight or eleven letters and digits, such as COBADEFFXXX") from None


def account(value: str) -> str:
    """Return an account number that is no IBAN. Raises ValueError for an IBAN too, as it would go unchecked here."""
    number = _ACCOUNT(value)
    if not number[0].isalnum():  # the bank file would have to write it as a text, which no bank reads as a number
        raise ValueError("a number that begins with a digit or a letter")
    if _IBAN.fullmatch(_OTHER.sub("", number.upper()).removeprefix("IBAN")):
        raise ValueError("a number that is no IBAN: an IBAN goes into the field iban")
    return number
