"""What people say: commands, one file a noun. Each takes a principal and checks what it may."""

from goodword.app.say import (
    approvals,
    cases,
    claims,
    clock,
    codes,
    events,
    followers,
    hosts,
    keys,
    members,
    payees,
    payouts,
    people,
    programs,
    rewards,
    workspaces,
)

__all__ = [
    "approvals",
    "cases",
    "claims",
    "clock",
    "codes",
    "events",
    "followers",
    "hosts",
    "keys",
    "members",
    "payees",
    "payouts",
    "people",
    "programs",
    "rewards",
    "workspaces",
]
