"""What the codes of the core mean, for the readers of documentation, API and console: refusals, flags, holds, metrics.

And what pages for staff say in sentences.
"""

from __future__ import annotations

from typing import NamedTuple

from goodword.words.catalogue import catalogue


class Hold(NamedTuple):
    """Why a reward waits, and what ends it."""

    why: str
    ends: str


def refusal(code: str, language: str | None = None) -> str:
    """Return why something is refused."""
    return catalogue(language).say(f"refusal.{code}")


def bank_reason(code: str, language: str | None = None) -> str:
    """Return why a bank did not pay, or gave back, by its code of ISO 20022; the code alone where it is none of the common ones."""
    found = catalogue(language)
    key = f"bank_reason.{code}"
    return f"{code}: {found.say(key)}" if key in found else code


def bank_differs(code: str, language: str | None = None) -> str:
    """Return how a line of a bank is not as its payout is known."""
    return catalogue(language).say(f"bank_differs.{code}")


def flag(code: str, language: str | None = None) -> str:
    """Return what a flag has seen."""
    return catalogue(language).say(f"flag.{code}")


def hold(code: str, language: str | None = None) -> Hold:
    """Return why a reward waits, and what ends it."""
    words = catalogue(language)
    return Hold(words.say(f"hold.{code}.why"), words.say(f"hold.{code}.ends"))


def decline(code: str, language: str | None = None) -> str:
    """Return what a reason to decline a deal is called, for members."""
    return catalogue(language).say(f"decline.{code}")


def declined(code: str, language: str | None = None) -> str:
    """Return what the partner is told of a deal that was declined for a reason."""
    return catalogue(language).say(f"declined.{code}")


def accepted(language: str | None = None) -> str:
    """Return what the partner is told of a deal that was accepted."""
    return catalogue(language).say("done.command.deal_accepted")


def metric(code: str, language: str | None = None) -> str:
    """Return what a figure of the overview counts; what its amount is."""
    return catalogue(language).say(f"metric.{code}")


class Measure(NamedTuple):
    """What a measure is called, and by which formula it is made; of one that is absent: why."""

    title: str
    formula: str


def measure(code: str, language: str | None = None) -> Measure:
    """Return what a measure is called and how it is made. Raises KeyError for one that there is not."""
    found = catalogue(language)
    return Measure(found.say(f"measure.{code}"), found.say(f"measure.{code}.formula"))


def measurement(code: str, language: str | None = None) -> str:
    """Return what a measurement event tells. Raises KeyError for one that there is not."""
    return catalogue(language).say(f"measurement.{code}")


def took(seconds: int) -> str:
    """Return a duration that is rounded down, in its largest units: ``3 d 4 h``, ``12 min``, ``5 s``."""
    days, hours, minutes = seconds // 86_400, seconds % 86_400 // 3_600, seconds % 3_600 // 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    return f"{hours} h" if hours else f"{minutes} min" if minutes else f"{seconds} s"


def notice(code: str, language: str | None = None) -> str:
    """Return what a type of notice tells."""
    return catalogue(language).say(f"notice.{code}")


def money(amount: int, unit: str, language: str | None = None) -> str:
    """Return an amount in minor units or points: ``12.50 EUR`` for 1250 EUR. For people, never parsed again."""
    return catalogue(language).money(amount, unit)


def tax(jurisdiction: str, language: str | None = None) -> str:
    """Return what a jurisdiction is called in which payments are reported. Raises KeyError for one that there is not."""
    return catalogue(language).say(f"tax.{jurisdiction}")


def tax_form(form: str, language: str | None = None) -> str:
    """Return what a tax form is called. Raises KeyError for one that there is not."""
    return catalogue(language).say(f"tax_form.{form}")


def page(code: str, language: str | None = None, /, **values: object) -> str:
    """Return a sentence of the console, such as ``empty.rewards.title``. Raises KeyError for one that there is not."""
    return catalogue(language).say(f"console.{code}", **values)


def portal(code: str, language: str | None = None, /, **values: object) -> str:
    """Return a sentence of the pages for partners, such as ``gone.title``. Raises KeyError for one that there is not."""
    return catalogue(language).say(f"portal.{code}", **values)


def day(at: int, language: str | None = None) -> str:
    """Return the day of UTC in which an instant lies: ``29 December 2026``."""
    return catalogue(language).day(at)


def counted(code: str, number: int, language: str | None = None, /, **values: object) -> str:
    """Return a sentence of the console in the form that suits a number. Raises KeyError for one that there is not."""
    return catalogue(language).count(f"console.{code}", number, **values)


def page_or_none(code: str, language: str | None = None) -> str | None:
    """Return the same; None where there is none, such as for what an address says."""
    try:
        return page(code, language)
    except KeyError:
        return None
