"""The fields of payment details: a rail declares its own as data, and what somebody enters is checked against them.

What is kept is canonical, so that two spellings of one account are one destination. Must not know: who enters details, where
they are kept.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

from msgspec import Struct

from goodword.core.countries import COUNTRIES

#: characters of an account that a list shows
_LAST = 4


class Field(Struct, frozen=True):
    """One field.

    ``meaning``: a sentence for who enters it. ``check`` gives the canonical text, or raises ValueError with what it expects.
    ``way``: of a rail that can be told in several ways where to pay, the one that the field belongs to, named by its first field;
    None: it belongs to all of them. ``required``: it must be there, within its way.
    """

    name: str
    meaning: str
    example: str
    check: Callable[[str], str]
    required: bool = False
    way: str | None = None


class Problem(Struct, frozen=True):
    """What is wrong with one field, told by what was expected; it never quotes what was entered."""

    field: str
    expected: str


class DetailsError(Exception):
    """Payment details are not as their rail expects. ``problems``: all that is wrong, each field once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.expected}" for problem in problems))
        self.problems = tuple(problems)


def checked(fields: Sequence[Field], details: Mapping[str, str]) -> dict[str, str]:
    """Return payment details in their canonical form. Raises DetailsError naming all that is wrong with them."""
    names = [field.name for field in fields]
    problems = [Problem(name, _unknown(name, names)) for name in details if name not in names]
    way = _way(fields, details)
    canonical = {}
    for field in fields:
        ours = field.way in (None, way)
        if field.name not in details:
            if ours and field.required:
                problems.append(
                    Problem(field.name, f"it is missing. {field.meaning}{_instead(fields, field, details)}")
                )
        elif not ours:
            problems.append(Problem(field.name, f"leave it out: it goes with {field.way}, and {way} is given"))
        else:
            try:
                canonical[field.name] = field.check(details[field.name])
            except ValueError as error:
                problems.append(Problem(field.name, str(error)))
    if problems:
        raise DetailsError(problems)
    return canonical


def last(fields: Sequence[Field], details: Mapping[str, str]) -> str | None:
    """Return the last four characters of the account that details name, by which people tell accounts apart; None: there is none.

    An account is what the required field that a way is named by says; of a mail the part before its host, which many share.
    """
    for field in fields:
        account = details.get(field.name)
        if field.way == field.name and account:
            return account.partition("@")[0][-_LAST:]
    return None


def text(most: int) -> Callable[[str], str]:
    """Return the check of a line of text: each run of white space is one space, and there are at most so many characters."""

    def check(value: str) -> str:
        line = unicodedata.normalize("NFC", " ".join(value.split()))
        if not line:
            raise ValueError("a text that is not empty")
        if not line.isprintable():
            raise ValueError("a text without control characters and invisible ones")
        if len(line) > most:
            raise ValueError(f"at most {most} characters, not {len(line)}")
        return line

    return check


def one_of(names: Sequence[str]) -> Callable[[str], str]:
    """Return the check of a text that is one of these."""

    def check(value: str) -> str:
        if value not in names:
            raise ValueError(f"one of {', '.join(names)}")
        return value

    return check


#: What people write for a country, and what it is by ISO 3166.
_OTHERWISE = {"UK": "GB", "EL": "GR"}


def country(value: str) -> str:
    """Return the two letters of a country in capitals. Raises ValueError for none: a bank would refuse the whole file."""
    letters = "".join(value.split()).upper()
    if letters in _OTHERWISE:
        raise ValueError(f"the two letters of a country by ISO 3166, here {_OTHERWISE[letters]}")
    if letters not in COUNTRIES:
        raise ValueError("the two letters of a country by ISO 3166, such as DE")
    return letters


#: Where a holder of an account lives. An address goes into a bank's message whole, part by part, or not at all: town and country are
#: what it cannot do without. The lengths are those of ISO 20022.
ADDRESS = (
    Field("street", "The street of their address, without the number.", "Example Street", text(70)),
    Field("number", "The number of the house.", "12a", text(16)),
    Field("postcode", "The postcode.", "10115", text(16)),
    Field("town", "The town; an address that a bank is told needs it, and the country.", "Berlin", text(35)),
    Field("country", "The two letters of the country.", "DE", country),
)

#: Who is paid. Seventy characters are the limit of the SEPA scheme, half of what its message format could hold.
NAME = Field("name", "The name of the person or company that is paid, at most 70 characters.", "Ann Example", text(70))


def _way(fields: Sequence[Field], details: Mapping[str, str]) -> str | None:
    """Return the way that details take, by its required fields if any is there; the first way if there is no sign of one."""
    given = [field for field in fields if field.way is not None and field.name in details]
    candidates = (
        [field for field in given if field.required] or given or [field for field in fields if field.way is not None]
    )
    return candidates[0].way if candidates else None


def _unknown(name: str, names: Sequence[str]) -> str:
    near = get_close_matches(name.lower(), names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"the fields are {', '.join(names)}"
    return f"there is no such field; {hint}"


def _instead(fields: Sequence[Field], missing: Field, details: Mapping[str, str]) -> str:
    """Return the other ways, if none was begun."""
    if missing.way is None or any(field.way is not None and field.name in details for field in fields):
        return ""
    others = dict.fromkeys(field.way for field in fields if field.way not in (None, missing.way))
    named = (" and ".join(field.name for field in fields if field.required and field.way == way) for way in others)
    return "".join(f" Leave it out, or give {names} instead." for names in named)
