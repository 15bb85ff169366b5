"""Payout runs: rewards that are approved and due are drafted by one, released by another, and stand in the file for the bank."""

import asyncio
import csv
import io
import re
import time
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import cpu
import httpx
import pgbench
from contest import Contestant, Turn
from hot import recording
from place import COMMAND, Place, Server, place
from report import Goal, Outcome, told
from stage import Stage
from testkit.api import Api

_ASKED = 100_000
_LIST = 1_000
_POLL = 0.1  # seldom enough to be no load
_ROUNDS = 2  # each needs rewards of its own, which take longer to make than to pay
_MOST_MB = 300
_FROM = {"name": "Acme GmbH", "iban": "DE02120300000000202051", "town": "Berlin", "country": "DE"}


class _Run(NamedTuple):
    """A work. ``filled``: with what, and ``each``: rewards of one payee then, see filling.py; ``quick``: all of them, where it is."""

    work: str
    filled: str
    each: int
    format: str
    quick: int


async def payout_run(stage: Stage) -> Outcome:
    """Measure ``payout_run`` beside a plain double entry: two balances and two rows for a transfer."""
    return await _measured(stage, _Run("payout_run", "payable", 20, "csv", 2_000))


async def pain001(stage: Stage) -> Outcome:
    """Measure ``pain001`` likewise: four times as many payees, a message for SEPA with addresses, and the memory of our process."""
    return await _measured(stage, _Run("pain001", "payees", 5, "pain.001", 10_000), most_mb=_MOST_MB)


async def _measured(stage: Stage, run: _Run, most_mb: int | None = None) -> Outcome:
    size = run.quick if stage.quick else _ASKED
    async with AsyncExitStack() as open_:
        sizes = [size // 10, *[size] * _ROUNDS]  # the first is the warm-up's
        own = await open_.enter_async_context(place())
        spaces = [await _space(own, run, count) for count in sizes]
        server = await open_.enter_async_context(own.serve())
        ours = _contestant(server, run, list(zip(spaces, sizes, strict=True)))
        plain = await pgbench.double_entry(stage.place.embedded.dsn, stage.place.embedded.bin)
        found = await stage.compete(ours, plain, postgres=own.postgres, rounds=_ROUNDS)
        mb = cpu.peak(server.pid)
    mine = found[ours.name]
    title = f"rewards from approved to the bank file as {run.format}, {size:,} of {size // run.each:,} payees"
    row = told(run.work, title, mine, found, found[plain.name]) | {"mb": round(mb)}
    print(f"  the most memory of our process: {mb:.0f} MB")
    goals = [Goal(f"seconds for {_ASKED:,} rewards", _ASKED / mine.rate, 60, at_most=True)]
    if most_mb is not None:
        goals.append(Goal("MB of our process at most", mb, most_mb, at_most=True))
    return Outcome(row, goals, partial(_profile, run, size // 10))


async def _space(own: Place, run: _Run, size: int) -> dict[str, Any]:
    """Return a workspace with what is to be paid, and with a second person, without whom a live one releases next to nothing."""
    space, _ = await own.filled(f"{run.work} {size}", run.filled, size)
    payer = ("payer@example.com", "--workspace", space["id"])
    added = await own.goodword("member", "add", *payer, "--role", "payer")
    confirmed = await own.goodword("member", "confirm", *payer)
    return space | {"payer_key": added["key"] or confirmed["key"]}


async def _profile(run: _Run, size: int, _: float, stats: Path) -> int:
    async with place() as own:
        space = await _space(own, run, size)
        async with own.serve(profile=stats) as server:
            with recording(server):
                turn = await _contestant(server, run, [(space, size)]).turn(0)
    return turn.operations


def _contestant(server: Server, run: _Run, waiting: list[tuple[dict[str, Any], int]]) -> Contestant:
    async def turn(_: float) -> Turn:
        space, size = waiting.pop(0)
        with httpx.Client(base_url=server.url, timeout=120, trust_env=False) as client:
            api = Api(server.url, space, client)
            api.keys["payer"] = space["payer_key"]
            assert api.call("owner", "PUT", "/v1/debtor", json={"details": _FROM}).is_success
            begun = time.perf_counter()
            payouts = await asyncio.to_thread(_paid, api, run.format)
            seconds = time.perf_counter() - begun
        if len(payouts) != size // run.each:
            raise RuntimeError(f"{len(payouts)} payouts of {size} rewards")
        return Turn(size, seconds)

    path = f"/v1/payouts/bank-file?format={run.format}"
    return Contestant("goodword", f"{COMMAND} | POST /v1/payouts, /v1/payouts/release, GET {path}", server.spent, turn)


def _paid(api: Api, format_: str) -> list[str]:
    """Draft until nothing is left, look at the frozen lists and send them back, wait for the worker; returns what is in the file."""
    payouts: list[str] = []
    while (answer := api.call("payer", "POST", "/v1/payouts", json={"rail": "bank_file", "unit": "EUR"})).is_success:
        payouts += [one["subject"] for one in answer.json()["verdicts"] if one["outcome"] == "drafted"]
    assert answer.json()["code"] == "nothing_to_do", answer.text
    for at in range(0, len(payouts), _LIST):
        said = api.agree("/v1/payouts/release", *payouts[at : at + _LIST])
        assert [verdict["outcome"] for verdict in said["verdicts"]] == ["released"], said
    while api.get("/v1/payouts", status="released", limit=1)["items"]:
        time.sleep(_POLL)
    answer = api.call("owner", "GET", "/v1/payouts/bank-file", params={"format": format_})
    assert _references(answer.text, format_) == {payout.replace("_", "-") for payout in payouts}, "another bank file"
    return payouts


def _references(text: str, format_: str) -> set[str]:
    if format_ == "csv":
        return {line["reference"].replace("_", "-") for line in csv.DictReader(io.StringIO(text))}
    return set(re.findall("<EndToEndId>([^<]+)</EndToEndId>", text))
