"""What a bank says of payouts, held against what is known of them. What agrees completes or returns a payout; all else is a case.

What counts is what the account moved in all: debits of a payout less what came back of it. So it does not matter in which order files
come, or in how many of them a line stands; and what comes back of a payout that was booked twice does not return it. Nothing is sent
here: what failed or came back is approved anew by a person, and what was booked against our word waits for one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from msgspec.structs import replace

from goodword.core import money, payouts, settlement
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import BankLine, FileHandedOut, StatementRead
from goodword.core.facts import Actor, Told
from goodword.core.state import Booking, Case, Flag, Handover, Look, Payout, Reward, Statement

#: What becomes of a line, by the field of a statement that counts it.
BECAME: Final = ("matched", "repeated", "waiting", "differing", "unknown")
#: How a line may differ from its payout.
DIFFERS: Final = (
    *("none", "several", "amount", "currency", "entry", "account", "rail", "state", "twice", "duplicate"),
    "file",
)
#: With these it is not all of this payout's money that came back. What left counts with each: it may have been this money.
_NOT_COUNTED: Final = frozenset(DIFFERS[:7])
#: Reasons of banks (ISO 20022) that say that there is another copy of a payment, which may well have left: of these no payout fails.
DUPLICATE: Final = frozenset(["AM05", "DUPL", "DU01", "DU02", "DU03", "DU04", "DU05"])
_UNDER_WAY: Final = frozenset(["processing", "unknown", "sent"])
#: Lines of one event at most.
MOST: Final = 500


class _Came(NamedTuple):
    """What comes of a line. ``to``: the states that its payout moves through; ``differs``: of ``DIFFERS``."""

    to: tuple[str, ...] = ()
    differs: str | None = None


def handed_out(draft: Draft, event: FileHandedOut, told: Told) -> None:
    """Register a file for the bank, and that somebody took it along, as of any list.

    The same list once more is the same file: it is counted, and its newest bytes are remembered.
    """
    if told.need_actor().kind == "person":  # who puts on the record that they saw a gift of theirs takes no file along
        draft.say(refused("command", "not_permitted", Step("action", {"action": "record.look"}), subject=event.file))
        return
    by, known = told.need_actor().id, draft.get(Handover, event.file)
    now = known or Handover(
        id=event.file,
        form=event.form,
        digest=event.digest,
        count=len(event.payouts),
        sums=event.sums,
        payouts=event.payouts,
        debtor=event.debtor,
        times=0,
        by=by,
        at=draft.as_of,
        last_by=by,
        last_at=draft.as_of,
        evt=draft.evt,
    )
    last = {"last_by": by, "last_at": draft.as_of, "digest": event.digest, "day": event.day}
    now = draft.put(replace(now, times=now.times + 1, **last))
    took = Look(id=draft.id("lok", "look"), subject=event.digest, what="exported", by=by, at=draft.as_of, evt=draft.evt)
    draft.put(took)
    values = {"form": now.form, "payouts": now.count, "times": now.times, "digest": now.digest}
    step = Step("handed_out", values)
    draft.say(Verdict(about="command", outcome="handed_out", subject=event.file, steps=(step,)))


def read(draft: Draft, event: StatementRead, told: Told) -> None:
    """Take lines of a statement. A line that was taken before, from whichever file, changes nothing."""
    by = told.need_actor()
    counts = dict.fromkeys(BECAME, 0)
    said: list[Step] = []
    before = len(draft.verdicts)
    for line in event.lines:
        became, step = _take(draft, event, line, by)
        counts[became] += 1
        said.append(step)
    known = draft.get(Statement, event.statement)
    if known is None or known.file == event.file:
        draft.put(_counted(draft, known, event, counts, by))
    values = {"form": event.form, "lines": len(event.lines), "others": event.others, **counts}
    verdict = Verdict(about="command", outcome="statement_read", subject=event.statement)
    draft.verdicts.insert(before, replace(verdict, steps=(Step("statement", values), *said)))


def _counted(
    draft: Draft, known: Statement | None, event: StatementRead, counts: dict[str, int], by: Actor
) -> Statement:
    if known is None:
        known = Statement(
            id=event.statement,
            file=event.file,
            form=event.form,
            number=event.number,
            account=event.account,
            unit=event.unit,
            opening=event.opening,
            closing=event.closing,
            first=event.first,
            last=event.last,
            size=event.size,
            by=by.id,
            at=draft.as_of,
            evt=draft.evt,
        )
    sums = {name: getattr(known, name) + count for name, count in counts.items()}
    return replace(known, others=known.others + event.others, **sums)


def _take(draft: Draft, event: StatementRead, line: BankLine, by: Actor) -> tuple[str, Step]:
    """Take a line; returns what became of it, and the step that says so."""
    earlier = draft.get(Booking, line.id)
    if earlier is not None or line.said == "pending":
        became = "repeated" if earlier is not None else "waiting"
        return became, _told(line, became, None, earlier.case if earlier is not None else None)
    payout = draft.get(Payout, line.payout) if line.payout is not None else None
    came = _came(draft, payout, line)
    case = _case(draft, event, payout, line, came.differs).id if came.differs is not None else None
    draft.put(_booking(draft, event, line, came.differs, case))
    if line.file is not None and (file := draft.get(Handover, line.file)) is not None:
        draft.put(replace(file, refused_at=draft.as_of, reason=line.reason))
    for to in came.to if payout is not None else ():
        payouts.become(draft, draft.need(Payout, payout.id), to, line.reference, line.reason, said_by=by)  # type: ignore[union-attr]
    became = "matched" if came.differs is None else "unknown" if payout is None else "differing"
    return became, _told(line, became, came.differs, case)


def _told(line: BankLine, became: str, differs: str | None, case: str | None) -> Step:
    said = {"line": line.id, "payout": line.payout, "said": line.said, "amount": line.amount, "unit": line.unit}
    said |= {"day": line.day, "reason": line.reason, "reference": line.reference}
    said |= {"became": became, "differs": differs, "case": case}
    return Step("bank_line", {name: value for name, value in said.items() if value is not None})


def _booking(draft: Draft, event: StatementRead, line: BankLine, differs: str | None, case: str | None) -> Booking:
    return Booking(
        id=line.id,
        statement=event.statement,
        payout=line.payout,
        said=line.said,
        amount=line.amount,
        unit=line.unit,
        day=line.day,
        reference=line.reference,
        reason=line.reason,
        differs=differs,
        case=case,
        at=draft.as_of,
        evt=draft.evt,
    )


def _came(draft: Draft, payout: Payout | None, line: BankLine) -> _Came:
    if payout is None:  # a file that was refused as a whole, where what stands in it is said line by line, is no riddle
        return _Came(differs=line.wrong or (None if line.file is not None else "none"))
    differs = _against(payout, line)
    if differs is not None:
        return _Came(differs=differs)
    if payout.status not in _UNDER_WAY and payout.status not in ("completed", *payouts.CAME_BACK):
        return _Came(differs="state")  # it was not handed to the bank, as far as we know
    if line.said == "accepted":
        return _accepted(payout)
    if line.reason in DUPLICATE and (line.said == "rejected" or (line.amount or 0) > 0):
        return _Came(differs="duplicate")
    if line.said == "rejected":
        return _rejected(payout)
    out = (line.amount or 0) < 0
    outs, backs = _moved(draft.of(Booking, "payout", payout.id))
    return _left(payout, outs + 1, backs) if out else _back(payout, outs, backs + 1)


def _against(payout: Payout, line: BankLine) -> str | None:
    """How a line differs from what was released."""
    if not payout.manual:
        return "rail"
    if line.unit not in (None, payout.unit):
        return "currency"
    if line.wrong is not None:
        return line.wrong
    if (line.said == "booked" or line.amount is not None) and abs(line.amount or 0) != payout.amount:
        return "amount"
    return "account" if line.other_account else None


def _moved(bookings: Iterable[Booking]) -> tuple[int, int]:
    """How often a payout left the account, and how often it came back."""
    booked = [it for it in bookings if it.said == "booked"]
    outs = sum((it.amount or -1) < 0 for it in booked)
    return outs, sum((it.amount or -1) > 0 and it.differs not in _NOT_COUNTED for it in booked)


def _accepted(payout: Payout) -> _Came:
    if payout.status in ("processing", "unknown"):
        return _Came(("sent",))
    return _Came(differs="state" if payout.status == "failed" else None)


def _rejected(payout: Payout) -> _Came:
    if payout.status in _UNDER_WAY:
        return _Came(("failed",))
    return _Came(differs="state" if payout.status == "completed" else None)


def _left(payout: Payout, outs: int, backs: int) -> _Came:
    """A debit. The first of one that was returned came late, or in another file than what came back of it."""
    if payout.status in _UNDER_WAY:
        return _Came(("completed",), "twice" if outs - backs > 1 else None)
    if payout.status == "completed":
        return _Came(differs="twice" if outs - backs > 1 else None)
    late = outs <= backs or (payout.status == "returned" and outs == 1)
    return _Came(differs=None if late else "state")


def _back(payout: Payout, outs: int, backs: int) -> _Came:
    """Money that came back. While more left than came back, a payout that was booked twice is still paid."""
    if payout.status in _UNDER_WAY and backs < outs:
        return _Came()
    if payout.status in _UNDER_WAY:
        return _Came(("returned",) if payout.status == "sent" else ("sent", "returned"))
    if payout.status == "completed":
        return _Came(("returned",) if backs >= outs else ())
    return _Came(differs="twice" if backs > max(outs, 1) else None)


def _stops(draft: Draft, payout: Payout, reward: Reward) -> bool:
    """Whether a reward waits for a case about its payout: before it leaves again, also where this payout fails or comes back later."""
    on_its_way = reward.status == "processing" and reward.payout == payout.id
    return on_its_way or settlement.can_be_stopped(draft, reward)


def _case(draft: Draft, event: StatementRead, payout: Payout | None, line: BankLine, differs: str | None) -> Case:
    """A task for a person, with the line as evidence. What the bank may have paid already is not paid again while it is open."""
    evidence = {
        "differs": differs,
        "said": line.said,
        "amount": None if line.amount is None else abs(line.amount),
        "out": line.amount is None or line.amount < 0,
        "unit": line.unit,
        "day": line.day,
        "reason": line.reason,
        "reference": line.reference,
        "statement": event.statement,
        "named": line.payout,
        "expected": None if payout is None else money.told(payout.amount),
        "status": None if payout is None else payout.status,
    }
    flag = Flag(settlement.BANK_LINE, {name: value for name, value in evidence.items() if value is not None})
    rewards = []
    left = line.said == "booked" and (line.amount or -1) < 0
    if payout is not None and (left or differs in ("state", "twice", "duplicate")):
        rewards = [draft.need(Reward, part.reward) for part in payout.parts]
        rewards = [reward for reward in rewards if _stops(draft, payout, reward)]
    subject = payout.id if payout is not None else event.statement
    program = payout.programs[0] if payout is not None and len(payout.programs) == 1 else None
    case = settlement.open_case(draft, "bank_line", subject, program, [flag], rewards)
    step = Step("flag", {"code": flag.code, **flag.evidence})
    verdict = Verdict(about="event", outcome="case_opened", program=program, subject=subject)
    draft.say(replace(verdict, steps=(step, Step("case", {"case": case.id})), flags=(flag.code,)))
    return case
