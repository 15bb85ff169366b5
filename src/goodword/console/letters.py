"""Messages that a person looks at: unknown whether they arrived, refused, or waiting long; and what becomes of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, get_args

from msgspec import Struct

from goodword import words
from goodword.app import say, see
from goodword.app.errors import ConflictError, InvalidError
from goodword.app.say.messages import Outcome
from goodword.app.write.commands import StoppedError
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

    @property
    def outcomes(self) -> list[Outcome]:
        """What may be said of several of them at once."""
        several = sum(bool(row.outcomes) for row in self.rows) > 1
        return [it for it in get_args(Outcome) if several and any(it in row.outcomes for row in self.rows)]


async def listed(visit: Visit) -> Letters:
    """Return those that are to be looked at."""
    found = await visit.read(see.messages.waiting)
    may = OUTCOMES if visit.may(say.messages.settle) else {}
    return Letters([Row(it, may.get(it.status, ())) for it in found], len(found) >= see.messages.MOST)


async def settle(visit: Visit, form: Form) -> str:
    """Say what becomes of one."""
    outcome = _outcome(form)
    entry = await visit.read(say.messages.settle, visit.named("message"), outcome, form.once)
    return f"/messages?done={'letter_not' if entry.refused else f'letter_{outcome}'}"


async def settle_each(visit: Visit, form: Form) -> str:
    """Say the same of all that were chosen, or of none."""
    outcome = _outcome(form)
    try:
        await visit.read(say.messages.settle_each, form.several("id"), outcome, form.once)
    except StoppedError as stop:
        raise ConflictError("wrong_state", words.page("letters.stopped")) from stop
    return f"/messages?done=letters_{outcome}"


def _outcome(form: Form) -> str:
    outcome = form.text("outcome", _LONGEST) or ""
    if outcome not in get_args(Outcome):
        raise InvalidError(f"It is one of {', '.join(get_args(Outcome))}.", "outcome")
    return outcome


_PAGE = Read("/messages", "/settings/texts", see.messages.waiting, "texts/waiting.html", listed)
READS = (_PAGE,)
ACTS = (
    Act("/messages/{message}/settle", _PAGE, say.messages.settle, settle),
    Act("/messages/settle", _PAGE, say.messages.settle_each, settle_each),
)
