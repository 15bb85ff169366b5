"""A program's terms, as advocates and friends read them: in three lines, in whole, and by examples that were really decided.

Every rule that executes has its sentence and no other rule has one. Figures by which a person is asked to look closer are the company's
alone: that it is so is said, the figure is not (docs/decisions/0116).
Must not know: how an example was decided, where terms are kept or shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from goodword.core import canonical
from goodword.core.decision import Verdict
from goodword.core.kinds.conditions import CHOOSING, Condition
from goodword.core.kinds.conditions.amount import Amount
from goodword.core.kinds.conditions.brand import Brand
from goodword.core.kinds.conditions.country import Country
from goodword.core.kinds.conditions.customer import Customer
from goodword.core.kinds.conditions.product import Product
from goodword.core.kinds.conditions.trait import Trait
from goodword.core.kinds.rewards import taken_off
from goodword.core.rules import ANY, Conversion, Reward, Rules
from goodword.words.catalogue import Catalogue, catalogue
from goodword.words.verdicts import sentences

#: Raised when a sentence says otherwise what it said; the digest of terms is over their text, so it is no part of any promise.
EDITION: Final = 1
#: Who somebody is to who reads: the advocate is "you". ``other``: a second advocate.
PEOPLE: Final = ("advocate", "other", "friend")


class Part(Struct, frozen=True):
    """What the terms say about one matter. ``code``: which."""

    code: str
    title: str
    sentences: tuple[str, ...]


class Row(Struct, frozen=True):
    """A day of an example: what happened, and what each person of it has by then. ``day``: from 0, that on which the friend came."""

    day: int
    what: str
    has: tuple[str, ...]
    said: tuple[str, ...] = ()


class Shown(Struct, frozen=True):
    """An example. ``people``: the columns; without rows ``why`` there is none."""

    code: str
    title: str
    people: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    why: str | None = None


class Terms(Struct, frozen=True):
    """The terms of a program by one version of its rules, in one language. ``short``: three lines."""

    edition: int
    language: str
    program: str
    name: str
    short: tuple[str, ...]
    parts: tuple[Part, ...]
    examples: tuple[Shown, ...]


class Has(Struct, frozen=True):
    """What somebody of an example has: minor units or points. ``status``: of the reward; ``sent``: how much of it was sent."""

    who: str
    amount: int
    unit: str
    status: str
    sent: int = 0


class Else(Struct, frozen=True):
    """What is not named. ``sort``: brand or product."""

    sort: str


class Moment(Struct, frozen=True):
    """What happens in an example and what comes of it. ``code``: of its sentence, ``values``: what stands in it."""

    day: int
    code: str
    values: Mapping[str, Any]
    has: tuple[Has, ...]
    verdicts: tuple[tuple[str, Verdict], ...] = ()  # to whom of PEOPLE


class Example(Struct, frozen=True):
    """What was really decided. ``why``: the code of why there is no such example, with ``moments`` empty."""

    code: str
    moments: tuple[Moment, ...] = ()
    why: str | None = None


def told(rules: Rules, examples: Sequence[Example], language: str | None = None) -> Terms:
    """Return the terms of rules, as they are meant (``RuleVersion.means``). Raises UnknownLanguageError."""
    words = catalogue(language)
    by: dict[str, list[str]] = {}
    for code, sentence in _whole(words, rules):
        by.setdefault(code, []).append(sentence)
    return Terms(
        EDITION,
        words.language,
        rules.program,
        rules.name or rules.program,
        (_get(words, rules), _when(words, rules), _not(words, rules)),
        tuple(Part(code, words.say(f"terms.{code}"), tuple(said)) for code, said in by.items()),
        tuple(_shown(words, it, words.language) for it in examples),
    )


def text(terms: Terms) -> str:
    """Return terms as the text that is kept and that their digest is over."""
    return canonical.encode(terms).decode()


def read(kept: str) -> Terms:
    """Return terms from their text. Raises msgspec.ValidationError for another text."""
    return msgspec.json.decode(kept, type=Terms)


def markdown(terms: Terms, version: str, digest: str) -> str:
    """Return terms as a page of Markdown, which reads well as it is. ``version``: the hash of the rules; ``digest``: of the terms."""
    words = catalogue(terms.language)
    lines = [f"# {words.say('terms.title', name=terms.name)}", "", *(f"- {line}" for line in terms.short), ""]
    for part in terms.parts:
        lines += [f"## {part.title}", "", *(f"- {sentence}" for sentence in part.sentences), ""]
    lines += [f"## {words.say('terms.examples')}", "", words.say("terms.examples.about"), ""]
    for one in terms.examples:
        lines += [f"### {one.title}", "", *_table(words, one), ""]
    return "\n".join([*lines, words.say("terms.named", version=version, digest=digest), ""])


def _table(words: Catalogue, one: Shown) -> list[str]:
    if one.why is not None:
        return [one.why]
    head = [words.say("terms.day"), words.say("terms.what"), *one.people]
    rows = [head, ["---"] * len(head), *([str(it.day), it.what, *it.has] for it in one.rows)]
    said = [f"> {line}" for it in one.rows for line in it.said]
    return [*("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows), "", *said]


# --- in three lines ---------------------------------------------------------------------------------------------------


def _get(words: Catalogue, rules: Rules) -> str:
    """What is earned, by whom, for what."""
    each = [
        words.say(
            f"terms.short.{reward.side}", on=rule.on, figure=figure(words, reward, rule), kind=_kind(words, reward)
        )
        for rule in rules.conversions
        for reward in rule.rewards
    ]
    return words.say("terms.short.get", each=_joined(words, each))


def _when(words: Catalogue, rules: Rules) -> str:
    """When it counts and when it is paid."""
    net = _net(rules)
    return words.say(
        "terms.short.when",
        window=_duration(words, rules.attribution.window),
        hold=_wait(words, rules, [reward for rule in rules.conversions for reward in rule.rewards]),
        paid=words.say(f"terms.short.{rules.payouts.every}", days=words.count("rules.duration.d", net)),
    )


def _not(words: Catalogue, rules: Rules) -> str:
    """What is not rewarded."""
    codes = ["self"]
    if rules.new_customers_only:
        codes.append("known")
    codes.append("returned")
    limited = rules.budget is not None or any(
        reward.limits or reward.cap is not None for rule in rules.conversions for reward in rule.rewards
    )
    if limited:
        codes.append("limits")
    return words.say("terms.short.not", each=_joined(words, [words.say(f"terms.short.not_{code}") for code in codes]))


# --- in whole ---------------------------------------------------------------------------------------------------------


def _whole(words: Catalogue, rules: Rules) -> Iterator[tuple[str, str]]:
    yield from _about(words, rules)
    yield "who", words.say("terms.who.accepted" if rules.requires_terms else "terms.who.any")
    if rules.sharing.join == "open":
        yield "who", words.say(f"terms.who.join.{rules.sharing.joiners}")
    if (by := rules.enrol) is not None:
        yield "who", words.say("terms.who.enrol", on=by.on, nth=by.nth, consent=by.consent)
        for condition in by.conditions:
            yield "who", words.say("terms.who.enrol.condition", condition=_condition(words, condition))
    yield "who", words.say("terms.who.own")
    yield "who", words.say("terms.who.stands")
    yield from _friend(words, rules)
    for rule in rules.conversions:
        yield from _conversion(words, rule)
    yield "earned", words.say("terms.earned.shared")
    yield "limits", words.say("terms.limits.currencies", currencies=_currencies(words, rules))
    yield "limits", words.say("terms.limits.currency", currency=rules.currency)
    if rules.budget is not None:
        yield "limits", words.say("terms.limits.budget", amount=_amounts(words, rules.budget))
    yield from _approved(words, rules)
    yield from _paid(words, rules)
    yield from _returned(words, rules)
    yield "disputes", words.say("terms.disputes.why")
    yield "disputes", words.say("terms.disputes.stops")
    yield "disputes", words.say(f"terms.disputes.{rules.claims.lost_after_payment}")
    yield "disputes", words.say("terms.disputes.appeal", within=_duration(words, rules.claims.appeal_within))
    for code in ("say", "honest"):
        yield "duties", words.say(f"terms.duties.{code}")
    for code in ("used", "kept", "erased"):
        yield "data", words.say(f"terms.data.{code}")
    for code in ("keeps", "later", "paused", "ended"):
        yield "changes", words.say(f"terms.changes.{code}")


def _about(words: Catalogue, rules: Rules) -> Iterator[tuple[str, str]]:
    yield "about", words.say("terms.about.program", name=rules.name or rules.program, slug=rules.program)
    if rules.entity is not None:
        yield "about", words.say("terms.about.entity", entity=rules.entity)
    if rules.landing_url is not None:
        yield "about", words.say("terms.about.landing", url=rules.landing_url)
    if rules.sharing.landing == "page":
        yield "about", words.say("terms.about.page")
    for it in rules.sharing.texts:
        yield "about", words.say("terms.about.text", name=it.name, text=it.text)
    if rules.sharing.colour is not None:
        yield "about", words.say("terms.about.colour", colour=rules.sharing.colour)
    if rules.messages.topics:
        topics = words.listed([words.word("topic", it) for it in rules.messages.topics])
        yield "about", words.say("terms.about.messages", topics=topics)
    if rules.messages.topics and (quiet := rules.messages.quiet) is not None:
        yield "about", words.say("terms.about.quiet", begins=quiet.begins, ends=quiet.ends)
    yield "about", words.say("terms.about.calendar", zone=rules.timezone)


def _friend(words: Catalogue, rules: Rules) -> Iterator[tuple[str, str]]:
    touch = rules.attribution
    yield "friend", words.say(f"terms.friend.{touch.touch}", window=_duration(words, touch.window))
    yield "friend", words.say("terms.friend.code")
    yield "friend", words.say("terms.friend.new" if rules.new_customers_only else "terms.friend.known")
    yield "friend", words.say("terms.friend.elsewhere" if rules.shares_customers else "terms.friend.once")
    yield "friend", words.say(f"terms.friend.{touch.same_person}")


def _conversion(words: Catalogue, rule: Conversion) -> Iterator[tuple[str, str]]:
    on, counts = rule.on, rule.counts
    which = "first"
    if counts.months is not None or counts.payments is not None:
        which = "both" if counts.months and counts.payments else "months" if counts.months else "payments"
    months = words.count("terms.months", counts.months) if counts.months else ""
    yield "counts", words.say(f"terms.counts.{which}", on=on, months=months, payments=counts.payments)
    if rule.window is not None:
        yield "counts", words.say("terms.counts.window", on=on, window=_duration(words, rule.window))
    if rule.minimum is not None:
        yield "counts", words.say("terms.counts.minimum", on=on, amount=_amounts(words, rule.minimum))
    for condition in rule.conditions:
        yield "counts", words.say("terms.counts.condition", on=on, condition=_condition(words, condition))
        if isinstance(condition, CHOOSING):
            yield "counts", words.say("terms.counts.lines")
    for reward in rule.rewards:
        yield from _reward(words, rule, reward)


def _reward(words: Catalogue, rule: Conversion, reward: Reward) -> Iterator[tuple[str, str]]:
    kind = _kind(words, reward)
    yield "earned", words.say(f"terms.earned.{reward.side}", on=rule.on, figure=figure(words, reward, rule), kind=kind)
    what = {"on": rule.on, "kind": kind, "who": words.say(f"terms.people.{reward.side}")}
    if reward.percent is not None:
        yield "earned", words.say("terms.earned.rounded")
    if taken_off(reward.kind):
        yield "earned", words.say("terms.earned.welcome", valid=_duration(words, reward.valid or "0d"))
    for rate in reward.rates:
        named = _either(words, [*rate.product, *rate.brand])
        yield "earned", words.say("terms.earned.rate", **what, percent=words.decimal(rate.percent), named=named)
    for tier in reward.tiers:
        yield "earned", words.say("terms.earned.tier", **what, figure=figure(words, tier, rule), kept=tier.from_kept)
    if reward.tiers:
        counted = reward.tiers_count
        named = _either(words, counted) if isinstance(counted, tuple) else ""
        yield "earned", words.say("terms.earned.tiers_count" if named else "terms.earned.tiers_all", named=named)
    for later in reward.later:
        months = words.count("terms.months", later.after_months)
        yield "earned", words.say("terms.earned.later", **what, figure=figure(words, later, rule), months=months)
    if reward.cap is not None:
        yield "limits", words.say("terms.limits.cap", **what, amount=_amounts(words, reward.cap))
    for limit in reward.limits:
        per = words.say(f"terms.per.{limit.per}")
        if limit.count is not None:
            yield (
                "limits",
                words.say("terms.limits.count", **what, rewards=words.count("terms.rewards", limit.count), per=per),
            )
        if limit.amount is not None:
            yield "limits", words.say("terms.limits.amount", **what, amount=_amounts(words, limit.amount), per=per)


def _approved(words: Catalogue, rules: Rules) -> Iterator[tuple[str, str]]:
    yield "approved", words.say("terms.approved.person")
    if rules.hold[:-1] != "0":
        yield "approved", words.say("terms.approved.hold", hold=_duration(words, rules.hold))
    for rule in rules.conversions:
        for reward in rule.rewards:
            yield from _own_hold(words, rule, reward)
    review = rules.review
    yield "approved", words.say("terms.approved.due", days=words.count("rules.duration.d", review.due_days))
    if rules.expires_after is not None:
        yield "approved", words.say("terms.approved.expires", after=_duration(words, rules.expires_after))
    if review.over is not None:
        yield "approved", words.say("terms.approved.over")
    if review.two_people_over is not None:
        yield "approved", words.say("terms.approved.two")
    if review.velocity is not None:
        yield "approved", words.say("terms.approved.velocity")
    if review.just_before:
        yield "approved", words.say("terms.approved.just_before")
    yield "approved", words.say("terms.approved.closer")


def _own_hold(words: Catalogue, rule: Conversion, reward: Reward) -> Iterator[tuple[str, str]]:
    what = {"on": rule.on, "kind": _kind(words, reward), "who": words.say(f"terms.people.{reward.side}")}
    if reward.hold is not None and reward.hold[:-1] == "0":
        yield "approved", words.say("terms.approved.at_once", **what)
    elif reward.hold is not None:
        yield "approved", words.say("terms.approved.own", **what, hold=_duration(words, reward.hold))
    if reward.instant_up_to is not None:
        yield "approved", words.say("terms.approved.instant", **what, amount=_amounts(words, reward.instant_up_to))


def _paid(words: Catalogue, rules: Rules) -> Iterator[tuple[str, str]]:
    yield "paid", words.say(f"terms.paid.{rules.payouts.every}", days=words.count("rules.duration.d", _net(rules)))
    if rules.payout_minimum is not None:
        yield "paid", words.say("terms.paid.minimum", amount=_amounts(words, rules.payout_minimum))
        yield "paid", words.say("terms.paid.leaves")
    kinds = {reward.kind for rule in rules.conversions for reward in rule.rewards}
    if "cash" in kinds:
        yield "paid", words.say("terms.paid.details")
    if rules.credit.expires is not None:
        yield "paid", words.say("terms.paid.credit", after=_duration(words, rules.credit.expires))
    elif kinds & {"credit", "points"}:
        yield "paid", words.say("terms.paid.stays")
    if "gift" in kinds:
        yield "paid", words.say("terms.paid.gift")


def _returned(words: Catalogue, rules: Rules) -> Iterator[tuple[str, str]]:
    rewards = [reward for rule in rules.conversions for reward in rule.rewards]
    if any(reward.percent is not None for reward in rewards):
        yield "returned", words.say("terms.returned.percent")
    if any(reward.percent is None for reward in rewards):
        yield "returned", words.say("terms.returned.flat")
    if any(rule.minimum is not None for rule in rules.conversions):
        yield "returned", words.say("terms.returned.minimum")
    for code in ("place", "paid", "chargeback"):
        yield "returned", words.say(f"terms.returned.{code}")


# --- examples ---------------------------------------------------------------------------------------------------------


def _shown(words: Catalogue, one: Example, language: str) -> Shown:
    title = words.say(f"terms.example.{one.code}")
    if one.why is not None:
        return Shown(one.code, title, why=words.say(f"terms.example.no.{one.why}"))
    who = [it for it in PEOPLE if any(has.who == it for moment in one.moments for has in moment.has)] or ["advocate"]
    rows = [
        Row(
            moment.day,
            words.say(f"terms.story.{moment.code}", **{name: _value(words, it) for name, it in moment.values.items()}),
            tuple(_has(words, [has for has in moment.has if has.who == person]) for person in who),
            _said(words, moment, language),
        )
        for moment in one.moments
    ]
    return Shown(one.code, title, tuple(words.say(f"terms.column.{it}") for it in who), tuple(rows))


def _said(words: Catalogue, moment: Moment, language: str) -> tuple[str, ...]:
    """What each person is told of what was decided, as it would be told to them."""
    return tuple(
        dict.fromkeys(
            words.say(f"terms.told.{who}", text=sentences(verdict, language).beneficiary)
            for who, verdict in moment.verdicts
        )
    )


def _has(words: Catalogue, them: list[Has]) -> str:
    if not them:
        return words.say("terms.has.nothing")
    said = []
    for it in them:
        known = "paid" if it.status == "paid" else "approved" if it.status in ("approved", "processing") else "expected"
        back = "back" if it.amount else "owed"
        code = back if it.sent > it.amount else "nothing" if not it.amount else known
        values = {"amount": words.money(it.amount, it.unit), "owed": words.money(it.sent - it.amount, it.unit)}
        said.append(words.say(f"terms.has.{code}", **values))
    return words.listed(said)


# --- to a friend ------------------------------------------------------------------------------------------------------


class Promise(Struct, frozen=True):
    """What somebody gets: a figure, and on which conditions, in sentences. ``kind``: in what."""

    figure: str
    kind: str
    conditions: tuple[str, ...]


class Offered(Struct, frozen=True):
    """What a friend is told before they go on: what they get, what the advocate gets, and when it counts."""

    friend: tuple[Promise, ...]
    advocate: tuple[Promise, ...]
    when: tuple[str, ...]


def offered(rules: Rules, language: str | None = None) -> Offered:
    """Return what a friend is told by rules, as they are meant. Raises UnknownLanguageError."""
    words = catalogue(language)
    by: dict[str, list[Promise]] = {"friend": [], "advocate": []}
    for rule in rules.conversions:
        for reward in rule.rewards:
            said = tuple(_to_friend(words, rules, rule, reward))
            by[reward.side].append(Promise(figure(words, reward, rule), _kind(words, reward), said))
    when = [words.say("friend.new")] if rules.new_customers_only else []
    when.append(words.say("friend.window", window=_duration(words, rules.attribution.window)))
    when.append(words.say("friend.returned"))
    return Offered(tuple(by["friend"]), tuple(by["advocate"]), tuple(when))


def _to_friend(words: Catalogue, rules: Rules, rule: Conversion, reward: Reward) -> Iterator[str]:
    """The conditions of a reward, said to the friend whose order it is for."""
    on, counts = rule.on, rule.counts
    months = words.count("terms.months", counts.months) if counts.months else ""
    which = "first"
    if counts.months is not None or counts.payments is not None:
        which = "both" if counts.months and counts.payments else "months" if counts.months else "payments"
    yield words.say(f"friend.counts.{which}", on=on, months=months, payments=counts.payments)
    if rule.minimum is not None:
        yield words.say("friend.minimum", amount=_amounts(words, rule.minimum))
    if rule.window is not None:
        yield words.say("friend.within", window=_duration(words, rule.window))
    for condition in rule.conditions:
        yield words.say("friend.condition", condition=_condition(words, condition, "friend"))
    if reward.cap is not None:
        yield words.say("friend.cap", amount=_amounts(words, reward.cap))
    if reward.tiers or reward.later or reward.rates or reward.limits:
        yield words.say("friend.more")
    if taken_off(reward.kind):
        yield words.say("friend.welcome", valid=_duration(words, reward.valid or "0d"))
    else:
        yield words.say("friend.approved", hold=_wait(words, rules, [reward]))


def _value(words: Catalogue, value: Any) -> Any:
    """A value of a story: an amount is a pair with its unit, and what rules do not name is something else of a sort."""
    if isinstance(value, Else):
        return words.say(f"terms.story.other_{value.sort}")
    return words.money(*value) if isinstance(value, tuple) else value


# --- figures ----------------------------------------------------------------------------------------------------------


def figure(words: Catalogue, of: Any, rule: Conversion) -> str:
    """What a reward, a tier or a later figure gives."""
    if of.percent is not None:
        base = words.say(f"rules.base.{rule.base or 'goods'}")
        return words.say("rules.figure.percent", percent=words.decimal(of.percent), base=base)
    if of.points is not None:
        return words.count("figure.points", of.points)
    return _amounts(words, of.flat or {})


def _kind(words: Catalogue, reward: Reward) -> str:
    return words.say(f"terms.kind.{reward.kind}")


def _condition(words: Catalogue, it: Condition, to: str = "terms") -> str:
    """A condition, said to the advocate, or to the ``friend``, where it is one of theirs."""
    match it:
        case Amount():
            low, high = _amounts(words, it.at_least), _amounts(words, it.below)
            which = "between" if low and high else "least" if low else "below"
            return words.say(f"terms.condition.amount.{which}", low=low, high=high)
        case Country():
            code = "terms.condition.country.not" if it.negate else "terms.condition.country"
            return words.say(code, named=_either(words, it.any_of))
        case Customer():
            return words.say(f"{to}.condition.customer.{'new' if it.new else 'known'}")
        case Trait(equals=None):
            return words.say(f"{to}.condition.trait.least", name=it.name, value=it.at_least)
        case Trait():
            value = words.say(f"terms.{it.equals}".lower()) if isinstance(it.equals, bool) else it.equals
            return words.say(f"{to}.condition.trait.equals", name=it.name, value=value)
        case Brand():
            return words.say("terms.condition.brand", named=_either(words, it.any_of))
        case Product():
            return words.say("terms.condition.product", named=_either(words, it.any_of))


def _amounts(words: Catalogue, amounts: Mapping[str, int]) -> str:
    """Amounts by currency, one of which is an order's; empty for none."""
    return _either(
        words,
        [
            words.say("rules.any_currency", minor=amount) if unit == ANY else words.money(amount, unit)
            for unit, amount in amounts.items()
        ],
    )


