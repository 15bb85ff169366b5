"""Rewards that are decided together: the frozen list with its money, who must act beside one, and what became of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from msgspec import Struct
from msgspec.structs import replace

from goodword import words
from goodword.app import say, see
from goodword.app.errors import ConflictError, InvalidError
from goodword.app.say.said import Why
from goodword.app.see.parties import Parties
from goodword.app.see.picked import Changed, Deed
from goodword.app.see.queue import Sort
from goodword.console import parts
from goodword.console.forms import Form, list_of, of_list
from goodword.console.frame import Act, Read, Visit
from goodword.core import routes
from goodword.core.entry import Entry
from goodword.core.events import Item
from goodword.core.reasons import TOLD

_SAYS: dict[str, Callable[..., Any]] = {
    "approve": say.approvals.approve,
    "hold": say.rewards.hold,
    "reject": say.rewards.reject,
}
_NAMED = 3  # changed items that are named where a list was stopped
_NOT_KEPT = ("deed", "done", "line")  # of an address of a list, in those of what else may be said of it
#: Rewards of the queue that are taken as one list, and how many of them a page shows: what a page may weigh, with the list in its form.
MOST, ROWS = see.picked.MOST, 25


class List(Struct, frozen=True):
    """The list before it is decided. ``sends``: its items as the form sends them back; ``address``: what the address asks for.

    ``others``: what else the reader may say of these; ``begin``: the first of its lines that is shown, of ``rows``.
    """

    picked: see.picked.Picked
    sends: str
    address: str
    others: dict[str, str]
    reasons: tuple[str, ...]
    back: str
    begin: int
    rows: int = ROWS


class Result(Struct, frozen=True):
    """What was said of a list, and what became of each of its rewards. ``first``: a second member must say the same.

    ``rows``: how many of them are shown; ``takes_back``: the items of what was approved and can be taken back, None: nothing;
    ``due_at``: when a payout may take the first; ``again``: the address of the list.
    """

    deed: str
    first: bool
    could: list[str]
    rewards: list[Parties]
    approvals: list[str]
    sums: dict[str, int]
    position: int
    address: str
    takes_back: str | None
    due_at: int | None
    due: bool
    again: str
    rows: int = ROWS


def deeds(visit: Visit) -> list[str]:
    """Return what the reader may say of several rewards."""
    return [name for name, use_case in _SAYS.items() if visit.may(use_case)]


def asked_of(filters: dict[str, str | None]) -> tuple[see.queue.Filter, Sort]:
    """Return which rewards of the queue an address asks for, and in which order. Raises InvalidError for what is no severity."""
    risk = filters["risk"]
    if risk is not None and risk not in ("1", "2", "3"):
        raise InvalidError("A flag's severity is 1, 2 or 3.", "risk")
    asked = see.queue.Filter(
        program=filters["program"],
        unit=filters["unit"],
        payee=filters["payee"],
        risk=int(risk) if risk else None,
        mine=filters["mine"] is not None,
        aside=filters["aside"] is not None,
    )
    return asked, cast("Sort", filters["sort"] or "priority")


async def shown(visit: Visit) -> List:
    """Return the frozen list of the rewards that an address names, by id, as a first member's list, or by the queue's filter."""
    filters = visit.filters("program", "unit", "risk", "payee", "mine", "aside", "sort")
    deed, ids = cast("Deed", visit.asked("deed") or "approve"), visit.request.query_params.getlist("id")
    if with_ := visit.asked("with"):
        ids = list(await visit.read(see.picked.same_list, with_))
    elif not ids and visit.asked("every"):
        asked, sort = asked_of(filters)
        ids = await visit.read(see.queue.ids, asked, sort=sort, limit=MOST)
    if not ids:
        raise InvalidError("Choose rewards first: none is named.", "id")
    found = await visit.read(see.picked.get, ids, deed)
    query = [(name, value) for name, value in visit.request.query_params.multi_items() if name not in _NOT_KEPT]
    others = {name: parts.pairs([*query, ("deed", name)]) for name in deeds(visit) if name != deed}
    address = parts.pairs([*query, ("deed", deed)])
    begin = _line(visit.asked("line"), len(found.lines))
    return List(found, of_list(found.items), address, others, (*TOLD,), parts.query(filters), begin)


def _line(text: str | None, many: int) -> int:
    """Return the first line that is shown: of one that there is not the page begins at the top."""
    return int(text) if text is not None and text.isdecimal() and int(text) < many else 0


async def approve(visit: Visit, form: Form) -> Result:
    """Approve exactly this list."""
    return await _said(visit, form, "approve", form.need("list_sha256", 64), form.once)


async def hold(visit: Visit, form: Form) -> Result:
    """Let all of it wait until somebody has looked at it."""
    return await _said(visit, form, "hold", Why("look", form.text("note")), form.once)


async def reject(visit: Visit, form: Form) -> Result:
    """Say that nothing of it is owed, and why."""
    reason = form.need("reason", 40)
    if reason not in TOLD:
        raise InvalidError(f"Choose why: {', '.join(TOLD)}.", "reason")
    return await _said(visit, form, "reject", Why(reason, form.text("note")), form.once)


async def withdraw(visit: Visit, form: Form) -> Result:
    """Take the approval of all of it back, until its money has left."""
    items, _ = await _items(visit, form)
    entry = await visit.say(say.approvals.withdraw, items, "mistake", None, form.once)
    return await _result(visit, "withdraw", entry, items)


async def _said(visit: Visit, form: Form, deed: Deed, *told: Any) -> Result:
    """Say it of the list. Raises ConflictError that names what is no longer as it was shown."""
    items, same = await _items(visit, form)
    try:
        entry = await (visit.say(_SAYS[deed], items, *told) if same else _stopped())
    except ConflictError as error:
        changed = await visit.read(see.picked.changed, items, deed)
        raise ConflictError(error.code, " ".join([str(error), *map(_named, changed[:_NAMED])])) from error
    return await _result(visit, deed, entry, items)


async def _stopped() -> Entry:
    raise ConflictError("item_changed", words.refusal("item_changed"))


async def _items(visit: Visit, form: Form) -> tuple[tuple[Item, ...], bool]:
    """Return the list of a form with whole payment details, and whether these are what it was shown with, as their beginnings say."""
    sent = list_of(form)
    now = await visit.read(see.picked.items, [item.id for item in sent])
    whole = {id_: it.destination or "" for id_, it in now.items()}
    same = {it.id for it in sent if whole[it.id][: len(it.destination or "")] == (it.destination or "")}
    same -= {it.id for it in sent if bool(it.destination) != bool(whole[it.id])}
    items = tuple(replace(it, destination=now[it.id].destination) if it.id in same else it for it in sent)
    return items, len(same) == len(sent)


async def _result(visit: Visit, deed: str, entry: Entry, items: tuple[Item, ...]) -> Result:
    first = any(verdict.outcome == "second_person_needed" for verdict in entry.verdicts)
    rewards = await visit.read(see.parties.each, [item.id for item in items])
    sums = dict[str, int]()
    for item in items:
        sums[item.unit] = sums.get(item.unit, 0) + item.amount
    states = [parts.approval(about.reward) for about in rewards]
    address = parts.pairs([("with", items[0].id)]) if first and deed == "approve" else ""
    may = deed == "approve" and not first and visit.may(say.approvals.withdraw)
    due_at = min((it for about in rewards if (it := about.reward.due_at) is not None), default=None)
    due = due_at is None or due_at <= await visit.read(see.clock.now)
    may = may and (visit.who.may("reward.approve") or routes.given(visit.who.actor, [it.reward for it in rewards]))
    takes_back = of_list(items) if may and {about.reward.status for about in rewards} == {"approved"} else None
    again = parts.pairs([pair for pair in visit.request.query_params.multi_items() if pair[0] != "done"])
    return Result(deed, first, [], rewards, states, sums, entry.position, address, takes_back, due_at, due, again)


def _named(one: Changed) -> str:
    """Say of a changed item which it is and what it is now."""
    was = f"{one.line.name or parts.short(one.line.beneficiary)}, {parts.short(one.line.id)}, {parts.worth(one.was)}"
    if one.now is None:
        return f"{was}: {parts.spoken(one.line.refusal or 'changed')}."
    return f"{was}: now {parts.worth(one.now)}{', to another account' if one.now.destination != one.was.destination else ''}."


_LIST = Read("/rewards/list", "/rewards", see.picked.get, "rewards/picked.html", shown)
READS = (_LIST,)
ACTS = (
    Act("/rewards/list/approve", _LIST, say.approvals.approve, approve, "rewards/decided.html"),
    Act("/rewards/list/hold", _LIST, say.rewards.hold, hold, "rewards/decided.html"),
    Act("/rewards/list/reject", _LIST, say.rewards.reject, reject, "rewards/decided.html"),
    Act("/rewards/list/withdraw", _LIST, say.approvals.withdraw, withdraw, "rewards/decided.html"),
)
