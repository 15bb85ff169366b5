"""Payouts: lists, one, what a release is given over, and the file for the bank."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.follow.payouts import orders_of
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, paging, payees
from goodword.app.see.paging import FrozenList, Page
from goodword.core import calendar, conduct, payouts
from goodword.core import payees as payees_of
from goodword.core.money import CURRENCIES
from goodword.core.state import Booking, Case, Change, Member, Payee, Payout, Reward
from goodword.outbound import files
from goodword.outbound.rails import REGISTRY, Order
from goodword.store import debtors, entities, log, pages

PIECE = 500  # payouts of the bank file that are read at once


class BankFile(Struct, frozen=True):
    """A file for the bank. ``day``: on which its payments are to be executed, None where it says none.

    ``id``: by which it is known; ``payouts``: what it pays, ``sums`` by unit; ``debtor``: the digest of the account that it pays from.

    ``left_out``: payouts that wait for the bank and whose payment details do not open, or are others than were released; ``refused``:
    those of which the bank said something that is an open case (``case_open``), and those that its format cannot carry, where that
    was asked for.
    """

    id: str
    body: bytes
    format: files.Format
    payouts: tuple[str, ...]
    sums: dict[str, int]
    debtor: str | None
    left_out: list[str]
    refused: list[files.Problem]
    day: date | None

    @property
    def text(self) -> str:
        """The file as text: every format is one."""
        return self.body.decode()


class ForBank(Struct, frozen=True):
    """What waits for the bank, as a format would carry it. ``carried``, ``left_out``: ids; ``units``: of all that waits.

    ``missing``: fields of the company's own account that the format needs; ``day``: of execution, where it names one.
    """

    format: files.Format
    carried: list[str]
    left_out: list[str]
    refused: list[files.Problem]
    units: list[str]
    missing: list[str]
    day: date | None


@requires("payout.read")
async def page(
    who: Principal,
    directory: Directory,
    *,
    status: str | None = None,
    beneficiary: str | None = None,
    rail: str | None = None,
    after: str = "",
    limit: int = 50,
) -> Page[Payout]:
    """Return payouts, filtered. Raises InvalidError for a status or rail that there is not, UnknownError for a beneficiary's name."""
    filters.status("payout", status)
    filters.choice("rail", rail, REGISTRY)
    async with directory.reading() as conn:
        rows = await pages.payouts(
            conn,
            who.workspace.id,
            status=status,
            beneficiary=await filters.person(conn, who, beneficiary),
            rail=rail,
            programs=who.programs,
            after=after,
            limit=limit,
        )
    return paging.by_id(rows, limit)


@requires("payout.read")
async def get(who: Principal, directory: Directory, payout: str) -> Payout:
    """Return one payout. Raises UnknownError."""
    async with directory.reading() as conn:
        return await paging.one(conn, who, Payout, payout)


@requires("payout.read")
async def each(who: Principal, directory: Directory, ids: Sequence[str]) -> list[Payout]:
    """Return these payouts as they are now, in their order. Raises UnknownError."""
    async with directory.reading() as conn:
        return await paging.each(conn, who, Payout, ids)


@requires("payout.read")
async def to_release(who: Principal, directory: Directory, ids: Sequence[str]) -> FrozenList:
    """Return the frozen list of these payouts as they are now. Raises UnknownError."""
    async with directory.reading() as conn:
        rows = await paging.each(conn, who, Payout, ids)
        about = await payees.of(conn, who, directory, [payout.beneficiary for payout in rows])
        members = await entities.every(conn, who.workspace.id, Member)
        parts = [part.reward for payout in rows for part in payout.parts]
        rewards = {reward.id: reward for reward in await entities.load(conn, who.workspace.id, Reward, parts)}
    shown = []
    for payout in rows:
        sent = [rewards[part.reward] for part in payout.parts if part.reward in rewards]
        payee = about.payees.get(payout.beneficiary)
        to_account = payee is not None and payee.destination == payout.destination
        acts = [act for reward in sent for act in reward.acts]
        acts += payee.acts if payee is not None and to_account else ()
        own = conduct.among(members, acts, who.actor.id, "release")
        cases = tuple(dict.fromkeys(case for reward in sent for case in reward.cases))
        it = about.shown(payout.id, payout.beneficiary, to_account=to_account, own_work=own, cases=cases)
        awaits = ("second_release",) if payout.releases or payouts.drafted_by(members, payout, who.actor.id) else ()
        shown.append(replace(it, awaits=awaits, approvals=payout.releases))
    return paging.frozen((payouts.item_of(payout) for payout in rows), shown)


