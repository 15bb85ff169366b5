"""Caps of a period and the program's budget. They refuse only the side they concern.

A count cap refuses; an amount cap pays what is left; a budget covers whole rewards only. A used place stays used after a reversal, a
budget gets its money back. Counters are one set over all versions; the limit is that of the referral's version.
"""

from __future__ import annotations

from goodword.core import calendar, money, rules
from goodword.core.effects import Draft, Step
from goodword.core.rules import Rules
from goodword.core.state import Counter

KEPT = ("kept", "ever")


def counter(draft: Draft, program: str, person: str, kind: str, period: str) -> Counter:
    """The counter, or an empty one."""
    found = draft.get(Counter, program, person, kind, period)
    return found or Counter(program=program, person=person, kind=kind, period=period)


def add(draft: Draft, before: Counter, *, count: int = 0, unit: str = "", amount: int = 0) -> None:
    """Count up (or down, for budgets and kept conversions)."""
    amounts = before.amounts
    if amount:
        amounts = {**amounts, unit: amounts.get(unit, 0) + amount}
    draft.put(
        Counter(
            program=before.program,
            person=before.person,
            kind=before.kind,
            period=before.period,
            count=before.count + count,
            amounts=amounts,
        )
    )


def kind_of(on: str, reward: rules.Reward) -> str:
    """The counter's kind for an advocate's rewards of that kind for that conversion."""
    return f"{on}:{reward.kind}"


def periods(terms: Rules, at: int) -> list[str]:
    """All periods that an instant counts for in the program's time zone."""
    return [calendar.period(at, kind, terms.timezone) for kind in calendar.PERIODS]


def cap(
    draft: Draft, terms: Rules, on: str, rule: rules.Reward, program: str, person: str, at: int, unit: str, amount: int
) -> tuple[str | None, int, list[Step]]:
    """The refusal if a cap is reached, the amount that is left under amount caps, and a step for each limit."""
    steps = []
    for limit in rule.limits:
        period = calendar.period(at, limit.per, terms.timezone)
        used = counter(draft, program, person, kind_of(on, rule), period)
        if limit.count is not None:
            steps.append(Step("limit", {"per": limit.per, "period": period, "used": used.count, "count": limit.count}))
            if used.count >= limit.count:
                return "count_cap_reached", 0, steps
        if limit.amount is not None and unit in limit.amount:
            left = max(0, limit.amount[unit] - used.amounts.get(unit, 0))
            values = {"per": limit.per, "period": period, "left": left, "amount": limit.amount[unit], "unit": unit}
            steps.append(Step("limit_amount", values))
            if left == 0:
                return "amount_cap_reached", 0, steps
            amount = min(amount, left)
    return None, amount, steps


def use(
    draft: Draft, terms: Rules, on: str, rule: rules.Reward, program: str, person: str, at: int, unit: str, amount: int
) -> None:
    """Take a place in every period."""
    for period in periods(terms, at):
        add(draft, counter(draft, program, person, kind_of(on, rule), period), count=1, unit=unit, amount=amount)


def budget(draft: Draft, terms: Rules, program: str, unit: str, amount: int) -> tuple[str | None, list[Step]]:
    """Whether the rest of the budget covers the whole amount. A unit that the budget does not name is not limited."""
    if terms.budget is None or unit not in terms.budget:
        return None, []
    spent = counter(draft, program, "", "spent", "ever").amounts.get(unit, 0)
    step = Step("budget", {"spent": money.told(spent), "budget": terms.budget[unit], "amount": amount, "unit": unit})
    return ("budget_exhausted" if spent + amount > terms.budget[unit] else None), [step]


def spend(draft: Draft, program: str, unit: str, amount: int) -> None:
    """Count an amount earned (positive) or given back (negative) toward the budget."""
    if amount:
        add(draft, counter(draft, program, "", "spent", "ever"), unit=unit, amount=amount)


def keep(draft: Draft, program: str, person: str, change: int) -> None:
    """Count an advocate's kept conversions: tiers read them."""
    add(draft, counter(draft, program, person, *KEPT), count=change)
