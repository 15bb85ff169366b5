"""What each side of a referral would earn by a conversion: priced once for the whole, split by shares, held to caps and the budget.

It books nothing: ``settlement`` does, once all sides are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from goodword.core import agreements, kin, ledger, money, offers, semantics
from goodword.core.decision import Step, refused
from goodword.core.draft import Draft
from goodword.core.kinds.rewards import taken_off
from goodword.core.rules import Conversion as ConversionRule
from goodword.core.rules import Reward as RewardRule
from goodword.core.rules import Rules
from goodword.core.stages import limits, pricing
from goodword.core.stages.limits import Counted
from goodword.core.state import Advocate, Conversion, Held, Offer, Referral, Reward

#: Of so many conversions that a suspension cost an advocate, the newest, it is remembered that they are to be decided again.
MOST_MISSED = 1_000


class Qualified(NamedTuple):
    """A conversion that a referral's rules reward, with what deciding its sides looks at.

    ``rule``: the one for its name; ``steps``: those that led here, with which each explanation begins; ``redecides``: the event whose
    decision this one replaces; ``number``: the behaviour of the rule version.
    """

    rules: Rules
    rule: ConversionRule
    referral: Referral
    conversion: Conversion
    steps: list[Step]
    redecides: str | None
    number: int


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
    counts: int = 0  # the amount that limits count it with
    ceiling: int | None = None  # what caps left of it
    again: str | None = None  # the reward of before that a claim took, which comes alive again
    by_claim: bool = False  # a claim takes it from somebody else
    held: Held | None = None  # the agreement by which it is judged
    offer: Offer | None = None  # what its friend was promised, as it was before

    @property
    def spends(self) -> int:
        """What it takes of the budget, of which its offer held a part."""
        return self.amount - (self.offer.reserved.get(self.unit, 0) if self.offer is not None else 0)


class Worth(NamedTuple):
    """What one share of a side is worth: the tier, before and after refunds, the steps that show it, and by which agreement."""

    tier: int
    gross: int
    net: int
    steps: tuple[Step, ...]
    held: Held | None = None


def plan(draft: Draft, qualified: Qualified) -> list[Planned]:
    """What each side would earn; refusals of a side are said here. The friend's side comes first: budgets favour it."""
    rules, _, referral, conversion, steps, redecides, _ = qualified
    planned: list[Planned] = []
    earned = sides_earned(draft, rules, conversion, referral.program)
    taken, others = _taken(draft, rules, conversion, referral.program), _others(draft, referral, conversion)
    if (claim := _sharing(draft, referral, conversion)) is not None:
        taken.setdefault("advocate", claim)
    for index, reward_rule in _friend_first(qualified.rule):
        if (reward_rule.side, None) in earned:
            continue
        if reward_rule.side == "advocate" and others is not None:
            _said_elsewhere(draft, qualified, others)
            continue
        offer = offers.redeemed_by(draft, referral, conversion) if taken_off(reward_rule.kind) else None
        if offer is None and taken_off(reward_rule.kind):
            continue  # who named none is promised none by this order; of one that was named in vain ``offers`` tells
        # What was offered is what it is worth, whatever the rules say by now.
        its = reward_rule if offer is None else pricing.as_offered(reward_rule, offer.amounts)
        sides = _sides(draft, qualified, its)
        if not sides:
            _not_offered(draft, qualified, reward_rule)
        unit = pricing.unit(rules, reward_rule, conversion, referral.program)
        for share, beneficiary, worth in sides:
            tier, gross, net, price_steps, held = worth
            whose = (index, reward_rule, share, beneficiary)
            if (reward_rule.side, beneficiary) in earned:
                continue
            if (claim := taken.get(reward_rule.side)) is not None:
                again = _again(draft, qualified, index, beneficiary)
                # A welcome is offered once: it comes alive only as what it was.
                moved = _moved(draft, qualified, whose, worth, unit, claim, again) if offer is None or again else []
                planned += moved
                continue
            # A refund that came before its order is to limits as one that came after it: what they count it does not lower.
            whole = gross if qualified.number >= semantics.CEILINGS_STAY else net
            refusal, counts, more, counted = _limit(draft, qualified, reward_rule, beneficiary, unit, whole)
            # Whatever other discounts the order is told to have, now or later: no more than was offered.
            offered = None if offer is None else offer.amounts[unit]
            if offered is not None and offered < counts:
                counts, more = offered, (*more, Step("ceiling", {"left": offered}))
            amount = min(net, counts)
            if refusal is None and rules.budget is not None and not (offer is not None and offer.reserved):
                ahead = sum(before.spends for before in planned if before.unit == unit)
                refusal, budget_steps = limits.budget(draft, rules, referral.program, unit, amount + ahead)
                more = [*more, *budget_steps]
            side_steps = (*price_steps, *share_steps(referral, reward_rule.side, share), *more)
            if refusal is None:
                most = min(gross, counts) if counts < whole else gross
                ceiling = counts if counts < whole and qualified.number >= semantics.CEILINGS_STAY else offered
                plan_ = Planned(
                    *whose, tier, most, amount, unit, side_steps, counted, counts, ceiling, held=held, offer=offer
                )
                planned.append(plan_)
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
    standing = [reward for reward in here if reward.amount or not of_a_claim(reward)]
    return {(reward.side, kin.root(draft.get, reward.beneficiary)) for reward in standing}


