"""Every path that moves money or status, each with what must stand before it: what ``crash_points`` stops at every point.

``prepare`` brings a workspace to the place where the path begins and gives what it is about; ``act`` goes the path, as a request
or a worker does, and tells what it acknowledged. ``act`` may be done again with the same ids: that is what clients do.
"""

import asyncio
from collections.abc import Awaitable, Callable
from fractions import Fraction
from typing import Any, NamedTuple
from unittest.mock import patch

import asyncpg
import msgspec
from faults import crash_before as before
from faults.crash_before import Data
from faults.scene import Scene
from tests.acceptance.harness import ANNA, BEN, OWNER, PAT, PIA, SERVER, outcome, sale, sales

from goodword.app import say
from goodword.app.follow import payouts
from goodword.app.intake.ingest import SENDERS
from goodword.app.write import process
from goodword.core import calendar
from goodword.core.entry import Entry
from goodword.core.state import Claim, Code, Program, Reward
from goodword.sources import native_read

Ack = Callable[[str, str], None]
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
    ``quick``: whether it is among those that are gone when there is little time. ``alone``: never beside another one, because it
    changes the product for the whole process.
    """

    name: str
    prepare: Callable[[Scene], Awaitable[Data]]
    act: Callable[[Scene, Data, Ack], Awaitable[None]]
    again: bool = True
    at_once: bool = False
    detour: bool = False
    quick: bool = True
    alone: bool = False


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
    await process.drain(scene.engine, scene.ws)


async def _approve(scene: Scene, data: Data, ack: Ack) -> None:
    said = await say.approvals.approve(scene.as_(ANNA), scene.directory, data["items"], data["digest"], _KEY)
    _answered(said, ack, "approved")


async def _reject(scene: Scene, data: Data, ack: Ack) -> None:
    said = await say.rewards.reject(scene.as_(ANNA), scene.directory, data["items"], "fraud", "what I saw", _KEY)
    _answered(said, ack, "rejected")


async def _withdraw(scene: Scene, data: Data, ack: Ack) -> None:
    said = await say.approvals.withdraw(scene.as_(BEN), scene.directory, data["items"], "mistake", "a note", _KEY)
    _answered(said, ack, "withdrawn")


def _decide_case(how: str) -> Callable[[Scene, Data, Ack], Awaitable[None]]:
    async def act(scene: Scene, data: Data, ack: Ack) -> None:
        said = await say.cases.decide(scene.as_(BEN), scene.directory, data["case"], how, "looked_at", "a note", _KEY)
        _answered(said, ack, how)

    return act


async def _enter_claim(scene: Scene, data: Data, ack: Ack) -> None:
    said = await say.claims.enter(
        scene.as_(ANNA),
        scene.directory,
        data["program"],
        data["friend"],
        [(data["advocate"], Fraction(1))],
        scene.house.workspace.created_at,
        "said_so",
        "a note",
        _KEY,
    )
    _answered(said, ack, "claim_opened")


async def _claimed(scene: Scene) -> Data:
    """The claim is entered."""
    await _enter_claim(scene, await before.claimable(scene), _ignore)
    [claim] = await scene.house.every(Claim)
    return {"claim": claim.id}


def _decide_claim(how: str) -> Callable[[Scene, Data, Ack], Awaitable[None]]:
    async def act(scene: Scene, data: Data, ack: Ack) -> None:
        said = await say.claims.decide(scene.as_(BEN), scene.directory, data["claim"], how, "seen", None, "decided")
        _answered(said, ack, how, "decided")

    return act


async def _set_payee(scene: Scene, data: Data, ack: Ack) -> None:
    """The beneficiary of an approved reward gets other payment details."""
    [reward] = [r for r in await scene.house.every(Reward) if r.id == data["items"][0].id]
    person, details = reward.beneficiary, {"script": "late"}
    said = await say.payees.set_payee(scene.as_(SERVER), scene.directory, person, "sandbox", details, _KEY)
    _answered(said, ack, "payee_set")


async def _draft(scene: Scene, _data: Data, ack: Ack) -> None:
    _answered(await say.payouts.draft(scene.as_(PAT), scene.directory, "sandbox", "EUR", None, _KEY), ack, "drafted")


async def _release(scene: Scene, data: Data, ack: Ack) -> None:
    said = await say.payouts.release(scene.as_(PIA), scene.directory, data["items"], data["digest"], _KEY)
    _answered(said, ack, "released")


async def _cancel(scene: Scene, data: Data, ack: Ack) -> None:
    said = await say.payouts.cancel(scene.as_(PAT), scene.directory, data["items"][0].id, "mistake", _KEY)
    _answered(said, ack, "canceled")


def _answer(how: str) -> Callable[[Scene, Data, Ack], Awaitable[None]]:
    async def act(scene: Scene, data: Data, ack: Ack) -> None:
        said = await say.payouts.answer(scene.as_(PAT), scene.directory, data["items"][0].id, how, key=_KEY)
        _answered(said, ack, how)

    return act


async def _publish(scene: Scene, _data: Data, ack: Ack) -> None:
    said = await say.programs.publish(scene.as_(OWNER), scene.directory, _RULE_FILE, "rules.yaml", _KEY)
    _answered(said, ack, "published")


async def _pause(scene: Scene, _data: Data, ack: Ack) -> None:
    program = (await scene.house.every(Program))[0].id
    _answered(await say.programs.move(scene.as_(OWNER), scene.directory, program, "paused", _KEY), ack, "paused")


async def _set_member(scene: Scene, _data: Data, ack: Ack) -> None:
    said = await say.members.set_member(
        scene.as_(OWNER), scene.directory, "new@example.com", ("approver",), {"EUR": 5}, _KEY
    )
    _answered(said.entry, ack, "member_set")


async def _move_clock(scene: Scene, _data: Data, ack: Ack) -> None:
    """Past the end of the holds: their timers are decided."""
    to = calendar.parse("2026-04-01T00:00:00Z")
    _answered(await say.clock.move(scene.as_(OWNER), scene.directory, to, _KEY), ack, "clock_moved")


async def _retry(scene: Scene, data: Data, _ack: Ack) -> None:
    await process.retry_quarantine(scene.engine, scene.ws, data["evt"])


async def _work(scene: Scene, _data: Data, _ack: Ack) -> None:
    """Time passes three times, as far as the worker can see."""
    for _ in range(3):
        await scene.worker.do_jobs()
        conn = await asyncpg.connect(scene.house.database)
        await conn.execute(
            "update job set due_at = 0 where done_at is null and (error is null or not error ^@ 'Unheard')"
        )
        await conn.close()


async def _work_in_groups(scene: Scene, data: Data, ack: Ack) -> None:
    """The same, as if the two payouts were too many to be sent at once."""
    with patch.object(payouts, "AT_ONCE", 1):
        await _work(scene, data, ack)


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
    Path("accept events", before.nothing, _accept),
    Path("decide a batch", before.undecided, _process),
    Path("take clicks into the log", before.clicked, _process),
    Path("retry quarantine", before.set_aside, _retry),
    Path("approve", before.listed, _approve),
    Path("approve as the second", before.first_approval, _approve, quick=False),
    Path("reject", before.listed, _reject),
    Path("withdraw", before.approved, _withdraw),
    Path("clear a case", before.contested, _decide_case("cleared")),
    Path("confirm a case", before.contested, _decide_case("confirmed"), quick=False),
    Path("enter a claim", before.claimable, _enter_claim),
    Path("win a claim", _claimed, _decide_claim("won")),
    Path("lose a claim", _claimed, _decide_claim("lost"), quick=False),
    Path("set a payee", before.approved, _set_payee),
    Path("draft payouts", before.approved, _draft),
    Path("release payouts", before.drafted(script="succeed"), _release),
    Path("cancel a payout", before.released("bank_file", **before.BANK), _cancel, at_once=True),
    Path("say that a payout arrived", before.at_the_bank, _answer("completed")),
    Path("say that a payout failed", before.at_the_bank, _answer("failed"), quick=False),
    Path("publish rules", before.nothing, _publish),
    Path("pause a program", before.nothing, _pause, quick=False),
    Path("set a member", before.nothing, _set_member),
    Path("move the clock", before.nothing, _move_clock),
    Path("send payouts", before.released(script="succeed"), _work),
    Path("send payouts, in groups", before.released(script="succeed"), _work_in_groups, quick=False, alone=True),
    Path("send payouts, the rail refuses", before.released(script="fail"), _work, quick=False),
    Path("send payouts, the rail is silent", before.released(script="timeout"), _work),
    Path("send payouts, the rail is late", before.released(script="late"), _work, quick=False),
    Path("send payouts, they come back", before.released(script="return"), _work, detour=True, quick=False),
    Path("send payouts, one to other details", before.changed(script="succeed"), _work, quick=False),
    Path(
        "give payouts to the bank, one to other details", before.changed("bank_file", **before.BANK), _work, quick=False
    ),
    Path("give payouts to the bank", before.released("bank_file", **before.BANK), _work, quick=False),
    Path("sign a head", before.nothing, _sign),
    Path("record clicks", before.nothing, _click, again=False),
)
