"""The page of messages that a person looks at: what came of each, and what somebody says of it, once."""

import re
import socket
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from testkit import sent
from tests.api.test_messages import RULES
from tests.app.test_messages import Desk
from tests.console.conftest import Console

from goodword.outbound.mail import Post, Server


@pytest.fixture
def refused(desk: Console) -> Iterator[Console]:
    """Two whom the mail server takes nothing for: a real one, by SMTP."""
    kept, api = Desk(), desk.api
    kept.refuses = dict.fromkeys(("ann@mail.example", "ben@mail.example"), "550 no")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    api.goodword.directory.post = Post(Server("127.0.0.1", port, "none", "Acme <refer@shop.example>"))
    api.say("owner", "/v1/programs", {"document": RULES.replace("program: main", "program: letters")})
    for name in ("ann", "ben"):
        api.send(sent.enrolled(f"r-{name}", f"r-{name}", f"R-{name}", email=f"{name}@mail.example", program="letters"))
    api.until(lambda: len(api.get("/v1/messages")["items"]) == 2)
    kept.refuses.clear()
    yield desk
    api.goodword.directory.post = None
    controller.stop()


def test_what_was_refused_is_sent_once_more_or_left(refused: Console) -> None:
    """Each by a button, which says what was done; a second press finds nothing to do; who may not handle them sees no button."""
    rows = refused.json("/console/messages")["rows"]
    assert [(it["letter"]["status"], it["letter"]["reason"]) for it in rows] == [("refused", "550")] * 2
    page = refused.html("/console/messages")
    assert page.count("Send it once more") == 3, "each, and those that are chosen"
    assert "It arrived" not in page, "nobody can know that of one that was refused"
    assert "/console/messages" in refused.html("/console/settings/texts")
    refused.be("analyst")
    assert "Send it once more" not in refused.html("/console/messages")
    assert refused.form(f"/console/messages/{rows[0]['letter']['id']}/settle", outcome="again").status_code == 403
    refused.be("owner")
    done = [
        refused.form(f"/console/messages/{rows[n]['letter']['id']}/settle", outcome=outcome).headers["location"]
        for n, outcome in ((0, "again"), (1, "leave"), (1, "leave"))
    ]
    assert [it.partition("=")[2] for it in done] == ["letter_again", "letter_leave", "letter_not"]
    assert "It is sent once more." in refused.html("/console/messages?done=letter_again")
    refused.api.until(lambda: refused.json("/console/messages")["rows"] == [])
    assert "No message waits for a person" in refused.html("/console/messages")
    wrong = refused.form(f"/console/messages/{rows[0]['letter']['id']}/settle", outcome="burn")
    assert wrong.status_code in (400, 409, 422)


def test_several_are_chosen_and_settled_at_once(refused: Console) -> None:
    """All that were chosen, or none of them; how many wait stands beside the page's name."""
    ids = [it["letter"]["id"] for it in refused.json("/console/messages")["rows"]]
    page = refused.html("/console/messages")
    assert [page.count(f'value="{id_}" form="picks"') for id_ in ids] == [1, 1]
    assert re.search(r'Messages</span><span class="n">2</span>', page)
    wrong = refused.form("/console/messages/settle", id=ids, outcome="arrived")
    assert (wrong.status_code, "Nothing was done" in wrong.text) == (409, True)
    assert refused.form("/console/messages/settle", outcome="leave").status_code == 400
    done = refused.form("/console/messages/settle", id=ids, outcome="leave")
    assert done.headers["location"].endswith("/messages?done=letters_leave")
    assert "They are left as they are." in refused.html("/console/messages?done=letters_leave")
    assert refused.json("/console/messages")["rows"] == []
