"""Workspaces with their secrets, keys, members and hosts, and the work they have."""

from typing import Any

import asyncpg
import msgspec
import pytest
from tests.conftest import Connect

from goodword.core.decision import Job
from goodword.core.payouts import QUEUE
from goodword.store import jobs, workspaces
from goodword.store.api_keys import api_key_hash
from goodword.store.vault import MasterKey, MasterKeyError, Vault, new_key, public_key

_LEASE = 60_000_000
_RETRY = jobs.Retry()


async def test_a_workspace_comes_back_with_its_keys(connect: Connect) -> None:
    """The keys made at creation open again under the same master key, under another they do not, and differ by workspace."""
    conn = await connect()
    secrets = Vault(MasterKey(new_key()))
    made = await workspaces.create(conn, secrets, "one", "sandbox", "real", 7)
    other = await workspaces.create(conn, secrets, "two", "live", "manual", 8, starts_at=5)
    assert await workspaces.find(conn, secrets, made.id) == made
    assert await workspaces.public_key(conn, made.id) == public_key(made.keys.signing)
    assert made.keys.index != other.keys.index
    assert "index" not in repr(made)
    with pytest.raises(MasterKeyError):
        await workspaces.find(conn, Vault(MasterKey(new_key())), made.id)
    assert await workspaces.find(conn, secrets, "wsp_no") is None
    assert await workspaces.every(conn) == [made.id, other.id]


async def test_keys_are_found_by_hash_until_revoked(connect: Connect) -> None:
    """A key is found by its hash alone, with what it is, until it is revoked; its text stands nowhere."""
    conn = await connect()
    made = await workspaces.create(conn, Vault(MasterKey(new_key())), "one", "sandbox", "real", 7)
    id_, text, *_ = key = workspaces.new_key_of("mk", "sandbox", 9, "mem_1")
    await workspaces.add_key(conn, made.id, key, "laptop")
    found = await workspaces.key_of(conn, api_key_hash(text))
    assert found == workspaces.KeyRow(made.id, id_, "mk", "mem_1", "laptop", 9, None)
    assert await workspaces.key_of(conn, api_key_hash(text + "x")) is None
    assert await workspaces.revoke_key(conn, made.id, id_, 10)
    assert not await workspaces.revoke_key(conn, made.id, id_, 11)
    assert await workspaces.key_of(conn, api_key_hash(text)) is None
    assert [key.revoked_at for key in await workspaces.keys_of(conn, made.id)] == [10]


async def test_members_are_known_by_mail(connect: Connect) -> None:
    """The same mail is the same member, another one another; the mail stands sealed only."""
    conn = await connect()
    made = await workspaces.create(conn, Vault(MasterKey(new_key())), "one", "sandbox", "real", 7)
    one = await workspaces.name_member(conn, made, "ann@example.com")
    assert await workspaces.name_member(conn, made, "ann@example.com") == one
    two = await workspaces.name_member(conn, made, "bob@example.com")
    assert await workspaces.mails(conn, made) == {one: "ann@example.com", two: "bob@example.com"}
    for row in await conn.fetch("select blind, sealed from alias where workspace_id = $1", made.id):
        assert b"example" not in row["blind"] + row["sealed"]
    assert await workspaces.set_host(conn, made.id, "go.example.com", 1)
    assert await workspaces.set_host(conn, made.id, "go.example.com", 1)
    assert await workspaces.hosts(conn, made.id) == ["go.example.com"]


def _job(id_: str, **more: Any) -> Job:
    return Job(**{"id": id_, "kind": "k", "subject": "s", "queue": "q", **more})


async def _leased(conn: asyncpg.Connection, ws: str, now: int, limit: int = 10) -> list[jobs.Leased]:
    return await jobs.lease(conn, ws, "q", "k", now, now + _LEASE, limit)


async def _due(conn: asyncpg.Connection, now: int) -> list[tuple[str, str]]:
    return await workspaces.with_jobs(conn, now, ["q", "q"], ["k", "other"])


async def test_a_job_is_done_by_one(connect: Connect) -> None:
    """A job is leased to one worker at a time, comes back when its lease ends or it failed, later each time, and ends once."""
    conn, second = await connect(), await connect()
    made = await workspaces.create(conn, Vault(MasterKey(new_key())), "one", "sandbox", "real", 7)
    ws = made.id
    for _ in range(2):
        await jobs.add(conn, ws, [_job("job_1"), _job("job_2", payload={"a": [1, "\N{SNOWMAN}"]})], 100)
    assert await _due(conn, 99) == []
    assert await _due(conn, 100) == [(ws, "k")]
    async with conn.transaction():
        (mine,) = await _leased(conn, ws, 100, 1)
        (theirs,) = await _leased(second, ws, 100)
    found = {job.id: msgspec.json.decode(job.payload) for job in (mine, theirs)}
    assert found == {"job_1": {}, "job_2": {"a": [1, "\N{SNOWMAN}"]}}
    assert await _leased(conn, ws, 100) == []
    await jobs.done(conn, ws, [theirs], 101)
    ended = 100 + _LEASE
    (again,) = await _leased(conn, ws, ended)
    assert (again.id, again.attempts) == (mine.id, 2)
    await jobs.done(conn, ws, [mine], ended)  # of a lease that ended
    await jobs.failed(conn, ws, {again: jobs.NotBegunError("no time")}, ended, _RETRY)
    for error in (
        jobs.NotBegunError("late"),
        ValueError("late"),
    ):  # whose lease ended has no part in it, given back or not
        await jobs.done(conn, ws, [mine], ended)
        await jobs.failed(conn, ws, {mine: error}, ended, _RETRY)
    assert await _leased(conn, ws, ended) == [again]
    await jobs.failed(conn, ws, {again: ValueError("no")}, ended, _RETRY)
    assert await _leased(conn, ws, ended + 3_000_000) == []
    (third,) = await _leased(conn, ws, ended + 4_000_000)
    assert third.attempts == 3
    await jobs.done(conn, ws, [third], ended)
    assert await _due(conn, ended * 2) == []


