"""What a member says of a reward: approve, hold, reject, withdraw; each over exactly what was shown, and where one goes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl

from msgspec import Struct

from goodword.app import say, see
from goodword.app.errors import InvalidError, UnknownError
from goodword.app.say.said import Why
from goodword.app.see.dossiers import Dossier
from goodword.console import parts, picked
from goodword.console.forms import Form, items_of, of_items
from goodword.console.frame import Act, Read, Visit
from goodword.console.runs import Run
from goodword.core import reviews, routes
from goodword.core.events import Item
from goodword.core.reasons import TOLD
from goodword.core.state import BEFORE_PAYMENT, Reward

#: Where one may go on: a list or a record of rewards.
_THEN = re.compile(r"/rewards(/rwd_[0-9A-Z]{26}|/cleared)?(\?[\w=&.%+*-]*)?")
#: What the address of a record keeps of the list that one came from.
_KEPT = ("status", "program", "unit", "risk", "payee", "mine", "aside", "sort", "beneficiary")
#: What can be said of a reward: its use case, and the states in which it means something.
DEEDS: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "approve": (say.approvals.approve, ("in_review",)),
    "hold": (say.rewards.hold, BEFORE_PAYMENT),
    "reject": (say.rewards.reject, BEFORE_PAYMENT),
    "snooze": (say.rewards.snooze, ("in_review",)),
    "withdraw": (say.approvals.withdraw, ("approved",)),
}
#: What is theirs to say who have no more than ``reward.decide`` only of what is routed to them.
_BY_ROUTE = (say.approvals.approve, say.rewards.reject, say.approvals.withdraw)


class Deciding(Struct, frozen=True):
    """What the reader may say of a reward now: the frozen list that a form sends back, and the reasons to choose from.

    ``blocks``: the codes of what keeps them from approving it; ``firsts``: who approved first; ``then``: where one goes on.
    """

    items: str
    list_sha256: str
    acts: list[str]
    blocks: tuple[str, ...]
    firsts: tuple[str, ...]
    reasons: tuple[str, ...]
    then: str


class Undo(Struct, frozen=True):
    """What the reader approved just now and may still take back: over ``items``; ``due_at``: before it no payout takes it.

    ``then``: its record, where one may decide anew.
    """

    id: str
    name: str
    items: str
    amount: int
    unit: str
    due_at: int | None
    due: bool
    then: str


async def undo(visit: Visit) -> Undo | None:
    """Return what the address says that the reader approved just now, while it can still be taken back."""
    id_ = visit.asked("undo")
    if id_ is None or visit.asked("done") != "approved" or not visit.may(say.approvals.withdraw):
        return None
    try:
        reward = await visit.read(see.rewards.get, id_)
    except UnknownError:
        return None
    if reward.status != "approved" or not by_them(visit, [reward]):
        return None
    items = (reviews.item_of(reward, None),)
    now = await visit.read(see.clock.now)
    run = Run.of(visit.asked("run"), visit.directory.now()).less(items)
    then = f"/rewards/{id_}" + parts.query({**visit.filters(*_KEPT), "run": run.text})
    due = reward.due_at is None or reward.due_at <= now
    names = await visit.glance(see.people.names, [reward.beneficiary]) or {}
    name = names.get(reward.beneficiary) or parts.short(reward.beneficiary)
    return Undo(id_, name, of_items(items), reward.unsent, reward.unit, reward.due_at, due, then)


def by_them(visit: Visit, rewards: Sequence[Reward]) -> bool:
    """Return whether the reader decides these at all, by their roles or by the routes of all of them."""
    return visit.who.may("reward.approve") or routes.given(visit.who.actor, rewards)


class Cleared(Struct, frozen=True):
    """What was decided in one sitting: how many, their sum by unit, and how long it took. ``undo``: the last of it, approved."""

    count: int
    sums: dict[str, int]
    seconds: int
    undo: Undo | None


async def cleared(visit: Visit) -> Cleared:
    """Return what the sitting was that the address tells of."""
    now = visit.directory.now()
    run = Run.of(visit.asked("run"), now)
    return Cleared(run.many, run.sums, max(0, now // 1_000_000 - run.began), await undo(visit))


async def of(visit: Visit, it: Dossier) -> Deciding | None:
    """Return what the reader may say of a reward; None for nothing."""
    reward = it.record.about.reward
    acts = [name for name, (use_case, states) in DEEDS.items() if reward.status in states and visit.may(use_case)]
    if it.record.mine.refusal == "not_permitted":  # by neither their roles nor its route
        acts = [name for name in acts if DEEDS[name][0] not in _BY_ROUTE]
    if not acts:
        return None
    then = await _next(visit, reward)
    items = of_items(it.frozen.items)
    return Deciding(items, it.frozen.list_sha256, acts, _blocks(it), it.frozen.shown[0].approvals, (*TOLD,), then)


def _blocks(it: Dossier) -> tuple[str, ...]:
    unopened = () if it.opened else ("evidence_not_opened",)
    refusal = it.record.mine.refusal
    return tuple(dict.fromkeys((*unopened, *((refusal,) if refusal is not None else ()))))


async def _next(visit: Visit, reward: Reward) -> str:
    """Where one goes on from a reward: to the next one of the queue that the address names, or to the list that one came from."""
    filters = visit.filters(*_KEPT)
    if reward.status != "in_review" or filters["beneficiary"] or filters["status"] not in (None, "in_review"):
        return "/rewards" + parts.query({name: filters[name] for name in ("status", "program", "beneficiary")})
    asked, sort = picked.asked_of(filters)
    near = await visit.read(see.queue.neighbours, reward.id, asked, sort=sort)
    to = near.after or near.before
    run = Run.of(visit.asked("run"), visit.directory.now())
    return (f"/rewards/{to}" if to is not None else "/rewards/cleared") + parts.query({**filters, "run": run.text})


async def approve(visit: Visit, form: Form) -> str:
    """Approve exactly what was shown."""
    items = _shown(visit, form)
    entry = await visit.say(say.approvals.approve, items, form.need("list_sha256", 64), form.once)
    first = all(verdict.outcome != "approved" for verdict in entry.verdicts)
    return _then(form, "approved_first" if first else "approved", items)


async def reject(visit: Visit, form: Form) -> str:
    """Say that it is not owed, and why."""
    items = _shown(visit, form)
    entry = await visit.say(say.rewards.reject, items, _why(form), form.once)
    first = all(verdict.outcome != "rejected" for verdict in entry.verdicts)
    return _then(form, "rejected_first" if first else "rejected", items)


async def duplicate(visit: Visit, form: Form) -> str:
    """Say that another reward, or the order of another invoice, is the same; the note names it."""
    other = form.need("other", 128)
    await _is_there(visit, other)
    note = "\n".join(filter(None, (f"Duplicate of {other}.", form.text("note"))))
    items = _shown(visit, form)
    entry = await visit.say(say.rewards.reject, items, Why("duplicate", note), form.once)
    first = all(verdict.outcome != "rejected" for verdict in entry.verdicts)
    return _then(form, "rejected_first" if first else "duplicate", items)


async def _is_there(visit: Visit, other: str) -> None:
    """Raise InvalidError for what is no other reward and no invoice that earned one."""
    if other == visit.named("reward"):
        raise InvalidError("It cannot be a duplicate of itself.", "other")
    if other.startswith("rwd_"):
        await visit.read(see.rewards.get, other)
    elif not (await visit.read(see.rewards.page, conversion=f"inv:{other}", limit=1)).items:
        raise InvalidError("No reward and no invoice with a reward is called so.", "other")


async def opened(visit: Visit, form: Form) -> str:
    """Say that the evidence was opened, and for how long. A page says so once a visit."""
    seconds = form.text("seconds", 6) or "0"
    if not seconds.isdecimal():
        raise InvalidError("Expected whole seconds.", "seconds")
    reward = visit.named("reward")
    await visit.say(say.looking.reward, reward, int(seconds), form.once)
    return f"/rewards/{reward}" + parts.query({**visit.filters(*_KEPT, "run"), "done": "opened"})


async def hold(visit: Visit, form: Form) -> str:
    """Let it wait until somebody has looked at it."""
    items = _shown(visit, form)
    await visit.say(say.rewards.hold, items, Why("look", form.text("note")), form.once)
    return _then(form, "held", items)


async def snooze(visit: Visit, form: Form) -> str:
    """Put it aside until a day begins, and go on; or take it back, and stay."""
    reward, until = visit.named("reward"), form.day("until")
    why = Why(form.need("reason", 64) if until is not None else "back", form.text("note"))
    await visit.say(say.rewards.snooze, reward, until, why, form.once)
    if until is not None:
        return _then(form, "snoozed")
    return f"/rewards/{reward}" + parts.query({**visit.filters(*_KEPT, "run"), "done": "woken"})


async def withdraw(visit: Visit, form: Form) -> str:
    """Take an approval back, until the money has left."""
    await visit.say(say.approvals.withdraw, _shown(visit, form), "mistake", form.text("note"), form.once)
    return _then(form, "withdrawn")


def _shown(visit: Visit, form: Form) -> tuple[Item, ...]:
    """Return the list that a form sends back. Raises InvalidError for one of anything but the reward of the page."""
    items = items_of(form)
    if [item.id for item in items] != [visit.named("reward")]:
        raise InvalidError("The form is of another reward: open the page again.", "items")
    return items


def _why(form: Form) -> Why:
    reason = form.need("reason", 40)
    if reason not in TOLD:
        raise InvalidError(f"Choose why: {', '.join(TOLD)}.", "reason")
    return Why(reason, form.text("note"))


def _then(form: Form, done: str, items: Sequence[Item] = ()) -> str:
    """Where one goes on: a list or a record of rewards, and nothing else, whatever the form says. What was decided is counted there."""
    then = form.text("then", 1_000) or "/rewards"
    path, _, query = (then if _THEN.fullmatch(then) else "/rewards").partition("?")
    values = dict(parse_qsl(query))
    values.pop("undo", None)
    if "run" in values:
        values["run"] = Run.of(values["run"], 0).more(items).text
    undo = items[0].id if done == "approved" else None
    return path + parts.query({**values, "done": done, "undo": undo})


CLEARED = Read("/rewards/cleared", "/rewards", see.parties.page, "rewards/cleared.html", cleared)


def acts(form: Read) -> tuple[Act, ...]:
    """Return what can be said of a reward, on the page of its record."""
    return (
        Act("/rewards/{reward}/approve", form, say.approvals.approve, approve),
        Act("/rewards/{reward}/reject", form, say.rewards.reject, reject),
        Act("/rewards/{reward}/duplicate", form, say.rewards.reject, duplicate),
        Act("/rewards/{reward}/looks", form, say.looking.reward, opened),
        Act("/rewards/{reward}/hold", form, say.rewards.hold, hold),
        Act("/rewards/{reward}/snooze", form, say.rewards.snooze, snooze),
        Act("/rewards/{reward}/withdraw", form, say.approvals.withdraw, withdraw),
    )
