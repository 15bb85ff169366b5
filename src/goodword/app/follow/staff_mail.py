"""Mail to members: one digest a day of what waits that they may act on, and at once what is urgent, each cause once until it is over.

A mail is a row of its own, written with the job that sends it in one commit: whoever looks, and however often, there is one. It is
marked before its text is handed to the server: what dies behind that is not sent again, since it may have arrived. Nothing is mailed of
friends and advocates: counts, sums and days, with the way to the list. Must not know: SMTP, pages, who is at the door.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

import asyncpg
import msgspec
from msgspec import Struct
from msgspec.structs import replace

from goodword import words
from goodword.app.directory import Directory, actor_of
from goodword.app.follow.kinds import Kind, Queue, one_by_one
from goodword.app.principal import Principal
from goodword.app.see import waiting
from goodword.app.see.waiting import Waiting
from goodword.core import calendar
from goodword.core.decision import Job
from goodword.core.state import Member
from goodword.outbound.mail import Letter, MailError
from goodword.settings import Daily
from goodword.store import entities, jobs, staff_mail, workspaces
from goodword.store.jobs import Leased, Retry, SaidError
from goodword.store.staff_mail import USUAL, Mail, Wants
from goodword.store.workspaces import Workspace

KIND: Final = "staff_mail"
#: So many urgent mails a member gets on a day; what is behind them waits for the digest, or for the next day.
MOST_URGENT: Final = 5
#: Lines of a mail, and for how many days it is known that one was written.
MOST_LINES: Final = 20
KEPT: Final = 30
_QUEUE: Final = Queue(KIND, slots=4)
_WITHIN: Final = 60.0  # seconds for one mail: four steps of the server's at most
_MINUTE: Final = calendar.MINUTE
#: Tried for about a day: what waited then is in the next digest.
_RETRY: Final = Retry(first=30_000_000, longest=3_600_000_000, attempts=30)
_ACCOUNT: Final = "/console/settings"

_log = logging.getLogger(__name__)


class Text(Struct, frozen=True):
    """What a mail says: its head, and of each line the text and the path that it leads to. It names nobody."""

    mail: Mail
    subject: str
    lede: str
    lines: tuple[tuple[str, str], ...]


class _TwiceError(Exception):
    """Somebody else has written it, or begun it."""


# --- what is written --------------------------------------------------------------------------------------------------


async def look(directory: Directory, at: Daily) -> None:
    """Write what members are to be told now. Without a mail server nothing is looked at."""
    if directory.post is None:
        return
    for workspace in await directory.every_workspace():
        try:
            await _of(directory, workspace, at)
        except Exception:  # noqa: BLE001 - the others go on, and it is looked again within a minute
            _log.exception("what waits for members of %s could not be told", workspace.id)


async def _of(directory: Directory, ws: Workspace, at: Daily) -> None:
    now = directory.now()
    day = calendar.day(now, at.zone)
    local = calendar.moment(now).astimezone(calendar.zone(at.zone))
    is_due = local.hour * 60 + local.minute >= at.minute
    async with directory.pool.acquire() as conn:
        members = [it for it in await entities.every(conn, ws.id, Member) if it.roles and it.became is None]
        reached = {id_ for id_, _ in await workspaces.sealed_mails(conn, ws)}
        wishes, told = await staff_mail.wishes(conn, ws.id), await staff_mail.told(conn, ws.id)
        seen = await staff_mail.seen(conn, ws.id, day)
        if is_due and not seen:
            await staff_mail.forget(conn, ws.id, calendar.day(now - KEPT * calendar.DAY, at.zone))
    for member in members:
        wants: Wants = wishes.get(member.id, USUAL)
        if member.id not in reached or wants == "off":
            continue
        who = Principal("session", ws, actor_of(member))
        try:
            if is_due and member.id not in seen:
                await _digest(directory, who, day)
            if wants == "urgent":
                await _urgent(directory, who, day, told.get(member.id, set()))
        except Exception:  # noqa: BLE001 - what one may read is nobody else's: the others are told theirs
            _log.exception("what waits for %s of %s could not be told", member.id, ws.id)


async def _digest(directory: Directory, who: Principal, day: str) -> None:
    """Settle the digest of a day: where nothing waits there is none, and it is not looked again."""
    mail, found = Mail(who.actor.id, "digest", day), await waiting.mine(who, directory)
    async with directory.pool.acquire() as conn, conn.transaction():
        if await staff_mail.write(conn, who.workspace.id, mail, directory.now()) and found:
            subject = words.counted("mail.staff.digest", len(found), workspace=_name(who.workspace))
            lede = words.page("mail.staff.digest.lede", workspace=who.workspace.name, day=words.day(directory.now()))
            await _enqueue(conn, who.workspace, Text(mail, subject, lede, _lines(found)), directory.now())


async def _urgent(directory: Directory, who: Principal, day: str, known: set[str]) -> None:
    """Tell what is new of what is urgent; what is over may be told again."""
    ws, now = who.workspace, directory.now()
    alarms = {it.key: it.waiting for it in await waiting.alarms(who, directory)}
    if alarms.keys() == known:
        return
    try:
        async with directory.pool.acquire() as conn, conn.transaction():
            await staff_mail.over(conn, ws.id, who.actor.id, known - alarms.keys())
            many = await staff_mail.urgent_of(conn, ws.id, who.actor.id, day)
            if many >= MOST_URGENT:
                return
            fresh = await staff_mail.tell(conn, ws.id, who.actor.id, sorted(alarms.keys() - known), now)
            if not fresh:
                return
            mail = Mail(who.actor.id, "urgent", day, many + 1)
            await _first(conn, ws, mail, now)
            lines = _lines(_together([alarms[key] for key in sorted(fresh)]))
            subject = words.page("mail.staff.urgent", workspace=_name(ws), first=lines[0][0])
            lede = words.page("mail.staff.urgent.lede", workspace=ws.name)
            await _enqueue(conn, ws, Text(mail, subject, lede, lines), now)
    except _TwiceError:
        return  # of two who look at one moment one tells it, and who lost sees next time that it was told


async def _first(conn: asyncpg.Connection, ws: Workspace, mail: Mail, now: int) -> None:
    if not await staff_mail.write(conn, ws.id, mail, now):
        raise _TwiceError


async def _enqueue(conn: asyncpg.Connection, ws: Workspace, text: Text, now: int) -> None:
    payload = msgspec.to_builtins(text)
    job = Job(id=text.mail.id, kind=KIND, subject=text.mail.member, queue=_QUEUE.name, payload=payload)
    await jobs.add(conn, ws.id, [job], now)


def _name(ws: Workspace) -> str:
    return ws.name if ws.mode == "live" else words.page("mail.staff.sandbox", workspace=ws.name)


def _together(found: Sequence[Waiting]) -> list[Waiting]:
    """Rewards whose day is gone are one line, whatever their number."""
    late = [it for it in found if it.code == "late"]
    others = [it for it in found if it.code != "late"]
    if not late:
        return others
    sums: dict[str, int] | None = None
    for it in late:
        for unit, amount in (it.sums or {}).items():
            sums = {**(sums or {}), unit: (sums or {}).get(unit, 0) + amount}
    return [replace(late[0], count=len(late), oldest=min(it.oldest or 0 for it in late), sums=sums), *others]


def _lines(found: Sequence[Waiting]) -> tuple[tuple[str, str], ...]:
    lines = [(_line(it), f"/console{it.path}") for it in found[:MOST_LINES]]
    if len(found) > MOST_LINES:
        lines.append((words.page("mail.staff.more", count=len(found) - MOST_LINES), "/console"))
    return tuple(lines)


def _line(it: Waiting) -> str:
    """Return a line: how much waits, what it comes to, since when, and what of it is late."""
    more = "" if it.count < waiting.MOST else words.page("mail.staff.or_more")
    about, since = it.about[:80], words.day(it.oldest) if it.oldest is not None else ""
    text = words.counted(f"mail.staff.line.{it.code}", it.count, more=more, about=about, left=it.left, since=since)
    parts = [text]
    if it.sums:
        units = sorted(it.sums.items())[:5]
        parts.append(" + ".join(words.money(amount, unit) for unit, amount in units))
    if it.oldest is not None and it.code not in ("silent", "late", "feed_silent"):
        parts.append(words.page("mail.staff.since", day=since))
    if it.late:
        parts.append(words.counted("mail.staff.late", it.late))
    return ", ".join(parts)


# --- what is sent -----------------------------------------------------------------------------------------------------


def kinds(directory: Directory) -> dict[str, Kind]:
    """Return the kind of job that gives a mail to the server."""

    async def work(ws: str, job: Leased) -> None:
        await _send(directory, ws, msgspec.json.decode(job.payload, type=Text))

    return {KIND: Kind(one_by_one(work), _QUEUE, within=_WITHIN, most=1, retry=_RETRY)}


async def _send(directory: Directory, ws: str, text: Text) -> None:
    """Give a mail to the server, unless it may have arrived, or its member is one no more, or wants it no more."""
    workspace, post, mail = await directory.workspace(ws), directory.post, text.mail
    if workspace is None:
        raise LookupError(f"there is no workspace {ws}")
    if post is None:
        raise SaidError("no mail server is known: set GOODWORD_SMTP_URL")
    async with directory.pool.acquire() as conn:
        known = await entities.load(conn, ws, Member, [mail.member])
        to = await workspaces.mail(conn, workspace, mail.member)
        wants: Wants = (await staff_mail.wishes(conn, ws)).get(mail.member, USUAL)
        arrived = await staff_mail.begun(conn, ws, mail)
    gone = to is None or not known or not known[0].roles or known[0].became is not None
    if arrived or gone or wants == "off" or (mail.kind == "urgent" and wants != "urgent"):
        return

    async def before() -> None:
        async with directory.pool.acquire() as conn:
            if not await staff_mail.begin(conn, ws, mail, directory.now()):
                raise _TwiceError

    try:
        await post.send(str(to), _letter(directory, workspace, text), before)
    except _TwiceError:
        return
    except MailError as error:
        if not error.unsure:
            async with directory.pool.acquire() as conn:
                await staff_mail.refused(conn, ws, mail)
        raise SaidError(f"the mail server {post.host} did not take it: {error.kind}") from None


def _letter(directory: Directory, ws: Workspace, text: Text) -> Letter:
    url = directory.engine.url
    lines = tuple((said, f"{url}{path}") for said, path in text.lines)
    account = f"{url}{_ACCOUNT}"
    foot = words.page("mail.staff.foot", workspace=ws.name, address=account)
    return Letter(text.subject, (text.lede,), lines=lines, foot=foot, ends=account)
