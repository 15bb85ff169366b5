"""Refunds and chargebacks: they count however late, before or after the payment, and never hand a place to another conversion.

A refund never raises what somebody earned; what takes a refund back may.
"""

from __future__ import annotations

from fractions import Fraction

from msgspec.structs import replace

from goodword.core import agreements, conversions, ledger, money, parts, semantics, settlement
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import (
    ChargebackClosed,
    ChargebackOpened,
    ConversionRefunded,
    RefundClosed,
    RefundOpened,
    RefundReturned,
)
from goodword.core.kinds.rewards import taken_off
from goodword.core.stages import limits, matching, planning, pricing
from goodword.core.state import BEFORE_PAYMENT, Ask, Case, Chargeback, Conversion, Flag, Referral, Refund, Reward

#: How a chargeback ends.
CLOSED = ("kept", "lost")
#: Statuses of a reward that no refund, amendment or return changes any more.
_OVER = ("rejected", "expired")


def decide(draft: Draft, event: ConversionRefunded) -> None:
    """Give back a part of an invoice."""
    value = Refund(
        conversion=conversions.invoice_key(event.invoice),
        id=event.refund,
        amount=event.amount,
        goods=event.amount,
        lines=event.lines,
        status="applied",
        at=event.occurred_at,
        evt=event.evt,
    )
    if draft.semantics < semantics.PARTS_ARE_KEPT:
        _whole(draft, value)
        return
    refund(draft, replace(value, said=(event.amount, event.tax, event.shipping), currency=event.currency))


def refund(draft: Draft, value: Refund) -> None:
    """Record a refund of an invoice and lower what the invoice earned. Before the conversion it waits for it.

    More than is left counts as what is left, and somebody looks at it.
    """
    key = value.conversion
    conversion = draft.get(Conversion, key) or Conversion(id=key, status="waiting")
    known = draft.get(Refund, value.key)
    early = _early(known)
    if known is not None and early and early >= value.amount:  # all of it came back
        known, early = draft.put(replace(known, said=())), 0
    if known is not None and known.status != "refused" and not early:
        _again(draft, conversion, known, value)
        return
    if early:
        value = _less(draft, value, value.amount - early)
    if conversion.status == "waiting":
        _wait(draft, conversion, value)
        return
    refusal = _against(conversion, value)
    if refusal is not None:
        draft.say(refused("refund", refusal[0], refusal[1], subject=key))
        return
    value = draft.put(parts.fitted(value, conversion, conversion.back))
    conversion = draft.put(replace(_answered(conversion, value.id), back=conversion.back.plus(value)))
    steps = shown(value, conversion)
    if parts.exceeds(value):
        steps += exceeding(draft, conversion, value)
    verdict = Verdict(about="refund", outcome="applied", subject=key, amount=value.amount, unit=conversion.currency)
    draft.say(replace(verdict, steps=steps))
    reprice(draft, draft.need(Conversion, key))


def _against(conversion: Conversion, value: Refund) -> tuple[str, Step] | None:
    """Why a refund counts for nothing."""
    if conversion.status == "canceled":
        return "conversion_canceled", Step("refund", {"refund": value.id})
    if conversion.amount is None:
        values = {"refund": value.id, "rest": None, "amount": value.amount, "unit": conversion.currency}
        return "refund_exceeds", Step("rest", values)
    if value.currency not in (None, conversion.currency):
        return "refund_currency", parts.currencies(value, conversion)
    return None


def _wait(draft: Draft, conversion: Conversion, value: Refund) -> None:
    draft.put(replace(value, status="waiting", n=conversion.waiting))
    draft.put(replace(_answered(conversion, value.id), waiting=conversion.waiting + 1))
    draft.say(Verdict(about="refund", outcome="waiting", subject=conversion.id, amount=value.amount))


def _answered(conversion: Conversion, refund: str) -> Conversion:
    """The order where nobody asks for this refund any more: it was given, or failed."""
    return replace(conversion, asked_back={id_: ask for id_, ask in conversion.asked_back.items() if id_ != refund})


