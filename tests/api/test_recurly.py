"""Recurly over real HTTP: a notification is taken at once, and what it names is fetched from what speaks Recurly's protocol."""

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from testkit import billing, crm_api, sent
from testkit.crm_api import CrmApi
from testkit.process import in_a_thread
from tests.api.conftest import RULES, Api, installed

SHOWN = "Basic " + base64.b64encode(billing.KEYS["recurly"].encode()).decode()


@pytest.fixture
def vendor() -> Iterator[CrmApi]:
    """Yield what stands for Recurly: it wants the key as a user without a password."""
    with crm_api.serving(SHOWN) as it:
        it.records |= billing.OBJECTS["recurly"]()
        yield it


@pytest.fixture
def api(database: str, tmp_path: Path, vendor: CrmApi) -> Iterator[Api]:
    """Yield an installation that asks it, with a published program, an advocate, and a click by her link."""
    with in_a_thread(installed(database, tmp_path, GOODWORD_RECURLY_URL=vendor.url)) as it, it.http:
        it.say("owner", "/v1/programs", {"document": RULES})
        it.send(sent.enrolled("e", "ann", "ANN"))
        it.say("wk", "/v1/events", [{"type": "click.recorded", "id": "c", "code": "ANN", "click_id": "click-1"}])
        it.move("2026-03-10T09:00:00Z")
        yield it


def _post(api: Api, said: Any, *secrets: str) -> httpx.Response:
    body = billing.body(said)
    headers = billing.headers("recurly", body, int(time.time()), "", *secrets)
    return api.http.post(f"/hooks/recurly/{api.ws}", content=body, headers=headers)


def _held(api: Api) -> dict[str, int]:
    return {one["code"]: one["count"] for one in api.get("/v1/sources/recurly")["held"]}


def test_a_story_that_is_only_named_earns_once(api: Api, vendor: CrmApi) -> None:
    """Each notification twice, the refund before its order too; without a key it waits, and with one all is asked for at once."""
    api.say("owner", "/v1/hooks", {"source": "recurly", "secret": billing.SECRETS["recurly"]})
    story = billing.STORIES["recurly"]()
    for topic, said in [*reversed(story), *story]:
        answer = _post(api, said)
        assert answer.status_code == 200, answer.text
        meant = [] if topic == "charge_invoice.created" else ["held"]
        assert [one["status"] for one in answer.json()["events"]] == meant, answer.text
    api.until(lambda: _held(api) == {"no_key": 3})
    assert vendor.asked == []
    refused = api.refused("owner", "/v1/hooks", {"source": "recurly", "secret": "0a1b:"})
    assert refused[0] == 422
    api.say("owner", "/v1/hooks", {"source": "recurly", "secret": billing.KEYS["recurly"]})
    api.until(lambda: _held(api) == {} and not api.get("/v1/reports/progress")["waiting"])
    [reward] = [it for it in api.get("/v1/rewards")["items"] if it["side"] == "advocate"]
    assert reward["amount"] > 0
    orders = api.rows("select amount, back from conversion where workspace_id = $1 and name = 'purchase'")
    assert [(amount, json.loads(back)) for amount, back in orders] == [(12_000, {"tax": 500, "goods": 2_500})]
    assert {it.key for it in vendor.asked} == {SHOWN}
    assert {it.path for it in vendor.asked} == set(billing.OBJECTS["recurly"]())
    assert (_post(api, story[1][1], "f" * 64).status_code, _held(api)) == (401, {})


def test_an_invoice_that_a_gift_paid_in_part_is_asked_for_its_gift(api: Api, vendor: CrmApi) -> None:
    """It waits on, for one credit after the other, and counts for what was paid."""
    for secret in (billing.SECRETS["recurly"], billing.KEYS["recurly"]):
        api.say("owner", "/v1/hooks", {"source": "recurly", "secret": secret})
    gift = {"action": "payment", "amount": 30.0, "voided_at": None}
    paid_by = [{**gift, "original_invoice": {"id": id_}} for id_ in ("ra3gift", "ra4gift")]
    vendor.records["/invoices/ra1charge"]["credit_payments"] = paid_by
    credit = {**vendor.records["/invoices/ra2credit"], "origin": "gift_card", "line_items": []}
    vendor.records |= {f"/invoices/{id_}": {**credit, "id": id_} for id_ in ("ra3gift", "ra4gift")}
    _post(api, billing.STORIES["recurly"]()[1][1])
    api.until(lambda: _held(api) == {} and not api.get("/v1/reports/progress")["waiting"])
    assert api.rows("select amount from conversion where workspace_id = $1 and name = 'purchase'") == [(6_000,)]
    [order] = api.rows("select id from event where workspace_id = $1 and type = 'conversion.recorded'")
    assert order == ("ra1charge.paid",)
