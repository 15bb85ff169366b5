"""Money as the verdicts of an entry tell it, and as its postings move it: both by reward and the one to whom it belongs."""

from collections import Counter
from collections.abc import Iterable

from goodword.core import kin
from goodword.core.decision import Verdict
from goodword.core.ledger import Posting
from goodword.core.state import Reward, State

#: (reward, beneficiary) -> by how much it changed
Changes = dict[tuple[str, str | None], int]


def _root(state: State, person: str | None) -> str | None:
    return None if person is None else kin.root(state.get, person)


def told(verdicts: Iterable[Verdict], state: State) -> Changes:
    """Return by how much verdicts say that each reward changed. ``state``: in which it stands who was merged into whom."""
    found: Counter[tuple[str, str | None]] = Counter()
    for verdict in verdicts:
        if verdict.about == "reward" and verdict.refusal is None:
            steps = {step.code: step.values for step in verdict.steps}
            # What is repaid is settled, and as much is earned as before.
            now = 0 if verdict.outcome == "repaid" else verdict.amount or 0
            found[str(verdict.subject), _root(state, verdict.beneficiary)] += (
                now - steps.get("was", {"amount": 0})["amount"]
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
