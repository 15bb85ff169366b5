"""Webhooks over HTTP and at the command line: an endpoint from its making to its end, against a receiver on this machine."""

import json
from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator
from standardwebhooks.webhooks import Webhook
from testkit import sent
from testkit.receiver import Receiver, receiving
from tests.api.conftest import Api, Command


@pytest.fixture
def receiver(api: Api) -> Iterator[Receiver]:
    """Yield a receiver in the loop of the installation."""
    found = receiving()
    yield api.run(found.__aenter__())
    api.run(found.__aexit__(None, None, None))


def _enrol(api: Api, name: str) -> None:
    api.http.post(
        "/v1/events",
        json=sent.enrolled(f"e-{name}", name, name.upper()),
        headers={"authorization": f"Bearer {api.keys['sk']}"},
    )


def test_an_endpoint_over_http(api: Api, receiver: Receiver) -> None:
    """Made, told, seen, paused and resumed, changed, told the past, given a new secret, tried and ended; each as its schema says."""
    made = api.call("owner", "POST", "/v1/webhooks", json={"url": receiver.url, "types": ["advocate.enrolled"]})
    assert made.status_code == 201
    id_, secret = made.json()["id"], made.json()["secret"]
    path = f"/v1/webhooks/{id_}"
    _enrol(api, "wanda")
    api.until(lambda: receiver.taken)
    [got] = receiver.taken
    assert Webhook(secret).verify(got.body, got.headers) == got.said
    types = {it["type"]: it["json_schema"] for it in api.get("/v1/webhooks/types")["items"]}
    Draft202012Validator(types["advocate.enrolled"]).validate(got.said)
    assert api.http.get("/asyncapi.json").json()["asyncapi"] == "3.0.0"
    api.until(lambda: api.get(f"{path}/deliveries")["items"])
    [delivery] = api.get(f"{path}/deliveries")["items"]
    assert (delivery["id"], delivery["state"], delivery["status"], delivery["attempts"]) == (
        got.id,
        "delivered",
        200,
        1,
    )
    assert api.call("owner", "POST", f"{path}/status", json={"status": "paused"}).status_code == 204
    _enrol(api, "wilma")
    api.until(lambda: api.get(path)["end"] > api.get(path)["position"])
    assert api.get(path)["reason"] == "asked"
    assert api.call("owner", "POST", f"{path}/status", json={"status": "active"}).status_code == 204
    api.until(lambda: len(receiver.ids) == 2)
    assert api.call("owner", "PATCH", path, json={"description": "shop"}).status_code == 204
    assert api.get(path)["description"] == "shop"
    replayed = api.call("owner", "POST", f"{path}/replay", json={"position": got.said["position"]})
    assert (replayed.status_code, replayed.json()) == (202, {"position": got.said["position"]})
    api.until(lambda: len(receiver.taken) == 4)
    assert len(receiver.ids) == 2
    both = api.call("owner", "POST", f"{path}/secret").json()["secret"]
    tried = api.call("owner", "POST", f"{path}/test").json()["id"]
    api.until(lambda: tried in receiver.ids)
    last = receiver.taken[-1]
    for each in (secret, both):
        assert Webhook(each).verify(last.body, last.headers)["type"] == "webhook.test"
    again = api.call("owner", "POST", f"{path}/deliveries/again", json={"id": got.id})
    assert (again.status_code, again.json()) == (202, {"count": 1})
    api.until(lambda: [it.id for it in receiver.taken].count(got.id) == 3)
    assert api.call("owner", "DELETE", path).status_code == 204
    assert api.call("owner", "GET", path).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"url": "https://169.254.169.254/"}, 422, "invalid_request"),
        ({"url": "nowhere"}, 422, "invalid_request"),
        ({"url": "https://shop.example/", "types": ["no.such"]}, 422, "invalid_request"),
        ({"url": "https://shop.example/", "types": []}, 422, "invalid_request"),
        ({"url": "https://shop.example/", "programs": ["none"]}, 404, "not_found"),
    ],
)
def test_what_is_no_endpoint_is_refused(api: Api, body: dict[str, object], status: int, code: str) -> None:
    """With what is wrong; nothing is kept."""
    assert api.refused("owner", "/v1/webhooks", body) == (status, code)
    assert api.get("/v1/webhooks")["items"] == []


