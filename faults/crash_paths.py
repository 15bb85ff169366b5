"""Every path that moves money or status, each with what must stand before it: what ``crash_points`` stops at every point.

``prepare`` brings a workspace to the place where the path begins and gives what it is about; ``act`` goes the path, as a request
or a worker does, and tells what it acknowledged. ``act`` may be done again with the same ids: that is what clients do.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from unittest.mock import patch

from faults import acts
from faults import crash_before as before
from faults.acts import Act, Data
from faults.scene import Scene
from testkit import sent
from testkit.database import run
from testkit.house import ANNA, BEN, OWNER, PAT, PIA, outcome, sale, sales
from testkit.world import advocate, document

from goodword.app import say
from goodword.app.follow import payouts
from goodword.app.write import process
from goodword.core import calendar
from goodword.core.state import Claim, Code

Ack = Callable[[str, str], None]
#: Goes a path.
Going = Callable[[Scene, Data, Ack], Awaitable[None]]
_RULE_FILE = document(hold="7d", rewards=[advocate(percent="20")]).encode()


class Path(NamedTuple):
    """A path. ``again``: whether its client repeats it until it is answered; ``at_once``: before anything else goes on.

    ``detour``: a rail's lost answer leads to the same end by other postings, so that these are compared by what they come to.
    ``quick``: whether it is among those that are gone when there is little time. ``alone``: never beside another one, because it
    changes the product for the whole process.
    """

    name: str
    prepare: Callable[[Scene], Awaitable[Data]]
    act: Going
    again: bool = True
    at_once: bool = False
    detour: bool = False
    quick: bool = True
    alone: bool = False


async def _accept(scene: Scene, _data: Data, ack: Ack) -> None:
    """Three requests at once: the first is flushed alone, the others together; a repeat and a conflict are among them."""
    more = {"customer_email": "kim@example.com", "customer_name": "Kim", "device_id": "d1", "company": "Acme"}
    requests = [
        [*sales(1, name="x")[:2], {"type": "conversion.recorded", "id": "bad"}],
        [sent.lead("y1", "f-y", code="code-s0", **more), sale("y")],
        [sale("s0"), {**sale("s1"), "amount": 1}, sale("z"), {**sale("y"), "id": "p-z"}],
    ]

    async def one(items: list[dict[str, Any]]) -> None:
        for answer in await scene.send(*items):
            if answer.status == "accepted":
                ack("native", answer.id or "")

    await _all(*(one(items) for items in requests))


async def _process(scene: Scene, _data: Data, _ack: Ack) -> None:
    await scene.decide()


def _said(act: Act, expected: str) -> Going:
    """A person says something, and is answered as expected."""

    async def go(scene: Scene, data: Data, ack: Ack) -> None:
        entry = await act(scene, data)
        assert outcome(entry) == expected, entry.verdicts
        ack("person", act.key)

    return go


async def _claimed(scene: Scene) -> Data:
    """The claim is entered."""
    await acts.enter_claim(ANNA)(scene, await before.claimable(scene))
    [claim] = await scene.every(Claim)
    return {"claims": [claim.id]}


#: Of these there is one path only. The clock is moved past the end of the holds: their timers are decided.
_PAUSE = Act(OWNER, say.programs.move, lambda data: (data["program"], "paused"), "pause")
_SET_MEMBER = Act(OWNER, say.members.set_member, lambda _: ("new@example.com", ("approver",), {"EUR": 5}), "member")
_MOVE_CLOCK = Act(OWNER, say.clock.move, lambda _: (calendar.parse("2026-04-01T00:00:00Z"),), "clock")


async def _retry(scene: Scene, data: Data, _ack: Ack) -> None:
    await process.retry_quarantine(scene.engine, scene.ws, data["evt"])


_DUE = "update job set due_at = 0 where done_at is null and (error is null or not error ^@ 'Unheard')"


async def _work(scene: Scene, _data: Data, _ack: Ack) -> None:
    """Time passes three times, as far as the worker can see."""
    for _ in range(3):
        await scene.worker.do_jobs()
        await run(scene.database, _DUE)


async def _work_in_groups(scene: Scene, data: Data, ack: Ack) -> None:
    """The same, as if the two payouts were too many to be sent at once."""
    with patch.object(payouts, "AT_ONCE", 1):
        await _work(scene, data, ack)


async def _sign(scene: Scene, _data: Data, _ack: Ack) -> None:
    await scene.worker.sign_heads()


async def _click(scene: Scene, _data: Data, ack: Ack) -> None:
    """Clicks at once: the first is flushed alone, the others together."""
    code = (await scene.every(Code))[0].id

    async def one() -> None:
        click = await scene.clicks.record(scene.workspace, code, bot=False)
        assert click is not None
        ack("touch", click)

    await _all(*(one() for _ in range(4)))


async def _all(*doing: Awaitable[None]) -> None:
    """Do all; what fails does not keep the others from being answered."""
    done = await asyncio.gather(*doing, return_exceptions=True)
    for one in done:
        if isinstance(one, BaseException):
            raise one


def _to(
    rail: str = "sandbox", prepare: Callable[..., Awaitable[Data]] = before.released, **details: Any
) -> Callable[[Scene], Awaitable[Data]]:
    """Payouts to these details, those of the rail's that succeed if none are said."""
    return lambda scene: prepare(scene, rail=rail, **(details or {"script": "succeed"}))


