"""What waits for one member: what they may act on, how much of it, since when, and where; and what is wrong that they could mend.

Of who it is about nothing is told here: it goes into mails. Must not know: mail, when it is looked.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Final

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.see import (
    cases,
    changes,
    claims,
    deals,
    launching,
    ledger,
    payouts,
    pilots,
    programs,
    queue,
    reports,
    sources,
    standing,
    stocks,
    taxes,
)
from goodword.core.state import Case, Change, Payout

#: Of each so many are counted: of more it is said that there are so many at least.
MOST: Final = 100
_PAGES: Final = 20  # of so many rows, of which some are others': behind them nobody looks
_NEARLY: Final = 90  # percent of a budget


class Waiting(Struct, frozen=True):
    """Something that waits. ``code``: what ``words`` knows it by; ``about``: a slug or a name of the company's own, where it has one.

    ``oldest``: since when its oldest waits; ``late``: how many are behind their day; ``left``: of codes; ``sums``: unit -> what they
    come to, None for who may see no money; ``path``: its list, below the console's address.
    """

    code: str
    count: int
    path: str
    about: str = ""
    oldest: int | None = None
    late: int = 0
    left: int = 0
    sums: dict[str, int] | None = None


class Alarm(Struct, frozen=True):
    """Something that does not wait for a list to be read. ``key``: which one it is, the same as long as it lasts."""

    key: str
    waiting: Waiting


@requires("workspace.read")
async def mine(who: Principal, directory: Directory) -> list[Waiting]:
    """Return what waits that they may act on, in the order of a day's work; nothing where nothing waits."""
    return [it for look in _LOOKS async for it in look(who, directory) if it.count]


@requires("workspace.read")
async def alarms(who: Principal, directory: Directory) -> list[Alarm]:
    """Return what is urgent.

    Promised days that are gone, silent sources, programs that release nothing, codes that ran out, what is set aside, books that are
    off.
    """
    late = [Alarm(f"late:{id_}", it) async for id_, it in _late(who, directory)]
    looks = (_silent, _standing_still, _codes, _set_aside, _books)
    others = [it for look in looks async for it in look(who, directory) if it.code != "codes_low" or not it.left]
    return [*late, *(Alarm(f"{it.code}:{it.about}", it) for it in others)]


_Found = AsyncIterator[Waiting]


def _sums(who: Principal, its: Iterable[tuple[str, int]]) -> dict[str, int] | None:
    """What they come to, for who sees payouts too: who does not is told how many."""
    if not who.may("payout.read"):
        return None
    sums: dict[str, int] = {}
    for unit, amount in its:
        sums[unit] = sums.get(unit, 0) + amount
    return sums


async def _rewards(who: Principal, directory: Directory) -> _Found:
    """Rewards that they could approve now, as their routes, limits and own work say."""
    if not who.may("reward.decide"):
        return
    page = await queue.page(who, directory, queue.Filter(mine=True), sort="age", limit=MOST)
    found, late = page.items, sum(row.decide_by <= page.now for row in page.items)
    sums = _sums(who, ((row.about.reward.unit, row.about.reward.amount) for row in found))
    oldest = min((row.since for row in found), default=None)
    yield Waiting("rewards", len(found), "/rewards?status=in_review&mine=1", oldest=oldest, late=late, sums=sums)


async def _late(who: Principal, directory: Directory) -> AsyncIterator[tuple[str, Waiting]]:
    """Rewards that they could approve now and whose promised day is gone, each by its id."""
    if not who.may("reward.decide"):
        return
    page = await queue.page(who, directory, queue.Filter(mine=True), sort="due", limit=MOST)
    for row in page.items:
        if row.decide_by <= page.now:
            sums = _sums(who, [(row.about.reward.unit, row.about.reward.amount)])
            yield row.id, Waiting("late", 1, "/rewards?status=in_review&sort=due", oldest=row.decide_by, sums=sums)


async def _cases(who: Principal, directory: Directory) -> _Found:
    """Open cases that are nobody's or their own, and awake."""
    if not who.may("case.decide"):
        return
    mine, after, now = list[Case](), "", 0
    for _ in range(_PAGES):
        listed = await cases.listed(who, directory, "open", after=after, limit=MOST)
        mine += [it.case for it in listed.items if it.case.assignee in (None, who.actor.id)]
        now = listed.now
        if listed.after is None or len(mine) >= MOST:
            break
        after = listed.after
    mine = mine[:MOST]
    late = sum(it.due_at is not None and it.due_at <= now for it in mine)
    oldest = min((it.opened_at for it in mine), default=None)
    yield Waiting("cases", len(mine), "/cases?status=open", oldest=oldest, late=late)


async def _claims(who: Principal, directory: Directory) -> _Found:
    if not who.may("claim.decide"):
        return
    open_ = [it.claim for it in (await claims.page(who, directory, status="open", limit=MOST)).items]
    yield Waiting("claims", len(open_), "/claims?status=open", oldest=min((it.opened_at for it in open_), default=None))


async def _deals(who: Principal, directory: Directory) -> _Found:
    if not who.may("deal.decide"):
        return
    found = [it.registration for it in (await deals.page(who, directory, status="submitted", limit=MOST)).items]
    yield Waiting("deals", len(found), "/deals?status=submitted", oldest=min((it.at for it in found), default=None))


