"""Who is erased: refused while anything is open for them; then they have left, and what they earned stays as it was."""

import msgspec
import pytest
from testkit.stories import tell, world
from testkit.world import CLERK, member, rules, verdict

from goodword.core import events
from goodword.core.state import Advocate


@pytest.mark.parametrize("until", ["pending", "in_review", "approved", "processing"])
def test_nobody_is_erased_while_something_is_open_for_them(until: str) -> None:
    """A reward that waits for its hold, its approval, its payout or the rail's answer keeps name and account."""
    made = world()
    tell(made, "01-02 lead bob code=ANN\n01-03 buy bob 100.00 EUR")
    if until != "pending":
        made.tick("2024-03-01")
    if until == "approved":
        made.approved()
    if until == "processing":
        made.paid(until="processing")
    assert {one.status for one in made.rewards(beneficiary="ann")} == {until}
    before = msgspec.structs.replace(made.state.get(Advocate, (made.program(), "ann")))  # type: ignore[type-var]
    said = made.command(events.PersonErased, person="ann")
    assert verdict(said) == "rewards_open"
    assert made.state.get(Advocate, (made.program(), "ann")) == before


def test_who_is_erased_has_left_every_program_and_keeps_what_is_settled() -> None:
    """Rewards that are paid stay as they are; codes of theirs attribute no more."""
    made = world()
    tell(made, "01-02 lead bob code=ANN\n01-03 buy bob 100.00 EUR")
    made.paid()
    main, other = made.program(), made.publish(rules(program="other"))
    made.enrol("ann", "OANN", program=other)
    paid = made.rewards(beneficiary="ann")
    assert [one.status for one in paid] == ["paid"]
    said = made.command(events.PersonErased, person="ann")
    assert (verdict(said), dict(said.verdicts[0].steps[0].values)) == ("erased", {"programs": sorted([main, other])})
    assert made.rewards(beneficiary="ann") == paid
    assert {one.status for one in made.state.all(Advocate) if one.person == "ann"} == {"left"}
    assert (
        verdict(made.command(events.PersonErased, member("pat", "payer", "approver"), person="ann")) == "not_permitted"
    )
    assert verdict(made.command(events.PersonErased, CLERK, person="ann")) == "not_permitted"
    again = made.command(events.PersonErased, person="ann")
    assert (verdict(again), again.verdicts[0].steps) == ("erased", ())
