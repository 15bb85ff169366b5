"""Double entry by type: a posting has a source and a destination, so money cannot appear or vanish.

Where a reward's amount stands: pending, in_review: accrued (of a welcome, which nobody is owed, nowhere: it is no cost yet);
approved: payable; processing: clearing; paid: settled, but what was paid as our own credit: credit, owed to the beneficiary, or by a
code to whoever shows it, until it is redeemed, which settles it; rejected, reversed, expired: back to expense; sent too much:
receivable (a negative balance: the beneficiary owes it). What another system owed comes from ``opening`` in the place of expense: it
was a cost there. A correction is an expense owned by what it is, such as goodwill.
What one program keeps of a payout because the beneficiary owes it to another stands between the two: in ``between`` of each, owned
by the other.
Only this module builds a Posting.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from goodword.core.kinds.rewards import taken_off
from goodword.core.state import Lot, Reward

#: Program, account, owner, unit.
Account = tuple[str, str, str, str]
#: Who owns what beneficiaries paid back, in ``settled``: no rail, and a negative balance where those have positive ones.
REPAID = "repaid"
#: The rail of our own credit: what was delivered over it stands in ``credit`` of its beneficiary, and in ``settled`` once it is used.
STORE_CREDIT = "store_credit"
#: That of codes of our own: what stands behind a code is likewise in ``credit``, of the payout that brought the code.
DISCOUNT_CODE = "discount_code"
#: Rails whose delivery we still owe until it is used.
OURS = (STORE_CREDIT, DISCOUNT_CODE)
ACCOUNTS = ("expense", "accrued", "payable", "clearing", "credit", "settled", "receivable", "between", "opening")
#: The rail of what the shop takes off an order itself: nothing is sent over it, for it is delivered already.
WELCOME = "welcome"
#: What stands where a conversion's name does for an opening balance: no conversion can have it.
OPENING = ":opening"
#: What a correction may be: its name stands where a conversion's does, and owns its cost.
ORIGINS = ("goodwill", "bonus", "exchange", "mistake", "contribution")
#: What a reward comes from that an order earned.
ORDER = "order"


#: status of a reward -> the account in which what is owed and not yet sent stands
STANDS_IN = {
    "pending": "accrued",
    "in_review": "accrued",
    "approved": "payable",
    "processing": "clearing",
    "paid": "settled",
}


class Posting(Struct, frozen=True, gc=False, array_like=True):
    """``amount`` > 0 moves from source to destination; ``owner`` fields name a beneficiary, a rail, or nobody (empty).

    Both ends lie in one program. Before the second behaviour one of them was another program's where a payout netted across two.
    """

    program: str
    source: str
    source_owner: str
    to_program: str
    destination: str
    destination_owner: str
    unit: str
    amount: int
    reward: str


def _posting(reward: Reward, source: tuple[str, str], destination: tuple[str, str], amount: int) -> list[Posting]:
    if amount == 0 or source == destination:
        return []
    program = reward.program
    return [Posting(program, *source, program, *destination, reward.unit, amount, reward.id)]


def _open(reward: Reward) -> tuple[str, str]:
    """Where what nobody approved yet stands. What the shop takes off itself is no cost until then: it has not left expense."""
    return _expense(reward.on) if taken_off(reward.kind) else ("accrued", reward.beneficiary)


def earned(reward: Reward) -> list[Posting]:
    """The program owes what the reward says: expense -> accrued."""
    return _posting(reward, _expense(reward.on), _open(reward), reward.amount)


def opened(reward: Reward) -> list[Posting]:
    """Another system owed it: opening -> accrued; or the beneficiary owes it: receivable -> opening."""
    beneficiary = reward.beneficiary
    postings = _posting(reward, ("opening", ""), ("accrued", beneficiary), reward.amount)
    return postings + _posting(reward, ("receivable", beneficiary), ("opening", ""), reward.receivable)


def on_of(origin: str) -> str:
    """Return what stands where a conversion's name does for a correction: no conversion can have it."""
    return f":{origin}"


def origin(on: str) -> str:
    """Return what a reward comes from: an order, an opening balance, or what a correction is."""
    return on[1:] if of_no_order(on) else ORDER


def correction(on: str) -> str | None:
    """Return what a correction is; None of what is none."""
    return on[1:] if of_no_order(on) and on != OPENING else None


def of_no_order(on: str) -> bool:
    """Return whether no order earned a reward: it is an opening balance or a correction, so nobody brought anybody by it."""
    return on.startswith(":")


def cost_of(reward: Reward) -> tuple[str, str]:
    """Return where a reward came from, and goes back to: expense, or the opening balances."""
    return _cost(reward.on)


def _cost(on: str) -> tuple[str, str]:
    return ("opening", "") if on == OPENING else _expense(on)


def _expense(on: str) -> tuple[str, str]:
    """What costs the program, also of an opening balance: that of a correction stands under its own name."""
    return "expense", correction(on) or ""


