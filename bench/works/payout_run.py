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
from testkit.api import Api

_ASKED = 100_000
_EACH = 20  # rewards of one beneficiary, see filling.py
_LIST = 1_000
_POLL = 0.1  # seldom enough to be no load
_ROUNDS = 2  # each needs rewards of its own, which take longer to make than to pay


async def payout_run(stage: Stage) -> Outcome:
    """Measure ``payout_run`` beside a plain double entry: two balances and two rows for a transfer."""
    size = 2_000 if stage.quick else _ASKED
    async with AsyncExitStack() as open_:
        sizes = [size // 10, *[size] * _ROUNDS]  # the first is the warm-up's
        own = await open_.enter_async_context(place())
        spaces = [(await own.filled("payouts", "payable", count))[0] for count in sizes]
        server = await open_.enter_async_context(own.serve())
        ours = _contestant(server, list(zip(spaces, sizes, strict=True)))
        plain = await pgbench.double_entry(stage.place.embedded.dsn, stage.place.embedded.bin)
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
        begun = time.perf_counter()
        with httpx.Client(base_url=server.url, timeout=120, trust_env=False) as client:
            payouts = await asyncio.to_thread(_paid, Api(server.url, space, client))
        if len(payouts) != size // _EACH:
            raise RuntimeError(f"{len(payouts)} payouts of {size} rewards")
        return Turn(size, time.perf_counter() - begun)

    return Contestant("goodword", f"{COMMAND} | POST /v1/payouts, /v1/payouts/release", server.spent, turn)


def _paid(api: Api) -> list[str]:
    """Draft until nothing is left, look at the frozen lists and send them back, wait for the worker; returns what is in the file."""
    payouts: list[str] = []
    while (answer := api.call("owner", "POST", "/v1/payouts", json={"rail": "bank_file", "unit": "EUR"})).is_success:
        payouts += [one["subject"] for one in answer.json()["verdicts"] if one["outcome"] == "drafted"]
    assert answer.json()["code"] == "nothing_to_do", answer.text
    for at in range(0, len(payouts), _LIST):
        said = api.agree("/v1/payouts/release", *payouts[at : at + _LIST])
        assert [verdict["outcome"] for verdict in said["verdicts"]] == ["released"], said
    while api.get("/v1/payouts", status="released", limit=1)["items"]:
        time.sleep(_POLL)
    answer = api.call("owner", "GET", "/v1/payouts/bank-file")
    assert {line["reference"] for line in csv.DictReader(io.StringIO(answer.text))} == set(payouts), "another bank file"
    return payouts
