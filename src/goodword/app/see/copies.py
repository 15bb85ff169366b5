"""A copy of all that is held of one person, which they take with them: JSON, written piece by piece, however long the history is.

What is somebody else's stays out as on their pages: who a friend is, what a partner wrote of them, what was noticed. Payment details
and tax forms are whole for who has just signed in, by the mailbox or the company's own app, and else masked: a session that somebody
took over tells no account and no tax number. Must not know: pages.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
from msgspec.structs import replace

from goodword import words
from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.see import deals, disputes, held, own, taxes
from goodword.app.see import settings as chosen
from goodword.app.see.own import Brought, Mine
from goodword.app.see.paging import Page
from goodword.core import calendar
from goodword.core.state import Advocate, Conversion, Customer, Kin, Letter, Payout, Recipient
from goodword.store import entities, letters, log, notes, pages, payees, people, portal, tax_forms, touches

#: Of a kind that are read at once.
_AT_ONCE: Final = 100
_LATEST: Final = (2**62, "~")
#: What somebody else wrote of them, in words that may name others: staff look at it before it is handed out.
_OF_OTHERS: Final = frozenset(["note"])

T = TypeVar("T")
Plain = Mapping[str, Any]


@requires("own.rewards")
def of_oneself(who: Principal, directory: Directory, *, whole: bool, typed: bool = False) -> AsyncIterator[bytes]:
    """Return the copy of who asks, in pieces: one JSON document. Amounts are in minor units or points, instants in UTC.

    ``whole``: with payment details and tax forms as they were entered; else by their last characters and kinds. ``typed``: with what
    the team typed beside decisions about them, which reads the whole log; and with what a partner wrote of them.
    """
    return _written(
        who, directory, whole, typed, words.portal("own.about_me.copy.read_me", workspace=who.workspace.name)
    )


async def _written(
    who: Principal, directory: Directory, whole: bool, typed: bool, read_me: str
) -> AsyncIterator[bytes]:
    async with directory.reading() as conn:
        now = (await log.stream(conn, who.workspace.id)).now(directory.now())
        _, names = await taxes.names_of(conn, who.workspace.id, who.actor.id)
    head = {
        "read_me": read_me,
        "copy_of": who.actor.id,
        "made_at": calendar.text(now),
        "whole": whole,
        "workspace": {"id": who.workspace.id, "name": who.workspace.name},
        **await _accounts(who, directory, names),
        **await _held(who, directory),
        "payment_details": await _paid_to(who, directory) if whole else None,
        "tax_forms": await _tax_forms(who, directory, names) if whole else None,
    }
    yield msgspec.json.format(msgspec.json.encode(head), indent=1)[:-2]
    lists = {
        "said": _said(who, directory, names, frozenset() if typed else _OF_OTHERS),
        "clicks": _clicks(who, directory, names),
        "orders": _orders(who, directory, names),
        "referrals": _paged(lambda before: own.referrals(who, directory, before=before), _brought),
        "rewards": _paged(lambda before: own.rewards(who, directory, before=before), _reward),
        "payouts": _paged(lambda before: _payouts(who, directory, before), _payout),
        "statements": _statements(who, directory),
        "messages": _messages(who, directory, names),
        "conversations": _conversations(who, directory),
        "deals": _deals(who, directory),
        **({"typed_by_the_team": _typed(who, directory, names)} if typed else {}),
    }
    for name, items in lists.items():
        yield b',\n "%s": [' % name.encode()
        comma = b"\n  "
        async for it in items:
            yield comma + msgspec.json.encode(it)
            comma = b",\n  "
        yield b"]"
    yield b"\n}\n"


async def _accounts(who: Principal, directory: Directory, names: Sequence[str]) -> Plain:
    """Return the accounts that are theirs, with what is known of each, and where they are signed in."""
    ws = who.workspace
    async with directory.snapshot() as conn:
        external = await people.texts(conn, ws.id, ws.keys, directory.vault, names)
        customers = {it.person: it for it in await entities.load(conn, ws.id, Customer, names)}
        firms = [it.company for it in customers.values() if it.company is not None]
        firm_of = await people.texts(conn, ws.id, ws.keys, directory.vault, firms)
        merged = {it.person: it.root for it in await entities.load(conn, ws.id, Kin, names) if it.root != it.person}
        sessions = await portal.sessions(conn, ws.id, names)
        asked = await portal.asked_merge(conn, ws.id, who.actor.id, directory.now())
        scores = [it.score for it in await entities.load(conn, ws.id, Recipient, [who.actor.id])]
    accounts = [
        {"id": one, "external_id": external.get(one), "merged_into": merged.get(one)}
        | _customer(customers.get(one), firm_of)
        for one in names
    ]
    return {
        "accounts": accounts,
        "sessions": [
            {"by": it.way, "opened_at": calendar.text(it.opened_at), "until": calendar.text(it.until)}
            for it in sessions
        ],
        "merge_asked_until": _time(asked),
        "satisfaction": next(iter(scores), None),
    }


def _customer(it: Customer | None, firms: Mapping[str, str]) -> dict[str, Any]:
    if it is None:
        return {}
    return {
        "known_since": _time(it.known_since),
        "first_order_at": _time(it.first_conversion_at),
        "first_paid_at": _time(it.first_paid_at),
        "country": it.country,
        "language": it.language,
        "time_zone": it.time_zone,
        "company": firms.get(it.company or ""),
        "domain": it.domain,
        "traits": it.declared,
        "surveys": {
            name: {"score": one.score, "from": one.low, "to": one.high, "at": calendar.text(one.at)}
            for name, one in sorted(it.answers.items())
        },
        "issues": it.issues,
        "browsers": it.visitors,
    }


async def _held(who: Principal, directory: Directory) -> Plain:
    """Return by whom they came, what they chose and agreed to, and where they stand."""
    it, now = await held.of_oneself(who, directory), await chosen.own(who, directory)
    home = await own.home(who, directory)
    async with directory.reading() as conn:
        its = await pages.advocates(conn, who.workspace.id, person=who.actor.id, after="", limit=_AT_ONCE)
        slugs = {one.id: one.slug for one in await pages.programs(conn, who.workspace.id)}
    parts = {slugs[one.program]: one for one in its if one.program in slugs}
    holds = {(one.purpose, one.channel): one for one in it.agreed}
    latest = {(one.purpose, one.channel): one for one in reversed(now.agreed)}
    return {
        "called": it.called,
        "came_by": [{"program": one.program, "by": one.by, "since": calendar.text(one.since)} for one in it.came],
        "settings": {
            "paid_to": now.account
            and {"rail": now.account.rail, "last": now.account.last, "since": _time(now.account.since)},
            "entered_and_waits": now.entering
            and {
                "rail": now.entering.rail,
                "last": now.entering.last,
                "asked_at": calendar.text(now.entering.asked_at),
                "holds_from": _time(now.entering.due_at),
            },
            "tax_forms": it.forms,
            "language": now.language,
            "topics_not_wanted": now.off,
            "nothing_is_sent_because": now.stopped,
        },
        "consents": [
            {
                "purpose": one.purpose,
                "channel": one.channel,
                "outcome": "given" if one.given else "revoked",
                "at": calendar.text(one.at),
                "until": _time(last.until) if one is latest[key] else None,
                "holds": one is latest[key] and last.holds,
            }
            for one in now.agreed
            if (last := holds.get(key := (one.purpose, one.channel))) is not None
        ],
        "balance": [
            {"line": one.code, "unit": unit, "amount": amount} for one in home.balance for unit, amount in one.amounts
        ],
        "programs": [
            {
                "program": one.program,
                "status": one.status,
                "since": calendar.text(one.since),
                "accepted_terms": one.accepted,
                "links": [{"code": link.code, "url": link.url} for link in one.links],
                **_shares(parts.get(one.program)),
            }
            for one in home.parts
        ],
    }


def _shares(it: Advocate | None) -> Plain:
    if it is None:
        return {}
    shared = [{"at": calendar.text(one.at), "channel": one.channel, "text": one.text} for one in it.shared]
    return {"code_changed_at": _time(it.changed_at), "shared": shared}


async def _paid_to(who: Principal, directory: Directory) -> Plain | None:
    """Return payment details as they were entered, those that wait too, and by which name a bank knows the account."""
    ws, person = who.workspace, who.actor.id
    async with directory.reading() as conn:
        holds, _ = await payees.opened(conn, ws, directory.vault, [person])
        waits = await payees.entered(conn, ws, directory.vault, [person])
        bank = await payees.suggested(conn, ws, directory.vault, [person])
    if person not in holds:
        return None
    _, rail, details = holds[person]
    other = waits.get(person)
    return {
        "rail": rail,
        "details": details,
        "entered_and_waits": other and {"rail": other.rail, "details": other.details},
        "name_at_the_bank": bank.get(person),
    }


async def _tax_forms(who: Principal, directory: Directory, names: Sequence[str]) -> list[Plain]:
    async with directory.reading() as conn:
        found, _ = await tax_forms.opened(conn, who.workspace, directory.vault, names)
    return [{"jurisdiction": of, "details": details} for (_, of), details in sorted(found.items())]


async def _said(
    who: Principal, directory: Directory, names: Sequence[str], hidden: Collection[str]
) -> AsyncIterator[Plain]:
    """What was said of them, by whom and when, the newest first; ``hidden``: fields that are named and not shown."""
    ws = who.workspace.id
    for name in names:
        before: str | None = pages.FIRST
        while before is not None:
            async with directory.reading() as conn:
                found = await people.said_before(conn, ws, directory.vault, name, before, _AT_ONCE)
                entries = await log.of_each(conn, ws, [evt for evt, _ in found])
            for evt, fields in found:
                event = entries[evt].event if evt in entries else None
                yield {
                    "source": event.source if event is not None else None,
                    "at": _time(event.accepted_at if event is not None else None),
                    "fields": {key: value for key, value in fields.items() if key not in hidden},
                    "not_shown": [key for key in fields if key in hidden],
                }
            before = found[-1][0] if len(found) == _AT_ONCE else None


async def _typed(who: Principal, directory: Directory, names: Sequence[str]) -> AsyncIterator[Plain]:
    async with directory.reading() as conn:
        digests = await notes.about(conn, who.workspace.id, names)
    for place in range(0, len(digests), _AT_ONCE):
        async with directory.reading() as conn:
            found = await notes.each(conn, who.workspace, digests[place : place + _AT_ONCE])
        for text in found.values():
            yield {"text": text}


async def _clicks(who: Principal, directory: Directory, names: Sequence[str]) -> AsyncIterator[Plain]:
    """Clicks of browsers that are theirs, as far back as they are kept. By whose link stays out: it is somebody else's."""
    ws = who.workspace.id
    async with directory.reading() as conn:
        customers = await entities.load(conn, ws, Customer, names)
    for visitor in sorted({one for it in customers for one in it.visitors}):
        async with directory.reading() as conn:
            at = calendar.moment(directory.engine.clock.now())
            found = await touches.told(conn, ws, [visitor], [], at, touches.MOST)
        for touch, _ in found:
            yield {"at": calendar.text(touch.at), "browser": visitor, "by_a_program": touch.bot}


