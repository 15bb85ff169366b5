"""What people say: commands, one file a noun. Each takes a principal and checks what it may."""

from goodword.app.say import (
    account,
    advocates,
    approvals,
    cases,
    changes,
    claims,
    clock,
    codes,
    conversions,
<<<<<<< HEAD
    crm,
=======
    deals,
>>>>>>> ea6fcc5b64462730318ced3c8d6084e5e05b89c6
    events,
    followers,
    hosts,
    imports,
    keys,
    leads,
    log,
    looking,
    members,
    payees,
    payouts,
    people,
    programs,
    rewards,
    sessions,
    webhooks,
    workspaces,
)

__all__ = [
    "account",
    "advocates",
    "approvals",
    "cases",
    "changes",
    "claims",
    "clock",
    "codes",
    "conversions",
<<<<<<< HEAD
    "crm",
=======
    "deals",
>>>>>>> ea6fcc5b64462730318ced3c8d6084e5e05b89c6
    "events",
    "followers",
    "hosts",
    "imports",
    "keys",
    "leads",
    "log",
    "looking",
    "members",
    "payees",
    "payouts",
    "people",
    "programs",
    "rewards",
    "sessions",
    "webhooks",
    "workspaces",
]
