"""Home: what needs whoever looks, what happened today, where the money stands; and the list of all pages, for a phone."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import say, see
from goodword.app.see.reports import Total
from goodword.console import nav
from goodword.console.frame import Read, Visit
from goodword.core.ledger import ACCOUNTS

REFUSED = "refused:"  # what the name of a figure begins with that counts a refusal
MOST = 1_000  # rewards in review, of which it is said who may approve them


class Need(Struct, frozen=True):
    """Something that waits for people: how many, and where. ``code``: what ``words`` knows it by; ``more``: beside them."""

    code: str
    count: int
    path: str
    meaning: str
    more: int = 0


class Home(Struct, frozen=True):
    """``day``: the last of the workspace's clock. ``today``: its figures; ``refused``: refusal -> how many.

    ``accounts``: class -> unit -> what it holds.
    """

    needs: list[Need]
    day: str
    as_of: int
    position: int
    behind: int
    today: list[Total]
    refused: dict[str, int]
    units: list[str]
    accounts: dict[str, dict[str, int]]
    followed: bool


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
    needs, day = await _needs(visit, it.queue), max(it.days)
    today = [total for total in it.days[day] if not total.metric.startswith(REFUSED)]
    refused = {one.metric.removeprefix(REFUSED): one.count for one in it.days[day] if one.metric.startswith(REFUSED)}
    units, behind = sorted({unit for unit, _, _ in it.accounts}), it.position - it.as_of_position
    return Home(needs, day, it.as_of, it.position, behind, today, refused, units, _accounts(it.accounts), behind == 0)


def _accounts(held: list[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    accounts: dict[str, dict[str, int]] = {}
    for unit, account, amount in sorted(held, key=lambda one: (ACCOUNTS.index(one[1]), one[0])):
        accounts.setdefault(account, {})[unit] = amount
    return accounts


async def _needs(visit: Visit, queue: dict[str, int]) -> list[Need]:
    """Return what waits, as far as they may see it: a page that is not theirs leads nowhere."""
    needs = []
    if visit.may(say.approvals.approve):
        needs.append(await _to_approve(visit, queue["rewards_in_review"]))
    mine = {page.path for page in nav.shown_to(visit.who)}
    if "/cases" in mine:
        needs.append(Need("cases", queue["cases_open"], "/cases?status=open", "look"))
    if "/payouts" in mine:
        needs.append(Need("payouts", queue["payouts_awaiting_release"], "/payouts?status=awaiting_release", "wait"))
    progress = await visit.glance(see.reports.progress)
    if progress is not None and "/log" in mine:
        needs.append(Need("quarantine", progress.deciding.set_aside, "/log", "look"))
        needs.append(Need("waiting", progress.deciding.waiting, "/log", "wait"))
    return needs


async def _to_approve(visit: Visit, in_review: int) -> Need:
    """Return what they could approve. Of a long queue only how long it is: what stops each is looked at one by one."""
    path = "/rewards?status=in_review"
    if in_review >= MOST:
        return Need("review", in_review, path, "wait")
    ready = await visit.read(see.rewards.queue_list)
    return Need("rewards", len(ready.items), path, "wait", sum(ready.left_out.values()))


async def more(visit: Visit) -> More:
    """Return all pages."""
    return More([Entry(page.title, page.address, page.icon) for page in nav.shown_to(visit.who)])


READS = (
    Read("", "", see.reports.overview, "home.html", home),
    Read("/more", "", see.workspaces.get, "more.html", more),
)
