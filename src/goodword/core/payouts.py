"""Payouts: approved rewards of one beneficiary, gathered for one rail and unit, released by a named person, and what the rail says.

Nothing leaves without a release over a frozen list; nothing is released that was not approved. What a beneficiary owes back in the
same unit and kind is netted first, oldest first, across programs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from goodword.core import (
    access,
    borne,
    conduct,
    contested,
    credit,
    disputes,
    dossier,
    hands,
    launching,
    ledger,
    lifecycles,
    lists,
    lots,
    money,
    payees,
    reviews,
    schedules,
    semantics,
    settlement,
    stocks,
    taxes,
)
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import (
    Item,
    PayeeSet,
    PayoutAnswered,
    PayoutArrived,
    PayoutCanceled,
    PayoutDrafted,
    PayoutReleased,
    TimerDue,
)
from goodword.core.facts import Actor, Told
from goodword.core.kinds import rewards as kinds
from goodword.core.kinds.rewards import to_payee
from goodword.core.kinds.signals import payee_name
from goodword.core.rules import amount_in
from goodword.core.stages import limits
from goodword.core.state import (
    BEFORE_PAYMENT,
    Act,
    Advocate,
    Customer,
    Entering,
    Flag,
    Member,
    Part,
    Payee,
    Payout,
    Program,
    Reward,
    Schedule,
)

#: What a rail may say of a payout.
ANSWERS = ("processing", "sent", "completed", "failed", "returned", "unknown")

#: Why a payout of which nobody knows what became is with its rail again: that never heard of it, and recognises its id for ever.
UNHEARD = "unheard"

#: What marks a reward whose payment details took the place of others.
CHANGED_DETAILS = "payee_changed"

#: States in which what was sent has come back: no rail answers any more, and two members may say that it arrived after all.
CAME_BACK = ("failed", "returned")

#: Where jobs of payouts wait.
QUEUE = stocks.QUEUE


def item_of(payout: Payout) -> Item:
    """Return what a frozen list says of a payout: what goes over the rail, and whereto."""
    return Item(id=payout.id, amount=payout.amount, unit=payout.unit, destination=payout.destination)


def payee_set(draft: Draft, event: PayeeSet, told: Told) -> None:
    """Payment details are entered; others than a person has hold at once, unless they say so themselves (``payees``)."""
    actor = told.need_actor()
    if not disputes.theirs(draft, actor, event.person):
        draft.say(refused("command", "not_found", subject=event.person))
        return
    if actor.kind == "person" and (refusal := disputes.bounded(draft, actor)) is not None:
        draft.say(refused("command", *refusal, subject=event.person))
        return
    before = draft.get(Payee, event.person)
    if before is not None and actor.kind == "person" and before.destination != event.destination:
        payees.enter(draft, event, before)
        return
    hold(draft, event.person, event, actor.id)


def entering_over(draft: Draft, event: TimerDue) -> str:
    """A day has passed since a person confirmed other details of theirs: these hold from now on."""
    payee = draft.need(Payee, event.subject)
    if payee.entering is None or payee.entering.due_at != event.due_at:
        return "nothing_to_do"
    hold(draft, payee.person, payee.entering, payee.person)
    return "payee_set"


def hold(draft: Draft, person: str, event: PayeeSet | Entering, by: str) -> None:
    """Payment details change: what was approved for others goes back to review. The same details again change no approval."""
    before = draft.get(Payee, person)
    same = before is not None and (before.rail, before.destination) == (event.rail, event.destination)
    acts = before.acts if before is not None and same else ()
    entered = Act(by, "payee.entered")
    acts = tuple(dict.fromkeys([*acts, entered]))
    changed_at = before.changed_at if before is not None and same else draft.as_of
    changed_at = changed_at if draft.semantics >= semantics.FOUR_EYES else None
    payee = Payee(person=person, rail=event.rail, destination=event.destination, acts=acts, changed_at=changed_at)
    payee = replace(payee, account=event.account)
    if before is not None and draft.semantics >= semantics.RECOMMENDED_BESIDE:
        payee = replace(payee, replaced=before.replaced if same else before.destination)
    if before is not None:  # what a bank said is of these very details; what a person is asked stays asked
        payee = replace(payee, checked=before.checked if same else None, asked=before.asked, refused=before.refused)
    draft.put(payee)
    back = []
    changed = [Flag(CHANGED_DETAILS, {"changed_at": draft.as_of})] if before is not None and not same else []
    changed += _of_another_name(draft, person, event)
    for reward in draft.of(Reward, "unsettled_with", person):
        if not to_payee(reward.kind):
            continue
        if changed and same and reward.status in BEFORE_PAYMENT:
            settlement.mark(draft, reward, changed)
        if same:
            continue
        if reward.status == "approved" and reward.destination != event.destination:
            settlement.back_to_review(draft, draft.need(Reward, reward.id))
            back.append(reward.id)
        elif reward.status == "in_review" and (reward.approval_list is not None or reward.due_at is not None):
            draft.put(replace(reward, approvals=(), approval_list=None, due_at=None))
        if changed and reward.status in BEFORE_PAYMENT:
            settlement.mark(draft, draft.need(Reward, reward.id), changed)
    said = {"rail": event.rail, "destination": event.destination, "back_to_review": back}
    if event.payee_name is not None:
        said["payee_name"] = event.payee_name
    steps = (Step("payee", said),)
    draft.say(Verdict(about="command", outcome="payee_set", subject=person, steps=steps))


def _of_another_name(draft: Draft, person: str, event: PayeeSet | Entering) -> list[Flag]:
    """Keep whether the details are in another name, for what is earned later too; a flag, where that is new."""
    if draft.semantics < semantics.FLAGS_BY_FAMILY:
        return []
    customer = draft.get(Customer, person) or Customer(person=person)
    if customer.traits.get(payee_name.TRAIT) == event.payee_name:
        return payee_name.flags(draft, person) if event.payee_name is not None else []
    traits = {name: said for name, said in customer.traits.items() if name != payee_name.TRAIT}
    if event.payee_name is not None:
        traits[payee_name.TRAIT] = event.payee_name
    draft.put(replace(customer, traits=traits))
    return payee_name.flags(draft, person)


def drafted(draft: Draft, event: PayoutDrafted, told: Told) -> None:
    """One payout a beneficiary, of everything that is approved and due in the member's programs; a verdict for each.

    Where nothing at all is due yet, one verdict says of all of them what is due when.
    """
    by = told.need_actor()
    if (no := schedules.refusal(draft, event, by)) is not None:
        draft.say(no)
        return
    _drafted(draft, event, by)
    schedules.ran(draft, event, sum(verdict.outcome == "drafted" for verdict in draft.verdicts))


def _drafted(draft: Draft, event: PayoutDrafted, by: Actor) -> None:
    people = dict.fromkeys(event.beneficiaries)
    gathered = {person: _gathered(draft, event, person, by) for person in people}
    if draft.semantics >= semantics.EACH_PAYS and len(people) > 1 and not any(due for _, due in gathered.values()):
        later = [reward for person, (mine, _) in gathered.items() for reward in _later(draft, event, person, mine)]
        if later:
            draft.say(refused("command", "not_due", *lists.dates(later)))
            return
    for person, (mine, due) in gathered.items():
        _draft(draft, event, person, mine, due, by)
    if not people:
        draft.say(refused("command", "nothing_to_do"))


def _gathered(draft: Draft, event: PayoutDrafted, person: str, by: Actor) -> tuple[list[Reward], list[Reward]]:
    """What is unsettled with a beneficiary in the member's programs, and what of it can be paid now."""
    payee = draft.get(Payee, person)
    theirs = [it for it in draft.of(Reward, "unsettled_with", person) if event.program in (None, it.program)]
    mine = [reward for reward in theirs if access.covers(by, reward.program)]
    return mine, _fitting(reward for reward in mine if _gathers(draft, event, payee, reward))


