"""Templates of the portal: Jinja2 with every text escaped, and a name that nobody gave is an error, never an empty place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from goodword import words
from goodword.app.see.held import SOURCES
from goodword.app.see.own import Brought, Line, Mine
from goodword.core import calendar
from goodword.web.forms import once
from goodword.words.catalogue import catalogue, spoken

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
    **dict.fromkeys(("upheld", "won", "split", "shown"), ("good", "g-ok")),
    **dict.fromkeys(("dismissed", "lost", "none", "withdrawn", "not_shown"), ("calm", "g-no")),
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
    "payout": "next",
    **dict.fromkeys(("release", "second_release"), "release"),
    "payout_minimum": "minimum",
    "on_its_way": "way",
    "rail_asked": "asked",
}
#: What a reward waits for of which nothing is said but what comes next: that is the day itself.
_DAYS: Final = frozenset({"time", "due"})


def nexts(it: Mine, company: str) -> list[str]:
    """Return what comes next with a reward: what it waits for, what ends that, and on which day. ``company``: who is asked."""
    return [*_coming(it, company), *_owed(it)]


def _coming(it: Mine, company: str) -> Iterator[str]:
    if it.when is not None:
        gone = it.when == "due" and "not_due" not in it.holds
        yield words.portal("own.owed.day" if gone else f"own.when.{it.when}", day=words.day_in(it.day or 0, it.zone))
    for group in dict.fromkeys(HOLDS[code] for code in it.holds):
        # Before its day a person looks at each: that somebody does already would say that something was noticed.
        if group not in _DAYS and (group, it.when) != ("checking", "hold"):
            yield words.portal(f"own.hold.{group}")
            # A day by which somebody hears from us is the end of what people look at.
            if it.when not in ("decide", "late") or group not in ("checking", "chargeback", "contested", "suspended"):
                yield _end(it, group, company)
    if it.lapses is not None:
        yield words.portal("own.ends.lapses", day=words.day_in(it.lapses, it.zone))


def from_source(source: str, workspace: str) -> str:
    """Return who said something: the company, a page of theirs, somebody there, oneself; another system of theirs by its name."""
    code = source if source in SOURCES else "system"
    return words.portal(f"own.about_me.from.{code}", workspace=workspace, system=source)


def _end(it: Mine, group: str, company: str) -> str:
    """What ends something that a reward waits for, with the day or the step."""
    if group == "next" and it.run is not None:
        return words.portal("own.ends.next.day", day=words.day_in(it.run, it.zone))
    if group == "minimum" and it.short is not None:
        due, minimum = (words.money(amount, it.reward.unit) for amount in it.short)
        return words.portal("own.ends.minimum.short", due=due, minimum=minimum)
    return words.portal(f"own.ends.{group}", company=company)


def _owed(it: Mine) -> Iterator[str]:
    if it.settled:
        yield words.portal("own.settled")
    if it.receivable:
        yield words.portal("own.owed_back", amount=words.money(it.receivable, it.reward.unit))


def again(it: Brought) -> str:
    """Return what of a friend's can still count, and until when."""
    day = "" if it.until is None else words.day_in(it.until - 1, it.zone)
    return words.portal(f"own.again.{it.next}", day=day)


def zones(items: Iterable[Brought | Line | Mine]) -> str:
    """Return in which zones the days of a page are told; nothing where none is."""
    found = sorted({it.zone for it in items})
    return words.portal("own.zone", zone=", ".join(found)) if found else ""


def about(line: Line) -> str:
    """Return a line of the balance in words."""
    if not any(amount for _, amount in line.amounts):
        return words.portal("own.about.none")
    day = words.day_in(line.day, line.zone) if line.day is not None else ""
    said = catalogue().count(f"portal.own.about.{line.code}", line.count, day=day)
    return words.portal("own.about.least", said=said) if line.least else said


def _word(key: str, **values: object) -> str:
    return catalogue().say(key, **values)


def _word_time(at: int | None) -> str:
    return catalogue().time(at)


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
        self._environment.filters.update(day=words.day, local=words.day_in, iso=calendar.text)
        self._environment.globals.update(
            file=file,
            say=words.portal,
            word=_word,
            lang=spoken,
            word_time=_word_time,
            declined=words.declined,
            money=words.money,
            once=once,
            looks=LOOKS,
            stages=STAGES,
            talks=TALKS,
            shapes=SHAPES,
            nexts=nexts,
            again=again,
            zones=zones,
            about=about,
            from_source=from_source,
        )

    def render(self, name: str, values: Mapping[str, Any]) -> str:
        """Return a page. Raises jinja2.TemplateError for a mistake of ours."""
        return self._environment.get_template(name).render(values)
