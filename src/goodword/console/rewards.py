"""Rewards: the queue of those in review, the list of all others with their seven facts, and the record of one."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from goodword.app import say, see
from goodword.app.see.audits import Audited
from goodword.app.see.behind import Behind
from goodword.app.see.dossiers import Check, Dossier, Happened
from goodword.app.see.latest import Decided
from goodword.app.see.log import Proof
from goodword.app.see.parties import Parties
from goodword.app.see.queue import SORTS
from goodword.app.see.records import Named, Record
from goodword.console import deciding, parts, picked
from goodword.console.deciding import Deciding, Undo
from goodword.console.decisions import Decision, decisions
from goodword.console.frame import LIMIT, Read, Visit
from goodword.core.entry import Entry
from goodword.core.events import note_of
from goodword.core.ledger import Posting
from goodword.core.lifecycles import LIFECYCLES
from goodword.core.priority import Part

#: The tabs: what is to be decided first; ``all`` is every state.
TABS = ("in_review", *(status for status in LIFECYCLES["reward"] if status != "in_review"), "all")


class Waits(Struct, frozen=True, kw_only=True):
    """What of a reward in review says how it asks for somebody; see ``see.queue.Row``. ``left``: whole days, below nought: late.

    ``cause``: of one that is late, for what it waits.
    """

    left: int
    cause: str | None
    points: int
    parts: tuple[Part, ...]
    refusal: str | None
    second: bool
    could: tuple[Named, ...]
    snoozed_until: int | None


class Row(Struct, frozen=True):
    """A reward with what its columns say, as codes; see ``parts``. ``waits``: of one in the queue; ``decided``: where that is asked."""

    about: Parties
    eligibility: str
    approval: str
    payment: str
    waits: Waits | None = None
    decided: Decided | None = None


class Now(Struct, frozen=True):
    """What became of rewards that somebody's open page shows as they were."""

    rewards: list[Row]


class Rewards(Struct, frozen=True):
    """The list. ``programs``: slugs; ``after``: the cursor of the next page; ``counts``: by state, each up to ``most``.

    ``sums``: unit -> what the tab comes to, of its first ``most``; None where that is not counted. ``queue``: it is the queue;
    ``deeds``: what the reader may say of several at once; ``undo``: what they approved just now;
    ``aside``: how many of those in review are put aside, up to ``most``; ``at_once``: how many a list takes; ``mine``: unit -> up to
    how much the reader approves alone, for a list and for one payee a day; None: they have no limit, or approve nothing.
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
    undo: Undo | None
    aside: int
    mine: dict[str, int] | None
    at_once: int = picked.MOST


class Moved(Struct, frozen=True):
    """What was posted, and by which entry of the log."""

    at: int
    position: int
    posting: Posting


class Spoke(Struct, frozen=True, kw_only=True):
    """What a member did with a reward: decided it, or ``looked`` at it. ``note``: what they typed, for who may read that."""

    at: int
    by: str
    what: str
    position: int | None = None
    seconds: int | None = None
    looked: bool = False
    note: str | None = None


class Reward(Struct, frozen=True, kw_only=True):
    """One reward. ``row``: as the list shows it; the others as ``see.dossiers`` says.

    ``decisions``, ``moved`` and ``proof`` (under the newest signed head) are None for who may not read the log; ``spoken``: decisions
    and looks of members, the newest first; ``members``: their mails by id. ``behind``: what is behind the code that its
    payout brought; ``audit``: its seven points; ``disputes``: cases in which a person says that it is not right.
    """

    row: Row
    record: Record
    checks: tuple[Check, ...]
    opened: bool
    opened_at: int | None
    happened: tuple[Happened, ...]
    follows: tuple[Posting, ...]
    moved: list[Moved] | None
    decisions: list[Decision] | None
    position: int | None
    proof: Proof | None
    spoken: list[Spoke]
    members: dict[str, str]
    now_at: int
    deciding: Deciding | None
    undo: Undo | None
    may_correct: bool
    behind: Behind | None
    audit: Audited
    disputes: tuple[str, ...]


async def listed(visit: Visit) -> Rewards:
    """Return a page: of the queue, of another state, of a person's, or what a search finds."""
    filters = visit.filters(
        "status", "q", "program", "unit", "risk", "payee", "mine", "aside", "sort", "beneficiary", "after"
    )
    tab = filters["status"] or ("all" if filters["beneficiary"] or filters["q"] else "in_review")
    if filters["q"]:
        found = await visit.read(see.queue.find, filters["q"])
        rows, after = [row_of(about) for about in found], None
    elif tab == "in_review" and not filters["beneficiary"]:
        rows, after = await _queue(visit, filters)
    else:
        rows, after = await _others(visit, tab, filters)
    deeds = picked.deeds(visit)
    summed = tab in see.queue.OPEN and not any(
        filters[name] for name in ("unit", "risk", "payee", "mine", "aside", "beneficiary")
    )
    totals = await visit.read(see.queue.totals, program=filters["program"], held=tab if summed else None)
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
        totals.held,
        list(SORTS),
        deeds,
        await deciding.undo(visit),
        totals.aside,
        visit.who.actor.limits if "approve" in deeds else None,
    )


