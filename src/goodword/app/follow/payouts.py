"""Payouts on their way out: the call of a rail, and its answer as an event.

The state *processing* is committed before a rail is called, with the payout's id as idempotency key. Whoever finds a payout
already processing does not know what became of the call: it says *unknown* and asks; it never sends again. That a rail has not
heard of an order is no proof that it never will, because the first sender may only be slow: then a person decides. The company's own
system recognises an id for ever, so that both may reach it: what it never heard of is *processing* again, and sent to it again.
Must not know: SQL, HTTP, how a rail delivers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, NamedTuple

import asyncpg
from msgspec.structs import replace

from goodword.app import coded
from goodword.app.directory import Directory
from goodword.app.follow import own_system as own
from goodword.app.follow.kinds import Kind, Queue
from goodword.app.write.commands import Stamp, commands
from goodword.app.write.process import TRANSIENT, trying
from goodword.core import lifecycles
from goodword.core import payouts as core_payouts
from goodword.core.decision import Job
from goodword.core.entry import Entry
from goodword.core.events import PayoutAnswered, PayoutCanceled
from goodword.core.facts import Actor
from goodword.core.state import Payout
from goodword.outbound.rails import (
    Answer,
    Order,
    Rail,
    RailModeError,
    SilenceError,
    for_mode,
)
from goodword.store import entities, jobs, own_system, payees
from goodword.store.jobs import Leased, NotBegunError, SaidError
from goodword.store.vault import Vault
from goodword.store.workspaces import Workspace

WORKER = Actor(id="worker", kind="system")
_ASK_AGAIN = 5.0  # seconds after a rail was silent
#: Seconds from the commit of *processing* within which a rail is called, and again for its answer: far below a job's lease.
SEND_WITHIN = 15.0
_BEGIN_WITHIN = 20.0  # seconds after which no further group is begun: it could not end within the lease of its jobs
AT_ONCE = 16  # orders that a rail gets at once, so that none waits between its commit and its call
#: Seconds that a group may take: the last that is begun has its two calls of the rail, and some for its commits.
_WITHIN = _BEGIN_WITHIN + 2 * SEND_WITHIN


class UnheardError(Exception):
    """The rail has not heard of a payout that was to be sent: nobody sends it again, a person says what became of it."""


class UnansweredError(SaidError):
    """The company's own system did not say what became of a payout: it is asked again, ever more rarely."""


class UnconnectedError(SaidError):
    """The workspace has no system of its own that could be told: the payout waits for one."""


class TooLateError(Exception):
    """This worker did not come to call the rail in time; somebody else may be asking it by now."""


def kinds(directory: Directory, rails: Mapping[str, Rail]) -> dict[str, Kind]:
    """Return the kinds of jobs of payouts, by name. None is given up: whoever is owed something stays so."""

    async def work(ws: str, leased: Sequence[Leased]) -> dict[Leased, Exception]:
        sending = _Sending(directory, rails, ws)
        await sending.run(list(dict.fromkeys(job.subject for job in leased)))
        return {job: sending.errors[job.subject] for job in leased if job.subject in sending.errors}

    queue = Queue(core_payouts.QUEUE)
    return {name: Kind(work, queue, within=_WITHIN) for name in ("payout.send", "payout.ask")}


class _Word(NamedTuple):
    """What is to be written down of a payout."""

    payout: str
    outcome: str
    reference: str | None = None
    reason: str | None = None

    def event(self, stamp: Stamp) -> PayoutAnswered | PayoutCanceled:
        """Return it as an event."""
        if self.outcome == "canceled":
            return PayoutCanceled(**stamp, payout=self.payout, reason=self.reason or "")
        return PayoutAnswered(**stamp, **self._asdict())


class _Heard(NamedTuple):
    """What came of a call of a rail. ``again``: seconds after which it is asked once more; ``unheard``: it knows nothing."""

    words: Sequence[_Word] = ()
    again: float | None = None
    unheard: bool = False


