"""Templates of the portal: Jinja2 with every text escaped, and a name that nobody gave is an error, never an empty place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from goodword import words
from goodword.app.see.held import SOURCES
from goodword.app.see.own import Line
from goodword.core import calendar
from goodword.web.forms import once
from goodword.words.catalogue import catalogue

#: The state of a deal -> its meaning and its shape, as staff see it.
LOOKS: Final = {
    "submitted": ("wait", "g-half"),
    "accepted": ("good", "g-ok"),
    "declined": ("stop", "g-stop"),
    "withdrawn": ("calm", "g-no"),
    "won": ("good", "g-ok"),
    "lost": ("calm", "g-no"),
    "expired": ("calm", "g-no"),
}

#: How far a reward is -> its meaning and its shape; a line of the balance likewise.
STAGES: Final = {
    "expected": ("wait", "g-dots"),
    "approved": ("wait", "g-half"),
    "on_its_way": ("wait", "g-most"),
    "paid": ("good", "g-good"),
    "not_paid": ("calm", "g-no"),
}
#: The state of a dispute or claim likewise.
TALKS: Final = {
    **dict.fromkeys(("open", "appealed"), ("wait", "g-half")),
    **dict.fromkeys(("upheld", "won", "split"), ("good", "g-ok")),
    **dict.fromkeys(("dismissed", "lost", "none", "withdrawn"), ("calm", "g-no")),
}
SHAPES: Final = {**STAGES, "payable": ("wait", "g-most"), "credit": ("good", "g-ok"), "owed_back": ("look", "g-look")}
_CHECKED: Final = ("flags", "conversion_conflict", "refund_exceeds", "refund_conflict", "held")
#: What a reward waits for -> its sentence. Of what was noticed, and of how many look at it, nobody is told whom it is about.
HOLDS: Final = {
    "hold_period": "time",
    **dict.fromkeys((f"case_{kind}" for kind in _CHECKED), "checking"),
    **dict.fromkeys(("request", "review", "second_person", "second_rejection"), "checking"),
    "case_chargeback": "chargeback",
    "case_bank_line": "bank",
    "case_suspended": "suspended",
    "contested": "contested",
    "payee_missing": "details",
    **dict.fromkeys(("payee_asked", "payee_refused"), "doubted"),
    "tax_form": "tax_form",
    "not_due": "due",
    **dict.fromkeys(("payout", "release", "second_release"), "next"),
    "payout_minimum": "minimum",
    "on_its_way": "way",
    "rail_asked": "asked",
}
#: Refusals of which something is said that could change them; of the others one asks.
CHANGES: Final = frozenset(
    {"below_minimum", "not_paid", "terms_missing", "unverified_lead", "conversion_conflict", "not_first"}
)


def waits(holds: Sequence[str]) -> list[str]:
    """Return what a reward waits for, in the words of whom it is for, each once: of what was noticed they are not told."""
    return list(dict.fromkeys(words.portal(f"own.hold.{HOLDS[code]}") for code in holds))


def change(refusal: str, workspace: str) -> str:
    """Return what could change that an order brought nothing."""
    return words.portal(f"own.no.{refusal if refusal in CHANGES else 'other'}", workspace=workspace)


def from_source(source: str, workspace: str) -> str:
    """Return who said something: the company, a page of theirs, somebody there, oneself; another system of theirs by its name."""
    code = source if source in SOURCES else "system"
    return words.portal(f"own.about_me.from.{code}", workspace=workspace, system=source)


def local(at: int, zone: str) -> str:
    """Return in words the day of a zone in which an instant lies."""
    return words.day(calendar.day_begins(calendar.day(at, zone), "UTC"))


def about(line: Line) -> str:
    """Return a line of the balance in words."""
    if not any(amount for _, amount in line.amounts):
        return words.portal("own.about.none")
    day = local(line.day, line.zone) if line.day is not None else ""
    return catalogue().count(f"portal.own.about.{line.code}", line.count, day=day)


class Templates:
    """The templates of the portal. ``file``: where a style or an icon is."""

    def __init__(self, file: Callable[[str], str]) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters.update(day=words.day, local=local, iso=calendar.text)
        self._environment.globals.update(
            file=file,
            say=words.portal,
            word=catalogue().say,
            declined=words.declined,
            money=words.money,
            once=once,
            looks=LOOKS,
            stages=STAGES,
            talks=TALKS,
            shapes=SHAPES,
            waits=waits,
            change=change,
            about=about,
            from_source=from_source,
        )

    def render(self, name: str, values: Mapping[str, Any]) -> str:
        """Return a page. Raises jinja2.TemplateError for a mistake of ours."""
        return self._environment.get_template(name).render(values)