def of_a_claim(reward: Reward) -> bool:
    """Whether a claim took it."""
    return reward.taken_by is not None and reward.taken_by.startswith("clm_")


def own_account(draft: Draft, reward: Reward) -> bool:
    """Whether friend and advocate of a reward were found to be one person."""
    if ledger.of_no_order(reward.on):
        return False
    referral = draft.need(Referral, reward.referral)
    friend = kin.root(draft.get, referral.friend)
    return any(kin.root(draft.get, share.person) == friend for share in referral.shares)


def displaced(draft: Draft, reward: Reward) -> bool:
    """Whether what a reward was for is somebody else's by now, or its place another order's: it cannot come alive beside that."""
    if ledger.of_no_order(reward.on):
        return False
    referral, rule = draft.need(Referral, reward.referral), draft.rules_of(reward.rules).conversion(reward.on)
    if referral.status == "void" or rule is None:
        return reward.side == "advocate" or own_account(
            draft, reward
        )  # a friend's own is the same whoever brought them
    place = referral.place(reward.on)
    once = rule.counts.months is None and rule.counts.payments is None
    return once and place is not None and place.conversion != reward.conversion


def _taken(draft: Draft, rules: Rules, conversion: Conversion, program: str) -> dict[str, str]:
    """Side -> a claim that took of this side what the conversion earned here."""
    rewards = [draft.need(Reward, id_) for id_ in conversion.rewards]
    if draft.semantics >= semantics.OWED_ONCE:
        rewards = [reward for reward in rewards if reward.program == program or _displaced(draft, rules, reward)]
    return {reward.side: str(reward.taken_by) for reward in rewards if of_a_claim(reward)}


def _sharing(draft: Draft, referral: Referral, conversion: Conversion) -> str | None:
    """The claim by which an advocate keeps a part of what they earned by the order: what is left is the others'."""
    if draft.semantics < semantics.CLAIMS_ARE_SHARED or not conversion.rewards:
        return None
    rewards = [draft.need(Reward, id_) for id_ in conversion.rewards]
    parts = any(it.referral == referral.id and it.by_claim and it.side == "advocate" for it in rewards)
    ground = next((ground for ground in referral.grounds if ground.code == "claim_won"), None)
    return str(ground.values["claim"]) if parts and ground is not None else None


def _others(draft: Draft, referral: Referral, conversion: Conversion) -> Reward | None:
    """What another referral of the same program earned an advocate by the order, when the friend's two accounts were still two."""
    for id_ in conversion.rewards if draft.semantics >= semantics.OWED_ONCE else ():
        reward = draft.need(Reward, id_)
        stands = reward.amount and reward.side == "advocate" and reward.taken_by is None
        if stands and reward.program == referral.program and reward.referral != referral.id:
            return reward
    return None