def _again(draft: Draft, conversion: Conversion, known: Refund, value: Refund) -> None:
    """The same id again: the same values say nothing new, others are somebody's to look at."""
    step = Step("refund", {"refund": value.id})
    if (known.first_said or known.said or (known.amount, 0, 0)) == value.said or known.status == "returned":
        draft.say(refused("refund", "duplicate_refund", step, subject=conversion.id))
        return
    case = conversions.case_of(draft, conversion, "refund_conflict")
    was = (known.first_said or known.said or (known.amount,))[0]
    values = {"refund": value.id, "was": was, "now": value.amount, "unit": conversion.currency, "case": case}
    draft.say(refused("refund", "refund_conflict", Step("said_again", values), subject=conversion.id))


def shown(value: Refund, conversion: Conversion) -> tuple[Step, ...]:
    """What was given back, in all and by part where the order names parts."""
    values = {"amount": value.amount, "refunded": conversion.back.amount, "of": conversion.amount}
    step = Step("refunded", values)
    if not conversion.tax and not conversion.shipping:
        return (step,)
    named = value.goods + value.tax + value.shipping == sum(value.said[1:]) or not value.said[0] - sum(value.said[1:])
    by = "named" if named else "goods_first"
    return (step, Step("parts", {"goods": value.goods, "tax": value.tax, "shipping": value.shipping, "by": by}))


def exceeding(draft: Draft, conversion: Conversion, value: Refund) -> tuple[Step, ...]:
    """More than was left was given back: it counts as the rest, and what the order earned waits for a case."""
    case = conversions.case_of(draft, conversion, "refund_exceeds")
    values = {
        "refund": value.id,
        "asked": value.said[0],
        "rest": value.amount,
        "unit": conversion.currency,
        "case": case,
    }
    return (Step("clamped", values),)


def returned(draft: Draft, event: RefundReturned) -> None:
    """A refund was taken back or failed, all of it or a part: what it lowered rises again, in review."""
    key = conversions.invoice_key(event.invoice)
    conversion = draft.get(Conversion, key) or Conversion(id=key, status="waiting")
    known = draft.get(Refund, (key, event.refund))
    if known is None and event.amount is not None and draft.semantics < semantics.RETURNS_OF_WHAT_WAS_SAID:
        draft.say(refused("refund", "refund_unknown", Step("refund", {"refund": event.refund}), subject=key))
        return
    early = _early(known)
    if known is not None and known.status in ("returned", "refused") and not early:
        draft.say(refused("refund", "duplicate_refund", Step("refund", {"refund": event.refund}), subject=key))
        return
    if known is None or early:  # it is told before what it takes back, which then is nothing, or so much less
        back = () if event.amount is None else (-early - event.amount, 0, 0)
        draft.put(replace(_nothing(key, event.refund, event.occurred_at, event.evt), said=back))
        draft.put(_answered(conversion, event.refund))
        draft.say(Verdict(about="refund", outcome="waiting", subject=key))
        return
    _take_back(draft, conversion, known, event.amount)


def _nothing(conversion: str, id_: str, at: int, evt: str) -> Refund:
    """A refund that will count for nothing."""
    return Refund(conversion=conversion, id=id_, amount=0, status="returned", at=at, evt=evt)


def _early(known: Refund | None) -> int:
    """How much of a refund came back before it was told itself: its row says less than nothing until then."""
    return -known.said[0] if known is not None and known.said and known.said[0] < 0 else 0


def _take_back(draft: Draft, conversion: Conversion, known: Refund, amount: int | None) -> None:
    """A refund counts no longer, or less of it; everything is laid on the parts of the order and priced anew."""
    of = known.said[0] if known.said and draft.semantics >= semantics.RETURNS_OF_WHAT_WAS_SAID else known.amount
    back = known.amount if amount is None else min(amount, of)
    now = replace(known, status="returned", amount=0, goods=0, tax=0, shipping=0)
    if amount is not None and amount < of:
        now = _less(draft, known, of - amount)
    draft.put(now)
    step = Step("returned", {"refund": known.id, "amount": back, "unit": conversion.currency})
    if conversion.status == "waiting":
        draft.say(Verdict(about="refund", outcome="returned", subject=conversion.id, steps=(step,)))
        return
    conversion, _ = parts.refit(draft, conversion)
    verdict = Verdict(about="refund", outcome="returned", subject=conversion.id, unit=conversion.currency)
    draft.say(replace(verdict, amount=back, steps=(step,)))
    reprice(draft, conversion, step)


