"""What a bank says of payouts: whatever the order of its files, each payout ends as the bank says, and none is sent again."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

import pytest
from testkit import banking
from testkit.banking import Booked
from testkit.world import CLERK, SERVER, World, advocate, member, rules

from goodword.app.say import statements as saying
from goodword.core import events, statements
from goodword.core.decision import Decision
from goodword.core.facts import Actor
from goodword.core.state import Booking, Payout, Program, Reward, Statement
from goodword.sources import bank
from goodword.sources.bank.events import event_of, kept, pieces, statement_id

#: Files of the long story; ``FULL=1`` tells it whole.
FILES = 1_000 if os.environ.get("FULL") else 100
NEVER = "pay_01HK153X003E9R0000000000ZZ"


def house(people: int = 1) -> tuple[World, list[Payout]]:
    """A workspace in which so many payouts of 6.00 EUR and more are with the bank."""
    made = World()
    made.publish(rules(rewards=[advocate(percent="100")], hold="0d", payouts={"every": "once"}))
    names = [f"ann{n}" for n in range(people)]
    for n, name in enumerate(names):
        made.enrol(name)
        made.payee(name)
        made.lead(f"bob{n}", code=name.upper())
        made.buy(f"bob{n}", 600 + n)
        made.approve(made.rewards(friend=f"bob{n}"))
    drafted = made.draft(*names)
    made.release(drafted)
    for payout in drafted:
        made.answer(payout, "processing")
    return made, [made.payout(payout.id) for payout in drafted]


def take(made: World, data: bytes, mapping: str | None = None, actor: Actor = CLERK) -> list[Decision]:
    """Take a file of a bank, as the product does: what is decided of each piece."""
    file = bank.opened(io.BytesIO(data), bank.mapping(mapping) if mapping else None)
    said = [(statement_id(file, heading), kept(heading)) for heading in file.headings]
    found = []
    for piece in pieces(file, said, str.encode):
        event = event_of(file, piece, piece.lines)
        found.append(made.command(events.StatementRead, actor, **event.keywords))
    return found


def of(payout: Payout, amount: int | None = None, **more: str) -> Booked:
    """A line about a payout: what it sends left, unless another amount is said."""
    return Booked(named=payout.id, amount=-payout.amount if amount is None else amount, **more)  # type: ignore[arg-type]


def back(payout: Payout, day: str = "2026-12-01", reason: str = "AC04") -> Booked:
    """A line that says that it came back."""
    return Booked(named=payout.id, amount=payout.amount, reason=reason, day=day)


Step = Callable[[Payout], bytes]
OUT: Step = lambda p: banking.camt([of(p)])  # noqa: E731
NOTICE: Step = lambda p: banking.camt([of(p)], form="camt.054", number="N1")  # noqa: E731
SWIFT: Step = lambda p: banking.mt940([of(p)])  # noqa: E731
AGAIN: Step = lambda p: banking.camt([of(p, day="2026-12-02")], number="STMT9")  # noqa: E731
BACK: Step = lambda p: banking.camt([back(p)], number="STMT2")  # noqa: E731
NO: Step = lambda p: banking.pain([(p.id, "RJCT", "AC01")])  # noqa: E731
YES: Step = lambda p: banking.pain([(p.id, "ACSC", None)])  # noqa: E731
DOUBLE: Step = lambda p: banking.pain([(p.id, "RJCT", "AM05")])  # noqa: E731
DOUBLE_BACK: Step = lambda p: banking.camt([back(p, reason="AM05")], number="STMT2")  # noqa: E731
MAYBE: Step = lambda p: banking.pain([(p.id, "PDNG", None)])  # noqa: E731
LESS: Step = lambda p: banking.camt([of(p, -p.amount + 1)])  # noqa: E731
DOLLARS: Step = lambda p: banking.camt([of(p, currency="USD")], form="camt.054").replace(b"<Ccy>EUR", b"<Ccy>USD")  # noqa: E731
SPLIT: Step = lambda p: banking.camt([of(p)], form="camt.054").replace(b">6.00<", b">5.99<", 1)  # noqa: E731
BOTH: Step = lambda p: banking.camt([of(p), of(p)])  # noqa: E731


@pytest.mark.parametrize(
    ("files", "status", "differs"),
    [
        ([OUT], "completed", []),
        ([OUT, OUT, NOTICE, SWIFT], "completed", []),
        ([MAYBE], "processing", []),
        ([YES, MAYBE], "sent", []),
        ([YES, OUT, YES], "completed", []),
        ([NO, NO], "failed", []),
        ([YES, NO], "failed", []),
        ([OUT, BACK, BACK, OUT], "returned", []),
        ([BACK, OUT], "returned", []),
        ([BACK], "returned", []),
        ([NO, BACK, OUT], "failed", []),
        ([OUT, NO], "completed", ["state"]),
        ([NO, OUT], "failed", ["state"]),
        ([NO, YES], "failed", ["state"]),
        ([NO, OUT, BACK], "failed", ["state"]),
        ([OUT, AGAIN], "completed", ["twice"]),
        ([BOTH], "completed", ["twice"]),
        ([OUT, AGAIN, BACK], "completed", ["twice"]),
        ([OUT, BACK, AGAIN], "returned", ["state"]),
        ([YES, DOUBLE, DOUBLE], "sent", ["duplicate"]),
        ([DOUBLE, OUT], "completed", ["duplicate"]),
        ([OUT, DOUBLE_BACK, AGAIN], "completed", ["duplicate"]),
        ([LESS], "processing", ["amount"]),
        ([SPLIT], "processing", ["entry"]),
        ([SPLIT, OUT], "processing", ["entry"]),
        ([DOLLARS], "processing", ["currency"]),
        ([LESS, OUT], "completed", ["amount", "twice"]),
        ([OUT, LESS], "completed", ["amount"]),
        ([OUT, LESS, BACK], "completed", ["amount"]),
        ([LESS, LESS, BACK], "returned", ["amount"]),
        ([DOLLARS, OUT], "completed", ["currency", "twice"]),
    ],
)
def test_each_payout_becomes_what_the_bank_says(files: Sequence[Step], status: str, differs: list[str]) -> None:
    """Files in this order leave the payout so; what does not agree is a case each, once, and the payout as it was."""
    made, (payout,) = house()
    for file in files:
        take(made, file(payout))
    cases = made.cases(kind="bank_line")
    assert (made.payout(payout.id).status, [case.flags[0].evidence["differs"] for case in cases]) == (status, differs)
    assert all(case.subject == payout.id for case in cases)


def test_what_fails_or_comes_back_waits_for_a_person() -> None:
    """A refused or returned payout is not drafted again before somebody else than who took the file approved it anew."""
    for file, reason in ((NO, "AC01"), (BACK, "AC04")):
        made, (payout,) = house()
        take(made, file(payout))
        assert made.payout(payout.id).reason == reason
        assert not made.draft("ann0")
        (reward,) = made.rewards(status="in_review")
        assert made.approve([reward], member("clerk", "approver")).verdicts[0].refusal == "own_work"
        made.approve(made.rewards(status="in_review"))
        assert [it.amount for it in made.draft("ann0")] == [600]


def test_what_was_booked_after_it_failed_is_not_paid_twice() -> None:
    """While its case is open nobody can pay again what the bank booked; two say that it arrived, and it is paid."""
    made, (payout,) = house()
    take(made, NO(payout))
    made.approve(made.rewards(status="in_review"))
    take(made, OUT(payout))
    assert not made.draft("ann0")
    (case,) = made.cases(kind="bank_line")
    said = {"payout": payout.id, "amount": payout.amount, "unit": "EUR", "note": "n"}
    for who in ("paula", "olga"):
        made.command(events.PayoutArrived, member(who, "payer"), **said)
    made.command(events.CaseDecided, case=case.id, outcome="confirmed", reason="seen")
    (reward,) = made.state.all(Reward)
    assert (made.payout(payout.id).status, reward.status, reward.amount) == ("completed", "paid", 600)
    assert not made.draft("ann0")


@pytest.mark.parametrize("code", sorted(statements.DUPLICATE))
def test_what_may_have_left_as_another_copy_waits_for_its_case(code: str) -> None:
    """A refusal that speaks of another copy fails no payout; where a member says that it failed, it is not paid again before."""
    made, (payout,) = house()
    data = banking.pain([(payout.id, "RJCT", code)])
    also = b"</TxSts><StsRsnInf><Rsn><Prtry>seen</Prtry></Rsn></StsRsnInf>"
    take(made, data.replace(b"</TxSts>", also))
    assert made.payout(payout.id).status == "processing"
    made.answer(payout, "failed")
    (case,), (reward,) = made.cases(kind="bank_line"), made.rewards(status="in_review")
    assert (reward.cases, case.rewards) == ((case.id,), (reward.id,))
    assert made.approve([reward]).verdicts[0].refusal == "case_open"
    made.command(events.CaseDecided, case=case.id, outcome="cleared", reason="it never left")
    made.approve(made.rewards(status="in_review"), member("ana", "approver"))
    assert [it.amount for it in made.draft("ann0")] == [600]


def test_what_may_have_left_with_another_amount_is_not_paid_again_before_its_case() -> None:
    """A debit of another amount may have been this payout: where it fails, before or behind it, its rewards wait."""
    for files in ([LESS, NO], [NO, LESS]):
        made, (payout,) = house()
        for file in files:
            take(made, file(payout))
        (case,), (reward,) = made.cases(kind="bank_line"), made.rewards(status="in_review")
        assert (reward.cases, case.rewards) == ((case.id,), (reward.id,))
        assert made.approve([reward]).verdicts[0].refusal == "case_open"


def test_a_line_about_no_payout_of_ours_is_a_case_or_nothing() -> None:
    """A line with the form of our ids and no payout is a case, one that names several too; other lines are counted and not kept."""
    made, payouts = house(2)
    rent = Booked(named="RENT-11", amount=-80_000, text="Miller, flat 4")
    both = Booked(named="NOTPROVIDED", amount=-1_201, text=f"{payouts[0].id} {payouts[1].id}")
    (decision,) = take(made, banking.camt([Booked(named=NEVER, amount=-600), rent, both]))
    assert [case.flags[0].evidence["differs"] for case in made.cases()] == ["none", "several"]
    (statement,) = made.state.all(Statement)
    assert (statement.size, statement.others, statement.unknown, statement.taken) == (3, 1, 2, 3)
    assert "Miller" not in repr(decision)
    assert "RENT" not in repr(decision)
    (whole,) = take(made, banking.pain([], whole="MSG-7"))
    assert whole.verdicts[0].steps[1].values["became"] == "unknown"


def test_a_payout_that_was_not_handed_to_the_bank_is_a_case() -> None:
    """Money that left before the release, or over another rail, moves no payout; its rewards wait for the case."""
    made, _ = house()
    made.lead("eve", code="ANN0")
    made.buy("eve", 900)
    made.approve(made.rewards(friend="eve"))
    (payout,) = made.draft("ann0")
    take(made, OUT(payout))
    (case,), (reward,) = made.cases(kind="bank_line"), made.rewards(friend="eve")
    assert (made.payout(payout.id).status, case.rewards, reward.cases) == ("canceled", (reward.id,), (case.id,))


def test_who_may_not_answer_payouts_takes_no_file() -> None:
    """An approver, a key of a server and who is limited to programs are refused, and nothing is known of the file."""
    made, (payout,) = house()
    (program,) = made.state.all(Program)
    limited = Actor(id="paula", kind="member", roles=("payer",), programs=(program.id,))
    for actor in (member("a", "approver"), SERVER, limited):
        (decision,) = take(made, OUT(payout), actor=actor)
        assert decision.verdicts[0].refusal == "not_permitted"
    assert (made.payout(payout.id).status, [*made.state.all(Booking)]) == ("processing", [])


def two(first: bytes, second: bytes) -> bytes:
    """A file of camt with the statements of both."""
    return re.sub(
        rb"(?s)(?=</BkTo)", lambda _: re.findall(rb"(?s)<(?:Stmt|Ntfctn)>.*</(?:Stmt|Ntfctn)>", second)[0], first
    )


@pytest.mark.parametrize("names", [("N_1", "N_2"), ("N 1", "N 2"), ("#1", "#2"), ("", "")])
def test_notices_with_any_name_are_read_each(names: tuple[str, str]) -> None:
    """Notices are told apart by their ids as they are written, and without one by their place: no lines of a second one are dropped."""
    made, payouts = house(2)
    first, second = (
        banking.camt([of(payout)], form="camt.054", number=name) for payout, name in zip(payouts, names, strict=True)
    )
    take(made, two(first, second).replace(b"<Id></Id>", b""))
    assert [made.payout(payout.id).status for payout in payouts] == ["completed", "completed"]
    assert [it.others for it in made.state.all(Statement)] == [0, 0]
    take(made, two(first, first).replace(b"<Id></Id>", b""))
    assert made.cases() == [] or names == ("", "")


def pages_of(payout: Payout) -> bytes:
    """Two statements of one day and account by SWIFT, each with the same debit."""
    later = banking.mt940([of(payout)], opening=100_000 - payout.amount).replace(b"32/001", b"33/001")
    return banking.mt940([of(payout)]) + later


#: Another account of ours, and how its number is written where there is no IBAN.
ELSEWHERE = b"DE02120300000000202051"
IN_IBAN, BARE = f"<IBAN>{banking.OURS}</IBAN>".encode(), b"<Othr><Id>0532013000</Id></Othr>"


@pytest.mark.parametrize(
    ("second", "differs"),
    [
        (lambda p: OUT(p).replace(banking.OURS.encode(), ELSEWHERE), ["twice"]),
        (lambda p: SWIFT(p).replace(banking.OURS.encode(), b"12030000/0000202051"), ["twice"]),
        (pages_of, ["twice"]),
        (lambda p: two(OUT(p), banking.camt([of(p)], opening=100_000 - p.amount, number="STMT2")), ["twice"]),
        (lambda p: SWIFT(p).replace(banking.OURS.encode(), b"37040044/532013000EUR"), []),
        (lambda p: NOTICE(p).replace(IN_IBAN, BARE), []),
    ],
)
def test_a_debit_of_another_account_or_statement_is_another(second: Step, differs: list[str]) -> None:
    """A debit of another account of ours, or a second one in the statements of a file, is a double one; else it is the same."""
    made, (payout,) = house()
    take(made, OUT(payout))
    take(made, second(payout))
    assert [case.flags[0].evidence["differs"] for case in made.cases()] == differs


@pytest.mark.parametrize("where", [{"whole": "OUR FILE"}, {"block": "RJCT"}])
def test_a_file_or_block_that_was_refused_is_a_case_whatever_it_lists(where: dict[str, str]) -> None:
    """Payments that are not listed may be in it: a person looks. A listed one without a status of its own is refused with it."""
    made, payouts = house(3)
    listed = [(payouts[0].id, None, None), (payouts[1].id, "PDNG", None)]
    take(made, banking.pain(listed, **where))  # type: ignore[arg-type]
    assert [made.payout(payout.id).status for payout in payouts] == ["failed", "processing", "processing"]
    assert made.payout(payouts[0].id).reason == "FF01"
    (case,) = made.cases()
    assert (case.flags[0].evidence["differs"], case.subject) == ("none", next(iter(made.state.all(Statement))).id)
    again, (payout,) = house()
    take(again, banking.pain([(payout.id, None, "AC01")], reason="AM05", **where))  # type: ignore[arg-type]
    assert again.payout(payout.id).status == "processing"
    assert sorted(case.flags[0].evidence["differs"] for case in again.cases()) == ["duplicate", "none"]


def test_each_refused_block_is_a_case_of_its_own() -> None:
    """Two blocks are told apart by their names as they are written, and a block that is not refused is listened to before the file."""
    made, (payout,) = house()
    data = banking.pain([], block="RJCT")
    block = data[data.index(b"<OrgnlPmtInfAndSts>") : data.index(b"</CstmrPmtStsRpt>")]
    take(made, data.replace(block, block.replace(b"P1", b"P 1") + block.replace(b"P1", b"P_1")))
    assert len(made.cases()) == 2
    take(made, banking.pain([(payout.id, None, None)], whole="M", block="ACSP"))
    assert (made.payout(payout.id).status, len(made.cases())) == ("processing", 3)


# --- the long story ---------------------------------------------------------------------------------------------------


class Fate(NamedTuple):
    """What the bank does with a payout. ``ends``: as what it may end; ``case``: whether a person must look; None: in some orders."""

    lines: tuple[Callable[[Payout], Booked], ...]
    rejected: bool
    ends: tuple[str, ...]
    case: bool | None


def _on(day: int, made: Callable[..., Booked], **more: str) -> Callable[[Payout], Booked]:
    return lambda payout: made(payout, day=f"2026-12-{day:02d}", **more)


#: What a bank does, said without any of the product's words: what left, what came back, what was refused.
FATES = {
    "paid": Fate((_on(1, of),), rejected=False, ends=("completed",), case=False),
    "refused": Fate((), rejected=True, ends=("failed",), case=False),
    "came back": Fate((_on(1, of), _on(3, back)), rejected=False, ends=("returned",), case=False),
    "refused by booking": Fate((_on(1, of), _on(1, back)), rejected=True, ends=("failed", "returned"), case=None),
    "twice": Fate((_on(1, of), _on(2, of)), rejected=False, ends=("completed",), case=True),
    "twice on a day": Fate((_on(1, of), _on(1, of)), rejected=False, ends=("completed",), case=True),
    "twice, once back": Fate(
        (_on(1, of), _on(2, of), _on(4, back)), rejected=False, ends=("completed", "returned"), case=True
    ),
    "wrong": Fate((lambda payout: of(payout, -payout.amount - 100),), rejected=False, ends=("processing",), case=True),
    "refused and booked": Fate((_on(1, of),), rejected=True, ends=("failed", "completed"), case=True),
    "nothing": Fate((), rejected=False, ends=("processing",), case=False),
}


def _write(rng: Random, lines: list[Booked], number: str) -> tuple[bytes, str | None]:
    """Lines in a format of a bank; two of one day stand together in one file, as they do in a bank's."""
    match rng.randrange(5):
        case 0:
            return banking.camt(lines, number=number, version=rng.choice(["02", "04", "08"])), None
        case 1:
            return banking.camt(lines, form="camt.054", number=f"N{number}"), None
        case 2:
            return banking.mt940(lines), None
        case 3:
            return banking.columns(lines), banking.MAPPING
        case _:
            return banking.camt(lines, number=f"B{number}"), None


