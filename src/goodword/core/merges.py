"""Merges: two accounts turn out to be one person's. What one has goes to the other, and what is settled stays as it was told.

Moved are what binds and what is open: customer, orders, visitors, claims, codes, open rewards with their money. Counters stay where
they are and are read together (``limits``); paid rewards keep their beneficiary, whom ``kin`` leads on. Where the two said different
things, the stricter holds. Each step is one entry, linear in what the person who goes has; nothing else of the workspace is touched.
"""

from __future__ import annotations

from math import inf
from typing import Any

from msgspec.structs import replace

from goodword.core import (
    agreements,
    companies,
    conduct,
    contested,
    credit,
    customers,
    kin,
    late_proof,
    leads,
    ledger,
    lifecycles,
    payees,
    pilots,
    referrals,
    semantics,
    settlement,
    sharing,
    taxes,
)
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import Merge
from goodword.core.facts import Told
from goodword.core.kinds.rewards import to_payee
from goodword.core.stages import planning
from goodword.core.state import (
    BEFORE_PAYMENT,
    Advocate,
    Claim,
    Code,
    Consent,
    Conversion,
    Customer,
    Flag,
    Kin,
    Lead,
    Paid,
    Payee,
    Recipient,
    Referral,
    Reward,
    Visitor,
)


def merged(draft: Draft, event: Merge, told: Told) -> list[Referral]:
    """Merge one person into another; returns the referrals of whom they are now, whose orders are decided again."""
    keep, gone = kin.root(draft.get, event.keep), kin.root(draft.get, event.gone)
    if keep == gone:
        draft.say(refused("event", "already_merged", subject=keep))
        return []
    waiting = leads.of_two(draft.get, keep, gone) if draft.semantics >= semantics.LATE_OF_BEFORE else []
    actor = told.actor
    by = actor.id if actor is not None and actor.kind == "member" else None
    step, bound = join(draft, keep, gone, by)
    draft.say(Verdict(about="event", outcome="merged", subject=keep, steps=(step,)))
    late_proof.look(draft, told, keep, newly=True)
    late_proof.colleagues(draft, draft.need(Customer, keep))
    return [draft.need(Referral, each.id) for each in bound] + leads.joined(draft, keep, waiting, told)


def join(draft: Draft, keep: str, gone: str, by: str | None) -> tuple[Step, list[Referral]]:
    """Move what is open of ``gone`` to ``keep``; returns what that was, and the referrals that bind ``keep``."""
    _kin(draft, keep, gone)
    orders = _orders(draft, keep, gone)
    bound, voided = _customer(draft, keep, gone)
    codes = _advocates(draft, keep, gone)
    _recipient(draft, keep, gone)
    rewards = _rewards(draft, keep, gone, by)
    credit.merged(draft, keep, gone)
    taxes.merged(draft, keep, gone)
    payees.drop(draft, gone)
    for claim in draft.of(Claim, "friend", keep) if draft.semantics >= semantics.MERGES_ARE_FOLLOWED else ():
        if claim.status in ("open", "appealed") and claim.stops_at is not None:
            contested.stop(draft, claim, draft.as_of)
    values = {"gone": gone, "orders": orders, "codes": codes, "rewards": rewards, "voided": voided}
    return Step("merged", values), bound


def _kin(draft: Draft, keep: str, gone: str) -> None:
    """All who were merged into either are now merged into ``keep``."""
    mine, theirs = kin.all_of(draft.get, keep), kin.all_of(draft.get, gone)
    for person in theirs:
        draft.put(Kin(person=person, root=keep, members=(), evt=draft.evt))
    draft.put(Kin(person=keep, root=keep, members=(*mine[1:], *theirs), evt=draft.evt))


def _orders(draft: Draft, keep: str, gone: str) -> int:
    orders = draft.of(Conversion, "person", gone)
    for order in orders:
        draft.put(replace(order, person=keep))
    for claim in draft.of(Claim, "friend", gone):
        draft.put(replace(claim, friend=keep))
    return len(orders)


