"""Rewards picked to be decided together: the frozen list, the money in it, what is left out and why, who must act beside one.

Must not know: pages, SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.principal import Principal, requires
from goodword.app.see import drafts, filters, paging, payees
from goodword.app.see.records import Named
from goodword.core import access, calendar, lists, reviews
from goodword.core.draft import Draft
from goodword.core.events import Item
from goodword.core.kinds.rewards import to_payee
from goodword.core.state import BEFORE_PAYMENT, Payee, Reward
from goodword.store import entities, queue, workspaces

Deed = Literal["approve", "hold", "reject"]
DEEDS = ("approve", "hold", "reject")
#: Items of a list.
MOST = 1_000


class Line(Struct, frozen=True, kw_only=True):
    """One reward that was picked. ``name``: its beneficiary's, None where that may not be seen; ``refusal``: why it is left out.

    ``new``: its beneficiary was never paid; ``changed``: their details are others than those of their last payout.
    """

    id: str
    beneficiary: str
    name: str | None
    program: str
    amount: int
    unit: str
    rail: str | None
    last: str | None
    new: bool
    changed: bool
    refusal: str | None


class Sum(Struct, frozen=True, kw_only=True):
    """What the list comes to in a unit, in minor units or points. ``highest``: of its rewards.

    ``limit``: the reader's for the unit, None: they have none; ``left``: what of it the beneficiary with least of it leaves them today,
    ``day`` in UTC, before this list.
    """

    unit: str
    amount: int
    highest: int
    limit: int | None
    left: int | None
    day: str


class Picked(Struct, frozen=True, kw_only=True):
    """A list to be decided. ``lines``: all that was picked, in its order, what is left out and ``items``, those that are not, apart.

    The fewer of both stand first: one that is left out of fifty, or the seven that are left of two hundred, is what one has to see.

    ``payees``, ``new_payees`` and ``changed_accounts`` count people of the list; ``second``: why a second person must say the same,
    ``could``: who; ``first``: who said it already, of the very same list.
    """

    deed: Deed
    items: tuple[Item, ...]
    list_sha256: str
    lines: tuple[Line, ...]
    sums: tuple[Sum, ...]
    left_out: tuple[tuple[str, int], ...]
    payees: int
    new_payees: int
    changed_accounts: int
    second: str | None
    could: tuple[Named, ...]
    first: tuple[Named, ...]


class Changed(Struct, frozen=True, kw_only=True):
    """An item that is no longer as a list says: ``now`` is None where it can no longer be decided."""

    line: Line
    was: Item
    now: Item | None


@requires("reward.read")
async def get(who: Principal, directory: Directory, ids: Sequence[str], deed: Deed = "approve") -> Picked:
    """Return the list of these rewards as they are now, in order of id. Raises InvalidError for none and too many, UnknownError."""
    filters.choice("deed", deed, DEEDS)
    wanted = sorted(set(ids))
    if not wanted or len(wanted) > MOST:
        raise InvalidError(f"A list has 1 to {MOST:,} rewards.", "id")
    async with directory.snapshot() as conn:
        ws = who.workspace
        rewards = await paging.each(conn, who, Reward, wanted)
        draft = await drafts.of(conn, who, directory, rewards)
        persons = sorted({reward.beneficiary for reward in rewards})
        about = await payees.of(conn, who, directory, persons)
        paid = await queue.last_paid(conn, ws.id, persons)
        mails = await workspaces.mails(conn, ws) if who.may("member.mails") else {}
    refusals = {reward.id: _refusal(who, draft, reward, deed) for reward in rewards}
    lines = tuple(_line(reward, about, paid, refusals[reward.id]) for reward in rewards)
    taken = [reward for reward in rewards if refusals[reward.id] is None]
    items = tuple(reviews.item_of(reward, draft.get(Payee, reward.beneficiary)) for reward in taken)
    kept = [line for line in lines if line.refusal is None]
    digest = lists.digest(items)
    asks = {"approve": reviews.second_for, "reject": reviews.second_to_reject}.get(deed)
    why = asks(draft, who.actor, taken) if taken and asks is not None else None
    could = reviews.seconds_for(draft, who.actor, taken) if why is not None else []
    first = _first(taken, digest, deed)
    if not {*first}.isdisjoint(could):  # who looks is the second person, and nobody else is needed
        why, could = None, []
    return Picked(
        deed=deed,
        items=items,
        list_sha256=digest,
        lines=tuple(sorted(lines, key=lambda line: (line.refusal is None) == (2 * len(kept) > len(lines)))),
        sums=_sums(who, draft, taken),
        left_out=tuple(sorted(_counted(why for why in refusals.values() if why is not None).items())),
        payees=len({line.beneficiary for line in kept}),
        new_payees=len({line.beneficiary for line in kept if line.new}),
        changed_accounts=len({line.beneficiary for line in kept if line.changed}),
        second=why.code if why is not None else None,
        could=tuple(Named(member, mails.get(member)) for member in could),
        first=tuple(Named(member, mails.get(member)) for member in first),
    )


@requires("reward.read")
async def changed(
    who: Principal, directory: Directory, items: Sequence[Item], deed: Deed = "approve"
) -> tuple[Changed, ...]:
    """Return what of a list is no longer as it says. Raises what ``get`` raises."""
    now = await get(who, directory, [item.id for item in items], deed)
    lines, same = {line.id: line for line in now.lines}, {item.id: item for item in now.items}
    return tuple(
        Changed(line=lines[item.id], was=item, now=same.get(item.id)) for item in items if same.get(item.id) != item
    )


@requires("reward.read")
async def items(who: Principal, directory: Directory, ids: Sequence[str]) -> dict[str, Item]:
    """Return these rewards as a list has them now, whatever may be said of each. Raises what ``get`` raises."""
    wanted = sorted(set(ids))
    if not wanted or len(wanted) > MOST:
        raise InvalidError(f"A list has 1 to {MOST:,} rewards.", "id")
    async with directory.snapshot() as conn:
        rewards = await paging.each(conn, who, Reward, wanted)
        persons = sorted({reward.beneficiary for reward in rewards})
        known = {payee.person: payee for payee in await entities.load(conn, who.workspace.id, Payee, persons)}
    return {reward.id: reviews.item_of(reward, known.get(reward.beneficiary)) for reward in rewards}


@requires("reward.read")
async def same_list(who: Principal, directory: Directory, reward: str) -> tuple[str, ...]:
    """Return the rewards of the list over which one member has approved this one, and which a second is to approve just so.

    Alone where none has. Raises UnknownError.
    """
    async with directory.reading() as conn:
        one = await paging.one(conn, who, Reward, reward)
        if one.approval_list is None or one.status != "in_review":
            return (one.id,)
        found = await queue.of_list(conn, who.workspace.id, one.approval_list, MOST)
        rewards = await entities.load(conn, who.workspace.id, Reward, found)
    return tuple(sorted(it.id for it in rewards if who.sees(it.program)))


def _refusal(who: Principal, draft: Draft, reward: Reward, deed: Deed) -> str | None:
    may = (
        access.allowed(who.actor, "reward.hold") if deed == "hold" else reviews.may_approve(draft, who.actor, [reward])
    )
    if not may:
        return "not_permitted"
    if deed == "approve":
        item = reviews.item_of(reward, draft.get(Payee, reward.beneficiary))
        why = reviews.against(draft, item, who.actor)
        return why[0] if why is not None else None
    if reward.status not in BEFORE_PAYMENT or (deed == "reject" and reward.withheld):
        return "wrong_state"
    return "case_open" if deed == "hold" and reward.cases else None


def _line(reward: Reward, about: payees.Beneficiaries, paid: dict[str, str], refusal: str | None) -> Line:
    person = reward.beneficiary
    payee = about.payees.get(person) if to_payee(reward.kind) else None
    before = paid.get(person)
    return Line(
        id=reward.id,
        beneficiary=person,
        name=about.names.get(person),
        program=reward.program,
        amount=reward.unsent,
        unit=reward.unit,
        rail=payee.rail if payee is not None else None,
        last=about.tails.get(person) if payee is not None else None,
        new=before is None,
        changed=payee is not None and before is not None and before != payee.destination,
        refusal=refusal,
    )


def _sums(who: Principal, draft: Draft, rewards: Sequence[Reward]) -> tuple[Sum, ...]:
    """What a list comes to by unit, beside what the reader may say alone today."""
    actor, day = who.actor, calendar.utc_day(draft.as_of)
    found = []
    for unit in sorted({reward.unit for reward in rewards}):
        of = [reward for reward in rewards if reward.unit == unit]
        limit = None if actor.limits is None else actor.limits.get(unit, 0)
        used = max(
            reviews.approved_today(draft, actor.id, one).get(unit, 0) for one in {reward.beneficiary for reward in of}
        )
        found.append(
            Sum(
                unit=unit,
                amount=sum(reward.unsent for reward in of),
                highest=max(reward.unsent for reward in of),
                limit=limit,
                left=None if limit is None else max(0, limit - used),
                day=day,
            )
        )
    return tuple(found)


def _first(rewards: Sequence[Reward], digest: str, deed: Deed) -> tuple[str, ...]:
    of = "approval" if deed == "approve" else "reject"
    fields = {"approval": ("approvals", "approval_list"), "reject": ("rejecting", "reject_list")}[of]
    said = {getattr(one, fields[0]) if getattr(one, fields[1]) == digest else () for one in rewards}
    return next(iter(said)) if len(said) == 1 else ()


def _counted(codes: Iterable[str]) -> dict[str, int]:
    found = dict[str, int]()
    for code in codes:
        found[code] = found.get(code, 0) + 1
    return found
