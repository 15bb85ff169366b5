"""What is true of a workspace after every event, whatever came: each with a number, a sentence and a check of the whole state.

A check yields what breaks it, naming the culprit, and nothing where all is well. Tests run all of them after every event; the audit
of a stored workspace asks the same of its tables.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import combinations, pairwise

from msgspec import Struct

from goodword.core import (
    audit,
    calendar,
    cases,
    deals,
    kin,
    ledger,
    messages,
    payees,
    schedules,
    semantics,
    settlement,
    standing,
    stocks,
    taxes,
)
from goodword.core.draft import Draft
from goodword.core.kinds.rewards import taken_off, to_payee
from goodword.core.rules import RuleVersion, amount_in
from goodword.core.state import (
    Advocate,
    Agreement,
    Balance,
    Case,
    Claim,
    Code,
    Conversion,
    Counter,
    Customer,
    Deal,
    Handout,
    Kin,
    Letter,
    Lot,
    Offer,
    Payee,
    Payout,
    Program,
    Prospect,
    Recipient,
    Redemption,
    Referral,
    Refund,
    Registration,
    Reward,
    Schedule,
    Standing,
    State,
    Stock,
    Timer,
)

Versions = Mapping[str, RuleVersion]
Check = Callable[[State, Versions], Iterator[str]]

#: A payout's money by its status: under way, or arrived.
UNDER_WAY = ("released", "processing", "unknown", "sent")
ARRIVED = ("completed",)
#: States of a payout whose codes were given.
CODED = ("processing", "unknown", "sent", "completed")
#: States of a payout that let its rewards go again.
GONE = ("canceled", "failed", "returned")


class Invariant(Struct, frozen=True):
    """A number that never changes, one sentence, and the check."""

    id: str
    sentence: str
    check: Check


def _zero(state: State, _: Versions) -> Iterator[str]:
    sums: Tally[str] = Tally()
    for balance in state.all(Balance):
        sums[balance.unit] += balance.amount
    yield from (f"{unit} sums to {amount}" for unit, amount in sums.items() if amount)


def _owed(state: State, _: Versions) -> Iterator[str]:
    yield from _differences(state, ("accrued", "payable", "receivable"), ledger.expected(state.all(Reward)))


def _sent(state: State, _: Versions) -> Iterator[str]:
    expected: Tally[tuple[str, str, str, str]] = Tally()
    for payout in state.all(Payout):
        arrived = payout.status in ARRIVED and payout.rail not in ledger.OURS
        account = "clearing" if payout.status in UNDER_WAY else "settled" if arrived else None
        for part in payout.parts if account is not None else ():
            expected[part.program, str(account), payout.rail, payout.unit] += part.sent
    for reward in state.all(Reward):
        if reward.repaid:
            expected[reward.program, "settled", ledger.REPAID, reward.unit] -= reward.repaid
    for lot in state.all(Lot):
        expected[lot.program, "settled", lot.rail, lot.unit] += lot.redeemed
    yield from _differences(state, ("clearing", "settled"), expected)


def _differences(
    state: State, accounts: tuple[str, ...], expected: Mapping[tuple[str, str, str, str], int]
) -> Iterator[str]:
    stored = {(b.program, b.account, b.owner, b.unit): b.amount for b in state.all(Balance) if b.account in accounts}
    for key in sorted({*stored, *expected}):
        if stored.get(key, 0) != expected.get(key, 0):
            yield f"{key} stands at {stored.get(key, 0)}, expected {expected.get(key, 0)}"


def _amounts(state: State, _: Versions) -> Iterator[str]:
    for reward in state.all(Reward):
        if (
            not 0 <= reward.amount <= reward.gross
            or min(reward.sent, reward.netted - reward.repaid, reward.repaid, reward.forgiven) < 0
        ):
            yield f"{reward.id}: gross {reward.gross}, amount {reward.amount}, sent {reward.sent}, netted {reward.netted}"
        ended = reward.status in ("rejected", "reversed", "expired")
        on_its_way = reward.status == "processing" and reward.netted > 0  # what was withheld is sent
        if ended is (reward.amount > 0 or reward.withheld > 0 or on_its_way):
            yield f"{reward.id} is {reward.status} with {reward.amount}, {reward.withheld} withheld"


def _bound_once(state: State, _: Versions) -> Iterator[str]:
    for customer in state.all(Customer):
        referrals = [state.get(Referral, id_) for id_ in customer.referrals]
        programs = [r.program for r in referrals if r is not None]
        if len(set(programs)) != len(customer.referrals):
            yield f"{customer.person} is bound {len(customer.referrals)} times in {len(set(programs))} programs"
        if any(r is None or r.status == "void" or r.friend != customer.person for r in referrals):
            yield f"{customer.person} is bound by a referral that is void, gone or another's"


def _shares(state: State, _: Versions) -> Iterator[str]:
    for referral in state.all(Referral):
        if sum(Fraction(share.numerator, share.denominator) for share in referral.shares) != 1:
            yield f"{referral.id}: its shares do not sum to one"
        if referral.friend in {share.person for share in referral.shares}:
            yield f"{referral.id}: {referral.friend} refers themselves"


def _refunds(state: State, _: Versions) -> Iterator[str]:
    applied: Tally[str] = Tally()
    for refund in state.all(Refund):
        if refund.goods + refund.tax + refund.shipping != refund.amount:
            yield f"{refund.conversion}: the parts of refund {refund.id} do not sum to {refund.amount}"
        if refund.status == "applied":
            applied[refund.conversion] += refund.amount
    for conversion in state.all(Conversion):
        back = conversion.back.amount
        if back != applied[conversion.id]:
            yield f"{conversion.id}: {back} given back, its refunds sum to {applied[conversion.id]}"
        if back > (conversion.amount or 0):
            yield f"{conversion.id}: {back} given back of {conversion.amount}"


def _cases(state: State, _: Versions) -> Iterator[str]:
    waiting_for = [case for case in state.all(Case) if case.status in ("open", "appealed")]
    open_cases = {(case.id, id_) for case in waiting_for for id_ in case.rewards}
    waiting = [(case, reward.id) for reward in state.all(Reward) for case in reward.cases]
    if len(set(waiting)) != len(waiting):
        yield "a reward waits twice for one case"
    yield from (f"{reward} and {case} disagree whether it waits" for case, reward in sorted(open_cases ^ set(waiting)))


def _entering(state: State, _: Versions) -> Iterator[str]:
    """What a person asks for in the place of their details, and when it is to hold."""
    waits = {(it.subject, it.due_at) for it in state.all(Timer) if it.kind == payees.TIMER}
    for payee in state.all(Payee):
        now = payee.entering
        if now is None:
            continue
        if now.destination == payee.destination:
            yield f"{payee.person} asks for the payment details that they have"
        if now.due_at is not None and (
            now.due_at < now.asked_at + payees.HOLD or (payee.person, now.due_at) not in waits
        ):
            yield f"{payee.person} has details that are to hold at {now.due_at}, for which nothing waits a day"


def _payees(state: State, _: Versions) -> Iterator[str]:
    """What a person is asked of a payee, and the payee that waits for it, agree."""
    about = [case for case in state.all(Case) if case.kind == settlement.PAYEE_CHECK]
    open_ = {(case.subject, case.id) for case in about if case.status in ("open", "appealed")}
    asked = {(payee.person, case) for payee in state.all(Payee) for case in payee.asked}
    yield from (f"{person} and {case} disagree whether it is asked" for person, case in sorted(open_ ^ asked))


def _approvals(state: State, _: Versions) -> Iterator[str]:
    for reward in state.all(Reward):
        if reward.status not in ("approved", "processing", "paid"):
            continue
        if not reward.approvals or reward.due_at is None:
            yield f"{reward.id} is {reward.status} and nobody approved it"
        payee = state.get(Payee, reward.beneficiary)
        bound = payee is not None and payee.destination == reward.destination
        if reward.status == "approved" and to_payee(reward.kind) and not bound:
            yield f"{reward.id} is approved for payment details that are not the beneficiary's"


def _payouts(state: State, _: Versions) -> Iterator[str]:
    for payout in state.all(Payout):
        if payout.amount != sum(part.sent for part in payout.parts) or payout.amount < 0:
            yield f"{payout.id} is {payout.amount} and its parts are not"
        if payout.status in (*UNDER_WAY, *ARRIVED) and not payout.releases:
            yield f"{payout.id} is {payout.status} and nobody released it"
    living = {
        (part.reward, payout.id)
        for payout in state.all(Payout)
        if payout.status not in GONE
        for part in payout.parts
        if payout.status not in ARRIVED or _is_in(state, part.reward, payout.id)
    }
    named = {(reward.id, reward.payout) for reward in state.all(Reward) if reward.payout is not None}
    yield from (f"{reward} and {payout} disagree whether it is in there" for reward, payout in sorted(living ^ named))


def _is_in(state: State, id_: str, arrived: str) -> bool:
    """Whether a reward says that it was in a payout that arrived: one that rose since may wait for another one, or be in it."""
    reward = state.get(Reward, id_)
    if reward is None or reward.payout == arrived:
        return True
    if reward.payout is None:
        return reward.status == "paid"
    later = state.get(Payout, reward.payout)
    return later is None or all(part.reward != id_ for part in later.parts)


def _processing(state: State, _: Versions) -> Iterator[str]:
    for reward in state.all(Reward):
        payout = state.get(Payout, reward.payout) if reward.payout is not None else None
        status = payout.status if payout is not None else None
        if (reward.status == "processing" and status not in UNDER_WAY) or (
            reward.status == "paid" and status not in ARRIVED
        ):
            yield f"{reward.id} is {reward.status}, its payout is {status}"


def _roots(state: State) -> dict[str, str]:
    """Person -> whom they were merged into, of all who were: their counters are read together."""
    return {kin.person: kin.root for kin in state.all(Kin)}


def _counted(state: State, versions: Versions) -> Iterator[str]:
    counts: Tally[tuple[str, str, str, str]] = Tally()
    whose = _roots(state)
    for reward in state.all(Reward):
        if reward.side == "advocate" and not ledger.of_no_order(reward.on):
            kind = f"{reward.on}:{reward.kind}"
            day = calendar.day(reward.earned_at, versions[reward.rules].rules.timezone)
            for period in ("ever", day[:7], day):
                counts[reward.program, whose.get(reward.beneficiary, reward.beneficiary), kind, period] += 1
    for case in state.all(Case):
        for code in cases.codes_of(case) if case.worth is not None else ():
            counts[cases.worth_key(case.program, code, case.worth or "")] += 1
    counters = [c for c in state.all(Counter) if ":" in c.kind and (c.program or c.kind.startswith(cases.WORTH))]
    stored: Tally[tuple[str, str, str, str]] = Tally()
    for each in counters:
        person = whose.get(each.person, each.person)
        stored[each.program, person, each.kind, each.period] += each.count
        for day, used in each.days.items():
            stored[each.program, person, each.kind, day] += used.count
    for key in sorted({*stored, *counts}):
        if stored[key] != counts[key]:
            yield f"{key} counts {stored[key]} rewards, there are {counts[key]}"


def _kept(state: State, _: Versions) -> Iterator[str]:
    whose = _roots(state)
    kept = {
        (r.program, whose.get(r.beneficiary, r.beneficiary), r.on, r.conversion)
        for r in state.all(Reward)
        if r.side == "advocate" and r.amount and not ledger.of_no_order(r.on)
    }
    expected: Tally[tuple[str, ...]] = Tally((program, person) for program, person, _, _ in kept)
    expected.update((program, person, on) for program, person, on, _ in kept)
    stored: Tally[tuple[str, ...]] = Tally()
    for each in state.all(Counter):
        if each.kind == "kept":
            person = whose.get(each.person, each.person)
            stored[each.program, person] += each.count
            stored.update({(each.program, person, on): count for on, count in each.amounts.items()})
    merged = set(whose.values())  # both may have kept a part of one conversion before they were one
    for key in sorted({*stored, *expected}):
        if key[1] not in merged and stored[key] != expected[key]:
            yield f"{key} kept {stored[key]} conversions, there are {expected[key]}"


def _spent(state: State, versions: Versions) -> Iterator[str]:
    spent: Tally[tuple[str, str]] = Tally()
    moved: Tally[tuple[str, str]] = Tally()
    budgets: dict[tuple[str, str], list[int | None]] = {}
    for offer in state.all(Offer):
        for unit, amount in offer.reserved.items():
            spent[offer.program, unit] += amount
            budget = amount_in(versions[offer.rules].rules.budget or {}, unit)
            budgets.setdefault((offer.program, unit), []).append(budget)
    for reward in state.all(Reward):
        if reward.on == ledger.OPENING:
            continue
        key = (reward.program, reward.unit)
        spent[key] += reward.amount
        moved[key] += reward.amount if reward.by_claim or ledger.of_no_order(reward.on) else 0
        budgets.setdefault(key, []).append(amount_in(versions[reward.rules].rules.budget or {}, reward.unit))
    stored = {
        (c.program, unit): amount for c in state.all(Counter) if c.kind == "spent" for unit, amount in c.amounts.items()
    }
    for key in sorted({*stored, *spent}):
        if stored.get(key, 0) != spent[key]:
            yield f"{key} has spent {stored.get(key, 0)}, its rewards and offers are {spent[key]}"
        most = [budget for budget in budgets.get(key, []) if budget is not None]
        if most and len(most) == len(budgets[key]) and spent[key] - moved[key] > max(most):
            yield f"{key} has spent {spent[key]} of {max(most)}"


def _capped(state: State, versions: Versions) -> Iterator[str]:
    counts: Tally[tuple[str, ...]] = Tally()
    amounts: Tally[tuple[str, ...]] = Tally()
    allowed: dict[tuple[str, ...], tuple[int | None, int | None]] = {}
    merged = _roots(state)
    for reward in state.all(Reward):
        if reward.beneficiary in merged:  # each of two had a place of their own before they were one
            continue
        rules = versions[reward.rules].rules
        rule = rules.conversion(reward.on)
        here = set()  # a count and an amount of one period are two limits, and one reward
        for limit in rule.rewards[reward.rule].limits if rule is not None else ():
            period = calendar.period(reward.earned_at, limit.per, rules.timezone)
            capped = (reward.rules, reward.on, str(reward.rule), reward.beneficiary, period, reward.unit)
            here.add(capped)
            count, amount = allowed.get(capped, (None, None))
            allowed[capped] = (
                limit.count if limit.count is not None else count,
                amount if limit.amount is None else amount_in(limit.amount, reward.unit) or amount,
            )
        for capped in here:
            counts[capped] += 1
            amounts[capped] += 0 if reward.by_claim else reward.amount
    for key, (count, amount) in sorted(allowed.items()):
        if (count is not None and counts[key] > count) or (amount is not None and amounts[key] > amount):
            yield f"{key}: {counts[key]} rewards of {amounts[key]}, allowed {count} of {amount}"


def _codes(state: State, _: Versions) -> Iterator[str]:
    for advocate in state.all(Advocate):
        for id_ in advocate.codes:
            code = state.get(Code, id_)
            if code is None or (code.program, code.person) != advocate.key:
                yield f"{id_} is not {advocate.id}'s"


def _looks(state: State, _: Versions) -> Iterator[str]:
    for look in state.all(Code):
        meant = state.get(Code, look.means) if look.means is not None else None
        if look.means is not None and (meant is None or meant.person is None):
            yield f"{look.id} reads as {look.means}, which nobody owns"
        elif meant is not None and look.person not in (None, meant.person):
            yield f"{look.id} and {meant.id} look alike and are two people's"


def _disputes(state: State, _: Versions) -> Iterator[str]:
    open_: set[tuple[str, str]] = set()
    for case in state.all(Case):
        if (case.kind in (settlement.DISPUTE, settlement.STORY)) != (case.person is not None) or (
            case.person is not None and case.rewards
        ):
            yield f"{case.kind} about {case.subject} is of {case.person} and holds {len(case.rewards)}"
        elif case.disputed is not None and case.status in ("open", "appealed"):
            if (case.kind, case.disputed) in open_:
                yield f"{case.disputed} is disputed twice at once"
            open_.add((case.kind, case.disputed))


def _one_place(state: State, versions: Versions) -> Iterator[str]:
    for conversion in state.all(Conversion):
        for id_ in conversion.rewards if conversion.name != ledger.OPENING else ():
            reward = state.get(Reward, id_)
            referral = state.get(Referral, reward.referral) if reward is not None else None
            rule = versions[reward.rules].rules.conversion(reward.on) if reward is not None else None
            if reward is None or referral is None or rule is None:
                yield f"{conversion.id} points to {id_}, which is not there"
            elif (
                (rule.counts.months, rule.counts.payments) == (None, None)
                and reward.amount
                and ((place := referral.place(reward.on)) is None or place.conversion != conversion.id)
            ):
                yield f"{conversion.id} earned and does not hold the place of {referral.id}"


def _programs(state: State, versions: Versions) -> Iterator[str]:
    for program in state.all(Program):
        starts = [start for start, _ in program.versions]
        if starts != sorted(starts) or any(hash_ not in versions for _, hash_ in program.versions):
            yield f"{program.slug}: its versions are out of order or missing"
        cycles = program.pilots
        ended = [cycle.over for cycle in cycles]
        if None in ended[:-1] or any(a.over != b.begins for a, b in pairwise(cycles) if a.id == b.id):
            yield f"{program.slug}: the cycles of its pilots overlap, or leave something out"
        if any(cycle.ends <= cycle.begins or (cycle.over is not None and cycle.over < cycle.ends) for cycle in cycles):
            yield f"{program.slug}: a cycle of its pilot was over before its end"


def _taken(state: State, _: Versions) -> Iterator[str]:
    for reward in state.all(Reward):
        if reward.taken_by is None:
            continue
        claim, case = state.get(Claim, reward.taken_by), state.get(Case, reward.taken_by)
        won = claim is not None and (claim.status in ("won", "split", "none") or claim.appealed_at is not None)
        if not won and not (
            case is not None and case.status in ("decided", "appealed") and case.outcome == "confirmed"
        ):
            yield f"{reward.id} was taken by {reward.taken_by}, which did not take it"


def _alone(state: State, versions: Versions) -> Iterator[str]:
    """A program that was published under an earlier behaviour may hold what was netted across programs then, at one end only."""
    sums: Tally[tuple[str, str]] = Tally()
    for balance in state.all(Balance):
        sums[balance.program, balance.unit] += balance.amount
    for (program, unit), amount in sorted(sums.items()):
        known = state.get(Program, program)
        old = known is not None and any(
            versions[h].semantics < semantics.BETWEEN for _, h in known.versions if h in versions
        )
        if amount and not old:
            yield f"{program}: {unit} sums to {amount}"
    between = {(b.program, b.owner, b.unit): b.amount for b in state.all(Balance) if b.account == "between"}
    for (program, other, unit), amount in sorted(between.items()):
        back = between.get((other, program, unit), 0)
        if amount + back:
            yield f"{program} holds {amount} {unit} for {other}, which says {-back}"


def _protected(state: State, _: Versions) -> Iterator[str]:
    """Two partners never have a company at once, by its domain or by what a CRM calls it."""
    had: dict[tuple[str, str], list[Registration]] = {}
    for it in state.all(Registration):
        decided = it.accepted_at is not None and it.protected_until is not None and it.decided_by is not None
        if decided is (it.status in ("submitted", "declined")) and it.status != "withdrawn":
            yield f"{it.id} is {it.status} and was accepted at {it.accepted_at} until {it.protected_until}"
        for by in ("company_domain", "company_ref"):
            company = getattr(it, by)
            if company is not None and it.accepted_at is not None:
                had.setdefault((by, company), []).append(it)
    for (_by, company), those in sorted(had.items()):
        in_order = sorted(those, key=lambda it: (it.accepted_at or 0, it.id))
        for before, it in combinations(in_order, 2):
            same = kin.root(state.get, before.advocate) == kin.root(state.get, it.advocate)
            if not same and before.protects(it.accepted_at or 0):
                yield f"{company} is {before.advocate}'s by {before.id} and {it.advocate}'s by {it.id}"


def _is_own(state: State, deal: Deal) -> bool:
    """Whether no registration that still stands brought a deal."""
    it = state.get(Registration, deal.registration) if deal.registration is not None else None
    return it is None or it.status in ("declined", "withdrawn")


def _prospects(state: State, _: Versions) -> Iterator[str]:
    """What a company knows of deals is what these say; of one that has very many it knows some."""
    for prospect in state.all(Prospect):
        for status, known in (("open", prospect.open), ("won", prospect.won)):
            for id_, since in known.items():
                deal = state.get(Deal, id_)
                said = None if deal is None else deal.opened_at if status == "open" else deal.since.get("won")
                if deal is None or not _is_own(state, deal) or (deal.status, said) != (status, since):
                    yield f"{prospect.id} knows {id_} as our own and {status} since {since}"
        for id_, since in prospect.ours.items():
            deal = state.get(Deal, id_)
            if (
                deal is None
                or deal.status == "lost"
                or not _is_own(state, deal)
                or (deal.code, deal.opened_at) != (None, since)
            ):
                yield f"{prospect.id} knows {id_} as brought by nobody since {since}"
        for id_ in prospect.registrations:
            it = state.get(Registration, id_)
            ended = it is not None and any(act.act == "deal.withdrawn" for act in it.acts)  # a protection, by a member
            if it is None or (it.status in ("declined", "withdrawn") and not ended):
                yield f"{prospect.id} knows {id_}, which does not stand"
    for deal in state.all(Deal):
        for company in deals.companies(deal).values() if _is_own(state, deal) else ():
            found = state.get(Prospect, company)
            known = {} if found is None else {"open": found.open, "won": found.won}.get(deal.status, {})
            if deal.status != "lost" and deal.id not in known and len(known) < deals.MOST_AT_ONE:
                yield f"{company} does not know {deal.id}"


def _agreements(state: State, _: Versions) -> Iterator[str]:
    """Terms began when they were made or later, and what was earned by a rate of them was earned while they were in force."""
    for agreement in state.all(Agreement):
        for number, terms in enumerate(agreement.versions, 1):
            if terms.version != number or terms.since < terms.at:
                yield f"{agreement.id} has as version {number} one {terms.version} of {terms.at} from {terms.since}"
    for reward in state.all(Reward):
        held = reward.agreement
        its = state.get(Agreement, held.agreement) if held is not None else None
        if held is None:
            continue
        judged = its.versions[held.version - 1] if its is not None and held.version <= len(its.versions) else None
        if judged is None or judged.since > reward.earned_at:
            yield f"{reward.id} was judged by version {held.version} of {held.agreement}, which had not begun"
        elif held.own and (
            not judged.in_force(reward.earned_at) or (held.percent, held.flat) != (judged.percent, judged.flat)
        ):
            yield f"{reward.id} was earned by a rate that version {held.version} of {held.agreement} does not have"


def _credit(state: State, _: Versions) -> Iterator[str]:
    """Lots, what stands in the accounts of their holders, and what redemptions drew of them say the same; none is below nothing."""
    held: Tally[tuple[str, str, str, str]] = Tally()
    delivered: Tally[tuple[str, str]] = Tally()
    for lot in state.all(Lot):
        held[lot.program, "credit", lot.owner, lot.unit] += lot.rest
        delivered[lot.payout, lot.reward] += lot.amount
        if min(lot.rest, lot.expired, lot.taken, lot.redeemed) < 0:
            yield f"{lot.id}: {lot.rest} there, {lot.expired} expired, {lot.taken} taken, {lot.redeemed} used of {lot.amount}"
        brought = state.get(Payout, lot.payout)
        if brought is None or brought.rail != lot.rail:
            yield f"{lot.id} came over {lot.rail}, its payout did not"
        if lot.rest and kin.root(state.get, lot.person) != lot.person:
            yield f"{lot.id} is held by {lot.person}, who was merged"
    yield from _differences(state, ("credit",), held)
    for payout in state.all(Payout):
        for part in payout.parts if payout.rail in ledger.OURS and payout.status in ARRIVED else ():
            delivered[payout.id, part.reward] -= part.sent
    yield from (f"{reward} brought {n} by {payout} more than it sent" for (payout, reward), n in delivered.items() if n)
    yield from _redeemed(state)


def _redeemed(state: State) -> Iterator[str]:
    """A redemption is what it drew, on one purse, and what was used of each lot is what redemptions say."""
    drawn: Tally[str] = Tally()
    for redemption in state.all(Redemption):
        for one in redemption.drawn:
            drawn[one.lot] += one.amount - one.back
            its = state.get(Lot, one.lot)
            if its is not None and its.code != redemption.payout:
                yield f"{redemption.id} drew on {its.id}, which is another purse"
            if not 0 <= one.back <= one.amount:
                yield f"{redemption.id}: {one.back} given back of {one.amount}"
        if sum(one.amount for one in redemption.drawn) != redemption.amount or redemption.back != sum(
            redemption.reversals.values()
        ):
            yield f"{redemption.id} is {redemption.amount}, of which {redemption.back} came back, and its parts are not"
    for lot in state.all(Lot):
        if lot.redeemed != drawn[lot.id]:
            yield f"{lot.id}: {lot.redeemed} used, its redemptions say {drawn[lot.id]}"


def _standing(state: State, versions: Versions) -> Iterator[str]:
    """What was approved without a member's word was covered when it was, and what is used of a limit is what was approved by it."""
    for reward in state.all(Reward):
        yield from _stood(state, reward)
    for payout in state.all(Payout):
        yield from _stood_for(state, payout)
    for it in state.all(Standing):
        if (
            it.until - it.since > standing.LONGEST
            or len({*it.granted_by}) < len(it.granted_by)
            or not it.granted_by[1:]
        ):
            yield f"{it.id} was given by {it.granted_by} until {it.until}"
    yield from _stood_within(state, versions)


