"""What several may do at once to the same thing: a reward, a list, a cap, a budget, a code, a claim, a payout.

Each subject stands ready in a workspace, with what may be done to it. Whatever is done may be refused; it can be said again with the
same id, as clients do, and is then answered as before.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, NamedTuple

import msgspec
from faults import acts
from faults import crash_before as before
from faults.acts import Data
from faults.scene import Scene
from testkit import sent
from testkit.house import ANNA, BEN, OWNER, PAT, PIA, outcome, sale
from testkit.world import advocate, friend, rules

Op = Callable[[Scene, Data], Awaitable[object]]


class Subject(NamedTuple):
    """A thing and what may be done to it, the likeliest to get in one another's way first."""

    name: str
    prepare: Callable[[Scene], Awaitable[Data]]
    ops: dict[str, Op]


# --- what may be done ---


def _send(*items: dict[str, Any]) -> Op:
    """Events from outside, decided at once if nobody else is at it."""

    async def op(scene: Scene, _data: Data) -> None:
        await scene.send(*items)
        await scene.decide()

    return op


def _refund(who: str, amount: int) -> Op:
    return _send(sent.refund(f"r-{who}", f"i-{who}", "1", amount))


def _publish(document: dict[str, Any]) -> Op:
    return acts.publish(msgspec.json.encode(document))  # JSON is YAML


# --- what stands ready ---


def _scarce(limits: list[Any], budget: int | None) -> dict[str, Any]:
    spare = {} if budget is None else {"budget": {"EUR": budget}}
    rewards = [advocate(flat={"EUR": 1_000}, limits=limits), friend(flat={"EUR": 500})]
    return rules(program="scarce", hold="0d", rewards=rewards, **spare)


def _capped(count: int) -> dict[str, Any]:
    return _scarce([{"per": "month", "count": count}], None)


async def _bring(scene: Scene, document: dict[str, Any]) -> Data:
    """An advocate of a program whose rewards are scarce, with three friends who have bought nothing yet."""
    await scene.publish(document)
    leads = (sent.lead(f"l-x{n}", f"f-x{n}", code="scarce") for n in range(3))
    await scene.send(sent.enrolled("e-x", "a-x", "scarce", program="scarce"), *leads)
    await scene.decide()
    return {}


async def _claims(scene: Scene) -> Data:
    """Two claims about one customer, by two members for two advocates."""
    data = await before.claimable(scene)
    entered = [await acts.enter_claim(actor, which)(scene, data) for which, actor in enumerate((ANNA, BEN))]
    assert {outcome(one) for one in entered} == {"claim_opened"}
    return {**data, "claims": [one.verdicts[0].subject for one in entered]}


SUBJECTS = (
    Subject(
        "a reward",
        lambda scene: before.listed(scene, "s0"),
        {
            "approve": acts.approve(ANNA),
            "approve too": acts.approve(BEN),
            "reject": acts.reject(BEN, 1),
            "refund": _refund("s0", 4_000),
            "other payment details": acts.set_payee(script="late"),
        },
    ),
    Subject(
        "a list",
        before.limited,
        {
            "approve": acts.approve(ANNA),
            "approve too": acts.approve(BEN),
            "reject one": acts.reject(BEN, 1),
            "approve alone": acts.approve(OWNER),
            "refund one": _refund("s0", 4_000),
        },
    ),
    Subject(
        "a cap",
        partial(_bring, document=_capped(1)),
        {
            "buy": _send(sale("x0")),
            "another buys": _send(sale("x1")),
            "refund": _refund("x0", 10_000),
            "a third buys": _send(sale("x2")),
            "raise the cap": _publish(_capped(2)),
        },
    ),
    Subject(
        "a budget",
        partial(_bring, document=_scarce([], 2_000)),
        {
            "buy": _send(sale("x0")),
            "another buys": _send(sale("x1")),
            "refund": _refund("x0", 10_000),
            "a third buys": _send(sale("x2")),
            "raise the budget": _publish(_scarce([], 4_000)),
        },
    ),
    Subject(
        "a code",
        before.nothing,
        {
            "enrol": _send(sent.enrolled("e1", "a1", "taken", program="main")),
            "enrol another": _send(sent.enrolled("e2", "a2", "taken", program="main")),
            "a friend comes": _send(sent.lead("l1", "f-x", code="taken")),
            "the friend buys": _send({**sale("x"), "code": "taken"}),
            "suspend": _send({"type": "advocate.suspended", "id": "s1", "external_id": "a1"}),
        },
    ),
    Subject(
        "a claim",
        _claims,
        {
            "win": acts.decide_claim(OWNER, "won", 0),
            "win the other": acts.decide_claim(OWNER, "won", 1),
            "approve the reward": acts.approve(OWNER),
            "lose": acts.decide_claim(OWNER, "lost", 0),
            "refund": _refund("s0", 4_000),
        },
    ),
    Subject(
        "a payout",
        lambda scene: before.drafted(scene, "s0"),
        {
            "release": acts.release(PAT),
            "release too": acts.release(PIA),
            "cancel": acts.cancel(PIA),
            "draft": acts.draft("again"),
            "other payment details": acts.set_payee(script="late"),
        },
    ),
)
