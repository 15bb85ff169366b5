"""Rewards: the queue of those in review, the list of all others with their seven facts, and one with why it is what it is."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import see
from goodword.app.see.parties import Parties
from goodword.app.see.queue import SORTS
from goodword.console import deciding, parts, picked
from goodword.console.deciding import Deciding
from goodword.console.decisions import Decision, decisions
from goodword.console.frame import LIMIT, Read, Visit
from goodword.core.ledger import Posting
from goodword.core.lifecycles import LIFECYCLES
from goodword.core.priority import Part

#: The tabs: what is to be decided first; ``all`` is every state.
TABS = ("in_review", *(status for status in LIFECYCLES["reward"] if status != "in_review"), "all")


class Waits(Struct, frozen=True, kw_only=True):
    """What of a reward in review says how it asks for somebody; see ``see.queue.Row``. ``left``: whole days, below nought: late."""

    left: int
    points: int
    parts: tuple[Part, ...]
    refusal: str | None
    second: bool


class Row(Struct, frozen=True):
    """A reward with what its columns say, as codes; see ``parts``. ``waits``: of one in the queue."""

    about: Parties
    eligibility: str
    approval: str
    payment: str
    waits: Waits | None = None


class Rewards(Struct, frozen=True):
    """The list. ``programs``: slugs; ``after``: the cursor of the next page; ``counts``: by state, each up to ``most``.

    ``sums``: unit -> what the tab comes to, of its first ``most``; None where that is not counted. ``queue``: it is the queue;
    ``deeds``: what the reader may say of several at once.
    """

    rewards: list[Row]
    after: str | None
    filters: dict[str, str | None]
    statuses: list[str]
    programs: list[str]
    tab: str
    queue: bool
    counts: dict[str, int]
    most: int
    sums: dict[str, int] | None
    sorts: list[str]
    deeds: list[str]


class Reward(Struct, frozen=True):
    """One reward. ``decisions`` and ``postings`` are None for who may not read the log."""

    row: Row
    decisions: list[Decision] | None
    postings: list[Posting] | None
    deciding: Deciding | None


async def listed(visit: Visit) -> Rewards:
    """Return a page: of the queue, of another state, of a person's, or what a search finds."""
    filters = visit.filters("status", "q", "program", "unit", "risk", "payee", "mine", "sort", "beneficiary", "after")
    tab = filters["status"] or ("all" if filters["beneficiary"] or filters["q"] else "in_review")
    if filters["q"]:
        found = await visit.read(see.queue.find, filters["q"])
        rows, after = [row_of(about) for about in found], None
    elif tab == "in_review" and not filters["beneficiary"]:
        rows, after = await _queue(visit, filters)
    else:
        rows, after = await _others(visit, tab, filters)
    totals = await visit.read(see.queue.totals, program=filters["program"])
    summed = tab in totals.counts and not any(
        filters[name] for name in ("unit", "risk", "payee", "mine", "beneficiary")
    )
    return Rewards(
        rows,
        after,
        filters,
        list(TABS),
        [program.slug for program in await visit.glance(see.programs.every) or []],
        tab,
        tab == "in_review" and not filters["beneficiary"],
        totals.counts,
        totals.most,
        await visit.read(see.queue.held, tab, program=filters["program"]) if summed else None,
        list(SORTS),
        picked.deeds(visit),
    )


async def _queue(visit: Visit, filters: dict[str, str | None]) -> tuple[list[Row], str | None]:
    asked, sort = picked.asked_of(filters)
    page = await visit.read(see.queue.page, asked, sort=sort, after=filters["after"] or "", limit=LIMIT)
    rows = [
        row_of(
            row.about,
            Waits(left=-row.late, points=row.points, parts=row.parts, refusal=row.refusal, second=row.second),
        )
        for row in page.items
    ]
    return rows, page.after


async def _others(visit: Visit, tab: str, filters: dict[str, str | None]) -> tuple[list[Row], str | None]:
    asked = {name: filters[name] for name in ("program", "beneficiary", "after") if filters[name] is not None}
    page = await visit.read(see.parties.page, status=None if tab == "all" else tab, **asked, limit=LIMIT)
    return [row_of(about) for about in page.items], page.after


async def one(visit: Visit) -> Reward:
    """Return one reward."""
    id_ = visit.named("reward")
    row = row_of(await visit.read(see.parties.get, id_))
    may = await deciding.of(visit, row.about.reward)
    entries = await visit.glance(see.explanations.decisions, id_)
    if entries is None:
        return Reward(row, None, None, may)
    moved = [posting for entry in entries for posting in entry.postings if posting.reward == id_]
    return Reward(row, decisions(id_, entries), moved, may)


def row_of(about: Parties, waits: Waits | None = None) -> Row:
    """Return a reward as a row shows it."""
    reward = about.reward
    status = about.payout.status if about.payout is not None else None
    return Row(
        about,
        parts.eligibility(reward),
        parts.approval(reward),
        parts.payment(reward, status, about.waits_for),
        waits,
    )


_ONE = Read("/rewards/{reward}", "/rewards", see.parties.get, "rewards/detail.html", one)
READS = (Read("/rewards", "/rewards", see.parties.page, "rewards/list.html", listed, live=True), _ONE)
ACTS = deciding.acts(_ONE)
