"""What the log says of each reward's money is what its row, its postings and its payout say, after any history; a plant is found."""

from random import Random

from hypothesis import given
from msgspec.structs import replace
from testkit.world import World
from tests.core.test_properties import AUDITED, GENERATED, HISTORY, Move, told

from goodword.core import entry, ledger, recount, standing
from goodword.core.state import Payout, Reward, Standing


def _codes(world: World, entries: list[entry.Entry], reward: Reward, payout: Payout | None = None) -> list[str]:
    """What the log does not bear out of a reward, by code."""
    booked = [(it.position, posting) for it in entries for posting in it.postings if posting.reward == reward.id]
    payout = payout or (world.state.get(Payout, reward.payout) if reward.payout is not None else None)
    named = next((id_ for id_ in reward.approvals if id_.startswith(standing.PREFIX)), None)
    it = world.state.get(Standing, named) if named is not None else None
    return [one.code for one in recount.wrong(reward, payout, it, entries, booked)]


@GENERATED
@given(HISTORY)
def test_the_log_bears_out_every_reward_after_any_history(history: list[tuple[Move, int, int, int]]) -> None:
    """Whatever comes, in whatever order: the chain of what was said of a reward is whole and ends with its row."""
    world = told(history)
    entries = [entry.read(leaf) for leaf in world.leaves]
    for reward in world.state.all(Reward):
        assert _codes(world, entries, reward) == [], reward


def test_a_wrong_amount_is_found_in_each_place() -> None:
    """In a row, in what was sent, in a payout, in a posting that is missing: none of them hides behind the others."""
    found = 0
    random = Random(5)  # noqa: S311 - the same histories every time
    for _ in range(12):
        world = told([(random.choice(AUDITED), *(random.randrange(12) for _ in range(3))) for _ in range(60)])  # type: ignore[misc]
        entries = [entry.read(leaf) for leaf in world.leaves]
        for reward in world.state.all(Reward):
            assert _codes(world, entries, replace(reward, amount=reward.amount + 1, gross=reward.gross + 1))
            if reward.status not in ("processing", "paid"):
                continue
            found += 1
            assert "postings_differ" in _codes(world, entries, replace(reward, sent=reward.sent + 1))
            payout = world.state.get(Payout, reward.payout or "")
            if payout is not None and payout.rail != ledger.WELCOME:
                parts = tuple(replace(part, sent=part.sent + (part.reward == reward.id)) for part in payout.parts)
                assert "payout_differs" in _codes(world, entries, reward, replace(payout, parts=parts))
            first = next(n for n, it in enumerate(entries) if any(one.reward == reward.id for one in it.postings))
            less = [replace(it, postings=()) if n == first else it for n, it in enumerate(entries)]
            assert "postings_differ" in _codes(world, less, reward)
    assert found > 5