def _stood(state: State, reward: Reward) -> Iterator[str]:
    stood, by = reward.standing, [id_ for id_ in reward.approvals if id_.startswith(standing.PREFIX)]
    it = state.get(Standing, stood.standing) if stood is not None else None
    if stood is None or it is None:
        if by or stood is not None:
            yield f"{reward.id} was approved by {by}, which is not there"
        return
    if by and (by != [it.id] or stood.at is None):
        yield f"{reward.id} was approved by {by} and stands under {it.id}"
    if stood.at is None or stood.amount is None:
        return
    if not standing.of_class(it, reward) or to_payee(reward.kind):
        yield f"{reward.id} is none that {it.id} approves"
    if not it.since <= stood.at < it.until or (it.stopped_at is not None and stood.at > it.stopped_at):
        yield f"{reward.id} was approved by {it.id} at {stood.at}, when that did not hold"
    if not 0 < stood.amount <= it.per_reward:
        yield f"{reward.id}: {it.id} approved {stood.amount}, and a reward of it is {it.per_reward} at most"


def _stood_for(state: State, payout: Payout) -> Iterator[str]:
    for id_ in (id_ for id_ in payout.releases if id_.startswith(standing.PREFIX)):
        it = state.get(Standing, id_)
        rewards = [state.get(Reward, part.reward) for part in payout.parts]
        if it is None or payout.rail != it.rail or len(payout.releases) != 1 or len(rewards) > 1:
            yield f"{payout.id} was released by {id_}, over {payout.rail}"
        elif any(each is None or each.standing is None or each.standing.standing != id_ for each in rewards):
            yield f"{payout.id} was released by {id_}, which approved none of it"


