"""Every path that moves money or status, each with what must stand before it: what ``crash_points`` stops at every point.

``prepare`` brings a workspace to the place where the path begins and gives what it is about; ``act`` goes the path, as a request
or a worker does, and tells what it acknowledged. ``act`` may be done again with the same ids: that is what clients do.
"""

import asyncio
from collections.abc import Awaitable, Callable
from fractions import Fraction
from typing import Any, NamedTuple

import asyncpg
import msgspec
from faults.scene import Scene
from tests.acceptance.harness import ANNA, BEN, OWNER, PAT, PIA, outcome, sale, sales

from goodword.app import payouts, process, programs, reviews, workspaces
from goodword.app.ingest import SENDERS
from goodword.core import calendar, events
from goodword.core.entry import Entry
from goodword.core.state import Case, Claim, Code, Payout, Program, Reward
from goodword.sources import native_read

Ack = Callable[[str, str], None]
Data = dict[str, Any]
_KEY = "the-key"
_RULE_FILE = b"""
program: main
currency: EUR
hold: 7d
conversions:
  - rewards:
      - {side: advocate, percent: 20}
"""


class Path(NamedTuple):
    """A path. ``again``: whether its client repeats it until it is answered; ``at_once``: before anything else goes on.

    ``detour``: a rail's lost answer leads to the same end by other postings, so that these are compared by what they come to.
    ``quick``: whether it is among those that are gone when there is little time.
    """

    name: str
    prepare: Callable[[Scene], Awaitable[Data]]
    act: Callable[[Scene, Data, Ack], Awaitable[None]]
    again: bool = True
    at_once: bool = False
    detour: bool = False
    quick: bool = True


async def furnish(scene: Scene) -> None:
    """Give the workspace of all paths: three purchases in review, three in their hold, each beneficiary with payment details."""
    house = scene.house
    await house.send(*sales(3))
    await house.decide()
    for person in sorted({reward.beneficiary for reward in await house.every(Reward)}):
        await _pay_to(scene, person, "sandbox", script="succeed")
    await programs.publish(
        scene.pool,
        scene.ws,
        OWNER,
        b"program: slow\ncurrency: EUR\nhold: 30d" + _RULE_FILE.partition(b"7d")[2],
        "s.yaml",
    )
    slow = [{**one, "program": "slow"} for one in sales(3, name="w") if one["type"] != "conversion.recorded"]
    await house.send(*slow, *(sale(f"w{n}") for n in range(3)))
    await house.decide()


# --- what stands before ---


async def _nothing(_scene: Scene) -> Data:
    return {}


async def _in_review(scene: Scene) -> list[Reward]:
    found = [reward for reward in await scene.house.every(Reward) if reward.status == "in_review"]
    assert len(found) == 6, [reward.status for reward in found]
    return found


async def _pay_to(scene: Scene, person: str, rail: str, **details: str) -> None:
    said = await payouts.set_payee(scene.directory, scene.house.workspace, OWNER, person, rail, details, None)
    assert outcome(said) == "payee_set"


async def _list(scene: Scene) -> Data:
    """Two rewards that can be approved."""
    items, digest = await reviews.to_approve(scene.directory, scene.ws, [r.id for r in (await _in_review(scene))[:2]])
    return {"items": items, "digest": digest}


async def _approved(scene: Scene) -> Data:
    """The same two, approved and due."""
    data = await _list(scene)
    said = await reviews.approve(scene.directory, scene.as_(ANNA), data["items"], data["digest"], "approved")
    assert outcome(said) == "approved"
    await scene.house.move_clock("2026-03-01T00:00:00Z")
    return data


async def _first_approval(scene: Scene) -> Data:
    """The same two, approved by one of the two whom their limits ask for."""
    for person in (ANNA, BEN):
        await scene.house.say(events.MemberSet, member=person.id, roles=person.roles, limits={"EUR": 100})
    data = await _list(scene)
    said = await reviews.approve(scene.directory, scene.as_(BEN), data["items"], data["digest"], "first")
    assert outcome(said) == "second_person_needed"
    return data


