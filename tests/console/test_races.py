"""Two members decide at the same moment, over the pages' own forms: one of them has decided, and nothing is paid twice."""

import asyncio
import os
import re
from collections import Counter
from html import unescape
from typing import Any

import httpx
import pytest
from testkit import sent
from tests.console.conftest import Api, Console, Visitors

from goodword import console
from goodword.app.principal import Principal
from goodword.console.callers import Caller
from goodword.core.facts import Actor

#: Of each kind: about one reward, one list, one list an item of which changes.
ROUNDS = 1_000 if os.environ.get("FULL") else 10


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
    came: Counter[str] = Counter()
    for n, reward in enumerate(rewards):
        other, more = (("approve", {}), ("reject", {"reason": "terms"}), ("hold", {"note": "look"}))[n % 3]
        path = f"/console/rewards/{reward['id']}"
        answers = api.run(both(path, _fields(desk.html(path)), other, more))
        assert {answer.status_code for answer in answers} <= {303, 409}, [answer.text[-3000:] for answer in answers]
        assert answers[0].status_code == answers[1].status_code
        assert answers[2].status_code == answers[3].status_code
        if other == "approve":
            assert sorted(answer.status_code for answer in answers) == [303, 303, 409, 409]
        status = api.get(f"/v1/rewards/{reward['id']}")["status"]
        came[f"approve against {other}: {status}"] += 1
    print(f"{len(rewards)} rounds about one reward: {dict(sorted(came.items()))}")
    _moved_once(api)


@pytest.mark.parametrize("kind", ["the same", "sharing", "changing"])
def test_of_two_lists_one_is_approved_and_a_changed_one_never(desk: Console, kind: str) -> None:
    """In each round two members send the same list, two lists that share an item, or these while a refund of that item comes.

    A list is approved as a whole or not at all, nothing in it twice, and an item that changed is never approved as it was shown.
    """
    api = desk.api
    api.send(sent.enrolled("enrol", "ann", "ANN"))
    api.payee("ann")
    second = api.member("mia", "approver")
    for start in range(0, ROUNDS * 3, 200):
        friends = range(start, min(start + 200, ROUNDS * 3))
        api.send(*(sent.lead(f"lead-{n}", f"friend-{n}", code="ANN") for n in friends))
        api.send(*(sent.purchase(f"order-{n}", f"friend-{n}", f"INV-{n}", 10_000 + n) for n in friends))
    api.move("2026-06-01T00:00:00Z")
    owner = api.get("/v1/members")["items"][0]["id"]
    members = _Member(desk, owner, "owner"), _Member(desk, second, "approver")
    refund = {"headers": {"authorization": f"Bearer {api.keys['wk']}", "prefer": "wait=10"}}

    def of(number: int) -> str:
        found = api.get("/v1/rewards", conversion=f"inv:INV-{number}")["items"]
        [id_] = [row["id"] for row in found if row["side"] == "advocate"]
        return str(id_)

    def listed(ids: list[str]) -> tuple[str, dict[str, str]]:
        query = "&".join(f"id={id_}" for id_ in ids)
        return f"/console/rewards/list/approve?{query}", _fields(desk.html(f"/console/rewards/list?{query}"))

    async def changed(sender: httpx.AsyncClient, number: int) -> None:
        if kind == "changing":
            gives = sent.refund(f"refund-{number}", f"INV-{number * 3 + 1}", f"RF-{number}", 5_000)
            assert (await sender.post("/v1/events", json=gives, **refund)).is_success

    async def at_once(one: Any, two: Any, number: int) -> list[httpx.Response]:
        """Send all forms: with the change, some milliseconds after it, or when it is decided."""
        async with httpx.AsyncClient(base_url=str(api.http.base_url), timeout=60) as sender:
            change = asyncio.create_task(changed(sender, number))
            await asyncio.wait([change], timeout=number % 9 * 0.005)
            if number % 9 == 8:
                await change
            found = await asyncio.gather(
                *(members[0].send(one[0], **one[1], once=f"one-{number}") for _ in range(2)),
                *(members[1].send(two[0], **two[1], once=f"two-{number}") for _ in range(2)),
            )
            await change
        return list(found)

    came: Counter[str] = Counter()
    for n in range(ROUNDS):
        ids = [of(n * 3 + k) for k in range(3)]
        one = listed(ids[:2])
        two = one if kind == "the same" else listed(ids[1:])
        answers = api.run(at_once(one, two, n))
        assert {answer.status_code for answer in answers} <= {200, 409}, [answer.text[-3000:] for answer in answers]
        assert [answers[0].status_code, answers[2].status_code] == [answers[1].status_code, answers[3].status_code]
        done = [answers[0].status_code, answers[2].status_code].count(200)
        assert done <= 1 if kind == "changing" else done == 1
        approved = [id_ for id_ in ids if api.get(f"/v1/rewards/{id_}")["status"] == "approved"]
        assert approved in (ids[:2], ids[1:]) if done else not approved
        came["one approved" if done else "none approved, for it had changed"] += 1
    assert len(came) == (2 if kind == "changing" else 1)
    print(f"{ROUNDS} rounds about lists, {kind}: {dict(sorted(came.items()))}")
    _moved_once(api)


def _moved_once(api: Api) -> None:
    """Of each reward that was approved the money was made payable once."""
    moved = api.rows(
        "select reward, count(*) from posting where workspace_id = $1 and source = 'accrued' and destination = 'payable' group by 1"
    )
    assert moved
    assert {count for _, count in moved} == {1}
