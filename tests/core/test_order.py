"""Generated histories of people who share nothing: the order of their events is without effect."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from testkit.stories import tell
from testkit.world import World, rules
from tests.core.test_properties import GENERATED, NUMBER

PLAIN = rules(conversion={"minimum": {"EUR": 2_000}, "window": "20d"})

Told = tuple[str, int, int, int]
STREAM = st.lists(
    st.tuples(
        st.sampled_from(("click", "lead", "typed", "buy", "refund", "known", "contested", "lost")),
        NUMBER,
        NUMBER,
        NUMBER,
    ),
    max_size=14,
)


def line(who: str, told_: Told) -> str:
    """One event of a group of people that share nothing with the others: their advocate, friend, visitor and invoices."""
    what, a, b, c = told_
    invoice = f"{who}{c % 3}"
    said = {
        "click": f"click ANN{who} v{who}",
        "lead": f"lead bob{who} v{who}",
        "typed": f"lead bob{who} code=ANN{who}",
        "buy": f"buy bob{who} {10 * (1 + b)}.00 EUR invoice={invoice}",
        "refund": f"refund {invoice} {7 * (1 + a)}.00 r{b % 3}",
        "known": f"known bob{who} since=02-{1 + b:02}",
        "contested": f"chargeback {invoice} opened id=cb",
        "lost": f"chargeback {invoice} lost id=cb",
    }
    return f"02-{1 + a:02}T{b:02}:00 {said[what]}"


def money_after(order: list[tuple[str, Told]]) -> dict[tuple[str, str, str], list[tuple[int, int]]]:
    """(program, beneficiary, conversion) -> what was earned and what is left of it, once all was delivered in that order."""
    world = World()
    world.publish(PLAIN)
    for who in "xyz":
        world.enrol(f"ann{who}", f"ANN{who}")
    world.tick("2024-03-01")
    for who, told_ in order:
        if told_[0] == "lost":
            tell(world, line(who, ("contested", *told_[1:])))
        tell(world, line(who, told_))
    money: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    for reward in world.rewards():
        money.setdefault((reward.side, reward.beneficiary, reward.conversion), []).append((reward.gross, reward.amount))
    return money


@GENERATED
@given(STREAM, STREAM, STREAM, st.randoms(use_true_random=False))
def test_the_order_of_unrelated_events_is_nothing(x: list[Told], y: list[Told], z: list[Told], random: Any) -> None:
    """Events of people who share nothing give the same money, however they are interleaved; each group keeps its order."""
    one_by_one = [(who, told_) for who, stream in zip("xyz", (x, y, z), strict=True) for told_ in stream]
    turns = [who for who, _ in one_by_one]
    random.shuffle(turns)
    left = {who: iter(stream) for who, stream in zip("xyz", (x, y, z), strict=True)}
    assert money_after([(who, next(left[who])) for who in turns]) == money_after(one_by_one)