def approved(reward: Reward) -> list[Posting]:
    """Accrued -> payable, for what is not sent yet."""
    return _posting(reward, _open(reward), ("payable", reward.beneficiary), reward.unsent)


def withdrawn(reward: Reward) -> list[Posting]:
    """Payable -> accrued: the mirror of ``approved``."""
    return _posting(reward, ("payable", reward.beneficiary), _open(reward), reward.unsent)


def lowered(reward: Reward, to: int) -> list[Posting]:
    """The amount falls to ``to``: first what is not sent goes back to where it came from, the rest becomes receivable.

    ``reward`` is the value before. While processing and after payment all that was sent stands in clearing or settled.
    """
    was_open, now_open = reward.unsent, max(0, to - reward.discharged)
    payable = reward.status in ("approved", "processing", "paid")
    account = ("payable", reward.beneficiary) if payable else _open(reward)
    postings = _posting(reward, account, cost_of(reward), was_open - now_open)
    owed = max(0, reward.discharged - to - reward.forgiven) - reward.receivable
    return postings + _posting(reward, ("receivable", reward.beneficiary), cost_of(reward), owed)


def raised(reward: Reward, to: int, account: str) -> list[Posting]:
    """The amount rises to ``to``: first what is owed back falls, the rest is owed in ``account`` (accrued or payable).

    ``reward`` is the value before. What was forgiven of it was a cost when it was, and is none again.
    """
    owed = reward.receivable - max(0, reward.discharged - to - reward.forgiven)
    postings = _posting(reward, cost_of(reward), ("receivable", reward.beneficiary), owed)
    opened = max(0, to - reward.discharged) - reward.unsent
    stands_in = _open(reward) if account == "accrued" else (account, reward.beneficiary)
    return postings + _posting(reward, cost_of(reward), stands_in, opened)


def released(
    reward: Reward, rail: str, sent: int, netted: Iterable[tuple[Reward, int]], *, alone: bool
) -> list[Posting]:
    """Payable -> clearing of the rail for what is sent, payable -> receivable for what is netted against what is owed.

    A receivable may be another program's: what is netted goes to it through ``between`` of both. ``alone``: each program balances
    by itself; else one posting has its ends in two programs.
    """
    beneficiary, unit = reward.beneficiary, reward.unit
    payable = ("payable", beneficiary)
    postings = _posting(reward, payable, ("clearing", rail), sent)
    for owing, amount in netted:
        here, there = reward.program, owing.program
        if alone and here != there:
            postings.append(Posting(here, *payable, here, "between", there, unit, amount, reward.id))
            postings.append(Posting(there, "between", here, there, "receivable", beneficiary, unit, amount, owing.id))
        else:
            postings.append(Posting(here, *payable, there, "receivable", beneficiary, unit, amount, reward.id))
    return postings


def handed_over(reward: Reward, to: str) -> list[Posting]:
    """What a beneficiary is owed, or owes, is somebody else's now: both turned out to be one person."""
    account, was = "accrued" if STANDS_IN.get(reward.status) == "accrued" else "payable", reward.beneficiary
    stands = reward.unsent if account == "payable" or not taken_off(reward.kind) else 0
    postings = _posting(reward, (account, was), (account, to), stands)
    return postings + _posting(reward, ("receivable", to), ("receivable", was), reward.receivable)


def completed(reward: Reward, rail: str, sent: int) -> list[Posting]:
    """Clearing -> settled: the rail says that it arrived."""
    return _posting(reward, ("clearing", rail), ("settled", rail), sent)


def delivered(reward: Reward, lot: Lot) -> list[Posting]:
    """Clearing -> credit: what is owed is owed as credit now."""
    return _posting(reward, ("clearing", lot.rail), ("credit", lot.owner), lot.amount)


def redeemed(lot: Lot, amount: int) -> list[Posting]:
    """Credit -> settled: it was used."""
    return _of_lot(lot, ("credit", lot.owner), ("settled", lot.rail), amount)


def unredeemed(lot: Lot, amount: int) -> list[Posting]:
    """Settled -> credit: it is given back."""
    return _of_lot(lot, ("settled", lot.rail), ("credit", lot.owner), amount)


def credit_expired(lot: Lot) -> list[Posting]:
    """Credit -> where it came from: nobody can use the rest any more."""
    return _of_lot(lot, ("credit", lot.owner), _cost(lot.on), lot.rest)


def credit_taken(lot: Lot, reward: Reward, amount: int) -> list[Posting]:
    """Credit -> receivable: what is owed back is taken of what is still there."""
    return _of_lot(lot, ("credit", lot.owner), ("receivable", reward.beneficiary), amount)


def credit_handed_over(lot: Lot, to: str) -> list[Posting]:
    """What is there is somebody else's now: both turned out to be one person. What is behind a code stays there."""
    return _of_lot(lot, ("credit", lot.person), ("credit", to), lot.rest) if lot.code is None else []