def _less(draft: Draft, known: Refund, kept: int) -> Refund:
    """So much of the refund; the rest is taken from what it named last: goods without a line, then lines from behind."""
    said = known.said or (known.amount, 0, 0)
    first_said = known.first_said or said if draft.semantics >= semantics.RETURNS_OF_WHAT_WAS_SAID else ()
    _, tax, shipping = said
    tax, shipping = min(tax, kept), min(shipping, max(0, kept - tax))
    rest, lines = kept - tax - shipping, []
    for line in known.lines:
        lines.append(replace(line, amount=min(line.amount, rest)))
        rest -= lines[-1].amount
    lines = [line for line in lines if line.amount]
    less = replace(known, amount=kept, goods=kept, tax=0, shipping=0)  # its parts are found anew
    return replace(less, said=(kept, tax, shipping), first_said=first_said, lines=tuple(lines))


#: Of so many refunds of an order that were asked for, the newest, it is kept what was said last.
MOST_ASKED = 20


def opened(draft: Draft, event: RefundOpened) -> None:
    """Somebody asks for money back: what the order earned and was not paid yet is marked, once a refund.

    One that was given back already, or told to have failed, is asked for no longer. Before the order it waits for it.
    """
    conversion = _asked(draft, event, is_open=True)
    if conversion is None:
        return
    flag = Flag("refund_open", {"refund": event.refund, "open": len(conversion.asked_now)})
    for id_ in conversion.rewards:
        reward = draft.need(Reward, id_)
        if reward.status in BEFORE_PAYMENT:
            settlement.mark(draft, reward, [flag])


def closed(draft: Draft, event: RefundClosed) -> None:
    """It is not given back: of what the order earns from now on nothing is marked because of it. What was marked stays so."""
    _asked(draft, event, is_open=False)


def _asked(draft: Draft, event: RefundOpened | RefundClosed, *, is_open: bool) -> Conversion | None:
    """Keep what was said last of a refund that somebody asked for, in any order of telling. Returns the order if it is another now."""
    key, at = conversions.invoice_key(event.invoice), event.occurred_at
    draft.say(Verdict(about="event", outcome="recorded", subject=key))
    conversion = draft.get(Conversion, key) or Conversion(id=key, status="waiting")
    before = conversion.asked_back.get(event.refund)
    if draft.get(Refund, (key, event.refund)) is not None or (before is not None and before.at > at):
        return None
    said = {id_: ask for id_, ask in conversion.asked_back.items() if id_ != event.refund}
    newest = sorted([*said.items(), (event.refund, Ask(at, is_open))], key=lambda it: (it[1].at, it[0]))[-MOST_ASKED:]
    asked = dict(newest)
    conversion = draft.put(replace(conversion, asked_back=asked))
    return None if before is not None and before.open == is_open else conversion


def reprice(draft: Draft, conversion: Conversion, *causes: Step) -> None:
    """Work out every reward of a conversion anew from what is left: whole, capped and rounded once, then split again.

    ``causes``: what lets an amount rise; without them it only falls.
    """
    for id_ in conversion.rewards:
        reward = draft.need(Reward, id_)
        rising = causes
        if causes and draft.semantics >= semantics.OWED_ONCE and planning.own_account(draft, reward):
            rising = ()  # nobody refers themselves
        if reward.taken_by and not _borne(draft, reward):
            rising = ()
        if (not rising and not reward.amount) or reward.status in _OVER:
            continue
        if causes and _without_place(draft, reward):
            continue
        priced, gross = _priced(draft, reward, conversion, net=True), None
        if conversion.amended is not None and rising and not reward.taken_by:
            gross = _share(draft, reward, _priced(draft, reward, conversion, net=False).amount)
        _adjust(draft, reward, priced, gross, rising)


def _borne(draft: Draft, reward: Reward) -> bool:
    """Whether a claim took a reward after it was sent, and the program bears what was."""
    if draft.semantics < semantics.BORNE_AGAIN or not planning.of_a_claim(reward):
        return False
    return reward.discharged > 0 and draft.rules_of(reward.rules).claims.lost_after_payment == "bear"


