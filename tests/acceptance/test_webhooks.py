"""Webhooks with everything going wrong: a fifth of deliveries fail, server and worker are killed, one receiver is silent, one is dead.

What is decided reaches each receiver that lives at least once, with one id, in order by its position; and so does a backlog. 1,005
messages to each and a backlog of 2,000; with FULL=1 10,005 and 100,000.
"""

import asyncio
import contextlib
import json
import os
import random
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
from standardwebhooks.webhooks import Webhook as Standard
from svix.webhooks import Webhook as Svix
from testkit import sent
from testkit.api import Api
from testkit.house import sales
from testkit.product import Installation, installed
from testkit.receiver import Got, Receiver, receiving
from testkit.waiting import eventually
from testkit.world import advocate, document, friend

SALES = 2_500 if os.environ.get("FULL") else 250
BACKLOG = 25_000 if os.environ.get("FULL") else 500
KILLS = 8 if os.environ.get("FULL") else 2
SEED = int(os.environ.get("SEED", "20261129"))
_ADVOCATES = 5
_PATIENCE = 900.0 if os.environ.get("FULL") else 240.0
_LIBRARIES = Path(__file__).resolve().parents[2] / "build" / "clients" / "node"  # as `make clients` installs them
_VERIFY = Path(__file__).resolve().parents[1] / "clients" / "verify.mjs"
_LATE = 1_000  # deliveries that Node verifies: those that are young enough at the end
_RULES = document(program="told", hold="0d", rewards=[advocate(percent="10"), friend(kind="credit", flat={"EUR": 500})])
#: Of each purchase: the friend, the order, two rewards; of each advocate: that they are one.
EXPECTED = _ADVOCATES + 4 * SALES


async def _failing(got: Got, times: int) -> tuple[int, str] | None:
    """Fail a fifth of the first three tries, by an error or a connection that ends."""
    chance = zlib.crc32(f"{got.id} {times}".encode()) % 10
    if times > 3 or chance > 1:
        return 200, ""
    return (500, "on purpose") if chance else None


async def test_each_receiver_that_lives_is_told_all_of_it() -> None:
    """At least once, under one id, in order by position, as the log has it; verified by both libraries."""
    chance = random.Random(SEED)  # noqa: S311 - a test that can be run again
    for_ever = asyncio.Event()
    secrets: dict[int, str] = {}
    verified = 0

    def verify(port: int, got: Got) -> None:
        """Verify a delivery as it comes, by both libraries for Python: they take none that is five minutes old."""
        nonlocal verified
        assert Standard(secrets[port]).verify(got.body, got.headers) == got.said
        Svix(secrets[port]).verify(got.body, got.headers)
        verified += 1

    async def verifying(got: Got, _: int) -> tuple[int, str] | None:
        verify(well.port, got)
        return 200, ""

    async def fails(got: Got, times: int) -> tuple[int, str] | None:
        verify(failing.port, got)
        return await _failing(got, times)

    async def silent(_: Got, __: int) -> tuple[int, str] | None:
        await for_ever.wait()
        return None

    with installed(GOODWORD_WEBHOOKS_LOOPBACK="yes") as place:
        api = await asyncio.to_thread(_workspace, place)
        async with receiving(fails) as failing, receiving(verifying) as well, receiving(silent) as stuck:
            for receiver in (failing, well, stuck):
                secrets[receiver.port] = await asyncio.to_thread(_endpoint, place, api.ws, receiver.url)
            await asyncio.to_thread(_endpoint, place, api.ws, "http://127.0.0.1:9/")
            sending = asyncio.create_task(_send(place, api))
            for n in range(KILLS):
                await asyncio.sleep(chance.uniform(1, 3))
                victim = ("worker", "serve")[n % 2]
                place.kill(victim)
                place.start(victim)
                await asyncio.to_thread(place.ready)
            await sending
            for receiver in (well, failing):

                async def told(receiver: Receiver = receiver) -> bool:
                    return len(receiver.ids) >= EXPECTED

                await eventually(told, patience=_PATIENCE)
            for receiver in (failing, well):
                first: dict[str, bytes] = {}
                for got in receiver.got:
                    assert first.setdefault(got.id, got.body) == got.body
                assert len(receiver.ids) == len(first) == EXPECTED
                await asyncio.to_thread(_verified_by_node, secrets[receiver.port], receiver.taken[-_LATE:])
            assert verified == len(failing.got) + len(well.got)
            in_order = {receiver.port: _in_order([got.body for got in receiver.taken]) for receiver in (failing, well)}
            assert in_order[failing.port] == in_order[well.port]
            assert len(failing.got) > EXPECTED
            assert stuck.got
            assert stuck.taken == []
        listed = msgspec.json.decode(place.said("webhook", "list", "--json", "--workspace", api.ws))
        assert [it["waiting"] <= 500 for it in listed] == [True] * 4
        assert {it["status"] for it in listed} == {"active"}


