"""What a payout goes through on every rail, with a worker that calls it and one that is killed in between."""

from pathlib import Path
from typing import Any

import pytest
from tests.app.conftest import House, make_house, pool, vault  # noqa: F401 - fixtures

from goodword.app.audit import verify
from goodword.app.directory import Directory
from goodword.app.payouts import WORKER, TooLateError, UnheardError, handlers, set_payee
from goodword.core import events, lists
from goodword.core.events import Item
from goodword.core.state import Payee, Payout, Reward
from goodword.outbound.rails import Answer, Order, SilenceError, csv_of
from goodword.outbound.rails.sandbox import Sandbox
from goodword.store import jobs, payees
from goodword.store.jobs import Leased
from goodword.store.people import resolve

ORDER = Order("pay_1", 1250, "EUR", {"script": "succeed"})
_LATER = 10**18


class Counting(Sandbox):
    """A sandbox that counts what it is asked to deliver."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.sent: list[str] = []
        self._orders: dict[str, Order] = {}

    async def send(self, order: Order) -> Answer:
        """Count, then deliver."""
        self.sent.append(order.id)
        self._orders[order.id] = order
        return await super().send(order)

    async def ask(self, order: Order) -> Answer | None:
        """Look the order up by its id, as providers do."""
        return await super().ask(self._orders.get(order.id, order))


class Trial:
    """A released payout whose details say what the rail does, and a worker without loops."""

    def __init__(self, house: House, directory: Directory, rail: Counting, payout: str) -> None:
        self.house = house
        self.rail = rail
        self.payout = payout
        self._directory = directory
        self._handler = handlers(directory, {"sandbox": rail})["payout.send"]

    async def work(self, attempts: int = 1) -> None:
        """Do the payout's job as a worker does."""
        await self._handler(self.house.ws, Leased("job_1", "payout.send", self.payout, attempts))

    async def status(self) -> str:
        """The payout's state."""
        return str((await self.house.every(Payout))[0].status)

    async def due(self) -> list[Leased]:
        """What is to be done later."""
        async with self.house.pool.acquire() as conn:
            return [job for job in await jobs.lease(conn, self.house.ws, _LATER) if job.kind == "payout.ask"]


async def _trial(house: House, the_vault: Any, folder: Path, script: str) -> Trial:
    directory = Directory(house.pool, the_vault)
    ws = house.workspace
    async with house.pool.acquire() as conn, conn.transaction():
        ids = await resolve(conn, ws.id, ws.keys, the_vault, {("person", "ann"): "ann"})
        await payees.save(conn, ws, the_vault, ids["person", "ann"], "sandbox", {"script": script})
    person = ids["person", "ann"]
    await house.publish(hold="0d")
    await house.accept(*house.story(advocate=person))
    await house.send(events.CustomerUpdated, person="per_x", traits={})
    digest = payees.digest(ws, person, "sandbox", {"script": script})
    await house.say(events.PayeeSet, person=person, rail="sandbox", destination=digest)
    reward = next(one for one in await house.every(Reward) if one.beneficiary == person)
    items = (Item(id=reward.id, amount=reward.amount, unit=reward.unit, destination=digest),)
    approved = await house.say(events.ApprovalGiven, items=items, list_sha256=lists.digest(items))
    assert approved.verdicts[0].outcome == "approved", approved.verdicts
    house.at += 60 * 86_400_000_000
    await house.send(events.CustomerUpdated, person="per_x", traits={})
    await house.say(events.PayoutDrafted, rail="sandbox", kinds=("cash",), unit=reward.unit, beneficiaries=(person,))
    payout = (await house.every(Payout))[0]
    items = (Item(id=payout.id, amount=payout.amount, unit=payout.unit, destination=payout.destination),)
    await house.say(events.PayoutReleased, items=items, list_sha256=lists.digest(items))
    return Trial(house, directory, Counting(folder), payout.id)


@pytest.mark.parametrize(
    ("script", "at_once", "in_the_end"),
    [
        ("succeed", "completed", "completed"),
        ("fail", "failed", "failed"),
        ("timeout", "unknown", "completed"),
        ("late", "sent", "completed"),
        ("return", "completed", "returned"),
    ],
)
async def test_each_script_ends_as_it_says_and_delivers_once(
    make_house: Any,  # noqa: F811 - the fixture
    vault: Any,  # noqa: F811 - the fixture
    tmp_path: Path,
    script: str,
    at_once: str,
    in_the_end: str,
) -> None:
    """The first answer is written down, a later one is asked for, and the order is sent once whatever is repeated."""
    house: House = await make_house()
    trial = await _trial(house, vault, tmp_path, script)
    await trial.work()
    assert await trial.status() == at_once
    if at_once != in_the_end:
        assert len(await trial.due()) == 1
        await trial.work()
    assert await trial.status() == in_the_end
    await trial.work(attempts=2)
    assert await trial.status() == in_the_end
    assert trial.rail.sent == [trial.payout]


async def _stalled(trial: Trial) -> None:
    """A worker has committed *processing* and nobody knows more of it."""
    await trial.house.say(events.PayoutAnswered, WORKER, payout=trial.payout, outcome="processing", source="rail")


async def _reward(house: House) -> str:
    return str(next(one for one in await house.every(Reward) if one.side == "advocate").status)


async def test_a_worker_killed_after_the_call_never_sends_again(
    make_house: Any,  # noqa: F811 - the fixture
    vault: Any,  # noqa: F811 - the fixture
    tmp_path: Path,
) -> None:
    """The order was delivered and the answer lost with the worker: the next one asks, and it is paid once."""
    house: House = await make_house()
    trial = await _trial(house, vault, tmp_path, "succeed")
    await _stalled(trial)
    await trial.rail.send(Order(trial.payout, 1, "EUR", {"script": "succeed"}))
    await trial.work(attempts=2)
    assert (await trial.status(), await _reward(house)) == ("completed", "paid")
    assert trial.rail.sent == [trial.payout]


