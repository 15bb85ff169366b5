"""Explaining by id: every decision about a thing, found by keys."""

from tests.app.conftest import House

from goodword.app.principal import OPERATOR
from goodword.app.see.explanations import decisions
from goodword.app.write.process import drain
from goodword.core import events
from goodword.core.entry import own
from goodword.core.events import Item
from goodword.core.state import Case, Claim, Program, Reward


async def about(house: House, id_: str) -> list[str]:
    """The types of the events that decided about a thing, in order."""
    found = await decisions(OPERATOR.at(house.workspace), house.directory, id_)
    return [str(entry.event.__struct_config__.tag) for entry in found]


async def test_a_reward_tells_what_became_of_it(house: House) -> None:
    """Its conversion, a refund that lowered it, the case that held it, and its rejection; nothing of the other side's fate."""
    enrolled, led, bought = house.story()
    for event in (enrolled, led, bought):
        await house.accept(event)
    await house.send(events.ConversionRefunded, invoice=bought.invoice, refund="r1", amount=2_500)
    await house.send(events.ChargebackOpened, invoice=bought.invoice, chargeback="c1")
    await house.send(events.ChargebackClosed, invoice=bought.invoice, chargeback="c1", outcome="kept")
    mine, friends = sorted(await house.every(Reward), key=lambda reward: reward.side)
    item = Item(id=mine.id, amount=mine.amount, unit=mine.unit, destination=None)
    await house.say(events.RewardsRejected, items=(item,), reason="no")
    story = ["conversion.recorded", "conversion.refunded", "chargeback.opened", "chargeback.closed", "reward.rejected"]
    assert await about(house, mine.id) == story
    assert await about(house, friends.id) == [*story[:1], *story[2:4]]
    (case,) = await house.every(Case)
    assert await about(house, case.id) == story


async def test_a_claim_tells_who_entered_and_who_decided_it(house: House) -> None:
    """The entry that opened it, and the one that closed it."""
    await house.send(events.AdvocateEnrolled, person="per_ann", code="cod_ann")
    (program,) = await house.every(Program)
    fields = {"program": program.id, "person": "per_bob", "lead_at": house.at, "reason": "mail"}
    await house.say(events.ClaimEntered, advocates=(("per_ann", 1, 1),), **fields)
    (claim,) = await house.every(Claim)
    assert await about(house, claim.id) == ["claim.entered"]
    dan, jo = await house.member("dan", "approver"), await house.member("jo", "approver")
    await house.say(events.ClaimTaken, dan, claim=claim.id)
    await house.say(events.ClaimDecided, dan, claim=claim.id, outcome="lost", reason="seen")
    await house.say(events.ClaimAppealed, claim=claim.id, reason="not so")
    await house.say(events.ClaimDecided, jo, claim=claim.id, outcome="lost", reason="seen")
    story = ["claim.entered", "claim.taken", "claim.decided", "claim.appealed", "claim.decided"]
    assert await about(house, claim.id) == story


async def test_nothing_is_told_of_what_is_unknown(house: House) -> None:
    """An id that names nothing, whatever its prefix, gives no entries."""
    for id_ in ("rwd_x", "ref_x", "pay_x", "cas_x", "clm_x", "evt_x", "x"):
        assert await about(house, id_) == []


async def test_a_reward_is_explained_by_its_own_verdicts(house: House) -> None:
    """Whoever reads why they earn is told nothing of what the other side earned, nor of the order's amounts (finding E3)."""
    await house.accept(*house.story())
    await drain(house.engine, house.ws)
    rewards = sorted(await house.every(Reward), key=lambda reward: reward.side)
    for mine, others in (rewards, reversed(rewards)):
        entries = await decisions(OPERATOR.at(house.workspace), house.directory, mine.id)
        assert any(verdict.subject == others.id for entry in entries for verdict in entry.verdicts)
        told = [verdict for _, verdict in own(mine.id, entries)]
        assert [verdict.subject for verdict in told if verdict.amount is not None] == [mine.id]
        assert {verdict.beneficiary for verdict in told} <= {mine.beneficiary, None}
