"""evolve(state, decision) -> state: the only way in which a state changes."""

from __future__ import annotations

from goodword.core import ledger
from goodword.core.decision import Decision
from goodword.core.state import State


def evolve(state: State, decision: Decision) -> State:
    """Put every new value in its place and post to the balances. The state is changed in place and returned."""
    state.update(decision.puts)
    if decision.fired is not None:
        state.end(decision.fired)
    if decision.postings:
        ledger.post(state.balances, decision.postings)
    return state
