"""A conversion: recorded once an invoice, then matched against every referral of its customer, priced, limited and settled.

Also the way in which conversions are decided again when a late lead or a won claim binds their customer.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from sys import intern
from typing import Any

from msgspec.structs import replace

from goodword.core import (
    agreements,
    calendar,
    companies,
    conduct,
    kin,
    late_proof,
    leads,
    ledger,
    offers,
    parts,
    persons,
    referrals,
    routes,
    same_person,
    semantics,
    settlement,
)
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import Amendment, ConversionAmended, ConversionRecorded
from goodword.core.facts import Told
from goodword.core.kinds.signals import duplicate_conversion, families
from goodword.core.rules import Conversion as ConversionRule
from goodword.core.rules import Rules, amount_in
from goodword.core.stages import eligibility, limits, matching, planning, screening
from goodword.core.state import (
    Act,
    Advocate,
    Back,
    Case,
    Chargeback,
    Claim,
    Conversion,
    Customer,
    Figures,
    Flag,
    Held,
    Paid,
    Place,
    Program,
    Referral,
    Refund,
    Reward,
    Routed,
)

#: So many other values of one invoice are kept for a person to choose among.
MOST_RIVALS = 5


def key_of(event: ConversionRecorded) -> str:
    """A conversion is known by its invoice; one without by its event."""
    return invoice_key(event.invoice) if event.invoice is not None else event.evt


def invoice_key(invoice: str) -> str:
    """The key of the conversion of an invoice."""
    return f"inv:{invoice}"


def key_amended(event: Amendment) -> str:
    """The key of the conversion that gets other figures."""
    return invoice_key(event.invoice) if isinstance(event, ConversionAmended) else event.conversion


def decide(draft: Draft, event: ConversionRecorded, told: Told) -> None:
    """Record the conversion, bind its customer if it carries a touch, and reward it in every program it concerns."""
    if event.test:
        draft.say(refused("event", "test_event"))
        return
    customer = draft.get(Customer, event.person) or Customer(person=event.person)
    conversion = _record(draft, event, customer)
    if conversion is None:
        return
    before, customer = customer, _seen(draft, customer, event)
    late_proof.look(draft, told, event.person, newly=_shows_older(draft, before, customer))
    at = event.occurred_at if _bought(draft, event) else None
    late_proof.of_company(draft, before, customer, at, paid=bool(event.amount))
    if event.status != "paid":
        draft.say(refused("event", "not_paid", Step("status", {"status": event.status}), subject=conversion.id))
        return
    bound_before, decided = customer.referrals, set[str]()
    if customer.unverified_leads or leads.is_lead(event, customer):
        decided = _bind(draft, event, conversion, told)
        customer = draft.need(Customer, event.person)
    if not customer.referrals:
        bound, asks = same_person.ordered(draft, event.person, told)
        if not bound:
            if asks or not any(verdict.about == "attribution" for verdict in draft.verdicts):
                draft.say(refused("reward", "not_referred", *asks))
            return
        decided = {referral.id for referral in bound if redecide(draft, referral, told, conversion.id)}
        conversion, customer = draft.need(Conversion, conversion.id), draft.need(Customer, bound[0].friend)
        bound_before = customer.referrals
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
        if not _fills(draft, before, event, same=same):
            _repeated(draft, before, event, same=same)
            return None
    value = Conversion(
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
        offer=event.offer or (before.offer if before is not None else None),
        twin=_twin(event.status, event.person, event.amount, event.currency, event.occurred_at),
    )
    if draft.semantics < semantics.PARTS_ARE_KEPT:
        if before is not None:
            value = replace(value, back=_waited(draft, before, event), chargebacks=before.chargebacks)
        return draft.put(value)
    value = replace(value, tax=event.tax, shipping=event.shipping, discount=event.discount)
    return draft.put(value) if before is None else _with_what_waited(draft, before, value)


def _fills(draft: Draft, before: Conversion, event: ConversionRecorded, *, same: bool) -> bool:
    """Whether an invoice that is open takes these values: the first paid delivery sets them, and drafts replace each other."""
    if before.status != "open":
        return False
    if draft.semantics < semantics.FIRST_PAID_COUNTS:
        return event.status == "paid" and same
    return before.person == event.person


def _with_what_waited(draft: Draft, before: Conversion, value: Conversion) -> Conversion:
    """The order with what was told of it before: refunds, chargebacks that were lost, an amendment of one that was not known yet."""
    told = {"chargebacks": before.chargebacks, "cases": before.cases, "rivals": before.rivals}
    value = draft.put(replace(value, **told, asked_back=before.asked_back))
    waits = before.status == "waiting" and before.amended is not None and value.status == "paid"
    if waits and before.amended is not None and before.amended.currency != value.currency:
        other = {"refund": before.amended.id, "currency": before.amended.currency, "of": value.currency}
        draft.say(refused("refund", "refund_currency", Step("currencies", other), subject=value.id))
    elif waits and before.amended is not None:
        step = amendment(value, before.amended)
        value = draft.put(amended(value, before.amended))
        verdict = Verdict(about="event", outcome="amended", subject=value.id, amount=value.amount, unit=value.currency)
        draft.say(replace(verdict, steps=(step,)))
    for chargeback in draft.of(Chargeback, "conversion", value.id) if before.chargebacks else []:
        asks = of_another_currency(value, chargeback)
        if chargeback.status == "lost" and chargeback.refund is None and not asks:
            draft.put(lost(draft, chargeback, value.amount or 0))
    if not before.waiting and not before.back.amount and not before.chargebacks:
        return value
    value, over = parts.refit(draft, value)
    for refund in over:
        case = case_of(draft, draft.need(Conversion, value.id), "refund_exceeds")
        asked = {
            "refund": refund.id,
            "asked": refund.said[0],
            "rest": refund.amount,
            "unit": value.currency,
            "case": case,
        }
        verdict = Verdict(about="refund", outcome="applied", subject=value.id, amount=refund.amount)
        draft.say(replace(verdict, unit=value.currency, steps=(Step("clamped", asked),)))
    value = draft.need(Conversion, value.id)
    if any(refund.id == parts.CANCELED for refund in draft.of(Refund, "conversion", value.id)):
        value = draft.put(replace(value, status="canceled"))
        draft.say(Verdict(about="event", outcome="canceled", subject=value.id, amount=0, unit=value.currency))
    return value


def amended(conversion: Conversion, figures: Figures) -> Conversion:
    """The order with other figures, as if it had been so from the start."""
    return replace(
        conversion,
        amount=figures.amount,
        currency=figures.currency,
        tax=figures.tax,
        shipping=figures.shipping,
        discount=figures.discount,
        lines=figures.lines,
        twin=_twin(conversion.status, conversion.person, figures.amount, figures.currency, conversion.at),
        amended=figures,
    )


def amendment(conversion: Conversion, figures: Figures) -> Step:
    """Shows what an order was, and is."""
    values = {"amendment": figures.id or figures.evt, "was": conversion.amount, "now": figures.amount}
    return Step("amended", {**values, "unit": figures.currency})


def case_of(draft: Draft, conversion: Conversion, kind: str) -> str:
    """The open case of that kind over what was said of an order, which holds its rewards: one is enough."""
    known = conversion.cases.get(kind)
    if known is not None and draft.need(Case, known).status == "open":
        return known
    rewards = [draft.need(Reward, id_) for id_ in conversion.rewards]
    case = settlement.open_case(draft, kind, conversion.id, None, [], rewards)
    now = draft.get(Conversion, conversion.id) or conversion
    draft.put(replace(now, cases={**now.cases, kind: case.id}))
    return case.id


def _twin(status: str, person: str | None, amount: int | None, currency: str | None, at: int) -> str | None:
    if status != "paid" or amount is None or person is None:
        return None
    return duplicate_conversion.twin(person, amount, currency, at)


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


def of_another_currency(conversion: Conversion, chargeback: Chargeback) -> bool:
    """Whether nobody knows how much of an order a chargeback asks back, since it counts in other money."""
    return None not in (conversion.currency, chargeback.currency) and conversion.currency != chargeback.currency


def lost_id(chargeback: str) -> str:
    """The id of the refund that a lost chargeback is."""
    return f"chargeback:{chargeback}"


def lost(draft: Draft, chargeback: Chargeback, rest: int) -> Refund:
    """The refund that a chargeback is when the bank takes the rest, which its row then names."""
    id_ = lost_id(chargeback.id)
    draft.put(replace(chargeback, refund=id_))
    rest = rest if chargeback.amount is None else chargeback.amount  # how much of it counts is for its parts to say
    said = () if draft.semantics < semantics.PARTS_ARE_KEPT else (rest, 0, 0)
    if chargeback.amount is None and draft.semantics >= semantics.RETURNS_OF_WHAT_WAS_SAID:
        said = parts.ALL
    return Refund(
        conversion=chargeback.conversion,
        id=id_,
        amount=rest,
        goods=rest,
        said=said,
        status="applied",
        at=chargeback.at,
        evt=chargeback.evt,
    )


def _repeated(draft: Draft, before: Conversion, event: ConversionRecorded, *, same: bool) -> None:
    a_draft = event.status == "open" and event.person == before.person and before.status != "open"
    if same or (a_draft and draft.semantics >= semantics.FIRST_PAID_COUNTS):
        draft.say(refused("event", "duplicate_conversion", Step("first", {"evt": before.evt}), subject=before.id))
        return
    values = {"evt": before.evt, "amount": before.amount, "currency": before.currency, "now": event.amount}
    if draft.semantics < semantics.FIRST_PAID_COUNTS:
        rewards = [draft.need(Reward, id_) for id_ in before.rewards]
        case = settlement.open_case(draft, "conversion_conflict", before.id, None, [], rewards).id
    else:
        case = _conflict(draft, before, event)
    draft.say(refused("event", "conversion_conflict", Step("first", {**values, "case": case}), subject=before.id))


def _conflict(draft: Draft, before: Conversion, event: ConversionRecorded) -> str:
    """The case over an invoice that is told with other values: one at most, and none anew for values that somebody has seen."""
    figures = figures_of(event, event.amount, event.currency)
    seen = any(replace(rival, evt="", at=0) == replace(figures, evt="", at=0) for rival in before.rivals)
    if seen:
        return before.cases["conversion_conflict"]
    of_same = (event.person, event.currency) == (before.person, before.currency)
    if len(before.rivals) < MOST_RIVALS and of_same and event.amount is not None:
        before = draft.put(replace(before, rivals=(*before.rivals, figures)))
    return case_of(draft, before, "conversion_conflict")


def figures_of(
    event: ConversionRecorded | Amendment, amount: int | None, currency: str | None, id_: str | None = None
) -> Figures:
    """What an event says of an order's money."""
    return Figures(
        evt=event.evt,
        at=event.occurred_at,
        id=id_,
        amount=amount,
        currency=currency,
        tax=event.tax,
        shipping=event.shipping,
        discount=event.discount,
        lines=event.lines,
    )


