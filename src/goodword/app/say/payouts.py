"""Payouts: drafted, released, taken back, answered."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from typing import NamedTuple

from goodword.app import coded
from goodword.app.directory import Directory
from goodword.app.errors import ConflictError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.app.see import filters, payees, schedules
from goodword.app.see.paging import Shown
from goodword.app.write.commands import content_of
from goodword.core import canonical
from goodword.core.decision import Verdict
from goodword.core.entry import Entry
from goodword.core.events import Item, PayoutAnswered, PayoutCanceled, PayoutDrafted, PayoutReleased
from goodword.core.state import Payout, Schedule
from goodword.outbound.rails import REGISTRY, for_mode
from goodword.store import entities, log, pages

MOST = 1_000  # beneficiaries of one draft
_EVER = 2**63 - 1  # later than anything is due


class Line(NamedTuple):
    """What a draft would do for one payee: its verdict about them."""

    payee: Shown
    verdict: Verdict


class Preview(NamedTuple):
    """What a draft would do, by payee; ``of_all``: what it says of all of them, as where nothing is due yet; ``by``: a schedule."""

    lines: list[Line]
    of_all: list[Verdict]
    by: Schedule | None = None


@requires("payout.draft")
async def draft(
    who: Principal,
    directory: Directory,
    rail: str,
    unit: str,
    beneficiaries: tuple[str, ...] | None,
    key: str | None = None,
) -> Entry:
    """Gather approved rewards that are due into payouts; None: of everybody who is owed any, a thousand at most.

    Who is limited to programs gathers the rewards of these. Raises KeyError for a rail that there is not, RailModeError for one
    that does not work in this workspace, InvalidError for a unit that there is not and UnknownError for a program in it, which is
    named by its id or slug.
    """
    return await _drafted(who, directory, _Asked(rail, unit, beneficiaries), key)


@requires("payout.draft")
async def preview(who: Principal, directory: Directory, rail: str, unit: str) -> Preview:
    """Return what a draft of everybody would gather, and whom it would leave out and why. Nothing is kept. Raises as ``draft`` does."""
    return await _previewed(who, directory, await _drafted(who, directory, _Asked(rail, unit), None, dry_run=True))


@requires("payout.draft")
async def coming(who: Principal, directory: Directory, schedule: str) -> Preview:
    """Return what the next run of a schedule would hold if nothing came between: of who would be due then, the first thousand.

    Raises as ``see.schedules.get`` does, ConflictError for one that is stopped, and as ``draft`` does.
    """
    it = await schedules.get(who, directory, schedule)
    if it.next_at is None:
        raise ConflictError("wrong_state", "This schedule is stopped: no run comes next.")
    asked = _Asked(it.plan.rail, it.plan.unit, None, it.program, at=it.next_at)
    return (await _previewed(who, directory, await _drafted(who, directory, asked, None, dry_run=True)))._replace(by=it)


async def _previewed(who: Principal, directory: Directory, entry: Entry) -> Preview:
    of = {str(verdict.beneficiary or verdict.subject): verdict for verdict in entry.verdicts if verdict.subject}
    async with directory.reading() as conn:
        about = await payees.of(conn, who, directory, of)
    lines = [
        Line(about.shown(person, person, to_account=True, own_work=None), verdict) for person, verdict in of.items()
    ]
    return Preview(lines, [verdict for verdict in entry.verdicts if not verdict.subject])


@requires("payout.draft")
async def draft_lot(who: Principal, directory: Directory, it: Schedule, lot: int, after: str) -> Entry | None:
    """Draft for those behind ``after`` whom the last run of a schedule finds, a thousand at most; the same lot again is harmless.

    The first lot is said whether anybody is owed anything or not; None: of a later one nobody is left. Raises as ``draft`` does.
    """
    plan, run = it.plan, it.ran_at
    named = await _owed(who, directory, plan.unit, it.program, after, wait=not lot)
    if lot and not named:
        return None
    asked = _Asked(plan.rail, plan.unit, named, it.program, it.id, run)
    return await _drafted(who, directory, asked, f"{it.id}:{run}:{lot}")


class _Asked(NamedTuple):
    """What is to be drafted. ``beneficiaries``: None, of everybody; ``at``: as it will be at an instant to come."""

    rail: str
    unit: str
    beneficiaries: tuple[str, ...] | None = None
    program: str | None = None
    schedule: str | None = None
    run: int | None = None
    at: int | None = None


async def _drafted(
    who: Principal, directory: Directory, asked: _Asked, key: str | None, *, dry_run: bool = False
) -> Entry:
    rail, unit, named, program, schedule, run, at = asked
    delivers = for_mode(REGISTRY, rail, who.workspace.mode)
    async with directory.reading() as conn:
        if not dry_run:
            await filters.connected(conn, who, rail)
        unit = await filters.unit(conn, who, unit)
    # What it says is what was asked: a repeat may find others who are owed, and so may a lot of a run.
    said = sha256(canonical.encode((rail, unit, named if schedule is None else None))).digest()
    if named is None:
        named = await _owed(who, directory, unit, program, at=at)
    when = {} if at is None else {"occurred_at": at, "accepted_at": at}
    how = {"rail": rail, "kinds": delivers.kinds, "manual": delivers.manual, "unit": unit, "beneficiaries": named}
    of = {"program": program, "schedule": schedule, "run": run}
    make = lambda s: PayoutDrafted(**{**s, **when, **how, **of})  # noqa: E731
    return await say(who, directory, make, key, content=said, dry_run=dry_run)


@requires("payout.release")
async def release(
    who: Principal, directory: Directory, items: tuple[Item, ...], list_sha256: str, key: str | None = None
) -> Entry:
    """Say that these payouts are sent. Raises RailModeError if one is for a rail that does not work in this workspace.

    What may leave without a second confirmed member is a setting, of which the core is told; a repeat is one whatever it is by then.
    """
    await _works(who, directory, [item.id for item in items])
    listed = partial(PayoutReleased, items=items, list_sha256=list_sha256)
    return await say(
        who,
        directory,
        lambda s: listed(**s, alone_up_to=directory.alone_up_to(who.workspace)),
        key,
        content=content_of(listed(evt="", source="", occurred_at=0, accepted_at=0)),
    )


@requires("payout.cancel")
async def cancel(who: Principal, directory: Directory, payout: str, reason: str, key: str | None = None) -> Entry:
    """Take a payout back before the rail was called; its rewards stay approved."""
    return await say(who, directory, lambda s: PayoutCanceled(**s, payout=payout, reason=reason), key)


@requires("payout.answer")
async def answer(
    who: Principal,
    directory: Directory,
    payout: str,
    outcome: str,
    reference: str | None = None,
    reason: str | None = None,
    key: str | None = None,
) -> Entry:
    """Say what became of a payout that went by bank file, or of one that its rail never heard of.

    Raises RailModeError for one that is said to have arrived over a rail that does not work in this workspace.
    """
    if outcome in ("sent", "completed"):
        await _works(who, directory, [payout])
    return await say(
        who,
        directory,
        lambda s: PayoutAnswered(**s, payout=payout, outcome=outcome, reference=reference, reason=reason, anew=True),
        key,
        also=coded.keeping(who.workspace),
    )


async def _works(who: Principal, directory: Directory, ids: Sequence[str]) -> None:
    """Raise RailModeError if one of these payouts is for a rail that does not work in this workspace."""
    async with directory.reading() as conn:
        payouts = await entities.load(conn, who.workspace.id, Payout, ids)
    for rail in sorted({payout.rail for payout in payouts if who.sees(*payout.programs)} & REGISTRY.keys()):
        for_mode(REGISTRY, rail, who.workspace.mode)


async def _owed(
    who: Principal,
    directory: Directory,
    unit: str,
    program: str | None = None,
    after: str = "",
    *,
    at: int | None = None,
    wait: bool = True,
) -> tuple[str, ...]:
    """Return who is owed what is due now, or ``at`` an instant; nobody, and ``wait``: whoever will be, so that the answer says when."""
    ws, programs = who.workspace.id, who.programs if program is None else (program,)
    async with directory.reading() as conn:
        now = at or (await log.stream(conn, ws)).now(directory.now())
        due = await pages.payable(conn, ws, unit, now, after, MOST, programs)
        return tuple(due or (wait and await pages.payable(conn, ws, unit, _EVER, after, MOST, programs)) or ())
