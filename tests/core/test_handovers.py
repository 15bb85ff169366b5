"""Files for the bank that were handed out: one that the bank refuses as a whole fails each payout in it, where that is sure."""

from __future__ import annotations

import io

import pytest
from testkit import banking
from testkit.world import CLERK, OWNER, World
from tests.core.test_statements import house

from goodword.core import events
from goodword.core.decision import Decision
from goodword.core.state import Booking, Handover, Payout
from goodword.sources import bank
from goodword.sources.bank import wholes
from goodword.sources.bank.events import event_of, kept, pieces, statement_id


def hand_out(made: World, payouts: list[Payout], name: str = "GW1") -> Decision:
    """A file with these payouts is handed out."""
    said = {"file": name, "form": "pain.001", "digest": "0" * 64, "sums": {"EUR": sum(it.amount for it in payouts)}}
    return made.command(events.FileHandedOut, OWNER, payouts=tuple(it.id for it in payouts), **said)


def take(made: World, data: bytes) -> list[Decision]:
    """Take a file of a bank, as the product does: what is decided of each piece."""
    names, apart = wholes.found(bank.opened(io.BytesIO(data)))
    handed = {}
    for name in names:
        ours = made.state.get(Handover, name)
        if ours is not None:
            others = [it for it in made.state.all(Handover) if it.id != name and it.refused_at is None]
            elsewhere = {id_ for it in others for id_ in it.payouts} & {*ours.payouts}
            handed[name] = wholes.Handed(name, ours.payouts, elsewhere)
    file = wholes.spelled_out(bank.opened(io.BytesIO(data)), handed, apart)
    said = [(statement_id(file, heading), kept(heading)) for heading in file.headings]
    found = []
    for piece in pieces(file, said, str.encode):
        assert piece.heading.size >= len(piece.lines) + piece.others
        found.append(made.command(events.StatementRead, CLERK, **event_of(file, piece, piece.lines).keywords))
    return found


def states(made: World, payouts: list[Payout]) -> list[str]:
    """What became of them."""
    return [made.payout(it.id).status for it in payouts]


def differs(made: World) -> list[str]:
    """How what the bank said is not as it is known, of each open case."""
    return [flag.evidence["differs"] for case in made.cases(kind="bank_line") for flag in case.flags]


def test_a_file_that_is_refused_fails_each_of_its_payouts_with_the_banks_reason() -> None:
    """Its payouts fail and are approved anew; others do not; there is no case; the register says so; again it changes nothing."""
    made, payouts = house(3)
    hand_out(made, payouts[:2])
    data = banking.pain([], whole="GW1", reason="AC01")
    take(made, data)
    assert states(made, payouts) == ["failed", "failed", "processing"]
    assert [made.payout(it.id).reason for it in payouts[:2]] == ["AC01", "AC01"]
    assert not differs(made)
    file = made.state.get(Handover, "GW1")
    assert file is not None
    assert (file.refused_at, file.reason) == (made.now, "AC01")
    assert {it.status for it in made.rewards()} == {"in_review", "processing"}
    many = len([*made.state.all(Booking)])
    take(made, data)
    assert len([*made.state.all(Booking)]) == many
    assert states(made, payouts) == ["failed", "failed", "processing"]


def test_a_block_that_is_refused_is_known_by_the_same_name() -> None:
    """A file has one block, of its own name: refused as a block, or as both, it comes to the same."""
    for said in ({"block": "RJCT"}, {"block": "RJCT", "whole": "GW1"}):
        made, payouts = house(2)
        hand_out(made, payouts)
        take(made, banking.pain([], **said).replace(b">P1<", b">GW1<"))  # type: ignore[arg-type]
        assert states(made, payouts) == ["failed", "failed"]
        assert not differs(made)


@pytest.mark.parametrize(
    ("also", "reason", "count", "expected", "cases"),
    [
        ([], "FF01", None, ["failed", "failed"], []),
        ([], "FF01", 2, ["failed", "failed"], []),
        ([], "FF01", 3, ["processing", "processing"], ["file"]),  # another file than ours
        (
            [],
            "DUPL",
            None,
            ["processing", "processing"],
            ["file"],
        ),  # the bank has it already: it may well be on its way
        (["both"], "FF01", None, ["processing", "processing"], ["file"]),  # they stand in another file, too
        (["first"], "FF01", None, ["processing", "failed"], ["file"]),
        (["refused"], "FF01", None, ["failed", "failed"], []),  # which was refused before
    ],
)
def test_where_it_is_not_sure_a_person_is_asked_once(
    also: list[str], reason: str, count: int | None, expected: list[str], cases: list[str]
) -> None:
    """Nothing fails of which another copy may have left; one case says of the file that it is to be looked at."""
    made, payouts = house(2)
    hand_out(made, payouts)
    for what in also:
        hand_out(made, payouts[:1] if what == "first" else payouts, "GW2")
        if what == "refused":
            first = {"id": "bkg_other", "said": "rejected", "file": "GW2", "reason": "FF01"}
            of = {"file": "f", "form": "pain.002", "statement": "stm_other", "others": 0, "size": 1}
            made.command(events.StatementRead, CLERK, lines=(events.BankLine(**first),), **of)
    data = banking.pain([], whole="GW1", reason=reason)
    if count is not None:
        data = data.replace(b"<GrpSts>", f"<OrgnlNbOfTxs>{count}</OrgnlNbOfTxs><GrpSts>".encode())
    take(made, data)
    assert (states(made, payouts), differs(made)) == (expected, cases)


def test_what_the_bank_says_of_a_payment_itself_goes_before() -> None:
    """Within a refused file a payment has its own reason, or was taken over; only what is not named fails with the file's."""
    made, payouts = house(3)
    hand_out(made, payouts)
    take(made, banking.pain([(payouts[0].id, "RJCT", "AC04"), (payouts[1].id, "ACSP", None)], whole="GW1"))
    assert states(made, payouts) == ["failed", "sent", "failed"]
    assert [made.payout(payouts[n].id).reason for n in (0, 2)] == ["AC04", "FF01"]


def test_a_file_that_nobody_handed_out_is_a_case_as_before() -> None:
    """Of a name that is not in the register no payout fails."""
    made, payouts = house(1)
    take(made, banking.pain([], whole="MSG-7"))
    assert (states(made, payouts), differs(made)) == (["processing"], ["none"])


def test_a_list_that_is_handed_out_twice_is_one_file() -> None:
    """The second time is counted, with who and when; what it pays stays as it was."""
    made, payouts = house(2)
    hand_out(made, payouts)
    made.tick(made.now + 5)
    hand_out(made, payouts)
    [file] = made.state.all(Handover)
    assert (file.times, file.count, file.payouts) == (2, 2, tuple(it.id for it in payouts))
    assert (file.at, file.last_at) == (made.now - 5, made.now)
