"""The write path: what is accepted is decided once, in order, whole or not at all."""

import asyncio
import time
from typing import Any

import asyncpg
import msgspec
import pytest
from testkit.house import SERVER
from tests.app.conftest import DAY, RULES, House

from goodword.app.engine import Engine
from goodword.app.proof.audit import verify
from goodword.app.write import persist as persist_module
from goodword.app.write import process as writing
from goodword.app.write.commands import CommandConflictError, Make, Stamp, command, commands
from goodword.app.write.process import drain, process, quarantined, retry_quarantine
from goodword.core import canonical, events, lists
from goodword.core import rules as core_rules
from goodword.core import run as run_module
from goodword.core.entry import Entry
from goodword.core.facts import Actor
from goodword.core.state import Case, Payout, Program, Reward, State, Timer
from goodword.store import undecided
from goodword.store.pool import open_pool


async def test_a_story_becomes_rewards(house: House) -> None:
    """Events in the inbox become entries in order of acceptance, entities, postings and balances, all verifiable."""
    said = house.story()
    await house.accept(*reversed(said))
    assert await process(house.engine, house.ws) == 3
    assert await process(house.engine, house.ws) == 0
    entries = [await house.entry(event.evt) for event in said]
    assert [entry.position for entry in entries] == [3, 4, 5]
    assert {(r.side, r.amount, r.status) for r in await house.every(Reward)} == {
        ("advocate", 1000, "pending"),
        ("friend", 500, "pending"),
    }
    report = await verify(house.pool, house.ws)
    assert report.differences == ()
    assert report.size == 5
    assert report.enforced


async def test_state_loaded_is_the_state_in_memory(house: House) -> None:
    """Deciding one event a transaction stores what deciding all in one transaction does."""
    said = [event for n in range(30) for event in house.story(f"per_f{n}", f"per_a{n % 7}", 1000 + n)]
    for n, event in enumerate(said):
        if n % 2:
            await house.accept(event)
            await drain(house.engine, house.ws)
        else:
            await house.accept(event)
    await drain(house.engine, house.ws)
    assert len(await house.every(Reward)) == 60
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_timers_fire_in_their_place(house: House) -> None:
    """A timer due before an event is decided before it, once, as an entry of its own with the time it was due; then it is gone."""
    await house.accept(*house.story())
    await drain(house.engine, house.ws)
    timers = await house.every(Timer)
    house.at += 40 * DAY
    later = house.bought("per_eve")
    await house.accept(later)
    await drain(house.engine, house.ws)
    assert await house.every(Timer) == []
    entry = await house.entry(later.evt)
    async with house.pool.acquire() as conn:
        types = [
            r["t"]
            for r in await conn.fetch(
                """select convert_from(leaf, 'UTF8')::jsonb -> 'event' ->> 'type' as t from log
               where workspace_id = $1 order by position""",
                house.ws,
            )
        ]
    assert types[entry.position - 2] == "timer.due"
    assert types.count("timer.due") == len(timers) > 0
    assert {r.status for r in await house.every(Reward)} == {"in_review"}
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_manual_clock_fires_all_it_passes(make_house: Any) -> None:
    """Moving a manual clock is answered when every timer up to it is decided; it does not move back."""
    house = await make_house("manual")
    await house.publish()
    await house.accept(*house.story())
    await drain(house.engine, house.ws)
    assert {r.status for r in await house.every(Reward)} == {"pending"}
    await house.say(events.ClockMoved, to=house.at + 31 * DAY)
    assert {r.status for r in await house.every(Reward)} == {"in_review"}
    back = await house.say(events.ClockMoved, to=house.at + 30 * DAY)
    assert back.verdicts[0].refusal == "not_forward"
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_real_clock_fires_without_events(make_house: Any) -> None:
    """A timer fires when the real clock has reached it, though nothing else happens."""
    house = await make_house("real", None)
    await house.publish(hold="1m")
    house.at = time.time_ns() // 1000
    await house.accept(*house.story())
    await drain(house.engine, house.ws)
    assert {r.status for r in await house.every(Reward)} == {"pending"}
    assert await process(house.engine, house.ws, real_now=house.at + DAY) == 2
    assert {r.status for r in await house.every(Reward)} == {"in_review"}


