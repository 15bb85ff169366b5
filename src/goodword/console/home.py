"""Home: what needs whoever looks, what is paused or broken, what happened today, where the money stands; and all pages, for a phone."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from goodword.app import say, see
from goodword.app.see.reports import Overview, Total
from goodword.console import nav
from goodword.console.figures import FUNNEL, REFUSED, Sum, count, sums_of
from goodword.console.frame import Read, Visit
from goodword.core import calendar
from goodword.core.ledger import ACCOUNTS

MOST = 200  # rewards in review, of which it is said who may approve them
_NEARLY = 90  # percent of a budget
_SLOW = 60.0  # seconds that a follower may be behind before it is told
_WEEK = 7  # days


class Need(Struct, frozen=True):
    """Something that waits for people: how many, and where. ``code``: what ``words`` knows it by; ``more``: beside them.

    ``sums``: unit -> what they come to, where it is known; ``oldest``: since when the oldest waits, where it is said.
    """

    code: str
    count: int
    path: str
    meaning: str
    more: int = 0
    sums: dict[str, int] = {}
    oldest: int | None = None


class Trouble(Struct, frozen=True):
    """Something that is paused or broken. ``code``: what ``words`` knows it by; ``about``: which one; ``path``: where, if anywhere."""

    code: str
    about: str
    meaning: str
    path: str = ""
    count: int = 0


class Day(Struct, frozen=True):
    """A figure of today beside that of the same weekday before."""

    code: str
    now: int
    before: int


class Home(Struct, frozen=True):
    """``day``: the last of the workspace's clock; ``last``: the same weekday before. ``refused``: refusal -> how many, today.

    ``accounts``: class -> unit -> what it holds. ``first``: what is to be done first, of a workspace where nothing is yet.
    """

    needs: list[Need]
    troubles: list[Trouble]
    day: str
    last: str
    as_of: int
    position: int
    behind: int
    counts: list[Day]
    sums: list[Sum]
    refused: dict[str, int]
    units: list[str]
    accounts: dict[str, dict[str, int]]
    followed: bool
    first: list[str]


class Entry(Struct, frozen=True):
    """A page of the side bar, as a phone lists it."""

    title: str
    address: str
    icon: str


class More(Struct, frozen=True):
    """The pages that they may look at."""

    pages: list[Entry]


async def home(visit: Visit) -> Home:
    """Return what is there now."""
    it = await visit.read(see.reports.overview)
    progress = await visit.glance(see.reports.progress)
    programs = await visit.glance(see.programs.every) or []
    days = list(it.days)
    today, before = it.days[days[-1]], it.days[days[-1 - _WEEK]]
    troubles = [Trouble("paused", one.slug, "calm", "/programs") for one in programs if one.status == "paused"]
    troubles += await _budgets(visit)
    troubles += await _given_up(visit)
    if late := await visit.glance(see.routing.overdue) or 0:
        troubles.append(Trouble("overdue", str(late), "look", "/rewards?status=in_review&sort=due", late))
    if visit.may(say.pilots.decide):
        troubles += [
            Trouble("pilot", slug, "look", f"/programs/{slug}/pilot") for slug, _ in await visit.read(see.pilots.due)
        ]
    for one in await visit.glance(see.standing.soon) or ():
        troubles.append(Trouble(f"standing_{one.soon}", one.program, "look", f"/settings/standing#{one.it.id}"))
    for stands in await visit.glance(see.launching.troubles) or ():
        troubles.append(Trouble(stands.code, stands.program, "look", f"/programs/{stands.program}"))
    troubles += await _codes(visit)
    if progress is not None:
        troubles += [Trouble("behind", one.follower, "look") for one in progress.behind if one.seconds > _SLOW]
    behind = it.position - it.as_of_position
    return Home(
        await _needs(visit, it, progress),
        [*troubles, *await _silent(visit)],
        days[-1],
        days[-1 - _WEEK],
        it.as_of,
        it.position,
        behind,
        _counts(today, before),
        [
            one
            for unit in sorted({one.unit for one in (*today, *before) if one.unit})
            for one in sums_of(unit, today, before)
        ],
        _refused(today),
        sorted({unit for unit, _, _ in it.accounts}),
        _accounts(it.accounts),
        behind == 0,
        ["program", "event"] if not programs else [] if it.totals or it.accounts else ["event"],
    )


def _counts(today: Sequence[Total], before: Sequence[Total]) -> list[Day]:
    days = [Day(code, count(today, metrics), count(before, metrics)) for code, metrics in FUNNEL if code != "earned"]
    return [day for day in days if day.now or day.before]


def _refused(today: Sequence[Total]) -> dict[str, int]:
    refused = {one.metric.removeprefix(REFUSED): one.count for one in today if one.metric.startswith(REFUSED)}
    return dict(sorted(refused.items(), key=lambda one: (-one[1], one[0])))


async def _silent(visit: Visit) -> list[Trouble]:
    """Return the sources that have gone silent, with the hours since they delivered last."""
    now = visit.directory.now()
    return [
        Trouble("silent", one.source, "look", f"/sources/{one.source}", (now - one.since) // calendar.HOUR)
        for one in await visit.glance(see.sources.silent) or []
    ]


async def _budgets(visit: Visit) -> list[Trouble]:
    """Return the programs whose budget is nearly used: a reward that the rest does not cover is refused."""
    return [
        Trouble("budget", slug, "look", f"/programs/{slug}", 100 * one.used // one.most)
        for slug, units in (await visit.glance(see.programs.budgets) or {}).items()
        for one in units
        if one.most and 100 * one.used >= _NEARLY * one.most
    ]


async def _codes(visit: Visit) -> list[Trouble]:
    """Return the stocks of codes that run low, and that payouts wait for some."""
    whole = await visit.glance(see.stocks.whole)
    if whole is None:
        return []
    waiting = [Trouble("codes_awaited", "", "stop", "/settings/codes", len(whole.waiting))] if whole.waiting else []
    return [
        *waiting,
        *(Trouble("codes_low", name, "look", "/settings/codes", n) for name, n in sorted(whole.low.items())),
    ]


async def _given_up(visit: Visit) -> list[Trouble]:
    kinds = await visit.glance(see.reports.given_up) or {}
    return [Trouble("given_up", kind, "stop", "", many) for kind, many in sorted(kinds.items())]


def _accounts(held: list[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    accounts: dict[str, dict[str, int]] = {}
    for unit, account, amount in sorted(held, key=lambda one: (ACCOUNTS.index(one[1]), one[0])):
        accounts.setdefault(account, {})[unit] = amount
    return accounts


async def _needs(visit: Visit, it: Overview, progress: see.reports.Progress | None) -> list[Need]:
    """Return what waits, as far as they may see it: a page that is not theirs leads nowhere."""
    needs, queue = [], it.queue
    if visit.may(say.approvals.approve):
        needs.append(await _to_approve(visit, queue["rewards_in_review"]))
    mine = {page.path for page in nav.shown_to(visit.who)}
    if "/cases" in mine:
        needs.append(await _cases(visit, queue["cases_open"]))
    if "/payouts" in mine:
        needs.append(await _to_release(visit, queue["payouts_awaiting_release"]))
    if "/claims" in mine:
        needs.append(await _claims(visit))
    if visit.may(say.taxes.give) and (asked := await visit.glance(see.taxes.asked)):
        needs.append(Need("tax_forms", len(asked), "/payouts/tax", "look", oldest=asked[0]))
    if progress is not None and "/log" in mine:
        needs.append(Need("quarantine", progress.deciding.set_aside, "/quarantine", "look"))
        needs.append(Need("waiting", progress.deciding.waiting, "/log", "wait"))
    return needs


async def _to_approve(visit: Visit, in_review: int) -> Need:
    """Return what they could approve. Of a long queue only how long it is: what stops each is looked at one by one."""
    path = "/rewards?status=in_review"
    if in_review >= MOST:
        return Need("review", in_review, path, "wait")
    ready = await visit.read(see.rewards.queue_list)
    sums: dict[str, int] = {}
    for item in ready.items:
        sums[item.unit] = sums.get(item.unit, 0) + item.amount
    return Need("rewards", len(ready.items), path, "wait", sum(ready.left_out.values()), sums)


async def _cases(visit: Visit, open_: int) -> Need:
    """Return the open cases, and how many of them are late; of more than are looked at that is not said."""
    looked = await visit.read(see.cases.page, status="open", limit=MOST) if 0 < open_ < MOST else None
    now, cases = await visit.read(see.clock.now), looked.items if looked is not None else ()
    late = sum(case.due_at is not None and case.due_at <= now for case in cases)
    return Need("cases", open_, "/cases?status=open", "look", late)


async def _claims(visit: Visit) -> Need:
    """Return the open claims; of more than are looked at it is said that there are so many at least."""
    looked = await visit.read(see.claims.page, status="open", limit=MOST)
    return Need("claims", len(looked.items), "/claims?status=open", "look", more=int(looked.after is not None))


async def _to_release(visit: Visit, drafted: int) -> Need:
    """Return the payouts to release, with what they come to; of more than are looked at that is not said."""
    path, status = "/payouts?status=awaiting_release", "awaiting_release"
    looked = await visit.read(see.payouts.page, status=status, limit=MOST) if 0 < drafted < MOST else None
    sums: dict[str, int] = {}
    for payout in looked.items if looked is not None else ():
        sums[payout.unit] = sums.get(payout.unit, 0) + payout.amount
    return Need("payouts", drafted, path, "wait", 0, sums)


async def more(visit: Visit) -> More:
    """Return all pages."""
    return More([Entry(page.title, page.address, page.icon) for page in nav.shown_to(visit.who)])


READS = (
    Read("", "", see.reports.overview, "home.html", home),
    Read("/more", "", see.workspaces.get, "more.html", more),
)
