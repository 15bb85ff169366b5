"""What a person says at the portal: that something is not right, that a friend is missing, an appeal, and what they write to the team.

They are the events that members say too, by the same write path. Nothing is put on the record of what is not theirs: who guesses at
ids fills no log. Of whether there is a friend of that mail or order nothing is told: whoever is named gets a row, known before or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import asyncpg

from goodword.app import mailboxes
from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.follow import portal_mail
from goodword.app.principal import Principal, requires
from goodword.app.say.said import note, say
from goodword.app.see import disputes as seen
from goodword.app.see import filters
from goodword.app.write.commands import Make, Naming
from goodword.core.disputes import DATA, ERASURE, REASONS
from goodword.core.entry import Entry
from goodword.core.events import CaseAppealed, CaseNoted, ClaimAppealed, ClaimEntered, ClaimNoted, DisputeOpened
from goodword.core.state import Conversion
from goodword.sources.identity import canonical_email
from goodword.sources.split import canonical
from goodword.store import entities, notes, people, portal
from goodword.store.seals import Written

#: Why a person claims or appeals, as the record calls it.
_WHY = "their_word"


@requires("own.dispute")
async def open_(who: Principal, directory: Directory, subject: str, reason: str, text: str | None, key: str) -> Entry:
    """Say that what was decided about a reward or referral of theirs is not right.

    Raises UnknownError, for another's too, InvalidError for a reason that is none.
    """
    if reason not in REASONS:
        raise InvalidError(f"reason: it can be {', '.join(REASONS)}.", "reason")
    await seen.about(who, directory, subject)
    typed = note(who, text, key)
    of: dict[str, Any] = {"person": who.actor.id, "subject": subject, "reason": reason, "note": typed.digest}
    return await say(who, directory, lambda s: DisputeOpened(**s, **of), key, also=typed.keep)


@requires("own.dispute")
async def complain(who: Principal, directory: Directory, text: str, key: str) -> Entry:
    """Say that what is held of oneself is not handled rightly. That it came is mailed to them, with the day of the answer."""
    box = await mailboxes.of_one(directory, who.workspace, who.actor.id)

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        await notes.add(conn, who.workspace, key, text)
        if box is not None and directory.post is not None and not entry.refused:
            why = portal_mail.Why(about="complaint", due=entry.as_of + seen.DAYS)
            await portal_mail.enqueue(conn, who.workspace, entry.event.evt, box, directory.now(), why=why)

    typed = note(who, text, key)
    of: dict[str, Any] = {"person": who.actor.id, "subject": who.actor.id, "reason": DATA, "note": typed.digest}
    return await say(who, directory, lambda s: DisputeOpened(**s, **of), key, also=also)


@requires("own.dispute")
async def ask_erasure(who: Principal, directory: Directory, key: str) -> Entry:
    """Ask to be erased once what is open was paid."""
    of = {"person": who.actor.id, "subject": who.actor.id, "reason": ERASURE}
    return await say(who, directory, lambda s: DisputeOpened(**s, **of), key)  # type: ignore[arg-type]


@requires("own.dispute")
async def appeal(who: Principal, directory: Directory, talk: str, text: str | None, key: str) -> Entry:
    """Have the answer to a dispute or claim of theirs looked at again, by another member. Raises UnknownError, for another's too."""
    it = await seen.own_one(who, directory, talk)
    typed = note(who, text, key)
    of: dict[str, Any] = {it.noun: it.id, "reason": _WHY, "note": typed.digest}
    make = CaseAppealed if it.noun == "case" else ClaimAppealed
    return await say(who, directory, lambda s: make(**s, **of), key, also=typed.keep)


@requires("own.dispute")
async def write(who: Principal, directory: Directory, talk: str, text: str, key: str) -> Entry:
    """Write to the team about a dispute or claim of theirs. Raises UnknownError, for another's too."""
    it = await seen.own_one(who, directory, talk)
    typed = note(who, text, key)
    of: dict[str, Any] = {it.noun: it.id, "note": typed.digest or "", "told": True}
    make = CaseNoted if it.noun == "case" else ClaimNoted
    return await say(who, directory, lambda s: make(**s, **of), key, also=typed.keep)


class Missing(NamedTuple):
    """A friend whom a person brought and who is missing. ``order``: the number of one of theirs; ``lead_at``: when it was."""

    program: str
    mail: str
    order: str | None
    lead_at: int


@requires("own.dispute")
async def claim(who: Principal, directory: Directory, friend: Missing, text: str, key: str) -> Entry:
    """Say that they brought somebody who is missing. Raises InvalidError for a mail that is no address."""
    known = canonical_email(friend.mail)
    if known is None:
        raise InvalidError("The mail is no address.", "mail")
    async with directory.reading() as conn:
        named = await filters.named(conn, who.workspace.id, friend.program)
    typed = note(who, text, key)
    made = partial(
        ClaimEntered,
        program=named,
        advocates=((who.actor.id, 1, 1),),
        lead_at=friend.lead_at,
        reason=_WHY,
        note=typed.digest,
    )
    return await say(who, directory, _naming(who, directory, friend, known, made), key, also=typed.keep)


def _naming(who: Principal, directory: Directory, friend: Missing, known: str, made: partial[ClaimEntered]) -> Naming:
    """Return what finds whom a mail or an order names, or gives them a row: their id is the same to whoever asked."""
    ws = who.workspace

    async def rows(conn: asyncpg.Connection, evt: str) -> tuple[Make, Sequence[Written]]:
        names = [("person", canonical("person", text)) for text in (friend.mail.strip(), known)]
        ids = await people.find(conn, ws.id, ws.keys, names)
        held = await portal.holders(conn, ws.id, portal.blinded(ws, known))
        key = [f"inv:{friend.order}"] if friend.order else []
        bought = [it.person for it in await entities.load(conn, ws.id, Conversion, key) if it.person is not None]
        new, brought = (
            await people.resolve(conn, ws.id, ws.keys, directory.vault, {names[1]: (known, evt)})
            if not (held or ids or bought)
            else ({}, {})
        )
        [person, *_] = [*held, *ids.values(), *bought, *new.values()]
        return lambda s: made(**s, person=person), brought.get(evt, [])

    return Naming(rows)
