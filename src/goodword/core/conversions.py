"""A conversion: recorded once an invoice, then matched against every referral of its customer, priced, limited and settled.

Also the way in which conversions are decided again when a late lead or a won claim binds their customer.
"""

from __future__ import annotations

from sys import intern

from msgspec.structs import replace

from goodword.core import calendar, leads, referrals, semantics, settlement
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import ConversionRecorded
from goodword.core.facts import Told
from goodword.core.kinds.signals import duplicate_conversion
from goodword.core.rules import Rules
from goodword.core.stages import eligibility, limits, matching, planning, screening
from goodword.core.state import (
    Advocate,
    Back,
    Case,
    Chargeback,
    Claim,
    Conversion,
    Customer,
    Place,
    Program,
    Referral,
    Refund,
    Reward,
)


def key_of(event: ConversionRecorded) -> str:
    """A conversion is known by its invoice; one without by its event."""
    return invoice_key(event.invoice) if event.invoice is not None else event.evt


def invoice_key(invoice: str) -> str:
    """The key of the conversion of an invoice."""
    return f"inv:{invoice}"


def decide(draft: Draft, event: ConversionRecorded, told: Told) -> None:
    """Record the conversion, bind its customer if it carries a touch, and reward it in every program it concerns."""
    if event.test:
        draft.say(refused("event", "test_event"))
        return
    customer = draft.get(Customer, event.person) or Customer(person=event.person)
    conversion = _record(draft, event, customer)
    if conversion is None:
        return
    customer = _seen(draft, customer, event)
    if conversion.status != "paid":
        draft.say(refused("event", "not_paid", Step("status", {"status": conversion.status}), subject=conversion.id))
        return
    bound_before, decided = customer.referrals, set[str]()
    if customer.unverified_leads or leads.is_lead(event, customer):
        decided = _bind(draft, event, conversion, told)
        customer = draft.need(Customer, event.person)
    if not customer.referrals:
        if not any(verdict.about == "attribution" for verdict in draft.verdicts):
            draft.say(refused("reward", "not_referred"))
        return
    for id_ in customer.referrals:
        referral = draft.need(Referral, id_)
        if id_ not in decided and (id_ in bound_before or event.program in (None, referral.program)):
            reward(draft, referral, conversion, told)


def _record(draft: Draft, event: ConversionRecorded, customer: Customer) -> Conversion | None:
    """The conversion as it stands now, or None if its invoice was recorded before: the first paid delivery counts."""
    key = key_of(event)
    before = draft.get(Conversion, key)
    if before is not None and before.status != "waiting":
        same = (before.person, before.amount, before.currency, before.name) == (
            event.person,
            event.amount,
            event.currency,
            event.name,
        )
        if not (before.status == "open" and event.status == "paid" and same):
            _repeated(draft, before, event, same=same)
            return None
    return draft.put(
        Conversion(
            id=key,
            status=event.status,
            evt=event.evt,
            person=customer.person,  # the text that the state has already, not another one that is equal
            at=event.occurred_at,
            name=intern(event.name),
            amount=event.amount,
            currency=None if event.currency is None else intern(event.currency),
            country=event.country,
            lines=event.lines,
            settled=event.settled,
            back=Back() if before is None else _waited(draft, before, event),
            chargebacks=0 if before is None else before.chargebacks,
            twin=_twin(event),
        )
    )


def _twin(event: ConversionRecorded) -> str | None:
    if event.status != "paid" or event.amount is None:
        return None
    return duplicate_conversion.twins(event.person, event.amount, event.currency, event.occurred_at)[0]


def _waited(draft: Draft, before: Conversion, event: ConversionRecorded) -> Back:
    """What was given back before: of the refunds that waited those that fit, in the order in which they came, then what was lost."""
    back, left = before.back, (event.amount or 0) - before.back.amount
    waiting = draft.of(Refund, "conversion", before.id) if before.waiting else []
    for refund in sorted([refund for refund in waiting if refund.status == "waiting"], key=lambda refund: refund.n):
        if refund.amount <= left:
            back = back.plus(draft.put(replace(refund, status="applied")))
            left -= refund.amount
            continue
        draft.put(replace(refund, status="refused"))
        step = Step("rest", {"refund": refund.id, "rest": left, "amount": refund.amount, "unit": event.currency})
        draft.say(refused("refund", "refund_exceeds", step, subject=before.id))
    for chargeback in draft.of(Chargeback, "conversion", before.id) if before.chargebacks else []:
        if chargeback.status == "lost" and left:
            back = back.plus(draft.put(lost(draft, chargeback, left)))
            left = 0
    return back


