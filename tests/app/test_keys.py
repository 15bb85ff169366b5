"""A new master key takes the place of the old one while the workspace lives on."""

import asyncio

import asyncpg
import pytest

from goodword.app.directory import Directory
from goodword.app.engine import Engine
from goodword.app.intake.ingest import Ingest, UnavailableError
from goodword.app.principal import OPERATOR
from goodword.app.proof.audit import verify
from goodword.app.rotation import opens, rotate, rotated
from goodword.app.say import workspaces as say
from goodword.sources import native_read
from goodword.sources.native_source import SENDERS
from goodword.store import people, workspaces
from goodword.store.vault import MasterKey, MasterKeyError, Vault, new_key
from goodword.store.workspaces import Workspace

OLD, NEW = MasterKey(new_key()), MasterKey(new_key())
EVENTS = b"""[{"type": "advocate.enrolled", "id": "1", "external_id": "anna", "email": "anna@example.com"},
  {"type": "lead.created", "id": "2", "customer_external_id": "ben", "code": "x", "customer_email": "ben@example.com"}]"""


async def _made(engine: Engine) -> Workspace:
    """A workspace with two persons, made under the old master key."""
    made = await say.create(
        OPERATOR, Directory(engine, Vault(OLD)), "rotating", "o@example.com", mode="sandbox", clock="events"
    )
    async with engine.pool.acquire() as conn:
        found = await workspaces.find(conn, Vault(OLD), made.id)
    assert found is not None
    answers = await Ingest(engine, Vault(OLD)).accept(found, SENDERS["sk"], native_read.read(EVENTS))
    assert [answer.status for answer in answers] == ["accepted"] * 2
    return found


async def test_after_a_rotation_the_new_master_key_alone_opens_everything(engine: Engine) -> None:
    """Every key is wrapped again once; before it both master keys are needed, after it the old one opens nothing."""

    async def names(pool: asyncpg.Pool, vault: Vault, ws: Workspace) -> set[str]:
        """What the persons are called, as somebody with this vault finds out."""
        async with pool.acquire() as conn:
            found = await workspaces.find(conn, vault, ws.id)
            assert found is not None
            assert found.keys == ws.keys
            rows = await conn.fetch("select id from person where workspace_id = $1", ws.id)
            return set((await people.texts(conn, ws.id, found.keys, vault, [row["id"] for row in rows])).values())

    ws = await _made(engine)
    directory = Directory(engine, Vault(NEW, OLD))
    assert await names(engine.pool, directory.vault, ws) == {"anna", "ben"}
    with pytest.raises(MasterKeyError, match="put back"):
        await names(engine.pool, Vault(NEW), ws)
    done = {one.workspace: one[1:] async for one in rotate(directory)}
    assert done[ws.id] == (5, 2)
    assert await names(engine.pool, Vault(NEW), ws) == {"anna", "ben"}
    with pytest.raises(MasterKeyError, match="put back"):
        await names(engine.pool, Vault(OLD), ws)
    assert [one[1:] async for one in rotate(directory) if one.workspace == ws.id] == [(0, 0)]


async def test_who_was_erased_during_a_rotation_stays_erased(engine: Engine) -> None:
    """Pages go on behind the last person; a key that is gone is not written again, and what the key sealed stays shut."""
    ws = await _made(engine)
    vault = Vault(NEW, OLD)
    async with engine.pool.acquire() as conn:
        page = await people.wrap_again(conn, ws.id, vault, "", limit=1)
        assert page is not None
        count, last = page
        assert count == 1
        await conn.execute("delete from person where workspace_id = $1", ws.id)
        assert await people.wrap_again(conn, ws.id, vault, last) is None
        assert await conn.fetchval("select count(*) from person where workspace_id = $1", ws.id) == 0


async def test_a_vault_that_does_not_open_every_workspace_is_found_out(engine: Engine) -> None:
    """It is the workspaces' own keys that are asked, of all of them: one that another key wrapped is enough."""
    ws = await _made(engine)
    await opens(engine.pool, Vault(OLD))
    await opens(engine.pool, Vault(NEW, OLD))
    await say.create(OPERATOR, Directory(engine, Vault(NEW)), "other", "o@example.com")
    for vault, lacks in (Vault(OLD), NEW), (Vault(NEW), OLD):
        with pytest.raises(MasterKeyError, match=lacks.id.hex()):
            await opens(engine.pool, vault)
    await rotated(Directory(engine, Vault(NEW, OLD)), ws.id)
    await opens(engine.pool, Vault(NEW))


async def test_verify_names_persons_whose_keys_it_cannot_open(engine: Engine) -> None:
    """A process that kept the old master key during a rotation leaves such persons; the log is verified all the same."""
    ws = await _made(engine)
    async with engine.pool.acquire() as conn:
        await workspaces.wrap_again(conn, Vault(NEW, OLD), ws.id)
    assert (await verify(engine.pool, ws.id, safe=Vault(NEW, OLD))).differences == ()
    [found] = (await verify(engine.pool, ws.id, safe=Vault(NEW))).differences
    assert (found.noun, found.key) == ("person", OLD.id.hex())
    assert found.what.startswith("2 persons")


async def test_one_person_whose_key_does_not_open_stops_no_other(engine: Engine) -> None:
    """What is sent of them fails, to be sent again; what others send in the same moment is accepted, and by and by so is theirs."""
    ws = await _made(engine)
    async with engine.pool.acquire() as conn:
        await workspaces.wrap_again(conn, Vault(NEW, OLD), ws.id)
    locked = b'{"type": "lead.created", "id": "%d", "customer_external_id": "ben", "customer_name": "Ben"}'
    free = b'{"type": "lead.created", "id": "%d", "customer_external_id": "eve%d", "customer_name": "Eve"}'
    said = [locked % 10, *(free % (n, n) for n in range(11, 15)), locked % 15]
    ingest = Ingest(engine, Vault(NEW))
    found = await asyncio.gather(
        *(ingest.accept(ws, SENDERS["sk"], native_read.read(one)) for one in said), return_exceptions=True
    )
    assert [isinstance(one, UnavailableError) for one in found] == [True, False, False, False, False, True]
    assert [one[0].status for one in found if isinstance(one, list)] == ["accepted"] * 4
    [answer] = await Ingest(engine, Vault(NEW, OLD)).accept(ws, SENDERS["sk"], native_read.read(said[0]))
    assert answer.status == "accepted"
