"""What persons are told that they have, beside what the postings come to: added up by SQL alone, which knows no balance and no page."""

from collections.abc import Iterable

import asyncpg

from goodword.app import see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.core.facts import Actor
from goodword.store.workspaces import Workspace

#: By line of a balance and unit.
Sums = dict[tuple[str, str], int]
#: Account -> the line that tells it; what is approved and what is payable are one account.
_LINES = {
    "accrued": "expected",
    "payable": "approved",
    "clearing": "on_its_way",
    "settled": "paid",
    "credit": "credit",
    "receivable": "owed_back",
}
#: What left for a rail is owned by that there, and by its beneficiary here; what somebody paid back is no payment to them.
_POSTED = """
select case when account in ('clearing', 'settled') then reward.beneficiary else owner end as person, account, moved.unit,
  sum(moved.amount)::bigint as amount
from (
  select source as account, source_owner as owner, reward, unit, -amount as amount from posting where workspace_id = $1
  union all select destination, destination_owner, reward, unit, amount from posting where workspace_id = $1
) as moved join reward on reward.workspace_id = $1 and reward.id = moved.reward
where account = any($2) and owner <> 'repaid' group by 1, 2, 3
"""


async def posted(conn: asyncpg.Connection, ws: str) -> dict[str, Sums]:
    """Return by person what the postings come to."""
    found: dict[str, Sums] = {}
    for row in await conn.fetch(_POSTED, ws, list(_LINES)):
        amount = int(row["amount"]) * (-1 if row["account"] == "receivable" else 1)
        if amount:
            found.setdefault(row["person"], {})[_LINES[row["account"]], row["unit"]] = amount
    return found


async def told(directory: Directory, ws: Workspace, persons: Iterable[str]) -> dict[str, Sums]:
    """Return by person what their page says, of those of whom it says something."""
    found: dict[str, Sums] = {}
    for person in persons:
        sums: Sums = {}
        for line in await see.own.balance(Principal("session", ws, Actor(id=person, kind="person")), directory):
            code = "approved" if line.code == "payable" else line.code
            for unit, amount in line.amounts:
                sums[code, unit] = sums.get((code, unit), 0) + amount
        if any(sums.values()):
            found[person] = {key: amount for key, amount in sums.items() if amount}
    return found
