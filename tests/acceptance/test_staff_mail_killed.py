"""kill -9 of both workers while the mail server has the text of a digest in hand: it came once, and does not come again."""

import asyncio
import contextlib
import socket
from typing import Any

from aiosmtpd.controller import Controller
from testkit import sent
from testkit.api import Api
from testkit.database import fetch
from testkit.product import installed
from testkit.waiting import until
from testkit.world import advocate, document
from tests.console.test_mail import Box

RULES = document(program="mailed", hold="0d", rewards=[advocate(kind="credit", flat={"EUR": 500})])


class Slow(Box):
    """A mail server that has read a mail and takes its time to say so."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the name is aiosmtpd's
        """Take a mail, slowly."""
        said = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(3)
        return said


def test_a_digest_comes_once_whoever_is_killed_as_it_is_sent() -> None:
    """Two processes look and send; both die in the middle, come again, and look again."""
    box = Slow()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    mail = {"GOODWORD_SMTP_URL": f"smtp://localhost:{port}", "GOODWORD_MAIL_FROM": "refer@shop.example"}
    try:
        with installed(**mail, GOODWORD_DIGEST_AT="00:00 UTC") as place:
            made = place.made("workspace", "create", "test", "--mode", "sandbox", "--owner", "olga@shop.example")
            api = Api(place.url, made)
            with contextlib.closing(api.http):
                api.say("owner", "/v1/programs", {"document": RULES})
                api.send(sent.enrolled("e", "ann", "ANN"), sent.lead("l", "bob", code="ANN"))
                api.send(sent.purchase("o", "bob", "i", 20_000))
                api.until(lambda: api.get("/v1/rewards", status="in_review")["items"])
            place.kill("worker")  # what was looked for before there was anything is forgotten
            asyncio.run(fetch(place.dsn, "delete from staff_mail"))
            place.start("worker")
            until(lambda: box.mails, said=lambda: f"no mail: {place.told('serve')}", patience=30)
            for name in ("serve", "worker"):
                place.kill(name)
            asyncio.run(fetch(place.dsn, "update job set leased_until = 0 where kind = 'staff_mail'"))
            for name in ("serve", "worker"):
                place.start(name)
            place.ready()
            done = "select count(*) from job where kind = 'staff_mail' and done_at is not null"
            until(lambda: asyncio.run(fetch(place.dsn, done)) == [(1,)], said=lambda: place.told("serve"), patience=30)
        assert box.to == [["olga@shop.example"]]
    finally:
        controller.stop()
