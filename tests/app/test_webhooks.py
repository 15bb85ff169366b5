"""Webhooks: what is decided reaches every endpoint at least once with one id, whoever fails; what is kept of it is bounded."""

import asyncio
import contextlib
import gc
import os
import ssl
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from msgspec import structs
from standardwebhooks.webhooks import Webhook as Standard
from standardwebhooks.webhooks import WebhookVerificationError
from svix.webhooks import Webhook as Svix
from testkit.receiver import Got, Receiver, receiving
from tests.app.conftest import SERVER, House

from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.engine import Clock, Engine
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.follow import follower, telling, webhooks
from goodword.app.principal import NotPermittedError, Principal
from goodword.core import entry, events, notices
from goodword.core.facts import Actor
from goodword.core.state import Reward
from goodword.outbound import webhooks as outward
from goodword.outbound.addresses import new_secret
from goodword.outbound.webhooks import Sender
from goodword.store import log
from goodword.store import webhooks as store
from goodword.store.uuid7 import new_id
from goodword.worker import webhooks as looks

DAY = 86_400_000_000


class Ahead(Clock):
    """A clock that is set ahead."""

    def __init__(self) -> None:
        self.by = 0

    def now(self) -> int:
        """Return its instant."""
        return super().now() + self.by


class Desk:
    """A workspace with its endpoints, who says where they are, and who tells them."""

    def __init__(self, house: House, who: Actor) -> None:
        self.clock = Ahead()
        engine = Engine(house.pool, self.clock)
        self.directory = Directory(engine, house.vault, loopback=True)
        self.sender = Sender(loopback=True)
        self.house = house
        self.who = Principal("session", house.workspace, who)
        self.loop = looks.Webhooks(engine, self.deliver)

    async def deliver(self, ws: str, id_: str, ahead: telling.Ahead | None = None, /) -> bool:
        """Make a round of an endpoint."""
        return await webhooks.deliver(self.directory, self.sender, ws, id_, ahead)

    async def make(self, receiver: Receiver, **more: Any) -> tuple[str, str]:
        """Make an endpoint of a receiver."""
        return await say.webhooks.make(self.who, self.directory, receiver.url, **more)

    async def told(self, rounds: int = 50) -> None:
        """Make rounds until nothing is due."""
        for _ in range(rounds):
            if not await self.loop.once():
                return
        raise AssertionError("there is no end of it")

    async def later(self, seconds: float) -> None:
        """Let time pass, and tell what is due then."""
        self.clock.by += int(seconds * 1_000_000)
        await self.told()

    async def one(self, id_: str) -> see.webhooks.Webhook:
        """Return an endpoint."""
        return await see.webhooks.one(self.who, self.directory, id_)

    async def deliveries(self, id_: str, state: str | None = None) -> list[Any]:
        """Return its deliveries."""
        return [*(await see.webhooks.deliveries(self.who, self.directory, id_, state=state, limit=2_000)).items]


@pytest.fixture
async def desk(make_house: Any) -> AsyncIterator[Desk]:
    house: House = await make_house()
    await house.publish()
    found = Desk(house, house.owner)
    yield found
    await found.sender.close()


async def happens(desk: Desk, friends: int = 1, name: str = "f") -> None:
    """An advocate enrols, friends come and buy."""
    house = desk.house
    for n in range(friends):
        await house.accept(*house.story(friend=f"per_{name}{n}"))
    await house.decide()


async def test_what_is_decided_is_told_and_verified_by_the_libraries_of_others(desk: Desk) -> None:
    """Each notice comes once, in order of its position, signed as standardwebhooks and svix verify it; a changed one is refused."""
    async with receiving() as receiver:
        id_, secret = await desk.make(receiver)
        await happens(desk)
        await desk.told()
        assert [got.said["type"] for got in sorted(receiver.got, key=lambda got: got.said["position"])] == [
            "advocate.enrolled",
            "referral.created",
            "conversion.recorded",
            "reward.created",
            "reward.created",
        ]
        for got in receiver.got:
            assert Standard(secret).verify(got.body, got.headers) == got.said
            Svix(secret).verify(got.body, got.headers)
            with pytest.raises(WebhookVerificationError):
                Standard(secret).verify(got.body + b" ", got.headers)
        reward = next(got.said for got in receiver.got if got.said["type"] == "reward.created")
        [stored] = [one for one in await desk.house.every(Reward) if one.id == reward["data"]["id"]]
        shown = {
            name: reward["data"][name] for name in ("program", "referral", "beneficiary", "amount", "unit", "status")
        }
        assert shown == {name: getattr(stored, name) for name in shown}
        assert (await desk.one(id_)).position == await desk.house.position()


