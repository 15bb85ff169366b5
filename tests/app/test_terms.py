"""Terms that were kept with a version of rules are held by the proof of the log."""

from tests.app.conftest import House
from tests.conftest import Connect

from goodword.app import say, see
from goodword.app.proof.audit import verify
from goodword.cli import demo_data

_OTHERWISE = """
    update log set leaf = convert_to(replace(convert_from(leaf, 'UTF8'), 'you get 10%', 'you get 11%'), 'UTF8')
    where workspace_id = $1 and position = $2
"""


async def test_terms_that_were_made_to_say_otherwise_are_named(house: House, connect: Connect) -> None:
    """Who changes one figure of what was shown changes its entry: verify names it, and the terms have another digest."""
    who = house.as_(house.owner)
    entry = await say.programs.publish(who, house.directory, demo_data.RULES.encode(), "rules.yaml")
    slug = entry.event.slug  # type: ignore[union-attr]
    before = await see.terms.of(who, house.directory, slug)
    assert before.recorded
    assert (await verify(house.pool, house.ws)).differences == ()
    owner = await connect()
    assert (await owner.execute(_OTHERWISE, house.ws, entry.position)).endswith(" 1")
    now = await see.terms.of(who, house.directory, slug)
    assert (now.sha256 != before.sha256, "you get 11%" in now.terms.short[0]) == (True, True)
    found = {(it.noun, it.key) for it in (await verify(house.pool, house.ws)).differences}
    assert ("log", str(entry.position)) in found or any(noun == "log" for noun, _ in found)
