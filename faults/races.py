"""Races: two and three at once on the same reward, list, cap, budget, code, claim and payout, each also with a crash in between.

Every order of every two and three of what may be done to a subject is gone through one after the other: the ends that these orders
have are the only ones that there may be. Then the same is done at once, over connections of their own, and in every order with one
of them by a process that is gone before or after its last commit, whose client says it again at the end. Whatever comes must be one
of those ends, verify, and pay nobody twice.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from itertools import chain, combinations, permutations
from typing import Literal, TypeVar

from faults import crash_before
from faults.acts import Data
from faults.part import Progress, Result
from faults.place import Place
from faults.race_subjects import SUBJECTS, Subject
from faults.scene import Stage, scene
from faults.watch import Gone, Stop, Watch

_TIMES = 5  # that each two and three are done at once
_OPS_QUICK = 3

T = TypeVar("T")
Side = Literal["before", "after"]
_SIDES: tuple[Side, Side] = ("before", "after")


async def run(place: Place, quick: bool) -> Result:
    """Race on each subject. ``quick``: on each other one, three things by twos, with one crash. ONLY: words in its name."""
    count = Counter[str]()
    only = os.environ.get("ONLY", "")
    subjects = [subject for subject in SUBJECTS[:: 2 if quick else 1] if only in subject.name]
    progress = Progress("races, choices", sum(len(_choices(subject, quick)) for subject in subjects))
    async with crash_before.stages(place, "races") as staged:

        async def one(subject: Subject) -> list[str]:
            async with staged(subject.name) as on:
                return await _Race(on, subject, quick, progress, count).run()

        wrong = tuple(chain(*await asyncio.gather(*(one(subject) for subject in subjects))))
    orders, ends, at_once, crashes = (count[kind] for kind in ("orders", "ends", "at once", "crashes"))
    most = "QUICK: two of three" if quick else "two and three of five"
    what = (
        f"{most} things done to each of {len(subjects)} subjects: {orders:,} orders with {ends:,} ends, {at_once:,} times at once,"
        f" {crashes:,} orders with a crash in between"
    )
    return Result("races", what, orders + at_once + crashes, len(wrong), wrong)


def _choices(subject: Subject, quick: bool) -> list[tuple[str, ...]]:
    """Return all twos and threes of what may be done to a subject."""
    names = [op.key for op in subject.ops][: _OPS_QUICK if quick else None]
    return [chosen for size in ((2,) if quick else (2, 3)) for chosen in combinations(names, size)]


class _Deciding(Watch):
    """Stops at the first commit that decides something."""

    def __init__(self, side: Side) -> None:
        super().__init__()
        self._side = side

    async def pass_(self, what: str, go: Callable[[], Awaitable[T]], cut: Callable[[str], Awaitable[None]]) -> T:
        """Stop at a commit after the end of the log was moved."""
        if what.startswith("COMMIT") and any(point.startswith("update stream") for point in self.points):
            self.stop = self.stop or Stop(len(self.points), self._side, "gone")
        return await super().pass_(what, go, cut)


class _Race:
    """All trials on one subject. ``count``: of orders, their ends and the others, on all subjects."""

    def __init__(self, on: Stage, subject: Subject, quick: bool, progress: Progress, count: Counter[str]) -> None:
        self.on, self.subject, self.quick, self.progress, self.count = on, subject, quick, progress, count
        self.ops = {op.key: op for op in subject.ops}
        self.data: Data = {}
        self.wrong: list[str] = []

    async def run(self) -> list[str]:
        """Go through all twos and threes; returns what was wrong."""
        async with scene(self.on.dsn, self.on.ws, self.on.home) as before:
            self.data = await self.subject.prepare(before)
        await self.on.keep()
        for chosen in _choices(self.subject, self.quick):
            so_far = len(self.wrong)
            ends = [await self._in_order(order) for order in permutations(chosen)]
            self.count["orders"] += len(ends)
            self.count["ends"] += len({frozenset(end.items()) for end in ends})
            for _ in range(1 if self.quick else _TIMES):
                await self._allowed(f"{chosen} at once", await self._together(chosen), ends)
                self.count["at once"] += 1
            for order in permutations(chosen):
                for at in range(1 if self.quick else len(chosen)):
                    if not self.ops[order[at]].decides:
                        continue  # it is over when it is accepted
                    for side in _SIDES[-1:] if self.quick else _SIDES:
                        words = f"{order}, gone {side} the commit of the {at + 1}."
                        await self._allowed(words, await self._in_order(order, at, side), ends)
                        self.count["crashes"] += 1
            self.progress.one(len(self.wrong) - so_far)
        return self.wrong

    async def _in_order(self, order: Sequence[str], at: int | None = None, side: Side = "after") -> Counter[str]:
        """Do one after the other; returns the end.

        ``at``: whose process is gone, on that side of its commit, and whose client says it again at the end.
        """
        await self.on.put_back()
        for number, name in enumerate(order):
            await (self._gone(name, side) if number == at else self._do(name))
        if at is not None:
            await self._do(order[at])
            return await self._end(f"{order}, gone {side} the commit of the {at + 1}.")
        end = await self._end(str(order))
        if not self.subject.law(order, end):
            self.wrong.append(f"{self.subject.name}: {order} must not end so")
        return end

    async def _do(self, name: str) -> None:
        """Do something as a process that was alive all along."""
        await self.ops[name](await self.on.heir(), self.data)

    async def _together(self, chosen: Sequence[str]) -> Counter[str]:
        """Do all at once, each as a process of its own."""
        await self.on.put_back()
        doing: list[Awaitable[object]] = [self.ops[name](await self.on.heir(), self.data) for name in chosen]
        await asyncio.gather(*doing)
        return await self._end(f"{chosen} at once")

    async def _gone(self, name: str, side: Side) -> None:
        """Do something up to the commit that decides it, and be no more."""
        watch = _Deciding(side)
        pool = await watch.open_pool(self.on.dsn)
        try:
            there = await self.on.under(pool, watch)
            watch.on = True
            await self.ops[name](there, self.data)
        except Gone:
            pass
        finally:
            pool.terminate()
        if not watch.gone:
            self.wrong.append(f"{self.subject.name}: {name} never came to the commit that decides it")

    async def _end(self, words: str) -> Counter[str]:
        """Let everything come to rest and look; returns what stands there."""
        after = await self.on.heir()
        found = [problem] if (problem := await self.on.rest(after)) else []
        found += await self.on.wrong(after, [])
        self.wrong += [f"{self.subject.name}: {words}: {one}" for one in found]
        return await self.on.dump(after)

    async def _allowed(self, words: str, end: Counter[str], ends: list[Counter[str]]) -> None:
        if end not in ends:
            near = min(ends, key=lambda one: (one - end).total() + (end - one).total())
            missing, more = list(near - end), list(end - near)
            self.wrong.append(f"{self.subject.name}: {words}: no order ends so: without {missing[:2]}, with {more[:2]}")
