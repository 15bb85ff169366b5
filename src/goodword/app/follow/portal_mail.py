"""Mails the links by which persons sign in at the portal: a job for each that was asked for, whether anybody has the mail or not.

The job is committed before anything is sent. The link is kept before the text of its mail is handed over: what dies behind that is not
sent again, since it may have arrived; who waits asks for another one. The job keeps no mail, but what finds it: whose it is tells where
it goes, and of who was erased nothing is left. Of who asks to join, and may be known to nobody, it keeps what they said, sealed.
Must not know: pages, who asked.
"""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from typing import Final, Literal, NamedTuple
from unicodedata import normalize

import asyncpg
import msgspec
from msgspec import Struct

from goodword import words
from goodword.app import mailboxes
from goodword.app.directory import Directory
from goodword.app.follow.kinds import Kind, Queue, one_by_one
from goodword.app.joining import Joinable, Joining, joinable
from goodword.core import kin
from goodword.core.decision import Job
from goodword.core.state import Kin
from goodword.outbound.mail import Letter, MailError
from goodword.sources.identity import canonical_email, written_email
from goodword.store import entities, jobs, portal
from goodword.store.jobs import Leased, Retry, SaidError
from goodword.store.workspaces import Workspace
from goodword.words.catalogue import ENGLISH, speaking, spoken

KIND: Final = "portal_mail"
_QUEUE: Final = Queue(KIND, slots=4)
_WITHIN: Final = 60.0  # seconds for one mail: four steps of the server's at most
_RETRY: Final = Retry(first=5_000_000, longest=120_000_000, attempts=12)


#: What a mail is about that goes to who is known and has just spoken at the portal.
About = Literal["erasure", "complaint"]


class Asked(Struct, frozen=True, omit_defaults=True):
    """What the job keeps. ``mail``: its blind index, in base64; ``at``: when it was asked for, in microseconds of the real clock.

    ``joining``: what somebody said who asks to join a program, sealed, in base64; ``merging``: who says that its account is theirs too,
    or asks to be erased. ``about``: what the mail is about, if not only coming in; ``due``: by when a complaint is answered.
    ``language``: that of the page on which it was asked for.
    """

    id: str
    mail: str
    at: int
    joining: str | None = None
    merging: str | None = None
    about: About | None = None
    due: int | None = None
    language: str = ENGLISH


class Why(NamedTuple):
    """Why a link is mailed to who is known: as ``Asked`` calls it."""

    merging: str | None = None
    about: About | None = None
    due: int | None = None


class _TwiceError(Exception):
    """It was begun before."""


async def enqueue(
    conn: asyncpg.Connection,
    ws: Workspace,
    asked: str,
    mail: str,
    now: int,
    joining: Joining | None = None,
    why: Why | None = None,
) -> None:
    """Have a link mailed to whoever has a canonical mail, or to who asks to join. ``asked``: what no other one is called.

    ``why``: if not only to come in.
    """
    said = portal.sealed(ws, asked, msgspec.json.encode(joining)) if joining is not None else None
    kept = b64encode(said).decode() if said is not None else None
    blind = b64encode(portal.blinded(ws, mail)).decode()
    payload = msgspec.to_builtins(Asked(asked, blind, now, kept, *(why or Why()), spoken()))
    await jobs.add(
        conn, ws.id, [Job(id=f"{KIND}:{asked}", kind=KIND, subject=asked, queue=_QUEUE.name, payload=payload)], now
    )


def kinds(directory: Directory) -> dict[str, Kind]:
    """Return the kind of job that mails links."""

    async def work(ws: str, job: Leased) -> None:
        asked, again = msgspec.json.decode(job.payload, type=Asked), False
        try:
            await _send(directory, ws, asked)
        except Exception:
            again = job.attempts < (_RETRY.attempts or 0)
            raise
        finally:
            if asked.joining is not None and not again:  # the link has it now, or nobody asks for it any more
                async with directory.pool.acquire() as conn:
                    await portal.forget_joining(conn, ws, job.id)

    return {KIND: Kind(one_by_one(work), _QUEUE, within=_WITHIN, most=1, retry=_RETRY)}


