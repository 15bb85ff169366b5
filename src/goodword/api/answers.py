"""From what the core decided to what the API gives: a command's answer is its decision, or a problem if nothing was done."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from goodword.api import bodies, models
from goodword.api.errors import refused
from goodword.app.errors import UnknownError
from goodword.app.say.said import Preview
from goodword.app.see.paging import FrozenList
from goodword.app.see.previews import RulesPreview
from goodword.core import calendar, rules
from goodword.core.decision import Verdict
from goodword.core.entry import Entry, own
from goodword.core.events import Item, ProgramPublished, note_of
from goodword.core.rules import Rules
from goodword.sources import rule_file
from goodword.words import sentences

_TIMES = frozenset(
    [
        "as_of",
        "since",
        "occurred_at",
        "created_at",
        "enrolled_at",
        "lead_at",
        "touch_at",
        "opened_at",
        "decided_at",
        "decide_by",
        "stops_at",
        "appealed_at",
        "appeal_until",
        "earned_at",
        "hold_until",
        "approved_at",
        "due_at",
        "ended_at",
        "expires_at",
        "made_at",
        "drafted_at",
        "revoked_at",
        "asked_at",
        "changed_at",
        "snoozed_until",
        "rests_until",
        "old_secret_until",
    ]
)


def shown(value: Struct, *names: str) -> dict[str, Any]:
    """Return a struct as JSON shows it: the named fields, or all; instants as text."""
    values: dict[str, Any] = msgspec.to_builtins(value)
    wanted = names or value.__struct_fields__
    return {name: _time(name, values.get(name, getattr(value, name))) for name in wanted}


def whole(value: Any, name: str = "") -> Any:
    """Return a value with all within it as JSON shows it: structs by the names of their fields, instants as text."""
    if isinstance(value, Struct):
        return {field: whole(getattr(value, field), field) for field in value.__struct_fields__}
    if isinstance(value, dict):
        return {key: whole(each, key) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [whole(each) for each in value]
    return _time(name, value)


def _time(name: str, value: Any) -> Any:
    return calendar.text(value) if name in _TIMES and isinstance(value, int) else value


def decision(entry: Entry) -> models.Decision:
    """Return an entry of the log."""
    actor = entry.facts.actor
    return models.Decision(
        evt=entry.event.evt,
        type=str(entry.event.__struct_config__.tag),
        position=entry.position,
        as_of=calendar.text(entry.as_of),
        occurred_at=calendar.text(entry.event.occurred_at),
        actor=actor.id if actor else None,
        note=note_of(entry.event),
        verdicts=[models.Verdict(**msgspec.to_builtins(verdict)) for verdict in entry.verdicts],
        postings=msgspec.to_builtins(entry.postings),
    )


def done(entry: Entry) -> models.Decision:
    """Return the decision of a command. Raises ProblemError if everything was refused."""
    problem = refused(entry)
    if problem is not None:
        raise problem
    return decision(entry)


def of_preview(seen: Preview) -> models.DecisionPreview:
    """Return what would be decided and moved."""
    moves = [models.Move(**shown(move)) for move in seen.moves]
    return models.DecisionPreview(moves=moves, verdicts=decision(seen.entry).verdicts)


def published(entry: Entry) -> models.Published:
    """Return the decision of a rule file, with what is hardly meant in it. Raises ProblemError if it was refused."""
    decided = done(entry)
    event = entry.event
    assert isinstance(event, ProgramPublished)  # noqa: S101 - nothing else publishes
    return models.Published(**dict(decided), warnings=_warnings(rules.version(event.document).rules))


def previewed(preview: RulesPreview) -> models.Preview:
    """Return what an order would earn. The units of points have the slug in place of an id that is nobody's."""
    rewards = [
        models.PreviewedReward(
            side=reward.side,
            kind=reward.kind,
            amount=reward.amount,
            unit=f"points:{preview.rules.program}" if reward.unit.startswith("points:") else reward.unit,
            hold_until=calendar.text(reward.hold_until),
        )
        for reward in preview.outcome.rewards
    ]
    verdicts = [_previewed(verdict) for verdict in preview.outcome.verdicts]
    return models.Preview(rewards=rewards, verdicts=verdicts, warnings=_warnings(preview.rules))


def explanation(id_: str, entries: list[Entry]) -> models.Explanation:
    """Return decisions about something, with their sentences. Raises UnknownError if there are none."""
    if not entries:
        raise UnknownError("decision about this")
    said = [_explained(entry.event.evt, verdict) for entry, verdict in own(id_, entries)]
    return models.Explanation(id=id_, decisions=[decision(entry) for entry in entries], sentences=said)


def items_of(items: list[bodies.Item]) -> tuple[Item, ...]:
    """Return the core's items."""
    return tuple(Item(**item.model_dump()) for item in items)


def frozen(frozen_list: FrozenList) -> models.ListToDecide:
    """Return a list to be sent back."""
    return models.ListToDecide(
        items=[models.Item(**shown(item)) for item in frozen_list.items],
        list_sha256=frozen_list.list_sha256,
        shown=[models.Shown(**shown(one)) for one in frozen_list.shown],
        left_out=frozen_list.left_out,
    )


def _warnings(rule_set: Rules) -> list[models.RuleWarning]:
    return [models.RuleWarning(path=path, text=text) for path, text in rule_file.doubts(rule_set)]


def _previewed(verdict: Verdict) -> models.PreviewedVerdict:
    words = sentences(verdict)
    return models.PreviewedVerdict(
        about=verdict.about,
        outcome=verdict.outcome,
        refusal=verdict.refusal,
        side=verdict.side,
        flags=list(verdict.flags),
        beneficiary=words.beneficiary,
        finance=words.finance,
    )


def _explained(evt: str, verdict: Verdict) -> models.ExplainedVerdict:
    words = sentences(verdict)
    return models.ExplainedVerdict(
        evt=evt,
        subject=verdict.subject,
        outcome=verdict.outcome,
        refusal=verdict.refusal,
        beneficiary=words.beneficiary,
        finance=words.finance,
        steps=[sentence for _, sentence in words.steps],
    )
