"""Several at once on the same thing: one of them is first, the other is told, and money moves once.

Each side has a pool of connections of its own, as processes have. 100 races of each kind; FULL=1 runs 1,000.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable

from testkit import sent
from testkit.house import ANNA, BEN, DUE, OWNER, PAT, PIA, House, opened, outcome, reviewable, sales

from goodword.app.write import process
from goodword.core.entry import Entry
from goodword.core.events import (
    ApprovalGiven,
    CustomerIssueOpened,
    Item,
    PayoutCanceled,
    PayoutDrafted,
    PayoutReleased,
    RecordLooked,
)
from goodword.core.state import Payout, Reward

RACES = 1_000 if os.environ.get("FULL") else 100


async def _approvals(house: House, kind: str = "approve") -> Counter[str]:
    """How many rows of the kind each reward or payout has."""
    rows = await house.rows("select subject from approval where workspace_id = $1 and kind = $2", kind)
    return Counter(subject for (subject,) in rows)


async def _postings(house: House, source: str, destination: str) -> Counter[str]:
    """How many postings from one account to another each reward has."""
    rows = await house.rows(
        "select reward from posting where workspace_id = $1 and source = $2 and destination = $3", source, destination
    )
    return Counter(reward for (reward,) in rows)


async def test_two_approvers_of_one_reward_approve_it_once(database: str) -> None:
    """Of two members who approve the same reward at once one does, the other is refused, and it becomes payable once."""
    async with opened(database) as one, opened(database, one.ws) as two:
        rewards = (await reviewable(one, (RACES + 1) // 2))[:RACES]
        for reward in rewards:
            items = await one.items([reward])
            entries = await asyncio.gather(one.over(ApprovalGiven, ANNA, items), two.over(ApprovalGiven, BEN, items))
            assert sorted(map(outcome, entries)) == ["approved", "wrong_state"]
        once = Counter(reward.id for reward in rewards)
        assert await _approvals(one) == once
        assert await _postings(one, "accrued", "payable") == once
        assert await one.broken() == []


async def test_two_approvers_of_one_list_approve_it_once(database: str) -> None:
    """Of two members who approve the same list at once one does, for all of its items."""
    async with opened(database) as one, opened(database, one.ws) as two:
        rewards = await reviewable(one, RACES)
        for at in range(0, 2 * RACES, 2):
            items = await one.items(rewards[at : at + 2])
            entries = await asyncio.gather(one.over(ApprovalGiven, ANNA, items), two.over(ApprovalGiven, BEN, items))
            assert sorted(map(outcome, entries)) == ["approved", "wrong_state"]
        once = Counter(reward.id for reward in rewards)
        assert await _approvals(one) == once
        assert await _postings(one, "accrued", "payable") == once
        assert await one.broken() == []


async def test_two_people_above_the_limit_are_two_people(database: str) -> None:
    """Where the program asks for two, simultaneous approvals of one list are the first and the second, never two firsts."""
    async with opened(database) as one, opened(database, one.ws) as two:
        await one.publish(review={"two_people_over": {"EUR": 100}})
        rewards = (await reviewable(one, (RACES + 1) // 2))[:RACES]
        for reward in rewards:
            items = await one.items([reward])
            entries = await asyncio.gather(one.over(ApprovalGiven, ANNA, items), two.over(ApprovalGiven, BEN, items))
            assert sorted(map(outcome, entries)) == ["approved", "second_person_needed"]
        assert await _approvals(one) == Counter({reward.id: 2 for reward in rewards})
        assert await _postings(one, "accrued", "payable") == Counter(reward.id for reward in rewards)
        assert await one.broken() == []


async def test_an_item_that_changes_meanwhile_refuses_the_whole_list(database: str) -> None:
    """A refund decided before the approval of a list refuses all of it; one decided after it lowers what is owed."""
    came: Counter[str] = Counter()
    async with opened(database) as one, opened(database, one.ws) as two:
        rewards = {r.conversion: r for r in await reviewable(one, 2 * RACES) if r.side == "advocate"}
        approved = set()
        for n in range(RACES):
            pair = [rewards[f"inv:i-s{2 * n}"], rewards[f"inv:i-s{2 * n + 1}"]]
            items = await one.items(pair)
            await two.send(sent.refund(f"r{n}", f"i-s{2 * n}", "1", 4_000))
            deciding = asyncio.sleep(0.002 * (n % 3))  # now the one is early, now the other
            entry, _ = await asyncio.gather(_after(deciding, one.over(ApprovalGiven, ANNA, items)), two.decide())
            came[outcome(entry)] += 1
            if outcome(entry) == "approved":
                approved.update(reward.id for reward in pair)
            else:
                assert outcome(entry) == "item_changed"
        await two.decide()  # a refund that found the workspace locked was left for later
        assert sum(came.values()) == RACES
        assert len(came) == 2, f"both orders must have come about: {came}"
        assert set(await _approvals(one)) == approved
        now = {reward.id: reward for reward in await one.every(Reward)}
        for conversion, reward in rewards.items():
            refunded = int(conversion.removeprefix("inv:i-s")) % 2 == 0
            assert now[reward.id].amount == (600 if refunded else 1_000)
            assert now[reward.id].status == ("approved" if reward.id in approved else "in_review")
        assert await one.broken() == []


async def _after(pause: Awaitable[None], doing: Awaitable[Entry]) -> Entry:
    await pause
    return await doing


async def test_two_payers_release_a_payout_once(database: str) -> None:
    """Of two members who release the same payout at once one does; it leaves payable once and there is one job to send it."""
    async with opened(database) as one, opened(database, one.ws) as two:
        payouts = await _payouts(one, RACES)
        for payout in payouts:
            items = (Item(id=payout.id, amount=payout.amount, unit=payout.unit, destination=payout.destination),)
            entries = await asyncio.gather(one.over(PayoutReleased, PAT, items), two.over(PayoutReleased, PIA, items))
            assert sorted(map(outcome, entries)) == ["released", "wrong_state"]
        once = Counter(payout.id for payout in payouts)
        assert await _approvals(one, "release") == once
        jobs = await one.rows("select subject from job where workspace_id = $1 and kind = 'payout.send'")
        assert Counter(subject for (subject,) in jobs) == once
        assert await _postings(one, "payable", "clearing") == Counter(p.parts[0].reward for p in payouts)
        assert await one.broken() == []


async def test_two_drafts_never_hold_the_same_reward(database: str) -> None:
    """Of two members who gather the same beneficiary's rewards at once one gets them, the other finds nothing to do."""
    async with opened(database) as one, opened(database, one.ws) as two:
        for reward in await _approved(one, (RACES + 1) // 2):
            fields = {"rail": "sandbox", "kinds": ("cash",), "unit": "EUR", "beneficiaries": (reward.beneficiary,)}
            entries = await asyncio.gather(one.say(PayoutDrafted, PAT, **fields), two.say(PayoutDrafted, PIA, **fields))
            assert sorted(map(outcome, entries)) == ["drafted", "nothing_to_do"]
        assert await one.broken() == []


async def test_a_release_and_a_cancellation_exclude_each_other(database: str) -> None:
    """A payout that is released and canceled at once is sent only if it was not canceled, and its money stands in one place."""
    came: Counter[str] = Counter()
    async with opened(database) as one, opened(database, one.ws) as two:
        for payout in await _payouts(one, RACES):
            items = (Item(id=payout.id, amount=payout.amount, unit=payout.unit, destination=payout.destination),)
            released, canceled = await asyncio.gather(
                one.over(PayoutReleased, PAT, items), two.say(PayoutCanceled, PIA, payout=payout.id, reason="mistake")
            )
            assert outcome(released) in ("released", "wrong_state")
            assert outcome(canceled) == "canceled"  # before the rail was called a payout can be taken back
            came[outcome(released)] += 1
        assert {payout.status for payout in await one.every(Payout)} == {"canceled"}
        assert await _postings(one, "payable", "clearing") == await _postings(one, "clearing", "payable")
        assert sum(came.values()) == RACES
        assert await one.broken() == []


async def test_the_same_key_twice_at_once_is_one_decision(database: str) -> None:
    """A command sent twice at once under one Idempotency-Key is decided once, and both get the same answer."""
    async with opened(database) as one, opened(database, one.ws) as two:
        rewards = (await reviewable(one, (RACES + 1) // 2))[:RACES]
        for n, reward in enumerate(rewards):
            items = await one.items([reward])
            first, second = await asyncio.gather(
                one.over(ApprovalGiven, ANNA, items, key=f"k{n}"), two.over(ApprovalGiven, ANNA, items, key=f"k{n}")
            )
            assert outcome(first) == "approved"
            assert first == second
        assert await _approvals(one) == Counter(reward.id for reward in rewards)
        assert await one.broken() == []


async def test_the_same_event_twice_at_once_is_stored_once(database: str) -> None:
    """An event delivered at once to two processes is accepted by one, a repeat to the other, and decided once."""
    async with opened(database) as one, opened(database, one.ws) as two:
        wanted = sales(RACES)
        for item in wanted:
            answers = await asyncio.gather(one.send(item), two.send(item))
            assert sorted(answer.status for (answer,) in answers) == ["accepted", "repeat"]
            assert answers[0][0].evt == answers[1][0].evt
        await asyncio.gather(one.decide(), two.decide())
        await one.decide()
        assert len(await one.every(Reward)) == 2 * RACES
        assert await _decided_once(one) == len(wanted)


async def test_two_workers_decide_each_event_once(database: str) -> None:
    """Two processes that decide one workspace while events come in give each event one position, without gaps."""
    async with opened(database) as one, opened(database, one.ws) as two:
        wanted = sales(RACES)
        sending = True

        async def send() -> None:
            nonlocal sending
            for at in range(0, len(wanted), 30):
                await one.send(*wanted[at : at + 30])
            sending = False

        async def decide(house: House) -> int:
            count = 0
            while sending or await house.rows("select 1 from undecided where workspace_id = $1 limit 1"):
                count += await process.process(house.engine, house.ws, limit=7)
                await asyncio.sleep(0)
            return count

        _, *counts = await asyncio.gather(send(), decide(one), decide(two))
        assert all(counts), f"both must have had their part: {counts}"
        assert await _decided_once(one) == len(wanted)
        assert len(await one.every(Reward)) == 2 * RACES
        assert await one.broken() == []


async def _decided_once(house: House) -> int:
    """Check that positions have no gap and that each event from outside has one; returns how many these are."""
    [(count, last)] = await house.rows("select count(*), max(position) from log where workspace_id = $1")
    assert count == last
    [(events_, positions, entries)] = await house.rows(
        """select count(*), count(distinct l.position), count(l.evt) from event e
           left join log l on l.workspace_id = e.workspace_id and l.evt = e.evt
           where e.workspace_id = $1 and e.source = 'native'"""
    )
    assert events_ == positions == entries
    return int(events_)


async def _approved(house: House, count: int) -> list[Reward]:
    """Return approved rewards that are due, two for each of ``count`` purchases."""
    rewards = await reviewable(house, count)
    await house.approve(rewards)
    await house.move_clock(DUE)
    return sorted(rewards, key=lambda reward: reward.id)


async def _payouts(house: House, count: int) -> list[Payout]:
    """Return so many payouts that wait for their release."""
    payouts = await house.draft((await _approved(house, (count + 1) // 2))[:count], OWNER)
    assert [payout.status for payout in payouts] == ["awaiting_release"] * count
    return payouts


async def test_a_flag_and_an_approval_at_once_are_one_before_the_other(database: str) -> None:
    """Either it was approved before the flag was raised, or who approved is told to open the evidence, and can once they have."""
    async with opened(database) as one, opened(database, one.ws) as two:
        rewards = (await reviewable(one, (RACES + 1) // 2))[:RACES]
        for number, reward in enumerate(rewards):
            items = await one.items([reward])
            flag = one.say(CustomerIssueOpened, person=reward.friend, issue=f"i{number}")
            _, entry = await asyncio.gather(flag, two.over(ApprovalGiven, ANNA, items))
            if outcome(entry) != "approved":
                assert outcome(entry) == "evidence_not_opened"
                await two.say(RecordLooked, ANNA, subject=reward.id, what="opened", seconds=1)
                assert outcome(await two.over(ApprovalGiven, ANNA, items)) == "approved"
        assert await _approvals(one) == Counter(reward.id for reward in rewards)
        assert await one.broken() == []
