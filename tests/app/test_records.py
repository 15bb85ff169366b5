"""The record of one reward: all that it is decided by, and what it says of an approval is what the approval says."""

from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from random import Random
from typing import Any

from msgspec.structs import replace
from tests.app.conftest import House
from tests.app.histories import story, tell

from goodword.app.principal import Principal
from goodword.app.see import dossiers, queue, records, rewards
from goodword.core import dossier, events
from goodword.core.state import Reward
from goodword.store import log

LIMITS = {"EUR": 500, "USD": 500}


async def test_the_record_and_the_approval_say_the_same(make_house: Any) -> None:
    """After any history: why the reader could not approve it, and whether a second person is needed, is what the approval says."""
    said = set()
    for seed in (61, 67, 72):
        world = story(seed, moves=90)
        house = await make_house(starts_at=world.log[0][0].accepted_at)
        await tell(house, world, Random(seed))  # noqa: S311 - the same batches every time
        limited = replace(house.owner, id="lia", limits=LIMITS)
        await house.join(limited)
        who = Principal("mk", house.workspace, limited)
        for reward in [one for one in await house.every(Reward) if one.status == "in_review"][:25]:
            record = await records.get(who, house.directory, reward.id)
            listed = await rewards.to_approve(who, house.directory, [reward.id])
            asked = {"dry_run": True, "items": listed.items, "list_sha256": listed.list_sha256}
            [verdict, *_] = (await house.say(events.ApprovalGiven, who.actor, **asked)).verdicts
            if verdict.refusal in ("same_member", "over_limit"):  # what only two over one list can say
                continue
            assert record.mine.refusal == verdict.refusal
            if verdict.refusal is None and not reward.approvals:
                assert (record.second.why is not None) == (verdict.outcome == "second_person_needed")
            said.add(verdict.refusal or verdict.outcome)
            await _whole(house, record)
    assert {"case_open", "second_person_needed"} <= said


async def _whole(house: House, record: records.Record) -> None:
    """Eight inputs and six pieces of evidence, each in its place; what stands in the log stands there."""
    assert [fact.code for fact in record.inputs] == [*records.INPUTS]
    assert [fact.code for fact in record.evidence] == [*dossier.EVIDENCE]
    assert [fact.code for fact in record.evidence if fact.state != "good"] == [*record.lacks]
    assert {fact.state for fact in record.evidence} <= {"good", "waits", "stops"}
    assert record.to_payee
    assert record.to_finance
    for fact in (*record.inputs, *record.evidence):
        if fact.position is not None and fact.evt is not None:
            async with house.pool.acquire() as conn:
                entry = await log.at(conn, house.workspace.id, fact.position)
            assert entry is not None
            assert entry.event.evt == fact.evt


async def test_who_may_not_read_the_log_is_shown_no_sentence_of_it(make_house: Any) -> None:
    """A marketer sees the record without its sentences, positions and mails, and that they may not approve it."""
    world = story(66, moves=90)
    house = await make_house(starts_at=world.log[0][0].accepted_at)
    await tell(house, world, Random(66))  # noqa: S311 - the same batches every time
    reward = next(one for one in await house.every(Reward) if one.status == "in_review")
    marketer = replace(house.owner, id="mar", roles=("marketer",))
    record = await records.get(Principal("mk", house.workspace, marketer), house.directory, reward.id)
    assert (record.to_payee, record.to_finance, record.mine.refusal) == (None, None, "not_permitted")
    assert {fact.position for fact in (*record.inputs, *record.evidence)} == {None}


async def test_who_may_read_no_cases_is_told_of_none(make_house: Any) -> None:
    """A marketer sees that a reward is stopped, and not by which case or claim, nor by what it was flagged; an owner sees it."""
    world = story(72, moves=90)
    house = await make_house(starts_at=world.log[0][0].accepted_at)
    await tell(house, world, Random(72))  # noqa: S311 - the same batches every time
    stopped = [one for one in await house.every(Reward) if one.cases]
    assert stopped
    seen = []
    for roles in (("owner",), ("marketer",)):
        who = Principal("mk", house.workspace, replace(house.owner, id="mar", roles=roles))
        record = await records.get(who, house.directory, stopped[0].id)
        text = str((record.inputs, record.evidence))
        seen.append(
            (next(it for it in record.inputs if it.code == "duplicate_check").state, stopped[0].cases[0] in text)
        )
    assert [state for state, _ in seen] == ["stops", "stops"]
    assert [named for _, named in seen] == [True, False]


async def test_what_a_page_of_a_reward_shows_is_read_once(make_house: Any) -> None:
    """The dossier of a reward without flags, and a page of the queue, run no statement twice with the same values."""
    world = story(66, moves=90)
    house = await make_house(starts_at=world.log[0][0].accepted_at)
    await tell(house, world, Random(66))  # noqa: S311 - the same batches every time
    who, said = Principal("mk", house.workspace, house.owner), list[tuple[str, str]]()
    plain = [one.id for one in await house.every(Reward) if not one.marks and not one.cases]
    assert plain
    looks: list[Callable[[], Awaitable[object]]] = [
        *(partial(dossiers.get, who, house.directory, reward) for reward in plain),
        partial(queue.page, who, house.directory),
    ]
    async with house.pool.acquire() as conn:
        conn.add_query_logger(lambda it: said.append((it.query, str(it.args))))
    for look in looks:
        said.clear()
        await look()
        twice = [
            one
            for one, times in Counter(said).items()
            if times > 1 and one[0].startswith("--") and "end of the log" not in one[0]
        ]
        assert len(said) > 10
        assert not twice