def _without_place(draft: Draft, reward: Reward) -> bool:
    """Whether a reward that came to nothing stays so: a claim has given the place of its conversion to another one since."""
    if reward.amount or draft.semantics < semantics.PLACES_STAY_TAKEN:
        return False
    referral = draft.need(Referral, reward.referral)
    return matching.of_another(draft.rules_of(reward.rules), referral, reward.on, reward.conversion) is not None


def _priced(draft: Draft, reward: Reward, conversion: Conversion, *, net: bool) -> pricing.Priced:
    priced = _price(draft, reward, conversion, net=net)
    if priced is None:
        raise AssertionError(f"{reward.id} can be priced no longer")
    return priced


def _price(draft: Draft, reward: Reward, conversion: Conversion, *, net: bool) -> pricing.Priced | None:
    rules, number = draft.rules_of(reward.rules), draft.rules[reward.rules].semantics
    rule = rules.conversion(reward.on)
    if rule is None:
        raise AssertionError(f"{reward.id} was earned under a rule that is not in {reward.rules}")
    mine = rule.rewards[reward.rule]
    if reward.ceiling is not None and taken_off(reward.kind):
        mine = pricing.as_offered(mine, {reward.unit: reward.ceiling})
    if reward.agreement is not None and reward.agreement.own:
        mine = agreements.in_place_of(mine, reward.agreement)
    return pricing.price(rules, rule, mine, reward.tier, conversion, number, net=net)


def priced(draft: Draft, reward: Reward) -> tuple[int, tuple[Step, ...]]:
    """What a reward would be by today's net of its conversion, whatever caps left of it; and the steps that show it."""
    found = _priced(draft, reward, draft.need(Conversion, reward.conversion), net=True)
    return _share(draft, reward, found.amount), found.steps


def part(draft: Draft, reward: Reward) -> tuple[int, tuple[Step, ...]]:
    """What the share of an advocate would be of a reward that was earned: by today's net, at most what caps left of it."""
    amount, steps = priced(draft, reward)
    most = _most(draft, reward, None)
    return (amount, steps) if most is None or most >= amount else (most, (*steps, Step("ceiling", {"left": most})))


def most(draft: Draft, reward: Reward) -> int | None:
    """Return the most that an order's reward can be by its rules, rate, share and what caps left of it; None: they do not give it.

    For rewards whose rules, order and referral are there. It may be less: what falls by a refund or a claim rises by a word alone.
    """
    if reward.side != "friend" and reward.share >= len(draft.need(Referral, reward.referral).shares):
        return None
    priced = _price(draft, reward, draft.need(Conversion, reward.conversion), net=True)
    if priced is None:
        return None
    whole, left = _share(draft, reward, priced.amount), _most(draft, reward, None)
    return whole if left is None else min(whole, left)


def worth(draft: Draft, reward: Reward) -> tuple[int, tuple[Step, ...]]:
    """What a reward that ended would be today, and what shows it: its conversion's net, priced as when it was earned.

    Of an opening balance and of a correction it is all of it.
    """
    if reward.on == ledger.OPENING:
        reference = reward.conversion.partition(":")[2]
        return reward.gross, (Step("opened", {"reference": reference, "amount": reward.gross, "unit": reward.unit}),)
    if ledger.of_no_order(reward.on):
        return reward.gross, ()
    amount, steps = priced(draft, reward)
    shares = planning.share_steps(draft.need(Referral, reward.referral), reward.side, reward.share)
    return min(reward.gross, amount), (*steps, *shares, Step("ceiling", {"left": reward.gross}))


def _share(draft: Draft, reward: Reward, whole: int) -> int:
    if reward.side == "friend":
        return whole
    referral = draft.need(Referral, reward.referral)
    owners: list[tuple[str, Fraction]] = planning.shares_of(referral)
    return money.split(whole, owners)[reward.share]


