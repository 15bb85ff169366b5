"""Accounts that are merged, on the real database: what is loaded is what a merge looks at, also in the middle of a batch."""

import asyncio

import msgspec
from testkit import sent
from testkit.house import SENDERS, SERVER, opened, sales
from testkit.waiting import eventually
from testkit.world import advocate, rules
from tests.app.conftest import House

from goodword.app.intake.ingest import Ingest
from goodword.app.proof.audit import verify
from goodword.app.say.payees import set_payee
from goodword.app.say.people import erase
from goodword.app.write.cache import Cache
from goodword.app.write.process import drain
from goodword.core import events
from goodword.core.entry import read
from goodword.core.state import Advocate, Customer, Kin, Payee, Program, Referral, Reward
from goodword.sources import native_read
from goodword.store import log


async def test_a_merge_in_the_middle_of_a_batch(house: House) -> None:
    """Orders of both accounts before and behind the merge, all accepted together: it verifies, and all is one person's."""
    await house.accept(*house.story("per_f", "per_a"))
    await house.accept(*house.story("per_g", "per_b"))
    await house.accept(
        house.event(events.PersonMerged, keep="per_a", gone="per_b"),
        house.event(events.PersonMerged, keep="per_f", gone="per_h"),
        house.bought("per_g", invoice="2"),
        house.bought("per_h", invoice="3"),
        house.event(events.PersonMerged, keep="per_b", gone="per_a"),
    )
    await drain(house.engine, house.ws)
    await drain(house.engine, house.ws)
    stored = await house.stored()
    assert {kin.person: kin.root for kin in stored[Kin].values()} == {
        "per_a": "per_a",
        "per_b": "per_a",
        "per_f": "per_f",
        "per_h": "per_f",
    }
    assert {reward.beneficiary for reward in stored[Reward].values() if reward.side == "advocate"} == {"per_a"}
    assert stored[Customer]["per_h"].referrals == ()
    assert [it.status for it in stored[Advocate].values() if it.person == "per_b"] == ["merged"]
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_claim_won_over_orders_of_an_account_that_was_merged(house: House) -> None:
    """Whoever earned by an order may have been merged since: a claim that is won finds out, in a process that knows nothing yet."""
    await house.accept(*house.story("per_f", "per_a"), *house.story("per_g", "per_b"))
    await drain(house.engine, house.ws)
    await house.accept(house.event(events.PersonMerged, keep="per_h", gone="per_f"))
    await drain(house.engine, house.ws)
    stored = await house.stored()
    program = next(iter(stored[Program].values())).id
    lead_at = min(reward.earned_at for reward in stored[Reward].values())
    fields = {
        "person": "per_h",
        "program": program,
        "advocates": (("per_b", 1, 1),),
        "lead_at": lead_at,
        "reason": "mail",
    }
    entered = await house.say(events.ClaimEntered, **fields)
    claim = entered.verdicts[0].subject
    house.engine.cache = Cache()
    decided = await house.say(events.ClaimDecided, claim=claim, outcome="won", reason="heard")
    assert not decided.refused
    earned = {reward.beneficiary for reward in (await house.stored())[Reward].values() if reward.side == "advocate"}
    assert "per_b" in earned
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_claim_is_won_about_a_friend_whose_place_was_taken_elsewhere(house: House) -> None:
    """No order stands behind a place that was brought along, so none is looked for; the new referral keeps it."""
    await house.publish(rules(rewards=[advocate(percent="10")]))
    people = [house.event(events.AdvocateEnrolled, person=person) for person in ("per_a", "per_b")]
    await house.accept(*people)
    await drain(house.engine, house.ws)
    program = next(iter((await house.stored())[Program].values())).id
    at = people[0].occurred_at
    brought = {"person": "per_f", "advocate": "per_a", "program": program, "lead_at": at, "first": {"purchase": at}}
    await house.accept(house.event(events.ReferralImported, **brought))
    await drain(house.engine, house.ws)
    fields = {"person": "per_f", "program": program, "advocates": (("per_b", 1, 1),), "lead_at": at, "reason": "mail"}
    claim = (await house.say(events.ClaimEntered, **fields)).verdicts[0].subject
    house.engine.cache = Cache()
    decided = await house.say(events.ClaimDecided, claim=claim, outcome="won", reason="heard")
    assert not decided.refused
    bound = [each for each in (await house.stored())[Referral].values() if each.status == "converted"]
    assert [(each.shares[0].person, each.qualified[0].conversion) for each in bound] == [("per_b", "imported")]


