"""Payouts: lists, one, what a release is given over, and the file for the bank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from goodword.app.directory import Directory
from goodword.app.follow.payouts import orders_of
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, paging
from goodword.app.see.paging import FrozenList, Page
from goodword.core import payouts
from goodword.core.state import Payout
from goodword.outbound.rails import REGISTRY, Order, csv_of
from goodword.store import pages

PIECE = 500  # payouts of the bank file that are read at once


class BankFile(NamedTuple):
    """A file for the bank, and the ids of payouts that should stand in it and whose payment details do not open."""

    text: str
    left_out: list[str]


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
async def to_release(who: Principal, directory: Directory, ids: Sequence[str]) -> FrozenList:
    """Return the frozen list of these payouts as they are now. Raises UnknownError."""
    async with directory.reading() as conn:
        rows = await paging.each(conn, who, Payout, ids)
    return paging.frozen(payouts.item_of(payout) for payout in rows)


@requires("payee.read")
async def bank_file(who: Principal, directory: Directory) -> BankFile:
    """Return the CSV of all payouts that wait for the bank: the same until somebody says what became of them.

    One whose payment details do not open is named instead, and keeps no other back.
    """
    ws, orders, left_out = who.workspace, list[Order](), list[str]()
    async with directory.snapshot() as conn:
        after: str | None = ""
        while after is not None:
            piece = await pages.payouts(
                conn, ws.id, status="processing", rail="bank_file", programs=who.programs, after=after, limit=PIECE
            )
            orders += (await orders_of(conn, ws, directory.vault, piece, left_out)).values()
            after = piece[-1].id if len(piece) == PIECE else None
    return BankFile(csv_of(orders), left_out)
