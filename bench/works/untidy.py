"""Untidy life: what an event costs behind ten thousand others of the same customer, invoice or case, and how long an entry gets.

The write path itself works in this process, on a database of its own: costs are its processor time and PostgreSQL's.
"""

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from place import Place, place
from report import Goal, Outcome
from stage import Stage
from testkit import sent
from testkit.house import House, opened
from testkit.world import advocate, friend, rules

from goodword.store.migrations import migrate
from goodword.store.vault import new_key

_MOST = 10_000
_REFUNDS = 8_000
_WINDOW = 1_000
_LIST = 20_000
_ROUNDS = 5
_AT_ONCE = 100  # events of a request
_AMOUNT = 10_000
#: Of two advocates: the second is the one who has everything.
_CODES = ("AMY", "ANN")


class _Cost(NamedTuple):
    """Microseconds of processor time that an event took, here and in PostgreSQL."""

    own: float
    postgres: float

    @property
    def together(self) -> float:
        return self.own + self.postgres


@asynccontextmanager
async def _house() -> AsyncIterator[tuple[House, Place]]:
    """Yield a workspace on a place of its own, whose write path is warm."""
    os.environ.setdefault("GOODWORD_MASTER_KEY", new_key().hex())
    async with place() as own:
        await migrate(own.embedded.dsn)
        async with opened(own.embedded.dsn) as house:
            await house.publish(rules(hold="0d", conversion={"counts": {"months": 120}}))
            await house.send(sent.enrolled("e", "ann", "ANN"), sent.enrolled("o", "amy", "AMY"))
            for name in ("warm", "other"):
                await house.send(sent.lead(name, name, code="AMY"))
                await _decided(house, [_order(name, n) for n in range(2 * _AT_ONCE)])
            yield house, own


async def one_customer(stage: Stage) -> Outcome:
    """Measure ``one_customer``: all orders are of one amount and at one instant, so that each looks like a double of the others."""
    most, window = _sizes(stage, _MOST)

    async def once() -> list[_Cost]:
        async with _house() as (house, own):
            await house.send(sent.lead("l", "bob", code="ANN"))
            return await _grown(house, own, [_order("bob", n) for n in range(most)], window)

    return _outcome("one_customer", f"{most:,} orders of one customer", await _middle(stage, once), 1.3)


async def one_invoice(stage: Stage) -> Outcome:
    """Measure ``one_invoice``: each refund lowers what the invoice earned."""
    most, window = _sizes(stage, _REFUNDS)

    async def once() -> list[_Cost]:
        async with _house() as (house, own):
            await house.send(sent.lead("l", "bob", code="ANN"), sent.purchase("p", "bob", "i", 100 * most))
            refunds = [sent.refund(f"r{n}", "i", str(n), 50) for n in range(most)]
            return await _grown(house, own, refunds, window)

    return _outcome("one_invoice", f"{most:,} refunds of one invoice", await _middle(stage, once), 1.3)


async def big_case(stage: Stage) -> Outcome:
    """Measure ``big_case``: refunds of orders whose rewards are all named by the case of their advocate, beside others."""
    most, window = _sizes(stage, _MOST)
    async with _house() as (house, own):
        for code, count in zip(_CODES, (window, most), strict=True):
            friends = [f"{code}-{n}" for n in range(count)]
            await _decided(house, [sent.lead(f"l-{name}", name, code=code) for name in friends])
            await _decided(house, [sent.purchase(f"p-{name}", name, f"i-{name}", _AMOUNT) for name in friends])
        await house.send({"type": "advocate.suspended", "id": "s", "external_id": "ann"})
        await house.decide()
        refunds = {
            code: [sent.refund(f"{code}{n}", f"i-{code}-{n}", "r", 50) for n in range(window)] for code in _CODES
        }
        costs = [await _cost(house, own, of_code) for of_code in refunds.values()]
    return _outcome("big_case", f"refunds, ordinary and of a suspended advocate with {most:,} rewards", costs, 1.2)