def _customer(draft: Draft, keep: str, gone: str) -> tuple[list[Referral], list[str]]:
    """The earliest of what makes them known counts. Of two bindings that exclude each other the earlier one stays."""
    mine = draft.get(Customer, keep) or Customer(person=keep)
    theirs = draft.get(Customer, gone) or Customer(person=gone)
    for id_ in theirs.visitors:
        visitor = draft.need(Visitor, id_)
        persons = dict.fromkeys(keep if person == gone else person for person in visitor.persons)
        draft.put(replace(visitor, persons=tuple(persons)))
    for id_ in theirs.unverified_leads:
        draft.put(replace(draft.need(Lead, id_), person=keep))
    bindings = [draft.need(Referral, id_) for id_ in (*mine.referrals, *theirs.referrals)]
    kept: list[Referral] = []
    voided: list[str] = []
    for referral in sorted(bindings, key=lambda it: (it.lead_at, it.id)):
        own = any(kin.root(draft.get, share.person) == keep for share in referral.shares)
        other = next((it for it in kept if _excludes(draft, it, referral)), None)
        if not own and other is None:
            kept.append(draft.put(replace(referral, friend=keep)))
            _renamed(draft, referral, keep)
            continue
        voided.append(referral.id)
        draft.put(replace(referral, status="void"))
        if draft.semantics >= semantics.MERGES_ARE_FOLLOWED:
            _renamed(draft, referral, keep)
        if other is not None and other.program == referral.program:
            kept[kept.index(other)] = other = _with_places(draft, other, referral)
        if own:
            _reverse(draft, referral, keep)
        elif other is not None and other.shares != referral.shares:
            kind = "later_lead" if other.program == referral.program else "other_program"
            referrals.open_claim(draft, referral.program, keep, referral.shares, kind, referral.lead_at)
    for id_ in theirs.parted:
        _renamed(draft, draft.need(Referral, id_), keep)
    for id_ in (*mine.parted, *theirs.parted) if draft.semantics >= semantics.MERGES_ARE_STRICT else ():
        past = draft.need(Referral, id_)  # what ended before may still be owed
        if any(kin.root(draft.get, share.person) == keep for share in past.shares):
            _reverse(draft, past, keep)
    referrals.hold(
        draft,
        replace(
            mine,
            known_since=_first(mine.known_since, theirs.known_since),
            first_conversion_at=_first(mine.first_conversion_at, theirs.first_conversion_at),
            first_paid_at=_first(mine.first_paid_at, theirs.first_paid_at),
            country=mine.country or theirs.country,
            # whose name its payment details are in is nothing, for they are not carried over
            traits={**theirs.declared, **mine.traits},
            language=mine.language or theirs.language,
            time_zone=mine.time_zone or theirs.time_zone,
            company=mine.company or theirs.company,
            consents=_agreed(draft, mine, theirs),
            **_also(draft, mine, theirs),
            visitors=tuple(dict.fromkeys((*mine.visitors, *theirs.visitors))),
            unverified_leads=(*mine.unverified_leads, *theirs.unverified_leads),
            waiting=(*mine.waiting, *theirs.waiting)[-leads.MOST_WAITING :],
            referrals=tuple(it.id for it in bindings),
            parted=(*mine.parted, *theirs.parted),
            unlike=tuple(dict.fromkeys((*theirs.unlike, *mine.unlike)))[-customers.MOST_UNLIKE :],
            answers=customers.newest(theirs.answers, mine.answers),
        ),
        *(it.id for it in kept),
    )
    draft.put(Customer(person=gone))
    now = draft.need(Customer, keep)
    for before in (mine, theirs):  # where either had none, the past of both is the firm's
        companies.keep(draft, before, now)
    return kept, voided


def _also(draft: Draft, mine: Customer, theirs: Customer) -> dict[str, Any]:
    """What makes people look closer at either account, the oldest issues of whom they were merged from, and their firm."""
    if draft.semantics < semantics.MERGES_KEEP_ISSUES:
        return {}
    issues = tuple(dict.fromkeys((*theirs.issues, *mine.issues)))[-customers.MOST_ISSUES :]
    said: dict[str, Any] = {"company_as": theirs.company_as if mine.company is None else mine.company_as}
    if mine.domain is None or (mine.domain_of_mail and theirs.domain is not None and not theirs.domain_of_mail):
        said |= {"domain": theirs.domain, "domain_of_mail": theirs.domain_of_mail}
    staff = mine.staff or theirs.staff
    return {"issues": issues, "disposable": mine.disposable or theirs.disposable, "staff": staff, **said}


