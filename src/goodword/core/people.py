"""Persons: one whose personal data is erased. Of a person the core knows the id alone, so what goes is gone outside of it."""

from __future__ import annotations

from msgspec.structs import replace

from goodword.core import credit, lifecycles, offers, payees
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import PersonErased
from goodword.core.state import UNSETTLED, Advocate, Reward


def erased(draft: Draft, event: PersonErased) -> None:
    """Refused while anything is open for the person, or they have credit: without name and account nobody could be paid.

    Their programs are left.
    """
    open_ = [reward for reward in draft.of(Reward, "unsettled_with", event.person) if reward.status in UNSETTLED]
    if open_:
        step = Step("open", {"rewards": len(open_), "item": open_[0].id, "status": open_[0].status})
        draft.say(refused("command", "rewards_open", step, subject=event.person))
        return
    for unit, amount in credit.held(draft, event.person).items():
        step = Step("held", {"amount": amount, "unit": unit})
        draft.say(refused("command", "credit_left", step, subject=event.person))
        return
    offers.erased(draft, event.person)
    payees.drop(draft, event.person)
    left = []
    for program in draft.programs():
        advocate = draft.get(Advocate, (program.id, event.person))
        if advocate is not None and lifecycles.may_move("advocate", advocate.status, "left"):
            draft.put(replace(advocate, status="left"))
            left.append(program.id)
    steps = (Step("left", {"programs": left}),) if left else ()
    draft.say(Verdict(about="command", outcome="erased", subject=event.person, steps=steps))