def _adjust(
    draft: Draft,
    reward: Reward,
    priced: pricing.Priced,
    gross: int | None,
    causes: tuple[Step, ...],
) -> None:
    """Set a reward to its price, as far as it may rise or fall, and say so."""
    whole = _share(draft, reward, priced.amount)
    shares = planning.share_steps(draft.need(Referral, reward.referral), reward.side, reward.share)
    was = Step("was", {"amount": reward.amount, "status": reward.status, "rules": reward.rules})
    steps = [was, *causes, *priced.steps, *shares]
    most = _most(draft, reward, gross)
    to = whole if most is None else min(whole, most)
    if most is not None and most < whole and draft.semantics >= semantics.CEILINGS_STAY:
        steps.append(Step("ceiling", {"left": most}))
    if not causes:
        to = min(to, reward.amount)
    elif reward.taken_by is not None:
        to = min(to, max(reward.amount, reward.discharged))
    if to > reward.amount:
        rules = draft.rules_of(reward.rules)
        refusal, budget = limits.budget(draft, rules, reward.program, reward.unit, to - reward.amount)
        if refusal is not None:
            to = reward.amount
            steps += [Step("budget_left", step.values) for step in budget]
    now = reward
    if to < reward.amount:
        now = settlement.lower(draft, reward, to, tells=False)
        steps += settlement.of_welcome(reward, now)
    elif to > reward.amount:
        now = settlement.raise_(draft, reward, to, tells=False)
        steps += settlement.of_welcome(reward, now)
        _count(draft, reward, to)
    if gross is not None:
        draft.put(replace(draft.need(Reward, now.id), gross=max(to, gross if most is None else min(gross, most))))
    verdict = Verdict(about="reward", outcome="adjusted", program=reward.program, subject=reward.id)
    whose = {"side": reward.side, "beneficiary": reward.beneficiary, "unit": reward.unit}
    draft.say(replace(verdict, amount=to, steps=tuple(steps), **whose))


def end(draft: Draft, reward: Reward, cause: Step) -> None:
    """A reward falls to nothing, because its order was taken back."""
    if not reward.amount:
        return
    now = settlement.lower(draft, reward, 0, tells=False)
    again = settlement.of_welcome(reward, now)
    was = Step("was", {"amount": reward.amount, "status": reward.status, "rules": reward.rules})
    verdict = Verdict(about="reward", outcome="adjusted", program=reward.program, subject=reward.id, amount=0)
    whose = {"side": reward.side, "beneficiary": reward.beneficiary, "unit": reward.unit}
    draft.say(replace(verdict, steps=(was, cause, *again), **whose))


def _most(draft: Draft, reward: Reward, gross: int | None) -> int | None:
    """The most that a reward may be: what caps left of it when it was earned, and what they leave of more than that now."""
    if draft.rules[reward.rules].semantics < semantics.CEILINGS_STAY:
        return reward.gross
    if gross is None or gross <= reward.gross or reward.ceiling is not None:
        return reward.ceiling
    room = limits.room(draft, draft.rules_of(reward.rules), reward)
    return None if room is None else reward.gross + room


def _count(draft: Draft, reward: Reward, to: int) -> None:
    """What is earned above what was counted when it was earned is counted now."""
    if reward.side == "advocate" and to > reward.gross:
        counted = limits.Counted(
            reward.program, reward.beneficiary, f"{reward.on}:{reward.kind}", reward.earned_at, reward.unit
        )
        limits.use(draft, draft.rules_of(reward.rules), counted, to - reward.gross, times=0)


def chargeback_opened(draft: Draft, event: ChargebackOpened) -> None:
    """The buyer's bank asks the money back, all that is left or a part: the rewards wait for a case."""
    key = conversions.invoice_key(event.invoice)
    conversion = draft.get(Conversion, key) or Conversion(id=key, status="waiting")
    known = draft.get(Chargeback, (key, event.chargeback))
    if known is not None and known.opened:
        draft.say(refused("refund", "duplicate_refund", Step("refund", {"refund": event.chargeback}), subject=key))
        return
    currency = event.currency if event.amount is not None else None  # of all that is left nothing has to be told
    if draft.semantics < semantics.CHARGEBACKS_OF_ANOTHER_CURRENCY:
        currency = None
        if conversion.currency is not None and event.currency not in (None, conversion.currency):
            values = {"refund": event.chargeback, "currency": event.currency, "of": conversion.currency}
            draft.say(refused("refund", "refund_currency", Step("currencies", values), subject=key))
            return
    if known is not None:
        _opened_late(draft, conversion, replace(known, opened=True, amount=event.amount, currency=currency))
        return
    rewards = [draft.need(Reward, id_) for id_ in conversion.rewards]
    case = settlement.open_case(draft, "chargeback", key, None, [], rewards).id if rewards else None
    opened = Chargeback(
        conversion=key,
        id=event.chargeback,
        status="open",
        amount=event.amount,
        currency=currency,
        case=case,
        at=event.occurred_at,
        evt=event.evt,
    )
    draft.put(opened)
    draft.put(replace(conversion, chargebacks=conversion.chargebacks + 1))
    _say_opened(draft, conversion, opened)


