"""Mail by SMTP: a letter in plain text and in HTML, given to the server of the settings. Must not know: what is written, or why.

What stands in a header has no line ends, so that nobody writes a header of their own by a name.
"""

from __future__ import annotations

import secrets
from base64 import encodebytes
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr
from functools import lru_cache
from html import escape
from typing import Any, Final, NamedTuple

import aiosmtplib

_TIMEOUT: Final = 15  # seconds for each step
_SUBJECT: Final = 150  # characters
_END: Final = "\r\n"
_LINE: Final = 66  # characters of a subject on the line that begins with its name


class MailError(Exception):
    """A mail was not taken. The message says why, and tells no password.

    ``kind``: the same in a word that names nobody, a code of the server's or what went wrong; ``unsure``: its text was handed over, and
    nobody knows whether it was taken.
    """

    def __init__(self, message: str, kind: str = "address", *, unsure: bool = False) -> None:
        super().__init__(message)
        self.kind = kind
        self.unsure = unsure


class Server(NamedTuple):
    """Where mail is given to. ``security``: tls from the first byte; starttls, without which nothing is sent; or none.

    ``sender``: an address, or a name and an address: ``Goodword <refer@shop.example>``.
    """

    host: str
    port: int
    security: str
    sender: str
    user: str | None = None
    password: str | None = None


class Letter(NamedTuple):
    """What is sent. ``link``: an address and what its button says; ``lines``: of a list, each a text and the address that it leads to.

    ``foot``: what stands below; ``ends``: an address where one says that one wants no more of it.
    ``language``: in which it is written. ``whole``: text and HTML as they are sent, in the place of all but the subject and ``ends``.
    """

    subject: str
    paragraphs: tuple[str, ...]
    link: tuple[str, str] | None = None
    lines: tuple[tuple[str, str], ...] = ()
    foot: str = ""
    ends: str | None = None
    whole: tuple[str, str] | None = None
    language: str = "en"


#: What is done before the text of a mail is handed over: from then on it may arrive. Whatever it raises is raised, and none is sent.
Before = Callable[[], Awaitable[None]]


class _Client(aiosmtplib.SMTP):
    """A client that does something before the text of a mail is handed over; ``handed``: whether that was begun."""

    before: Before | None = None
    handed = False

    async def data(self, *args: Any, **named: Any) -> Any:
        if self.before is not None:
            await self.before()
        self.handed = True
        return await super().data(*args, **named)


class Post:
    """Gives letters to a server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    @property
    def sender(self) -> str:
        """As whom mail is sent."""
        return self._server.sender

    @property
    def host(self) -> str:
        """The server that mail is given to."""
        return self._server.host

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Line]:
        """Yield a connection on which mails are given one after the other. Raises MailError where there is none."""
        line = Line(self._server)
        try:
            await line.connect()
            yield line
        finally:
            line.close()

    async def send(self, to: str, letter: Letter, before: Before | None = None) -> str:
        """Give a letter to the server; return its Message-ID. Raises MailError where it was not taken, or nobody knows it."""
        message = written(self._server.sender, to, letter)
        server, client = self._server, _client(self._server)
        client.before = before
        try:
            async with client:
                await client.send_message(message)
        except (aiosmtplib.SMTPException, OSError) as error:
            answered = isinstance(error, aiosmtplib.SMTPResponseException | aiosmtplib.SMTPRecipientsRefused)
            kind = str(error.code) if isinstance(error, aiosmtplib.SMTPResponseException) else type(error).__name__
            why = f"{server.host}:{server.port} did not take the mail: {_told(error)}"
            raise MailError(why, kind, unsure=client.handed and not answered) from error
        return str(message["Message-ID"])


class Mail(NamedTuple):
    """A mail as it is given to the server. ``stops``: an address where one click says that one wants no more of it (RFC 8058).

    ``id``: what stands before the @ of its Message-ID, by which a report on it names it.
    """

    to: str
    id: str
    subject: str
    text: str
    html: str
    stops: str


class Line:
    """A connection to the server, opened anew where it was lost."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._client: _Client | None = None

    async def connect(self) -> None:
        """Open the connection. Raises MailError."""
        client = _client(self._server)
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            raise _failed(self._server, error, unsure=False) from error
        self._client = client

    def close(self) -> None:
        """Close it; the server is told nothing more."""
        if self._client is not None:
            self._client.close()
            self._client = None

    async def give(self, mail: Mail) -> None:
        """Give a mail to the server. Raises MailError, whose ``kind`` is the number that the server answered, if it did."""
        data, sender = encoded(self._server.sender, mail), _address(self._server.sender)
        if self._client is None or not self._client.is_connected:
            await self.connect()
        client = self._client
        assert client is not None  # noqa: S101 - it was opened
        client.handed = False
        options = [] if mail.to.isascii() else ["SMTPUTF8"]
        try:
            await client.sendmail(sender, [mail.to], data, mail_options=options)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            answered = isinstance(error, aiosmtplib.SMTPResponseException | aiosmtplib.SMTPRecipientsRefused)
            if not answered:
                self.close()
            raise _failed(self._server, error, unsure=client.handed and not answered) from error


def _client(server: Server) -> _Client:
    return _Client(
        hostname=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        use_tls=server.security == "tls",
        start_tls={"tls": False, "starttls": True, "none": False}[server.security],
        timeout=_TIMEOUT,
    )


