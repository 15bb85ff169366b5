"""What a payout goes through on every rail, with a worker that calls it and one that is killed in between."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from testkit.house import SERVER
from tests.app.conftest import DAY, House, engine, make_house, pool, vault  # noqa: F401 - fixtures

from goodword.app.directory import Directory
from goodword.app.follow.payouts import AT_ONCE, WORKER, TooLateError, UnheardError, kinds
from goodword.app.principal import OPERATOR, Principal
from goodword.app.proof.audit import verify
from goodword.app.say.payees import set_payee
from goodword.app.see.log import history
from goodword.app.see.payouts import bank_file
from goodword.core import events
from goodword.core.state import Payee, Payout, Reward
from goodword.outbound.rails import Answer, Order, RailModeError, SilenceError, csv_of
from goodword.outbound.rails.sandbox import Sandbox
from goodword.store import jobs, payees
from goodword.store.jobs import Leased, NotBegunError
from goodword.store.people import resolve

ORDER = Order("pay_1", 1250, "EUR", {"script": "succeed"})
_LATER = 10**18


class Counting(Sandbox):
    """A sandbox that counts what it is asked to deliver."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.sent: list[str] = []
        self.orders: dict[str, Order] = {}

    async def send(self, order: Order) -> Answer:
        """Count, then deliver."""
        self.sent.append(order.id)
        self.orders[order.id] = order
        if order.details["script"] == "break":
            raise ValueError("<html>502 Bad Gateway</html>")
        return await super().send(order)

    async def ask(self, order: Order) -> Answer | None:
        """Look the order up by its id, as providers do."""
        return await super().ask(self.orders.get(order.id, order))


class Trial:
    """Released payouts whose details say what the rail does, and a worker without loops. ``payout``: the first."""

    def __init__(self, house: House, directory: Directory, rail: Counting, payouts: list[str]) -> None:
        self.house = house
        self.rail = rail
        self.payouts = payouts
        self.payout = payouts[0]
        self._handler = kinds(directory, {"sandbox": rail, "bank_file": rail})["payout.send"].do

    async def work(self, attempts: int = 1) -> None:
        """Do the payouts' jobs as a worker does; raises what failed."""
        for error in (await self.failures(attempts)).values():
            raise error

    async def failures(self, attempts: int = 1) -> dict[str, Exception]:
        """Do the jobs of all payouts together; returns what failed, by payout."""
        leased = [Leased(f"job_{id_}", "payout.send", id_, attempts) for id_ in self.payouts]
        return {job.subject: error for job, error in (await self._handler(self.house.ws, leased)).items()}

    async def status(self) -> str:
        """The first payout's state."""
        return (await self.statuses())[0]

    async def statuses(self) -> list[str]:
        """The payouts' states."""
        found = {payout.id: payout.status for payout in await self.house.every(Payout)}
        return [found[id_] for id_ in self.payouts]

    async def due(self) -> list[Leased]:
        """What is to be done later."""
        async with self.house.pool.acquire() as conn:
            return await jobs.lease(conn, self.house.ws, "payouts", "payout.ask", _LATER, _LATER + 1, 100)


