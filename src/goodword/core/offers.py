"""Welcome offers: what a friend is promised off one order of theirs, made as they are bound, and redeemed by that order alone.

An offer goes with the referral that binds its friend (``follow``: looked at after every decision) and counts toward the program's
budget while it is open or bound. It ends by time, by another first order, or with its referral. The reward that it becomes is priced,
held, routed and approved as any.
Must not know: how a reward is priced, who approves it, how it is booked.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from msgspec.structs import replace

from goodword.core import calendar, kin, semantics, settlement
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import TimerDue
from goodword.core.kinds.conditions import Condition
from goodword.core.kinds.conditions.customer import Customer as ForCustomer
from goodword.core.kinds.rewards import taken_off
from goodword.core.rules import Rules
from goodword.core.stages import limits, matching
from goodword.core.state import NOTHING, Conversion, Customer, Offer, Referral, Reward

#: What a verdict about one is about.
ABOUT: Final = "offer"
#: An order that is open may be paid so long after the end of the offer that it names.
GRACE: Final = 30 * calendar.DAY
#: As what one is told.
Standing = Literal["expected", "confirmed", "ended"]
#: Why one ended.
EXPIRED: Final = "expired"
PARTED: Final = "referral_ended"
NOT_NEW: Final = "not_new"
ENDS: Final = (EXPIRED, "ordered", PARTED, "merged", "erased", NOT_NEW)
#: Of two offers of whom turned out to be one person, the one that is further stays.
_RANK: Final = {status: rank for rank, status in enumerate(("ended", "open", "bound", "redeemed"))}


# --- made, moved, ended -----------------------------------------------------------------------------------------------


def follow(draft: Draft) -> None:
    """Let each referral that a decision made have its offer, and that of each that it ended go where the friend is bound now."""
    changed = [entity for (noun, _), entity in draft.puts.items() if noun is Referral]
    for it in changed:
        if it.status == "void" and it.offer is not None:  # type: ignore[attr-defined]
            _leave(draft, it, draft.need(Offer, it.offer))  # type: ignore[arg-type, attr-defined]
    for id_ in [it.id for it in changed]:  # type: ignore[attr-defined]
        now = draft.need(Referral, id_)
        if now.status == "void":
            continue
        if now.offer is not None:
            _look(draft, now, draft.need(Offer, now.offer))
        elif id_ not in draft.state.tables[Referral]:
            had = inherit(draft, now)
            _issue(draft, now) if had is None else _look(draft, draft.need(Referral, id_), had)


def _leave(draft: Draft, ended: Referral, offer: Offer) -> None:
    """It goes with its friend to the referral that binds them now, so that they are welcomed once; without one it ends."""
    if offer.referral != ended.id:
        return
    customer = draft.get(Customer, kin.root(draft.get, ended.friend))
    bound = [draft.need(Referral, id_) for id_ in customer.referrals] if customer is not None else []
    now = next((it for it in bound if it.program == offer.program), None)
    if now is None or draft.rules_of(now.rules).welcome is None:
        if offer.reserved:
            _end(draft, offer, PARTED)
        return
    other = draft.need(Offer, now.offer) if now.offer not in (None, offer.id) else None
    if other is not None and _RANK[other.status] >= _RANK[offer.status]:
        if offer.reserved:
            _end(draft, offer, "merged")
        return
    if other is not None and other.reserved:
        _end(draft, other, "merged")
    _move(draft, offer, now)


def _move(draft: Draft, offer: Offer, to: Referral) -> Offer:
    """Its amounts stay what was promised, and its end, where no window of the other rules is over before."""
    draft.put(replace(to, offer=offer.id))
    window = welcome[0].window if (welcome := draft.rules_of(to.rules).welcome) is not None else None
    until = offer.until if window is None else min(offer.until, to.lead_at + calendar.duration(window))
    now = draft.put(replace(offer, referral=to.id, person=to.friend, until=until))
    if until < offer.until and offer.status != "redeemed":
        settlement.timer(draft, until, "offer_over", offer.id)
    _say(draft, "moved", now)
    return now


def inherit(draft: Draft, referral: Referral) -> Offer | None:
    """Let a new referral have what its program had offered its friend before, whatever bound them then: nobody is welcomed twice."""
    if draft.rules_of(referral.rules).welcome is None:
        return None
    customer = draft.get(Customer, referral.friend)
    before = [draft.need(Referral, id_) for id_ in customer.parted] if customer is not None else []
    theirs = [draft.need(Offer, it.offer) for it in before if it.program == referral.program and it.offer is not None]
    if not theirs:
        return None
    return _move(draft, max(theirs, key=lambda it: (_RANK[it.status], it.at, it.id)), referral)


def _look(draft: Draft, referral: Referral, offer: Offer) -> None:
    """Another first order than its own ends it; it is whose the referral is, who may have been merged."""
    if offer.referral != referral.id:
        return
    if offer.person != referral.friend:
        offer = draft.put(replace(offer, person=referral.friend))
    known = draft.state.tables[Referral].get(referral.id)
    anew = known is None or known.status == "void"  # type: ignore[attr-defined]
    if offer.reason == PARTED and anew and not _was_known(draft, referral):
        offer = _again(draft, offer)
    welcome = draft.rules_of(referral.rules).welcome
    if offer.reserved and (welcome is None or referral.place(welcome[0].on) is not None):
        _end(draft, offer, "ordered")


def _issue(draft: Draft, referral: Referral) -> None:
    """Make an offer to the friend of a new referral, in each currency of its rules whose budget has room."""
    rules = draft.rules_of(referral.rules)
    if rules.welcome is None:
        return
    rule, welcome = rules.welcome
    until = referral.lead_at + calendar.duration(welcome.valid or "0d")
    if rule.window is not None:
        until = min(until, referral.lead_at + calendar.duration(rule.window))
    refusal = "not_first" if referral.place(rule.on) is not None else "offer_over" if until <= draft.as_of else None
    known = draft.get(Customer, referral.friend)
    if known is not None and not matching.is_new(known, referral.lead_at) and any(map(_for_new, rule.conditions)):
        refusal = "condition_not_met"
    amounts, budget = _room(draft, rules, referral.program, welcome.flat or {}) if refusal is None else ({}, [])
    if not amounts:
        step = Step("offer_times", {"lead_at": referral.lead_at, "until": until, "on": rule.on})
        no = refused(ABOUT, refusal or "budget_exhausted", step, *budget, program=referral.program, subject=referral.id)
        draft.say(replace(no, beneficiary=referral.friend))
        return
    offer = Offer(
        id=draft.id("off", ABOUT, share=referral.id),
        program=referral.program,
        person=referral.friend,
        referral=referral.id,
        rules=referral.rules,
        amounts=amounts,
        status="open",
        at=draft.as_of,
        until=until,
        evt=draft.evt,
    )
    draft.put(offer)
    draft.put(replace(referral, offer=offer.id))
    _reserve(draft, offer, 1)
    settlement.timer(draft, until, "offer_over", offer.id)
    _say(draft, "issued", offer, *budget)


def _for_new(condition: Condition) -> bool:
    """Whether no order of an existing customer could ever meet it, so that none is promised anything."""
    return isinstance(condition, ForCustomer) and condition.new


def _room(draft: Draft, rules: Rules, program: str, amounts: dict[str, int]) -> tuple[dict[str, int], list[Step]]:
    """Return those amounts for which the budget has room, and what shows it."""
    room: dict[str, int] = {}
    budget: list[Step] = []
    for unit, amount in sorted(amounts.items()):
        over, more = limits.budget(draft, rules, program, unit, amount)
        budget += more
        if over is None:
            room[unit] = amount
    return room, budget


def _again(draft: Draft, offer: Offer) -> Offer:
    """What ended with its referral is open again with another one, or with that one, if its time is not over and there is room."""
    if offer.until <= draft.as_of:
        return offer
    amounts, budget = _room(draft, draft.rules_of(offer.rules), offer.program, offer.amounts)
    if not amounts:
        return offer
    now = draft.put(replace(offer, amounts=amounts, status="open", reason=None))
    _reserve(draft, now, 1)
    _say(draft, "issued", now, *budget)
    return now


def _end(draft: Draft, offer: Offer, reason: str) -> None:
    _reserve(draft, offer, -1)
    now = draft.put(replace(offer, status="ended", conversion=None, reason=reason, held_until=None))
    _say(draft, "ended", now, Step("offer_ended", {"reason": reason, "until": offer.until}))


def _reserve(draft: Draft, offer: Offer, sign: int) -> None:
    """Count what an offer holds toward the budget, or give it back."""
    for unit, amount in offer.reserved.items():
        limits.spend(draft, offer.program, unit, sign * amount)


def over(draft: Draft, event: TimerDue) -> str:
    """The time of an offer is over; while an order is open that names it, it waits for that a while."""
    offer = draft.need(Offer, event.subject)
    if offer.held_until is not None and draft.as_of < offer.held_until:
        settlement.timer(draft, offer.held_until, "offer_over", offer.id)
        return "offer_bound"
    if not offer.reserved or draft.as_of < offer.until:
        return "nothing_to_do"
    _end(draft, offer, EXPIRED)
    return "offer_expired"


def erased(draft: Draft, person: str) -> None:
    """Whoever is erased is promised nothing any more."""
    customer = draft.get(Customer, person)
    for id_ in customer.referrals if customer is not None else ():
        referral = draft.need(Referral, id_)
        offer = draft.need(Offer, referral.offer) if referral.offer is not None else None
        if offer is not None and offer.reserved:
            _end(draft, offer, "erased")


def for_new(rules: Rules) -> bool:
    """Return whether rules welcome nobody who was a customer before."""
    return rules.new_customers_only or (rules.welcome is not None and any(map(_for_new, rules.welcome[0].conditions)))


def _was_known(draft: Draft, referral: Referral) -> bool:
    """Whether it came out while nobody had brought a friend that they are not who is welcomed."""
    if draft.semantics < semantics.WELCOMES_END_BY_PROOF or not for_new(draft.rules_of(referral.rules)):
        return False
    friend = draft.get(Customer, referral.friend)
    return friend is not None and not matching.is_new(friend, referral.lead_at)


def proved(draft: Draft, referral: Referral) -> None:
    """What came shows that a friend is to be welcomed by nobody: an offer ends, that of an order which is open yet with that order."""
    offer = draft.need(Offer, referral.offer) if referral.offer is not None else None
    if offer is None or offer.referral != referral.id:
        return
    if offer.status == "open":
        _end(draft, offer, NOT_NEW)
    elif offer.status == "bound" and offer.reason is None:
        draft.put(replace(offer, reason=NOT_NEW))


def expected(reward: Reward) -> bool:
    """Return whether a reward is a welcome that nobody has approved: it was taken off, and is no cost yet."""
    return taken_off(reward.kind) and reward.status in settlement.UNDECIDED


def stands(offer: Offer, reward: Reward | None) -> tuple[Standing, str | None]:
    """Return as what an offer is told: expected, confirmed, or ended, with the code of why. ``reward``: what its order earned by it.

    It is expected until that is approved.
    """
    if offer.status == "ended":
        return "ended", offer.reason
    if offer.status != "redeemed" or reward is None or expected(reward):
        return "expected", None
    return ("confirmed", None) if reward.amount else ("ended", reward.status)


# --- its order --------------------------------------------------------------------------------------------------------


def redeemed_by(draft: Draft, referral: Referral, conversion: Conversion) -> Offer | None:
    """Return the offer that an order of a referral's friend redeems, if it qualifies otherwise."""
    offer = draft.get(Offer, conversion.offer) if conversion.offer is not None else None
    place = referral.place(conversion.name)
    first = place is None or place.conversion == conversion.id
    if offer is None or offer.referral != referral.id or not first or _against(draft, offer, conversion) is not None:
        return None
    return offer