def _shows_older(draft: Draft, before: Customer, now: Customer) -> bool:
    """Whether an order that is told late shows that its customer was one before the lead that binds them."""
    first = now.first_conversion_at
    if first is None or first == before.first_conversion_at:
        return False
    return any(first < draft.need(Referral, id_).lead_at for id_ in now.referrals)


def _seen(draft: Draft, customer: Customer, event: ConversionRecorded) -> Customer:
    """The customer row keeps the first conversion for ever. An open invoice makes nobody a customer."""
    first = customer.first_conversion_at
    if _bought(draft, event) and (first is None or event.occurred_at < first):
        customer = replace(customer, first_conversion_at=event.occurred_at)
    if event.country is not None and customer.country is None:
        customer = replace(customer, country=event.country)
    if event.disposable:
        customer = replace(customer, disposable=True)
    if _bought(draft, event) and event.amount and draft.semantics >= semantics.COMPANIES_ARE_NEW:
        customer = replace(customer, first_paid_at=min(event.occurred_at, customer.first_paid_at or event.occurred_at))
    return draft.put(companies.said(draft, customer, event))


def _bought(draft: Draft, event: ConversionRecorded) -> bool:
    """Whether an order makes its buyer a customer."""
    return event.status == "paid" and (event.amount != 0 or draft.semantics < semantics.NOUGHT_IS_NO_CONVERSION)


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
    customer = draft.need(Customer, conversion.person or referral.friend)
    refusal, steps, rule = _refusal(draft, rules, referral, customer, conversion, told)
    common = Step(
        "terms", {"rules": referral.rules, "referral": referral.id, "conversion": conversion.id, "at": conversion.at}
    )
    if conversion.settled:
        if refusal is None and rule is not None:
            _take(draft, referral, rule, conversion, earns=True)
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
    number = draft.rules[referral.rules].semantics
    qualified = planning.Qualified(rules, rule, referral, conversion, steps, redecides, number)
    planned = planning.plan(draft, qualified)
    before = [draft.need(Reward, id_) for id_ in conversion.rewards]
    counted = any(reward.referral == referral.id for reward in before)
    # What only a suspension refused takes no place: it may turn out to have been wrong.
    alone = not planned and draft.semantics >= semantics.PUT_RIGHT and _missed(draft, referral, conversion)
    _take(draft, referral, rule, conversion, earns=bool(planned) and not counted, place=not alone)
    _settle(draft, qualified, planned, told)


