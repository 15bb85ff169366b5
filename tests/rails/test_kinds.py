"""Which rail delivers which kinds of reward."""

from goodword.core.kinds import rewards
from goodword.outbound.rails import REGISTRY
from goodword.outbound.rails.welcome import WELCOME


def test_what_the_shop_takes_off_itself_goes_over_no_rail_that_would_deliver_it_again() -> None:
    taken_off = {name for name in rewards.REGISTRY if rewards.taken_off(name)}
    over = {name: taken_off & {*rail.kinds} for name, rail in REGISTRY.items()}
    assert {name for name, kinds in over.items() if kinds} == {WELCOME}
    assert over[WELCOME] == taken_off == {*REGISTRY[WELCOME].kinds}
