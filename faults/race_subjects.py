"""What several may do at once to the same thing: a reward, a list, a cap, a budget, a code, a claim, a payout.

Each subject stands ready in a workspace, with what may be done to it. Whatever is done may be refused; it can be said again with the
same id, as clients do, and is then answered as before.
"""

from collections.abc import Awaitable, Callable
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

import msgspec
from faults.scene import Scene
from tests.acceptance.harness import ANNA, BEN, OWNER, PAT, PIA, SERVER, outcome, publish, sale

from goodword.app import say, see
from goodword.app.write import process
from goodword.core import events
from goodword.core.facts import Actor
from goodword.core.state import Payout, Reward

Data = dict[str, Any]
Op = Callable[[Scene, Data], Awaitable[None]]


class Subject(NamedTuple):
    """A thing and what may be done to it, the likeliest to get in one another's way first."""

    name: str
    prepare: Callable[[Scene], Awaitable[Data]]
    ops: dict[str, Op]


# --- what may be done ---


def _send(*items: dict[str, Any]) -> Op:
    """Events from outside, decided at once if nobody else is at it."""

    async def op(scene: Scene, _data: Data) -> None:
        await scene.house.send(*items)
        await process.drain(scene.engine, scene.ws)

    return op


def _approve(actor: Actor) -> Op:
    async def op(scene: Scene, data: Data) -> None:
        await say.approvals.approve(
            scene.as_(actor), scene.directory, data["items"], data["digest"], f"approve {actor.id}"
        )

    return op


def _reject(actor: Actor) -> Op:
    """The first of the list."""

    async def op(scene: Scene, data: Data) -> None:
        await say.rewards.reject(
            scene.as_(actor), scene.directory, data["items"][:1], "fraud", "a note", f"reject {actor.id}"
        )

    return op


async def _other_details(scene: Scene, data: Data) -> None:
    await say.payees.set_payee(
        scene.as_(SERVER), scene.directory, data["payee"], "sandbox", {"script": "late"}, "other details"
    )


def _publish(document: dict[str, Any]) -> Op:
    file = msgspec.json.encode(document)  # JSON is YAML

    async def op(scene: Scene, _data: Data) -> None:
        await say.programs.publish(scene.as_(OWNER), scene.directory, file, "rules.yaml", "publish")

    return op


def _decide_claim(which: int, how: str) -> Op:
    async def op(scene: Scene, data: Data) -> None:
        key = f"{how} {which}"
        await say.claims.decide(scene.as_(OWNER), scene.directory, data["claims"][which], how, "seen", None, key)

    return op


def _release(actor: Actor) -> Op:
    async def op(scene: Scene, data: Data) -> None:
        await say.payouts.release(
            scene.as_(actor), scene.directory, data["items"], data["digest"], f"release {actor.id}"
        )

    return op


async def _cancel(scene: Scene, data: Data) -> None:
    await say.payouts.cancel(scene.as_(PIA), scene.directory, data["items"][0].id, "mistake", "cancel")


def _draft(key: str) -> Op:
    async def op(scene: Scene, data: Data) -> None:
        await say.payouts.draft(scene.as_(PAT), scene.directory, "sandbox", "EUR", (data["payee"],), key)

    return op


def _refund(who: str, amount: int) -> Op:
    return _send(
        {"type": "conversion.refunded", "id": f"r-{who}", "invoice_id": f"i-{who}", "refund_id": "1", "amount": amount}
    )


# --- what stands ready ---


async def _of_advocate(scene: Scene, *names: str) -> list[Reward]:
    found = {r.conversion: r for r in await scene.house.every(Reward) if r.side == "advocate"}
    return [found[f"inv:i-{name}"] for name in names]


async def _reward(scene: Scene, *names: str) -> Data:
    rewards = await _of_advocate(scene, *(names or ("s0",)))
    found = await see.rewards.to_approve(scene.as_(ANNA), scene.directory, [reward.id for reward in rewards])
    return {"items": found.items, "digest": found.list_sha256, "payee": rewards[0].beneficiary}


async def _list(scene: Scene) -> Data:
    """Two rewards, above what two of the three members may approve alone."""
    for person in (ANNA, BEN):
        await scene.house.say(events.MemberSet, member=person.id, roles=person.roles, limits={"EUR": 100})
    return await _reward(scene, "s0", "s1")