def _said_elsewhere(draft: Draft, qualified: Qualified, reward: Reward) -> None:
    """An order pays its advocates once."""
    _, _, referral, conversion, steps, redecides, _ = qualified
    step = Step("bound", {"referral": reward.referral, "program": reward.program})
    verdict = refused("reward", "already_bound", *steps, step, program=referral.program, subject=conversion.id)
    draft.say(replace(verdict, side="advocate", redecides=redecides))


def _again(draft: Draft, qualified: Qualified, place: int, beneficiary: str) -> Reward | None:
    """What a claim took of the same person for the same place of the same rules: it comes alive again, and is not counted twice."""
    for id_ in qualified.conversion.rewards:
        reward = draft.need(Reward, id_)
        whose = kin.root(draft.get, reward.beneficiary)
        here = (reward.rules, reward.rule, whose) == (qualified.referral.rules, place, beneficiary)
        if here and of_a_claim(reward):
            return reward
    return None


def _moved(
    draft: Draft,
    qualified: Qualified,
    whose: tuple[int, RewardRule, int, str],
    priced: Worth,
    unit: str,
    claim: str,
    again: Reward | None,
) -> list[Planned]:
    """What a claim takes from somebody else: no budget and no amount limit holds it back, or the rightful one would get nothing.

    A number of rewards that is reached still does, but for what was counted before.
    """
    _, reward_rule, share, beneficiary = whose
    tier, gross, net, price_steps, held = priced
    in_number = replace(reward_rule, limits=tuple(replace(each, amount=None) for each in reward_rule.limits))
    refusal, _, more, counted = _limit(draft, qualified, in_number, beneficiary, unit, net)
    steps = (*price_steps, *share_steps(qualified.referral, reward_rule.side, share), *more)
    if refusal is not None and (again is None or refusal != "count_cap_reached"):
        common = {"program": qualified.referral.program, "subject": qualified.conversion.id}
        verdict = refused("reward", refusal, *qualified.steps, *steps, **common)
        told = {"side": reward_rule.side, "beneficiary": beneficiary, "unit": unit}
        draft.say(replace(verdict, redecides=qualified.redecides, **told))
        return []
    steps = (*steps, Step("by_claim", {"claim": claim}))
    id_ = again.id if again is not None else None
    counts = gross if qualified.number >= semantics.CEILINGS_STAY else net
    return [Planned(*whose, tier, gross, net, unit, steps, counted, counts, again=id_, by_claim=True, held=held)]


def _displaced(draft: Draft, rules: Rules, reward: Reward) -> bool:
    shared = rules.shares_customers or draft.rules_of(reward.rules).shares_customers
    return not shared and draft.need(Referral, reward.referral).status == "void"


def _not_offered(draft: Draft, qualified: Qualified, reward_rule: RewardRule) -> None:
    """A side without an amount for this currency, or a percentage of a conversion without amount."""
    rules, _, referral, conversion, steps, redecides, _ = qualified
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


def _sides(draft: Draft, qualified: Qualified, reward_rule: RewardRule) -> list[tuple[int, str, Worth]]:
    """(share, beneficiary, what it is worth): by the program's rate, or that of whoever agreed on one of their own."""
    sides = _by_rules(draft, qualified, reward_rule)
    if reward_rule.side == "friend":
        return sides
    return [(share, person, _agreed(draft, qualified, reward_rule, share, person, it)) for share, person, it in sides]