def _draft(
    draft: Draft, event: PayoutDrafted, beneficiary: str, mine: list[Reward], rewards: list[Reward], by: Actor
) -> None:
    payee = draft.get(Payee, beneficiary)
    each = draft.semantics >= semantics.EACH_PAYS
    if not rewards and (stopped := _stopped_payee(payee, event, mine)) is not None:
        draft.say(refused("command", *stopped, subject=beneficiary))
        return
    if not rewards and (still := _stands_still(draft, event, mine)) is not None:
        draft.say(refused("command", *still, subject=beneficiary))
        return
    if not rewards:
        later = _later(draft, event, beneficiary, mine) if each else []
        refusal = "not_due" if later else "nothing_to_do"
        draft.say(refused("command", refusal, *lists.dates(later), subject=beneficiary))
        return
    owing = _owing(draft, event, mine, draft.of(Reward, "unsettled_with", beneficiary) if each else mine)
    short: list[Step] = []
    if each:
        rewards, minimum, short = _paying(draft, event.unit, rewards, owing)
    else:
        minimum = max((_minimum(draft, reward, event.unit) for reward in rewards), default=0)
    parts = _parts(draft, rewards, owing, own_first=each)
    total = sum(part.sent for part in parts)
    if not each and total < minimum:
        short = [Step("sum", {"sum": total, "minimum": minimum, "unit": event.unit})]
    if not rewards or (not each and short):
        draft.say(refused("command", "below_payout_minimum", *short, subject=beneficiary))
        return
    netted = [draft.need(Reward, id_) for part in parts for id_, _ in part.netted]
    bound = any(to_payee(reward.kind) for reward in rewards)  # credit and points need no payment details, and get none
    lacks = taxes.missing(draft, beneficiary, event.unit, total) if bound and total else None
    if lacks is not None:
        lacks = taxes.as_told(by, lacks)
        draft.say(refused("command", "tax_form_missing", lacks, subject=beneficiary))
        taxes.ask(draft, beneficiary, lacks)
        return
    payout = Payout(
        id=draft.id("pay", event.rail, program=event.unit, share=beneficiary),
        beneficiary=beneficiary,
        rail=event.rail,
        unit=event.unit,
        amount=total,
        status="awaiting_release",
        parts=tuple(parts),
        destination=payee.destination if payee is not None and bound else beneficiary,
        drafted_by=by.id if event.schedule is None else draft.need(Schedule, event.schedule).by,
        drafted_at=draft.as_of,
        schedule=event.schedule,
        manual=event.manual,
        programs=tuple(sorted({reward.program for reward in [*rewards, *netted]})),
    )
    draft.put(payout)
    for reward in rewards:
        draft.put(replace(reward, payout=payout.id))
    values = {
        "minimum": minimum,
        "rewards": len(parts),
        "sum": total,
        "netted": sum(n for part in parts for _, n in part.netted),
    }
    verdict = Verdict(about="command", outcome="drafted", subject=payout.id, beneficiary=beneficiary, amount=total)
    draft.say(replace(verdict, unit=event.unit, steps=(Step("payout", values), *short)))