async def _statements(who: Principal, directory: Directory) -> AsyncIterator[Plain]:
    for year in (await own.payments(who, directory)).years:
        it = await own.statement(who, directory, year)
        if it.lines or it.payouts:
            yield {"year": year, "time_zone": it.timezone, "lines": msgspec.to_builtins(it.lines)}


async def _paged(page: Callable[[str], Awaitable[Page[T]]], told: Callable[[T], Plain]) -> AsyncIterator[Plain]:
    before: str | None = ""
    while before is not None:
        found = await page(before)
        for it in found.items:
            yield told(it)
        before = found.after


async def _payouts(who: Principal, directory: Directory, before: str) -> Page[Payout]:
    return (await own.payments(who, directory, before=before)).page


async def _orders(who: Principal, directory: Directory, names: Sequence[str]) -> AsyncIterator[Plain]:
    for name in names:
        after: tuple[int, str] | None = (pages.LATEST, pages.FIRST)
        while after is not None:
            async with directory.reading() as conn:
                found = await pages.newest_conversions(
                    conn, who.workspace.id, status=None, person=name, after=after, limit=_AT_ONCE
                )
            for it in found:
                yield _order(it)
            after = (found[-1].at, found[-1].id) if len(found) == _AT_ONCE else None


async def _messages(who: Principal, directory: Directory, names: tuple[str, ...]) -> AsyncIterator[Plain]:
    before, ws = _LATEST, who.workspace
    while True:
        async with directory.reading() as conn:
            ids = await letters.of_person(conn, ws.id, names, before, _AT_ONCE)
            found = {it.id: it for it in await entities.load(conn, ws.id, Letter, ids)}
            said = {id_: await letters.said(conn, ws, directory.vault, id_) for id_ in found}
        for it in (found[id_] for id_ in ids if id_ in found):
            told = {"topic": it.topic, "status": it.status, "reason": it.reason, "at": calendar.text(it.at)}
            yield {**told, "text": said[it.id]}
        if len(ids) < _AT_ONCE:
            return
        before = found[ids[-1]].at, ids[-1]


