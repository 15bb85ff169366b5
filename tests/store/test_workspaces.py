"""Workspaces with their secrets, keys, members and hosts, and the work they have."""

import pytest
from tests.conftest import Connect

from goodword.core.decision import Job
from goodword.store import jobs, workspaces
from goodword.store.api_keys import api_key_hash
from goodword.store.vault import MasterKey, MasterKeyError, Vault, new_key, public_key


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
    id_, text = await workspaces.add_key(conn, made.id, "mk", "sandbox", 9, member="mem_1", name="laptop")
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
    await workspaces.set_host(conn, made.id, "go.example.com")
    await workspaces.set_host(conn, made.id, "go.example.com")
    assert await workspaces.hosts(conn, made.id) == ["go.example.com"]


async def test_a_job_is_done_by_one(connect: Connect) -> None:
    """A job is leased to one worker at a time, comes back when its lease ends or it failed, later each time, and ends once."""
    conn, second = await connect(), await connect()
    made = await workspaces.create(conn, Vault(MasterKey(new_key())), "one", "sandbox", "real", 7)
    ws = made.id
    for _ in range(2):
        await jobs.add(conn, ws, [Job(id="job_1", kind="k", subject="s"), Job(id="job_2", kind="k", subject="s")], 100)
    assert await workspaces.with_jobs(conn, 99) == []
    assert await workspaces.with_jobs(conn, 100) == [ws]
    async with conn.transaction():
        (mine,) = await jobs.lease(conn, ws, 100, 1)
        (theirs,) = await jobs.lease(second, ws, 100)
    assert {mine.id, theirs.id} == {"job_1", "job_2"}
    assert await jobs.lease(conn, ws, 100) == []
    await jobs.done(conn, ws, [theirs], 101)
    ended = 100 + jobs.LEASE
    (again,) = await jobs.lease(conn, ws, ended)
    assert (again.id, again.attempts) == (mine.id, 2)
    await jobs.done(conn, ws, [mine], ended)  # of a lease that ended
    await jobs.failed(conn, ws, {again: jobs.NotBegunError("no time")}, ended)
    assert await jobs.lease(conn, ws, ended) == [again]
    await jobs.failed(conn, ws, {again: ValueError("no")}, ended)
    assert await jobs.lease(conn, ws, ended + 3_000_000) == []
    (third,) = await jobs.lease(conn, ws, ended + 4_000_000)
    assert third.attempts == 3
    await jobs.done(conn, ws, [third], ended)
    assert await workspaces.with_jobs(conn, ended * 2) == []
