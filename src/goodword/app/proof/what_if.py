"""What another rule file, or the behaviour of today, would have decided: a workspace's history under it, beside what really happened.

Outside events are decided again with the facts of their entries; timers run anew, because holds are the rules'. What people
decided is carried over where it still has a subject: rejections and confirmed cases go to the same conversion and beneficiary.
Approvals and payouts are not: they were given for amounts that may no longer be. Compared are rewards earned less reversals.
Must not know: SQL, HTTP, what any rule means.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from goodword.core import events, launching, ledger, rule_checks, rules
from goodword.core.entry import Entry
from goodword.core.events import AnyEvent, Item
from goodword.core.facts import Facts
from goodword.core.rules import Rules
from goodword.core.run import Run, Timed
from goodword.core.state import BEFORE_PAYMENT, Case, Program, Reward, State

#: Conversion, program, side, beneficiary, unit: what makes two rewards of two histories the same.
Subject = tuple[str, str, str, str, str]

#: Commands without which outside events would not be decided as they were; rules of the program in question are exchanged.
_KEPT = (
    events.ProgramPublished,
    events.ProgramMoved,
    events.MemberSet,
    events.ChangeDecided,
    events.ClaimEntered,
    events.ClaimDecided,
)
_CLOSED = ("rejected", "expired")


class Change(Struct, frozen=True):
    """A reward that would be another. ``before`` or ``after`` is 0 where there is none; minor units or points."""

    conversion: str
    program: str
    side: str
    beneficiary: str
    unit: str
    before: int
    after: int


class Comparison(Struct, frozen=True):
    """``before`` and ``after``: sums by unit. ``not_carried``: what people decided and has no subject any more."""

    appear: tuple[Change, ...]
    vanish: tuple[Change, ...]
    differ: tuple[Change, ...]
    same: int
    before: dict[str, int]
    after: dict[str, int]
    not_carried: tuple[tuple[str, str], ...]  # (event, what)


class _Other(Timed):
    """The history under the other rules, or under the same ones: always decided as today."""

    def __init__(self, other: Rules | None) -> None:
        super().__init__(State(complete=True), {})
        self.version = rules.version(rules.document(other)) if other is not None else None
        self.not_carried: list[tuple[str, str]] = []
        self._published = False

    def take(self, event: AnyEvent, facts: Facts) -> None:
        """Decide an event, after the timers of this history that are due by then."""
        self.reach(event)
        self.step(event, facts)

    def publish(self, entry: Entry, event: events.ProgramPublished) -> None:
        """Where the program first went live, the other rules do, once; other programs keep theirs, published anew as today.

        Rules that today would not be published stay as they were, and are listed.
        """
        if self.version is None or event.slug != self.version.rules.program:
            version = _version_of(event)
        elif self._published:
            return
        else:
            self._published, version = True, self.version
        if entry.refused or (version is not None and not rule_checks.problems(version.rules, entry.as_of)):
            anew = event if version is None else replace(event, rules=version.hash, document=version.text, terms={})
            self.take(anew, entry.facts)
            return
        self.not_carried.append((event.evt, "rules, published as they were"))
        self.reach(event)
        self.semantics, now = entry.semantics, self.semantics
        self.step(event, entry.facts)
        self.semantics = now

    def launch(self, entry: Entry, event: events.ProgramLaunched) -> None:
        """Let a program go live where it did, by the rules that it has here: what people confirmed of others is taken for these."""
        program = self.state.get(Program, event.program or "")
        if entry.refused or program is None or program.newest is None:
            return
        listed = launching.evidence(self.rules[program.newest].means, None, program.id)
        anew = replace(event, rules=program.newest, plan=replace(event.plan, evidence=listed))
        self.take(anew, entry.facts)

    def reject(self, entry: Entry, subjects: Iterable[Subject], what: str) -> None:
        """Carry a rejection over to the rewards of the same conversion and beneficiary."""
        rewards = {subject: reward for reward in self.state.all(Reward) for subject in [subject_of(reward)]}
        items = []
        for subject in subjects:
            reward = rewards.get(subject)
            if reward is None or reward.status not in BEFORE_PAYMENT:
                self.not_carried.append((entry.event.evt, f"{what}: {subject[0]}, {subject[2]}, {subject[3]}"))
            else:
                items.append(Item(id=reward.id, amount=reward.amount, unit=reward.unit))
        if items:
            stamp = entry.event
            rejected = events.RewardsRejected(
                evt=stamp.evt,
                source=stamp.source,
                occurred_at=stamp.occurred_at,
                accepted_at=stamp.accepted_at,
                items=tuple(items),
                reason=what,
            )
            actor = entry.facts.actor
            may = replace(actor, kind="member", roles=("owner",), limits=None) if actor is not None else None
            self.take(rejected, Facts(actor=may))


def _version_of(event: events.ProgramPublished) -> rules.RuleVersion | None:
    """Return what an event publishes, as the version that it would be today; None for a text that is no rules."""
    try:
        return rules.version(event.document)
    except msgspec.DecodeError:
        return None


def compare(entries: Iterable[Entry], other: Rules | None) -> Comparison:
    """Decide the log again twice: as it was, and under ``other`` from the first publication of its program on, decided as today.

    Without other rules the second is the same history under the behaviour of today. Raises LookupError if the log never published
    the program of ``other``.
    """
    was, would = Run(State(complete=True), {}), _Other(other)
    published = False
    for entry in entries:
        event = entry.event
        if other is not None and isinstance(event, events.ProgramPublished) and event.slug == other.program:
            published = True
        _carry(was.state, would, entry)
        was.semantics = entry.semantics
        was.step(entry.event, entry.facts)
    if other is not None and not published:
        raise LookupError(f"the log has no program {other.program}")
    return _compared(was.state, would)


def _carry(was: State, would: _Other, entry: Entry) -> None:
    """Let an entry happen in the other history, as far as it is more than a view of the first. ``was``: before the entry."""
    event = entry.event
    if isinstance(event, events.ProgramPublished):
        would.publish(entry, event)
    elif isinstance(event, events.ProgramLaunched):
        would.launch(entry, event)
    elif isinstance(event, (*events.OUTSIDE, *_KEPT)):
        would.take(event, entry.facts)
    elif isinstance(event, events.RewardsRejected) and entry.verdicts[0].outcome == "rejected":
        rewards = [was.get(Reward, item.id) for item in event.items]
        would.reject(entry, [subject_of(reward) for reward in rewards if reward is not None], "rejected")
    elif isinstance(event, events.CaseDecided) and not entry.refused and event.outcome == "confirmed":
        case = was.get(Case, event.case)
        rewards = [was.get(Reward, id_) for id_ in case.rewards] if case is not None else []
        would.reject(entry, [subject_of(reward) for reward in rewards if reward is not None], "case confirmed")
    elif isinstance(event, events.ApprovalGiven | events.PayoutReleased) and not entry.refused:
        would.not_carried.append((event.evt, "approval" if isinstance(event, events.ApprovalGiven) else "release"))


def subject_of(reward: Reward) -> Subject:
    """Return what the reward is for, whatever its id."""
    return (reward.conversion, reward.program, reward.side, reward.beneficiary, reward.unit)


def _earned(state: State) -> dict[Subject, int]:
    """Earned less reversals, by subject; what was rejected or expired earned nothing."""
    earned: dict[Subject, int] = {}
    for reward in state.all(Reward):
        if ledger.of_no_order(reward.on):  # no rules made it
            continue
        amount = 0 if reward.status in _CLOSED else reward.amount
        earned[subject_of(reward)] = earned.get(subject_of(reward), 0) + amount
    return {subject: amount for subject, amount in earned.items() if amount}


def _compared(was: State, would: _Other) -> Comparison:
    before, after = _earned(was), _earned(would.state)
    changes = [
        Change(*subject, before=before.get(subject, 0), after=after.get(subject, 0))
        for subject in sorted(before.keys() | after.keys())
    ]
    return Comparison(
        appear=tuple(change for change in changes if not change.before),
        vanish=tuple(change for change in changes if not change.after),
        differ=tuple(change for change in changes if change.before and change.after and change.before != change.after),
        same=sum(change.before == change.after for change in changes),
        before=_sums(before),
        after=_sums(after),
        not_carried=tuple(would.not_carried),
    )


def _sums(earned: dict[Subject, int]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for (*_, unit), amount in earned.items():
        sums[unit] = sums.get(unit, 0) + amount
    return sums