def lost_id(chargeback: str) -> str:
    """The id of the refund that a lost chargeback is."""
    return f"chargeback:{chargeback}"


def lost(draft: Draft, chargeback: Chargeback, rest: int) -> Refund:
    """The refund that a chargeback is when the bank takes the rest, which its row then names."""
    id_ = lost_id(chargeback.id)
    draft.put(replace(chargeback, refund=id_))
    return Refund(
        conversion=chargeback.conversion,
        id=id_,
        amount=rest,
        goods=rest,
        status="applied",
        at=chargeback.at,
        evt=chargeback.evt,
    )


def _repeated(draft: Draft, before: Conversion, event: ConversionRecorded, *, same: bool) -> None:
    if same:
        draft.say(refused("event", "duplicate_conversion", Step("first", {"evt": before.evt}), subject=before.id))
        return
    values = {"evt": before.evt, "amount": before.amount, "currency": before.currency, "now": event.amount}
    rewards = [draft.need(Reward, id_) for id_ in before.rewards]
    case = settlement.open_case(draft, "conversion_conflict", before.id, None, [], rewards)
    draft.say(refused("event", "conversion_conflict", Step("first", {**values, "case": case.id}), subject=before.id))


def _seen(draft: Draft, customer: Customer, event: ConversionRecorded) -> Customer:
    """The customer row keeps the first conversion for ever. An open invoice makes nobody a customer."""
    first = customer.first_conversion_at
    if event.status == "paid" and (first is None or event.occurred_at < first):
        customer = replace(customer, first_conversion_at=event.occurred_at)
    if event.country is not None and customer.country is None:
        customer = replace(customer, country=event.country)
    return draft.put(customer)


def _bind(draft: Draft, event: ConversionRecorded, conversion: Conversion, told: Told) -> set[str]:
    """With a touch and no binding a conversion is lead and conversion in one; it also confirms what a page said before.

    Returns the referrals in which the conversion itself was decided in its place among those before and behind it.
    """
    bound = leads.confirm(draft, event, told)
    if leads.is_lead(event, draft.need(Customer, event.person)):
        bound += leads.attribute(draft, leads.lead_of(event), told)
    decided = set()
    for referral in bound:
        concerned = event.program in (None, referral.program) and draft.semantics >= semantics.LATE_IS_NOT_LOST
        if redecide(draft, referral, told, conversion.id if concerned else None):
            decided.add(referral.id)
    return decided


def reward(draft: Draft, referral: Referral, conversion: Conversion, told: Told, redecides: str | None = None) -> None:
    """One reward verdict for each side, beneficiary and share of a referral; or one refusal that concerns all."""
    rules = draft.rules_of(referral.rules)
    customer = draft.need(Customer, referral.friend)
    refusal, steps, rule = _refusal(draft, rules, referral, customer, conversion, told)
    common = Step(
        "terms", {"rules": referral.rules, "referral": referral.id, "conversion": conversion.id, "at": conversion.at}
    )
    if conversion.settled:
        if refusal is None and rule is not None and referral.place(rule.on) is None:
            _take(draft, referral, Place(rule.on, conversion.at, conversion.id))
        verdict = refused("reward", "settled_elsewhere", common, Step("settled"), program=referral.program)
        draft.say(replace(verdict, subject=conversion.id, redecides=redecides))
        return
    steps = [common, *steps]
    if refusal is not None or rule is None:
        extra = _earlier(draft, referral, conversion) if refusal == "not_first" else ()
        verdict = refused(
            "reward",
            refusal or "conversion_not_offered",
            *steps,
            *extra,
            program=referral.program,
            subject=conversion.id,
        )
        draft.say(replace(verdict, redecides=redecides))
        return
    qualified = planning.Qualified(rules, rule, referral, conversion, steps, redecides)
    planned = planning.plan(draft, qualified)
    # What only a suspension refused takes no place: it may turn out to have been wrong.
    alone = not planned and draft.semantics >= semantics.PUT_RIGHT and _missed(draft, referral, conversion)
    _take(
        draft, referral, *(() if referral.place(rule.on) or alone else (Place(rule.on, conversion.at, conversion.id),))
    )
    _settle(draft, qualified, planned, told)


