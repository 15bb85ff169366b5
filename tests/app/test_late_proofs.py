"""A proof that comes late, on the real database: what is loaded is what deciding it looks at, whatever brings it, also in a batch."""

import pytest
from tests.app.conftest import DAY, House
from tests.app.test_facts import same_person

from goodword.app.proof.audit import verify
from goodword.app.write.process import quarantined
from goodword.core import events
from goodword.core.state import Case, Reward

#: By what a proof comes that one person is another.
BRINGING = {
    "enrolled": lambda house, who: house.event(events.AdvocateEnrolled, person=who, code=f"cod_{who}"),
    "lead": lambda house, who: house.event(events.LeadCreated, person=who),
    "order": lambda house, who: house.bought(who, 3_000, f"i-{who}"),
    "known": lambda house, who: house.event(events.CustomerKnown, person=who, since=house.at),
}


async def stopped(house: House) -> list[tuple[str, int]]:
    """The flags of the cases, each with how many rewards wait for it; nothing was set aside, and all is as the log says."""
    assert await quarantined(house.pool, house.ws) == []
    assert (await verify(house.pool, house.ws)).differences == ()
    assert await house.broken() == []
    rewards = await house.every(Reward)
    cases = await house.every(Case)
    return [(case.flags[0].code, sum(case.id in reward.cases for reward in rewards)) for case in cases]


@pytest.mark.parametrize("brings", BRINGING)
@pytest.mark.parametrize("who", ["per_ann", "per_bob"])
async def test_an_advocate_who_turns_out_to_be_the_friend(house: House, brings: str, who: str) -> None:
    """Whichever of the two says the mail last, and with what: both rewards wait for one case."""
    await house.accept(*house.story("per_bob", "per_ann"))
    await house.decide()
    assert await stopped(house) == []
    await same_person(house, "mail", "per_bob", "per_ann")
    house.at += DAY
    await house.accept(BRINGING[brings](house, who))
    await house.decide()
    assert await stopped(house) == [("self_referral", 2)]


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("brings", [*BRINGING, "merged"])
@pytest.mark.parametrize("who", ["per_old", "per_bob"])
async def test_a_friend_who_turns_out_to_be_an_old_customer(
    house: House, brings: str, who: str, *, together: bool
) -> None:
    """Whether the friend or the old account says it, alone or in one batch with what made it old."""
    since = house.at - 100 * DAY
    await house.accept(*house.story("per_bob", "per_ann"))
    await house.decide()
    house.at += DAY
    said = [house.event(events.CustomerKnown, person="per_old", since=since)]
    if brings == "merged":
        both = ("per_old", "per_bob") if who == "per_old" else ("per_bob", "per_old")
        said.append(house.event(events.PersonMerged, keep=both[0], gone=both[1]))
    else:
        await same_person(house, "phone", "per_bob", "per_old")
        said.append(BRINGING[brings](house, who))
    for group in [said] if together else [(one,) for one in said]:
        await house.accept(*group)
        await house.decide()
    assert await stopped(house) == [("existing_customer", 2)]
