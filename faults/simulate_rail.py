"""A provider of payouts with an honest book and, now and then, bad manners towards those who call it.

It delivers as often as it is told to: that an order is sent once is the caller's promise, and a second delivery shows in the
book. Must not know: the application, beyond what a rail is.
"""

from collections import deque
from typing import NamedTuple

from faults.simulate_strikes import Pause

from goodword.core.state import Payout
from goodword.outbound.rails import Answer, Order, SilenceError
from goodword.outbound.rails.sandbox import Sandbox

NAME = "sandbox"


class Manner(NamedTuple):
    """How an order is met: what is said of it or raised, after what was done. ``forgets``: when it is first asked about the order."""

    says: str | type[Exception] | Exception = "completed"
    delivers: bool = True
    returns: bool = False
    lies: bool = False
    forgets: bool = False
    again: float | None = None
    pause: Pause | None = None


HONEST, SILENT, LATE = Manner(), Manner(SilenceError), Manner("sent", again=1.0)
#: What the provider does -> how.
MANNERS = {
    "refuses": Manner("failed", delivers=False),
    "silent after success": SILENT,
    "silent before success": Manner(SilenceError, delivers=False),
    "hangs": Manner(TimeoutError),
    "late": LATE,
    "reverses later": Manner(returns=True, again=1.0),
    "silent, then reverses": Manner(SilenceError, returns=True),
    "forgets": Manner(SilenceError, forgets=True),
    "says nonsense": Manner("splendid"),
    "breaks off": Manner(ValueError("<html>502 Bad Gateway</html>")),
    "lies": Manner("failed", lies=True),
}


class Entry:
    """What the provider did with an order, what it last said of it, and in which manner."""

    def __init__(self, order: Order | Payout) -> None:
        self.amount, self.unit = order.amount, order.unit
        self.delivered = 0
        self.returned = self.lied = self.forgets = False
        self.said: str | None = None


class Provider(Sandbox):
    """The rail, in the sandbox's place. ``manners`` are what the next calls meet, each once; without any it is quick and honest."""

    def __init__(self) -> None:
        self.book: dict[str, Entry] = {}
        self.manners: deque[Manner] = deque()

    async def send(self, order: Order) -> Answer:
        """Take an order, in the manner that is next."""
        manner = self.manners.popleft() if self.manners else HONEST
        if manner.pause:
            await manner.pause.here()
        entry = self.book.setdefault(order.id, Entry(order))
        entry.delivered += manner.delivers
        entry.returned |= manner.returns
        entry.lied |= manner.lies
        entry.forgets |= manner.forgets
        if not isinstance(manner.says, str):
            raise manner.says
        return self.says(order.id, manner.says, manner.again)

    async def ask(self, order: Order) -> Answer | None:
        """Say what became of an order."""
        entry = self.book.get(order.id)
        if entry and entry.forgets:
            entry.forgets = False
            return None
        return self.known(order.id)

    def known(self, order: str) -> Answer | None:
        """What the book says."""
        entry = self.book.get(order)
        if entry is None or not (entry.delivered or entry.said):
            return None
        if entry.delivered:
            return self.says(order, "returned" if entry.returned else "completed")
        return self.says(order, "failed")

    def says(self, order: str, outcome: str, again: float | None = None) -> Answer:
        """Answer, and remember what was said."""
        if order in self.book:
            self.book[order].said = outcome
        return Answer(outcome, f"ref-{order}", again=again)  # type: ignore[arg-type]