def _stood_within(state: State, _: Versions) -> Iterator[str]:
    """Of two persons who were merged each had a limit of their own before."""
    roots = _roots(state)
    used: Tally[tuple[str, str]] = Tally()
    for reward in state.all(Reward):
        stood = reward.standing
        for person in ("", roots.get(reward.beneficiary, reward.beneficiary)) if stood is not None else ():
            used[stood.standing, person] += stood.amount or 0  # type: ignore[union-attr]
    stored: Tally[tuple[str, str]] = Tally()
    for counter in state.all(Counter):
        if counter.kind.startswith(standing.COUNTED):
            id_ = counter.kind.removeprefix(standing.COUNTED)
            stored[id_, roots.get(counter.person, counter.person)] += sum(counter.amounts.values())
    merged = set(roots.values())
    for id_, person in sorted({*stored, *used}):
        amount, it = used[id_, person], state.get(Standing, id_)
        if stored[id_, person] != amount:
            yield f"{id_} has {stored[id_, person]} used of {person or 'all'}, approved was {amount}"
        most = None if it is None or person in merged else it.per_beneficiary if person else it.in_all
        if most is not None and amount > most:
            yield f"{id_} approved {amount} of {most}, of {person or 'all'}"


def _handed_out(state: State, _: Versions) -> Iterator[str]:
    """What was given of a stock, which payouts got it, and what these are worth say the same; what waits got none."""
    given: dict[str, list[int]] = {}
    worth: Tally[str] = Tally()
    for handout in state.all(Handout):
        stock = state.get(Stock, handout.stock)
        given.setdefault(handout.stock, []).append(handout.number)
        if stock is None or state.get(Payout, handout.payout) is None:
            yield f"code {handout.number} of {handout.stock} went to {handout.payout}: one of these is not there"
        else:
            worth[handout.payout] += stock.amount
    for stock in state.all(Stock):
        if not 0 <= stock.given <= stock.size or stock.amount < 1:
            yield f"{stock.id}: {stock.given} given of {stock.size}, each worth {stock.amount}"
        if sorted(given.get(stock.id, ())) != list(range(1, stock.given + 1)):
            yield f"{stock.id}: {stock.given} given, its handouts say {sorted(given.get(stock.id, ()))}"
    for payout in state.all(Payout):
        under_way = payout.rail == stocks.CODE_STOCK and payout.status in CODED
        if (under_way and worth[payout.id] != payout.amount) or (payout.awaits is not None and worth[payout.id]):
            yield f"{payout.id} is {payout.amount}, its codes are worth {worth[payout.id]}"


