"""Messages to advocates over a real SMTP server and a real database: each once, none to who is not to get it, none lost unseen."""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
import socket
from collections.abc import AsyncIterator, Iterator
from email.message import EmailMessage
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from testkit import sent
from testkit.house import DUE, House, opened, payees

from goodword.app import say, see, stopping
from goodword.app.follow import messages as follow
from goodword.app.follow import payouts as sending
from goodword.app.principal import Principal
from goodword.app.proof.audit import verify
from goodword.core import events
from goodword.core.facts import Actor
from goodword.core.state import Letter, Recipient, Reward
from goodword.outbound.mail import Post, Server
from goodword.outbound.rails.sandbox import Sandbox
from goodword.worker.jobs import Jobs

ALL = [
    "enrolled", "referral_counted", "reward_approved", "reward_paid", "reward_held", "dispute_answered", "terms_changed",
    "milestone_reached", "satisfaction",
]  # fmt: skip


class Desk:
    """A mail server: what it took, by whom it is for; it refuses some, and loses the connection behind others."""

    def __init__(self) -> None:
        self.took: list[tuple[str, bytes]] = []
        self.refuses: dict[str, str] = {}
        self.loses: set[str] = set()

    async def handle_RCPT(self, _: Any, __: Any, envelope: Any, address: str, ___: list[str]) -> str:  # noqa: N802
        """Take whom it is for, or refuse."""
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _: Any, envelope: Any) -> str:  # noqa: N802 - the name is aiosmtpd's
        """Take a mail."""
        self.took += [(to, envelope.content) for to in envelope.rcpt_tos]
        if self.loses & {*envelope.rcpt_tos}:
            server.transport.close()
        return "250 OK"

    @property
    def to(self) -> list[str]:
        """Whom it took mails for, in order of name."""
        return sorted(to for to, _ in self.took)

    def mail(self, to: str) -> EmailMessage:
        """The one mail to somebody."""
        [data] = [data for it, data in self.took if it == to]
        return email.message_from_bytes(data, policy=email.policy.SMTP)  # type: ignore[return-value]


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A mail server that listens."""
    it = Desk()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(it, hostname="127.0.0.1", port=port)
    controller.start()
    it.port = port  # type: ignore[attr-defined]
    yield it
    controller.stop()


@pytest.fixture
async def house(database: str, desk: Desk) -> AsyncIterator[House]:
    """A house that writes of all topics."""
    async with opened(database) as it:
        it.directory.post = Post(Server("127.0.0.1", desk.port, "none", "Acme <refer@shop.example>"))  # type: ignore[attr-defined]
        await it.publish(messages={"topics": ALL})
        yield it


async def work(house: House, *, times: int = 6) -> None:
    """Do what jobs of messages and payouts are due."""
    kinds = {**follow.kinds(house.directory), **sending.kinds(house.directory, {"sandbox": Sandbox(Path(mkdtemp()))})}
    its = Jobs(house.engine, kinds)
    for _ in range(times):
        if not await its.once():
            return


def pair(name: str, **more: Any) -> list[dict[str, Any]]:
    """An advocate with a mail, and a friend who buys."""
    return [
        sent.enrolled(
            f"e-{name}", f"a-{name}", f"code-{name}", email=f"{name}@mail.example", name=name.title(), **more
        ),
        sent.lead(f"l-{name}", f"f-{name}", code=f"code-{name}"),
        sent.purchase(f"p-{name}", f"f-{name}", f"i-{name}", 10_000),
    ]


async def earned(house: House, *names: str) -> list[Reward]:
    """Advocates who earned something that is in review."""
    for name in names:
        await house.send(*pair(name))
    await house.decide()
    found = [it for it in await house.every(Reward) if it.side == "advocate"]
    await payees(house, found)
    return found


async def paid(house: House, rewards: list[Reward]) -> None:
    """Approve and pay them."""
    await house.approve(rewards)
    await house.move_clock(DUE)
    await house.release(await house.draft(rewards))


def told(its: list[Letter]) -> dict[str, str]:
    """Topic -> what became of it."""
    return {it.topic: it.status if it.reason is None else f"{it.status}: {it.reason}" for it in its}


async def test_an_advocate_is_written_what_happens_once_and_the_log_tells_it(house: House, desk: Desk) -> None:
    """From joining to the payment; the question how satisfied they are waits for a consent. The log proves all of it."""
    rewards = await earned(house, "ann")
    await work(house)
    await paid(house, rewards)
    await work(house)
    await work(house)
    its = await house.every(Letter)
    assert told(its) == {
        "enrolled": "sent",
        "referral_counted": "sent",
        "reward_approved": "sent",
        "reward_paid": "sent",
        "satisfaction": "withheld: consent_missing",
    }
    assert desk.to == ["ann@mail.example"] * 4
    assert (await verify(house.pool, house.ws)).differences == ()
    assert await house.broken() == []


async def test_a_message_is_in_the_language_of_whom_it_is_for(house: House, desk: Desk) -> None:
    """A kind of a language as that; one that there are no words in as English; it says which, for who reads it aloud."""
    wanted = {"de-AT": ("de", "Dein Link, um"), "es_MX": ("es", "Tu enlace para"), "tlh": ("en", "Your link")}
    for number, language in enumerate(wanted):
        name, mail = f"a{number}", f"a{number}@mail.example"
        said = {"type": "customer.updated", "id": f"l{number}", "customer_external_id": name, "language": language}
        await house.send(said, sent.enrolled(f"e{number}", name, f"code-{number}", email=mail))
    await house.decide()
    await work(house)
    for number, (language, subject) in enumerate(wanted.values()):
        mail = desk.mail(f"a{number}@mail.example")
        assert mail["subject"].startswith(subject)
        assert f'lang="{language}' in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]


async def test_headers_for_unsubscribing_stand_as_they_are_in_the_bytes_that_arrive(house: House, desk: Desk) -> None:
    """Each on one line, the address whole, once, with a token of 20 characters: as RFC 8058 has them, to be signed by name."""
    await house.send(pair("ann")[0])
    await house.decide()
    await work(house)
    [(_, data)] = desk.took
    head = data.partition(b"\r\n\r\n")[0]
    [stop] = re.findall(rb"^List-Unsubscribe: <(\S+)>\r$", head, re.MULTILINE)
    assert re.fullmatch(rb"https?://\S+/portal/wsp_\w{26}/letters/[\w-]{20}", stop), stop
    assert re.findall(rb"^List-Unsubscribe-Post: (.*)\r$", head, re.MULTILINE) == [b"List-Unsubscribe=One-Click"]
    mail = desk.mail("ann@mail.example")
    assert mail.get_content_type() == "multipart/alternative"
    for kind in ("plain", "html"):
        assert stop.decode() in mail.get_body((kind,)).get_content()  # type: ignore[union-attr]
    [it] = await house.every(Letter)
    assert mail["Message-ID"] == f"<{it.id}@shop.example>"


async def test_a_bad_address_stops_nobody(house: House, desk: Desk) -> None:
    """One that the server refuses for good, one that is no address, and one that it does not take now: all others arrive."""
    desk.refuses = {"ben@mail.example": "550 5.1.1 no such mailbox", "cat@mail.example": "451 4.2.0 later"}
    for name in ("ann", "ben", "cat", "dan"):
        await house.send(pair(name)[0])
    await house.decide()
    await work(house)
    assert desk.to == ["ann@mail.example", "dan@mail.example"]
    became = {it.status: it.reason for it in await house.every(Letter)}
    assert became == {"sent": None, "refused": "550", "ordered": None}
    desk.refuses.clear()
    await house.pool.execute("update job set due_at = 0 where done_at is null")
    await work(house)
    assert desk.to == ["ann@mail.example", "cat@mail.example", "dan@mail.example"]


async def test_what_may_have_arrived_is_never_sent_again_but_by_a_person(house: House, desk: Desk) -> None:
    """The connection is lost behind the text: it is unknown, stands in a list, and is sent once more where a member says so."""
    desk.loses = {"ann@mail.example"}
    for name in ("ann", "ben"):
        await house.send(pair(name)[0])
    await house.decide()
    await work(house)
    await house.pool.execute("update job set done_at = null, due_at = 0 where kind = 'message.send'")
    await work(house)
    assert desk.to == ["ann@mail.example", "ben@mail.example"]
    who = house.as_(house.owner)
    [it] = await see.messages.waiting(who, house.directory)
    assert it.status == "unknown"
    desk.loses.clear()
    entry = await say.messages.settle(who, house.directory, it.id, "again", "once")
    assert not entry.refused, entry.verdicts
    await work(house)
    assert desk.to == ["ann@mail.example", "ann@mail.example", "ben@mail.example"]
    assert await see.messages.waiting(who, house.directory) == []
    assert (await say.messages.settle(who, house.directory, it.id, "again", "twice")).refused


async def test_a_mail_that_was_begun_and_not_heard_of_is_unknown(house: House, desk: Desk) -> None:
    """Whoever held it died behind the commit: nobody sends it, and a person sees it."""
    await house.send(pair("ann")[0])
    await house.decide()
    await work(house, times=1)
    [it] = await house.every(Letter)
    await house.pool.execute(
        "insert into letter_text values ($1, $2, $3, 'a', 'b', 'c', 0, null, null)", house.ws, it.id, it.person
    )
    await work(house)
    assert desk.took == []
    assert told(await house.every(Letter)) == {"enrolled": "unknown: interrupted"}


async def opened_from(house: House, desk: Desk, to: str) -> stopping.Opened:
    token = str(desk.mail(to)["List-Unsubscribe"]).strip("<>").rpartition("/")[2]
    found = await stopping.opened(house.directory, house.ws, token)
    assert found is not None
    return found


async def test_who_wants_no_more_of_a_topic_gets_the_others(house: House, desk: Desk) -> None:
    """It is said once, however often they press; who wants nothing at all gets nothing, nor does another account with that mail."""
    await house.send(pair("ann")[0])
    await house.decide()
    await work(house)
    it = await opened_from(house, desk, "ann@mail.example")
    await stopping.stop(house.directory, it, everything=False)
    position = await house.position()
    await stopping.stop(house.directory, await opened_from(house, desk, "ann@mail.example"), everything=False)
    assert await house.position() == position
    [now] = await house.every(Recipient)
    assert (now.off, now.stopped) == (("enrolled",), None)
    await stopping.stop(house.directory, await opened_from(house, desk, "ann@mail.example"), everything=True)
    await house.send(*pair("ann")[1:])
    await house.decide()
    await work(house)
    assert told(await house.every(Letter))["referral_counted"] == "withheld: mail_suppressed"
    assert desk.to == ["ann@mail.example"]


async def report(house: House, kind: str, message: Letter, **fields: Any) -> None:
    """What the company's mail service reports, by a secret key, in the native format."""
    said = {"type": f"message.{kind}", "id": f"{kind}-{fields}", "message_id": message.id, **fields}
    assert [it.status for it in await house.send(said)] == ["accepted"]
    await house.decide()