async def test_what_a_rail_never_heard_of_is_left_to_a_person(
    make_house: Any,  # noqa: F811 - the fixture
    vault: Any,  # noqa: F811 - the fixture
    tmp_path: Path,
) -> None:
    """The sender may only be slow: the payout stays unknown, is never sent by another, and can be completed or given up."""
    house: House = await make_house()
    trial = await _trial(house, vault, tmp_path, "succeed")
    await _stalled(trial)
    for _ in range(2):
        with pytest.raises(UnheardError):
            await trial.work(attempts=2)
        assert (await trial.status(), await _reward(house)) == ("unknown", "processing")
    assert trial.rail.sent == []
    await house.say(events.PayoutAnswered, payout=trial.payout, outcome="failed", reason="never_received")
    assert (await trial.status(), await _reward(house)) == ("failed", "approved")
    await trial.work(attempts=3)
    assert trial.rail.sent == []


async def test_a_sender_that_comes_too_late_does_not_send(
    make_house: Any,  # noqa: F811 - the fixture
    vault: Any,  # noqa: F811 - the fixture
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A worker that was stopped between its commit and the call finds that its time is over, and leaves the rail alone."""
    house: House = await make_house()
    trial = await _trial(house, vault, tmp_path, "succeed")
    monkeypatch.setattr("goodword.app.payouts.SEND_WITHIN", 0.0)
    with pytest.raises(TooLateError):
        await trial.work()
    assert (await trial.status(), trial.rail.sent) == ("processing", [])


async def test_changed_payment_details_are_not_paid_to(
    make_house: Any,  # noqa: F811 - the fixture
    vault: Any,  # noqa: F811 - the fixture
    tmp_path: Path,
) -> None:
    """What was released for one destination is not sent to another: the payout fails and the rail is not called."""
    house: House = await make_house()
    trial = await _trial(house, vault, tmp_path, "succeed")
    person = (await house.every(Payout))[0].beneficiary
    async with house.pool.acquire() as conn:
        await payees.save(conn, house.workspace, vault, person, "sandbox", {"script": "late"})
    await trial.work()
    assert await trial.status() == "failed"
    assert trial.rail.sent == []


@pytest.mark.parametrize(("script", "in_the_end"), [("timeout", "completed"), ("return", "returned")])
async def test_a_rail_is_asked_though_the_details_changed(
    make_house: Any,  # noqa: F811 - the fixture
    vault: Any,  # noqa: F811 - the fixture
    tmp_path: Path,
    script: str,
    in_the_end: str,
) -> None:
    """Whose payment details changed after the call still learns what became of the payout, and the ledger with them."""
    house: House = await make_house()
    trial = await _trial(house, vault, tmp_path, script)
    await trial.work()
    person = (await house.every(Payout))[0].beneficiary
    async with house.pool.acquire() as conn:
        await payees.save(conn, house.workspace, vault, person, "sandbox", {"script": "late"})
    await trial.work()
    assert await trial.status() == in_the_end
    assert trial.rail.sent == [trial.payout]


async def test_the_sandbox_knows_an_order_again_after_a_restart(tmp_path: Path) -> None:
    """Its books outlive the process; what it never got it never heard of."""
    assert await Sandbox(tmp_path).ask(ORDER) is None
    await Sandbox(tmp_path).send(ORDER)
    assert await Sandbox(tmp_path).ask(ORDER) == await Sandbox(tmp_path).send(ORDER)
    silent = Order("pay_2", 1, "EUR", {"script": "timeout"})
    with pytest.raises(SilenceError):
        await Sandbox(tmp_path).send(silent)
    assert (await Sandbox(tmp_path).ask(silent) or Answer("failed")).outcome == "completed"


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [(5, "EUR", "0.05"), (1250, "EUR", "12.50"), (1250, "JPY", "1250"), (1250, "BHD", "1.250")],
)
def test_the_bank_file_has_amounts_with_the_places_of_their_currency(amount: int, unit: str, text: str) -> None:
    """Minor units become decimals; nothing is rounded."""
    line = csv_of([Order("pay_1", amount, unit, {"name": "Ann, Ltd", "account": "X"})]).splitlines()[1]
    assert line == f'pay_1,"Ann, Ltd",X,,{text},{unit}'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_the_bank_file_holds_nothing_that_a_spreadsheet_runs(start: str) -> None:
    """A name that begins like a formula is kept as text."""
    line = csv_of([Order("pay_1", 1, "EUR", {"name": f"{start}1"})]).splitlines()[1]
    assert line.startswith(f"pay_1,'{start}1,")


async def test_details_and_their_event_are_one_commit(
    make_house: Any,  # noqa: F811 - the fixture
    vault: Any,  # noqa: F811 - the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If the details cannot be stored, the event that names their digest is not there either."""
    house: House = await make_house()
    directory = Directory(house.pool, vault)
    async with house.pool.acquire() as conn, conn.transaction():
        ids = await resolve(conn, house.ws, house.workspace.keys, vault, {("person", "ann"): "ann"})
    person = ids["person", "ann"]

    async def broken(*_: Any) -> None:
        raise RuntimeError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(payees, "save", broken)
        with pytest.raises(RuntimeError, match="no room"):
            await set_payee(directory, house.workspace, house.owner, person, "sandbox", {"script": "succeed"}, None)
    assert await house.every(Payee) == []
    await set_payee(directory, house.workspace, house.owner, person, "sandbox", {"script": "succeed"}, None)
    assert [payee.person for payee in await house.every(Payee)] == [person]
    assert (await verify(house.pool, house.ws)).differences == ()
