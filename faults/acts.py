"""What people may say, for all parts: who says which command, about what of the data that stands ready, under which key.

What was said may be said again under its key, as clients do, and is then answered as before.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from testkit.house import OWNER, PAT, SERVER, START, Household

from goodword.app import say
from goodword.app.say.said import Why
from goodword.core.entry import Entry
from goodword.core.facts import Actor

Data = dict[str, Any]
_ASIDE = 2 * 86_400_000_000


@dataclass(frozen=True)
class Act:
    """Somebody says a command. ``given``: what it takes of the data."""

    who: Actor
    command: Callable[..., Awaitable[Any]]
    given: Callable[[Data], Sequence[Any]]
    key: str
    decides: ClassVar[bool] = True

    async def __call__(self, house: Household, data: Data) -> Entry:
        """Say it."""
        said = await self.command(house.as_(self.who), house.directory, *self.given(data), key=self.key)
        entry: Entry = getattr(said, "entry", said)
        return entry


def _list(data: Data) -> tuple[Any, str]:
    return data["items"], data["digest"]


def approve(who: Actor) -> Act:
    """The list."""
    return Act(who, say.approvals.approve, _list, f"approve {who.id}")


def reject(who: Actor, most: int | None = None) -> Act:
    """The list, or the first so many of it."""
    return Act(who, say.rewards.reject, lambda data: (data["items"][:most], Why("other", "a note")), f"reject {who.id}")


def put_aside(who: Actor) -> Act:
    """The first of the list, for two days."""

    def given(data: Data) -> Sequence[Any]:
        return data["items"][0].id, START + _ASIDE, Why("waits for the shop", "a note")

    return Act(who, say.rewards.snooze, given, f"put aside {who.id}")


def withdraw(who: Actor) -> Act:
    """The approval of the list."""
    return Act(who, say.approvals.withdraw, lambda data: (data["items"], "mistake", "a note"), f"withdraw {who.id}")


def decide_case(who: Actor, how: str) -> Act:
    """The case."""
    return Act(who, say.cases.decide, lambda data: (data["case"], how, Why("looked_at", "a note")), how)


def enter_claim(who: Actor, which: int = 0) -> Act:
    """That one of the advocates brought the friend."""

    def given(data: Data) -> Sequence[Any]:
        shares = [(data["advocates"][which], Fraction(1))]
        return data["program"], data["friend"], shares, START, "said_so", "a note", ("evt_said",)

    return Act(who, say.claims.enter, given, f"claim {which}")


def decide_claim(who: Actor, how: str, which: int = 0) -> Act:
    """One of the claims."""
    return Act(who, say.claims.decide, lambda data: (data["claims"][which], how, "seen", None), f"{how} {which}")


def comment_on_claim(who: Actor) -> Act:
    """The first of the claims."""
    return Act(who, say.claims.comment, lambda data: (data["claims"][0], "asked the shop"), f"comment {who.id}")


def set_payee(**details: str) -> Act:
    """Details of who is paid."""
    return Act(SERVER, say.payees.set_payee, lambda data: (data["payee"], "sandbox", details), "other details")


def draft(key: str, rail: str = "sandbox") -> Act:
    """Everything that is due on a rail."""
    return Act(PAT, say.payouts.draft, lambda _: (rail, "EUR", None), key)


def release(who: Actor) -> Act:
    """The list."""
    return Act(who, say.payouts.release, _list, f"release {who.id}")


def cancel(who: Actor) -> Act:
    """The first of the list."""
    return Act(who, say.payouts.cancel, lambda data: (data["items"][0].id, "mistake"), "cancel")


def answer(how: str) -> Act:
    """What became of the first of the list."""
    return Act(PAT, say.payouts.answer, lambda data: (data["items"][0].id, how), how)


def move(to: str) -> Act:
    """The program."""
    return Act(OWNER, say.programs.move, lambda _: ("main", to), to)


def publish(file: bytes) -> Act:
    """Rules."""
    return Act(OWNER, say.programs.publish, lambda _: (file, "rules.yaml"), "publish")