async def test_nothing_goes_to_an_address_that_came_back_also_not_after_an_erasure(house: House, desk: Desk) -> None:
    """Another account with that mail gets nothing; a member lifts it with a reason; soft ones are counted."""
    await house.send(pair("ann")[0])
    await house.decide()
    await work(house)
    [it] = await house.every(Letter)
    await report(house, "bounced", it)
    [now] = await house.every(Recipient)
    assert (now.soft, now.stopped) == (1, None)
    await report(house, "bounced", it, hard=True)
    await work(house)
    who = house.as_(house.owner)
    await say.people.erase(who, house.directory, it.person, "gone")
    assert await house.rows("select * from letter_text where workspace_id = $1") == []
    await house.send(sent.enrolled("e-2", "a-2", "code-2", email="Ann@Mail.example"))
    await house.decide()
    await work(house)
    other = next(one for one in await house.every(Letter) if one.person != it.person)
    assert (other.status, other.reason) == ("withheld", "mail_suppressed")
    assert (await see.messages.reach(who, house.directory, other.person)).listed == "bounced"
    assert desk.to == ["ann@mail.example"]


async def test_a_suppression_that_comes_between_is_asked_as_it_is_sent(house: House) -> None:
    """Ordered, and then the address is on the list: the message is withheld, with the reason."""
    await house.send(pair("ann")[0])
    await house.decide()
    await work(house, times=1)
    [it] = await house.every(Letter)
    assert it.status == "ordered"
    blind = (await house.rows("select blind from match_key where workspace_id = $1 and kind = 'mail'"))[0][0]
    await house.pool.execute("insert into suppression values ($1, $2, 'complained', 'x', 0)", house.ws, blind)
    await work(house)
    assert told(await house.every(Letter)) == {"enrolled": "withheld: mail_suppressed"}
    await report(house, "unsubscribed", it, all=True)
    assert not (await say.messages.resume(house.as_(house.owner), house.directory, it.person, "asked", "k")).refused
    assert await house.rows("select * from suppression where workspace_id = $1") == []


