"""Two people in the database: what deciding with them looks at is loaded, and all of it verifies."""

from typing import Any

from testkit.house import ANNA, BEN, DUE, OWNER, PAT, PIA, House, opened, outcome, reviewable

from goodword.app.directory import Directory
from goodword.app.principal import OPERATOR, Principal
from goodword.app.proof.audit import verify
from goodword.app.say import changes, members, payouts
from goodword.app.say.workspaces import create
from goodword.core import events, lists
from goodword.core.events import Item
from goodword.core.facts import Actor
from goodword.core.state import Change, Member, Reward
from goodword.store import workspaces

EVE = Actor(id="mem_eve", kind="member", roles=("owner",))


async def rejected(house: House, rewards: list[Reward], actor: Actor) -> str:
    return outcome(await house.say(events.RewardsRejected, actor, items=await house.items(rewards), reason="fraud"))


async def sound(house: House) -> None:
    """Invariants hold, and the rows are what the log says."""
    assert await house.broken() == []
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_rejections_count_a_day(database: str) -> None:
    """What somebody rejected alone, who rejected first and what their limit carries are there when the next list is decided (23)."""
    async with opened(database) as house:
        for one, limit in ((ANNA, 1_500), (BEN, 2_500)):
            await house.say(events.MemberSet, member=one.id, roles=one.roles, limits={"EUR": limit})
        rewards = [one for one in await reviewable(house, 4, name="s") if one.side == "advocate"]
        beneficiary = {reward.beneficiary for reward in rewards}
        assert len(beneficiary) == 4
        assert await rejected(house, rewards[:2], ANNA) == "second_person_needed"
        assert await rejected(house, rewards[:2], ANNA) == "same_member"
        assert await rejected(house, rewards[:2], BEN) == "rejected"
        assert await rejected(house, rewards[2:3], ANNA) == "rejected"
        await sound(house)


async def test_what_left_alone_today_is_counted(database: str) -> None:
    """The day's sum of what left without a second confirmed member is loaded for each release."""
    async with opened(database) as house:
        rewards = [one for one in await reviewable(house, 3, amount=50_000) if one.side == "advocate"]
        await house.approve(rewards)
        await house.move_clock(DUE)
        drafts = await house.draft(rewards)
        for one in (ANNA, BEN, PAT, PIA):
            assert outcome(await house.say(events.MemberSet, member=one.id, roles=())) == "member_set"
        said = []
        for payout in drafts:
            items = await house.items([payout])
            listed: dict[str, Any] = {
                "items": items,
                "list_sha256": lists.digest(items),
                "alone_up_to": {"EUR": 10_000},
            }
            said.append(outcome(await house.say(events.PayoutReleased, OWNER, **listed)))
        assert said == ["released", "released", "second_member_needed"]
        await sound(house)


async def test_a_change_is_asked_for_and_confirmed(database: str) -> None:
    """An open change about a member is found by whoever says something newer of them, and by who confirms it."""
    async with opened(database) as house:
        await house.join(EVE)
        first = await house.say(events.MemberSet, member="mem_new", roles=("approver",))
        assert outcome(first) == "second_person_needed"
        assert outcome(await house.say(events.MemberSet, member="mem_new", roles=("payer",))) == "second_person_needed"
        asked = [change for change in await house.every(Change) if change.subject == "mem_new"]
        assert [change.status for change in asked] == ["withdrawn", "open"]
        said = await house.say(events.ChangeDecided, EVE, change=asked[1].id, outcome="confirmed")
        assert outcome(said) == "change_confirmed"
        [member] = [one for one in await house.every(Member) if one.id == "mem_new"]
        assert (member.roles, member.made_by, member.confirmed) == (("payer",), OWNER.id, True)
        await sound(house)


async def test_a_live_workspace_stamps_what_may_leave_alone(database: str) -> None:
    """The setting stands in the entry of a live workspace, so that a replay knows it; a sandbox has none. A repeat stays one."""
    async with opened(database) as house:
        directory = Directory(house.engine, house.vault, alone_up_to={"EUR": 5})
        live = await create(OPERATOR, directory, "live", "olga@acme.example", "otto@acme.example", mode="live")
        async with house.pool.acquire() as conn:
            found = await workspaces.find(conn, house.vault, live.id)
        assert found is not None
        items = (Item(id="pay_none", amount=1, unit="EUR"),)
        stamped = []
        for workspace, member, limit in (
            (found, live.owner, 5),
            (house.workspace, OWNER.id, 5),
            (found, live.owner, 6),
        ):
            directory = Directory(house.engine, house.vault, alone_up_to={"EUR": limit})
            who = Principal("mk", workspace, await directory.member(workspace.id, member))
            stamped.append((await payouts.release(who, directory, items, "0" * 64, "key")).event)
        assert [getattr(event, "alone_up_to", "") for event in stamped] == [{"EUR": 5}, None, {"EUR": 5}]
        assert stamped[0].evt == stamped[2].evt


async def test_founders_are_two_from_the_first_day(database: str) -> None:
    """Owners who found a workspace together are confirmed; whom one of them asks for the other confirms, who then gives the key on."""
    async with opened(database) as house:
        made = await create(OPERATOR, house.directory, "two", "olga@acme.example", "otto@acme.example")
        workspace = await house.directory.workspace(made.id)
        assert workspace is not None
        async with house.pool.acquire() as conn:
            mails = await workspaces.mails(conn, workspace)
        ids = {mail: id_ for id_, mail in mails.items()}
        olga, otto = [
            Principal("mk", workspace, await house.directory.member(made.id, ids[mail]))
            for mail in ("olga@acme.example", "otto@acme.example")
        ]
        asked = await members.set_member(olga, house.directory, "mia@acme.example", ("approver",), None)
        assert (outcome(asked.entry), asked.key) == ("second_person_needed", None)
        change = str(asked.entry.verdicts[0].steps[0].values["change"])
        assert outcome((await changes.decide(olga, house.directory, change, "confirmed")).entry) == "same_member"
        confirmed = await changes.decide(otto, house.directory, change, "confirmed")
        assert (outcome(confirmed.entry), confirmed.member) == ("change_confirmed", asked.member)
        assert confirmed.key is not None


async def test_nobody_gets_a_second_key_of_a_colleague(database: str) -> None:
    """An owner who ends a colleague's key and sets them up again gets no key by it: they would act as two."""
    async with opened(database) as house:
        made = await create(OPERATOR, house.directory, "one", "olga@acme.example")
        workspace = await house.directory.workspace(made.id)
        assert workspace is not None
        olga = Principal("mk", workspace, await house.directory.member(made.id, made.owner))
        added = await members.set_member(olga, house.directory, "mia@acme.example", ("approver",), None)
        assert added.key is not None
        async with house.pool.acquire() as conn:
            [key] = [row.id for row in await workspaces.keys_of(conn, made.id) if row.member == added.member]
            assert await workspaces.revoke_key(conn, made.id, key, house.directory.now())
        again = await members.set_member(olga, house.directory, "mia@acme.example", ("approver",), None)
        assert (outcome(again.entry), again.key) == ("member_set", None)
