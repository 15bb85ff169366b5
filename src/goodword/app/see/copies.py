"""A copy of all that is held of one person, which they take with them: JSON, written piece by piece of what their own pages read.

What is nobody else's to know stays out as on those pages: who a friend is, what was noticed, what somebody else wrote. Where they are
paid is told by its last characters. Must not know: pages.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

import msgspec

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.see import disputes, held, own, taxes
from goodword.app.see.own import Brought, Mine
from goodword.app.see.paging import Page
from goodword.core import calendar
from goodword.core.state import Conversion, Letter, Payout
from goodword.store import entities, letters, log, pages

#: Of a kind that are read at once.
_AT_ONCE: Final = 100
_LATEST: Final = (2**62, "~")

T = TypeVar("T")
Plain = Mapping[str, Any]


@requires("own.rewards")
def of_oneself(who: Principal, directory: Directory) -> AsyncIterator[bytes]:
    """Return the copy of who asks, in pieces: one JSON document. Amounts are in minor units or points, instants in UTC."""
    return _written(who, directory)


async def _written(who: Principal, directory: Directory) -> AsyncIterator[bytes]:
    async with directory.reading() as conn:
        now = (await log.stream(conn, who.workspace.id)).now(directory.now())
        _, names = await taxes.names_of(conn, who.workspace.id, who.actor.id)
    home = await own.home(who, directory)
    head = {
        "copy_of": who.actor.id,
        "made_at": calendar.text(now),
        "workspace": {"id": who.workspace.id, "name": who.workspace.name},
        "ids": list(names),
        "held": _held(await held.all_of_oneself(who, directory)),
        "balance": [
            {"line": it.code, "unit": unit, "amount": amount} for it in home.balance for unit, amount in it.amounts
        ],
        "programs": [
            {
                "program": it.program,
                "status": it.status,
                "since": calendar.text(it.since),
                "accepted_terms": it.accepted,
                "links": [{"code": link.code, "url": link.url} for link in it.links],
            }
            for it in home.parts
        ],
    }
    yield msgspec.json.encode(head)[:-1]
    lists = {
        "orders": _orders(who, directory),
        "referrals": _paged(lambda before: own.referrals(who, directory, before=before), _brought),
        "rewards": _paged(lambda before: own.rewards(who, directory, before=before), _reward),
        "payouts": _paged(lambda before: _payouts(who, directory, before), _payout),
        "messages": _messages(who, directory, names),
        "conversations": _conversations(who, directory),
    }
    for name, items in lists.items():
        yield b',"%s":[' % name.encode()
        comma = b""
        async for it in items:
            yield comma + msgspec.json.encode(it)
            comma = b","
        yield b"]"
    yield b"}"


async def _paged(page: Callable[[str], Awaitable[Page[T]]], told: Callable[[T], Plain]) -> AsyncIterator[Plain]:
    before: str | None = ""
    while before is not None:
        found = await page(before)
        for it in found.items:
            yield told(it)
        before = found.after


async def _payouts(who: Principal, directory: Directory, before: str) -> Page[Payout]:
    return (await own.payments(who, directory, before=before)).page


async def _orders(who: Principal, directory: Directory) -> AsyncIterator[Plain]:
    after = pages.LATEST, pages.FIRST
    while True:
        async with directory.reading() as conn:
            found = await pages.newest_conversions(
                conn, who.workspace.id, status=None, person=who.actor.id, after=after, limit=_AT_ONCE
            )
        for it in found:
            yield _order(it)
        if len(found) < _AT_ONCE:
            return
        after = found[-1].at, found[-1].id


async def _messages(who: Principal, directory: Directory, names: tuple[str, ...]) -> AsyncIterator[Plain]:
    before, ws = _LATEST, who.workspace
    while True:
        async with directory.reading() as conn:
            ids = await letters.of_person(conn, ws.id, names, before, _AT_ONCE)
            found = {it.id: it for it in await entities.load(conn, ws.id, Letter, ids)}
            said = {id_: await letters.said(conn, ws, directory.vault, id_) for id_ in found}
        for it in (found[id_] for id_ in ids if id_ in found):
            yield {"topic": it.topic, "status": it.status, "at": calendar.text(it.at), "text": said[it.id]}
        if len(ids) < _AT_ONCE:
            return
        before = found[ids[-1]].at, ids[-1]


async def _conversations(who: Principal, directory: Directory) -> AsyncIterator[Plain]:
    async for id_ in _paged(lambda before: disputes.own(who, directory, before=before), lambda it: {"id": it.id}):
        it = await disputes.own_one(who, directory, id_["id"])
        messages = [{"side": one.side, "at": calendar.text(one.at), "text": one.text} for one in it.messages]
        told = {"about": it.subject, "reason": it.reason, "status": it.status, "opened_at": calendar.text(it.opened_at)}
        yield {**told, "messages": messages}


def _held(it: held.Held) -> Plain:
    return {
        "called": it.name,
        "values": [
            {"kind": one.kind, "text": one.text, "source": one.source, "since": _time(one.since)} for one in it.values
        ],
        "more": it.more,
        "country": it.country,
        "language": it.language,
        "time_zone": it.zone,
        "browsers": it.browsers,
        "came_by": [{"program": one.program, "by": one.by, "since": calendar.text(one.since)} for one in it.came],
        "paid_to": {"rail": it.account.rail, "last": it.account.last, "since": _time(it.account.since)}
        if it.account
        else None,
        "tax_forms": list(it.forms),
        "consents": [
            {
                "purpose": one.purpose,
                "channel": one.channel,
                "outcome": "given" if one.given else "revoked",
                "at": calendar.text(one.at),
                "until": _time(one.until),
                "holds": one.holds,
            }
            for one in it.agreed
        ],
    }


def _order(it: Conversion) -> Plain:
    return {
        "id": it.id,
        "name": it.name,
        "status": it.status,
        "at": calendar.text(it.at),
        "amount": it.amount,
        "currency": it.currency,
        "returned": it.back.amount,
        "country": it.country,
    }


def _brought(it: Brought) -> Plain:
    return {
        "program": it.program,
        "since": calendar.text(it.since),
        "status": it.status,
        "friend": it.name,
        "rewards": [one.reward.id for one in it.rewards],
        "nothing": [
            {"at": calendar.text(one.at), "why": one.said, "what_could_change_it": one.change} for one in it.nothing
        ],
    }


def _reward(it: Mine) -> Plain:
    reward = it.reward
    return {
        "id": reward.id,
        "program": it.program,
        "side": reward.side,
        "kind": reward.kind,
        "amount": reward.amount,
        "unit": reward.unit,
        "stage": it.stage,
        "why": it.said,
        "earned_at": calendar.text(reward.earned_at),
        "payout": reward.payout,
    }


def _payout(it: Payout) -> Plain:
    return {
        "id": it.id,
        "rail": it.rail,
        "amount": it.amount,
        "unit": it.unit,
        "status": it.status,
        "reference": it.reference,
        "paid_on": it.paid_on,
    }


def _time(at: int | None) -> str | None:
    return calendar.text(at) if at is not None else None
