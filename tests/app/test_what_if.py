"""Another rule file over the same history."""

import msgspec
from testkit.world import World, advocate, friend, rules

from goodword.app.proof.what_if import compare
from goodword.core import entry, events
from goodword.core.rules import Rules


def history() -> World:
    """Two friends: one buys for 100 and 30, the other for 15; ann's reward for the first is rejected by a person."""
    ws = World()
    ws.publish()
    ws.enrol("ann", "ANN")
    for person, amount in (("bob", 10_000), ("cid", 1_500)):
        ws.click("ANN", f"v-{person}")
        ws.lead(person, visitor=f"v-{person}")
        ws.buy(person, amount, invoice=f"i-{person}")
    ws.buy("bob", 3_000, invoice="i-bob-2")
    return ws


def entries(world: World) -> list[entry.Entry]:
    """The log of a world, read back from its leaves."""
    return [entry.read(leaf) for leaf in world.leaves]


def other(**parts: object) -> Rules:
    """The rules of the builder, some of them changed."""
    return msgspec.convert(rules(**parts), Rules)


def test_the_same_rules_change_nothing() -> None:
    """Under the rules that were in force every reward is as it was."""
    found = compare(entries(history()), other())
    assert (found.appear, found.vanish, found.differ, found.same) == ((), (), (), 4)
    assert found.before == found.after == {"EUR": 1_000 + 150 + 500 + 500}


def test_a_minimum_makes_small_rewards_vanish() -> None:
    """A conversion below a new minimum earns neither side; the others are untouched."""
    found = compare(entries(history()), other(conversion={"minimum": {"EUR": 2_000}}))
    assert sorted((c.conversion, c.side, c.before, c.after) for c in found.vanish) == [
        ("inv:i-cid", "advocate", 150, 0),
        ("inv:i-cid", "friend", 500, 0),
    ]
    assert found.same == 2
    assert found.after == {"EUR": 1_500}


def test_recurring_rewards_appear_and_rates_differ() -> None:
    """Months make later conversions earn; another rate changes what was earned."""
    document = other(rewards=[advocate(percent="20"), friend(flat={"EUR": 500})], conversion={"counts": {"months": 12}})
    found = compare(entries(history()), document)
    assert sorted((c.conversion, c.side, c.after) for c in found.appear) == [
        ("inv:i-bob-2", "advocate", 600),
        ("inv:i-bob-2", "friend", 500),
    ]
    assert sorted((c.before, c.after) for c in found.differ) == [(150, 300), (1_000, 2_000)]


def test_a_rejection_goes_along() -> None:
    """What a person rejected stays rejected for the same conversion and beneficiary, whatever it would be worth."""
    ws = history()
    ws.tick("2024-03-01")
    reward = ws.reward(conversion="inv:i-bob", side="advocate")
    ws.command(events.RewardsRejected, items=ws.items([reward]), reason="fraud")
    found = compare(entries(ws), other(rewards=[advocate(percent="20"), friend(flat={"EUR": 500})]))
    assert [(c.conversion, c.before, c.after) for c in found.differ] == [("inv:i-cid", 150, 300)]
    assert found.not_carried == ()


def test_what_has_no_subject_is_listed() -> None:
    """A rejection of a reward that the other rules never give, and approvals, are named as not carried over."""
    ws = history()
    ws.tick("2024-03-01")
    reward = ws.reward(conversion="inv:i-cid", side="advocate")
    ws.command(events.RewardsRejected, items=ws.items([reward]), reason="fraud")
    ws.payee("ann")
    ws.approve([ws.reward(conversion="inv:i-bob", side="advocate")])
    found = compare(entries(ws), other(conversion={"minimum": {"EUR": 2_000}}))
    assert sorted(what.split(":")[0] for _, what in found.not_carried) == ["approval", "rejected"]


def of_before(*documents: dict[str, object]) -> World:
    """Return a history that was decided under the first behaviour: one friend of the last of these programs buys."""
    ws = World()
    ws.semantics = 1
    for document in documents:
        program = ws.publish(**document)
    ws.enrol("ann", "ANN", program=program)
    ws.lead("bob", code="ANN", program=program)
    ws.buy("bob", 10_000, invoice="i-bob", program=program)
    assert {told.semantics for told in entries(ws)} == {1}
    return ws


def test_a_log_of_before_is_decided_as_today_under_its_own_rules() -> None:
    """Without other rules, what was decided under the first behaviour is decided as today: published anew, nothing listed."""
    found = compare(entries(of_before({})), None)
    assert (found.appear, found.vanish, found.differ, found.not_carried) == ((), (), (), ())
    assert found.before == found.after == {"EUR": 1_500}


def test_other_programs_of_a_log_of_before_are_published_as_well() -> None:
    """Other rules for one program of an old log leave the other program live."""
    found = compare(entries(of_before({"program": "second"}, {})), other(rewards=[advocate(percent="20")]))
    assert [(change.side, change.before, change.after) for change in found.differ] == [("advocate", 1_000, 2_000)]
    assert found.not_carried == ()
