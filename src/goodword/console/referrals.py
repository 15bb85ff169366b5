"""Referrals: the list, and one with the touches that were looked at, its rules, and what came of it."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import see
from goodword.app.see.referrals import Asked, Bond, Record
from goodword.console import people
from goodword.console.decisions import Decision, decisions
from goodword.console.frame import LIMIT, Read, Visit
from goodword.console.rewards import Row, row_of
from goodword.core.lifecycles import LIFECYCLES


class Referrals(Struct, frozen=True):
    """The list, the newest first. ``programs``: slugs; ``after``: the cursor of the next page."""

    referrals: list[Bond]
    after: str | None
    filters: dict[str, str | None]
    statuses: list[str]
    programs: list[str]


class One(Struct, frozen=True):
    """A referral. ``decisions`` is None for who may not read the log; ``names``: of the people whom its proofs name."""

    record: Record
    rewards: list[Row]
    decisions: list[Decision] | None
    names: dict[str, str]


async def listed(visit: Visit) -> Referrals:
    """Return a page of the list."""
    filters = visit.filters("status", "program", "friend", "advocate", "after")
    asked = Asked(filters["status"], filters["program"], filters["friend"], filters["advocate"])
    page = await visit.read(see.referrals.newest, asked, after=filters["after"] or "", limit=LIMIT)
    programs = [program.slug for program in await visit.glance(see.programs.every) or []]
    return Referrals(list(page.items), page.after, filters, list(LIFECYCLES["referral"]), programs)


async def one(visit: Visit) -> One:
    """Return one referral."""
    record = await visit.read(see.referrals.get, visit.named("referral"))
    entries = await visit.glance(see.explanations.decisions, record.bond.id)
    said = None if entries is None else decisions(record.bond.id, entries)
    return One(
        record,
        [row_of(about) for about in record.rewards],
        said,
        await people.named(visit, record.bond.referral.proofs),
    )


READS = (
    Read("/referrals", "/referrals", see.referrals.newest, "referrals/list.html", listed),
    Read("/referrals/{referral}", "/referrals", see.referrals.get, "referrals/detail.html", one),
)
