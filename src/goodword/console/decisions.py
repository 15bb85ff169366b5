"""Decisions in words, as pages show them: of an entry of the log what was said, to whom it concerns and to finance."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from goodword import words
from goodword.core.decision import Verdict
from goodword.core.entry import Entry, own


class Said(Struct, frozen=True):
    """A verdict in words. ``code``: its outcome, or the refusal."""

    code: str
    refused: bool
    subject: str | None
    beneficiary: str
    finance: str
    steps: list[str]


class Decision(Struct, frozen=True):
    """An entry of the log by what it said about a thing. ``type``: its event's; ``actor``: who acted, if anybody did."""

    position: int
    evt: str
    type: str
    as_of: int
    actor: str | None
    said: list[Said]


def decisions(id_: str, entries: Sequence[Entry]) -> list[Decision]:
    """Return what was decided about a thing: of each entry that says something of it what concerns it alone."""
    said: dict[int, list[Said]] = {}
    for entry, verdict in own(id_, entries):
        said.setdefault(entry.position, []).append(_said(verdict))
    return [decision(entry, said[entry.position]) for entry in entries if entry.position in said]


def of_subject(id_: str, entries: Sequence[Entry]) -> list[Decision]:
    """Return what was said of a payout or a case, or of the whole list that it was in, without what its rewards went through."""
    said = {
        entry.position: [_said(it) for it in entry.verdicts if it.subject in (id_, None, entry.event.evt)]
        for entry in entries
    }
    return [decision(entry, said[entry.position]) for entry in entries if said[entry.position]]


def decision(entry: Entry, said: list[Said] | None = None) -> Decision:
    """Return an entry in words: all that it said, unless that is given."""
    actor = entry.facts.actor
    told = said if said is not None else [_said(verdict) for verdict in entry.verdicts]
    return Decision(entry.position, entry.event.evt, type_of(entry), entry.as_of, actor.id if actor else None, told)


def type_of(entry: Entry) -> str:
    """Return the type of an entry's event."""
    return str(entry.event.__struct_config__.tag)


def _said(verdict: Verdict) -> Said:
    told = words.sentences(verdict)
    code = verdict.refusal or verdict.outcome
    return Said(
        code, verdict.refused, verdict.subject, told.beneficiary, told.finance, [sentence for _, sentence in told.steps]
    )