def _missed(draft: Draft, referral: Referral, conversion: Conversion) -> bool:
    """Whether a suspension has cost one of the advocates their side of the conversion."""
    advocates = [draft.get(Advocate, (referral.program, share.person)) for share in referral.shares]
    return any(each is not None and (referral.id, conversion.id) in each.missed for each in advocates)


def _take(
    draft: Draft,
    referral: Referral,
    rule: ConversionRule,
    conversion: Conversion,
    *,
    earns: bool,
    place: bool = True,
) -> None:
    """The referral converted, its place is taken, and a conversion that earns is counted where the rule counts payments."""
    status = "converted" if referral.status in ("attributed", "lapsed") else referral.status
    paid = referral.paid
    if rule.counts.payments is not None and earns:
        before = paid.get(rule.on, Paid(0, conversion.at))
        paid = {**paid, rule.on: Paid(before.count + 1, max(before.last_at, conversion.at))}
    places = () if referral.place(rule.on) or not place else (Place(rule.on, conversion.at, conversion.id),)
    draft.put(replace(referral, qualified=(*referral.qualified, *places), paid=paid, status=status))


def _refusal(
    draft: Draft, rules: Rules, referral: Referral, customer: Customer, conversion: Conversion, told: Told
) -> matching.Match:
    """What speaks against the whole conversion, before any side is looked at."""
    program = draft.need(Program, referral.program)
    status = eligibility.status(draft, program, conversion.at)
    if status == "ended":
        return "program_ended", [Step("status", {"status": status})], None
    if status == "draft" or program.status == "draft":
        return "program_not_live", [Step("status", {"status": "draft"})], None
    own = persons.own(draft, told, customer.person, referral.shares)
    if own is not None:
        return "self_referral", [own], None
    double = persons.double(draft, told, referral, customer.person, conversion.name)
    if double:
        return "duplicate_friend", [*double], None
    new = partial(_is_new, draft, told, customer, referral)
    number = draft.rules[referral.rules].semantics
    by_digest = draft.semantics >= semantics.LISTS_BY_DIGEST
    return matching.match(rules, referral, customer, conversion, number, by_digest=by_digest, new=new)


