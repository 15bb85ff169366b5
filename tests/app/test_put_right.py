"""What two members put right over the API's own functions is loaded, stored and verified like all else."""

from msgspec.structs import replace
from testkit.house import ANNA, BEN
from tests.app.conftest import DAY, House

from goodword.app.proof.audit import verify
from goodword.app.say import advocates, rewards
from goodword.app.say.said import Why
from goodword.app.see.rewards import to_restore
from goodword.core import events
from goodword.core.entry import Entry
from goodword.core.state import Program, Referral, Reward

WHY = Why("mistake", "looked again")
LIFTED = {"person": "per_old", "reason": "mistake"}


def told(entry: Entry) -> list[str | None]:
    """What an entry says, in short."""
    return [verdict.refusal or verdict.outcome for verdict in entry.verdicts]


async def members(house: House) -> None:
    """Two approvers beside the owner."""
    for actor in (ANNA, BEN):
        await house.join(actor)


async def test_a_rejection_is_put_right(house: House) -> None:
    """The frozen list says what it was; the second member who sends it back has it in review again."""
    await members(house)
    await house.accept(*house.story())
    await house.decide()
    found = [reward for reward in await house.every(Reward) if reward.side == "advocate"]
    await house.say(events.RewardsRejected, items=await house.items(found), reason="fraud")
    frozen = await to_restore(house.as_(ANNA), house.directory, [found[0].id])
    assert [item.amount for item in frozen.items] == [1_000]
    for actor, outcomes in (
        (ANNA, ["second_person_needed"]),
        (BEN, ["restored", "restored"]),
    ):  # the list, and its money
        said = await rewards.restore(
            house.as_(actor), house.directory, frozen.items, frozen.list_sha256, WHY, f"restore {actor.id}"
        )
        assert told(said) == outcomes
    [again] = [reward for reward in await house.every(Reward) if reward.id == found[0].id]
    assert (again.status, again.amount) == ("in_review", 1_000)
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_suspension_is_put_right(house: House) -> None:
    """The order, the typed code and the click that it refused are loaded by its lifting and decided again."""
    await members(house)
    enrolled, lead, _ = house.story()
    await house.accept(enrolled, lead, house.event(events.AdvocateSuspended, person="per_ann"))
    await house.decide()
    house.at += DAY
    await house.accept(
        house.event(events.ClickRecorded, code="cod_per_ann", visitor="vis_1"),
        house.bought(),
        house.event(events.LeadCreated, person="per_bea", code="cod_per_ann"),
        house.event(events.LeadCreated, person="per_cat", visitor="vis_1"),
        house.bought("per_cat"),
    )
    await house.decide()
    assert {reward.side for reward in await house.every(Reward)} == {"friend"}
    for actor, outcome in ((ANNA, "second_person_needed"), (BEN, "lifted")):
        said = await advocates.lift(house.as_(actor), house.directory, "main", "per_ann", WHY, f"lift {actor.id}")
        assert told(said)[0] == outcome
    assert {referral.friend for referral in await house.every(Referral)} == {"per_bob", "per_bea", "per_cat"}
    earned = [(reward.friend, reward.amount) for reward in await house.every(Reward) if reward.side == "advocate"]
    assert sorted(earned) == [("per_bob", 1_000), ("per_cat", 1_000)]
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_late_click_and_enrolment_are_loaded_for_what_waits(house: House) -> None:
    """Each decided in a batch of its own: the leads that wait, and the orders behind them, are found in the database."""
    await house.accept(house.event(events.AdvocateEnrolled, person="per_ann", code="cod_ann"))
    await house.decide()
    house.at += DAY
    for one in (
        house.event(events.LeadCreated, person="per_bob", visitor="vis_1"),
        house.bought(),
        house.event(events.ClickRecorded, code="cod_new", visitor="vis_2"),
        house.event(events.LeadCreated, person="per_bea", visitor="vis_2"),
        house.bought("per_bea"),
    ):
        await house.accept(one)
        await house.decide()
    click = await house.send(events.ClickRecorded, code="cod_ann", visitor="vis_1", occurred_at=house.at - 1)
    assert told(click)[:2] == ["recorded", "attributed"]
    late = await house.send(events.AdvocateEnrolled, person="per_new", code="cod_new", occurred_at=house.at - DAY)
    assert told(late)[:2] == ["enrolled", "attributed"]
    assert len([reward for reward in await house.every(Reward) if reward.side == "advocate"]) == 2
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_suspension_is_lifted_by_the_name_of_who_was_merged(house: House) -> None:
    """What the suspension of the account that stays cost is loaded, too, where the lifting names the account that went."""
    await members(house)
    enrolled, lead, _ = house.story()
    await house.accept(
        enrolled,
        lead,
        house.event(events.PersonMerged, keep="per_ann", gone="per_old"),
        house.event(events.AdvocateSuspended, person="per_ann"),
        house.event(events.LeadCreated, person="per_bea", code="cod_per_ann"),
    )
    await house.decide()
    house.at += DAY
    [program] = await house.every(Program)
    said = [await house.say(events.SuspensionLifted, who, **LIFTED, program=program.id) for who in (ANNA, BEN)]
    assert [told(entry)[0] for entry in said] == ["second_person_needed", "lifted"]
    assert {referral.friend for referral in await house.every(Referral)} == {"per_bob", "per_bea"}
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_an_earlier_lead_of_the_same_advocate_is_told_late(house: House) -> None:
    """What the friend bought between the two leads is loaded, though they are bound, and earns."""
    enrolled, lead, bought = house.story()
    await house.accept(enrolled)
    await house.decide()
    house.at += 3 * DAY
    for one in (lead, bought):
        await house.accept(replace(one, occurred_at=house.at - (DAY if one is bought else 0), accepted_at=house.at))
        await house.decide()
    assert await house.every(Reward) == []
    told_late = await house.send(type(lead), person=lead.person, code=lead.code, occurred_at=house.at - 2 * DAY)
    assert told(told_late) == ["already_bound", "earned", "earned"]
    assert (await verify(house.pool, house.ws)).differences == ()
