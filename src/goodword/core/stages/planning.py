"""What each side of a referral would earn by a conversion: priced once for the whole, split by shares, held to caps and the budget.

It books nothing: ``settlement`` does, once all sides are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from goodword.core import kin, money, semantics
from goodword.core.decision import Step, refused
from goodword.core.draft import Draft
from goodword.core.rules import Conversion as ConversionRule
from goodword.core.rules import Reward as RewardRule
from goodword.core.rules import Rules
from goodword.core.stages import limits, pricing
from goodword.core.stages.limits import Counted
from goodword.core.state import Advocate, Conversion, Referral, Reward

#: Of so many conversions that a suspension cost an advocate, the newest, it is remembered that they are to be decided again.
MOST_MISSED = 1_000


class Qualified(NamedTuple):
    """A conversion that a referral's rules reward, with what deciding its sides looks at.

    ``rule``: the one for its name; ``steps``: those that led here, with which each explanation begins; ``redecides``: the event whose
    decision this one replaces.
    """

    rules: Rules
    rule: ConversionRule
    referral: Referral
    conversion: Conversion
    steps: list[Step]
    redecides: str | None


class Planned(Struct, frozen=True, gc=False):
    """A reward that may be booked: its place in the rule, for which share, how much of which unit, and how limits count it."""

    place: int
    rule: RewardRule
    share: int
    beneficiary: str
    tier: int
    gross: int
    amount: int
    unit: str
    steps: tuple[Step, ...]
    counted: Counted | None  # None: of the friend's side, which has no limits


def plan(draft: Draft, qualified: Qualified) -> list[Planned]:
    """What each side would earn; refusals of a side are said here. The friend's side comes first: budgets favour it."""
    rules, rule, referral, conversion, steps, redecides = qualified
    planned: list[Planned] = []
    earned = sides_earned(draft, rules, conversion, referral.program)
    for index, reward_rule in _friend_first(rule):
        if reward_rule.side in earned:
            continue
        sides = _sides(draft, qualified, reward_rule)
        if not sides:
            _not_offered(draft, qualified, reward_rule)
        unit = pricing.unit(rules, reward_rule, conversion, referral.program)
        for share, beneficiary, (tier, gross, net, price_step) in sides:
            refusal, amount, more, counted = _limit(draft, qualified, reward_rule, beneficiary, unit, net)
            if refusal is None and rules.budget is not None:
                ahead = sum(before.amount for before in planned if before.unit == unit)
                refusal, budget_steps = limits.budget(draft, rules, referral.program, unit, amount + ahead)
                more = [*more, *budget_steps]
            side_steps = (price_step, *share_steps(referral, reward_rule.side, share), *more)
            if refusal is None:
                most = min(gross, amount) if amount < net else gross
                whose = (index, reward_rule, share, beneficiary)
                planned.append(Planned(*whose, tier, most, amount, unit, side_steps, counted))
                continue
            verdict = refused("reward", refusal, *steps, *side_steps, program=referral.program, subject=conversion.id)
            draft.say(replace(verdict, side=reward_rule.side, beneficiary=beneficiary, unit=unit, redecides=redecides))
    return planned


def _friend_first(conversion_rule: ConversionRule) -> list[tuple[int, RewardRule]]:
    rewards = list(enumerate(conversion_rule.rewards))
    if len(rewards) > 1:
        rewards.sort(key=_behind_friends)
    return rewards


def _behind_friends(placed: tuple[int, RewardRule]) -> bool:
    return placed[1].side != "friend"


def sides_earned(draft: Draft, rules: Rules, conversion: Conversion, program: str) -> set[str]:
    """The sides that keep what the conversion earned them under an earlier referral: it was sent already.

    An earlier referral in another program counts where neither program shares its customers: a claim moved the binding.
    """
    if not conversion.rewards:
        return set()
    rewards = [draft.need(Reward, id_) for id_ in conversion.rewards]
    return {reward.side for reward in rewards if reward.program == program or _displaced(draft, rules, reward)}


def _displaced(draft: Draft, rules: Rules, reward: Reward) -> bool:
    shared = rules.shares_customers or draft.rules_of(reward.rules).shares_customers
    return not shared and draft.need(Referral, reward.referral).status == "void"