def redeem(draft: Draft, offer: Offer, conversion: Conversion, amount: int) -> None:
    """An order has earned an offer: what that held of the budget is what the order spends. One that a claim moved did so before."""
    if offer.status == "redeemed":
        return
    _reserve(draft, offer, -1)
    now = draft.put(replace(offer, status="redeemed", conversion=conversion.id, reason=None, held_until=None))
    unit = conversion.currency or ""
    values = {"conversion": conversion.id, "offered": offer.amounts[unit], "discount": conversion.discount}
    _say(draft, "redeemed", now, Step("offer_order", {**values, "unit": unit}), amounts={unit: amount})


def named(draft: Draft, key: str) -> None:
    """Bind the offer that an open order names; say of any order that names one in vain why that is so."""
    conversion = draft.get(Conversion, key)
    if conversion is None or conversion.evt != draft.evt or conversion.offer is None:
        return
    before = draft.state.get(Conversion, key)
    if before is not None and before.offer != conversion.offer:  # a draft of it bound another one
        freed(draft, before)
    offer = draft.get(Offer, conversion.offer)
    if offer is not None and (offer.status, offer.conversion) == ("redeemed", key):
        return
    against = _against(draft, offer, conversion)
    if against is None and offer is not None and conversion.status == "open":
        against = _bind(draft, offer, conversion)
        if against is None:
            return
    values = {"conversion": key, "discount": conversion.discount, "unit": conversion.currency}
    if offer is not None:
        other = offer.conversion if offer.conversion != key else None
        values |= {"until": offer.until, "at": conversion.at, "redeemed_by": other}
    no = refused(ABOUT, against or "offer_order_refused", Step("offer_named", values), subject=conversion.offer)
    whose = {"program": offer.program, "beneficiary": offer.person} if offer is not None else {}
    draft.say(replace(no, **whose))
    if conversion.status != "open":
        freed(draft, conversion)