async def test_what_a_reward_was_before_stands_beside_what_it_is(desk: Desk) -> None:
    """An approval and a rejection say the state before."""
    async with receiving() as receiver:
        await desk.make(receiver, types=["reward.approved", "reward.rejected", "reward.in_review"])
        await desk.house.publish(hold="0d")
        await happens(desk)
        anna, items = await desk.house.member("mem_anna", "approver"), await desk.house.every(Reward)
        for it in items:
            said = {"person": it.beneficiary, "rail": "sandbox", "destination": "d" * 64}
            await desk.house.say(events.PayeeSet, SERVER, **said)
        await desk.house.approve(items[:1], anna)
        rest = await desk.house.items(items[1:])
        await desk.house.say(events.RewardsRejected, anna, items=rest, reason="duplicate")
        await desk.told()
        said = [
            (it["type"], it["data"]["status"], it["previous"], it["data"]["reason"]) for it in map(_said, receiver.got)
        ]
        amount = items[1].amount
        assert said == [
            ("reward.approved", "approved", {"status": "in_review"}, None),
            ("reward.rejected", "rejected", {"amount": amount, "status": "in_review"}, "duplicate"),
        ]


def _said(got: Got) -> dict[str, Any]:
    return got.said


async def test_nothing_personal_is_told(desk: Desk) -> None:
    """What is sent holds ids, amounts, codes and times: no field that a name or an address could stand in."""
    names = {name for kind in notices.KINDS.values() for name in kind.data.__struct_fields__}
    assert not names & {"email", "phone", "name_of_person", "external_id", "note"}
    async with receiving() as receiver:
        await desk.make(receiver)
        await happens(desk)
        await desk.told()
        assert receiver.got
        assert not any(b"@" in got.body for got in receiver.got)


async def test_a_failed_delivery_is_tried_again_with_its_id_until_it_arrives(desk: Desk) -> None:
    """An error, a closed connection and a redirect are no success; the same id comes again after a pause that grows."""
    answers: dict[int, tuple[int, str] | None] = {
        1: (500, "no"),
        2: None,
        3: (302, "http://127.0.0.1:1/"),
        4: (204, ""),
    }

    async def odd(_: Got, times: int) -> tuple[int, str] | None:
        return answers[times]

    async with receiving(odd) as receiver:
        id_, _ = await desk.make(receiver, types=["advocate.enrolled"])
        await desk.house.accept(desk.house.story()[0])
        await desk.house.decide()
        await desk.told()
        assert len(receiver.got) == 1
        [waiting] = await desk.deliveries(id_)
        assert (waiting.state, waiting.status, waiting.answer, waiting.attempts) == ("waiting", 500, "no", 1)
        for n, seconds in enumerate((2, 5, 20), 2):
            await desk.later(seconds)
            assert len(receiver.got) == n
        assert {got.id for got in receiver.got} == receiver.ids
        [arrived] = await desk.deliveries(id_)
        assert (arrived.state, arrived.attempts, arrived.status) == ("delivered", 4, 204)


