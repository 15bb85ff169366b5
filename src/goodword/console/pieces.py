"""Pieces of HTML that a list shows in each of its rows: a state, a sum, an instant, a person. ``parts.html`` names them ``p.…``.

They are made in Python, not as macros: a macro costs several times a function, and a list of fifty calls for six hundred of them.
A code becomes a meaning and a shape here and nowhere else; what it is called says ``words``.
Must not know: where a piece is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol
from urllib.parse import quote

from markupsafe import Markup, escape

from goodword import words
from goodword.console import nav, parts
from goodword.core import calendar
from goodword.core.priority import Part

#: Code -> its meaning and its shape, which may be none.
LOOKS: Final = {
    "eligible": ("good", "g-good"),
    "look": ("look", "g-look"),
    "taken": ("stop", "g-stop"),
    "nothing_left": ("stop", "g-back"),
    "pending": ("wait", "g-dots"),
    "in_review": ("wait", "g-half"),
    "one_of_two": ("wait", "g-half"),
    "case_open": ("look", "g-look"),
    "shown": ("good", "g-ok"),
    "not_shown": ("calm", "g-no"),
    "approved": ("good", "g-ok"),
    "rejected": ("stop", "g-stop"),
    "reversed": ("stop", "g-back"),
    "expired": ("calm", "g-no"),
    "not_sent": ("calm", ""),
    "expected": ("wait", "g-dots"),
    "confirmed": ("good", "g-ok"),
    "taken_off": ("good", "g-good"),
    "due": ("calm", ""),
    "to_release": ("wait", "g-half"),
    "on_its_way": ("wait", "g-most"),
    "rail_asked": ("look", "g-look"),
    "no_details": ("look", "g-look"),
    "paid": ("good", "g-good"),
    "owes": ("look", "g-look"),
    "awaiting_release": ("wait", "g-half"),
    "released": ("wait", "g-most"),
    "processing": ("wait", "g-most"),
    "unknown": ("look", "g-look"),
    "sent": ("wait", "g-most"),
    "completed": ("good", "g-good"),
    "failed": ("stop", "g-stop"),
    "returned": ("stop", "g-back"),
    "earned": ("good", "g-good"),
    "canceled": ("calm", "g-no"),
    "open": ("look", "g-look"),
    "decided": ("good", "g-ok"),
    "appealed": ("look", "g-look"),
    "won": ("good", "g-ok"),
    "lost": ("calm", "g-no"),
    "split": ("good", "g-half"),
    "none": ("calm", "g-no"),
    "withdrawn": ("calm", "g-no"),
    "submitted": ("wait", "g-half"),
    "accepted": ("good", "g-ok"),
    "declined": ("stop", "g-stop"),
    "order_waiting": ("wait", "g-dots"),
    "order_open": ("wait", "g-ring"),
    "order_paid": ("good", "g-good"),
    "order_canceled": ("calm", "g-no"),
    "attributed": ("wait", "g-ring"),
    "converted": ("good", "g-good"),
    "lapsed": ("calm", "g-no"),
    "void": ("calm", "g-no"),
    "active": ("good", "g-good"),
    "draft": ("calm", "g-no"),
    "paused": ("calm", "g-no"),
    "ended": ("calm", "g-no"),
    "refused": ("calm", "g-no"),
    "done": ("good", "g-good"),
    "waiting": ("wait", "g-dots"),
    "set_aside": ("look", "g-look"),
    "noted": ("calm", "g-ok"),
    "suspended": ("stop", "g-stop"),
    "left": ("calm", "g-no"),
    "merged": ("calm", "g-no"),
    "message_deferred": ("wait", "g-dots"),
    "message_ordered": ("wait", "g-half"),
    "message_sent": ("good", "g-good"),
    "message_refused": ("stop", "g-stop"),
    "message_unknown": ("look", "g-look"),
    "message_withheld": ("calm", "g-no"),
    "message_bounced": ("stop", "g-back"),
}
_NEAR: Final = {0: "today", 1: "tomorrow"}
_UNKNOWN: Final = "calm", "g-ring"
_NOTHING: Final = Markup('<span class="quiet">–</span>')


class _Party(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str | None: ...


_NOBODY: Final = "–"


class Pieces:
    """The pieces. ``icons``: the address of the file of all shapes and icons."""

    def __init__(self, icons: str) -> None:
        self._icons = icons
        self._called = {code: escape(words.page(f"state.{code}")) for code in LOOKS}
        self._states = {code: self._state(look, self._called[code]) for code, look in LOOKS.items()}

    def filters(self) -> dict[str, Callable[..., Markup]]:
        """Return those that the rows of long lists ask for, as filters: Jinja calls a filter at half the cost of a function."""
        of = (self.state, self.money, self.when, self.due, self.name, self.names, self.priority)
        return {one.__name__: one for one in of}

    def _state(self, look: tuple[str, str], said: Markup) -> Markup:
        meaning, shape = look
        drawn = self.shape(shape) if shape else ""
        return _html(f'<span class="state {meaning}">{drawn}<span class="w">{said}</span></span>')

    def icon(self, name: str, large: bool = False) -> Markup:
        """Return an icon."""
        return _html(
            f'<svg class="i{" i-lg" if large else ""}" aria-hidden="true"><use href="{self._icons}#{name}"/></svg>'
        )

    def shape(self, name: str) -> Markup:
        """Return the shape of a state."""
        return _html(f'<svg class="g" aria-hidden="true"><use href="{self._icons}#{name}"/></svg>')

    def label(self, code: str) -> Markup:
        """Return what a state is called."""
        return self._called.get(code) or escape(parts.spoken(code).capitalize())

    def state(self, code: str, more: str = "") -> Markup:
        """Return a state: its meaning, its shape, what it is called. ``more``: what stands behind that."""
        if code in self._states and not more:
            return self._states[code]
        said = self.label(code)
        return self._state(LOOKS.get(code, _UNKNOWN), said + " " + more if more else said)

    def money(self, amount: int | None, unit: str | None, thin: bool = False) -> Markup:
        """Return an amount with its unit; a dash where there is none."""
        if amount is None or not unit:
            return _NOTHING
        said = f'{parts.figure(amount, unit)} <span class="u">{escape(parts.unit(unit))}</span>'
        return _html(f'<span class="money{" thin" if thin else ""}">{said}</span>')

    def when(self, at: int | None) -> Markup:
        """Return a day, which tells its instant."""
        if at is None:
            return _NOTHING
        day = parts.day(at)
        return _html(f'<time datetime="{calendar.text(at)}" title="{day}, {parts.clock(at)} UTC">{day}</time>')

    def instant(self, at: int | None) -> Markup:
        """Return an instant to the second."""
        return _NOTHING if at is None else _html(f'<time datetime="{calendar.text(at)}">{parts.exact(at)}</time>')

    def name(self, party: _Party) -> Markup:
        """Return what the company calls a person; the end of their id where that may not be seen; a dash for nobody."""
        return escape(party.name if party.name is not None else parts.short(party.id) or _NOBODY)

    def names(self, parties: Iterable[_Party]) -> Markup:
        """Return the same of several."""
        return Markup(", ").join(map(self.name, parties))

    def person(self, party: _Party) -> Markup:
        """Return the name of a person as a link to their page. Whom nobody brought was not referred: a correction has no friend."""
        if not party.id:
            return Markup('<span class="quiet">{}</span>').format(_NOBODY)
        return _html(f'<a class="link" href="{nav.ROOT}/people/{quote(party.id)}">{self.name(party)}</a>')

    def ref(self, value: str) -> Markup:
        """Return the end of an id, which tells all of it."""
        return _html(f'<span class="mono" title="{escape(value)}">{escape(parts.short(value))}</span>')

    def due(self, days: int) -> Markup:
        """Return the days to a promise: below nought it is late."""
        meaning = "stop" if days < 0 else "look" if days <= 1 else "line"
        late = f"{-days} {'day' if days == -1 else 'days'} late"
        return _html(f'<span class="chip {meaning}">{late if days < 0 else _days_left(days)}</span>')

    def priority(self, of: Sequence[Part], points: int, cause: str = "") -> Markup:
        """Return the sum of a priority, in words; before it for what something waits that is late (``cause``)."""
        said = ", ".join(f"{_part(it)} +{it.points}" for it in of)
        said = f"{escape(cause)}: {said}" if cause else said
        return _html(f'<span class="b sumwords"><span>{said}</span><b>{"= " if of else ""}{points}</b></span>')


def _html(text: str) -> Markup:
    """Text of ours in which all that came from elsewhere was escaped."""
    return Markup(text)  # noqa: S704 - so it is


def _days_left(days: int) -> str:
    return _NEAR.get(days) or f"{days} days left"


def _part(it: Part) -> str:
    if it.code == "waiting":
        return f"{it.value} {'day' if it.value == 1 else 'days'}"
    if it.code == "promised":
        return "late" if it.value < 0 else _days_left(it.value)
    return str(escape(parts.spoken(it.code)))
