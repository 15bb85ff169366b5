"""Rewards: the list with its seven facts, and the record of one: what it is decided by, what happened, who looked."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from goodword.app import see
from goodword.app.see.dossiers import Check, Dossier, Happened
from goodword.app.see.log import Proof
from goodword.app.see.parties import Parties
from goodword.app.see.records import Record
from goodword.console import deciding, parts
from goodword.console.deciding import Deciding
from goodword.console.decisions import Decision, decisions
from goodword.console.frame import LIMIT, Read, Visit
from goodword.core.entry import Entry
from goodword.core.events import note_of
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


class Moved(Struct, frozen=True):
    """What was posted, and by which entry of the log."""

    at: int
    position: int
    posting: Posting


class Spoke(Struct, frozen=True, kw_only=True):
    """What a member did with a reward: decided, opened, exported. ``note``: what they typed beside it, for who may read that."""

    at: int
    by: str
    what: str
    position: int | None = None
    seconds: int | None = None
    note: str | None = None


class Reward(Struct, frozen=True, kw_only=True):
    """One reward. ``row``: as the list shows it; the others as ``see.dossiers`` says.

    ``decisions``, ``moved`` and ``proof`` (under the newest signed head) are None for who may not read the log; ``spoken``: decisions
    and looks of members, the newest first; ``members``: their mails by id.
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


async def listed(visit: Visit) -> Rewards:
    """Return a page of the list."""
    filters = visit.filters("status", "program", "beneficiary", "after")
    asked = {name: value for name, value in filters.items() if value is not None}
    page = await visit.read(see.parties.page, **asked, limit=LIMIT)
    programs = await visit.glance(see.programs.every) or []
    rows = [row_of(about) for about in page.items]
    return Rewards(rows, page.after, filters, list(LIFECYCLES["reward"]), [program.slug for program in programs])


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
        deciding=await deciding.of(visit, it),
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
    looks = [Spoke(at=one.at, by=one.by, what=one.what, seconds=one.seconds) for one in it.looks or ()]
    return sorted((*said, *looks), key=lambda one: -one.at)


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


_ONE = Read("/rewards/{reward}", "/rewards", see.dossiers.get, "rewards/detail.html", one)
READS = (Read("/rewards", "/rewards", see.parties.page, "rewards/list.html", listed, live=True), _ONE)
ACTS = deciding.acts(_ONE)