async def _send(directory: Directory, id_: str, asked: Asked) -> None:
    """Give a mail to the server, unless nobody has it, it may have arrived, or who asked has waited for too long."""
    ws, post = await directory.workspace(id_), directory.post
    if ws is None:
        raise LookupError(f"there is no workspace {id_}")
    if post is None:
        raise SaidError("no mail server is known: set GOODWORD_SMTP_URL")
    sealed = b64decode(asked.joining) if asked.joining is not None else None
    joining = opened(ws, asked.id, sealed) if sealed is not None else None
    page = await joinable(directory, ws.id, joining.program) if joining is not None else None
    async with directory.pool.acquire() as conn:
        written = await holders(conn, ws, directory, b64decode(asked.mail))
        if asked.merging is not None:
            written = await _of_others(conn, ws, written, asked.merging, own=asked.about == "erasure")
        over = directory.now() >= asked.at + portal.LINK_LASTS
        anybody = page is not None and page.status == "open" and page.joiners == "anybody"
        begun = portal.begun if asked.merging is None else portal.merge_begun
        if over or not (written or anybody) or await begun(conn, ws.id, asked.id):
            return
    # Two spellings may be read alike and lead elsewhere: it goes to the one, and opens accounts of that one alone.
    to = next(iter(written.values()), joining.mail if joining is not None else "")
    persons = [person for person, its in written.items() if mailbox(its) == mailbox(to)]
    async with directory.pool.acquire() as conn:
        language = await mailboxes.language_of(conn, ws.id, persons, asked.language)
    token = secrets.token_urlsafe(32)

    async def before() -> None:
        async with directory.pool.acquire() as conn:
            of = (conn, ws.id, asked.id, token, persons, directory.now())
            mail = b64decode(asked.mail)
            if not await (portal.new_link(*of, sealed) if asked.merging is None else portal.link_merge(*of, mail)):
                raise _TwiceError

    with speaking(language):
        letter = _letter(directory, ws, token, page, asked)
    try:
        await post.send(to, letter, before)
    except _TwiceError:
        return
    except MailError as error:
        if not error.unsure:
            async with directory.pool.acquire() as conn:
                await (portal.refused if asked.merging is None else portal.unlink_merge)(conn, ws.id, asked.id)
        raise SaidError(f"the mail server {post.host} did not take it: {error.kind}") from None


def opened(ws: Workspace, asked: str, sealed: bytes) -> Joining:
    """Return what somebody said who asks to join. Raises UnsealError."""
    return msgspec.json.decode(portal.opened(ws, asked, sealed), type=Joining)


async def holders(conn: asyncpg.Connection, ws: Workspace, directory: Directory, mail: bytes) -> dict[str, str]:
    """Return who has a mail as a trusted source says, by its blind index, and how that source wrote the mailbox."""
    persons = await portal.holders(conn, ws.id, mail)
    return await _written(conn, ws, directory, persons, mail) if persons else {}


async def _of_others(
    conn: asyncpg.Connection, ws: Workspace, written: dict[str, str], person: str, *, own: bool
) -> dict[str, str]:
    """Return those who are not, and were not merged into, who asks: nobody confirms their own account. ``own``: those who are."""
    known = {it.person: it for it in await entities.load(conn, ws.id, Kin, [person, *written])}
    now = {one: kin.root(lambda _, id_: known.get(id_), one) for one in (person, *written)}
    return {one: box for one, box in written.items() if (now[one] == now[person]) == own}


async def _written(
    conn: asyncpg.Connection, ws: Workspace, directory: Directory, persons: list[str], mail: bytes
) -> dict[str, str]:
    """Return the mailboxes of those whose mail it is now, as a trusted source wrote it last.

    Never as whoever asked did, nor as somebody said it whom nobody trusts; who has another one by now is not reached by the old one.
    """
    found = {person: it.mail for person, it in (await mailboxes.last(conn, ws, directory, persons)).items()}
    return {
        person: written_email(text)
        for person, text in sorted(found.items())
        if portal.blinded(ws, canonical_email(text) or "") == mail
    }


def mailbox(written: str) -> str | None:
    """Return what is equal for spellings of one mailbox: letters beyond ASCII are no others."""
    return canonical_email(written) if written.isascii() else normalize("NFC", written).lower()


def _letter(directory: Directory, ws: Workspace, token: str, page: Joinable | None, asked: Asked) -> Letter:
    """Return the mail: the address is the installation's own, whatever host was asked. ``page``: of the program that one joins."""
    of, names = ("mail.join", {"name": page.name}) if page is not None else ("mail", {})
    of, path = ("mail.merge", "merge") if asked.merging is not None else (of, "in")
    if asked.about is not None:
        of, path = f"mail.{asked.about}", "erasure" if asked.about == "erasure" else path
        names = {"day": words.day(asked.due)} if asked.due is not None else {}
    said = tuple(words.portal(f"{of}.{part}", workspace=ws.name, **names) for part in ("why", "once"))
    link = (f"{directory.engine.url}/portal/{ws.id}/{path}/{token}", words.portal(f"{of}.button"))
    return Letter(words.portal(f"{of}.subject", workspace=ws.name, **names), said, link, language=spoken())