def _files(rng: Random, made: World, fates: dict[str, str], count: int) -> list[tuple[bytes, str | None]]:
    """Files that say all of it: by days, several times, in any order, with lines of others between."""
    days: dict[str, list[Booked]] = {}
    for id_, fate in fates.items():
        for line in FATES[fate].lines:
            booked = line(made.payout(id_))
            days.setdefault(booked.day, []).append(booked)
    others = [Booked(named="RENT", amount=-5_000), Booked(named="SALE 7", amount=9_900, text="thank you")]
    files: list[tuple[bytes, str | None]] = []
    for n in range(count):
        # every day stands in some file; a file has days whole, so that two equal bookings of a day are seen as two
        chosen = [day for place, day in enumerate(sorted(days)) if place % count == n or rng.random() < 0.4]
        lines = [line for day in chosen for line in days[day]] + rng.sample(others, rng.randrange(3))
        if rng.random() < 0.2:
            lines.append(Booked(named=NEVER, amount=-100, day="2026-12-09"))
        rng.shuffle(lines)
        files.append(_write(rng, lines, f"{n}"))
    refused = [(id_, "RJCT", "AC04") for id_, fate in fates.items() if FATES[fate].rejected]
    files += [(banking.pain(refused), None)] * 2
    rng.shuffle(files)
    return files


