"""Whether a conversion is one that the referral's rules reward: amount, name, time, currency, minimum, conditions, place.

It is judged on the amount as charged; what it earns is another question (``pricing``).
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from goodword.core import calendar, semantics
from goodword.core.decision import Step
from goodword.core.kinds.conditions import CHOOSING, Condition
from goodword.core.kinds.conditions.base import View
from goodword.core.rules import ANY, Rules, amount_in
from goodword.core.rules import Conversion as ConversionRule
from goodword.core.rules import Reward as RewardRule
from goodword.core.state import Conversion, Customer, Paid, Place, Referral

Match = tuple[str | None, list[Step], ConversionRule | None]


def match(
    rules: Rules,
    referral: Referral,
    customer: Customer,
    conversion: Conversion,
    number: int,
    *,
    by_digest: bool,
    new: Callable[[], bool],
) -> Match:
    """The first reason against the conversion (None: it qualifies), the steps taken, and the rule for its name.

    ``number``: the behaviour of the rule version; ``by_digest``: how long lists are quoted; ``new``: tells whether whoever bought
    was no customer before the lead; only conditions ask.
    """
    if conversion.amount == 0 and number >= semantics.NOUGHT_IS_NO_CONVERSION:
        return "nothing_paid", [Step("charged", {"amount": 0, "unit": conversion.currency})], None
    steps: list[Step] = []
    rule = rules.conversion(conversion.name)
    if rule is None:
        return "conversion_not_offered", [Step("conversion_name", {"name": conversion.name})], None
    refusal = (
        _time(rule, referral, conversion, steps)
        or _currency(rules, rule, conversion, steps)
        or _minimum(rule, conversion, steps)
        or _conditions(rule, customer, conversion, number, steps, by_digest=by_digest, new=new)
        or _place(rules, rule, referral, conversion, steps)
    )
    return refusal, steps, rule


def _time(rule: ConversionRule, referral: Referral, conversion: Conversion, steps: list[Step]) -> str | None:
    at, lead_at, window = conversion.at, referral.lead_at, rule.window
    steps.append(Step("conversion_window", {"lead_at": lead_at, "at": at, "window": window}))
    if at < lead_at - calendar.CLOCK_DIFFERENCE:
        return "before_lead"
    if window is not None and at >= lead_at + calendar.duration(window):
        return "outside_conversion_window"
    return None


def _currency(rules: Rules, rule: ConversionRule, conversion: Conversion, steps: list[Step]) -> str | None:
    """A rule whose every amount is for other currencies offers nothing to this one; nor a percentage of no amount."""
    currency = conversion.currency or rules.currency
    if rules.currencies == ANY or currency in (rules.currencies or ()):
        least = None if rule.minimum is None or conversion.amount is None else rule.minimum
        if least is None or amount_in(least, currency) is not None:
            for reward in rule.rewards:
                if _offers(reward, currency, conversion.amount):
                    return None
    steps.append(Step("currency", {"currency": currency}))
    return "currency_not_offered"


def _offers(reward: RewardRule, currency: str, amount: int | None) -> bool:
    if reward.points is not None:
        return True
    if reward.flat is not None:
        return currency in reward.flat
    return (
        reward.percent is not None
        and amount is not None
        and (reward.cap is None or amount_in(reward.cap, currency) is not None)
    )


def _minimum(rule: ConversionRule, conversion: Conversion, steps: list[Step]) -> str | None:
    amount, currency = conversion.amount, conversion.currency
    if rule.minimum is None or amount is None or currency is None:
        return None
    minimum = rule.minimum[currency]
    steps.append(Step("minimum", {"amount": amount, "minimum": minimum, "unit": currency}))
    return "below_minimum" if amount < minimum else None


def meets(conditions: tuple[Condition, ...], customer: Customer, conversion: Conversion) -> bool:
    """Whether an order meets conditions, whoever referred its customer; they are new who was no customer before it."""
    view = View(
        amount=conversion.amount,
        currency=conversion.currency,
        country=conversion.country or customer.country,
        lines=conversion.lines,
        traits=customer.traits,
        new_customer=is_new(customer, conversion.at),
    )
    for condition in conditions:
        if not condition.holds(view)[0]:
            return False
        if isinstance(condition, CHOOSING):
            view = replace(view, lines=tuple(condition.choose(view.lines)))
    return True


def _conditions(
    rule: ConversionRule,
    customer: Customer,
    conversion: Conversion,
    number: int,
    steps: list[Step],
    *,
    by_digest: bool,
    new: Callable[[], bool],
) -> str | None:
    """Every condition is looked at and shown up to the first that is not met; one that chooses lines leaves these to the next."""
    if not rule.conditions:
        return None
    view = View(
        amount=conversion.amount,
        currency=conversion.currency,
        country=conversion.country or customer.country,
        lines=conversion.lines,
        traits=customer.traits,
        new_customer=new(),
        by_digest=by_digest,
    )
    for condition in rule.conditions:
        holds, seen = condition.holds(view)
        kind = str(condition.__struct_config__.tag)
        steps.append(Step("condition", {"kind": kind, "holds": holds, **seen}))
        if not holds:
            return "condition_not_met"
        if isinstance(condition, CHOOSING) and number >= semantics.LINES_EARN:
            view = replace(view, lines=tuple(condition.choose(view.lines)))
    return None


def is_new(customer: Customer, lead_at: int) -> bool:
    """Nothing made the person a customer before the lead (five minutes of clock difference allowed)."""
    first, known = customer.first_conversion_at, customer.known_since
    earlier = first is not None and first < lead_at - calendar.CLOCK_DIFFERENCE
    return not earlier and not (known is not None and known < lead_at)


def _place(
    rules: Rules, rule: ConversionRule, referral: Referral, conversion: Conversion, steps: list[Step]
) -> str | None:
    """First qualifying conversion only, or all in [first, first + months), or so many that earned."""
    taken = referral.place(rule.on)
    months = rule.counts.months
    if rule.counts.payments is not None:
        refusal = _payments(rule.counts.payments, referral.paid.get(rule.on), conversion, steps)
        if refusal is not None or (months is None and taken is not None):
            return refusal
    if taken is None or taken.conversion == conversion.id:
        steps.append(Step("place", {"first": True, "months": months}))
        return None
    zone = {} if months is None else {"timezone": rules.timezone}
    steps.append(Step("place", {"first": False, "first_at": taken.at, "at": conversion.at, "months": months, **zone}))
    if conversion.at < taken.at or months is None:
        return "not_first"
    if conversion.at >= calendar.add_months(taken.at, months, rules.timezone):
        return "recurring_ended"
    return None


def ends(rules: Rules, referral: Referral) -> list[int | None]:
    """Until when further conversions can count for the advocates of a referral, half-open, for each name of which places are left.

    None: for ever. Nothing in the list: as many as count have counted.
    """
    found: list[int | None] = []
    for rule in rules.conversions:
        place, counts, paid = referral.place(rule.on), rule.counts, referral.paid.get(rule.on)
        once = counts.months is None and counts.payments is None
        full = counts.payments is not None and paid is not None and paid.count >= counts.payments
        if not any(reward.side == "advocate" for reward in rule.rewards) or (place is not None and (once or full)):
            continue
        of_it = [] if rule.window is None else [referral.lead_at + calendar.duration(rule.window)]
        if place is not None and counts.months is not None:
            of_it.append(calendar.add_months(place.at, counts.months, rules.timezone))
        found.append(min(of_it, default=None))
    return found


def of_another(rules: Rules, referral: Referral, on: str, conversion: str) -> Place | None:
    """The place of a name, where there is one and another conversion has taken it."""
    rule, place = rules.conversion(on), referral.place(on)
    if rule is None or (rule.counts.months, rule.counts.payments) != (None, None):
        return None
    return place if place is not None and place.conversion != conversion else None


def _payments(most: int, paid: Paid | None, conversion: Conversion, steps: list[Step]) -> str | None:
    """So many conversions earn. One that comes late and was before the last of them is somebody's to decide."""
    if conversion.rewards:
        return None  # one of those that were counted, of which another side is decided again
    count, last_at = (0, None) if paid is None else (paid.count, paid.last_at)
    steps.append(Step("payments", {"count": count, "of": most, "last_at": last_at, "at": conversion.at}))
    if count < most or last_at is None:
        return None
    return "not_first" if conversion.at < last_at else "recurring_ended"
