"""What a kind of system is: how it is told to book, how it is asked, and what must be known of it for that.

Must not know: payouts, the database, when it is asked.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, NamedTuple

from goodword.outbound.answers import Answered
from goodword.outbound.rails.base import Answer, Order, SilenceError, Ways

#: Seconds after which one that is on its way is asked about again, if the system does not say; and the shortest and longest pause.
_LATER: Final = 900.0
_SOONEST, _LATEST = 1.0, 86_400.0
#: Of what is refused, what may have been booked all the same, or may be soon.
_UNSURE: Final = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
#: What may stand in the log, where nothing personal may: other texts are left out.
_TOKEN: Final = re.compile("[A-Za-z0-9._-]{1,64}")


class System(NamedTuple):
    """A kind of system. ``key``: what the key looks like that it is asked with; None: it gets a secret of ours, which signs.

    ``site``: what its host looks like; None: it is where an address says that somebody named, or where all of the kind are.
    ``live``: of a key whether it books in earnest; None: it does not tell.
    """

    send: Callable[[Ways, Order], Awaitable[Answer]]
    ask: Callable[[Ways, Order], Awaitable[Answer | None]]
    key: re.Pattern[str] | None = None
    site: re.Pattern[str] | None = None
    live: Callable[[str], bool] | None = None


def fine(status: int) -> bool:
    """Return whether it was done."""
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def refused(status: int) -> bool:
    """Return whether it was refused for good: nothing was booked, and nothing will be."""
    return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _UNSURE


def unknown(got: Answered) -> SilenceError:
    """Return what an answer says that leaves unknown what became of it."""
    return SilenceError(f"it answered {got.status}")


def token(text: str | None) -> str | None:
    """Return a text that may stand in the log; None for any other."""
    return text if text is not None and _TOKEN.fullmatch(text) else None


def later(got: Answered) -> float:
    """Return after how many seconds one that is on its way is asked about again: as the system says."""
    return min(_LATEST, max(_SOONEST, got.after)) if got.after is not None else _LATER