PATHS = (
    Path("accept events", before.nothing, _accept),
    Path("decide a batch", before.undecided, _process),
    Path("take clicks into the log", before.clicked, _process),
    Path("retry quarantine", before.set_aside, _retry),
    Path("approve", before.listed, _said(acts.approve(ANNA), "approved")),
    Path("approve as the second", before.first_approval, _said(acts.approve(ANNA), "approved"), quick=False),
    Path("reject", before.listed, _said(acts.reject(ANNA), "rejected")),
    Path("put a reward aside", before.listed, _said(acts.put_aside(ANNA), "reward_snoozed")),
    Path("withdraw", before.approved, _said(acts.withdraw(BEN), "withdrawn")),
    Path("clear a case", before.contested, _said(acts.decide_case(BEN, "cleared"), "cleared")),
    Path("confirm a case", before.contested, _said(acts.decide_case(BEN, "confirmed"), "confirmed"), quick=False),
    Path("enter a claim", before.claimable, _said(acts.enter_claim(ANNA), "claim_opened")),
    Path("win a claim", _claimed, _said(acts.decide_claim(BEN, "won"), "won")),
    Path("lose a claim", _claimed, _said(acts.decide_claim(BEN, "lost"), "lost"), quick=False),
    Path("comment on a claim", _claimed, _said(acts.comment_on_claim(BEN), "claim_noted")),
    Path("set a payee", before.approved, _said(acts.set_payee(script="late"), "payee_set")),
    Path("draft payouts", before.approved, _said(acts.draft("draft"), "drafted")),
    Path("release payouts", _to(prepare=before.drafted), _said(acts.release(PIA), "released")),
    Path("cancel a payout", _to("bank_file", **before.BANK), _said(acts.cancel(PAT), "canceled"), at_once=True),
    Path("say that a payout arrived", before.at_the_bank, _said(acts.answer("completed"), "completed")),
    Path("say that a payout failed", before.at_the_bank, _said(acts.answer("failed"), "failed"), quick=False),
    Path("publish rules", before.nothing, _said(acts.publish(_RULE_FILE), "published")),
    Path("pause a program", before.nothing, _said(_PAUSE, "paused"), quick=False),
    Path("set a member", before.nothing, _said(_SET_MEMBER, "member_set")),
    Path("move the clock", before.nothing, _said(_MOVE_CLOCK, "clock_moved")),
    Path("send payouts", _to(), _work),
    Path("send payouts, in groups", _to(), _work_in_groups, quick=False, alone=True),
    Path("send payouts, the rail refuses", _to(script="fail"), _work, quick=False),
    Path("send payouts, the rail is silent", _to(script="timeout"), _work),
    Path("send payouts, the rail is late", _to(script="late"), _work, quick=False),
    Path("send payouts, they come back", _to(script="return"), _work, detour=True, quick=False),
    Path("send payouts, one to other details", _to(prepare=before.changed), _work, quick=False),
    Path(
        "give payouts to the bank, one to other details",
        _to("bank_file", before.changed, **before.BANK),
        _work,
        quick=False,
    ),
    Path("give payouts to the bank", _to("bank_file", **before.BANK), _work, quick=False),
    Path("sign a head", before.nothing, _sign),
    Path("record clicks", before.nothing, _click, again=False),
)
