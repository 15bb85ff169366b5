"""All that stands on the page of one reward: its record, what is open to be looked at, what happened, what would follow, who looked.

Pages and the API show the same; each reads one reward, whatever the history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.see.explanations import About
from goodword.app.see.paging import FrozenList
from goodword.app.see.records import Made, Record
from goodword.core import entry as log_entry
from goodword.core import ledger
from goodword.core.entry import Entry
from goodword.core.kinds.signals import families
from goodword.core.ledger import Posting
from goodword.core.state import Case, Look, Mark, Reward
from goodword.store import entities, pages

#: Looks that are shown: the newest.
LOOKS = 50


class Check(Struct, frozen=True, kw_only=True):
    """A flag that was raised on the reward. ``evidence``: what it has seen; empty for who may not read the case that holds it."""

    code: str
    family: str
    severity: str
    at: int
    case: str | None
    evidence: dict[str, Any]


class Happened(Struct, frozen=True, kw_only=True):
    """Something that happened, or (``planned``) is to. ``by``: the member who did it; ``position``: where it stands in the log."""

    code: str
    at: int
    by: str | None = None
    position: int | None = None
    planned: bool = False


class Dossier(Struct, frozen=True, kw_only=True):
    """``opened``: whether nothing keeps the reader from approving because they did not look; ``opened_at``: when they looked last.

    ``frozen``: what a decision sends back.
    ``happened``: the oldest first, what is planned behind it. ``follows``: what an approval would post. ``looks`` are None for who may
    not read them, ``entries``, those that decided about it, for who may not read the log. ``members``: their mails, by id;
    ``now_at``: what the workspace's clock shows; ``disputes``: what persons said of it, or of its referral, for who may read cases.
    """

    record: Record
    frozen: FrozenList
    checks: tuple[Check, ...]
    opened: bool
    opened_at: int | None
    happened: tuple[Happened, ...]
    follows: tuple[Posting, ...]
    looks: tuple[Look, ...] | None
    entries: tuple[Entry, ...] | None
    members: dict[str, str]
    now_at: int
    disputes: tuple[str, ...] = ()


@requires("reward.read")
async def get(who: Principal, directory: Directory, reward: str) -> Dossier:
    """Return the dossier of one reward. Raises UnknownError."""
    async with directory.snapshot() as conn:
        ws = who.workspace.id
        made = await Made.of(conn, who, directory, reward)
        entries = await About(conn, ws).entries(made.reward) if who.may("log.read") else None
        cases = await _cases(conn, who, made.reward)
        about = [it for it in (reward, made.reward.referral) if it]
        disputed = await entities.of(conn, ws, (Case, "disputed"), about) if who.may("case.read") else []
        looks = await pages.looks(conn, ws, reward, after="", limit=LOOKS)
    record, it, now = made.record(), made.reward, made.draft.as_of
    mine = next((look.at for look in looks if look.by == who.actor.id and look.what == "opened"), None)
    return Dossier(
        record=record,
        frozen=made.frozen(),
        checks=_checks(it.marks, cases),
        opened=not it.marks or who.actor.id in it.opened_by,
        opened_at=mine if who.actor.id in it.opened_by else None,
        happened=_happened(record, entries or (), now),
        follows=tuple(ledger.approved(it)) if it.status in ("pending", "in_review") else (),
        looks=tuple(looks) if who.may("record.read") else None,
        entries=tuple(entries) if entries is not None else None,
        members=dict(made.mails),
        now_at=now,
        disputes=tuple(sorted(it.id for it in disputed if isinstance(it, Case))),
    )


async def _cases(conn: asyncpg.Connection, who: Principal, it: Reward) -> Mapping[str, Case]:
    named = {mark.case for mark in it.marks if mark.case is not None}
    if not named or not who.may("case.read"):
        return {}
    return {case.id: case for case in await entities.load(conn, who.workspace.id, Case, named)}


def _checks(marks: Iterable[Mark], cases: Mapping[str, Case]) -> tuple[Check, ...]:
    """Each flag once, as it was raised last; the gravest first."""
    found: dict[str, Check] = {}
    for mark in marks:
        sort, case = families.sort(mark.code), cases.get(mark.case or "")
        seen = {flag.code: flag.evidence for flag in case.flags} if case is not None else {}
        found[mark.code] = Check(
            code=mark.code,
            family=sort.family,
            severity=sort.severity,
            at=mark.at,
            case=mark.case,
            evidence=mark.evidence or seen.get(mark.code, {}),
        )
    return tuple(sorted(found.values(), key=lambda one: -families.SEVERITIES.index(one.severity)))


def _happened(record: Record, entries: Sequence[Entry], now: int) -> tuple[Happened, ...]:
    it, facts = record.about.reward, {fact.code: fact for fact in record.inputs}
    brought, order = facts["referral_record"], facts["conversion_event"]
    found = [
        Happened(code="clicked", at=brought.values.get("touch_at") or 0),
        Happened(code="brought", at=brought.values.get("lead_at") or 0, position=brought.position),
        Happened(code="ordered", at=order.values.get("at") or 0, position=order.position),
        *(Happened(code="flagged", at=at) for at in dict.fromkeys(mark.at for mark in it.marks)),
        *_said(it.id, entries),
    ]
    if not entries:
        found += [Happened(code="earned", at=it.earned_at), Happened(code="approved", at=it.approved_at or 0)]
    held = it.status == "pending" and it.hold_until > now
    found.append(Happened(code="hold_over", at=it.hold_until, planned=held))
    if it.status in ("pending", "in_review"):
        found.append(Happened(code="promised", at=record.decide_by, planned=True))
    if it.status == "approved" and it.due_at is not None:
        found.append(Happened(code="due", at=it.due_at, planned=True))
    kept = (one for one in found if one.at and (one.planned or one.at <= now))
    return tuple(sorted(kept, key=lambda one: (one.planned, one.at)))


def _said(reward: str, entries: Sequence[Entry]) -> Iterable[Happened]:
    """What was decided of it and not refused, each outcome of an entry once."""
    seen = set()
    for entry, verdict in log_entry.own(reward, entries):
        if verdict.refused or (entry.position, verdict.outcome) in seen:
            continue
        seen.add((entry.position, verdict.outcome))
        actor = entry.facts.actor
        by = actor.id if actor is not None and actor.kind == "member" else None
        yield Happened(code=verdict.outcome, at=entry.as_of, by=by, position=entry.position)