def _failed(server: Server, error: Exception, *, unsure: bool) -> MailError:
    kind = type(error).__name__
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
        kind = str(error.recipients[0].code)
    elif isinstance(error, aiosmtplib.SMTPResponseException):
        kind = str(error.code)
    elif isinstance(error, ValueError | aiosmtplib.SMTPNotSupported):
        kind = "address"
    return MailError(f"{server.host}:{server.port} did not take the mail: {_told(error)}", kind, unsure=unsure)


def encoded(sender: str, mail: Mail) -> bytes:
    """Return the bytes of a mail. Raises MailError for an address that is none.

    They are written here, for the library takes longer than all else that a message needs. The two headers that say how it is stopped
    stand as they are on a line each: folded or encoded, as a library does with what is long, no mail provider reads them. They, too,
    are to be signed by whoever signs for the sender (DKIM).
    """
    _check(sender, mail.to)
    if not mail.stops.isascii() or not mail.stops.isprintable() or set("<> ") & set(mail.stops):
        raise ValueError(f"no address to unsubscribe at: {mail.stops!r}")
    boundary, subject = f"=_{secrets.token_hex(16)}", " ".join(mail.subject.split())[:_SUBJECT]
    head = (
        f"List-Unsubscribe: <{mail.stops}>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        _from(sender),
        f"To: {mail.to}",
        f"Subject: {_encoded(subject)}",
        f"Date: {formatdate()}",
        f"Message-ID: <{mail.id}@{_domain(sender)}>",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
        "",
    )
    parts = [_part(boundary, kind, text) for kind, text in (("plain", mail.text), ("html", mail.html))]
    return _END.join((*head, *parts, f"--{boundary}--", "")).encode()


def _encoded(subject: str) -> str:
    """Return a subject as a header has it; one that fits on its line stands as it is, but for what looks encoded already."""
    if subject.isascii() and len(subject) < _LINE and "=?" not in subject:
        return subject
    return Header(subject, "us-ascii" if subject.isascii() else "utf-8", 76, "Subject").encode(linesep=_END)


def _part(boundary: str, kind: str, text: str) -> str:
    """Return a part: in base64, which no server on the way has to change."""
    body = encodebytes(text.replace("\r\n", "\n").replace("\n", _END).encode()).decode().replace("\n", _END)
    head = f'--{boundary}{_END}Content-Type: text/{kind}; charset="utf-8"{_END}Content-Transfer-Encoding: base64'
    return f"{head}{_END}{_END}{body}"


@lru_cache(maxsize=16)
def _from(sender: str) -> str:
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    return message.as_bytes().decode("ascii").partition(_END * 2)[0].strip()


@lru_cache(maxsize=16)
def _address(sender: str) -> str:
    return parseaddr(sender)[1]


@lru_cache(maxsize=16)
def _domain(sender: str) -> str:
    return _address(sender).rpartition("@")[2]


def _check(sender: str, to: str) -> None:
    if any(not part.isprintable() for part in (to, sender)) or "@" not in to or parseaddr(to)[1] != to:
        raise MailError("That is no mail address.")


def _head(sender: str, to: str, subject: str, id_: str) -> EmailMessage:
    _check(sender, to)
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = " ".join(subject.split())[:_SUBJECT]
    message["Date"] = formatdate()
    message["Message-ID"] = id_
    message["Auto-Submitted"] = "auto-generated"
    return message


def written(sender: str, to: str, letter: Letter) -> EmailMessage:
    """Return a letter as a message with a plain part and one in HTML. Raises MailError for an address that is none."""
    message = _head(sender, to, letter.subject, make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2]))
    if letter.ends is not None:
        message["List-Unsubscribe"] = f"<{letter.ends}>"
    lines = [f"- {text}\n  {address}" for text, address in letter.lines]
    link, foot = [letter.link[0]] if letter.link else [], [f"-- \n{letter.foot}"] if letter.foot else []
    if letter.whole is not None:
        message.set_content(letter.whole[0])
        message.add_alternative(letter.whole[1], subtype="html")
        return message
    message.set_content("\n\n".join((*letter.paragraphs, *lines, *link, *foot)) + "\n")
    message.add_alternative(_html(letter), subtype="html")
    return message


def _html(letter: Letter) -> str:
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in letter.paragraphs)
    if letter.lines:
        its = [(escape(text), escape(address)) for text, address in letter.lines]
        body += "<ul>" + "".join(f'<li><a href="{address}">{text}</a></li>' for text, address in its) + "</ul>"
    if letter.link is not None:
        address, label = map(escape, letter.link)
        button = "display:inline-block;padding:10px 16px;border-radius:6px;background:#145c3f;color:#fff;text-decoration:none"
        body += f'<p><a href="{address}" style="{button}">{label}</a></p><p style="font-size:13px;color:#464c48">{address}</p>'
    if letter.foot:
        body += f'<p style="font-size:13px;color:#464c48">{escape(letter.foot)}</p>'
    look = "font:16px/24px system-ui,-apple-system,Segoe UI,Roboto,sans-serif;color:#16191a;max-width:560px;overflow-wrap:anywhere"
    return f'<!doctype html><html lang="{letter.language}"><body><div style="{look}">{body}</div></body></html>\n'


def _told(error: Exception) -> str:
    """Say what a server answered, on one line. Answers to a sign-in are told by their kind alone."""
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return "it refused the user name and password."
    return " ".join(str(error).split())[:200] or type(error).__name__