def _offers(state: State, _: Versions) -> Iterator[str]:
    """Offers, the orders that have them and the rewards that they became say the same; each has one of the others at most."""
    had: Tally[str] = Tally()
    theirs: dict[tuple[str, str], list[Offer]] = {}
    earned: dict[tuple[str, str], list[Reward]] = {}
    for reward in state.all(Reward):
        if taken_off(reward.kind):
            earned.setdefault((reward.program, reward.conversion), []).append(reward)
    for offer in state.all(Offer):
        referral = state.get(Referral, offer.referral)
        if offer.status != "ended":
            theirs.setdefault((offer.program, kin.root(state.get, offer.person)), []).append(offer)
        if (offer.conversion is None) is (offer.status in ("bound", "redeemed")):
            yield f"{offer.id} is {offer.status}, its order is {offer.conversion}"
        if offer.reserved and (referral is None or (referral.offer, referral.status == "void") != (offer.id, False)):
            yield f"{offer.id} is open and {offer.referral} does not hold it"
        if offer.conversion is None:
            continue
        had[offer.conversion] += 1
        order = state.get(Conversion, offer.conversion)
        if (
            order is None
            or order.person is None
            or kin.root(state.get, order.person) != kin.root(state.get, offer.person)
        ):
            yield f"{offer.id} is {offer.person}'s, and {offer.conversion} is not"
        its = earned.pop((offer.program, offer.conversion), []) if offer.status == "redeemed" else []
        if len(its) != (offer.status == "redeemed") or any(it.gross > offer.amounts.get(it.unit, 0) for it in its):
            yield f"{offer.id} is {offer.status}, and {offer.conversion} earned {[it.gross for it in its]} by it"
    yield from (f"{order} has {count} offers" for order, count in had.items() if count > 1)
    yield from (f"{its[0].id} is a welcome that nobody offered" for its in earned.values())
    for beside in theirs.values():  # who was welcomed twice as two people, and is one, was so
        if len(beside) > 1 and any(it.reserved for it in beside):
            yield f"{beside[0].person} is offered {len(beside)} at once by {beside[0].program}"