async def test_a_backlog_is_told_in_order_though_the_worker_is_killed() -> None:
    """A new endpoint is told all of the past, and all of it once more, with the same ids, each time through kill -9."""
    with installed(GOODWORD_WEBHOOKS_LOOPBACK="yes") as place:
        api = await asyncio.to_thread(_workspace, place)
        async with place.client(api.keys["wk"]) as client:
            for events in _pieces(sales(BACKLOG)):
                await _insist(client, events)
        waiting = place.client(api.keys["sk"])
        async with waiting:

            async def decided() -> bool:
                return not (await waiting.get("/v1/reports/progress")).json()["waiting"]

            await eventually(decided, patience=_PATIENCE)
        async with receiving() as receiver:
            made = await asyncio.to_thread(
                place.made, "webhook", "create", receiver.url, *_types(), "--workspace", api.ws
            )
            bodies: dict[str, bytes] = {}
            expected = 5 * BACKLOG
            for _ in range(2):
                receiver.got.clear()
                receiver.taken.clear()
                await asyncio.to_thread(
                    place.said, "webhook", "replay", made["id"], "--position", "1", "--workspace", api.ws
                )

                async def told(share: float = 1.0) -> bool:
                    return len(receiver.taken) >= share * expected

                await eventually(lambda: told(0.3), patience=_PATIENCE)
                place.kill("worker")
                place.start("worker")

                async def all_told() -> bool:
                    return await told() and len(receiver.ids) >= expected

                await eventually(all_told, patience=_PATIENCE)
                assert len(receiver.ids) == expected
                for got in receiver.got:
                    assert bodies.setdefault(got.id, got.body) == got.body
            assert len(bodies) == expected
            said = _in_order([*bodies.values()])
            assert len(said) == expected
            listed = place.made("webhook", "list", "--workspace", api.ws)
            assert listed[0]["position"] >= said[-1][0]


def _verified_by_node(secret: str, deliveries: list[Got]) -> None:
    """Let both libraries for Node verify deliveries, where `make clients` has installed them; there it is tried for itself too."""
    if not _LIBRARIES.is_dir() or shutil.which("node") is None:
        return
    script = shutil.copy(_VERIFY, _LIBRARIES / "verify.mjs")
    given = [{"secret": secret, "headers": got.headers, "body": got.body.decode()} for got in deliveries]
    done = subprocess.run(
        ["node", script], input=json.dumps(given), capture_output=True, text=True, timeout=120, check=True
    )
    assert json.loads(done.stdout) == [[got.said["type"]] * 2 for got in deliveries]


def _in_order(bodies: list[bytes]) -> list[tuple[int, str, str]]:
    """Messages in order of position, each once, as type and thing."""
    said = [msgspec.json.decode(body) for body in bodies]
    return sorted({(it["position"], it["type"], it["data"]["id"]) for it in said})


def _workspace(place: Installation) -> Api:
    made = place.made("workspace", "create", "told", "--mode", "sandbox", "--owner", "owner@example.com")
    api = Api(place.url, made).sandbox("told", _RULES)
    api.http.close()
    return api


def _endpoint(place: Installation, ws: str, url: str) -> str:
    secret: str = place.made("webhook", "create", url, *_types(), "--workspace", ws)["secret"]
    return secret


def _types() -> list[str]:
    wanted = ("advocate.enrolled", "referral.created", "conversion.recorded", "reward.created")
    return [part for type_ in wanted for part in ("--type", type_)]


async def _send(place: Installation, api: Api) -> None:
    """Send what happens, and insist."""
    events = [sent.enrolled(f"e{n}", f"a{n}", f"code{n}") for n in range(_ADVOCATES)]
    for n in range(SALES):
        events.append(sent.lead(f"l{n}", f"f{n}", code=f"code{n % _ADVOCATES}"))
        events.append(sent.purchase(f"p{n}", f"f{n}", f"i{n}", 10_000))
    async with place.client(api.keys["wk"]) as client:
        for piece in _pieces(events, 50):
            await _insist(client, piece)
            await asyncio.sleep(0.2)


def _pieces(events: list[dict[str, Any]], size: int = 1_000) -> Iterator[list[dict[str, Any]]]:
    for at in range(0, len(events), size):
        yield events[at : at + size]


async def _insist(client: httpx.AsyncClient, events: list[dict[str, Any]]) -> None:
    while True:
        with contextlib.suppress(httpx.HTTPError):
            answer = await client.post("/v1/events", json=events)
            if answer.status_code == 202:
                return
        await asyncio.sleep(0.2)