async def long_list(_: Stage) -> Outcome:
    """Measure ``long_list``: bytes of an order's entry under a rule with so many product codes, beside one with one."""
    sizes = []
    async with _house() as (house, _own):
        lines = [{"id": "1", "product": "sku-7", "amount": _AMOUNT}]
        for count in (1, _LIST):
            slug = f"codes-{count}"
            codes = [f"sku-{7 + n}" for n in range(count)]
            conversion = {"conditions": [{"kind": "product", "any_of": codes}]}
            await house.publish(
                rules(program=slug, conversion=conversion, rewards=[advocate(percent="10"), friend(flat={"EUR": 5})])
            )
            await house.send(
                sent.enrolled(f"e-{slug}", "abe", slug, program=slug),
                sent.lead(f"l-{slug}", slug, code=slug),
                sent.purchase(f"p-{slug}", slug, f"i-{slug}", _AMOUNT, lines=lines),
            )
            await house.decide()
            [(size,)] = await house.rows(
                "select length(leaf) from log where workspace_id = $1 order by position desc limit 1"
            )
            sizes.append(size)
    print(
        f"long_list: an order's entry has {sizes[0]:,} bytes under a list of one, {sizes[1]:,} under one of {_LIST:,}"
    )
    goals = [Goal(f"bytes that {_LIST:,} product codes add to an entry", sizes[1] - sizes[0], 100, at_most=True)]
    return Outcome({"work": "long_list", "bytes": sizes}, goals)


def _sizes(stage: Stage, most: int) -> tuple[int, int]:
    return (most // 4, _WINDOW // 4) if stage.quick else (most, _WINDOW)


def _order(customer: str, n: int) -> dict[str, Any]:
    return sent.purchase(f"p-{customer}-{n}", customer, f"i-{customer}-{n}", _AMOUNT)


async def _middle(stage: Stage, once: Callable[[], Awaitable[list[_Cost]]]) -> list[_Cost]:
    """The middle one of five by its ratio, each in a place of its own: where PostgreSQL happens to clean up, an event pays for it."""
    found = [await once() for _ in range(1 if stage.quick else _ROUNDS)]
    return sorted(found, key=lambda costs: costs[1].together / costs[0].together)[len(found) // 2]


async def _grown(house: House, own: Place, items: Sequence[dict[str, Any]], window: int) -> list[_Cost]:
    """Have all of them decided; returns what one cost among the first and among the last so many."""
    await house.decide()
    first = await _cost(house, own, items[:window])
    await _decided(house, items[window:-window])
    return [first, await _cost(house, own, items[-window:])]


async def _cost(house: House, own: Place, items: Sequence[dict[str, Any]]) -> _Cost:
    here, there = time.process_time(), own.postgres()
    await _decided(house, items)
    spent = time.process_time() - here, own.postgres() - there
    return _Cost(*(round(1e6 * seconds / len(items), 1) for seconds in spent))


async def _decided(house: House, items: Sequence[dict[str, Any]]) -> None:
    before = await house.position()
    for at in range(0, len(items), _AT_ONCE):
        await house.send(*items[at : at + _AT_ONCE])
        await house.decide()
    if await house.position() < before + len(items):
        raise RuntimeError("not all of it was decided")


def _outcome(work: str, title: str, costs: Sequence[_Cost], asked: float) -> Outcome:
    before, after = costs
    print(f"{work}: {title}")
    for name, cost in (("at first", before), ("then", after)):
        print(f"  {name}: {cost.own:,.0f} us here + {cost.postgres:,.0f} us in PostgreSQL an event")
    ratio = round(after.together / before.together, 3)
    row = {"work": work, "cpu_us": [before._asdict(), after._asdict()], "ratio": ratio}
    return Outcome(row, [Goal("cost of one, then to at first", ratio, asked, at_most=True)])
