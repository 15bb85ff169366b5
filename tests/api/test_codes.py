"""Codes over HTTP: uploaded, given out by the worker, read by whom they belong to, and nowhere else."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg
import pytest
from testkit import sent
from tests.api.conftest import Api

from goodword.app.proof.audit import verify

RULES = """
program: shop
currency: EUR
hold: 0d
payouts: {every: once}
conversions:
  - rewards: [{side: advocate, flat: {EUR: 2500}, kind: credit}]
"""


def _shop(api: Api) -> None:
    api.say("owner", "/v1/programs", {"document": RULES})
    api.member("anna", "approver")
    api.member("pia", "payer")


def _released(api: Api, *friends: str) -> list[str]:
    """Each friend's advocate gets 25 euros as codes: a payout each, approved and released by two people."""
    for name in friends:
        api.send(
            sent.enrolled(f"a-{name}", f"by-{name}", name.upper(), program="shop"),
            sent.lead(f"l-{name}", name, code=name.upper()),
            sent.purchase(f"p-{name}", name, f"i-{name}", 9_900),
        )
        api.person(f"by-{name}")
    ids = [it["id"] for it in api.get("/v1/rewards", status="in_review")["items"]]
    api.agree("/v1/approvals", *ids, who="anna")
    drafted = api.say("sk", "/v1/payouts", {"rail": "code_stock", "unit": "EUR"})
    payouts = [it["subject"] for it in drafted["verdicts"]]
    api.say("pia", "/v1/payouts/release", api.get("/v1/payouts/release", "pia", id=payouts))
    return payouts


def _upload(api: Api, *texts: str, who: str = "sk", **more: Any) -> Any:
    body = {"name": "cards", "unit": "EUR", "amount": 2_500, "codes": "\n".join(texts), **more}
    return api.call(who, "POST", "/v1/stocks", json=body)


def _status(api: Api, payout: str) -> str:
    return str(api.get(f"/v1/payouts/{payout}")["status"])


def _sound(api: Api) -> None:
    directory = api.goodword.directory
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences


def test_what_waits_for_codes_goes_on_when_they_come_and_each_reads_their_own(api: Api) -> None:
    """Three payouts wait, two codes come, then more: each gets one of its own, which stands sealed and in no log; all verifies."""
    _shop(api)
    payouts = _released(api, "bob", "cid", "dan")
    api.until(lambda: len(api.get("/v1/stocks")["waiting"]) == 3)
    _sound(api)
    assert {_status(api, id_) for id_ in payouts} == {"released"}
    assert _upload(api, "AAAA-SECRET-1", "AAAA-SECRET-2", low_at=1).status_code == 200
    api.until(lambda: [_status(api, id_) for id_ in payouts].count("completed") == 2)
    stock = api.get("/v1/stocks")
    assert [(it["name"], it["left"]) for it in stock["low"]] == [("cards", 0)]
    assert len(stock["waiting"]) == 1
    assert _upload(api, "code,note", "AAAA-SECRET-3,x", "AAAA-SECRET-4,y").status_code == 200
    api.until(lambda: {_status(api, id_) for id_ in payouts} == {"completed"})
    read = [it for id_ in payouts for it in api.get(f"/v1/payouts/{id_}/codes", "pia")["items"]]
    assert sorted(it["code"] for it in read) == [f"AAAA-SECRET-{n}" for n in (1, 2, 3)]
    assert {it["masked"] for it in read} == {"…ET-1", "…ET-2", "…ET-3"}
    assert api.call("anna", "GET", f"/v1/payouts/{payouts[0]}/codes").status_code == 403
    texts = api.run(_everything(api))
    assert "SECRET" not in texts
    _sound(api)


async def _everything(api: Api) -> str:
    """All that is stored of the workspace's log, inbox, jobs and codes, as text."""
    async with api.goodword.directory.pool.acquire() as conn:
        found = ""
        for table in ("log", "event", "job", "code_text", "stock", "handout"):
            rows = await conn.fetch(f"select * from {table}")
            found += repr([[bytes(v) if isinstance(v, bytes | memoryview) else v for v in row] for row in rows])
        assert found
        return found


def test_a_code_is_uploaded_once_and_a_mistake_is_named_by_its_number(api: Api) -> None:
    """Twice in one text, before, too long, none: nothing of it is kept, and no problem quotes a code; a repeat of all is none."""
    _shop(api)
    _upload(api, "TOP-SECRET-1")
    for texts, said in (
        (("TOP-SECRET-2", "TOP-SECRET-2"), "number 2 is the same as number 1"),
        (("TOP-SECRET-2", "TOP-SECRET-1"), "uploaded before: number 2"),
        (("TOP-SECRET-" + "9" * 100,), "number 1 is not"),
        (("code",), "from 1 to"),
        (('"TOP-SECRET-2', "TOP-SECRET-3"), "quotes"),
        (("TOP-SECRET-" + "9" * 140_000,), "quotes"),
    ):
        answer = _upload(api, *texts)
        assert answer.status_code == 422, answer.text
        assert said in answer.text
        assert "TOP-SECRET" not in answer.text
    assert [it["size"] for it in api.get("/v1/stocks")["items"]] == [1]
    assert _upload(api, "TOP-SECRET-6\rTOP-SECRET-7\r\nTOP-SECRET-8").is_success  # lines end as any system ends them
    assert sorted(it["size"] for it in api.get("/v1/stocks")["items"]) == [1, 3]
    body = {"name": "cards", "unit": "EUR", "amount": 2_500, "codes": "TOP-SECRET-5"}
    first, again = (api.call("sk", "POST", "/v1/stocks", json=body, key="up-1") for _ in range(2))
    assert first.json() == again.json()
    _sound(api)


def test_two_who_upload_the_same_codes_at_once_add_them_once(api: Api) -> None:
    """Of several at once, in different orders, one is taken whole."""
    _shop(api)
    texts = [f"RACE-{n}" for n in range(40)]
    with ThreadPoolExecutor(4) as pool:
        orders = [texts, texts[::-1], texts, texts[::-1]]
        codes = sorted(answer.status_code for answer in pool.map(lambda order: _upload(api, *order), orders))
    assert codes == [200, 422, 422, 422]
    assert [it["size"] for it in api.get("/v1/stocks")["items"]] == [40]


def test_the_database_holds_that_a_code_goes_to_one_payout(api: Api) -> None:
    """Whatever is decided: a second row of a code is refused, and verification names one that was moved."""
    _shop(api)
    _upload(api, "ONE-1", "ONE-2")
    (payout,) = _released(api, "bob")
    api.until(lambda: _status(api, payout) == "completed")

    async def _again() -> None:
        async with api.goodword.directory.pool.acquire() as conn:
            await conn.execute(
                "insert into handout select workspace_id, id || 'x', stock, number, 'pay_other', evt from handout"
            )

    with pytest.raises(asyncpg.UniqueViolationError):
        api.run(_again())

    async def _moved() -> list[str]:
        directory = api.goodword.directory
        async with directory.pool.acquire() as conn:
            await conn.execute("update code_text set blind = '\\x00' where id like '%.2'")
        return [it.noun for it in (await verify(directory.engine.pool, api.ws, safe=directory.vault)).differences]

    assert set(api.run(_moved())) == {"code_text"}