def _stopped_payee(payee: Payee | None, event: PayoutDrafted, mine: list[Reward]) -> tuple[str, Step] | None:
    """Say that what could be gathered waits for what a bank said of its payee."""
    if payee is None or not any(it.unit == event.unit and it.destination == payee.destination for it in mine):
        return None
    return payees.refusal(payee, payee.destination, payee.person)


def _stands_still(draft: Draft, event: PayoutDrafted, mine: list[Reward]) -> tuple[str, Step] | None:
    """Say that what could be gathered waits for its program: a feed of it is silent, or nobody answers for it."""
    for reward in mine:
        ready = reward.status == "approved" and reward.payout is None and reward.unit == event.unit
        if ready and reward.kind in event.kinds and (still := launching.refusal(draft, reward.program, reward.id)):
            return still
    return None


def _later(draft: Draft, event: PayoutDrafted, person: str, mine: list[Reward]) -> list[Reward]:
    """What could be paid now if it were due."""
    payee = draft.get(Payee, person)
    waiting = [reward for reward in mine if reward.due_at is not None and reward.due_at > draft.as_of]
    return [reward for reward in waiting if _gathers(draft, event, payee, replace(reward, due_at=draft.as_of))]


def _paying(
    draft: Draft, unit: str, rewards: list[Reward], owing: dict[str, int]
) -> tuple[list[Reward], int, list[Step]]:
    """The rewards of the programs whose minimum is met, the highest of these minimums, and which programs wait for more.

    A program pays for itself: what it owes less what is owed to it. Of one that waits, its own rewards cover its own debts, so that
    another program's are not netted for these: ``owing`` is lowered by them.
    """
    of_program: dict[str, list[Reward]] = {}
    for reward in rewards:
        of_program.setdefault(reward.program, []).append(reward)
    waiting, highest, short = set(), 0, []
    for program, own in sorted(of_program.items()):
        due, minimum = sum(reward.unsent for reward in own), _least(draft, program, own, unit)
        debts = [id_ for id_ in owing if draft.need(Reward, id_).program == program]
        covered = min(due, sum(owing[id_] for id_ in debts))
        if due - covered >= minimum:
            highest = max(highest, minimum)
            continue
        waiting.add(program)
        short.append(
            Step("short", {"program": program, "sum": money.told(due - covered), "minimum": minimum, "unit": unit})
        )
        for id_ in debts:
            taken = min(owing[id_], covered)
            owing[id_] -= taken
            covered -= taken
    return [reward for reward in rewards if reward.program not in waiting], highest, short


def _least(draft: Draft, program: str, rewards: list[Reward], unit: str) -> int:
    """The lowest minimum under which one of a program's rewards was earned, or that its newest rules say.

    None where the beneficiary has left the program, or where it has ended: there is no more to wait for.
    """
    now, advocate = draft.need(Program, program), draft.get(Advocate, (program, rewards[0].beneficiary))
    if now.status == "ended" or (advocate is not None and advocate.status == "left"):
        return 0
    newest = (draft.rules_of(now.versions[-1][1]).payout_minimum or {}).get(unit, 0)
    return min([newest, *(_minimum(draft, reward, unit) for reward in rewards)])


def short(draft: Draft, event: PayoutDrafted, person: str) -> dict[str, tuple[int, int]]:
    """Return of which programs a draft gathers nothing for a beneficiary since too little is due: what is, and the minimum."""
    mine, due = _gathered(draft, event, person, schedules.TIMER)
    _, _, steps = _paying(draft, event.unit, due, _owing(draft, event, mine, mine))
    return {step.values["program"]: (int(step.values["sum"]), step.values["minimum"]) for step in steps}


def _fitting(rewards: Iterable[Reward]) -> list[Reward]:
    """The oldest of them whose sum can be kept exactly; what is left goes with the next payout."""
    fitting, total = [], 0
    for reward in sorted(rewards, key=lambda reward: (reward.earned_at, reward.id)):
        total += reward.unsent
        if total > money.MAX_INTEGER:
            break
        fitting.append(reward)
    return fitting


def _gathers(draft: Draft, event: PayoutDrafted, payee: Payee | None, reward: Reward) -> bool:
    """Approved, due, not in another payout, of the rail's kinds, and approved for today's payment details."""
    if reward.status != "approved" or reward.payout is not None or reward.unit != event.unit:
        return False
    if (
        contested.by(draft, reward) is not None
        or launching.stopped(draft, reward.program) is not None
        or reward.kind not in event.kinds
        or reward.due_at is None
        or reward.due_at > draft.as_of
    ):
        return False
    if not to_payee(reward.kind):
        return True
    if payee is None or payees.refusal(payee, reward.destination, reward.id) is not None:
        return False
    return payee.rail == event.rail and payee.destination == reward.destination