def test_a_workspace_has_so_many_and_a_key_makes_none(api: Api) -> None:
    """Twenty; a server's key sees them, and says nothing of where they are."""
    for _ in range(20):
        assert api.call("owner", "POST", "/v1/webhooks", json={"url": "https://shop.example/"}).status_code == 201
    assert api.refused("owner", "/v1/webhooks", {"url": "https://shop.example/"}) == (409, "too_many_webhooks")
    assert api.call("sk", "GET", "/v1/webhooks").status_code == 200
    assert api.call("sk", "POST", "/v1/webhooks", json={"url": "https://shop.example/"}).status_code == 403
    assert api.call("wk", "GET", "/v1/webhooks").status_code == 403


def test_an_endpoint_at_the_command_line(api: Api, receiver: Receiver, goodword: Command) -> None:
    """Each verb, and one clear line where something is wrong."""

    def said(*arguments: str) -> str:
        done = goodword("webhook", *arguments, GOODWORD_WEBHOOKS_LOOPBACK="yes")
        assert done.returncode == 0, done.stderr
        return done.stdout

    made = json.loads(said("create", receiver.url, "--type", "advocate.enrolled", "--description", "shop", "--json"))
    id_ = made["id"]
    assert id_ in said("list")
    assert "reward.approved" in said("types")
    assert "once more" not in said("test", id_)
    api.until(lambda: receiver.taken)
    assert Webhook(made["secret"]).verify(receiver.taken[0].body, receiver.taken[0].headers)
    assert "webhook.test" in said("deliveries", id_, "--state", "delivered")
    assert "from position 1 on" in said("replay", id_, "--since", "2020-01-01T00:00:00Z")
    assert said("secret", id_).startswith("whsec_")
    said("pause", id_)
    assert json.loads(said("list", "--json"))[0]["status"] == "paused"
    said("resume", id_)
    assert said("again", id_).startswith("0 ")
    for arguments in (
        ("create", "https://10.0.0.1/"),
        ("end", "whk_none"),
        ("replay", id_),
        ("again", id_, "msg_none"),
    ):
        done = goodword("webhook", *arguments)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done
    misspelt = goodword("webhook", "create", "https://shop.example/", "--type", "reward.aproved")
    assert "There is no such type; did you mean reward.approved?" in misspelt.stderr
    said("end", id_)
    assert json.loads(said("list", "--json")) == []


def test_a_repeat_under_a_key_makes_no_second_secret(api: Api) -> None:
    """An endpoint is made once and its secret exchanged once, whoever sends the same again; without a key each is one of its own."""
    body = {"url": "https://shop.example/"}
    made = api.call("owner", "POST", "/v1/webhooks", json=body, key="k-1")
    assert made.status_code == 201, made.text
    again = api.call("owner", "POST", "/v1/webhooks", json=body, key="k-1")
    assert (again.status_code, again.json()["code"]) == (409, "idempotency_conflict")
    assert [it["id"] for it in api.get("/v1/webhooks")["items"]] == [made.json()["id"]]
    path = f"/v1/webhooks/{made.json()['id']}/secret"
    assert api.call("owner", "POST", path, key="k-2").status_code == 201
    again = api.call("owner", "POST", path, key="k-2")
    assert (again.status_code, again.json()["code"]) == (409, "shown_once")
    assert api.call("owner", "POST", path, key="k-3").status_code == 201
    with_none = {"authorization": f"Bearer {api.keys['owner']}"}
    assert api.http.post(f"{api.url}{path}", headers=with_none).status_code == 201
