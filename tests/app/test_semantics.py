"""Each entry says under which behaviour it was decided, and rules keep the text under which they were published."""

from testkit.world import World, published, rules
from tests.app.conftest import House

from goodword.app.proof.audit import Check, verify
from goodword.app.proof.replay import Replay
from goodword.core import canonical, entry, events, semantics
from goodword.core import rules as core_rules
from goodword.store import audit


def told(*numbers: int) -> list[bytes]:
    """Return the entries of a log that were decided under these behaviours."""
    world = World()
    for number in numbers:
        world.semantics = number
        world.send(events.CustomerKnown, person=f"p{len(world.log)}", since=world.now)
    return world.leaves


def test_an_entry_is_decided_again_under_its_behaviour() -> None:
    """The number stands in the leaf, but not the first one; and a replay gives the leaf that it was."""
    leaves = told(1, 2, 2, semantics.CURRENT)
    assert [b'"semantics"' in leaf for leaf in leaves] == [False, True, True, True]
    replay = Replay()
    assert [replay.again(entry.asked(leaf))[1] for leaf in leaves] == leaves


def said_of(leaves: list[bytes]) -> list[str]:
    """Return what verification says of entries."""
    check = Check(None, set())
    for leaf in leaves:
        read = entry.read(leaf)
        check.row(audit.LogRow(read.position, read.event.evt, leaf))
    return [difference.what for difference in check.differences]


def test_verification_names_a_behaviour_that_falls_or_is_not_known() -> None:
    """It never falls in a log; one of a later version is told once, and not as a forged entry."""
    assert said_of(told(1, 1)) == []
    later = semantics.CURRENT + 1
    assert [what.split(":")[0] for what in said_of(told(1, later, later))] == [
        f"was decided under semantics {later}, this version knows {semantics.CURRENT}"
    ]
    assert "was decided under semantics 0, what is before it under 1" in said_of(told(1, 0))


async def test_published_rules_keep_their_text(house: House) -> None:
    """A text that lacks a field which rules got later stays as it was published, names the version, and verifies."""
    document = core_rules.document
    whole = published(rules(program="second"))
    short = canonical.encode(
        {name: value for name, value in rules(program="second").items() if name != "hold"}
    ).decode()
    assert short != whole["document"]
    version = core_rules.version(short)
    assert document(version.rules) != version.text == short
    await house.say(events.ProgramPublished, house.owner, slug="second", rules=version.hash, document=short)
    stored = await house.pool.fetchval(
        "select document from rule_version where workspace_id = $1 and hash = $2", house.ws, version.hash
    )
    assert stored == short
    assert (await verify(house.pool, house.ws)).differences == ()
