"""Accounts that are merged, on the real database: what is loaded is what a merge looks at, also in the middle of a batch."""

from tests.app.conftest import House

from goodword.app.proof.audit import verify
from goodword.app.write.process import drain
from goodword.core import events
from goodword.core.state import Advocate, Customer, Kin, Reward


async def test_a_merge_in_the_middle_of_a_batch(house: House) -> None:
    """Orders of both accounts before and behind the merge, all accepted together: it verifies, and all is one person's."""
    await house.accept(*house.story("per_f", "per_a"))
    await house.accept(*house.story("per_g", "per_b"))
    await house.accept(
        house.event(events.PersonMerged, keep="per_a", gone="per_b"),
        house.event(events.PersonMerged, keep="per_f", gone="per_h"),
        house.bought("per_g", invoice="2"),
        house.bought("per_h", invoice="3"),
        house.event(events.PersonMerged, keep="per_b", gone="per_a"),
    )
    await drain(house.engine, house.ws)
    await drain(house.engine, house.ws)
    stored = await house.stored()
    assert {kin.person: kin.root for kin in stored[Kin].values()} == {
        "per_a": "per_a",
        "per_b": "per_a",
        "per_f": "per_f",
        "per_h": "per_f",
    }
    assert {reward.beneficiary for reward in stored[Reward].values() if reward.side == "advocate"} == {"per_a"}
    assert stored[Customer]["per_h"].referrals == ()
    assert [it.status for it in stored[Advocate].values() if it.person == "per_b"] == ["merged"]
    assert (await verify(house.pool, house.ws)).differences == ()