def _is_new(draft: Draft, told: Told, customer: Customer, referral: Referral) -> bool:
    if persons.known_before(draft, told, customer, referral.lead_at) is not None:
        return False
    deals = not companies.by_registration(referral)
    at, touched = referral.lead_at, referral.touch_at
    return companies.known_before(draft, customer, at, touched=touched, sure=True, deals=deals) is None


def _earlier(draft: Draft, referral: Referral, conversion: Conversion) -> tuple[Step, ...]:
    """An earlier conversion that arrives after a later one took the place moves nothing: it becomes a claim."""
    taken, paid = referral.place(conversion.name), referral.paid.get(conversion.name)
    if taken is None or conversion.at >= max(taken.at, paid.last_at if paid is not None else 0):
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


def _lasts(rules: Rules, plan: planning.Planned) -> str:
    """How long what is planned is held: as its own rule says, or else the program's; not at all, up to what it lets be instant."""
    most = _instant(plan)
    return "0d" if most is not None and plan.amount <= most else plan.rule.hold or rules.hold


def _instant(plan: planning.Planned) -> int | None:
    """Up to which amount what is planned would not be held; None: its rule names none in its unit."""
    return None if plan.rule.instant_up_to is None else amount_in(plan.rule.instant_up_to, plan.unit)


