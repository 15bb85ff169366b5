"""Generated histories through the real write path: what load fetched by key is all that the decisions looked at."""

import os
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace
from testkit.world import World
from tests.app.histories import story, tell

from goodword.app.proof.audit import verify
from goodword.app.write.process import quarantined
from goodword.core import calendar, events, persons
from goodword.core import entry as log_entry
from goodword.core.decide import decide
from goodword.core.decision import Decision
from goodword.core.events import AnyEvent
from goodword.core.facts import Facts, Known
from goodword.core.state import NOUNS, Change, Kin, Member, Reward, Timer
from goodword.store.sql_files import statements

FULL = bool(os.environ.get("FULL"))


@pytest.mark.parametrize("seed", range(40 if FULL else 4))
async def test_what_was_loaded_decides_like_what_is_whole(make_house: Any, seed: int) -> None:
    """After any history the database holds what the same history gives in memory, nothing is set aside, all verifies."""

    def plain(entity: Any) -> Any:
        """An entity without what depends on when a timer's worker came by; verify, below, holds that against the log's times."""
        if type(entity) is Reward and entity.id in stays:
            return replace(entity, expires_at=None)
        return replace(entity, decided_at=None) if hasattr(entity, "decided_at") else entity

    world = story(seed)
    #: rewards whose stay in review a timer began, or began again: from when it was decided, which here is later than it was due
    stays = {
        event.subject
        for event, _, decision in world.log
        if isinstance(event, events.TimerDue) and {"in_review", "contested"} & {it.outcome for it in decision.verdicts}
    }
    house = await make_house(starts_at=world.log[0][0].accepted_at)
    await tell(house, world, Random(seed))  # noqa: S311 - the same batches every time
    assert [row.trace for row in await quarantined(house.pool, house.ws)] == []
    stored = await house.stored()
    for noun in NOUNS:
        if noun not in (Member, Change, Timer):
            assert {k: plain(v) for k, v in stored[noun].items() if k != "nobody"} == {
                v.key: plain(v) for v in world.state.all(noun)
            }, noun
    assert (await verify(house.pool, house.ws)).differences == ()


SEEDS = range(110, 170 if FULL else 122)


def test_histories_reach_what_facts_are_for() -> None:
    """Referrals lapse and are bound by a click alone or an enrolment, more touches come than are quoted, keys refuse, claims end."""
    worlds = [story(seed, 90) for seed in range(100, 150)]  # more than are brought to a database: some are rare
    entries = [entry for world in worlds for entry in world.log]
    found = {
        (type(event), verdict.refusal or verdict.outcome, bool(facts.touches), bool(facts.known))
        for event, facts, decision in entries
        for verdict in decision.verdicts
    }
    assert found >= {
        (events.LeadCreated, "attributed", True, False),
        (events.LeadCreated, "self_referral", True, True),
        (events.ConversionRecorded, "attributed", True, True),
        (events.AdvocateEnrolled, "self_referral", True, True),
        (events.ClaimDecided, "self_referral", False, True),
        (events.ConversionRecorded, "duplicate_friend", False, True),
        (events.ClaimDecided, "lost", False, False),
        (events.TimerDue, "lapsed", False, False),
    }
    assert max(facts.touches_count for _, facts, _ in entries) > 200
    assert {match.kind for world in worlds for match in world.matches} == {"mail", "phone"}
    assert any(reward.netted for world in worlds for reward in world.state.all(Reward))


@pytest.mark.parametrize("seed", SEEDS)
async def test_what_was_loaded_is_all_that_was_ever_said(make_house: Any, seed: int) -> None:
    """Every entry of the log, its facts too, is the one that a state gives which knows everything, whatever the batches were.

    And no decision would be another one if it were told all that was ever said, not only the facts that concern it.
    """
    world = story(seed, 90)
    house = await make_house(starts_at=world.log[0][0].accepted_at)
    known = await tell(house, world, Random(seed))  # noqa: S311 - the same batches every time
    assert await quarantined(house.pool, house.ws) == []
    whole = World(checked=False)
    whole.blocks = world.blocks

    def told_everything(event: AnyEvent, facts: Facts) -> Decision:
        """What is decided where nothing is kept back but the touches that are too old."""
        since = event.occurred_at - 400 * calendar.DAY
        touches = [t for t in whole.touches.values() if t.at >= since or t in facts.touches]
        now = {kin.person: kin.root for kin in whole.state.all(Kin)}  # what was said of a name is said of whom it is
        everybody = persons.as_now((Known(match.person, match.other, match.kind) for match in whole.matches), now)
        everything = replace(facts, touches=tuple(sorted(touches, key=lambda t: t.at)), known=tuple(sorted(everybody)))
        return decide(whole.state, event, everything, whole.versions, max(whole.as_of, event.accepted_at))

    rows = await house.pool.fetch(statements("log")["leaves"], house.ws, 1, await house.position())
    leaves = [row["leaf"] for row in rows]
    assert len(leaves) > len(world.log) / 2
    for position, leaf in enumerate(leaves):
        asked = log_entry.asked(leaf)
        while known and known[0][0] <= position:
            whole.recognise(known.pop(0)[1])
        facts = whole.facts(asked.event, asked.facts.actor)
        assert asked.facts == facts, (position + 1, asked.event)
        other = told_everything(asked.event, facts)
        decision = whole.step(asked.event, facts)
        if facts.touches_count <= len(facts.touches):  # else those that are not quoted would be told of, too
            assert decision.verdicts == other.verdicts, (position + 1, asked.event)
        assert whole.leaves[-1] == leaf, (position + 1, asked.event)