def _drafted(rail: str = "sandbox", **details: str) -> Callable[[Scene], Awaitable[Data]]:
    """Two payouts that wait for their release, to details of this kind."""

    async def prepare(scene: Scene) -> Data:
        for reward in (await _in_review(scene))[:2]:
            await _pay_to(scene, reward.beneficiary, rail, **details)
        await _approved(scene)
        said = await reviews.draft(scene.directory, scene.as_(PAT), rail, "EUR", None, "drafted")
        assert outcome(said) == "drafted"
        ids = [payout.id for payout in await scene.house.every(Payout)]
        items, digest = await reviews.to_release(scene.directory, scene.ws, ids)
        return {"items": items, "digest": digest}

    return prepare


def _released(rail: str = "sandbox", **details: str) -> Callable[[Scene], Awaitable[Data]]:
    """Two payouts that are released, with their jobs."""

    async def prepare(scene: Scene) -> Data:
        data = await _drafted(rail, **details)(scene)
        said = await reviews.release(scene.directory, scene.as_(PAT), data["items"], data["digest"], "released")
        assert outcome(said) == "released"
        return data

    return prepare


async def _at_the_bank(scene: Scene) -> Data:
    """Two payouts that are in the bank's file."""
    data = await _released("bank_file", iban="DE00")(scene)
    await scene.worker.do_jobs()
    assert {payout.status for payout in await scene.house.every(Payout)} == {"processing"}
    return data


async def _contested(scene: Scene) -> Data:
    """An open case about an invoice that came again with other values."""
    await scene.house.send({**sale("s1"), "id": "other-values", "amount": 7_700})
    await scene.house.decide()
    [case] = await scene.house.every(Case)
    return {"case": case.id}


async def _claimable(scene: Scene) -> Data:
    """A customer whom another advocate brought, as somebody says."""
    [conversion] = [r for r in await _in_review(scene) if r.conversion == "inv:i-s0" and r.side == "friend"]
    [other] = [r for r in await _in_review(scene) if r.conversion == "inv:i-s1" and r.side == "advocate"]
    return {"program": conversion.program, "friend": conversion.beneficiary, "advocate": other.beneficiary}


async def _claimed(scene: Scene) -> Data:
    """The claim is entered."""
    await _enter_claim(scene, await _claimable(scene), _ignore)
    [claim] = await scene.house.every(Claim)
    return {"claim": claim.id}


async def _undecided(scene: Scene) -> Data:
    """Events of all kinds that wait to be decided; what they bring sets timers that are due at once, and one that is not."""
    wanted = [
        *sales(2, name="n"),
        {**sale("s1"), "id": "other-values", "amount": 7_700},
        {"type": "conversion.refunded", "id": "r1", "invoice_id": "i-s2", "refund_id": "1", "amount": 4_000},
        {"type": "chargeback.opened", "id": "b1", "invoice_id": "i-s0", "chargeback_id": "1"},
        {"type": "click.recorded", "id": "c1", "code": "code-s0", "visitor_id": "v1", "click_id": "k1"},
        {"type": "lead.created", "id": "l1", "customer_external_id": "f-v1", "visitor_id": "v1", "click_id": "k1"},
        {**sale("v1", amount=5_000), "country": "DE"},
        {"type": "lead.created", "id": "l2", "customer_external_id": "f-x", "code": "nobody"},
        {"type": "customer.known", "id": "k1", "customer_external_id": "f-k", "since": "2020-01-01T00:00:00Z"},
        {"type": "advocate.suspended", "id": "a1", "external_id": "a-s1"},
    ]
    assert {answer.status for answer in await scene.house.send(*wanted)} == {"accepted"}
    return {}


async def _set_aside(scene: Scene) -> Data:
    """An event in quarantine, with another one of its customer behind it."""
    first, second = await scene.house.send(
        {"type": "lead.created", "id": "q1", "customer_external_id": "f-q", "code": "code-s0"}, sale("q")
    )
    await scene.pool.execute(
        "update event set waits_for = $2, trace = 'a defect' where workspace_id = $1 and evt = any($3)",
        scene.ws,
        first.evt,
        [first.evt, second.evt],
    )
    return {"evt": first.evt}


# --- the paths ---


def _ignore(_source: str, _id: str) -> None:
    pass


def _answered(entry: Entry, ack: Ack, expected: str, key: str = _KEY) -> None:
    assert outcome(entry) == expected, entry.verdicts
    ack("person", key)