def _say_opened(draft: Draft, conversion: Conversion, opened: Chargeback) -> None:
    steps = (Step("case", {"case": opened.case}), *_currencies(conversion, opened))
    draft.say(Verdict(about="refund", outcome="chargeback_opened", subject=conversion.id, steps=steps))


def _currencies(conversion: Conversion, chargeback: Chargeback) -> tuple[Step, ...]:
    """Shows that a chargeback counts in other money than its order, if it does."""
    if not conversions.of_another_currency(conversion, chargeback):
        return ()
    return (Step("currencies", {"refund": chargeback.id, "currency": chargeback.currency, "of": conversion.currency}),)


def _opened_late(draft: Draft, conversion: Conversion, known: Chargeback) -> None:
    """It was closed before this came, which can only say of how much it was.

    Where that is in another currency nobody knows how much of the order was lost: what was taken for all of it comes back, and waits.
    """
    lost = draft.get(Refund, (known.conversion, known.refund)) if known.refund is not None else None
    asks = known.status == "lost" and conversions.of_another_currency(conversion, known)
    if asks:
        known = _with_case(draft, conversion, replace(known, refund=None))
    draft.put(known)
    _say_opened(draft, conversion, known)
    if lost is None or conversion.status == "waiting":
        return
    if asks:
        _take_back(draft, conversion, lost, None)
    elif known.amount is not None:
        draft.put(replace(lost, said=(known.amount, 0, 0)))
        conversion, _ = parts.refit(draft, conversion)
        reprice(draft, conversion, Step("returned", {"refund": lost.id, "amount": None, "unit": conversion.currency}))


def chargeback_closed(draft: Draft, event: ChargebackClosed) -> None:
    """Kept: the case is closed. Lost: a refund of what was asked back, and the case is closed.

    The bank may decide anew: what was lost and is kept after all rises again, in review. One that is told before it was opened counts.
    """
    if draft.semantics < semantics.PARTS_ARE_KEPT:
        _closed_once(draft, event)
        return
    key = conversions.invoice_key(event.invoice)
    if event.outcome not in CLOSED:
        draft.say(refused("refund", "chargeback_unknown", subject=key))
        return
    conversion = draft.get(Conversion, key) or Conversion(id=key, status="waiting")
    known = draft.get(Chargeback, (key, event.chargeback))
    if known is not None and known.status == event.outcome:
        draft.say(refused("refund", "duplicate_refund", Step("refund", {"refund": event.chargeback}), subject=key))
        return
    at, evt = event.occurred_at, event.evt
    by_time = draft.semantics >= semantics.ANY_ORDER_OF_TELLING
    if by_time and known is not None and known.status in CLOSED and (known.at, known.evt) > (at, evt):
        step = Step("first", {"evt": known.evt})
        draft.say(Verdict(about="event", outcome="superseded", subject=key, steps=(step,)))
        return
    if known is None:
        known = Chargeback(conversion=key, id=event.chargeback, status="open", opened=False, at=at, evt=evt)
        conversion = draft.put(replace(conversion, chargebacks=conversion.chargebacks + 1))
        draft.put(known)
    closed = replace(known, status=event.outcome, at=at, evt=evt)
    if event.outcome == "lost" and conversions.of_another_currency(conversion, known):
        closed = draft.put(_with_case(draft, conversion, closed))
        steps = (Step("case", {"case": closed.case}), *_currencies(conversion, closed))
        draft.say(Verdict(about="refund", outcome="chargeback_lost", subject=key, steps=steps))
        return
    case = draft.get(Case, known.case) if known.case is not None else None
    if case is not None and case.status == "open":
        settlement.close_case(draft, case, "cleared" if event.outcome == "kept" else "confirmed", "chargeback")
    closed = draft.put(replace(closed, case=None))
    draft.say(Verdict(about="refund", outcome=f"chargeback_{event.outcome}", subject=key))
    lost = draft.get(Refund, (key, conversions.lost_id(event.chargeback)))
    gone = (
        draft.semantics >= semantics.CHARGEBACKS_OF_ANOTHER_CURRENCY and lost is not None and lost.status == "returned"
    )
    if event.outcome == "kept" and lost is not None and not gone:
        _take_back(draft, conversion, lost, None)
    elif event.outcome == "lost" and conversion.status != "waiting" and conversion.amount is not None:
        _lose(draft, conversion, closed)