def _owing(draft: Draft, event: PayoutDrafted, mine: list[Reward], all_: list[Reward]) -> dict[str, int]:
    """What is owed back of each reward, oldest first, and not already netted by a payout that waits for its release.

    ``all_``: those in whose payouts it may be netted; they may lie in programs that the member does not see.
    """
    planned: dict[str, int] = {}
    for payout in {reward.payout for reward in all_ if reward.payout is not None and reward.status == "approved"}:
        for part in draft.need(Payout, payout).parts:
            for id_, amount in part.netted:
                planned[id_] = planned.get(id_, 0) + amount
    owing = {}
    for reward in sorted(mine, key=lambda reward: (reward.earned_at, reward.id)):
        owed = reward.receivable - planned.get(reward.id, 0)
        netted = reward.owed_back == "net"  # what is asked back is never netted
        if owed > 0 and netted and reward.unit == event.unit and reward.kind in event.kinds:
            owing[reward.id] = owed
    return owing


def _parts(draft: Draft, rewards: list[Reward], owing: dict[str, int], *, own_first: bool) -> list[Part]:
    """Rewards, oldest first, each with what it nets: debts to its own program before those to others, if ``own_first``."""
    program = {id_: draft.need(Reward, id_).program for id_ in owing}
    left = dict(owing)
    sent = {reward.id: reward.unsent for reward in rewards}
    netted: dict[str, list[tuple[str, int]]] = {reward.id: [] for reward in rewards}
    for own in (True, False) if own_first else (False,):
        for reward in rewards:
            for id_, owed in left.items():
                taken = min(owed, sent[reward.id])
                if taken and not (own and program[id_] != reward.program):
                    netted[reward.id].append((id_, taken))
                    left[id_] -= taken
                    sent[reward.id] -= taken
    return [
        Part(reward=reward.id, program=reward.program, sent=sent[reward.id], netted=tuple(netted[reward.id]))
        for reward in rewards
    ]


def _minimum(draft: Draft, reward: Reward, unit: str) -> int:
    return amount_in(draft.rules_of(reward.rules).payout_minimum or {}, unit) or 0


def released(draft: Draft, event: PayoutReleased, told: Told) -> None:
    """Say that these payouts are sent. Above the member's limit, and of what they drafted, a second must release the same list."""
    actor = told.need_actor()
    problem = lists.problem(event.items, event.list_sha256) or _against(draft, event.items, actor)
    if problem is not None:
        draft.say(refused("command", problem[0], problem[1]))
        return
    alone = _alone(draft, event)
    if alone is not None:
        draft.say(refused("command", "second_member_needed", alone))
        return
    payouts = [draft.need(Payout, item.id) for item in event.items]
    lacks = taxes.unfit(draft, payouts)
    if lacks is not None:
        lacks, item = taxes.as_told(actor, lacks), str(lacks.values["item"])
        draft.say(refused("command", "tax_form_missing", lacks, subject=item))
        taxes.ask(draft, draft.need(Payout, item).beneficiary, lacks)
        return
    moves = [(payout.beneficiary, payout.unit, payout.amount) for payout in payouts]
    agreed = reviews.agree(draft, event, actor, payouts, moves, _own_draft(draft, payouts, actor))
    if agreed.refusal is not None:
        draft.say(refused("command", *agreed.refusal))
        return
    if agreed.waits:
        for payout in payouts:
            draft.put(replace(payout, releases=agreed.members, release_list=event.list_sha256))
        reviews.say_second(draft, agreed)
        return
    if event.alone_up_to is not None:
        for unit, total in lists.sums(event.items).items():
            limits.add(draft, reviews.day_key(draft.as_of), 1, unit, total)
    for payout in payouts:
        release(draft, payout, agreed.members, event.list_sha256)
    steps = (Step("list", {"sha256": event.list_sha256, "items": len(payouts)}),)
    draft.say(Verdict(about="command", outcome="released", subject=draft.evt, steps=steps))


def at_once(draft: Draft, reward: Reward, rail: str, by: str) -> Payout:
    """Gather a reward that is approved into a payout of its own: all of what is not sent of it, over a rail that needs no details."""
    payout = Payout(
        id=draft.id("pay", rail, program=reward.unit, share=reward.id),
        beneficiary=reward.beneficiary,
        rail=rail,
        unit=reward.unit,
        amount=reward.unsent,
        status="awaiting_release",
        parts=(Part(reward=reward.id, program=reward.program, sent=reward.unsent),),
        destination=reward.beneficiary,
        drafted_by=by,
        drafted_at=draft.as_of,
        manual=False,
        programs=(reward.program,),
    )
    draft.put(replace(reward, payout=payout.id))
    return draft.put(payout)