async def _payouts(who: Principal, directory: Directory) -> _Found:
    """Payouts that wait for their release, but those that wait for somebody else than who drafted or released them first."""
    if not who.may("payout.release"):
        return
    mine, after = list[Payout](), ""
    for _ in range(_PAGES):
        page = await payouts.page(who, directory, status="awaiting_release", after=after, limit=MOST)
        mine += [it for it in page.items if who.actor.id not in (it.drafted_by, *it.releases)]
        if page.after is None or len(mine) >= MOST:
            break
        after = page.after
    mine = mine[:MOST]
    oldest = min((it.drafted_at for it in mine), default=None)
    sums = _sums(who, ((it.unit, it.amount) for it in mine))
    yield Waiting("payouts", len(mine), "/payouts?status=awaiting_release", oldest=oldest, sums=sums)


async def _changes(who: Principal, directory: Directory) -> _Found:
    """What another member asked for and they may confirm."""
    asked: list[Change] = []
    if who.may("change.decide"):
        asked = list((await changes.page(who, directory, status="open", limit=MOST)).items)
    elif who.may("standing.grant"):
        asked = [it.change for it in (await standing.whole(who, directory)).waiting]
    asked = [it for it in asked if it.asked_by != who.actor.id]
    path = "/settings/standing" if asked and all(it.kind == "standing" for it in asked) else "/settings/members"
    yield Waiting("changes", len(asked), path, oldest=min((it.asked_at for it in asked), default=None))


async def _tax_forms(who: Principal, directory: Directory) -> _Found:
    """Tax forms that are asked for: what would be paid beyond a threshold waits for them."""
    if who.may("tax_form.give") and who.may("payout.read"):
        asked = await taxes.asked(who, directory, MOST)
        yield Waiting("tax_forms", len(asked), "/payouts/tax", oldest=min(asked, default=None))


async def _set_aside(who: Principal, directory: Directory) -> _Found:
    if who.may("event.retry") and who.may("progress.read"):
        many = (await reports.progress(who, directory)).deciding.set_aside
        if many:
            yield Waiting("set_aside", many, "/quarantine")


async def _silent(who: Principal, directory: Directory) -> _Found:
    if who.may("source.manage") and who.may("event.read"):
        for it in await sources.silent(who, directory):
            yield Waiting("silent", 1, f"/sources/{it.source}", it.source, it.since)


async def _standing_still(who: Principal, directory: Directory) -> _Found:
    """Programs of which nothing is released now, for who sends payouts or answers for rules."""
    if who.may("payout.release") or who.may("program.publish"):
        for it in await launching.troubles(who, directory):
            yield Waiting(it.code, 1, f"/programs/{it.program}", it.program, it.since)


async def _codes(who: Principal, directory: Directory) -> _Found:
    """Stocks that run low, and payouts that wait for codes."""
    if not who.may("stock.upload"):
        return
    whole = await stocks.whole(who, directory)
    if whole.waiting:
        oldest = min(it.drafted_at for it in whole.waiting)
        yield Waiting("codes_awaited", len(whole.waiting), "/settings/codes", oldest=oldest)
    for name, left in sorted(whole.low.items()):
        yield Waiting("codes_low", 1, "/settings/codes", name, left=left)


async def _standing(who: Principal, directory: Directory) -> _Found:
    if who.may("standing.grant"):
        for it in await standing.soon(who, directory):
            yield Waiting(f"standing_{it.soon}", 1, f"/settings/standing#{it.it.id}", it.program)


async def _budgets(who: Principal, directory: Directory) -> _Found:
    if not who.may("program.publish"):
        return
    for slug, units in (await programs.budgets(who, directory)).items():
        if any(one.most and 100 * one.used >= _NEARLY * one.most for one in units):
            yield Waiting("budget", 1, f"/programs/{slug}", slug)


async def _pilots(who: Principal, directory: Directory) -> _Found:
    """Pilots whose cycle is over: their report waits for a decision."""
    if who.may("program.publish"):
        for slug, since in await pilots.due(who, directory):
            yield Waiting("pilot", 1, f"/programs/{slug}/pilot", slug, since)


async def _books(who: Principal, directory: Directory) -> _Found:
    """Accounts that do not add up, and a verification of the log in this process that found something."""
    if not who.may("log.verify"):
        return
    if who.may("ledger.read") and not (await ledger.trial_balance(who, directory)).balanced:
        yield Waiting("ledger", 1, "/ledger")
    if who.may("log.read"):
        check = directory.checks.of(who.workspace.id)
        if check is not None and check.report is not None and check.report.differences:
            yield Waiting("verify", 1, "/log")


#: All that is looked at, in the order in which it is told.
_LOOKS: Final[tuple[Callable[[Principal, Directory], _Found], ...]] = (
    *(
        _rewards,
        _payouts,
        _cases,
        _claims,
        _deals,
        _changes,
        _tax_forms,
        _codes,
        _silent,
        _standing_still,
        _set_aside,
        _standing,
        _budgets,
        _pilots,
        _books,
    ),
)
