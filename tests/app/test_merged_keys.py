"""What was said under a name that was merged away is said of whom it is now, whoever asks: on the real database."""

import pytest
from testkit.world import rules
from tests.app.conftest import DAY, House
from tests.app.test_facts import same_person

from goodword.app.proof.audit import verify
from goodword.app.write.process import quarantined
from goodword.core import events
from goodword.core.state import Case, Referral, Reward


async def settled(house: House, *said: events.AnyEvent, together: bool) -> None:
    """Decide events in one batch or each by itself; nothing is set aside, and all is as the log says."""
    for group in [said] if together else [(one,) for one in said]:
        await house.accept(*group)
        await house.decide()
    assert await quarantined(house.pool, house.ws) == []
    assert (await verify(house.pool, house.ws)).differences == ()
    assert await house.broken() == []


def merged(house: House, keep: str, gone: str) -> events.PersonMerged:
    return house.event(events.PersonMerged, keep=keep, gone=gone)


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("of", ["per_ann", "per_bob"])
async def test_nobody_refers_themselves_by_an_account_that_was_merged(house: House, of: str, *, together: bool) -> None:
    """The mail that shows it was said of an account which is the advocate's, or the friend's, by now; binding and order are refused."""
    other = "per_bob" if of == "per_ann" else "per_ann"
    await same_person(house, "mail", "per_gone", other)
    await settled(
        house,
        house.event(events.AdvocateEnrolled, person="per_ann", code="cod_ann"),
        merged(house, of, "per_gone"),
        house.event(events.LeadCreated, person="per_bob", code="cod_ann"),
        house.bought("per_bob"),
        together=together,
    )
    assert await house.every(Referral) == []
    assert await house.every(Reward) == []


@pytest.mark.parametrize("together", [True, False])
async def test_who_has_the_mail_of_a_merged_account_of_an_old_customer_is_no_new_one(
    house: House, *, together: bool
) -> None:
    """A friend with the mail that was said of an account which goes on as an old customer's binds nobody to be paid for them."""
    await same_person(house, "mail", "per_gone", "per_bob")
    since = house.at - 100 * DAY
    await settled(
        house,
        house.event(events.CustomerKnown, person="per_old", since=since),
        merged(house, "per_old", "per_gone"),
        house.event(events.AdvocateEnrolled, person="per_ann", code="cod_ann"),
        house.event(events.LeadCreated, person="per_bob", code="cod_ann"),
        together=together,
    )
    assert await house.every(Referral) == []


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("of", ["per_ann", "per_bob"])
async def test_a_merge_that_shows_that_friend_and_advocate_are_one(house: House, of: str, *, together: bool) -> None:
    """Either gets an account that has the other's mail: what is open waits for a person, as by any late proof."""
    await house.publish(rules(new_customers_only=False))
    await house.accept(*house.story("per_bob", "per_ann"))
    await house.decide()
    await same_person(house, "mail", "per_gone", "per_bob" if of == "per_ann" else "per_ann")
    await settled(house, merged(house, of, "per_gone"), together=together)
    [case] = await house.every(Case)
    assert [flag.code for flag in case.flags] == ["self_referral"]
    assert {case.id in reward.cases for reward in await house.every(Reward)} == {True}
