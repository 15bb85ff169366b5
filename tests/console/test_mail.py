"""Mail: an invitation reaches a real SMTP server and signs in once; nothing that is typed writes a header."""

import re
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller
from tests.console.conftest import Console
from tests.console.test_sign_in import browser, ticked

from goodword import settings
from goodword.outbound.mail import Letter, MailError, Post, Server, written

__all__ = ["browser"]

OLGA = "olga@shop.example"


class Box:
    """A real SMTP server that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.to: list[list[str]] = []

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:  # noqa: N802 - the name is aiosmtpd's
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.to.append(envelope.rcpt_tos)
        return "250 OK"


@pytest.fixture
def box() -> Iterator[tuple[Box, Post]]:
    """Yield a server and what gives mail to it."""
    box = Box()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, Post(Server("127.0.0.1", port, "none", "Goodword <refer@shop.example>"))
    controller.stop()


def test_an_invitation_signs_in_once_and_nobody_else_sees_it(
    desk: Console, box: tuple[Box, Post], browser: httpx.Client
) -> None:
    """The link is in the mail alone, at the address of the settings whatever host was asked; no key is made."""
    kept, desk.api.goodword.directory.post = box
    keys = desk.json("/console/settings/keys")["keys"]
    sent = desk.form(
        "/console/settings/members",
        headers={"host": "evil.example"},
        mail="Ana@Shop.example",
        **ticked("role.approver"),
    )
    assert (sent.status_code, sent.headers["location"]) == (303, "/console/settings/members?done=invited")
    [mail] = kept.mails
    assert kept.to == [["ana@shop.example"]]
    assert mail["from"] == "Goodword <refer@shop.example>"
    assert mail["message-id"].endswith("@shop.example>")
    plain, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    [link] = re.findall(r"http\S+/console/in/[\w-]+", plain)
    assert link in html
    assert link.startswith(desk.api.url)
    assert link.rpartition("/")[2] not in sent.text + desk.html("/console/settings/members")
    assert desk.json("/console/settings/keys")["keys"] == keys
    [(expires,)] = desk.api.rows("select expires_at from login where workspace_id = $1 and kind = 'invite'")
    hours = (expires - desk.api.goodword.directory.now()) / 3_600_000_000
    assert 71 < hours <= 72
    assert browser.post(link).status_code == 303
    assert "ana@shop.example" in browser.get("/console").text
    assert browser.post(link).status_code == 404


def test_an_invitation_that_is_sent_twice_is_one_mail(desk: Console, box: tuple[Box, Post]) -> None:
    """As by a double click: the second form is the first one again."""
    kept, desk.api.goodword.directory.post = box
    for _ in range(2):
        said = desk.form("/console/settings/members", mail="ana@shop.example", once="1", **ticked("role.approver"))
        assert said.headers["location"] == "/console/settings/members?done=invited"
    assert kept.to == [["ana@shop.example"]]
    assert desk.api.rows("select count(*) from login where workspace_id = $1 and kind = 'invite'") == [(1,)]


def test_a_link_and_a_test_mail_are_sent_once(desk: Console, box: tuple[Box, Post]) -> None:
    """However often their form is, and another form sends another; a form without what tells them apart sends none."""
    kept, desk.api.goodword.directory.post = box
    desk.api.member("otto", "support")
    [otto] = [one["member"]["id"] for one in desk.json("/console/settings/members")["members"] if one["mail"] != OLGA]
    for path, to in ((f"/console/settings/members/{otto}/link", "otto@shop.example"), ("/console/settings/mail", OLGA)):
        kept.to.clear()
        for once in ("1", "1", "2", "2"):
            assert desk.form(path, once=f"{once} {path}"[:64]).status_code == 303
        assert kept.to == [[to], [to]]
        assert desk.form(path, once=None).status_code == 400
        assert len(kept.to) == 2
    assert desk.api.rows("select count(*) from login where workspace_id = $1 and kind = 'invite'") == [(2,)]
    assert [one["what"] for one in desk.api.get("/v1/looks", subject=otto)["items"]] == ["invited", "invited"]


def test_without_mail_nobody_is_invited(desk: Console) -> None:
    """The page says what to do and shows no link; the form does nothing."""
    assert "GOODWORD_SMTP_URL" in desk.html("/console/settings/members")
    refused = desk.form("/console/settings/members", mail="ana@shop.example", **ticked("role.approver"))
    assert refused.status_code == 409
    assert len(desk.json("/console/settings/members")["members"]) == 1
    assert desk.api.rows("select count(*) from login where workspace_id = $1") == [(0,)]


def test_a_test_mail_arrives_or_the_page_says_why(desk: Console, box: tuple[Box, Post]) -> None:
    """It goes to who asks."""
    kept, desk.api.goodword.directory.post = box
    assert desk.form("/console/settings/mail").headers["location"].endswith("done=mail_sent")
    assert kept.to == [["olga@shop.example"]]
    desk.api.goodword.directory.post = Post(Server("127.0.0.1", 1, "none", "refer@shop.example", "u", "secret-word"))
    failed = desk.form("/console/settings/mail")
    assert failed.status_code == 409
    assert "127.0.0.1:1 did not take the mail" in failed.text
    assert "secret-word" not in failed.text
    desk.api.goodword.directory.post = Post(Server("127.0.0.1", box[1]._server.port, "starttls", "refer@shop.example"))
    assert desk.form("/console/settings/mail").status_code == 409
    assert len(kept.mails) == 1


@pytest.mark.parametrize(
    "to", ["a@x.example\r\nBcc: b@x.example", "a@x.example, b@x.example", "A <a@x.example>", "nobody", ""]
)
def test_an_address_writes_no_header(to: str) -> None:
    """What is no single address is refused."""
    with pytest.raises(MailError):
        written("refer@shop.example", to, Letter("s", ("t",)))


def test_a_subject_is_one_line_and_html_is_text() -> None:
    """Whatever a workspace is called."""
    message = written(
        "refer@shop.example", "a@x.example", Letter("one\r\nBcc: b@x.example", ("<b>hi</b>",), ("https://x", "go"))
    )
    assert message["bcc"] is None
    assert message["subject"] == "one Bcc: b@x.example"
    html = message.get_body(("html",))
    assert html is not None
    assert "&lt;b&gt;hi" in html.get_content()


@pytest.mark.parametrize(
    ("url", "security", "port"),
    [
        ("smtps://u%40x:p%3A@mail.example", "tls", 465),
        ("smtp://u%40x:p%3A@mail.example", "starttls", 587),
        ("smtp://u%40x:p%3A@localhost:25", "none", 25),
    ],
)
def test_settings_say_where_mail_goes(url: str, security: str, port: int) -> None:
    """Nothing is sent in the open but to this machine; user and password stand in no text of the settings."""
    read = settings.read({"GOODWORD_SMTP_URL": url, "GOODWORD_MAIL_FROM": "Goodword <refer@shop.example>"})
    assert read.smtp is not None
    assert (read.smtp.security, read.smtp.port, read.smtp.user, read.smtp.password) == (security, port, "u@x", "p:")
    assert "u@x" not in repr(read)


@pytest.mark.parametrize(
    ("url", "sender", "named"),
    [
        ("http://secret@mail.example", "a@x.example", "GOODWORD_SMTP_URL"),
        ("smtp://secret@mail.example:x", "a@x.example", "GOODWORD_SMTP_URL"),
        ("smtp://secret@mail.example", "", "GOODWORD_MAIL_FROM"),
    ],
)
def test_settings_that_are_wrong_say_which(url: str, sender: str, named: str) -> None:
    """And never repeat what may hold a password."""
    with pytest.raises(settings.SettingsError) as error:
        settings.read({"GOODWORD_SMTP_URL": url, "GOODWORD_MAIL_FROM": sender})
    assert error.value.variable == named
    assert "secret" not in str(error.value)


def test_who_forgot_the_password_gets_a_link_by_mail(
    desk: Console, box: tuple[Box, Post], browser: httpx.Client
) -> None:
    """The page says the same to a mail that nobody has, which gets none; who asks again and again waits."""
    kept, desk.api.goodword.directory.post = box
    asked = f"{desk.api.url}/console/link"
    assert "Send me a link" in browser.get(f"{desk.api.url}/console/in").text
    known = browser.post(asked, data={"mail": "olga@shop.example"}, headers={"host": "evil.example"})
    unknown = browser.post(asked, data={"mail": "nobody@shop.example"})
    assert (known.status_code, known.text) == (200, unknown.text)
    assert browser.post(asked, data={"mail": "x"}, headers={"origin": "https://evil.example"}).status_code == 403
    desk.api.until(lambda: len(kept.mails) == 1)
    assert kept.to == [["olga@shop.example"]]
    plain = kept.mails[0].get_body(("plain",))
    assert plain is not None
    [link] = re.findall(r"http\S+/console/in/[\w-]+", plain.get_content())
    assert link.startswith(desk.api.url)
    assert browser.post(link).status_code == 303
    again = [browser.post(asked, data={"mail": "olga@shop.example"}).status_code for _ in range(5)]
    assert again[-1] == 429
