"""Messages that a person looks at: unknown whether they arrived, refused, or waiting long; and what becomes of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, get_args

from msgspec import Struct

from goodword.app import say, see
from goodword.app.errors import InvalidError
from goodword.app.say.messages import Outcome
from goodword.console.forms import Form
from goodword.console.frame import Act, Read, Visit
from goodword.core.state import Letter

#: What may be said of one by how it stands: of one that waits nothing, for it goes on by itself.
OUTCOMES: Final[Mapping[str, tuple[Outcome, ...]]] = {
    "unknown": ("arrived", "again", "leave"),
    "refused": ("again", "leave"),
    "withheld": ("again", "leave"),
}
_LONGEST: Final = 20


class Row(Struct, frozen=True):
    """One, and what who looks may say of it."""

    letter: Letter
    outcomes: tuple[Outcome, ...]


class Letters(Struct, frozen=True):
    """They, the oldest first; ``full``: there may be more."""

    rows: list[Row]
    full: bool


async def listed(visit: Visit) -> Letters:
    """Return those that are to be looked at."""
    found = await visit.read(see.messages.waiting)
    may = OUTCOMES if visit.may(say.messages.settle) else {}
    return Letters([Row(it, may.get(it.status, ())) for it in found], len(found) >= see.messages.MOST)


async def settle(visit: Visit, form: Form) -> str:
    """Say what becomes of one."""
    outcome = form.text("outcome", _LONGEST) or ""
    if outcome not in get_args(Outcome):
        raise InvalidError(f"It is one of {', '.join(get_args(Outcome))}.", "outcome")
    entry = await visit.read(say.messages.settle, visit.named("message"), outcome, form.once)
    return f"/messages?done={'letter_not' if entry.refused else f'letter_{outcome}'}"


_PAGE = Read("/messages", "/settings/texts", see.messages.waiting, "texts/waiting.html", listed)
READS = (_PAGE,)
ACTS = (Act("/messages/{message}/settle", _PAGE, say.messages.settle, settle),)
