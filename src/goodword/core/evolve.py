"""evolve(state, decision) -> state: the only way in which a state changes."""

from __future__ import annotations

from goodword.core import ledger
from goodword.core.effects import Decision
from goodword.core.state import Balance, State


def evolve(state: State, decision: Decision) -> State:
    """Put every new value in its place and post to the balances. The state is changed in place and returned."""
    state.update(decision.puts)
    if decision.fired is not None:
        state.end(decision.fired)
    if not decision.postings:
        return state
    balances = state.tables[Balance]
    for account, change in ledger.applied(decision.postings).items():
        before = balances.get(account)
        amount = change if before is None else before.amount + change  # type: ignore[attr-defined]
        balances[account] = ledger.balance(account, amount)
    return state