async def _accept(scene: Scene, _data: Data, ack: Ack) -> None:
    """Three requests at once: the first is flushed alone, the others together; a repeat and a conflict are among them."""
    more = {"customer_email": "kim@example.com", "customer_name": "Kim", "device_id": "d1", "company": "Acme"}
    requests = [
        [*sales(1, name="x")[:2], {"type": "conversion.recorded", "id": "bad"}],
        [{"type": "lead.created", "id": "y1", "customer_external_id": "f-y", "code": "code-s0", **more}, sale("y")],
        [sale("s0"), {**sale("s1"), "amount": 1}, sale("z"), {**sale("y"), "id": "p-z"}],
    ]

    async def one(items: list[dict[str, Any]]) -> None:
        read = native_read.read(msgspec.json.encode(items))
        for answer in await scene.house.ingest.accept(scene.house.workspace, SENDERS["sk"], read):
            if answer.status == "accepted":
                ack("native", answer.id or "")

    await _all(*(one(items) for items in requests))


async def _process(scene: Scene, _data: Data, _ack: Ack) -> None:
    await process.drain(scene.pool, scene.ws)


async def _approve(scene: Scene, data: Data, ack: Ack) -> None:
    said = await reviews.approve(scene.directory, scene.as_(ANNA), data["items"], data["digest"], _KEY)
    _answered(said, ack, "approved")


async def _reject(scene: Scene, data: Data, ack: Ack) -> None:
    said = await reviews.reject(scene.directory, scene.as_(ANNA), data["items"], "fraud", "what I saw", _KEY)
    _answered(said, ack, "rejected")


async def _withdraw(scene: Scene, data: Data, ack: Ack) -> None:
    said = await reviews.withdraw(scene.directory, scene.as_(BEN), data["items"], "mistake", "a note", _KEY)
    _answered(said, ack, "withdrawn")


def _decide_case(how: str) -> Callable[[Scene, Data, Ack], Awaitable[None]]:
    async def act(scene: Scene, data: Data, ack: Ack) -> None:
        said = await reviews.decide_case(
            scene.directory, scene.as_(BEN), data["case"], how, "looked_at", "a note", _KEY
        )
        _answered(said, ack, how)

    return act


async def _enter_claim(scene: Scene, data: Data, ack: Ack) -> None:
    said = await reviews.enter_claim(
        scene.directory,
        scene.as_(ANNA),
        data["program"],
        data["friend"],
        [(data["advocate"], Fraction(1))],
        scene.house.workspace.created_at,
        "said_so",
        "a note",
        _KEY,
    )
    _answered(said, ack, "claim_opened")


def _decide_claim(how: str) -> Callable[[Scene, Data, Ack], Awaitable[None]]:
    async def act(scene: Scene, data: Data, ack: Ack) -> None:
        said = await reviews.decide_claim(scene.directory, scene.as_(BEN), data["claim"], how, "seen", None, "decided")
        _answered(said, ack, how, "decided")

    return act


async def _set_payee(scene: Scene, data: Data, ack: Ack) -> None:
    """The beneficiary of an approved reward gets other payment details."""
    [reward] = [r for r in await scene.house.every(Reward) if r.id == data["items"][0].id]
    person, details = reward.beneficiary, {"script": "late"}
    said = await payouts.set_payee(scene.directory, scene.house.workspace, OWNER, person, "sandbox", details, _KEY)
    _answered(said, ack, "payee_set")


async def _draft(scene: Scene, _data: Data, ack: Ack) -> None:
    _answered(await reviews.draft(scene.directory, scene.as_(PAT), "sandbox", "EUR", None, _KEY), ack, "drafted")


async def _release(scene: Scene, data: Data, ack: Ack) -> None:
    said = await reviews.release(scene.directory, scene.as_(PIA), data["items"], data["digest"], _KEY)
    _answered(said, ack, "released")


async def _cancel(scene: Scene, data: Data, ack: Ack) -> None:
    def make(stamp: process.Stamp) -> events.PayoutCanceled:
        return events.PayoutCanceled(**stamp, payout=data["items"][0].id, reason="mistake")

    _answered(await reviews.say(scene.directory, scene.as_(PAT), make, _KEY), ack, "canceled")


def _answer(how: str) -> Callable[[Scene, Data, Ack], Awaitable[None]]:
    async def act(scene: Scene, data: Data, ack: Ack) -> None:
        def make(stamp: process.Stamp) -> events.PayoutAnswered:
            return events.PayoutAnswered(**stamp, payout=data["items"][0].id, outcome=how)

        _answered(await reviews.say(scene.directory, scene.as_(PAT), make, _KEY), ack, how)

    return act