async def _queue(visit: Visit, filters: dict[str, str | None]) -> tuple[list[Row], str | None]:
    asked, sort = picked.asked_of(filters)
    page = await visit.read(see.queue.page, asked, sort=sort, after=filters["after"] or "", limit=LIMIT)
    rows = [
        row_of(
            row.about,
            Waits(
                left=-row.late,
                cause=row.cause,
                points=row.points,
                parts=row.parts,
                refusal=row.refusal,
                second=row.second,
                could=row.could,
                snoozed_until=row.about.reward.snoozed_until if filters["aside"] else None,
            ),
        )
        for row in page.items
    ]
    return rows, page.after


async def _others(visit: Visit, tab: str, filters: dict[str, str | None]) -> tuple[list[Row], str | None]:
    asked = {name: filters[name] for name in ("program", "beneficiary", "after") if filters[name] is not None}
    page = await visit.read(see.parties.page, status=None if tab == "all" else tab, **asked, limit=LIMIT)
    return [row_of(about) for about in page.items], page.after


async def now(visit: Visit) -> Now:
    """Return some rewards as they are now, with who decided last about each, and when: the first of a page. Raises UnknownError."""
    ids = visit.request.query_params.getlist("id")[:LIMIT]
    decided = await visit.read(see.latest.decided, ids)
    return Now([row_of(it, decided=decided.get(it.id)) for it in await visit.read(see.parties.each, ids)])


async def one(visit: Visit) -> Reward:
    """Return the record of one reward."""
    it = await visit.read(see.dossiers.get, visit.named("reward"))
    about, entries = it.record.about, it.entries or ()
    position = next((entry.position for entry in entries if entry.event.evt == about.reward.evt), None)
    notes = await visit.glance(see.notes.beside, entries) or {}
    return Reward(
        row=row_of(about),
        record=it.record,
        checks=it.checks,
        opened=it.opened,
        opened_at=it.opened_at,
        happened=it.happened,
        follows=it.follows,
        moved=None if it.entries is None else _moved(about.id, entries),
        decisions=None if it.entries is None else decisions(about.id, entries),
        position=position,
        proof=await visit.read(see.log.proof, position) if position is not None else None,
        spoken=_spoken(it, {entry.position: notes.get(note_of(entry.event) or "") for entry in entries}),
        members=it.members,
        now_at=it.now_at,
        disputes=it.disputes,
        deciding=await deciding.of(visit, it),
        undo=await deciding.undo(visit),
        may_correct=visit.may(say.corrections.enter),
        behind=await visit.glance(see.codes.behind, about.payout.id) if about.payout is not None else None,
        audit=await visit.read(see.audits.of, about.id),
    )


def _moved(reward: str, entries: Sequence[Entry]) -> list[Moved]:
    return [
        Moved(entry.as_of, entry.position, posting)
        for entry in entries
        for posting in entry.postings
        if posting.reward == reward
    ]


def _spoken(it: Dossier, notes: dict[int, str | None]) -> list[Spoke]:
    said = [
        Spoke(at=one.at, by=one.by, what=one.code, position=one.position, note=notes.get(one.position or 0))
        for one in it.happened
        if one.by is not None
    ]
    looks = [Spoke(at=one.at, by=one.by, what=one.what, seconds=one.seconds, looked=True) for one in it.looks or ()]
    return sorted((*said, *looks), key=lambda one: -one.at)


def row_of(about: Parties, waits: Waits | None = None, decided: Decided | None = None) -> Row:
    """Return a reward as a row shows it."""
    reward = about.reward
    status = about.payout.status if about.payout is not None else None
    return Row(
        about,
        parts.eligibility(reward),
        parts.approval(reward),
        parts.payment(reward, status, about.waits_for),
        waits,
        decided,
    )


_ONE = Read("/rewards/{reward}", "/rewards", see.dossiers.get, "rewards/detail.html", one, live=True)
READS = (
    Read("/rewards", "/rewards", see.parties.page, "rewards/list.html", listed, live=True),
    Read("/rewards/now", "/rewards", see.latest.decided, "rewards/now.html", now),
    deciding.CLEARED,
    _ONE,
)
ACTS = deciding.acts(_ONE)
