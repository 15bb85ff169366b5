"""Persons: one whose personal data is erased. Of a person the core knows the id alone, so what goes is gone outside of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from goodword.core import credit, disputes, lifecycles, offers, payees, receivables, settlement
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import PersonErased
from goodword.core.facts import Told
from goodword.core.state import BEFORE_PAYMENT, UNSETTLED, Advocate, Lot, Reward

#: Why what is open ends with them.
_GIVEN_UP: Final = Step("given_up", {})


def erased(draft: Draft, event: PersonErased, told: Told) -> None:
    """Refused while anything is open for the person, or they have credit: without name and account nobody could be paid.

    A person says it of themselves alone, and only they can give up what is open; what is on its way is not stopped by that. What a
    shop took off their order is open for nobody then: they have it, whatever is decided about it. Their programs are left.
    """
    actor = told.need_actor()
    if (actor.kind == "person" and actor.id != event.person) or (actor.kind != "person" and event.gives_up):
        draft.say(refused("command", "not_found", subject=event.person))
        return
    open_ = open_for(draft.of(Reward, "unsettled_with", event.person), oneself=actor.kind == "person")
    if event.gives_up and not any(map(on_its_way, open_)):
        _give_up(draft, event.person, open_)
        open_ = []
    if open_:
        step = Step("open", {"rewards": len(open_), "item": open_[0].id, "status": open_[0].status})
        draft.say(refused("command", "rewards_open", step, subject=event.person))
        return
    for unit, amount in credit.held(draft, event.person).items():
        step = Step("held", {"amount": amount, "unit": unit})
        draft.say(refused("command", "credit_left", step, subject=event.person))
        return
    disputes.erased(draft, event.person, actor.id)
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


def open_for(rewards: Iterable[Reward], *, oneself: bool) -> list[Reward]:
    """Return what of somebody's rewards is open. ``oneself``: for them; what a shop took off their order they have already."""
    found = [reward for reward in rewards if reward.status in UNSETTLED]
    return [it for it in found if not offers.expected(it)] if oneself else found


def on_its_way(reward: Reward) -> bool:
    """Whether something of what is open is sent, or was kept back while it was: nobody gives that up any more."""
    return reward.status not in BEFORE_PAYMENT or bool(reward.withheld)


def _give_up(draft: Draft, person: str, rewards: Sequence[Reward]) -> None:
    """What is open ends as if it was rejected, and credit as if its time was over: the money goes back to where it came from.

    What was paid of it before is theirs: nobody asks for that, as they gave up the rest alone.
    """
    for before in rewards:
        now = settlement.lower(draft, before, 0, status="rejected", steps=(_GIVEN_UP,))
        kept = now.receivable - before.receivable
        if kept > 0:
            receivables.owed_no_more(draft, now, "forgiven", kept)
    for lot in draft.of(Lot, "held_by", person):
        credit.end(draft, lot, _GIVEN_UP)
