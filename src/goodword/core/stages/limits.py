"""Caps of a period and the program's budget. They refuse only the side they concern.

A count cap refuses; an amount cap pays what is left; a budget covers whole rewards only. A used place stays used after a reversal, a
budget gets its money back. Counters are one set over all versions; the limit is that of the referral's version. A reward is counted
in its month, there by its day, and for ever: of these every period is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from goodword.core import calendar, kin, money
from goodword.core.decision import Step
from goodword.core.draft import Draft
from goodword.core.rules import Limit, Rules, amount_in
from goodword.core.rules import Reward as RewardRule
from goodword.core.state import Counter, Reward, Used

EVER = "ever"
KEPT = ("kept", EVER)


class Counted(Struct, frozen=True, gc=False):
    """A reward as limits count it: whose, of which kind (``kind_of``), when, and in which unit."""

    program: str
    person: str
    kind: str
    at: int
    unit: str = ""


def spent_key(program: str) -> tuple[str, str, str, str]:
    """The key of the counter of what a program spent."""
    return program, "", "spent", EVER


def counter(draft: Draft, key: tuple[str, str, str, str]) -> Counter:
    """The counter of (program, person, kind, period), or an empty one."""
    stored = draft.get(Counter, key)
    if stored is not None:
        return stored
    program, person, kind, period = key
    return Counter(program=program, person=person, kind=kind, period=period)


def add(
    draft: Draft, key: tuple[str, str, str, str], count: int, unit: str = "", amount: int = 0, day: str = ""
) -> None:
    """Count up (or down, for budgets and kept conversions); a month by its day as well."""
    before = counter(draft, key)
    days = before.days
    if day:
        used = days.get(day) or Used()
        days = {**days, day: Used(used.count + count, _plus(used.amounts, unit, amount))}
    amounts = _plus(before.amounts, unit, amount) if amount else before.amounts
    draft.put(replace(before, count=before.count + count, amounts=amounts, days=days))


def _plus(amounts: dict[str, int], unit: str, amount: int) -> dict[str, int]:
    return {**amounts, unit: amounts.get(unit, 0) + amount} if amount else amounts


def used(draft: Draft, rules: Rules, reward: Counted, per: str, period: str) -> Used:
    """What an advocate used in the calendar period of kind ``per`` in which the reward lies, without that one."""
    persons = kin.all_of(draft.get, reward.person)
    if len(persons) == 1 and per in (EVER, "month"):  # has a counter of its own
        whole_period = counter(draft, (reward.program, reward.person, reward.kind, period))
        return Used(whole_period.count, whole_period.amounts)
    count, amounts = 0, dict[str, int]()
    for person in persons:
        for part in _parts(draft, rules, replace(reward, person=person), per, period):
            count += part.count
            for unit, amount in part.amounts.items():
                amounts[unit] = amounts.get(unit, 0) + amount
    return Used(count, amounts)


def _parts(draft: Draft, rules: Rules, reward: Counted, per: str, period: str) -> Iterator[Counter | Used]:
    """Yield what makes up a period of one person."""
    program, person, kind = reward.program, reward.person, reward.kind
    if per in (EVER, "month"):
        yield counter(draft, (program, person, kind, period))
        return
    first, last, months = calendar.days(reward.at, per, rules.timezone)
    for month in months:
        in_month = counter(draft, (program, person, kind, month))
        if first <= f"{month}-01" and f"{month}-31" <= last:
            yield in_month
        else:
            yield from (on_day for day, on_day in in_month.days.items() if first <= day <= last)


def kind_of(on: str, reward: RewardRule) -> str:
    """The counter's kind for an advocate's rewards of that kind for that conversion."""
    return f"{on}:{reward.kind}"


def periods(rules: Rules, at: int) -> set[str]:
    """The periods of the counters that deciding a conversion of that instant under these rules may look at."""
    lengths = {"month", *(limit.per for on in rules.conversions for rule in on.rewards for limit in rule.limits)}
    if rules.review.velocity is not None:
        lengths.add(rules.review.velocity.per)
    return {EVER}.union(*(calendar.days(at, per, rules.timezone)[2] for per in lengths - {EVER}))


def cap(
    draft: Draft, rules: Rules, limits: tuple[Limit, ...], reward: Counted, amount: int
) -> tuple[str | None, int, list[Step]]:
    """The refusal if a cap is reached, the amount that is left under amount caps, and a step for each limit."""
    steps: list[Step] = []
    unit = reward.unit
    for limit in limits:
        period = calendar.period(reward.at, limit.per, rules.timezone)
        so_far = used(draft, rules, reward, limit.per, period)
        if limit.count is not None:
            steps.append(
                Step("limit", {"per": limit.per, "period": period, "used": so_far.count, "count": limit.count})
            )
            if so_far.count >= limit.count:
                return "count_cap_reached", 0, steps
        most = None if limit.amount is None else amount_in(limit.amount, unit)
        if most is not None:
            left = max(0, most - so_far.amounts.get(unit, 0))
            values = {"per": limit.per, "period": period, "left": left, "amount": most, "unit": unit}
            steps.append(Step("limit_amount", values))
            if left == 0:
                return "amount_cap_reached", 0, steps
            amount = min(amount, left)
    return None, amount, steps


def room(draft: Draft, rules: Rules, reward: Reward) -> int | None:
    """What amount caps leave of more than a reward was counted with; None: no cap speaks of it."""
    rule = rules.conversion(reward.on)
    counted = Counted(reward.program, reward.beneficiary, f"{reward.on}:{reward.kind}", reward.earned_at, reward.unit)
    left = []
    for limit in rule.rewards[reward.rule].limits if rule is not None else ():
        most = None if limit.amount is None else amount_in(limit.amount, reward.unit)
        if most is not None:
            period = calendar.period(reward.earned_at, limit.per, rules.timezone)
            left.append(max(0, most - used(draft, rules, counted, limit.per, period).amounts.get(reward.unit, 0)))
    return min(left, default=None)


def use(draft: Draft, rules: Rules, reward: Counted, amount: int, times: int = 1) -> None:
    """Take a place (``times`` 0: none, only more of it), with what is earned, in the month, on its day, and for ever."""
    program, person, kind, unit = reward.program, reward.person, reward.kind, reward.unit
    day = calendar.day(reward.at, rules.timezone)
    add(draft, (program, person, kind, EVER), times, unit, amount)
    add(draft, (program, person, kind, day[:7]), times, unit, amount, day)


def budget(draft: Draft, rules: Rules, program: str, unit: str, amount: int) -> tuple[str | None, list[Step]]:
    """Whether the rest of the budget covers the whole amount. A unit that the budget does not name is not limited."""
    most = None if rules.budget is None else amount_in(rules.budget, unit)
    if most is None:
        return None, []
    spent = counter(draft, spent_key(program)).amounts.get(unit, 0)
    step = Step("budget", {"spent": money.told(spent), "budget": most, "amount": amount, "unit": unit})
    return ("budget_exhausted" if spent + amount > most else None), [step]


def spend(draft: Draft, program: str, unit: str, amount: int) -> None:
    """Count an amount earned (positive) or given back (negative) toward the budget."""
    if amount:
        add(draft, spent_key(program), 0, unit, amount)


def keep(draft: Draft, program: str, person: str, on: str, change: int) -> None:
    """Count an advocate's kept conversions, in all and of their name: tiers read them."""
    before = counter(draft, (program, person, *KEPT))
    amounts = {**before.amounts, on: before.amounts.get(on, 0) + change}
    if not amounts[on]:
        del amounts[on]  # who keeps none of a name is as who never brought one
    draft.put(replace(before, count=before.count + change, amounts=amounts))


def kept(draft: Draft, program: str, person: str, names: tuple[str, ...] | Literal["all"]) -> int:
    """How many conversions of these names an advocate keeps, with whom was merged into them."""
    counters = [counter(draft, (program, one, *KEPT)) for one in kin.all_of(draft.get, person)]
    if names == "all":
        return sum(each.count for each in counters)
    return sum(each.amounts.get(name, 0) for each in counters for name in names)