async def _trial(house: House, the_vault: Any, folder: Path, *scripts: str, rail: str = "sandbox") -> Trial:
    """A payout for each script, all released."""
    directory = Directory(house.engine, the_vault)
    ws = house.workspace
    names = {f"ann{n}": {"script": script} for n, script in enumerate(scripts)}
    async with house.pool.acquire() as conn, conn.transaction():
        ids, _ = await resolve(conn, ws.id, ws.keys, the_vault, {("person", name): (name, None) for name in names})
        persons = {ids["person", name]: details for name, details in names.items()}
        for person, details in persons.items():
            await payees.save(conn, ws, the_vault, person, rail, details)
    await house.publish(hold="0d")
    for person in persons:
        await house.accept(*house.story(f"per_friend_of_{person}", person))
    await house.send(events.CustomerUpdated, person="per_x", traits={})
    digests = {person: payees.digest(ws, person, rail, details) for person, details in persons.items()}
    for person, digest in digests.items():
        await house.say(events.PayeeSet, SERVER, person=person, rail=rail, destination=digest)
    rewards = [one for one in await house.every(Reward) if one.beneficiary in persons]
    await house.approve(rewards, house.owner)
    house.at += 60 * DAY
    await house.send(events.CustomerUpdated, person="per_x", traits={})
    payouts = {payout.beneficiary: payout for payout in await house.draft(rewards, house.owner, rail)}
    await house.release(payouts.values(), house.owner)
    return Trial(house, directory, Counting(folder), [payouts[person].id for person in persons])


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
    """The sender may only be slow: the payout stays unknown, is never sent by another, and can be given up for a review."""
    house: House = await make_house()
    trial = await _trial(house, vault, tmp_path, "succeed")
    await _stalled(trial)
    for _ in range(2):
        with pytest.raises(UnheardError):
            await trial.work(attempts=2)
        assert (await trial.status(), await _reward(house)) == ("unknown", "processing")
    assert trial.rail.sent == []
    await house.say(events.PayoutAnswered, payout=trial.payout, outcome="failed", reason="never_received", anew=True)
    assert (await trial.status(), await _reward(house)) == ("failed", "in_review")
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
    monkeypatch.setattr("goodword.app.follow.payouts.SEND_WITHIN", 0.0)
    with pytest.raises(TooLateError):
        await trial.work()
    assert (await trial.status(), trial.rail.sent) == ("processing", [])


@pytest.mark.parametrize(("rail", "end"), [("sandbox", "completed"), ("bank_file", "processing")])
async def test_changed_payment_details_are_not_paid_to(
    make_house: Any,  # noqa: F811 - the fixture
    vault: Any,  # noqa: F811 - the fixture
    tmp_path: Path,
    rail: str,
    end: str,
) -> None:
    """What was released for one destination is not sent to another: it is canceled, nobody is told of it, others go on."""
    house: House = await make_house()
    trial = await _trial(house, vault, tmp_path, "succeed", "succeed", rail=rail)
    trial.rail.manual = rail == "bank_file"  # type: ignore[misc]
    person = {payout.id: payout.beneficiary for payout in await house.every(Payout)}[trial.payout]
    async with house.pool.acquire() as conn:
        await payees.save(conn, house.workspace, vault, person, rail, {"script": "late"})
    await trial.work()
    assert await trial.statuses() == ["canceled", end]
    assert trial.payout not in trial.rail.sent
    said = [entry.event for entry in await history(OPERATOR.at(house.workspace), Directory(house.engine, vault))]
    words = [event for event in said if getattr(event, "payout", "") == trial.payout]
    assert [(word.__class__, word.reason) for word in words] == [(events.PayoutCanceled, "payment_details_changed")]
    assert trial.payout not in (await bank_file(OPERATOR.at(house.workspace), Directory(house.engine, vault))).text


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


async def test_a_live_workspace_sends_nothing_over_a_rail_that_pays_nobody(
    make_house: Any,  # noqa: F811 - the fixture
    vault: Any,  # noqa: F811 - the fixture
    tmp_path: Path,
) -> None:
    """A payout that came so far is canceled before its rail is called; one that was called is neither sent nor asked for."""
    house: House = await make_house()
    trial = await _trial(house, vault, tmp_path, "succeed", "succeed")
    await _stalled(trial)
    await house.pool.execute("update workspace set mode = 'live' where workspace_id = $1", house.ws)
    failed = await trial.failures()
    assert {id_: type(error) for id_, error in failed.items()} == {trial.payout: RailModeError}
    assert await trial.statuses() == ["processing", "canceled"]
    assert trial.rail.sent == []
    canceled = {payout.id: payout for payout in await house.every(Payout)}[trial.payouts[1]]
    assert canceled.reason == "rail_not_live"
    assert sorted(r.status for r in await house.every(Reward) if r.side == "advocate") == ["approved", "processing"]
    found = (await verify(house.pool, house.ws)).differences
    assert [(one.noun, one.key) for one in found] == [("workspace", house.ws)]  # this test made it live, and that shows
    await house.say(events.PayoutAnswered, payout=trial.payout, outcome="failed", reason="never_sent", anew=True)
    assert await trial.statuses() == ["failed", "canceled"]


