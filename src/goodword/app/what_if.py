"""What other rules would have made of a log: a replay in memory, nothing is stored.

Events from outside are decided again with the facts of the log, and the timers that the other rules set. Rejections and
outcomes of cases carry over to the same conversion and beneficiary; approvals and payouts do not: they are about money that
these rules may never have owed. Compared are rewards earned less reversals.
Memory: twice the state of the workspace. Must not know: SQL, how a change is shown.
"""

from __future__ import annotations

import heapq
from typing import Any

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from goodword.app.replay import Replay
from goodword.core import entry as log_entry
from goodword.core import events, ids, rules
from goodword.core.decide import decide
from goodword.core.effects import Decision, Facts
from goodword.core.entry import Entry
from goodword.core.evolve import evolve
from goodword.core.state import Case, Reward, State, Timer
from goodword.store import audit

#: Commands that are said again as they were: they make programs and members, not money.
_SAID_AGAIN = (events.ProgramMoved, events.MemberSet)
#: What is about money that these rules may never have owed.
_LEFT = (
    events.ApprovalGiven,
    events.ApprovalWithdrawn,
    events.PayeeSet,
    events.PayoutDrafted,
    events.PayoutReleased,
    events.PayoutCanceled,
    events.PayoutAnswered,
    events.ClockMoved,
)

_Key = tuple[str, str, str, str, int]


class Sum(Struct, frozen=True):
    """Rewards of one side and unit, in minor units or points."""

    side: str
    unit: str
    before: int
    after: int


class Outcome(Struct, frozen=True):
    """What changes. ``left_out``: what people decided and these rules have no place for."""

    events: int
    more: int
    fewer: int
    changed: int
    sums: tuple[Sum, ...]
    left_out: tuple[str, ...]


async def what_if(pool: asyncpg.Pool, ws: str, other: rules.Rules) -> Outcome:
    """Decide a workspace's log by other rules for the program of their name. Raises LookupError for an unknown workspace."""
    before, after = Replay(), _Other(other)
    async with pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        await conn.execute("set local idle_in_transaction_session_timeout = 0")
        async for row in audit.rows(conn, ws):
            entry = log_entry.read(row.leaf)
            after.take(entry, before.state)
            before.step(entry)
    return _compare(before.state, after)


class _Other:
    """The same events under other rules."""

    def __init__(self, other: rules.Rules) -> None:
        self.state = State(complete=True)
        self.events = 0
        self.left_out: list[str] = []
        self._document = rules.document(other)
        self._version = rules.version(self._document)
        self._rules: dict[str, rules.RuleVersion] = {}
        self._as_of = 0
        self._timers: list[tuple[int, str]] = []
        self._published = False

    def take(self, entry: Entry, before: State) -> None:
        """Decide the event of an entry; ``before``: what the log had made of everything before it."""
        event: Any = entry.event
        if isinstance(event, events.TimerDue):
            self._fire(event.due_at, event.evt)
            return
        self._as_of = max(self._as_of, event.accepted_at)
        self._fire(self._as_of, event.evt)
        if event.PERMISSION is None:
            self.events += 1
            self._decide(event, entry.facts)
        elif isinstance(event, events.ProgramPublished):
            self._publish(event, entry.facts)
        elif isinstance(event, _SAID_AGAIN):
            self._decide(event, entry.facts)
        elif isinstance(event, events.RewardsRejected):
            self._reject(event, entry.facts, before)
        elif isinstance(event, events.CaseDecided):
            self._close(event, entry.facts, before)
        elif not isinstance(event, _LEFT) and entry.verdicts[0].refusal is None:
            self.left_out.append(f"{event.__struct_config__.tag} {event.evt}")

    def _publish(self, event: events.ProgramPublished, facts: Facts) -> None:
        """The other rules stand in the place of the program's first version; its later ones never come."""
        if event.slug == self._version.rules.program:
            if self._published:
                return
            self._published = True
            event = replace(event, rules=self._version.hash, document=self._document)
        self._decide(event, facts)

    def _reject(self, event: events.RewardsRejected, facts: Facts, before: State) -> None:
        mine = {_key(reward): reward for reward in self.state.all(Reward)}
        items = []
        for item in event.items:
            meant = before.get(Reward, item.id)
            reward = mine.get(_key(meant)) if meant is not None else None
            if reward is None:
                self.left_out.append(f"the rejection of {item.id}")
            else:
                items.append(events.Item(id=reward.id, amount=reward.amount, unit=reward.unit))
        if items and self._decide(replace(event, items=tuple(items)), facts).verdicts[0].refusal is not None:
            self.left_out.append(f"the rejection {event.evt}")

    def _close(self, event: events.CaseDecided, facts: Facts, before: State) -> None:
        meant = before.get(Case, event.case)
        found = next((case for case in self.state.all(Case) if meant is not None and _same_case(case, meant)), None)
        if found is None:
            self.left_out.append(f"the outcome of {event.case}")
        else:
            self._decide(replace(event, case=found.id), facts)

    def _fire(self, until: int, cause: str) -> None:
        """Decide the timers that these rules set, those due at or before ``until``."""
        while self._timers and self._timers[0][0] <= until:
            due_at, id_ = heapq.heappop(self._timers)
            timer = self.state.get(Timer, id_)
            if timer is None or timer.done or timer.due_at != due_at:
                continue
            stamp = {"source": "timer", "occurred_at": due_at, "accepted_at": due_at, "due_at": due_at}
            evt = ids.derived("evt", cause, "timer", share=id_)
            self._decide(events.TimerDue(evt=evt, timer=id_, kind=timer.kind, subject=timer.subject, **stamp), Facts())

    def _decide(self, event: Any, facts: Facts) -> Decision:
        self._as_of = max(self._as_of, event.accepted_at)
        decision = decide(self.state, event, facts, self._rules, self._as_of)
        evolve(self.state, decision)
        self._rules |= {version.hash: version for version in decision.rules}
        for entity in decision.puts.values():
            if isinstance(entity, Timer) and not entity.done:
                heapq.heappush(self._timers, (entity.due_at, entity.id))
        return decision


def _key(reward: Reward) -> _Key:
    return reward.program, reward.conversion, reward.side, reward.beneficiary, reward.share


def _same_case(case: Case, meant: Case) -> bool:
    return case.status == "open" and (case.kind, case.subject, case.program) == (
        meant.kind,
        meant.subject,
        meant.program,
    )


def _compare(before: State, other: _Other) -> Outcome:
    old = {_key(reward): reward for reward in before.all(Reward)}
    new = {_key(reward): reward for reward in other.state.all(Reward)}
    sums: dict[tuple[str, str], list[int]] = {}
    for place, rewards in enumerate((old, new)):
        for reward in rewards.values():
            sums.setdefault((reward.side, reward.unit), [0, 0])[place] += reward.amount
    both = old.keys() & new.keys()
    return Outcome(
        events=other.events,
        more=len(new.keys() - old.keys()),
        fewer=len(old.keys() - new.keys()),
        changed=sum((old[key].amount, old[key].unit) != (new[key].amount, new[key].unit) for key in both),
        sums=tuple(Sum(side, unit, *pair) for (side, unit), pair in sorted(sums.items())),
        left_out=tuple(other.left_out),
    )
