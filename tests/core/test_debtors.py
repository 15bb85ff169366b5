"""The account that files for the bank pay from: given by an owner, and by another one where there is one."""

from testkit.world import OWNER, World, member, verdict

from goodword.core import debtors, events
from goodword.core.facts import Actor
from goodword.core.state import Change

OLA, PAM = member("ola", "owner"), member("pam", "payer")


def people(*members: Actor) -> World:
    """These people in a workspace without anything else."""
    made = World()
    made.join(OWNER, *members)
    return made


def give(made: World, name: str, by: Actor = OWNER) -> str:
    return verdict(made.command(events.DebtorSet, by, debtor=name, details=f"{name} sealed"))


def asked(made: World) -> list[Change]:
    """What was asked for, in order."""
    return [it for it in made.state.all(Change) if it.subject == debtors.ID]


def holds(made: World) -> str | None:
    """The account that holds."""
    found = debtors.newest(asked(made))
    return None if found is None else found.to["debtor"]


def answer(made: World, by: Actor, outcome: str = "confirmed") -> str:
    """Answer what waits."""
    [change] = [it for it in asked(made) if it.status == "open"]
    return verdict(made.command(events.ChangeDecided, by, change=change.id, outcome=outcome))


def test_an_account_waits_for_another_owner() -> None:
    """Nobody confirms their own; until then the one of before holds; what is asked for anew takes its place."""
    made = people(OLA)
    assert (give(made, "a"), holds(made)) == ("second_person_needed", None)
    assert (answer(made, OWNER), holds(made)) == ("same_member", None)
    assert (answer(made, OLA), holds(made)) == ("change_confirmed", "a")
    assert (give(made, "b", OLA), holds(made)) == ("second_person_needed", "a")
    assert (give(made, "c"), holds(made)) == ("second_person_needed", "a")
    assert [it.status for it in asked(made)] == ["confirmed", "withdrawn", "open"]
    assert (answer(made, OLA, "declined"), holds(made)) == ("change_declined", "a")
    assert (give(made, "c"), answer(made, OLA), holds(made)) == ("second_person_needed", "change_confirmed", "c")
    assert (give(made, "a"), answer(made, OLA), holds(made)) == ("second_person_needed", "change_confirmed", "a")


def test_a_sole_owner_gives_it_alone() -> None:
    """It holds at once, and its change says that nobody confirmed it; the same again is nothing to do."""
    made = people(PAM)
    assert (give(made, "a"), holds(made)) == ("debtor_set", "a")
    [change] = asked(made)
    assert (change.status, change.asked_by, change.decided_by) == ("confirmed", OWNER.id, None)
    assert (give(made, "a"), holds(made)) == ("nothing_to_do", "a")
    assert (give(made, "b", PAM), holds(made)) == ("not_permitted", "a")
    assert (give(made, "b"), holds(made)) == ("debtor_set", "b")
