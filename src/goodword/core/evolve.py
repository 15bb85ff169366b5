"""evolve(state, decision) -> state: the only way in which a state changes."""

from __future__ import annotations

from goodword.core import ledger
from goodword.core.effects import Decision
from goodword.core.state import Balance, State


def evolve(state: State, decision: Decision) -> State:
    """Put every new value in its place and post to the balances. The state is changed in place and returned."""
    for entity in decision.puts.values():
        state.put(entity)
    for key, change in ledger.applied(decision.postings).items():
        balance = state.tables[Balance].get(key)
        amount = balance.amount if isinstance(balance, Balance) else 0
        state.put(ledger.balance(key, amount + change))
    return state
