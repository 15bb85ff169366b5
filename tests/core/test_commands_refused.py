"""A command that names what is not there is told what it named, word for word, and changes nothing."""

from typing import Any

import pytest
from testkit.stories import world

from goodword.core import events
from goodword.core.decision import Step

LONG = "x" * 65
CUT = "x" * 64

#: command, what it says -> the refusal, its subject, the steps that say why
REFUSED: list[tuple[type[events.Event], dict[str, Any], tuple[str, str | None, tuple[Step, ...]]]] = [
    (
        events.MemberSet,
        {"member": "kim", "roles": ("payer", LONG)},
        ("not_found", "kim", (Step("role", {"role": CUT}),)),
    ),
    (
        events.MemberSet,
        {"member": "kim", "roles": ("payer",), "programs": (LONG,)},
        ("unknown_program", "kim", (Step("item", {"item": CUT}),)),
    ),
    (events.ProgramMoved, {"to": "paused"}, ("program_required", None, ())),
    (events.ClaimDecided, {"claim": "clm_x", "outcome": "lost", "reason": "x"}, ("not_found", "clm_x", ())),
    (events.CaseDecided, {"case": "cas_x", "outcome": "cleared", "reason": "x"}, ("not_found", "cas_x", ())),
    (events.PayoutAnswered, {"payout": "pay_x", "outcome": "sent"}, ("not_found", "pay_x", ())),
]


@pytest.mark.parametrize(("command", "fields", "expected"), REFUSED)
def test_what_is_not_there_is_named(
    command: type[events.Event], fields: dict[str, Any], expected: tuple[str, str | None, tuple[Step, ...]]
) -> None:
    """The refusal is of the command, names its subject and what was not found, long texts cut."""
    made = world()
    made.command(events.MemberSet, member="olga", roles=("owner",))
    decision = made.command(command, **fields)
    (verdict,) = decision.verdicts
    assert (verdict.about, verdict.outcome) == ("command", "refused")
    assert (verdict.refusal, verdict.subject, verdict.steps) == expected
    assert (decision.puts, decision.postings, decision.jobs) == ({}, (), ())