def _agreed(
    draft: Draft, qualified: Qualified, reward_rule: RewardRule, share: int, person: str, worth: Worth
) -> Worth:
    """What a share is worth under its advocate's agreement, if they have one: priced as any is, by their own rate."""
    rules, rule, referral, conversion, *_ = qualified
    found = agreements.standing(draft, rules, rule, referral, conversion, person)
    if found is None:
        return worth
    own = found.inside and agreements.has_rate(found.terms, rule, reward_rule, conversion)
    held, step = agreements.held(found, own=own), agreements.step(found, own=own)
    if not own:
        return worth._replace(steps=(step, *worth.steps), held=held)
    priced = (rules, rule, agreements.in_place_of(reward_rule, held), -1, conversion, qualified.number)
    net = pricing.price(*priced, net=True)
    gross = pricing.price(*priced, net=False) if conversion.back.amount else net
    if gross is None or net is None:
        raise AssertionError(f"{found.agreement.id} has a rate that says nothing of {conversion.id}")
    whole = (gross.amount, min(gross.amount, net.amount))
    if len(referral.shares) > 1:
        owners = shares_of(referral)
        whole = (money.split(whole[0], owners)[share], money.split(whole[1], owners)[share])
    return Worth(-1, whole[0], min(whole), (step, *net.steps), held)


def _by_rules(draft: Draft, qualified: Qualified, reward_rule: RewardRule) -> list[tuple[int, str, Worth]]:
    """By the program's rate: priced and rounded once, then split by largest remainder."""
    rules, rule, referral, conversion, *_ = qualified
    tier, kept = -1, None
    steps: tuple[Step, ...] = ()
    if reward_rule.tiers and reward_rule.side == "advocate":
        lead = min(referral.shares, key=lambda s: (-Fraction(s.numerator, s.denominator), s.person))
        person = kin.root(draft.get, lead.person)
        kept = limits.kept(draft, referral.program, person, reward_rule.tiers_count or "all")
        tier = pricing.tier_of(reward_rule, kept)
    elif reward_rule.later:
        tier, steps = _by_age(qualified, reward_rule)
    priced = (rules, rule, reward_rule, tier, conversion, qualified.number)
    net = pricing.price(*priced, net=True)
    gross = pricing.price(*priced, net=False) if conversion.back.amount else net
    if gross is None or net is None:
        return []
    if kept is not None:
        net.steps[-1].values["kept"] = kept
    most, least = gross.amount, min(gross.amount, net.amount)
    steps = (*steps, *net.steps)
    if reward_rule.side == "friend":
        return [(0, referral.friend, Worth(tier, most, least, steps))]
    if len(referral.shares) == 1:
        return [(0, kin.root(draft.get, referral.shares[0].person), Worth(tier, most, least, steps))]
    owners = shares_of(referral)
    parts = zip(money.split(most, owners), money.split(least, owners), strict=True)
    return [(i, kin.root(draft.get, owners[i][0]), Worth(tier, g, min(g, n), steps)) for i, (g, n) in enumerate(parts)]


def _by_age(qualified: Qualified, reward_rule: RewardRule) -> tuple[int, tuple[Step, ...]]:
    """The index of the figures for a customer of that age, and the step that shows it; none before any of them holds."""
    rules, rule, referral, conversion, *_ = qualified
    first = referral.place(rule.on)
    first_at = conversion.at if first is None else first.at
    index = pricing.age_of(reward_rule, first_at, conversion.at, rules.timezone)
    if index < 0:
        return index, ()
    months = reward_rule.later[index].after_months
    values = {"months": months, "first_at": first_at, "at": conversion.at, "timezone": rules.timezone}
    return index, (Step("age", values),)


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
            missed = (*(each for each in advocate.missed if each != place), place)
            forgotten = advocate.forgotten + max(0, len(missed) - MOST_MISSED)
            draft.put(replace(advocate, missed=missed[-MOST_MISSED:], forgotten=forgotten))
        return "beneficiary_not_active", 0, [Step("advocate", {"status": advocate.status})], None
    kind = limits.kind_of(qualified.rule.on, reward_rule)
    counted = Counted(program, beneficiary, kind, qualified.conversion.at, unit)
    return *limits.cap(draft, qualified.rules, reward_rule.limits, counted, amount), counted