async def test_what_does_not_arrive_in_three_days_is_given_up_seen_and_sent_again(desk: Desk) -> None:
    """After three days it is a dead letter; somebody sends it again, with its id."""
    fine = False

    async def dead(_: Got, __: int) -> tuple[int, str] | None:
        return (200, "") if fine else (503, "busy")

    async with receiving(dead) as receiver:
        id_, _ = await desk.make(receiver, types=["advocate.enrolled"])
        await desk.house.accept(desk.house.story()[0])
        await desk.house.decide()
        for _ in range(40):
            await desk.later(2 * 3_600)
        assert (await desk.one(id_)).dead == 1
        [given_up] = await desk.deliveries(id_, "dead")
        assert given_up.last_at - given_up.first_at <= webhooks.TRIED_FOR
        assert given_up.last_at - given_up.first_at > 2 * DAY
        tries = len(receiver.got)
        await desk.later(9 * 3_600)
        assert len(receiver.got) == tries
        fine = True
        assert await say.webhooks.again(desk.who, desk.directory, id_, given_up.id) == 1
        await desk.told()
        assert receiver.ids == {given_up.id}
        assert (await desk.one(id_)).dead == 0


async def test_gone_pauses_an_endpoint_and_nothing_is_lost(desk: Desk) -> None:
    """410 pauses it; when it goes on, all that was decided meanwhile comes, and what was answered so."""
    gone = True

    async def left(_: Got, __: int) -> tuple[int, str] | None:
        return (410, "") if gone else (200, "")

    async with receiving(left) as receiver:
        id_, _ = await desk.make(receiver)
        await happens(desk)
        await desk.told()
        paused = await desk.one(id_)
        assert (paused.status, paused.reason) == ("paused", "gone")
        tries = len(receiver.got)
        await happens(desk, 1, "g")
        await desk.told()
        assert len(receiver.got) == tries
        gone = False
        await say.webhooks.move(desk.who, desk.directory, id_, "active")
        await desk.later(10)
        assert len(receiver.ids) == 9  # the advocate is enrolled once