async def test_one_that_fails_does_not_fail_its_neighbours(
    make_house: Any,  # noqa: F811 - the fixture
    vault: Any,  # noqa: F811 - the fixture
    tmp_path: Path,
) -> None:
    """Of payouts that go together, more than a rail gets at once, each ends as it would alone; what failed is named."""
    house: House = await make_house()
    scripts = ["succeed", "break", "fail", "succeed", "timeout", *["succeed"] * AT_ONCE]
    trial = await _trial(house, vault, tmp_path, *scripts)
    beneficiary = {payout.id: payout.beneficiary for payout in await house.every(Payout)}[trial.payouts[3]]
    await house.pool.execute("update payee_detail set sealed = '\\x00' where person = $1", beneficiary)
    failed = await trial.failures()
    assert failed.keys() == {trial.payouts[1], trial.payouts[3]}
    expected = ["completed", "processing", "failed", "released", "unknown", *["completed"] * AT_ONCE]
    assert await trial.statuses() == expected
    assert sorted(trial.rail.sent) == sorted(set(trial.payouts) - {trial.payouts[3]})
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_payout_or_rail_that_is_not_there_fails_alone(
    make_house: Any,  # noqa: F811 - the fixture
    vault: Any,  # noqa: F811 - the fixture
    tmp_path: Path,
) -> None:
    """A job of a payout that nobody knows, or whose rail is gone, is said to fail; the others are sent."""
    house: House = await make_house()
    trial = await _trial(house, vault, tmp_path, "succeed", "succeed")
    await house.pool.execute("update payout set rail = 'pigeon' where id = $1", trial.payouts[0])
    trial.payouts.append("pay_nobody")
    failed = await trial.failures()
    assert failed.keys() == {trial.payouts[0], "pay_nobody"}
    assert trial.rail.sent == [trial.payouts[1]]