async def _payout(scene: Scene) -> Data:
    """A payout that waits for its release."""
    data = await _reward(scene)
    await _approve(ANNA)(scene, data)
    await scene.house.move_clock("2026-03-01T00:00:00Z")
    await _draft("first")(scene, data)
    [payout] = await scene.house.every(Payout)
    found = await see.payouts.to_release(scene.as_(PAT), scene.directory, [payout.id])
    return {"items": found.items, "digest": found.list_sha256, "payee": payout.beneficiary}


_SCARCE = {"program": "scarce", "currency": "EUR", "hold": "0d"}


def _scarce(limits: list[Any], budget: int | None) -> dict[str, Any]:
    rewards = [
        {"side": "advocate", "flat": {"EUR": 1_000}, "limits": limits},
        {"side": "friend", "flat": {"EUR": 500}},
    ]
    spare = {} if budget is None else {"budget": {"EUR": budget}}
    return {**_SCARCE, **spare, "conversions": [{"rewards": rewards}]}


def _capped(count: int) -> dict[str, Any]:
    return _scarce([{"per": "month", "count": count}], None)


async def _bring(scene: Scene, document: dict[str, Any]) -> Data:
    """An advocate of a program whose rewards are scarce, with three friends who have bought nothing yet."""
    await publish(scene.house, document)
    wanted: list[dict[str, Any]] = [
        {"type": "advocate.enrolled", "id": "e-x", "external_id": "a-x", "code": "scarce", "program": "scarce"}
    ]
    wanted += [
        {"type": "lead.created", "id": f"l-x{n}", "customer_external_id": f"f-x{n}", "code": "scarce"} for n in range(3)
    ]
    await scene.house.send(*wanted)
    await scene.house.decide()
    return {}


async def _nothing(_scene: Scene) -> Data:
    return {}


async def _claims(scene: Scene) -> Data:
    """Two claims about one customer, by two members for two advocates."""
    data = await _reward(scene)
    one, two = await _of_advocate(scene, "s1", "s2")
    [reward] = await _of_advocate(scene, "s0")
    claims = []
    for number, (actor, advocate) in enumerate(((ANNA, one), (BEN, two))):
        said = await say.claims.enter(
            scene.as_(actor),
            scene.directory,
            reward.program,
            reward.friend,
            [(advocate.beneficiary, Fraction(1))],
            scene.house.workspace.created_at,
            "said_so",
            None,
            f"claim {number}",
        )
        assert outcome(said) == "claim_opened"
        claims.append(said.verdicts[0].subject)
    return {**data, "claims": claims}


_X = {"code": "taken"}
SUBJECTS = (
    Subject(
        "a reward",
        _reward,
        {
            "approve": _approve(ANNA),
            "approve too": _approve(BEN),
            "reject": _reject(BEN),
            "refund": _refund("s0", 4_000),
            "other payment details": _other_details,
        },
    ),
    Subject(
        "a list",
        _list,
        {
            "approve": _approve(ANNA),
            "approve too": _approve(BEN),
            "reject one": _reject(BEN),
            "approve alone": _approve(OWNER),
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
        _nothing,
        {
            "enrol": _send({"type": "advocate.enrolled", "id": "e1", "external_id": "a1", "program": "main", **_X}),
            "enrol another": _send(
                {"type": "advocate.enrolled", "id": "e2", "external_id": "a2", "program": "main", **_X}
            ),
            "a friend comes": _send({"type": "lead.created", "id": "l1", "customer_external_id": "f-x", **_X}),
            "the friend buys": _send({**sale("x"), **_X}),
            "suspend": _send({"type": "advocate.suspended", "id": "s1", "external_id": "a1"}),
        },
    ),
    Subject(
        "a claim",
        _claims,
        {
            "win": _decide_claim(0, "won"),
            "win the other": _decide_claim(1, "won"),
            "approve the reward": _approve(OWNER),
            "lose": _decide_claim(0, "lost"),
            "refund": _refund("s0", 4_000),
        },
    ),
    Subject(
        "a payout",
        _payout,
        {
            "release": _release(PAT),
            "release too": _release(PIA),
            "cancel": _cancel,
            "draft": _draft("again"),
            "other payment details": _other_details,
        },
    ),
)