def _agreed(draft: Draft, mine: Customer, theirs: Customer) -> dict[str, Consent]:
    """What a person agreed to of each purpose: as whichever account they said no, it is no, and what ends first ends.

    What was said of a purpose holds for its channels. Before the seventh behaviour what was said last held.
    """
    agreed = {**theirs.consents, **mine.consents}
    if draft.semantics < semantics.MERGES_ARE_STRICT:
        for key in mine.consents.keys() & theirs.consents.keys():
            agreed[key] = max(mine.consents[key], theirs.consents[key], key=lambda said: (said.at, not said.given))
        return agreed
    for key in agreed:
        both = [each.consents.get(key) or each.consents.get(key.partition(":")[0]) for each in (mine, theirs)]
        agreed[key] = min((said for said in both if said is not None), key=_strictness)
    return agreed


def _strictness(said: Consent) -> tuple[bool, float, int]:
    """What of two things that were said of a purpose is the stricter: first a no, then what ends first, then what was said last."""
    return said.given, inf if said.until is None else said.until, -said.at


def _with_places(draft: Draft, referral: Referral, ended: Referral) -> Referral:
    """What an account did first, or often, the person did: what it earned counts for the binding that stays.

    Where both did it first, somebody looks at what the other binding earned by it, for one person is a friend once.
    """
    if draft.semantics < semantics.MERGES_ARE_FOLLOWED:
        return referral
    for place in ended.qualified:
        first = referral.place(place.on)
        open_ = [each for each in draft.of(Reward, "open_in", ended.id) if settlement.can_be_stopped(draft, each)]
        twice = [each for each in open_ if each.on == place.on] if first is not None else []
        if twice and first is not None:
            flag = Flag("duplicate_friend", {"conversion": first.conversion, "at": first.at})
            settlement.ask(draft, ended, (flag,), twice)
    places = tuple(place for place in ended.qualified if referral.place(place.on) is None)
    paid = dict(referral.paid)
    for name, theirs in ended.paid.items():
        mine = paid.get(name, Paid(0, theirs.last_at))
        paid[name] = Paid(mine.count + theirs.count, max(mine.last_at, theirs.last_at))
    status = "converted" if places and referral.status == "attributed" else referral.status
    return draft.put(replace(referral, qualified=(*referral.qualified, *places), paid=paid, status=status))


def _excludes(draft: Draft, one: Referral, other: Referral) -> bool:
    """Whether a customer cannot be bound by both: in one program, or where one of two does not share its customers."""
    if one.program == other.program:
        return True
    return not (draft.rules_of(one.rules).shares_customers and draft.rules_of(other.rules).shares_customers)


def _renamed(draft: Draft, referral: Referral, friend: str) -> None:
    for reward in draft.of(Reward, "open_in", referral.id):
        draft.put(replace(reward, friend=friend))


def _reverse(draft: Draft, referral: Referral, friend: str) -> None:
    """One account brought the other: nobody refers themselves, so what was not sent is not owed.

    What was sent is borne, netted or asked back, as its rules say of what turns out to be somebody else's.
    """
    for reward in draft.of(Reward, "open_in", referral.id):
        if reward.status in BEFORE_PAYMENT and reward.amount:
            settlement.lower(draft, reward, 0, status="reversed", steps=(Step("own_account"),))
    if draft.semantics < semantics.MERGES_ARE_STRICT:
        return
    orders = draft.of(Conversion, "person", friend)
    earned = [draft.need(Reward, id_) for order in orders for id_ in order.rewards]
    for reward in earned:
        if reward.referral == referral.id and reward.status in ("processing", "paid") and reward.amount:
            _sent(draft, reward)


def _sent(draft: Draft, reward: Reward) -> None:
    """What was sent of a reward that nobody should have; what was not handed over to its rail stays here (``payouts``)."""
    policy = draft.rules_of(reward.rules).claims.lost_after_payment
    stays = settlement.can_be_stopped(draft, reward)
    keeps = min(max(0, reward.discharged), reward.amount) if policy == "bear" and not stays else 0
    if policy == "ask_back" and reward.discharged > 0 and not stays:
        reward = draft.put(replace(reward, owed_back="ask"))
    if keeps < reward.amount:
        settlement.lower(draft, reward, keeps, status=None if keeps else "reversed", steps=(Step("own_account"),))