async def test_an_account_that_was_merged_is_merged_again(house: House) -> None:
    """Whoever goes on as another brings that one's open rewards and codes into the next merge, in a process that knows nothing yet."""
    await house.accept(*house.story("per_f", "per_a"), *house.story("per_a", "per_b"))
    await drain(house.engine, house.ws)
    await house.accept(house.event(events.PersonMerged, keep="per_f", gone="per_g"))
    await drain(house.engine, house.ws)
    house.engine.cache = Cache()
    await house.accept(house.event(events.PersonMerged, keep="per_h", gone="per_g"))
    await drain(house.engine, house.ws)
    stored = await house.stored()
    assert {kin.root for kin in stored[Kin].values()} == {"per_h"}
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_payment_details_of_an_account_that_was_merged(database: str) -> None:
    """Who is named by an account that goes on as another is paid there: the details are kept of that one, and open."""
    async with opened(database) as house:
        await house.send(*sales(2))
        await house.decide()
        keep, gone = sorted({reward.beneficiary for reward in await house.every(Reward) if reward.side == "advocate"})
        await house.say(events.PersonsJoined, keep=keep, gone=gone, reason="same person")
        await set_payee(house.as_(SERVER), house.directory, gone, "sandbox", {"script": "succeed"})
        assert [payee.person for payee in await house.every(Payee)] == [keep]
        assert (await verify(house.pool, house.ws, safe=house.vault)).differences == ()


async def _waiting(house: House, count: int) -> None:
    """Wait until so many sessions of the database wait for a lock."""
    here = "select pid from pg_stat_activity where datname = current_database()"
    asked = f"select count(distinct pid) from pg_locks where not granted and pid in ({here})"

    async def waiting() -> bool:
        return await house.pool.fetchval(asked) >= count

    await eventually(waiting)


async def test_payment_details_that_are_entered_while_their_account_is_merged(database: str) -> None:
    """The merge is decided between the look at whom the account is and the commit: the details are kept of whom it goes on as."""
    async with opened(database) as house:
        await house.send(*sales(2))
        await house.decide()
        keep, gone = sorted({reward.beneficiary for reward in await house.every(Reward) if reward.side == "advocate"})
        async with house.pool.acquire() as conn, conn.transaction():
            await log.lock(conn, house.ws, wait=True)
            merging = asyncio.create_task(house.say(events.PersonsJoined, keep=keep, gone=gone, reason="same person"))
            await _waiting(house, 1)
            details = {"script": "succeed"}
            saying = asyncio.create_task(set_payee(house.as_(SERVER), house.directory, gone, "sandbox", details))
            await _waiting(house, 2)
        await asyncio.gather(merging, saying)
        assert [payee.person for payee in await house.every(Payee)] == [keep]
        assert await house.rows("select person from payee_detail where workspace_id = $1") == [(keep,)]
        assert (await verify(house.pool, house.ws, safe=house.vault)).differences == ()


async def test_an_erased_person_whom_a_merge_or_an_import_named(database: str) -> None:
    """Who came with a merge, or as the advocate of an imported referral, and was erased since, is not told to be lost."""
    async with opened(database) as house:
        lead_at = "2026-01-05T00:00:00Z"
        imported = {"customer_external_id": "new", "advocate_external_id": "stranger", "lead_at": lead_at}
        await house.send(
            {"type": "person.merged", "id": "m1", "keep_external_id": "one", "gone_external_id": "guest"},
            {"type": "referral.imported", "id": "m2", **imported},
        )
        await house.decide()
        rows = await house.rows("select evt, leaf from log where workspace_id = $1 order by position desc limit 2")
        said = [read(leaf).event for _, leaf in rows]
        gone = {str(getattr(event, "gone", None) or getattr(event, "advocate", None)) for event in said}
        for person in sorted(gone):
            await erase(house.as_(house.owner), house.directory, person)
        assert len(gone) == 2
        assert (await verify(house.pool, house.ws, safe=house.vault)).differences == ()


async def test_a_code_of_who_was_erased_may_have_moved_since(house: House) -> None:
    """A code's name goes with its owner; where a later merge moves it, its enrolment is no difference to `verify`."""
    ingest = Ingest(house.engine, house.vault)
    merged = {"type": "person.merged", "id": "m1", "keep_external_id": "amy", "gone_external_id": "ann"}
    for said in (
        [sent.enrolled("e1", "ann", "ANN-1"), sent.enrolled("e2", "amy", "AMY-1"), merged],
        [merged | {"id": "m2", "keep_external_id": "abe"}],
    ):
        await ingest.accept(house.workspace, SENDERS["sk"], native_read.read(msgspec.json.encode(said)))
        await drain(house.engine, house.ws)
        kept = {kin.root for kin in (await house.stored())[Kin].values()}
        if len(said) > 1:
            await erase(house.as_(house.owner), house.directory, kept.pop())
    assert (await verify(house.pool, house.ws, safe=house.vault)).differences == ()
