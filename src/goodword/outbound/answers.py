"""What another system answers, and what that means for an object that it was asked for. Pure, without a client of HTTP.

Must not know: which system it is, what is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Literal, NamedTuple, Protocol


class SilenceError(Exception):
    """There was no answer, or none that says anything. The message says why."""


class Answered(Protocol):
    """What was answered."""

    @property
    def status(self) -> int:
        """Of HTTP."""

    @property
    def body(self) -> bytes:
        """All of it."""

    @property
    def after(self) -> int | None:
        """Seconds for which it asks to be left alone, as ``Retry-After`` says."""


class Asks(Protocol):
    """Sends requests."""

    async def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answered:
        """Ask once. Raises SilenceError where nobody answers."""


class Meaning(NamedTuple):
    """What an answer means. ``rest``: seconds for which it asks to be left alone."""

    code: Literal["ok", "key_refused", "gone", "away"]
    rest: int = 0


def meaning(status: int, after: int | None) -> Meaning:
    """Return what an answer means to who asked for an object: who answers neither with it nor that it is not there is away."""
    if status == HTTPStatus.OK:
        return Meaning("ok")
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Meaning("key_refused")
    if status == HTTPStatus.NOT_FOUND:
        return Meaning("gone")
    return Meaning("away", after or 0)
