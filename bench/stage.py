"""What a run has: one place with its server, and the others that take part, each started when a work first asks for it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar, cast

import peers
import pgbench
from clicks import Visitors, nginx
from contest import Contestant, Figures, compete
from place import Place, Server, place
from programs import MissingError
from testkit.database import temporary_home

T = TypeVar("T")

AFFILIATE = ("affiliate", "django-affiliate-system")
PINAX = ("pinax_project", "pinax-referrals")


class Stage:
    """The run. ``quick``: fewer, shorter rounds. ``kept``: a folder in which long histories are kept for the next run."""

    def __init__(self, *, quick: bool, kept: Path | None = None) -> None:
        self.quick = quick
        self.kept = kept
        self.rounds = 2 if quick else 5
        self.seconds = 1.0 if quick else 5.0
        self._open = AsyncExitStack()
        self._made: dict[str, object] = {}

    async def __aenter__(self) -> Self:
        try:
            self.place: Place = await self._open.enter_async_context(place())
            self.server: Server = await self._open.enter_async_context(self.place.serve())
            self.folder: Path = self._open.enter_context(temporary_home())
            self.yardstick = await pgbench.tpc_b(self.place.embedded.dsn, self.place.embedded.bin)
        except BaseException:
            await self._open.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def compete(
        self, *contestants: Contestant | None, postgres: Callable[[], float] | None = None, rounds: int | None = None
    ) -> dict[str, Figures]:
        """Return the figures of all that are there and of the yardstick, by name. ``postgres``: what another place's took."""
        there = [one for one in contestants if one is not None]
        spent = [self.place.postgres, *([postgres] if postgres else [])]
        found = await compete(
            [*there, self.yardstick],
            lambda: sum(each() for each in spent),
            rounds=rounds or self.rounds,
            seconds=self.seconds,
        )
        return {one.name: one for one in found}

    def visitors(self) -> Visitors:
        """Return those who follow links."""
        found = Visitors(self.folder)
        if found.why_not:
            self._miss("wrk", found.why_not)
        return found

    async def peer(self, module: str, package: str) -> peers.Peer | None:
        """Return a Django peer, or None with a line that says why."""
        base = self.place.embedded
        return await self._once(module, lambda: peers.peer(module, package, base.dsn, base.bin, self.folder))

    async def nginx(self, visitors: Visitors) -> Contestant | None:
        """Return nginx, or None with a line that says why."""
        return await self._once("nginx", lambda: nginx(self.folder, visitors))

    async def _once(self, what: str, make: Callable[[], AbstractAsyncContextManager[T]]) -> T | None:
        """Return what is made when it is first asked for, and stays until the end."""
        if what not in self._made:
            try:
                self._made[what] = await self._open.enter_async_context(make())
            except MissingError as error:
                self._made[what] = None
                self._miss(what, str(error))
        return cast("T | None", self._made[what])

    def _miss(self, what: str, why: str) -> None:
        print(f"not measured beside {what}: {why}")
