"""Money as the verdicts of an entry tell it, and as its postings move it: both by reward and the one to whom it belongs."""

from collections import Counter
from collections.abc import Iterable

from goodword.core import kin
from goodword.core.decision import Verdict
from goodword.core.kinds.rewards import taken_off
from goodword.core.ledger import WELCOME, Posting
from goodword.core.state import Reward, State

#: (reward, beneficiary) -> by how much it changed
Changes = dict[tuple[str, str | None], int]


def _root(state: State, person: str | None) -> str | None:
    return None if person is None else kin.root(state.get, person)


def told(verdicts: Iterable[Verdict], state: State) -> Changes:
    """Return by how much verdicts say that each reward changed. ``state``: in which it stands who was merged into whom."""
    found: Counter[tuple[str, str | None]] = Counter()
    for verdict in verdicts:
        steps = {step.code: step.values for step in verdict.steps}
        if verdict.about == "standing" and steps.get("standing", {}).get("rail") == WELCOME:
            found[str(verdict.subject), _root(state, verdict.beneficiary)] += verdict.amount or 0
        if verdict.about == "reward" and verdict.outcome == "earned":
            reward = state.get(Reward, str(verdict.subject))
            if reward is not None and taken_off(reward.kind):
                continue  # it is no cost yet
        if verdict.about == "reward" and verdict.refusal is None:
            # What is repaid is settled, and as much is earned as before.
            now = 0 if verdict.outcome == "repaid" else verdict.amount or 0
            found[str(verdict.subject), _root(state, verdict.beneficiary)] += (
                now - steps.get("was", {"amount": 0})["amount"] + steps.get("not_booked", {"amount": 0})["amount"]
            )
    return {which: change for which, change in found.items() if change}


def posted(postings: Iterable[Posting], state: State) -> Changes:
    """Return by how much postings changed what each reward costs; ``state``: in which the rewards are."""
    found: Counter[tuple[str, str | None]] = Counter()
    for posting in postings:
        ends = ((posting.source, 1), (posting.destination, -1))
        change = sum(sign * posting.amount for account, sign in ends if account in ("expense", "opening"))
        reward = state.get(Reward, posting.reward)
        found[posting.reward, _root(state, None if reward is None else reward.beneficiary)] += change
    return {which: change for which, change in found.items() if change}
