"""Webhooks of billing systems over real HTTP: a secret is held, one story is told, and what is earned is what it comes to."""

import time
from typing import Any

import httpx
import pytest
from testkit import billing
from tests.api.conftest import Api


def _post(api: Api, system: str, said: Any, topic: str, *secrets: str) -> httpx.Response:
    body = billing.body(said)
    headers = billing.headers(system, body, int(time.time()), topic, *secrets)
    return api.http.post(f"/hooks/{system}/{api.ws}", content=body, headers=headers)


def _decided(api: Api) -> None:
    api.until(lambda: not api.get("/v1/reports/progress")["waiting"])


@pytest.mark.parametrize("system", sorted(set(billing.STORIES) - set(billing.OBJECTS)))
def test_a_story_earns_once_in_whatever_order_it_is_told(api: Api, system: str) -> None:
    """Each delivery twice, the refund before its order too: one order and one reward; nobody else's signature counts."""
    api.say("wk", "/v1/events", [{"type": "advocate.enrolled", "id": "e", "external_id": "ann", "code": "ANN"}])
    api.say("wk", "/v1/events", [{"type": "click.recorded", "id": "c", "code": "ANN", "click_id": "click-1"}])
    made = api.say("owner", "/v1/hooks", {"source": system, "secret": billing.SECRETS[system]})
    assert f"/hooks/{system}/{api.ws}" in str(made)
    api.move("2026-03-10T09:00:00Z")
    story = billing.STORIES[system]()
    for topic, said in [*reversed(story), *story]:
        answer = _post(api, system, said, topic)
        assert (answer.status_code, answer.json()["received"]) == (200, True), answer.text
        assert {one["status"] for one in answer.json()["events"]} <= {"accepted", "repeat", "held"}, answer.text
    _decided(api)
    [reward] = [it for it in api.get("/v1/rewards")["items"] if it["side"] == "advocate"]
    assert reward["amount"] > 0
    assert api.rows("select amount from conversion where workspace_id = $1 and name = 'purchase'") == [(12_000,)]
    forged = _post(api, system, story[1][1], story[1][0], billing.SECRETS[system] + "x")
    assert (forged.status_code, forged.json()["code"]) == (401, "signature_wrong")
