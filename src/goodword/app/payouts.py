"""Payouts on their way out: payment details, the call of a rail, and its answer as an event.

The state *processing* is committed before a rail is called, with the payout's id as idempotency key. Whoever finds a payout
already processing does not know what became of the call: it says *unknown* and asks; it never sends again. That a rail has not
heard of an order is no proof that it never will, because the first sender may only be slow: then a person decides.
Must not know: SQL, HTTP, how a rail delivers.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import asyncpg

from goodword.app.directory import Directory
from goodword.app.process import command
from goodword.core import payouts as core_payouts
from goodword.core.effects import Actor, Job
from goodword.core.entry import Entry
from goodword.core.events import PayeeSet, PayoutAnswered
from goodword.core.state import Payout
from goodword.outbound.rails import Answer, Order, Rail, SilenceError, csv_of
from goodword.store import entities, jobs, pages, payees
from goodword.store.jobs import Leased
from goodword.store.workspaces import Workspace

WORKER = Actor(id="worker", kind="system")
_ASK_AGAIN = 5.0  # seconds after a rail was silent
#: Seconds from the commit of *processing* within which a rail is called, and again for its answer: far below a job's lease.
SEND_WITHIN = 15.0
_MOST = 10_000  # payouts in one bank file


class UnheardError(Exception):
    """The rail has not heard of a payout that was to be sent: nobody sends it again, a person says what became of it."""


class TooLateError(Exception):
    """This worker did not come to call the rail in time; somebody else may be asking it by now."""


def handlers(directory: Directory, rails: Mapping[str, Rail]) -> dict[str, Callable[[str, Leased], Awaitable[None]]]:
    """Give what does the jobs of payouts, by kind of job."""

    async def work(ws: str, job: Leased) -> None:
        await _work(directory, rails, ws, job)

    return {"payout.send": work, "payout.ask": work}


async def set_payee(
    directory: Directory, ws: Workspace, actor: Actor, person: str, rail: str, details: dict[str, Any], key: str | None
) -> Entry:
    """Payment details of a beneficiary are entered or changed. Raises LookupError for an unknown person."""
    destination = payees.digest(ws, person, rail, details)

    async def save(conn: asyncpg.Connection, entry: Entry) -> None:
        if any(verdict.outcome == "payee_set" for verdict in entry.verdicts):
            await payees.save(conn, ws, directory.vault, person, rail, details)

    return await command(
        directory.pool,
        ws.id,
        lambda stamp: PayeeSet(**stamp, person=person, rail=rail, destination=destination),
        actor,
        key=key,
        also=save,
    )


async def bank_file(directory: Directory, ws: Workspace) -> str:
    """Give the CSV of all payouts that wait for the bank: the same until somebody says what became of them."""
    async with directory.pool.acquire() as conn:
        found = await pages.payouts(conn, ws.id, status="processing", rail="bank_file", after="", limit=_MOST)
        details = await payees.details_of(conn, ws, directory.vault, (payout.beneficiary for payout in found))
    known = [payout for payout in found if details.get(payout.beneficiary, ("",))[0] == payout.destination]
    return csv_of(Order(p.id, p.amount, p.unit, details[p.beneficiary][1]) for p in known)


async def _work(directory: Directory, rails: Mapping[str, Rail], ws: str, job: Leased) -> None:
    payout = await _payout(directory, ws, job.subject)
    rail = rails[payout.rail]
    if payout.status == "released":
        until = time.monotonic() + SEND_WITHIN
        if not await _say(directory, ws, payout.id, "processing") or rail.manual:
            return
        await _send(directory, rail, ws, payout, until)
    elif not rail.manual:
        if payout.status == "processing":
            await _say(directory, ws, payout.id, "unknown", reason="no_answer")
        await _ask(directory, rail, ws, payout)


async def _send(directory: Directory, rail: Rail, ws: str, payout: Payout, until: float) -> None:
    order = await _order(directory, ws, payout)
    if order is None:
        await _say(directory, ws, payout.id, "failed", reason="payment_details_changed")
        return
    if time.monotonic() >= until:
        raise TooLateError(payout.id)
    try:
        answer = await asyncio.wait_for(rail.send(order), SEND_WITHIN)
    except (SilenceError, TimeoutError):
        await _say(directory, ws, payout.id, "unknown", reason="no_answer")
        await _later(directory, ws, payout.id, _ASK_AGAIN / 10)
        return
    await _take(directory, ws, payout, answer)


async def _ask(directory: Directory, rail: Rail, ws: str, payout: Payout) -> None:
    order = await _order(directory, ws, payout)
    if order is None:  # the details changed since: it is asked all the same, by the order's id
        order = Order(payout.id, payout.amount, payout.unit, {})
    try:
        answer = await rail.ask(order)
    except SilenceError:
        await _later(directory, ws, payout.id, _ASK_AGAIN)
        return
    if answer is not None:
        await _take(directory, ws, payout, answer)
    elif (await _payout(directory, ws, payout.id)).status == "unknown":
        raise UnheardError(payout.id)


async def _take(directory: Directory, ws: str, payout: Payout, answer: Answer) -> None:
    if answer.outcome == "returned" and (await _payout(directory, ws, payout.id)).status in ("processing", "unknown"):
        await _say(directory, ws, payout.id, "sent", answer.reference)  # what comes back was sent, as nobody had heard
    await _say(directory, ws, payout.id, answer.outcome, answer.reference, answer.reason)
    if answer.again is not None:
        await _later(directory, ws, payout.id, answer.again)


async def _say(
    directory: Directory, ws: str, payout: str, outcome: str, reference: str | None = None, reason: str | None = None
) -> bool:
    """Write down what the rail says; tells whether the payout's state allowed it."""
    assert outcome in core_payouts.ANSWERS  # noqa: S101 - rails have no other words
    entry = await command(
        directory.pool,
        ws,
        lambda stamp: PayoutAnswered(**stamp, payout=payout, outcome=outcome, reference=reference, reason=reason),
        WORKER,
        source="rail",
    )
    return all(verdict.outcome != "refused" for verdict in entry.verdicts)


async def _later(directory: Directory, ws: str, payout: str, seconds: float) -> None:
    now = time.time_ns() // 1_000
    job = Job(id=f"ask_{payout}_{now}", kind="payout.ask", subject=payout)
    async with directory.pool.acquire() as conn:
        await jobs.add(conn, ws, [job], now + int(seconds * 1_000_000))


async def _payout(directory: Directory, ws: str, id_: str) -> Payout:
    async with directory.pool.acquire() as conn:
        return (await entities.load(conn, ws, Payout, [(id_,)]))[0]


async def _order(directory: Directory, ws: str, payout: Payout) -> Order | None:
    """Give the order for a rail; None if the payment details are no longer those that were released."""
    workspace = await directory.workspace(ws)
    if workspace is None:
        raise LookupError(f"there is no workspace {ws}")
    if payout.destination == payout.beneficiary:  # credit and points need no details
        return Order(payout.id, payout.amount, payout.unit, {})
    async with directory.pool.acquire() as conn:
        found = await payees.details_of(conn, workspace, directory.vault, [payout.beneficiary])
    digest, details = found.get(payout.beneficiary, ("", {}))
    return Order(payout.id, payout.amount, payout.unit, details) if digest == payout.destination else None
