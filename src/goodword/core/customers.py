"""Customers: what the company says of them. Being known already makes a person an existing customer."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from goodword.core import companies, late_proof, leads, semantics, settlement, surveys
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import (
    ConsentRecorded,
    CustomerIssueClosed,
    CustomerIssueOpened,
    CustomerKnown,
    CustomerUpdated,
    MatchDeclined,
    SurveyAnswered,
)
from goodword.core.facts import Told
from goodword.core.kinds.signals import consent
from goodword.core.state import BEFORE_PAYMENT, Answer, Consent, Customer, Flag, Referral, Reward


def known(draft: Draft, event: CustomerKnown, told: Told) -> None:
    """The person was a customer since an instant; the earliest one counts. What others earned by them as somebody new waits."""
    customer = draft.get(Customer, event.person) or Customer(person=event.person)
    since = event.since if customer.known_since is None else min(customer.known_since, event.since)
    customer = draft.put(replace(customer, known_since=since))
    draft.say(Verdict(about="event", outcome="recorded"))
    late_proof.look(draft, told, event.person, newly=True)
    late_proof.of_company(draft, customer, customer, event.since, paid=True)


def updated(draft: Draft, event: CustomerUpdated, told: Told) -> list[Referral]:
    """What is said is set; the rest stays. Who else they may be, and whether consent is clear, is asked of what is open.

    Returns the referrals that their company binds: a partner may have protected it when they made themselves known.
    """
    before = customer = draft.get(Customer, event.person) or Customer(person=event.person)
    customer = draft.put(
        replace(
            companies.said(draft, customer, event),
            traits={**customer.traits, **event.traits},
            language=event.language or customer.language,
            time_zone=event.time_zone or customer.time_zone,
            country=event.country or customer.country,
            company=event.company or customer.company,
            disposable=event.disposable or customer.disposable,
        )
    )
    draft.say(Verdict(about="event", outcome="recorded"))
    if event.keys:
        late_proof.look(draft, told, event.person)
    late_proof.of_company(draft, before, customer)
    if consent.TRAIT in event.traits:
        _ask(draft, event.person)
    return leads.of_company(draft, before, customer, told)


#: Of so many purposes and channels it is kept what a person agreed to; that they are to be recommended no more is kept beyond that.
MOST_CONSENTS = 50
#: So many earlier words of each are remembered.
MOST_REMEMBERED = 20


def consented(draft: Draft, event: ConsentRecorded) -> None:
    """What a person says of a purpose holds from when they said it; what was said before that and is told later changes nothing."""
    customer = draft.get(Customer, event.person) or Customer(person=event.person)
    key = event.purpose if event.channel is None else f"{event.purpose}:{event.channel}"
    full = key not in customer.consents and len(customer.consents) >= MOST_CONSENTS
    if full and event.purpose == consent.PURPOSE and event.outcome == "revoked":
        key, full = consent.PURPOSE, False  # of any channel: what is taken back is never lost
    before = customer.consents.get(key)
    if full:
        draft.say(refused("event", "too_many_consents", Step("consents", {"most": MOST_CONSENTS})))
        return
    if before is None or event.occurred_at >= before.at:
        said = Consent(given=event.outcome == "given", at=event.occurred_at, until=event.until)
        if before is not None and draft.semantics >= semantics.CONSENTS_ARE_REMEMBERED:
            said = replace(said, before=(*before.before, (before.at, before.given))[-MOST_REMEMBERED:])
        draft.put(replace(customer, consents={**customer.consents, key: said}))
    draft.say(Verdict(about="event", outcome="recorded"))
    if event.purpose == consent.PURPOSE:
        _ask(draft, event.person)


def _ask(draft: Draft, person: str) -> None:
    """Where a person's consent is not clear, what others have open by them is looked at, once a referral."""
    customer = draft.need(Customer, person)
    flags = tuple(consent.flags(customer, draft.as_of))
    if not flags or draft.semantics < semantics.FLAGS_BY_FAMILY:
        return
    for id_ in customer.referrals:
        referral = draft.need(Referral, id_)
        rewards = [each for each in draft.of(Reward, "open_in", id_) if settlement.can_be_stopped(draft, each)]
        if rewards and flags[0].code not in referral.asked:
            referral = draft.put(replace(referral, asked=(*referral.asked, flags[0].code)))
            settlement.ask(draft, referral, flags, rewards)