def taken_off(draft: Draft) -> None:
    """Complete what a decision approved of that which shops took off themselves: its approval books it, and nothing is sent."""
    for (noun, _), it in [*draft.puts.items()]:
        if noun is not Reward or not kinds.taken_off(it.kind) or it.status != "approved":  # type: ignore[attr-defined]
            continue
        reward = draft.need(Reward, it.id)  # type: ignore[attr-defined]
        payout = at_once(draft, reward, ledger.WELCOME, reward.approvals[-1])
        release(draft, payout, reward.approvals, lists.digest((item_of(payout),)))
        said = Verdict(about="reward", outcome="taken_off", program=reward.program, subject=reward.id, side=reward.side)
        step = Step("taken_off", {"payout": payout.id, "amount": payout.amount})
        draft.say(replace(said, beneficiary=reward.beneficiary, amount=payout.amount, unit=reward.unit, steps=(step,)))


def _against(draft: Draft, items: tuple[Item, ...], actor: Actor) -> tuple[str, Step] | None:
    """Return the first reason against releasing the list. What its payouts net of one debt is summed over all of them."""
    netted: dict[str, int] = {}
    for item in items:
        payout = draft.get(Payout, item.id)
        if payout is None:
            return "not_found", Step("item", {"item": item.id})
        if payout.status != "awaiting_release":
            return "wrong_state", Step("status", {"item": item.id, "status": payout.status})
        changed = lists.difference(item, item_of(payout))
        if changed is not None:
            return "item_changed", changed
        if (at_payee := _at_payee(draft, payout, actor)) is not None:
            return at_payee
        for part in payout.parts:
            reward = draft.need(Reward, part.reward)
            own = conduct.own_work(
                draft, actor, "release", reward.acts, payout.programs, Step("item", {"item": item.id})
            )
            if own is not None:
                return own
            stopped = contested.refusal(draft, reward, item.id) or _lacks(draft, reward, item.id)
            stopped = stopped or launching.refusal(draft, reward.program, item.id)
            if stopped is not None:
                return stopped
            if reward.unsent != part.sent + sum(n for _, n in part.netted) or reward.status != "approved":
                return "item_changed", Step("changed", {"item": item.id, "field": "parts", "reward": reward.id})
            for id_, amount in part.netted:
                netted[id_] = netted.get(id_, 0) + amount
                if draft.need(Reward, id_).receivable < netted[id_]:
                    return "item_changed", Step("changed", {"item": item.id, "field": "netted", "reward": reward.id})
    return None


def _at_payee(draft: Draft, payout: Payout, actor: Actor) -> tuple[str, Step] | None:
    """What speaks against sending a payout to its payee's details: who entered them, or what a bank said of the name."""
    payee = draft.get(Payee, payout.beneficiary)
    if payee is None or payee.destination != payout.destination:
        return None
    step = Step("entered", {"item": payout.id, "beneficiary": payout.beneficiary})
    own = conduct.own_work(draft, actor, "release", payee.acts, payout.programs, step)
    return own or payees.refusal(payee, payout.destination, payout.id)


def _lacks(draft: Draft, reward: Reward, item: str) -> tuple[str, Step] | None:
    return dossier.refusal(draft, reward, item, sends=True) if reward.status == "approved" else None


def _alone(draft: Draft, event: PayoutReleased) -> Step | None:
    """What of the list, with what left today, is more than may leave of a company in which one person decides everything."""
    if event.alone_up_to is None or len(hands.confirmed(draft, "reward.approve", "payout.release")) > 1:
        return None
    today = limits.counter(draft, reviews.day_key(draft.as_of))
    for unit, total in lists.sums(event.items).items():
        together, most = today.amounts.get(unit, 0) + total, event.alone_up_to.get(unit, 0)
        if together > most:
            return Step("alone", {"unit": unit, "sum": money.told(together), "limit": most})
    return None


def _own_draft(draft: Draft, payouts: Iterable[Payout], actor: Actor) -> Step | None:
    """Return what of the list the member drafted themselves, where somebody else could release it."""
    if draft.semantics < semantics.RELEASED_BY_ANOTHER:
        return None
    members = list(hands.every(draft))
    own = next((payout for payout in payouts if drafted_by(members, payout, actor.id)), None)
    if own is None:
        return None
    by = {} if own.schedule is None else {"schedule": own.schedule}
    return Step("own_draft", {"item": own.id, "member": own.drafted_by, **by})


def drafted_by(members: Sequence[Member], payout: Payout, member: str) -> bool:
    """Return whether a member drafted a payout, or set what did, that another one of ``members``, who are all, could release."""
    find = {one.id: one for one in members}.get
    mine = not hands.hands_among(find, payout.drafted_by).isdisjoint(hands.hands_among(find, member))
    return mine and bool(hands.others_among(members, "payout.release", payout.programs, [member]))


def release(draft: Draft, payout: Payout, members: tuple[str, ...], list_sha256: str) -> None:
    """Payable -> clearing and receivable; the rail is called by a job after the commit. Nothing to send: it is complete.

    So it is where the shop took it off an order itself.
    """
    for part in payout.parts:
        reward = draft.need(Reward, part.reward)
        netted = [(draft.need(Reward, id_), amount) for id_, amount in part.netted]
        alone = draft.semantics >= semantics.BETWEEN
        draft.postings += ledger.released(reward, payout.rail, part.sent, netted, alone=alone)
        for owing, amount in netted:
            draft.put(replace(owing, netted=owing.netted + amount))
        taken = sum(amount for _, amount in netted)
        draft.put(replace(reward, status="processing", sent=reward.sent + part.sent + taken))
    payout = draft.put(replace(payout, status="released", releases=members, release_list=list_sha256))
    if payout.amount and payout.rail != ledger.WELCOME:
        draft.jobs.append(stocks.job(draft, payout))
    else:
        _complete(draft, draft.put(replace(payout, status="processing")))