async def test_more_timers_than_fit_into_one_transaction(make_house: Any) -> None:
    """However many timers are due, and however few a transaction takes, all fire before the event that comes later."""
    house = await make_house()
    await house.publish()
    await house.accept(*(event for n in range(20) for event in house.story(f"per_f{n}", f"per_a{n}")))
    await drain(house.engine, house.ws)
    house.at += 40 * DAY
    later = house.bought("per_eve")
    await house.accept(later)
    rounds = 0
    while await process(house.engine, house.ws, limit=7):
        rounds += 1
    assert rounds >= 6
    entry = await house.entry(later.evt)
    assert entry.position == 2 + 60 + 40 + 1
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_command_is_answered_at_once(house: House) -> None:
    """What takes nothing away is decided before what waits; its repeat gives the same entry; another content conflicts."""
    await house.accept(*house.story())
    entry = await house.say(events.MemberSet, member="mem_x", roles=("payer",), key="k1", content=b"one")
    again = await house.say(events.MemberSet, member="mem_x", roles=("payer",), key="k1", content=b"one")
    assert again == entry
    assert entry.position == 3
    with pytest.raises(CommandConflictError) as caught:
        await house.say(events.MemberSet, member="mem_x", roles=(), key="k1", content=b"two")
    assert caught.value.evt == entry.event.evt
    await drain(house.engine, house.ws)
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_dry_run_leaves_nothing(house: House) -> None:
    """A dry run gives the entry that would come about and changes nothing, not even the log's end."""
    await house.accept(*house.story())
    await drain(house.engine, house.ws)
    before = await house.stored()
    told = await house.say(events.MemberSet, member="mem_x", roles=("payer",), dry_run=True, key="k")
    assert told.position == 6
    assert await house.stored() == before
    real = await house.say(events.MemberSet, member="mem_x", roles=("payer",), key="k")
    assert (real.position, real.verdicts[0].outcome) == (6, told.verdicts[0].outcome)


async def test_a_member_acts_with_present_roles(house: House) -> None:
    """Whatever roles a session remembers, a member acts with those that the workspace knows now."""
    await house.say(events.MemberSet, member="mem_x", roles=())
    remembered = Actor(id="mem_x", kind="member", roles=("owner",))
    entry = await house.say(events.MemberSet, remembered, member="mem_x", roles=("owner",))
    assert entry.verdicts[0].refusal == "not_permitted"
    assert entry.facts.actor is not None
    assert entry.facts.actor.roles == ()


async def test_two_processes_decide_each_event_once(house: House) -> None:
    """However many deciders there are, each event has one position, and positions have no gaps."""
    said = [event for n in range(60) for event in house.story(f"per_f{n}", f"per_a{n}")]

    async def feed() -> None:
        for at in range(0, len(said), 9):
            await house.accept(*said[at : at + 9])
            await asyncio.sleep(0)

    async def decide() -> None:
        for _ in range(40):
            await process(house.engine, house.ws, limit=10)
            await asyncio.sleep(0)

    await asyncio.gather(feed(), decide(), decide(), decide())
    await drain(house.engine, house.ws)
    report = await verify(house.pool, house.ws)
    assert report.differences == ()
    assert report.size == 2 + len(said)
    assert len(await house.every(Reward)) == 120


