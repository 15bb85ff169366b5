"""Pages of lists and frozen lists: the shapes that reads of many nouns have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Generic, Protocol, TypeVar

import asyncpg
from msgspec import Struct

from goodword.app.errors import UnknownError
from goodword.app.principal import Principal
from goodword.core import lists
from goodword.core.events import Item
from goodword.core.state import Case, Payout, Reward
from goodword.store import entities

T = TypeVar("T")
R = TypeVar("R", Reward, Payout, Case)


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


I = TypeVar("I", bound=_Identified)  # noqa: E741 - a type variable, in the style of its neighbours


class Page(Struct, Generic[T], frozen=True):
    """A page of a list; ``after``: the cursor of the next one, None: this was the last."""

    items: Sequence[T]
    after: str | None = None


class Shown(Struct, frozen=True, kw_only=True):
    """What who decides is shown beside an item: who is paid, where, and who said so.

    ``name``: the company's own for the person; ``last``: the last characters of the account; both None for a reader who may not see
    them. ``changed_by`` and ``changed_at``: who entered these payment details first, and when, if that is known; ``entered_by``: all
    who did. ``own_work``: what the reader did before that forbids them to decide it; ``cases``: the open ones; ``claim``: the open one
    that stops it; ``awaits``: what a second member is still to say; ``approvals`` and ``rejecting``: who said so first.
    ``flags``: what was raised on it; ``opened``: the reader opened its evidence since, or need not.
    ``check``: what a bank answered of the name in the payment details, of ``core.payees.ANSWERS``; None: it was not asked.
    ``stopped``: why nothing goes there until a person decides, or until there are others: ``payee_asked`` or ``payee_refused``.
    """

    id: str
    beneficiary: str
    name: str | None = None
    rail: str | None = None
    last: str | None = None
    changed_by: str | None = None
    changed_at: int | None = None
    entered_by: tuple[str, ...] = ()
    own_work: str | None = None
    cases: tuple[str, ...] = ()
    awaits: Sequence[str] = ()
    approvals: tuple[str, ...] = ()
    rejecting: tuple[str, ...] = ()
    claim: str | None = None
    flags: tuple[str, ...] = ()
    opened: bool = True
    check: str | None = None
    stopped: str | None = None


class FrozenList(Struct, frozen=True):
    """Items as they are now and the SHA-256 of their canonical bytes, hexadecimal: what an approval or a release sends back.

    ``shown``: of each item, in their order; no part of the digest. ``left_out``: why others are not in the list -> how many.
    """

    items: tuple[Item, ...]
    list_sha256: str
    shown: tuple[Shown, ...] = ()
    left_out: dict[str, int] = {}


def by_id(items: Sequence[I], limit: int) -> Page[I]:
    """Return a page in order of id; a full one may have a successor."""
    return Page(items, items[-1].id if items and len(items) == limit else None)


def frozen(items: Iterable[Item], shown: Iterable[Shown] = (), left_out: dict[str, int] | None = None) -> FrozenList:
    """Return the frozen list of items."""
    listed = tuple(items)
    return FrozenList(listed, lists.digest(listed), tuple(shown), left_out or {})


def number(versions: Iterable[tuple[int, str]], rules: str) -> int | None:
    """Return which of a program's versions these rules are, from 1; None: none of them."""
    return next((number for number, (_, hash_) in enumerate(versions, 1) if hash_ == rules), None)


async def one(conn: asyncpg.Connection, who: Principal, noun: type[R], id_: str) -> R:
    """Return a reward or payout. Raises UnknownError, for one of programs that are not shown too."""
    shown = await _shown(conn, who, noun, [id_])
    if not shown:
        raise UnknownError(noun.__name__.lower())
    return shown[0]


async def each(conn: asyncpg.Connection, who: Principal, noun: type[R], ids: Sequence[str]) -> list[R]:
    """Return rewards, payouts or cases in the order of their ids, each once. Raises UnknownError naming the first that is not there."""
    shown = {entity.id: entity for entity in await _shown(conn, who, noun, ids)}
    for id_ in ids:
        if id_ not in shown:
            raise UnknownError(f"{noun.__name__.lower()} {id_}")
    return [shown[id_] for id_ in dict.fromkeys(ids)]


async def _shown(conn: asyncpg.Connection, who: Principal, noun: type[R], ids: Sequence[str]) -> list[R]:
    rows = await entities.load(conn, who.workspace.id, noun, ids)
    return [it for it in rows if who.sees(*(it.programs if isinstance(it, Payout) else (it.program,)))]
