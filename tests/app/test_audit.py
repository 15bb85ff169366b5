"""Verification: whatever a superuser changes behind the product's back is named."""

import asyncio

import pytest
from testkit.house import SERVER
from testkit.tables import texts
from tests.app.conftest import DAY, House
from tests.conftest import Connect

from goodword.app.proof.audit import examine, verify
from goodword.app.write.process import drain
from goodword.core import events
from goodword.core.merkle import head_bytes, verify_consistency, verify_inclusion
from goodword.core.state import Reward
from goodword.store import log
from goodword.store import vault as vaults


async def live(house: House) -> list[Reward]:
    """Every kind of row that verification holds: many entries, clicks, an approval, payment details, timers still to come."""
    await house.clicked(3, "cod_per_ann")
    said = [event for n in range(80) for event in house.story(f"per_f{n}", f"per_a{n % 9}", 1000 + n)]
    said.append(house.event(events.ClickRecorded, code="cod_per_a1", visitor="vis_1"))
    await house.accept(*said)
    house.at += 31 * DAY
    await house.accept(*house.story("per_late", "per_a1"))
    await house.send(events.CustomerKnown, person="per_x", since=house.at)
    rewards = [r for r in await house.every(Reward) if r.side == "friend"][:2]
    for reward in rewards:
        await house.say(events.PayeeSet, SERVER, person=reward.beneficiary, rail="bank_file", destination="d1")
        await house.pool.execute(
            "insert into payee_detail values ($1, $2, 'bank_file', 'd1', '')", house.ws, reward.beneficiary
        )
    await house.approve(rewards, house.owner)
    await house.sign()
    await house.follow()
    return rewards


CHANGES = {title: " ".join(sql) for title, sql in texts(__file__).items()}


async def test_every_tampering_is_named(house: House, connect: Connect) -> None:
    """One changed, deleted or forged row of any table that matters is named by verify, content before and after."""
    await live(house)
    report = await verify(house.pool, house.ws)
    assert report.differences == ()
    assert report.size > 256
    assert report.heads == 1
    owner = await connect()
    for what, change in CHANGES.items():
        transaction = owner.transaction()
        await transaction.start()
        assert not (await owner.execute(change, house.ws)).endswith(" 0"), what
        report = await examine(owner, house.ws)
        await transaction.rollback()
        assert what.split()[0] in {difference.noun for difference in report.differences}, (what, report.differences)
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_the_changed_entry_is_named(house: House, connect: Connect) -> None:
    """Of a changed entry in a full tile, and of one whose decision comes out otherwise, verify names the position."""
    await live(house)
    owner = await connect()
    await owner.execute(CHANGES["log"], house.ws)
    assert ("log", "10") in {(d.noun, d.key) for d in (await verify(house.pool, house.ws)).differences}


async def test_heads_and_proofs_hold(house: House) -> None:
    """Proofs read from tiles and tail hold against signed heads, for old and new sizes; a signature is the workspace's."""
    await live(house)
    async with house.pool.acquire() as conn:
        first = await log.last_head(conn, house.ws)
        assert first is not None
        for n in range(40):
            await house.send(events.CustomerKnown, person=f"per_n{n}", since=house.at)
        second = await log.sign(conn, house.ws, house.workspace.keys.signing)
        assert second.size == first.size + 40
        for head in (first, second):
            message = head_bytes(house.ws, head.size, head.root, head.as_of)
            assert vaults.verify(head.public, message, head.signature)
            assert not vaults.verify(head.public, message + b" ", head.signature)
            for position in (1, 255, 256, 257, head.size):
                row = await conn.fetchval(
                    "select leaf from log where workspace_id = $1 and position = $2", house.ws, position
                )
                proof = await log.inclusion(conn, house.ws, position, head.size)
                assert verify_inclusion(position - 1, head.size, log.leaf_hash(row), proof, head.root)
        proof = await log.consistency(conn, house.ws, first.size, second.size)
        assert verify_consistency(first.size, second.size, first.root, second.root, proof)
        with pytest.raises(ValueError, match="not in a log"):
            await log.inclusion(conn, house.ws, 0, 5)


async def test_verify_while_the_workspace_goes_on(house: House) -> None:
    """Verification sees one moment: what is decided meanwhile is no difference."""
    await live(house)

    async def go_on() -> None:
        for n in range(30):
            await house.accept(*house.story(f"per_late{n}", f"per_later{n}"))
            await drain(house.engine, house.ws)

    results = await asyncio.gather(go_on(), *(verify(house.pool, house.ws) for _ in range(4)))
    assert [report.differences for report in results[1:]] == [(), (), (), ()]
