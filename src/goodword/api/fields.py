"""Kinds of values of the API, each with its bounds: times RFC 3339 in UTC, amounts in minor units."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from goodword.core import calendar
from goodword.core.money import CURRENCIES, MAX_INTEGER
from goodword.outbound.rails import REGISTRY


def _known(rail: str) -> str:
    if rail not in REGISTRY:
        raise ValueError(f"one of {', '.join(sorted(REGISTRY))}")
    return rail


def _instant(text: str) -> str:
    """A time that there is, and that the log can keep, as with events. Raises ValueError."""
    if not 0 <= calendar.parse(text) <= MAX_INTEGER:
        raise ValueError("a time from 1970 to 2255")
    return text


def _currency(text: str) -> str:
    if text not in CURRENCIES:
        raise ValueError("a currency of ISO 4217")
    return text


def _day(text: str) -> str:
    """A day that there is. Raises ValueError."""
    _instant(f"{text}T00:00:00Z")
    return text


def _zone(name: str) -> str:
    """A time zone that there is. Raises ValueError."""
    calendar.zone(name)
    return name


Id = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_:.-]+$")]
Unit = Annotated[str, Field(max_length=64, description="An ISO 4217 currency, or points:<program>")]
Minor = Annotated[int, Field(ge=0, le=MAX_INTEGER, strict=True, description="Minor units, or points")]
Time = Annotated[str, Field(description="RFC 3339 in UTC", json_schema_extra={"format": "date-time"})]
Date = Annotated[str, Field(description="A day in the report's zone", json_schema_extra={"format": "date"})]
When = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$",
        json_schema_extra={"format": "date-time"},
    ),
    AfterValidator(_instant),  # behind the pattern: what stands behind a function is left out of the schema
]
Day = Annotated[
    str,
    Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", json_schema_extra={"format": "date"}, description="A day"),
    AfterValidator(_day),
]
Zone = Annotated[str, Field(max_length=64, description="IANA time zone, such as Europe/Berlin"), AfterValidator(_zone)]
Reason = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
Withheld = Annotated[
    Literal["law", "investigation"], Field(description="What forbids to tell the beneficiary the reason")
]
RailName = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": sorted(REGISTRY)})]
Token = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$", description="Letters, digits, dot, underscore, hyphen")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217"), AfterValidator(_currency)]
Percent = Annotated[
    str, Field(pattern=r"^(100|[0-9]{1,2})(\.[0-9]{1,6})?$", description='A percentage from 0 to 100, exact: "12.5"')
]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166, two letters")]
Mail = Annotated[str, Field(max_length=254)]