async def test_a_message_in_quiet_hours_waits_for_their_end(house: House) -> None:
    """By the person's own clock; what speaks against it by then is asked anew."""
    await house.publish(messages={"topics": ALL, "quiet": {"begins": "21:00", "ends": "08:00"}})
    zone = {"type": "customer.updated", "id": "z", "customer_external_id": "a-ann", "time_zone": "America/New_York"}
    await house.send(zone, pair("ann")[0])  # 2026-01-05, midnight in UTC: 19:00 there
    await house.move_clock("2026-01-05T02:00:00Z")  # 21:00
    await house.send(*pair("ann")[1:])
    await house.decide()
    await work(house)
    its = {it.topic: it for it in await house.every(Letter)}
    assert its["referral_counted"].status == "deferred"
    assert its["referral_counted"].due_at == 1_767_618_000_000_000  # 13:00 in UTC, 08:00 there
    await house.move_clock("2026-01-05T13:00:00Z")
    await work(house)
    assert told(await house.every(Letter))["referral_counted"] == "sent"


async def test_without_topics_in_its_rules_a_program_writes_nothing(database: str) -> None:
    """Neither an entry nor a job comes of it."""
    async with opened(database) as it:
        await it.send(*pair("ann"))
        await it.decide()
        assert await it.rows("select kind from job where workspace_id = $1 and kind like 'message%'") == []
        assert await it.every(Letter) == []


