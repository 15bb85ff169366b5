"""Payout run: rewards that are approved and due are drafted into payouts, released, and stand in the file for the bank."""

import asyncio
import csv
import io
import time
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pgbench
from contest import Contestant, Turn
from hot import recording
from place import COMMAND, Server, place
from report import Goal, Outcome, told
from stage import Stage

_ASKED = 100_000
_EACH = 20  # rewards of one beneficiary, see filling.py
_LIST = 1_000
_ROUNDS = 2  # each needs rewards of its own, which take longer to make than to pay
_POLL = 0.1


async def payout_run(stage: Stage) -> Outcome:
    """Measure ``payout_run`` beside a plain double entry: two balances and two rows for a transfer."""
    size = 2_000 if stage.quick else _ASKED
    async with AsyncExitStack() as open_:
        sizes = [size // 10, *[size] * _ROUNDS]  # the first is the warm-up's
        own = await open_.enter_async_context(place())
        spaces = [(await own.filled("payouts", "payable", count))[0] for count in sizes]
        server = await open_.enter_async_context(own.serve())
        ours = _contestant(server, list(zip(spaces, sizes, strict=True)))
        plain = await pgbench.double_entry(stage.place.embedded.dsn, stage.place.embedded.bin, stage.folder)
        found = await stage.compete(ours, plain, postgres=own.postgres, rounds=_ROUNDS)
    mine = found[ours.name]
    title = f"rewards from approved to the bank file, {size:,} of {size // _EACH:,} payees"
    row = told("payout_run", title, mine, found, found[plain.name])
    goals = [Goal(f"seconds for {_ASKED:,} rewards", _ASKED / mine.rate, 60, at_most=True)]
    return Outcome(row, goals, partial(_profile, size // 10))


async def _profile(size: int, _: float, stats: Path) -> int:
    async with place() as own:
        space, _ = await own.filled("payouts", "payable", size)
        async with own.serve(profile=stats) as server:
            with recording(server):
                turn = await _contestant(server, [(space, size)]).turn(0)
    return turn.operations


def _contestant(server: Server, waiting: list[tuple[dict[str, Any], int]]) -> Contestant:
    async def turn(_: float) -> Turn:
        space, size = waiting.pop(0)
        headers = {"authorization": f"Bearer {space['owner_key']}"}
        begun = time.perf_counter()
        async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=120) as client:
            payouts = await _drafted(client)
            await _released(client, payouts)
            await _in_file(client, payouts)
        if len(payouts) != size // _EACH:
            raise RuntimeError(f"{len(payouts)} payouts of {size} rewards")
        return Turn(size, time.perf_counter() - begun)

    return Contestant("goodword", f"{COMMAND} | POST /v1/payouts, /v1/payouts/release", server.spent, turn)


async def _drafted(client: httpx.AsyncClient) -> list[str]:
    """Draft until nothing is left to draft; returns the payouts."""
    payouts: list[str] = []
    while True:
        body = {"rail": "bank_file", "unit": "EUR"}
        answer = await client.post("/v1/payouts", json=body, headers={"idempotency-key": f"draft{len(payouts)}"})
        if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY and answer.json()["code"] == "nothing_to_do":
            return payouts
        drafted = [verdict["subject"] for verdict in _said(answer)["verdicts"] if verdict["outcome"] == "drafted"]
        payouts += drafted


async def _released(client: httpx.AsyncClient, payouts: list[str]) -> None:
    """Look at the frozen lists and send them back."""
    for at in range(0, len(payouts), _LIST):
        ids = {"id": payouts[at : at + _LIST]}
        frozen = _said(await client.get("/v1/payouts/release", params=ids))
        answer = await client.post("/v1/payouts/release", json=frozen, headers={"idempotency-key": f"release{at}"})
        if [verdict["outcome"] for verdict in _said(answer)["verdicts"]] != ["released"]:
            raise RuntimeError(f"not released: {answer.text[:600]}")


async def _in_file(client: httpx.AsyncClient, payouts: list[str]) -> None:
    """Wait until the worker has taken them all, then have the bank's file; it must name each of them."""
    while _said(await client.get("/v1/payouts", params={"status": "released", "limit": 1}))["items"]:  # noqa: ASYNC110
        await asyncio.sleep(_POLL)
    answer = await client.get("/v1/payouts/bank-file")
    answer.raise_for_status()
    if {line["reference"] for line in csv.DictReader(io.StringIO(answer.text))} != set(payouts):
        raise RuntimeError("the bank's file is not of these payouts")


def _said(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_error:
        raise RuntimeError(f"answered {answer.status_code}: {answer.text[:600]}")
    found: dict[str, Any] = answer.json()
    return found
