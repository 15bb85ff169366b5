"""From what the core decided to what the API gives: a command's answer is its decision, or a problem if nothing was done."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from goodword.api import models
from goodword.api.errors import refused
from goodword.core import calendar
from goodword.core.entry import Entry

_TIMES = frozenset(
    [
        "as_of",
        "occurred_at",
        "created_at",
        "enrolled_at",
        "lead_at",
        "touch_at",
        "opened_at",
        "decided_at",
        "earned_at",
        "hold_until",
        "approved_at",
        "due_at",
        "drafted_at",
        "revoked_at",
    ]
)


def shown(value: Struct, *names: str) -> dict[str, Any]:
    """A struct as JSON shows it: the named fields, or all; instants as text."""
    found: dict[str, Any] = msgspec.to_builtins(value)
    wanted = names or value.__struct_fields__
    return {name: _time(name, found.get(name, getattr(value, name))) for name in wanted}


def _time(name: str, value: Any) -> Any:
    return calendar.text(value) if name in _TIMES and isinstance(value, int) else value


def decision(entry: Entry) -> models.Decision:
    """An entry of the log."""
    actor = entry.facts.actor
    return models.Decision(
        evt=entry.event.evt,
        type=str(entry.event.__struct_config__.tag),
        position=entry.position,
        as_of=calendar.text(entry.as_of),
        occurred_at=calendar.text(entry.event.occurred_at),
        actor=actor.id if actor else None,
        verdicts=[models.Verdict(**msgspec.to_builtins(verdict)) for verdict in entry.verdicts],
        postings=msgspec.to_builtins(entry.postings),
    )


def done(entry: Entry) -> models.Decision:
    """The decision of a command. Raises ProblemError if everything was refused."""
    problem = refused(entry)
    if problem is not None:
        raise problem
    return decision(entry)