def _not_offered(draft: Draft, qualified: Qualified, reward_rule: RewardRule) -> None:
    """A side without an amount for this currency, or a percentage of a conversion without amount."""
    rules, _, referral, conversion, steps, redecides = qualified
    step = Step("currency", {"currency": conversion.currency or rules.currency, "amount": conversion.amount})
    people = (
        [referral.friend]
        if reward_rule.side == "friend"
        else [kin.root(draft.get, share.person) for share in referral.shares]
    )
    for person in people:
        verdict = refused(
            "reward", "currency_not_offered", *steps, step, program=referral.program, subject=conversion.id
        )
        draft.say(replace(verdict, side=reward_rule.side, beneficiary=person, redecides=redecides))


def share_steps(referral: Referral, side: str, share: int) -> tuple[Step, ...]:
    """Which part of how many this is, where a referral has several advocates."""
    if side == "friend" or len(referral.shares) == 1:
        return ()
    parts = [[part.person, part.numerator, part.denominator] for part in referral.shares]
    return (Step("share", {"index": share, "of": parts}),)


def _sides(
    draft: Draft, qualified: Qualified, reward_rule: RewardRule
) -> list[tuple[int, str, tuple[int, int, int, Step]]]:
    """(share, beneficiary, (tier, gross, net amount, price step)): priced and rounded once, then split by largest remainder."""
    rules, rule, referral, conversion, *_ = qualified
    tier, kept = -1, None
    if reward_rule.tiers and reward_rule.side == "advocate":
        lead = min(referral.shares, key=lambda s: (-Fraction(s.numerator, s.denominator), s.person))
        kept = limits.kept(draft, referral.program, kin.root(draft.get, lead.person))
        tier = pricing.tier_of(reward_rule, kept)
    net = pricing.price(rules, rule, reward_rule, tier, conversion, net=True)
    gross = pricing.price(rules, rule, reward_rule, tier, conversion, net=False) if conversion.back.amount else net
    if gross is None or net is None:
        return []
    if kept is not None:
        net[1].values["kept"] = kept
    if reward_rule.side == "friend":
        return [(0, referral.friend, (tier, gross[0], min(gross[0], net[0]), net[1]))]
    if len(referral.shares) == 1:
        return [(0, kin.root(draft.get, referral.shares[0].person), (tier, gross[0], min(gross[0], net[0]), net[1]))]
    owners = shares_of(referral)
    parts = zip(money.split(gross[0], owners), money.split(min(gross[0], net[0]), owners), strict=True)
    return [(i, kin.root(draft.get, owners[i][0]), (tier, g, min(g, n), net[1])) for i, (g, n) in enumerate(parts)]


def shares_of(referral: Referral) -> list[tuple[str, Fraction]]:
    """The advocates of a referral with their exact parts."""
    return [(share.person, Fraction(share.numerator, share.denominator)) for share in referral.shares]


def _limit(
    draft: Draft, qualified: Qualified, reward_rule: RewardRule, beneficiary: str, unit: str, amount: int
) -> tuple[str | None, int, Sequence[Step], Counted | None]:
    """The advocate's standing and caps, and how the reward is counted; the friend's side has none of it."""
    if reward_rule.side == "friend":
        return None, amount, (), None
    program = qualified.referral.program
    advocate = draft.get(Advocate, (program, beneficiary))
    if advocate is not None and advocate.status != "active":
        if advocate.status == "suspended" and draft.semantics >= semantics.PUT_RIGHT:
            place = qualified.referral.id, qualified.conversion.id
            missed = (*(each for each in advocate.missed if each != place), place)[-MOST_MISSED:]
            draft.put(replace(advocate, missed=missed))
        return "beneficiary_not_active", 0, [Step("advocate", {"status": advocate.status})], None
    kind = limits.kind_of(qualified.rule.on, reward_rule)
    counted = Counted(program, beneficiary, kind, qualified.conversion.at, unit)
    return *limits.cap(draft, qualified.rules, reward_rule.limits, counted, amount), counted