def _times(
    draft: Draft, rules: Rules, conversion: Conversion, plan: planning.Planned, route: Routed | None
) -> list[Step]:
    """Until when it is held, by when a person decides, how soon after its click it would be marked, and when it expires.

    What is somebody's again is held as it was when it was first earned, whatever it is worth by now.
    """
    lasts, most = _lasts(rules, plan), _instant(plan)
    if plan.again is not None and most is not None:
        was_instant = draft.need(Reward, plan.again).hold_until == conversion.at
        lasts, most = "0d" if was_instant else plan.rule.hold or rules.hold, None
    until = conversion.at + calendar.duration(lasts)
    instant = [] if most is None else [Step("instant", {"amount": plan.amount, "most": most, "hold": lasts})]
    return [*instant, *_held(draft, rules, lasts, until, route)]


def _held(draft: Draft, rules: Rules, lasts: str, until: int, route: Routed | None) -> list[Step]:
    hold: dict[str, Any] = {"hold": lasts, "until": until}
    if draft.semantics >= semantics.REVIEW_HAS_A_DATE:
        since = settlement.stays_since(draft, until)
        if draft.semantics >= semantics.PROMISED_FROM_NOW and until <= draft.as_of:
            hold["over"] = True
        hold |= {"decide_by": settlement.decide_by(rules, since, route), "just_before": rules.review.just_before}
    if rules.expires_after is None:
        return [Step("hold", hold)]
    if draft.semantics >= semantics.EXPIRY_OF_THE_STAY:
        return [Step("hold", hold), Step("expires", {"at": settlement.expires_at(draft, rules, until)})]
    return [Step("hold", hold | {"expires_after": rules.expires_after})]