def _paid(state: State, _: Versions) -> Iterator[str]:
    paid: Tally[tuple[str, ...]] = Tally()
    for payout in state.all(Payout):
        if payout.paid_on is not None:
            for kind in taxes.KINDS[: 1 + (payout.status != "completed")]:
                paid[kind, payout.beneficiary, payout.paid_on[:4], payout.unit] += payout.amount
            if payout.status not in taxes.COUNTED or payout.destination == payout.beneficiary:
                yield f"{payout.id} is {payout.status} and counts as paid to {payout.destination}"
    counted: Tally[tuple[str, ...]] = Tally()
    for counter in state.all(Counter):
        for unit, amount in counter.amounts.items() if counter.kind in taxes.KINDS else ():
            counted[counter.kind, counter.person, counter.period, unit] += amount
    for key in sorted({*paid, *counted}):
        if paid[key] != counted[key]:
            yield f"{key} counts {counted[key]}, and {paid[key]} went there"


def _accounted(state: State, versions: Versions) -> Iterator[str]:
    """Of what is paid an auditor finds each of the seven points."""
    draft = Draft(state=state, rules=versions, evt="", as_of=0)
    for reward in state.all(Reward):
        if audit.must_be_whole(reward):
            for point in (one for one in audit.points(draft, reward) if one.answer == "no"):
                yield f"{reward.id} is {reward.status}, and {point.point} is not there: {point.code}"