async def test_two_workers_at_once_send_each_message_once(house: House, desk: Desk) -> None:
    """They have the same jobs in hand, as where a lease ended while its worker lived on."""
    for n in range(30):
        await house.send(pair(f"n{n}")[0])
    await house.decide()
    await work(house, times=1)
    from goodword.store.jobs import Leased  # noqa: PLC0415

    rows = await house.rows("select id, kind, subject from job where workspace_id = $1 and kind = 'message.send'")
    leased = [Leased(*row, 1) for row in rows]
    kind = follow.kinds(house.directory)["message.send"]
    await asyncio.gather(*(kind.do(house.ws, leased) for _ in range(3)))
    assert desk.to == sorted(f"n{n}@mail.example" for n in range(30))


async def test_an_address_whose_person_wants_none_at_all_gets_none_under_another_account_or_after_an_erasure(
    house: House, desk: Desk
) -> None:
    """It is on the list; whoever has it says themselves that they want mails again, or a member does, of any account that has it."""
    await house.send(pair("ann")[0])
    await house.decide()
    await work(house)
    await stopping.stop(house.directory, await opened_from(house, desk, "ann@mail.example"), everything=True)
    await work(house)
    [first] = await house.every(Letter)
    owner = house.as_(house.owner)
    assert (await see.messages.reach(owner, house.directory, first.person)).listed == "unsubscribed"
    ann = Principal("session", house.workspace, Actor(id=first.person, kind="person"))
    await say.settings.choose(ann, house.directory, (), "again")
    assert (await see.messages.reach(owner, house.directory, first.person)).listed is None
    await stopping.stop(house.directory, await opened_from(house, desk, "ann@mail.example"), everything=True)
    await work(house)
    await say.people.erase(owner, house.directory, first.person, "gone")
    await house.send(sent.enrolled("e-2", "a-2", "code-2", email="Ann@Mail.example"))
    await house.decide()
    await work(house)
    other = next(one for one in await house.every(Letter) if one.person != first.person)
    assert (other.status, other.reason) == ("withheld", "mail_suppressed")
    said = await say.messages.resume(owner, house.directory, other.person, "asked", "k")
    assert [it.outcome for it in said.verdicts] == ["messages_resumed"]
    assert (await see.messages.reach(owner, house.directory, other.person)).listed is None
    assert (await say.messages.resume(owner, house.directory, other.person, "asked", "l")).refused
    assert desk.to == ["ann@mail.example"]