async def test_urgent_jobs_go_first_and_no_kind_is_behind_another(connect: Connect) -> None:
    """Jobs are taken by priority, then by due date; those of another kind or queue are neither taken nor in the way."""
    conn = await connect()
    ws = (await workspaces.create(conn, Vault(MasterKey(new_key())), "one", "sandbox", "real", 7)).id
    for due_at, id_, priority in ((1, "a", 0), (2, "b", 1), (3, "c", 1), (4, "d", 2), (5, "e", 2), (9, "f", 2)):
        await jobs.add(conn, ws, [_job(id_, priority=priority)], due_at)
    await jobs.add(conn, ws, [_job(f"other_{n}", kind="other", priority=2) for n in range(20)], 0)
    await jobs.add(conn, ws, [_job("elsewhere", queue="elsewhere", priority=2)], 0)
    assert sorted(await _due(conn, 5)) == [(ws, "k"), (ws, "other")]
    took = [[job.id for job in await _leased(conn, ws, 5, 2)] for _ in range(4)]
    assert took == [["d", "e"], ["b", "c"], ["a"], []]
    assert await _due(conn, 5) == [(ws, "other")]


async def test_a_job_that_is_given_up_stays_and_one_that_is_done_goes(connect: Connect) -> None:
    """After its last attempt a job is dead, is never due again and keeps its error; pruning takes what was done, a few at a time."""
    conn = await connect()
    ws = (await workspaces.create(conn, Vault(MasterKey(new_key())), "one", "sandbox", "real", 7)).id
    await jobs.add(conn, ws, [_job(id_) for id_ in ("bad", "job_1", "job_2", "job_3", "open")], 0)
    twice = jobs.Retry(first=1, attempts=2)
    for now in (10, 20):
        (bad,) = (job for job in await _leased(conn, ws, now * _LEASE) if job.id == "bad")
        await jobs.failed(conn, ws, {bad: ValueError(f"at {now}")}, now * _LEASE, twice)
    assert "bad" not in [job.id for job in await _leased(conn, ws, 90 * _LEASE)]
    row = await conn.fetchrow("select dead, done_at, error from job where id = 'bad'")
    assert tuple(row) == (True, 20 * _LEASE, "ValueError: at 20")
    leased = [job for job in await _leased(conn, ws, 99 * _LEASE) if job.id != "open"]
    await jobs.done(conn, ws, leased, 100 * _LEASE)
    assert await workspaces.with_done_jobs(conn, 100 * _LEASE) == []
    assert await workspaces.with_done_jobs(conn, 101 * _LEASE) == [ws]
    assert [await jobs.prune(conn, ws, 101 * _LEASE, 2) for _ in range(3)] == [2, 1, 0]
    assert await workspaces.with_done_jobs(conn, 101 * _LEASE) == []
    left = await conn.fetch("select id from job where workspace_id = $1 order by id", ws)
    assert [row["id"] for row in left] == ["bad", "open"]


async def test_a_job_that_nobody_would_take_is_refused(connect: Connect) -> None:
    """A payload that is too large, or a priority that there is not, is refused by name, before anything is stored."""
    conn = await connect()
    with pytest.raises(ValueError, match="payload of job job_1"):
        await jobs.add(conn, "wsp", [_job("job_1", payload={"a": "x" * jobs.LARGEST})], 0)
    with pytest.raises(ValueError, match="priority of job job_2"):
        await jobs.add(conn, "wsp", [_job("job_1"), _job("job_2", priority=3)], 0)
    assert await conn.fetchval("select count(*) from job") == 0


async def test_a_job_of_the_version_before_is_found(connect: Connect) -> None:
    """What a version without queues enqueues while it runs beside this one waits where payouts do, as any other."""
    conn = await connect()
    ws = (await workspaces.create(conn, Vault(MasterKey(new_key())), "one", "sandbox", "real", 7)).id
    await conn.execute(
        "insert into job (workspace_id, id, kind, subject, due_at) values ($1, 'job_1', 'payout.send', 'pay_1', 5)", ws
    )
    assert await workspaces.with_jobs(conn, 5, [QUEUE], ["payout.send"]) == [(ws, "payout.send")]
    (job,) = await jobs.lease(conn, ws, QUEUE, "payout.send", 5, 9, 10)
    assert job == jobs.Leased("job_1", "payout.send", "pay_1", 1, until=9)