def _scheduled(state: State, _: Versions) -> Iterator[str]:
    """A schedule waits for its next instant, which is one of its plan; what one drafted counts as drafted by who set it."""
    waits = {(it.subject, it.due_at) for it in state.all(Timer) if it.kind == schedules.KIND}
    for it in state.all(Schedule):
        if it.next_at is None:
            continue
        if (it.id, it.next_at) not in waits or schedules.following(it.plan, it.next_at - 1) != it.next_at:
            yield f"{it.id} runs at {it.next_at} next, for which nothing waits, or which is no instant of its plan"
        if it.ran_at is not None and it.ran_at >= it.next_at:
            yield f"{it.id} ran at {it.ran_at}, and runs at {it.next_at} next"
    for payout in state.all(Payout):
        there = payout.schedule is None or state.get(Schedule, payout.schedule) is not None
        if not there or payout.drafted_by == schedules.TIMER.id:
            yield f"{payout.id} was drafted by {payout.drafted_by} and by schedule {payout.schedule}"


def _written(state: State, _: Versions) -> Iterator[str]:
    waits = {(it.subject, it.due_at) for it in state.all(Timer) if it.kind == messages.TIMER}
    for it in state.all(Letter):
        if it.id != messages.id_of(it.person, it.topic, it.trigger):
            yield f"{it.id} is not the message of {it.person} about {it.topic} because of {it.trigger}"
        if (it.status == "deferred") != (it.due_at is not None) or (it.due_at and (it.id, it.due_at) not in waits):
            yield f"{it.id} is {it.status} until {it.due_at}, for which nothing waits"
    for one in state.all(Recipient):
        if one.score is not None and one.score not in messages.SCORES:
            yield f"{one.person} is satisfied by {one.score}"