async def _conversations(who: Principal, directory: Directory) -> AsyncIterator[Plain]:
    async for id_ in _paged(lambda before: disputes.own(who, directory, before=before), lambda it: {"id": it.id}):
        it = await disputes.own_one(who, directory, id_["id"])
        messages = [{"side": one.side, "at": calendar.text(one.at), "text": one.text} for one in it.messages]
        told = {"about": it.subject, "reason": it.reason, "status": it.status, "opened_at": calendar.text(it.opened_at)}
        yield {**told, "messages": messages}


async def _deals(who: Principal, directory: Directory) -> AsyncIterator[Plain]:
    """Deals that they registered, with what they and sales wrote of each."""
    async with directory.reading() as conn:
        programs = [it.id for it in await pages.programs(conn, who.workspace.id)]
    for program in programs:
        limited = replace(who, actor=replace(who.actor, programs=(program,)))

        async def some(before: str, who: Principal = limited) -> Page[deals.Brought]:
            found = await deals.own(who, directory, before=before, limit=_AT_ONCE)
            return Page(found.deals, found.before)

        async for it in _paged(some, lambda it: {"deal": it}):
            deal = it["deal"]
            mine = deal.registration
            async with directory.reading() as conn:
                said = await people.personal_of(conn, who.workspace.id, directory.vault, mine.person, mine.evt)
            messages = [{"side": one.side, "at": calendar.text(one.at), "text": one.text} for one in deal.messages]
            told = {"id": mine.id, "company": deal.company, "status": mine.status, "note": said.get("note")}
            yield {**told, "messages": messages}


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
