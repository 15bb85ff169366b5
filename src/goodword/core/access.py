"""Who may do what: roles of members and kinds of keys, as one table. Unknown actions are allowed to nobody.

An action is a noun and what is done with it, or a field of the noun that not everybody who reads it may see: ``person.names``
are names, mails and outside ids of persons, and the texts of their codes.
"""

from __future__ import annotations

from goodword.core.facts import Actor

#: what is only looked at
READS = (
    "workspace.read",
    "member.read",
    "member.mails",
    "key.read",
    "program.read",
    "rail.read",
    "person.read",
    "person.names",
    "advocate.read",
    "referral.read",
    "claim.read",
    "case.read",
    "reward.read",
    "payee.read",
    "payout.read",
    "ledger.read",
    "log.read",
    "event.read",
    "report.read",
)

ACTIONS = (
    *READS,
    "workspace.create",
    "host.manage",
    "program.publish",
    "member.manage",
    "key.manage",
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
    "event.retry",
    "installation.manage",
)

#: What everybody reads who works with the workspace. Payment details and keys are not among it.
_COMMON = {*READS} - {"payee.read", "key.read"}
_APPROVER = {"reward.approve", "reward.reject", "reward.withdraw", "claim.enter", "claim.decide", "case.decide"}
_PAYER = {"payee.read", "payee.set", "payout.draft", "payout.release", "payout.cancel", "payout.answer"}
_OPERATOR = {"event.retry", "installation.manage"}

#: role of a member -> what it may do
ROLES: dict[str, frozenset[str]] = {
    "owner": frozenset({*ACTIONS} - {"event.send"} - _OPERATOR),
    "approver": frozenset(_COMMON | _APPROVER),
    "payer": frozenset(_COMMON | _PAYER),
}

#: kind of key -> what it may do. A secret key approves, releases, decides, publishes and grants nothing.
KEYS: dict[str, frozenset[str]] = {
    "sk": frozenset(_COMMON | {"payee.set", "claim.enter", "payout.draft", "clock.move", "event.send"}),
    "wk": frozenset({"event.send"}),
    "pk": frozenset({"event.send"}),
}

#: what the system's own workers may say
SYSTEM: frozenset[str] = frozenset({"payout.answer", "payout.cancel"})

#: What the holder of the database may do without being a member: look, and keep the installation going.
OPERATOR: frozenset[str] = frozenset({*READS} | _OPERATOR)

#: What one person may do with what is theirs: nothing, as long as nothing shows them only that.
PERSON: frozenset[str] = frozenset()


def allowed(actor: Actor, action: str) -> bool:
    """Return whether the actor may do the action. A service key's id begins with its kind: ``sk:key_…``."""
    if actor.kind == "member":
        return any(action in ROLES.get(role, frozenset()) for role in actor.roles)
    if actor.kind == "key":
        return action in KEYS.get(actor.id.split(":", 1)[0], frozenset())
    return action in {"system": SYSTEM, "operator": OPERATOR, "person": PERSON}.get(actor.kind, frozenset())


def within(limits: dict[str, int] | None, unit: str, amount: int) -> bool:
    """Return whether an amount lies within a member's limit for its unit. No limits at all: unlimited; a unit not named: zero."""
    return limits is None or amount <= limits.get(unit, 0)
