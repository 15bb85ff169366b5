"""Our own credit: delivered by a payout, redeemed, given back, expired. It never falls below nothing, and is used first in, first out.

What a person has in their purse is what is there of their lots that came as store credit; what came by a discount code is used by
that code alone, which the beneficiary may give to anybody. What the code reads is not known here. Who is suspended in a program
cannot use what they earned in it, nor does it expire meanwhile.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from goodword.core import calendar, kin, ledger, lots, settlement
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import CreditRedeemed, CreditReversed, TimerDue
from goodword.core.ledger import OURS
from goodword.core.state import Advocate, Drawn, Lot, Payout, Redemption, Reward

#: What is given back after its end, or was not usable then, can be used for so long.
GRACE: Final = 30 * calendar.DAY
#: What is said of what is delivered by a code.
BY_CODE: Final = "delivered_as_code"


def deliver(draft: Draft, payout: Payout, reward: Reward, amount: int) -> None:
    """What was sent of a reward is its beneficiary's credit from now on, until it is used or its time is over."""
    if not amount:
        return
    after = draft.rules_of(reward.rules).credit.expires
    expires_at = None if after is None else draft.as_of + calendar.duration(after)
    person = reward.beneficiary if reward.open_in is not None else kin.root(draft.get, reward.beneficiary)
    lot = Lot(
        id=draft.id("lot", payout.id, share=reward.id),
        person=person,
        program=reward.program,
        unit=reward.unit,
        reward=reward.id,
        payout=payout.id,
        on=reward.on,
        amount=amount,
        rest=amount,
        at=draft.as_of,
        earned_at=reward.earned_at,
        expires_at=expires_at,
        evt=draft.evt,
        rail=payout.rail,
    )
    draft.put(lot)
    draft.postings += ledger.delivered(reward, lot)
    if expires_at is not None:
        settlement.timer(draft, expires_at, "credit_expires", lot.id)
    step = Step("lot", {"lot": lot.id, "payout": payout.id, "expires_at": expires_at})
    verdict = Verdict(about="credit", outcome="delivered", program=lot.program, subject=reward.id, side=reward.side)
    verdict = replace(verdict, outcome=BY_CODE) if lot.code else verdict
    draft.say(replace(verdict, beneficiary=person, amount=amount, unit=lot.unit, steps=(step,)))


def redeemed(draft: Draft, event: CreditRedeemed) -> None:
    """Use what somebody has, the oldest first; refused where there is not enough. The same said again changes nothing."""
    id_, person = event.redemption, event.person
    if event.currency is None and event.program is None:
        draft.say(replace(refused("credit", "program_required", subject=id_), beneficiary=person))
        return
    unit = event.currency or f"points:{event.program}"
    known = draft.get(Redemption, id_)
    if known is not None:
        said = (person, unit, event.amount, event.program, event.order, event.payout)
        whose = kin.root(draft.get, known.person)
        same = said == (whose, known.unit, known.amount, known.program, known.order, known.payout)
        _again(draft, "redeemed_before" if same else "redemption_conflict", known, known.amount, known.evt)
        return
    owner = event.payout or person  # the purse, or what is behind one code
    held = [lot for lot in draft.of(Lot, "held_by", person) if lot.unit == unit and lot.owner == owner]
    held = [lot for lot in held if event.program in (None, lot.program)]
    usable = [lot for lot in held if not _stopped(draft, lot)]
    balance = sum(lot.rest for lot in usable)
    values = {"balance": balance, "amount": event.amount, "unit": unit}
    if event.amount > balance:
        stopped = sum(lot.rest for lot in held) - balance
        steps = (Step("balance", values), *((Step("stopped", {"amount": stopped, "unit": unit}),) if stopped else ()))
        no = refused("credit", "credit_short", *steps, program=event.program, subject=id_)
        draft.say(replace(no, beneficiary=person))
        return
    drawn: list[Drawn] = []
    left = event.amount
    for lot in lots.in_order(usable):
        part = min(lot.rest, left)
        if not part:
            break
        left -= part
        drawn.append(Drawn(lot.id, part))
        draft.postings += ledger.redeemed(lot, part)
        draft.put(replace(lot, rest=lot.rest - part))
    redemption = Redemption(
        id=id_,
        person=person,
        unit=unit,
        amount=event.amount,
        drawn=tuple(drawn),
        program=event.program,
        order=event.order,
        at=draft.as_of,
        evt=draft.evt,
        payout=event.payout,
    )
    draft.put(redemption)
    step = Step("redeemed", {"order": event.order, "balance": balance - event.amount, "unit": unit})
    drew = [
        *lots.by_code(event.payout),
        *(Step("drawn", {"lot": one.lot, "amount": one.amount, "unit": unit}) for one in drawn),
    ]
    _say(draft, "redeemed", redemption, event.amount, step, *drew)


