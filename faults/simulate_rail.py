"""A provider of payouts with an honest book and, now and then, bad manners towards those who call it.

It delivers as often as it is told to: that an order is sent once is the caller's promise, and a second delivery shows in the
book. Must not know: the application, beyond what a rail is.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from goodword.outbound.rails import Answer, Order, Rail, SilenceError
from goodword.outbound.rails.sandbox import Sandbox

NAME = "sandbox"


class Entry:
    """What the provider did with an order, and what it last said of it."""

    def __init__(self, order: Order) -> None:
        self.amount = order.amount
        self.unit = order.unit
        self.delivered = 0
        self.returned = False
        self.said: str | None = None


Manner = Callable[["Provider", Order], Awaitable[Answer]]


class Provider(Rail):
    """The rail. ``manners`` are what the next calls meet, each once; without any it is quick and honest."""

    kinds = Sandbox.kinds
    modes = Sandbox.modes
    manual = Sandbox.manual
    fields = Sandbox.fields

    def __init__(self) -> None:
        self.book: dict[str, Entry] = {}
        self.manners: deque[tuple[Manner, Manner | None]] = deque()
        #: order -> how the provider speaks of it when it is asked
        self.asked: dict[str, Manner] = {}
        self.met = 0
        self.lied: set[str] = set()

    async def send(self, order: Order) -> Answer:
        """Take an order, in the manner that is next."""
        if not self.manners:
            return await honest(self, order)
        manner, when_asked = self.manners.popleft()
        self.met += 1
        if when_asked is not None:
            self.asked[order.id] = when_asked
        return await manner(self, order)

    async def ask(self, order: Order) -> Answer | None:
        """Say what became of an order."""
        manner = self.asked.pop(order.id, None)
        if manner is not None:
            return await manner(self, order)
        return self.known(order.id)

    def known(self, order: str) -> Answer | None:
        """What the book says."""
        entry = self.book.get(order)
        if entry is None or not (entry.delivered or entry.said):
            return None
        if entry.delivered:
            return self.says(order, "returned" if entry.returned else "completed")
        return self.says(order, "failed")

    def deliver(self, order: Order) -> Entry:
        """Pay."""
        entry = self.book.setdefault(order.id, Entry(order))
        entry.delivered += 1
        return entry

    def says(self, order: str, outcome: str, again: float | None = None) -> Answer:
        """Answer, and remember what was said."""
        if order in self.book:
            self.book[order].said = outcome
        return Answer(outcome, f"ref-{order}", again=again)  # type: ignore[arg-type]


async def honest(provider: Provider, order: Order) -> Answer:
    """Deliver and say so."""
    provider.deliver(order)
    return provider.says(order.id, "completed")


async def refuses(provider: Provider, order: Order) -> Answer:
    """Deliver nothing and say so."""
    provider.book.setdefault(order.id, Entry(order))
    return provider.says(order.id, "failed")


async def silent_after(provider: Provider, order: Order) -> Answer:
    """Deliver; the answer is lost."""
    provider.deliver(order)
    raise SilenceError(order.id)


async def silent_before(_: Provider, order: Order) -> Answer:
    """Hear nothing, say nothing."""
    raise SilenceError(order.id)


async def hangs(provider: Provider, order: Order) -> Answer:
    """Deliver, and let the caller's patience end."""
    provider.deliver(order)
    raise TimeoutError


async def slow(provider: Provider, order: Order) -> Answer:
    """Deliver, and say at first only that it was sent."""
    provider.deliver(order)
    return provider.says(order.id, "sent", again=1.0)


async def regrets(provider: Provider, order: Order) -> Answer:
    """Deliver and say so; later it comes back."""
    entry = provider.deliver(order)
    entry.returned = True
    return provider.says(order.id, "completed", again=1.0)


async def silent_then_regrets(provider: Provider, order: Order) -> Answer:
    """Deliver; the answer is lost, and then it comes back."""
    provider.deliver(order).returned = True
    raise SilenceError(order.id)


async def babbles(provider: Provider, order: Order) -> Answer:
    """Deliver, and say what no rail may say."""
    provider.deliver(order)
    return Answer("splendid")  # type: ignore[arg-type]


async def breaks(provider: Provider, order: Order) -> Answer:
    """Deliver, and answer with what nobody can read."""
    provider.deliver(order)
    raise ValueError("<html>502 Bad Gateway</html>")


async def forgets(_: Provider, __: Order) -> Answer:
    """When asked: never heard of it."""
    return None  # type: ignore[return-value]


def stops(resume: asyncio.Event, reached: asyncio.Event, then: Manner) -> Manner:
    """Stay on the way until resumed: the caller's process stands still."""

    async def manner(provider: Provider, order: Order) -> Answer:
        reached.set()
        await resume.wait()
        return await then(provider, order)

    return manner
