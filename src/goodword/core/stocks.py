"""Stocks of codes that a company uploaded: which codes a payout gets, each once for ever, and what waits while there are none.

Codes are numbers here: of a stock the next is always the one behind the last that was given. Must not know: what a code reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from goodword.core.decision import Job, Step, Verdict
from goodword.core.draft import Draft
from goodword.core.events import StockUploaded
from goodword.core.state import Handout, Payout, Stock

#: The rail that gives such codes out.
CODE_STOCK: Final = "code_stock"
#: Why a released payout is not with its rail yet.
AWAITED: Final = "codes_awaited"
#: Where jobs of payouts wait.
QUEUE: Final = "payouts"
#: Codes that one payout gets at most.
MOST: Final = 100


def uploaded(draft: Draft, event: StockUploaded) -> None:
    """Codes are there from now on; payouts that waited for such codes go on, the oldest first."""
    stock = Stock(
        id=draft.id("stk", "stock"),
        name=event.name,
        program=event.program,
        unit=event.unit,
        amount=event.amount,
        size=event.size,
        low=event.low,
        ends_at=event.ends_at,
        at=draft.as_of,
        evt=draft.evt,
    )
    draft.put(stock)
    step = Step("stock", {"name": stock.name, "size": stock.size, "amount": stock.amount, "unit": stock.unit})
    draft.say(
        Verdict(about="command", outcome="stock_uploaded", program=stock.program, subject=stock.id, steps=(step,))
    )
    for payout in sorted(draft.of(Payout, "awaits", stock.unit), key=lambda it: (it.drafted_at, it.id)):
        if _serves(stock, payout):
            draft.jobs.append(job(draft, payout))


def job(draft: Draft, payout: Payout) -> Job:
    """Return what hands a released payout to its rail."""
    id_ = draft.id("job", "payout.send", share=payout.id)
    return Job(id=id_, kind="payout.send", subject=payout.id, queue=QUEUE)


def give(draft: Draft, payout: Payout) -> Step | None:
    """Give a payout the next codes of the stock that serves it first; without such a stock it waits, and says so.

    Codes that end soonest go first, then those of the payout's program, then the fewest codes, then the stock that is older.
    """
    chosen = chosen_of(draft.of(Stock, "unit", payout.unit), payout, draft.as_of)
    if chosen is None:
        draft.put(replace(payout, reason=AWAITED))
        step = Step("codes_awaited", {"amount": payout.amount, "unit": payout.unit})
        said = Verdict(about="command", outcome="codes_awaited", subject=payout.id, beneficiary=payout.beneficiary)
        draft.say(replace(said, amount=payout.amount, unit=payout.unit, steps=(step,)))
        return None
    count = payout.amount // chosen.amount
    for number in range(chosen.given + 1, chosen.given + count + 1):
        id_ = draft.id("hnd", payout.id, share=number)
        draft.put(Handout(id=id_, stock=chosen.id, number=number, payout=payout.id, evt=draft.evt))
    draft.put(replace(chosen, given=chosen.given + count))
    values = {"stock": chosen.id, "name": chosen.name, "first": chosen.given + 1, "last": chosen.given + count}
    return Step("codes", {**values, "left": chosen.left - count})


def chosen_of(stocks: Iterable[Stock], payout: Payout, as_of: int) -> Stock | None:
    """Return the stock whose codes a payout gets now: whole codes that come to its amount exactly."""
    there = [
        stock
        for stock in stocks
        if _serves(stock, payout)
        and payout.amount // stock.amount <= stock.left
        and (stock.ends_at is None or stock.ends_at > as_of)
    ]
    return min(there, key=_order, default=None)


def low(stocks: Iterable[Stock], as_of: int) -> dict[str, int]:
    """Return the names under which codes run low, with how many are left: of all uploads of that name that have not ended.

    The newest upload of a name says from how many on. A name whose every upload has ended is no longer in use.
    """
    named: dict[str, list[Stock]] = {}
    for stock in stocks:
        if stock.ends_at is None or stock.ends_at > as_of:
            named.setdefault(stock.name, []).append(stock)
    left = {name: sum(stock.left for stock in those) for name, those in named.items()}
    return {name: left[name] for name, those in named.items() if left[name] <= max(those, key=_age).low}


def _serves(stock: Stock, payout: Payout) -> bool:
    """Whether its codes are of the payout's unit and program, and come to its amount exactly."""
    if stock.unit != payout.unit or payout.amount % stock.amount or payout.amount // stock.amount > MOST:
        return False
    return stock.program is None or all(part.program == stock.program for part in payout.parts)


def _order(stock: Stock) -> tuple[bool, int, bool, int, int, str]:
    return (stock.ends_at is None, stock.ends_at or 0, stock.program is None, -stock.amount, *_age(stock))


def _age(stock: Stock) -> tuple[int, str]:
    return stock.at, stock.id