def _of_lot(lot: Lot, source: tuple[str, str], destination: tuple[str, str], amount: int) -> list[Posting]:
    if amount == 0:
        return []
    return [Posting(lot.program, *source, lot.program, *destination, lot.unit, amount, lot.reward)]


def settled(reward: Reward, amount: int, *, repaid: bool) -> list[Posting]:
    """Part of a receivable is owed no more. Money that came back meets it from settled; what nobody asks for is a cost again."""
    source = ("settled", REPAID) if repaid else _expense(reward.on)
    return _posting(reward, source, ("receivable", reward.beneficiary), amount)


def came_back(reward: Reward, rail: str, sent: int, *, settled: bool) -> list[Posting]:
    """A payout failed or was returned: from clearing (or settled) back to payable.

    If the amount fell meanwhile, the part that is owed no longer meets the receivable that the fall had posted, and then what of
    it was forgiven: that costs nothing after all.
    """
    source = ("settled" if settled else "clearing", rail)
    to_receivable = min(sent, reward.receivable)
    to_expense = forgiven_for_nothing(reward, sent)
    postings = _posting(reward, source, ("payable", reward.beneficiary), sent - to_receivable - to_expense)
    postings += _posting(reward, source, ("receivable", reward.beneficiary), to_receivable)
    return postings + _posting(reward, source, _expense(reward.on), to_expense)


def arrived(reward: Reward, rail: str, sent: int) -> list[Posting]:
    """What had come back arrived after all: what is still owed of it is settled, and what was sent twice is owed back."""
    account = "accrued" if reward.status in ("pending", "in_review") else "payable"
    open_ = min(sent, reward.unsent)
    postings = _posting(reward, (account, reward.beneficiary), ("settled", rail), open_)
    return postings + _posting(reward, ("receivable", reward.beneficiary), ("settled", rail), sent - open_)


def forgiven_for_nothing(reward: Reward, sent: int) -> int:
    """Return how much of what was forgiven never was owed, where this much of what was sent comes back."""
    return min(max(0, sent - reward.receivable), reward.let_off)


#: Where what was discharged over a rail stands, under way or arrived, or as credit.
_DISCHARGED = ("clearing", "settled", "credit")


def costs(posting: Posting) -> int:
    """Return by how much a posting raises what its reward costs. Credit that expires, costs no more, and was owed all the same."""
    if posting.source == "credit":
        return 0
    ends = ((posting.source, 1), (posting.destination, -1))
    return sum(sign * posting.amount for account, sign in ends if account in ("expense", "opening"))


def discharges(posting: Posting) -> int:
    """Return how much of its reward a posting sends over a rail, or nets; below nought: how much of that comes back."""
    into = posting.destination in _DISCHARGED and posting.destination_owner != REPAID
    out = posting.source in _DISCHARGED and posting.source_owner != REPAID
    if posting.source == "payable" and posting.destination in ("receivable", "between"):
        return posting.amount
    if into == out or posting.source == "credit":
        return 0
    return posting.amount if into else -posting.amount


def cost(reward: Reward) -> int:
    """Return what the postings of a reward must cost: what it is, and what of more than that nobody asks for."""
    booked = reward.amount + reward.let_off
    if taken_off(reward.kind) and reward.status in ("pending", "in_review"):
        return booked - reward.unsent
    owed_from_the_start = reward.on == OPENING and not reward.amount and reward.approved_at is None
    return booked - reward.sent if owed_from_the_start else booked


def post(balances: dict[Account, int], postings: Iterable[Posting]) -> None:
    """Change the balances of both ends of each posting. The changes of a unit sum to zero."""
    for posting in postings:
        unit, amount = posting.unit, posting.amount
        source = (posting.program, posting.source, posting.source_owner, unit)
        balances[source] = balances[source] - amount if source in balances else -amount
        destination = (posting.to_program, posting.destination, posting.destination_owner, unit)
        balances[destination] = balances[destination] + amount if destination in balances else amount


def expected(rewards: Iterable[Reward]) -> dict[Account, int]:
    """What accrued, payable and receivable must hold by beneficiary, worked out from the rewards alone."""
    balances: dict[Account, int] = {}

    def add(reward: Reward, account: str, amount: int) -> None:
        key = (reward.program, account, reward.beneficiary, reward.unit)
        balances[key] = balances.get(key, 0) + amount

    for reward in rewards:
        account = STANDS_IN.get(reward.status)
        if account == "accrued" and taken_off(reward.kind):
            account = None
        if account in ("accrued", "payable"):
            add(reward, account, reward.unsent)
        elif account is not None:
            add(reward, "payable", reward.unsent)
        add(reward, "receivable", -reward.receivable)
    return {key: amount for key, amount in balances.items() if amount}
