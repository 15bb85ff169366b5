"""Who is erased: refused while anything is open for them; then they have left, and what they earned stays as it was."""

import msgspec
import pytest
from testkit.stories import tell, world
from testkit.world import CLERK, OWNER, member, rules, verdict

from goodword.core import events
from goodword.core.facts import Actor
from goodword.core.state import Advocate, Balance


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


ANN, EVE = (Actor(id=name, kind="person") for name in ("ann", "eve"))
#: Who says that Ann is erased and gives up what is open, while it is pending -> what becomes of it.
WHO = {
    "herself": (ANN, "erased"),
    "another": (EVE, "not_found"),
    "an owner": (OWNER, "not_found"),
    "a link to a form": (None, "not_permitted"),
}


@pytest.mark.parametrize("who", WHO)
def test_only_a_person_themselves_gives_up_what_is_open(who: str) -> None:
    """Nobody else ends what somebody is owed by erasing them; whoever may erase them has to pay or reject it."""
    made = world()
    tell(made, "01-02 lead bob code=ANN\n01-03 buy bob 100.00 EUR")
    actor, outcome = WHO[who]
    actor = actor or Actor(id="ann", kind="person", programs=(made.program(),))
    before = made.rewards(beneficiary="ann")
    said = made.command(events.PersonErased, actor, person="ann", gives_up=True).verdicts[-1]
    assert (said.refusal or said.outcome) == outcome
    assert (made.rewards(beneficiary="ann") == before) == (outcome != "erased")


@pytest.mark.parametrize("until", ["pending", "in_review", "approved", "awaiting_release"])
def test_what_is_given_up_goes_back_to_where_it_came_from(until: str) -> None:
    """By balanced postings: nothing is owed to them, nothing is spent for them, no payout has it, and others keep theirs."""
    made = world()
    tell(made, "01-02 lead bob code=ANN\n01-03 buy bob 100.00 EUR")
    if until != "pending":
        made.tick("2024-03-01")
    if until in ("approved", "awaiting_release"):
        rewards = made.approved()
    if until == "awaiting_release":
        made.tick(max(it.due_at or 0 for it in rewards))
        [payout] = made.draft("ann")
    [mine] = made.rewards(beneficiary="ann")
    others = {key: it for key, it in made.balances().items() if key[1] != "ann"}
    assert {key[1] for key in made.balances()} >= {"ann"}
    said = made.command(events.PersonErased, ANN, person="ann", gives_up=True)
    told = [it for it in said.verdicts if it.subject == mine.id]
    assert [(it.outcome, it.amount, it.steps[-1].code) for it in told] == [("rejected", 0, "given_up")]
    [mine] = made.rewards(beneficiary="ann")
    assert (mine.status, mine.amount, mine.payout) == ("rejected", 0, None)
    assert made.balances() == others
    assert sum(it.amount for it in made.state.all(Balance)) == 0
    if until == "awaiting_release":
        assert made.payout(payout.id).status == "canceled"


def test_what_is_on_its_way_is_not_given_up() -> None:
    """All of it stays as it is: without account and name it could not come back."""
    made = world()
    tell(made, "01-02 lead bob code=ANN\n01-03 buy bob 100.00 EUR")
    made.paid(until="processing")
    before = made.rewards(beneficiary="ann")
    assert verdict(made.command(events.PersonErased, ANN, person="ann", gives_up=True)) == "rewards_open"
    assert made.rewards(beneficiary="ann") == before
