"""Who may do what: roles of members and kinds of keys, as one table. Unknown actions are allowed to nobody."""

from __future__ import annotations

from goodword.core.facts import Actor

ACTIONS = (
    "read",
    "payee.read",
    "program.publish",
    "member.manage",
    "clock.move",
    "reward.approve",
    "reward.reject",
    "reward.withdraw",
    "case.decide",
    "claim.enter",
    "claim.decide",
    "payee.set",
    "payout.draft",
    "payout.release",
    "payout.cancel",
    "payout.answer",
    "event.send",
)

_APPROVER = {"read", "reward.approve", "reward.reject", "reward.withdraw", "claim.enter", "claim.decide", "case.decide"}
_PAYER = {"read", "payee.read", "payee.set", "payout.draft", "payout.release", "payout.cancel", "payout.answer"}

#: role of a member -> what it may do
ROLES: dict[str, frozenset[str]] = {
    "owner": frozenset(set(ACTIONS) - {"event.send"}),
    "approver": frozenset(_APPROVER),
    "payer": frozenset(_PAYER),
}

#: kind of key -> what it may do. A secret key approves, releases, decides, publishes and grants nothing.
KEYS: dict[str, frozenset[str]] = {
    "sk": frozenset({"read", "payee.set", "claim.enter", "payout.draft", "clock.move", "event.send"}),
    "wk": frozenset({"event.send"}),
    "pk": frozenset({"event.send"}),
}

#: what the system's own workers may say
SYSTEM: frozenset[str] = frozenset({"payout.answer", "payout.cancel"})


def allowed(actor: Actor, action: str) -> bool:
    """Whether the actor may do the action. A service key's id begins with its kind: ``sk:key_…``."""
    if actor.kind == "member":
        return any(action in ROLES.get(role, frozenset()) for role in actor.roles)
    if actor.kind == "key":
        return action in KEYS.get(actor.id.split(":", 1)[0], frozenset())
    return actor.kind == "system" and action in SYSTEM


def within(limits: dict[str, int] | None, unit: str, amount: int) -> bool:
    """Whether an amount lies within a member's limit for its unit. No limits at all: unlimited; a unit not named: zero."""
    return limits is None or amount <= limits.get(unit, 0)
