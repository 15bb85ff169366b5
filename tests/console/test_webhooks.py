"""Webhooks at the console: made, seen, tried and ended by whoever may; a secret is shown once."""

from collections.abc import Iterator

import pytest
from standardwebhooks.webhooks import Webhook
from testkit import sent
from testkit.receiver import Receiver, receiving
from tests.console.conftest import SCRIPT, Console

PATH = "/console/settings/webhooks"


@pytest.fixture
def receiver(desk: Console) -> Iterator[Receiver]:
    """Yield a receiver in the loop of the installation."""
    found = receiving()
    yield desk.api.run(found.__aenter__())
    desk.api.run(found.__aexit__(None, None, None))


def test_an_endpoint_is_made_tried_changed_told_again_and_ended(desk: Console, receiver: Receiver) -> None:
    """Its secret is shown once; what came of each delivery stands there, with what the receiver said, escaped."""
    well = False

    async def odd(_: object, __: int) -> tuple[int, str]:
        return (200, "fine") if well else (500, SCRIPT)

    receiver.behaviour = odd
    assert "Nobody is told" in desk.html(PATH)
    made = desk.form(PATH, url=receiver.url, description="shop", once="w1", **{"type.advocate.enrolled": "on"})
    assert made.status_code == 200
    secret = made.text.partition('data-copy="')[2].partition('"')[0]
    assert secret.startswith("whsec_")
    [it] = desk.json(PATH)["webhooks"]
    one = f"{PATH}/{it['id']}"
    assert secret not in desk.html(PATH) + desk.html(one)
    assert desk.form(PATH, url=receiver.url, once="w1").status_code == 409
    desk.api.http.post(
        "/v1/events",
        json=sent.enrolled("e1", "wanda", "WANDA"),
        headers={"authorization": f"Bearer {desk.api.keys['sk']}"},
    )
    desk.api.until(lambda: desk.json(one)["deliveries"])
    [delivery] = desk.json(one)["deliveries"]
    assert (delivery["state"], delivery["status"]) == ("waiting", 500)
    page = desk.html(one)
    assert SCRIPT not in page
    assert "Tried again" in page
    well = True
    assert desk.form(f"{one}/again", message=delivery["id"]).headers["location"].endswith("done=webhook_again")
    desk.api.until(lambda: desk.json(f"{one}?state=delivered")["deliveries"])
    [delivery] = desk.json(f"{one}?state=delivered")["deliveries"]
    assert (delivery["state"], delivery["answer"]) == ("delivered", "fine")
    assert Webhook(secret).verify(receiver.taken[-1].body, receiver.taken[-1].headers)["type"] == "advocate.enrolled"
    first = receiver.taken[-1].id
    position = str(delivery["position"])
    assert desk.form(f"{one}/replay", position=position).headers["location"].endswith("done=webhook_replay")
    desk.api.until(lambda: [got.id for got in receiver.taken] == [first, first])
    for wrong in ({"position": "x"}, {"since": "yesterday"}, {}, {"position": "99999"}):
        assert desk.form(f"{one}/replay", **wrong).status_code == 400
    assert desk.form(f"{one}/test").headers["location"].endswith("done=webhook_test")
    desk.api.until(lambda: receiver.taken[-1].said["type"] == "webhook.test")
    changed = desk.form(one, url=receiver.url, description="till", **{"type.reward.created": "on"})
    assert changed.headers["location"].endswith("done=webhook_set")
    assert desk.json(one)["it"]["types"] == ["reward.created"]
    assert desk.form(one, url=receiver.url).status_code == 400
    assert desk.form(one, url="https://10.0.0.1/", **{"type.reward.created": "on"}).status_code == 400
    again = desk.form(f"{one}/secret", once="w2")
    assert "whsec_" in again.text
    assert desk.json(one)["it"]["old_secret_until"]
    assert desk.form(f"{one}/move", to="paused").headers["location"].endswith("done=webhook_paused")
    assert "somebody said so" in desk.html(one)
    assert desk.form(f"{one}/end").headers["location"].endswith("done=webhook_ended")
    assert desk.get(one).status_code == 404


def test_each_sees_and_does_what_their_role_says(desk: Console, receiver: Receiver) -> None:
    """A developer makes one and is offered no payouts; an auditor looks; a marketer does not."""
    desk.form(PATH, url=receiver.url, once="w1")
    [it] = desk.json(PATH)["webhooks"]
    desk.be("developer")
    assert "payout.sent" not in desk.html(PATH)
    assert "reward.approved" in desk.html(PATH)
    assert desk.form(PATH, url=receiver.url, once="w2", **{"type.payout.sent": "on"}).status_code == 403
    desk.be("auditor")
    page = desk.html(f"{PATH}/{it['id']}")
    assert receiver.url in page
    assert "Send a test" not in page
    assert "End the endpoint" not in page
    desk.be("marketer")
    assert desk.get(PATH).status_code == 403
