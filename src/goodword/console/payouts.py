"""Payouts: what was drafted, released and sent; the list, and one with the rewards that it pays."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import see
from goodword.console.decisions import Decision, of_subject
from goodword.console.frame import LIMIT, Read, Visit
from goodword.console.rewards import Row as RewardRow
from goodword.console.rewards import row_of as rewards_row
from goodword.core.lifecycles import LIFECYCLES
from goodword.core.state import Payout

MOST = 200  # rewards that are shown of a payout


class Row(Struct, frozen=True):
    """A payout with its payee as the reader may see them: ``name``, and the ``last`` characters of the account."""

    payout: Payout
    name: str | None
    last: str | None


class Payouts(Struct, frozen=True):
    """The list. ``after``: the cursor of the next page."""

    payouts: list[Row]
    after: str | None
    filters: dict[str, str | None]
    statuses: list[str]


class One(Struct, frozen=True):
    """A payout with the rewards that it pays. ``decisions`` is None for who may not read the log."""

    row: Row
    rewards: list[RewardRow]
    decisions: list[Decision] | None


async def listed(visit: Visit) -> Payouts:
    """Return a page of the list."""
    filters = visit.filters("status", "after")
    page = await visit.read(see.payouts.page, status=filters["status"], after=filters["after"] or "", limit=LIMIT)
    about = await visit.read(see.payouts.to_release, [payout.id for payout in page.items])
    rows = [Row(payout, it.name, it.last) for payout, it in zip(page.items, about.shown, strict=True)]
    return Payouts(rows, page.after, filters, list(LIFECYCLES["payout"]))


async def one(visit: Visit) -> One:
    """Return one payout."""
    id_ = visit.named("payout")
    payout = await visit.read(see.payouts.get, id_)
    shown = (await visit.read(see.payouts.to_release, [id_])).shown[0]
    rewards = await visit.read(see.parties.each, [part.reward for part in payout.parts[:MOST]])
    entries = await visit.glance(see.explanations.decisions, id_)
    said = None if entries is None else of_subject(id_, entries)
    return One(Row(payout, shown.name, shown.last), [rewards_row(about) for about in rewards], said)


READS = (
    Read("/payouts", "/payouts", see.payouts.page, "payouts/list.html", listed, live=True),
    Read("/payouts/{payout}", "/payouts", see.payouts.get, "payouts/detail.html", one),
)