async def test_a_silent_receiver_slows_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one takes what it is sent and never answers, another gets all of it; the silent one has few on their way."""
    monkeypatch.setattr("goodword.outbound.webhooks.WITHIN", 2.0)
    for_ever = asyncio.Event()

    async def silent(_: Got, __: int) -> tuple[int, str] | None:
        await for_ever.wait()
        return None

    async with receiving(silent) as stuck, receiving() as quick:
        await desk.make(stuck)
        await desk.make(quick)
        await happens(desk, 30)
        on_their_way, send = list[str](), desk.sender.send

        async def counted(url: str, *more: Any) -> outward.Answer:
            on_their_way.append(url)
            try:
                return await send(url, *more)
            finally:
                on_their_way.remove(url)

        monkeypatch.setattr(desk.sender, "send", counted)
        running = asyncio.create_task(desk.loop.run())
        most = 0
        try:
            async with asyncio.timeout(60):
                while len(quick.ids) < 1 + 30 * 4 or not stuck.got:
                    most = max(most, sum(f":{stuck.port}/" in url for url in on_their_way))
                    await asyncio.sleep(0.01)
        finally:
            desk.loop.stop()
            await running
        assert stuck.taken == []
        assert 0 < most <= webhooks.AT_ONCE


async def test_the_past_is_told_again_with_the_same_ids(desk: Desk) -> None:
    """From a position or an instant on, all of it comes once more, with the ids and texts of the first time; only one at a time."""
    async with receiving() as receiver:
        id_, _ = await desk.make(receiver)
        await happens(desk, 30)
        await desk.told()
        first = {got.id: got.body for got in receiver.taken}
        middle = sorted(got.said["position"] for got in receiver.taken)[60]
        receiver.taken.clear()
        assert await say.webhooks.replay(desk.who, desk.directory, id_, position=middle) == middle
        with pytest.raises(ConflictError):
            await say.webhooks.replay(desk.who, desk.directory, id_, position=1)
        await desk.told()
        assert receiver.ids == {got for got, body in first.items() if _position(body) >= middle}
        assert all(first[got.id] == got.body for got in receiver.taken)
        receiver.taken.clear()
        assert await say.webhooks.replay(desk.who, desk.directory, id_, since=0) == 1
        await desk.told()
        assert first.keys() <= receiver.ids
        assert (await desk.one(id_)).replay_after is None


def _position(body: bytes) -> int:
    return int(Got("", {}, body).said["position"])


async def test_what_is_kept_is_bounded(desk: Desk) -> None:
    """Of what arrived the last hundred are kept; of a dead receiver the cursor stands with what waits, and all comes in the end."""
    dead = True

    async def failing(_: Got, __: int) -> tuple[int, str] | None:
        return (500, "") if dead else (200, "")

    async with receiving(failing) as receiver, receiving() as fine:
        lame, _ = await desk.make(receiver)
        well, _ = await desk.make(fine)
        await happens(desk, 300)
        for _ in range(200):
            await desk.later(600)
            if (await desk.one(lame)).waiting > webhooks.MOST_WAITING - webhooks.A_ROUND:
                break
        one = await desk.one(lame)
        assert one.waiting <= webhooks.MOST_WAITING
        assert len(await desk.deliveries(well)) == 100
        assert len(fine.ids) == 1_201
        dead = False
        for _ in range(30):
            await desk.later(12 * 3_600 / 10)
        assert len(receiver.ids) == 1_201
        assert len(await desk.deliveries(lame)) <= 100


async def test_an_endpoint_gets_what_it_asked_for(desk: Desk) -> None:
    """Types and programs are limits; what concerns no program goes to all."""
    async with receiving() as rewards, receiving() as others:
        await desk.make(rewards, types=["reward.created"])
        await desk.make(others, types=["conversion.recorded"])
        await happens(desk)
        await desk.told()
        assert [got.said["type"] for got in rewards.got] == ["reward.created"] * 2
        assert [got.said["type"] for got in others.got] == ["conversion.recorded"]
        with pytest.raises(InvalidError):
            await desk.make(rewards, types=["reward.no_such"])
        with pytest.raises(UnknownError):
            await desk.make(rewards, programs=["no-such"])


async def test_a_developer_gets_nothing_that_developers_may_not_read(desk: Desk) -> None:
    """A developer's endpoint has no payouts and no tax forms, and theirs alone would go to another address; an owner's has all."""
    dev = await desk.house.member("mem_dev", "developer")
    theirs = Principal("session", desk.house.workspace, dev)
    async with receiving() as receiver:
        owners, _ = await desk.make(receiver)
        made, _ = await say.webhooks.make(theirs, desk.directory, receiver.url)
        types = (await desk.one(made)).types
        assert {type_ for type_ in notices.KINDS if type_ not in types} == {
            type_ for type_ in notices.KINDS if type_.startswith(("payout.", "tax_form."))
        }
        for saying in (
            say.webhooks.make(theirs, desk.directory, receiver.url, types=["payout.sent"]),
            say.webhooks.change(theirs, desk.directory, owners, url="http://127.0.0.1:1/"),
        ):
            with pytest.raises(NotPermittedError):
                await saying
        marketer = Principal("session", desk.house.workspace, await desk.house.member("mem_mar", "marketer"))
        with pytest.raises(NotPermittedError):
            await see.webhooks.every(marketer, desk.directory)


async def test_a_secret_is_exchanged_while_the_old_one_holds_for_a_day(desk: Desk) -> None:
    """For a day what comes is signed with both, then with the new one alone."""
    async with receiving() as receiver:
        id_, old = await desk.make(receiver)
        new = await say.webhooks.exchange(desk.who, desk.directory, id_)
        await say.webhooks.try_(desk.who, desk.directory, id_)
        await desk.told()
        [got] = receiver.got
        assert got.said["type"] == notices.TEST
        for secret in (old, new):
            Standard(secret).verify(got.body, got.headers)
            Svix(secret).verify(got.body, got.headers)
        assert len(got.headers["webhook-signature"].split()) == 2
        await desk.later(25 * 3_600)
        await say.webhooks.try_(desk.who, desk.directory, id_)
        await desk.told()
        assert len(receiver.got[-1].headers["webhook-signature"].split()) == 1


async def test_who_said_where_it_goes_stands_on_the_record(desk: Desk) -> None:
    """Making, changing and ending an endpoint, and telling it the past, are entries of the log, without address or secret."""
    async with receiving() as receiver:
        id_, secret = await desk.make(receiver)
        await say.webhooks.change(desk.who, desk.directory, id_, description="shop")
        await say.webhooks.replay(desk.who, desk.directory, id_, position=1)
        await say.webhooks.end(desk.who, desk.directory, id_)
        with pytest.raises(UnknownError):
            await desk.one(id_)
        leaves = b"".join(row[0] for row in await desk.house.rows("select leaf from log where workspace_id = $1"))
        for what in (b"endpoint_set", b"retold", b"endpoint_ended", id_.encode()):
            assert what in leaves
        kept = b"".join(row[0] for row in await desk.house.rows("select secrets from webhook where workspace_id = $1"))
        assert secret.encode() not in leaves + kept


@pytest.mark.parametrize("many", [100_000 if os.environ.get("FULL") else 10_000])
async def test_a_long_past_is_told_without_being_held(desk: Desk, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a long log every hundredth entry is for this endpoint: each comes once more, in pieces, and no piece is large."""
    house = desk.house
    await house.accept(house.story()[0], house.event(events.LeadCreated, person="per_x"))
    await house.decide()
    last, before = await house.position(), await house.position()
    async with house.pool.acquire() as conn:
        wanted, other = [await log.at(conn, house.ws, last - back) for back in (1, 0)]
        assert wanted is not None
        assert other is not None
        rows = []
        for n in range(last + 1, last + many + 1):
            one = wanted if n % 100 == 0 else other
            made = structs.replace(one, position=n, event=structs.replace(one.event, evt=new_id("evt")))
            rows.append((house.ws, n, made.event.evt, entry.leaf(made)))
        columns = ["workspace_id", "position", "evt", "leaf"]
        await conn.copy_records_to_table("log", records=rows, columns=columns)
        await conn.execute("update stream set position = $2 where workspace_id = $1", house.ws, last + many)
    read: list[int] = []

    async def noted(*args: Any) -> Any:
        found = await follower.behind(*args)
        read.append(len(found))
        return found

    monkeypatch.setattr(webhooks, "behind", noted)
    async with receiving() as receiver:
        id_, _ = await desk.make(receiver, types=["advocate.enrolled"])
        async with house.pool.acquire() as conn:  # it was told all of it once
            await conn.execute("update webhook set position = $2 where id = $1", id_, last + many)
            assert await store.replay(conn, house.ws, id_, before)
        await desk.told(many)
        positions = [got.said["position"] for got in receiver.taken]
        assert sorted(positions) == [row[1] for row in rows if row[1] % 100 == 0]
        assert len(receiver.ids) == len(positions)
    assert sum(read) >= many
    assert max(read) <= 200


