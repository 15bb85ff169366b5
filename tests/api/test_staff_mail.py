"""Mail to members: one digest a day of what they may act on, what is urgent at once and once, over a real SMTP server."""

import asyncio
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from testkit import rule_documents, sent
from tests.api.conftest import Api
from tests.console.test_mail import Box

from goodword.app.follow import staff_mail
from goodword.app.follow.staff_mail import KIND, MOST_URGENT, look
from goodword.app.principal import Principal
from goodword.app.see import waiting
from goodword.app.see.paging import Page
from goodword.core import access, calendar
from goodword.core.facts import Actor
from goodword.core.state import Payout
from goodword.outbound.mail import Post, Server
from goodword.settings import Daily
from goodword.store import jobs

RULES = rule_documents.text("sandbox")
FROM_MIDNIGHT = Daily(0, "UTC")


class Desk(Box):
    """A mail server that may be away (``refuse``), or take a mail and lose the connection (``lose``)."""

    refuse: str = ""
    lose = False

    async def handle_MAIL(self, _: Any, __: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        """Take who sends, or refuse."""
        if self.refuse:
            return self.refuse
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the name is aiosmtpd's
        """Take a mail."""
        said = await super().handle_DATA(server, session, envelope)
        if self.lose:
            server.transport.close()
        return said

    def texts(self, name: str) -> list[str]:
        """The plain texts of what one got, as they read."""
        mine = [mail for mail, to in zip(self.mails, self.to, strict=True) if to == [f"{name}@shop.example"]]
        return [mail.get_body(("plain",)).get_content() for mail in mine]  # type: ignore[union-attr]


@pytest.fixture
def mailed(api: Api) -> Iterator[Desk]:
    """An installation that gives mail to a server."""
    desk = Desk()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(desk, hostname="127.0.0.1", port=port)
    controller.start()
    api.goodword.directory.post = Post(Server("127.0.0.1", port, "none", "Goodword <refer@shop.example>"))
    yield desk
    api.goodword.directory.post = None
    controller.stop()


def looked(api: Api, at: Daily = FROM_MIDNIGHT) -> None:
    """A worker looks, and sends what is due."""
    api.run(look(api.goodword.directory, at))
    api.until(
        lambda: (
            api.rows(f"select count(*) from job where workspace_id = $1 and kind = '{KIND}' and done_at is null")
            == [(0,)]
        )
    )


def earned(api: Api, friend: str = "bob") -> None:
    """Ann is owed for a friend, which is in review."""
    api.say("owner", "/v1/programs", {"document": RULES})
    api.send(sent.enrolled("enrol", "ann", "ANN"), sent.lead(f"l-{friend}", friend, code="ANN"))
    api.send(sent.purchase(f"o-{friend}", friend, f"inv-{friend}", 20_000))
    api.payee("ann", "bank_file", name="Ann", iban="DE89370400440532013000")
    api.move("2026-03-17T00:00:00Z")


def test_a_digest_tells_each_what_they_may_act_on_once_a_day_and_names_nobody(api: Api, mailed: Desk) -> None:
    """With how many, what they come to, since when, and the list; who may act on nothing, or wants none, gets none."""
    api.member("anna", "approver")
    api.member("aude", "auditor")
    api.member("olaf", "approver")
    assert api.call("olaf", "PUT", "/v1/mail", json={"wants": "off"}).json() == {"wants": "off", "sent": True}
    earned(api)
    for _ in range(3):
        looked(api)
    assert (len(mailed.texts("anna")), len(mailed.texts("olga")), mailed.texts("aude"), mailed.texts("olaf")) == (
        1,
        1,
        [],
        [],
    )
    [text] = mailed.texts("anna")
    assert re.search(r"- 1 reward to decide, 20\.00 EUR, the oldest since \d+ \w+ \d{4}", text), text
    assert f"{api.url}/console/rewards?status=in_review&mine=1" in text
    [mail] = [mail for mail, to in zip(mailed.mails, mailed.to, strict=True) if to == ["anna@shop.example"]]
    assert mail["subject"] == "1 matter waits for you in test (sandbox)"
    assert mail["list-unsubscribe"] == f"<{api.url}/console/settings>"
    assert mail["auto-submitted"] == "auto-generated"
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "/console/rewards?status=in_review&amp;mine=1" in html
    for named in ("ann", "bob", "inv-bob", "anna@shop"):
        assert not re.search(rf"\b{named}\b", text + html.replace("annotation", "")), named


def test_who_wants_the_digest_alone_is_told_nothing_at_once(api: Api, mailed: Desk) -> None:
    """Urgent is each cause once, until it is over; five mails a day at most."""
    api.member("dina", "developer")
    api.member("dave", "developer")
    api.call("dave", "PUT", "/v1/mail", json={"wants": "digest"})
    causes: list[list[str]] = []

    async def alarms(who: Any, _: Any) -> list[Any]:
        assert who.may("source.manage")
        found = causes[-1] if who.actor.roles == ("developer",) else []
        waits = staff_mail.waiting.Waiting("silent", 1, "/sources/shopify", "shopify", 1_700_000_000_000_000)
        return [staff_mail.waiting.Alarm(f"silent:{name}", waits) for name in found]

    never = Daily(24 * 60, "UTC")
    monkey = pytest.MonkeyPatch()
    with monkey.context() as patched:
        patched.setattr(staff_mail.waiting, "alarms", alarms)
        for now in (["a"], ["a"], ["a", "b"], ["b"], ["a", "b"], *([[f"c{n}"] for n in range(9)])):
            causes.append(now)
            looked(api, never)
    assert len(mailed.texts("dina")) == MOST_URGENT
    assert mailed.texts("dave") == mailed.texts("olga") == []
    assert "Nothing came from shopify since 14 November 2023" in mailed.texts("dina")[0]
    told = api.rows("select cause from told_cause where workspace_id = $1 order by cause")
    assert told == []  # what comes behind the fifth is not told, and is new tomorrow


def test_a_promised_day_that_is_gone_is_told_at_once_to_who_may_decide(api: Api, mailed: Desk) -> None:
    """Each reward once, to an approver and not to a developer; what was decided meanwhile is over."""
    for name, role in (("dina", "developer"), ("anna", "approver")):
        api.member(name, role)
    earned(api)
    never = Daily(24 * 60, "UTC")
    looked(api, never)
    assert mailed.to == []
    api.move("2026-04-01T00:00:00Z")
    for _ in range(2):
        looked(api, never)
    [text] = mailed.texts("anna")
    assert "1 reward is behind the day by which it was promised to be decided, 23 March 2026, 20.00 EUR" in text
    assert (len(mailed.texts("olga")), mailed.texts("dina")) == (1, [])
    [reward] = [it["id"] for it in api.get("/v1/rewards")["items"] if it["side"] == "advocate"]
    listed = api.get("/v1/approvals", id=reward)
    api.say("anna", "/v1/approvals", {"items": listed["items"], "list_sha256": listed["list_sha256"]})
    looked(api, never)
    assert api.rows("select cause from told_cause where workspace_id = $1") == []


#: What is told -> what it takes to act on it.
TAKES = {
    "rewards": "reward.decide",
    "late": "reward.decide",
    "payouts": "payout.release",
    "cases": "case.decide",
    "claims": "claim.decide",
    "deals": "deal.decide",
    "changes": "change.answer",
    "codes_low": "stock.upload",
    "codes_awaited": "stock.upload",
    "silent": "source.manage",
    "set_aside": "event.retry",
    "standing_used": "standing.grant",
    "standing_ends": "standing.grant",
    "budget": "program.publish",
    "ledger": "log.verify",
    "verify": "log.verify",
}


def test_whoever_may_not_act_on_something_hears_nothing_of_it(api: Api) -> None:
    """Of each role, and of who is limited to another program; of what waits here everything is told to somebody."""
    earned(api)
    api.send(sent.lead("l-eve", "eve", code="ANN"))
    [program] = [it["id"] for it in api.get("/v1/programs")["items"]]
    shares = [{"person": api.person("ann"), "numerator": 1, "denominator": 1}]
    body = {
        "program": program,
        "person": api.person("eve"),
        "advocates": shares,
        "lead_at": "2026-03-05T00:00:00Z",
        "reason": "told",
    }
    api.say("sk", "/v1/claims", body)
    codes = {"name": "cards", "unit": "EUR", "amount": 500, "program": None, "codes": "AAAA-BBBB-1", "low_at": 5}
    api.say("owner", "/v1/stocks", codes)
    workspace = api.run(api.goodword.directory.workspace(api.ws))
    told: set[str] = set()
    for roles, programs in [
        *(((role,), ()) for role in access.ROLES),
        *(((role,), ("prg_other",)) for role in access.ROLES),
    ]:
        who = Principal("session", workspace, Actor(id="mem_x", kind="member", roles=roles, programs=programs))
        for look_at in (waiting.mine, waiting.alarms):
            found = [getattr(it, "waiting", it) for it in api.run(look_at(who, api.goodword.directory))]
            assert [it.code for it in found if not who.may(TAKES[it.code])] == []
            assert [it.code for it in found if it.sums and not who.may("payout.read")] == []
            if programs:
                assert {it.code for it in found} <= {"codes_low", "codes_awaited"}  # a stock for any program
            told |= {it.code for it in found}
    assert told >= {"rewards", "claims", "codes_low"}


def test_of_two_workers_and_of_many_looks_there_is_one_mail(api: Api, mailed: Desk) -> None:
    """They look at the same moment; whichever is first writes it."""
    earned(api)

    async def together() -> None:
        await asyncio.gather(*(look(api.goodword.directory, FROM_MIDNIGHT) for _ in range(4)))

    api.run(together())
    looked(api)
    assert len(mailed.texts("olga")) == 1
    assert len(api.rows("select 1 from staff_mail where workspace_id = $1 and kind = 'digest'")) == 1


def test_a_mail_whose_text_was_handed_over_is_not_sent_again(api: Api, mailed: Desk) -> None:
    """The connection is lost as the server takes it: it may have arrived. One that was refused is sent again, and names no address."""
    earned(api)
    mailed.lose = True
    api.run(look(api.goodword.directory, FROM_MIDNIGHT))
    api.until(lambda: len(mailed.mails) == 1)
    api.due(KIND)
    looked(api)
    assert len(mailed.mails) == 1


def test_a_server_that_is_away_is_tried_again_and_named_by_the_doctor(api: Api, mailed: Desk) -> None:
    """Nothing is lost, and nothing comes twice."""
    earned(api)
    mailed.refuse = "451 olga@shop.example: later"
    api.run(look(api.goodword.directory, FROM_MIDNIGHT))
    error = "select error from job where workspace_id = $1 and kind = 'staff_mail'"
    api.until(lambda: api.rows(error)[0][0] is not None)
    [(said,)] = api.rows(error)
    assert "did not take it: 451" in said
    assert "olga" not in said

    async def stuck() -> tuple[int, str]:
        async with api.goodword.directory.pool.acquire() as conn:
            return await jobs.unsent(conn, KIND)

    assert api.run(stuck())[0] == 1
    mailed.refuse = ""
    api.due(KIND)
    looked(api)
    looked(api)
    assert len(mailed.texts("olga")) == 1
    assert api.run(stuck())[0] == 0


def test_where_one_cannot_be_told_the_others_are(api: Api, mailed: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong with what the first of them may read."""
    api.member("anna", "approver")
    earned(api)
    mine, asked = waiting.mine, list[str]()

    async def read(who: Principal, directory: Any) -> Any:
        asked.append(who.actor.id)
        if len(asked) == 1:
            raise LookupError("a row is gone")
        return await mine(who, directory)

    monkeypatch.setattr(waiting, "mine", read)
    looked(api)
    assert len(asked) == 2
    assert len(mailed.mails) == 1
    looked(api)
    assert len(mailed.mails) == 2


def test_what_is_behind_many_of_others_is_counted(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Payouts that one drafted themselves fill more than a page: those of others wait all the same."""
    owner = Actor(id="mem_olga", kind="member", roles=("owner",))

    def payout(n: int) -> Payout:
        by = "mem_paul" if n == 5 else owner.id
        return Payout(
            id=f"pay_{n}",
            beneficiary="per_a",
            rail="bank_file",
            unit="EUR",
            amount=n,
            status="awaiting_release",
            parts=(),
            destination="d",
            drafted_by=by,
            drafted_at=n,
        )

    async def page(*_: Any, after: str = "", limit: int = 50, **__: Any) -> Page[Payout]:
        rows = [it for it in map(payout, range(7)) if it.id > after][:limit]
        return Page(rows, rows[-1].id if len(rows) == limit else None)

    monkeypatch.setattr(waiting, "MOST", 2)
    monkeypatch.setattr(waiting.payouts, "page", page)

    async def found() -> list[waiting.Waiting]:
        ws = await api.goodword.directory.workspace(api.ws)
        assert ws is not None
        return await waiting.mine(Principal("session", ws, owner), api.goodword.directory)

    [one] = [it for it in api.run(found()) if it.code == "payouts"]
    assert (one.count, one.sums, one.oldest) == (1, {"EUR": 5}, 5)


def test_nothing_comes_before_its_time_of_the_day(api: Api, mailed: Desk) -> None:
    """By the clock of the zone that the settings name, also where it is another day there."""
    earned(api)
    now = calendar.moment(api.goodword.directory.now())
    minutes = now.hour * 60 + now.minute
    for at in (Daily(minutes + 2, "UTC"), Daily((minutes + 2 + 60) % 1440, "Europe/Berlin")):
        if at.minute > minutes:
            looked(api, at)
            assert mailed.mails == []
    looked(api, Daily(minutes, "UTC"))
    assert len(mailed.texts("olga")) == 1


def test_who_left_gets_nothing_that_was_written_before(api: Api, mailed: Desk) -> None:
    """Neither does who turned it off meanwhile."""
    api.member("anna", "approver")
    earned(api)
    mailed.refuse = "451 later"
    api.run(look(api.goodword.directory, FROM_MIDNIGHT))
    api.until(
        lambda: (
            len(api.rows("select 1 from job where workspace_id = $1 and kind = 'staff_mail' and error is not null"))
            == 2
        )
    )
    api.say("owner", "/v1/members", {"email": "anna@shop.example", "roles": []})
    api.call("owner", "PUT", "/v1/mail", json={"wants": "off"})
    mailed.refuse = ""
    api.due(KIND)
    looked(api)
    assert mailed.mails == []
