"""Who orders and is bound under another name, on the real database: what is loaded is what joining the two looks at."""

from typing import Any

import pytest
from testkit.world import advocate, friend, rules
from tests.app.conftest import DAY, SERVER, House
from tests.app.test_facts import same_person

from goodword.app.proof.audit import verify
from goodword.app.write.process import quarantined
from goodword.core import events
from goodword.core.entry import Entry
from goodword.core.state import Claim, Conversion, Kin, Payout, Reward

LIMITED = advocate(percent="10", limits=[{"per": "month", "count": 100}])
#: An invoice that comes a few times: all of them earn, and whether a customer paid twice is looked for.
PARTS: dict[str, Any] = {
    "rewards": [LIMITED, friend(flat={"EUR": 500})],
    "conversion": {"counts": {"months": 12}},
    "hold": "0d",
}


def said(entry: Entry) -> list[str]:
    """What an entry says, in short."""
    return [verdict.refusal or verdict.outcome for verdict in entry.verdicts]


async def rich(house: House, same: str) -> None:
    """A friend is bound and an account has all that an account can have: visitors, leads, orders, codes, friends, a payout."""
    await house.publish(rules(**PARTS, attribution={"same_person": same}, payouts={"every": "once"}))
    await house.accept(*house.story("per_guest", "per_ann"))
    await house.accept(*house.story("per_zoe", "per_account"))
    await house.accept(
        house.event(events.AdvocateEnrolled, person="per_account", code="cod_other"),
        house.event(events.ClickRecorded, code="cod_nobody", visitor="vis_1", click="tch_1"),
        house.event(events.LeadCreated, person="per_account", visitor="vis_1"),
        house.event(events.LeadCreated, person="per_account", visitor="vis_2", unverified=True),
    )
    house.at += 40 * DAY
    await house.accept(house.bought("per_account", 3_000, "a1"))
    await house.decide()
    rewards = await hers(house)
    await house.say(events.PayeeSet, SERVER, person="per_account", rail="sandbox", destination="account")
    await house.approve(rewards, house.owner)
    await same_person(house, "mail", "per_guest", "per_account")
    house.at += 40 * DAY


async def hers(house: House) -> list[Reward]:
    """The rewards of the account as an advocate."""
    return [it for it in await house.every(Reward) if it.beneficiary == "per_account" and it.side == "advocate"]


async def whole(house: House) -> None:
    """Nothing was set aside, and the log says what is stored."""
    assert await quarantined(house.pool, house.ws) == []
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_an_order_joins_all_that_an_account_has(house: House) -> None:
    """B06 with ``join``: orders of both names earn, codes and rewards of the account are the friend's, and it verifies."""
    await rich(house, "join")
    event = house.bought("per_account", 4_000, "a2")
    await house.accept(event)
    await house.decide()
    assert said(await house.entry(event.evt)) == ["merged", "earned", "earned", "earned", "earned"]
    stored = await house.stored()
    assert {it.person: it.root for it in stored[Kin].values()} == {"per_guest": "per_guest", "per_account": "per_guest"}
    of_ann = {it.conversion: it.amount for it in stored[Reward].values() if it.beneficiary == "per_ann"}
    assert sorted(of_ann.values()) == [300, 400, 1_000]
    assert {it.person for it in stored[Conversion].values()} == {"per_guest", "per_zoe"}
    await whole(house)


@pytest.mark.parametrize("outcome", ["won", "lost"])
async def test_a_claim_joins_all_that_an_account_has(house: House, outcome: str) -> None:
    """B06 by default: the order opens a claim, and winning it joins the two; on what is loaded for that command."""
    await rich(house, "claim")
    event = house.bought("per_account", 4_000, "a2")
    await house.accept(event)
    await house.decide()
    assert said(await house.entry(event.evt)) == ["not_referred"]
    [claim] = (await house.stored())[Claim].values()
    entry = await house.say(events.ClaimDecided, claim=claim.id, outcome=outcome, reason="told")  # type: ignore[attr-defined]
    assert said(entry) == (["won", "earned", "earned", "earned", "earned"] if outcome == "won" else ["lost"])
    assert len((await house.stored())[Kin]) == (2 if outcome == "won" else 0)
    await whole(house)
    dan = await house.member("dan", "approver")
    await house.say(events.ClaimAppealed, claim=claim.id, reason="told")
    again = "lost" if outcome == "won" else "won"
    entry = await house.say(events.ClaimDecided, dan, claim=claim.id, outcome=again, reason="told")
    assert said(entry) == (["lost"] + ["taken_back"] * 4 if again == "lost" else ["won"] + ["earned"] * 4)
    await whole(house)


@pytest.mark.parametrize("same", ["join", "claim"])
async def test_orders_of_both_names_in_one_batch(house: House, same: str) -> None:
    """Binding, the order that joins and later ones are accepted together: what the batch itself brought is loaded for."""
    await house.publish(rules(**PARTS, attribution={"same_person": same}))
    await same_person(house, "mail", "per_bob", "per_b2")
    await same_person(house, "phone", "per_b2", "per_b3")
    await house.accept(
        house.bought("per_b2", 1_000, "early"),
        *house.story("per_bob", "per_ann"),
        house.event(events.LeadCreated, person="per_b2", visitor="vis_9"),
        house.bought("per_b2", 2_000, "2"),
        house.bought("per_b3", 3_000, "3"),
        house.bought("per_bob", 4_000, "4"),
        house.event(events.ConversionRefunded, invoice="inv_per_b2_2", refund="r1", amount=1_000),
        house.event(events.LeadCreated, person="per_b2", visitor="vis_9", code="cod_per_ann"),
    )
    await house.decide()
    roots = {it.root for it in await house.every(Kin)}
    assert roots == ({"per_bob"} if same == "join" else set())
    amounts = [it.amount for it in await house.every(Reward) if it.beneficiary == "per_ann"]
    assert sorted(amounts) == ([100, 100, 300, 400, 1_000] if same == "join" else [400, 1_000])
    await whole(house)


async def test_an_account_whose_rewards_lie_in_a_payout(house: House) -> None:
    """Joining takes what was approved for the account out of its payout: money goes only where an approval of today says."""
    await rich(house, "join")
    [payout] = await house.draft(await hers(house), house.owner)
    await house.accept(house.bought("per_account", 4_000, "a2"))
    await house.decide()
    assert {it.beneficiary for it in (await house.stored())[Reward].values()} == {"per_ann", "per_guest", "per_zoe"}
    assert [(it.id, it.status) for it in await house.every(Payout)] == [(payout.id, "canceled")]
    await whole(house)


async def test_a_merge_looks_at_the_limits_of_the_months_in_which_the_other_bought(house: House) -> None:
    """Orders of the account that goes are decided under the referral of the one that stays, each in its own month."""
    await house.publish(rules(**PARTS))
    await house.accept(*house.story("per_guest", "per_ann"))
    house.at += 40 * DAY
    await house.accept(house.bought("per_account", 3_000, "a1"))
    house.at += 40 * DAY
    await house.decide()
    event = house.event(events.PersonMerged, keep="per_guest", gone="per_account")
    await house.accept(event)
    await house.decide()
    assert said(await house.entry(event.evt)) == ["merged", "earned", "earned"]
    await whole(house)