async def _publish(scene: Scene, _data: Data, ack: Ack) -> None:
    said = await programs.publish(scene.pool, scene.ws, OWNER, _RULE_FILE, "rules.yaml", key=_KEY)
    _answered(said, ack, "published")


async def _pause(scene: Scene, _data: Data, ack: Ack) -> None:
    program = (await scene.house.every(Program))[0].id
    _answered(await programs.move(scene.pool, scene.ws, OWNER, program, "paused", key=_KEY), ack, "paused")


async def _set_member(scene: Scene, _data: Data, ack: Ack) -> None:
    said, _ = await workspaces.set_member(
        scene.pool, scene.house.workspace, "new@example.com", ("approver",), {"EUR": 5}, OWNER, key=_KEY
    )
    _answered(said, ack, "member_set")


async def _move_clock(scene: Scene, _data: Data, ack: Ack) -> None:
    """Past the end of the holds: their timers are decided."""

    def make(stamp: process.Stamp) -> events.ClockMoved:
        return events.ClockMoved(**stamp, to=calendar.parse("2026-04-01T00:00:00Z"))

    _answered(await reviews.say(scene.directory, scene.as_(OWNER), make, _KEY), ack, "clock_moved")


async def _retry(scene: Scene, data: Data, _ack: Ack) -> None:
    await process.retry_quarantine(scene.pool, scene.ws, data["evt"])


async def _work(scene: Scene, _data: Data, _ack: Ack) -> None:
    """Time passes three times, as far as the worker can see."""
    for _ in range(3):
        await scene.worker.do_jobs()
        conn = await asyncpg.connect(scene.house.database)
        await conn.execute(
            "update job set due_at = 0 where done_at is null and (error is null or not error ^@ 'Unheard')"
        )
        await conn.close()


async def _sign(scene: Scene, _data: Data, _ack: Ack) -> None:
    await scene.worker.sign_heads()


async def _click(scene: Scene, _data: Data, ack: Ack) -> None:
    """Clicks at once: the first is flushed alone, the others together."""
    code = (await scene.house.every(Code))[0].id

    async def one() -> None:
        click = await scene.clicks.record(scene.house.workspace, code, bot=False)
        assert click is not None
        ack("touch", click)

    await _all(*(one() for _ in range(4)))


async def _all(*doing: Awaitable[None]) -> None:
    """Do all; what fails does not keep the others from being answered."""
    done = await asyncio.gather(*doing, return_exceptions=True)
    for one in done:
        if isinstance(one, BaseException):
            raise one


PATHS = (
    Path("accept events", _nothing, _accept),
    Path("decide a batch", _undecided, _process),
    Path("retry quarantine", _set_aside, _retry),
    Path("approve", _list, _approve),
    Path("approve as the second", _first_approval, _approve, quick=False),
    Path("reject", _list, _reject),
    Path("withdraw", _approved, _withdraw),
    Path("clear a case", _contested, _decide_case("cleared")),
    Path("confirm a case", _contested, _decide_case("confirmed"), quick=False),
    Path("enter a claim", _claimable, _enter_claim),
    Path("win a claim", _claimed, _decide_claim("won")),
    Path("lose a claim", _claimed, _decide_claim("lost"), quick=False),
    Path("set a payee", _approved, _set_payee),
    Path("draft payouts", _approved, _draft),
    Path("release payouts", _drafted(script="succeed"), _release),
    Path("cancel a payout", _released("bank_file", iban="DE00"), _cancel, at_once=True),
    Path("say that a payout arrived", _at_the_bank, _answer("completed")),
    Path("say that a payout failed", _at_the_bank, _answer("failed"), quick=False),
    Path("publish rules", _nothing, _publish),
    Path("pause a program", _nothing, _pause, quick=False),
    Path("set a member", _nothing, _set_member),
    Path("move the clock", _nothing, _move_clock),
    Path("send payouts", _released(script="succeed"), _work),
    Path("send payouts, the rail refuses", _released(script="fail"), _work, quick=False),
    Path("send payouts, the rail is silent", _released(script="timeout"), _work),
    Path("send payouts, the rail is late", _released(script="late"), _work, quick=False),
    Path("send payouts, they come back", _released(script="return"), _work, detour=True, quick=False),
    Path("give payouts to the bank", _released("bank_file", iban="DE00"), _work, quick=False),
    Path("sign a head", _nothing, _sign),
    Path("record clicks", _nothing, _click, again=False),
)