def canceled(draft: Draft, event: PayoutCanceled) -> None:
    """Before the rail was called a payout can be taken back; its rewards stay approved."""
    payout = draft.get(Payout, event.payout)
    if payout is None:
        draft.say(refused("command", "not_found", subject=event.payout))
        return
    if not lifecycles.may_move("payout", payout.status, "canceled"):
        draft.say(refused("command", "wrong_state", Step("status", {"status": payout.status}), subject=payout.id))
        return
    if payout.status == "released":
        _come_back(draft, payout, payout.parts, settled=False)
    else:
        for part in payout.parts:
            draft.put(replace(draft.need(Reward, part.reward), payout=None))
    draft.put(replace(payout, status="canceled", reason=event.reason))
    draft.say(Verdict(about="command", outcome="canceled", subject=payout.id))


def answered(draft: Draft, event: PayoutAnswered, told: Told) -> None:
    """What the rail says. An answer that the payout's state does not allow (late, twice) is refused and changes nothing.

    A rail that is called answers for itself: a member speaks only of a payout of which nobody knows what became. Over any rail, what
    comes back by a member's word alone is approved anew, or one person could have it sent again and again.
    """
    payout = draft.get(Payout, event.payout)
    if payout is None:
        draft.say(refused("command", "not_found", subject=event.payout))
        return
    by = told.need_actor()
    moves = payout.status not in CAME_BACK and lifecycles.may_move("payout", payout.status, event.outcome)
    if payout.status == "unknown" and event.outcome == "processing":
        moves = event.reason == UNHEARD and by.kind == "system"
    #: credit of ours may be used, as a code may: only a reward that falls takes credit back
    used = credit.over_ours(payout) or payout.rail in (stocks.CODE_STOCK, ledger.WELCOME)
    lost = event.outcome == "returned" and used
    if event.outcome not in ANSWERS or not moves or lost:
        step = Step("status", {"status": payout.status, "answer": event.outcome})
        draft.say(refused("command", "wrong_state", step, subject=payout.id))
        return
    member = by if by.kind == "member" else None
    if member is not None and not payout.manual and payout.status != "unknown":
        step = Step("status", {"status": payout.status, "answer": event.outcome})
        draft.say(refused("command", "rail_answers", step, subject=payout.id))
        return
    steps: tuple[Step, ...] = ()
    if event.outcome == "processing" and payout.status == "released":
        payout = _without_contested(draft, payout)
        if payout.status != "released":
            return
        if payout.rail == stocks.CODE_STOCK:
            given = stocks.give(draft, payout)
            if given is None:
                return
            steps = (given,)
    doubted = member if event.anew or not payout.manual else None
    become(draft, payout, event.outcome, event.reference, event.reason, said_by=doubted, steps=steps)
    if member is not None and event.outcome == "completed":
        for part in payout.parts:
            _said_arrived(draft, draft.need(Reward, part.reward), member.id)


def become(
    draft: Draft,
    payout: Payout,
    outcome: str,
    reference: str | None,
    reason: str | None,
    *,
    said_by: Actor | None,
    steps: tuple[Step, ...] = (),
) -> None:
    """A payout becomes what was said of it, which its state allows. ``said_by``: by whose word what comes back is approved anew."""
    before = payout.status
    payout = draft.put(replace(payout, reference=reference or payout.reference, reason=reason, status=outcome))
    if outcome == "completed":
        _complete(draft, payout)
    elif outcome == "failed":
        _come_back(draft, payout, payout.parts, settled=False, said_by=said_by)
    elif outcome == "returned":
        _come_back(draft, payout, payout.parts, settled=before == "completed", said_by=said_by)
    said = Verdict(about="command", outcome=outcome, subject=payout.id, beneficiary=payout.beneficiary)
    draft.say(replace(said, steps=steps))


def arrived(draft: Draft, event: PayoutArrived, told: Told) -> None:
    """What had failed, or was returned, arrived after all: two members say so, and it is never paid twice.

    What is owed again of its rewards is settled. A later payout that was not handed over goes on without them; of one that was,
    what was sent twice is owed back.
    """
    actor, payout = told.need_actor(), draft.get(Payout, event.payout)
    problem = _against_arrival(draft, payout, event, actor)
    if payout is None or problem is not None:
        draft.say(refused("command", *(problem or ("not_found",)), subject=event.payout))
        return
    moves = [(payout.beneficiary, payout.unit, payout.amount)]
    always = Step("two_say", {"item": payout.id})
    agreed = reviews.agree(draft, event, actor, [payout], moves, always)
    if agreed.refusal is not None:
        draft.say(refused("command", *agreed.refusal, subject=payout.id))
        return
    if agreed.waits:
        draft.put(replace(payout, arriving=agreed.members, arriving_list=lists.digest(event.items)))
        reviews.say_second(draft, agreed)
        return
    told_first = len(draft.verdicts)
    _let_go(draft, payout)
    twice = sum(_arrive(draft, payout, part, agreed.members) for part in payout.parts)
    now = replace(payout, status="completed", reference=event.reference or payout.reference, reason=None)
    draft.put(replace(now, arriving=(), arriving_list=None))
    values = {"was": payout.status, "amount": payout.amount, "twice": twice, "unit": payout.unit}
    step = Step("arrival", {**values, "first": list(agreed.members[:-1])})
    verdict = Verdict(about="command", outcome="arrived", subject=payout.id, beneficiary=payout.beneficiary)
    draft.verdicts.insert(told_first, replace(verdict, amount=payout.amount, unit=payout.unit, steps=(step,)))