async def test_a_failing_event_holds_up_only_its_own(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails is set aside, what is about the same customer or invoice waits, all else goes on; a retry keeps order."""
    first, lead, sale = house.story()
    refund = house.event(events.ConversionRefunded, invoice=sale.invoice, refund="rfd_1", amount=2000)
    again = house.bought(invoice="2")
    other = house.story("per_eve", "per_zoe")
    real = run_module.decide

    def failing(state: State, event: Any, *rest: Any) -> Any:
        if event.evt == lead.evt:
            raise ZeroDivisionError("on purpose")
        return real(state, event, *rest)

    monkeypatch.setattr(run_module, "decide", failing)
    await house.accept(first, lead, sale, refund, again, *other)
    assert await drain(house.engine, house.ws) == 8
    async with house.pool.acquire() as conn:
        aside = await undecided.waiting(conn, house.ws)
    assert [row.evt for row in aside] == [lead.evt, sale.evt, refund.evt, again.evt]
    assert {row.waits_for for row in aside} == {lead.evt}
    assert "on purpose" in (aside[0].trace or "")
    assert len(await house.every(Reward)) == 2
    late = house.bought(invoice="3")
    await house.accept(late)
    await drain(house.engine, house.ws)
    assert await retry_quarantine(house.engine, house.ws, lead.evt) == 5
    async with house.pool.acquire() as conn:
        assert (await undecided.waiting(conn, house.ws))[0].evt == lead.evt
    monkeypatch.setattr(run_module, "decide", real)
    assert await retry_quarantine(house.engine, house.ws, lead.evt) == 5
    entries = [await house.entry(event.evt) for event in (lead, sale, refund, again, late)]
    assert [entry.position for entry in entries] == sorted(entry.position for entry in entries)
    assert {r.amount for r in await house.every(Reward) if r.side == "advocate"} == {800, 1000}
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_failing_timer_is_set_aside(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A timer on which decide fails does not come again by itself; a retry fires it."""
    await house.accept(*house.story())
    await drain(house.engine, house.ws)
    real = run_module.decide

    def failing(state: State, event: Any, *rest: Any) -> Any:
        if isinstance(event, events.TimerDue):
            raise ZeroDivisionError("on purpose")
        return real(state, event, *rest)

    monkeypatch.setattr(run_module, "decide", failing)
    house.at += 31 * DAY
    await house.send(events.CustomerKnown, person="per_x", since=house.at)
    assert await process(house.engine, house.ws) == 0
    monkeypatch.setattr(run_module, "decide", real)
    async with house.pool.acquire() as conn:
        aside = await undecided.waiting(conn, house.ws)
    assert len(aside) == len(await house.every(Timer)) == 2
    for row in aside:
        assert await retry_quarantine(house.engine, house.ws, row.evt) == 1
    assert {r.status for r in await house.every(Reward)} == {"in_review"}
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_an_unreadable_event_is_set_aside(house: House) -> None:
    """An event whose stored body cannot be read is set aside, and the others go on."""
    said = house.story()
    await house.accept(*said)
    async with house.pool.acquire() as conn:
        await conn.execute(
            "update undecided set body = 'x' where workspace_id = $1 and evt = $2", house.ws, said[1].evt
        )
    await drain(house.engine, house.ws)
    async with house.pool.acquire() as conn:
        assert [row.evt for row in await undecided.waiting(conn, house.ws)] == [said[1].evt]
    assert (await house.entry(said[2].evt)).position == 4


async def test_what_cannot_even_be_written_is_set_aside(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event or timer whose effects the database refuses is found among its batch, set aside, and the rest goes on."""
    said = [event for n in range(4) for event in house.story(f"per_f{n}", f"per_a{n}")]
    bad = said[5]
    real = persist_module.persist

    async def refusing(conn: asyncpg.Connection, ws: str, before: Any, part: Any, *rest: Any) -> Any:
        if any(entry.event.evt == bad.evt or entry.event.source == "timer" for entry in part.entries):
            await conn.execute("select 1 / 0")
        return await real(conn, ws, before, part, *rest)

    monkeypatch.setattr(persist_module, "persist", refusing)
    await house.accept(*said)
    await drain(house.engine, house.ws)
    assert len(await house.every(Reward)) == 6
    house.at += 31 * DAY
    await house.send(events.CustomerKnown, person="per_x", since=house.at)
    async with house.pool.acquire() as conn:
        aside = await undecided.waiting(conn, house.ws)
    assert [row.evt for row in aside if row.source != "timer"] == [bad.evt]
    assert len([row for row in aside if row.source == "timer"]) == 6
    assert all("division by zero" in (row.trace or "") for row in aside)
    monkeypatch.setattr(persist_module, "persist", real)
    for row in aside:
        await retry_quarantine(house.engine, house.ws, row.evt)
    assert len(await house.every(Reward)) == 8
    assert {r.status for r in await house.every(Reward) if r.id} >= {"in_review"}
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_lost_connection_is_tried_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction whose connection is lost, or that another one was in the way of, is tried again, five times at most."""
    from goodword.app.write import process as module  # noqa: PLC0415

    real, failures = persist_module.persist, 0

    async def losing(conn: asyncpg.Connection, *rest: Any) -> Any:
        nonlocal failures
        end = await real(conn, *rest)
        if failures:
            failures -= 1
            if failures % 2:
                raise asyncpg.SerializationError("on purpose")
            conn.terminate()
        return end

    monkeypatch.setattr(persist_module, "persist", losing)
    monkeypatch.setattr(module, "_PAUSE", 0.001)
    await house.accept(*house.story())
    failures = 4
    assert await process(house.engine, house.ws) == 3
    await house.accept(house.bought("per_eve"))
    failures = 9
    with pytest.raises((asyncpg.SerializationError, asyncpg.InterfaceError, ConnectionError)):
        await process(house.engine, house.ws)
    failures = 0
    assert await process(house.engine, house.ws) == 1
    report = await verify(house.pool, house.ws)
    assert report.differences == ()
    assert report.size == 6


class _Deaf(asyncpg.Connection):
    """A connection that breaks behind its next commit: what was decided is stored, and nobody hears of it."""

    deaf = 0

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:
        """Run it; lose the answer of a commit."""
        done: str = await super().execute(query, *args, timeout=timeout)
        if query.startswith("COMMIT") and _Deaf.deaf:
            _Deaf.deaf -= 1
            self.terminate()
            raise asyncpg.ConnectionDoesNotExistError("on purpose")
        return done


@pytest.mark.parametrize("key", [None, "key"])
async def test_a_command_whose_commit_was_not_heard_of_is_decided_once(
    house: House, database: str, monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    """With or without a key: the answer of a second try is what the first one decided."""
    monkeypatch.setattr("goodword.app.write.process._PAUSE", 0.001)
    pool = await open_pool(database, connection_class=_Deaf)
    program = (await house.every(Program))[0].id
    try:
        _Deaf.deaf = 2
        entry = await command(
            Engine(pool),
            house.ws,
            lambda stamp: events.ProgramMoved(**stamp, program=program, to="paused"),
            house.owner,
            key=key,
        )
    finally:
        _Deaf.deaf = 0
        await pool.close()
    assert [verdict.outcome for verdict in entry.verdicts] == ["paused"]
    report = await verify(house.pool, house.ws)
    assert (report.size, report.differences) == (entry.position, ())


def _paused(program: str, to: str) -> Make:
    return lambda stamp: events.ProgramMoved(**stamp, program=program, to=to)


async def test_commands_together_are_one_commit_in_their_order(
    house: House, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each sees what those before it decided and has its own entry; a commit that was not heard of decides none of them twice."""
    monkeypatch.setattr("goodword.app.write.process._PAUSE", 0.001)
    program = (await house.every(Program))[0].id
    pool = await open_pool(database, connection_class=_Deaf)
    try:
        _Deaf.deaf = 2
        made = [_paused(program, to) for to in ("paused", "paused", "active", "paused")]
        entries = await commands(Engine(pool), house.ws, made, house.owner)
    finally:
        _Deaf.deaf = 0
        await pool.close()
    said = [entry.verdicts[0].outcome for entry in entries if isinstance(entry, Entry)]
    assert said == ["paused", "refused", "active", "paused"]
    commits = await house.pool.fetch("select distinct xmin::text from log where position > 2")
    assert len(commits) == 1
    report = await verify(house.pool, house.ws)
    assert (report.size, report.differences) == (6, ())


async def test_a_command_that_fails_does_not_fail_those_beside_it(house: House) -> None:
    """It gives its error; the others are decided as they would be without it."""
    program = (await house.every(Program))[0].id

    def broken(_: Stamp) -> Any:
        raise ValueError("not this one")

    made = [_paused(program, "paused"), broken, _paused(program, "active")]
    first, second, third = await commands(house.engine, house.ws, made, house.owner)
    assert isinstance(second, ValueError)
    assert [e.verdicts[0].outcome for e in (first, third) if isinstance(e, Entry)] == ["paused", "active"]
    report = await verify(house.pool, house.ws)
    assert (report.size, report.differences) == (4, ())


async def test_a_command_that_needs_what_those_before_it_brought_is_decided(house: House) -> None:
    """An enrolment right behind the publication of its program needs more than was loaded for both: it comes next."""
    text = core_rules.document(msgspec.convert({**RULES, "program": "second"}, core_rules.Rules))
    made: list[Make] = [
        lambda s: events.ProgramPublished(**s, slug="second", rules=core_rules.version(text).hash, document=text),
        lambda s: events.AdvocateEnrolled(**s, person="per_new", code="cod_new"),
        _paused((await house.every(Program))[0].id, "paused"),
    ]
    entries = await commands(house.engine, house.ws, made, house.owner)
    assert [e.position for e in entries if isinstance(e, Entry)] == [3, 4, 5]
    assert (await verify(house.pool, house.ws)).differences == ()


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.DiskFullError,
        asyncpg.OutOfMemoryError,
        asyncpg.LockNotAvailableError,
        asyncpg.IdleInTransactionSessionTimeoutError,
        asyncpg.InvalidCachedStatementError,
        asyncpg.UndefinedColumnError,
        asyncpg.CannotConnectNowError,
        TimeoutError,
        FileNotFoundError,  # the server's socket, while it starts
    ],
)
async def test_no_event_is_to_blame_for_a_server_in_need(
    house: House, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """Without room, without time or on another version's schema nothing is decided and nothing set aside; afterwards all is."""
    from goodword.app.write import process as module  # noqa: PLC0415

    async def failing(*_: Any) -> None:
        raise error("on purpose")

    monkeypatch.setattr(module, "_PAUSE", 0.001)
    await house.accept(*house.story())
    with monkeypatch.context() as trouble:
        trouble.setattr(persist_module, "persist", failing)
        with pytest.raises(error):
            await process(house.engine, house.ws)
    assert await quarantined(house.pool, house.ws) == []
    assert await process(house.engine, house.ws) == 3


async def test_approve_and_pay(house: House) -> None:
    """Approval, draft, release and the rail's answers go through the same path, with a job and approval rows."""
    await house.accept(*house.story())
    house.at += 31 * DAY
    await house.send(events.CustomerKnown, person="per_x", since=house.at)
    rewards = await house.every(Reward)
    assert await house.every(Case) == []
    for reward in rewards:
        await house.say(events.PayeeSet, SERVER, person=reward.beneficiary, rail="bank_file", destination="d1")
    items = tuple(events.Item(id=r.id, amount=r.amount, unit=r.unit, destination="d1") for r in rewards)
    said = await house.say(events.ApprovalGiven, items=items, list_sha256=lists.digest(items))
    assert said.verdicts[0].outcome == "approved", said.verdicts
    house.at += 60 * DAY
    await house.send(events.CustomerKnown, person="per_y", since=house.at)
    await house.say(
        events.PayoutDrafted, rail="bank_file", kinds=("cash",), unit="EUR", beneficiaries=("per_ann", "per_bob")
    )
    payouts = await house.every(Payout)
    items = tuple(events.Item(id=p.id, amount=p.amount, unit=p.unit, destination=p.destination) for p in payouts)
    said = await house.say(events.PayoutReleased, items=items, list_sha256=lists.digest(items))
    assert said.verdicts[0].outcome == "released", said.verdicts
    system = Actor(id="worker", kind="system")
    for payout in payouts:
        for outcome in ("processing", "sent", "completed"):
            await house.say(events.PayoutAnswered, system, payout=payout.id, outcome=outcome, source="rail")
    assert {p.status for p in await house.every(Payout)} == {"completed"}
    assert {r.status for r in await house.every(Reward)} == {"paid"}
    async with house.pool.acquire() as conn:
        kinds = await conn.fetch("select kind, count(*) from approval where workspace_id = $1 group by kind", house.ws)
        assert {row["kind"]: row["count"] for row in kinds} == {"approve": 2, "release": 2}
        assert await conn.fetchval("select count(*) from job where workspace_id = $1", house.ws) == 2
    assert (await verify(house.pool, house.ws)).differences == ()


@pytest.mark.parametrize("text", ["\0", "d\0", "\\\0", '"\0"'])
async def test_no_text_of_the_log_holds_a_nul(house: House, text: str) -> None:
    """A command with a NUL in it is no entry, not even a refused one: PostgreSQL could not look into it ever after."""
    before = await house.position()
    with pytest.raises(canonical.NulError):
        await house.say(events.PayeeSet, person="per_x", rail="bank_file", destination=text)
    assert await house.position() == before
    spelled = "d\\u0000"  # with a backslash of its own
    await house.say(events.PayeeSet, person="per_x", rail="bank_file", destination=spelled)
    read = "select count(convert_from(leaf, 'UTF8')::jsonb) from log where workspace_id = $1"
    assert await house.pool.fetchval(read, house.ws) == before + 1


async def test_a_dry_run_of_events_waits_for_none_that_come_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits is decided for good before it; what others accept while it holds the lock is decided after it, however much comes."""
    before = house.story("per_early")
    await house.accept(*before)
    mine, steps = house.story("per_mine", "per_ann"), 0
    step = writing._step

    async def noted(*args: Any) -> Any:
        nonlocal steps
        steps += 1
        if steps < 30:
            await house.accept(house.bought("per_early", invoice=f"later-{steps}"))
        return await step(*args)

    async def accept(conn: Any) -> str:
        monkeypatch.setattr(writing, "_step", noted)
        await house.accept(*mine, conn=conn)
        return "given"

    given, entries = await writing.tried(house.engine, house.ws, accept)
    assert given == "given"
    assert {it.evt for it in mine} <= {it.event.evt for it in entries}
    assert not {it.evt for it in before} & {it.event.evt for it in entries}
    assert steps == 1
    assert await house.position() == 2 + len(before)