def test_after_many_files_every_payout_is_as_the_bank_says() -> None:
    """Repeats, any order and format, wrong amounts, unknown lines: each payout ends as the bank says, none is sent again."""
    taken = seed = 0
    met: set[str] = set()
    while taken < FILES:
        seed += 1
        rng = Random(seed)  # noqa: S311 - values for a test
        made, payouts = house(5)
        fates = {payout.id: rng.choice([*FATES]) for payout in payouts}
        met |= {*fates.values()}
        files = _files(rng, made, fates, rng.randrange(3, 9))
        for data, mapping in files:
            take(made, data, mapping)
        taken += len(files)
        _as_the_bank_says(made, fates, seed)
        before = _all(made)
        for data, mapping in rng.sample(files, 3):
            take(made, data, mapping)
        assert _all(made) == before, seed
        assert not made.draft(*{payout.beneficiary for payout in payouts}), seed
    assert met == FATES.keys()


def _as_the_bank_says(made: World, fates: dict[str, str], seed: int) -> None:
    cases = {case.subject for case in made.cases(kind="bank_line")}
    for id_, name in fates.items():
        fate = FATES[name]
        payout = made.payout(id_)
        assert payout.status in fate.ends, (seed, name, payout)
        assert fate.case in (None, id_ in cases), (seed, name, payout)


def _all(made: World) -> tuple[object, ...]:
    return [*made.state.all(Payout)], [*made.state.all(Booking)], [*made.state.all(Reward)], made.cases()


def test_equal_accounts_are_told_from_others() -> None:
    """An IBAN is the account whose number it ends with; what is masked, short or missing says nothing."""
    ours = "DE89370400440532013000"
    same = [ours, "de89 3704 0044 0532 0130 00", "0532013000", "532013000", "XXXXXXXXXXXXXXXXXX3001", "3000", "", None]
    assert not any(saying._differ(ours, other) for other in same)
    french = "FR1420041010050500013M02606"
    assert not any(saying._differ(french, other) for other in ("0500013M026", "20041 01005 0500013M026 06"))
    assert saying._differ(french, "0500013M027")
    assert saying._differ(ours, "DE89370400440532013001")
    assert saying._differ("0532013000", banking.THEIRS)
