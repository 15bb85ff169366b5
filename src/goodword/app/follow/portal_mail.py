"""Mails the links by which persons sign in at the portal: a job for each that was asked for, whether anybody has the mail or not.

The job is committed before anything is sent. The link is kept before the text of its mail is handed over: what dies behind that is not
sent again, since it may have arrived; who waits asks for another one. Must not know: pages, who asked.
"""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from typing import Final
from unicodedata import normalize

import asyncpg
import msgspec
from msgspec import Struct

from goodword import words
from goodword.app.directory import Directory
from goodword.app.follow.kinds import Kind, Queue, one_by_one
from goodword.app.joining import Joinable, Joining, joinable
from goodword.core.decision import Job
from goodword.outbound.mail import Letter, MailError
from goodword.sources.identity import canonical_email, written_email
from goodword.store import jobs, people, portal
from goodword.store.jobs import Leased, Retry, SaidError
from goodword.store.workspaces import Workspace

KIND: Final = "portal_mail"
_QUEUE: Final = Queue(KIND, slots=4)
_WITHIN: Final = 60.0  # seconds for one mail: four steps of the server's at most
_RETRY: Final = Retry(first=5_000_000, longest=120_000_000, attempts=12)


#: In which an event says a mail.
_FIELDS: Final = ("email", "customer_email")


class Asked(Struct, frozen=True, omit_defaults=True):
    """What the job keeps. ``mail``: sealed, in base64; ``at``: when it was asked for, in microseconds of the real clock.

    ``joins``: what is sealed is all that somebody said who asks to join a program.
    """

    id: str
    mail: str
    at: int
    joins: bool = False


class _TwiceError(Exception):
    """It was begun before."""


async def enqueue(conn: asyncpg.Connection, ws: Workspace, asked: str, said: str | Joining, now: int) -> None:
    """Have a link mailed to whoever has a canonical mail, or to who asks to join. ``asked``: what no other one is called."""
    text = said if isinstance(said, str) else msgspec.json.encode(said).decode()
    sealed = b64encode(portal.sealed_mail(ws, asked, text)).decode()
    payload = msgspec.to_builtins(Asked(asked, sealed, now, joins=isinstance(said, Joining)))
    await jobs.add(
        conn, ws.id, [Job(id=f"{KIND}:{asked}", kind=KIND, subject=asked, queue=_QUEUE.name, payload=payload)], now
    )


def kinds(directory: Directory) -> dict[str, Kind]:
    """Return the kind of job that mails links."""

    async def work(ws: str, job: Leased) -> None:
        await _send(directory, ws, msgspec.json.decode(job.payload, type=Asked))

    return {KIND: Kind(one_by_one(work), _QUEUE, within=_WITHIN, most=1, retry=_RETRY)}


async def _send(directory: Directory, id_: str, asked: Asked) -> None:
    """Give a mail to the server, unless nobody has it, it may have arrived, or who asked has waited for too long."""
    ws, post = await directory.workspace(id_), directory.post
    if ws is None:
        raise LookupError(f"there is no workspace {id_}")
    if post is None:
        raise SaidError("no mail server is known: set GOODWORD_SMTP_URL")
    sealed = b64decode(asked.mail)
    joining = opened(ws, asked.id, sealed) if asked.joins else None
    page = await joinable(directory, ws.id, joining.program) if joining is not None else None
    mail = portal.opened_mail(ws, asked.id, sealed) if joining is None else joining.mail
    async with directory.pool.acquire() as conn:
        written = await holders(conn, ws, directory, mail)
        over = directory.now() >= asked.at + portal.LINK_LASTS
        anybody = page is not None and page.status == "open" and page.joiners == "anybody"
        if over or not (written or anybody) or await portal.begun(conn, ws.id, asked.id):
            return
    # Two spellings may be read alike and lead elsewhere: it goes to the one, and opens accounts of that one alone.
    to = next(iter(written.values()), mail)
    persons = [person for person, its in written.items() if mailbox(its) == mailbox(to)]
    token = secrets.token_urlsafe(32)

    async def before() -> None:
        async with directory.pool.acquire() as conn:
            joins = sealed if joining is not None else None
            if not await portal.new_link(conn, ws.id, asked.id, token, persons, directory.now(), joins):
                raise _TwiceError

    try:
        await post.send(to, _letter(directory, ws, token, page), before)
    except _TwiceError:
        return
    except MailError as error:
        if not error.unsure:
            async with directory.pool.acquire() as conn:
                await portal.refused(conn, ws.id, asked.id)
        raise SaidError(f"the mail server {post.host} did not take it: {error.kind}") from None


def opened(ws: Workspace, asked: str, sealed: bytes) -> Joining:
    """Return what somebody said who asks to join. Raises UnsealError."""
    return msgspec.json.decode(portal.opened_mail(ws, asked, sealed), type=Joining)


async def holders(conn: asyncpg.Connection, ws: Workspace, directory: Directory, mail: str) -> dict[str, str]:
    """Return who has a mail as a trusted source says, those known longest first, and how that source wrote the mailbox."""
    known = canonical_email(mail) or mail
    persons = await portal.holders(conn, ws, known)
    return {person: await _written(conn, ws, directory, person, evt, known) for person, evt in persons.items()}


async def _written(
    conn: asyncpg.Connection, ws: Workspace, directory: Directory, person: str, evt: str | None, mail: str
) -> str:
    """Return a mailbox as the trusted source wrote it, never as whoever asked did or as somebody said it later."""
    said = await people.personal_of(conn, ws.id, directory.vault, person, evt) if evt is not None else {}
    its = (written_email(str(it)) for name, it in said.items() if name in _FIELDS and canonical_email(str(it)) == mail)
    return next(its, mail)


def mailbox(written: str) -> str | None:
    """Return what is equal for spellings of one mailbox: letters beyond ASCII are no others."""
    return canonical_email(written) if written.isascii() else normalize("NFC", written).lower()


def _letter(directory: Directory, ws: Workspace, token: str, page: Joinable | None) -> Letter:
    """Return the mail: the address is the installation's own, whatever host was asked. ``page``: of the program that one joins."""
    of, names = ("mail.join", {"name": page.name}) if page is not None else ("mail", {})
    said = tuple(words.portal(f"{of}.{part}", workspace=ws.name, **names) for part in ("why", "once"))
    link = (f"{directory.engine.url}/portal/{ws.id}/in/{token}", words.portal(f"{of}.button"))
    return Letter(words.portal(f"{of}.subject", workspace=ws.name, **names), said, link)
