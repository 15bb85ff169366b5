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
    again: str | None = None  # the reward of before that a claim took, which comes alive again
    by_claim: bool = False  # a claim takes it from somebody else


def plan(draft: Draft, qualified: Qualified) -> list[Planned]:
    """What each side would earn; refusals of a side are said here. The friend's side comes first: budgets favour it."""
    rules, rule, referral, conversion, steps, redecides = qualified
    planned: list[Planned] = []
    earned = sides_earned(draft, rules, conversion, referral.program)
    taken = _taken(draft, conversion)
    for index, reward_rule in _friend_first(rule):
        if (reward_rule.side, None) in earned:
            continue
        sides = _sides(draft, qualified, reward_rule)
        if not sides:
            _not_offered(draft, qualified, reward_rule)
        unit = pricing.unit(rules, reward_rule, conversion, referral.program)
        for share, beneficiary, (tier, gross, net, price_step) in sides:
            whose = (index, reward_rule, share, beneficiary)
            if (reward_rule.side, beneficiary) in earned:
                continue
            if (claim := taken.get(reward_rule.side)) is not None:
                again = _again(draft, qualified, index, beneficiary)
                planned += _moved(draft, qualified, whose, (tier, gross, net, price_step), unit, claim, again)
                continue
            refusal, amount, more, counted = _limit(draft, qualified, reward_rule, beneficiary, unit, net)
            if refusal is None and rules.budget is not None:
                ahead = sum(before.amount for before in planned if before.unit == unit)
                refusal, budget_steps = limits.budget(draft, rules, referral.program, unit, amount + ahead)
                more = [*more, *budget_steps]
            side_steps = (price_step, *share_steps(referral, reward_rule.side, share), *more)
            if refusal is None:
                most = min(gross, amount) if amount < net else gross
                planned.append(Planned(*whose, tier, most, amount, unit, side_steps, counted))
                continue
            verdict = refused("reward", refusal, *steps, *side_steps, program=referral.program, subject=conversion.id)
            draft.say(replace(verdict, side=reward_rule.side, beneficiary=beneficiary, unit=unit, redecides=redecides))
    return planned


def worth(draft: Draft, reward: Reward, conversion: Conversion) -> tuple[int, Step]:
    """What a reward is worth by the rules that it was earned under, on today's net of its conversion; and the step that shows it."""
    rules = draft.rules_of(reward.rules)
    rule = rules.conversion(reward.on)
    if rule is None:
        raise AssertionError(f"{reward.id} was earned under a rule that is not in {reward.rules}")
    priced = pricing.price(rules, rule, rule.rewards[reward.rule], reward.tier, conversion, net=True)
    if priced is None:
        raise AssertionError(f"{reward.id} can be priced no longer")
    whole, step = priced
    if reward.side == "advocate":
        whole = money.split(whole, shares_of(draft.need(Referral, reward.referral)))[reward.share]
    return whole, step


def _friend_first(conversion_rule: ConversionRule) -> list[tuple[int, RewardRule]]:
    rewards = list(enumerate(conversion_rule.rewards))
    if len(rewards) > 1:
        rewards.sort(key=_behind_friends)
    return rewards


def _behind_friends(placed: tuple[int, RewardRule]) -> bool:
    return placed[1].side != "friend"


def sides_earned(draft: Draft, rules: Rules, conversion: Conversion, program: str) -> set[tuple[str, str | None]]:
    """The (side, beneficiary) that earned by the conversion already, whatever became of it; but not what a claim took of them.

    An earlier referral in another program counts where neither program shares its customers: a claim moved the binding.
    Under the first behaviour: the sides, of whomsoever (None), that keep what was sent under an earlier referral.
    """
    if not conversion.rewards:
        return set()
    rewards = [draft.need(Reward, id_) for id_ in conversion.rewards]
    here = [reward for reward in rewards if reward.program == program or _displaced(draft, rules, reward)]
    if draft.semantics < semantics.CLAIMS_MOVE_MONEY:
        return {(reward.side, None) for reward in here}
    return {(reward.side, reward.beneficiary) for reward in here if reward.amount or not of_a_claim(reward)}


def of_a_claim(reward: Reward) -> bool:
    """Whether a claim took it."""
    return reward.taken_by is not None and reward.taken_by.startswith("clm_")


def _taken(draft: Draft, conversion: Conversion) -> dict[str, str]:
    """Side -> a claim that took of this side what the conversion earned."""
    rewards = [draft.need(Reward, id_) for id_ in conversion.rewards]
    return {reward.side: str(reward.taken_by) for reward in rewards if of_a_claim(reward)}


def _again(draft: Draft, qualified: Qualified, place: int, beneficiary: str) -> Reward | None:
    """What a claim took of the same person for the same place of the same rules: it comes alive again, and is not counted twice."""
    for id_ in qualified.conversion.rewards:
        reward = draft.need(Reward, id_)
        here = (reward.rules, reward.rule, reward.beneficiary) == (qualified.referral.rules, place, beneficiary)
        if here and of_a_claim(reward):
            return reward
    return None


def _moved(
    draft: Draft,
    qualified: Qualified,
    whose: tuple[int, RewardRule, int, str],
    priced: tuple[int, int, int, Step],
    unit: str,
    claim: str,
    again: Reward | None,
) -> list[Planned]:
    """What a claim takes from somebody else: no budget and no amount limit holds it back, or the rightful one would get nothing.

    A number of rewards that is reached still does, but for what was counted before.
    """
    _, reward_rule, share, beneficiary = whose
    tier, gross, net, price_step = priced
    counts = replace(reward_rule, limits=tuple(replace(each, amount=None) for each in reward_rule.limits))
    refusal, _, more, counted = _limit(draft, qualified, counts, beneficiary, unit, net)
    steps = (price_step, *share_steps(qualified.referral, reward_rule.side, share), *more)
    if refusal is not None and (again is None or refusal != "count_cap_reached"):
        common = {"program": qualified.referral.program, "subject": qualified.conversion.id}
        verdict = refused("reward", refusal, *qualified.steps, *steps, **common)
        told = {"side": reward_rule.side, "beneficiary": beneficiary, "unit": unit}
        draft.say(replace(verdict, redecides=qualified.redecides, **told))
        return []
    steps = (*steps, Step("by_claim", {"claim": claim}))
    id_ = again.id if again is not None else None
    return [Planned(*whose, tier, gross, net, unit, steps, counted, id_, by_claim=True)]


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
