"""Events: did it arrive, what was decided, why nothing? A list that is looked for in the log, and one event whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from goodword import words
from goodword.app import say, see
from goodword.app.see.events import TYPES, Asked
from goodword.app.see.log import Proof
from goodword.app.see.parties import Party
from goodword.console import parts
from goodword.console.decisions import Decision, decision
from goodword.console.forms import Form
from goodword.console.frame import LIMIT, Act, Read, Visit
from goodword.core import ids
from goodword.core.decision import Verdict
from goodword.core.events import AnyEvent
from goodword.core.ledger import Posting

_FILTERS = ("person", "invoice", "code", "type", "outcome", "source")
_LOOKS = 20  # of an event, the newest
#: What tells most of an entry with several verdicts stands first.
_TELLING = ("earned", "adjusted", "attributed")


class Row(Struct, frozen=True):
    """An event as a row shows it. ``at``: when it was accepted; ``person``: whom it names; ``about``: its code or invoice, by name.

    ``code``: what was decided, or why nothing; ``why``: the same in words; ``more``: further verdicts. ``amounts``: (amount, unit) of
    what was earned by it.
    """

    evt: str
    at: int
    type: str
    source: str
    status: str
    person: Party | None
    about: str | None
    code: str | None
    refused: bool
    why: str
    more: int
    amounts: list[tuple[int, str]]
    position: int | None


class Events(Struct, frozen=True):
    """A page of events. ``waiting``: not decided; ``rows``: decided, the newest first; ``known``: older ones, known by keys.

    ``looked``: entries that were looked through, back to ``back_to``; ``position``: the end of the log.
    """

    waiting: list[Row]
    rows: list[Row]
    known: list[Row]
    position: int
    looked: int
    back_to: int
    after: str | None
    filters: dict[str, str | None]
    types: list[str]


class Rejections(Struct, frozen=True):
    """What was sent and refused of late, the newest first, and what waits for an invoice (``held``).

    ``by``: the name of a key by its id, for who may read keys.
    """

    held: list[see.events.Held]
    rejected: list[see.events.Rejected]
    by: dict[str, str]
    after: str | None
    filters: dict[str, str | None]


class Seen(Struct, frozen=True):
    """Somebody was shown what is masked. ``member``: their address, or id; ``why``: what they typed, for who may read notes."""

    member: str
    at: int
    why: str | None


class One(Struct, frozen=True):
    """An event. ``event``: as it was accepted; ``personal``: what it said of its person, by the names of the fields.

    ``order``: its conversion, which has rewards; ``rewards``: those it decided about. ``proof``: that it is in the log.
    ``mapped``: by which mapping of the workspace's own it was read; ``said``: when it happened, as it was sent, where ``happened`` is
    another time. ``unmasks``: whether the reader may ask to see it; ``shown``: what the fields hold, once, for who has asked.
    """

    row: Row
    sent: str | None
    event: Any
    personal: list[str] | None
    decision: Decision | None
    rewards: list[str]
    postings: list[Posting]
    proof: Proof | None
    waits_for: str | None
    looks: list[Seen]
    unmasks: bool
    mapped: see.events.Mapped | None
    said: see.events.Said | None
    happened: int | None
    shown: dict[str, Any] | None = None


async def one(visit: Visit, shown: dict[str, Any] | None = None) -> One:
    """Return one event."""
    whole = await visit.read(see.events.whole, visit.named("event"))
    entry = whole.row.entry
    proof = await visit.glance(see.log.proof, entry.position) if entry is not None else None
    verdicts = entry.verdicts if entry is not None else ()
    about = [it.subject for it in verdicts if it.subject is not None and it.subject.startswith("rwd_")]
    return One(
        row_of(whole.row, whole.names),
        whole.sent,
        _said(whole.row.event),
        whole.personal,
        decision(entry) if entry is not None else None,
        list(dict.fromkeys(about)),
        list(entry.postings) if entry is not None else [],
        proof,
        whole.row.waits_for,
        await _seen(visit),
        whole.row.entry is not None and bool(whole.personal) and visit.may(say.people.unmask),
        whole.mapped,
        whole.said,
        whole.row.event.occurred_at if whole.row.event is not None else None,
        shown,
    )


async def _seen(visit: Visit) -> list[Seen]:
    """Return who was shown what is masked of an event."""
    found = await visit.glance(see.looking.of, visit.named("event"), limit=_LOOKS)
    looks = [look for look in found.items if look.what == "unmasked"] if found is not None else []
    members = (await visit.glance(see.members.every) or []) if looks else []
    mails = {one.member.id: one.mail or one.member.id for one in members}
    why = await visit.glance(see.notes.texts, [look.note for look in looks if look.note is not None]) or {}
    return [Seen(mails.get(look.by, look.by), look.at, why.get(look.note or "")) for look in looks]


async def unmask(visit: Visit, form: Form) -> One:
    """Show what an event said of its person, to who says why; that is kept first."""
    event, why = visit.named("event"), form.need("why", 500)
    names = (await visit.read(see.events.whole, event)).personal or ()
    shown = await visit.read(say.people.unmask, event, names, why, form.once)
    return await one(visit, shown.values)


async def listed(visit: Visit) -> Events | Rejections:
    """Return a page of the list."""
    if visit.asked("outcome") in ("rejected", "conflict"):
        return await _rejected(visit)
    filters = visit.filters(*_FILTERS, "after")
    asked = Asked(**{name: filters[name] for name in _FILTERS})
    found = await visit.read(see.events.page, asked, after=filters["after"], limit=LIMIT)
    waiting, rows, known = (
        [row_of(row, found.names) for row in some] for some in (found.waiting, found.rows, found.known)
    )
    return Events(
        waiting, rows, known, found.position, found.looked, found.back_to, found.after, filters, sorted(TYPES)
    )


async def _rejected(visit: Visit) -> Rejections:
    filters = visit.filters(*_FILTERS, "after")
    conflicts = filters["outcome"] == "conflict"
    page = await visit.read(see.events.rejected, after=filters["after"], conflicts=conflicts, limit=LIMIT)
    keys = await visit.glance(see.keys.every) or []
    held = await visit.read(see.events.held)
    return Rejections(held, list(page.items), {key.id: key.name or key.kind for key in keys}, page.after, filters)


def _said(event: AnyEvent | None) -> dict[str, Any]:
    """Return what an event says, without the fields that say nothing."""
    if event is None:
        return {}
    said = msgspec.to_builtins(event)
    return {"type": said["type"], **{name: value for name, value in parts.plain(event).items() if name in said}}


def row_of(row: see.events.Row, names: Any) -> Row:
    """Return an event as a row shows it."""
    event, evt, verdicts = row.event, row.evt, row.entry.verdicts if row.entry is not None else ()
    first = min(verdicts, key=_rank, default=None)
    person = getattr(event, "person", None) or getattr(event, "keep", None) or (first.beneficiary if first else None)
    code = getattr(event, "code", None) or getattr(event, "link_code", None)
    about = getattr(event, "invoice", None) or code
    return Row(
        evt,
        event.accepted_at if event is not None else ids.made_at(evt),
        str(event.__struct_config__.tag) if event is not None else "unreadable",
        event.source if event is not None else "",
        row.status,
        Party(person, names.get(person)) if person is not None else None,
        names.get(about, parts.short(about)) if about is not None else None,
        (first.refusal or first.outcome) if first is not None else None,
        first is not None and first.refused,
        _why(first, verdicts),
        max(0, len(verdicts) - 1),
        _earned(verdicts),
        row.entry.position if row.entry is not None else None,
    )


def _rank(verdict: Verdict) -> int:
    if verdict.outcome in _TELLING:
        return _TELLING.index(verdict.outcome)
    return len(_TELLING) + verdict.refused


def _why(verdict: Verdict | None, verdicts: Sequence[Verdict]) -> str:
    """What is said of an event in a line: to the company, whoever earns by it."""
    if verdict is None:
        return ""
    if verdict.outcome == "earned":
        n = sum(each.outcome == "earned" for each in verdicts)
        until = next((step.values["until"] for step in verdict.steps if step.code == "hold"), None)
        held = "free" if until is None else "held"
        said = {"n": n, "until": parts.day(until) if until is not None else ""}
        return words.page(f"events.{held}.{'one' if n == 1 else 'more'}", **said)
    return words.refusal(verdict.refusal) if verdict.refusal is not None else words.sentences(verdict).beneficiary


def _earned(verdicts: Sequence[Verdict]) -> list[tuple[int, str]]:
    sums: dict[str, int] = {}
    for verdict in verdicts:
        if verdict.outcome == "earned" and verdict.unit is not None:
            sums[verdict.unit] = sums.get(verdict.unit, 0) + (verdict.amount or 0)
    return [(amount, unit) for unit, amount in sorted(sums.items())]


_LIST = Read("/events", "/events", see.events.page, "events/list.html", listed)
_ONE = Read("/events/{event}", "/events", see.events.whole, "events/detail.html", one)
READS = (_LIST, _ONE)
ACTS = (Act("/events/{event}/unmask", _ONE, say.people.unmask, unmask, "events/detail.html"),)
