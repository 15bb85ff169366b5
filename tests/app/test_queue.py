"""The queue of approvals says of each reward what its approval would say."""

from collections import Counter
from random import Random
from typing import Any

from msgspec.structs import replace
from tests.app.conftest import House
from tests.app.histories import story, tell

from goodword.app.principal import Principal
from goodword.app.see import clock, rewards
from goodword.core import events, lists
from goodword.core.entry import Entry
from goodword.core.state import Claim, Reward


async def _approved(house: House, who: Principal, reward: str) -> Entry:
    """Return what approving one reward as it is now would be decided as."""
    listed = await rewards.to_approve(who, house.directory, [reward])
    assert listed.list_sha256 == lists.digest(listed.items)
    return await house.say(
        events.ApprovalGiven, who.actor, dry_run=True, items=listed.items, list_sha256=listed.list_sha256
    )


async def test_the_queue_and_the_approval_say_the_same(make_house: Any) -> None:
    """After any history: what is listed would be approved, alone, and each that is left out is refused by the code that counts it."""
    refused: Counter[str] = Counter()
    for seed in range(60, 69):
        refused += await _told_alike(make_house, seed)
    assert {"contested", "case_open", "payee_missing"} <= refused.keys()


async def _told_alike(make_house: Any, seed: int) -> Counter[str]:
    """Compare both after one history; returns how often which refusal was said."""
    world = story(seed, moves=90)
    house = await make_house(starts_at=world.log[0][0].accepted_at)
    await tell(house, world, Random(seed))  # noqa: S311 - the same batches every time
    who = Principal("mk", house.workspace, replace(house.owner, limits=None))
    listed = await rewards.queue_list(who, house.directory)
    now = await clock.now(who, house.directory)
    waiting = [
        reward.id
        for reward in await house.every(Reward)
        if reward.status == "in_review" and (reward.snoozed_until or 0) <= now  # what is put aside is not looked at
    ]
    refused: Counter[str] = Counter()
    ready = []
    for reward in waiting:
        [verdict, *_] = (await _approved(house, who, reward)).verdicts
        if verdict.refusal is None:
            ready.append(reward)
        else:
            refused[verdict.refusal] += 1
    assert [item.id for item in listed.items] == sorted(ready)
    assert listed.left_out == refused
    shown = (await rewards.to_approve(who, house.directory, waiting)).shown
    open_ = {claim.id for claim in await house.every(Claim) if claim.open_of is not None}
    assert {one.claim for one in shown if one.claim is not None} <= open_
    if refused["contested"]:
        assert [one for one in shown if one.claim is not None and not one.cases]
    return refused