def _either(words: Catalogue, parts: Sequence[str]) -> str:
    """One of several."""
    *before, last = parts or [""]
    return words.say("terms.or", before=words.listed(before), last=last) if before else last


def _joined(words: Catalogue, parts: Sequence[str]) -> str:
    """All of several, each long."""
    said = parts[0]
    for part in parts[1:]:
        said = words.say("terms.and", before=said, last=part)
    return said


def _currencies(words: Catalogue, rules: Rules) -> str:
    if rules.currencies == ANY:
        return words.say("rules.all_currencies")
    return _either(words, list(rules.currencies or (rules.currency,)))


def _duration(words: Catalogue, text_: str) -> str:
    """A duration such as ``30d`` in whole words."""
    return words.count(f"rules.duration.{text_[-1]}", int(text_[:-1]))


def _wait(words: Catalogue, rules: Rules, rewards: Sequence[Reward]) -> str:
    """From when on rewards can be approved, where that is the same for all of them; else that their terms say it."""
    holds = {reward.hold or rules.hold for reward in rewards}
    if len(holds) > 1 or any(reward.instant_up_to is not None for reward in rewards):
        return words.say("terms.short.by_reward")
    [hold] = holds
    return words.say("terms.short.at_once") if hold[:-1] == "0" else _after(words, hold)


def _after(words: Catalogue, text_: str) -> str:
    return words.say("terms.short.after", hold=_duration(words, text_))


def _net(rules: Rules) -> int:
    return rules.payouts.net if rules.payouts.net is not None else {"month": 15, "week": 1}.get(rules.payouts.every, 0)
