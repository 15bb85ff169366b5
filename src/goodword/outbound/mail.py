"""Mail by SMTP: a letter in plain text and in HTML, given to the server of the settings. Must not know: what is written, or why.

What stands in a header has no line ends, so that nobody writes a header of their own by a name.
"""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr
from html import escape
from typing import Final, NamedTuple

import aiosmtplib

_TIMEOUT: Final = 15  # seconds for each step
_SUBJECT: Final = 150  # characters


class MailError(Exception):
    """A mail was not taken. The message says why, and tells no password."""


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
    """What is sent. ``link``: an address and what its button says."""

    subject: str
    paragraphs: tuple[str, ...]
    link: tuple[str, str] | None = None


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

    async def send(self, to: str, letter: Letter) -> str:
        """Give a letter to the server; return its Message-ID. Raises MailError where it was not taken."""
        message = written(self._server.sender, to, letter)
        server = self._server
        try:
            await aiosmtplib.send(
                message,
                hostname=server.host,
                port=server.port,
                username=server.user,
                password=server.password,
                use_tls=server.security == "tls",
                start_tls={"tls": False, "starttls": True, "none": False}[server.security],
                timeout=_TIMEOUT,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailError(f"{server.host}:{server.port} did not take the mail: {_told(error)}") from error
        return str(message["Message-ID"])


def written(sender: str, to: str, letter: Letter) -> EmailMessage:
    """Return a letter as a message with a plain part and one in HTML. Raises MailError for an address that is none."""
    if any(not part.isprintable() for part in (to, sender)) or "@" not in parseaddr(to)[1] or parseaddr(to)[1] != to:
        raise MailError("That is no mail address.")
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = " ".join(letter.subject.split())[:_SUBJECT]
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n\n".join((*letter.paragraphs, *([letter.link[0]] if letter.link else []))) + "\n")
    message.add_alternative(_html(letter), subtype="html")
    return message


def _html(letter: Letter) -> str:
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in letter.paragraphs)
    if letter.link is not None:
        address, label = map(escape, letter.link)
        button = "display:inline-block;padding:10px 16px;border-radius:6px;background:#145c3f;color:#fff;text-decoration:none"
        body += f'<p><a href="{address}" style="{button}">{label}</a></p><p style="font-size:13px;color:#464c48">{address}</p>'
    look = "font:16px/24px system-ui,-apple-system,Segoe UI,Roboto,sans-serif;color:#16191a;max-width:560px;overflow-wrap:anywhere"
    return f'<!doctype html><html lang="en"><body><div style="{look}">{body}</div></body></html>\n'


def _told(error: Exception) -> str:
    """Say what a server answered, on one line. Answers to a sign-in are told by their kind alone."""
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return "it refused the user name and password."
    return " ".join(str(error).split())[:200] or type(error).__name__