class _Sending:
    """Payouts of one workspace on their way, together; ``errors``: what failed, by payout. None fails its neighbours."""

    def __init__(self, directory: Directory, rails: Mapping[str, Rail], ws: str) -> None:
        self.errors: dict[str, Exception] = {}
        self._directory = directory
        self._clock = directory.engine.clock
        self._rails = rails
        self._ws = ws

    async def run(self, ids: Sequence[str]) -> None:
        """Hand the released ones to people or to their rail, and ask after the others. Raises before it does anything."""
        late = self._clock.monotonic() + _BEGIN_WITHIN
        known = await self._load(ids)
        for id_ in ids:
            if id_ not in known or known[id_].rail not in self._rails:
                self.errors[id_] = LookupError(f"payout {id_} or its rail is not there")
        there = [payout for id_, payout in known.items() if id_ not in self.errors]
        barred = await self._bar(there)
        barred |= await self._unconnected(there)
        released = [payout for payout in there if payout.status == "released" and payout.id not in barred]
        others = [payout for payout in there if payout.status != "released" and payout.id not in barred]
        await self._apart(self._begin, [payout for payout in released if self._rails[payout.rail].manual])
        for step, payouts in ((self._send, released), (self._ask, others)):
            called = [payout for payout in payouts if not self._rails[payout.rail].manual]
            for at in range(0, len(called), AT_ONCE):
                if self._clock.monotonic() < late:
                    await self._apart(step, called[at : at + AT_ONCE])
                else:
                    self.errors |= {payout.id: NotBegunError(payout.id) for payout in called[at : at + AT_ONCE]}

    async def _apart(self, step: Callable[[Sequence[Payout]], Awaitable[object]], group: Sequence[Payout]) -> None:
        """Take a step with payouts together, or with each alone if that fails: alone it shows whose fault it is."""
        try:
            await step(group)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is kept with the job
            if len(group) == 1 or isinstance(error, TRANSIENT):
                self.errors |= {payout.id: error for payout in group}
                return
            for payout in group:
                await self._apart(step, [payout])

    async def _bar(self, payouts: Sequence[Payout]) -> set[str]:
        """Return the payouts whose rail does not work in this workspace: no such rail is called.

        One that was to be sent is canceled; of one that was sent before, a person must say what became of it.
        """
        mode = (await self._workspace()).mode
        barred: dict[str, RailModeError] = {}
        for payout in payouts:
            try:
                for_mode(self._rails, payout.rail, mode)
            except RailModeError as error:
                barred[payout.id] = error
                if lifecycles.may_move("payout", payout.status, "failed"):
                    self.errors[payout.id] = error
        released = [payout.id for payout in payouts if payout.id in barred and payout.status == "released"]
        await self._say([_Word(id_, "canceled", reason=barred[id_].code) for id_ in released])
        return set(barred)

    async def _unconnected(self, payouts: Sequence[Payout]) -> set[str]:
        """Return the released payouts that wait for a system of the company's own to be named."""
        ours = {it.id for it in payouts if it.status == "released" and self._rails[it.rail].connects}
        if not ours:
            return ours
        workspace = await self._workspace()
        async with self._directory.pool.acquire() as conn:
            if await own_system.find(conn, workspace) is not None:
                return set()
        self.errors |= {id_: UnconnectedError(id_) for id_ in ours}
        return ours

    async def _send(self, group: Sequence[Payout]) -> None:
        """All are committed as *processing* before any of them is called for; then all are called for at once."""
        until = self._clock.monotonic() + SEND_WITHIN
        await self._hear([(payout, self._sent(payout, order, until)) for payout, order in await self._begin(group)])

    async def _begin(self, group: Sequence[Payout]) -> list[tuple[Payout, Order]]:
        """Commit payouts as *processing* and give those whose state allowed it, each with its order.

        One whose payment details are no longer those that were released is canceled in that commit: nobody will be told of it. Nor of
        what is contested since the release: the commit takes it out, so what is ordered is what it left.
        """
        orders = await self._orders(group)
        words = [
            _Word(p.id, "processing") if p.id in orders else _Word(p.id, "canceled", reason="payment_details_changed")
            for p in group
        ]
        allowed = await self._say(words)
        said = [p.id for p, is_allowed in zip(group, allowed, strict=True) if is_allowed and p.id in orders]
        try:
            left = await trying(self._clock, lambda: self._load(said))
            there = [
                (payout, replace(orders[id_], amount=payout.amount))
                for id_, payout in left.items()
                if payout.status == "processing"
            ]
            return await trying(self._clock, lambda: self._directed(there))
        except Exception as error:  # noqa: BLE001 - they are committed: a second try would be refused, and nobody would ask
            self.errors |= dict.fromkeys(said, error)
            return []

    async def _ask(self, group: Sequence[Payout]) -> None:
        """Ask after payouts; one of which a system that recognises its id never heard is committed as *processing*, and sent again."""
        orders = await self._orders(group)
        await self._say([_Word(p.id, "unknown", reason="no_answer") for p in group if p.status == "processing"])
        # if the details changed since it is asked all the same, by the order's id
        asked = [(p, orders.get(p.id) or Order(p.id, p.amount, p.unit, {})) for p in group]
        asked = await self._directed(asked)
        unheard = await self._hear([(payout, self._asked(payout, order)) for payout, order in asked])
        again = [
            (payout, order) for payout, order in asked if payout.id in unheard and self._rails[payout.rail].connects
        ]
        words = [_Word(payout.id, "processing", reason=core_payouts.UNHEARD) for payout, _ in again]
        until = self._clock.monotonic() + SEND_WITHIN
        allowed = await self._say(words)
        sent = [one for one, is_allowed in zip(again, allowed, strict=True) if is_allowed]
        await self._hear([(payout, self._sent(payout, order, until)) for payout, order in sent])

    async def _sent(self, payout: Payout, order: Order, until: float) -> _Heard:
        if self._clock.monotonic() >= until:
            raise TooLateError(payout.id)
        try:
            answer = await asyncio.wait_for(self._rails[payout.rail].send(order), self._clock.patience(SEND_WITHIN))
        except (SilenceError, TimeoutError):
            return _Heard([_Word(payout.id, "unknown", reason="no_answer")], again=_ASK_AGAIN / 10)
        return _heard(payout, answer)

    async def _asked(self, payout: Payout, order: Order) -> _Heard:
        rail = self._rails[payout.rail]
        try:
            answer = await asyncio.wait_for(rail.ask(order), self._clock.patience(SEND_WITHIN))
        except (SilenceError, TimeoutError) as error:
            if rail.connects:
                raise UnansweredError(payout.id, str(error)) from None
            return _Heard(again=_ASK_AGAIN)
        if answer is None and payout.status == "sent" and rail.connects:
            raise UnansweredError(payout.id, "it had said that it is on its way, and does not know it")
        return _heard(payout, answer) if answer is not None else _Heard(unheard=True)

    async def _directed(self, orders: Sequence[tuple[Payout, Order]]) -> list[tuple[Payout, Order]]:
        """Return orders as they leave: those for the company's own system with where it is now, which no commit changes on their way.

        Without one there is nobody to tell: that is an error of each.
        """
        ours = {payout.id: (payout, order) for payout, order in orders if self._rails[payout.rail].connects}
        if not ours:
            return [*orders]
        workspace = await self._workspace()
        async with self._directory.pool.acquire() as conn:
            made = await own.directed(conn, workspace, self._directory, ours)
        self.errors |= {id_: UnconnectedError(id_) for id_ in ours.keys() - made.keys()}
        return [(p, made.get(p.id, order)) for p, order in orders if p.id not in ours or p.id in made]

    async def _hear(self, calls: Sequence[tuple[Payout, Coroutine[Any, Any, _Heard]]]) -> set[str]:
        """Make calls at once and write down what comes of them: each time all that has come meanwhile. Return who is unheard of."""
        unheard = set[str]()
        left = {payout.id: asyncio.create_task(call) for payout, call in calls}
        try:
            while left:
                await asyncio.wait(left.values(), return_when=asyncio.FIRST_COMPLETED)
                ended = {id_: left.pop(id_) for id_ in [id_ for id_, call in left.items() if call.done()]}
                try:
                    unheard |= await self._take(ended)
                except Exception as error:  # noqa: BLE001 - the others are still on their way
                    self.errors |= dict.fromkeys(ended, error)
        finally:
            for call in left.values():
                call.cancel()
        return unheard

    async def _take(self, ended: Mapping[str, asyncio.Task[_Heard]]) -> set[str]:
        errors = {id_: error for id_, call in ended.items() if isinstance(error := call.exception(), Exception)}
        self.errors |= errors
        heard = {id_: call.result() for id_, call in ended.items() if id_ not in errors}
        await self._say([word for result in heard.values() for word in result.words])
        for id_, result in heard.items():
            if result.again is not None:
                await self._later(id_, result.again)
        unheard = await self._load([id_ for id_, result in heard.items() if result.unheard])
        left = {id_: payout for id_, payout in unheard.items() if payout.status == "unknown"}
        self.errors |= {id_: UnheardError(id_) for id_, it in left.items() if not self._rails[it.rail].connects}
        return set(left)

    async def _say(self, words: Sequence[_Word]) -> list[bool]:
        """Write words down in one commit; tells of each whether the payout's state allowed it."""
        if not words:
            return []
        also = coded.keeping(await self._workspace())
        events = [word.event for word in words]
        said = await commands(self._directory.engine, self._ws, events, WORKER, source="rail", also=also)
        errors = {
            word.payout: result for word, result in zip(words, said, strict=True) if isinstance(result, Exception)
        }
        self.errors |= errors
        return [isinstance(result, Entry) and not result.refused for result in said]

    async def _later(self, payout: str, seconds: float) -> None:
        now = self._clock.now()
        job = Job(id=f"ask_{payout}_{now}", kind="payout.ask", subject=payout, queue=core_payouts.QUEUE)
        async with self._directory.pool.acquire() as conn:
            await jobs.add(conn, self._ws, [job], now + int(seconds * 1_000_000))

    async def _load(self, ids: Sequence[str]) -> dict[str, Payout]:
        """Return payouts as they are now, in this order."""
        async with self._directory.pool.acquire() as conn:
            payouts = {payout.id: payout for payout in await entities.load(conn, self._ws, Payout, ids)}
        return {id_: payouts[id_] for id_ in ids if id_ in payouts}

    async def _workspace(self) -> Workspace:
        workspace = await self._directory.workspace(self._ws)
        if workspace is None:
            raise LookupError(f"there is no workspace {self._ws}")
        return workspace

    async def _orders(self, group: Sequence[Payout]) -> dict[str, Order]:
        workspace = await self._workspace()
        async with self._directory.pool.acquire() as conn:
            orders = await orders_of(conn, workspace, self._directory.vault, group)
            ours = [payout for payout in group if self._rails[payout.rail].connects]
            return orders | (await own.told(conn, workspace, self._directory, ours, orders) if ours else {})