def _missed(draft: Draft, referral: Referral, conversion: Conversion) -> bool:
    """Whether a suspension has cost one of the advocates their side of the conversion."""
    advocates = [draft.get(Advocate, (referral.program, share.person)) for share in referral.shares]
    return any(each is not None and (referral.id, conversion.id) in each.missed for each in advocates)


def _take(draft: Draft, referral: Referral, *places: Place) -> None:
    """The referral converted, and these places are taken."""
    status = "converted" if referral.status in ("attributed", "lapsed") else referral.status
    draft.put(replace(referral, qualified=(*referral.qualified, *places), status=status))


def _refusal(
    draft: Draft, rules: Rules, referral: Referral, customer: Customer, conversion: Conversion, told: Told
) -> matching.Match:
    """What speaks against the whole conversion, before any side is looked at."""
    program = draft.need(Program, referral.program)
    status = eligibility.status(draft, program, conversion.at)
    if status == "ended":
        return "program_ended", [Step("status", {"status": status})], None
    match = screening.same_person(referral, told.matches(referral.friend))
    if match is not None:
        return "self_referral", [Step("same_person", {"key": match.kind})], None
    return matching.match(rules, referral, customer, conversion, draft.semantics)


def _earlier(draft: Draft, referral: Referral, conversion: Conversion) -> tuple[Step, ...]:
    """An earlier conversion that arrives after a later one took the place moves nothing: it becomes a claim."""
    taken = referral.place(conversion.name)
    if taken is None or conversion.at >= taken.at:
        return ()
    if draft.semantics >= semantics.CLAIMS_MOVE_MONEY:
        for known in draft.of(Claim, "friend", referral.friend):
            if (
                known.kind == "earlier_conversion" and known.conversion == conversion.id
            ):  # asked once, whatever was said
                return (Step("claim", {"claim": known.id}),)
    claim = referrals.open_claim(
        draft, referral.program, referral.friend, referral.shares, "earlier_conversion", conversion.at
    )
    if claim.conversion is None:
        draft.put(replace(claim, conversion=conversion.id))
    return (Step("claim", {"claim": claim.id}),)


def _settle(draft: Draft, qualified: planning.Qualified, planned: list[planning.Planned], told: Told) -> None:
    """Book what was planned, say it, and open a case if a signal found something."""
    rules, _, referral, conversion, steps, redecides = qualified
    seen = [(plan.rule.side, plan.beneficiary, plan.unit, plan.amount) for plan in planned]
    flags = screening.flags_of(draft, rules, referral, conversion, told, seen) if planned else []
    until = conversion.at + calendar.duration(rules.hold)
    hold = {"hold": rules.hold, "until": until}
    codes: tuple[str, ...] = ()
    last = [Step("hold", hold)]
    if rules.expires_after is not None:
        if draft.semantics >= semantics.EXPIRY_OF_THE_STAY:
            last.append(Step("expires", {"at": settlement.expires_at(draft, rules, until)}))
        else:
            hold["expires_after"] = rules.expires_after
    for flag in flags:
        codes += (flag.code,)
        last.append(Step("flag", {"code": flag.code, **flag.evidence}))
    again = [plan for plan in planned if plan.again is not None]
    planned = [plan for plan in planned if plan.again is None]
    earned = settlement.earn(draft, rules, [_reward(draft, referral, conversion, plan, until) for plan in planned])
    kept = set()
    for plan, value in zip(planned, earned, strict=True):
        if plan.counted is not None:
            limits.use(draft, rules, plan.counted, value.amount)
            if value.amount:
                kept.add(value.beneficiary)
        draft.say(
            Verdict(
                about="reward",
                outcome="earned",
                program=referral.program,
                subject=value.id,
                side=value.side,
                beneficiary=value.beneficiary,
                amount=value.amount,
                unit=value.unit,
                flags=codes,
                redecides=redecides,
                steps=(*steps, *plan.steps, *last),
            )
        )
    for person in sorted(kept):
        limits.keep(draft, referral.program, person, 1)
    conversion = draft.need(Conversion, conversion.id)
    draft.put(replace(conversion, rewards=(*conversion.rewards, *[value.id for value in earned])))
    for plan in again:
        before = replace(draft.need(Reward, plan.again or ""), referral=referral.id, share=plan.share, by_claim=True)
        earned.append(settlement.raise_(draft, before, plan.amount, (*steps, *plan.steps, *last)))
    if flags:
        case = settlement.open_case(draft, "flags", conversion.id, referral.program, flags, earned)
        _closed_with(draft, case)
    if earned and conversion.chargebacks:
        _await_chargebacks(draft, conversion, earned)