async def test_a_complaint_is_not_taken_back_by_a_wish_of_before(house: House, desk: Desk) -> None:
    """What a mailbox called unwanted stays on the list, also where it had said before that it wants none, and wants some now."""
    await house.send(pair("ann")[0])
    await house.decide()
    await work(house)
    await stopping.stop(house.directory, await opened_from(house, desk, "ann@mail.example"), everything=True)
    await work(house)
    [it] = await house.every(Letter)
    await report(house, "complained", it)
    await work(house)
    ann = Principal("session", house.workspace, Actor(id=it.person, kind="person"))
    await say.settings.choose(ann, house.directory, (), "again")
    assert (await see.messages.reach(house.as_(house.owner), house.directory, it.person)).listed == "complained"


async def test_what_was_put_off_and_holds_no_more_is_not_said(house: House) -> None:
    """Approved at night, and refused before the morning: nobody is told that it is approved. Nor that what was refused is expected."""
    await house.publish(messages={"topics": ALL, "quiet": {"begins": "21:00", "ends": "08:00"}})
    rewards = await earned(house, "ann", "ben")
    await work(house)
    await house.approve(rewards)
    await work(house)
    ann, ben = rewards
    seen = [it for it in await house.every(Reward) if it.id == ann.id]
    said = await house.say(events.RewardsRejected, house.owner, items=await house.items(seen), reason="x")
    assert said.verdicts[0].outcome == "rejected", said.verdicts
    assert {it.status for it in await house.every(Letter)} == {"deferred"}
    await house.move_clock("2026-01-05T08:00:00Z")
    await work(house)
    its = await house.every(Letter)
    assert told([it for it in its if it.trigger == ann.id]) == {
        "referral_counted": "withheld: news_outdated",
        "reward_approved": "withheld: news_outdated",
    }
    assert told([it for it in its if it.trigger == ben.id])["reward_approved"] == "sent"


async def test_a_message_goes_to_the_mailbox_that_a_trusted_source_said_last_by_when_it_happened(
    house: House, desk: Desk
) -> None:
    """One that was left and came back to is the last; what is told late of long ago leads no message back to a mailbox of before."""

    def known(number: int, mail: str, at: str) -> dict[str, Any]:
        who = {"customer_external_id": "a-ann", "email": mail, "occurred_at": at}
        return {"type": "customer.updated", "id": f"u-{number}", **who}

    await house.move_clock("2026-02-01T12:00:00Z")
    await house.send(known(1, "old@mail.example", "2026-01-06T00:00:00Z"))
    await house.send(known(2, "new@mail.example", "2026-01-07T00:00:00Z"))
    await house.send(known(3, "old@mail.example", "2026-01-08T00:00:00Z"))
    await house.send(known(4, "past@mail.example", "2025-06-01T00:00:00Z"))
    await house.send(sent.enrolled("e-ann", "a-ann", "code-ann"))
    await house.decide()
    await work(house)
    assert desk.to == ["old@mail.example"]


async def test_a_message_of_who_was_merged_meanwhile_goes_where_they_get_mail_and_can_be_read(
    house: House, desk: Desk
) -> None:
    """The account that goes on has no mailbox, the other one has: it is one person's, and what was sent opens with that one's key."""
    await house.publish(messages={"topics": ALL, "quiet": {"begins": "21:00", "ends": "08:00"}})
    await house.send(sent.enrolled("e-zoe", "a-zoe", "code-zoe"))
    await earned(house, "ann")
    await work(house)
    of = {it.person: it for it in await house.every(Letter) if it.topic == "enrolled"}
    [gone] = [it.person for it in of.values() if it.status == "deferred"]
    [keep] = [it for it in of if it != gone]
    assert (await house.say(events.PersonMerged, house.owner, keep=keep, gone=gone)).verdicts[0].outcome == "merged"
    await house.move_clock("2026-01-05T08:00:00Z")
    await work(house)
    assert {*desk.to} == {"ann@mail.example"}
    told_ = [it for it in await house.every(Letter) if it.person == gone and it.status == "sent"]
    assert told_
    for it in told_:
        whole = await see.messages.get(house.as_(house.owner), house.directory, it.id)
        assert whole.said
        assert "Ann" in whole.said