def _heard(payout: Payout, answer: Answer) -> _Heard:
    """Return what a rail's answer says of a payout; what comes back was sent, as nobody had heard."""
    assert answer.outcome in core_payouts.ANSWERS  # noqa: S101 - rails have no other words
    if answer.outcome == payout.status == "sent":  # nothing new
        return _Heard(again=answer.again)
    words = [_Word(payout.id, answer.outcome, answer.reference, answer.reason)]
    if answer.outcome == "returned" and payout.status in ("released", "processing", "unknown"):
        words.insert(0, _Word(payout.id, "sent", answer.reference))
    return _Heard(words, answer.again)


async def orders_of(
    conn: asyncpg.Connection, ws: Workspace, vault: Vault, payouts: Sequence[Payout], left_out: list[str] | None = None
) -> dict[str, Order]:
    """Return the orders for a rail, by payout; none where the payment details are no longer those that were released.

    Details of another rail, to whose payee credit or points go, are not given away. ``left_out`` gets the payouts whose details do
    not open; without it that raises MasterKeyError or UnsealError, for they are not changed: they may open again.
    """
    payees_ = [p.beneficiary for p in payouts if p.destination != p.beneficiary]
    details, locked = await payees.opened(conn, ws, vault, payees_)
    if left_out is None and locked:
        raise next(iter(locked.values()))
    if left_out is not None:
        left_out += [p.id for p in payouts if p.destination != p.beneficiary and p.beneficiary in locked]
    orders = {}
    for payout in payouts:
        known, rail, said = details.get(payout.beneficiary, ("", "", {}))
        if payout.destination == payout.beneficiary:  # credit and points need no details
            known, said = payout.destination, {}
        if known == payout.destination:
            orders[payout.id] = Order(payout.id, payout.amount, payout.unit, said if rail == payout.rail else {})
    return orders