def _settle(draft: Draft, qualified: planning.Qualified, planned: list[planning.Planned], told: Told) -> None:
    """Book what was planned, say it, and open a case if a signal found something."""
    rules, _, referral, conversion, steps, redecides, _ = qualified
    seen = [(plan.rule.side, plan.beneficiary, plan.unit, plan.amount) for plan in planned]
    flags = screening.flags_of(draft, rules, referral, conversion, told, seen) if planned else []
    again = [plan for plan in planned if plan.again is not None]
    planned = [plan for plan in planned if plan.again is None]
    for plan in planned:
        if plan.offer is not None:
            offers.redeem(draft, plan.offer, conversion, plan.amount)
    new = [_reward(draft, rules, referral, conversion, plan) for plan in planned]
    if routes.current(draft) is not None:
        new = [routes.routed(draft, it, _raised(draft, conversion, flags, it.beneficiary)) for it in new]
    earned = settlement.earn(draft, rules, new)
    kept = set()
    for plan, value in zip(planned, earned, strict=True):
        if plan.counted is not None:
            limits.use(draft, rules, plan.counted, plan.counts)
            if value.amount:
                kept.add(value.beneficiary)
        mine = _concerning(flags, value.beneficiary)
        last = (*_times(draft, rules, conversion, plan, value.route), *routes.step(value), *_shown(mine))
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
                flags=tuple(flag.code for flag in mine),
                redecides=redecides,
                steps=(*steps, *plan.steps, *last),
            )
        )
    for person in sorted(kept):
        limits.keep(draft, referral.program, person, conversion.name, 1)
    conversion = draft.need(Conversion, conversion.id)
    draft.put(replace(conversion, rewards=(*conversion.rewards, *[value.id for value in earned])))
    for plan in again:
        before = replace(draft.need(Reward, plan.again or ""), amount=plan.amount)
        raised = [*(mark.code for mark in before.marks), *_raised(draft, conversion, flags, plan.beneficiary)]
        route = routes.routed(draft, before, raised).route
        last = (*_times(draft, rules, conversion, plan, route), *_shown(_concerning(flags, plan.beneficiary)))
        earned.append(_alive_again(draft, referral, plan, (*steps, *plan.steps, *last)))
    if flags:
        _look_closer(draft, referral, conversion, flags, earned)
    if earned and conversion.chargebacks:
        _await_chargebacks(draft, conversion, earned)
    for id_ in conversion.cases.values() if earned else ():
        case = draft.need(Case, id_)
        if case.status == "open":
            settlement.join_case(draft, case, [draft.need(Reward, reward.id) for reward in earned])


def _concerning(flags: list[Flag], beneficiary: str) -> list[Flag]:
    """Those that concern a beneficiary: what is outside of a partner's agreement is no matter of anybody else."""
    return [flag for flag in flags if flag.evidence.get("partner") in (None, beneficiary)]


def _raised(draft: Draft, conversion: Conversion, flags: list[Flag], beneficiary: str) -> list[str]:
    """The codes of all that marks what a beneficiary earns as it is earned: its route follows from them."""
    codes = [
        flag.code for flag in _concerning(flags, beneficiary) if flag.evidence.get("beneficiary") in (None, beneficiary)
    ]
    asking = (
        [it for it in draft.of(Chargeback, "conversion", conversion.id) if _asks(conversion, it)]
        if conversion.chargebacks
        else []
    )
    if any(it.case is None or draft.need(Case, it.case).status == "open" for it in asking):
        codes.append("chargeback")
    waiting = [case for id_ in conversion.cases.values() if (case := draft.need(Case, id_)).status == "open"]
    return [*codes, *(code for case in waiting for code in ([flag.code for flag in case.flags] or [case.kind]))]


def _shown(flags: list[Flag]) -> list[Step]:
    return [Step("flag", {"code": flag.code, **flag.evidence}) for flag in flags]


def _look_closer(
    draft: Draft, referral: Referral, conversion: Conversion, flags: list[Flag], earned: list[Reward]
) -> None:
    """Flags open a case over what was earned, or mark it where that is their sort; one of a beneficiary marks what is theirs."""
    marks = [flag for flag in flags if families.sort(flag.code).marks]
    for reward in earned if marks else ():
        mine = [flag for flag in marks if flag.evidence.get("beneficiary") in (None, reward.beneficiary)]
        settlement.mark(draft, draft.need(Reward, reward.id), mine)
    cause = [flag for flag in flags if flag not in marks]
    if cause:
        theirs = [reward for reward in earned if _concerning(cause, reward.beneficiary)]
        case = settlement.open_case(draft, "flags", conversion.id, referral.program, cause, theirs)
        _closed_with(draft, case)
        late_proof.asked(draft, referral.id, cause)