def _against_arrival(
    draft: Draft, payout: Payout | None, event: PayoutArrived, actor: Actor
) -> tuple[str, Step] | tuple[str] | None:
    """Return the first reason against saying that a payout arrived after all."""
    if payout is None:
        return ("not_found",)
    if payout.status not in CAME_BACK:
        return "wrong_state", Step("status", {"status": payout.status, "answer": "arrived"})
    if credit.over_ours(payout):
        return "rail_answers", Step("status", {"status": payout.status, "answer": "arrived"})
    changed = lists.difference(event.items[0], replace(item_of(payout), destination=None))
    if changed is not None:
        return "item_changed", changed
    for part in payout.parts:
        acts = draft.need(Reward, part.reward).acts
        own = conduct.own_work(draft, actor, "release", acts, payout.programs, Step("item", {"item": payout.id}))
        if own is not None:
            return own
    return None


def _let_go(draft: Draft, payout: Payout) -> None:
    """Take what arrived out of later payouts that were not handed over to their rail yet."""
    rewards = [draft.need(Reward, part.reward) for part in payout.parts]
    settlement.without(draft, rewards)
    for id_ in dict.fromkeys(reward.payout for reward in rewards if reward.payout is not None):
        other = draft.need(Payout, id_)
        if other.status == "released":
            mine = {reward.id for reward in rewards}
            _go_on_without(draft, other, [part for part in other.parts if part.reward in mine], "arrived")


def _arrive(draft: Draft, payout: Payout, part: Part, members: tuple[str, ...]) -> int:
    """Settle what arrived of one reward; returns what of it was sent twice, which is owed back, and says so."""
    before = settlement.theirs(draft, draft.need(Reward, part.reward))
    draft.postings += ledger.arrived(before, payout.rail, part.sent)
    now = replace(before, sent=before.sent + part.sent)
    if now.status in BEFORE_PAYMENT and not now.unsent:
        approved = {"approvals": now.approvals or members, "approved_at": now.approved_at or draft.as_of}
        approved |= {"due_at": now.due_at or draft.as_of, "expires_at": None}
        now = replace(now, status="paid" if now.amount else "reversed", payout=payout.id, **approved)
    elif now.status in ("processing", "paid"):
        now = replace(now, arrived_in=payout.id)
    now = _said_arrived(draft, draft.put(now), *members)
    borne_of_it = 0
    if not now.amount:  # a claim took it, and who lost it has it after all: whoever says so answers for it
        mine = borne.arrived(draft, replace(now, payout=payout.id))
        borne_of_it = mine.amount
        if mine.amount and not mine.approvals and draft.semantics >= semantics.ARRIVALS_ARE_ACTS:
            draft.put(replace(mine, approvals=members, approved_at=draft.as_of, due_at=mine.due_at or draft.as_of))
    twice = part.sent - min(part.sent, before.unsent) - borne_of_it
    if twice:
        owed = Step("owed_twice", {"amount": twice, "unit": now.unit, "payout": payout.id, "how": now.owed_back})
        settlement.tell(draft, before, now, "sent_twice", (owed,))
    return twice


def _said_arrived(draft: Draft, reward: Reward, *members: str) -> Reward:
    """Keep who said that money arrived: nothing is forbidden to them by it but to sign its audit."""
    if draft.semantics < semantics.ARRIVALS_ARE_ACTS:
        return reward
    return draft.put(replace(reward, acts=conduct.noted(reward.acts, draft.semantics, "payout.arrived", *members)))


def _without_contested(draft: Draft, payout: Payout) -> Payout:
    """What was released and is contested since, or is no longer owed, is not handed over: the rail gets the rest, if there is any."""
    if draft.semantics < semantics.CONTESTED_STOPS:
        return payout
    asked = payees.refusal(draft.get(Payee, payout.beneficiary), payout.destination, payout.id)
    stopped = [part for part in payout.parts if asked is not None or _stopped(draft, part)]
    if not stopped:
        return payout
    return _go_on_without(draft, payout, stopped, "contested" if asked is None else asked[0])


def _go_on_without(draft: Draft, payout: Payout, stopped: list[Part], reason: str) -> Payout:
    """What was released and not handed over goes on without these parts, if anything is left of it."""
    left = [part for part in payout.parts if part not in stopped]
    _come_back(draft, payout, stopped, settled=False)
    if left:
        now = draft.put(settlement.made_of(draft, payout, left))
        if not now.amount:
            _complete(draft, draft.put(replace(now, status="processing")))
            now = draft.need(Payout, payout.id)
    else:
        now = draft.put(replace(payout, status="canceled", reason=reason))
    settlement.tell_smaller(draft, payout, now, [part.reward for part in stopped])
    return now