def _with_case(draft: Draft, conversion: Conversion, chargeback: Chargeback) -> Chargeback:
    """The chargeback with an open case over what its order earned: a person decides what of it was lost."""
    case = draft.get(Case, chargeback.case) if chargeback.case is not None else None
    if case is not None and case.status == "open":
        return chargeback
    rewards = [draft.need(Reward, id_) for id_ in conversion.rewards]
    opened = settlement.open_case(draft, "chargeback", conversion.id, None, [], rewards) if rewards else None
    return replace(chargeback, case=opened.id if opened is not None else None)


def _lose(draft: Draft, conversion: Conversion, chargeback: Chargeback) -> None:
    """What the bank took is given back: what it asked for, or all that is left."""
    value = conversions.lost(draft, chargeback, conversion.amount or 0)
    value = draft.put(parts.fitted(value, conversion, conversion.back))
    conversion = draft.put(replace(draft.need(Conversion, conversion.id), back=conversion.back.plus(value)))
    verdict = Verdict(about="refund", outcome="applied", subject=conversion.id, amount=value.amount)
    draft.say(replace(verdict, unit=conversion.currency, steps=shown(value, conversion)))
    reprice(draft, conversion)


# --- the first behaviour ----------------------------------------------------------------------------------------------


def _whole(draft: Draft, value: Refund) -> None:
    """A refund of no parts, refused where it is more than the rest."""
    key = value.conversion
    conversion = draft.get(Conversion, key) or Conversion(id=key, status="waiting")
    known = draft.get(Refund, value.key)
    if known is not None and known.status != "refused":
        draft.say(refused("refund", "duplicate_refund", Step("refund", {"refund": value.id}), subject=key))
        return
    if conversion.status == "waiting":
        _wait(draft, conversion, value)
        return
    rest = conversion.net
    if rest is None or value.amount > rest:
        values = {"refund": value.id, "rest": rest, "amount": value.amount, "unit": conversion.currency}
        draft.say(refused("refund", "refund_exceeds", Step("rest", values), subject=key))
        return
    draft.put(value)
    conversion = draft.put(replace(conversion, back=conversion.back.plus(value)))
    verdict = Verdict(about="refund", outcome="applied", subject=key, amount=value.amount, unit=conversion.currency)
    draft.say(replace(verdict, steps=shown(value, conversion)))
    reprice(draft, conversion)


def _closed_once(draft: Draft, event: ChargebackClosed) -> None:
    """A chargeback is closed once, after it was opened."""
    key = conversions.invoice_key(event.invoice)
    conversion = draft.get(Conversion, key)
    chargeback = draft.get(Chargeback, (key, event.chargeback))
    if conversion is None or chargeback is None or chargeback.status in CLOSED:
        draft.say(refused("refund", "chargeback_unknown", subject=key))
        return
    case = draft.get(Case, chargeback.case) if chargeback.case is not None else None
    if case is not None and case.status == "open":
        settlement.close_case(draft, case, "cleared" if event.outcome == "kept" else "confirmed", "chargeback")
    status = event.outcome if event.outcome in CLOSED else chargeback.status
    closed = draft.put(replace(chargeback, status=status, case=None, at=event.occurred_at, evt=event.evt))
    draft.say(Verdict(about="refund", outcome=f"chargeback_{event.outcome}", subject=key))
    rest = conversion.net
    if event.outcome == "lost" and rest:
        _whole(draft, replace(conversions.lost(draft, closed, rest), said=()))