def freed(draft: Draft, conversion: Conversion) -> None:
    """An order that was open is canceled, or is paid and earns nothing: the offer that it bound is open again, if that is not over."""
    offer = draft.get(Offer, conversion.offer) if conversion.offer is not None else None
    if offer is None or (offer.status, offer.conversion) != ("bound", conversion.id):
        return
    if offer.until <= draft.as_of or offer.reason is not None:
        _end(draft, offer, offer.reason or EXPIRED)
    else:
        _say(draft, "freed", draft.put(replace(offer, status="open", conversion=None, held_until=None)))


def _against(draft: Draft, offer: Offer | None, conversion: Conversion) -> str | None:
    """Return why an order cannot have an offer, whatever it earns; None: it can."""
    if offer is None:
        return "offer_unknown"
    if conversion.person is None or kin.root(draft.get, conversion.person) != kin.root(draft.get, offer.person):
        return "offer_of_another"
    mine = offer.conversion == conversion.id
    if offer.conversion is not None and not mine:
        return "offer_used"
    late = offer.status == "ended" and offer.reason == EXPIRED and _held(draft, offer)
    if (offer.status == "ended" and not late) or (not mine and conversion.at >= offer.until):
        return "offer_over"
    if conversion.currency not in offer.amounts:
        return "offer_currency"
    # An order that is open is a draft: its first paid delivery says what was taken off.
    return "offer_no_discount" if conversion.status == "paid" and not conversion.discount else None


