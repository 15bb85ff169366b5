"""Two members decide at the same moment, over the pages' own forms: one of them has decided, and nothing is paid twice."""

import asyncio
import os
import re
from html import unescape
from typing import Any

import httpx
from testkit import sent
from tests.console.conftest import Console, Visitors

from goodword import console
from goodword.app.principal import Principal
from goodword.console.callers import Caller
from goodword.core.facts import Actor

ROUNDS = 1_000 if os.environ.get("FULL") else 30


class _Member:
    """A member with a browser of their own."""

    def __init__(self, desk: Console, member: str, *roles: str) -> None:
        visitors = Visitors()
        self.app = console.build(desk.api.goodword.directory, visitors)
        workspace = desk.api.run(desk.api.goodword.directory.workspace(desk.api.ws))
        actor = Actor(id=member, kind="member", roles=roles)
        visitors.caller = Caller(Principal("session", workspace, actor), member, None, "token", sure=True)

    async def send(self, path: str, **fields: Any) -> httpx.Response:
        """Send a form."""
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False), base_url="http://console.test"
        ) as client:
            return await client.post(path, data={"form": "token", **fields})


def _fields(page: str) -> dict[str, str]:
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in ("items", "list_sha256")}
    return {name: unescape(match[1]) for name, match in found.items() if match}


def test_of_two_who_decide_one_has_decided(desk: Console) -> None:
    """In each round two members send a form about one reward, each twice: approve against approve, reject or hold."""
    api = desk.api
    api.send(sent.enrolled("enrol", "ann", "ANN"))
    api.payee("ann")
    second = api.member("mia", "approver")
    for start in range(0, ROUNDS, 200):
        friends = range(start, min(start + 200, ROUNDS))
        api.send(*(sent.lead(f"lead-{n}", f"friend-{n}", code="ANN") for n in friends))
        api.send(*(sent.purchase(f"order-{n}", f"friend-{n}", f"INV-{n}", 10_000 + n) for n in friends))
    api.move("2026-06-01T00:00:00Z")
    owner = api.get("/v1/members")["items"][0]["id"]
    members = _Member(desk, owner, "owner"), _Member(desk, second, "approver")

    async def both(path: str, told: dict[str, str], other: str, more: dict[str, str]) -> list[httpx.Response]:
        return await asyncio.gather(
            *(members[0].send(f"{path}/approve", **told, once=f"one-{path}") for _ in range(2)),
            *(members[1].send(f"{path}/{other}", **told, **more, once=f"two-{path}") for _ in range(2)),
        )

    rewards, after = [], ""
    while True:
        page = api.get("/v1/rewards", status="in_review", beneficiary="ann", after=after, limit=100)
        rewards += page["items"]
        if not (after := page["after"]):
            break
    assert len(rewards) == ROUNDS
    for n, reward in enumerate(rewards):
        other, more = (("approve", {}), ("reject", {"reason": "terms"}), ("hold", {"note": "look"}))[n % 3]
        path = f"/console/rewards/{reward['id']}"
        answers = api.run(both(path, _fields(desk.html(path)), other, more))
        assert {answer.status_code for answer in answers} <= {303, 409}, [answer.text[-3000:] for answer in answers]
        assert answers[0].status_code == answers[1].status_code
        assert answers[2].status_code == answers[3].status_code
        if other == "approve":
            assert sorted(answer.status_code for answer in answers) == [303, 303, 409, 409]
    moved = api.rows(
        "select reward, count(*) from posting where workspace_id = $1 and source = 'accrued' and destination = 'payable' group by 1"
    )
    assert moved
    assert {count for _, count in moved} == {1}


def test_of_two_lists_one_is_approved_and_a_changed_one_never(desk: Console) -> None:
    """In each round two members send the same list, or two lists that share an item, or one of them while an item of it is refunded.

    A list is approved as a whole or not at all, nothing in it twice, and an item that changed is never approved as it was shown.
    """
    api = desk.api
    api.send(sent.enrolled("enrol", "ann", "ANN"))
    api.payee("ann")
    second = api.member("mia", "approver")
    rounds = max(3, ROUNDS // 3)
    for start in range(0, rounds * 3, 200):
        friends = range(start, min(start + 200, rounds * 3))
        api.send(*(sent.lead(f"lead-{n}", f"friend-{n}", code="ANN") for n in friends))
        api.send(*(sent.purchase(f"order-{n}", f"friend-{n}", f"INV-{n}", 10_000 + n) for n in friends))
    api.move("2026-06-01T00:00:00Z")
    owner = api.get("/v1/members")["items"][0]["id"]
    members = _Member(desk, owner, "owner"), _Member(desk, second, "approver")
    refund = {"headers": {"authorization": f"Bearer {api.keys['wk']}", "prefer": "wait=10"}}
    rewards = {}
    for n in range(rounds * 3):
        [rewards[n]] = [
            row["id"] for row in api.get("/v1/rewards", conversion=f"inv:INV-{n}")["items"] if row["side"] == "advocate"
        ]

    def listed(*numbers: int) -> tuple[str, dict[str, str]]:
        query = "&".join(f"id={rewards[n]}" for n in numbers)
        return f"/console/rewards/list/approve?{query}", _fields(desk.html(f"/console/rewards/list?{query}"))

    async def at_once(one: Any, two: Any, once: str, invoice: str | None) -> list[httpx.Response]:
        gives = sent.refund(f"refund-{once}", invoice or "", f"RF-{once}", 5_000)
        async with httpx.AsyncClient(base_url=str(api.http.base_url)) as sender:
            change = [sender.post("/v1/events", json=gives, **refund)] if invoice else []
            found = await asyncio.gather(
                *(members[0].send(one[0], **one[1], once=f"one-{once}") for _ in range(2)),
                *(members[1].send(two[0], **two[1], once=f"two-{once}") for _ in range(2)),
                *change,
            )
        return list(found[:4])

    for n in range(rounds):
        a, b, c = range(n * 3, n * 3 + 3)
        one = listed(a, b)
        two = one if n % 3 == 0 else listed(b, c)
        answers = api.run(at_once(one, two, str(n), f"INV-{b}" if n % 3 == 2 else None))
        assert {answer.status_code for answer in answers} <= {200, 409}, [answer.text[-3000:] for answer in answers]
        assert [answers[0].status_code, answers[2].status_code] == [answers[1].status_code, answers[3].status_code]
        done = [answers[0].status_code, answers[2].status_code].count(200)
        assert done == 1 if n % 3 < 2 else done <= 1
        states = {it: api.get(f"/v1/rewards/{rewards[it]}") for it in (a, b, c)}
        approved = {it for it, reward in states.items() if reward["status"] == "approved"}
        assert approved in ({a, b}, {b, c}, set()) if done else not approved
    moved = api.rows(
        "select reward, count(*) from posting where workspace_id = $1 and source = 'accrued' and destination = 'payable' group by 1"
    )
    assert moved
    assert {count for _, count in moved} == {1}
