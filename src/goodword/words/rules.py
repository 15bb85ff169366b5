"""A rule file in words: under each heading the sentences that hold, and between two versions those that were said in one alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from msgspec import Struct

from goodword.core.kinds.conditions import Condition
from goodword.core.rules import ANY, Conversion, Reward, Rules
from goodword.words.catalogue import Catalogue, catalogue


class Heading(Struct, frozen=True):
    """What the rules say about one matter. ``code``: what it is about."""

    code: str
    title: str
    sentences: list[str]


class Changed(Struct, frozen=True):
    """A sentence that two versions do not share. ``before`` None: it is new; ``after`` None: it is gone."""

    title: str
    before: str | None
    after: str | None


def told(rules: Rules, language: str | None = None) -> list[Heading]:
    """Return rules in words, in the order of what happens. Raises UnknownLanguageError."""
    words = catalogue(language)
    by: dict[str, list[str]] = {}
    for code, sentence in _sentences(words, rules):
        by.setdefault(code, []).append(sentence)
    return [Heading(code, words.say(f"rules.{code}"), sentences) for code, sentences in by.items()]


def changes(before: Rules, after: Rules, language: str | None = None) -> list[Changed]:
    """Return what changed between two versions: of a heading what was said and what is said instead, in order."""
    old, new = ({one.code: one for one in told(rules, language)} for rules in (before, after))
    found: list[Changed] = []
    for code in dict.fromkeys([*old, *new]):
        was = old[code].sentences if code in old else []
        now = new[code].sentences if code in new else []
        gone, come = [one for one in was if one not in now], [one for one in now if one not in was]
        title = (new.get(code) or old[code]).title
        found += [Changed(title, *both) for both in zip_longest(gone, come)]
    return found


def _sentences(words: Catalogue, rules: Rules) -> Iterator[tuple[str, str]]:
    touch = rules.attribution
    yield "who", words.say("rules.who.terms" if rules.requires_terms else "rules.who.any")
    yield "touch", words.say(f"rules.touch.{touch.touch}", window=_duration(words, touch.window))
    yield "touch", words.say("rules.touch.code")
    yield "touch", words.say(f"rules.touch.same_{touch.same_person}")
    yield "new", words.say("rules.new.only" if rules.new_customers_only else "rules.new.any")
    yield "new", words.say("rules.new.shared" if rules.shares_customers else "rules.new.bound")
    for one in rules.conversions:
        yield from _conversion(words, one)
    if rules.budget is not None:
        yield "budget", words.say("rules.budget.most", amount=_amounts(words, rules.budget))
    yield "hold", words.say("rules.hold.for", hold=_duration(words, rules.hold))
    if rules.expires_after is not None:
        yield "hold", words.say("rules.hold.expires", after=_duration(words, rules.expires_after))
    yield "review", words.say("rules.review.always")
    if rules.review.over is not None:
        yield "review", words.say("rules.review.over", amount=_amounts(words, rules.review.over))
    if rules.review.two_people_over is not None:
        yield "review", words.say("rules.review.two", amount=_amounts(words, rules.review.two_people_over))
    if rules.review.just_before:
        yield "review", words.count("rules.review.just_before", rules.review.just_before)
    if (pace := rules.review.velocity) is not None:
        yield "review", words.say("rules.review.velocity", count=pace.count, per=words.say(f"rules.per.{pace.per}"))
    net = rules.payouts.net if rules.payouts.net is not None else {"month": 15, "week": 1}.get(rules.payouts.every, 0)
    yield "paid", words.say(f"rules.paid.{rules.payouts.every}", net=net)
    if rules.payout_minimum is not None:
        yield "paid", words.say("rules.paid.minimum", amount=_amounts(words, rules.payout_minimum))
    if rules.credit.expires is not None:
        yield "paid", words.say("rules.paid.credit", after=_duration(words, rules.credit.expires))
    yield "claims", words.say(f"rules.claims.{rules.claims.lost_after_payment}")
    yield "claims", words.say("rules.claims.appeal", within=_duration(words, rules.claims.appeal_within))
    yield "file", words.say("rules.file.calendar", zone=rules.timezone)
    yield "file", words.say("rules.file.currencies", currencies=_currencies(words, rules))
    if rules.landing_url is not None:
        yield "file", words.say("rules.file.landing", url=rules.landing_url)
    yield from _sharing(words, rules)
    if rules.entity is not None:
        yield "file", words.say("rules.file.entity", entity=rules.entity)


def _sharing(words: Catalogue, rules: Rules) -> Iterator[tuple[str, str]]:
    if rules.sharing.landing == "page":
        yield "file", words.say("rules.file.page")
    for it in rules.sharing.texts:
        yield "file", words.say("rules.file.text", name=it.name, text=it.text)
    if rules.sharing.join == "open":
        yield "file", words.say(f"rules.file.join.{rules.sharing.joiners}")
    if (by := rules.enrol) is not None:
        yield "file", words.say("rules.file.enrol", on=by.on, nth=by.nth, consent=by.consent)
        for condition in by.conditions:
            yield "file", words.say("rules.file.enrol.condition", condition=_condition(words, condition))
    if rules.sharing.colour is not None:
        yield "file", words.say("rules.file.colour", colour=rules.sharing.colour)


def _conversion(words: Catalogue, rule: Conversion) -> Iterator[tuple[str, str]]:
    on, counts = rule.on, rule.counts
    which = "first"
    if counts.months is not None or counts.payments is not None:
        which = "both" if counts.months and counts.payments else "months" if counts.months else "payments"
    yield "counts", words.say(f"rules.counts.{which}", on=on, months=counts.months, payments=counts.payments)
    if rule.window is not None:
        yield "counts", words.say("rules.counts.window", on=on, window=_duration(words, rule.window))
    if rule.minimum is not None:
        yield "counts", words.say("rules.counts.minimum", on=on, amount=_amounts(words, rule.minimum))
    for condition in rule.conditions:
        yield "counts", words.say("rules.counts.condition", on=on, condition=_condition(words, condition))
    for reward in rule.rewards:
        yield from _reward(words, rule, reward)


def _reward(words: Catalogue, rule: Conversion, reward: Reward) -> Iterator[tuple[str, str]]:
    who, base = words.say(f"rules.side.{reward.side}"), rule.base or "goods"
    said: dict[str, Any] = {"who": who, "on": rule.on, "kind": words.say(f"rules.kind.{reward.kind}")}
    yield "earned", words.say("rules.earned.gets", **said, figure=_figure(words, reward, base))
    if reward.valid is not None:
        yield "earned", words.say("rules.earned.valid", **said, valid=_duration(words, reward.valid))
    if reward.hold is not None:
        yield "hold", words.say("rules.hold.own", **said, hold=_duration(words, reward.hold))
    if reward.instant_up_to is not None:
        yield "hold", words.say("rules.hold.instant", **said, amount=_amounts(words, reward.instant_up_to))
    for rate in reward.rates:
        named = words.listed([*rate.product, *rate.brand])
        yield "earned", words.say("rules.earned.rate", **said, percent=rate.percent, named=named)
    for tier in reward.tiers:
        figure = _figure(words, tier, base)
        yield "earned", words.say("rules.earned.tier", **said, figure=figure, kept=tier.from_kept)
    for later in reward.later:
        figure = _figure(words, later, base)
        yield "earned", words.say("rules.earned.later", **said, figure=figure, months=later.after_months)
    if reward.cap is not None:
        yield "earned", words.say("rules.earned.cap", **said, amount=_amounts(words, reward.cap))
    for limit in reward.limits:
        per = words.say(f"rules.per.{limit.per}")
        if limit.count is not None:
            yield "limits", words.say("rules.limits.count", **said, count=limit.count, per=per)
        if limit.amount is not None:
            yield "limits", words.say("rules.limits.amount", **said, amount=_amounts(words, limit.amount), per=per)


def _figure(words: Catalogue, of: Any, base: str) -> str:
    """What a reward, a tier or a later figure gives."""
    if of.percent is not None:
        return words.say(
            "rules.figure.percent", percent=words.decimal(of.percent), base=words.say(f"rules.base.{base}")
        )
    if of.points is not None:
        return words.count("figure.points", of.points)
    return _amounts(words, of.flat or {})


def _condition(words: Catalogue, it: Condition) -> str:
    kind = str(it.__struct_config__.tag)
    values = {name: getattr(it, name) for name in it.__struct_fields__}
    named = {
        name: words.listed(list(value)) if isinstance(value, tuple) else value
        for name, value in values.items()
        if value not in (None, False)
    }
    return words.say("rules.condition", kind=kind, values=words.named(named))


def _amounts(words: Catalogue, amounts: Mapping[str, int]) -> str:
    """Amounts by currency, one beside the other."""
    return words.listed(
        [
            words.say("rules.any_currency", minor=amount) if unit == ANY else words.money(amount, unit)
            for unit, amount in amounts.items()
        ]
    )


def _currencies(words: Catalogue, rules: Rules) -> str:
    if rules.currencies == ANY:
        return words.say("rules.all_currencies")
    return words.listed(list(rules.currencies or (rules.currency,)))


def _duration(words: Catalogue, text: str) -> str:
    """A duration such as ``30d`` in whole words."""
    return words.count(f"rules.duration.{text[-1]}", int(text[:-1]))