def reversed_(draft: Draft, event: CreditReversed) -> None:
    """Give back what was used, at most that: to the lots that were used last. What is owed back of a reward is taken at once."""
    redemption = draft.get(Redemption, event.redemption)
    if redemption is None:
        draft.say(refused("credit", "redemption_unknown", subject=event.redemption))
        return
    before = redemption.reversals.get(event.reversal)
    if before is not None:
        same = event.amount in (None, before)
        _again(draft, "reversed_before" if same else "redemption_conflict", redemption, before, event.reversal)
        return
    rest = redemption.amount - redemption.back
    amount = rest if event.amount is None else event.amount
    if not 0 < amount <= rest:
        step = Step("reversible", {"rest": rest, "amount": amount, "unit": redemption.unit})
        no = refused("credit", "reversal_exceeds", step, program=redemption.program, subject=redemption.id)
        draft.say(replace(no, beneficiary=redemption.person))
        return
    drawn = list(redemption.drawn)
    left, concerned, gave = amount, dict[str, None](), list[Step]()
    for place in reversed(range(len(drawn))):
        one = drawn[place]
        part = min(one.amount - one.back, left)
        if not part:
            continue
        left -= part
        drawn[place] = replace(one, back=one.back + part)
        lot = _given_back(draft, draft.need(Lot, one.lot), part)
        concerned[lot.reward] = None
        values = {"lot": lot.id, "amount": part, "unit": lot.unit, "expires_at": lot.expires_at}
        gave.append(Step("given_back", values))
    reversals = {**redemption.reversals, event.reversal: amount}
    redemption = draft.put(replace(redemption, drawn=tuple(drawn), reversals=reversals))
    step = Step("reversed", {"reversal": event.reversal, "rest": rest - amount, "unit": redemption.unit})
    _say(draft, "reversed", redemption, amount, step, *lots.by_code(redemption.payout), *gave)
    for reward in concerned:
        lots.take_back(draft, draft.need(Reward, reward))


def _given_back(draft: Draft, lot: Lot, amount: int) -> Lot:
    lot = replace(lot, person=kin.root(draft.get, lot.person), rest=lot.rest + amount)
    draft.postings += ledger.unredeemed(lot, amount)
    if lot.expires_at is not None and lot.expires_at <= draft.as_of:
        return _longer(draft, lot)
    return draft.put(lot)


def expires(draft: Draft, event: TimerDue) -> str:
    """What is there of a lot whose time is over goes back to where it came from; not while its holder cannot use it."""
    lot = draft.need(Lot, event.subject)
    if not lot.rest or lot.expires_at != event.due_at:
        return "nothing_to_do"
    if _stopped(draft, lot):
        _longer(draft, lot)
        return "credit_stopped"
    end(draft, lot)
    return "credit_expired"


def end(draft: Draft, lot: Lot, *why: Step) -> None:
    """Let what is there of a lot go back to where it came from. ``why``: if not because its time is over."""
    draft.postings += ledger.credit_expired(lot)
    draft.put(replace(lot, rest=0, expired=lot.expired + lot.rest))
    steps = (
        Step("lot", {"lot": lot.id, "payout": lot.payout, "expires_at": lot.expires_at}),
        Step("expired", {"amount": lot.rest, "unit": lot.unit}),
        *lots.by_code(lot.code),
        *why,
    )
    verdict = Verdict(about="reward", outcome="credit_expired", program=lot.program, subject=lot.reward)
    draft.say(replace(verdict, beneficiary=lot.person, amount=-lot.rest, unit=lot.unit, steps=steps))


def merged(draft: Draft, keep: str, gone: str) -> None:
    """What either has is theirs whom they are now."""
    for lot in draft.of(Lot, "held_by", gone):
        draft.postings += ledger.credit_handed_over(lot, keep)
        draft.put(replace(lot, person=keep))


def held(draft: Draft, person: str) -> dict[str, int]:
    """Return what somebody has, by unit."""
    found: dict[str, int] = {}
    for lot in draft.of(Lot, "held_by", person):
        found[lot.unit] = found.get(lot.unit, 0) + lot.rest
    return found


def over_ours(payout: Payout) -> bool:
    """Whether a payout is delivered as our own credit, into a purse or behind a code."""
    return payout.rail in OURS


def _longer(draft: Draft, lot: Lot) -> Lot:
    at = draft.as_of + GRACE
    settlement.timer(draft, at, "credit_expires", lot.id)
    return draft.put(replace(lot, expires_at=at))


def _stopped(draft: Draft, lot: Lot) -> bool:
    advocate = draft.get(Advocate, (lot.program, lot.person))
    return advocate is not None and advocate.status == "suspended"


def _say(draft: Draft, outcome: str, redemption: Redemption, amount: int, *steps: Step) -> None:
    verdict = Verdict(about="credit", outcome=outcome, program=redemption.program, subject=redemption.id)
    said = {"beneficiary": redemption.person, "amount": amount, "unit": redemption.unit}
    draft.say(replace(verdict, steps=steps, **said))


def _again(draft: Draft, outcome: str, redemption: Redemption, amount: int, first: str) -> None:
    """The same was said before; or something else under the same id, which is refused."""
    step = Step("said_before", {"first": first, "amount": amount, "unit": redemption.unit})
    if outcome == "redemption_conflict":
        no = refused("credit", outcome, step, program=redemption.program, subject=redemption.id)
        draft.say(replace(no, beneficiary=redemption.person))
    else:
        _say(draft, outcome, redemption, amount, step, *lots.by_code(redemption.payout))