#: Of so many surveys it is kept what a person answered last, the newest, beside those that everybody knows.
MOST_SURVEYS = 20


def surveyed(draft: Draft, event: SurveyAnswered) -> None:
    """What a person answered last holds; what they answered before that and is told later changes nothing."""
    customer = draft.get(Customer, event.person) or Customer(person=event.person)
    before = customer.answers.get(event.survey)
    if before is None or event.occurred_at >= before.at:
        low, high = surveys.scale(event.survey, event.low, event.high)
        said = Answer(score=event.score, low=low, high=high, at=event.occurred_at)
        draft.put(replace(customer, answers=newest(customer.answers, {event.survey: said})))
    draft.say(Verdict(about="event", outcome="recorded"))


def newest(*told: Mapping[str, Answer]) -> dict[str, Answer]:
    """Return what was answered last to each survey, as far as it is kept; of answers of one instant the one that was told last."""
    found: dict[str, Answer] = {}
    for name, it in (each for answers in told for each in answers.items()):
        if name not in found or it.at >= found[name].at:
            found[name] = it
    own = sorted((it.at, name) for name, it in found.items() if name not in surveys.SCALES)
    dropped = {name for _, name in own[:-MOST_SURVEYS]}
    return {name: it for name, it in sorted(found.items()) if name not in dropped}


#: Of so many issues of a customer that are open, the newest, the names are kept.
MOST_ISSUES = 20


def issue_opened(draft: Draft, event: CustomerIssueOpened) -> None:
    """The customer has an issue: what others earn by them and was not paid yet is marked, once an issue."""
    customer = draft.get(Customer, event.person) or Customer(person=event.person)
    draft.say(Verdict(about="event", outcome="recorded"))
    if event.issue in customer.issues:
        return
    issues = (*customer.issues, event.issue)[-MOST_ISSUES:]
    draft.put(replace(customer, issues=issues))
    flag = Flag("customer_issue", {"issue": event.issue, "open": len(issues)})
    for id_ in customer.referrals:
        for reward in draft.of(Reward, "open_in", id_):
            if reward.status in BEFORE_PAYMENT:
                settlement.mark(draft, reward, [flag])


def issue_closed(draft: Draft, event: CustomerIssueClosed) -> None:
    """It is closed: of what comes from now on nothing is marked because of it. What was marked stays so."""
    customer = draft.get(Customer, event.person)
    if customer is not None and event.issue in customer.issues:
        draft.put(replace(customer, issues=tuple(each for each in customer.issues if each != event.issue)))
    draft.say(Verdict(about="event", outcome="recorded"))


#: So many referrals by which somebody did not come are remembered, the newest.
MOST_UNLIKE = 100


def unlike(draft: Draft, event: MatchDeclined) -> None:
    """A person says that somebody did not come by a referral: it is not asked again."""
    customer, referral = draft.get(Customer, event.person), draft.get(Referral, event.referral)
    customer = customer or Customer(person=event.person)  # of whom only a deal was told
    if referral is None or referral.program != event.program:
        draft.say(refused("command", "not_found", program=event.program, subject=event.referral))
        return
    if event.referral in (*customer.unlike, *customer.referrals):
        draft.say(refused("command", "nothing_to_do", program=event.program, subject=event.person))
        return
    draft.put(replace(customer, unlike=(*customer.unlike, event.referral)[-MOST_UNLIKE:]))
    draft.say(Verdict(about="command", outcome="match_declined", program=event.program, subject=event.person))