def _held(draft: Draft, offer: Offer) -> bool:
    """Whether the referral that it is of still binds its friend, and has no other offer."""
    customer = draft.need(Customer, kin.root(draft.get, offer.person))
    return any(
        (it := draft.need(Referral, id_)).id == offer.referral and it.offer == offer.id for id_ in customer.referrals
    )


def _bind(draft: Draft, offer: Offer, conversion: Conversion) -> str | None:
    """Let no other order have it. One that had run out before this was told holds its amount again, if there is room."""
    if offer.status == "bound":
        return None
    if offer.status == "ended":
        unit = conversion.currency or ""
        amounts = {unit: offer.amounts[unit]}
        refusal, _ = limits.budget(draft, draft.rules_of(offer.rules), offer.program, unit, amounts[unit])
        if refusal is not None:
            return refusal
        offer = replace(offer, amounts=amounts, reason=None)
    late, held = offer.status == "ended", max(draft.as_of, offer.until) + GRACE
    now = draft.put(replace(offer, status="bound", conversion=conversion.id, held_until=held))
    if late:  # no timer is left that would look at it at its end
        settlement.timer(draft, held, "offer_over", offer.id)
        _reserve(draft, now, 1)
    _say(draft, "bound", now, Step("offer_order", {"conversion": conversion.id, "unit": conversion.currency}))
    return None


def _say(draft: Draft, outcome: str, offer: Offer, *steps: Step, amounts: dict[str, int] = NOTHING) -> None:
    """Say what became of an offer. What it is worth in several currencies is told by its step."""
    its: dict[str, Any] = amounts or offer.amounts
    amount, unit = (
        next(((amount, unit) for unit, amount in its.items()), (None, None)) if len(its) == 1 else (None, None)
    )
    step = Step("offer", {"referral": offer.referral, "amounts": offer.amounts, "until": offer.until})
    said = Verdict(about=ABOUT, outcome=outcome, program=offer.program, subject=offer.id, side="friend")
    draft.say(replace(said, beneficiary=offer.person, amount=amount, unit=unit, steps=(step, *steps)))
