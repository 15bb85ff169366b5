"""What one request of another referral system's client says, as native events: fields by their names there, and what is wrong.

Must not know: any system's format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

import msgspec

from goodword.core.money import MAX_INTEGER
from goodword.sources import loose, native
from goodword.sources.base import Answer, Problem, RefusedError, Request
from goodword.sources.fields import MAX_NAME, MAX_TEXT
from goodword.sources.told import WrongError, checked

_WHOLE: Final = re.compile(
    "-?[0-9]{1,30}"
)  # and none of what Python's int takes beside: 1_000, digits of other scripts


class Said(NamedTuple):
    """A call: what it is, what its path names beside, and what its body says. ``now``: when it came."""

    call: str
    named: tuple[str, ...]
    body: Mapping[str, Any]
    now: int

    def text(self, *names: str, most: int = MAX_NAME) -> str | None:
        """Return the first text that is said; a number is its digits."""
        for name in names:
            value = self.body.get(name)
            value = str(value) if type(value) is int else value
            if isinstance(value, str) and value.strip() and len(value) <= most and "\0" not in value:
                return value.strip()
        return None

    def words(self, *names: str) -> str | None:
        """Return a text such as a name, of one field or several together."""
        return " ".join(found for name in names if (found := self.text(name, most=MAX_TEXT))) or None

    def whole(self, *names: str) -> int | None:
        """Return the first amount, which is in minor units. Raises WrongError for what is no whole number."""
        for name in names:
            if (value := self.body.get(name)) is None or value == "":
                continue
            if type(value) is not int and not (isinstance(value, str) and _WHOLE.fullmatch(value)):
                raise WrongError("wrong_type", "amount")
            found = int(value)
            if abs(found) > MAX_INTEGER:
                raise WrongError("out_of_range", "amount")
            return found
        return None

    def id(self, *parts: Any) -> str:
        """Return an id of what has none of its own: the same for the same parts."""
        return sha256("\0".join(map(str, (self.call, *parts))).encode("utf-8", "replace")).hexdigest()[:32]


def one(request: Request, call: str, named: Sequence[str] = ()) -> list[Said | Problem]:
    """Read a body that is one object. Raises RefusedError for what cannot be read at all."""
    [found] = loose.single(request.body or b"{}")
    if isinstance(found, Problem):
        return [found]
    return [Said(call, tuple(named), found, request.now)]


def mapped(make: Callable[[Said], Iterable[Mapping[str, Any]]]) -> Callable[[Said], Sequence[native.Wire] | Problem]:
    """Return what turns a call into its events, of what makes them as objects."""

    def to_native(said: Said) -> Sequence[native.Wire] | Problem:
        try:
            return [checked(made) for made in make(said)]
        except WrongError as wrong:
            return msgspec.structs.replace(wrong.problem, id=said.text("id", "event_id", "invoiceId"))

    return to_native


def wrong(answers: Sequence[Sequence[Answer]]) -> Answer | None:
    """Return what was not taken of a call, if anything."""
    said = [answer for item in answers for answer in item]
    return next((answer for answer in said if answer.status in ("invalid", "conflict")), None)


def repeats(answers: Sequence[Sequence[Answer]]) -> bool:
    """Return whether all of a call was said before."""
    said = [answer for item in answers for answer in item]
    return bool(said) and all(answer.status == "repeat" for answer in said)


def body_of(request: Request) -> Mapping[str, Any]:
    """Return what the body of a request that was taken says."""
    try:
        found = msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def not_served(ours: str) -> RefusedError:
    """Return how a call is refused that there is none of here. ``ours``: what does the same."""
    return RefusedError(404, "not_served", f"There is no such call here. Ours is {ours}; /docs has all.")
