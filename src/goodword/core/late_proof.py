"""A proof that comes late: somebody by whom others earned was a customer before, or is who earns.

What is still open waits for a case, once a referral and kind of proof. Of what was earned nothing is taken away by itself: a person
decides. What a friend was only promised (``offers``) ends. What comes later is refused or flagged as it comes (``persons``,
``kinds.signals``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from goodword.core import companies, offers, persons, semantics, settlement
from goodword.core.draft import Draft
from goodword.core.facts import Told
from goodword.core.stages import matching
from goodword.core.state import Customer, Flag, Referral, Reward

#: Flags that say of a friend that they are not new.
NEWNESS: Final = ("existing_customer", "colleague")
#: Flags of whom nobody welcomes. Whose company was a customer is only likely known: a person is asked.
UNWELCOME: Final = ("existing_customer", "self_referral")


def look(draft: Draft, told: Told, person: str, *, newly: bool = False) -> None:
    """Stop what is open by the friends whom an event of a person shows to be somebody else, or an older customer.

    ``newly``: the event says since when the person is a customer. Nothing is looked up where nobody else has their mail or phone.
    """
    if draft.semantics < semantics.LATE_PROOFS or not (newly or told.facts.known):
        return
    names = persons.names(draft.get, person, told.equals(person))
    customer = draft.get(Customer, person)
    known = [each for other in names if (each := draft.get(Customer, other)) is not None]
    for referral in _bound(draft, customer):
        own = persons.own(draft, told, person, referral.shares)
        if own is not None:
            _stop(draft, referral, Flag("self_referral", own.values))
        else:
            _existing(draft, referral, [*([customer] if newly and customer is not None else []), *known])
    for other in known:
        for referral in _bound(draft, other):
            if person in persons.earning(draft, referral.shares):
                _stop(draft, referral, Flag("self_referral", {"key": names[other.person]}))
            elif customer is not None:
                _existing(draft, referral, [customer])


def of_company(draft: Draft, before: Customer, now: Customer, at: int | None = None, *, paid: bool = False) -> None:
    """Let the firms of somebody know of them, and stop what is open by whom that shows to be a colleague of an older customer.

    ``at``: when they were a customer, if the event shows that; ``paid``: whether it is one by which their firm is one for sure.
    """
    if not companies.signs(before) and not companies.signs(now):
        return  # whoever belongs to no firm tells nothing of one
    companies.keep(draft, before, now, at, paid=paid)
    colleagues(draft, now if [*companies.signs(before)] != [*companies.signs(now)] else None)


def colleagues(draft: Draft, of: Customer | None) -> None:
    """Stop what is open by friends whose firm this decision shows to be an older customer, and by this one, whose firm is another."""
    if draft.semantics < semantics.COMPANIES_ARE_NEW:
        return
    for customer, since in companies.older(draft):
        for referral in _bound(draft, customer):
            decided = since.deal and companies.by_registration(referral)
            touched = referral.touch_at if since.deal else None
            at = referral.lead_at if touched is None else min(referral.lead_at, touched)
            if not decided and companies.is_before(since.since, at):
                _colleague(draft, customer, referral, since)
    for referral in _bound(draft, of):
        deals = not companies.by_registration(referral)
        if of is None:
            continue
        found = companies.known_before(draft, of, referral.lead_at, touched=referral.touch_at, deals=deals)
        if found is not None:
            _colleague(draft, of, referral, found)


def _colleague(draft: Draft, friend: Customer, referral: Referral, found: companies.Before) -> None:
    """Ask a person, where new customers are sought; of a friend who was one themselves that is asked, and enough."""
    if draft.rules_of(referral.rules).new_customers_only and matching.is_new(friend, referral.lead_at):
        _stop(draft, referral, companies.flag(found, referral.lead_at))


def asked(draft: Draft, id_: str, flags: Iterable[Flag]) -> None:
    """An order's own case asks a person whether the friend of a referral is new, so that nothing asks again."""
    if draft.semantics >= semantics.LATE_PROOFS and (codes := [flag.code for flag in flags if flag.code in NEWNESS]):
        referral = draft.need(Referral, id_)
        draft.put(replace(referral, asked=tuple(dict.fromkeys((*referral.asked, *codes)))))


def _bound(draft: Draft, customer: Customer | None) -> Iterator[Referral]:
    for id_ in customer.referrals if customer is not None else ():
        referral = draft.need(Referral, id_)
        if referral.status != "void":
            yield referral


def _existing(draft: Draft, referral: Referral, names: Iterable[Customer]) -> None:
    """The friend, under one of these names, was a customer before the recommendation: it matters where new ones are sought."""
    rules = draft.rules_of(referral.rules)
    if not offers.for_new(rules):
        return
    for known in names:
        if not matching.is_new(known, referral.lead_at):
            if not rules.new_customers_only:
                _unwelcome(draft, referral)
                return
            seen = {"first_conversion_at": known.first_conversion_at, "known_since": known.known_since}
            same = {} if known.person == referral.friend else {"person": known.person}
            _stop(draft, referral, Flag("existing_customer", {**seen, "lead_at": referral.lead_at, **same}))
            return


def _unwelcome(draft: Draft, referral: Referral) -> None:
    if draft.semantics >= semantics.WELCOMES_END_BY_PROOF:
        offers.proved(draft, referral)


def _stop(draft: Draft, referral: Referral, flag: Flag) -> None:
    """Let a person look at it, also where it waits for another case: that one may end by itself."""
    if flag.code in UNWELCOME:
        _unwelcome(draft, referral)
        referral = draft.need(Referral, referral.id)
    if flag.code in referral.asked:
        return
    rewards = [each for each in draft.of(Reward, "open_in", referral.id) if settlement.can_be_stopped(draft, each)]
    others = [proof for proof in referral.proofs if proof.code != flag.code]
    referral = draft.put(replace(referral, proofs=(*others, flag)))
    if rewards:
        referral = draft.put(replace(referral, asked=(*referral.asked, flag.code)))
        settlement.ask(draft, referral, (flag,), rewards)