def _reads(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Count who reads the log: for several endpoints together, or one by itself."""
    read = {"together": 0, "apart": 0}
    for name, module in (("together", telling), ("apart", webhooks)):

        async def noted(*args: Any, name: str = name) -> Any:
            found = await follower.behind(*args)
            read[name] += len(found)
            return found

        monkeypatch.setattr(module, "behind", noted)
    return read


async def test_the_log_is_read_once_for_all_endpoints(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten, those that ask for what comes are told all of it, the others come to the end of the log too; idle, nobody reads."""
    read = _reads(monkeypatch)
    asked = [["payout.released"]] * 6 + [["reward.created"]] * 2 + [None, ["conversion.recorded"]]
    async with AsyncExitStack() as open_:
        receivers = [await open_.enter_async_context(receiving()) for _ in asked]
        ids = [(await desk.make(it, types=types))[0] for it, types in zip(receivers, asked, strict=True)]
        await desk.told()
        first = await desk.house.position()
        read.update(together=0)
        await happens(desk, 20)
        await desk.told()
        end = await desk.house.position()
        assert read == {"together": end - first, "apart": 0}
        assert {(await desk.one(id_)).position for id_ in ids} == {end}
        assert [len(it.ids) for it in receivers] == [0] * 6 + [40, 40, 1 + 4 * 20, 20]
        assert [len(it.got) for it in receivers] == [len(it.ids) for it in receivers]
        assert await desk.loop.once() == 0
        assert read == {"together": end - first, "apart": 0}


async def test_who_is_far_behind_reads_by_itself(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was paused for long is told its backlog apart, and all of it; the others are told at once what is new."""
    monkeypatch.setattr(telling, "_NEAR", 20)
    async with receiving() as late, receiving() as other:
        paused, _ = await desk.make(late)
        await desk.make(other)
        await say.webhooks.move(desk.who, desk.directory, paused, "paused")
        await happens(desk, 30)
        await desk.told()
        assert len(other.ids) == 1 + 4 * 30
        assert late.got == []
        read = _reads(monkeypatch)
        await say.webhooks.move(desk.who, desk.directory, paused, "active")
        await desk.told()
        assert late.ids == other.ids
        assert read["apart"] >= 30


async def test_nobody_is_moved_over_what_is_for_them(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose worker dies when the log is read is told by the next; one that asks for more meanwhile is told of that too."""
    async with receiving() as receiver, receiving() as other:
        id_, _ = await desk.make(receiver, types=["reward.created"])
        asks, _ = await desk.make(other, types=["payout.released"])
        await happens(desk, 3)
        before = {it: (await desk.one(it)).position for it in (id_, asks)}
        told_by = telling.told_by

        async def changed(*args: Any) -> Any:
            found = await told_by(*args)
            monkeypatch.setattr(telling, "told_by", told_by)
            await say.webhooks.change(desk.who, desk.directory, asks, types=["conversion.recorded"])
            return found

        monkeypatch.setattr(telling, "told_by", changed)
        found, _ = await telling.look(desk.directory.engine, desk.house.ws, [id_, asks])
        assert [*found] == [id_]
        assert {it: (await desk.one(it)).position for it in (id_, asks)} == before
        await desk.told()
        assert len(receiver.got) == len(receiver.ids) == 6
        assert len(other.got) == len(other.ids) == 3


async def test_what_was_read_before_it_was_changed_is_not_sent(desk: Desk) -> None:
    """An endpoint that asks for something else, or was told by somebody else, when its turn comes is told what it is told now."""
    async with receiving() as receiver:
        id_, _ = await desk.make(receiver)
        await happens(desk, 3)
        looked = [(await telling.look(desk.directory.engine, desk.house.ws, [id_]))[0][id_] for _ in range(2)]
        await say.webhooks.change(desk.who, desk.directory, id_, types=["conversion.recorded"])
        assert await webhooks.deliver(desk.directory, desk.sender, desk.house.ws, id_, looked[0])
        assert [got.said["type"] for got in receiver.got] == ["conversion.recorded"] * 3
        await webhooks.deliver(desk.directory, desk.sender, desk.house.ws, id_, looked[1])
        await desk.told()
        assert len(receiver.got) == 3


async def _developer(desk: Desk) -> Principal:
    return Principal("session", desk.house.workspace, await desk.house.member("mem_dev", "developer"))


async def test_what_an_endpoint_is_told_no_more_is_not_sent_again(desk: Desk) -> None:
    """Neither what waits nor what was given up goes to an endpoint whose types were changed since: who changed them may not read it."""
    fine = False

    async def answering(_: Got, __: int) -> tuple[int, str] | None:
        return (200, "") if fine else (503, "busy")

    async with receiving(answering) as receiver, receiving() as elsewhere:
        id_, _ = await desk.make(receiver, types=["advocate.enrolled", "reward.created"])
        await happens(desk)
        await desk.told()
        waiting = {it.id: it.type for it in await desk.deliveries(id_, "waiting")}
        assert sorted(waiting.values()) == ["advocate.enrolled", "reward.created", "reward.created"]
        said = {"url": elsewhere.url, "types": ["advocate.enrolled"]}
        await say.webhooks.change(await _developer(desk), desk.directory, id_, **said)
        for message in waiting:
            await say.webhooks.again(desk.who, desk.directory, id_, message)
        await desk.told()
        assert [got.said["type"] for got in elsewhere.got] == ["advocate.enrolled"]
        dead = await desk.deliveries(id_, "dead")
        assert {(it.type, it.answer) for it in dead} == {("reward.created", "it is told nothing of this any more")}
        assert await say.webhooks.again(desk.who, desk.directory, id_) == 2
        await desk.told()
        assert len(elsewhere.got) == 1


async def test_a_secret_is_no_way_to_what_one_may_not_read(desk: Desk) -> None:
    """Who may not read payouts exchanges no secret of an endpoint that is told of them, and sends it nowhere else."""
    theirs = await _developer(desk)
    async with receiving() as receiver:
        id_, _ = await desk.make(receiver)
        for saying in (
            say.webhooks.exchange(theirs, desk.directory, id_),
            say.webhooks.change(theirs, desk.directory, id_, url="http://127.0.0.1:1/"),
        ):
            with pytest.raises(NotPermittedError):
                await saying
        own, _ = await say.webhooks.make(theirs, desk.directory, receiver.url)
        assert await say.webhooks.exchange(theirs, desk.directory, own)


async def test_a_repeat_shows_no_secret_that_nobody_keeps(desk: Desk) -> None:
    """The same form sent twice is one exchange; the second says that its secret was shown."""
    async with receiving() as receiver:
        id_, _ = await desk.make(receiver)
        new = await say.webhooks.exchange(desk.who, desk.directory, id_, "once-1")
        with pytest.raises(ConflictError) as repeat:
            await say.webhooks.exchange(desk.who, desk.directory, id_, "once-1")
        assert repeat.value.code == "shown_once"
        await say.webhooks.try_(desk.who, desk.directory, id_)
        await desk.told()
        [got] = receiver.got
        Standard(new).verify(got.body, got.headers)


async def test_no_exchange_ends_a_secret_before_its_day(desk: Desk) -> None:
    """Exchanged twice within a day, all three sign; of more than four of before the oldest ends. A day later one signs."""
    async with receiving() as receiver:
        id_, first = await desk.make(receiver)
        secrets = [first] + [await say.webhooks.exchange(desk.who, desk.directory, id_) for _ in range(2)]
        await say.webhooks.try_(desk.who, desk.directory, id_)
        await desk.told()
        [got] = receiver.got
        for secret in secrets:
            Standard(secret).verify(got.body, got.headers)
        for _ in range(5):
            await say.webhooks.exchange(desk.who, desk.directory, id_)
        await say.webhooks.try_(desk.who, desk.directory, id_)
        await desk.later(1)
        assert len(receiver.got[-1].headers["webhook-signature"].split()) == 5
        await desk.later(25 * 3_600)
        await say.webhooks.try_(desk.who, desk.directory, id_)
        await desk.later(1)
        assert len(receiver.got[-1].headers["webhook-signature"].split()) == 1


async def test_what_an_endpoint_cannot_take_is_not_looked_at_all_the_time(desk: Desk, monkeypatch: Any) -> None:
    """One for which as much waits as may, and of which none is due, is not in hand until some is; a new try wakes it."""
    monkeypatch.setattr(webhooks, "MOST_WAITING", 2)
    monkeypatch.setattr(webhooks, "A_TRY", 1)

    async def busy(_: Got, __: int) -> tuple[int, str] | None:
        return 503, "busy"

    async with receiving(busy) as receiver:
        id_, _ = await desk.make(receiver)
        await happens(desk, 3)
        monkeypatch.setattr(webhooks, "A_ROUND", 2)
        for _ in range(400):
            await desk.later(301)  # what it rests after failures
            async with desk.house.pool.acquire() as conn:
                due = await conn.fetchval("select min(due_at) from webhook_delivery where state = 'waiting'")
                rests = await conn.fetchval("select rests_until from webhook")
            if rests == due:  # a round that tried nothing; after one that did it rests otherwise
                break
        before = len(receiver.got)
        assert before
        assert rests == due > desk.clock.now()
        await say.webhooks.again(desk.who, desk.directory, id_, (await desk.deliveries(id_, "waiting"))[0].id)
        await desk.told()
        assert len(receiver.got) > before


async def test_few_tests_wait_at_a_time(desk: Desk) -> None:
    """Ten tests of an endpoint that answers none are enough."""

    async def busy(_: Got, __: int) -> tuple[int, str] | None:
        return 503, "busy"

    async with receiving(busy) as receiver:
        id_, _ = await desk.make(receiver)
        for _ in range(say.webhooks.MOST_TESTS):
            await say.webhooks.try_(desk.who, desk.directory, id_)
        with pytest.raises(ConflictError):
            await say.webhooks.try_(desk.who, desk.directory, id_)


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # a handshake that fails leaves its socket behind
async def test_one_context_of_tls_is_made_for_all_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """To read whom TLS trusts takes longer than a delivery: it is done once, before anything is sent."""
    made = []
    load = ssl.SSLContext.load_verify_locations

    def noted(self: ssl.SSLContext, *args: Any, **said: Any) -> None:
        made.append(self)
        load(self, *args, **said)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", noted)
    monkeypatch.setattr(outward, "WITHIN", 0.5)
    async with receiving() as plain:  # it speaks no TLS: every connection fails at the handshake
        sender = Sender(loopback=True)
        answers = [
            await sender.send(f"https://127.0.0.1:{plain.port}/", f"msg_{n}", b"{}", [new_secret()], 0)
            for n in range(3)
        ]
        await sender.close()
    gc.collect()
    assert [answer.status for answer in answers] == [None] * 3
    assert len(made) == 1


async def test_a_name_that_nobody_answers_for_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many wait for it and give up, it holds one thread, and other names are found meanwhile."""
    silent, asked = threading.Event(), list[str]()
    look_up = outward._look_up

    def slow(host: str, port: int) -> list[str]:
        asked.append(host)
        if host == "silent.example":
            silent.wait(30)
            raise OSError("nobody answers")
        return look_up("127.0.0.1", port)

    monkeypatch.setattr(outward, "_look_up", slow)
    monkeypatch.setattr(outward, "WITHIN", 0.2)
    async with receiving() as receiver:
        sender = Sender(loopback=True)

        async def send(host: str) -> outward.Answer:
            return await sender.send(f"http://{host}:{receiver.port}/", "msg_1", b"{}", [new_secret()], 0)

        try:
            for _ in range(2):
                answers = await asyncio.gather(*(send("silent.example") for _ in range(40)))
                assert {answer.status for answer in answers} == {None}
            monkeypatch.setattr(outward, "WITHIN", 15.0)
            assert (await send("fine.example")).status == 200
        finally:
            silent.set()
            await sender.close()
        assert asked == ["silent.example", "fine.example"]


async def test_a_connection_is_used_again_until_its_receiver_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name is looked up once as long as it lasts; one that was ended meanwhile costs no delivery, and is looked up anew."""
    looked, opened = list[str](), list[asyncio.StreamWriter]()
    look_up = outward._look_up

    def noted(host: str, port: int) -> list[str]:
        looked.append(host)
        return look_up("127.0.0.1", port)

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                await reader.readexactly(length)
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        writer.close()

    monkeypatch.setattr(outward, "_look_up", noted)
    server = await asyncio.start_server(receive, "127.0.0.1", 0)
    url = f"http://shop.example:{server.sockets[0].getsockname()[1]}/"
    sender = Sender(loopback=True)
    for n in range(4):
        answer = await sender.send(url, f"msg_{n}", b"{}", [new_secret()], 0)
        assert (answer.status, answer.text) == (200, "ok")
    assert (len(opened), looked) == (1, ["shop.example"])
    opened[0].close()
    await opened[0].wait_closed()
    await asyncio.sleep(0.1)  # the end has come
    assert (await sender.send(url, "msg_5", b"{}", [new_secret()], 0)).status == 200
    assert (len(opened), looked) == (2, ["shop.example"] * 2)
    answers = await asyncio.gather(*(sender.send(url, f"m{n}", b"{}", [new_secret()], 0) for n in range(150)))
    assert {answer.status for answer in answers} == {200}
    assert len(sender._idle) <= outward._IDLE
    await sender.close()
    server.close()
    for writer in opened:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
