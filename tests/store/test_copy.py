"""Many new rows go by COPY: they are the same rows, and what is there already is never written over."""

from random import Random
from typing import Any

import asyncpg
import pytest
from msgspec import structs
from tests.conftest import Connect
from tests.store.test_entities import struct

from goodword.core.state import NOUNS, Reward, Timer
from goodword.store import entities, inbox
from goodword.store.inbox import Row
from goodword.store.pool import COPIED

WS = "wsp_1"


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.__name__)
async def test_many_new_entities_round_trip(noun: type[Any], connect: Connect) -> None:
    """What was saved as new, by COPY or with what changed, is loaded equal in every field."""
    connection = await connect()
    # Random values are not unique.
    await connection.execute("drop index if exists program_slug, advocate_id, handout_code, case_one_dispute")
    await connection.execute("alter table offer drop constraint offer_workspace_id_conversion_key")
    rng = Random(noun.__name__)  # noqa: S311 - values for a test
    for many in (3 * COPIED, COPIED - 1):
        await connection.execute(f'delete from "{noun.__name__.lower()}"')
        written = {entity.key: entity for entity in (struct(rng, noun) for _ in range(many + 1))}
        changed, *new = written.values()
        await entities.save(connection, WS, noun, [changed])
        await entities.save(connection, WS, noun, [changed], new)
        assert {entity.key: entity for entity in await entities.every(connection, WS, noun)} == written


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.__name__)
async def test_what_is_not_written_is_what_a_field_holds_of_itself(noun: type[Any], connect: Connect) -> None:
    """New rows that are as plain as can be are loaded equal in every field: a column left out holds what its struct says."""
    connection = await connect()
    # Random values are not unique.
    await connection.execute("drop index if exists program_slug, advocate_id, handout_code, case_one_dispute")
    await connection.execute("alter table offer drop constraint offer_workspace_id_conversion_key")
    rng = Random(noun.__name__)  # noqa: S311 - values for a test
    own = {each.name for each in structs.fields(noun) if not each.required}
    written = {}
    for _ in range(3 * COPIED):
        whole = struct(rng, noun)
        said = {name: getattr(whole, name) for name in noun.__struct_fields__ if name not in own}
        if noun is Reward:
            said |= {"gross": 1, "amount": 0}
        plain = noun(**said)
        written[plain.key] = plain
    await entities.save(connection, WS, noun, [], list(written.values()))
    assert {entity.key: entity for entity in await entities.every(connection, WS, noun)} == written


async def test_what_is_said_to_be_new_and_is_there_is_refused(connect: Connect) -> None:
    """A new row never takes the place of one that nobody knew of."""
    connection = await connect()
    timers = [Timer(id=f"tmr_{n}", due_at=n, kind="lapse", subject="ref_1") for n in range(COPIED)]
    await entities.save(connection, WS, Timer, timers[:1])
    with pytest.raises(asyncpg.UniqueViolationError):
        await entities.save(connection, WS, Timer, [], timers)
    assert await entities.every(connection, WS, Timer) == timers[:1]


@pytest.mark.parametrize("count", [2, 3 * COPIED])
async def test_nothing_is_stored_where_another_process_was_faster(count: int, connect: Connect) -> None:
    """Of few events as of many none is stored where the id of one was taken meanwhile, which stays as it was; then all others are."""
    connection = await connect()
    rows = [Row("native", f"id{n:03}", f"evt_{n:03}", "lead.created", b"x", b"{}") for n in range(count)]
    taken = [row._replace(evt=f"evt_9{row.evt[5:]}") for row in rows[1:2]]
    await inbox.add(connection, WS, taken)
    with pytest.raises(asyncpg.UniqueViolationError):
        async with connection.transaction():
            await inbox.add(connection, WS, rows)
    others = {row.evt for row in rows if row.id != taken[0].id}
    await inbox.add(connection, WS, [row for row in rows if row.evt in others])
    known = await inbox.known(connection, WS, [(row.source, row.id) for row in rows])
    assert {found.evt for found in known.values()} == others | {taken[0].evt}
    waiting = await connection.fetch("select evt from undecided where workspace_id = $1", WS)
    assert {row["evt"] for row in waiting} == others | {taken[0].evt}