def _advocates(draft: Draft, keep: str, gone: str) -> int:
    """One place in each program, with the codes of both, the own last: that one is shared. A suspension of either holds."""
    strict = draft.semantics >= semantics.MERGES_ARE_STRICT
    agreements.merged(draft, keep, gone)
    pilots.merged(draft, keep, gone)
    moved = 0
    for program in draft.programs():
        theirs = draft.get(Advocate, (program.id, gone))
        if theirs is None or theirs.status == "merged":
            continue
        mine = draft.get(Advocate, (program.id, keep))
        status = theirs.status if mine is None else mine.status
        if theirs.status == "suspended" and lifecycles.may_move("advocate", status, "suspended"):
            status = "suspended"
        if mine is None:
            id_ = draft.id("adv", "advocate", program=program.id, share=keep)
            mine = draft.put(replace(theirs, person=keep, id=id_, status="active", codes=()))
        elif strict:
            mine = _both(mine, theirs)
        draft.put(
            replace(
                mine,
                status=status,
                enrolled_at=min(mine.enrolled_at, theirs.enrolled_at),
                terms=mine.terms or theirs.terms,
                codes=(*theirs.codes, *mine.codes) if strict else (*mine.codes, *theirs.codes),
            )
        )
        for id_ in theirs.codes:
            draft.put(replace(draft.need(Code, id_), person=keep))
        draft.put(replace(theirs, status="merged", codes=()))
        moved += len(theirs.codes)
    return moved


def _both(mine: Advocate, theirs: Advocate) -> Advocate:
    """What either did as an advocate, they did: chose another code, shared, and was refused friends by a suspension."""
    missed = (*theirs.missed, *mine.missed)
    return replace(
        mine,
        changed_at=_first(mine.changed_at, theirs.changed_at),
        shared=tuple(sorted((*theirs.shared, *mine.shared), key=lambda it: it.at)[-sharing.MOST_KEPT :]),
        case=mine.case or theirs.case,
        missed=missed[-planning.MOST_MISSED :],
        forgotten=mine.forgotten + theirs.forgotten + max(0, len(missed) - planning.MOST_MISSED),
    )


def _recipient(draft: Draft, keep: str, gone: str) -> None:
    """What either said of messages they said; that an address of the one is not there says nothing of that of the other."""
    theirs = draft.get(Recipient, gone)
    if theirs is None or draft.semantics < semantics.MERGES_ARE_STRICT:
        return
    mine = draft.get(Recipient, keep) or Recipient(person=keep)
    stopped = theirs.stopped if theirs.stopped != "bounced" else None
    off = tuple(dict.fromkeys((*mine.off, *theirs.off)))
    score = theirs.score if mine.score is None else mine.score
    draft.put(replace(mine, off=off, stopped=mine.stopped or stopped, score=score))


def _rewards(draft: Draft, keep: str, gone: str, by: str | None) -> int:
    """What is open either way is owed to, or by, whom they are now: for details of their own it is approved anew."""
    payee = draft.get(Payee, keep)
    open_ = draft.of(Reward, "unsettled_with", gone)
    for each in open_:
        reward = draft.need(Reward, each.id)
        if reward.payout is not None:
            settlement.leave_payout(draft, reward)
            reward = draft.need(Reward, each.id)
        draft.postings += ledger.handed_over(reward, keep)
        acts = reward.acts if by is None else conduct.noted(reward.acts, draft.semantics, "person.merged", by)
        reward = draft.put(replace(reward, beneficiary=keep, acts=acts, approvals=_standing(reward)))
        bound = payee is not None and payee.destination == reward.destination
        if reward.status == "approved" and to_payee(reward.kind) and not bound:
            settlement.back_to_review(draft, reward)
    return len(open_)


def _standing(reward: Reward) -> tuple[str, ...]:
    """A first approval of a list is void: the list says another beneficiary."""
    return () if reward.status == "in_review" else reward.approvals


def _first(one: int | None, other: int | None) -> int | None:
    return min((at for at in (one, other) if at is not None), default=None)