async def test_a_worker_killed_between_the_commit_and_the_calls_leaves_all_to_be_asked(
    make_house: Any,  # noqa: F811 - the fixture
    vault: Any,  # noqa: F811 - the fixture
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every payout of the group is processing before the first is called for; who comes next sends none of them."""
    house: House = await make_house()
    trial = await _trial(house, vault, tmp_path, *["succeed"] * 3)
    seen: list[list[str]] = []

    async def killed(_: Order) -> Answer:
        seen.append(await trial.statuses())
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(trial.rail, "send", killed)
        with pytest.raises(asyncio.CancelledError):
            await trial.work()
    assert seen == [["processing"] * 3] * len(seen) != []
    failed = await trial.failures(attempts=2)
    assert {id_: type(error) for id_, error in failed.items()} == dict.fromkeys(trial.payouts, UnheardError)
    assert (await trial.statuses(), trial.rail.sent) == (["unknown"] * 3, [])


async def test_what_cannot_end_within_the_lease_is_not_begun(
    make_house: Any,  # noqa: F811 - the fixture
    vault: Any,  # noqa: F811 - the fixture
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When the time of a lease is nearly over, the rest is given back as it was, for whoever looks next."""
    house: House = await make_house()
    trial = await _trial(house, vault, tmp_path, "succeed", "succeed")
    with monkeypatch.context() as patch:
        patch.setattr("goodword.app.follow.payouts._BEGIN_WITHIN", 0.0)
        failed = await trial.failures()
    assert {id_: type(error) for id_, error in failed.items()} == dict.fromkeys(trial.payouts, NotBegunError)
    assert (await trial.statuses(), trial.rail.sent) == (["released"] * 2, [])
    assert await trial.failures() == {}
    assert await trial.statuses() == ["completed"] * 2


async def test_the_bank_file_names_every_payout_however_many(
    make_house: Any,  # noqa: F811 - the fixture
    vault: Any,  # noqa: F811 - the fixture
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is read in pages and holds all of them, full pages and a broken one, each with its own details."""
    house: House = await make_house()
    trial = await _trial(house, vault, tmp_path, *(f"s{n}" for n in range(5)), rail="bank_file")
    trial.rail.manual = True  # type: ignore[misc]
    assert await trial.failures() == {}
    for page in (1, 2, 5, 6):
        monkeypatch.setattr("goodword.app.see.payouts.PIECE", page)
        lines = (await bank_file(OPERATOR.at(house.workspace), Directory(house.engine, vault))).text.splitlines()[1:]
        assert [line.split(",")[0] for line in lines] == sorted(trial.payouts)


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
    order = Order("pay_1", amount, unit, {"name": "Ann, Ltd", "account": "X"}, programs=("main", "club"))
    line = csv_of([order]).splitlines()[1]
    assert line == f'pay_1,"Ann, Ltd",X,,{text},{unit},"main, club"'


@pytest.mark.parametrize(
    ("details", "cells"),
    [
        ({"iban": "DE89370400440532013000"}, "DE89370400440532013000,"),
        ({"iban": "DE89370400440532013000", "bic": "COBADEFF"}, "DE89370400440532013000,COBADEFF"),
        ({"account": "12345", "bank": "021000021"}, "12345,021000021"),
        ({"account": "-12345", "bank": "=A1"}, "'-12345,'=A1"),
    ],
)
def test_the_bank_file_says_where_to_pay(details: dict[str, str], cells: str) -> None:
    """Account and bank are IBAN and BIC where there is an IBAN, and neither is run by a spreadsheet."""
    line = csv_of([Order("pay_1", 1250, "EUR", {"name": "Ann", **details})]).splitlines()[1]
    assert line == f"pay_1,Ann,{cells},12.50,EUR,"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", " =", "\u00a0=", " \t-"])
def test_the_bank_file_holds_nothing_that_a_spreadsheet_runs(start: str) -> None:
    """A name that begins like a formula, perhaps behind spaces that a reader may drop, is kept as text."""
    line = csv_of([Order("pay_1", 1, "EUR", {"name": f"{start}1"})]).splitlines()[1]
    assert line.startswith(f"pay_1,'{start}1,")


def test_nor_where_it_divides_at_semicolons() -> None:
    line = csv_of([Order("pay_1", 1, "EUR", {"name": "Ann; =HYPERLINK(A1)"})]).splitlines()[1]
    assert line.startswith("pay_1,Ann; '=HYPERLINK(A1),")


async def test_details_and_their_event_are_one_commit(
    make_house: Any,  # noqa: F811 - the fixture
    vault: Any,  # noqa: F811 - the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If the details cannot be stored, the event that names their digest is not there either."""
    house: House = await make_house()
    directory = Directory(house.engine, vault)
    async with house.pool.acquire() as conn, conn.transaction():
        ids, _ = await resolve(conn, house.ws, house.workspace.keys, vault, {("person", "ann"): ("ann", None)})
    person = ids["person", "ann"]
    await house.send(events.CustomerKnown, person=person, since=0)

    async def broken(*_: Any) -> None:
        raise RuntimeError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(payees, "save", broken)
        with pytest.raises(RuntimeError, match="no room"):
            await set_payee(
                Principal("mk", house.workspace, house.owner), directory, person, "sandbox", {"script": "succeed"}
            )
    assert await house.every(Payee) == []
    await set_payee(Principal("mk", house.workspace, house.owner), directory, person, "sandbox", {"script": "succeed"})
    assert [payee.person for payee in await house.every(Payee)] == [person]
    assert (await verify(house.pool, house.ws)).differences == ()
