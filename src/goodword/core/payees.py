"""Payees: whether an account is known by the name in somebody's payment details, as banks answer (verification of payee).

A match needs nobody, and that no bank can tell is shown. Of any other answer a person is asked: until they close the case nothing goes
to the payee's details, and an account that they find to be another's is never paid to, whatever name stands beside it. What was earned
stays earned, and is approved.

Who enters other details of their own at the portal confirms that by a link in a mail, and then has a day to take it back: whoever has
their phone or their session moves no money by it. Those of before hold until then.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from goodword.core import calendar, conduct, disputes, settlement
from goodword.core.decision import Job, Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import PayeeAnswered, PayeeChecked, PayeeSet
from goodword.core.facts import Actor, Told
from goodword.core.state import Case, Checked, Entering, Flag, Payee, Payout, Reward

#: What may be answered, as the regulation on instant payments has it (EU 2024/886).
ANSWERS: Final = ("match", "close_match", "no_match", "not_possible")
#: Answers of which a person is asked.
ASKS: Final = frozenset(["close_match", "no_match"])
#: So long a person has to confirm other details of their own, and so long these do not hold yet then.
HOLD: Final = calendar.DAY
#: Kind of the timer at whose instant they do; kind and queue of the job that mails about it.
TIMER: Final = "payee_over"
MAIL: Final = "payee_mail"


def enter(draft: Draft, event: PayeeSet, before: Payee) -> None:
    """Keep what a person enters in the place of their details, until they confirm it: what they asked for before is over."""
    now = Entering(
        rail=event.rail,
        destination=event.destination,
        asked_at=draft.as_of,
        account=event.account,
        payee_name=event.payee_name,
    )
    draft.put(replace(before, entering=now))
    _mail(draft, before.person, now, "confirm")
    _said(draft, before.person, "payee_asked", now)


def answered(draft: Draft, event: PayeeAnswered, told: Told) -> None:
    """A person confirms other details of theirs, which hold a day later, or takes them back before."""
    payee = draft.get(Payee, event.person) if disputes.theirs(draft, told.need_actor(), event.person) else None
    now = payee.entering if payee is not None else None
    over = now is not None and now.due_at is None and draft.as_of >= now.asked_at + HOLD
    if payee is None or now is None or now.destination != event.destination or over:
        draft.say(refused("command", "not_found", subject=event.person))
        return
    if event.outcome == "withdrawn":
        draft.put(replace(payee, entering=None))
        _said(draft, payee.person, "payee_withdrawn", now)
        return
    if now.due_at is not None:
        draft.say(refused("command", "nothing_to_do", subject=event.person))
        return
    now = replace(now, due_at=draft.as_of + HOLD)
    draft.put(replace(payee, entering=now))
    settlement.timer(draft, draft.as_of + HOLD, TIMER, payee.person)
    _mail(draft, payee.person, now, "notice")
    _said(draft, payee.person, "payee_confirmed", now)


def drop(draft: Draft, person: str) -> None:
    """Forget what somebody asked for who goes on as another account, or is erased."""
    payee = draft.get(Payee, person)
    if payee is not None and payee.entering is not None:
        draft.put(replace(payee, entering=None))


def _mail(draft: Draft, person: str, now: Entering, what: str) -> None:
    payload = {"what": what, "destination": now.destination}
    draft.jobs.append(
        Job(id=draft.id("job", MAIL, share=person), kind=MAIL, subject=person, queue=MAIL, payload=payload)
    )


def _said(draft: Draft, person: str, outcome: str, now: Entering) -> None:
    until = now.due_at if now.due_at is not None else now.asked_at + HOLD
    step = Step("payee_entering", {"rail": now.rail, "destination": now.destination, "until": until})
    draft.say(Verdict(about="command", outcome=outcome, subject=person, steps=(step,)))


def checked(draft: Draft, event: PayeeChecked) -> None:
    """Keep an answer about the details that a payee has now. An older one, and the same once more, change nothing."""
    payee = draft.get(Payee, event.person)
    if payee is None:
        draft.say(refused("command", "not_found", subject=event.person))
        return
    if payee.destination != event.destination:
        step = Step("changed", {"item": event.person, "field": "destination"})
        draft.say(refused("command", "item_changed", step, subject=event.person))
        return
    if event.answered_at > event.accepted_at + calendar.CLOCK_DIFFERENCE:  # no later answer would be newer
        step = Step("times", {"at": event.answered_at, "accepted_at": event.accepted_at})
        draft.say(refused("command", "in_future", step, subject=event.person))
        return
    before = payee.checked
    said = {"answer": event.answer, "provider": event.provider, "at": event.answered_at}
    now = Checked(**said, suggested=event.suggested)  # type: ignore[arg-type]
    if before is not None and (now.at < before.at or now == before):
        draft.say(refused("command", "nothing_to_do", subject=event.person))
        return
    #: what a person cleared is not asked again of the same details
    known = before is not None and (before.answer, before.suggested) == (now.answer, now.suggested)
    payee = draft.put(replace(payee, checked=now))
    steps = [Step("payee_check", {**said, "suggested": event.suggested is not None})]
    if now.answer in ASKS and not known and not _is_asked(draft, payee) and not payee.is_refused:
        steps.append(Step("case", {"case": _ask(draft, payee, said).id}))
    draft.say(Verdict(about="command", outcome="payee_checked", subject=event.person, steps=tuple(steps)))


def _is_asked(draft: Draft, payee: Payee) -> bool:
    """Whether a person is asked about these very details: of others that are asked about nothing follows for them."""
    return any(draft.need(Case, id_).flags[0].evidence["destination"] == payee.destination for id_ in payee.asked)


def _ask(draft: Draft, payee: Payee, said: dict[str, object]) -> Case:
    """Ask a person. A first release of what would go there is void: it was given without this."""
    account = {} if payee.account is None else {"account": payee.account}
    flag = Flag(settlement.PAYEE_CHECK, {**said, "destination": payee.destination, **account})
    case = settlement.open_case(draft, settlement.PAYEE_CHECK, payee.person, None, [flag], [])
    draft.put(replace(case, acts=payee.acts))
    draft.put(replace(payee, asked=(*payee.asked, case.id)))
    rewards = draft.of(Reward, "unsettled_with", payee.person)
    for id_ in sorted({reward.payout for reward in rewards if reward.payout is not None}):
        payout = draft.need(Payout, id_)
        if payout.status == "awaiting_release" and payout.destination == payee.destination and payout.releases:
            draft.put(replace(payout, releases=(), release_list=None))
    steps = (Step("flag", {"code": flag.code, **flag.evidence}), Step("case", {"case": case.id}))
    verdict = Verdict(about="event", outcome="case_opened", subject=payee.person, steps=steps)
    draft.say(replace(verdict, flags=(flag.code,)))
    return case


def refusal(payee: Payee | None, destination: str | None, item: str) -> tuple[str, Step] | None:
    """Return why nothing goes to a destination, if it is that of these details; ``item``: what would go there."""
    if payee is None or payee.destination != destination:
        return None
    if payee.asked:
        return "payee_asked", Step("case", {"item": item, "case": payee.asked[0]})
    if payee.is_refused:
        return "payee_refused", Step("item", {"item": item, "beneficiary": payee.person})
    return None


def entered_by(draft: Draft, case: Case, actor: Actor) -> tuple[str, Step] | None:
    """Return the refusal of a decision by who entered the details that it is about, or those that are there now."""
    payee = draft.get(Payee, case.subject)
    acts = (*case.acts, *(payee.acts if payee is not None else ()))
    return conduct.own_work(draft, actor, "decide_payee", acts, (), Step("item", {"item": case.id}))


def decided(draft: Draft, case: Case, outcome: str) -> None:
    """Cleared: it is theirs, and money goes there. Confirmed: it is another's, and none goes there until other details are entered."""
    payee = draft.need(Payee, case.subject)
    evidence = case.flags[0].evidence
    about = [evidence[name] for name in ("destination", "account") if name in evidence]
    refused_ = tuple(it for it in payee.refused if it not in about)
    refused_ = (*refused_, *about) if outcome == "confirmed" else refused_
    draft.put(replace(payee, asked=tuple(it for it in payee.asked if it != case.id), refused=refused_))


def asked_again(draft: Draft, case: Case) -> None:
    """An appeal asks once more."""
    payee = draft.need(Payee, case.subject)
    draft.put(replace(payee, asked=(*payee.asked, case.id)))
