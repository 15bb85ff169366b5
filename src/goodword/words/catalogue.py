"""What a language says: its messages by key, and how it writes money, instants, durations and counts.

It is a gettext catalogue, ``catalogues/<language>.po``, compiled beside it. What a language lacks is said in English.
Must not know: what a verdict is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations
from pathlib import Path

from goodword.core import calendar, money

ENGLISH = "en"
FOLDER = Path(__file__).parent / "catalogues"

_SPOKEN: ContextVar[str] = ContextVar("language", default=ENGLISH)
_DURATIONS = {"m": "figure.minutes", "h": "figure.hours", "d": "figure.days"}


class UnknownLanguageError(LookupError):
    """There is no catalogue of the language; the text names those that there are."""


def languages() -> tuple[str, ...]:
    """Return the languages that have a catalogue, English among them."""
    return _languages(FOLDER)


@cache
def _languages(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in folder.glob("*.mo")))


def spoken() -> str:
    """Return the language that is spoken where a caller names none."""
    return _SPOKEN.get()


def speak(language: str) -> None:
    """Let a language be spoken from now on, in this task or thread and what it begins: a request of a page for people says so once."""
    _SPOKEN.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language for a while."""
    before = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def near(tags: Iterable[str | None]) -> str | None:
    """Return the first language that there are words in, of tags of BCP 47 in the order in which they are liked, or None."""
    known = languages()
    found = (one for tag in tags if tag and (one := tag.replace("_", "-").partition("-")[0].lower()) in known)
    return next(found, None)


def catalogue(language: str | None = None) -> Catalogue:
    """Return the catalogue of a language, or of the one that is spoken. Raises UnknownLanguageError."""
    return opened(spoken() if language is None else language)


@cache
def opened(language: str) -> Catalogue:
    """Return the catalogue of a language, read once. Raises UnknownLanguageError."""
    if language not in languages():
        raise UnknownLanguageError(f"there are no words in {language!r}; there are some in {', '.join(languages())}")
    with (FOLDER / f"{language}.mo").open("rb") as file:
        messages = GNUTranslations(file)
    if language != ENGLISH:
        messages.add_fallback(opened(ENGLISH).messages)
    return Catalogue(messages, language)


class Catalogue:
    """The words of one language."""

    def __init__(self, messages: GNUTranslations, language: str) -> None:
        self.messages = messages
        self.language = language

    def __contains__(self, key: str) -> bool:
        """Whether there is such a message; it may be one in English."""
        return self.messages.gettext(key) != key

    def say(self, key: str, /, **values: object) -> str:
        """Return the message with its values. Raises KeyError for a key that English lacks."""
        text = self.messages.gettext(key)
        if text == key:
            raise KeyError(key)
        return text.format(**values)

    def count(self, key: str, number: int, /, **values: object) -> str:
        """Return the message in the form that suits a number, which is its value ``number``. Raises KeyError likewise."""
        text = self.messages.ngettext(key, key, number)
        if text == key:
            raise KeyError(key)
        return text.format(number=number, **values)

    def part(self, key: str, /, *, of: bool, **values: object) -> str:
        """Return a message that is a part of another, or nothing."""
        return self.say(key, **values) if of else ""

    def word(self, family: str, code: str) -> str:
        """Return a code as a word, such as ``status`` and ``paid``; a code that has none stays as it is."""
        key = f"{family}.{code}"
        return self.say(key) if key in self else code

    # --- figures ------------------------------------------------------------------------------------------------------

    def decimal(self, text: str) -> str:
        """Return a figure from its text with a point: ``-12.50``."""
        sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
        whole, point, part = digits.partition(".")
        if not point:
            return self.say("figure.whole", sign=sign, whole=whole)
        return self.say("figure.decimal", sign=sign, whole=whole, part=part)

    def money(self, amount: int | None, unit: str | None) -> str:
        """Return an amount in minor units or points; bare without a unit, which only an invoice that never had an amount lacks."""
        if amount is None:
            return self.say("figure.no_amount")
        if not unit:
            return str(amount)
        if unit.startswith(money.POINTS):
            return self.count("figure.points", amount)
        return self.say("figure.money", figure=self.decimal(money.decimal(amount, unit)), unit=unit)

    def time(self, at: int | None) -> str:
        """Return an instant in UTC, to the microsecond where it has any; None never comes."""
        if at is None:
            return self.say("figure.never")
        date, _, clock = calendar.text(at).removesuffix("Z").partition("T")
        year, month, day = date.split("-")
        hour, minute, seconds = clock.split(":")
        second, point, digits = seconds.partition(".")
        return self.say(
            "figure.time",
            year=year,
            month=month,
            day=day,
            hour=hour,
            minute=minute,
            second=second,
            fraction=point + digits,
        )

    def day(self, at: int) -> str:
        """Return the day of UTC in which an instant lies, as people write it, for whom the hour says nothing."""
        year, month, day = calendar.text(at).partition("T")[0].split("-")
        return self.say("figure.day", day=int(day), month=self.word("month", str(int(month))), year=year)

    def duration(self, text: str | None) -> str:
        """Return a duration such as ``30d``; None is one without end."""
        return self.say("figure.open") if text is None else self.count(_DURATIONS[text[-1]], int(text[:-1]))

    def named(self, values: Mapping[str, object]) -> str:
        """Return all values as ``name value``, for steps whose values speak for themselves."""
        return self.listed(
            [self.say("figure.named", name=self.word("value", name), value=self._bare(v)) for name, v in values.items()]
        )

    def listed(self, parts: Sequence[str]) -> str:
        """Several things, one behind the other."""
        text = parts[0] if parts else ""
        for part in parts[1:]:
            text = self.say("figure.list", before=text, last=part)
        return text

    def _bare(self, value: object) -> str:
        if value is None:
            return self.say("figure.none")
        if isinstance(value, bool):
            return self.say("figure.true" if value else "figure.false")
        return str(value)