def _alive_again(draft: Draft, referral: Referral, plan: planning.Planned, steps: Sequence[Step]) -> Reward:
    """What a claim took of somebody is theirs again, in the referral in which they are now."""
    reward = draft.need(Reward, plan.again or "")
    mine = {"referral": referral.id, "share": plan.share, "by_claim": True, "taken_by": None, "owed_back": "net"}
    mine["agreement"] = plan.held
    if draft.semantics >= semantics.MERGES_ARE_FOLLOWED:
        mine["friend"] = referral.friend
    now = draft.put(replace(reward, **mine))
    if (
        not plan.amount and draft.semantics >= semantics.OWED_ONCE
    ):  # all of its order was given back: it may rise with it again
        settlement.tell(draft, reward, now, "restored", steps)
        return now
    return settlement.raise_(draft, now, plan.amount, steps)


def _closed_with(draft: Draft, case: Case) -> None:
    """A case that only says that a claim is open is closed with it."""
    if any(flag.code != "duplicate_claim" for flag in case.flags):
        return
    for flag in case.flags:
        claim = draft.need(Claim, flag.evidence["claim"])
        draft.put(replace(claim, cases=(*claim.cases, case.id)))


def _asks(conversion: Conversion, chargeback: Chargeback) -> bool:
    """Whether what its order earns waits for a chargeback."""
    lost = chargeback.status == "lost" and of_another_currency(conversion, chargeback)
    return chargeback.status == "open" or lost


def _await_chargebacks(draft: Draft, conversion: Conversion, earned: list[Reward]) -> None:
    """What a conversion earns while the buyer's bank asks the money back waits for the chargeback's case.

    So does what it earns where the bank took it in another currency.
    """
    for chargeback in draft.of(Chargeback, "conversion", conversion.id):
        if not _asks(conversion, chargeback):
            continue
        if chargeback.case is None:
            case = settlement.open_case(draft, "chargeback", conversion.id, None, [], earned)
            draft.put(replace(chargeback, case=case.id))
        elif draft.need(Case, chargeback.case).status == "open":
            settlement.join_case(draft, draft.need(Case, chargeback.case), earned)


def _acts(draft: Draft, referral: Referral, conversion: Conversion, held: Held | None) -> tuple[Act, ...]:
    """Who had a part in the referral, who gave the order its figures, and who gave the partner their rate."""
    acts = referral.acts
    if conversion.amended is not None and conversion.amended.by is not None:
        acts = conduct.noted(acts, draft.semantics, "conversion.amended", conversion.amended.by)
    return agreements.noted(draft, acts, held)


def _reward(draft: Draft, rules: Rules, referral: Referral, conversion: Conversion, plan: planning.Planned) -> Reward:
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
        ceiling=plan.ceiling,
        status="pending" if plan.amount else "reversed",
        rules=referral.rules,
        on=conversion.name,
        rule=place,
        tier=plan.tier,
        evt=draft.evt,
        earned_at=conversion.at,
        hold_until=conversion.at + calendar.duration(_lasts(rules, plan)),
        acts=_acts(draft, referral, conversion, plan.held),
        by_claim=plan.by_claim,
        agreement=plan.held,
    )


def _was_paid(draft: Draft, conversion: Conversion) -> bool:
    """Whether an order takes its place: one that was paid and taken back again does, too, and earns nothing."""
    if conversion.status != "canceled" or draft.semantics < semantics.ANY_ORDER_OF_TELLING:
        return conversion.status == "paid"
    return conversion.twin is not None  # an open invoice has none


def redecide(draft: Draft, referral: Referral, told: Told, also: str | None = None) -> bool:
    """Decide again, in order of time, the friend's paid conversions since the lead that earned no advocate anything here.

    ``also``: the conversion in hand, which is decided in its place among them; returns whether it was.
    """
    rules = draft.rules_of(referral.rules)
    since = referral.lead_at - calendar.CLOCK_DIFFERENCE
    first = draft.semantics < semantics.CLAIMS_MOVE_MONEY
    advocates = {None} if first else {kin.root(draft.get, share.person) for share in referral.shares}
    waiting = [
        conversion
        for conversion in draft.of(Conversion, "person", referral.friend)
        if _was_paid(draft, conversion)
        and conversion.at >= since
        and (first or conversion.name != ledger.OPENING)
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
