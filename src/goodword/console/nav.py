"""The one list of pages that the side bar leads to. Must not know: what stands on a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from goodword.app import see
from goodword.app.principal import Principal, action_of

#: Where all pages of the console lie.
ROOT = "/console"


class Page(NamedTuple):
    """A page of the side bar.

    ``key``: the letter that goes there, behind g; ``use_case``: what it reads, which says who is shown it; ``group``: the heading that
    it stands under; ``waits``: its name in the queue, of a page on which things wait; ``waiting``: the query that shows
    them, where the page does not open with them.
    """

    title: str
    path: str
    key: str
    icon: str
    use_case: Callable[..., Any]
    group: str = ""
    waits: str | None = None
    waiting: str = ""

    @property
    def address(self) -> str:
        """Where it is."""
        return ROOT + self.path


PAGES = (
    Page("Home", "", "h", "home", see.reports.overview),
    Page("Rewards", "/rewards", "r", "rewards", see.parties.page, waits="rewards_in_review"),
    Page("Cases", "/cases", "c", "cases", see.cases.page, waits="cases_open"),
    Page(
        "Payouts",
        "/payouts",
        "p",
        "payouts",
        see.payouts.page,
        "",
        "payouts_awaiting_release",
        "?status=awaiting_release",
    ),
    Page("Claims", "/claims", "q", "split", see.claims.page),
    Page("Inbox", "/inbox", "1", "people", see.disputes.inbox, waits="persons_waiting"),
    Page("Deals", "/deals", "d", "share", see.deals.page),
    Page("Events", "/events", "v", "events", see.events.page, "Records"),
    Page("Quarantine", "/quarantine", "x", "pause", see.events.aside, "Records"),
    Page("Sources", "/sources", "t", "pace", see.sources.every, "Records"),
    Page("People", "/people", "e", "people", see.people.get, "Records"),
    Page("Type a code", "/leads/new", "w", "lead", see.events.page, "Records"),
    Page("Referrals", "/referrals", "f", "referrals", see.referrals.newest, "Records"),
    Page("Conversions", "/conversions", "o", "invoice", see.conversions.newest, "Records"),
    Page("Ledger", "/ledger", "b", "ledger", see.ledger.balances, "Records"),
    Page("Imports", "/imports", "n", "download", see.events.page, "Records"),
    Page("Log", "/log", "l", "log", see.log.page, "Records"),
    Page("Programs", "/programs", "m", "programs", see.programs.every, "Rules"),
    Page("Figures", "/figures", "i", "figures", see.reports.overview, "Rules"),
    Page("Members", "/settings/members", "s", "members", see.members.every, "Settings"),
    Page("Messages", "/settings/texts", "2", "mail", see.texts.every, "Settings", "messages_waiting"),
    Page("Routing", "/settings/routing", "z", "split", see.routing.whole, "Settings"),
    Page("Codes", "/settings/codes", "k", "gift", see.stocks.whole, "Settings"),
    Page("Standing approvals", "/settings/standing", "g", "tick", see.standing.whole, "Settings"),
    Page("Keys", "/settings/keys", "y", "lock", see.keys.every, "Settings"),
    Page("Own system", "/settings/own-system", "j", "share", see.own_system.one, "Settings"),
    Page("Webhooks", "/settings/webhooks", "a", "share", see.webhooks.every, "Settings"),
    Page("Your account", "/settings", "u", "settings", see.sessions.mine, "Settings"),
)


def shown_to(who: Principal) -> list[Page]:
    """Return the pages that somebody may look at."""
    return [page for page in PAGES if who.may(action_of(page.use_case))]
