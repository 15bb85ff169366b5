"""Payouts: lists, one, what a release is given over, and the file for the bank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from goodword.app.directory import Directory
from goodword.app.follow.payouts import orders_of
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, paging, payees
from goodword.app.see.paging import FrozenList, Page
from goodword.core import conduct, payouts
from goodword.core.state import Member, Payout, Reward
from goodword.outbound.rails import REGISTRY, Order, csv_of
from goodword.store import entities, pages

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
