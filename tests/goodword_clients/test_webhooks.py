"""Webhooks are verified as Standard Webhooks says: what the standard's own library signs is believed, and nothing else."""

import base64
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import standardwebhooks
from goodword_client import Webhook, WebhookError
from tests.goodword_clients.conftest import drive

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER = "whsec_" + base64.b64encode(bytes(range(32, 64))).decode()
BODY = '{"type":"reward.approved","data":{"name":"Zoë – 10 €","amount":2500}}'


def signed(secret: str = SECRET, body: str = BODY, at: datetime | None = None, id_: str = "msg_1") -> dict[str, str]:
    """The headers of a delivery, by the standard's library."""
    at = at or datetime.now(UTC)
    signature = standardwebhooks.Webhook(secret).sign(id_, at, body)
    return {"webhook-id": id_, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}


Delivery = tuple[list[str], str, dict[str, str], dict[str, int]]


def verdicts(which: str, deliveries: list[Delivery]) -> list[Any]:
    """What a client makes of each delivery: what it says, or the reason for which it is not believed."""
    if which == "node":
        done = drive(url="http://goodword.test", key="gw", calls=[["webhook", list(one)] for one in deliveries])
        return [one["gave"] if "gave" in one else one["raised"]["reason"] for one in done["results"]]
    found: list[Any] = []
    for held, body, headers, more in deliveries:
        try:
            found.append(Webhook(*held, **more).verify(body, headers))
        except WebhookError as error:
            found.append(error.reason)
    return found


@pytest.mark.parametrize("which", ["python", "node"])
def test_what_the_library_signs_is_believed(which: str) -> None:
    """Whatever the case of headers, among several signatures, with several secrets, with or without padding; its body is given."""
    upper = {name.title(): value for name, value in signed().items()}
    both = {
        **signed(),
        "webhook-signature": f"v1a,AAAA v1,AAAA {signed(OTHER)['webhook-signature']} {signed()['webhook-signature']}",
    }
    deliveries: list[Delivery] = [
        ([SECRET], BODY, signed(), {}),
        ([SECRET], BODY, upper, {}),
        ([SECRET.removeprefix("whsec_")], BODY, signed(), {}),
        ([SECRET.rstrip("=")], BODY, signed(), {}),
        ([OTHER, SECRET], BODY, signed(), {}),
        ([SECRET], BODY, both, {}),
        ([SECRET], BODY, signed(at=datetime.now(UTC) - timedelta(seconds=280)), {}),
        ([SECRET], BODY, signed(at=datetime.now(UTC) + timedelta(seconds=280)), {}),
        ([SECRET], BODY, signed(at=datetime.now(UTC) - timedelta(days=1)), {"tolerance": 100_000}),
    ]
    assert verdicts(which, deliveries) == [json.loads(BODY)] * len(deliveries)


@pytest.mark.parametrize("which", ["python", "node"])
def test_anything_else_is_not(which: str) -> None:
    """Another secret, body, id or time, an old or an early delivery, a missing or mangled header: each is refused with its reason."""
    now, empty = signed(), ""
    long_ago, soon = (signed(at=datetime.now(UTC) + timedelta(seconds=by)) for by in (-320, 320))
    tried: list[tuple[Delivery, str]] = [
        (([OTHER], BODY, now, {}), "signature"),
        (([SECRET], BODY.replace("2500", "9500"), now, {}), "signature"),
        (([SECRET], BODY, {**now, "webhook-id": "msg_2"}, {}), "signature"),
        (([SECRET], BODY, {**now, "webhook-timestamp": str(int(now["webhook-timestamp"]) + 1)}, {}), "signature"),
        (
            ([SECRET], BODY, {**now, "webhook-signature": now["webhook-signature"].replace("v1,", "v1a,")}, {}),
            "signature",
        ),
        (([SECRET], BODY, {**now, "webhook-signature": now["webhook-signature"].removeprefix("v1,")}, {}), "signature"),
        (([SECRET], BODY, {**now, "webhook-signature": "v1,"}, {}), "signature"),
        (([SECRET], BODY, {**now, "webhook-signature": "v1,é=== v1,%%%"}, {}), "signature"),
        (([SECRET], BODY, long_ago, {}), "timestamp"),
        (([SECRET], BODY, soon, {}), "timestamp"),
        (([SECRET], BODY, {**now, "webhook-timestamp": now["webhook-timestamp"] + ".0"}, {}), "timestamp"),
        (([SECRET], BODY, {**now, "webhook-timestamp": "NaN"}, {}), "timestamp"),
        (([SECRET], BODY, {**now, "webhook-timestamp": "-1"}, {}), "timestamp"),
        *((([SECRET], BODY, {key: value for key, value in now.items() if key != name}, {}), "headers") for name in now),
        (([SECRET], empty, signed(body=empty), {}), "body"),
        (([SECRET], "no JSON", signed(body="no JSON"), {}), "body"),
    ]
    assert verdicts(which, [one for one, _ in tried]) == [reason for _, reason in tried]


def test_a_thousand_forgeries_are_refused_and_a_thousand_deliveries_believed() -> None:
    """Any key that the library takes and any body: what it signs is believed, one changed byte of it is not."""
    for _ in range(1_000):
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(24 + secrets.randbelow(41))).decode()
        body = json.dumps({"text": secrets.token_urlsafe(secrets.randbelow(200))})
        headers = signed(secret, body, id_=secrets.token_hex(8))
        assert Webhook(secret).check(body.encode(), headers) == headers["webhook-id"]
        place = secrets.randbelow(len(body))
        forged = body[:place] + chr(ord(body[place]) ^ 1) + body[place + 1 :]
        with pytest.raises(WebhookError) as raised:
            Webhook(secret).check(forged, headers)
        assert raised.value.reason == "signature"


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_é", "whsec_a", "whsec_%%%%"])
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    """An empty or mangled secret, under which anybody could sign, is an error when it is given."""
    with pytest.raises(ValueError, match="secret"):
        Webhook(secret)
    done = drive(url="http://goodword.test", key="gw", calls=[["webhook", [[secret], BODY, signed(), {}]]])
    assert done["results"][0]["raised"]["name"] == "GoodwordError"


def test_no_secret_is_no_webhook() -> None:
    """Without a secret nothing could be believed."""
    with pytest.raises(ValueError, match="needs a secret"):
        Webhook()