@requires("payee.read")
async def bank_file(
    who: Principal,
    directory: Directory,
    *,
    name: str = files.PLAIN,
    unit: str | None = None,
    day: str | None = None,
    leave_out: bool = False,
) -> BankFile:
    """Return the file of all payouts that wait for the bank, or of those in a unit: the same until somebody says what became of them.

    ``name``: a format; ``day``: of execution, ISO, else the first on which banks settle. One whose payment details do not open, or are
    others than were released, is named instead, and keeps no other back. ``leave_out``: so is what the format cannot carry, else that
    refuses the file. Raises InvalidError, FileRefusedError, and MismatchError where what was written is not what was released.
    """
    filters.choice("format", name, files.FORMATS)
    filters.choice("unit", unit, CURRENCIES)
    format_, waiting = files.FORMATS[name], await _for_bank(who, directory, unit)
    try:
        asked = None if day is None else date.fromisoformat(day)
    except ValueError:
        raise InvalidError("Expected a day such as 2026-12-01.", "day") from None
    execution = files.execution(format_, waiting.now.date(), asked)
    orders, refused = waiting.orders, waiting.refused
    if leave_out:
        refused = refused + await to_thread(files.problems, format_, orders, waiting.debtor or {}, execution)
        named = {it.payout for it in refused}
        orders = [order for order in orders if order.id not in named]
    try:
        made = await to_thread(files.make, format_, orders, waiting.debtor, waiting.now, asked)
    except files.FileRefusedError as error:  # nothing is left where each waits for its case: that is why
        raise files.FileRefusedError(error.code, error.problems or waiting.refused, error.fields) from None
    sums = dict[str, int]()
    for order in orders:
        sums[order.unit] = sums.get(order.unit, 0) + order.amount
    paid_from = waiting.holds.to["debtor"] if waiting.holds is not None and format_.paid_from is not None else None
    return BankFile(
        id=made.id,
        body=made.body,
        format=format_,
        payouts=tuple(order.id for order in orders),
        sums=sums,
        debtor=paid_from,
        left_out=waiting.left_out,
        refused=refused,
        day=made.day,
    )


@requires("payee.read")
async def for_bank(
    who: Principal, directory: Directory, *, name: str = files.PLAIN, unit: str | None = None
) -> ForBank:
    """Return what a format would carry of what waits for the bank, and what it would not; nothing is written."""
    filters.choice("format", name, files.FORMATS)
    filters.choice("unit", unit, CURRENCIES)
    format_, waiting = files.FORMATS[name], await _for_bank(who, directory, unit)
    day = files.execution(format_, waiting.now.date(), None)
    refused = waiting.refused + await to_thread(files.problems, format_, waiting.orders, waiting.debtor or {}, day)
    named = {it.payout for it in refused}
    carried = [order.id for order in waiting.orders if order.id not in named]
    units = sorted({order.unit for order in waiting.orders})
    missing = [field for field in format_.needs if field not in (waiting.debtor or {})]
    return ForBank(format_, carried, waiting.left_out, refused, units, missing, day if format_.opens else None)


class _Waiting(NamedTuple):
    orders: list[Order]
    left_out: list[str]
    refused: list[files.Problem]
    debtor: Mapping[str, str] | None
    holds: Change | None
    now: datetime


async def _for_bank(who: Principal, directory: Directory, unit: str | None) -> _Waiting:
    """Return what waits for the bank, at one instant: every payout has its order, or is named as left out.

    What the bank may have sent already, as somebody has yet to find out, is in no file.
    """
    ws, orders, left_out, refused = who.workspace, list[Order](), list[str](), list[files.Problem]()
    async with directory.snapshot() as conn:
        slugs = {it.id: it.slug for it in await pages.programs(conn, ws.id)}
        after: str | None = ""
        while after is not None:
            piece = await pages.payouts(
                conn, ws.id, status="processing", rail="bank_file", programs=who.programs, after=after, limit=PIECE
            )
            wanted = [payout for payout in piece if unit in (None, payout.unit)]
            asked = await _asked(conn, ws.id, wanted)
            refused += [files.Problem(payout.id, "case_open") for payout in wanted if payout.id in asked]
            wanted = [payout for payout in wanted if payout.id not in asked]
            stopped = await _stopped(conn, ws.id, wanted)
            refused += [files.Problem(payout.id, stopped[payout.id]) for payout in wanted if payout.id in stopped]
            wanted = [payout for payout in wanted if payout.id not in stopped]
            found = await orders_of(conn, ws, directory.vault, wanted, [])
            orders += [_named(found[it.id], it, slugs) for it in wanted if it.id in found]
            left_out += [payout.id for payout in wanted if payout.id not in found]
            after = piece[-1].id if len(piece) == PIECE else None
        holds, _ = await debtors.known(conn, ws)
        now = calendar.moment((await log.stream(conn, ws.id)).now(directory.now()))
    return _Waiting(orders, left_out, refused, None if holds is None else debtors.opened(ws, holds), holds, now)


def _named(order: Order, payout: Payout, slugs: Mapping[str, str]) -> Order:
    """Return an order with the programs by which it is earned: what a payment says beside its reference."""
    return replace(order, programs=tuple(dict.fromkeys(slugs[part.program] for part in payout.parts if part.sent)))


async def _stopped(conn: asyncpg.Connection, ws: str, wanted: Sequence[Payout]) -> dict[str, str]:
    """Return those of these payouts that go where a bank knows another name, and why nothing goes there."""
    persons = {payout.beneficiary for payout in wanted}
    known = {payee.person: payee for payee in await entities.load(conn, ws, Payee, sorted(persons))}
    said = {
        payout.id: payees_of.refusal(known.get(payout.beneficiary), payout.destination, payout.id) for payout in wanted
    }
    return {id_: refusal[0] for id_, refusal in said.items() if refusal is not None}


async def _asked(conn: asyncpg.Connection, ws: str, wanted: Sequence[Payout]) -> set[str]:
    """Return those of these payouts of which the bank said something that is an open case."""
    bookings = await entities.of(conn, ws, (Booking, "payout"), [payout.id for payout in wanted])
    said = {it.case: it.payout for it in bookings if isinstance(it, Booking) and it.case is not None}
    cases = await entities.load(conn, ws, Case, [case for case in said if case is not None])
    return {payout for case in cases if case.status in ("open", "appealed") and (payout := said[case.id]) is not None}