def _closed_with(draft: Draft, case: Case) -> None:
    """A case that only says that a claim is open is closed with it."""
    if any(flag.code != "duplicate_claim" for flag in case.flags):
        return
    for flag in case.flags:
        claim = draft.need(Claim, flag.evidence["claim"])
        draft.put(replace(claim, cases=(*claim.cases, case.id)))


def _await_chargebacks(draft: Draft, conversion: Conversion, earned: list[Reward]) -> None:
    """What a conversion earns while the buyer's bank asks the money back waits for the chargeback's case."""
    for chargeback in draft.of(Chargeback, "conversion", conversion.id):
        if chargeback.status != "open":
            continue
        if chargeback.case is None:
            case = settlement.open_case(draft, "chargeback", conversion.id, None, [], earned)
            draft.put(replace(chargeback, case=case.id))
        elif draft.need(Case, chargeback.case).status == "open":
            settlement.join_case(draft, draft.need(Case, chargeback.case), earned)


def _reward(draft: Draft, referral: Referral, conversion: Conversion, plan: planning.Planned, until: int) -> Reward:
    side, place = plan.rule.side, plan.place
    return Reward(
        id=draft.id("rwd", conversion.id, program=referral.program, side=side, share=plan.share, n=place),
        program=referral.program,
        referral=referral.id,
        conversion=conversion.id,
        friend=referral.friend,
        side=side,
        beneficiary=plan.beneficiary,
        share=plan.share,
        kind=plan.rule.kind,
        unit=plan.unit,
        gross=plan.gross,
        amount=plan.amount,
        status="pending" if plan.amount else "reversed",
        rules=referral.rules,
        on=conversion.name,
        rule=place,
        tier=plan.tier,
        evt=draft.evt,
        earned_at=conversion.at,
        hold_until=until,
        acts=referral.acts,
        by_claim=plan.by_claim,
    )


def redecide(draft: Draft, referral: Referral, told: Told, also: str | None = None) -> bool:
    """Decide again, in order of time, the friend's paid conversions since the lead that earned no advocate anything here.

    ``also``: the conversion in hand, which is decided in its place among them; returns whether it was.
    """
    rules = draft.rules_of(referral.rules)
    since = referral.lead_at - calendar.CLOCK_DIFFERENCE
    first = draft.semantics < semantics.CLAIMS_MOVE_MONEY
    advocates = {None} if first else {share.person for share in referral.shares}
    waiting = [
        conversion
        for conversion in draft.of(Conversion, "person", referral.friend)
        if conversion.status == "paid"
        and conversion.at >= since
        and not advocates
        <= {
            whose
            for side, whose in planning.sides_earned(draft, rules, conversion, referral.program)
            if side == "advocate"
        }
    ]
    decided = False
    for conversion in sorted(waiting, key=lambda c: (c.at, c.evt or "")):
        if conversion.evt == draft.evt:
            if conversion.id == also:
                reward(draft, draft.need(Referral, referral.id), conversion, told)
                decided = True
            continue
        now = draft.need(Referral, referral.id)
        reward(draft, now, conversion, told, redecides=conversion.evt)
    return decided
