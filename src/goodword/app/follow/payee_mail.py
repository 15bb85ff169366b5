"""Mails about payment details that a person entered in the place of others: the link by which they confirm it, and that it will hold.

Each is sent once: its link is kept before the text is handed over, and what dies behind that is not sent again, since it may have
arrived; who waits enters the details once more. Nothing stops these mails, for they protect whom they are for. It goes to the mail that
a trusted source said last of this very account, never of one that was merged into it, and the details stand there by their last
characters alone. Must not know: pages, when details hold.
"""

from __future__ import annotations

import secrets
from typing import Final, Literal

import msgspec
from msgspec import Struct

from goodword import words
from goodword.app.directory import Directory
from goodword.app.follow.kinds import Kind, Queue, one_by_one
from goodword.app.mailboxes import boxes_of, language_of
from goodword.core.payees import MAIL
from goodword.core.state import Payee
from goodword.outbound.mail import Letter, MailError
from goodword.outbound.rails import REGISTRY, last
from goodword.store import entities, payees
from goodword.store.jobs import Leased, Retry, SaidError
from goodword.store.payees import Entered
from goodword.store.workspaces import Workspace
from goodword.words.catalogue import catalogue, speaking, spoken

_QUEUE: Final = Queue(MAIL, slots=2)
_WITHIN: Final = 60.0  # seconds for one mail: four steps of the server's at most
_RETRY: Final = Retry(first=5_000_000, longest=120_000_000, attempts=12)


class _Asked(Struct, frozen=True):
    """What the job says: which mail, about which details, by their digest."""

    what: Literal["confirm", "notice"]
    destination: str


class _TwiceError(Exception):
    """It was begun before."""


def kinds(directory: Directory) -> dict[str, Kind]:
    """Return the kind of job that mails about them."""

    async def work(ws: str, job: Leased) -> None:
        await _send(directory, ws, job)

    return {MAIL: Kind(one_by_one(work), _QUEUE, within=_WITHIN, most=1, retry=_RETRY)}


async def _send(directory: Directory, id_: str, job: Leased) -> None:
    """Give a mail to the server, unless something else is asked for by now, it may have arrived, or nobody knows where it goes."""
    ws, post = await directory.workspace(id_), directory.post
    if ws is None:
        raise LookupError(f"there is no workspace {id_}")
    if post is None:
        raise SaidError("no mail server is known: set GOODWORD_SMTP_URL")
    asked, person = msgspec.json.decode(job.payload, type=_Asked), job.subject
    async with directory.reading() as conn:
        entered = (await payees.entered(conn, ws, directory.vault, [person])).get(person)
        box = (await boxes_of(conn, directory, ws, {person}, own=True)).get(person)
        payee = next(iter(await entities.load(conn, ws.id, Payee, [person])), None)
        language = await language_of(conn, ws.id, [person])
    if entered is None or box is None or entered.destination != asked.destination or entered.mailed == job.id:
        return
    token = secrets.token_urlsafe(32)
    until = payee.entering.due_at if payee is not None and payee.entering is not None else None

    async def before() -> None:
        async with directory.pool.acquire() as conn:
            if not await payees.link(conn, ws.id, person, asked.destination, token, job.id):
                raise _TwiceError

    with speaking(language):
        letter = _letter(directory, ws, token, asked.what, entered, until)
    try:
        await post.send(box.mail, letter, before)
    except _TwiceError:
        return
    except MailError as error:
        if not error.unsure:
            async with directory.pool.acquire() as conn:
                await payees.unlink(conn, ws.id, job.id)
        raise SaidError(f"the mail server {post.host} did not take it: {error.kind}") from None


def _letter(directory: Directory, ws: Workspace, token: str, what: str, entered: Entered, until: int | None) -> Letter:
    """Return the mail: the address is the installation's own, whatever host was asked."""
    tail = last(REGISTRY[entered.rail].fields, entered.details) or ""
    values = {"workspace": ws.name, "tail": tail, "until": catalogue().time(until)}
    said = tuple(words.portal(f"mail.payee.{what}.{part}", **values) for part in ("why", "then", "not_you"))
    link = (f"{directory.engine.url}/portal/{ws.id}/payout/{token}", words.portal(f"mail.payee.{what}.button"))
    return Letter(words.portal(f"mail.payee.{what}.subject", **values), said, link, language=spoken())
