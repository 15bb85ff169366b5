"""Rewards: the list with its seven facts, and one with why it is what it is."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import see
from goodword.app.see.parties import Parties
from goodword.console import deciding, parts
from goodword.console.deciding import Deciding
from goodword.console.decisions import Decision, decisions
from goodword.console.frame import LIMIT, Read, Visit
from goodword.core.ledger import Posting
from goodword.core.lifecycles import LIFECYCLES


class Row(Struct, frozen=True):
    """A reward with what its columns say, as codes; see ``parts``."""

    about: Parties
    eligibility: str
    approval: str
    payment: str


class Rewards(Struct, frozen=True):
    """The list. ``programs``: slugs; ``after``: the cursor of the next page."""

    rewards: list[Row]
    after: str | None
    filters: dict[str, str | None]
    statuses: list[str]
    programs: list[str]


class Reward(Struct, frozen=True):
    """One reward. ``decisions`` and ``postings`` are None for who may not read the log."""

    row: Row
    decisions: list[Decision] | None
    postings: list[Posting] | None
    deciding: Deciding | None


async def listed(visit: Visit) -> Rewards:
    """Return a page of the list."""
    filters = visit.filters("status", "program", "beneficiary", "after")
    asked = {name: value for name, value in filters.items() if value is not None}
    page = await visit.read(see.parties.page, **asked, limit=LIMIT)
    programs = await visit.glance(see.programs.every) or []
    rows = [row_of(about) for about in page.items]
    return Rewards(rows, page.after, filters, list(LIFECYCLES["reward"]), [program.slug for program in programs])


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


def row_of(about: Parties) -> Row:
    """Return a reward as a row shows it."""
    reward = about.reward
    status = about.payout.status if about.payout is not None else None
    return Row(
        about,
        parts.eligibility(reward),
        parts.approval(reward),
        parts.payment(reward, status, about.waits_for),
    )


_ONE = Read("/rewards/{reward}", "/rewards", see.parties.get, "rewards/detail.html", one)
READS = (Read("/rewards", "/rewards", see.parties.page, "rewards/list.html", listed, live=True), _ONE)
ACTS = deciding.acts(_ONE)