def _launched(state: State, _: Versions) -> Iterator[str]:
    drafts = {it.id for it in state.all(Program) if it.status == "draft" or (it.status == "ended" and not it.began)}
    earned = {reward.program for reward in state.all(Reward)} if drafts else set()
    yield from (f"{id_} is a draft and has rewards" for id_ in sorted(drafts & earned))
    for program in state.all(Program):
        launch = program.launch
        began = bool(program.moves) and program.moves[0][1] == "draft"
        if began and launch is None and any(status not in ("draft", "ended") for _, status in program.moves):
            yield f"{program.id} is live without the gate"
        if launch is not None and not (
            launch.plan.owner and launch.plan.trigger and launch.plan.billing and launch.terms
        ):
            yield f"{program.id} was launched without what that takes"
        feeds = () if launch is None else (launch.plan.trigger, launch.plan.billing)
        yield from (f"{program.id} lacks no {feed}" for feed, _ in program.silent if feed not in feeds)


INVARIANTS: tuple[Invariant, ...] = (
    Invariant("I-01", "The balances of all accounts sum to zero in each unit.", _zero),
    Invariant("I-02", "Accrued, payable and receivable are what the rewards of each beneficiary say.", _owed),
    Invariant("I-03", "Clearing and settled are what the payouts of each rail say, and what was paid back.", _sent),
    Invariant(
        "I-04",
        "A reward's amount is never more than what was earned. It is 0 exactly when the reward has ended, except while something netted"
        " in a payout that came back is still owed; a reward that has ended owes nothing.",
        _amounts,
    ),
    Invariant("I-05", "A customer is bound at most once in a program, by a living referral of their own.", _bound_once),
    Invariant("I-06", "The shares of a referral sum to one, and nobody refers themselves.", _shares),
    Invariant("I-07", "What was given back is the sum of the refunds that count, and no more than was paid.", _refunds),
    Invariant("I-08", "A reward waits for exactly the open or appealed cases that name it.", _cases),
    Invariant(
        "I-09", "What is approved, under way or paid was approved by somebody, for the details of today.", _approvals
    ),
    Invariant(
        "I-10", "A payout is the sum of its parts, was released by somebody, and holds a reward alone.", _payouts
    ),
    Invariant("I-11", "A reward is processing or paid just as its payout is.", _processing),
    Invariant(
        "I-12",
        "Each counter of rewards is the number of rewards in its month, on each of its days, or ever; of answers that of cases.",
        _counted,
    ),
    Invariant("I-13", "An advocate's kept conversions are those that still earn.", _kept),
    Invariant(
        "I-14",
        "What a program has spent is the sum of its rewards and of what its offers hold; without corrections and what a claim moved, it"
        " is within its budget.",
        _spent,
    ),
    Invariant(
        "I-15", "Caps hold in every period; amounts of rewards that a claim moved are not held back by them.", _capped
    ),
    Invariant("I-16", "A code belongs to one advocate in one program.", _codes),
    Invariant("I-17", "Only the conversion that took the place earns, where one place is given.", _one_place),
    Invariant("I-18", "The versions of a program follow each other in time and are all there.", _programs),
    Invariant(
        "I-19", "The accounts of each program sum to zero in each unit; what one owes another this one holds.", _alone
    ),
    Invariant(
        "I-20",
        "What was taken of somebody was taken by a claim that was won, or lost on appeal, or by a case that was confirmed.",
        _taken,
    ),
    Invariant(
        "I-21",
        "What was accepted was accepted by somebody for a time, and no company is two partners' at once, by domain or by a CRM's id.",
        _protected,
    ),
    Invariant(
        "I-22",
        "A company knows the deals of our own that are open or won, and the registrations that stand.",
        _prospects,
    ),
    Invariant(
        "I-23",
        "Terms of a partner begin as they are made or later, and a rate of their own holds only while its version is in force.",
        _agreements,
    ),
    Invariant(
        "I-24",
        "What somebody has of our own credit is what is left of its lots, never less than nothing; redemptions say what was used.",
        _credit,
    ),
    Invariant(
        "I-25",
        "What was approved without a member's word was covered by a standing approval then: by its class, rail, time and limits.",
        _standing,
    ),
    Invariant(
        "I-26",
        "A code of a stock goes to one payout for ever; what a payout was given comes to its amount; what waits got none.",
        _handed_out,
    ),
    Invariant(
        "I-27",
        "An offer is redeemed by one order of its friend, which earned at most that by it; no order has two, no welcome comes of none,"
        " and nobody is offered one beside another of the program.",
        _offers,
    ),
    Invariant(
        "I-28",
        "What counts as paid to a payee in a year, and what of it is under way, is what went to them then and did not come back.",
        _paid,
    ),
    Invariant(
        "I-29",
        "What a person is asked about a payee's details is an open case, and each such case keeps money from that payee.",
        _payees,
    ),
    Invariant(
        "I-30",
        "Of what is paid all seven points of an audit are there: the referral_reward_eligibility_accuracy of paid rewards is 100 %.",
        _accounted,
    ),
    Invariant(
        "I-31",
        "A schedule waits for one instant of its plan, after the one at which it ran; what it drafts is drafted for who set it.",
        _scheduled,
    ),
    Invariant(
        "I-32",
        "No program has a reward before it was launched, where that takes the gate; what was launched names an owner and its feeds.",
        _launched,
    ),
    Invariant(
        "I-33",
        "What a code is read as is a code that somebody owns: no two people share a look.",
        _looks,
    ),
    Invariant(
        "I-34",
        "Of one reward or referral one dispute is open, of somebody whose it is, and of one person one story; it holds nothing.",
        _disputes,
    ),
    Invariant(
        "I-35",
        "A message has the id of its person, topic and trigger, so that there is one; what is put off waits; an answer is from 1 to 5.",
        _written,
    ),
    Invariant(
        "I-36",
        "Other payment details that a person entered themselves are others than they have, and hold a day after they confirmed it.",
        _entering,
    ),
)


def broken(state: State, versions: Versions) -> list[str]:
    """What is not as it must be, each line led by the invariant's number. ``state`` must be complete."""
    return [f"{invariant.id} {line}" for invariant in INVARIANTS for line in invariant.check(state, versions)]
