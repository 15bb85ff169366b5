"""What a person reads of their own beside the sentence of a verdict: what could change a no, how an amount came, how far they are.

Of an order somebody reads no more than their reward says anyway: the sum of a friend's order only where the reward is a part of it
that can be reckoned back. Budgets, flags and other people are never told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from msgspec import Struct

from goodword.core import calendar, money
from goodword.core.decision import Step, Verdict
from goodword.core.rules import Conversion, Limit, Reward, amount_in
from goodword.core.state import Used
from goodword.words import terms
from goodword.words.catalogue import Catalogue, catalogue

#: Limits of a period, the last of which is the one that refused.
_LIMITS: Final = ("limit", "limit_amount")


class Came(Struct, frozen=True):
    """How an amount came: in one sentence, and step by step in the order in which it was worked out."""

    short: str
    steps: tuple[str, ...]


def day_in(at: int, zone: str, language: str | None = None) -> str:
    """Return in words the day of a zone in which an instant lies."""
    return catalogue(language).day(calendar.day_begins(calendar.day(at, zone), "UTC"))


def could_change(verdict: Verdict, at: int, zone: str, company: str, language: str | None = None) -> str:
    """Return what could change a refusal, with the day or the step; where nothing can, it says so.

    ``at``: when what was refused happened; ``zone``: the one by which the rules reckon days; ``company``: who is asked.
    """
    words, refusal = catalogue(language), str(verdict.refusal)
    if f"next.{refusal}" not in words:
        return words.say("next")  # as the sentence of the refusal: it concerns people of the company only
    more, figures = _dated(words, verdict, at, zone)
    return words.say(f"next.{refusal}{more}", company=company, **figures)


def _dated(words: Catalogue, verdict: Verdict, at: int, zone: str) -> tuple[str, Mapping[str, str]]:
    """Return which of the texts of a refusal it is, and its figures, by the steps of the verdict."""
    steps = {step.code: step.values for step in verdict.steps}
    match verdict.refusal:
        case "count_cap_reached" | "amount_cap_reached":
            per = next((step.values["per"] for step in reversed(verdict.steps) if step.code in _LIMITS), "ever")
            return ("", {"day": words.day(_after(at, per, zone))}) if per != "ever" else (".ever", {})
        case "below_minimum" if "minimum" in steps:
            return "", {"minimum": words.money(steps["minimum"]["minimum"], steps["minimum"]["unit"])}
        case "outside_conversion_window" if "conversion_window" in steps:
            it = steps["conversion_window"]
            return "", {"day": day_in(it["lead_at"] + calendar.duration(it["window"]) - 1, zone, words.language)}
        case "not_first" if "place" in steps:
            return "", {"day": day_in(steps["place"]["first_at"], zone, words.language)}
        case "recurring_ended" if "place" in steps and steps["place"]["months"] is not None and "payments" not in steps:
            it = steps["place"]
            return "", {
                "day": day_in(calendar.add_months(it["first_at"], it["months"], zone) - 1, zone, words.language)
            }
        case "offer_over" if "offer_times" in steps:
            return "", {"day": day_in(steps["offer_times"]["until"] - 1, zone, words.language)}
        case "beneficiary_not_active" | "advocate_not_active" if steps.get("advocate", {}).get("status") == "suspended":
            return ".suspended", {}
        case refusal:
            return (".undated" if f"next.{refusal}.undated" in words else ""), {}


def _after(at: int, per: str, zone: str) -> int:
    """Return the first day behind the period that holds an instant, as its midnight in UTC."""
    _, last, months = calendar.days(at, per, zone)
    if last.endswith("-31"):  # of a month, whether it has that day or not
        return calendar.add_months(calendar.day_begins(f"{months[-1]}-01", "UTC"), 1, "UTC")
    return calendar.day_begins(last, "UTC") + calendar.DAY


# --- how an amount came -----------------------------------------------------------------------------------------------


def came(verdict: Verdict, *, own: bool, language: str | None = None) -> Came | None:
    """Return how the amount of a reward came, for whom it is; None for a verdict that worked none out.

    ``own``: the order is the reader's own, so that nothing of it is withheld.
    """
    words = catalogue(language)
    steps = {step.code: step.values for step in verdict.steps}
    if "price" not in steps or verdict.unit is None:
        return None
    price = _Price(words, steps, verdict, own=own)
    return Came(price.short(), tuple(price.told()))


class _Price:
    """A price, step by step."""

    def __init__(self, words: Catalogue, steps: Mapping[str, Any], verdict: Verdict, *, own: bool) -> None:
        self._words, self._steps, self._all = words, steps, verdict.steps
        self._unit, self._amount = str(verdict.unit), verdict.amount or 0
        self._it: Mapping[str, Any] = steps["price"]
        self._own = own
        base, percent = self._it["base"], self._it.get("percent")
        self._exact = None if base is None or percent is None else Fraction(percent) * Fraction(base) / 100
        #: whether the reward says what the order came to, so that nothing is given away by it
        whole = self._exact is not None and round(self._exact) == self._it["earns"] and "ceiling" not in steps
        self._shows = own or (whole and (self._amount == self._it["earns"] or "share" in steps))

    def short(self) -> str:
        """Return what it is, in one sentence."""
        amount = self._money(self._amount)
        return self._words.say("came", figure=self._figure(), amount=amount)

    def told(self) -> Iterator[str]:
        """Yield the steps."""
        yield from self._base()
        yield from self._rate()
        yield from self._bounds()
        yield self._words.say("came.so", amount=self._money(self._amount))

    def _figure(self) -> str:
        it, words = self._it, self._words
        if "rates" in it:
            return words.say(
                "came.figure.rates", percents=words.listed([words.decimal(percent) for percent, _ in it["rates"]])
            )
        if "percent" in it:
            return words.say("came.figure.percent", percent=words.decimal(it["percent"]), which=self._which())
        return words.say("came.figure.flat", amount=self._money(it.get("flat", it.get("points"))))

    def _base(self) -> Iterator[str]:
        it, words = self._it, self._words
        back = "given_back" if it["refunded"] else "whole"
        if "percent" not in it and "rates" not in it:
            if it["refunded"]:
                yield words.say("came.base.flat.given_back")
            return
        if self._shows:
            figures = {"amount": self._in_currency(it["base"]), "refunded": self._in_currency(it["refunded"])}
            yield words.say(f"came.base.{back}", which=self._which(), **figures)
        else:
            yield words.say(f"came.base.withheld.{back}", which=self._which())

    def _which(self) -> str:
        of = self._steps.get("base", {}).get("of")
        return self._words.say("came.order" if of is None else f"rules.base.{of}")

    def _rate(self) -> Iterator[str]:
        it, words, steps = self._it, self._words, self._steps
        yield words.say("came.rate", figure=self._figure())
        if (agreement := steps.get("agreement")) is not None and agreement["own"]:
            yield words.say("came.agreed", version=agreement["version"])
        if "kept" in it:
            of = "tier" if "from_kept" in it else "none"
            yield words.count(f"came.kept.{of}", it["kept"], least=it.get("from_kept"))
        if (age := steps.get("age")) is not None:
            yield words.count("came.age", age["months"])
        if self._shows and self._exact is not None and self._exact.denominator != 1:
            yield words.say("came.rounded", exact=self._decimal(self._exact))

    def _bounds(self) -> Iterator[str]:
        it, words, steps = self._it, self._words, self._steps
        if "cap" in it:
            yield words.say("came.cap", cap=self._money(it["cap"]))
        if "discount" in it:
            yield words.say("came.discount", discount=self._money(it["discount"]))
        if it["minimum"] is not None and it["refunded"] and not it["earns"]:
            yield words.say("came.minimum", minimum=self._in_currency(it["minimum"]))
        if (share := steps.get("share")) is not None:
            _, numerator, denominator = share["of"][share["index"]]
            yield words.say("came.share", numerator=numerator, denominator=denominator)
        yield from map(self._limit, (step for step in self._all if step.code in _LIMITS))
        if "ceiling" in steps:
            yield words.say("came.ceiling", left=self._money(steps["ceiling"]["left"]))

    def _limit(self, step: Step) -> str:
        it, words = step.values, self._words
        period = words.say(f"came.per.{it['per']}", period=it["period"])
        if step.code == "limit":
            return words.count("came.limit", it["count"], used=it["used"], period=period)
        figures = {name: words.money(it[name], it["unit"]) for name in ("amount", "left")}
        return words.say("came.limit_amount", period=period, **figures)

    def _money(self, amount: int | None) -> str:
        return self._words.money(amount, self._unit)

    def _in_currency(self, amount: int | str | None) -> str:
        """An amount of the order, which may be a fraction of a minor unit, such as ``7/3``, to the nearest one."""
        return self._words.money(None if amount is None else round(Fraction(amount)), self._it["currency"])

    def _decimal(self, exact: Fraction) -> str:
        """A fraction of minor units as a figure with its unit, to eight places where it has no end."""
        places = money.CURRENCIES.get(self._unit, 0)
        figure = Decimal(exact.numerator) / Decimal(exact.denominator) / 10**places
        return self._words.say(
            "figure.money", figure=self._words.decimal(f"{round(figure, 8).normalize():f}"), unit=self._unit
        )


# --- how far somebody is ----------------------------------------------------------------------------------------------


def toward_tier(rule: Conversion, reward: Reward, have: int, language: str | None = None) -> str:
    """Return how far somebody who keeps so many is to the next tier of a reward, and what it gives; the highest, what it gives."""
    words = catalogue(language)
    reached = [tier for tier in reward.tiers if tier.from_kept <= have]
    left = [tier for tier in reward.tiers if tier.from_kept > have]
    tier = left[0] if left else reached[-1]
    figure = terms.figure(words, tier, rule)
    return words.count("toward.tier" if left else "toward.top", tier.from_kept, have=have, on=rule.on, figure=figure)


def badge(kind: str, number: int, language: str | None = None) -> str:
    """Return what a badge is for: so many orders that counted (``counted``), or months in a row with one (``steady``)."""
    return catalogue(language).count(f"badge.{kind}", number)


def within(
    rule: Conversion, limit: Limit, used: Used, now: int, zone: str, language: str | None = None
) -> Iterator[str]:
    """Yield what of a limit's period somebody used, and when it is counted anew."""
    words = catalogue(language)
    per = words.say(f"toward.per.{limit.per}")
    anew = "" if limit.per == "ever" else words.say("toward.anew", day=words.day(_after(now, limit.per, zone)))
    if limit.count is not None:
        said = words.count("toward.count", limit.count, used=used.count, on=rule.on, per=per)
        yield words.say("toward.limit", said=said, anew=anew).rstrip()
    for unit, amount in sorted(used.amounts.items()):
        most = None if limit.amount is None else amount_in(limit.amount, unit)
        if most is not None:
            figures = {"used": words.money(amount, unit), "most": words.money(most, unit)}
            said = words.say("toward.amount", on=rule.on, per=per, **figures)
            yield words.say("toward.limit", said=said, anew=anew).rstrip()
