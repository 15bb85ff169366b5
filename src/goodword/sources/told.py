"""What mappings of other systems share: a field by its path, which must stand in the source's table, and what is wrong with one.

Must not know: any source's format.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import msgspec

from goodword.core.countries import COUNTRIES
from goodword.core.money import CURRENCIES
from goodword.sources import amounts, native, native_read
from goodword.sources.base import Problem
from goodword.sources.fields import MAX_TEXT, TOKEN_PATTERN, Treatment

_TOKEN: Final = re.compile(TOKEN_PATTERN)
_OFFER: Final = re.compile("(?i:off_)([0-9A-Za-z]{26})")


class WrongError(Exception):
    """An object has something in it that its event cannot be made of. ``field``: of the native event."""

    def __init__(self, code: str, field: str) -> None:
        super().__init__(code)
        self.problem = Problem(code, field)


def missing(field: str) -> Any:
    """Raise WrongError for a field without which there is no event."""
    raise WrongError("missing_field", field)


def currency_of(said: Any) -> str:
    """Return a currency. Raises WrongError for none, and for one that is not in ISO 4217."""
    if not isinstance(said, str) or not said.strip():
        return str(missing("currency"))
    if (found := said.strip().upper()) not in CURRENCIES:
        raise WrongError("unknown_currency", "currency")
    return found


def token(said: Any) -> str | None:
    """Return a token, None for what is none; a number is one."""
    text = str(said) if type(said) is int else said
    return text if isinstance(text, str) and _TOKEN.match(text) else None


def offer(said: Any) -> str | None:
    """Return the welcome offer that a discount code is called by, None for any other; shops do not keep the case of a code."""
    found = _OFFER.fullmatch(said) if isinstance(said, str) else None
    return f"off_{found[1].upper()}" if found else None


def when(said: Any) -> datetime | None:
    """Return a time that is written with its zone, None for what is none."""
    try:
        at = msgspec.convert(said, datetime) if isinstance(said, str) else None
    except msgspec.ValidationError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def figure(said: Any, currency: str, field: str) -> int:
    """Return an amount with a point in minor units. Raises WrongError for what is none."""
    amount = amounts.minor(said, currency) if said is not None else missing(field)
    if amount is None:
        raise WrongError("invalid_value", field)
    return int(amount)


def query(address: str | None) -> dict[str, str]:
    """Return what the query of an address says."""
    try:
        found = parse_qs(urlsplit(address or "").query[:MAX_TEXT])
    except ValueError:
        return {}
    return {key: values[0] for key, values in found.items()}


def checked(made: Mapping[str, Any]) -> native.Wire:
    """Return an event under the bounds of one that is sent natively; None says nothing. Raises WrongError."""
    wire = native_read.checked({name: value for name, value in made.items() if value is not None})
    if type(wire) is Problem:  # isinstance is slow on structs
        raise WrongError(wire.code, wire.field or "id")
    return wire


class Told:
    """What an object of a kind says."""

    def __init__(self, fields: Mapping[str, Treatment], noun: str, object_: Mapping[str, Any]) -> None:
        self._fields = fields
        self._noun = noun
        self._object = object_

    def value(self, path: str) -> Any:
        """Return what stands there; None for nothing and for an empty text."""
        if f"{self._noun}.{path}" not in self._fields:
            raise AssertionError(f"{self._noun}.{path} has no treatment")
        found = walk(self._object, path)
        return None if found == "" else found

    def text(self, path: str, most: int = MAX_TEXT) -> str | None:
        """Return a text that is not too long."""
        found = self.value(path)
        return found if isinstance(found, str) and len(found) <= most and "\0" not in found else None

    def country(self, path: str) -> str | None:
        """Return a country, if it is one."""
        found = self.text(path)
        return found if found is not None and found.upper() in COUNTRIES else None


def walk(value: Any, path: str) -> Any:
    """Return what stands in an object at a path; None for nothing."""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def dicts(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