def kept_back(draft: Draft, reward: Reward) -> Reward:
    """Take a reward out of a payout that was released and not handed over to its rail; what was handed over is left alone."""
    if draft.semantics < semantics.BORNE_IS_WHAT_ARRIVED or reward.status != "processing" or reward.payout is None:
        return reward
    payout = draft.need(Payout, reward.payout)
    if payout.status == "released":
        _go_on_without(draft, payout, [part for part in payout.parts if part.reward == reward.id], "contested")
    return draft.need(Reward, reward.id)


def _stopped(draft: Draft, part: Part) -> bool:
    reward = draft.need(Reward, part.reward)
    return 0 < part.sent <= reward.receivable or contested.by(draft, reward) is not None


def _complete(draft: Draft, payout: Payout) -> None:
    for part in payout.parts:
        reward = draft.need(Reward, part.reward)
        ours = credit.over_ours(payout)
        if not ours:
            draft.postings += ledger.completed(reward, payout.rail, part.sent)
        if reward.status == "processing":
            to = "paid" if reward.amount else "reversed"  # what was withheld of a reversed one arrived
            if reward.amount and reward.unsent:  # more is owed than was sent: it rose on its way
                settlement.back_to_review(draft, replace(reward, payout=None))
            else:
                draft.put(replace(reward, status=to))
        if ours:
            credit.deliver(draft, payout, reward, part.sent)
            lots.take_back(draft, draft.need(Reward, reward.id))  # it may have fallen on its way
    draft.put(replace(payout, status="completed"))


def _come_back(
    draft: Draft, payout: Payout, parts: Iterable[Part], *, settled: bool, said_by: Actor | None = None
) -> None:
    """What was sent is owed again; what was netted stays netted. Details that changed meanwhile need a new approval.

    ``said_by``: a member, whose word alone is no reason to send it again; all of it needs a new approval, by somebody else, and is
    then due as it was.
    A reward that was reversed on its way is approved again if a later payout netted its debt: that debt never was one.
    """
    for part in parts:
        reward = draft.need(Reward, part.reward)
        if reward.payout != payout.id:
            _back_elsewhere(draft, reward, payout.rail, part.sent, settled=settled)
            continue
        reward = replace(_came_back(draft, reward, payout.rail, part.sent, settled=settled), payout=None)
        if reward.arrived_in is not None and reward.amount and not reward.unsent:  # another one had brought all of it
            draft.put(replace(reward, status="paid", payout=reward.arrived_in, arrived_in=None))
            continue
        to = "approved" if reward.amount or reward.withheld else "reversed"
        reward = draft.put(replace(reward, status=to))
        if settled:
            reward = settlement.moved_on(draft, reward)
        reward = borne.came_back(draft, reward)
        others = to_payee(reward.kind) and _for_others(draft, payout, reward)
        if reward.status == "approved" and (said_by is not None or others):
            reward = settlement.back_to_review(draft, reward, due_at=None if others else reward.due_at)
        if said_by is not None:
            draft.put(replace(reward, acts=conduct.noted(reward.acts, draft.semantics, "payout.returned", said_by.id)))


def _for_others(draft: Draft, payout: Payout, reward: Reward) -> bool:
    """Whether it was approved for payment details that are no longer those of its beneficiary, who may have been merged since."""
    if draft.semantics < semantics.BACK_TO_WHOSE_IT_IS:
        payee = draft.get(Payee, payout.beneficiary)
        return payee is not None and payee.destination != reward.destination
    payee = draft.get(Payee, reward.beneficiary)
    return payee is None or payee.destination != reward.destination


def _came_back(draft: Draft, reward: Reward, rail: str, sent: int, *, settled: bool) -> Reward:
    """Post what comes back of a reward. What was forgiven of it costs nothing after all, and that is said."""
    draft.postings += ledger.came_back(reward, rail, sent, settled=settled)
    amount = ledger.forgiven_for_nothing(reward, sent)
    return replace(settlement.not_let_off(draft, reward, amount, came_back=True), sent=reward.sent - sent)


def _back_elsewhere(draft: Draft, reward: Reward, rail: str, sent: int, *, settled: bool) -> None:
    """What was sent comes back of a reward that rose and went into review again since: all that is owed of it is approved anew.

    While another payout is under way with it, it stays so.
    """
    if reward.status in ("pending", "in_review"):
        draft.postings += ledger.approved(reward)
        reward = draft.put(replace(reward, status="approved"))
    reward = draft.put(_came_back(draft, reward, rail, sent, settled=settled))
    if reward.arrived_in is not None:  # it had been sent twice: the other one has brought, or brings, what is owed
        reward = draft.put(replace(reward, arrived_in=None))
        if not reward.unsent:
            return
    if reward.status == "paid":
        reward = draft.put(replace(reward, payout=None))
    if reward.status != "processing" and reward.unsent:
        settlement.back_to_review(draft, reward)
