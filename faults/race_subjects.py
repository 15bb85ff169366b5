"""What several may do at once to the same thing: a reward, a list, a cap, a budget, a code, a claim, a payout.

Each subject stands ready in a workspace, with what may be done to it. Whatever is done may be refused; it can be said again with the
same id, as clients do, and is then answered as before.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec
from faults import acts
from faults import crash_before as before
from faults.acts import Act, Data
from faults.scene import Scene
from testkit import sent
from testkit.house import ANNA, BEN, OWNER, PAT, PIA, outcome, sale
from testkit.world import advocate, friend, rules


class Sending:
    """Events from outside, decided at once if nobody else is at it; or, unless ``decides``, accepted and left to who comes next."""

    def __init__(self, *items: dict[str, Any], decides: bool = True) -> None:
        self.items, self.key, self.decides = items, f"send {items[0]['id']}", decides

    async def __call__(self, scene: Scene, _data: Data) -> None:
        """Send them."""
        await scene.send(*self.items)
        if self.decides:
            await scene.decide()


def _anything(_order: Sequence[str], _end: Counter[str]) -> bool:
    return True


class Subject(NamedTuple):
    """A thing and what may be done to it, the likeliest to get in one another's way first; each has its key for a name.

    ``law``: whether an order may end so.
    """

    name: str
    prepare: Callable[[Scene], Awaitable[Data]]
    ops: Sequence[Act | Sending]
    law: Callable[[Sequence[str], Counter[str]], bool] = _anything


def _refund(who: str, amount: int, *, decides: bool = True) -> Sending:
    return Sending(sent.refund(f"r-{who}", f"i-{who}", "1", amount), decides=decides)


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


def _scarcely(name: str, scarce: dict[str, Any], enough: dict[str, Any]) -> Subject:
    """Purchases, a refund, and rules with more to give; all after the same rewards."""
    sales = [Sending(sale(f"x{n}")) for n in range(3)]
    published = acts.publish(msgspec.json.encode(enough))  # JSON is YAML
    return Subject(name, partial(_bring, document=scarce), [*sales[:2], _refund("x0", 10_000), sales[2], published])


_SOLD = Sending({**sale("new"), "code": "code-s0"}, decides=False)
_GIVEN_BACK = _refund("s0", 10_000, decides=False)


def _first_come(order: Sequence[str], end: Counter[str]) -> bool:
    """An order accepted before the program moved is attributed; a refund accepted before the release is seen by it."""
    at = {name: number for number, name in enumerate(order)}
    moved = min((at[name] for name in ("ended", "paused") if name in at), default=len(at))
    sold = any(line.startswith("Reward ") and "inv:i-new" in line for line in end)
    released = any(line.startswith("Reward ") and '"sent":1000' in line for line in end)
    release, back = at.get(f"release {PIA.id}", len(at)), at.get(_GIVEN_BACK.key, len(at))
    return sold == (at.get(_SOLD.key, len(at)) < moved) and released == (release < back)


_DETAILS = acts.set_payee(script="late")
_TWO_CODES = [Sending(sent.enrolled(f"e{n}", f"a{n}", "taken", program="main")) for n in (1, 2)]
_FRIEND = [Sending(sent.lead("l1", "f-x", code="taken")), Sending({**sale("x"), "code": "taken"})]
_SUSPENDED = Sending({"type": "advocate.suspended", "id": "s1", "external_id": "a1"})
SUBJECTS = (
    Subject(
        "a reward",
        lambda scene: before.listed(scene, "s0"),
        [acts.approve(ANNA), acts.approve(BEN), acts.reject(BEN, 1), _refund("s0", 4_000), _DETAILS],
    ),
    Subject(
        "a reward that is put aside",
        lambda scene: before.listed(scene, "s0"),
        [acts.put_aside(BEN), _refund("s0", 4_000), acts.approve(ANNA), _DETAILS],
    ),
    Subject(
        "a list",
        before.limited,
        [acts.approve(ANNA), acts.approve(BEN), acts.reject(BEN, 1), acts.approve(OWNER), _refund("s0", 4_000)],
    ),
    _scarcely("a cap", _capped(1), _capped(2)),
    _scarcely("a budget", _scarce([], 2_000), _scarce([], 4_000)),
    Subject("a code", before.nothing, [*_TWO_CODES, *_FRIEND, _SUSPENDED]),
    Subject(
        "a claim",
        _claims,
        [
            *(acts.decide_claim(OWNER, "won", which) for which in (0, 1)),
            acts.approve(OWNER),
            acts.decide_claim(OWNER, "lost", 0),
            _refund("s0", 4_000),
        ],
    ),
    Subject(
        "a payout",
        lambda scene: before.drafted(scene, "s0"),
        [acts.release(PAT), acts.release(PIA), acts.cancel(PIA), acts.draft("again"), _DETAILS],
    ),
    Subject(
        "what was accepted",
        lambda scene: before.drafted(scene, "s0"),
        [
            acts.move("ended"),
            _SOLD,
            acts.release(PIA),
            _GIVEN_BACK,
            acts.move("paused"),
        ],
        _first_come,
    ),
)
