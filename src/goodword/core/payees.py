"""Payees: whether an account is known by the name in somebody's payment details, as banks answer (verification of payee).

A match needs nobody, and that no bank can tell is shown. Of any other answer a person is asked: until they close the case nothing goes
to the payee's details, and an account that they find to be another's is never paid to, whatever name stands beside it. What was earned
stays earned, and is approved.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from goodword.core import calendar, conduct, settlement
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import PayeeChecked
from goodword.core.facts import Actor
from goodword.core.state import Case, Checked, Flag, Payee, Payout, Reward

#: What may be answered, as the regulation on instant payments has it (EU 2024/886).
ANSWERS: Final = ("match", "close_match", "no_match", "not_possible")
#: Answers of which a person is asked.
ASKS: Final = frozenset(["close_match", "no_match"])


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
